//! Where the next command comes from, and the prompts before it.

use std::sync::Arc;

use super::interpreter::{Flow, Frame};
use super::lexer::Problem;
use super::messages::base_name;
use super::parser::{Parsed, Reading, parse_line};
use super::{Flavor, Shell, Source};
use crate::container::kernel::{Data, Kernel};
use crate::container::program::Wait;

impl Shell {
    /// Reads the next command, or ends.
    pub(super) fn next_command(&mut self, kernel: &mut Kernel<'_>) -> Flow {
        if let Some(status) = self.exiting {
            return Flow::Exit(status);
        }
        match &self.source {
            Source::Start => {
                self.source = Source::None;
                self.start(kernel)
            }
            Source::None => self.exit(kernel, self.status),
            Source::Text { text, at } => {
                let (text, at) = (text.clone(), *at);
                if at >= text.len() {
                    return self.exit(kernel, self.status);
                }
                self.forget_told_jobs(kernel);
                self.next_text(kernel, &text, at)
            }
            Source::Lines { .. } => self.next_lines(kernel),
        }
    }

    /// bash says where a here-document ends only with the text.
    fn warn_of_unclosed(&self, kernel: &mut Kernel<'_>, parsed: &Parsed) {
        if self.flavor == Flavor::Bash {
            for (line, delimiter) in &parsed.unclosed {
                let last = self.next_line + parsed.lines;
                kernel.complain(format!(
                    "{}: line {last}: warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')\n",
                    self.name
                ));
            }
        }
    }

    fn forget_told_jobs(&mut self, kernel: &mut Kernel<'_>) {
        if !self.jobs.list.is_empty() {
            self.tell_of_jobs(kernel);
        }
    }

    fn next_text(&mut self, kernel: &mut Kernel<'_>, text: &Arc<str>, at: usize) -> Flow {
        let rest = &text[at..];
        let parsed = match parse_line(rest, Reading { whole: true, ..self.reading() }) {
            Ok(parsed) => parsed,
            Err(Problem::Syntax(error)) => {
                self.bad_syntax(kernel, &error);
                return self.exit(kernel, error.status(self.flavor));
            }
            Err(Problem::Incomplete) => return self.exit(kernel, 2),
        };
        let length = parsed.length.max(1);
        self.warn_of_unclosed(kernel, &parsed);
        if self.options.verbose {
            kernel.complain(&rest[..length.min(rest.len())]);
        }
        self.source = Source::Text { text: text.clone(), at: at + length };
        self.next_line += parsed.lines;
        self.frames.push(Frame::List { list: parsed.list, next: 0 });
        Flow::Go
    }

    fn next_lines(&mut self, kernel: &mut Kernel<'_>) -> Flow {
        let Source::Lines { fd, buffer, ended, prompted } = &self.source else { return Flow::Go };
        let (fd, ended, prompted) = (*fd, *ended, *prompted);
        if !buffer.is_empty() {
            let text = buffer.clone();
            let reading = Reading { whole: ended, ..self.reading() };
            // A line that ends in a backslash goes on, however whole what stands before it is.
            let last = text.strip_suffix('\n').unwrap_or_default();
            let slashes = last.len() - last.trim_end_matches('\\').len();
            let read = match parse_line(&text, reading) {
                Ok(parsed) if !ended && slashes % 2 == 1 && parsed.length == text.len() => {
                    Err(Problem::Incomplete)
                }
                read => read,
            };
            match read {
                Ok(parsed) => {
                    if self.options.verbose {
                        kernel.complain(&text[..parsed.length]);
                    }
                    self.set_buffer(text[parsed.length..].to_owned(), false);
                    self.next_line += parsed.lines;
                    self.frames.push(Frame::List { list: parsed.list, next: 0 });
                    return Flow::Go;
                }
                Err(Problem::Incomplete) => {}
                Err(Problem::Syntax(error)) => {
                    self.bad_syntax(kernel, &error);
                    self.status = 2;
                    if !self.options.interactive {
                        // bash reads on at the next line, others give up.
                        if self.flavor != Flavor::Bash || ended {
                            return self.exit(kernel, 2);
                        }
                    }
                    self.next_line += text.matches('\n').count() as u32;
                    self.set_buffer(String::new(), false);
                    return Flow::Go;
                }
            }
        }
        if ended {
            return self.end_of_input(kernel);
        }
        let again = matches!(&self.source, Source::Lines { buffer, .. } if !buffer.is_empty());
        if !prompted {
            self.tell_of_jobs(kernel);
            if self.options.interactive {
                let prompt = self.variables.text(if again { "PS2" } else { "PS1" }).unwrap_or_default();
                let prompt = self.expand_prompt(kernel, &prompt);
                kernel.complain(prompt);
            }
            if !again {
                kernel.prompt(self.status);
            }
            if let Source::Lines { prompted, .. } = &mut self.source {
                *prompted = true;
            }
        }
        match kernel.read_line(fd) {
            Ok(Data::Empty) => Flow::Wait(Wait::readable(fd)),
            Ok(Data::Bytes(bytes)) => {
                kernel.end_prompt();
                let line = String::from_utf8_lossy(&bytes).replace('\0', "");
                let mut text = match &self.source {
                    Source::Lines { buffer, .. } => buffer.clone(),
                    _ => String::new(),
                };
                text.push_str(&line);
                self.set_buffer(text, false);
                Flow::Go
            }
            Ok(Data::End) | Err(_) => {
                kernel.end_prompt();
                if let Source::Lines { ended, .. } = &mut self.source {
                    *ended = true;
                }
                Flow::Go
            }
        }
    }

