//! What can be written at a place of a manifest: fields, their values, and names that the cluster has.

use crate::api::Kind;
use crate::api::schema::{self, FieldDocs, Type, schema};
use crate::base::Value;

use super::{Sim, ask};

/// Something that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What is written.
    pub text: String,
    /// What it is: a type, or where the name comes from.
    pub detail: String,
    /// What it is for, where the docs are there.
    pub docs: String,
}

/// Where in a document a cursor stands.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    version: String,
    kind: String,
    /// The fields around, the outermost first.
    path: Vec<String>,
    /// The field whose value is being written.
    value_of: Option<String>,
    /// Fields that are there already.
    siblings: Vec<String>,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line's indentation with the dashes of list items counted in, and the rest of it.
fn parts(line: &str) -> (usize, Vec<usize>, &str) {
    let mut at = indent(line);
    let mut dashes = Vec::new();
    let mut rest = &line[at..];
    while let Some(inner) = rest.strip_prefix("- ") {
        dashes.push(at);
        let more = indent(inner);
        at += 2 + more;
        rest = &inner[more..];
    }
    (at, dashes, rest)
}

fn key_of(rest: &str) -> Option<(&str, &str)> {
    let (key, value) = rest.split_once(':')?;
    let plain = !key.is_empty() && !key.contains([' ', '{', '[', '"', '#']);
    (plain && (value.is_empty() || value.starts_with(' '))).then_some((key, value.trim()))
}

/// Finds the place from the lines of the document: `before` is the cursor's line up to the cursor.
fn place(lines: &[&str], line: usize, before: &str) -> Place {
    let begin = lines[..line].iter().rposition(|line| line.starts_with("---")).map_or(0, |at| at + 1);
    let end = lines[line..]
        .iter()
        .skip(1)
        .position(|line| line.starts_with("---"))
        .map_or(lines.len(), |at| line + 1 + at);
    let mut place = Place::default();
    for text in &lines[begin..end] {
        match key_of(text) {
            Some(("apiVersion", value)) => place.version = value.into(),
            Some(("kind", value)) => place.kind = value.into(),
            _ => {}
        }
    }
    let (mut column, dashes, rest) = parts(before);
    place.value_of = key_of(rest).map(|(key, _)| key.to_string());
    let own = column;
    // A dash alone, or a key behind one, belongs to the list above it.
    let mut in_item = dashes.first().copied();
    if let Some(first) = in_item {
        column = first + 1;
    }
    let mut below = own;
    for text in lines[begin..line].iter().rev() {
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        let (at, dashes, rest) = parts(text);
        let Some((key, value)) = key_of(rest) else { continue };
        if at == below && in_item.is_none() {
            place.siblings.push(key.into());
        }
        if at < column && (value.is_empty() || value.starts_with('#')) {
            place.path.insert(0, key.into());
            column = at;
            in_item = None;
            below = usize::MAX;
        }
        if let Some(first) = dashes.first().copied() {
            if first < column && at >= column && at == own {
                // The first key of the item that the cursor is in.
                column = first + 1;
                in_item = Some(first);
            } else if first < column {
                column = column.min(first + 1);
            }
        }
    }
    for text in &lines[(line + 1).min(end)..end] {
        let (at, dashes, rest) = parts(text);
        if text.trim().is_empty() {
            continue;
        }
        if at < own || !dashes.is_empty() && dashes[0] < own {
            break;
        }
        if let Some((key, _)) = key_of(rest).filter(|_| at == own) {
            place.siblings.push(key.into());
        }
    }
    place
}

/// What a type is called.
fn type_name(of: &Type) -> String {
    match of.plain() {
        Type::String => "string".into(),
        Type::Bool => "boolean".into(),
        Type::Int32 | Type::Int64 => "integer".into(),
        Type::Float64 => "number".into(),
        Type::Bytes => "base64".into(),
        Type::Quantity => "quantity".into(),
        Type::IntOrString => "integer or string".into(),
        Type::Time | Type::MicroTime => "time".into(),
        Type::Json => "anything".into(),
        Type::Struct(id) => schema().structure(*id).name.rsplit('.').next().unwrap_or_default().into(),
        Type::List(items) => format!("[]{}", type_name(items)),
        Type::Map(values) => format!("map of {}", type_name(values)),
        Type::Named(_, inner) => type_name(inner),
    }
}

