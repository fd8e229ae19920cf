//! The MySQL and MariaDB servers: their start, their accounts, their log.
//!
//! What they say to their clients after the greeting is a protocol of Saya's own: a line a request, a line a part of the
//! answer, cells apart by tabs.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::sql::{Outcome, Session, Store, to_lines};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;

/// Where its socket file is.
pub const SOCKET: &str = "/run/mysqld/mysqld.sock";
/// Where its data is.
pub const DATA: &str = "/var/lib/mysql";

/// A running `mysqld` or `mariadbd`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mysqld {
    phase: Phase,
    maria: bool,
    version: String,
    comment: String,
    store: Store,
    listening: Vec<Fd>,
    clients: Vec<Client>,
    connections: u32,
    questions: u32,
    started: SimTime,
    until: Option<SimTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Phase {
    #[default]
    New,
    Starting,
    Ready,
    Stopping,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    fd: Fd,
    from: String,
    session: Option<Session>,
    received: Vec<u8>,
    number: u32,
}

/// The server version that the image's environment tells.
pub fn version(kernel: &mut Kernel<'_>, maria: bool) -> (String, String) {
    let said = kernel.variable(if maria { "MARIADB_VERSION" } else { "MYSQL_VERSION" });
    let said = said.map_or_else(String::new, |text| text.to_string());
    if !maria {
        let number = said.split('-').next().filter(|number| !number.is_empty()).unwrap_or("8.4.7");
        return (number.to_owned(), "MySQL Community Server - GPL".into());
    }
    // `1:11.8.3+maria~ubu2404` is 11.8.3-MariaDB-ubu2404; a whole server version says the distribution too.
    if let Some((version, comment)) = said.split_once(' ') {
        return (version.to_owned(), comment.to_owned());
    }
    let bare = said.split_once(':').map_or(said.as_str(), |(_, rest)| rest);
    let (number, build) = bare.split_once("+maria~").unwrap_or((bare, "ubu2404"));
    let number = if number.is_empty() { "11.8.3" } else { number };
    (format!("{number}-MariaDB-{build}"), "mariadb.org binary distribution".into())
}

impl Mysqld {
    pub fn new(maria: bool) -> Self {
        Self { maria, store: Store { folder: DATA.into() }, ..Self::default() }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.phase == Phase::New {
            self.phase = Phase::Starting;
            if let Some(step) = self.begin(kernel) {
                return step;
            }
        }
        if kernel.take_signal().is_some() && self.phase != Phase::Stopping {
            self.phase = Phase::Stopping;
            self.until = Some(kernel.now() + Duration::from_millis(1_300));
            let name = self.name();
            match self.maria {
                true => {
                    self.log(kernel, "Note", "", &format!("{name} (initiated by: unknown): Normal shutdown"))
                }
                false => {
                    let text = format!(
                        "Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: {}).",
                        self.version
                    );
                    self.log(kernel, "System", "MY-013172", &text);
                }
            }
            for fd in self.listening.drain(..) {
                kernel.close(fd).ok();
            }
            for client in self.clients.drain(..) {
                kernel.close(client.fd).ok();
            }
            kernel.files().remove_file(SOCKET).ok();
        }
        if let Some(until) = self.until {
            if kernel.now() < until {
                return Wait::until(until).into();
            }
            self.until = None;
            if self.phase == Phase::Stopping {
                let text = format!("{}: Shutdown complete", self.name());
                match self.maria {
                    true => self.log(kernel, "Note", "", &text),
                    false => self.log(
                        kernel,
                        "System",
                        "MY-010910",
                        &format!("{text} (mysqld {})  {}.", self.version, self.comment),
                    ),
                }
                return Step::Exit(0);
            }
            if let Some(step) = self.ready(kernel) {
                return step;
            }
        }
        self.serve(kernel)
    }

