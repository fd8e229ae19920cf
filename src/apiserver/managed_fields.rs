//! Who manages which fields of an object, and server-side apply over it (structured-merge-diff as the API server uses it).
//!
//! The record stands beside the store and not in the objects: only `--show-managed-fields` shows it. What the cluster's own
//! components write is not recorded: nobody applies a status.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::api::schema::{Merge, StructId, schema};
use crate::api::{Kind, Object, ObjectKey, Status};
use crate::base::{Map, Value, json};
use crate::value;

use super::ApiServer;
use super::decoding::{Answer, FieldValidation, internal};

/// The manager of `kubectl apply --server-side`, which inherits what client-side apply managed.
pub const KUBECTL: &str = "kubectl";
const CLIENT_SIDE: &str = "kubectl-client-side-apply";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Fields of `metadata` that nobody manages (`stripmeta.go`).
const STRIPPED: [&str; 9] = [
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "deletionTimestamp",
];

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Field(Arc<str>),
    /// An item of a list of maps, by the JSON of its keys.
    Item(Arc<str>),
    /// A value of a set, as JSON.
    Value(Arc<str>),
}

type Path = Vec<Step>;
type Fields = BTreeSet<Path>;
type Place = Option<StructId>;

/// Who manages fields, and how they came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Manager {
    applies: bool,
    name: Arc<str>,
    subresource: &'static str,
}

impl Manager {
    /// As conflicts name it (`internal/conflict.go`).
    fn shown(&self, kind: Kind) -> String {
        let mut text = format!("\"{}\"", self.name);
        if !self.subresource.is_empty() {
            let _ = write!(text, " with subresource \"{}\"", self.subresource);
        }
        if !self.applies {
            let _ = write!(text, " using {}", kind.api_version());
        }
        text
    }
}

/// What each manager of an object manages, and since when.
type Managers = BTreeMap<Manager, (Fields, String)>;

/// The managers of all objects that somebody outside of the cluster wrote; a clone shares those of an object until it is
/// written again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ManagedFields(BTreeMap<ObjectKey, Arc<Record>>);

/// What is known of the managers of an object: as they were once, if there were any, and who wrote it since. Hardly anybody
/// asks for them, so that they are worked out then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Record {
    managers: Option<Managers>,
    written: Vec<Written>,
}

/// So much is kept to be worked out.
const UNREAD: usize = 16;

/// That somebody wrote an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Written {
    by: Manager,
    before: Option<Object>,
    after: Object,
    time: SmolStr,
}

impl Record {
    /// The managers as they are now; none where nobody wrote anything that is managed.
    fn managers(&self) -> Option<Managers> {
        let mut managers = self.managers.clone();
        self.written.iter().for_each(|written| written.count(&mut managers));
        managers
    }
}

impl Written {
    /// What is new or other than before is theirs, and nobody else's any more.
    fn count(&self, managers: &mut Option<Managers>) {
        let (before, after) = (self.before.as_ref(), &self.after);
        let old = before.map(|object| fields_of(after.kind, &object.body)).unwrap_or_default();
        let new = fields_of(after.kind, &after.body);
        let is_other =
            |path: &&Path| before.is_none_or(|before| find(&before.body, path) != find(&after.body, path));
        let owned: Fields = new.iter().filter(is_other).cloned().collect();
        let gone: Fields = old.difference(&new).cloned().collect();
        if owned.is_empty() && gone.is_empty() {
            return;
        }
        let managers = managers.get_or_insert_default();
        for (manager, (fields, _)) in managers.iter_mut() {
            // Who adds to a list of maps does not take its items from others.
            let taken = |path: &Path| {
                gone.contains(path) || owned.contains(path) && !matches!(path.last(), Some(Step::Item(_)))
            };
            if *manager != self.by {
                fields.retain(|path| !taken(path));
            }
        }
        managers.retain(|_, (fields, _)| !fields.is_empty());
        if !owned.is_empty() {
            let entry = managers.entry(self.by.clone()).or_default();
            entry.0.extend(owned);
            entry.1 = self.time.to_string();
        }
    }
}

