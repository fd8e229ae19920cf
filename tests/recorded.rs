//! What a real Kubernetes answered, case by case: `tests/recorded`, or the folder that `SAYA_RECORDED` names.
//!
//! A case is run as a script in a fresh cluster. What differs between two real clusters (addresses, ages, uids, random
//! suffixes) is folded on both sides; the rest must be equal, spacing of columns aside. Of a watched stream, the
//! order of different rows of each object counts, repeated rows as one. `floors.txt` beside the cases holds how many of
//! each group are right at least; it only rises, and what is not right is told by cause in `known.md`.
//!
//! What programs and name servers printed is judged by `names`; shells' own cases by tests/shell.rs.
//!
//! `RECORDED_ONLY=PREFIX` runs the cases whose id begins so, `RECORDED_SHOW=N` prints the first N differences of each group.

mod names;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fancy_regex::Regex;
use saya::api::schema::FieldDocs;
use saya::base::{Date, Value, json};
use saya::sim::{Answer, Input, Scenario, Script, Sim};

fn folder() -> PathBuf {
    std::env::var_os("SAYA_RECORDED").map_or_else(|| Path::new("tests/recorded").into(), PathBuf::from)
}

/// How many cases of each group are right, at least; nothing where the folder has no floors.
fn floors(folder: &Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(folder.join("floors.txt")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(group, floor)| (group.to_string(), floor.trim().parse().unwrap())).collect()
}

/// Clusters to begin cases in, and the shells at them.
struct Desks {
    one: (Sim, Script),
    two: (Sim, Script),
}

fn desk(scenario: &Scenario) -> (Sim, Script) {
    let mut sim = Sim::new(scenario).unwrap();
    let script = Script::new(&mut sim);
    (sim, script)
}

fn scenario(profile: &str) -> Scenario {
    Scenario { profile: profile.into(), ..Scenario::default() }
}

/// How long a recorded wait takes here; where it was for a condition, long enough for it.
fn seconds(wait: &str) -> f64 {
    wait.split_once(" s").and_then(|(number, _)| number.parse().ok()).unwrap_or(60.0)
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float(number) => number.0,
        other => other.int() as f64,
    }
}

fn put(sim: &mut Sim, files: &Value) {
    for (path, text) in files.entries() {
        sim.apply(&Input::Save { path: path.into(), text: text.str().into() });
    }
}

/// Does one thing of a setup, or one action during a stream.
fn carry_out(sim: &mut Sim, script: &mut Script, item: &Value) {
    put(sim, item.get("files"));
    let line = if let Some(command) = item.get("command").as_str() {
        command.to_string()
    } else if let Some(wait) = item.get("wait").as_str() {
        format!("sleep {}", seconds(wait))
    } else if let Some(node) = item.get("node-stops-answering").as_str() {
        format!("saya node stop {node}")
    } else if let Some(node) = item.get("node-answers-again").as_str() {
        format!("saya node start {node}")
    } else {
        panic!("neither a command nor a wait: {item:?}");
    };
    script.run(sim, &line);
}

fn answer(desks: &Desks, case: &Value) -> Answer {
    let command = case.get("command").str();
    if case.get("object").as_map().is_some() {
        let date = Date::parse_rfc3339(case.get("recorded_at").str()).unwrap();
        let (mut sim, mut script) = desk(&Scenario { date, ..scenario("minikube-1.36") });
        sim.import(&json::to_string(case.get("object"))).unwrap();
        return script.run(&mut sim, command);
    }
    let (mut sim, mut script) =
        if case.get("group").str() == "two-node" { &desks.two } else { &desks.one }.clone();
    for item in case.get("setup").items() {
        carry_out(&mut sim, &mut script, item);
    }
    put(&mut sim, case.get("files"));
    if !case.get("stream").bool() {
        return script.run(&mut sim, command);
    }
    let length = number(case.get("seconds"));
    script.run(&mut sim, &format!("timeout {length} {command} > .watched 2>&1 &"));
    let mut now = 0.0;
    for action in case.get("actions").items() {
        let at = number(action.get("t"));
        script.run(&mut sim, &format!("sleep {:.2}", (at - now).max(0.0)));
        now = at.max(now);
        carry_out(&mut sim, &mut script, action);
    }
    script.run(&mut sim, &format!("sleep {:.2}", (length - now).max(0.0) + 1.0));
    script.run(&mut sim, "cat .watched")
}

