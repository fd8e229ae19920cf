//! What a terminal has shown, cut into blocks of lines, so that only the last one is drawn again when something is
//! printed.

use std::sync::Arc;

use yew::AttrValue;

use crate::sim::Screen;

/// How many lines a block holds.
const BLOCK: usize = 100;
/// How many blocks there are at most: 10,000 lines.
const BLOCKS: usize = 100;

/// The lines of a terminal.
#[derive(Default)]
pub struct ScrollBack {
    /// Blocks of whole lines, with a number that stays.
    pub blocks: Vec<(usize, AttrValue)>,
    /// The lines of the last block are in here while it grows.
    open: String,
    open_lines: usize,
    /// The line that has no end yet: a prompt, or what a program has begun to print.
    pub last: AttrValue,
    tail: Vec<u8>,
    next: usize,
    /// How far the screen was read, and the last piece of it.
    length: usize,
    read: usize,
    piece: Option<Arc<[u8]>>,
}

impl ScrollBack {
    /// Reads what is new on the screen, and returns it.
    pub fn take(&mut self, screen: &Screen) -> String {
        let pieces = screen.pieces();
        let goes_on = screen.length >= self.length
            && pieces.len() >= self.read
            && match (self.read.checked_sub(1), &self.piece) {
                (Some(last), Some(piece)) => Arc::ptr_eq(&pieces[last], piece),
                (None, None) => true,
                _ => false,
            };
        if !goes_on {
            *self = Self { next: self.next, ..Self::default() };
        }
        let mut fresh = String::new();
        for piece in &pieces[self.read..] {
            self.tail.extend_from_slice(piece);
        }
        if let Some(end) = self.tail.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.tail.split_off(end + 1);
            let lines = std::mem::replace(&mut self.tail, rest);
            let text = plain(&String::from_utf8_lossy(&lines));
            for line in text.split_inclusive('\n') {
                self.open.push_str(line);
                self.open_lines += 1;
                if self.open_lines == BLOCK {
                    self.close();
                }
            }
            fresh = text;
        }
        self.last = plain(&String::from_utf8_lossy(&self.tail)).into();
        self.length = screen.length;
        self.read = pieces.len();
        self.piece = pieces.last().cloned();
        fresh
    }

    fn close(&mut self) {
        self.blocks.push((self.next, std::mem::take(&mut self.open).into()));
        self.next += 1;
        self.open_lines = 0;
        if self.blocks.len() > BLOCKS {
            self.blocks.remove(0);
        }
    }

    /// True where no whole line is shown.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.open.is_empty()
    }

    /// The block that still grows.
    pub fn growing(&self) -> (usize, AttrValue) {
        (self.next, self.open.clone().into())
    }
}

/// A text without what only a screen understands: colours, and returns before ends of lines.
fn plain(text: &str) -> String {
    if !text.contains(['\u{1b}', '\r', '\u{8}']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next_if_eq(&'[').is_some() {
                    while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
                }
            }
            '\r' => {}
            '\u{8}' => {
                if !out.ends_with('\n') {
                    out.pop();
                }
            }
            c => out.push(c),
        }
    }
    out
}
