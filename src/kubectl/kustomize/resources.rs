//! The objects of a kustomization, in the order in which they came.

use crate::base::Value;

use super::Outcome;
use super::resource::{Behavior, Id, Resource};

/// Objects of which no two are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Resources(pub Vec<Resource>);

impl Resources {
    /// Adds one that is not there yet.
    pub fn append(&mut self, new: Resource) -> Outcome<()> {
        let id = new.id();
        if self.0.iter().any(|old| old.id().is(&id)) {
            return Err(format!("may not add resource with an already registered id: {id}"));
        }
        self.0.push(new);
        Ok(())
    }

    pub fn append_all(&mut self, new: Resources) -> Outcome<()> {
        new.0.into_iter().try_for_each(|one| self.append(one))
    }

    /// Adds one that was generated, or puts it in the place of another as it says.
    pub fn absorb(&mut self, mut new: Resource) -> Outcome<()> {
        let id = new.id();
        let at = match self.called(&id)[..] {
            [] if matches!(new.behavior, Behavior::Merge | Behavior::Replace) => {
                return Err(["id ", &id.go_text(), " does not exist; cannot merge or replace"].concat());
            }
            [] => return self.append(new),
            [at] => at,
            _ => return Err(format!("found multiple objects that could accept merge of {id}")),
        };
        let old = &self.0[at];
        match new.behavior {
            Behavior::Replace => inherit(&mut new, old),
            Behavior::Merge => {
                inherit(&mut new, old);
                for field in ["data", "binaryData"] {
                    underlay(&mut new.body, old.body.get(field), &[field]);
                }
            }
            other => {
                return Err(format!(
                    "id {} exists; can not use behavior: '{}', behavior must be merge or replace",
                    id.go_text(),
                    other.text()
                ));
            }
        }
        self.0[at] = new;
        Ok(())
    }

    /// Where those are that are or were called so.
    pub fn called(&self, id: &Id) -> Vec<usize> {
        let is_it = |one: &Resource| one.id().is(id) || one.before.iter().any(|before| before.is(id));
        (0..self.0.len()).filter(|at| is_it(&self.0[*at])).collect()
    }

    /// The one that a patch is about, by what it is or was called.
    pub fn target(&self, id: &Id) -> Outcome<usize> {
        let why = match self.called(id)[..] {
            [at] => return Ok(at),
            [] => "no matches",
            _ => "multiple matches",
        };
        Err(format!("{why} for Id {id}; failed to find unique target for patch {id}"))
    }
}

/// Takes over name, namespace, history, labels and annotations of the one that is replaced.
fn inherit(new: &mut Resource, old: &Resource) {
    for field in ["labels", "annotations"] {
        underlay(&mut new.body, old.body.at(&["metadata", field]), &["metadata", field]);
    }
    new.set_name(old.name().into());
    match old.namespace() {
        "" => drop(new.body.entry("metadata").remove("namespace")),
        namespace => new.body.set_at(&["metadata", "namespace"], namespace),
    }
    new.before.clone_from(&old.before);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
}

/// Sets the entries at `path` that `old` has and `new` has not.
fn underlay(new: &mut Value, old: &Value, path: &[&str]) {
    for (key, value) in old.entries() {
        let map = new.entry_at(path);
        if map.get(key).is_null() {
            map.set(key, value);
        }
    }
}
