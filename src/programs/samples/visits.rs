//! wardviaene/k8s-demo with a database: a page that counts its visitors in MySQL.

use std::collections::VecDeque;

use super::Simple;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::programs::http::{Client, Connections, Response};
use crate::programs::mysql::{Answer, Library, Link, Refused};
use crate::programs::outward::{both, node_code};

const PORT: u16 = 3000;
const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS visits (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, ts BIGINT)";

/// Its `node`, which runs the page without a database as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Demo {
    New,
    Plain(Simple),
    Counter(Box<Counter>),
}

/// The page that counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    connections: Connections,
    link: Link,
    state: State,
    /// Who waits for a number.
    visitors: VecDeque<Client>,
}

/// How far it has come with its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Connects,
    /// The table is made.
    Prepares,
    Ready,
    /// A visit is written down.
    Writes,
    /// Its number is read: no other visit was written before this connection's last.
    Reads,
    Closed,
}

impl Demo {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if *self == Self::New {
            let argv = kernel.argv();
            let script = argv.get(1).map_or("", |script| script.rsplit('/').next().unwrap_or_default());
            *self = match (script, Simple::load("web-demo")) {
                ("index-db.js", _) => match Counter::new(kernel) {
                    Some(counter) => Self::Counter(Box::new(counter)),
                    None => return Step::Exit(1),
                },
                ("index.js", Some(plain)) => Self::Plain(plain),
                _ => {
                    kernel.complain("node: Saya knows what index.js and index-db.js of this image do, and no other script.\n");
                    return Step::Exit(1);
                }
            };
        }
        match self {
            Self::New => Step::Exit(1),
            Self::Plain(plain) => plain.step(kernel),
            Self::Counter(counter) => counter.step(kernel),
        }
    }
}

impl Counter {
    fn new(kernel: &mut Kernel<'_>) -> Option<Self> {
        let mut connections = Connections::default();
        if let Err(errno) = connections.listen(kernel, PORT) {
            kernel.complain(format!("Error: listen EADDRINUSE: {} :::{PORT}\n", errno.text().to_lowercase()));
            return None;
        }
        kernel.print(format!("Example app listening at http://:::{PORT}\n"));
        let mut link = Link::new(Library::MySql);
        let variable =
            |name: &str| kernel.variable(&["MYSQL_", name].concat()).unwrap_or_default().to_string();
        link.host = variable("HOST");
        if link.host.is_empty() {
            link.host = "localhost".to_owned();
        }
        link.port = 3306;
        (link.user, link.password, link.database) =
            (variable("USER"), variable("PASSWORD"), variable("DATABASE"));
        Some(Self { connections, link, state: State::Connects, visitors: VecDeque::new() })
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        while let Some((client, request)) = self.connections.next(kernel) {
            match &*request.path() {
                "/" => self.visitors.push_back(client),
                path => {
                    let page = format!(
                        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot GET {path}</pre>\n</body>\n</html>\n"
                    );
                    self.connections.reply(
                        kernel,
                        client,
                        Response::new(404, "text/html; charset=utf-8", page),
                    );
                }
            }
        }
        loop {
            match self.advance(kernel) {
                Ok(Ok(())) => {}
                Ok(Err(why)) => {
                    kernel.complain(format!(
                        "/app/index-db.js\n    if(err) throw err;\n            ^\n\nError: {why}\n"
                    ));
                    return Step::Exit(1);
                }
                Err(Some(wait)) => return both(self.connections.wait(), wait).into(),
                Err(None) => return self.connections.wait().into(),
            }
        }
    }

    /// Goes on with the database: done with one thing, thrown, or what it waits for.
    fn advance(&mut self, kernel: &mut Kernel<'_>) -> Result<Result<(), String>, Option<Wait>> {
        match self.state {
            State::Connects => match self.link.connect(kernel).map_err(Some)? {
                Ok(()) => {
                    kernel.print("Connection to db established\n");
                    self.link.ask(kernel, "query", TABLE);
                    self.state = State::Prepares;
                }
                Err(refused) => {
                    kernel.print(format!("Error connecting to db:  Error: {}\n", self.why(&refused)));
                    self.state = State::Closed;
                }
            },
            State::Prepares | State::Writes | State::Reads => match self.link.answer(kernel).map_err(Some)? {
                Answer::Error(_, _, text) => return Ok(Err(text)),
                Answer::Lost => {
                    return Ok(Err("Connection lost: The server closed the connection.".to_owned()));
                }
                _ if self.state == State::Writes => {
                    self.link.ask(kernel, "query", "SELECT MAX(id) FROM visits");
                    self.state = State::Reads;
                }
                Answer::Rows(_, rows) if self.state == State::Reads => {
                    let number = rows.into_iter().flatten().flatten().next().unwrap_or_default();
                    if let Some(client) = self.visitors.pop_front() {
                        let text = format!("Hello World! You are visitor number {number}");
                        self.connections.reply(
                            kernel,
                            client,
                            Response::new(200, "text/html; charset=utf-8", text),
                        );
                    }
                    self.state = State::Ready;
                }
                _ => self.state = State::Ready,
            },
            State::Ready | State::Closed if self.visitors.is_empty() => return Err(None),
            State::Ready => {
                let now = kernel.date().0 * 1000;
                self.link.ask(kernel, "query", &format!("INSERT INTO visits (ts) values ({now})"));
                self.state = State::Writes;
            }
            State::Closed => {
                return Ok(Err("Can't add new command when connection is in closed state".to_owned()));
            }
        }
        Ok(Ok(()))
    }

    /// What node says of a connection that was not made.
    fn why(&self, refused: &Refused) -> String {
        let Link { host, port, .. } = &self.link;
        match (refused.errno, self.link.ip()) {
            (Some(errno), Some(ip)) => format!("connect {} {ip}:{port}", node_code(errno)),
            _ if refused.unknown.is_some() => format!("getaddrinfo ENOTFOUND {host}"),
            _ => refused.text.clone(),
        }
    }
}
