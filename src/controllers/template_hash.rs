//! The hashes by which Pods of one template are told from those of another.
//!
//! Kubernetes hashes the text that the Go library spew makes of the template's struct, so the names and the order of
//! its fields and the names of their types all count. [`TYPES`] holds them; [`dump`] writes that text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::base::{Value, random::NAME_ALPHABET};

/// The structs behind a Pod template; its head says how it reads.
const TYPES: &str = include_str!("template_hash/types.txt");

/// `pod-template-hash` of a Pod template. `collisions` is `status.collisionCount` of its Deployment.
pub fn pod_template_hash(template: &Value, collisions: Option<i64>) -> String {
    static READ: LazyLock<Types> = LazyLock::new(|| read(TYPES));
    let mut text = String::new();
    dump(&mut text, &READ, "PodTemplateSpec", template, true);
    let hash = fnv1a(FNV_OFFSET, text.as_bytes());
    let hash = match collisions {
        // Four bytes of number in a field of eight.
        Some(count) => fnv1a(hash, &u64::from(count as u32).to_le_bytes()),
        None => hash,
    };
    safe_encode(&hash.to_string())
}

/// The hash in the name of a ControllerRevision whose data read so (`HashControllerRevision`).
pub fn controller_revision_hash(data: &str, collisions: i64) -> String {
    safe_encode(&fnv1(format!("{data}{collisions}").as_bytes()).to_string())
}

const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

/// FNV-1a in 32 bits.
fn fnv1a(start: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(FNV_PRIME))
}

/// FNV-1 in 32 bits.
fn fnv1(bytes: &[u8]) -> u32 {
    bytes.iter().fold(FNV_OFFSET, |hash, byte| hash.wrapping_mul(FNV_PRIME) ^ u32::from(*byte))
}

/// Text in the alphabet of generated names (`rand.SafeEncodeString`).
fn safe_encode(text: &str) -> String {
    text.bytes().map(|byte| NAME_ALPHABET[usize::from(byte) % NAME_ALPHABET.len()] as char).collect()
}

/// A field of a struct: its Go name, its JSON name (none where it is embedded) and its Go type.
type Field = (&'static str, Option<String>, &'static str);
type Types = BTreeMap<&'static str, Vec<Field>>;

fn read(text: &'static str) -> Types {
    let mut types = Types::new();
    let mut open = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(field) = line.strip_prefix("  ") else {
            open = line;
            continue;
        };
        let fields = types.entry(open).or_default();
        fields.push(match field.split_once(' ') {
            None => (field, None, field),
            Some((name, ty)) => match name.split_once(':') {
                Some((go, json)) => (go, Some(json.to_string()), ty),
                None => (name, Some(json_name(name)), ty),
            },
        });
    }
    types
}

/// `dnsPolicy` of `DNSPolicy`: the capitals at the start become small, but for the one that begins a word.
fn json_name(go: &str) -> String {
    let capitals = go.chars().take_while(char::is_ascii_uppercase).count();
    let small = if capitals == go.len() || capitals == 1 { capitals } else { capitals - 1 };
    format!("{}{}", go[..small].to_lowercase(), &go[small..])
}

/// The Go type as its package calls it.
fn qualified(ty: &str) -> String {
    for prefix in ["[]", "*"] {
        if let Some(rest) = ty.strip_prefix(prefix) {
            return format!("{prefix}{}", qualified(rest));
        }
    }
    match ty {
        "string" | "bool" | "int32" | "int64" | "types.UID" => ty.into(),
        "Quantity" => "resource.Quantity".into(),
        "IntOrString" => "intstr.IntOrString".into(),
        _ if ty.starts_with("map[") => ty.into(),
        _ => format!("v1.{ty}"),
    }
}

