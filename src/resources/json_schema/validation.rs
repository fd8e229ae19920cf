//! What is wrong with an object by a schema (kube-openapi, validation/validate; apiextensions-apiserver, validation.go,
//! `kubeOpenAPIResultToFieldErrors`).

use regex_lite::Regex;

use crate::api::Cause;
use crate::base::jsonpath::go_text;
use crate::base::{Date, Value, json};

use super::super::path::Shown;

/// Everything that is wrong with an object.
pub fn validate(object: &Value, schema: &Value, causes: &mut Vec<Cause>) {
    // What every object has is looked at by those who know it.
    let mut own = object.clone();
    for field in ["apiVersion", "kind", "metadata"] {
        own.remove(field);
    }
    check(&own, schema, "", causes);
}

/// The JSON type of a value.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(number.0),
        _ => None,
    }
}

/// `spec.replicas`, of which messages say that it is `in body`.
struct At<'a> {
    path: &'a str,
    causes: &'a mut Vec<Cause>,
}

impl At<'_> {
    fn say(&mut self, message: String) {
        self.causes.push(Cause { field: self.path.to_owned(), message });
    }
    fn invalid(&mut self, value: &Value, what: &str) {
        let message = format!("Invalid value: {}: {} in body {what}", value.shown(), self.path);
        self.say(message);
    }
    /// What concerns a value as a whole is said of no field.
    fn composite(&mut self, what: &str) {
        let message = format!("Invalid value: \"\": {:?} must {what}", self.path);
        self.causes.push(Cause { field: "<nil>".into(), message });
    }
}

fn fits(value: &Value, schema: &Value) -> bool {
    let mut causes = Vec::new();
    check(value, schema, "", &mut causes);
    causes.is_empty()
}

fn check(value: &Value, schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    if value.is_null() && schema.get("nullable").bool() {
        return;
    }
    check_composed(value, schema, path, causes);
    let mut at = At { path, causes };
    let (wanted, found) = (schema.get("type").str(), type_of(value));
    let either = schema.get("x-kubernetes-int-or-string").bool() && matches!(found, "integer" | "string");
    let is_whole = || number(value).is_some_and(|number| number.fract() == 0.0);
    let is_right = wanted.is_empty()
        || found == wanted
        || (wanted == "number" && found == "integer")
        || (wanted == "integer" && found == "number" && is_whole());
    if !either && !is_right {
        at.say(format!("Invalid value: \"{found}\": {path} in body must be of type {wanted}: \"{found}\""));
        return;
    }
    let allowed = schema.get("enum").items();
    if !allowed.is_empty() && !allowed.contains(value) {
        let texts: Vec<String> = allowed.iter().map(|one| format!("{:?}", go_or_json(one))).collect();
        at.say(format!("Unsupported value: {}: supported values: {}", value.shown(), texts.join(", ")));
    }
    match value {
        Value::Str(text) => check_text(value, text, schema, &mut at),
        Value::Int(_) | Value::Float(_) => check_number(value, schema, &mut at),
        Value::List(items) => check_list(value, items, schema, path, causes),
        Value::Map(_) => check_map(value, schema, path, causes),
        Value::Null | Value::Bool(_) => {}
    }
}

fn go_or_json(value: &Value) -> String {
    value.as_str().map_or_else(|| json::to_string(value), str::to_owned)
}

fn check_composed(value: &Value, schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let fitting = |name: &str| schema.get(name).items().iter().filter(|one| fits(value, one)).count();
    let (any, one, all) = (schema.get("anyOf"), schema.get("oneOf"), schema.get("allOf"));
    let mut at = At { path, causes };
    if !any.is_empty() && fitting("anyOf") == 0 {
        at.composite("validate at least one schema (anyOf)");
    }
    if !one.is_empty() {
        match fitting("oneOf") {
            1 => {}
            0 => at.composite("validate one and only one schema (oneOf). Found none valid"),
            more => at.composite(&format!(
                "validate one and only one schema (oneOf). Found {more} valid alternatives"
            )),
        }
    }
    if !schema.get("not").is_null() && fits(value, schema.get("not")) {
        at.composite("not validate the schema (not)");
    }
    if !all.is_empty() {
        let before = causes.len();
        for part in all.items() {
            check(value, part, path, causes);
        }
        if causes.len() > before {
            let none = if fitting("allOf") == 0 { ". None validated" } else { "" };
            At { path, causes }.composite(&format!("validate all the schemas (allOf){none}"));
        }
    }
}

fn check_text(value: &Value, text: &str, schema: &Value, at: &mut At<'_>) {
    let length = text.chars().count() as i64;
    if let Some(most) = schema.get("maxLength").as_int().filter(|most| length > *most) {
        at.say(format!("Too long: may not be more than {most} bytes"));
    }
    if let Some(least) = schema.get("minLength").as_int().filter(|least| length < *least) {
        at.invalid(value, &format!("should be at least {least} chars long"));
    }
    let pattern = schema.get("pattern").str();
    // Go knows more patterns than are known here: what cannot be read keeps nothing out.
    if !pattern.is_empty() && Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text)) {
        at.invalid(value, &format!("should match '{pattern}'"));
    }
    let format = schema.get("format").str();
    let is_date = |text: &str| Date::parse_rfc3339(&format!("{text}T00:00:00Z")).is_some();
    let is_right = match format {
        "date-time" => Date::parse_rfc3339(text).is_some(),
        "date" => is_date(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        _ => true,
    };
    if !is_right {
        at.invalid(value, &format!("must be of type {format}: {text:?}"));
    }
}

