//! A connection of a client library to a database.

use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::commands::network::resolve::resolver;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::network::resolver::Failure;
use crate::programs::outward::{Dial, Dialed};
use crate::programs::sql::{from_lines, to_lines};

/// Whose client library is used: it words errors, and says which plugins are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Library {
    #[default]
    Maria,
    MySql,
    /// PHP's mysqlnd.
    Php,
}

/// A connection to a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Link {
    pub library: Library,
    pub host: String,
    pub port: u16,
    pub socket: Option<String>,
    pub user: String,
    pub password: String,
    pub database: String,
    pub patience: Option<Duration>,
    /// The server waits for the client to speak first.
    pub silent: bool,
    pub(super) ip: Option<std::net::IpAddr>,
    dial: Option<Dial>,
    fd: Option<Fd>,
    received: Vec<u8>,
    greeted: bool,
    sent: bool,
    pub version: String,
    pub comment: String,
    pub id: String,
    until: Option<SimTime>,
}

/// Why a link is not made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    pub code: u16,
    pub state: String,
    pub text: String,
    /// What it came of, where it is no word of the server.
    pub errno: Option<Errno>,
    pub unknown: Option<Failure>,
}

/// What an answer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Rows(Vec<Arc<str>>, Vec<Vec<Option<Arc<str>>>>),
    Done(usize, String),
    Changed(Arc<str>, usize),
    Error(u16, String, String),
    Status(Vec<Arc<str>>),
    Lost,
}

/// Linux's number of an error.
pub fn number(errno: Errno) -> u8 {
    match errno {
        Errno::NotFound | Errno::NotDirectory => 2,
        Errno::PermissionDenied => 13,
        Errno::TimedOut => 110,
        Errno::ConnectionRefused => 111,
        Errno::NetworkUnreachable => 101,
        Errno::HostUnreachable => 113,
        _ => 104,
    }
}

impl Link {
    /// One that is to be made with this library.
    pub fn new(library: Library) -> Self {
        Self { library, ..Self::default() }
    }

    fn refused(&self, code: u16, state: &str, text: String) -> Refused {
        Refused { code, state: state.into(), text, errno: None, unknown: None }
    }

    /// The address that was tried.
    pub fn ip(&self) -> Option<std::net::IpAddr> {
        self.ip
    }

