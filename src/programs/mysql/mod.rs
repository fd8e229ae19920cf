//! The clients of MySQL and MariaDB: `mysql`, `mariadb`, `mysqladmin`.

mod dump;
mod link;
mod options;
mod statement;
mod table;

pub use link::{Answer, Library, Link, Refused, number};
pub use statement::statements;

use std::sync::Arc;

use crate::container::kernel::{Data, Kernel};
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use statement::cut;
use table::{plain, table, upright};

/// A running client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Client {
    link: Link,
    phase: Phase,
    /// `mysqldump`: how far it is.
    dump: Option<dump::Dump>,
    /// `mysqladmin`: what it is to do.
    admin: Option<String>,
    statements: Option<Vec<String>>,
    table: bool,
    headless: bool,
    silent: bool,
    forced: bool,
    interactive: bool,
    buffer: String,
    prompted: bool,
    line: u32,
    asked: Option<String>,
    vertical: bool,
    cancel: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Phase {
    #[default]
    New,
    Password,
    Connecting,
    Ready,
    Waiting,
}

impl Client {
    pub fn new(library: Library) -> Self {
        Self { link: Link::new(library), ..Self::default() }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        loop {
            let step = match self.phase {
                Phase::New => self.begin(kernel),
                Phase::Password => self.password(kernel),
                Phase::Connecting => self.connecting(kernel),
                Phase::Ready | Phase::Waiting if self.dump.is_some() => self.dumping(kernel),
                Phase::Ready => self.next(kernel),
                Phase::Waiting => self.answered(kernel),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    fn name(&self, kernel: &Kernel<'_>) -> String {
        let argv = kernel.argv();
        argv.first().map_or("mysql", |name| name.rsplit('/').next().unwrap_or(name)).to_owned()
    }

    fn password(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        // The password is not shown as it is typed.
        kernel.set_raw(0, true).ok();
        match kernel.read(0, 4096) {
            Ok(Data::Empty) => Some(Wait::readable(0).into()),
            Ok(Data::Bytes(bytes)) => {
                self.link.password.push_str(&String::from_utf8_lossy(&bytes));
                if !self.link.password.contains(['\n', '\r']) {
                    return Some(Wait::readable(0).into());
                }
                let typed = std::mem::take(&mut self.link.password);
                typed.split(['\n', '\r']).next().unwrap_or_default().clone_into(&mut self.link.password);
                kernel.set_raw(0, false).ok();
                kernel.print("\n");
                self.phase = Phase::Connecting;
                None
            }
            _ => {
                kernel.set_raw(0, false).ok();
                self.phase = Phase::Connecting;
                None
            }
        }
    }

    fn connecting(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let refused = match self.link.connect(kernel) {
            Err(wait) => return Some(wait.into()),
            Ok(Ok(())) => {
                self.phase = Phase::Ready;
                if self.interactive {
                    self.welcome(kernel);
                    kernel.on_signal(Signal::INT, Action::Catch);
                }
                return self.admin.clone().map(|what| self.administer(kernel, &what)).unwrap_or(None);
            }
            Ok(Err(refused)) => refused,
        };
        let name = self.name(kernel);
        if self.dump.is_some() {
            let quote = if self.link.library == Library::Maria { "\"" } else { "" };
            let (code, text) = (refused.code, refused.text);
            kernel.complain(format!(
                "{name}: Got error: {code}: {quote}{text}{quote} when trying to connect\n"
            ));
            return Some(Step::Exit(2));
        }
        match &self.admin {
            None => {
                kernel.complain(format!("ERROR {} ({}): {}\n", refused.code, refused.state, refused.text))
            }
            Some(what) => {
                kernel.complain(format!("{name}: connect to server at '{}' failed\n", self.link.host));
                kernel.complain(format!("error: '{}'\n", refused.text));
                if what == "ping" && refused.code == 1045 {
                    // It lives, and that is what was asked.
                    return Some(Step::Exit(0));
                }
                if self.link.socket.is_some() && refused.code == 2002 {
                    let socket = self.link.socket.clone().unwrap_or_default();
                    kernel.complain(format!(
                        "Check that mysqld is running and that the socket: '{socket}' exists!\n"
                    ));
                } else if matches!(refused.code, 2002 | 2003) {
                    let (host, port) = (&self.link.host, self.link.port);
                    kernel.complain(format!(
                        "Check that mysqld is running on {host} and that the port is {port}.\nYou can check this by doing 'telnet {host} {port}'\n"
                    ));
                }
            }
        }
        Some(Step::Exit(1))
    }

    fn administer(&mut self, kernel: &mut Kernel<'_>, what: &str) -> Option<Step> {
        match what {
            "ping" => {
                kernel.print("mysqld is alive\n");
                Some(Step::Exit(0))
            }
            "status" | "version" => {
                self.link.ask(kernel, "status", "");
                self.phase = Phase::Waiting;
                None
            }
            other => {
                let name = self.name(kernel);
                kernel.complain(format!("{name}: Unknown command: '{other}'\n"));
                Some(Step::Exit(1))
            }
        }
    }

    fn welcome(&self, kernel: &mut Kernel<'_>) {
        let (id, version, comment) = (&self.link.id, &self.link.version, &self.link.comment);
        let server = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
        kernel.print(match self.link.library {
            Library::Maria => format!(
                "Welcome to the MariaDB monitor.  Commands end with ; or \\g.\nYour {server} connection id is {id}\nServer version: {version} {comment}\n\nCopyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n"
            ),
            _ => format!(
                "Welcome to the MySQL monitor.  Commands end with ; or \\g.\nYour MySQL connection id is {id}\nServer version: {version} {comment}\n\nCopyright (c) 2000, 2025, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n"
            ),
        });
    }

    fn prompt(&self) -> String {
        if !self.buffer.is_empty() {
            return "    -> ".into();
        }
        match self.link.library {
            Library::Maria => {
                let server = if self.link.version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
                let database = if self.link.database.is_empty() { "(none)" } else { &self.link.database };
                format!("{server} [{database}]> ")
            }
            _ => "mysql> ".into(),
        }
    }

    /// Takes the next statement.
    fn next(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        if let Some(statements) = &mut self.statements {
            if statements.is_empty() {
                return Some(Step::Exit(0));
            }
            let statement = statements.remove(0);
            self.line = 1;
            return self.execute(kernel, &statement);
        }
        // A whole statement that is in the buffer already.
        let ready = std::mem::take(&mut self.buffer);
        let (statement, rest) = cut(&ready);
        if let Some(statement) = statement {
            self.buffer = rest;
            if self.buffer.trim().is_empty() {
                self.buffer.clear();
            }
            return self.execute(kernel, &statement);
        }
        self.buffer = ready;
        if kernel.take_signal().is_some() {
            kernel.print("\n");
            self.buffer.clear();
            self.prompted = false;
        }
        if self.interactive && !std::mem::replace(&mut self.prompted, true) {
            let prompt = self.prompt();
            kernel.print(prompt);
        }
        match kernel.read_line(0) {
            Ok(Data::Empty) => Some(Wait::readable(0).into()),
            Ok(Data::Bytes(bytes)) => {
                self.prompted = false;
                self.line += 1;
                let line = String::from_utf8_lossy(&bytes).into_owned();
                self.typed(kernel, &line)
            }
            _ => {
                if self.interactive {
                    kernel.print("^DBye\n");
                }
                let left = std::mem::take(&mut self.buffer);
                if !left.trim().is_empty() && !self.interactive {
                    self.statements = Some(Vec::new());
                    return self.execute(kernel, left.trim());
                }
                Some(Step::Exit(0))
            }
        }
    }

    /// A line that was typed: a command of the client, or a part of a statement.
    fn typed(&mut self, kernel: &mut Kernel<'_>, line: &str) -> Option<Step> {
        let bare = line.trim().trim_end_matches(';').trim();
        let lower = bare.to_lowercase();
        let mut words = bare.split_whitespace();
        if self.buffer.is_empty() {
            match (lower.as_str(), words.next().map(str::to_lowercase).as_deref()) {
                ("", _) => return None,
                ("exit" | "quit" | "\\q", _) => {
                    if self.interactive {
                        kernel.print("Bye\n");
                    }
                    return Some(Step::Exit(0));
                }
                ("status" | "\\s", _) => {
                    self.link.ask(kernel, "status", "");
                    self.phase = Phase::Waiting;
                    return None;
                }
                ("help" | "\\h" | "?" | "\\?", _) => {
                    kernel.print("\nGeneral information about MariaDB can be found at\nhttp://mariadb.org\n\nList of all client commands:\nNote that all text commands must be first on line and end with ';'\nclear     (\\c) Clear the current input statement.\nexit      (\\q) Exit mysql. Same as quit.\nhelp      (\\h) Display this help.\nquit      (\\q) Quit mysql.\nstatus    (\\s) Get status information from the server.\nuse       (\\u) Use another database. Takes database name as argument.\n\n");
                    return None;
                }
                (_, Some("use" | "\\u")) => {
                    let Some(name) = words.next() else {
                        kernel.complain("ERROR: USE must be followed by a database name\n");
                        return None;
                    };
                    return self.execute(kernel, &format!("USE `{}`", name.trim_matches('`')));
                }
                _ => {}
            }
        }
        if line.trim_end().ends_with("\\c") {
            self.buffer.clear();
            return None;
        }
        self.buffer.push_str(line);
        None
    }

    fn execute(&mut self, kernel: &mut Kernel<'_>, statement: &str) -> Option<Step> {
        let vertical = statement.strip_suffix("\\G");
        self.vertical = vertical.is_some();
        let statement = vertical.or_else(|| statement.strip_suffix("\\g")).unwrap_or(statement).trim();
        // The client keeps comments to itself.
        let comment = |line: &str| line.is_empty() || line.starts_with('#') || line.starts_with("--");
        if !self.interactive && statement.lines().all(|line| comment(line.trim())) {
            return None;
        }
        if statement.is_empty() {
            if self.interactive {
                kernel.complain("ERROR: No query specified\n\n");
            }
            return None;
        }
        self.link.ask(kernel, "query", statement);
        self.phase = Phase::Waiting;
        None
    }

    fn answered(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let answer = match self.link.answer(kernel) {
            Ok(answer) => answer,
            Err(wait) => return Some(wait.into()),
        };
        self.phase = Phase::Ready;
        let seconds = if self.link.library == Library::Maria { "0.001 sec" } else { "0.00 sec" };
        match answer {
            Answer::Error(code, state, text) => {
                let place =
                    if self.interactive { String::new() } else { format!(" at line {}", self.line.max(1)) };
                kernel.complain(format!("ERROR {code} ({state}){place}: {text}\n"));
                if !self.interactive && !self.forced {
                    return Some(Step::Exit(1));
                }
            }
            Answer::Lost => {
                kernel.complain("ERROR 2013 (HY000): Lost connection to server during query\n");
                if !self.interactive {
                    return Some(Step::Exit(1));
                }
                return Some(Step::Exit(1));
            }
            Answer::Changed(database, tables) => {
                self.link.database = database.to_string();
                if self.interactive {
                    if tables > 0 {
                        kernel.print("Reading table information for completion of table and column names\nYou can turn off this feature to get a quicker startup with -A\n\n");
                    }
                    kernel.print("Database changed\n");
                }
            }
            Answer::Done(count, what) => {
                if self.interactive {
                    let rows = if count == 1 { "row" } else { "rows" };
                    let more = if what.is_empty() { String::new() } else { format!("{what}\n") };
                    kernel.print(format!("Query OK, {count} {rows} affected ({seconds})\n{more}\n"));
                }
            }
            Answer::Rows(headings, rows) => {
                let text = if self.vertical {
                    upright(&headings, &rows)
                } else if self.table {
                    table(&headings, &rows, self.headless)
                } else {
                    plain(&headings, &rows, self.headless || self.silent && self.table)
                };
                kernel.print(text);
                if self.interactive {
                    kernel.print(match rows.len() {
                        0 => format!(
                            "Empty set ({})\n\n",
                            if self.link.library == Library::Maria { "0.000 sec" } else { "0.00 sec" }
                        ),
                        1 => format!(
                            "1 row in set ({})\n\n",
                            if self.link.library == Library::Maria { "0.000 sec" } else { "0.00 sec" }
                        ),
                        count => format!("{count} rows in set ({seconds})\n\n"),
                    });
                }
            }
            Answer::Status(cells) => {
                self.status(kernel, &cells);
                if self.admin.is_some() {
                    return Some(Step::Exit(0));
                }
            }
        }
        None
    }

    fn status(&self, kernel: &mut Kernel<'_>, cells: &[Arc<str>]) {
        let cell = |at: usize| cells.get(at).map_or("", |text| text);
        let seconds: u64 = cell(1).parse().unwrap_or(0);
        let questions: f64 = cell(3).parse().unwrap_or(0.0);
        let average = questions / (seconds.max(1) as f64);
        let line = format!(
            "Threads: {}  Questions: {}  Slow queries: 0  Opens: 22  Open tables: 13  Queries per second avg: {average:.3}\n",
            cell(2),
            cell(3)
        );
        if self.admin.is_some() {
            kernel.print(format!("Uptime: {seconds}  {line}"));
            return;
        }
        let parts = [(seconds / 86_400, "day"), (seconds / 3_600 % 24, "hour"), (seconds / 60 % 60, "min")];
        let mut up = String::new();
        for (count, unit) in parts {
            if count > 0 {
                up.push_str(&format!("{count} {unit}{} ", if count > 1 && unit != "min" { "s" } else { "" }));
            }
        }
        up.push_str(&format!("{} sec", seconds % 60));
        let name = self.name(kernel);
        let maria = self.link.version.contains("MariaDB");
        let way = match &self.link.socket {
            Some(socket) => ("Localhost via UNIX socket".to_owned(), format!("UNIX socket:\t\t{socket}")),
            None => (format!("{} via TCP/IP", self.link.host), format!("TCP port:\t\t{}", self.link.port)),
        };
        let server = if maria { "Server:\t\t\tMariaDB\n" } else { "" };
        let sets = if maria { ("latin1", "utf8mb3") } else { ("utf8mb4", "utf8mb4") };
        let banner = self.banner(kernel, &name);
        kernel.print(format!(
            "--------------\n{}\n\nConnection id:\t\t{}\nCurrent database:\t{}\nCurrent user:\t\t{}@{}\nSSL:\t\t\tNot in use\nCurrent pager:\t\tstdout\nUsing outfile:\t\t''\nUsing delimiter:\t;\n{server}Server version:\t\t{} {}\nProtocol version:\t10\nConnection:\t\t{}\nServer characterset:\t{}\nDb     characterset:\t{}\nClient characterset:\t{}\nConn.  characterset:\t{}\n{}\nUptime:\t\t\t{up}\n\n{line}--------------\n\n",
            banner,
            self.link.id,
            self.link.database,
            cell(4),
            cell(5),
            self.link.version,
            self.link.comment,
            way.0,
            sets.0,
            sets.0,
            sets.1,
            sets.1,
            way.1,
        ));
    }
}