/// What can be written in the line `line` (from 0), of which `before` stands before the cursor. The second value is how
/// many characters before the cursor it replaces.
pub fn suggest(sim: &Sim, text: &str, line: usize, before: &str) -> (usize, Vec<Suggestion>) {
    let lines: Vec<&str> = text.lines().chain([""]).collect();
    let line = line.min(lines.len() - 1);
    let place = place(&lines, line, before);
    let word: String = {
        let reversed: String = before.chars().rev().take_while(|c| !c.is_whitespace()).collect();
        reversed.chars().rev().collect()
    };
    let mut all = match &place.value_of {
        Some(field) => values(sim, &place, field),
        None => fields(&place),
    };
    all.retain(|one| one.text.to_lowercase().starts_with(&word.to_lowercase()));
    (word.chars().count(), all)
}

fn fields(place: &Place) -> Vec<Suggestion> {
    let plain = |text: &str, detail: &str| Suggestion {
        text: text.into(),
        detail: detail.into(),
        docs: String::new(),
    };
    let Some(kind) = schema().kind(&place.version, &place.kind) else {
        let missing = ["apiVersion", "kind", "metadata", "spec"].into_iter();
        return missing
            .filter(|name| !place.siblings.iter().any(|s| s == name))
            .map(|name| plain(name, ""))
            .collect();
    };
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let Some(id) = schema().type_at(kind, &path).and_then(|of| of.items().struct_id()) else {
        return Vec::new();
    };
    let structure = schema().structure(id);
    let docs = FieldDocs::installed();
    let mut all: Vec<&schema::Field> =
        structure.fields.iter().filter(|field| !place.siblings.iter().any(|s| s == field.name)).collect();
    all.retain(|field| !(path.is_empty() && field.name == "status"));
    all.sort_by_key(|field| (!field.required, field.name));
    all.into_iter()
        .map(|field| Suggestion {
            text: field.name.into(),
            detail: format!("{}{}", type_name(&field.of), if field.required { " *" } else { "" }),
            docs: docs.map_or("", |docs| docs.field(structure, field)).into(),
        })
        .collect()
}

fn values(sim: &Sim, place: &Place, field: &str) -> Vec<Suggestion> {
    let list = |texts: Vec<String>, detail: &str| -> Vec<Suggestion> {
        let one = |text| Suggestion { text, detail: detail.into(), docs: String::new() };
        texts.into_iter().map(one).collect()
    };
    let all_kinds = || schema().kinds().iter();
    match (place.path.is_empty(), field) {
        (true, "kind") => {
            let fits = |kind: &&schema::Kind| place.version.is_empty() || kind.api_version == place.version;
            return list(all_kinds().filter(fits).map(|kind| kind.kind.to_string()).collect(), "");
        }
        (true, "apiVersion") => {
            let fits = |kind: &&schema::Kind| place.kind.is_empty() || kind.kind == place.kind;
            let mut versions: Vec<String> =
                all_kinds().filter(fits).map(|kind| kind.api_version.to_string()).collect();
            versions.sort();
            versions.dedup();
            return list(versions, "");
        }
        _ => {}
    }
    let names = |kind: Kind| -> Vec<String> {
        let store = sim.cluster().api.store();
        let namespace = ask::namespace(sim);
        let all: Vec<_> = if kind.names().namespaced {
            store.list_in(kind, &namespace).collect()
        } else {
            store.list(kind).collect()
        };
        all.into_iter().map(|object| object.name().to_string()).collect()
    };
    let around = place.path.last().map_or("", String::as_str);
    let named = match (around, field) {
        (_, "claimName") => Some(Kind::PersistentVolumeClaim),
        (_, "secretName") | ("secretKeyRef" | "secretRef" | "imagePullSecrets", "name") => Some(Kind::Secret),
        ("configMap" | "configMapKeyRef" | "configMapRef", "name") => Some(Kind::ConfigMap),
        (_, "storageClassName") => Some(Kind::StorageClass),
        (_, "serviceAccountName") => Some(Kind::ServiceAccount),
        (_, "serviceName") | ("service", "name") => Some(Kind::Service),
        (_, "nodeName") => Some(Kind::Node),
        ("metadata", "namespace") => Some(Kind::Namespace),
        (_, "priorityClassName") => Some(Kind::PriorityClass),
        _ => None,
    };
    if let Some(kind) = named {
        return list(names(kind), kind.names().kind);
    }
    let pods = || sim.cluster().api.store().list(Kind::Pod);
    if matches!(around, "selector" | "matchLabels") {
        let mut values: Vec<String> = pods()
            .map(|pod| pod.labels().get(field).str().to_string())
            .filter(|text| !text.is_empty())
            .collect();
        values.sort();
        values.dedup();
        return list(values, "Pod");
    }
    if field == "targetPort" {
        let containers = pods().flat_map(|pod| pod.spec().get("containers").items());
        let text = |value: &Value| value.as_str().map_or_else(|| value.int().to_string(), str::to_string);
        let mut ports: Vec<String> = containers
            .flat_map(|container| container.get("ports").items())
            .flat_map(|port| [text(port.get("name")), text(port.get("containerPort"))])
            .filter(|text| !text.is_empty() && text != "0")
            .collect();
        ports.sort();
        ports.dedup();
        return list(ports, "Pod");
    }
    let Some(kind) = schema().kind(&place.version, &place.kind) else { return Vec::new() };
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let Some(found) = schema().fields_at(kind, &path).iter().find(|one| one.name == field) else {
        return Vec::new();
    };
    match found.of.plain() {
        Type::Bool => list(vec!["true".into(), "false".into()], "boolean"),
        _ => list(schema().values(&found.of).iter().map(|value| value.to_string()).collect(), ""),
    }
}

