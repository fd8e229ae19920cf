//! Typing a chapter's commands: which terminal one goes to, what is typed, and what of all that its terminal shows it printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sim::{HOME, Sim};

use super::console::Command;
use super::prompt::{self, Prompt};

/// What a terminal waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A command for the host's shell.
    Host,
    /// A line for a program with this prompt.
    Inner(Prompt),
    /// Nothing.
    Busy,
}

/// What has to be done in a terminal before a command is typed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Nothing.
    Ready,
    /// It is opened.
    Open,
    /// What runs there is interrupted.
    Interrupt,
}

/// The terminal that a command goes to; none where no program waits for it. `current` is the one that was used last.
pub(super) fn place(sim: &Sim, command: &Command, current: u32) -> Option<(u32, How)> {
    if let Some(number) = command.terminal {
        let how = if !sim.host().terminals().any(|open| open == number) {
            How::Open
        } else if at_prompt(sim, number) == At::Busy {
            How::Interrupt
        } else {
            How::Ready
        };
        return Some((number, how));
    }
    let at = |number: u32| at_prompt(sim, number);
    let mut all: Vec<u32> = sim.host().terminals().collect();
    // The one that was used last comes first.
    all.sort_by_key(|number| *number != current);
    let find = |wanted: &dyn Fn(At) -> bool| all.iter().copied().find(|number| wanted(at(*number)));
    let is_host = |state: At| state == At::Host;
    let first = command.text.split_whitespace().next().unwrap_or_default();
    let found = match command.prompt {
        Some(Prompt::Program) => {
            let found = find(&|state| state == At::Inner(Prompt::Program))
                .or_else(|| find(&|state| matches!(state, At::Inner(_))));
            return found.map(|number| (number, How::Ready));
        }
        _ if matches!(first, "kubectl" | "minikube" | "docker" | "helm" | "kind") => find(&is_host),
        Some(Prompt::Hash) => find(&|state| state == At::Inner(Prompt::Hash)).or_else(|| find(&is_host)),
        Some(Prompt::Dollar) => match at(current) {
            At::Inner(Prompt::Dollar) => Some(current),
            _ => find(&is_host),
        },
        None => match at(current) {
            At::Inner(_) => Some(current),
            _ => find(&is_host),
        },
    };
    Some(match found {
        Some(number) => (number, How::Ready),
        None => (all.iter().max().map_or(1, |last| last + 1), How::Open),
    })
}

/// What a terminal waits for.
pub(super) fn at_prompt(sim: &Sim, terminal: u32) -> At {
    if sim.host().is_at_prompt(terminal) {
        return At::Host;
    }
    let (_, last) = sim.host().screen(terminal).split_last_line();
    prompt::waiting(&last).map_or(At::Busy, At::Inner)
}

/// True where a terminal waits for a line: at its shell's prompt, or at one of a program in it.
pub fn waits(sim: &Sim, terminal: u32) -> bool {
    at_prompt(sim, terminal) != At::Busy
}

/// What a command printed, of all that its terminal showed: without the echo, and without the prompt at the end.
pub(super) fn output_of(raw: &str, typed: &str, prompted: bool) -> String {
    let mut rest = raw.strip_prefix(typed).unwrap_or(raw);
    rest = rest.strip_prefix('\r').unwrap_or(rest);
    rest = rest.strip_prefix('\n').unwrap_or(rest);
    // Each further line of a command was asked for.
    for _ in 1..typed.lines().count() {
        rest = rest.strip_prefix("> ").or_else(|| rest.strip_prefix("    -> ")).unwrap_or(rest);
    }
    let mut out = rest.to_string();
    if prompted {
        let last = out.rfind('\n').map_or(0, |at| at + 1);
        if prompt::waiting(&out[last..]).is_some() {
            out.truncate(last);
        } else if out.ends_with("$ ") {
            out.truncate(out.len() - 2);
        }
    }
    while let Some(end) = out.strip_suffix("^C\n") {
        out.truncate(end.len());
    }
    out
}

/// True for a command that only Ctrl-C ends.
pub(super) fn is_endless(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if text.trim_end().ends_with('&') || words.first() == Some(&"timeout") || text.contains('|') {
        return false;
    }
    match words.first() {
        Some(&"kubectl" | &"k" | &"minikube") => {
            let watches = has(&["-w", "--watch", "--watch=true", "--watch-only"]) && !has(&["rollout"]);
            let follows = has(&["logs"]) && has(&["-f", "--follow", "--follow=true"]);
            watches
                || follows
                || has(&["port-forward", "proxy", "tunnel", "attach"]) && !has(&["--help", "-h"])
        }
        Some(&"tail") => has(&["-f", "-F"]),
        Some(&"watch") => true,
        Some(&"ping") => !has(&["-c"]),
        Some(&"while") => {
            text.contains("while true") || text.contains("while :") || text.contains("while sleep")
        }
        _ => false,
    }
}

/// True for a command that hands the terminal to a program in a container, or on a node.
pub(super) fn is_interactive(text: &str) -> bool {
    if text.trim() == "minikube ssh" {
        return true;
    }
    ["-it", "-ti", "-i -t", "-t -i", "--stdin"].iter().any(|flag| text.contains(flag))
}

/// The port of this machine that a `kubectl port-forward` listens on.
pub(super) fn local_port(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(" port-forward ")?;
    let mut ports = rest.split_whitespace().filter_map(|word| word.split(':').next());
    ports.rfind(|port| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()))
}