fn check_number(value: &Value, schema: &Value, at: &mut At<'_>) {
    let Some(found) = number(value) else { return };
    let bound = |name: &str| number(schema.get(name));
    if let Some(most) = bound("maximum") {
        let is_exclusive = schema.get("exclusiveMaximum").bool();
        if found > most || (is_exclusive && found == most) {
            let or = if is_exclusive { "" } else { " or equal to" };
            at.invalid(value, &format!("should be less than{or} {}", go_text(schema.get("maximum"))));
        }
    }
    if let Some(least) = bound("minimum") {
        let is_exclusive = schema.get("exclusiveMinimum").bool();
        if found < least || (is_exclusive && found == least) {
            let or = if is_exclusive { "" } else { " or equal to" };
            at.invalid(value, &format!("should be greater than{or} {}", go_text(schema.get("minimum"))));
        }
    }
    if let Some(step) = bound("multipleOf").filter(|step| *step > 0.0 && (found / step).fract() != 0.0) {
        at.invalid(value, &format!("should be a multiple of {step}"));
    }
}

fn check_list(value: &Value, items: &[Value], schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let of = schema.get("items");
    if !of.is_null() {
        for (at, item) in items.iter().enumerate() {
            check(item, of, &format!("{path}[{at}]"), causes);
        }
    }
    let mut at = At { path, causes };
    let count = items.len() as i64;
    if let Some(least) = schema.get("minItems").as_int().filter(|least| count < *least) {
        at.invalid(&count.into(), &format!("should have at least {least} items"));
    }
    if let Some(most) = schema.get("maxItems").as_int().filter(|most| count > *most) {
        at.say(format!("Too many: {count}: must have at most {most} items"));
    }
    let is_twice = || items.iter().enumerate().any(|(at, item)| items[..at].contains(item));
    if schema.get("uniqueItems").bool() && is_twice() {
        at.invalid(value, "shouldn't contain duplicates");
    }
}

fn check_map(value: &Value, schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let mut at = At { path, causes };
    let count = value.as_map().map_or(0, |map| map.len()) as i64;
    if let Some(least) = schema.get("minProperties").as_int().filter(|least| count < *least) {
        at.invalid(value, &format!("should have at least {least} properties"));
    }
    if let Some(most) = schema.get("maxProperties").as_int().filter(|most| count > *most) {
        at.say(format!("Too many: {count}: must have at most {most} items"));
    }
    let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for name in schema.get("required").items().iter().map(Value::str) {
        if value.as_map().is_some_and(|map| !map.contains(name)) && !is_of_every_object(path, name) {
            causes.push(Cause { field: inner(name), message: "Required value".into() });
        }
    }
    let (fields, more) = (schema.get("properties"), schema.get("additionalProperties"));
    for (name, value) in value.entries() {
        match fields.get(name) {
            Value::Null if more.as_map().is_some() => check(value, more, &inner(name), causes),
            Value::Null => {}
            field => check(value, field, &inner(name), causes),
        }
    }
}

fn is_of_every_object(path: &str, name: &str) -> bool {
    path.is_empty() && ["apiVersion", "kind", "metadata"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn what_is_wrong_is_said_as_the_server_says_it() {
        let schema = value!({
            "type": "object",
            "required": ["spec"],
            "properties": {"spec": {
                "type": "object",
                "required": ["image"],
                "properties": {
                    "cronSpec": {"type": "string", "pattern": "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$"},
                    "image": {"type": "string", "minLength": 1},
                    "replicas": {"type": "integer", "minimum": 1, "maximum": 10},
                    "size": {"type": "string", "enum": ["small", "large"]},
                    "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                    "list": {"type": "array", "maxItems": 1, "items": {"type": "string"}}
                }
            }}
        });
        let texts = |object: Value| {
            let mut causes = Vec::new();
            validate(&object, &schema, &mut causes);
            causes.iter().map(Cause::text).collect::<Vec<_>>()
        };
        assert!(
            texts(value!({"kind": "X", "spec": {"image": "a", "port": "http", "replicas": 3}})).is_empty()
        );
        assert_eq!(texts(value!({"kind": "X"})), ["spec: Required value"]);
        let wrong = texts(
            value!({"spec": {"cronSpec": "* * * *", "replicas": 15, "size": "huge", "port": true, "list": [1, "b"]}}),
        );
        assert_eq!(
            wrong,
            [
                "spec.image: Required value",
                "spec.cronSpec: Invalid value: \"* * * *\": spec.cronSpec in body should match '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'",
                "spec.list[0]: Invalid value: \"integer\": spec.list[0] in body must be of type string: \"integer\"",
                "spec.list: Too many: 2: must have at most 1 items",
                "<nil>: Invalid value: \"\": \"spec.port\" must validate at least one schema (anyOf)",
                "spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10",
                "spec.size: Unsupported value: \"huge\": supported values: \"small\", \"large\"",
            ]
        );
    }
}
