//! A JSON tree that is cheap to clone and to compare.
//!
//! Lists, maps and long strings are shared between clones and copied only where they are written to, so that a
//! thousand Pods of one template hold one spec, and a cloned cluster costs next to nothing. Short strings lie in the map
//! itself, and so do nearly all names of fields that are not the program's own texts.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use smol_str::SmolStr;

/// A JSON value. Maps are ordered by key, as Go's `encoding/json` writes them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// `null`, and what a missing field reads as.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction or an exponent.
    Float(Float),
    /// Text.
    Str(SmolStr),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A map ordered by key.
    Map(Map),
}

/// A finite floating-point number, compared and hashed by its bits.
#[derive(Clone, Copy)]
pub struct Float(pub f64);

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}
impl Eq for Float {}
impl Hash for Float {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// A map from field names to values, ordered by name; a clone shares its contents.
#[derive(Clone, Default)]
pub struct Map(Arc<[(SmolStr, Value)]>);

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        // For slices `Arc` does not see by itself that what is shared is equal.
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}
impl Eq for Map {}
impl Hash for Map {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

static NULL: Value = Value::Null;

/// Takes an entry out of a map that is given up.
fn take(entry: &mut (SmolStr, Value)) -> (SmolStr, Value) {
    std::mem::take(entry)
}

/// Up to so many entries are looked through one after another.
const FEW: usize = 24;

/// True for the same text. Names of fields are compared at every turn: eight letters at once, and without a call.
#[inline]
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0..4 => a.iter().eq(b),
        4..8 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..17 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a.last_chunk::<8>() == b.last_chunk() && a == b,
    }
}

/// True where each of these comes after the one before it. What is written down in the program is looked at as it is compiled.
pub const fn in_order(keys: &[&str]) -> bool {
    let mut at = 1;
    while at < keys.len() {
        if !is_before(keys[at - 1].as_bytes(), keys[at].as_bytes()) {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_before(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at < b.len() && (at == a.len() || a[at] < b[at])
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }
    /// A map of keys that the program itself names, with the value of each, which is taken; `in_order` tells that they need no
    /// sorting.
    pub fn of(in_order: bool, keys: &[&'static str], values: &mut [Value]) -> Self {
        let entries =
            keys.iter().map(|key| SmolStr::new_static(key)).zip(values.iter_mut().map(std::mem::take));
        if in_order { Self(entries.collect()) } else { entries.collect::<Vec<_>>().into() }
    }
    /// Where `key` is, or where it would be.
    fn position(&self, key: &str) -> Result<usize, usize> {
        self.find(key).ok_or_else(|| self.search(key).unwrap_or_else(|at| at))
    }
    fn find(&self, key: &str) -> Option<usize> {
        if self.0.len() > FEW {
            return self.search(key).ok();
        }
        let is_it = |(k, _): &(SmolStr, Value)| same(k, key);
        // What is late in the alphabet is found sooner from the end.
        if key.as_bytes().first() > Some(&b'm') {
            self.0.iter().rposition(is_it)
        } else {
            self.0.iter().position(is_it)
        }
    }
    #[inline(never)]
    fn search(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(k, _)| k.as_str().cmp(key))
    }
    /// The value of `key`, if it is there.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.find(key).map(|at| &self.0[at].1)
    }
    /// The value of `key`, which most maps that are asked for it have as their entry number `at`.
    pub fn get_at(&self, at: usize, key: &str) -> Option<&Value> {
        match self.0.get(at) {
            Some((there, value)) if same(there, key) => Some(value),
            _ => self.get(key),
        }
    }
    /// True where `key` is there, even as `null`.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
    /// Puts `value` under `key` and returns what was there.
    pub fn insert(&mut self, key: impl Into<SmolStr>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.position(&key) {
            Ok(at) if self.0[at].1 == value => Some(value),
            Ok(at) => Some(std::mem::replace(&mut Arc::make_mut(&mut self.0)[at].1, value)),
            Err(at) => {
                self.put(at, key, value);
                None
            }
        }
    }
    fn put(&mut self, at: usize, key: SmolStr, value: Value) {
        let new = [(key, value)];
        // What nobody else has need not be cloned.
        let entries = if let Some(own) = Arc::get_mut(&mut self.0) {
            let (before, after) = own.split_at_mut(at);
            before.iter_mut().map(take).chain(new).chain(after.iter_mut().map(take)).collect()
        } else {
            let (before, after) = self.0.split_at(at);
            before.iter().cloned().chain(new).chain(after.iter().cloned()).collect()
        };
        self.0 = entries;
    }
    /// Takes `key` out and returns what was there.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.find(key)?;
        let (before, after) = (&self.0[..at], &self.0[at + 1..]);
        let left = before.iter().chain(after).cloned().collect();
        std::mem::replace(&mut self.0, left).get(at).map(|(_, value)| value.clone())
    }
    /// The value of `key`, put in as `null` where it was missing.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let at = match self.position(key) {
            Ok(at) => at,
            Err(at) => {
                self.put(at, key.into(), Value::Null);
                at
            }
        };
        &mut Arc::make_mut(&mut self.0)[at].1
    }
    /// Puts each of these fields in, in place of what was there: at once what many inserts would do one after another.
    pub fn insert_all<const N: usize>(&mut self, fields: [(&'static str, Value); N]) {
        let mut entries = Vec::with_capacity(self.len() + N);
        match Arc::get_mut(&mut self.0) {
            Some(own) => entries.extend(own.iter_mut().map(take)),
            None => entries.extend_from_slice(&self.0),
        }
        for (key, value) in fields {
            match entries.binary_search_by(|(k, _): &(SmolStr, Value)| k.as_str().cmp(key)) {
                Ok(at) => entries[at].1 = value,
                Err(at) => entries.insert(at, (SmolStr::new_static(key), value)),
            }
        }
        self.0 = entries.into();
    }
    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        if self.iter().all(|(k, v)| keep(k, v)) {
            return;
        }
        let entries = Arc::make_mut(&mut self.0);
        let mut kept = 0;
        for at in 0..entries.len() {
            if keep(&entries[at].0, &entries[at].1) {
                entries.swap(kept, at);
                kept += 1;
            }
        }
        self.0 = entries[..kept].iter_mut().map(take).collect();
    }
    /// The entries in order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }
    /// The entries in order of their keys, to write to.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        Arc::make_mut(&mut self.0).iter_mut().map(|(k, v)| (k.as_str(), v))
    }
    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.iter().map(|(k, _)| k.as_str())
    }
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<SmolStr>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        entries.into_iter().map(|(k, v)| (k.into(), v.into())).collect::<Vec<_>>().into()
    }
}

