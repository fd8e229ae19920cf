//! The tree of kubectl's commands, and how a command line finds its way through it (as cobra does).

use super::error::Result;
use super::flags::{Flag, GLOBAL, flags_of};
use super::session::{Flow, Session};

/// One word of kubectl.
#[derive(Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// Words that do not run it but suggest it.
    pub suggested_by: &'static [&'static str],
    /// How it is used, after its name: `NODE`.
    pub usage: &'static str,
    /// A line about it, as lists of commands show; those without are not listed.
    pub short: &'static str,
    /// Its flags; see [`super::flags`].
    pub flags: &'static [&'static str],
    /// The words that may follow it.
    pub commands: &'static [&'static Command],
    /// What it does; without it, it tells what may follow.
    pub run: Option<fn(&mut Session<'_>) -> Result<Flow>>,
    /// What a command that does nothing itself says of itself.
    pub group: Option<Group>,
}

/// The help of a command that does nothing itself.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What it is for.
    pub long: &'static str,
    /// Examples; may be empty.
    pub examples: &'static str,
    /// True where kubectl writes this to standard output, though it fails.
    pub on_stdout: bool,
}

impl Command {
    /// A command with nothing, from which the others start.
    pub const NONE: Command = Command {
        name: "",
        aliases: &[],
        suggested_by: &[],
        usage: "[flags]",
        short: "",
        flags: &[],
        commands: &[],
        run: None,
        group: None,
    };

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// The commands that `word` may have been meant as: names at most two letters away or that begin with it.
    pub fn suggestions(&self, word: &str) -> Vec<&'static str> {
        let word = word.to_lowercase();
        self.commands
            .iter()
            .filter(|command| {
                distance(&word, command.name) <= 2
                    || command.name.starts_with(&word)
                    || command.suggested_by.contains(&word.as_str())
            })
            .map(|command| command.name)
            .collect()
    }

    /// The commands that its help names.
    pub fn listed(&self) -> impl Iterator<Item = &'static Command> {
        self.commands.iter().copied().filter(|command| !command.short.is_empty())
    }
}

/// A command that was found on a command line.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The command.
    pub command: &'static Command,
    /// The index of the word, counted in what is left of the line, that names no command of a tree that has some.
    pub stray: Option<usize>,
}

/// Follows `words` through the tree from `root`, taking out the words that name commands. Returns the command, its
/// full name and the remaining words.
pub fn find(root: &'static Command, words: &[String]) -> (Found, String, Vec<String>) {
    let mut rest = words.to_vec();
    let mut found = Found { command: root, stray: None };
    let mut path = root.name.to_string();
    loop {
        found.stray = first_plain_word(found.command, &rest);
        let Some(at) = found.stray else { break };
        let Some(next) = found.command.commands.iter().find(|command| command.is_called(&rest[at])) else {
            break;
        };
        rest.remove(at);
        found.command = next;
        path = format!("{path} {}", next.name);
    }
    (found, path, rest)
}

/// The first word that is neither a flag nor a flag's value. A flag that is not known is taken to have a value.
fn first_plain_word(command: &Command, words: &[String]) -> Option<usize> {
    let stands_alone = |known: &dyn Fn(&Flag) -> bool| {
        flags_of(command.flags)
            .chain(flags_of(&[GLOBAL]))
            .find(|flag| known(flag))
            .is_some_and(|flag| flag.stands_alone())
    };
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_str();
        if word == "--" {
            return None;
        }
        if !word.starts_with('-') || word.len() == 1 {
            return Some(at);
        }
        let takes_next = match word.strip_prefix("--") {
            Some(long) => !long.contains('=') && !stands_alone(&|flag: &Flag| flag.name == long),
            None => {
                let letter = word.chars().nth(1);
                word.chars().count() == 2 && !stands_alone(&|flag: &Flag| flag.letter == letter)
            }
        };
        at += 1 + usize::from(takes_next);
    }
    None
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == *y { diagonal } else { 1 + diagonal.min(above).min(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_this_far_apart() {
        assert_eq!((distance("gett", "get"), distance("foo", "top"), distance("", "ab")), (1, 2, 2));
    }
}
