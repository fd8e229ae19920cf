//! Terminals and other places where output is kept for whoever looks.

use std::collections::VecDeque;

use super::machine::Pid;
use super::signal::Signal;
use crate::base::SimTime;

/// Standard output or standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Standard output; a terminal's only one.
    Out,
    /// Standard error.
    Err,
}

/// Bytes that were written at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chunk {
    /// When.
    pub time: SimTime,
    /// Where to.
    pub stream: Stream,
    /// What.
    pub bytes: Vec<u8>,
}

/// Output kept in the order it came, until it is taken: a container's log, the lines of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output {
    chunks: Vec<Chunk>,
}

impl Output {
    /// Appends bytes; those of one moment and stream become one chunk.
    pub fn push(&mut self, time: SimTime, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match self.chunks.last_mut() {
            Some(last) if last.time == time && last.stream == stream => last.bytes.extend_from_slice(bytes),
            _ => self.chunks.push(Chunk { time, stream, bytes: bytes.to_vec() }),
        }
    }
    /// What came since it was last taken.
    pub fn take(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.chunks)
    }
    /// What is kept.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }
}

/// What typing did beyond filling the input: for the machine to carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Send this to the foreground group.
    Signal(Signal),
}

/// A terminal: what is typed goes in line by line, what programs print is kept with its time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Terminal {
    /// Everything to show, echo included.
    pub output: Output,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The process group that reads from it and that Ctrl-C reaches.
    pub foreground: Pid,
    /// Bytes go to the reader at once, unseen and without meaning (as `kubectl exec -it` sets its own terminal).
    pub raw: bool,
    /// The line being typed.
    line: Vec<u8>,
    /// Whole lines nobody has read.
    ready: VecDeque<u8>,
    /// Ctrl-D, not yet read.
    end: bool,
    /// Nobody is there any more.
    pub(super) hung_up: bool,
}

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const CTRL_U: u8 = 21;
const CTRL_Z: u8 = 26;
const CTRL_BACKSLASH: u8 = 28;

impl Terminal {
    /// A terminal nobody uses yet.
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            output: Output::default(),
            size: (columns, rows),
            foreground: Pid(0),
            raw: false,
            line: Vec::new(),
            ready: VecDeque::new(),
            end: false,
            hung_up: false,
        }
    }

    /// Takes typed bytes: text, Enter, Backspace, Ctrl-C, Ctrl-D, ….
    pub(super) fn type_in(&mut self, now: SimTime, bytes: &[u8]) -> Vec<Typed> {
        let mut typed = Vec::new();
        if self.raw {
            self.ready.extend(bytes);
            return typed;
        }
        for byte in bytes {
            match *byte {
                b'\r' | b'\n' => {
                    self.echo(now, b"\n");
                    self.line.push(b'\n');
                    self.ready.extend(self.line.drain(..));
                }
                CTRL_C | CTRL_Z | CTRL_BACKSLASH => {
                    self.line.clear();
                    self.ready.clear();
                    self.echo(now, &[b'^', *byte + 64]);
                    typed.push(Typed::Signal(match *byte {
                        CTRL_C => Signal::INT,
                        CTRL_Z => Signal::TSTP,
                        _ => Signal::QUIT,
                    }));
                }
                CTRL_D if self.line.is_empty() => self.end = true,
                CTRL_D => self.ready.extend(self.line.drain(..)),
                CTRL_U => self.line.clear(),
                8 | 127 => {
                    // A whole character, and on the screen one column.
                    while self.line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
                    self.echo(now, b"\x08 \x08");
                }
                byte => {
                    self.line.push(byte);
                    self.echo(now, &[byte]);
                }
            }
        }
        typed
    }

    fn echo(&mut self, now: SimTime, bytes: &[u8]) {
        self.output.push(now, Stream::Out, bytes);
    }

    /// A read would not wait.
    pub(super) fn has_input(&self) -> bool {
        !self.ready.is_empty() || self.end || self.hung_up
    }

    /// Up to `max` bytes of the next line; empty for the end of input.
    pub(super) fn read(&mut self, max: usize) -> Vec<u8> {
        if self.ready.is_empty() {
            self.end = false;
            return Vec::new();
        }
        let line = match self.ready.iter().position(|byte| *byte == b'\n') {
            Some(at) if !self.raw => at + 1,
            _ => self.ready.len(),
        };
        self.ready.drain(..line.min(max)).collect()
    }
}