impl From<Vec<(SmolStr, Value)>> for Map {
    fn from(mut entries: Vec<(SmolStr, Value)>) -> Self {
        if !entries.is_sorted_by(|a, b| a.0 < b.0) {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            // The last of equal keys wins, as in Go's decoder.
            entries.reverse();
            entries.dedup_by(|a, b| a.0 == b.0);
            entries.reverse();
        }
        Self(entries.into())
    }
}

impl Value {
    /// An empty map.
    pub fn map() -> Self {
        Value::Map(Map::new())
    }
    /// The field `key` of a map; `null` where this is no map or has no such field.
    pub fn get(&self, key: &str) -> &Value {
        match self {
            Value::Map(map) => map.get(key).unwrap_or(&NULL),
            _ => &NULL,
        }
    }
    /// The value at the end of `path`; `null` where the path breaks off.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |value, key| value.get(key))
    }
    /// The field `key` to write to; this becomes a map if it was none.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        self.as_map_mut().entry(key)
    }
    /// The value at the end of `path` to write to; maps are made on the way.
    pub fn entry_at(&mut self, path: &[&str]) -> &mut Value {
        path.iter().fold(self, |value, key| value.entry(key))
    }
    /// Sets the field `key`; this becomes a map if it was none.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.as_map_mut().insert(key, value);
    }
    /// Sets several fields at once; this becomes a map if it was none.
    pub fn set_all<const N: usize>(&mut self, fields: [(&'static str, Value); N]) {
        self.as_map_mut().insert_all(fields);
    }
    /// Sets the value at the end of `path`; maps are made on the way. Nothing is copied where it is there already.
    pub fn set_at(&mut self, path: &[&str], value: impl Into<Value>) {
        let value = value.into();
        if *self.at(path) != value || value.is_null() {
            *self.entry_at(path) = value;
        }
    }
    /// Sets the field `key` where it is missing or `null`.
    pub fn set_default(&mut self, key: &str, value: impl Into<Value>) {
        if self.get(key).is_null() {
            self.set(key, value);
        }
    }
    /// Takes the field `key` out and returns what was there.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match self {
            Value::Map(map) => map.remove(key),
            _ => None,
        }
    }
    /// The same map without the fields that are `null`: how one with fields that may be missing is made in one go.
    pub fn without_nulls(mut self) -> Self {
        self.as_map_mut().retain(|_, value| !value.is_null());
        self
    }
    /// True for `null`, and so for a missing field.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
    /// True for `null`, `false`, 0, and empty text, list or map: what Go's `omitempty` leaves out.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Bool(b) => !b,
            Value::Int(n) => *n == 0,
            Value::Float(n) => n.0 == 0.0,
            Value::Str(s) => s.is_empty(),
            Value::List(l) => l.is_empty(),
            Value::Map(m) => m.is_empty(),
        }
    }
    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }
    /// The text; empty if this is none.
    pub fn str(&self) -> &str {
        self.as_str().unwrap_or_default()
    }
    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
    /// The whole number; 0 if this is none.
    pub fn int(&self) -> i64 {
        self.as_int().unwrap_or_default()
    }
    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// True only for `true`.
    pub fn bool(&self) -> bool {
        *self == Value::Bool(true)
    }
    /// The items; none if this is no list.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }
    /// The items to write to; this becomes a list if it was none.
    pub fn items_mut(&mut self) -> &mut Vec<Value> {
        if !matches!(self, Value::List(_)) {
            *self = Value::List(Arc::default());
        }
        match self {
            Value::List(items) => Arc::make_mut(items),
            _ => unreachable!("just made a list"),
        }
    }
    /// Appends to the list; this becomes one if it was none.
    pub fn push(&mut self, item: impl Into<Value>) {
        self.items_mut().push(item.into());
    }
    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
    /// The entries in order of their keys; none if this is no map.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.as_map().into_iter().flat_map(|map| map.iter())
    }
    /// The map to write to; this becomes one if it was none.
    pub fn as_map_mut(&mut self) -> &mut Map {
        if !matches!(self, Value::Map(_)) {
            *self = Value::Map(Map::new());
        }
        match self {
            Value::Map(map) => map,
            _ => unreachable!("just made a map"),
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}
impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Int(number.into())
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Int(number as i64)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(Float(number))
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(text.into())
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Str(text.as_str().into())
    }
}
impl From<SmolStr> for Value {
    fn from(text: SmolStr) -> Self {
        Value::Str(text)
    }
}
impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Value::Str(text.into())
    }
}
impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}
impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}
impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        items.into_iter().collect()
    }
}
impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
impl<V: Into<Value>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Value::List(Arc::new(items.into_iter().map(Into::into).collect()))
    }
}

