//! What the API server makes of JSON, and why it refuses it.
//!
//! Two decoders read objects there. `sigs.k8s.io/json` reads what is created or replaced: it goes on after a value of
//! the wrong type and reports the first of them at the end, names every unknown field, but stops at once where a type
//! with a reader of its own (a quantity, a time) refuses its text. apimachinery's unstructured converter reads what a
//! patch made: it stops at the first wrong type, and has other words.
//!
//! What comes out is the object as Go's types write it again: unknown fields and nulls dropped, zeros dropped or put in
//! as each field's [`Presence`] says, quantities and times in canonical form.

use std::fmt;

use super::table::{Field, Kind, Presence, Schema, Struct, StructId, Type, schema};
use super::timestamp;
use crate::api::quantity::{Quantity, QuantityError};
use crate::base::{Map, Value, json};

/// Why an object cannot be read, in the server's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for DecodeError {}

/// An object as the server understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The object as it is written again.
    pub object: Value,
    /// The paths of the fields that no type has, in the order they were met; a hundred at most.
    pub unknown: Vec<String>,
}

impl Decoded {
    /// The object, where every field of it is known.
    ///
    /// # Errors
    /// `strict decoding error: unknown field "spec.containers[0].Image"`, with all of them.
    pub fn strict(self) -> Result<Value, DecodeError> {
        if self.unknown.is_empty() {
            return Ok(self.object);
        }
        let all: Vec<String> =
            self.unknown.iter().map(|path| format!("unknown field {}", quote(path))).collect();
        Err(DecodeError(format!("strict decoding error: {}", all.join(", "))))
    }
}

/// Reads an object of `kind` that is created or replaced.
///
/// # Errors
/// `json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`
/// and the like.
pub fn decode(object: &Value, kind: &Kind) -> Result<Decoded, DecodeError> {
    Decoder::new(Reader::Json).read(object, kind)
}

/// Reads an object of `kind` that a strategic merge patch has made.
///
/// # Errors
/// `unrecognized type: int32` and the like.
pub fn decode_patched(object: &Value, kind: &Kind) -> Result<Decoded, DecodeError> {
    Decoder::new(Reader::Unstructured).read(object, kind)
}

/// Checks an object's metadata as kubectl does before it sends it.
///
/// # Errors
/// `json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string` and the like.
pub fn decode_metadata(object: &Value) -> Result<(), DecodeError> {
    let mut decoder = Decoder::new(Reader::Json);
    decoder.go_struct = "metadataOnlyObject";
    decoder.go_path = "metadata".into();
    let Some(of) = decoder.schema.struct_named("meta/v1.ObjectMeta") else { return Ok(()) };
    let read = decoder.value(&Type::Struct(of), object.get("metadata"));
    match decoder.saved.or(read.err()) {
        Some(error) => Err(DecodeError(error)),
        None => Ok(()),
    }
}

/// Which of the server's decoders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Json,
    Unstructured,
}

/// How many unknown fields are named at most.
const UNKNOWN_MAX: usize = 100;

struct Decoder {
    reader: Reader,
    schema: &'static Schema,
    /// The Go struct whose field is being read, and the names of the fields down to it, embedded structs included.
    go_struct: &'static str,
    go_path: String,
    /// Where that is in the object.
    path: String,
    unknown: Vec<String>,
    /// The first error that does not stop the reading.
    saved: Option<String>,
}

impl Decoder {
    fn new(reader: Reader) -> Self {
        Self {
            reader,
            schema: schema(),
            go_struct: "",
            go_path: String::new(),
            path: String::new(),
            unknown: Vec::new(),
            saved: None,
        }
    }

    fn read(mut self, object: &Value, kind: &Kind) -> Result<Decoded, DecodeError> {
        let read = self.value(&Type::Struct(kind.fields), object);
        match (read, self.saved) {
            (Err(error), _) | (_, Some(error)) => Err(DecodeError(error)),
            (Ok(object), None) => Ok(Decoded { object, unknown: self.unknown }),
        }
    }

