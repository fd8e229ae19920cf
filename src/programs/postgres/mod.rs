//! PostgreSQL, the server. Its statements run on the same small database as MySQL's.

mod psql;

pub use psql::Psql;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::programs::sql::{Error, Outcome, Session, Store, from_lines, to_lines};

const SOCKET: &str = "/var/run/postgresql/.s.PGSQL.5432";

/// Where the data is.
pub fn data(kernel: &mut Kernel<'_>) -> String {
    kernel.variable("PGDATA").map_or_else(|| "/var/lib/postgresql/data".into(), |folder| folder.to_string())
}

fn store(kernel: &mut Kernel<'_>) -> Store {
    Store { folder: format!("{}/base", data(kernel)) }
}

/// Makes the data folder, the role and the database that the environment asks for.
pub fn initialize(kernel: &mut Kernel<'_>) {
    let folder = data(kernel);
    let store = store(kernel);
    for path in [folder.clone(), store.folder.clone()] {
        kernel.files().make_directory(&path, 0o700).ok();
    }
    let user = kernel.variable("POSTGRES_USER").unwrap_or_else(|| "postgres".into());
    let password = kernel.variable("POSTGRES_PASSWORD").unwrap_or_default();
    let database = kernel.variable("POSTGRES_DB").unwrap_or_else(|| user.clone());
    for name in ["postgres", "template0", "template1", &database] {
        kernel.files().make_directory(&format!("{}/{name}", store.folder), 0o700).ok();
    }
    kernel.files().write(&format!("{folder}/PG_VERSION"), b"17\n".to_vec(), 0o600).ok();
    store.set_up(kernel, &user, "%", &password, "*");
}

/// An error in PostgreSQL's words.
fn worded(error: &Error) -> String {
    let quoted = |text: &str| {
        text.split('\'').nth(1).unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned()
    };
    match error.code {
        1064 => {
            let near = error.text.split("near '").nth(1).unwrap_or_default();
            let near = near.split([' ', '\'', ';']).next().unwrap_or_default();
            if near.is_empty() {
                "syntax error at end of input".into()
            } else {
                format!("syntax error at or near \"{near}\"")
            }
        }
        1146 | 1051 => format!("relation \"{}\" does not exist", quoted(&error.text)),
        1050 => format!("relation \"{}\" already exists", quoted(&error.text)),
        1007 => format!("database \"{}\" already exists", quoted(&error.text)),
        1008 | 1049 => format!("database \"{}\" does not exist", quoted(&error.text)),
        1054 => format!("column \"{}\" does not exist", quoted(&error.text)),
        1062 => "duplicate key value violates unique constraint".into(),
        _ => error.text.clone(),
    }
}

/// A running `postgres`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    begun: bool,
    listening: Vec<Fd>,
    clients: Vec<(Fd, String, Option<Session>, Vec<u8>)>,
    version: String,
    ends: Option<SimTime>,
}