/// Writes a value as spew's `%#v` does; `typed` is false for what lies in a list or map, whose type says it.
fn dump(out: &mut String, types: &Types, ty: &'static str, value: &Value, typed: bool) {
    if let Some(pointed) = ty.strip_prefix('*') {
        if value.is_null() {
            out.push_str(&format!("({})<nil>", qualified(ty)));
        } else {
            out.push_str(&format!("({})", qualified(ty)));
            dump(out, types, pointed, value, false);
        }
        return;
    }
    if typed {
        out.push_str(&format!("({})", qualified(ty)));
    }
    if let Some(item) = ty.strip_prefix("[]") {
        match value {
            Value::List(items) => {
                out.push('[');
                for (at, value) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(' ');
                    }
                    dump(out, types, item, value, false);
                }
                out.push(']');
            }
            _ => out.push_str("<nil>"),
        }
        return;
    }
    match ty {
        "map[string]string" | "ResourceList" => {
            let item = if ty == "ResourceList" { "Quantity" } else { "string" };
            let Value::Map(map) = value else { return out.push_str("<nil>") };
            out.push_str("map[");
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                dump(out, types, item, value, false);
            }
            out.push(']');
        }
        "bool" => out.push_str(if value.bool() { "true" } else { "false" }),
        "int32" | "int64" => out.push_str(&value.int().to_string()),
        "Time" => {
            out.push_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}");
        }
        "Quantity" => quantity(out, value),
        "IntOrString" => {
            let number = value.as_int();
            out.push_str(&format!(
                "{{Type:(intstr.Type){} IntVal:(int32){} StrVal:(string){}}}",
                i32::from(number.is_none() && !value.is_null()),
                number.unwrap_or(0),
                value.str()
            ));
        }
        _ => match types.get(ty) {
            Some(fields) => {
                out.push('{');
                for (at, (go, json, ty)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(' ');
                    }
                    out.push_str(go);
                    out.push(':');
                    let value = json.as_ref().map_or(value, |json| value.get(json));
                    dump(out, types, ty, value, true);
                }
                out.push('}');
            }
            // A named string.
            None => out.push_str(value.str()),
        },
    }
}

/// A `resource.Quantity` as it is right after it was read (`ParseQuantity`): the text itself is kept only where that
/// is seen to be canonical at once.
fn quantity(out: &mut String, value: &Value) {
    let text = match value {
        Value::Int(number) => number.to_string(),
        Value::Null => String::new(),
        text => text.str().to_string(),
    };
    let digits_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (format, exponent) = match suffix {
        "" => ("DecimalSI", 0),
        "n" => ("DecimalSI", -9),
        "u" => ("DecimalSI", -6),
        "m" => ("DecimalSI", -3),
        "k" => ("DecimalSI", 3),
        "M" => ("DecimalSI", 6),
        "G" => ("DecimalSI", 9),
        "T" => ("DecimalSI", 12),
        "P" => ("DecimalSI", 15),
        "E" => ("DecimalSI", 18),
        "Ki" => ("BinarySI", 10),
        "Mi" => ("BinarySI", 20),
        "Gi" => ("BinarySI", 30),
        "Ti" => ("BinarySI", 40),
        "Pi" => ("BinarySI", 50),
        "Ei" => ("BinarySI", 60),
        other => ("DecimalExponent", other[1..].parse().unwrap_or(0)),
    };
    let (mut kept, mut format) = (String::new(), format);
    let (mut amount, mut scale) = (0i64, 0i64);
    if text.is_empty() {
        format = "";
    } else if text == "0" {
        kept = text.clone();
    } else {
        let shifted = format!("{whole}{fraction}");
        let digits: i64 = shifted.parse().unwrap_or(0);
        scale = if format == "BinarySI" { 0 } else { exponent } - fraction.len() as i64;
        amount = if format == "BinarySI" { digits << exponent } else { digits };
        let canonical = if format == "BinarySI" {
            exponent % 10 == 0 && digits & 7 != 0
        } else {
            scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0')
        };
        if canonical {
            kept = text.clone();
        }
    }
    out.push_str(&format!(
        "{{i:(resource.int64Amount){{value:(int64){amount} scale:(resource.Scale){scale}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){kept} Format:(resource.Format){format}}}"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;

    /// The hash of a Deployment's template in a manifest.
    fn hash(manifest: &str) -> String {
        let mut deployment: Value = serde_yaml::from_str(manifest).unwrap();
        crate::resources::set_defaults(Kind::Deployment, &mut deployment);
        pod_template_hash(deployment.at(&["spec", "template"]), None)
    }

    #[test]
    fn as_in_every_cluster() {
        let plain = |image: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nspec: {{template: {{metadata: {{labels: {{app: web}}}}, \
                 spec: {{containers: [{{name: web, image: {image:?}}}]}}}}}}"
            )
        };
        assert_eq!(hash(&plain("nginx:1.27")), "8448b6f544");
        assert_eq!(hash(&plain("nginx:1.28")), "7bc8986495");
        assert_eq!(hash(&plain("nginx:nosuch")), "68c786b9f6");
    }

    #[test]
    fn json_names() {
        for (go, json) in [("DNSPolicy", "dnsPolicy"), ("TTY", "tty"), ("Name", "name"), ("HostIP", "hostIP")]
        {
            assert_eq!(json_name(go), json);
        }
    }
}
