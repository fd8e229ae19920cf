//! What is kept on the person's machine: the log, the files that are not saved yet, the history, and where time stood.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::SimTime;
use crate::sim::{Log, Session};

use super::browser;
use super::state::State;

/// What is kept under this name is opened with the page.
const WORK: &str = "saya.work";
/// What was there before, the last first.
const COPIES: [&str; 4] = ["saya.before", "saya.before.2", "saya.before.3", "saya.before.4"];
/// There while what was kept is being opened: where that fails, it is not tried again.
const OPENING: &str = "saya.opening";

/// The text form of what is kept.
#[derive(Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Paper {
    log: String,
    now: u64,
    horizon: u64,
    open_file: String,
    edits: BTreeMap<String, String>,
    history: Vec<String>,
    speed: f64,
}

/// What was kept, opened.
pub struct Kept {
    /// The simulation, where it stood.
    pub session: Session,
    /// Files that were not saved yet.
    pub edits: BTreeMap<String, String>,
    /// Commands that were typed.
    pub history: Vec<String>,
    /// The open file.
    pub open_file: String,
    /// How fast time passed.
    pub speed: f64,
}

fn paper(state: &State) -> String {
    let session = &state.session;
    let paper = Paper {
        log: session.log().to_string(),
        now: session.sim().now().0,
        horizon: session.horizon().0,
        open_file: state.open_file.clone(),
        edits: state.edits.clone(),
        history: state.history.to_vec(),
        speed: state.speed,
    };
    serde_json::to_string(&paper).unwrap_or_default()
}

/// Keeps the work. Nothing was done yet: nothing is kept. What a stranger made is not kept, either, until something
/// is done to it. False where the browser does not keep that much.
pub fn keep(state: &State) -> bool {
    if state.exchange.guest {
        return true;
    }
    if state.session.log().inputs.is_empty() && state.edits.is_empty() {
        browser::forget(WORK);
        return true;
    }
    browser::keep(WORK, &paper(state))
}

/// Keeps a copy of the work, for when it begins again.
pub fn keep_copy(state: &State) {
    if !state.session.log().inputs.is_empty() {
        push_copy(&paper(state));
    }
}

/// Sets aside what is kept, for other work takes its place. False where there is nothing.
pub fn set_aside() -> bool {
    browser::kept(WORK).is_some_and(|text| push_copy(&text))
}

/// Puts a copy before the others; the last one goes. False where it is there already, or cannot be kept.
fn push_copy(text: &str) -> bool {
    if COPIES.iter().any(|copy| browser::kept(copy).is_some_and(|kept| kept == text)) {
        return false;
    }
    for pair in COPIES.windows(2).rev() {
        if let Some(older) = browser::kept(pair[0]) {
            browser::keep(pair[1], &older);
        }
    }
    if browser::keep(COPIES[0], text) {
        return true;
    }
    // The browser keeps only so much: better one copy than four.
    COPIES[1..].iter().for_each(|copy| browser::forget(copy));
    browser::keep(COPIES[0], text)
}

/// How many copies there are.
pub fn copies() -> usize {
    COPIES.iter().filter(|copy| browser::kept(copy).is_some()).count()
}

/// The log of what is kept, for a report.
pub fn kept_log() -> Option<String> {
    let paper: Paper = serde_json::from_str(&browser::kept(WORK)?).ok()?;
    Some(paper.log)
}

/// One of the copies; 0 is the last.
pub fn copy(number: usize) -> Option<Kept> {
    read(&browser::kept(COPIES.get(number)?)?)
}

/// The work as it was left.
///
/// # Errors
/// Where it cannot be opened; a copy of it stays.
pub fn restore() -> Result<Option<Kept>, ()> {
    let Some(text) = browser::kept(WORK) else { return Ok(None) };
    if browser::kept(OPENING).is_some() {
        push_copy(&text);
        browser::forget(WORK);
        browser::forget(OPENING);
        return Err(());
    }
    browser::keep(OPENING, "1");
    let kept = read(&text);
    browser::forget(OPENING);
    match kept {
        Some(kept) => Ok(Some(kept)),
        None => {
            push_copy(&text);
            Err(())
        }
    }
}

fn read(text: &str) -> Option<Kept> {
    let paper: Paper = serde_json::from_str(text).ok()?;
    let log: Log = paper.log.parse().ok()?;
    let mut session = Session::open(log).ok()?;
    session.seek(SimTime(paper.horizon.max(paper.now)));
    if paper.now < paper.horizon {
        session.seek(SimTime(paper.now));
    }
    Some(Kept {
        session,
        edits: paper.edits,
        history: paper.history,
        open_file: paper.open_file,
        speed: if paper.speed > 0.0 { paper.speed } else { 1.0 },
    })
}
