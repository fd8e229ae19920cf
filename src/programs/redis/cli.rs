//! `redis-cli`.

use super::{Reply, Text};
use crate::container::commands::network::resolve::resolver;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::programs::outward::{Dial, Dialed};
use crate::programs::packages::release;

/// A running `redis-cli`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cli {
    begun: bool,
    host: String,
    port: u16,
    words: Vec<Text>,
    password: Option<Text>,
    interactive: bool,
    raw: bool,
    dial: Option<Dial>,
    fd: Option<Fd>,
    received: Vec<u8>,
    waiting: u32,
    prompted: bool,
    failed: bool,
}

impl Cli {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Some(step) = self.begin(kernel)
        {
            return step;
        }
        loop {
            if let Some(step) = self.go(kernel) {
                return step;
            }
        }
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        (self.host, self.port) = ("127.0.0.1".into(), 6379);
        let argv = kernel.argv();
        let mut words = argv[1..].iter();
        self.password = kernel.variable("REDISCLI_AUTH");
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().unwrap_or_default();
            match &**word {
                "-h" => self.host = value().to_string(),
                "-p" => self.port = value().parse().unwrap_or(6379),
                "-a" => {
                    self.password = Some(value());
                    kernel.complain("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
                }
                "-n" | "-t" | "-r" | "-i" => drop(value()),
                "--no-auth-warning" | "-2" | "-3" => {}
                "--raw" => self.raw = true,
                "-v" | "--version" => {
                    let own = release(kernel, "REDIS_VERSION", &["redis", "redis-tools"], "7.0.15");
                    kernel.print(format!("redis-cli {own}\n"));
                    return Some(Step::Exit(0));
                }
                option if option.starts_with('-') && self.words.is_empty() => {
                    kernel.complain(format!("Unrecognized option or bad number of args for: '{option}'\n"));
                    return Some(Step::Exit(1));
                }
                _ => {
                    self.words = std::iter::once(word).chain(words.by_ref()).cloned().collect();
                }
            }
        }
        self.interactive = self.words.is_empty() && kernel.is_terminal(0);
        self.raw |= !kernel.is_terminal(1);
        self.dial = Some(Dial::new(&self.host, self.port, None));
        None
    }

    fn go(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        if let Some(dial) = &mut self.dial {
            let why = match dial.step(kernel) {
                Dialed::Waits(wait) => return Some(wait.into()),
                Dialed::Connected(fd, _) => {
                    self.fd = Some(fd);
                    self.dial = None;
                    if let Some(password) = self.password.clone() {
                        self.send(kernel, &["AUTH".into(), password]);
                        self.waiting += 1;
                    }
                    if !self.words.is_empty() {
                        let words = self.words.clone();
                        self.send(kernel, &words);
                        self.waiting += 1;
                    }
                    return None;
                }
                Dialed::Failed(errno, _) => errno.text().to_owned(),
                Dialed::Unknown(failure) => failure.text(resolver(kernel).libc).to_owned(),
            };
            self.dial = None;
            kernel.complain(format!("Could not connect to Redis at {}:{}: {why}\n", self.host, self.port));
            if !self.interactive {
                return Some(Step::Exit(1));
            }
            return None;
        }
        if self.waiting > 0
            && let Some(fd) = self.fd
        {
            // Two answers may have come at once.
            let whole = Reply::read(&String::from_utf8_lossy(&self.received)).is_some();
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => self.received.extend(bytes),
                _ if whole => {}
                Ok(Data::Empty) => return Some(Wait::readable(fd).into()),
                _ => {
                    kernel.complain("Error: Server closed the connection\n");
                    return Some(Step::Exit(1));
                }
            }
            let text = String::from_utf8_lossy(&self.received).into_owned();
            match Reply::read(&text) {
                None => {}
                Some(Err(wrong)) => {
                    kernel.complain(format!("Error: Protocol error, got \"{wrong}\" as reply type byte\n"));
                    return Some(Step::Exit(1));
                }
                Some(Ok((reply, used))) => {
                    self.received.drain(..used);
                    self.waiting -= 1;
                    // The word of the password is not shown.
                    let silent = self.password.take().is_some();
                    self.failed |= matches!(reply, Reply::Error(_));
                    if !silent {
                        kernel.print(if self.raw { reply.raw() } else { reply.shown("") });
                    } else if let Reply::Error(text) = &reply {
                        kernel.complain(format!("AUTH failed: {text}\n"));
                    }
                }
            }
            return None;
        }
        if !self.words.is_empty() {
            return Some(Step::Exit(0));
        }
        if self.interactive && !std::mem::replace(&mut self.prompted, true) {
            kernel.print(match self.fd {
                Some(_) => format!("{}:{}> ", self.host, self.port),
                None => "not connected> ".into(),
            });
        }
        match kernel.read_line(0) {
            Ok(Data::Empty) => Some(Wait::readable(0).into()),
            Ok(Data::Bytes(bytes)) => {
                self.prompted = false;
                let line = String::from_utf8_lossy(&bytes).into_owned();
                let words = words_of(&line);
                match words.first().map(|word| word.to_lowercase()).as_deref() {
                    None => None,
                    Some("quit" | "exit") => Some(Step::Exit(0)),
                    Some("clear") => {
                        kernel.print("\x1b[H\x1b[2J");
                        None
                    }
                    Some(_) if self.fd.is_none() => {
                        self.dial = Some(Dial::new(&self.host, self.port, None));
                        None
                    }
                    Some(_) => {
                        self.send(kernel, &words);
                        self.waiting += 1;
                        None
                    }
                }
            }
            _ => Some(Step::Exit(0)),
        }
    }

    fn send(&self, kernel: &mut Kernel<'_>, words: &[Text]) {
        let Some(fd) = self.fd else { return };
        kernel.write(fd, &Reply::request(words)).ok();
    }
}

/// The words of a typed line; quotes hold some together.
fn words_of(line: &str) -> Vec<Text> {
    let (mut words, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
    for c in line.trim().chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                any = true;
            }
            (None, c) if c.is_whitespace() => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word).into());
                }
                any = false;
            }
            (_, c) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word.into());
    }
    words
}
