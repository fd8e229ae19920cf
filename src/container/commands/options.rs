//! Command lines of tools.

use std::sync::Arc;

use super::usage::synopsis;
use super::{Flavor, VERSION};
use crate::container::kernel::Kernel;

/// The options and operands of a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    found: Vec<(char, Arc<str>)>,
    /// What is no option.
    pub operands: Vec<Arc<str>>,
}

impl Options {
    /// Options without arguments, as if they had been given.
    pub fn with(letters: &str) -> Self {
        Self { found: letters.chars().map(|letter| (letter, "".into())).collect(), operands: Vec::new() }
    }
    /// True where an option was given.
    pub fn has(&self, letter: char) -> bool {
        self.found.iter().any(|(own, _)| *own == letter)
    }
    /// How often an option was given.
    pub fn count(&self, letter: char) -> usize {
        self.found.iter().filter(|(own, _)| *own == letter).count()
    }
    /// The argument of an option, the last where it was given often.
    pub fn value(&self, letter: char) -> Option<&Arc<str>> {
        self.found.iter().rev().find(|(own, _)| *own == letter).map(|(_, value)| value)
    }
    /// All arguments of an option.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &Arc<str>> {
        self.found.iter().filter(move |(own, _)| *own == letter).map(|(_, value)| value)
    }
    /// The last given of some options that exclude each other.
    pub fn last_of(&self, letters: &str) -> Option<char> {
        self.found.iter().rev().map(|(letter, _)| *letter).find(|letter| letters.contains(*letter))
    }
}

/// What images with musl have.
pub const MUSL: &str = "/lib/ld-musl-x86_64.so.1";

/// A tool as its messages name it.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub flavor: Flavor,
}

impl Named {
    /// Reads the command line: `known` are the option letters, those with an argument followed by `:`, by `:!` where all
    /// that follows is its arguments; a `+` in front says that options end at the first operand. `long` are other names for letters.
    ///
    /// # Errors
    /// The exit status, when the error or the help was printed.
    pub fn options(
        self,
        kernel: &mut Kernel<'_>,
        known: &str,
        long: &[(&str, char)],
        failure: u8,
    ) -> Result<Options, u8> {
        let argv = kernel.argv();
        self.options_of(kernel, &argv, known, long, failure)
    }

