//! Import: the objects of a dump of a real cluster (`kubectl get … -o yaml|json`), shown as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;
use crate::base::yaml::{self, Document, Mark};

use super::{Cluster, Queue};

/// What a dump held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many objects are in the cluster now.
    pub objects: usize,
    /// How many Secrets lost their values on the way in.
    pub secrets: usize,
    /// The kinds that Saya does not know, with how many objects of each were left out.
    pub unknown: BTreeMap<String, usize>,
}

/// Why a dump cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The place in the dump.
    pub at: Mark,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.at.line, self.at.column, self.message)
    }
}
impl std::error::Error for ImportError {}

/// The annotation in which kubectl keeps a manifest, values of a Secret included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Cluster {
    /// Puts the objects of a dump in the store as they are, and freezes the cluster: nothing acts on anything from
    /// then on. A dump with Nodes is of a whole cluster: of the kinds in it, nothing else is left. The values of
    /// Secrets are dropped.
    ///
    /// # Errors
    /// Where the text is neither YAML nor JSON, is no object, or nothing in it is known.
    pub fn import(&mut self, text: &str) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        let mut objects = Vec::new();
        let mut first_unknown = None;
        for document in yaml::read_stream(text.as_bytes()) {
            let document = document.map_err(|error| ImportError { at: error.at, message: error.message })?;
            for (at, body) in items(&document)? {
                let group = body.get("apiVersion").str().to_string();
                let kind = body.get("kind").str().to_string();
                match Object::from_value(body) {
                    Some(object) => objects.push(object),
                    None => {
                        let message = format!("no matches for kind \"{kind}\" in version \"{group}\"");
                        first_unknown.get_or_insert(ImportError { at, message });
                        *imported.unknown.entry(format!("{kind} of {group}")).or_default() += 1;
                    }
                }
            }
        }
        if let Some(error) = first_unknown.filter(|_| objects.is_empty()) {
            return Err(error);
        }
        imported.objects = objects.len();
        let kinds: BTreeSet<Kind> = objects.iter().map(|object| object.kind).collect();
        if kinds.contains(&Kind::Node) {
            let others = self.api.store().all().filter(|object| kinds.contains(&object.kind));
            let others: Vec<ObjectKey> = others.map(Object::key).collect();
            others.iter().for_each(|key| self.api.take_as_it_is(key));
        }
        for mut object in objects {
            if object.kind == Kind::Secret {
                imported.secrets += usize::from(empty(&mut object));
            }
            self.api.put_as_it_is(object);
        }
        self.queue = Queue::default();
        self.seen = self.api.store().revision();
        self.frozen = true;
        Ok(imported)
    }
}

/// The objects of a document, with their places: those of a list, or itself.
fn items(document: &Document) -> Result<Vec<(Mark, Value)>, ImportError> {
    let body = &document.value;
    let place = |path: &[&str]| {
        let start = Mark { line: document.first_line, column: 1 };
        document.marks.find(path).map_or(start, |place| place.key.unwrap_or(place.value).start)
    };
    let Some(kind) = body.get("kind").as_str() else {
        let message = "this is no object: it has no kind".into();
        return Err(ImportError { at: place(&[]), message });
    };
    // The API server's own lists (`kubectl get --raw`) leave out what all items share.
    let Some(shared) = kind.strip_suffix("List").filter(|_| !body.get("items").is_null()) else {
        return Ok(vec![(place(&["kind"]), body.clone())]);
    };
    let each = body.get("items").items().iter().enumerate().map(|(number, item)| {
        let mut item = item.clone();
        if item.as_map().is_some() && !shared.is_empty() {
            item.set_default("kind", shared);
            item.set_default("apiVersion", body.get("apiVersion").clone());
        }
        (place(&["items", &number.to_string(), "kind"]), item)
    });
    Ok(each.collect())
}

/// Drops the values of a Secret, not its keys; false where it had none.
fn empty(secret: &mut Object) -> bool {
    let mut had = !secret.annotation(LAST_APPLIED).is_null();
    if had {
        secret.entry_at(&["metadata", "annotations"]).remove(LAST_APPLIED);
    }
    for field in ["data", "stringData"] {
        if secret.get(field).as_map().is_some() {
            for (_, value) in secret.entry(field).as_map_mut().iter_mut() {
                had |= !value.is_empty();
                *value = "".into();
            }
        }
    }
    had
}
