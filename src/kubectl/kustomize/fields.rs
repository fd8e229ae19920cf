//! The fields of a kustomization file, read as Go's decoder reads them: names in any case, nothing unknown, nothing of
//! another type.

use crate::base::{Map, Value};

use super::Outcome;

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Bool,
    Number,
    Texts,
    /// A map of texts.
    Pairs,
    /// A map of truth values.
    Flags,
    One(&'static Struct),
    Many(&'static Struct),
    /// What Saya does not simulate.
    Refused,
    Any,
}
use Holds::{Any, Bool, Flags, Many, Number, One, Pairs, Refused, Text, Texts};

/// A struct of kustomize's types.
struct Struct {
    name: &'static str,
    fields: &'static [(&'static str, Holds)],
}

const KUSTOMIZATION: Struct = Struct {
    name: "Kustomization",
    fields: &[
        ("apiVersion", Text),
        ("bases", Texts),
        ("buildMetadata", Refused),
        ("commonAnnotations", Pairs),
        ("commonLabels", Pairs),
        ("components", Texts),
        ("configMapGenerator", Many(&CONFIG_MAP)),
        ("configurations", Refused),
        ("crds", Refused),
        ("generatorOptions", One(&GENERATOR_OPTIONS)),
        ("generators", Refused),
        ("helmChartInflationGenerator", Refused),
        ("helmCharts", Refused),
        ("helmGlobals", Refused),
        ("imageTags", Many(&IMAGE)),
        ("images", Many(&IMAGE)),
        ("inventory", Refused),
        ("kind", Text),
        ("labels", Many(&LABEL)),
        ("metadata", Any),
        ("namePrefix", Text),
        ("nameSuffix", Text),
        ("namespace", Text),
        ("openapi", Refused),
        ("patches", Many(&PATCH)),
        ("patchesJson6902", Many(&PATCH)),
        ("patchesStrategicMerge", Texts),
        ("replacements", Many(&REPLACEMENT_FIELD)),
        ("replicas", Many(&REPLICA)),
        ("resources", Texts),
        ("secretGenerator", Many(&SECRET)),
        ("sortOptions", One(&SORT_OPTIONS)),
        ("transformers", Refused),
        ("validators", Refused),
        ("vars", Refused),
    ],
};

macro_rules! generator {
    ($($more:expr),*) => {
        &[
            ("behavior", Text),
            ("env", Text),
            ("envs", Texts),
            ("files", Texts),
            ("literals", Texts),
            ("name", Text),
            ("namespace", Text),
            ("options", One(&GENERATOR_OPTIONS)),
            $($more),*
        ]
    };
}

const CONFIG_MAP: Struct = Struct { name: "ConfigMapArgs", fields: generator!() };
const SECRET: Struct = Struct { name: "SecretArgs", fields: generator!(("type", Text)) };
const GENERATOR_OPTIONS: Struct = Struct {
    name: "GeneratorOptions",
    fields: &[
        ("annotations", Pairs),
        ("disableNameSuffixHash", Bool),
        ("immutable", Bool),
        ("labels", Pairs),
    ],
};
const IMAGE: Struct = Struct {
    name: "Image",
    fields: &[("digest", Text), ("name", Text), ("newName", Text), ("newTag", Text), ("tagSuffix", Text)],
};
const LABEL: Struct = Struct {
    name: "Label",
    fields: &[("fields", Refused), ("includeSelectors", Bool), ("includeTemplates", Bool), ("pairs", Pairs)],
};
const REPLICA: Struct = Struct { name: "Replica", fields: &[("count", Number), ("name", Text)] };
const PATCH: Struct = Struct {
    name: "Patch",
    fields: &[("options", Flags), ("patch", Text), ("path", Text), ("target", One(&SELECTOR))],
};
const SELECTOR: Struct = Struct {
    name: "Selector",
    fields: &[
        ("annotationSelector", Text),
        ("group", Text),
        ("kind", Text),
        ("labelSelector", Text),
        ("name", Text),
        ("namespace", Text),
        ("version", Text),
    ],
};
const REPLACEMENT_FIELD: Struct = Struct {
    name: "ReplacementField",
    fields: &[("path", Text), ("source", One(&SOURCE)), ("sourceValue", Text), ("targets", Many(&TARGET))],
};
const REPLACEMENT: Struct = Struct { name: "Replacement", fields: REPLACEMENT_FIELD.fields };
const SOURCE: Struct = Struct {
    name: "SourceSelector",
    fields: &[
        ("fieldPath", Text),
        ("group", Text),
        ("kind", Text),
        ("name", Text),
        ("namespace", Text),
        ("options", One(&FIELD_OPTIONS)),
        ("version", Text),
    ],
};
const TARGET: Struct = Struct {
    name: "TargetSelector",
    fields: &[
        ("fieldPaths", Texts),
        ("options", One(&FIELD_OPTIONS)),
        ("reject", Many(&SELECTOR)),
        ("select", One(&SELECTOR)),
    ],
};
const FIELD_OPTIONS: Struct = Struct {
    name: "FieldOptions",
    fields: &[("create", Bool), ("delimiter", Text), ("encoding", Refused), ("index", Number)],
};
const SORT_OPTIONS: Struct =
    Struct { name: "SortOptions", fields: &[("legacySortOptions", One(&LEGACY)), ("order", Text)] };
