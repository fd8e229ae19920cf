//! Chapters: MyST Markdown that is a page of a course, a lesson beside a terminal, and a test, all from one file.
//!
//! `myst` reads a chapter into a tree of [`Node`]s; [`steps`](Chapter::steps) are what is done in it from top to bottom: files, commands
//! with what they print, checks. A [`Player`] does them in a [`crate::sim::Sim`] and compares. docs/lessons.md says how
//! a chapter is written.

mod compare;
mod condition;
mod console;
mod directive;
mod excerpt;
mod fold;
mod front;
mod myst;
mod play;
mod prompt;
mod reader;
mod rewrite;
mod steps;
mod tree;
mod typing;

pub use compare::{Comparison, compare};
pub use condition::{Condition, Memory};
pub use console::strip_comment as without_remark;
pub use console::{Command, Expected};
pub use excerpt::{Mark, Shown, excerpt};
pub use fold::Names;
pub use front::Front;
pub use myst::read;
pub use play::{Outcome, Player, Report, Verdict};
pub use prompt::length as prompt_length;
pub use reader::{Beside, Reader, Task, Typing, Went, begin};
pub use rewrite::rewrite;
pub use steps::{Check, Exercise, Step};
pub use tree::{Block, Chapter, Directive, Node, NodeKind, Warning};
pub use typing::{Library, waits};
