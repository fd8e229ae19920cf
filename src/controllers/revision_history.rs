//! ControllerRevisions: the templates that a StatefulSet or DaemonSet had.

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::{ApiServer, Deletion};
use crate::base::Value;
use crate::value;

use super::ownership;

/// How the revisions of a kind are called.
pub struct Naming {
    /// The label with the hash.
    pub label: &'static str,
    /// The hash of an owner's present template; of what a revision of it keeps; of how often that hash was taken.
    pub hash: fn(&Object, &Value, i64) -> String,
}

/// The number of a revision.
pub fn number(revision: &Object) -> i64 {
    revision.get("revision").int()
}

/// The revisions of `owner`, oldest first, those without a controller adopted.
pub fn list(api: &mut ApiServer, owner: &Object) -> Vec<Object> {
    let selector = Selector::from_label_selector(owner.spec().get("selector"));
    let mut revisions = ownership::claim(api, owner, Kind::ControllerRevision, &selector, |_| true);
    revisions.sort_by_key(|revision| (number(revision), revision.created_at(), revision.name().to_string()));
    revisions
}

/// What a revision keeps of its owner: a patch that puts the template back.
fn data_of(owner: &Object) -> Value {
    let mut template = owner.spec().get("template").clone();
    template.set("$patch", "replace");
    value!({"spec": {"template": template}})
}

/// The revision of the present template: the newest one where it says the same, an older one that is made the newest,
/// or a new one. `collisions` is counted up where another template has the same hash.
pub fn current(
    api: &mut ApiServer,
    owner: &Object,
    revisions: &mut Vec<Object>,
    collisions: &mut i64,
    naming: &Naming,
) -> Option<Object> {
    let data = data_of(owner);
    let next = revisions.last().map_or(0, number) + 1;
    if let Some(at) = revisions.iter().rposition(|revision| *revision.get("data") == data) {
        let mut same = revisions[at].clone();
        if at + 1 < revisions.len() {
            same = api.modify(&same.key(), |revision| revision.set("revision", next))?;
            revisions.remove(at);
            revisions.push(same.clone());
        }
        return Some(same);
    }
    loop {
        let hash = (naming.hash)(owner, &data, *collisions);
        let name = format!("{}-{hash}", owner.name());
        let mut revision = Object::new(Kind::ControllerRevision, owner.namespace(), &name);
        for field in ["labels", "annotations"] {
            let from = if field == "labels" {
                owner.spec().at(&["template", "metadata", "labels"])
            } else {
                owner.meta("annotations")
            };
            if !from.is_empty() {
                revision.set_at(&["metadata", field], from.clone());
            }
        }
        revision.set_at(&["metadata", "labels", naming.label], hash);
        revision.set_at(&["metadata", "ownerReferences"], value!([(owner.as_controller())]));
        revision.set("data", data.clone());
        revision.set("revision", next);
        match api.create(revision.body, owner.namespace(), false) {
            Ok(created) => {
                revisions.push(created.clone());
                return Some(created);
            }
            Err(refusal) if refusal.reason == "AlreadyExists" => *collisions += 1,
            Err(_) => return None,
        }
    }
}

/// Deletes the oldest revisions beyond `limit`, those in use not counted.
pub fn truncate(api: &mut ApiServer, revisions: &[Object], limit: i64, in_use: impl Fn(&Object) -> bool) {
    let idle: Vec<ObjectKey> = revisions.iter().filter(|r| !in_use(r)).map(Object::key).collect();
    let surplus = idle.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    for key in &idle[..surplus] {
        // It can only be gone already.
        let _ = api.delete(key, Deletion::default());
    }
}