/// How a list or map is merged.
enum Shape {
    Atomic,
    Fields,
    Set,
    Items(&'static str),
}

fn root(kind: Kind) -> Place {
    schema().kind(kind.api_version(), kind.names().kind).map(|kind| kind.fields)
}

fn shape(place: Place, name: &str, value: &Value) -> (Shape, Place) {
    let field = place.and_then(|id| schema().structure(id).field(name));
    let inner = field.and_then(|field| field.of.items().struct_id());
    // Selectors are replaced as a whole (`x-kubernetes-map-type: atomic`).
    let atomic = name.to_ascii_lowercase().ends_with("selector");
    let shape = match (value, field.map(|field| field.merge)) {
        (Value::Map(map), _) if !atomic && !map.is_empty() => Shape::Fields,
        (Value::List(_), Some(Merge::ByKey(key))) => Shape::Items(key),
        (Value::List(_), Some(Merge::AsSet)) => Shape::Set,
        _ => Shape::Atomic,
    };
    (shape, inner)
}

/// What identifies an item: its key, and for ports the protocol with it.
fn item_step(item: &Value, key: &str) -> Step {
    let mut keys = Map::new();
    keys.insert(key, item.get(key).clone());
    if matches!(key, "containerPort" | "port") {
        keys.insert("protocol", item.get("protocol").as_str().unwrap_or("TCP"));
    }
    Step::Item(json::to_string(&Value::Map(keys)).into())
}

fn value_step(value: &Value) -> Step {
    Step::Value(json::to_string(value).into())
}

/// The paths of all that a map says.
fn collect(map: &Map, place: Place, path: &mut Path, into: &mut Fields) {
    for (name, value) in map.iter() {
        path.push(Step::Field(name.into()));
        let (shape, inner) = shape(place, name, value);
        match shape {
            Shape::Fields => {
                if let Some(map) = value.as_map() {
                    collect(map, inner, path, into);
                }
            }
            Shape::Items(key) => {
                for item in value.items() {
                    path.push(item_step(item, key));
                    into.insert(path.clone());
                    if let Some(map) = item.as_map() {
                        collect(map, inner, path, into);
                    }
                    path.pop();
                }
            }
            Shape::Set => {
                for item in value.items() {
                    path.push(value_step(item));
                    into.insert(path.clone());
                    path.pop();
                }
            }
            Shape::Atomic => drop(into.insert(path.clone())),
        }
        path.pop();
    }
}

/// The paths of an object, those aside that nobody manages.
fn fields_of(kind: Kind, body: &Value) -> Fields {
    let mut body = body.clone();
    for field in ["apiVersion", "kind", "status"] {
        body.remove(field);
    }
    for field in STRIPPED {
        body.entry("metadata").remove(field);
    }
    let mut fields = Fields::new();
    if let Some(map) = body.as_map() {
        collect(map, root(kind), &mut Vec::new(), &mut fields);
    }
    fields.retain(|path| *path != [Step::Field("metadata".into())]);
    fields
}

/// What is at a path.
fn find<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value) };
    let next = match step {
        Step::Field(name) => value.as_map()?.get(name)?,
        Step::Item(keys) => {
            let key = key_of(keys);
            value.items().iter().find(|item| item_step(item, &key) == *step)?
        }
        Step::Value(_) => value.items().iter().find(|item| value_step(item) == *step)?,
    };
    find(next, rest)
}

/// The first key in a step's JSON that is not the protocol.
fn key_of(keys: &str) -> String {
    let keys = json::from_str(keys).unwrap_or_default();
    let mut names = keys.entries().map(|(name, _)| name).filter(|name| *name != "protocol");
    names.next().unwrap_or_default().to_owned()
}

/// Takes away what is at a path, and maps that are empty then.
fn take(value: &mut Value, path: &[Step]) {
    let Some((step, rest)) = path.split_first() else { return };
    match step {
        Step::Field(name) => {
            let Value::Map(map) = value else { return };
            if rest.is_empty() {
                map.remove(name);
            } else if map.contains(name) {
                take(map.entry(name), rest);
                if map.get(name).is_some_and(Value::is_empty) {
                    map.remove(name);
                }
            }
        }
        Step::Item(keys) => {
            let key = key_of(keys);
            let at = value.items().iter().position(|item| item_step(item, &key) == *step);
            match at {
                Some(at) if rest.is_empty() => drop(value.items_mut().remove(at)),
                Some(at) => take(&mut value.items_mut()[at], rest),
                None => {}
            }
        }
        Step::Value(_) => value.items_mut().retain(|item| value_step(item) != *step),
    }
}

/// Lays what is applied over what is there.
fn merge(live: &Map, config: &Map, place: Place) -> Map {
    let mut merged = live.clone();
    for (name, value) in config.iter() {
        let (shape, inner) = shape(place, name, value);
        let there = live.get(name);
        let new = match (shape, there) {
            (Shape::Fields, Some(Value::Map(old))) => {
                Value::Map(merge(old, value.as_map().unwrap_or(&Map::new()), inner))
            }
            (Shape::Items(key), Some(Value::List(old))) => {
                let mut items = old.to_vec();
                for item in value.items() {
                    let step = item_step(item, key);
                    match items.iter_mut().find(|old| item_step(old, key) == step) {
                        Some(old) => {
                            if let (Some(before), Some(after)) = (old.as_map(), item.as_map()) {
                                *old = Value::Map(merge(before, after, inner));
                            }
                        }
                        None => items.push(item.clone()),
                    }
                }
                items.into()
            }
            (Shape::Set, Some(Value::List(old))) => {
                let mut items = old.to_vec();
                let new: Vec<_> =
                    value.items().iter().filter(|item| !items.contains(item)).cloned().collect();
                items.extend(new);
                items.into()
            }
            _ => value.clone(),
        };
        merged.insert(name, new);
    }
    merged
}

