//! `psql` and `pg_isready`.

use std::sync::Arc;

use super::SOCKET;
use crate::container::commands::network::resolve::resolver;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::program::{Step, Wait};
use crate::programs::mysql::{Answer, Library, Link, Refused, statements};
use crate::programs::packages::release;

/// A running `psql` or `pg_isready`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Psql {
    begun: bool,
    link: Link,
    connected: bool,
    commands: Option<Vec<String>>,
    interactive: bool,
    bare: bool,
    /// Each column stands on a line of its own.
    upright: bool,
    buffer: String,
    prompted: bool,
    asked: Option<String>,
    asks_password: bool,
    failed: bool,
}

impl Psql {
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

    fn ready(kernel: &Kernel<'_>) -> bool {
        kernel.argv().first().is_some_and(|name| name.ends_with("pg_isready"))
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let argv = kernel.argv();
        let var = |name: &str| kernel.variable(name).map(|text| text.to_string());
        let mut host = var("PGHOST");
        self.link.port = var("PGPORT").and_then(|text| text.parse().ok()).unwrap_or(5432);
        self.link.password = var("PGPASSWORD").unwrap_or_default();
        let mut user = var("PGUSER");
        let mut database = var("PGDATABASE");
        let uid = kernel.credentials().uid;
        let mut operands = Vec::new();
        // Options without values may stand together, in front of one that has one: `-tAc`.
        let mut apart: Vec<Arc<str>> = Vec::new();
        for word in &argv[1..] {
            let mut rest = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
            while rest.len() > 1 && rest.starts_with(['t', 'A', 'q', 'w', 'X', 'x']) {
                apart.push(format!("-{}", &rest[..1]).into());
                rest = &rest[1..];
            }
            apart.push(if rest.is_empty() { word.clone() } else { format!("-{rest}").into() });
        }
        let mut words = apart.iter();
        while let Some(word) = words.next() {
            let (option, value) = match word.strip_prefix("--").and_then(|long| long.split_once('=')) {
                Some((option, value)) => (format!("--{option}"), Some(value.to_owned())),
                None if word.len() > 2 && word.starts_with('-') && !word.starts_with("--") => {
                    (word[..2].to_owned(), Some(word[2..].to_owned()))
                }
                None => (word.to_string(), None),
            };
            let mut text =
                || value.clone().or_else(|| words.next().map(|word| word.to_string())).unwrap_or_default();
            match &*option {
                "-h" | "--host" => host = Some(text()),
                "-p" | "--port" => self.link.port = text().parse().unwrap_or(5432),
                "-U" | "--username" => user = Some(text()),
                "-d" | "--dbname" => database = Some(text()),
                "-c" | "--command" => self.commands.get_or_insert_default().push(text()),
                "-t" => self.bare = true,
                "-x" | "--expanded" => self.upright = true,
                "-A" | "-q" | "-w" | "-X" => {}
                "-l" | "--list" => self.commands = Some(vec!["\\l".into()]),
                "-W" => {}
                "-V" | "--version" => {
                    let own = version(kernel);
                    kernel.print(format!("psql (PostgreSQL) {own}\n"));
                    return Some(Step::Exit(0));
                }
                option if option.starts_with('-') => {
                    kernel.complain(format!("psql: invalid option -- '{}'\npsql: hint: Try \"psql --help\" for more information.\n", option.trim_start_matches('-')));
                    return Some(Step::Exit(1));
                }
                _ => operands.push(word.to_string()),
            }
        }
        // `postgresql://user:password@host:port/database`
        if let Some(url) =
            operands.first().and_then(|text| text.split_once("://")).map(|(_, rest)| rest.to_owned())
        {
            operands.clear();
            let (who, place) = url.rsplit_once('@').map_or((None, &*url), |(who, place)| (Some(who), place));
            if let Some((name, password)) = who.map(|who| who.split_once(':').unwrap_or((who, ""))) {
                user = Some(name.to_owned());
                password.clone_into(&mut self.link.password);
            }
            let (server, name) = place.split_once('/').unwrap_or((place, ""));
            let (name_of_host, port) = server.split_once(':').unwrap_or((server, "5432"));
            host = Some(name_of_host.to_owned());
            self.link.port = port.parse().unwrap_or(5432);
            if !name.is_empty() {
                database = Some(name.split('?').next().unwrap_or_default().to_owned());
            }
        }
        let own = user
            .or_else(|| operands.get(1).cloned())
            .or_else(|| kernel.user_name(uid))
            .unwrap_or_else(|| "root".into());
        self.link.database = database.or_else(|| operands.first().cloned()).unwrap_or_else(|| own.clone());
        self.link.user = own;
        self.link.library = Library::MySql;
        self.link.silent = true;
        match host {
            Some(host) if !host.starts_with('/') => self.link.host = host,
            _ => self.link.socket = Some(SOCKET.into()),
        }
        self.interactive = self.commands.is_none() && kernel.is_terminal(0);
        None
    }

