//! Inputs taken back and done again: all that ever happens to the simulation is one.

use crate::base::SimTime;
use crate::sim::Input;
use crate::sim::browse::{self, TERMINAL};

use super::state::State;

/// True where two inputs are one deed of a person: a file that gets another name, the browser's first page.
fn is_one(first: &(SimTime, Input), second: &(SimTime, Input)) -> bool {
    match (&first.1, &second.1) {
        (Input::Remove { .. }, Input::Save { .. }) => first.0 == second.0,
        (Input::Open { terminal }, Input::Type { .. }) => *terminal == TERMINAL,
        _ => false,
    }
}

impl State {
    /// Takes back what was done last.
    pub(super) fn undo(&mut self) {
        while let Some(last) = self.session.log().inputs.last().cloned() {
            self.session.undo();
            let more = self.session.log().inputs.last().is_some_and(|before| is_one(before, &last));
            self.undone.push(last);
            // A page that was sent on would be sent on again.
            let of_browser = matches!(self.undone.last(), Some((_, Input::Type { terminal: TERMINAL, .. })));
            let leads_on =
                || browse::pages(self.session.sim()).last().is_some_and(|page| page.leads_to().is_some());
            if more || of_browser && leads_on() {
                continue;
            }
            break;
        }
        self.window.wanted = None;
        self.forget_later();
    }

    /// Does again what was taken back last.
    pub(super) fn redo(&mut self) {
        while let Some((at, input)) = self.undone.pop() {
            self.session.seek(at);
            self.session.input(input.clone());
            if !self.undone.last().is_some_and(|next| is_one(&(at, input), next)) {
                break;
            }
        }
        self.forget_later();
    }

    /// True where something can be done again that was taken back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}