    fn name(&self) -> &'static str {
        if self.maria { "mariadbd" } else { "/usr/sbin/mysqld" }
    }

    fn log(&self, kernel: &mut Kernel<'_>, level: &str, code: &str, text: &str) {
        let date = kernel.date().rfc3339();
        kernel.complain(match self.maria {
            true => format!("{} 0 [{level}] {text}\n", date.replace('T', " ").trim_end_matches('Z')),
            false => {
                let part = if code == "MY-013576" || code == "MY-013577" { "InnoDB" } else { "Server" };
                format!(
                    "{}.{:06}Z 0 [{level}] [{code}] [{part}] {text}\n",
                    date.trim_end_matches('Z'),
                    kernel.now().0 % 1_000_000
                )
            }
        });
    }

    fn option(kernel: &Kernel<'_>, name: &str) -> Option<String> {
        let argv = kernel.argv();
        argv.iter().find_map(|word| {
            word.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=').map(str::to_owned)
        })
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        (self.version, self.comment) = version(kernel, self.maria);
        self.started = kernel.now();
        if kernel.argv().iter().any(|word| matches!(&**word, "--version" | "-V")) {
            let (name, version) = (self.name(), &self.version);
            kernel.print(format!("{name}  Ver {version} for Linux on x86_64 ({})\n", self.comment));
            return Some(Step::Exit(0));
        }
        if let Some(folder) = Self::option(kernel, "datadir") {
            self.store.folder = folder.trim_end_matches('/').to_owned();
        }
        let pid = kernel.pid();
        match self.maria {
            true => {
                let text = format!("Starting MariaDB {} source revision  as process {pid}", self.version);
                self.log(kernel, "Note", "", &text);
                self.log(kernel, "Note", "", "InnoDB: Compressed tables use zlib 1.2.13");
            }
            false => {
                if !self.version.starts_with("8.0") && !self.version.starts_with('5') {
                    self.log(kernel, "System", "MY-015015", "MySQL Server - start.");
                }
                let text = format!("/usr/sbin/mysqld (mysqld {}) starting as process {pid}", self.version);
                self.log(kernel, "System", "MY-010116", &text);
                self.log(kernel, "System", "MY-013576", "InnoDB initialization has started.");
            }
        }
        for signal in [Signal::TERM, Signal::QUIT] {
            kernel.on_signal(signal, Action::Catch);
        }
        let system = format!("{}/mysql", self.store.folder);
        if !kernel.files().is_directory(&system) {
            let text = match self.maria {
                true => "Can't open and lock privilege tables: Table 'mysql.db' doesn't exist",
                false => "Failed to find valid data directory.",
            };
            self.log(kernel, "ERROR", "MY-010020", text);
            self.log(kernel, "ERROR", "MY-010119", "Aborting");
            return Some(Step::Exit(1));
        }
        self.until = Some(kernel.now() + Duration::from_millis(900));
        None
    }

    fn ready(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        self.phase = Phase::Ready;
        let port = Self::option(kernel, "port").and_then(|text| text.parse().ok()).unwrap_or(3306);
        let bound = Self::option(kernel, "bind-address")
            .unwrap_or_else(|| if self.maria { "0.0.0.0,::".into() } else { "*".into() });
        let mut heard = Vec::new();
        for address in bound.split(',') {
            let ip: IpAddr = match address {
                "*" | "::" => IpAddr::from([0u16; 8]),
                "localhost" => IpAddr::from([127, 0, 0, 1]),
                other => other.parse().unwrap_or_else(|_| IpAddr::from([0, 0, 0, 0])),
            };
            kernel.on_signal(Signal::PIPE, Action::Ignore);
            match kernel.listen(Protocol::Tcp, ip, port) {
                Ok(fd) => self.listening.push(fd),
                // Where IPv6 hears all, IPv4 needs no socket of its own.
                Err(_) if !self.listening.is_empty() => {}
                Err(errno) => {
                    let text = format!("Can't start server: Bind on TCP/IP port: {errno}");
                    self.log(kernel, "ERROR", "MY-010262", &text);
                    let text = format!("Do you already have another server running on port: {port} ?");
                    self.log(kernel, "ERROR", "MY-010257", &text);
                    self.log(kernel, "ERROR", "MY-010119", "Aborting");
                    return Some(Step::Exit(1));
                }
            }
            heard.push(address.to_owned());
        }
        kernel.files().remove_file(SOCKET).ok();
        kernel.files().make_directory("/run/mysqld", 0o755).ok();
        if let Ok(fd) = kernel.listen_at(SOCKET) {
            self.listening.push(fd);
        }
        match self.maria {
            true => {
                for address in heard {
                    self.log(
                        kernel,
                        "Note",
                        "",
                        &format!("Server socket created on IP: '{address}', port: '{port}'."),
                    );
                }
                self.log(kernel, "Note", "", "mariadbd: ready for connections.");
                kernel.complain(format!(
                    "Version: '{}'  socket: '{SOCKET}'  port: {port}  {}\n",
                    self.version, self.comment
                ));
            }
            false => {
                if let Ok(fd) = kernel.listen(Protocol::Tcp, IpAddr::from([0u16; 8]), 33_060) {
                    self.listening.push(fd);
                }
                self.log(kernel, "System", "MY-013577", "InnoDB initialization has ended.");
                self.log(kernel, "Warning", "MY-010068", "CA certificate ca.pem is self signed.");
                self.log(kernel, "System", "MY-011323", "X Plugin ready for connections. Bind-address: '::' port: 33060, socket: /var/run/mysqld/mysqlx.sock");
                let text = format!(
                    "/usr/sbin/mysqld: ready for connections. Version: '{}'  socket: '/var/run/mysqld/mysqld.sock'  port: {port}  {}.",
                    self.version, self.comment
                );
                self.log(kernel, "System", "MY-010931", &text);
            }
        }
        None
    }

    fn serve(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let mut wait = Wait::forever();
        for listener in self.listening.clone() {
            while let Ok(Some((fd, from))) = kernel.accept(listener) {
                self.greet(kernel, fd, from);
            }
            wait = wait.or_readable(listener);
        }
        for mut client in std::mem::take(&mut self.clients) {
            let mut ended = kernel.read_into(client.fd, &mut client.received);
            while let Some(end) = client.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = client.received.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                if !self.request(kernel, &mut client, &line) {
                    ended = true;
                    break;
                }
            }
            if ended {
                kernel.close(client.fd).ok();
            } else {
                wait = wait.or_readable(client.fd);
                self.clients.push(client);
            }
        }
        wait.into()
    }

    fn greet(&mut self, kernel: &mut Kernel<'_>, fd: Fd, from: SocketAddr) {
        kernel.set_close_on_exec(fd);
        self.connections += 1;
        let ip = from.ip().to_canonical();
        let from = if ip.is_unspecified() { "localhost".to_owned() } else { ip.to_string() };
        let number = self.connections + 7;
        let version = if self.maria { format!("5.5.5-{}", self.version) } else { self.version.clone() };
        let mut greeting = vec![b'd', 0, 0, 0, 10];
        greeting.extend(format!("{version}\0{number}\t{}\n", self.comment).bytes());
        kernel.write(fd, &greeting).ok();
        self.clients.push(Client { fd, from, session: None, received: Vec::new(), number });
    }

    /// Answers a request; false where the connection is over.
    fn request(&mut self, kernel: &mut Kernel<'_>, client: &mut Client, line: &str) -> bool {
        let cells = super::sql::from_lines(line).into_iter().next().unwrap_or_default();
        let cell = |at: usize| cells.get(at).cloned().flatten().unwrap_or_default();
        let fd = client.fd;
        let send = |kernel: &mut Kernel<'_>, rows: &[Vec<Option<Arc<str>>>]| {
            kernel.write(fd, to_lines(rows.iter().map(|row| &row[..])).as_bytes()).ok();
        };
        let text = |text: &str| Some(Arc::from(text));
        let now = {
            let date = kernel.date().rfc3339();
            date.replace('T', " ").trim_end_matches('Z').to_owned()
        };
        match &*cell(0) {
            "login" => {
                let (user, password) = (cell(1), cell(2));
                let Some(granted) = self.store.let_in(kernel, &user, &client.from, &password) else {
                    let using = if password.is_empty() { "NO" } else { "YES" };
                    let why = format!(
                        "Access denied for user '{user}'@'{}' (using password: {using})",
                        client.from
                    );
                    send(kernel, &[vec![text("error"), text("1045"), text("28000"), text(&why)]]);
                    return false;
                };
                let mut session = Session {
                    id: client.number,
                    user,
                    host: client.from.as_str().into(),
                    granted,
                    database: None,
                    version: self.version.clone(),
                    comment: self.comment.clone(),
                    hostname: kernel.hostname(),
                    now,
                };
                if !cell(3).is_empty()
                    && let Err(error) = session.enter(&cell(3), &self.store, kernel)
                {
                    send(
                        kernel,
                        &[vec![
                            text("error"),
                            text(&error.code.to_string()),
                            text(error.state),
                            text(&error.text),
                        ]],
                    );
                    return false;
                }
                send(kernel, &[vec![text("in")]]);
                client.session = Some(session);
                true
            }
            "query" => {
                self.questions += 1;
                let Some(session) = &mut client.session else { return false };
                session.now = now;
                match session.run(&cell(1), &self.store, kernel) {
                    Ok(Outcome::Rows(headings, rows)) => {
                        let mut lines = vec![
                            vec![text("rows"), text(&rows.len().to_string())],
                            headings.into_iter().map(Some).collect(),
                        ];
                        lines.extend(rows);
                        send(kernel, &lines);
                    }
                    Ok(Outcome::Done(count, what)) => {
                        send(kernel, &[vec![text("done"), text(&count.to_string()), text(&what)]]);
                    }
                    Ok(Outcome::Changed) => {
                        let database = session.database.clone();
                        let tables =
                            database.as_ref().map_or(0, |name| self.store.tables(kernel, name).len());
                        send(kernel, &[vec![text("changed"), database, text(&tables.to_string())]]);
                    }
                    Err(error) => {
                        send(
                            kernel,
                            &[vec![
                                text("error"),
                                text(&error.code.to_string()),
                                text(error.state),
                                text(&error.text),
                            ]],
                        );
                    }
                }
                true
            }
            "status" => {
                let up = kernel.now().since(self.started).as_secs().to_string();
                let threads = (self.clients.len() + 1).to_string();
                let granted = client.session.as_ref().map(|session| session.user.clone());
                send(
                    kernel,
                    &[vec![
                        text("status"),
                        text(&up),
                        text(&threads),
                        text(&(self.questions + 5).to_string()),
                        granted,
                        text(&client.from),
                    ]],
                );
                true
            }
            // What is no client of a database.
            _ => false,
        }
    }
}