/// The first field that the schema does not know.
fn undeclared(map: &Map, place: Place, path: &mut Path) -> Option<String> {
    let known = schema().structure(place?);
    for (name, value) in map.iter() {
        path.push(Step::Field(name.into()));
        let Some(field) = known.field(name) else { return Some(shown(path)) };
        let inner = field.of.items().struct_id();
        let found = match value {
            Value::Map(map) => undeclared(map, inner, path),
            Value::List(items) => items.iter().enumerate().find_map(|(at, item)| {
                path.push(match field.merge {
                    Merge::ByKey(key) => item_step(item, key),
                    _ => Step::Value(at.to_string().into()),
                });
                let found = item.as_map().and_then(|map| undeclared(map, inner, path));
                path.pop();
                found
            }),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    None
}

/// A path as structured-merge-diff prints it: `.spec.containers[name="web"].image`.
fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        let _ = match step {
            Step::Field(name) => write!(text, ".{name}"),
            Step::Item(keys) => {
                let keys = json::from_str(keys).unwrap_or_default();
                let keys = keys.entries().map(|(name, value)| format!("{name}={}", json::to_string(value)));
                write!(text, "[{}]", keys.collect::<Vec<_>>().join(","))
            }
            Step::Value(value) => write!(text, "[={value}]"),
        };
    }
    text
}

/// Paths as `fieldsV1` holds them.
fn fields_v1(fields: &Fields) -> Value {
    let mut tree = Value::map();
    for path in fields {
        let mut here = &mut tree;
        for (at, step) in path.iter().enumerate() {
            let item = matches!(step, Step::Item(_));
            here = here.entry(&match step {
                Step::Field(name) => format!("f:{name}"),
                Step::Item(keys) => format!("k:{keys}"),
                Step::Value(value) => format!("v:{value}"),
            });
            if here.is_null() {
                *here = Value::map();
            }
            if item && at + 1 == path.len() {
                here.set(".", Value::map());
            }
        }
    }
    tree
}

impl ManagedFields {
    /// Forgets an object.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        self.0.remove(key);
    }
}

impl ApiServer {
    /// Records that somebody wrote an object.
    pub fn record_manager(
        &mut self,
        name: &str,
        subresource: &'static str,
        before: Option<&Object>,
        after: &Object,
    ) {
        let by = Manager { applies: false, name: name.into(), subresource };
        let time = self.clock.date().rfc3339();
        let record = Arc::make_mut(self.managed.0.entry(after.key()).or_default());
        record.written.push(Written { by, before: before.cloned(), after: after.clone(), time });
        if record.written.len() > UNREAD {
            *record = Record { managers: record.managers(), written: Vec::new() };
        }
    }

    /// `metadata.managedFields` of an object.
    pub fn managed_fields(&self, key: &ObjectKey) -> Value {
        let Some(managers) = self.managed.0.get(key).and_then(|record| record.managers()) else {
            return Value::Null;
        };
        let entry = |(manager, (fields, time)): (&Manager, &(Fields, String))| {
            let mut entry = value!({
                "apiVersion": (key.kind.api_version()),
                "fieldsType": "FieldsV1",
                "fieldsV1": (fields_v1(fields)),
                "manager": (&*manager.name),
                "operation": (if manager.applies { "Apply" } else { "Update" }),
                "time": (time.as_str())
            });
            if !manager.subresource.is_empty() {
                entry.set("subresource", manager.subresource);
            }
            entry
        };
        managers.iter().rev().map(entry).collect()
    }

