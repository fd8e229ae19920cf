//! Texts that a real kubectl read and printed, as `tests/recorded` holds them.

use std::fs;

use saya::base::{Value, json, yaml};

fn recorded(group: &str) -> Vec<Value> {
    let path = format!("{}/tests/recorded/{group}.json", env!("CARGO_MANIFEST_DIR"));
    let cases = json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(!cases.items().is_empty(), "{path}");
    cases.items().to_vec()
}

/// The one file that a command reads, and its text.
fn file(case: &Value) -> Option<(&str, &str)> {
    let words = || case.get("command").str().split_whitespace();
    let mut files = words().zip(words().skip(1)).filter(|(flag, _)| *flag == "-f").map(|(_, name)| name);
    let (Some(name), None) = (files.next(), files.next()) else { return None };
    let text = case.get("files").get(name).as_str()?;
    let reads = words().nth(1).is_some_and(|verb| ["apply", "create"].contains(&verb));
    (reads && !case.get("command").str().contains(['|', ';', '&'])).then_some((name, text))
}

/// What kubectl could not parse we can't, in its words; what it could, we can.
#[test]
fn problems_in_kubectls_words() {
    let (mut fine, mut faulty) = (0, 0);
    for case in ["yaml-edge", "apply-bad", "apply-bad-nested", "typos"].into_iter().flat_map(recorded) {
        let Some((name, text)) = file(&case) else { continue };
        let found = yaml::read_stream(text.as_bytes()).find_map(Result::err);
        let found = found.map(|error| format!("error: error parsing {name}: {error}\n"));
        let stderr = case.get("stderr").str();
        let expected = stderr.starts_with("error: error parsing").then_some(stderr);
        assert_eq!(found.as_deref(), expected, "{}\n{text}", case.get("id").str());
        *(if expected.is_some() { &mut faulty } else { &mut fine }) += 1;
    }
    assert!(fine > 400 && faulty > 150, "{fine} {faulty}");
}

/// `-o json` of what was read, with the namespace that kubectl adds.
#[test]
fn values_as_json() {
    let mut count = 0;
    for case in recorded("yaml-edge") {
        let Some((_, text)) = file(&case) else { continue };
        if !case.get("command").str().ends_with("--dry-run=client -o json")
            || case.get("exit_code").int() != 0
        {
            continue;
        }
        let documents: Vec<_> =
            yaml::read_stream(text.as_bytes()).map(|document| document.unwrap()).collect();
        let mut value = documents[0].value.clone();
        value.set_at(&["metadata", "namespace"], "default");
        let printed = json::to_string_pretty(&value, 4) + "\n";
        assert_eq!(printed, case.get("stdout").str(), "{}\n{text}", case.get("id").str());
        count += 1;
    }
    assert!(count > 50, "{count}");
}

/// Whatever kubectl printed as YAML is written back as it was; as JSON too.
#[test]
fn printed_again() {
    let groups =
        ["yaml-edge", "apply-ok", "defaults", "get-describe", "controllers", "verbs", "apply-merge", "query"];
    let (mut as_yaml, mut as_json) = (0, 0);
    for case in groups.into_iter().flat_map(recorded) {
        let (command, stdout) = (case.get("command").str(), case.get("stdout").str());
        let prints = |form: &str| {
            let flags = [format!("-o {form}"), format!("-o={form}"), format!("-o{form}")];
            let end = |flag: &String| {
                command
                    .split_once(flag.as_str())
                    .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(' '))
            };
            flags.iter().any(end) && !stdout.is_empty() && !command.contains('|')
        };
        if prints("yaml") {
            let read = yaml::read_stream(stdout.as_bytes()).map(|document| document.unwrap());
            let written: Vec<_> = read.map(|document| yaml::to_string(&document.value)).collect();
            assert_eq!(written.join("---\n"), stdout, "{}", case.get("id").str());
            as_yaml += 1;
        }
        if prints("json") {
            let read = json::read_value(stdout.as_bytes(), 0).unwrap().unwrap().0;
            assert_eq!(json::to_string_pretty(&read, 4) + "\n", stdout, "{}", case.get("id").str());
            as_json += 1;
        }
    }
    assert!(as_yaml > 60 && as_json > 60, "{as_yaml} {as_json}");
}