    /// Reads a value; `null` where it is unset. An error stops everything.
    fn value(&mut self, of: &Type, value: &Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        match (of.plain(), value) {
            (Type::Json, _)
            | (Type::String | Type::IntOrString, Value::Str(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Int64, Value::Int(_))
            | (Type::Float64, Value::Int(_) | Value::Float(_)) => Ok(value.clone()),
            (Type::Int32 | Type::Int64, Value::Int(_) | Value::Float(_)) => match whole(value, of) {
                Some(number) => Ok(number.into()),
                None => self.wrong_type(of, value),
            },
            (Type::IntOrString, _) => match whole(value, &Type::Int32) {
                Some(number) => Ok(number.into()),
                None => Err(self.cannot_unmarshal(&described(value, &Type::Int32), "int32")),
            },
            (Type::Bytes, Value::Str(text)) => match crate::api::base64::decode(text) {
                Ok(bytes) => Ok(crate::api::base64::encode(&bytes).into()),
                Err(at) => {
                    let error = format!("illegal base64 data at input byte {at}");
                    match self.reader {
                        Reader::Json => self.save(error),
                        Reader::Unstructured => Err(format!("error decoding from json: {error}")),
                    }
                }
            },
            (Type::Quantity, _) => quantity(value).map(Value::from).map_err(|error| error.to_string()),
            (Type::Time, Value::Str(text)) => {
                timestamp::parse(text, timestamp::SECONDS).map(|(date, _)| date.rfc3339().into())
            }
            (Type::MicroTime, Value::Str(text)) => {
                let (date, nanos) = timestamp::parse(text, timestamp::MICROS)?;
                let seconds = date.rfc3339();
                Ok(format!("{}.{:06}Z", seconds.trim_end_matches('Z'), nanos / 1_000).into())
            }
            (Type::Time | Type::MicroTime, _) => {
                Err(self.cannot_unmarshal(&described(value, &Type::String), "string"))
            }
            (Type::Struct(id), Value::Map(map)) => self.structure(*id, map),
            (Type::List(of), Value::List(items)) => {
                let mut read = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let item = self.within(&format!("[{at}]"), |decoder| decoder.value(of, item))?;
                    read.push(self.or_zero(item, of));
                }
                Ok(if read == **items { value.clone() } else { read.into() })
            }
            (Type::Map(of), Value::Map(map)) => {
                let mut read = Vec::with_capacity(map.len());
                for (key, item) in map.iter() {
                    let item = self.within(key, |decoder| decoder.value(of, item))?;
                    read.push((key, self.or_zero(item, of)));
                }
                let read: Map = read.into_iter().collect();
                Ok(if read == *map { value.clone() } else { read.into() })
            }
            _ => self.wrong_type(of, value),
        }
    }