    /// Goes on connecting: made, refused, or what it waits for.
    pub fn connect(&mut self, kernel: &mut Kernel<'_>) -> Result<Result<(), Refused>, Wait> {
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.open(kernel)? {
                Ok(fd) => {
                    self.fd = Some(fd);
                    self.until = Some(kernel.now() + self.patience.unwrap_or(Duration::from_secs(43_200)));
                    fd
                }
                Err(refused) => return Ok(Err(refused)),
            },
        };
        if !self.greeted && !self.silent {
            let whole = self.receive(kernel, fd)?;
            // The greeting of another protocol is none.
            let begins = self.received.get(4) == Some(&10);
            let end = self.received.iter().skip(5).position(|byte| *byte == b'\n').map(|at| at + 5);
            let (Some(end), true) = (end, begins) else {
                if whole || !begins && !self.received.is_empty() {
                    kernel.close(fd).ok();
                    self.fd = None;
                    let text = "Lost connection to MySQL server at 'reading initial communication packet', system error: 0";
                    let text = if self.library == Library::Maria {
                        text.replace("MySQL server", "server").replace("0", "115")
                    } else {
                        text.to_owned()
                    };
                    return Ok(Err(self.refused(2013, "HY000", text)));
                }
                return Err(Wait::readable(fd).or_until(self.until));
            };
            let text = String::from_utf8_lossy(&self.received[5..end]).into_owned();
            let (version, rest) = text.split_once('\0').unwrap_or((&text, ""));
            let (id, comment) = rest.split_once('\t').unwrap_or((rest, ""));
            (self.version, self.id, self.comment) =
                (version.trim_start_matches("5.5.5-").to_owned(), id.to_owned(), comment.to_owned());
            self.received.clear();
            self.greeted = true;
            let new = !version.contains("MariaDB") && !version.starts_with("5.");
            let plugin = "/usr/lib/mariadb/plugin/caching_sha2_password.so";
            if new
                && self.library == Library::Maria
                && kernel.files().exists("/etc/alpine-release")
                && !kernel.files().exists(plugin)
            {
                kernel.close(fd).ok();
                let text = format!(
                    "Plugin caching_sha2_password could not be loaded: Error loading shared library {plugin}: No such file or directory"
                );
                return Ok(Err(self.refused(1045, "28000", text)));
            }
        }
        if !self.sent {
            self.sent = true;
            let text = |text: &str| Some(Arc::from(text));
            self.send(
                kernel,
                vec![text("login"), text(&self.user), text(&self.password), text(&self.database)],
            );
        }
        match self.answer(kernel)? {
            Answer::Error(code, state, text) => Ok(Err(self.refused(code, &state, text))),
            Answer::Lost => {
                Ok(Err(self.refused(2013, "HY000", "Lost connection to server during query".into())))
            }
            _ => Ok(Ok(())),
        }
    }

    fn open(&mut self, kernel: &mut Kernel<'_>) -> Result<Result<Fd, Refused>, Wait> {
        if let Some(socket) = &self.socket {
            return Ok(kernel.connect_at(socket).map_err(|errno| {
                let number = number(errno);
                let (code, text) = match self.library {
                    Library::Maria => {
                        (2002, format!("Can't connect to local server through socket '{socket}' ({number})"))
                    }
                    Library::MySql => (
                        2002,
                        format!("Can't connect to local MySQL server through socket '{socket}' ({number})"),
                    ),
                    _ => (2002, errno.to_string()),
                };
                Refused { errno: Some(errno), ..self.refused(code, "HY000", text) }
            }));
        }
        let patience = self.patience;
        let dial = self.dial.get_or_insert_with(|| Dial::new(&self.host, self.port, patience));
        match dial.step(kernel) {
            Dialed::Waits(wait) => Err(wait),
            Dialed::Connected(fd, ip) => {
                self.ip = Some(ip);
                Ok(Ok(fd))
            }
            Dialed::Unknown(failure) => {
                let (host, code) = (&self.host, failure.code());
                let (number, text) = match self.library {
                    Library::Maria => (2005, format!("Unknown server host '{host}' ({code})")),
                    Library::MySql => (2005, format!("Unknown MySQL server host '{host}' ({code})")),
                    Library::Php => (
                        2002,
                        format!(
                            "php_network_getaddresses: getaddrinfo for {host} failed: {}",
                            failure.text(resolver(kernel).libc)
                        ),
                    ),
                };
                Ok(Err(Refused { unknown: Some(failure), ..self.refused(number, "HY000", text) }))
            }
            Dialed::Failed(errno, ip) => {
                self.ip = Some(ip);
                let (host, port) = (&self.host, self.port);
                let (code, text) = match self.library {
                    Library::Maria => {
                        let number = if errno == Errno::TimedOut { 110 } else { 115 };
                        (2002, format!("Can't connect to server on '{host}' ({number})"))
                    }
                    Library::MySql => (
                        2003,
                        format!("Can't connect to MySQL server on '{host}:{port}' ({})", number(errno)),
                    ),
                    Library::Php => (2002, errno.to_string()),
                };
                Ok(Err(Refused { errno: Some(errno), ..self.refused(code, "HY000", text) }))
            }
        }
    }

    /// Reads what has come; true where no more will.
    fn receive(&mut self, kernel: &mut Kernel<'_>, fd: Fd) -> Result<bool, Wait> {
        if kernel.read_into(fd, &mut self.received) {
            return Ok(true);
        }
        if !self.received.is_empty() {
            return Ok(false);
        }
        if self.until.is_some_and(|until| kernel.now() >= until) {
            return Ok(true);
        }
        Err(Wait::readable(fd).or_until(self.until))
    }

    fn send(&self, kernel: &mut Kernel<'_>, cells: Vec<Option<Arc<str>>>) {
        if let Some(fd) = self.fd {
            kernel.write(fd, to_lines([&cells[..]]).as_bytes()).ok();
        }
    }

    /// Asks; the answer comes with [`Link::answer`].
    pub fn ask(&mut self, kernel: &mut Kernel<'_>, what: &str, text: &str) {
        self.send(kernel, vec![Some(what.into()), Some(text.into())]);
    }

    /// The next whole answer.
    pub fn answer(&mut self, kernel: &mut Kernel<'_>) -> Result<Answer, Wait> {
        let Some(fd) = self.fd else { return Ok(Answer::Lost) };
        let ended = if self.received.contains(&b'\n') { false } else { self.receive(kernel, fd)? };
        let text = String::from_utf8_lossy(&self.received).into_owned();
        let lines = text.matches('\n').count();
        let waits = || if ended { Ok(Answer::Lost) } else { Err(Wait::readable(fd)) };
        if lines == 0 {
            return waits();
        }
        let mut rows = from_lines(&text);
        let first = rows.remove(0);
        let cell = |at: usize| first.get(at).cloned().flatten().unwrap_or_default();
        let count = |at: usize| cell(at).parse::<usize>().unwrap_or(0);
        let (answer, used) = match &*cell(0) {
            "rows" => {
                let wanted = count(1);
                if lines < wanted + 2 {
                    let more = self.receive_more(kernel, fd);
                    return if more { self.answer(kernel) } else { waits() };
                }
                let headings = rows.remove(0).into_iter().flatten().collect();
                rows.truncate(wanted);
                (Answer::Rows(headings, rows), wanted + 2)
            }
            "done" => (Answer::Done(count(1), cell(2).to_string()), 1),
            "changed" => (Answer::Changed(cell(1), count(2)), 1),
            "error" => {
                (Answer::Error(cell(1).parse().unwrap_or(0), cell(2).to_string(), cell(3).to_string()), 1)
            }
            _ => (Answer::Status(first.iter().map(|own| own.clone().unwrap_or_default()).collect()), 1),
        };
        let end = text.split_inclusive('\n').take(used).map(str::len).sum::<usize>();
        self.received.drain(..end);
        Ok(answer)
    }

    fn receive_more(&mut self, kernel: &mut Kernel<'_>, fd: Fd) -> bool {
        let before = self.received.len();
        while let Ok(Data::Bytes(bytes)) = kernel.read(fd, 65_536) {
            self.received.extend(bytes);
        }
        self.received.len() > before
    }

    pub fn close(&mut self, kernel: &mut Kernel<'_>) {
        if let Some(fd) = self.fd.take() {
            kernel.close(fd).ok();
        }
    }
}
