//! `getopts`

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::{Flavor, Shell};

impl Shell {
    pub(super) fn builtin_getopts(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let [_, known, name, own @ ..] = arguments else {
            let text = match self.flavor {
                Flavor::Bash => {
                    kernel.complain("getopts: usage: getopts optstring name [arg ...]\n");
                    return Ok(Outcome::Status(2));
                }
                Flavor::Dash => "Usage: getopts optstring var [arg]",
                Flavor::Ash => "usage: getopts optstring var [arg]",
            };
            return Err(self.misuse(kernel, text));
        };
        let list: Vec<Arc<str>> = if own.is_empty() { self.positional.to_vec() } else { own.to_vec() };
        let silent = known.starts_with(':');
        let (mut index, mut offset) = self.getopts;
        let mut found = None;
        if let Some(argument) = list.get(index - 1)
            && let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty())
        {
            if letters == "-" {
                index += 1;
            } else if let Some(letter) = letters.chars().nth(offset) {
                found = Some(letter);
                offset += 1;
                let rest: String = letters.chars().skip(offset).collect();
                if rest.is_empty() {
                    (index, offset) = (index + 1, 0);
                }
                self.variables.remove("OPTARG");
                let place = known.find(letter).filter(|_| letter != ':');
                let (value, message) = match place {
                    None => {
                        if silent {
                            self.variables.set("OPTARG", letter.to_string());
                        }
                        let text = match self.flavor {
                            Flavor::Bash => format!("{}: illegal option -- {letter}\n", self.name),
                            _ => format!("Illegal option -{letter}\n"),
                        };
                        ('?', Some(text))
                    }
                    Some(place) if known[place + letter.len_utf8()..].starts_with(':') => {
                        let argument =
                            if rest.is_empty() { list.get(index - 1).cloned() } else { Some(rest.into()) };
                        (index, offset) = (index + usize::from(offset == 0 && argument.is_some()), 0);
                        if offset == 0 && argument.is_some() && !letters.ends_with(letter) {
                            index = self.getopts.0 + 1;
                        }
                        match argument {
                            Some(argument) => {
                                self.variables.set("OPTARG", argument);
                                (letter, None)
                            }
                            None if silent => {
                                self.variables.set("OPTARG", letter.to_string());
                                (':', None)
                            }
                            None => {
                                let text = match self.flavor {
                                    Flavor::Bash => {
                                        format!("{}: option requires an argument -- {letter}\n", self.name)
                                    }
                                    _ => format!("No arg for -{letter} option\n"),
                                };
                                ('?', Some(text))
                            }
                        }
                    }
                    Some(_) => (letter, None),
                };
                if let Some(message) = message.filter(|_| !silent) {
                    kernel.complain(message);
                }
                self.variables.set(name, value.to_string());
            }
        }
        self.variables.set("OPTIND", index.to_string());
        self.getopts = (index, offset);
        if found.is_none() {
            self.variables.set(name, "?");
            self.variables.remove("OPTARG");
        }
        Ok(Outcome::Status(u8::from(found.is_none())))
    }
}
