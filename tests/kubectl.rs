//! kubectl against what a real one printed: the cases of `tests/recorded` whose commands are kubectl alone, run in a
//! cluster of the same profile.
//!
//! `KUBECTL_SHOW=N` prints the first N differences, `KUBECTL_ONLY=PREFIX` runs the cases whose id begins so.

use std::collections::BTreeMap;
use std::time::Duration;

use fancy_regex::Regex;
use saya::base::{Date, SimTime, Value, json};
use saya::cluster::{Cluster, Profile};
use saya::kubectl::{Io, Kubectl, Stdin, Step, kubeconfig, printer};

/// How many cases of each group are right, at least.
const FLOORS: &[(&str, usize)] = &[
    ("apply-merge", 0),
    ("apply-ok", 0),
    ("controllers", 0),
    ("get-describe", 0),
    ("query", 0),
    ("verbs", 0),
    ("apply-bad", 0),
    ("apply-bad-nested", 0),
    ("typos", 0),
    ("yaml-edge", 0),
    ("defaults", 0),
    ("two-node", 0),
];

/// A host with files and nothing else.
#[derive(Clone, Default)]
struct Host {
    files: BTreeMap<String, Vec<u8>>,
    out: String,
    err: String,
    now: SimTime,
}

impl Host {
    fn absolute(path: &str) -> String {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        match path {
            "." => String::new(),
            path => path.to_string(),
        }
    }
}

impl Io for Host {
    fn now(&self) -> SimTime {
        self.now
    }
    fn out(&mut self, text: &str) {
        self.out.push_str(text);
    }
    fn err(&mut self, text: &str) {
        self.err.push_str(text);
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        self.files.get(&Self::absolute(path)).cloned().ok_or_else(|| "no such file or directory".into())
    }
    fn write_file(&mut self, path: &str, contents: &[u8]) -> Result<(), String> {
        self.files.insert(Self::absolute(path), contents.to_vec());
        Ok(())
    }
    fn list_dir(&self, path: &str) -> Result<Vec<String>, String> {
        let mut folder = Self::absolute(path);
        if !folder.is_empty() {
            folder.push('/');
        }
        let below = self.files.keys().filter_map(|file| file.strip_prefix(&folder));
        let mut names: Vec<String> = below.map(|rest| rest.split('/').next().unwrap().to_string()).collect();
        names.dedup();
        Ok(names)
    }
    fn is_dir(&self, path: &str) -> bool {
        let folder = Self::absolute(path) + "/";
        folder == "/" || self.files.keys().any(|file| file.starts_with(&folder))
    }
    fn exists(&self, path: &str) -> bool {
        self.is_dir(path) || self.files.contains_key(&Self::absolute(path))
    }
    fn stdin(&mut self) -> Stdin {
        Stdin::All(Vec::new())
    }
    fn stdin_is_terminal(&self) -> bool {
        false
    }
    fn is_terminal(&self) -> bool {
        false
    }
    fn env(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/user".into())
    }
}

/// Words of a command line; none where it is more than one plain command.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut open) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (Some('\''), '\'') | (Some('"'), '"') => open = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (Some('"'), '\\') => {
                let next = chars.next()?;
                let escaped = matches!(next, '"' | '\\' | '$' | '`');
                let word = word.get_or_insert_default();
                if !escaped {
                    word.push('\\');
                }
                word.push(next);
            }
            (Some('"'), '$' | '`') => return None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                open = Some(c);
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '\n' | '*' | '?') => return None,
            (None, '#') if word.is_none() => break,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (open.is_none() && words.first().is_some_and(|first| first == "kubectl")).then(|| words.split_off(1))
}

/// A cluster and a host to type at.
#[derive(Clone)]
struct Desk {
    cluster: Cluster,
    host: Host,
}

/// A command may take no longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

impl Desk {
    fn new(profile: &str) -> Self {
        let profile = Profile::named(profile).unwrap();
        let mut host = Host::default();
        let config = kubeconfig::initial(&profile.context, &profile.server);
        host.write_file("/home/user/.kube/config", printer::yaml(&config).as_bytes()).unwrap();
        let date = Date::from_civil(2026, 11, 20, 22, 10, 0).unwrap();
        Self { cluster: Cluster::new(profile, date, 7), host }
    }

    fn put(&mut self, files: &Value) {
        for (name, text) in files.entries() {
            self.host.write_file(name, text.str().as_bytes()).unwrap();
        }
    }