impl Server {
    fn log(kernel: &mut Kernel<'_>, text: &str) {
        let date = kernel.date().rfc3339().replace('T', " ");
        let (date, millis, pid) =
            (date.trim_end_matches('Z').to_owned(), kernel.now().0 / 1_000 % 1_000, kernel.pid());
        kernel.complain(format!("{date}.{millis:03} UTC [{pid}] LOG:  {text}\n"));
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            let said = kernel.variable("PG_VERSION").unwrap_or_else(|| "17.6".into());
            said.split('-').next().unwrap_or("17.6").clone_into(&mut self.version);
            let folder = data(kernel);
            if !kernel.files().exists(&format!("{folder}/PG_VERSION")) {
                kernel.complain(format!("postgres: could not access the server configuration file \"{folder}/postgresql.conf\": No such file or directory\n"));
                return Step::Exit(2);
            }
            Self::log(
                kernel,
                &format!(
                    "starting PostgreSQL {} (Debian) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
                    self.version
                ),
            );
            match kernel.listen(Protocol::Tcp, IpAddr::from([0u16; 8]), 5432) {
                Ok(fd) => self.listening.push(fd),
                Err(errno) => {
                    Self::log(kernel, &format!("could not bind IPv4 address \"0.0.0.0\": {errno}"));
                    return Step::Exit(1);
                }
            }
            kernel.files().remove_file(SOCKET).ok();
            kernel.files().make_directory("/var/run/postgresql", 0o755).ok();
            self.listening.extend(kernel.listen_at(SOCKET));
            for text in [
                "listening on IPv4 address \"0.0.0.0\", port 5432",
                "listening on IPv6 address \"::\", port 5432",
                &format!("listening on Unix socket \"{SOCKET}\""),
                "database system is ready to accept connections",
            ] {
                Self::log(kernel, text);
            }
            for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
                kernel.on_signal(signal, Action::Catch);
            }
        }
        if let Some(signal) = kernel.take_signal()
            && self.ends.is_none()
        {
            Self::log(
                kernel,
                match signal {
                    Signal::TERM => "received smart shutdown request",
                    _ => "received fast shutdown request",
                },
            );
            // A smart shutdown waits for the clients.
            self.ends = Some(kernel.now() + Duration::from_millis(120));
        }
        if self.ends.is_some_and(|at| kernel.now() >= at) {
            Self::log(kernel, "shutting down");
            Self::log(kernel, "database system is shut down");
            return Step::Exit(0);
        }
        let mut wait = Wait::forever().or_until(self.ends);
        for listener in self.listening.clone() {
            while let Ok(Some((fd, from))) = kernel.accept(listener) {
                kernel.set_close_on_exec(fd);
                self.clients.push((fd, shown(from), None, Vec::new()));
            }
            wait = wait.or_readable(listener);
        }
        for (fd, from, mut session, mut received) in std::mem::take(&mut self.clients) {
            let mut ended = kernel.read_into(fd, &mut received);
            while let Some(end) = received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = received.drain(..=end).collect();
                let cells =
                    from_lines(&String::from_utf8_lossy(&line)).into_iter().next().unwrap_or_default();
                match self.request(kernel, &from, &mut session, &cells) {
                    Some(rows) => kernel
                        .write(fd, to_lines(rows.iter().map(|row| &row[..])).as_bytes())
                        .unwrap_or_default(),
                    None => ended = true,
                }
            }
            if ended {
                kernel.close(fd).ok();
            } else {
                wait = wait.or_readable(fd);
                self.clients.push((fd, from, session, received));
            }
        }
        wait.into()
    }

    fn request(
        &self,
        kernel: &mut Kernel<'_>,
        from: &str,
        session: &mut Option<Session>,
        cells: &[Option<Arc<str>>],
    ) -> Option<Vec<Vec<Option<Arc<str>>>>> {
        let cell = |at: usize| cells.get(at).cloned().flatten().unwrap_or_default();
        let text = |text: &str| Some(Arc::from(text));
        let error =
            |state: &str, why: &str| Some(vec![vec![text("error"), text("1"), text(state), text(why)]]);
        let store = store(kernel);
        match &*cell(0) {
            "login" => {
                let (user, database) = (cell(1), cell(3));
                // Who comes by the socket is trusted.
                let known = !store.grants_of(kernel, &user).is_empty();
                if !known {
                    let why = match from {
                        "localhost" => format!("role \"{user}\" does not exist"),
                        _ => format!("password authentication failed for user \"{user}\""),
                    };
                    return error("28P01", &format!("FATAL:  {why}"));
                }
                if from != "localhost" && store.let_in(kernel, &user, from, &cell(2)).is_none() {
                    let why = if cell(2).is_empty() {
                        "fe_sendauth: no password supplied".to_owned()
                    } else {
                        format!("FATAL:  password authentication failed for user \"{user}\"")
                    };
                    return error("28P01", &why);
                }
                if !store.has_database(kernel, &database) {
                    return error("3D000", &format!("FATAL:  database \"{database}\" does not exist"));
                }
                *session = Some(Session {
                    user,
                    host: from.into(),
                    granted: "%".into(),
                    database: Some(database),
                    version: format!(
                        "PostgreSQL {} (Debian) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
                        self.version
                    ),
                    hostname: kernel.hostname(),
                    ..Session::default()
                });
                Some(vec![vec![text("in")]])
            }
            "query" => {
                let session = session.as_mut()?;
                session.now = kernel.date().rfc3339().replace('T', " ").replace('Z', "+00");
                Some(match session.run(&cell(1), &store, kernel) {
                    Ok(Outcome::Rows(headings, rows)) => {
                        let mut lines = vec![
                            vec![text("rows"), text(&rows.len().to_string())],
                            headings.into_iter().map(Some).collect(),
                        ];
                        lines.extend(rows);
                        lines
                    }
                    Ok(Outcome::Done(count, what)) => {
                        vec![vec![text("done"), text(&count.to_string()), text(&what)]]
                    }
                    Ok(Outcome::Changed) => vec![vec![text("done"), text("0"), text("")]],
                    Err(why) => vec![vec![
                        text("error"),
                        text(&why.code.to_string()),
                        text(why.state),
                        text(&worded(&why)),
                    ]],
                })
            }
            "databases" => {
                let names = store.databases(kernel);
                let mut lines = vec![
                    vec![
                        text("rows"),
                        text(&names.iter().filter(|name| &***name != "mysql").count().to_string()),
                    ],
                    vec![text("Name")],
                ];
                lines
                    .extend(names.into_iter().filter(|name| &**name != "mysql").map(|name| vec![Some(name)]));
                Some(lines)
            }
            _ => None,
        }
    }
}

fn shown(from: SocketAddr) -> String {
    let ip = from.ip().to_canonical();
    if ip.is_unspecified() { "localhost".into() } else { ip.to_string() }
}
