//! How a shell begins: its command line, its variables, the files it reads first.

use std::sync::Arc;

use super::interpreter::{Flow, Frame, Script, ScriptKind};
use super::messages::base_name;
use super::{Flavor, Shell, Source};
use crate::container::kernel::Kernel;
use crate::container::machine::{DEFAULT_PATH, Environment};
use crate::container::signal::{Action, Signal};

impl Shell {
    /// Takes the environment over into variables.
    pub(super) fn import(&mut self, kernel: &mut Kernel<'_>, env: &Environment) {
        if self.flavor != Flavor::Bash {
            // These lead their buckets in the order of the environment.
            for name in ["PATH", "PS1", "PS2", "PS4", "OPTIND"] {
                self.variables.entry(name);
            }
        }
        for (name, value) in env.iter().filter(|(name, _)| super::parser::is_name(name)) {
            self.variables.export(name, value.clone());
        }
        let bash = self.flavor == Flavor::Bash;
        let mut default = |name: &str, value: &str| {
            if self.variables.text(name).is_none() {
                self.variables.set(name, value);
            }
        };
        default(
            "PATH",
            if bash { "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" } else { DEFAULT_PATH },
        );
        default("PS2", "> ");
        default("PS4", "+ ");
        default("OPTIND", "1");
        default("IFS", " \t\n");
        self.variables.set("PPID", kernel.process().parent.unwrap_or_default().to_string());
        if self.flavor != Flavor::Dash {
            let level: i64 = self.variables.text("SHLVL").and_then(|text| text.parse().ok()).unwrap_or(0);
            self.variables.export("SHLVL", (level + 1).to_string());
        }
        if bash {
            let hostname = kernel.hostname();
            for (name, value) in [
                ("HOSTNAME", &*hostname),
                ("HOSTTYPE", "x86_64"),
                ("MACHTYPE", "x86_64-pc-linux-gnu"),
                ("OSTYPE", "linux-gnu"),
                ("BASH", "/bin/bash"),
                ("BASH_VERSION", "5.2.15(1)-release"),
            ] {
                if self.variables.text(name).is_none() {
                    self.variables.set(name, value);
                }
            }
        }
        // The path in PWD is kept where it leads to the working directory, maybe over links.
        let cwd = kernel.cwd();
        let shown = self.variables.text("PWD").filter(|path| {
            path.starts_with('/') && kernel.files().canonical(path).is_ok_and(|real| *real == *cwd)
        });
        self.directory = shown.unwrap_or(cwd);
        let directory = self.directory.clone();
        self.variables.export("PWD", directory);
        self.root = kernel.pid();
        self.started = kernel.now();
    }

    /// Reads the command line.
    pub(super) fn start(&mut self, kernel: &mut Kernel<'_>) -> Flow {
        let argv = kernel.argv();
        let env = kernel.env();
        self.name = argv.first().cloned().unwrap_or_else(|| "sh".into());
        self.import(kernel, &env);
        self.options.login = self.name.starts_with('-');
        let mut at = 1;
        let mut interactive = false;
        while let Some(argument) = argv.get(at) {
            let Some(letters) = argument.strip_prefix(['-', '+']) else { break };
            at += 1;
            match letters {
                "" | "-" => break,
                "-login" => self.options.login = true,
                "-norc" | "-noprofile" | "-posix" => {}
                letters => {
                    let on = argument.starts_with('-');
                    for letter in letters.chars() {
                        match letter {
                            'c' => self.options.command = true,
                            'i' => interactive = true,
                            'l' => self.options.login = true,
                            's' => self.options.standard_input = true,
                            'O' if self.flavor == Flavor::Bash => {
                                let name = argv.get(at).cloned().unwrap_or_default();
                                at += 1;
                                if let Some(option) = self.options.shopt(&name) {
                                    *option = on;
                                }
                            }
                            'o' => {
                                let name = argv.get(at).cloned().unwrap_or_default();
                                at += 1;
                                self.set_option(&name, on);
                            }
                            letter => {
                                if !self.set_letter(letter, on) {
                                    let text = match self.flavor {
                                        Flavor::Bash => format!("{}: -{letter}: invalid option\n", self.name),
                                        Flavor::Dash => {
                                            format!("{}: 0: Illegal option -{letter}\n", self.name)
                                        }
                                        Flavor::Ash => format!("{}: illegal option -{letter}\n", self.name),
                                    };
                                    kernel.complain(text);
                                    return Flow::Exit(2);
                                }
                            }
                        }
                    }
                }
            }
        }
        let mut rest = argv[at.min(argv.len())..].iter().cloned();
        if self.options.command {
            let Some(text) = rest.next() else {
                let text = match self.flavor {
                    Flavor::Bash => format!("{}: -c: option requires an argument\n", self.name),
                    Flavor::Dash => format!("{}: 0: -c requires an argument\n", self.name),
                    Flavor::Ash => format!("{}: -c requires an argument\n", self.name),
                };
                kernel.complain(text);
                return Flow::Exit(2);
            };
            self.source = Source::Text { text, at: 0 };
            if let Some(name) = rest.next() {
                self.name = name;
            }
        } else if let Some(file) = rest.next().filter(|_| !self.options.standard_input) {
            match self.script(kernel, &file) {
                Ok(text) => self.source = Source::Text { text, at: 0 },
                Err(flow) => return flow,
            }
            self.name = file;
        } else {
            self.options.standard_input = true;
            self.source = Source::Lines { fd: 0, buffer: String::new(), ended: false, prompted: false };
            interactive |= kernel.is_terminal(0) && kernel.is_terminal(2);
        }
        self.positional = rest.collect();
        if interactive {
            self.options.interactive = true;
            self.options.monitor = kernel.terminal_of(0).is_some();
            // They would end a program without a handler; children get the default back.
            for signal in [Signal::INT, Signal::TERM, Signal::QUIT, Signal::TSTP] {
                kernel.on_signal(signal, Action::Catch);
            }
            if self.variables.text("PS1").is_none() {
                self.variables.set("PS1", self.default_prompt(kernel.credentials().uid));
            }
            if self.flavor == Flavor::Bash {
                self.name = base_name(&self.name).trim_start_matches('-').into();
            }
        }
        self.push_startup_files(kernel);
        Flow::Go
    }

