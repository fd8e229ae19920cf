//! A manifest compared with what it describes: with the live object, as `kubectl diff` does, with what was applied last, or
//! with another file.

use crate::api::{Kind, ObjectKey};
use crate::base::{Value, json, yaml};
use crate::kubectl::{LAST_APPLIED, marked};

use super::Sim;
use super::reading::Reading;

/// What a manifest is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The objects of the cluster.
    Live,
    /// What was applied last.
    LastApplied,
    /// Another text.
    Text(String),
}

/// A line of a comparison, with `+`, `-`, a space, or `@` for what is none of either.
pub type Line = (char, String);

/// The object that a manifest describes.
pub fn object_of(value: &Value) -> Option<ObjectKey> {
    let kind = Kind::from_word(value.get("kind").str())?;
    let name = value.at(&["metadata", "name"]).str();
    let namespace = match (kind.names().namespaced, value.at(&["metadata", "namespace"]).str()) {
        (false, _) => "",
        (true, "") => "default",
        (true, namespace) => namespace,
    };
    (!name.is_empty()).then(|| ObjectKey::new(kind, namespace, name))
}

/// What applying a manifest would change, or what has changed in it since. Nothing where nothing differs.
pub fn compare(sim: &Sim, text: &str, against: &Against, reading: &mut Reading) -> Vec<Line> {
    let (documents, error) = match against {
        Against::Text(_) => Default::default(),
        _ => reading.read(text),
    };
    let lines = match against {
        Against::Live => {
            let mut printed = String::new();
            for placed in &documents {
                let input = || json::to_string(&placed.document.value);
                let reply = reading.ask(sim, "diff -f -", placed, input);
                printed.push_str(&reply.out);
                printed.push_str(if reply.code > 1 { &reply.err } else { "" });
            }
            if let Some(error) = error {
                printed.push_str(&format!("error: error parsing STDIN: {}\n", error.message));
            }
            let mark = |line: &str| match line.chars().next() {
                Some(mark @ ('+' | '-' | ' ')) if !line.starts_with("+++") && !line.starts_with("---") => {
                    (mark, line[1..].to_string())
                }
                _ => ('@', line.to_string()),
            };
            printed
                .lines()
                .filter(|line| !line.starts_with("+++") && !line.starts_with("---"))
                .map(mark)
                .collect()
        }
        Against::LastApplied => {
            documents.iter().flat_map(|placed| since_applied(sim, &placed.document.value)).collect()
        }
        Against::Text(other) => marked(other, text),
    };
    if lines.iter().all(|(mark, _)| *mark == ' ') { Vec::new() } else { lines }
}

fn since_applied(sim: &Sim, value: &Value) -> Vec<Line> {
    let Some(key) = object_of(value) else { return Vec::new() };
    let live = sim.cluster().api.get(&key);
    let mut applied =
        live.and_then(|live| json::from_str(live.annotation(LAST_APPLIED).str()).ok()).unwrap_or_default();
    // What apply adds by itself.
    if value.at(&["metadata", "namespace"]).is_null() && !applied.is_null() {
        applied.entry("metadata").remove("namespace");
    }
    let annotations = applied.at(&["metadata", "annotations"]);
    if !annotations.is_null() && annotations.is_empty() {
        applied.entry("metadata").remove("annotations");
    }
    let text = |value: &Value| if value.is_null() { String::new() } else { yaml::to_string(value) };
    let mut lines = vec![('@', format!("{} {}", key.kind.names().kind, key.name))];
    lines.extend(marked(&text(&applied), &text(value)));
    if lines[1..].iter().all(|(mark, _)| *mark == ' ') { Vec::new() } else { lines }
}

/// The text of a live object, each line with true where a person wrote it and false where the server added it.
pub fn live(sim: &Sim, key: &ObjectKey, text: &str) -> Vec<(bool, String)> {
    let object = sim.cluster().api.get(key);
    let applied = object.and_then(|object| json::from_str(object.annotation(LAST_APPLIED).str()).ok());
    let Some(applied) = applied else { return text.lines().map(|line| (true, line.to_string())).collect() };
    let lines = marked(&yaml::to_string(&applied), text);
    lines.into_iter().filter(|(mark, _)| *mark != '-').map(|(mark, line)| (mark == ' ', line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SimTime;
    use crate::sim::{Input, Scenario};

    #[test]
    fn a_manifest_is_compared_with_what_is_there() {
        let service = include_str!("../../static/story/svc-mysql.yml");
        let files = [("svc-mysql.yml".to_string(), service.to_string())].into();
        let mut sim = Sim::new(&Scenario { files, ..Scenario::default() }).unwrap();
        let mut reading = Reading::default();
        assert!(compare(&sim, service, &Against::Live, &mut reading).iter().any(|(mark, _)| *mark == '+'));
        sim.apply(&Input::Type { terminal: 1, text: "kubectl apply -f svc-mysql.yml\n".into() });
        sim.run_until(SimTime::from_secs(5));
        for against in [Against::Live, Against::LastApplied, Against::Text(service.into())] {
            assert_eq!(compare(&sim, service, &against, &mut reading), [], "{against:?}");
            let other = service.replace("port: 3306", "port: 3307");
            let lines = compare(&sim, &other, &against, &mut reading);
            let has =
                |mark: char, words: &str| lines.iter().any(|line| line.0 == mark && line.1.contains(words));
            assert!(has('-', "port: 3306") && has('+', "port: 3307"), "{against:?}: {lines:?}");
        }
        let key = ObjectKey::new(Kind::Service, "default", "mysql");
        let text = super::super::ask::ask(&sim, &["get", "service/mysql", "-o", "yaml"]).out;
        let lines = live(&sim, &key, &text);
        let own = |words: &str| lines.iter().find(|(_, line)| line.contains(words)).map(|(own, _)| *own);
        assert_eq!((own("  name: mysql"), own("clusterIP:")), (Some(true), Some(false)));
    }

    #[test]
    fn what_was_edited_is_taken_when_the_file_goes() {
        let service = include_str!("../../static/story/svc-mysql.yml");
        let files = [("svc-mysql.yml".to_string(), service.to_string())].into();
        let mut sim = Sim::new(&Scenario { files, ..Scenario::default() }).unwrap();
        for line in ["kubectl apply -f svc-mysql.yml", "kubectl edit service mysql"] {
            sim.apply(&Input::Type { terminal: 1, text: format!("{line}\n") });
            sim.run_until(SimTime(sim.now().0 + 3_000_000));
        }
        let path =
            sim.host().files().into_iter().find(|path| path.starts_with("kubectl-edit-")).expect("a file");
        let text = sim.host().file(&path).expect("its text");
        assert!(text.starts_with("# Please edit the object below."), "{text}");
        sim.apply(&Input::Save { path: path.clone(), text: text.replace("port: 3306", "port: 3310") });
        sim.run_until(SimTime(sim.now().0 + 1_000_000));
        sim.apply(&Input::Remove { path });
        sim.run_until(SimTime(sim.now().0 + 1_000_000));
        assert!(super::super::ask::ask(&sim, &["get", "service", "mysql"]).out.contains("3310/TCP"));
    }
}
