//! The one truth: every object, and the log of what changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::api::{Kind, Mark, Object, ObjectKey};
use crate::base::{SimTime, Value};

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is another than before.
    Modified,
    /// It is gone.
    Deleted,
}

/// A change of one object, as a watch sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The store's revision after it.
    pub revision: u64,
    /// When it was.
    pub at: SimTime,
    /// What happened.
    pub kind: ChangeKind,
    /// The [`Part`]s that are other than before.
    parts: u8,
    /// The object after it; of a deleted one, its last state.
    pub object: Object,
    /// The object before it.
    pub old: Option<Object>,
}

/// What many ask of a change whether it is other than before; what is about a status is looked up for Pods alone.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Part {
    /// `metadata.labels`.
    Labels = 1,
    /// `metadata.ownerReferences`.
    Owners = 2,
    /// `spec`.
    Spec = 4,
    /// Whether its deletion was asked for.
    Terminating = 8,
    /// `status.phase`.
    Phase = 16,
    /// `status.podIP`.
    Address = 32,
    /// Whether it is ready.
    Ready = 64,
}

impl Change {
    /// True where one of these is other than before: of what is new or gone, all of them.
    pub fn differs(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| self.parts & *part as u8 != 0)
    }
}

fn parts(old: &Object, new: &Object) -> u8 {
    let (of, to) = (old.metadata(), new.metadata());
    let field = |part: Part, a: &Value, b: &Value, name: &str| {
        if a.get(name) == b.get(name) { 0 } else { part as u8 }
    };
    let mark = |part: Part, mark: Mark| if old.has(mark) == new.has(mark) { 0 } else { part as u8 };
    let mut parts = field(Part::Labels, of, to, "labels")
        | field(Part::Owners, of, to, "ownerReferences")
        | field(Part::Spec, old, new, "spec")
        | mark(Part::Terminating, Mark::Terminating);
    if new.kind == Kind::Pod {
        let (of, to) = (old.status(), new.status());
        parts |= field(Part::Phase, of, to, "phase")
            | field(Part::Address, of, to, "podIP")
            | mark(Part::Ready, Mark::Ready);
    }
    parts
}

/// The kinds of which controllers adopt what their selectors match.
fn is_adoptable(kind: Kind) -> bool {
    matches!(kind, Kind::Pod | Kind::ReplicaSet | Kind::ControllerRevision)
}

/// Where an Event is among those of its subject, or where it would be.
fn place(events: &[Object], key: &ObjectKey) -> Result<usize, usize> {
    events.binary_search_by(|event| (event.namespace(), event.name()).cmp(&(&key.namespace, &key.name)))
}

/// How many changes are kept for watches to read.
const KEPT_CHANGES: usize = 16_384;

/// The objects of a kind, by namespace and name.
type Namespaces = BTreeMap<SmolStr, Arc<BTreeMap<SmolStr, Object>>>;

/// All objects, with the indexes that controllers read them by.
///
/// Invariant: an index holds exactly the keys of stored objects that have the indexed field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Store {
    /// By kind, namespace and name; a clone shares those of a kind and those of a namespace until one is written, and so what
    /// the indexes have under one text.
    objects: BTreeMap<Kind, Arc<Namespaces>>,
    by_owner: BTreeMap<Arc<str>, Arc<BTreeSet<ObjectKey>>>,
    by_node: BTreeMap<Arc<str>, Arc<BTreeSet<ObjectKey>>>,
    /// Events are looked through whenever something is told of their subject, so they are at hand here.
    by_subject: BTreeMap<Arc<str>, Arc<Vec<Object>>>,
    orphans: BTreeSet<ObjectKey>,
    revision: u64,
    changes: Arc<VecDeque<Arc<Change>>>,
}