    /// Server-side apply: lays `config` over the object and takes away what this manager applied before and no more.
    ///
    /// # Errors
    /// What the server answers, `Conflict` first of all: fields that others manage and that have another value there.
    pub fn apply(
        &mut self,
        key: &ObjectKey,
        config: &Value,
        manager: &str,
        force: bool,
        dry_run: bool,
    ) -> Result<Answer, Status> {
        let kind = key.kind;
        if let Some(map) = config.as_map()
            && let Some(path) = undeclared(map, root(kind), &mut Vec::new())
        {
            let object =
                format!("{}/{}; {}, Kind={}", key.namespace, key.name, kind.api_version(), kind.names().kind);
            return Err(internal(format!(
                "failed to create typed patch object ({}): {path}: field not declared in schema",
                object.trim_start_matches('/')
            )));
        }
        let own = Manager { applies: true, name: manager.into(), subresource: "" };
        let mine = fields_of(kind, config);
        let mut managers = self.managed.0.get(key).and_then(|record| record.managers()).unwrap_or_default();
        let before = self.get(key).cloned();
        let answer = match &before {
            None => self.create_from(config, &key.namespace, FieldValidation::Strict, dry_run)?,
            Some(live) => {
                let conflicts = conflicts(&managers, &own, &mine, &live.body, config);
                // What client-side apply set is kubectl's own (`lastappliedmanager.go`).
                let last =
                    json::from_str(live.annotation(LAST_APPLIED).str()).ok().filter(|_| manager == KUBECTL);
                let inherited = last.map(|last| fields_of(kind, &last)).unwrap_or_default();
                if !force && !conflicts.iter().all(|(_, path)| inherited.contains(path)) {
                    let open: Vec<_> =
                        conflicts.iter().filter(|(_, path)| !inherited.contains(path)).collect();
                    return Err(refusal(kind, &open));
                }
                for (other, path) in &conflicts {
                    if let Some((fields, _)) = managers.get_mut(other) {
                        fields.remove(path);
                    }
                }
                if !inherited.is_empty() {
                    let theirs = managers
                        .iter_mut()
                        .filter(|(other, _)| !other.applies && &*other.name == CLIENT_SIDE);
                    theirs.for_each(|(_, (fields, _))| fields.retain(|path| !inherited.contains(path)));
                }
                let merged = merge(
                    live.body.as_map().unwrap_or(&Map::new()),
                    config.as_map().unwrap_or(&Map::new()),
                    root(kind),
                );
                let mut body = Value::Map(merged);
                let applied = managers.get(&own).map(|(fields, _)| fields.clone()).unwrap_or_default();
                let no_more: Fields =
                    applied.union(&inherited).filter(|path| !mine.contains(*path)).cloned().collect();
                // From the inside out: what is below goes before what holds it.
                for path in no_more.iter().rev() {
                    let kept = managers.iter().filter(|(other, _)| **other != own);
                    if !kept
                        .into_iter()
                        .any(|(_, (fields, _))| fields.iter().any(|other| other.starts_with(path)))
                    {
                        take(&mut body, path);
                    }
                }
                if !live.annotation(LAST_APPLIED).is_null() && manager == KUBECTL {
                    let text = json::to_string(config) + "\n";
                    body.set_at(&["metadata", "annotations", LAST_APPLIED], text);
                }
                self.update_from(key, &body, FieldValidation::Strict, dry_run)?
            }
        };
        if !dry_run {
            managers.insert(own, (mine, self.clock.date().rfc3339().into()));
            managers.retain(|_, (fields, _)| !fields.is_empty());
            let record = Record { managers: Some(managers), written: Vec::new() };
            self.managed.0.insert(key.clone(), Arc::new(record));
        }
        Ok(answer)
    }
}

/// The fields of a configuration that others manage and that are not as it wants them.
fn conflicts(
    managers: &Managers,
    own: &Manager,
    mine: &Fields,
    live: &Value,
    config: &Value,
) -> Vec<(Manager, Path)> {
    let others = managers.iter().filter(|(other, _)| *other != own);
    let mut found: Vec<(Manager, Path)> = others
        .flat_map(|(other, (fields, _))| {
            fields.intersection(mine).map(move |path| (other.clone(), path.clone()))
        })
        .filter(|(_, path)| !matches!(path.last(), Some(Step::Item(_) | Step::Value(_))))
        .filter(|(_, path)| find(live, path) != find(config, path))
        .collect();
    found.sort();
    found
}

/// The words of `internal/conflict.go`, `getConflictMessage`.
fn refusal(kind: Kind, conflicts: &[&(Manager, Path)]) -> Status {
    if let [(manager, path)] = conflicts {
        let text =
            format!("Apply failed with 1 conflict: conflict with {}: {}", manager.shown(kind), shown(path));
        return Status { code: 409, reason: "Conflict", message: text, causes: Vec::new() };
    }
    let mut lines: BTreeMap<&Manager, Vec<String>> = BTreeMap::new();
    for (manager, path) in conflicts {
        lines.entry(manager).or_default().push(format!("\n- {}", shown(path)));
    }
    let of_each = lines
        .iter()
        .map(|(manager, paths)| format!("conflicts with {}:{}", manager.shown(kind), paths.concat()));
    let text = format!(
        "Apply failed with {} conflicts: {}",
        conflicts.len(),
        of_each.collect::<Vec<_>>().join("\n")
    );
    Status { code: 409, reason: "Conflict", message: text, causes: Vec::new() }
}
