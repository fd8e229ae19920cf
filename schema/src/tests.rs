//! The table is what this program writes, and what follows from it is what Kubernetes' types and programs say.

use std::collections::BTreeSet;

use saya::api::schema::{self, FieldDocs, Type, decode, explain, schema};
use saya::base::Value;
use saya::value;
use serde::Deserialize;

use super::*;

#[test]
fn the_table_is_up_to_date() {
    let committed = include_str!("../../src/api/schema/table.txt");
    let written = Schema::read().table();
    let differs = written.lines().zip(committed.lines()).find(|(written, committed)| written != committed);
    assert!(written == committed, "run scripts/schema: {differs:?}");
}

/// Reads an object as Kubernetes' type: what of it the type does not have, and the object as the type writes it.
fn read_as(kind: &schema::Kind, object: &Value) -> (BTreeSet<String>, serde_json::Value) {
    fn read<T: serde::de::DeserializeOwned + serde::Serialize>(
        object: serde_json::Value,
    ) -> (BTreeSet<String>, serde_json::Value) {
        let mut ignored = BTreeSet::new();
        let typed = serde_ignored::deserialize(object, |path| {
            ignored.insert(path.to_string());
        });
        let typed: T = typed.unwrap();
        (ignored, serde_json::to_value(typed).unwrap())
    }
    let json = serde_json::to_value(object).unwrap();
    macro_rules! read_kinds {
        ($($kind:ty),* $(,)?) => {
            match (kind.api_version, kind.kind) {
                $((<$kind as Resource>::API_VERSION, <$kind as Resource>::KIND) => read::<$kind>(json),)*
                other => panic!("no kind {other:?}"),
            }
        };
    }
    kinds!(read_kinds)
}

fn header(kind: &schema::Kind) -> Value {
    let mut object = Value::map();
    object.set("apiVersion", kind.api_version);
    object.set("kind", kind.kind);
    object
}

/// A value of a type with every field of it set; a structure within itself stays empty.
fn filled(of: &Type) -> Value {
    filled_within(of, &mut Vec::new())
}

/// The same, within structures.
fn filled_within(of: &Type, within: &mut Vec<schema::StructId>) -> Value {
    match of.plain() {
        // A schema, or something shorter.
        Type::Json if matches!(of, Type::Named(name, _) if name.name.starts_with("JSONSchemaPropsOr")) => {
            value!({"description": "text"})
        }
        Type::String => "text".into(),
        Type::Bool => true.into(),
        Type::Int32 | Type::Int64 => 7.into(),
        Type::Float64 => 7.5.into(),
        Type::Bytes => "Ynl0ZXM=".into(),
        Type::Quantity => "5".into(),
        Type::IntOrString => "80%".into(),
        Type::Time => "2026-11-20T22:14:30Z".into(),
        Type::MicroTime => "2026-11-20T22:14:30.000001Z".into(),
        Type::List(items) => vec![filled_within(items, within)].into(),
        Type::Map(values) => Value::Map([("key", filled_within(values, within))].into_iter().collect()),
        Type::Struct(id) if within.contains(id) => Value::map(),
        Type::Struct(id) => {
            within.push(*id);
            let of = schema().structure(*id);
            let fields = of.fields.iter();
            let mut object =
                Value::Map(fields.map(|field| (field.name, filled_within(&field.of, within))).collect());
            within.pop();
            // Kubernetes' types check the headers of kinds, those within others too.
            let kind = schema().kinds().iter().find(|kind| kind.fields == *id).map(header);
            let delete_options = value!({"apiVersion": "v1", "kind": "DeleteOptions"});
            let header = if of.name == "meta/v1.DeleteOptions" { Some(delete_options) } else { kind };
            for (field, value) in header.iter().flat_map(Value::entries) {
                object.set(field, value);
            }
            object
        }
        _ => Value::Map([("any", 1)].into_iter().collect()),
    }
}

#[test]
fn kubernetes_types_have_all_fields_and_no_other() {
    for kind in schema().kinds() {
        let object = filled(&Type::Struct(kind.fields));
        let written = decode(&object, kind).and_then(schema::Decoded::strict).unwrap();
        assert_eq!(written, object, "{}", kind.kind);
        let (ignored, typed) = read_as(kind, &object);
        assert_eq!(ignored, BTreeSet::new(), "{}", kind.kind);
        assert_eq!(typed, serde_json::to_value(&object).unwrap(), "{}", kind.kind);
    }
}

#[test]
fn what_is_written_of_nothing_is_read_by_kubernetes_types() {
    for kind in schema().kinds() {
        let object = decode(&header(kind), kind).and_then(schema::Decoded::strict).unwrap();
        let (ignored, _) = read_as(kind, &object);
        assert_eq!(ignored, BTreeSet::new(), "{}", kind.kind);
    }
}

/// A recorded command, and what it printed.
#[derive(Deserialize)]
struct Case {
    command: String,
    stdout: String,
}

/// What `kubectl explain …`, perhaps with `| head -9` or `| wc -l`, prints.
fn explained(command: &str, docs: &FieldDocs) -> String {
    let (command, filter) = command.split_once(" | ").unwrap_or((command, ""));
    let mut words = command.split(' ').skip(2).filter(|word| !word.starts_with("--"));
    let mut path = words.next().unwrap().split('.');
    let resource = path.next().unwrap().to_lowercase();
    let short_names = [
        ("cm", "configmap"),
        ("deploy", "deployment"),
        ("events", "event"),
        ("hpa", "horizontalpodautoscaler"),
        ("netpol", "networkpolicy"),
        ("ns", "namespace"),
        ("pv", "persistentvolume"),
        ("rs", "replicaset"),
        ("sts", "statefulset"),
        ("svc", "service"),
    ];
    let name = short_names.iter().find(|(short, _)| *short == resource).map_or(&*resource, |(_, name)| name);
    let kind = schema().kinds().iter().find(|kind| kind.kind.to_lowercase() == name).unwrap();
    let path: Vec<&str> = path.collect();
    let text = explain(kind, &path, command.contains("--recursive"), docs).unwrap();
    match filter.split_once(" -") {
        Some(("wc", _)) => format!("{}\n", text.lines().count()),
        Some((_, count)) => {
            text.lines().take(count.parse().unwrap()).map(|line| format!("{line}\n")).collect()
        }
        None => text,
    }
}

#[test]
fn explains_as_kubectl_does() {
    let docs = FieldDocs::parse(&Schema::read().field_docs()).unwrap();
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/recorded/explain.json")).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        assert_eq!(explained(&case.command, &docs), case.stdout, "{}", case.command);
    }
    let pod = schema().kind("v1", "Pod").unwrap();
    let missing = explain(pod, &["spec", "nosuch", "name"], false, &docs).unwrap_err();
    assert_eq!(missing.to_string(), r#"error: field "name" does not exist"#);
}