impl Store {
    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The object under `key`.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(&key.kind)?.get(&key.namespace)?.get(&key.name)
    }

    /// The objects of a kind, of all namespaces, by namespace and name.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        let namespaces = self.objects.get(&kind).into_iter().flat_map(|namespaces| namespaces.values());
        namespaces.flat_map(|all| all.values())
    }

    /// The objects of a kind in one namespace, by name.
    pub fn list_in<'a>(&'a self, kind: Kind, namespace: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let there = self.objects.get(&kind).and_then(|namespaces| namespaces.get(namespace));
        there.into_iter().flat_map(|all| all.values())
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.objects.get(&kind).map_or(0, |namespaces| namespaces.values().map(|all| all.len()).sum())
    }

    /// Every object, by kind, namespace and name.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values().flat_map(|namespaces| namespaces.values()).flat_map(|all| all.values())
    }

    /// The objects with an owner reference to this uid.
    pub fn owned_by<'a>(&'a self, uid: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.by_owner.get(uid).into_iter().flat_map(|keys| keys.iter()).filter_map(|key| self.get(key))
    }

    /// The Events about the object with this uid, oldest first.
    pub fn events_about<'a>(&'a self, uid: &str) -> impl DoubleEndedIterator<Item = &'a Object> + use<'a> {
        self.by_subject.get(uid).into_iter().flat_map(|events| events.iter())
    }

    /// The objects of a kind in one namespace that no controller owns: what a controller may adopt.
    pub fn orphans<'a>(&'a self, kind: Kind, namespace: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let from = ObjectKey { kind, namespace: namespace.into(), name: "".into() };
        let namespace = from.namespace.clone();
        self.orphans
            .range(from..)
            .take_while(move |key| key.kind == kind && key.namespace == namespace)
            .filter_map(|key| self.get(key))
    }

    /// The Pods bound to a node.
    pub fn pods_on<'a>(&'a self, node: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        self.by_node.get(node).into_iter().flat_map(|keys| keys.iter()).filter_map(|key| self.get(key))
    }

    /// Puts an object in, in place of the one under its key, and gives it the next revision, or the version of
    /// another store that it came from.
    pub(super) fn put(&mut self, at: SimTime, mut object: Object, version: Option<&str>) -> Object {
        self.revision += 1;
        let version = version.map_or_else(|| self.revision.to_string(), str::to_string);
        object.entry("metadata").set("resourceVersion", version);
        object.look_up();
        let key = object.key();
        let namespaces = Arc::make_mut(self.objects.entry(key.kind).or_default());
        let there = namespaces.entry(key.namespace.clone()).or_default();
        let old = Arc::make_mut(there).insert(key.name.clone(), object.clone());
        let kind = if old.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
        let parts = old.as_ref().map_or(u8::MAX, |old| parts(old, &object));
        let change = Change { revision: self.revision, at, kind, parts, object: object.clone(), old };
        // The place of a Pod is a part of its spec.
        let where_to = if key.kind == Kind::Pod { &[Part::Owners, Part::Spec][..] } else { &[Part::Owners] };
        if key.kind == Kind::Event || change.differs(where_to) {
            self.index(key, &object, change.old.as_ref());
        }
        self.log(change);
        object
    }

    fn index(&mut self, key: ObjectKey, object: &Object, old: Option<&Object>) {
        if let Some(old) = old {
            self.unindex(&key, old);
        }
        for owner in object.meta("ownerReferences").items() {
            let owned = self.by_owner.entry(owner.get("uid").str().into()).or_default();
            Arc::make_mut(owned).insert(key.clone());
        }
        if key.kind == Kind::Event {
            let subject = object.at(&["involvedObject", "uid"]).str();
            match self.by_subject.get_mut(subject) {
                Some(told) => {
                    let at = place(told, &key).unwrap_or_else(|at| at);
                    Arc::make_mut(told).insert(at, object.clone());
                }
                None => drop(self.by_subject.insert(subject.into(), Arc::new(vec![object.clone()]))),
            }
        }
        if is_adoptable(key.kind) && object.controller().is_none() {
            self.orphans.insert(key.clone());
        }
        if key.kind == Kind::Pod
            && let Some(node) = object.spec().get("nodeName").as_str()
        {
            Arc::make_mut(self.by_node.entry(node.into()).or_default()).insert(key);
        }
    }

    /// Takes an object out.
    pub(super) fn take(&mut self, at: SimTime, key: &ObjectKey) -> Option<Object> {
        let there = Arc::make_mut(self.objects.get_mut(&key.kind)?).get_mut(&key.namespace)?;
        let old = Arc::make_mut(there).remove(&key.name)?;
        self.unindex(key, &old);
        self.revision += 1;
        self.log(Change {
            revision: self.revision,
            at,
            kind: ChangeKind::Deleted,
            parts: u8::MAX,
            object: old.clone(),
            old: Some(old.clone()),
        });
        Some(old)
    }

    fn unindex(&mut self, key: &ObjectKey, old: &Object) {
        let drop_from = |index: &mut BTreeMap<Arc<str>, Arc<BTreeSet<ObjectKey>>>, under: &str| {
            if let Some(keys) = index.get_mut(under) {
                Arc::make_mut(keys).remove(key);
                if keys.is_empty() {
                    index.remove(under);
                }
            }
        };
        self.orphans.remove(key);
        if key.kind == Kind::Event {
            let subject = old.at(&["involvedObject", "uid"]).str();
            if let Some(events) = self.by_subject.get_mut(subject) {
                if let Ok(at) = place(events, key) {
                    Arc::make_mut(events).remove(at);
                }
                if events.is_empty() {
                    self.by_subject.remove(subject);
                }
            }
        }
        for owner in old.meta("ownerReferences").items() {
            drop_from(&mut self.by_owner, owner.get("uid").str());
        }
        if let Some(node) = old.spec().get("nodeName").as_str() {
            drop_from(&mut self.by_node, node);
        }
    }

    fn log(&mut self, change: Change) {
        let changes = Arc::make_mut(&mut self.changes);
        if changes.len() == KEPT_CHANGES {
            changes.pop_front();
        }
        changes.push_back(Arc::new(change));
    }

    /// The changes since a moment, the latest first. What is older than the kept ones is left out.
    pub fn changes_after(&self, moment: SimTime) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev().map(|change| &**change).take_while(move |change| change.at >= moment)
    }

    /// The changes after a revision, oldest first. What is older than the kept ones is left out.
    pub fn changes_since(&self, revision: u64) -> impl ExactSizeIterator<Item = &Change> + use<'_> {
        let first = self.changes.front().map_or(0, |change| change.revision);
        let skip = (revision + 1).saturating_sub(first) as usize;
        self.changes.range(skip.min(self.changes.len())..).map(|change| &**change)
    }
}
