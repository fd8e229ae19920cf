//! Patches: strategic merge (also of three sides, as `kubectl apply` makes them), JSON merge, JSON.
//!
//! The directives of strategic merge patches: `$patch: delete|replace|merge` in an item or a map,
//! `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD` and `$retainKeys` (apimachinery `strategicpatch`).

use std::cmp::Ordering;

use crate::api::Kind;
use crate::api::schema::{Merge, StructId, schema};
use crate::base::jsonpath::go_text;
use crate::base::{Map, Value};
use crate::value;

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";

/// The kinds of patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchKind {
    /// Lists are merged by the keys of their items.
    Strategic,
    /// RFC 7386: lists are replaced.
    Merge,
    /// RFC 6902: a list of operations.
    Json,
}

impl PatchKind {
    /// The patch that kubectl makes of a change: what has no Go structs has none to merge by, and its lists are replaced.
    pub fn usual(kind: Kind) -> Self {
        if kind.is_custom() { Self::Merge } else { Self::Strategic }
    }

    /// A patch of this kind laid over what is there of an object of a kind.
    ///
    /// # Errors
    /// The words of the library that merges.
    pub fn applied(self, kind: Kind, original: &Value, patch: &Value) -> Outcome<Value> {
        match self {
            Self::Strategic => strategic(kind, original, patch),
            Self::Merge => Ok(merge(original, patch)),
            Self::Json => json(original, patch),
        }
    }
}

/// How a field is merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Strategy {
    /// True for a list whose items are merged.
    merge: bool,
    /// The field that identifies an item; empty for lists of plain values.
    key: &'static str,
    /// True where fields that are not mentioned are dropped.
    retain_keys: bool,
    /// True for a map that is replaced as a whole.
    replace: bool,
}

/// The struct that objects of a kind are; none inside of what the schema does not know.
type Place = Option<StructId>;

fn root(kind: Kind) -> Place {
    schema().kind(kind.api_version(), kind.names().kind).map(|kind| kind.fields)
}

/// How a field of a struct is merged, and where it leads.
fn strategy(place: Place, field: &str) -> (Strategy, Place) {
    let Some(field) = place.and_then(|id| schema().structure(id).field(field)) else {
        return (Strategy::default(), None);
    };
    let merge = match field.merge {
        Merge::ByKey(key) => Strategy { merge: true, key, ..Strategy::default() },
        Merge::AsSet => Strategy { merge: true, ..Strategy::default() },
        Merge::Replace => Strategy { replace: true, ..Strategy::default() },
        Merge::Default => Strategy::default(),
    };
    (Strategy { retain_keys: field.retain_keys, ..merge }, field.of.items().struct_id())
}

/// Which differences a patch is made of.
#[derive(Clone, Copy, Default)]
struct Differences {
    no_changes: bool,
    no_deletions: bool,
    retain_keys: bool,
}

type Outcome<T> = Result<T, String>;

