//! An object of the API: a JSON tree that knows its kind.

use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

use crate::base::{Date, Value};
use crate::value;

use super::{Kind, ObjectKey};

/// An object as the API server keeps it: everything that `-o yaml` prints.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its kind, as its `apiVersion` and `kind` say.
    pub kind: Kind,
    /// What is often asked of it, where the store has looked it up; see [`Mark`].
    marks: u8,
    /// The labels of a Pod with marks: every selector reads them.
    labels: Value,
    /// The whole object, to read. Written to it is through [`DerefMut`], so that the marks go.
    pub body: Value,
}

/// What is asked of an object again and again, of Pods above all: looked up when it is stored, and then at hand without a
/// walk through its tree.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Mark {
    /// It was looked up.
    Known = 1,
    /// Its deletion was asked for.
    Terminating = 2,
    /// Its condition `Ready` holds.
    Ready = 4,
    /// Its phase is `Succeeded` or `Failed`.
    Ended = 8,
    /// It has a `podIP`.
    Addressed = 16,
    /// It has a `nodeName`.
    Bound = 32,
    /// It has a `hostname` of its own.
    Named = 64,
}

// The marks follow from the body.
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
        self.marks = 0;
        &mut self.body
    }
}

impl Object {
    /// The object of this kind that `body` is.
    pub fn of(kind: Kind, body: Value) -> Self {
        Self { kind, marks: 0, labels: Value::Null, body }
    }

    /// Looks up what is often asked of it.
    pub fn mark(&mut self) {
        self.marks = 0;
        let pod = self.kind == Kind::Pod;
        let all = [Mark::Terminating, Mark::Ready, Mark::Ended, Mark::Addressed, Mark::Bound, Mark::Named];
        let found = all.into_iter().take(if pod { all.len() } else { 1 }).filter(|mark| self.has(*mark));
        self.marks = found.fold(Mark::Known as u8, |marks, mark| marks | mark as u8);
        self.labels = if pod { self.meta("labels").clone() } else { Value::Null };
    }

    /// True where this holds of it.
    pub fn has(&self, mark: Mark) -> bool {
        let looked_up = self.kind == Kind::Pod || matches!(mark, Mark::Known | Mark::Terminating);
        if self.marks & Mark::Known as u8 != 0 && looked_up {
            return self.marks & mark as u8 != 0;
        }
        match mark {
            Mark::Known => false,
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
        let metadata = self.get("metadata");
        ObjectKey::new(self.kind, metadata.get("namespace").str(), metadata.get("name").str())
    }
    /// The field `metadata.FIELD`.
    pub fn meta(&self, field: &str) -> &Value {
        self.body.get("metadata").get(field)
    }
    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.meta("name").str()
    }
    /// `metadata.namespace`; empty for cluster-wide kinds.
    pub fn namespace(&self) -> &str {
        self.meta("namespace").str()
    }
    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.meta("uid").str()
    }
    /// `metadata.labels`.
    pub fn labels(&self) -> &Value {
        if self.kind == Kind::Pod && self.marks != 0 { &self.labels } else { self.meta("labels") }
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
        self.body.get("spec")
    }
    /// The field `status`.
    pub fn status(&self) -> &Value {
        self.body.get("status")
    }

    /// The owner reference whose `controller` is true.
    pub fn controller(&self) -> Option<&Value> {
        self.meta("ownerReferences").items().iter().find(|owner| owner.get("controller").bool())
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