    fn refused(&self, kernel: &mut Kernel<'_>, refused: &Refused) -> Step {
        let (host, port) = (&self.link.host, self.link.port);
        if Self::ready(kernel) {
            let place =
                if self.link.socket.is_some() { "/var/run/postgresql".to_owned() } else { host.clone() };
            let refuses = refused.errno.is_some() || refused.unknown.is_some();
            kernel.print(format!(
                "{place}:{port} - {}\n",
                if refuses { "no response" } else { "accepting connections" }
            ));
            return Step::Exit(if refuses { 2 } else { 0 });
        }
        let ip = self.link.ip().map_or_else(String::new, |ip| ip.to_string());
        let place = match &self.link.socket {
            Some(socket) => format!("connection to server on socket \"{socket}\" failed"),
            None if ip == *host => format!("connection to server at \"{host}\", port {port} failed"),
            None => format!("connection to server at \"{host}\" ({ip}), port {port} failed"),
        };
        let text = match (refused.errno, refused.unknown) {
            (_, Some(failure)) => format!(
                "could not translate host name \"{host}\" to address: {}",
                failure.text(resolver(kernel).libc)
            ),
            (Some(Errno::ConnectionRefused), _) if self.link.socket.is_none() => {
                format!(
                    "{place}: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
                )
            }
            (Some(errno), _) if self.link.socket.is_some() => {
                format!(
                    "{place}: {errno}\n\tIs the server running locally and accepting connections on that socket?"
                )
            }
            (Some(errno), _) => format!(
                "{place}: {errno}\n\tIs the server running on that host and accepting TCP/IP connections?"
            ),
            _ => format!("{place}: {}", refused.text),
        };
        kernel.complain(format!("psql: error: {text}\n"));
        Step::Exit(2)
    }

    fn go(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        if !self.connected {
            return match self.link.connect(kernel) {
                Err(wait) => Some(wait.into()),
                Ok(Err(refused)) => Some(self.refused(kernel, &refused)),
                Ok(Ok(())) => {
                    self.connected = true;
                    if Self::ready(kernel) {
                        let place =
                            if self.link.socket.is_some() { "/var/run/postgresql" } else { &self.link.host };
                        kernel.print(format!("{place}:{} - accepting connections\n", self.link.port));
                        return Some(Step::Exit(0));
                    }
                    if self.interactive {
                        let own = version(kernel);
                        kernel.print(format!("psql ({own})\nType \"help\" for help.\n\n"));
                    }
                    None
                }
            };
        }
        if let Some(asked) = self.asked.clone() {
            let answer = match self.link.answer(kernel) {
                Ok(answer) => answer,
                Err(wait) => return Some(wait.into()),
            };
            self.asked = None;
            self.show(kernel, &asked, answer);
            return None;
        }
        if let Some(commands) = &mut self.commands {
            if commands.is_empty() {
                return Some(Step::Exit(u8::from(self.failed)));
            }
            let command = commands.remove(0);
            return self.execute(kernel, &command);
        }
        if self.interactive && !std::mem::replace(&mut self.prompted, true) {
            let mark = if self.buffer.trim().is_empty() { "=" } else { "-" };
            let prompt = format!("{}{mark}# ", self.link.database);
            kernel.print(prompt);
        }
        match kernel.read_line(0) {
            Ok(Data::Empty) => Some(Wait::readable(0).into()),
            Ok(Data::Bytes(bytes)) => {
                self.prompted = false;
                let line = String::from_utf8_lossy(&bytes).into_owned();
                let bare = line.trim();
                if self.buffer.is_empty()
                    && (bare.starts_with('\\') || matches!(bare, "exit" | "quit" | "help"))
                {
                    return self.execute(kernel, bare);
                }
                self.buffer.push_str(&line);
                if !bare.ends_with(';') {
                    return None;
                }
                let text = std::mem::take(&mut self.buffer);
                self.execute(kernel, &text)
            }
            _ => {
                if self.interactive {
                    kernel.print("\\q\n");
                }
                Some(Step::Exit(0))
            }
        }
    }