/// True where the rows of a table come one after the other.
pub(super) fn is_table_stream(text: &str) -> bool {
    text.contains(" get ") && is_endless(text)
}

/// What filters are called in PowerShell and cmd.
const WINDOWS: &[(&str, &str)] = &[
    ("| Select-String -Pattern ", "| grep -i "),
    ("| Select-String ", "| grep -i "),
    ("| sls ", "| grep -i "),
    ("| findstr ", "| grep "),
];

/// A command as it is typed on this host: by the names that programs have here, and with the files of the terminal's directory
/// in the place of addresses that end in their names: no other host is asked for anything, and a course has what it links
/// to beside it.
pub(super) fn beside(sim: &Sim, mut command: String) -> String {
    let first = command.split_whitespace().next().unwrap_or_default();
    if let Some(name) = first.strip_suffix(".exe").or((first == "k").then_some("kubectl")) {
        command = command.replacen(first, name, 1);
    }
    for (theirs, ours) in WINDOWS {
        command = command.replace(theirs, ours);
    }
    if !command.contains("://") {
        return command;
    }
    let near = |word: &str| {
        let (_, path) = word.split_once("://")?;
        let mut tail = path.split_once('/')?.1;
        loop {
            if sim.host().file(tail).is_some() {
                return Some(tail.to_string());
            }
            tail = tail.split_once('/')?.1;
        }
    };
    let words = command.split(' ').map(|word| near(word).unwrap_or_else(|| word.to_string()));
    words.collect::<Vec<_>>().join(" ")
}

/// `<pod-name>` outside quotes: a reader puts something there.
pub(super) fn placeholder(text: &str) -> Option<&str> {
    if text.contains("<<") || text.contains('\n') {
        return None;
    }
    let at = text.find('<')?;
    let end = at + text[at..].find('>')?;
    let inside = &text[at + 1..end];
    let named = !inside.is_empty()
        && inside.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c))
        && !inside.starts_with(' ');
    let quoted = text[..at].matches('\'').count() % 2 == 1 || text[..at].matches('"').count() % 2 == 1;
    (named && !quoted).then(|| &text[at..=end])
}

/// The files that a command names and that are not there, from those of the course whose paths end in the same way: by the
/// path below home at which the command looks, with their texts.
pub(super) fn missing_files(
    sim: &Sim,
    terminal: u32,
    text: &str,
    library: &Library,
) -> Vec<(String, String)> {
    let directory = sim.host().directory(terminal);
    let mut found = Vec::new();
    for word in text.split([' ', '\t', '\n', ',', '=', '@']) {
        let word = word.trim_matches(['"', '\'']);
        let looks_like_one = word.contains('.') || word.contains('/');
        if !looks_like_one
            || word.contains("://")
            || word.starts_with(['-', '<', '{', '.']) && !word.starts_with("./") && !word.starts_with("../")
        {
            continue;
        }
        let Some(path) = below_home(directory, word) else { continue };
        if sim.host().file(&path).is_some() {
            continue;
        }
        let tail = word.trim_start_matches("./").trim_start_matches("../").trim_end_matches('/');
        if let Some(text) = library.ends_in(tail) {
            found.push((path, text.clone()));
            continue;
        }
        // A folder.
        let mark = format!("{tail}/");
        for (known, text) in library.files.iter() {
            let rest = known.strip_prefix(&mark).or_else(|| Some(known.split_once(&format!("/{mark}"))?.1));
            if let Some(rest) = rest.filter(|rest| !rest.contains('/') && word.contains('/')) {
                found.push((format!("{path}/{rest}"), text.clone()));
            }
        }
    }
    found
}

/// The files of a whole course, for commands that stand in another folder of it.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// The files by their paths.
    pub files: Arc<BTreeMap<String, String>>,
    /// The chapter's own path: of files with the same name, the one with more folders in common is meant.
    pub chapter: String,
}

impl Library {
    /// The file whose path ends in another, or else one of its name; none where it could be several.
    fn ends_in(&self, tail: &str) -> Option<&String> {
        if let Some(found) = self.files.get(tail) {
            return Some(found);
        }
        let name = tail.rsplit('/').next()?;
        let folders: Vec<&str> = self.chapter.split('/').collect();
        for end in [tail, name] {
            let ends = |path: &str| {
                path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            let common = |path: &str| path.split('/').filter(|part| folders.contains(part)).count();
            let mut found: Vec<(usize, &String)> = self
                .files
                .iter()
                .filter(|(path, _)| ends(path))
                .map(|(path, text)| (common(path), text))
                .collect();
            found.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
            match found.as_slice() {
                [] => {}
                [(_, only)] => return Some(only),
                [(most, first), (next, _), ..] => return (most > next).then_some(*first),
            }
        }
        None
    }
}

/// A path as the host's files are called below home; none where it is elsewhere.
fn below_home(directory: &str, path: &str) -> Option<String> {
    let whole = match path.strip_prefix("~/") {
        Some(rest) => format!("{HOME}/{rest}"),
        None if path.starts_with('/') => path.to_string(),
        None => format!("{directory}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let whole = format!("/{}", parts.join("/"));
    let below = whole.strip_prefix(HOME)?.strip_prefix('/')?;
    (!below.is_empty()).then(|| below.to_string())
}