fn same_type(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn no_merge_key(item: &Value, key: &str) -> String {
    format!("map: {} does not contain declared merge key: {key}", go_text(item))
}

/// The patch that turns `current` into what `modified` wants, deleting only what `original` had: how `kubectl apply`
/// lives with what others have set.
///
/// # Errors
/// Where an item of a merged list lacks its key.
pub fn three_way(kind: Kind, original: &Value, modified: &Value, current: &Value) -> Outcome<Value> {
    let none = Map::new();
    let map = |value: &Value| value.as_map().cloned().unwrap_or_else(|| none.clone());
    let (original, modified, current) = (map(original), map(modified), map(current));
    let delta = diff_maps(
        &current,
        &modified,
        root(kind),
        Differences { no_deletions: true, ..Differences::default() },
    )?;
    let deletions = diff_maps(
        &original,
        &modified,
        root(kind),
        Differences { no_changes: true, ..Differences::default() },
    )?;
    merge_map(deletions, delta, root(kind), false).map(Value::Map)
}

/// The patch that turns `original` into `modified`.
///
/// # Errors
/// Where an item of a merged list lacks its key.
pub fn two_way(kind: Kind, original: &Value, modified: &Value) -> Outcome<Value> {
    let (Value::Map(original), Value::Map(modified)) = (original, modified) else {
        return Ok(modified.clone());
    };
    diff_maps(original, modified, root(kind), Differences::default()).map(Value::Map)
}

fn diff_maps(original: &Map, modified: &Map, place: Place, what: Differences) -> Outcome<Map> {
    let mut patch = Map::new();
    for (field, new) in modified.iter() {
        let Some(old) = original.get(field) else {
            if !what.no_changes {
                patch.insert(field, new);
            }
            continue;
        };
        if !same_type(old, new) {
            if !what.no_changes {
                patch.insert(field, new);
            }
            continue;
        }
        let (how, inner) = strategy(place, field);
        match (old, new) {
            (Value::Map(_), Value::Map(_)) if how.replace => {
                // apimachinery does not compare these, so a budget is "configured" each time.
                if !what.no_changes {
                    patch.insert(field, new);
                }
            }
            (Value::Map(old), Value::Map(new)) => {
                let what = Differences { retain_keys: how.retain_keys, ..what };
                let found = diff_maps(old, new, inner, what)?;
                if !found.is_empty() {
                    patch.insert(field, found);
                }
            }
            (Value::List(old), Value::List(new)) if how.merge => {
                let what = Differences { retain_keys: how.retain_keys, ..what };
                let found = diff_lists(old, new, inner, how.key, what)?;
                if !found.items.is_empty() {
                    patch.insert(field, found.items);
                }
                if !found.deleted.is_empty() {
                    patch.insert(format!("{DELETE_FROM}{field}"), found.deleted);
                }
                if !found.order.is_empty() {
                    patch.insert(format!("{ORDER}{field}"), found.order);
                }
            }
            _ => {
                if !what.no_changes && old != new {
                    patch.insert(field, new);
                }
            }
        }
    }
    if !what.no_deletions {
        for field in original.keys().filter(|field| !modified.contains(field)) {
            patch.insert(field, Value::Null);
        }
    }
    if what.retain_keys {
        let kept: Vec<&str> = modified.iter().filter(|(_, v)| !v.is_null()).map(|(field, _)| field).collect();
        let more = original.iter().any(|(field, old)| !old.is_null() && !modified.contains(field));
        if !kept.is_empty() && (!patch.is_empty() || more) {
            patch.insert(RETAIN, kept);
        }
    }
    Ok(patch)
}

#[derive(Default)]
struct ListDifference {
    items: Vec<Value>,
    deleted: Vec<Value>,
    order: Vec<Value>,
}

/// A value as it is sorted by.
fn sort_text(value: &Value) -> String {
    go_text(value)
}

fn key_text(item: &Value, key: &str) -> Outcome<String> {
    match item.get(key) {
        Value::Null => Err(no_merge_key(item, key)),
        value => Ok(sort_text(value)),
    }
}

fn diff_lists(
    original: &[Value],
    modified: &[Value],
    place: Place,
    key: &str,
    what: Differences,
) -> Outcome<ListDifference> {
    if original.is_empty() {
        let items = if what.no_changes { Vec::new() } else { modified.to_vec() };
        return Ok(ListDifference { items, ..ListDifference::default() });
    }
    let maps = original.iter().chain(modified).any(|item| matches!(item, Value::Map(_)));
    if !maps {
        return Ok(diff_plain_lists(original, modified, what));
    }
    let mut found = diff_lists_of_maps(original, modified, place, key, what)?;
    let same_order = original.len() == modified.len()
        && original.iter().zip(modified).all(|(old, new)| old.get(key) == new.get(key));
    let changed = !found.items.is_empty();
    if (!what.no_changes && (changed || !same_order)) || (!what.no_deletions && changed) {
        found.order = modified.iter().map(|item| keyed(key, item.get(key).clone())).collect();
    }
    Ok(found)
}

fn keyed(key: &str, value: Value) -> Value {
    Value::Map([(key, value)].into_iter().collect())
}

fn diff_plain_lists(original: &[Value], modified: &[Value], what: Differences) -> ListDifference {
    let mut found = ListDifference::default();
    if !what.no_changes {
        found.items = modified.iter().filter(|item| !original.contains(item)).cloned().collect();
    }
    if !what.no_deletions {
        found.deleted = original.iter().filter(|item| !modified.contains(item)).cloned().collect();
        found.deleted.sort_by_key(sort_text);
        found.deleted.dedup();
    }
    if (!what.no_deletions && !found.deleted.is_empty()) || (!what.no_changes && original != modified) {
        found.order = modified.to_vec();
    }
    found
}

fn diff_lists_of_maps(
    original: &[Value],
    modified: &[Value],
    place: Place,
    key: &str,
    what: Differences,
) -> Outcome<ListDifference> {
    let sorted = |items: &[Value]| -> Outcome<Vec<(String, Value)>> {
        let mut all = Vec::new();
        for item in items {
            all.push((key_text(item, key)?, item.clone()));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    };
    let (old, new) = (sorted(original)?, sorted(modified)?);
    let (mut at_old, mut at_new) = (0, 0);
    let mut patch: Vec<Value> = Vec::new();
    let mut deletions: Vec<Value> = Vec::new();
    while at_old < old.len() || at_new < new.len() {
        let order = match (old.get(at_old), new.get(at_new)) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        match order {
            Ordering::Equal => {
                let (Value::Map(a), Value::Map(b)) = (&old[at_old].1, &new[at_new].1) else {
                    return Err("expected a map in the list".into());
                };
                let mut found = diff_maps(a, b, place, what)?;
                if !found.is_empty() {
                    found.insert(key, b.get(key).cloned().unwrap_or_default());
                    patch.push(Value::Map(found));
                }
                at_old += 1;
                at_new += 1;
            }
            Ordering::Greater => {
                if !what.no_changes {
                    patch.push(new[at_new].1.clone());
                }
                at_new += 1;
            }
            Ordering::Less => {
                if !what.no_deletions {
                    let mut gone = value!({"$patch": "delete"});
                    gone.set(key, old[at_old].1.get(key).clone());
                    deletions.push(gone);
                }
                at_old += 1;
            }
        }
    }
    sort_by_order(&mut patch, modified, key);
    patch.extend(deletions);
    Ok(ListDifference { items: patch, ..ListDifference::default() })
}

fn position(order: &[Value], item: &Value, key: &str) -> Option<usize> {
    let of = |value: &Value| if key.is_empty() { value.clone() } else { value.get(key).clone() };
    let wanted = of(item);
    order.iter().position(|other| of(other) == wanted)
}

/// Sorts items as `order` has them; those that it does not have stay behind.
fn sort_by_order(items: &mut [Value], order: &[Value], key: &str) {
    items.sort_by_key(|item| position(order, item, key).unwrap_or(usize::MAX));
}

/// Applies a strategic merge patch to an object of a kind.
///
/// # Errors
/// apimachinery's words for a patch that makes no sense.
pub fn strategic(kind: Kind, original: &Value, patch: &Value) -> Outcome<Value> {
    let (Value::Map(original), Value::Map(patch)) = (original, patch) else {
        return Err("invalid JSON document".into());
    };
    merge_map(original.clone(), patch.clone(), root(kind), true).map(Value::Map)
}

/// Merges `patch` into `original`. With `apply` the directives are carried out; without, `original` is a patch
/// itself, and they are kept.
fn merge_map(mut original: Map, mut patch: Map, place: Place, apply: bool) -> Outcome<Map> {
    if let Some(directive) = patch.get(PATCH) {
        return match directive.str() {
            "replace" => {
                patch.remove(PATCH);
                Ok(patch)
            }
            "delete" => Ok(Map::new()),
            other => {
                Err(format!("unknown patch type: {other} in map: {}", go_text(&Value::Map(patch.clone()))))
            }
        };
    }
    if let Some(kept) = patch.remove(RETAIN) {
        if apply {
            original.retain(|field, _| kept.items().iter().any(|name| name.str() == field));
        } else {
            original.insert(RETAIN, kept);
        }
    }
    let orders: Vec<String> =
        patch.keys().filter(|field| field.starts_with(ORDER)).map(str::to_string).collect();
    for directive in orders {
        let order = patch.remove(&directive).unwrap_or_default();
        let field = &directive[ORDER.len()..];
        let (how, inner) = strategy(place, field);
        if !apply {
            original.insert(directive.as_str(), order.clone());
        }
        let old = original.get(field).map(|value| value.items().to_vec());
        let new = patch.remove(field).map(|value| value.items().to_vec());
        let merged = match (&old, new) {
            (None, None) => continue,
            (Some(old), None) => old.clone(),
            (None, Some(new)) => new,
            (Some(old), Some(new)) => merge_lists(old.clone(), new, inner, how, false, apply)?,
        };
        original.insert(field, reorder(merged, order.items(), old.as_deref().unwrap_or(&[]), how.key));
    }
    for (field, new) in patch.iter() {
        let (field, deletes) = match field.strip_prefix(DELETE_FROM) {
            Some(_) if !apply => {
                original.insert(field, new);
                continue;
            }
            Some(field) => (field, true),
            None => (field, false),
        };
        if new.is_null() {
            original.remove(field);
            if !apply {
                original.insert(field, Value::Null);
            }
            continue;
        }
        let Some(old) = original.get(field).filter(|old| same_type(old, new)).cloned() else {
            if !deletes {
                original.insert(field, without_directives(new, apply));
            }
            continue;
        };
        let (how, inner) = strategy(place, field);
        let merged = match (old, new) {
            (Value::Map(old), Value::Map(new)) if !how.replace => {
                Value::Map(merge_map(old, new.clone(), inner, apply)?)
            }
            (Value::List(old), Value::List(new)) if how.merge => {
                merge_lists(old.to_vec(), new.to_vec(), inner, how, deletes, apply)?.into()
            }
            _ => new.clone(),
        };
        original.insert(field, merged);
    }
    Ok(original)
}

/// A value that a patch adds: what only steers the patch is left out.
fn without_directives(value: &Value, apply: bool) -> Value {
    if !apply {
        return value.clone();
    }
    match value {
        Value::Map(map) => {
            let plain = |field: &str| {
                field != PATCH
                    && field != RETAIN
                    && !field.starts_with(ORDER)
                    && !field.starts_with(DELETE_FROM)
            };
            Value::Map(
                map.iter()
                    .filter(|(field, value)| plain(field) && !value.is_null())
                    .map(|(field, value)| (field, without_directives(value, apply)))
                    .collect(),
            )
        }
        Value::List(items) => items
            .iter()
            .filter(|item| item.get(PATCH).str() != "delete")
            .map(|item| without_directives(item, apply))
            .collect(),
        other => other.clone(),
    }
}

fn merge_lists(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    place: Place,
    how: Strategy,
    deletes: bool,
    apply: bool,
) -> Outcome<Vec<Value>> {
    let maps = original.iter().chain(&patch).any(|item| matches!(item, Value::Map(_)));
    if !maps {
        if apply && deletes {
            original.retain(|item| !patch.contains(item));
            return Ok(original);
        }
        let before = original.clone();
        for item in &patch {
            if !original.contains(item) {
                original.push(item.clone());
            }
        }
        return Ok(reorder(original, &patch, &before, ""));
    }
    let key = how.key;
    let before = original.clone();
    let mut plain = Vec::new();
    let mut replace = false;
    for item in patch {
        match item.get(PATCH).as_str() {
            None => plain.push(item),
            Some("delete") if !apply => plain.push(item),
            Some("delete") => {
                key_text(&item, key)?;
                original.retain(|old| old.get(key) != item.get(key));
            }
            Some("replace") => replace = true,
            Some(other) => {
                return Err(format!("unknown patch type: {other} in map: {}", go_text(&item)));
            }
        }
    }
    if replace {
        return Ok(plain);
    }
    for item in &plain {
        key_text(item, key)?;
        let Value::Map(new) = item else { continue };
        match original.iter_mut().find(|old| old.get(key) == item.get(key)) {
            Some(old) if new.contains(PATCH) => *old = item.clone(),
            Some(old) => {
                let Value::Map(map) = old else { continue };
                *old = Value::Map(merge_map(std::mem::take(map), new.clone(), place, apply)?);
            }
            None => original.push(without_directives(item, apply)),
        }
    }
    Ok(reorder(original, &plain, &before, key))
}

/// The items in the order of the patch; those that only the server has keep their places among them.
fn reorder(merged: Vec<Value>, order: &[Value], server: &[Value], key: &str) -> Vec<Value> {
    let deleted = |item: &Value| item.get(PATCH).str() == "delete";
    let (gone, merged): (Vec<Value>, Vec<Value>) = merged.into_iter().partition(deleted);
    let (mut ours, mut theirs): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| position(order, item, key).is_some());
    sort_by_order(&mut ours, order, key);
    sort_by_order(&mut theirs, server, key);
    let mut all = Vec::with_capacity(ours.len() + theirs.len());
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    loop {
        let theirs_first = match (theirs.peek(), ours.peek()) {
            (None, None) => break,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => {
                matches!((position(server, left, key), position(server, right, key)), (Some(l), Some(r)) if l < r)
            }
        };
        all.extend(if theirs_first { theirs.next() } else { ours.next() });
    }
    all.extend(gone);
    all
}

/// Applies a JSON merge patch (RFC 7386).
pub fn merge(original: &Value, patch: &Value) -> Value {
    let Value::Map(patch) = patch else { return patch.clone() };
    let mut merged = original.as_map().cloned().unwrap_or_default();
    for (field, new) in patch.iter() {
        if new.is_null() {
            merged.remove(field);
        } else {
            let old = merged.get(field).cloned().unwrap_or_default();
            merged.insert(field, merge(&old, new));
        }
    }
    Value::Map(merged)
}

/// Applies a JSON patch (RFC 6902).
///
/// # Errors
/// The words of the library that the API server uses, for a step that cannot be done.
pub fn json(original: &Value, patch: &Value) -> Outcome<Value> {
    let mut document = original.clone();
    for step in patch.items() {
        let path = step.get("path").str();
        let operation = step.get("op").str();
        match operation {
            "add" => put(&mut document, path, step.get("value").clone(), operation, true)?,
            "replace" => put(&mut document, path, step.get("value").clone(), operation, false)?,
            "remove" => drop(take(&mut document, path, operation)?),
            "move" => {
                let moved = take(&mut document, step.get("from").str(), operation)?;
                put(&mut document, path, moved, operation, true)?;
            }
            "copy" => {
                let copied = look(&document, step.get("from").str()).cloned();
                let copied = copied.ok_or_else(|| missing(operation, step.get("from").str()))?;
                put(&mut document, path, copied, operation, true)?;
            }
            "test" => {
                let found = look(&document, path).cloned().unwrap_or_default();
                if found != *step.get("value") {
                    return Err(format!("testing value {path} failed: test failed"));
                }
            }
            other => return Err(format!("Unexpected kind: {other}")),
        }
    }
    Ok(document)
}

fn missing(operation: &str, path: &str) -> String {
    format!("{operation} operation does not apply: doc is missing key: {path}: missing value")
}

fn parts(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn look<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    parts(path).iter().try_fold(document, |value, part| match value {
        Value::Map(map) => map.get(part),
        Value::List(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The container that the last part of a path is in.
fn parent<'a>(document: &'a mut Value, path: &str, operation: &str) -> Outcome<(&'a mut Value, String)> {
    let mut parts = parts(path);
    let last = parts.pop().unwrap_or_default();
    let no_path =
        || format!("{operation} operation does not apply: doc is missing path: \"{path}\": missing value");
    let mut at = document;
    for part in parts {
        if matches!(at, Value::List(_)) {
            let index = part.parse::<usize>().map_err(|_| no_path())?;
            at = at.items_mut().get_mut(index).ok_or_else(no_path)?;
        } else if at.as_map().is_some_and(|map| map.contains(&part)) {
            at = at.entry(&part);
        } else {
            return Err(no_path());
        }
    }
    Ok((at, last))
}

fn put(document: &mut Value, path: &str, value: Value, operation: &str, insert: bool) -> Outcome<()> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    let (at, last) = parent(document, path, operation)?;
    match at {
        Value::Map(map) if insert || map.contains(&last) => drop(map.insert(last, value)),
        Value::Map(_) => return Err(missing(operation, path)),
        Value::List(_) => {
            let items = at.items_mut();
            let length = items.len();
            let index = if last == "-" {
                length
            } else {
                last.parse::<usize>().map_err(|_| missing(operation, path))?
            };
            if index > length || (!insert && index >= length) {
                return Err(format!(
                    "{operation} operation does not apply: doc is missing path: \"{path}\": Unable to access invalid index: {index}: invalid index referenced"
                ));
            }
            if insert { items.insert(index, value) } else { items[index] = value }
        }
        _ => return Err(missing(operation, path)),
    }
    Ok(())
}

fn take(document: &mut Value, path: &str, operation: &str) -> Outcome<Value> {
    let (at, last) = parent(document, path, operation)?;
    match at {
        Value::Map(map) => {
            map.remove(&last).ok_or_else(|| {
                format!("{operation} operation does not apply: Unable to remove nonexistent key: {last}: missing value")
            })
        }
        Value::List(_) => {
            let items = at.items_mut();
            match last.parse::<usize>() {
                Ok(index) if index < items.len() => Ok(items.remove(index)),
                _ => Err(format!(
                    "{operation} operation does not apply: Unable to access invalid index: {last}: invalid index referenced"
                )),
            }
        }
        _ => Err(missing(operation, path)),
    }
}