const LEGACY: Struct =
    Struct { name: "LegacySortOptions", fields: &[("orderFirst", Texts), ("orderLast", Texts)] };

/// A kustomization with its fields' own names.
pub(super) fn kustomization(file: &Value) -> Outcome<Value> {
    read(file, &KUSTOMIZATION, "")
}

/// A replacement from a file of its own.
pub(super) fn replacement(file: &Value) -> Outcome<Value> {
    read(file, &REPLACEMENT, "")
}

fn read(value: &Value, of: &Struct, path: &str) -> Outcome<Value> {
    let mut all = Map::new();
    for (given, value) in value.entries() {
        let Some((name, holds)) = of.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(given)) else {
            return Err(["json: unknown field \"", given, "\""].concat());
        };
        if value.is_null() {
            continue;
        }
        let path = if path.is_empty() { name.to_string() } else { [path, ".", name].concat() };
        all.insert(*name, field(value, *holds, of, &path)?);
    }
    Ok(Value::Map(all))
}

fn field(value: &Value, holds: Holds, of: &Struct, path: &str) -> Outcome<Value> {
    let wrong = |value: &Value, wanted: &str| {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Float(_) => "number",
            Value::Str(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        };
        Err(format!(
            "json: cannot unmarshal {found} into Go struct field {}.{path} of type {wanted}",
            of.name
        ))
    };
    match (holds, value) {
        (Text, Value::Str(_)) | (Bool, Value::Bool(_)) | (Number, Value::Int(_)) | (Any, _) => {
            Ok(value.clone())
        }
        (Text, _) => wrong(value, "string"),
        (Bool, _) => wrong(value, "bool"),
        (Number, _) => wrong(value, "int"),
        (Texts, Value::List(items)) => {
            match items.iter().find(|item| item.as_str().is_none() && !item.is_null()) {
                Some(item) => wrong(item, "string"),
                None => Ok(value.clone()),
            }
        }
        (Texts, _) => wrong(value, "[]string"),
        (Pairs, Value::Map(map)) => {
            match map.iter().find(|(_, item)| item.as_str().is_none() && !item.is_null()) {
                Some((_, item)) => wrong(item, "string"),
                None => Ok(value.clone()),
            }
        }
        (Pairs, _) => wrong(value, "map[string]string"),
        (Flags, Value::Map(map)) => match map.iter().find(|(_, item)| item.as_bool().is_none()) {
            Some((_, item)) => wrong(item, "bool"),
            None => Ok(value.clone()),
        },
        (Flags, _) => wrong(value, "map[string]bool"),
        (One(inner), Value::Map(_)) => read(value, inner, path),
        (One(inner), _) => wrong(value, &["types.", inner.name].concat()),
        (Many(inner), Value::List(items)) => {
            let mut all = Vec::new();
            for item in items.iter() {
                match item {
                    Value::Map(_) => all.push(read(item, inner, path)?),
                    Value::Null => all.push(Value::map()),
                    _ => return wrong(item, &["types.", inner.name].concat()),
                }
            }
            Ok(all.into())
        }
        (Many(inner), _) => wrong(value, &["[]types.", inner.name].concat()),
        (Refused, _) if value.is_empty() => Ok(Value::Null),
        (Refused, _) => Err(["Saya does not simulate ", path, " of a kustomization"].concat()),
    }
}
