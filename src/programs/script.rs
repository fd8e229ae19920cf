//! `python3`, `node`, `php` and `ruby`: Saya has none of these languages. Of their programs it runs Python's web
//! server, those of a line that print something, and those that people try a network with: one call that connects, beside
//! what prints what came of it.

use std::sync::Arc;
use std::time::Duration;

use super::mysql::{Library, Link, Refused};
use super::oneliner::{self, Language, Statement};
use super::outward::{Dial, Dialed};
use super::web;
use crate::base::SimTime;
use crate::container::commands::network::resolve::resolver;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::network::resolver::Failure;

/// The library that connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum By {
    Urllib,
    Requests,
    Socket,
    PyMysql,
    Net,
    Fetch,
    Mysqli,
    Pdo,
}

/// How the calls are written.
const CALLS: &[(&str, By)] = &[
    ("urlopen(", By::Urllib),
    ("requests.get(", By::Requests),
    ("socket.create_connection(", By::Socket),
    ("pymysql.connect(", By::PyMysql),
    ("('net').connect(", By::Net),
    ("(\"net\").connect(", By::Net),
    ("net.createConnection(", By::Net),
    ("fetch(", By::Fetch),
    ("new mysqli(", By::Mysqli),
    ("new PDO(", By::Pdo),
];

/// What came of a connection.
enum Came {
    Unknown(Failure),
    Failed(Errno),
    Refused(Refused),
    /// An answer by HTTP, or none that is.
    Answer(Option<(u16, String, String)>),
    /// The version of a database.
    Database(String),
    Connected,
}

/// A call that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    by: By,
    code: Arc<str>,
    host: String,
    port: u16,
    path: String,
    patience: Option<u64>,
    dial: Dial,
    link: Option<Box<Link>>,
    fd: Option<Fd>,
    received: Vec<u8>,
    until: Option<SimTime>,
}

/// The text between quotes at the beginning.
fn quoted(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    text[1..].split(quote).next()
}

/// An argument by name: `host='a'`, `{host: 'a'}`, `dbname=a;`.
fn named<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let at = text.match_indices(name).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            && text[at + name.len()..].trim_start().starts_with(['=', ':'])
    })?;
    let rest = text[at.0 + name.len()..].trim_start()[1..].trim_start();
    quoted(rest).or_else(|| rest.split([',', ')', '}', ';', '\'', '"', ' ']).next())
}