    /// The same of another command line than the process has.
    ///
    /// # Errors
    /// As [`Named::options`].
    pub fn options_of(
        self,
        kernel: &mut Kernel<'_>,
        argv: &[Arc<str>],
        known: &str,
        long: &[(&str, char)],
        failure: u8,
    ) -> Result<Options, u8> {
        let mut options = Options::default();
        let in_order = known.starts_with('+');
        let takes = |letter: char| {
            let at = known.find(letter).filter(|_| letter != ':' && letter != '+')?;
            Some(known[at + letter.len_utf8()..].starts_with(':'))
        };
        let mut words = argv[1..].iter();
        while let Some(word) = words.next() {
            if word.len() < 2 || !word.starts_with('-') {
                options.operands.push(word.clone());
                if in_order {
                    break;
                }
                continue;
            }
            if &**word == "--" {
                break;
            }
            if let Some(name) = word.strip_prefix("--") {
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(Arc::from(value))),
                    None => (name, None),
                };
                if self.flavor == Flavor::Gnu && (name == "help" || name == "version") {
                    return Err(self.help(kernel, name == "version"));
                }
                if self.flavor == Flavor::BusyBox && name == "help" && argv.len() == 2 {
                    self.usage(kernel);
                    return Err(0);
                }
                let found: Vec<&(&str, char)> =
                    long.iter().filter(|(own, _)| own.starts_with(name)).collect();
                let exact = long.iter().find(|(own, _)| *own == name);
                let Some((own, letter)) =
                    exact.or_else(|| found.first().copied().filter(|_| found.len() == 1))
                else {
                    return Err(self.bad_option(
                        kernel,
                        &format!("unrecognized option '--{name}'"),
                        name,
                        failure,
                    ));
                };
                match (takes(*letter).unwrap_or(false), value) {
                    (true, Some(value)) => options.found.push((*letter, value)),
                    (true, None) => match words.next() {
                        Some(value) => options.found.push((*letter, value.clone())),
                        None => {
                            let text = format!("option '--{own}' requires an argument");
                            return Err(self.bad_option(kernel, &text, name, failure));
                        }
                    },
                    (false, value) => options.found.push((*letter, value.unwrap_or_default())),
                }
                continue;
            }
            for (at, letter) in word.char_indices().skip(1) {
                match takes(letter) {
                    None => {
                        let text = format!("invalid option -- '{letter}'");
                        return Err(self.bad_option(kernel, &text, &letter.to_string(), failure));
                    }
                    Some(false) => options.found.push((letter, "".into())),
                    Some(true) => {
                        let rest = &word[at + letter.len_utf8()..];
                        let value = if rest.is_empty() { words.next().cloned() } else { Some(rest.into()) };
                        let Some(value) = value else {
                            let text = match self.flavor {
                                Flavor::Gnu => format!("option requires an argument -- '{letter}'"),
                                Flavor::BusyBox if kernel.files().exists(MUSL) => {
                                    format!("option requires an argument: {letter}")
                                }
                                Flavor::BusyBox => format!("option requires an argument -- '{letter}'"),
                            };
                            return Err(self.bad_option(kernel, &text, "", failure));
                        };
                        options.found.push((letter, value));
                        if known.contains(&format!("{letter}:!")) {
                            options.found.extend(words.by_ref().map(|word| (letter, word.clone())));
                        }
                        break;
                    }
                }
            }
        }
        options.operands.extend(words.cloned());
        Ok(options)
    }

    fn bad_option(self, kernel: &mut Kernel<'_>, text: &str, option: &str, failure: u8) -> u8 {
        match self.flavor {
            Flavor::Gnu => {
                self.say(kernel, text);
                self.try_help(kernel);
            }
            Flavor::BusyBox => {
                // musl's getopt has words of its own.
                let musl = kernel.files().exists(MUSL) && !option.is_empty();
                let text = if musl { format!("unrecognized option: {option}") } else { text.to_owned() };
                self.say(kernel, &text);
                self.usage(kernel);
            }
        }
        failure
    }

    /// Prints a message behind the tool's name.
    pub fn say(self, kernel: &mut Kernel<'_>, text: impl AsRef<str>) {
        let text = text.as_ref();
        // coreutils quotes as the locale does; an image's is usually C.
        let plain = text.contains('\u{2018}') && !has_utf8_locale(kernel);
        let text = if plain { text.replace(['\u{2018}', '\u{2019}'], "'") } else { text.to_owned() };
        kernel.complain(format!("{}: {text}\n", self.name));
    }

    /// The line that coreutils adds to a wrong use.
    pub fn try_help(self, kernel: &mut Kernel<'_>) {
        kernel.complain(format!("Try '{} --help' for more information.\n", self.name));
    }

    /// What a missing operand leads to.
    pub fn missing_operand(self, kernel: &mut Kernel<'_>) -> u8 {
        match self.flavor {
            Flavor::Gnu => {
                self.say(kernel, "missing operand");
                self.try_help(kernel);
            }
            Flavor::BusyBox => self.usage(kernel),
        }
        1
    }

    /// The first part of BusyBox's usage text.
    pub fn usage(self, kernel: &mut Kernel<'_>) {
        let text = format!("{} {}", self.name, synopsis(self.name));
        kernel.complain(format!("BusyBox v{VERSION} multi-call binary.\n\nUsage: {}\n", text.trim_end()));
    }

    fn help(self, kernel: &mut Kernel<'_>, version: bool) -> u8 {
        match version {
            true => kernel.print(format!("{} (GNU coreutils) 9.1\n", self.name)),
            false => kernel.print(format!("Usage: {} [OPTION]...\n", self.name)),
        }
        0
    }
}

fn has_utf8_locale(kernel: &Kernel<'_>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names.iter().find_map(|name| kernel.variable(name).filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| locale.to_uppercase().replace('-', "").ends_with("UTF8"))
}