    fn structure(&mut self, id: StructId, map: &Map) -> Result<Value, String> {
        let of = self.schema.structure(id);
        let mut read: Vec<(&str, Value)> = Vec::with_capacity(map.len());
        let mut unknown = Vec::new();
        for (key, value) in map.iter() {
            let Some(field) = of.field(key) else {
                let path = if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) };
                match self.reader {
                    Reader::Json => self.is_unknown(path),
                    Reader::Unstructured => unknown.push(path),
                }
                continue;
            };
            let value = self.field(of, field, value)?;
            let value = match field.presence {
                Presence::Always if value.is_empty() => continue,
                Presence::NotZero if value.is_empty() => continue,
                Presence::Given | Presence::Nullable if value.is_null() => continue,
                _ => value,
            };
            read.push((field.name, value));
        }
        // The converter names a struct's unknown fields when it is done with the known ones.
        unknown.into_iter().for_each(|path| self.is_unknown(path));
        let mut read: Map = read.into_iter().collect();
        for field in &of.fields {
            if !read.contains(field.name) {
                match field.presence {
                    Presence::Always => drop(read.insert(field.name, self.zero(&field.of))),
                    Presence::Nullable => drop(read.insert(field.name, Value::Null)),
                    Presence::Given | Presence::NotZero => {}
                }
            }
        }
        Ok(if read == *map { map.clone().into() } else { read.into() })
    }

    fn field(&mut self, of: &'static Struct, field: &Field, value: &Value) -> Result<Value, String> {
        let (go_struct, length) = (self.go_struct, self.go_path.len());
        self.go_struct = of.go_name().name;
        for name in [field.embedded, field.name] {
            if !name.is_empty() {
                self.go_path.push_str(if self.go_path.is_empty() { "" } else { "." });
                self.go_path.push_str(name);
            }
        }
        let read = self.within(field.name, |decoder| decoder.value(&field.of, value));
        self.go_struct = go_struct;
        self.go_path.truncate(length);
        read
    }

    /// Reads what is one step further down.
    fn within<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if !step.starts_with('[') && length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        let read = read(self);
        self.path.truncate(length);
        read
    }

    fn is_unknown(&mut self, path: String) {
        if self.unknown.len() < UNKNOWN_MAX && !self.unknown.contains(&path) {
            self.unknown.push(path);
        }
    }

    fn save(&mut self, error: String) -> Result<Value, String> {
        self.saved.get_or_insert(error);
        Ok(Value::Null)
    }

    fn wrong_type(&mut self, of: &Type, value: &Value) -> Result<Value, String> {
        match self.reader {
            Reader::Json => {
                let error = self.cannot_unmarshal(&described(value, of), &self.go_text(of));
                self.save(error)
            }
            Reader::Unstructured => Err(self.cannot_restore(of, value)),
        }
    }

    /// The words of Go's `json.UnmarshalTypeError`.
    fn cannot_unmarshal(&self, found: &str, expected: &str) -> String {
        if self.go_struct.is_empty() || self.reader == Reader::Unstructured {
            return format!("json: cannot unmarshal {found} into Go value of type {expected}");
        }
        let Self { go_struct, go_path, .. } = self;
        format!(
            "json: cannot unmarshal {found} into Go struct field {go_struct}.{go_path} of type {expected}"
        )
    }

    /// The words of apimachinery's `runtime.DefaultUnstructuredConverter`.
    fn cannot_restore(&self, of: &Type, value: &Value) -> String {
        let found = match value {
            Value::Null => "invalid",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int64",
            Value::Float(_) => "float64",
            Value::Str(_) => "string",
            Value::List(_) => "slice",
            Value::Map(_) => "map",
        };
        match (of.plain(), value) {
            (Type::Struct(_), _) => format!("cannot restore struct from: {found}"),
            (Type::List(_) | Type::Bytes, _) => format!("cannot restore slice from {found}"),
            (Type::Map(_), _) => format!("cannot restore map from {found}"),
            // Go converts between these, the converter does not.
            (Type::String, Value::Int(_)) | (Type::Int32 | Type::Int64, Value::Float(_)) => {
                format!("cannot convert {found} to {}", self.go_text(of))
            }
            (plain, _) => format!("unrecognized type: {}", self.go_text(plain)),
        }
    }

    fn or_zero(&self, value: Value, of: &Type) -> Value {
        if value.is_null() { self.zero(of) } else { value }
    }

    /// What Go's zero value of a type is written as.
    fn zero(&self, of: &Type) -> Value {
        match of.plain() {
            // Bytes that are nil are stored as none.
            Type::String | Type::Bytes => "".into(),
            Type::Bool => false.into(),
            Type::Int32 | Type::Int64 | Type::Float64 | Type::IntOrString => 0.into(),
            Type::Quantity => "0".into(),
            Type::Struct(id) => {
                let fields = &self.schema.structure(*id).fields;
                let written = fields.iter().filter_map(|field| match field.presence {
                    Presence::Always => Some((field.name, self.zero(&field.of))),
                    Presence::Nullable => Some((field.name, Value::Null)),
                    Presence::Given | Presence::NotZero => None,
                });
                Value::Map(written.collect())
            }
            _ => Value::Null,
        }
    }

    /// A type as Go's `reflect` prints it: `[]v1.Container`.
    fn go_text(&self, of: &Type) -> String {
        let named = |name: super::GoName| {
            format!("{}.{}", name.package.rsplit('/').next().unwrap_or(name.package), name.name)
        };
        match of {
            Type::Named(name, _) => named(*name),
            Type::Struct(id) => named(self.schema.structure(*id).go_name()),
            Type::List(items) => format!("[]{}", self.go_text(items)),
            Type::Map(values) => format!("map[string]{}", self.go_text(values)),
            Type::String => "string".into(),
            Type::Bool => "bool".into(),
            Type::Int32 => "int32".into(),
            Type::Int64 => "int64".into(),
            Type::Float64 => "float64".into(),
            Type::Bytes => "[]uint8".into(),
            Type::Quantity => "resource.Quantity".into(),
            Type::IntOrString => "intstr.IntOrString".into(),
            Type::Time => "v1.Time".into(),
            Type::MicroTime => "v1.MicroTime".into(),
            Type::Json => "interface {}".into(),
        }
    }
}

/// A number that is whole and within the type's range.
fn whole(value: &Value, of: &Type) -> Option<i64> {
    let number = match value {
        Value::Int(number) => Some(*number),
        Value::Float(number) => json::float(number.0).parse().ok(),
        _ => None,
    };
    number.filter(|number| *of.plain() != Type::Int32 || i32::try_from(*number).is_ok())
}

