//! The schema against what a real API server and a real kubectl answered (`tests/recorded`).

use std::path::Path;

use saya::api::schema::{self, decode, decode_metadata, schema};
use saya::base::Value;
use serde::Deserialize;

/// A recorded command and its answer, as far as it is needed here.
#[derive(Deserialize)]
struct Case {
    id: String,
    command: String,
    #[serde(default)]
    files: std::collections::BTreeMap<String, String>,
    exit_code: i32,
    stdout: String,
    stderr: String,
}

fn recorded(group: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(format!("{group}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Cases that turn on YAML 1.1, where `yes` is `true`: what reads the files here is a YAML 1.2 reader.
const YAML_1_1: [&str; 2] = ["apply-bad/env-value-yes", "apply-bad-nested/nested/deploy-env-value-yes"];

/// The documents of a file; none of them where the file is not YAML.
fn documents(text: &str) -> Option<Vec<Value>> {
    serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect::<Result<_, _>>().ok()
}

/// The object without the keys that have no value: `kubectl apply` sends none when it creates.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Map(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::List(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// What the server answers to a valid request for an object, or why kubectl does not send it.
fn answer(object: &Value) -> Option<String> {
    if let Err(error) = decode_metadata(object) {
        return Some(error.to_string());
    }
    let kind = schema().kind(object.get("apiVersion").str(), object.get("kind").str())?;
    decode(&without_nulls(object), kind)
        .and_then(schema::Decoded::strict)
        .err()
        .map(|error| error.to_string())
}

/// The decoder's part of a recorded error.
fn decoding_error(stderr: &str) -> Option<&str> {
    let line = stderr.lines().next()?;
    let inner = match line.split_once(" cannot be handled as a ") {
        Some((_, rest)) => rest.split_once(": ")?.1,
        None => line.strip_prefix("error: unable to decode ")?.split_once(": ")?.1,
    };
    Some(inner)
}

#[test]
fn refuses_what_the_server_refuses() {
    let (mut refused, mut accepted, mut wrong) = (0, 0, Vec::new());
    for case in ["apply-bad", "apply-bad-nested", "typos"].into_iter().flat_map(recorded) {
        let file = case.files.iter().find(|(name, _)| case.command.contains(*name));
        if YAML_1_1.contains(&case.id.as_str()) {
            continue;
        }
        let Some(objects) = file.and_then(|(_, text)| documents(text)) else { continue };
        let expected = decoding_error(&case.stderr);
        let was_decoded = case.exit_code == 0 || case.stderr.contains(" is invalid:");
        if expected.is_none() && !was_decoded {
            continue;
        }
        let answer = objects.iter().find_map(answer);
        if answer.as_deref() != expected {
            wrong.push(format!("{}\n  server: {expected:?}\n  saya:   {answer:?}", case.id));
        }
        *if expected.is_some() { &mut refused } else { &mut accepted } += 1;
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("{refused} refused, {accepted} accepted");
    assert!(refused > 100 && accepted > 100);
}

/// The objects that a command printed as YAML or JSON; lists are taken apart.
fn objects(stdout: &str) -> Vec<Value> {
    let documents = documents(stdout).unwrap_or_default().into_iter();
    documents
        .flat_map(|object| match object.get("kind").str() {
            "List" => object.get("items").items().to_vec(),
            _ => vec![object],
        })
        .collect()
}

#[test]
fn leaves_alone_what_the_server_writes() {
    let (mut read, mut wrong) = (0, Vec::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    for group in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(cases) = serde_json::from_str::<Vec<Case>>(&std::fs::read_to_string(group).unwrap()) else {
            continue;
        };
        // These two print what kubectl made of a file.
        let is_local =
            |case: &Case| ["dry-run=client", "last-applied"].iter().any(|word| case.command.contains(word));
        for case in cases.iter().filter(|case| !is_local(case)) {
            for object in objects(&case.stdout) {
                let (api_version, kind) = (object.get("apiVersion").str(), object.get("kind").str());
                let Some(kind) = schema().kind(api_version, kind) else { continue };
                let written = decode(&object, kind).and_then(schema::Decoded::strict);
                if written.as_ref() != Ok(&object) {
                    wrong.push(format!("{}\n  server: {object:?}\n  saya:   {written:?}", case.id));
                }
                read += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(read > 30, "{read}");
}
