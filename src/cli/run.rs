//! `saya run`: a script at the learner's shell, in a fresh cluster.

use std::io::{Read, Write};
use std::path::PathBuf;

use crate::api::schema::FieldDocs;
use crate::base::Date;
use crate::sim::{Answer, Scenario, Script, Sim};
use crate::value;

use super::Failure;
use super::files::{files_of, import, read_text};

/// What was asked for.
#[derive(Debug, Default)]
struct Wanted {
    scenario: Scenario,
    json: bool,
    import: Option<PathBuf>,
    now: Option<Date>,
    directory: Option<PathBuf>,
    script: Option<PathBuf>,
}

/// Runs a script, and prints every command with what it answered.
///
/// # Errors
/// Where it was asked for wrongly, a file cannot be read, or the last command failed.
pub(super) fn run(parser: &mut lexopt::Parser) -> Result<(), Failure> {
    let wanted = read(parser)?;
    let text = match &wanted.script {
        Some(path) => read_text(path)?,
        None => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
            text
        }
    };
    let mut scenario = wanted.scenario;
    if let Some(directory) = &wanted.directory {
        scenario.files = files_of(directory)?;
    }
    if let Some(now) = wanted.now {
        scenario.date = now;
    }
    let mut sim = Sim::new(&scenario).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
    if let Some(path) = &wanted.import {
        import(&mut sim, path)?;
    }
    FieldDocs::install(include_str!(concat!(env!("OUT_DIR"), "/field-docs.json")));
    let mut script = Script::new(&mut sim);
    let mut out = std::io::stdout().lock();
    let mut last = 0;
    for command in Script::commands(&text) {
        let answer = script.run(&mut sim, &command);
        last = answer.exit_code;
        let printed =
            if wanted.json { print_json(&mut out, &answer) } else { print_plain(&mut out, &answer) };
        // Whoever reads this has stopped reading: there is nobody left to tell.
        if printed.is_err() || script.has_ended(&mut sim) {
            break;
        }
    }
    if last == 0 { Ok(()) } else { Err(Failure::Failed) }
}

fn read(parser: &mut lexopt::Parser) -> Result<Wanted, Failure> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};
    let mut wanted = Wanted::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("profile") => wanted.scenario.profile = parser.value()?.string()?,
            Long("seed") => wanted.scenario.seed = parser.value()?.parse()?,
            Long("json") => wanted.json = true,
            Long("import") => wanted.import = Some(parser.value()?.into()),
            Long("now") => {
                let text = parser.value()?.string()?;
                let date = Date::parse_rfc3339(&text);
                wanted.now = Some(date.ok_or_else(|| {
                    Failure::Usage(format!(
                        "--now: \"{text}\" is no time; it reads like 2026-11-20T09:00:00Z"
                    ))
                })?);
            }
            Short('C') => wanted.directory = Some(parser.value()?.into()),
            Value(path) if wanted.script.is_none() => wanted.script = Some(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(wanted)
}

fn print_plain(out: &mut impl Write, answer: &Answer) -> std::io::Result<()> {
    writeln!(out, "$ {}", answer.command)?;
    for text in [&answer.stdout, &answer.stderr] {
        write!(out, "{text}")?;
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(out)?;
        }
    }
    Ok(())
}

fn print_json(out: &mut impl Write, answer: &Answer) -> std::io::Result<()> {
    let line = value!({
        "command": (answer.command.as_str()),
        "exit_code": (i64::from(answer.exit_code)),
        "stderr": (answer.stderr.as_str()),
        "stdout": (answer.stdout.as_str()),
        "time": (answer.time.as_secs_f64())
    });
    writeln!(out, "{}", crate::base::json::to_string(&line))
}
