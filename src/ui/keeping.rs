//! What is kept on the person's machine: the log, the files that are not saved yet, the history, and where time stood.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::SimTime;
use crate::sim::{Log, Session};

use super::browser;
use super::state::State;

/// What is kept under this name is opened with the page.
const WORK: &str = "saya.work";
/// What was there before it began again.
const COPY: &str = "saya.before";
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

/// Keeps the work. Nothing was done yet: nothing is kept.
pub fn keep(state: &State) {
    if state.session.log().inputs.is_empty() && state.edits.is_empty() {
        browser::forget(WORK);
    } else {
        browser::keep(WORK, &paper(state));
    }
}

/// Keeps a copy of the work, for when it begins again.
pub fn keep_copy(state: &State) {
    if !state.session.log().inputs.is_empty() {
        browser::keep(COPY, &paper(state));
    }
}

/// The log of what is kept, for a report.
pub fn kept_log() -> Option<String> {
    let paper: Paper = serde_json::from_str(&browser::kept(WORK)?).ok()?;
    Some(paper.log)
}

/// What was there before it began again.
pub fn copy() -> Option<Kept> {
    read(&browser::kept(COPY)?)
}

/// The work as it was left.
///
/// # Errors
/// Where it cannot be opened; a copy of it stays.
pub fn restore() -> Result<Option<Kept>, ()> {
    let Some(text) = browser::kept(WORK) else { return Ok(None) };
    if browser::kept(OPENING).is_some() {
        browser::keep(COPY, &text);
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
            browser::keep(COPY, &text);
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