impl Call {
    /// The call in a program, if it is one of those.
    fn find(kernel: &Kernel<'_>, code: &Arc<str>) -> Option<Self> {
        let (at, needle, by) = CALLS
            .iter()
            .filter_map(|(needle, by)| Some((code.find(needle)?, *needle, *by)))
            .min_by_key(|c| c.0)?;
        let text = &code[at + needle.len()..];
        let first = quoted(text.trim_start_matches(['(', ' ']));
        let words: Vec<&str> = text.split(')').next().unwrap_or_default().split(',').collect();
        let number = |name: &str| named(text, name)?.parse::<f64>().ok().map(|n| (n * 1_000.0) as u64);
        let mut patience = number("timeout").or_else(|| number("connect_timeout"));
        let mut link = None;
        let (host, port, path) = match by {
            By::Urllib | By::Requests | By::Fetch => {
                let rest = first?.strip_prefix("http://")?;
                let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let (host, port) = place.split_once(':').unwrap_or((place, "80"));
                (host, port.parse().ok()?, if path.is_empty() { "/" } else { path })
            }
            By::Socket => {
                let port = words.get(1)?.trim().parse().ok()?;
                let rest = text.split_once(')').map_or("", |(_, rest)| rest);
                let limit = rest.trim_start_matches([',', ' ']).split([',', ')']).next().unwrap_or_default();
                patience = patience.or_else(|| limit.parse::<f64>().ok().map(|n| (n * 1_000.0) as u64));
                (first?, port, "")
            }
            By::Net => {
                let port = named(text, "port").or_else(|| words.first().copied())?.trim().parse().ok()?;
                (named(text, "host").or_else(|| quoted(words.get(1)?)).unwrap_or("localhost"), port, "")
            }
            By::PyMysql | By::Mysqli | By::Pdo => {
                let mut own = Link::new(Library::Php);
                let word = |at: usize| words.get(at).and_then(|word| quoted(word)).unwrap_or_default();
                let (host, user, password, database) = match by {
                    By::PyMysql => (
                        named(text, "host").unwrap_or("localhost"),
                        named(text, "user").unwrap_or_default(),
                        named(text, "password").unwrap_or_default(),
                        named(text, "database").or_else(|| named(text, "db")).unwrap_or_default(),
                    ),
                    By::Mysqli => (word(0), word(1), word(2), word(3)),
                    _ => {
                        let source = first?.strip_prefix("mysql:")?;
                        (
                            named(source, "host").unwrap_or("localhost"),
                            word(1),
                            word(2),
                            named(source, "dbname").unwrap_or_default(),
                        )
                    }
                };
                own.host = host.to_owned();
                own.port = named(text, "port").and_then(|port| port.parse().ok()).unwrap_or(3306);
                (own.user, own.password, own.database) =
                    (user.to_owned(), password.to_owned(), database.to_owned());
                own.patience = Some(Duration::from_millis(patience.unwrap_or(10_000)));
                own.socket =
                    (host == "localhost" && by != By::PyMysql).then(|| super::mysqld::SOCKET.to_owned());
                let port = own.port;
                link = Some(Box::new(own));
                (host, port, "")
            }
        };
        let dial = Dial::new(host, port, patience.map(Duration::from_millis));
        let until = patience.map(|limit| kernel.now() + Duration::from_millis(limit));
        let (host, path) = (host.to_owned(), path.to_owned());
        let code = code.clone();
        Some(Self { by, code, host, port, path, patience, dial, link, fd: None, received: Vec::new(), until })
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<Came, Wait> {
        if let Some(link) = &mut self.link {
            return Ok(match link.connect(kernel)? {
                Ok(()) => {
                    link.close(kernel);
                    let version = link.version.clone();
                    Came::Database(if version.contains("MariaDB") {
                        format!("5.5.5-{version}")
                    } else {
                        version
                    })
                }
                Err(Refused { unknown: Some(failure), .. }) => Came::Unknown(failure),
                Err(Refused { errno: Some(errno), .. }) => Came::Failed(errno),
                Err(refused) => Came::Refused(refused),
            });
        }
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.dial.step(kernel) {
                Dialed::Waits(wait) => return Err(wait),
                Dialed::Unknown(failure) => return Ok(Came::Unknown(failure)),
                Dialed::Failed(errno, ip) => {
                    self.path = ip.to_string();
                    return Ok(Came::Failed(errno));
                }
                Dialed::Connected(..) if matches!(self.by, By::Socket | By::Net) => {
                    return Ok(Came::Connected);
                }
                Dialed::Connected(fd, _) => {
                    let (host, port) = (&self.host, self.port);
                    let host = if port == 80 { host.clone() } else { format!("{host}:{port}") };
                    let agent = match self.by {
                        By::Urllib => "Python-urllib/3.12",
                        By::Requests => "python-requests/2.32.3",
                        _ => "node",
                    };
                    let request = format!(
                        "GET {} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                        self.path
                    );
                    kernel.write(fd, request.as_bytes()).ok();
                    self.fd = Some(fd);
                    fd
                }
            },
        };
        if !kernel.read_into(fd, &mut self.received) {
            if self.until.is_some_and(|until| kernel.now() >= until) {
                return Ok(Came::Failed(Errno::TimedOut));
            }
            return Err(Wait::readable(fd).or_until(self.until));
        }
        let text = String::from_utf8_lossy(&self.received).into_owned();
        Ok(Came::Answer(text.split_once("\r\n\r\n").filter(|_| text.starts_with("HTTP/")).map(
            |(head, body)| {
                let mut words = head.lines().next().unwrap_or_default().splitn(3, ' ').skip(1);
                let status = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
                (status, words.next().unwrap_or_default().to_owned(), body.to_owned())
            },
        )))
    }

