//! What connections come to, as sessions at the learner's terminal: `tests/network/*.txt`, each with the profile in its first
//! line and its manifests in the `.yaml` of the same name. UPDATE=1 writes what is printed now, to be read before it is kept.

use std::fs;

use regex_lite::Regex;
use saya::sim::{Input, Scenario, Script, Sim};

/// Addresses, ages and random names differ when something else is changed; they do not count.
fn fold(text: &str) -> String {
    const FOLDS: &[(&str, &str)] = &[
        (r"\b10\.(96|97|98|99|1[01]\d)\.\d+\.\d+\b", "CLUSTER-IP"),
        (r"\b10\.(244|1)\.(\d+)\.\d+\b", "POD-IP-$2"),
        (r":3[0-2]\d{3}\b", ":NODEPORT"),
        (r"\bE\d{4} [\d:.]+ +\d+ ", "LOG "),
        (r"[0-9a-f]{64}", "SANDBOX"),
        (r"cni-[0-9a-f-]{36}", "cni-ID"),
        (r"-[0-9a-z]{9,10}-[0-9a-z]{5}\b", "-HASH-RAND"),
        (r"\b\d+(\.\d+)? ?ms\b", "TIME"),
        (r"\bpid(=|: )\d+", "pid$1PID"),
        (r"\b\d+s\b", "AGE"),
        (r" +", " "),
        (r"-{3,}", "---"),
    ];
    let all = text.to_string();
    FOLDS.iter().fold(all, |text, (pattern, to)| Regex::new(pattern).unwrap().replace_all(&text, *to).into())
}

#[test]
fn sessions_go_as_recorded() {
    let mut paths: Vec<_> =
        fs::read_dir("tests/network").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(paths.len() >= 4);
    let mut wrong = String::new();
    for path in paths {
        let wanted = fs::read_to_string(&path).unwrap();
        let (first, rest) = wanted.split_once('\n').unwrap();
        let profile = first.strip_prefix("# ").unwrap();
        let mut sim = Sim::new(&Scenario { profile: profile.into(), ..Scenario::default() }).unwrap();
        let mut script = Script::new(&mut sim);
        let manifest = fs::read_to_string(path.with_extension("yaml")).unwrap();
        sim.apply(&Input::Save { path: "a.yaml".into(), text: manifest });
        let mut printed = format!("{first}\n");
        for line in rest.lines() {
            if line.starts_with('#') {
                printed += &format!("{line}\n");
            }
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let answer = script.run(&mut sim, command);
            printed += &format!("$ {command}\n{}{}", answer.stdout, answer.stderr);
            if !printed.ends_with('\n') {
                printed.push('\n');
            }
            if answer.exit_code != 0 {
                printed += &format!("[{}]\n", answer.exit_code);
            }
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &printed).unwrap();
        } else if fold(&printed) != fold(&wanted) {
            let (printed, wanted) = (fold(&printed), fold(&wanted));
            let line = printed.lines().zip(wanted.lines()).find(|(printed, wanted)| printed != wanted);
            wrong += &format!("{}: {line:?}\n{printed}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