    fn pass(&mut self, time: Duration) {
        self.cluster.run_until(self.cluster.now() + time);
    }

    /// Runs a command to its end; none where it hands over to something else.
    fn run(&mut self, argv: &[String]) -> Option<u8> {
        let deadline = self.cluster.now() + PATIENCE;
        let mut kubectl = Kubectl::new(argv);
        loop {
            self.host.now = self.cluster.now();
            match kubectl.step(&mut self.host, &mut self.cluster) {
                Step::Done(code) => {
                    self.cluster.tell_of_changes();
                    return Some(code);
                }
                Step::Wait { until, cluster } => {
                    self.cluster.tell_of_changes();
                    let next =
                        [until, self.cluster.next_at().filter(|_| cluster)].into_iter().flatten().min()?;
                    if next > deadline {
                        return None;
                    }
                    let revision = self.cluster.api.store().revision();
                    while self.cluster.next_at().is_some_and(|at| at <= next)
                        && self.cluster.api.store().revision() == revision
                    {
                        self.cluster.step();
                    }
                    if self.cluster.api.store().revision() == revision {
                        self.cluster.run_until(next);
                    }
                }
                _ => return None,
            }
        }
    }
}

/// What a real cluster printed, or this one, without what differs between two of them.
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
        let folded = self
            .0
            .iter()
            .fold(text.to_string(), |text, (pattern, to)| pattern.replace_all(&text, *to).into());
        let lines: Vec<&str> = folded.trim_end_matches('\n').split('\n').map(str::trim_end).collect();
        lines.join("\n")
    }
}

/// How long a recorded wait takes here.
fn seconds(wait: &str) -> f64 {
    wait.split_once(" s").and_then(|(number, _)| number.parse().ok()).unwrap_or(60.0)
}

/// Runs a case; none where it needs more than kubectl.
fn answer(case: &Value, mut desk: Desk) -> Option<(u8, String, String)> {
    for item in case.get("setup").items() {
        desk.put(item.get("files"));
        if let Some(wait) = item.get("wait").as_str() {
            desk.pass(Duration::from_secs_f64(seconds(wait)));
        } else if let Some(command) = item.get("command").as_str() {
            desk.run(&words(command)?);
        } else {
            return None;
        }
        desk.pass(Duration::from_millis(50));
    }
    desk.put(case.get("files"));
    (desk.host.out, desk.host.err) = (String::new(), String::new());
    let code = desk.run(&words(case.get("command").str())?)?;
    Some((code, desk.host.out, desk.host.err))
}

#[test]
fn kubectl_answers_as_recorded() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    let (mut show, only) = (number("KUBECTL_SHOW"), std::env::var("KUBECTL_ONLY").unwrap_or_default());
    let folding = Folding::new();
    let (one, two) = (Desk::new("minikube-1.36"), Desk::new("minikube-two-node"));
    let mut below = Vec::new();
    for (group, floor) in FLOORS {
        let path = format!("{}/tests/recorded/{group}.json", env!("CARGO_MANIFEST_DIR"));
        let all = json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (mut right, mut run) = (0, 0);
        for case in all.items() {
            let id = case.get("id").str();
            if !id.starts_with(&only) || case.get("stream").bool() {
                continue;
            }
            let desk = if *group == "two-node" { &two } else { &one };
            let Some((code, out, err)) = answer(case, desk.clone()) else { continue };
            run += 1;
            let mine = (i64::from(code), folding.fold(&out), folding.fold(&err));
            let real = |case: &Value| {
                let text = |field| folding.fold(case.get(field).str());
                (case.get("exit_code").int(), text("stdout"), text("stderr"))
            };
            let good = real(case) == mine || case.get("alternatives").items().iter().any(|a| real(a) == mine);
            right += usize::from(good);
            if !good && show > 0 {
                show -= 1;
                println!("=== {id}\n$ {}", case.get("command").str());
                println!(
                    "--- real (exit {})\n{}{}",
                    case.get("exit_code").int(),
                    case.get("stdout").str(),
                    case.get("stderr").str()
                );
                println!("--- here (exit {code})\n{out}{err}");
            }
        }
        println!("{group}: {right} of {run} ({} in all)", all.items().len());
        if only.is_empty() && right < *floor {
            below.push(format!("{group}: {right} of {run}, below {floor}"));
        }
    }
    assert!(below.is_empty(), "{}", below.join("\n"));
}
