//! The log: everything that ever happens to a simulation from outside, and its text form.
//!
//! A simulation is its log and nothing else: undo, rewinding, links and bug reports are this one thing. The text
//! form is canonical (one log has one text) and made to be read:
//!
//! ```text
//! saya 1
//! profile docker-desktop
//! seed 7
//! date 2026-11-20T09:00:00Z
//! file ss-mysql.yml
//! | apiVersion: apps/v1
//! | kind: StatefulSet
//! at 1.5 type 1 "kubectl apply -f .\n"
//! at 9 save svc.yml
//! | kind: Service
//! ```

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::base::{Date, SimTime};

/// A log of more than a year is nobody's, and would take hours to play.
const LONGEST_SECONDS: u64 = 366 * 86_400;
/// The highest number of a terminal: the browser's.
const MOST_TERMINALS: u32 = super::browse::TERMINAL;

/// Something that happens to a simulation from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Keys typed in a terminal: lines end in `\n`, Ctrl-C is `\u{3}`, Ctrl-D `\u{4}`.
    Type {
        /// The terminal's number, from 1.
        terminal: u32,
        /// What was typed.
        text: String,
    },
    /// A terminal is opened.
    Open {
        /// Its number.
        terminal: u32,
    },
    /// A terminal is closed; what runs in it hears of it.
    Close {
        /// Its number.
        terminal: u32,
    },
    /// A file of the learner's is saved.
    Save {
        /// Its path below the working directory.
        path: String,
        /// Its contents.
        text: String,
    },
    /// A file of the learner's is deleted.
    Remove {
        /// Its path below the working directory.
        path: String,
    },
    /// The objects of a dump of a real cluster come in.
    Import {
        /// The dump: YAML or JSON.
        text: String,
        /// True where the cluster acts on them; else it stands still.
        alive: bool,
    },
}

/// What a simulation begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scenario {
    /// The name of its [`crate::cluster::Profile`].
    pub profile: String,
    /// What all randomness follows from.
    pub seed: u64,
    /// The date at its start.
    pub date: Date,
    /// The files of the learner's working directory, by path.
    pub files: BTreeMap<String, String>,
}

impl Scenario {
    /// What the page opens on: the three manifests of a database behind a Service.
    pub fn story() -> Self {
        let files = [
            ("deploy-pma.yml", include_str!("../../static/story/deploy-pma.yml")),
            ("ss-mysql.yml", include_str!("../../static/story/ss-mysql.yml")),
            ("svc-mysql.yml", include_str!("../../static/story/svc-mysql.yml")),
        ];
        let files = files.map(|(path, text)| (path.to_string(), text.to_string())).into();
        Self { files, ..Self::default() }
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            profile: "docker-desktop".into(),
            seed: 1,
            date: Date::from_civil(2026, 11, 20, 9, 0, 0).unwrap_or_default(),
            files: BTreeMap::new(),
        }
    }
}

/// A scenario and what was done to it, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// What it begins with.
    pub scenario: Scenario,
    /// What was done, and when.
    pub inputs: Vec<(SimTime, Input)>,
}

/// Why a text is no log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl Log {
    /// Adds an input. One that lies in the past cuts off what was done after it.
    pub fn push(&mut self, at: SimTime, input: Input) {
        self.truncate(at);
        self.inputs.push((at, input));
    }

    /// Drops what was done after `at`.
    pub fn truncate(&mut self, at: SimTime) {
        let kept = self.inputs.partition_point(|(when, _)| *when <= at);
        self.inputs.truncate(kept);
    }
}