/// What was found where something else was expected, in Go's words.
fn described(value: &Value, expected: &Type) -> String {
    let is_number = matches!(expected.plain(), Type::Int32 | Type::Int64);
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Str(_) => "string".into(),
        Value::List(_) => "array".into(),
        Value::Map(_) => "object".into(),
        Value::Int(_) | Value::Float(_) if is_number => format!("number {}", json::to_string(value)),
        Value::Int(_) | Value::Float(_) => "number".into(),
    }
}

/// The canonical text of a quantity.
fn quantity(value: &Value) -> Result<String, QuantityError> {
    let text = match value {
        // Go looks at the JSON, where a line end is `\n`: two letters that no quantity has.
        Value::Str(text) if text.contains(['\n', '\t', '\r']) => return Err(QuantityError::Format),
        Value::Str(text) => text.trim().to_owned(),
        Value::Int(_) | Value::Float(_) => json::to_string(value),
        _ => return Err(QuantityError::Format),
    };
    Quantity::parse(&text).map(|quantity| quantity.to_string())
}

/// Text as Go's `%q` shows it.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(spec: &str) -> Value {
        json::from_str(&format!(r#"{{"apiVersion":"v1","kind":"Pod","spec":{spec}}}"#)).unwrap()
    }

    fn kind(object: &Value) -> &'static Kind {
        schema().kind(object.get("apiVersion").str(), object.get("kind").str()).unwrap()
    }

    fn created(object: &Value) -> Result<Value, String> {
        decode(object, kind(object)).and_then(Decoded::strict).map_err(|error| error.to_string())
    }

    fn patched(object: &Value) -> Result<Value, String> {
        decode_patched(object, kind(object)).and_then(Decoded::strict).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_refused_on_creation() {
        let quantity = QuantityError::Format.to_string();
        let cases = [
            (
                r#"{"priority":1.5}"#,
                "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32",
            ),
            (
                r#"{"priority":2147483648}"#,
                "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32",
            ),
            (
                r#"{"hostNetwork":"yes"}"#,
                "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool",
            ),
            (
                r#"{"restartPolicy":[]}"#,
                "json: cannot unmarshal array into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
            ),
            (
                r#"{"containers":[{"securityContext":{"capabilities":{"add":"X"}}}]}"#,
                "json: cannot unmarshal string into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type []v1.Capability",
            ),
            (
                r#"{"containers":[{"livenessProbe":{"httpGet":"/"}}]}"#,
                "json: cannot unmarshal string into Go struct field Probe.spec.containers.livenessProbe.ProbeHandler.httpGet of type v1.HTTPGetAction",
            ),
            (
                r#"{"containers":[{"envFrom":[{"configMapRef":{"name":1}}]}]}"#,
                "json: cannot unmarshal number into Go struct field ConfigMapEnvSource.spec.containers.envFrom.configMapRef.LocalObjectReference.name of type string",
            ),
            (
                r#"{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}"#,
                "json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
            ),
            // The first wrong type is told, and it hides the unknown field.
            (
                r#"{"a":1,"hostIPC":1,"hostPID":1}"#,
                "json: cannot unmarshal number into Go struct field PodSpec.spec.hostIPC of type bool",
            ),
            // A quantity is read by code of its own, which stops everything.
            (r#"{"containers":[{"ports":1}],"overhead":{"cpu":"x"}}"#, &quantity),
            (r#"{"overhead":{"cpu":true}}"#, &quantity),
            (r#"{"overhead":{"cpu":"1\n"}}"#, &quantity),
            (r#"[]"#, "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec"),
            (
                r#"{"b":{},"containers":[{"B":1,"name":"x"}]}"#,
                r#"strict decoding error: unknown field "spec.b", unknown field "spec.containers[0].B""#,
            ),
            (
                r#"{"volumes":[{"nfs":{"\"q\"":1}}]}"#,
                r#"strict decoding error: unknown field "spec.volumes[0].nfs.\"q\"""#,
            ),
        ];
        for (spec, error) in cases {
            assert_eq!(created(&pod(spec)), Err(error.to_owned()), "{spec}");
        }
        let secret = crate::value!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "pass word"}});
        assert_eq!(created(&secret), Err("illegal base64 data at input byte 4".into()));
        let dated = crate::value!({"apiVersion": "v1", "kind": "Pod", "metadata": {"deletionTimestamp": 5}});
        let error = "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.deletionTimestamp of type string";
        assert_eq!(created(&dated), Err(error.into()));
    }

    #[test]
    fn a_hundred_unknown_fields_are_named() {
        let fields: Vec<String> = (0..200).map(|n| format!("\"x{n:03}\":1")).collect();
        let decoded = decode(&pod(&format!("{{{}}}", fields.join(","))), kind(&pod("{}"))).unwrap();
        assert_eq!(decoded.unknown.len(), 100);
        assert_eq!(decoded.unknown[99], "spec.x099");
    }

    #[test]
    fn what_is_refused_of_a_patch() {
        let cases = [
            (r#"{"priority":"1"}"#, "unrecognized type: int32"),
            (r#"{"hostNetwork":"yes"}"#, "unrecognized type: bool"),
            (r#"{"nodeName":1}"#, "cannot convert int64 to string"),
            (r#"{"restartPolicy":true}"#, "unrecognized type: string"),
            (r#"{"containers":{}}"#, "cannot restore slice from map"),
            (r#"{"containers":["x"]}"#, "cannot restore struct from: string"),
            (r#"{"nodeSelector":[]}"#, "cannot restore map from slice"),
            (r#"{"overhead":{"cpu":"5x"}}"#, &QuantityError::Format.to_string()),
            (
                r#"{"a":1,"containers":[{"b":1}]}"#,
                r#"strict decoding error: unknown field "spec.containers[0].b", unknown field "spec.a""#,
            ),
        ];
        for (spec, error) in cases {
            assert_eq!(patched(&pod(spec)), Err(error.to_owned()), "{spec}");
        }
    }

    #[test]
    fn what_is_written_again() {
        let cases = [
            // Zeros go, but not those behind pointers; nulls go.
            (
                r#"{"hostNetwork":false,"hostUsers":false,"priority":0,"nodeName":"","os":null}"#,
                r#"{"containers":null,"hostUsers":false,"priority":0}"#,
            ),
            // What has no `omitempty` is put in.
            (
                r#"{"containers":[{"command":[],"env":[{"name":"A","value":""}]}]}"#,
                r#"{"containers":[{"env":[{"name":"A"}],"name":"","resources":{}}]}"#,
            ),
            (r#"{"containers":[null]}"#, r#"{"containers":[{"name":"","resources":{}}]}"#),
            (
                r#"{"containers":[{"name":"c","readinessProbe":{"grpc":{"port":9}}}]}"#,
                r#"{"containers":[{"name":"c","readinessProbe":{"grpc":{"port":9,"service":null}},"resources":{}}]}"#,
            ),
            (
                r#"{"containers":[],"volumes":[{"name":"v","emptyDir":{}}]}"#,
                r#"{"containers":null,"volumes":[{"emptyDir":{},"name":"v"}]}"#,
            ),
            (
                r#"{"containers":[{"name":"c","ports":[{"containerPort":80.0}],"resources":{"limits":{"cpu":0.5,"memory":"1024Ki"}}}]}"#,
                r#"{"containers":[{"name":"c","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"500m","memory":"1Mi"}}}]}"#,
            ),
        ];
        for (spec, written) in cases {
            let object = created(&pod(spec)).unwrap();
            assert_eq!(json::to_string(object.get("spec")), written);
            assert_eq!(created(&object), Ok(object.clone()), "once more");
            let same = patched(&pod(spec)).unwrap();
            assert_eq!(same, object);
        }
        let mut object = pod("{}");
        object.set_at(&["metadata", "creationTimestamp"], "2026-11-21T07:14:30.5+09:00");
        let object = created(&object).unwrap();
        assert_eq!(object.at(&["metadata", "creationTimestamp"]).str(), "2026-11-20T22:14:30Z");
        let secret =
            crate::value!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "YQ==\n", "b": null}});
        let written = r#"{"apiVersion":"v1","data":{"a":"YQ==","b":""},"kind":"Secret","metadata":{}}"#;
        assert_eq!(json::to_string(&created(&secret).unwrap()), written);
    }

    #[test]
    fn kubectl_looks_at_metadata_alone() {
        let object = crate::value!({"metadata": {"name": 5, "labels": {"a": 1}, "other": 1}, "spec": 5});
        let error =
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string";
        assert_eq!(decode_metadata(&object).unwrap_err().to_string(), error);
        let object = crate::value!({"metadata": "name"});
        let error = "json: cannot unmarshal string into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta";
        assert_eq!(decode_metadata(&object).unwrap_err().to_string(), error);
        assert_eq!(decode_metadata(&crate::value!({"spec": 5})), Ok(()));
    }
}