    fn execute(&mut self, kernel: &mut Kernel<'_>, text: &str) -> Option<Step> {
        let mut words = text.trim().trim_end_matches(';').split_whitespace();
        match words.next().unwrap_or_default() {
            "\\q" | "exit" | "quit" => return Some(Step::Exit(0)),
            "\\l" | "\\list" | "\\l+" => {
                self.link.ask(kernel, "databases", "");
                self.asked = Some("\\l".into());
            }
            "\\dt" | "\\d" => {
                self.link.ask(kernel, "query", "SHOW TABLES");
                self.asked = Some("\\dt".into());
            }
            "\\x" => {
                self.upright = !self.upright;
                kernel.print(format!("Expanded display is {}.\n", if self.upright { "on" } else { "off" }));
            }
            "\\c" | "\\connect" => match words.next() {
                Some(name) => {
                    self.link.ask(kernel, "query", &format!("USE {name}"));
                    self.asked = Some(format!("\\c {name}"));
                }
                None => kernel.print(format!(
                    "You are now connected to database \"{}\" as user \"{}\".\n",
                    self.link.database, self.link.user
                )),
            },
            "\\du" | "\\dn" => {
                let own = |text: &str| Some(Arc::from(text));
                let (headings, row, title) = if text.trim() == "\\dn" {
                    (["Name", "Owner"], ["public", "pg_database_owner"], "List of schemas")
                } else {
                    let all = "Superuser, Create role, Create DB, Replication, Bypass RLS";
                    (["Role name", "Attributes"], [&*self.link.user, all], "List of roles")
                };
                let text = table(&headings.map(Arc::from), &[row.map(own).to_vec()], Some(title), self.bare);
                kernel.print(text);
            }
            "\\conninfo" => kernel.print(format!("You are connected to database \"{}\" as user \"{}\".\n", self.link.database, self.link.user)),
            "\\?" | "help" | "\\h" => kernel.print("You are using psql, the command-line interface to PostgreSQL.\nType:  \\l to list databases\n       \\dt to list tables\n       \\q to quit\n"),
            word if word.starts_with('\\') => {
                kernel.complain(format!("invalid command {word}\nTry \\? for help.\n"));
            }
            _ => {
                let mut all = statements(text);
                if all.is_empty() {
                    return None;
                }
                let first = all.remove(0);
                self.link.ask(kernel, "query", &first);
                self.asked = Some(first);
                if !all.is_empty() {
                    self.commands.get_or_insert_default().splice(0..0, all);
                }
            }
        }
        None
    }

    fn show(&mut self, kernel: &mut Kernel<'_>, asked: &str, answer: Answer) {
        match answer {
            Answer::Error(_, _, text) => {
                self.failed = true;
                kernel.complain(format!("ERROR:  {text}\n"));
            }
            Answer::Changed(..) | Answer::Done(..) if asked.starts_with("\\c ") => {
                asked[3..].clone_into(&mut self.link.database);
                kernel.print(format!(
                    "You are now connected to database \"{}\" as user \"{}\".\n",
                    self.link.database, self.link.user
                ));
            }
            Answer::Rows(_, rows) if asked == "\\dt" => {
                if rows.is_empty() {
                    kernel.complain("Did not find any relations.\n");
                    return;
                }
                let own = |text: &str| Some(Arc::from(text));
                let rows: Vec<_> = rows
                    .into_iter()
                    .map(|row| {
                        vec![
                            own("public"),
                            row.into_iter().next().flatten(),
                            own("table"),
                            own(&self.link.user),
                        ]
                    })
                    .collect();
                let text = table(
                    &["Schema", "Name", "Type", "Owner"].map(Arc::from),
                    &rows,
                    Some("List of relations"),
                    self.bare,
                );
                kernel.print(text);
            }
            Answer::Rows(_, rows) if asked == "\\l" => {
                let own = |text: &str| Some(Arc::from(text));
                let rows: Vec<_> = rows
                    .into_iter()
                    .map(|row| {
                        vec![
                            row.into_iter().next().flatten(),
                            own(&self.link.user),
                            own("UTF8"),
                            own("libc"),
                            own("en_US.utf8"),
                            own("en_US.utf8"),
                        ]
                    })
                    .collect();
                let text = table(
                    &["Name", "Owner", "Encoding", "Locale Provider", "Collate", "Ctype"].map(Arc::from),
                    &rows,
                    Some("List of databases"),
                    self.bare,
                );
                kernel.print(text);
            }
            Answer::Rows(headings, rows) => {
                let headings: Vec<Arc<str>> = headings
                    .iter()
                    .map(|heading| match heading.find('(') {
                        Some(at) => heading[..at].to_lowercase().into(),
                        None if heading.chars().all(|c| c.is_alphanumeric() || c == '_')
                            && !heading.starts_with(|c: char| c.is_ascii_digit()) =>
                        {
                            heading.clone()
                        }
                        None => "?column?".into(),
                    })
                    .collect();
                let text = if self.upright {
                    upright(&headings, &rows)
                } else {
                    table(&headings, &rows, None, self.bare)
                };
                kernel.print(text);
            }
            Answer::Done(count, _) => {
                let mut words = asked.split_whitespace().map(str::to_uppercase);
                let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                kernel.print(match &*first {
                    "INSERT" => format!("INSERT 0 {count}\n"),
                    "UPDATE" | "DELETE" => format!("{first} {count}\n"),
                    "CREATE" | "DROP" | "ALTER" => format!("{first} {second}\n"),
                    _ => format!("{first}\n"),
                });
            }
            _ => {}
        }
    }
}

