//! What is typed into terminals.

use std::rc::Rc;

use crate::base::SimTime;
use crate::sim::Input;
use crate::sim::compare::Against;
use crate::sim::complete::{Completion, complete};

use super::action::Action;
use super::state::State;
use super::{browser, story};

/// How many commands are remembered.
const HISTORY: usize = 500;

impl State {
    pub(super) fn tell_story(&mut self) {
        let Some((line, at)) = self.story else { return };
        if self.session.sim().now() < at {
            return;
        }
        match story::SCRIPT.get(line) {
            Some((command, seconds)) => {
                self.carry_out(Action::TypeLine(1, (*command).into()));
                self.story = Some((line + 1, SimTime(at.0 + seconds * 1_000_000)));
            }
            None => self.story = None,
        }
    }

    pub(super) fn input(&mut self, input: Input) {
        self.course.look(&self.session);
        self.session.input(input);
        self.course.look(&self.session);
        self.undone.clear();
        self.unkept = true;
        self.own();
    }

    pub(super) fn type_line(&mut self, terminal: u32, line: &str) {
        self.completion = Rc::default();
        if let Some(rest) = line.trim().strip_prefix("kubectl diff ") {
            // What it says is shown beside the file that it is asked about, too.
            let named = rest.split_whitespace().find(|word| self.files().iter().any(|path| path == word));
            if let Some(path) = named {
                self.open_file = path.into();
                self.compare = Some(Against::Live);
            }
        }
        if !line.trim().is_empty() && self.history.last().is_none_or(|last| last != line) {
            let history = Rc::make_mut(&mut self.history);
            history.push(line.to_string());
            let over = history.len().saturating_sub(HISTORY);
            history.drain(..over);
        }
        self.type_in(terminal, format!("{line}\n"));
    }

    pub(super) fn type_in(&mut self, terminal: u32, text: String) {
        self.save_edits();
        self.input(Input::Type { terminal, text });
        self.playing = true;
    }

    pub(super) fn complete(&mut self, terminal: u32, before: &str, after: &str) {
        let found: Completion = complete(self.session.sim(), terminal, before);
        let common = found.common();
        self.completion = Rc::default();
        if found.options.is_empty() {
            return;
        }
        let mut line = format!("{}{common}", &before[..found.start]);
        if found.options.len() > 1 {
            self.completion = Rc::new(found.options.clone());
        } else if !common.ends_with(['/', '=', '.']) && !after.starts_with(' ') {
            line.push(' ');
        }
        let cursor = line.encode_utf16().count();
        line.push_str(after);
        browser::write_line(&format!("line-{terminal}"), &line, cursor);
    }
}