    fn default_prompt(&self, uid: u32) -> &'static str {
        match self.flavor {
            Flavor::Ash => "\\w \\$ ",
            Flavor::Bash => "\\s-\\v\\$ ",
            Flavor::Dash if uid == 0 => "# ",
            Flavor::Dash => "$ ",
        }
    }

    fn script(&self, kernel: &mut Kernel<'_>, file: &str) -> Result<Arc<str>, Flow> {
        match kernel.files().read(file) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into()),
            Err(errno) => {
                let text = match self.flavor {
                    Flavor::Bash => format!("{}: {file}: {errno}\n", self.name),
                    Flavor::Dash => format!("{}: 0: cannot open {file}: {}\n", self.name, no_file(errno)),
                    Flavor::Ash => format!("{}: can't open '{file}': {errno}\n", self.name),
                };
                kernel.complain(text);
                Err(Flow::Exit(if self.flavor == Flavor::Bash { 127 } else { 2 }))
            }
        }
    }

    /// The files that are read before the first command, the first on top.
    fn push_startup_files(&mut self, kernel: &mut Kernel<'_>) {
        let home = self.variables.text("HOME").unwrap_or_default();
        let mut files: Vec<String> = Vec::new();
        if self.options.login {
            files.push("/etc/profile".into());
            let own = if self.flavor == Flavor::Bash {
                &[".bash_profile", ".bash_login", ".profile"][..]
            } else {
                &[".profile"]
            };
            let own = own.iter().map(|name| format!("{home}/{name}"));
            files.extend(own.into_iter().find(|path| kernel.files().exists(path)));
        } else if self.options.interactive && self.flavor == Flavor::Bash {
            files.extend(["/etc/bash.bashrc".into(), format!("{home}/.bashrc")]);
        }
        if self.options.interactive && self.flavor != Flavor::Bash {
            files.extend(self.variables.text("ENV").map(|file| file.to_string()));
        }
        for file in files.iter().rev() {
            if let Ok(bytes) = kernel.files().read(file) {
                let text = String::from_utf8_lossy(&bytes).into_owned().into();
                let kind = ScriptKind::Dot { positional: None };
                self.frames.push(Frame::Script(Script { kind, text, at: 0, line: 1 }));
            }
        }
    }

    /// Switches an option of `set` by its letter; false where there is none.
    pub(super) fn set_letter(&mut self, letter: char, on: bool) -> bool {
        let options = &mut self.options;
        let option = match letter {
            'a' => &mut options.allexport,
            'b' => &mut options.notify,
            'C' => &mut options.noclobber,
            'e' => &mut options.errexit,
            'f' => &mut options.noglob,
            'm' => &mut options.monitor,
            'n' => &mut options.noexec,
            'u' => &mut options.nounset,
            'v' => &mut options.verbose,
            'x' => &mut options.xtrace,
            'E' | 'B' | 'H' | 'h' | 'p' | 'T' | 'V' | 'P' => return true,
            _ => return false,
        };
        *option = on;
        true
    }

    /// Switches an option of `set -o` by its name; false where there is none.
    pub(super) fn set_option(&mut self, name: &str, on: bool) -> bool {
        let options = &mut self.options;
        let option = match name {
            "pipefail" if self.flavor != Flavor::Dash => &mut options.pipefail,
            "ignoreeof" => &mut options.ignoreeof,
            "vi" | "emacs" | "nolog" | "posix" | "errtrace" | "functrace" | "braceexpand" | "hashall"
            | "histexpand" | "history" | "privileged" | "physical" => return true,
            name => match LETTERS.iter().find(|(long, _)| *long == name) {
                Some((_, letter)) => return self.set_letter(*letter, on),
                None => return false,
            },
        };
        *option = on;
        true
    }

    /// The options of `set -o` and whether they are on, in the order each shell lists them.
    pub(super) fn option_list(&self) -> Vec<(&'static str, bool)> {
        let names: &[&str] = match self.flavor {
            Flavor::Dash => &[
                "errexit",
                "noglob",
                "ignoreeof",
                "interactive",
                "monitor",
                "noexec",
                "stdin",
                "xtrace",
                "verbose",
                "vi",
                "emacs",
                "noclobber",
                "allexport",
                "notify",
                "nounset",
                "privileged",
                "nolog",
                "debug",
            ],
            Flavor::Ash => &[
                "errexit",
                "noglob",
                "ignoreeof",
                "monitor",
                "noexec",
                "xtrace",
                "verbose",
                "noclobber",
                "allexport",
                "notify",
                "nounset",
                "errtrace",
                "vi",
                "pipefail",
            ],
            Flavor::Bash => &[
                "allexport",
                "braceexpand",
                "emacs",
                "errexit",
                "errtrace",
                "functrace",
                "hashall",
                "histexpand",
                "history",
                "ignoreeof",
                "interactive-comments",
                "keyword",
                "monitor",
                "noclobber",
                "noexec",
                "noglob",
                "nolog",
                "notify",
                "nounset",
                "onecmd",
                "physical",
                "pipefail",
                "posix",
                "privileged",
                "verbose",
                "vi",
                "xtrace",
            ],
        };
        let letters = self.option_letters();
        let is_on = |name: &str| match name {
            "pipefail" => self.options.pipefail,
            "ignoreeof" => self.options.ignoreeof,
            "interactive" => self.options.interactive,
            "stdin" => self.options.standard_input,
            "braceexpand" | "hashall" | "interactive-comments" => true,
            "emacs" | "histexpand" | "history" => self.options.interactive && self.flavor == Flavor::Bash,
            name => LETTERS.iter().any(|(long, letter)| *long == name && letters.contains(*letter)),
        };
        names.iter().map(|name| (*name, is_on(name))).collect()
    }

    /// `$-`
    pub(super) fn option_letters(&self) -> String {
        let o = &self.options;
        let bash = self.flavor == Flavor::Bash;
        let letters = [
            ('a', o.allexport),
            ('b', o.notify),
            ('C', o.noclobber),
            ('e', o.errexit),
            ('f', o.noglob),
            ('h', bash),
            ('i', o.interactive),
            ('m', o.monitor),
            ('n', o.noexec),
            ('u', o.nounset),
            ('v', o.verbose),
            ('x', o.xtrace),
            ('B', bash),
            ('H', bash && o.interactive),
            ('c', self.flavor != Flavor::Dash && o.command),
            ('s', o.standard_input),
        ];
        letters.into_iter().filter(|(_, on)| *on).map(|(letter, _)| letter).collect()
    }
}

const LETTERS: [(&str, char); 10] = [
    ("allexport", 'a'),
    ("notify", 'b'),
    ("noclobber", 'C'),
    ("errexit", 'e'),
    ("noglob", 'f'),
    ("monitor", 'm'),
    ("noexec", 'n'),
    ("nounset", 'u'),
    ("verbose", 'v'),
    ("xtrace", 'x'),
];

/// dash has a shorter text for one error.
pub(super) fn no_file(errno: crate::container::errno::Errno) -> String {
    match errno {
        crate::container::errno::Errno::NotFound => "No such file".to_owned(),
        errno => errno.to_string(),
    }
}