/// A time as the text form has it, in seconds: `1.5`.
pub fn seconds(at: SimTime) -> String {
    let text = format!("{}.{:06}", at.0 / 1_000_000, at.0 % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A name as it is, or in quotes where it could be mistaken for something else.
fn word(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"');
    if plain { text.into() } else { quoted(text) }
}

/// The lines of a file, each behind a bar. A last line without its newline is marked with `\`, since most have one.
fn block(out: &mut String, text: &str) {
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) if line.contains('\r') || line.contains('\0') => {
                let _ = writeln!(out, "|{}", quoted(line));
            }
            Some("") => out.push_str("|\n"),
            Some(line) => {
                let _ = writeln!(out, "| {line}");
            }
            None => {
                let _ = writeln!(out, "\\{}", quoted(line));
            }
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = &self.scenario;
        let mut out = format!(
            "saya 1\nprofile {}\nseed {}\ndate {}\n",
            word(&scenario.profile),
            scenario.seed,
            scenario.date.rfc3339()
        );
        for (path, text) in &scenario.files {
            let _ = writeln!(out, "file {}", word(path));
            block(&mut out, text);
        }
        for (at, input) in &self.inputs {
            let _ = write!(out, "at {} ", seconds(*at));
            let _ = match input {
                Input::Type { terminal, text } => writeln!(out, "type {terminal} {}", quoted(text)),
                Input::Open { terminal } => writeln!(out, "open {terminal}"),
                Input::Close { terminal } => writeln!(out, "close {terminal}"),
                Input::Remove { path } => writeln!(out, "remove {}", word(path)),
                Input::Save { path, text } => {
                    let written = writeln!(out, "save {}", word(path));
                    block(&mut out, text);
                    written
                }
                Input::Import { text, alive } => {
                    let written = writeln!(out, "import {}", if *alive { "alive" } else { "frozen" });
                    block(&mut out, text);
                    written
                }
            };
        }
        f.write_str(&out)
    }
}

impl std::str::FromStr for Log {
    type Err = LogError;

    /// Reads the text form.
    ///
    /// # Errors
    /// The first line that does not belong there.
    fn from_str(text: &str) -> Result<Self, LogError> {
        let mut reader = Reader { lines: text.lines().enumerate().peekable() };
        match reader.next_line() {
            Some((_, "saya 1")) => {}
            Some((line, first)) if first.starts_with("saya ") => {
                let what = format!("this log is of version {}, newer than this program", &first[5..]);
                return Err(LogError { line, what });
            }
            _ => {
                return Err(LogError {
                    line: 1,
                    what: "this is no log of Saya: it does not begin with \"saya 1\"".into(),
                });
            }
        }
        let mut log =
            Log { scenario: Scenario { files: BTreeMap::new(), ..Scenario::default() }, inputs: Vec::new() };
        let mut last = SimTime::ZERO;
        while let Some((line, text)) = reader.next_line() {
            let fail = |what: &str| Err(LogError { line, what: what.into() });
            let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
            match verb {
                "profile" => log.scenario.profile = unword(rest, line)?,
                "seed" => match rest.parse() {
                    Ok(seed) => log.scenario.seed = seed,
                    Err(_) => return fail("a seed is a whole number"),
                },
                "date" => match Date::parse_rfc3339(rest) {
                    Some(date) => log.scenario.date = date,
                    None => return fail("a date reads like 2026-11-20T09:00:00Z"),
                },
                "file" => {
                    let path = unword(rest, line)?;
                    let text = reader.block()?;
                    log.scenario.files.insert(path, text);
                }
                "at" => {
                    let (at, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let Some(at) = parse_seconds(at) else { return fail("a time is a number of seconds") };
                    if at < last {
                        return fail("this happens before what stands above it");
                    }
                    last = at;
                    let (what, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let input = match what {
                        "type" => {
                            let (terminal, text) = rest.split_once(' ').unwrap_or((rest, ""));
                            Input::Type { terminal: number(terminal, line)?, text: unword(text, line)? }
                        }
                        "open" => Input::Open { terminal: number(rest, line)? },
                        "close" => Input::Close { terminal: number(rest, line)? },
                        "remove" => Input::Remove { path: unword(rest, line)? },
                        "import" if rest == "alive" || rest == "frozen" => {
                            Input::Import { alive: rest == "alive", text: reader.block()? }
                        }
                        "save" => Input::Save { path: unword(rest, line)?, text: reader.block()? },
                        _ => return fail(&format!("\"{what}\" is nothing that can happen")),
                    };
                    log.inputs.push((at, input));
                }
                _ => return fail(&format!("\"{verb}\" has no meaning here")),
            }
        }
        Ok(log)
    }
}

struct Reader<'a> {
    lines: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'a>>>,
}

impl<'a> Reader<'a> {
    fn next_line(&mut self) -> Option<(usize, &'a str)> {
        self.lines.next().map(|(at, line)| (at + 1, line))
    }

