//! `saya link` and `saya open`: a share link, and what one holds.

use std::path::PathBuf;

use crate::base::SimTime;
use crate::share::{PANELS, Share};
use crate::sim::{Input, Scenario, Session};

use super::files::{given, read_text};
use super::{Failure, seconds};

/// How long a command is waited for before the next one is typed into whatever still runs.
const PATIENCE: SimTime = SimTime::from_secs(3_600);
/// What lies between a command's end and the next one: time to see what it did.
const PACE: SimTime = SimTime::from_secs(4);

/// Prints a link.
///
/// # Errors
/// Where it was asked for wrongly, or a file cannot be read.
pub(super) fn link(parser: &mut lexopt::Parser) -> Result<(), Failure> {
    use lexopt::prelude::{Long, Short, ValueExt};
    let mut share = Share {
        log: crate::sim::Log { scenario: Scenario::default(), inputs: Vec::new() },
        ..Share::default()
    };
    let (mut files, mut commands, mut base) = (Vec::<PathBuf>::new(), Vec::new(), String::new());
    while let Some(argument) = parser.next()? {
        match argument {
            Long("profile") => share.log.scenario.profile = parser.value()?.string()?,
            Long("seed") => share.log.scenario.seed = parser.value()?.parse()?,
            Short('f') | Long("filename") => files.push(parser.value()?.into()),
            Long("run") => commands.push(parser.value()?.string()?),
            Long("base") => base = parser.value()?.string()?,
            Long("at") => share.time = Some(seconds("--at", &parser.value()?.string()?)?),
            Long("view") => {
                let words = parser.value()?.string()?;
                share.view = words.split([',', ' ']).map(str::to_string).collect();
                if let Some(other) = share.view.iter().find(|word| !PANELS.contains(&word.as_str())) {
                    let why =
                        format!("--view: \"{other}\" is nothing to show; there are {}", PANELS.join(", "));
                    return Err(Failure::Usage(why));
                }
            }
            Long("help") | Short('h') => return Err(Failure::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    share.log.scenario.files = given(&files)?;
    let mut session = Session::open(share.log).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
    for command in commands {
        type_in(&mut session, &command);
    }
    share.log = session.log().clone();
    let base = base.split('#').next().unwrap_or_default();
    println!("{base}#{}", share.fragment());
    Ok(())
}

/// Types a command, and lets time pass until the next one may follow.
fn type_in(session: &mut Session, command: &str) {
    let before = session.sim().revision();
    session.input(Input::Type { terminal: 1, text: format!("{}\n", command.trim_end_matches('\n')) });
    let deadline = SimTime(session.sim().now().0 + PATIENCE.0);
    while !session.sim().host().is_at_prompt(1) {
        match session.next_at() {
            Some(at) if at <= deadline => session.advance(at),
            _ => break,
        }
    }
    if session.sim().revision() != before {
        session.advance(SimTime(session.sim().now().0 + PACE.0));
    }
}

/// Prints what a link holds.
///
/// # Errors
/// Where it was asked for wrongly, or the link does not open.
pub(super) fn open(parser: &mut lexopt::Parser) -> Result<(), Failure> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};
    let mut link = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) if link.is_none() => link = Some(word.string()?),
            Long("help") | Short('h') => return Err(Failure::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let link = link.ok_or_else(|| Failure::Usage("open: which link? saya open LINK".into()))?;
    print!("{}", shared(&link)?);
    Ok(())
}

/// The share that a word stands for: a link, or the path of a file with a link or with the text of a log.
///
/// # Errors
/// What is wrong with it, with the file and its line.
pub(super) fn shared(word: &str) -> Result<Share, Failure> {
    let path = PathBuf::from(word);
    if word.contains("s=") && !path.exists() {
        return Share::open(word).map_err(|error| Failure::Usage(error.to_string()));
    }
    let text = read_text(&path)?;
    if text.starts_with("saya ") {
        return text.parse().map_err(|error: crate::sim::LogError| {
            Failure::Usage(format!("{word}:{}: {}", error.line, error.what))
        });
    }
    Share::open(&text).map_err(|error| Failure::Usage(format!("{word}: {error}")))
}
