//! An object of the API: a JSON tree that knows its kind.

use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::base::{Date, Value};
use crate::value;

use super::{Kind, ObjectKey};

/// An object as the API server keeps it: everything that `-o yaml` prints.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its kind, as its `apiVersion` and `kind` say.
    pub kind: Kind,
    /// What is often asked of it, where the store has looked it up.
    known: Option<Arc<Known>>,
    /// The whole object, to read. Written to it is through [`DerefMut`], so that what is known goes.
    pub body: Value,
}

/// What is asked of an object again and again: looked up when it is stored, and then at hand without a walk through its
/// tree.
#[derive(Debug)]
struct Known {
    /// Each [`Mark`] that holds.
    marks: u8,
    key: ObjectKey,
    uid: SmolStr,
    /// Every selector reads them.
    labels: Value,
    /// The owner reference whose `controller` is true.
    controller: Value,
}

/// What holds of an object or not; what is about a Pod's spec and status is known of Pods alone.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Mark {
    /// Its deletion was asked for.
    Terminating = 1,
    /// Its condition `Ready` holds.
    Ready = 2,
    /// Its phase is `Succeeded` or `Failed`.
    Ended = 4,
    /// It has a `podIP`.
    Addressed = 8,
    /// It has a `nodeName`.
    Bound = 16,
    /// It has a `hostname` of its own.
    Named = 32,
}

// What is known follows from the body.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.body == other.body
    }
}
impl Eq for Object {}
impl Hash for Object {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, &self.body).hash(state);
    }
}

impl Deref for Object {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.body
    }
}
impl DerefMut for Object {
    fn deref_mut(&mut self) -> &mut Value {
        self.known = None;
        &mut self.body
    }
}

fn controller(owners: &Value) -> Option<&Value> {
    owners.items().iter().find(|owner| owner.get("controller").bool())
}

impl Object {
    /// The object of this kind that `body` is.
    pub fn of(kind: Kind, body: Value) -> Self {
        Self { kind, known: None, body }
    }

    /// Looks up what is often asked of it.
    pub fn look_up(&mut self) {
        self.known = None;
        let of_pods = [Mark::Ready, Mark::Ended, Mark::Addressed, Mark::Bound, Mark::Named];
        let asked = if self.kind == Kind::Pod { &of_pods[..] } else { &[] };
        let found = asked.iter().filter(|mark| self.has(**mark));
        let mut known = Known {
            marks: found.fold(0, |marks, mark| marks | *mark as u8),
            key: ObjectKey::new(self.kind, "", ""),
            uid: SmolStr::default(),
            labels: Value::Null,
            controller: Value::Null,
        };
        for field in self.metadata().entries() {
            match field {
                ("deletionTimestamp", Value::Null) => {}
                ("deletionTimestamp", _) => known.marks |= Mark::Terminating as u8,
                ("labels", labels) => known.labels = labels.clone(),
                ("name", Value::Str(name)) => known.key.name = name.clone(),
                ("namespace", Value::Str(name)) if self.kind.names().namespaced => {
                    known.key.namespace = name.clone();
                }
                ("ownerReferences", owners) => known.controller = controller(owners).into(),
                ("uid", Value::Str(uid)) => known.uid = uid.clone(),
                _ => {}
            }
        }
        self.known = Some(Arc::new(known));
    }

    /// True where this holds of it.
    pub fn has(&self, mark: Mark) -> bool {
        if let Some(known) = &self.known
            && (self.kind == Kind::Pod || matches!(mark, Mark::Terminating))
        {
            return known.marks & mark as u8 != 0;
        }
        match mark {
            Mark::Terminating => !self.meta("deletionTimestamp").is_null(),
            Mark::Ready => self.has_condition("Ready"),
            Mark::Ended => matches!(self.status().get("phase").str(), "Succeeded" | "Failed"),
            Mark::Addressed => !self.status().get("podIP").is_empty(),
            Mark::Bound => !self.spec().get("nodeName").str().is_empty(),
            Mark::Named => !self.spec().get("hostname").str().is_empty(),
        }
    }

