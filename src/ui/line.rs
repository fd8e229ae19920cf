//! The line of a terminal: what readline does on Control keys, in the browser's own field.

use web_sys::{HtmlInputElement, KeyboardEvent};

/// What the keys of a line remember.
#[derive(Default)]
pub struct Editing {
    /// Which command of the history is shown, and what was typed before.
    recalled: Option<(usize, String)>,
    /// What Ctrl-K, Ctrl-U and Ctrl-W took away last.
    cut: String,
    /// The search of Ctrl-R: the command found, and what was typed before.
    search: Option<(Option<usize>, String, String)>,
    /// Escape was pressed: the next Tab leaves the line.
    leaving: bool,
}

/// What a key comes to.
pub enum Deed {
    /// Nothing: it is the browser's.
    None,
    /// The line was changed.
    Edited,
    /// The line is sent.
    Send(String),
    /// A control character is.
    Control(char),
    /// Tab: what stands before the cursor, and behind it.
    Complete(String, String),
}

impl Editing {
    /// The command that a search has found; none where nothing is searched.
    pub fn searched(&self) -> Option<String> {
        self.search.as_ref().map(|(_, _, found)| found.clone())
    }

    /// The words looked for were typed.
    pub fn typed(&mut self, words: &str, history: &[String]) {
        if self.search.is_some() {
            self.look(words, history, history.len());
        }
    }

    /// Looks for the last command before `before` that holds the words.
    fn look(&mut self, words: &str, history: &[String], before: usize) {
        let Some((at, _, found)) = &mut self.search else { return };
        let hit = history[..before.min(history.len())].iter().rposition(|line| line.contains(words));
        if let Some(hit) = hit.filter(|_| !words.is_empty()) {
            *at = Some(hit);
            *found = history[hit].clone();
        }
    }
}

fn write(field: &HtmlInputElement, text: &str, cursor: usize) {
    field.set_value(text);
    let at = cursor as u32;
    // Only fields without text refuse.
    let _ = field.set_selection_range(at, at);
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Presses a key in the line.
pub fn press(
    editing: &mut Editing,
    event: &KeyboardEvent,
    field: &HtmlInputElement,
    history: &[String],
) -> Deed {
    let text = field.value();
    let cursor = field.selection_end().ok().flatten().unwrap_or_default() as usize;
    let selected = field.selection_start().ok().flatten().unwrap_or_default() as usize != cursor;
    let all: Vec<u16> = text.encode_utf16().collect();
    let cursor = cursor.min(all.len());
    let before = String::from_utf16_lossy(&all[..cursor]);
    let after = String::from_utf16_lossy(&all[cursor..]);
    let key = event.key();
    let leaving = std::mem::take(&mut editing.leaving);
    if event.meta_key() || event.alt_key() {
        return Deed::None;
    }
    if editing.search.is_some() {
        return search(editing, event, field, history);
    }
    match (key.as_str(), event.ctrl_key()) {
        ("Enter", _) => {
            editing.recalled = None;
            field.set_value("");
            Deed::Send(text)
        }
        ("Tab", false) if !leaving && !event.shift_key() && !text.is_empty() => Deed::Complete(before, after),
        ("Escape", _) => {
            editing.leaving = true;
            Deed::Edited
        }
        ("ArrowUp", false) | ("p", true) => recall(editing, field, history, &text, true),
        ("ArrowDown", false) | ("n", true) => recall(editing, field, history, &text, false),
        ("a", true) => {
            write(field, &text, 0);
            Deed::Edited
        }
        ("e", true) => {
            write(field, &text, all.len());
            Deed::Edited
        }
        ("w", true) => {
            let kept = before.trim_end().rfind(' ').map_or("", |at| &before[..=at]);
            editing.cut = before[kept.len()..].into();
            write(field, &format!("{kept}{after}"), units(kept));
            Deed::Edited
        }
        ("u", true) => {
            editing.cut = before;
            write(field, &after, 0);
            Deed::Edited
        }
        ("k", true) => {
            editing.cut = after;
            write(field, &before, units(&before));
            Deed::Edited
        }
        ("y", true) => {
            write(field, &format!("{before}{}{after}", editing.cut), units(&before) + units(&editing.cut));
            Deed::Edited
        }
        ("l", true) => Deed::Send("clear".into()),
        ("r", true) => {
            editing.search = Some((None, text, String::new()));
            field.set_value("");
            Deed::Edited
        }
        ("c", true) if !selected && !super::browser::has_selection() => {
            editing.recalled = None;
            field.set_value("");
            Deed::Control('\u{3}')
        }
        ("d", true) if text.is_empty() => Deed::Control('\u{4}'),
        ("d", true) => {
            let rest = after.chars().skip(1).collect::<String>();
            write(field, &format!("{before}{rest}"), units(&before));
            Deed::Edited
        }
        ("z", true) if text.is_empty() => Deed::Control('\u{1a}'),
        _ => Deed::None,
    }
}

fn recall(
    editing: &mut Editing,
    field: &HtmlInputElement,
    history: &[String],
    text: &str,
    back: bool,
) -> Deed {
    let (at, typed) = editing.recalled.take().unwrap_or((history.len(), text.into()));
    let at = if back { at.saturating_sub(1) } else { (at + 1).min(history.len()) };
    let line = history.get(at).unwrap_or(&typed);
    write(field, line, units(line));
    editing.recalled = (at < history.len()).then_some((at, typed));
    Deed::Edited
}

/// A key while Ctrl-R searches.
fn search(
    editing: &mut Editing,
    event: &KeyboardEvent,
    field: &HtmlInputElement,
    history: &[String],
) -> Deed {
    let Some((at, typed, found)) = editing.search.clone() else { return Deed::None };
    let words = field.value();
    match (event.key().as_str(), event.ctrl_key()) {
        ("r", true) => {
            editing.look(&words, history, at.unwrap_or(history.len()));
            Deed::Edited
        }
        ("Enter", _) => {
            editing.search = None;
            field.set_value("");
            Deed::Send(if found.is_empty() { words } else { found })
        }
        ("Escape" | "Tab" | "ArrowRight" | "ArrowLeft" | "End", _) | ("e" | "a", true) => {
            editing.search = None;
            let line = if found.is_empty() { words } else { found };
            write(field, &line, units(&line));
            Deed::Edited
        }
        ("g" | "c", true) => {
            editing.search = None;
            write(field, &typed, units(&typed));
            Deed::Edited
        }
        _ => Deed::None,
    }
}