    fn block(&mut self) -> Result<String, LogError> {
        let mut text = String::new();
        while let Some((at, line)) = self.lines.next_if(|(_, line)| line.starts_with(['|', '\\'])) {
            if let Some(rest) = line.strip_prefix('\\') {
                text.push_str(&unword(rest, at + 1)?);
                return Ok(text);
            }
            match &line[1..] {
                "" => {}
                rest if rest.starts_with('"') => text.push_str(&unword(rest, at + 1)?),
                rest => text.push_str(rest.strip_prefix(' ').unwrap_or(rest)),
            }
            text.push('\n');
        }
        Ok(text)
    }
}

fn unword(text: &str, line: usize) -> Result<String, LogError> {
    if text.starts_with('"') {
        serde_json::from_str(text)
            .map_err(|error| LogError { line, what: format!("no proper text in quotes: {error}") })
    } else if text.is_empty() {
        Err(LogError { line, what: "something is missing at the end".into() })
    } else {
        Ok(text.into())
    }
}

fn number(text: &str, line: usize) -> Result<u32, LogError> {
    let number = text.parse().ok().filter(|number| (1..=MOST_TERMINALS).contains(number));
    number.ok_or_else(|| LogError { line, what: format!("\"{text}\" is not the number of a terminal") })
}

/// The time that [`seconds`] wrote; none for what is no number, or lies more than a year ahead.
pub fn parse_seconds(text: &str) -> Option<SimTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let micros: u64 = format!("{fraction:0<6}").parse().ok()?;
    let whole = whole.parse::<u64>().ok().filter(|whole| *whole < LONGEST_SECONDS)?;
    Some(SimTime(whole * 1_000_000 + micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Log {
        let files = [
            ("ss mysql.yml", "kind: StatefulSet\n\n  a: b"),
            ("empty", ""),
            ("windows", "a\r\nb\r\n"),
            ("odd", "| bar\n\\ slash\n\"quoted\"\n"),
        ];
        let mut log = Log::default();
        log.scenario.files = files.map(|(path, text)| (path.to_string(), text.to_string())).into();
        log.push(SimTime(1_500_000), Input::Type { terminal: 1, text: "kubectl get \"po\"\n\u{3}".into() });
        log.push(SimTime(1_500_000), Input::Open { terminal: 2 });
        log.push(SimTime::from_secs(9), Input::Save { path: "svc.yml".into(), text: "日本語\n".into() });
        log.push(SimTime::from_secs(9), Input::Remove { path: "a".into() });
        log.push(SimTime::from_secs(10), Input::Close { terminal: 2 });
        log.push(SimTime::from_secs(11), Input::Import { text: "kind: Pod\n".into(), alive: true });
        log
    }

    #[test]
    fn the_text_form_holds_everything() {
        let log = sample();
        assert_eq!(log.to_string().parse(), Ok(log.clone()), "{log}");
        assert_eq!(log.to_string().parse::<Log>().unwrap().to_string(), log.to_string());
    }

    #[test]
    fn typing_in_the_past_cuts_the_future_off() {
        let mut log = sample();
        log.push(SimTime::from_secs(2), Input::Open { terminal: 3 });
        assert_eq!(log.inputs.len(), 3, "{log}");
    }

    #[test]
    fn a_broken_text_says_where() {
        for (text, line, what) in [
            ("", 1, "no log"),
            ("saya 2\n", 1, "newer"),
            ("saya 1\nseed x\n", 2, "whole number"),
            ("saya 1\nat 2 open 1\nat 1 open 2\n", 3, "before"),
            ("saya 1\nat 1 type 1 \"a\n", 2, "quotes"),
            ("saya 1\nat 1 fly 1\n", 2, "fly"),
        ] {
            let error = text.parse::<Log>().unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.what.contains(what), "{text}: {error}");
        }
    }
}