    /// A new object of `kind` with its name and nothing else.
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        let mut object = Self::of(
            kind,
            value!({
                "apiVersion": (kind.api_version()),
                "kind": (kind.names().kind),
                "metadata": {"name": name}
            }),
        );
        if kind.names().namespaced {
            object.set_at(&["metadata", "namespace"], namespace);
        }
        object
    }

    /// The object that `body` is, if its kind is known.
    pub fn from_value(body: Value) -> Option<Self> {
        Kind::of(body.get("apiVersion").str(), body.get("kind").str()).map(|kind| Self::of(kind, body))
    }

    /// Its key in the store.
    pub fn key(&self) -> ObjectKey {
        if let Some(known) = &self.known {
            return known.key.clone();
        }
        let metadata = self.metadata();
        ObjectKey::new(self.kind, metadata.get("namespace").str(), metadata.get("name").str())
    }
    /// A field of the whole object, of which nearly all have `apiVersion`, `kind`, `metadata`, `spec` and `status`: that is
    /// where it is looked for first.
    fn part(&self, at: usize, name: &str) -> &Value {
        static NONE: Value = Value::Null;
        self.body.as_map().and_then(|body| body.get_at(at, name)).unwrap_or(&NONE)
    }
    /// The field `metadata`.
    pub fn metadata(&self) -> &Value {
        self.part(2, "metadata")
    }
    /// The field `metadata.FIELD`.
    pub fn meta(&self, field: &str) -> &Value {
        self.metadata().get(field)
    }
    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.known.as_ref().map_or_else(|| self.meta("name").str(), |known| &known.key.name)
    }
    /// `metadata.namespace`; empty for cluster-wide kinds.
    pub fn namespace(&self) -> &str {
        let known = self.known.as_ref().filter(|_| self.kind.names().namespaced);
        known.map_or_else(|| self.meta("namespace").str(), |known| &known.key.namespace)
    }
    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.known.as_ref().map_or_else(|| self.meta("uid").str(), |known| &known.uid)
    }
    /// `metadata.labels`.
    pub fn labels(&self) -> &Value {
        self.known.as_ref().map_or_else(|| self.meta("labels"), |known| &known.labels)
    }
    /// The annotation `key`; `null` where it is not there.
    pub fn annotation(&self, key: &str) -> &Value {
        self.meta("annotations").get(key)
    }
    /// `metadata.generation`.
    pub fn generation(&self) -> i64 {
        self.meta("generation").int()
    }
    /// True once its deletion was asked for.
    pub fn is_terminating(&self) -> bool {
        self.has(Mark::Terminating)
    }
    /// When it was created.
    pub fn created_at(&self) -> Option<Date> {
        Date::parse_rfc3339(self.meta("creationTimestamp").str())
    }
    /// The field `spec`.
    pub fn spec(&self) -> &Value {
        self.part(3, "spec")
    }
    /// The field `status`.
    pub fn status(&self) -> &Value {
        self.part(4, "status")
    }

    /// The owner reference whose `controller` is true.
    pub fn controller(&self) -> Option<&Value> {
        if let Some(known) = &self.known {
            return Some(&known.controller).filter(|owner| !owner.is_null());
        }
        controller(self.meta("ownerReferences"))
    }
    /// The key of its controller, if its kind is known.
    pub fn controller_key(&self) -> Option<ObjectKey> {
        let owner = self.controller()?;
        let kind = Kind::of(owner.get("apiVersion").str(), owner.get("kind").str())?;
        Some(ObjectKey::new(kind, self.namespace(), owner.get("name").str()))
    }
    /// True where the object with this uid controls it.
    pub fn is_controlled_by(&self, uid: &str) -> bool {
        self.controller().is_some_and(|owner| owner.get("uid").str() == uid)
    }
    /// The owner reference that makes this the controller of another object.
    pub fn as_controller(&self) -> Value {
        value!({
            "apiVersion": (self.kind.api_version()),
            "blockOwnerDeletion": true,
            "controller": true,
            "kind": (self.kind.names().kind),
            "name": (self.name()),
            "uid": (self.uid())
        })
    }
    /// `status.conditions` with this type.
    pub fn condition(&self, kind: &str) -> &Value {
        static NONE: Value = Value::Null;
        self.status()
            .get("conditions")
            .items()
            .iter()
            .find(|condition| condition.get("type").str() == kind)
            .unwrap_or(&NONE)
    }
    /// True where the condition of this type has status `True`.
    pub fn has_condition(&self, kind: &str) -> bool {
        self.condition(kind).get("status").str() == "True"
    }
}
