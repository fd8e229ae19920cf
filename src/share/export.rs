//! A log on its way out: manifests for a real cluster, and its commands as a script.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::base::SimTime;
use crate::cluster::{Profile, UnknownProfile};
use crate::sim::{Input, Log, Session};

/// The manifests among some files as one stream of YAML documents, each behind its file's name.
pub fn yaml_stream(files: &BTreeMap<String, String>) -> String {
    let is_manifest = |path: &str| [".yml", ".yaml", ".json"].iter().any(|end| path.ends_with(end));
    let mut out = String::new();
    for (path, text) in files.iter().filter(|(path, text)| is_manifest(path) && !text.trim().is_empty()) {
        let begins = text.trim_start().starts_with("---");
        let _ = write!(out, "# {path}\n{}{}", if begins { "" } else { "---\n" }, text.trim_start());
        if !text.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// A line that was typed at a shell's prompt, and what became of it.
struct Typed {
    terminal: u32,
    at: SimTime,
    line: String,
    /// What was typed to the programs that it started.
    inner: String,
    /// When the next prompt was there, or Ctrl-C was pressed; none where it goes on.
    ended: Option<SimTime>,
    interrupted: bool,
}

/// Something that a script does.
enum Deed {
    Save(SimTime, String, String),
    Remove(SimTime, String),
    Type(Typed),
}

impl Deed {
    fn at(&self) -> SimTime {
        match self {
            Self::Save(at, ..) | Self::Remove(at, _) => *at,
            Self::Type(typed) => typed.at,
        }
    }
}

/// What was done, as a shell did it: the log is played to tell commands from what was typed to programs.
fn deeds(log: &Log) -> Result<Vec<Deed>, UnknownProfile> {
    let mut session = Session::open(log.clone())?;
    let mut deeds = Vec::new();
    // The command that runs in each terminal.
    let mut running: BTreeMap<u32, Typed> = BTreeMap::new();
    for (at, input) in &log.inputs {
        // Up to the moment before, looking which commands have ended by then.
        while let Some(next) = session.next_at().filter(|next| next < at) {
            session.advance(next);
            end(&session, &mut running, &mut deeds, next);
        }
        let now = session.sim().now();
        end(&session, &mut running, &mut deeds, now);
        match input {
            Input::Type { terminal, text } => {
                for line in text.split_inclusive('\n') {
                    let free =
                        session.sim().host().is_at_prompt(*terminal) && !running.contains_key(terminal);
                    let interrupts = line.contains('\u{3}');
                    match running.get_mut(terminal) {
                        _ if free && interrupts => {}
                        _ if free => {
                            let line = line.trim_end_matches('\n').to_string();
                            if !line.trim().is_empty() {
                                let typed = Typed {
                                    terminal: *terminal,
                                    at: *at,
                                    line,
                                    inner: String::new(),
                                    ended: None,
                                    interrupted: false,
                                };
                                running.insert(*terminal, typed);
                            }
                        }
                        Some(typed) if interrupts => {
                            typed.interrupted = true;
                            typed.ended = Some(*at);
                        }
                        Some(typed) => typed.inner.push_str(&line.replace('\u{4}', "")),
                        None => {}
                    }
                }
                if let Some(done) = running
                    .get(terminal)
                    .is_some_and(|typed| typed.interrupted)
                    .then(|| running.remove(terminal))
                    .flatten()
                {
                    deeds.push(Deed::Type(done));
                }
            }
            Input::Close { terminal } => {
                if let Some(mut typed) = running.remove(terminal) {
                    (typed.ended, typed.interrupted) = (Some(*at), true);
                    deeds.push(Deed::Type(typed));
                }
            }
            Input::Save { path, text } => deeds.push(Deed::Save(*at, path.clone(), text.clone())),
            Input::Remove { path } => deeds.push(Deed::Remove(*at, path.clone())),
            Input::Open { .. } | Input::Import { .. } => {}
        }
        session.seek(*at);
    }
    // What still runs is given a minute.
    let last = SimTime(session.sim().now().0 + 60_000_000);
    while let Some(next) = session.next_at().filter(|next| *next <= last && !running.is_empty()) {
        session.advance(next);
        end(&session, &mut running, &mut deeds, next);
    }
    deeds.extend(running.into_values().map(Deed::Type));
    deeds.sort_by_key(Deed::at);
    Ok(deeds)
}

/// Takes out what has ended.
fn end(session: &Session, running: &mut BTreeMap<u32, Typed>, deeds: &mut Vec<Deed>, now: SimTime) {
    let free = |terminal: &u32| session.sim().host().is_at_prompt(*terminal);
    let done: Vec<u32> = running.keys().copied().filter(free).collect();
    for terminal in done {
        if let Some(mut typed) = running.remove(&terminal) {
            typed.ended = Some(now);
            deeds.push(Deed::Type(typed));
        }
    }
}

/// A text in single quotes for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Writes a file by a shell's means.
fn write_file(out: &mut String, path: &str, text: &str) {
    if let Some((folder, _)) = path.rsplit_once('/') {
        let _ = writeln!(out, "mkdir -p {}", quoted(folder));
    }
    let path = quoted(path);
    if !text.ends_with('\n') {
        let _ = writeln!(out, "printf %s {} > {path}", quoted(text));
        return;
    }
    let mut mark = String::from("EOF");
    while text.lines().any(|line| line == mark) {
        mark.push('_');
    }
    let _ = writeln!(out, "cat > {path} <<'{mark}'\n{text}{mark}");
}

/// The commands of a log, with the time between them.
fn commands(log: &Log) -> Result<String, UnknownProfile> {
    let deeds = deeds(log)?;
    let mut out = String::new();
    let mut now = SimTime::ZERO;
    for (number, deed) in deeds.iter().enumerate() {
        let pause = deed.at().0.saturating_sub(now.0) / 1_000_000;
        if pause > 0 && now > SimTime::ZERO {
            let _ = writeln!(out, "sleep {pause}");
        }
        now = now.max(deed.at());
        match deed {
            Deed::Save(_, path, text) => write_file(&mut out, path, text),
            Deed::Remove(_, path) => {
                let _ = writeln!(out, "rm -f {}", quoted(path));
            }
            Deed::Type(typed) => {
                // Others are typed while it runs: it runs beside them.
                let beside = deeds[number + 1..].iter().any(|other| {
                    matches!(other, Deed::Type(other) if other.terminal != typed.terminal && typed.ended.is_none_or(|end| other.at < end))
                });
                let seconds = |end: SimTime| (end.0.saturating_sub(typed.at.0) / 1_000_000).max(1);
                let mut line = typed.line.clone();
                if typed.interrupted || typed.ended.is_none() {
                    let most = typed.ended.map_or(60, seconds);
                    let simple = !line.contains(['|', '&', ';', '<', '>', '(', '`', '=']);
                    let what = if simple { line } else { format!("bash -c {}", quoted(&line)) };
                    line = format!("timeout {most} {what}");
                } else if !beside {
                    now = typed.ended.unwrap_or(now);
                }
                if !typed.inner.is_empty() {
                    let mut mark = String::from("END");
                    while typed.inner.lines().any(|inner| inner == mark) {
                        mark.push('_');
                    }
                    let end = if typed.inner.ends_with('\n') { "" } else { "\n" };
                    line = format!("{line} <<'{mark}'\n{}{end}{mark}", typed.inner);
                }
                let _ = writeln!(out, "{line}{}", if beside { " &" } else { "" });
                if !beside && (typed.interrupted || typed.ended.is_none()) {
                    now = typed.ended.unwrap_or(now);
                }
            }
        }
    }
    Ok(out)
}

/// A log as a script for `saya run`: it writes the files and types the commands.
///
/// # Errors
/// Where its profile is not known.
pub fn run_script(log: &Log) -> Result<String, UnknownProfile> {
    let mut out =
        format!("# saya run --profile {} --seed {} THIS-FILE\n", log.scenario.profile, log.scenario.seed);
    for (path, text) in &log.scenario.files {
        write_file(&mut out, path, text);
    }
    out.push_str(&commands(log)?);
    Ok(out)
}

/// What plays a log on a real cluster of `kind`: the cluster's configuration, a script, and the files beside it.
///
/// # Errors
/// Where its profile is not known.
pub fn for_kind(log: &Log) -> Result<Vec<(String, String)>, UnknownProfile> {
    let profile = Profile::named(&log.scenario.profile)?;
    let mut config = String::from("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n");
    let mut machines = String::new();
    let mut workers = 0;
    for (number, node) in profile.nodes.iter().enumerate() {
        let role = if number == 0 { "control-plane" } else { "worker" };
        let _ = writeln!(config, "- role: {role}");
        // kind calls its machines CLUSTER-control-plane, CLUSTER-worker, CLUSTER-worker2 …
        let machine = match (number, workers) {
            (0, _) => "saya-control-plane".to_string(),
            (_, 0) => "saya-worker".to_string(),
            _ => format!("saya-worker{}", workers + 1),
        };
        workers += u32::from(number > 0);
        let _ = writeln!(machines, "    {}) echo {machine} ;;", node.name);
    }
    let mut script = format!(
        "#!/usr/bin/env bash\n\
         # Plays the scenario on a real cluster: needs docker, kind and kubectl. `kind delete cluster --name saya` ends it.\n\
         # Machines: what is called NAME in Saya is what `machine NAME` prints.\n\
         cd \"$(dirname \"$0\")\" || exit 1\n\
         kind create cluster --name saya --config kind.yaml --wait 120s || exit 1\n\
         kubectl config use-context kind-saya\n\
         machine() {{\n  case $1 in\n{machines}    *) echo \"$1\" ;;\n  esac\n}}\n\
         saya() {{ docker \"$2\" \"$(machine \"$3\")\"; }} # saya node stop|start NAME\n\
         cd files || exit 1\nset -x\n"
    );
    script.push_str(&commands(log)?);
    script.push_str("wait\n");
    let mut files = vec![("kind.yaml".to_string(), config), ("play.sh".to_string(), script)];
    files.push(("files/.keep".to_string(), String::new()));
    files.extend(log.scenario.files.iter().map(|(path, text)| (format!("files/{path}"), text.clone())));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Scenario, Script, Sim};

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: busybox:1.36\n    command: [sleep, infinity]\n";

    fn typed(log: &mut Log, at: u64, terminal: u32, text: &str) {
        log.push(SimTime::from_millis(at), Input::Type { terminal, text: text.into() });
    }

    fn story() -> Log {
        let mut log = Log::default();
        log.scenario.files =
            [("a.yml".to_string(), POD.to_string()), ("no end".into(), "it's".into())].into();
        typed(&mut log, 1_000, 1, "kubectl apply -f a.yml\n");
        log.push(SimTime::from_millis(1_500), Input::Open { terminal: 2 });
        typed(&mut log, 2_000, 2, "kubectl get pods -w\n");
        typed(&mut log, 9_000, 1, "kubectl exec -it a -- sh\n");
        typed(&mut log, 10_000, 1, "hostname\n");
        typed(&mut log, 11_000, 1, "exit\n");
        typed(&mut log, 12_000, 2, "\u{3}");
        log.push(
            SimTime::from_millis(13_000),
            Input::Save { path: "d/b.yml".into(), text: POD.replace(": a", ": b") },
        );
        typed(&mut log, 14_000, 1, "kubectl apply -f d; kubectl get pods\n");
        log
    }

    #[test]
    fn a_script_does_what_the_log_does() {
        let log = story();
        let script = run_script(&log).unwrap();
        assert!(script.contains("timeout 10 kubectl get pods -w &\n"), "{script}");
        assert!(script.contains("kubectl exec -it a -- sh <<'END'\nhostname\nexit\nEND\n"), "{script}");
        assert!(script.contains("mkdir -p 'd'\ncat > 'd/b.yml' <<'EOF'\n"), "{script}");
        assert!(script.contains("printf %s 'it'\\''s' > 'no end'\n"), "{script}");
        let scenario = Scenario { profile: log.scenario.profile.clone(), ..Scenario::default() };
        let mut sim = Sim::new(&scenario).unwrap();
        let mut shell = Script::new(&mut sim);
        let mut printed = String::new();
        for command in Script::commands(&script) {
            let answer = shell.run(&mut sim, &command);
            printed.push_str(&answer.stdout);
            printed.push_str(&answer.stderr);
        }
        assert!(printed.contains("pod/a created\n"), "{printed}");
        assert!(printed.contains("\na\n"), "hostname: {printed}");
        assert!(printed.contains("pod/b created\n"), "{printed}");
        assert_eq!(sim.host().file("no end").as_deref(), Some("it's"));
        assert_eq!(sim.host().file("d/b.yml"), Some(POD.replace(": a", ": b")));
    }

    #[test]
    fn kind_has_the_same_machines() {
        let mut log = story();
        log.scenario.profile = "minikube-two-node".into();
        let files = for_kind(&log).unwrap();
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["kind.yaml", "play.sh", "files/.keep", "files/a.yml", "files/no end"]);
        assert!(files[0].1.ends_with("nodes:\n- role: control-plane\n- role: worker\n"));
        assert!(files[1].1.contains("minikube-m02) echo saya-worker ;;"), "{}", files[1].1);
    }

    #[test]
    fn manifests_are_one_stream() {
        let files =
            [("a.yml", "kind: A"), ("b.yaml", "---\nkind: B\n"), ("notes.txt", "x"), ("empty.yml", "\n")];
        let files = files.map(|(path, text)| (path.to_string(), text.to_string())).into();
        assert_eq!(yaml_stream(&files), "# a.yml\n---\nkind: A\n# b.yaml\n---\nkind: B\n");
    }
}
