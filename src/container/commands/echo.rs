//! `echo`

use std::sync::Arc;

use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::shell::escapes::{Dialect, unescape_bytes};

/// `echo` with the options `-n`, `-e` and `-E`, as all but dash have it.
pub fn with_options(arguments: &[Arc<str>]) -> Vec<u8> {
    let (mut newline, mut escapes) = (true, false);
    let mut words = arguments;
    while let [first, rest @ ..] = words {
        let Some(letters) = first.strip_prefix('-') else { break };
        if letters.is_empty() || !letters.chars().all(|letter| "neE".contains(letter)) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                letter => escapes = letter == 'e',
            }
        }
        words = rest;
    }
    join(words, newline, escapes)
}

/// `echo` of dash: sequences always, and only `-n`.
pub fn system_v(arguments: &[Arc<str>]) -> Vec<u8> {
    match arguments {
        [first, rest @ ..] if &**first == "-n" => join(rest, false, true),
        words => join(words, true, true),
    }
}

fn join(words: &[Arc<str>], newline: bool, escapes: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        if escapes {
            let (bytes, ended) = unescape_bytes(word, Dialect::Echo);
            out.extend(bytes);
            if ended {
                return out;
            }
        } else {
            out.extend_from_slice(word.as_bytes());
        }
    }
    if newline {
        out.push(b'\n');
    }
    out
}

pub(super) fn run(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let text = with_options(&kernel.argv()[1..]);
    u8::from(kernel.write(1, &text).is_err())
}
