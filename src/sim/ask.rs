//! kubectl asked on the side: what it would answer now, without anything being done or logged.

use crate::api::{Kind, ObjectKey};
use crate::base::{SimTime, digest_of};
use crate::cluster::Cluster;
use crate::kubectl::{Dialed, Io, Kubectl, LogSource, Stdin, Step};

use super::{HOME, Host, Sim};

/// What kubectl said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Its exit status.
    pub code: u8,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

impl Reply {
    /// What was printed, or else why nothing was.
    pub fn text(&self) -> &str {
        if self.out.is_empty() { &self.err } else { &self.out }
    }
}

/// Runs kubectl with `words` on a copy of the cluster, whose changes are dropped. It is given no time: what would wait
/// or be handed a terminal ends there, except logs, which are read as they are.
pub fn ask(sim: &Sim, words: &[&str]) -> Reply {
    run(sim, words, None)
}

/// The same with something on standard input (`-f -`).
pub fn ask_with_input(sim: &Sim, words: &[&str], input: &str) -> Reply {
    run(sim, words, Some(input))
}

fn run(sim: &Sim, words: &[&str], input: Option<&str>) -> Reply {
    let mut cluster = sim.cluster().clone();
    let words: Vec<String> = words.iter().map(|word| word.to_string()).collect();
    let mut kubectl = Kubectl::new(&words);
    let mut io = Aside { host: sim.host(), now: cluster.now(), input, reply: Reply::default() };
    match kubectl.step(&mut io, &mut cluster.api) {
        Step::Done(code) => io.reply.code = code,
        Step::Logs(request) => {
            for source in &request.sources {
                print_log(&cluster, source, request.previous, request.tail, &mut io.reply.out);
            }
        }
        _ => {}
    }
    io.reply
}

fn print_log(cluster: &Cluster, source: &LogSource, previous: bool, tail: Option<u64>, out: &mut String) {
    let Some(log) = cluster.container_log(&source.namespace, &source.pod, &source.container, previous) else {
        return;
    };
    let bytes: Vec<u8> = log.chunks.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let skip = tail.map_or(0, |tail| lines.len().saturating_sub(tail as usize));
    for line in &lines[skip..] {
        out.push_str(&source.prefix);
        out.push_str(line);
        out.push('\n');
    }
}

/// Changes with what kubectl is configured by.
pub(super) fn config_digest(sim: &Sim) -> u64 {
    digest_of(&sim.host().tree().read(&format!("{HOME}/.kube/config"))).0
}

/// The namespace that kubectl means where none is said.
pub fn namespace(sim: &Sim) -> String {
    let io = Aside { host: sim.host(), now: SimTime::ZERO, input: None, reply: Reply::default() };
    let config = crate::kubectl::kubeconfig::Kubeconfig::load(&io, "");
    let context = config.and_then(|config| config.context("")).unwrap_or_default();
    match context.get("namespace").str() {
        "" => "default".into(),
        namespace => namespace.into(),
    }
}

/// The object that a name means, where it is there.
pub fn object<'a>(sim: &'a Sim, kind: Kind, namespace: &str, name: &str) -> Option<&'a crate::api::Object> {
    sim.cluster().api.get(&ObjectKey::new(kind, namespace, name))
}

/// The learner's machine, read only, with nobody at its terminal.
struct Aside<'a> {
    host: &'a Host,
    now: SimTime,
    input: Option<&'a str>,
    reply: Reply,
}

fn whole(path: &str) -> String {
    match path.trim_start_matches("./") {
        "" | "." => HOME.into(),
        path if path.starts_with('/') => path.into(),
        path => format!("{HOME}/{path}"),
    }
}

impl Io for Aside<'_> {
    fn now(&self) -> SimTime {
        self.now
    }
    fn out(&mut self, text: &str) {
        self.reply.out.push_str(text);
    }
    fn err(&mut self, text: &str) {
        self.reply.err.push_str(text);
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let bytes = self.host.tree().read(&whole(path));
        bytes.map(<[u8]>::to_vec).ok_or_else(|| "no such file or directory".into())
    }
    fn write_file(&mut self, _: &str, _: &[u8]) -> Result<(), String> {
        Err("read-only file system".into())
    }
    fn list_dir(&self, path: &str) -> Result<Vec<String>, String> {
        let below = self.host.tree().walk(&whole(path));
        Ok(below.into_iter().map(|(path, _)| path).filter(|path| !path.contains('/')).collect())
    }
    fn is_dir(&self, path: &str) -> bool {
        self.exists(path) && self.host.tree().read(&whole(path)).is_none()
    }
    fn exists(&self, path: &str) -> bool {
        self.host.tree().find(&whole(path)).is_some()
    }
    fn stream(&mut self, _fd: u32) -> Stdin {
        Stdin::All(self.input.unwrap_or_default().as_bytes().to_vec())
    }
    fn dial(&mut self, _: &str) -> Dialed {
        Dialed::Connected
    }
    fn stdin_is_terminal(&self) -> bool {
        false
    }
    fn is_terminal(&self) -> bool {
        false
    }
    fn env(&self, name: &str) -> Option<String> {
        Host::environment().iter().find(|(key, _)| **key == *name).map(|(_, value)| value.to_string())
    }
}