/// What a cluster printed, without what differs between two of them.
struct Folding(Vec<(Regex, &'static str)>);

impl Folding {
    fn new() -> Self {
        let rules: &[(&str, &str)] = &[
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME"),
            (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
            (r"\b[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", "LOG "),
            (r"\b(?!10\.96\.0\.(1|10)\b)(10|192\.168|172)(\.\d{1,3}){2,3}\b", "IP"),
            (r"(?<![\w.-])3[0-2]\d{3}(?=/TCP|/UDP|\b)", "NODEPORT"),
            (r"sha256:[0-9a-f]{64}", "DIGEST"),
            (r"(containerd|docker)://\S+", "CONTAINER"),
            (r"(?<=[-=])[bcdfghjklmnpqrstvwxz2456789]{8,10}(?![A-Za-z0-9.])", "HASH"),
            (r"(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}(?![A-Za-z0-9.-])", "RAND"),
            (r#"(resourceVersion: )"\d+""#, r#"$1"N""#),
            (r#"("resourceVersion": ?)"\d+""#, r#"$1"N""#),
            (r"\b\d+(\.\d+)?(ms|µs)\b", "AGE"),
            (r"(?<![\w-])(\d+y)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(?<=[ydhms])(?![\w.])", "AGE"),
            (r"<invalid>", "AGE"),
            (r"(?<=\S)[ \t]{2,}", "  "),
        ];
        Self(rules.iter().map(|(pattern, to)| (Regex::new(pattern).unwrap(), *to)).collect())
    }

    fn fold(&self, text: &str) -> String {
        let all = text.trim_end_matches('\n').to_string();
        let folded = self.0.iter().fold(all, |text, (pattern, to)| pattern.replace_all(&text, *to).into());
        folded.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Of a watched table: for each object the rows that it went through.
    fn histories(&self, text: &str) -> Vec<Vec<String>> {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in self.fold(text).split('\n') {
            let rows = seen.entry(line.split("  ").next().unwrap_or_default().into()).or_default();
            if rows.last().is_none_or(|last| last != line) {
                rows.push(line.into());
            }
        }
        let mut histories: Vec<_> = seen.into_values().collect();
        histories.sort();
        histories
    }

    fn are_the_same(&self, case: &Value, here: &Answer) -> bool {
        if case.get("stream").bool() {
            let lines = case.get("lines").items().iter().map(|row| row.get("line").str());
            return self.histories(&here.stdout) == self.histories(&lines.collect::<Vec<_>>().join("\n"));
        }
        let mine = (self.fold(&here.stdout), self.fold(&here.stderr));
        std::iter::once(case).chain(case.get("alternatives").items()).any(|real| {
            let text = |field| self.fold(real.get(field).str());
            real.get("exit_code").int() == i64::from(here.exit_code)
                && mine == (text("stdout"), text("stderr"))
        })
    }
}

/// Runs every case on as many threads as there are cores; true for what is right, in order.
fn judge(desks: &Desks, folding: &Folding, cases: &[&Value], show: usize) -> usize {
    let (next, shown, right) = (AtomicUsize::new(0), Mutex::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let here = answer(desks, case);
                    if folding.are_the_same(case, &here) {
                        right.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    let mut shown = shown.lock().unwrap();
                    if *shown < show {
                        *shown += 1;
                        let text = |field| case.get(field).str();
                        println!("=== {}\n$ {}", text("id"), text("command"));
                        println!("--- real (exit {})", case.get("exit_code").int());
                        println!("{}{}", text("stdout"), text("stderr"));
                        println!("--- here (exit {})\n{}{}", here.exit_code, here.stdout, here.stderr);
                    }
                }
            });
        }
    });
    right.into_inner()
}

#[test]
fn saya_answers_as_recorded() {
    let docs = include_str!(concat!(env!("OUT_DIR"), "/field-docs.json"));
    FieldDocs::install(docs);
    let folder = folder();
    let floors = floors(&folder);
    let only = std::env::var("RECORDED_ONLY").unwrap_or_default();
    let show = std::env::var("RECORDED_SHOW").map_or(0, |number| number.parse().unwrap());
    let folding = Folding::new();
    let desks = Desks { one: desk(&scenario("minikube-1.36")), two: desk(&scenario("minikube-two-node")) };
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    for path in paths {
        let all = json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // The cases of programs and of names lie in other shapes, and are judged by other tests.
        for case in all.items().iter().filter(|case| case.get("command").as_str().is_some()) {
            groups.entry(case.get("group").str().into()).or_default().push(case.clone());
        }
    }
    let mut below: Vec<String> = floors
        .keys()
        .filter(|group| !groups.contains_key(*group))
        .map(|group| format!("no cases of {group}"))
        .collect();
    for (group, cases) in &groups {
        let cases: Vec<&Value> =
            cases.iter().filter(|case| case.get("id").str().starts_with(&only)).collect();
        let right = judge(&desks, &folding, &cases, show);
        println!("{group}: {right} of {}", cases.len());
        let floor = floors.get(group).copied().unwrap_or(0);
        if only.is_empty() && right < floor {
            below.push(format!("{group}: {right} of {}, below {floor}", cases.len()));
        }
    }
    assert!(below.is_empty(), "{}", below.join("\n"));
}