    fn set_buffer(&mut self, text: String, prompted: bool) {
        if let Source::Lines { buffer, prompted: old, .. } = &mut self.source {
            *buffer = text;
            *old = prompted;
        }
    }

    fn end_of_input(&mut self, kernel: &mut Kernel<'_>) -> Flow {
        if self.options.interactive {
            kernel.complain(match self.flavor {
                Flavor::Bash if self.options.login => "logout\n",
                Flavor::Bash => "exit\n",
                _ => "\n",
            });
        }
        self.exit(kernel, self.status)
    }

    /// A prompt with its backslash sequences and variables.
    pub(super) fn expand_prompt(&self, kernel: &mut Kernel<'_>, text: &str) -> String {
        let mut out = String::new();
        let mut chars = text.chars().peekable();
        let sequences = self.flavor != Flavor::Dash;
        while let Some(c) = chars.next() {
            match c {
                '\\' if sequences => {
                    let Some(c) = chars.next() else {
                        out.push('\\');
                        break;
                    };
                    self.prompt_sequence(kernel, c, &mut out);
                }
                '$' => {
                    let mut name = String::new();
                    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                        name.push(c);
                    }
                    if !name.is_empty() {
                        out.push_str(&self.parameter_text(kernel, &name).unwrap_or_default());
                    } else if let Some(c) = chars.next_if(|c| "?$!#-".contains(*c)) {
                        out.push_str(&self.parameter_text(kernel, &c.to_string()).unwrap_or_default());
                    } else if chars.peek() == Some(&'{') {
                        let braced: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                        // Of the operators only what Debian's default prompt has.
                        let (name, instead) = braced.split_once(":+").unwrap_or((&braced, ""));
                        let value = self.parameter_text(kernel, name).unwrap_or_default();
                        if !value.is_empty() {
                            out.push_str(if braced.contains(":+") { instead } else { &value });
                        }
                    } else {
                        out.push('$');
                    }
                }
                c => out.push(c),
            }
        }
        out
    }

    fn prompt_sequence(&self, kernel: &mut Kernel<'_>, c: char, out: &mut String) {
        let uid = kernel.credentials().uid;
        let (_, month, day, hour, minute, second) = kernel.date().civil();
        match c {
            'u' => out.push_str(&kernel.user_name(uid).unwrap_or_else(|| uid.to_string())),
            'h' => out.push_str(kernel.hostname().split('.').next().unwrap_or_default()),
            'H' => out.push_str(&kernel.hostname()),
            'w' | 'W' => {
                let home = self.variables.text("HOME").unwrap_or_default();
                let path = match self.directory.strip_prefix(&*home) {
                    Some(rest)
                        if !home.is_empty()
                            && home != "/".into()
                            && (rest.is_empty() || rest.starts_with('/')) =>
                    {
                        format!("~{rest}")
                    }
                    _ => self.directory.to_string(),
                };
                let short =
                    if path == "/" || path == "~" { path.clone() } else { base_name(&path).to_string() };
                out.push_str(if c == 'w' { &path } else { &short });
            }
            '$' => out.push(if uid == 0 { '#' } else { '$' }),
            's' => out.push_str(base_name(&self.name).trim_start_matches('-')),
            'v' => out.push_str("5.2"),
            'V' => out.push_str("5.2.15"),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'a' => out.push('\x07'),
            'e' => out.push('\x1b'),
            't' => out.push_str(&format!("{hour:02}:{minute:02}:{second:02}")),
            'A' => out.push_str(&format!("{hour:02}:{minute:02}")),
            'd' => out.push_str(&format!("{month:02}/{day:02}")),
            'j' => out.push_str(&self.jobs.list.len().to_string()),
            '!' | '#' => out.push_str(&self.next_line.to_string()),
            '[' | ']' => {}
            '\\' => out.push('\\'),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
}