/// What a field is for: the one in the line `line` whose name holds the column `column` (from 0).
pub fn explain(text: &str, line: usize, column: usize) -> Option<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let (at, _, rest) = parts(lines.get(line)?);
    let (key, _) = key_of(rest)?;
    if column < at || column > at + key.len() {
        return None;
    }
    let place = place(&lines, line, &lines[line][..at]);
    let kind = schema().kind(&place.version, &place.kind)?;
    let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
    let id = schema().type_at(kind, &path)?.items().struct_id()?;
    let structure = schema().structure(id);
    let field = structure.field(key)?;
    let docs = FieldDocs::installed().map_or("", |docs| docs.field(structure, field));
    Some((format!("{key}: {}", type_name(&field.of)), docs.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Scenario;

    fn at_cursor(text: &str) -> Vec<String> {
        let sim = Sim::new(&Scenario::default()).unwrap();
        let offset = text.find('|').unwrap();
        let line = text[..offset].matches('\n').count();
        let before = text[..offset].rsplit('\n').next().unwrap().to_string();
        suggest(&sim, &text.replacen('|', "", 1), line, &before).1.into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn fields_and_values_are_known_where_they_stand() {
        let head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n";
        for (text, options) in [
            ("apiVersion: v1\nkind: Namesp|", &["Namespace"][..]),
            ("kind: StatefulSet\napiVersion: a|", &["apps/v1"]),
            ("apiVersion: v1\nkind: Pod\nspe|", &["spec"]),
            (&format!("{head}  - name: a\n    imag|"), &["image", "imagePullPolicy"]),
            (&format!("{head}  - imag|\n    name: a"), &["image", "imagePullPolicy"]),
            (&format!("{head}  - name: a\n    image: b\n    imag|"), &["imagePullPolicy"]),
            (
                &format!("{head}    - name: a\n      ports:\n        - containerPort: 80\n          prot|"),
                &["protocol"],
            ),
            (&format!("{head}  - name: a\n    imagePullPolicy: I|"), &["IfNotPresent"]),
            (
                &format!("{head}  - name: a\n    ports:\n    - containerPort: 80\n  restartP|"),
                &["restartPolicy"],
            ),
            (&format!("{head}  - name: a\n    tty: t|"), &["true"]),
            ("a: b\n---\napiVersion: v1\nkind: Service\nspec:\n  type: N|", &["NodePort"]),
            ("apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: kube-p|", &["kube-public"]),
        ] {
            assert_eq!(at_cursor(text), options, "{text}");
        }
    }

    #[test]
    fn a_field_is_explained_where_it_stands() {
        let text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    ports: []\n";
        assert_eq!(explain(text, 5, 6).unwrap().0, "ports: []ContainerPort");
        assert_eq!(explain(text, 5, 20), None);
    }
}