/// A line for each value, as `\x` has it.
fn upright(headings: &[Arc<str>], rows: &[Vec<Option<Arc<str>>>]) -> String {
    let width = headings.iter().map(|heading| heading.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (at, row) in (1..).zip(rows) {
        let head = format!("-[ RECORD {at} ]");
        let values = row.iter().map(|value| value.as_ref().map_or(0, |text| text.chars().count())).max();
        let length = width + 3 + values.unwrap_or(0);
        out.push_str(&format!("{head}{}\n", "-".repeat(length.saturating_sub(head.len()))));
        for (heading, value) in headings.iter().zip(row) {
            out.push_str(&format!("{heading:<width$} | {}\n", value.as_deref().unwrap_or_default()));
        }
    }
    out + "\n"
}

fn table(headings: &[Arc<str>], rows: &[Vec<Option<Arc<str>>>], title: Option<&str>, bare: bool) -> String {
    let cell = |value: &Option<Arc<str>>| value.clone().unwrap_or_default();
    let wide = |text: &str| text.chars().count();
    if bare {
        return rows
            .iter()
            .map(|row| row.iter().map(cell).map(|text| text.to_string()).collect::<Vec<_>>().join("|") + "\n")
            .collect();
    }
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            rows.iter().map(|row| wide(&cell(&row[at]))).chain([wide(heading)]).max().unwrap_or(0)
        })
        .collect();
    let numeric: Vec<bool> = (0..headings.len())
        .map(|at| {
            !rows.is_empty()
                && rows.iter().all(|row| row[at].as_ref().is_none_or(|text| text.parse::<f64>().is_ok()))
        })
        .collect();
    let total: usize = widths.iter().map(|width| width + 3).sum::<usize>().saturating_sub(1);
    let mut out = String::new();
    if let Some(title) = title {
        out.push_str(&format!("{}{title}\n", " ".repeat(total.saturating_sub(wide(title)) / 2)));
    }
    let heads: Vec<String> =
        headings.iter().zip(&widths).map(|(heading, width)| format!(" {heading:^width$} ")).collect();
    out.push_str(&(heads.join("|") + "\n"));
    out.push_str(&(widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("+") + "\n"));
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let (text, width, last) = (cell(value), widths[at], at + 1 == row.len());
                match (numeric[at], last) {
                    (true, true) => format!(" {text:>width$}"),
                    (true, false) => format!(" {text:>width$} "),
                    (false, true) => format!(" {text}"),
                    (false, false) => format!(" {text:<width$} "),
                }
            })
            .collect();
        out.push_str(&(cells.join("|") + "\n"));
    }
    out + &format!("({} row{})\n\n", rows.len(), if rows.len() == 1 { "" } else { "s" })
}

fn version(kernel: &mut Kernel<'_>) -> String {
    release(kernel, "PG_VERSION", &["postgresql17-client", "postgresql-client-15"], "17.6")
}