/// A list or a map written down as it reads in JSON: `value!({"kind": "Pod", "ports": [80, port]})`.
/// Values are expressions that turn into a [`Value`].
#[macro_export]
macro_rules! value {
    ({ $($key:literal : $item:tt),* $(,)? }) => {{
        const KEYS: &[&str] = &[$($key),*];
        const IN_ORDER: bool = $crate::base::value::in_order(KEYS);
        $crate::base::Value::Map($crate::base::value::Map::of(IN_ORDER, KEYS, &mut [$($crate::value!($item)),*]))
    }};
    ([ $($item:tt),* $(,)? ]) => {
        $crate::base::Value::List(::std::sync::Arc::new(vec![$($crate::value!($item)),*]))
    };
    (null) => { $crate::base::Value::Null };
    ($item:expr) => { $crate::base::Value::from($item) };
}

impl fmt::Debug for Value {
    /// As JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match serde_json::to_string(self) {
            Ok(text) => f.write_str(&text),
            Err(_) => f.write_str("?"),
        }
    }
}
impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Map(self.clone()).fmt(f)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => to.serialize_unit(),
            Value::Bool(b) => to.serialize_bool(*b),
            Value::Int(n) => to.serialize_i64(*n),
            Value::Float(n) => to.serialize_f64(n.0),
            Value::Str(text) => to.serialize_str(text),
            Value::List(items) => to.collect_seq(items.iter()),
            Value::Map(map) => {
                let mut out = to.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    out.serialize_entry(key, value)?;
                }
                out.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Tree;
        impl<'de> Visitor<'de> for Tree {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
                Ok(b.into())
            }
            fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
                Ok(n.into())
            }
            fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
                Ok(i64::try_from(n).map_or_else(|_| (n as f64).into(), Value::Int))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
                Ok(n.into())
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(text.into())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items: Vec<Value> = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items.into())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut all: Vec<(String, Value)> = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    all.push(entry);
                }
                Ok(Value::Map(all.into_iter().collect()))
            }
        }
        from.deserialize_any(Tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_json() {
        let port = 80;
        let value = value!({"b": [1, (port + 1), "x"], "a": {"c": null, "d": true}});
        assert_eq!(format!("{value:?}"), r#"{"a":{"c":null,"d":true},"b":[1,81,"x"]}"#);
        assert_eq!(serde_json::from_str::<Value>(&format!("{value:?}")).unwrap(), value);
    }

    #[test]
    fn a_clone_is_not_written_through() {
        let first = value!({"a": {"b": 1}});
        let mut second = first.clone();
        second.set_at(&["a", "b"], 2);
        second.set_at(&["x", "y"], "z");
        assert_eq!(first.at(&["a", "b"]).int(), 1);
        assert_eq!(second.at(&["a", "b"]).int(), 2);
        assert_eq!(second.at(&["x", "y"]).str(), "z");
        assert!(first.at(&["x", "y", "z"]).is_null());
    }

    #[test]
    fn the_last_of_equal_keys_wins() {
        let map: Map = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
        assert_eq!(map.len(), 2);
        assert_eq!(map.get("a"), Some(&Value::Int(3)));
    }
}
