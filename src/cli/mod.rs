//! The native program: `saya run` and its siblings.

mod check;
mod files;
mod link;
mod png;
mod render;
mod run;
mod trace;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::base::SimTime;

/// Why the program did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for failed, and said so itself.
    Failed,
    /// What was asked for failed: one line about it.
    Refused(String),
    /// Only how it is called was asked for.
    Help,
    /// It was asked for wrongly, or a file could not be read: one line about it.
    Usage(String),
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Failure::Usage(error.to_string())
    }
}

/// A verb: its name, how it is called, what it does.
type Verb = (&'static str, &'static str, fn(&mut lexopt::Parser) -> Result<(), Failure>);

const VERBS: &[Verb] = &[
    ("run", "[--profile NAME] [--seed N] [--json] [--import FILE [--now TIME]] [-C DIR] [SCRIPT]", run::run),
    ("check", "[--profile NAME] [--lang L] [--update] FILE.md...", check::run),
    (
        "render",
        "[--profile NAME] [-f FILE]... [--session LINK|FILE] [--import FILE] [--at TIME] [--format svg|drawio|drawio.svg|png|txt] [--theme light|dark] [--lang L] [--show [-]LAYER,...] [-o OUT] \
         [--trace FROM TO]",
        render::run,
    ),
    ("link", "[--profile NAME] [-f FILE]... [--run COMMAND]... [--base URL]", link::link),
    ("open", "LINK", link::open),
];

/// How the program is called: a line a verb.
fn usage() -> String {
    let lines: Vec<String> = VERBS.iter().map(|(name, form, _)| format!("saya {name} {form}")).collect();
    format!("usage: {}", lines.join("\n       "))
}

/// Runs the native program with its arguments (without the program's own name).
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut parser = lexopt::Parser::from_args(arguments);
    let done = match parser.next() {
        Ok(Some(lexopt::Arg::Value(verb))) => {
            match VERBS.iter().find(|(name, ..)| verb.to_str() == Some(name)) {
                Some((name, form, run)) => match run(&mut parser) {
                    Err(Failure::Help) => {
                        println!("usage: saya {name} {form}");
                        Ok(())
                    }
                    done => done,
                },
                None => {
                    let names: Vec<&str> = VERBS.iter().map(|(name, ..)| *name).collect();
                    let verb = verb.to_string_lossy();
                    Err(Failure::Usage(format!("there is no \"saya {verb}\", only {}", names.join(", "))))
                }
            }
        }
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => {
            println!("{}", usage());
            Ok(())
        }
        Ok(Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V'))) => {
            println!("saya {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Ok(_) => Err(Failure::Usage(usage())),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Help) => ExitCode::SUCCESS,
        Err(Failure::Failed) => ExitCode::from(1),
        Err(Failure::Refused(why)) => {
            eprintln!("saya: {why}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(why)) => {
            eprintln!("saya: {why}");
            ExitCode::from(2)
        }
    }
}

/// A time that was given: seconds, or as Go writes durations (`90`, `1.5`, `12s`, `1m30s`).
///
/// # Errors
/// Where it is no time.
fn seconds(option: &str, text: &str) -> Result<SimTime, Failure> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: Option<f64> = rest[..digits].parse().ok();
        let unit = rest[digits..].chars().next();
        let factor = match unit {
            None | Some('s') => 1.0,
            Some('m') => 60.0,
            Some('h') => 3_600.0,
            Some(_) => f64::NAN,
        };
        total += number.unwrap_or(f64::NAN) * factor;
        rest = &rest[digits + unit.map_or(0, char::len_utf8)..];
    }
    if text.is_empty() || !(0.0..=366.0 * 86_400.0).contains(&total) {
        return Err(Failure::Usage(format!(
            "{option}: \"{text}\" is no time; it reads like 12, 1.5 or 1m30s"
        )));
    }
    Ok(SimTime((total * 1e6).round() as u64))
}