    /// Prints what the language would, and gives the exit code.
    fn end(&self, kernel: &mut Kernel<'_>, came: Came) -> u8 {
        let code = &*self.code;
        let says = |what: &str| code.contains(what);
        let prints = says("print(") || says("console.log(") || says("echo ");
        if let Came::Answer(Some((status @ 200..400, _, body))) | Came::Answer(Some((status, _, body))) =
            &came
            && (self.by != By::Urllib || *status < 400)
        {
            let body = body.trim_end_matches('\n');
            match prints {
                true if says(".status") || says("getcode()") => kernel.print(format!("{status}\n")),
                true if self.by == By::Requests && !says(".text") && !says(".content") => {
                    kernel.print(format!("<Response [{status}]>\n"));
                }
                true => kernel.print(format!("{body}\n")),
                false => {}
            }
            return 0;
        }
        match &came {
            Came::Database(version) => {
                if prints {
                    kernel.print(format!("{version}\n"));
                }
                return 0;
            }
            Came::Connected => return 0,
            _ => {}
        }
        let libc = resolver(kernel).libc;
        // As Python shows an error of the system, and its name there.
        let (why, class) = match &came {
            Came::Unknown(failure) => {
                (format!("[Errno {}] {}", failure.code(), failure.text(libc)), "socket.gaierror")
            }
            Came::Failed(Errno::TimedOut) => ("timed out".to_owned(), "TimeoutError"),
            Came::Failed(errno) => (
                format!("[Errno {}] {errno}", super::mysql::number(*errno)),
                if *errno == Errno::ConnectionRefused { "ConnectionRefusedError" } else { "OSError" },
            ),
            _ => (String::new(), ""),
        };
        let (host, port) = (&self.host, self.port);
        let raised = match self.by {
            By::Socket => format!("{class}: {why}"),
            By::Urllib => match &came {
                Came::Answer(Some((status, reason, _))) => {
                    format!("urllib.error.HTTPError: HTTP Error {status}: {reason}")
                }
                Came::Answer(None) => {
                    "http.client.RemoteDisconnected: Remote end closed connection without response".into()
                }
                _ => format!("urllib.error.URLError: <urlopen error {why}>"),
            },
            By::Requests => {
                let pool = format!(
                    "HTTPConnectionPool(host='{host}', port={port}): Max retries exceeded with url: "
                );
                let path = if matches!(came, Came::Failed(_)) { "/" } else { &self.path };
                let object =
                    format!("<urllib3.connection.HTTPConnection object at 0x{:012x}>", 0x7f3a_5c1d_2e50_u64);
                match &came {
                    Came::Answer(_) => "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))".into(),
                    Came::Failed(Errno::TimedOut) => format!(
                        "requests.exceptions.ConnectTimeout: {pool}{path} (Caused by ConnectTimeoutError({object}, 'Connection to {host} timed out. (connect timeout={})'))",
                        self.patience.unwrap_or(0) as f64 / 1_000.0
                    ),
                    _ => format!(
                        "requests.exceptions.ConnectionError: {pool}{path} (Caused by NewConnectionError('{object}: Failed to establish a new connection: {why}'))"
                    ),
                }
            }
            By::PyMysql => match &came {
                Came::Refused(refused) => {
                    format!("pymysql.err.OperationalError: ({}, \"{}\")", refused.code, refused.text)
                }
                _ => format!(
                    "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on '{host}' ({why})\")"
                ),
            },
            By::Net | By::Fetch => return self.node(kernel, &came),
            By::Mysqli | By::Pdo => return self.php(kernel, &came),
        };
        kernel.complain(format!(
            "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n{raised}\n"
        ));
        1
    }

    fn node(&self, kernel: &mut Kernel<'_>, came: &Came) -> u8 {
        let (host, port) = (&self.host, self.port);
        let (text, errno, name, syscall, more) = match came {
            Came::Unknown(_) => (
                format!("getaddrinfo ENOTFOUND {host}"),
                -3008,
                "ENOTFOUND",
                "getaddrinfo",
                format!("hostname: '{host}'"),
            ),
            Came::Failed(errno) => {
                let name = super::outward::node_code(*errno);
                let number = -i32::from(super::mysql::number(*errno));
                let ip = &self.path;
                (
                    format!("connect {name} {ip}:{port}"),
                    number,
                    name,
                    "connect",
                    format!("address: '{ip}',\n@port: {port}"),
                )
            }
            _ => ("other side closed".into(), -104, "UND_ERR_SOCKET", "read", format!("port: {port}")),
        };
        let version = kernel.variable("NODE_VERSION").unwrap_or_else(|| "20.20.2".into());
        let own = format!("{{\n@errno: {errno},\n@code: '{name}',\n@syscall: '{syscall}',\n@{more}\n");
        kernel.complain(if self.by == By::Fetch {
            format!(
                "node:internal/deps/undici/undici:13510\n      Error.captureStackTrace(err);\n            ^\n\nTypeError: fetch failed\n    at node:internal/deps/undici/undici:13510:13 {{\n  [cause]: Error: {text} {}  }}\n}}\n\nNode.js v{version}\n",
                own.replace('@', "    ")
            )
        } else {
            format!(
                "node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: {text}\nEmitted 'error' event on Socket instance at:\n    at emitErrorNT (node:internal/streams/destroy:169:8) {}}}\n\nNode.js v{version}\n",
                own.replace('@', "  ")
            )
        });
        1
    }

