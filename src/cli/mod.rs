//! The native program: `saya run` and its siblings.

mod check;
mod run;

use std::ffi::OsString;
use std::process::ExitCode;

/// Why the program did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for failed, and said so itself.
    Failed,
    /// It was asked for wrongly, or a file could not be read: one line about it.
    Usage(String),
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Failure::Usage(error.to_string())
    }
}

const USAGE: &str =
    "usage: saya run [--profile NAME] [--seed N] [--json] [--import FILE [--now TIME]] [-C DIR] [SCRIPT]
       saya check [--profile NAME] [--lang L] [--update] FILE.md...";

/// Runs the native program with its arguments (without the program's own name).
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut parser = lexopt::Parser::from_args(arguments);
    let done = match parser.next() {
        Ok(Some(lexopt::Arg::Value(verb))) => match verb.to_string_lossy().as_ref() {
            "check" => check::run(&mut parser),
            "run" => run::run(&mut parser),
            other => Err(Failure::Usage(format!("there is no \"saya {other}\"; {USAGE}"))),
        },
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => {
            println!("{USAGE}");
            Ok(())
        }
        Ok(Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V'))) => {
            println!("saya {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Ok(_) => Err(Failure::Usage(USAGE.into())),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed) => ExitCode::from(1),
        Err(Failure::Usage(why)) => {
            eprintln!("saya: {why}");
            ExitCode::from(2)
        }
    }
}