    fn php(&self, kernel: &mut Kernel<'_>, came: &Came) -> u8 {
        let (code, text) = match came {
            Came::Refused(refused) => (refused.code, refused.text.clone()),
            Came::Unknown(failure) => (
                2002,
                format!(
                    "php_network_getaddresses: getaddrinfo for {} failed: {}",
                    self.host,
                    failure.text(resolver(kernel).libc)
                ),
            ),
            Came::Failed(errno) => (2002, errno.to_string()),
            _ => (2006, "MySQL server has gone away".into()),
        };
        let (call, class, text) = match self.by {
            By::Mysqli => ("mysqli::__construct()", "mysqli_sql_exception", text),
            _ => ("PDO::__construct()", "PDOException", format!("SQLSTATE[HY000] [{code}] {text}")),
        };
        if matches!(came, Came::Unknown(_)) {
            let warning = format!(
                "{call}: {} in Command line code on line 1\n",
                text.trim_start_matches("SQLSTATE[HY000] [2002] ")
            );
            kernel.complain(format!("PHP Warning:  {warning}"));
            kernel.print(format!("\nWarning: {warning}"));
        }
        // What a program catches it prints by these two.
        if self.code.contains("catch") {
            let code = if self.code.contains("getCode()") { format!("{code}: ") } else { String::new() };
            kernel.complain(format!("{code}{text}\n"));
            return 1;
        }
        kernel.complain(format!(
            "PHP Fatal error:  Uncaught {class}: {text} in Command line code:1\nStack trace:\n#0 Command line code(1): {}\n#1 {{main}}\n  thrown in Command line code on line 1\n",
            call.replace("::", "->")
        ));
        255
    }
}

/// A running interpreter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interpreter {
    server: Option<web::Web>,
    call: Option<Box<Call>>,
    /// What is left to be done of a program of a line, the next step last, and how long it waits.
    left: Vec<Statement>,
    until: Option<SimTime>,
    begun: bool,
}

impl Interpreter {
    /// Does what is left of a program of a line.
    fn run(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if let Some(until) = self.until.filter(|until| kernel.now() < *until) {
            return Wait::until(until).into();
        }
        loop {
            match self.left.pop() {
                Some(Statement::Print(text)) => kernel.print(text),
                Some(Statement::Wait(time)) => {
                    let until = kernel.now() + time;
                    self.until = Some(until);
                    return Wait::until(until).into();
                }
                Some(Statement::Exit(status)) => return Step::Exit(status),
                None => return Step::Exit(0),
            }
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if let Some(server) = &mut self.server {
            return server.step(kernel);
        }
        if let Some(call) = &mut self.call {
            return match call.step(kernel) {
                Ok(came) => Step::Exit(call.end(kernel, came)),
                Err(wait) => wait.into(),
            };
        }
        if self.until.is_some() {
            return self.run(kernel);
        }
        if std::mem::replace(&mut self.begun, true) {
            return Wait::forever().into();
        }
        let argv = kernel.argv();
        let name = argv[0].rsplit('/').next().unwrap_or_default();
        let (language, prefix) = match name {
            "node" => (Language::Node, "NODE"),
            "php" => (Language::Php, "PHP"),
            "ruby" | "irb" => (Language::Ruby, "RUBY"),
            _ => (Language::Python, "PYTHON"),
        };
        let version = kernel.variable(&format!("{prefix}_VERSION")).unwrap_or_default();
        if let Some(("-c" | "-e" | "-r" | "-p", code)) = argv.get(1).map(|word| &**word).zip(argv.get(2)) {
            let shown = (&*argv[1] == "-p").then(|| format!("console.log({code})"));
            if let Some(mut program) = oneliner::read(kernel, language, shown.as_deref().unwrap_or(code)) {
                program.reverse();
                self.left = program;
                return self.run(kernel);
            }
        }
        match argv.get(1).map(|word| &**word) {
            Some("-m") if argv.get(2).is_some_and(|module| &**module == "http.server") => {
                let server = self.server.insert(web::Web::new(web::Kind::Python));
                return server.step(kernel);
            }
            Some("-V" | "--version" | "-v") => {
                kernel.print(match language {
                    Language::Node => format!("v{version}\n"),
                    Language::Php => format!("PHP {version} (cli) (NTS)\n"),
                    Language::Ruby => format!("ruby {version} [x86_64-linux]\n"),
                    Language::Python => format!("Python {version}\n"),
                });
                return Step::Exit(0);
            }
            Some("-c" | "-e" | "-r" | "-p") => {
                if let Some(call) = argv.get(2).and_then(|code| Call::find(kernel, code)) {
                    self.call = Some(Box::new(call));
                    return Step::Yield;
                }
            }
            // They read a program from their input, which has none.
            None if !kernel.is_terminal(0) => return Step::Exit(0),
            _ => {}
        }
        // Node goes on where something is left to do, and catches no signal.
        let waits = argv.get(2).is_some_and(|code| code.starts_with("setInterval("));
        if !waits {
            kernel.complain(format!("({name}: Saya does not run programs of this language.)\n"));
            if kernel.pid() != crate::container::machine::Pid(1) {
                return Step::Exit(1);
            }
        }
        // A container's main program is taken for a server. None of the three catches SIGTERM by itself.
        Wait::forever().into()
    }
}
