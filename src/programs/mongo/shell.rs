//! `mongosh`, and the older `mongo`: lines of JavaScript as far as they ask the server for something.

use std::collections::VecDeque;
use std::sync::Arc;

use super::datum::Datum;
use super::{END, PART};
use crate::base::digest_of;
use crate::container::commands::network::resolve::resolver;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::network::resolver::Libc;
use crate::programs::outward::{Dial, Dialed};

/// A running shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shell {
    /// It is `mongo`, which came before `mongosh`.
    old: bool,
    begun: bool,
    host: String,
    port: u16,
    database: String,
    user: Option<(String, String)>,
    /// What it is to evaluate, instead of reading lines.
    eval: Option<VecDeque<String>>,
    quiet: bool,
    dial: Option<Dial>,
    fd: Option<Fd>,
    received: Vec<u8>,
    /// What an answer that comes is printed as.
    asked: Option<Asked>,
    /// The field of the answer that is printed, where not all of it is.
    field: Option<String>,
    prompted: bool,
    /// What is evaluated now shows nothing.
    silent: bool,
}

/// What a question was, which tells how its answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Auth,
    Version,
    Databases,
    Collections,
    Names,
    InsertOne,
    InsertMany,
    Insert,
    Find,
    Pretty,
    FindOne,
    Count,
    Delete(bool),
    Update(bool),
    Plain,
}

const MONGOSH: &str = "2.5.9";

impl Shell {
    pub fn new(old: bool) -> Self {
        Self { old, ..Self::default() }
    }

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
        (self.host, self.port, self.database) = ("127.0.0.1".into(), 27017, "test".into());
        let argv = kernel.argv();
        let mut words = argv.iter().skip(1);
        let (mut user, mut password) = (None, None);
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(Arc::from(value))),
                _ => (&**word, None),
            };
            let mut value =
                || value.clone().or_else(|| words.next().cloned()).unwrap_or_default().to_string();
            match name {
                "--host" => self.set_host(&value()),
                "--port" => self.port = value().parse().unwrap_or(27017),
                "-u" | "--username" => user = Some(value()),
                "-p" | "--password" => password = Some(value()),
                "--authenticationDatabase" | "--authenticationMechanism" => drop(value()),
                "--eval" => self.eval = Some(statements(&value()).into()),
                "--quiet" => self.quiet = true,
                "--norc" | "--nodb" => {}
                "--version" => {
                    let version = kernel.variable("MONGO_VERSION").unwrap_or_default();
                    kernel.print(match self.old {
                        true => format!("MongoDB shell version v{version}\n"),
                        false => format!("{MONGOSH}\n"),
                    });
                    return Some(Step::Exit(0));
                }
                option if option.starts_with('-') => {
                    kernel.complain(format!("Error parsing command line: unrecognised option '{option}'\n"));
                    return Some(Step::Exit(1));
                }
                _ => match word.strip_prefix("mongodb://") {
                    Some(rest) => {
                        let (account, rest) =
                            rest.rsplit_once('@').map_or((None, rest), |(own, rest)| (Some(own), rest));
                        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                        self.set_host(host.split(',').next().unwrap_or_default());
                        let database = path.split('?').next().unwrap_or_default();
                        if !database.is_empty() {
                            self.database = database.to_owned();
                        }
                        if let Some((name, word)) = account.and_then(|own| own.split_once(':')) {
                            (user, password) = (Some(name.to_owned()), Some(word.to_owned()));
                        }
                    }
                    None => match word.split_once('/') {
                        Some((host, database)) => {
                            self.set_host(host);
                            self.database = database.to_owned();
                        }
                        None if word.contains([':', '.']) => self.set_host(word),
                        None => self.database = word.to_string(),
                    },
                },
            }
        }
        self.user = user.map(|user| (user, password.unwrap_or_default()));
        self.quiet |= self.eval.is_some() && !self.old;
        self.dial = Some(Dial::new(&self.host, self.port, None));
        if !self.quiet {
            let url = format!("mongodb://{}:{}/", self.host, self.port);
            let id = digest_of(&(&*kernel.hostname(), kernel.now())).0;
            let version = kernel.variable("MONGO_VERSION").unwrap_or_default();
            kernel.print(match self.old {
                true => format!("MongoDB shell version v{version}\nconnecting to: {url}{}?compressors=disabled&gssapiServiceName=mongodb\n", self.database),
                false => format!(
                    "Current Mongosh Log ID:\t{:08x}{id:016x}\nConnecting to:\t\t{url}{}?directConnection=true&serverSelectionTimeoutMS=2000&appName=mongosh+{MONGOSH}\n",
                    kernel.date().0,
                    if self.database == "test" { "" } else { &self.database }
                ),
            });
        }
        None
    }

    fn set_host(&mut self, text: &str) {
        match text.rsplit_once(':') {
            Some((host, port)) => {
                self.host = host.to_owned();
                self.port = port.parse().unwrap_or(27017);
            }
            None => self.host = text.to_owned(),
        }
    }

    fn go(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        if let Some(dial) = &mut self.dial {
            let why = match dial.step(kernel) {
                Dialed::Waits(wait) => return Some(wait.into()),
                Dialed::Connected(fd, _) => {
                    (self.fd, self.dial) = (Some(fd), None);
                    match self.user.clone() {
                        Some((user, password)) => {
                            let words = [user, password].map(|own| Datum::Text(own).tojson(true)).join(",");
                            self.ask(kernel, Asked::Auth, "", "auth", &words);
                        }
                        None => self.ask(kernel, Asked::Version, "", "version", ""),
                    }
                    return None;
                }
                Dialed::Failed(errno, ip) => match errno {
                    crate::container::errno::Errno::ConnectionRefused => {
                        format!("connect ECONNREFUSED {ip}:{}", self.port)
                    }
                    errno => format!("connect {errno} {ip}:{}", self.port),
                },
                Dialed::Unknown(_) => match resolver(kernel).libc {
                    Libc::Glibc if self.old => {
                        format!("couldn't connect to server {}:{}", self.host, self.port)
                    }
                    _ => format!("getaddrinfo ENOTFOUND {}", self.host),
                },
            };
            kernel.complain(match self.old {
                true => format!(
                    "Error: couldn't connect to server {}:{}, connection attempt failed: SocketException: Error connecting to {}:{} :: caused by :: {why} :\nconnect@src/mongo/shell/mongo.js:341:17\n@(connect):2:6\nexception: connect failed\n",
                    self.host, self.port, self.host, self.port
                ),
                false => format!("MongoNetworkError: {why}\n"),
            });
            return Some(Step::Exit(1));
        }
        if let Some(asked) = self.asked {
            let fd = self.fd?;
            let ended = kernel.read_into(fd, &mut self.received);
            let Some(end) = self.received.iter().position(|byte| *byte == END) else {
                if ended {
                    kernel.complain("MongoNetworkError: connection closed\n");
                    return Some(Step::Exit(1));
                }
                return Some(Wait::readable(fd).into());
            };
            let text = String::from_utf8_lossy(&self.received[..end]).into_owned();
            self.received.drain(..=end);
            self.asked = None;
            let read = text.strip_prefix('+').and_then(|own| Datum::read(own)).map(|(own, _)| own);
            match read {
                // Of several statements that are given at once, the last one's value is shown.
                Some(_) if self.silent && asked != Asked::Version => {}
                Some(answer) => self.show(kernel, asked, answer),
                None => {
                    let why = text.trim_start_matches('-');
                    match self.old {
                        true => kernel.print(format!("Error: {why}\n")),
                        false => {
                            let kind =
                                if why.ends_with("requires authentication") { "[Unauthorized]" } else { "" };
                            kernel.complain(format!("MongoServerError{kind}: {why}\n"));
                        }
                    }
                    if asked == Asked::Auth || self.eval.is_some() {
                        return Some(Step::Exit(1));
                    }
                }
            }
            if asked == Asked::Auth {
                self.ask(kernel, Asked::Version, "", "version", "");
            }
            return None;
        }
        let line = match &mut self.eval {
            Some(lines) => match lines.pop_front() {
                Some(line) => line,
                None => return Some(Step::Exit(0)),
            },
            None => {
                if kernel.is_terminal(0) && !std::mem::replace(&mut self.prompted, true) {
                    kernel.print(if self.old { "> ".to_owned() } else { format!("{}> ", self.database) });
                }
                match kernel.read_line(0) {
                    Ok(Data::Empty) => return Some(Wait::readable(0).into()),
                    Ok(Data::Bytes(bytes)) => {
                        self.prompted = false;
                        String::from_utf8_lossy(&bytes).trim().trim_end_matches(';').trim().to_owned()
                    }
                    _ => return Some(Step::Exit(0)),
                }
            }
        };
        self.evaluate(kernel, &line)
    }

    fn ask(
        &mut self,
        kernel: &mut Kernel<'_>,
        asked: Asked,
        collection: &str,
        command: &str,
        operands: &str,
    ) {
        let Some(fd) = self.fd else { return };
        let text = format!("{}{PART}{collection}{PART}{command}{PART}{operands}", self.database);
        kernel.write(fd, &[text.as_bytes(), &[END]].concat()).ok();
        self.asked = Some(asked);
    }

    fn evaluate(&mut self, kernel: &mut Kernel<'_>, line: &str) -> Option<Step> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => return None,
            ["exit" | "quit" | "exit()" | "quit()"] => {
                if self.old {
                    kernel.print("bye\n");
                }
                return Some(Step::Exit(0));
            }
            ["use", name] => {
                self.database = name.to_owned();
                kernel.print(format!("switched to db {name}\n"));
                return None;
            }
            ["show", "dbs" | "databases"] => {
                self.ask(kernel, Asked::Databases, "", "listDatabases", "");
                return None;
            }
            ["show", "collections" | "tables"] => {
                self.ask(kernel, Asked::Collections, "", "listCollections", "");
                return None;
            }
            _ => {}
        }
        let printed =
            ["print(", "printjson("].iter().find_map(|start| line.strip_prefix(start)?.strip_suffix(')'));
        self.silent = printed.is_none() && self.eval.as_ref().is_some_and(|rest| !rest.is_empty());
        let line = printed.unwrap_or(line);
        if line == "db" || line == "db.getName()" {
            kernel.print(format!("{}\n", self.database));
            return None;
        }
        let calls = calls(line);
        let (collection, calls) = match calls.as_deref() {
            Some([(name, operands), rest @ ..]) if name == "getCollection" && operands.is_some() => {
                let name = operands.clone().unwrap_or_default();
                (name.trim_matches(['"', '\'']).to_owned(), rest)
            }
            Some(all) => {
                let end = all.iter().position(|(_, operands)| operands.is_some()).unwrap_or(all.len());
                let names: Vec<&str> = all[..end].iter().map(|(name, _)| name.as_str()).collect();
                (names.join("."), &all[end..])
            }
            None => {
                self.not_simulated(kernel, line);
                return None;
            }
        };
        let [(method, operands), further @ ..] = calls else {
            kernel.print(format!("{}.{collection}\n", self.database));
            return None;
        };
        let operands = operands.clone().unwrap_or_default();
        self.field = further.last().filter(|(_, operands)| operands.is_none()).map(|(name, _)| name.clone());
        let further: Vec<&str> = further
            .iter()
            .filter(|(_, operands)| operands.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        let Some(values) = Datum::read_all(&operands) else {
            kernel.complain(match self.old {
                true => "uncaught exception: SyntaxError: the operands cannot be read\n".to_owned(),
                false => "SyntaxError: Unexpected token\n".to_owned(),
            });
            return None;
        };
        let first = values.first().map(|own| own.tojson(true)).unwrap_or_else(|| "{}".to_owned());
        let json = |all: &[Datum]| all.iter().map(|own| own.tojson(true)).collect::<Vec<_>>().join(",");
        let one = method.ends_with("One");
        let (asked, command, operands) = match (collection.is_empty(), method.as_str()) {
            (true, "runCommand" | "adminCommand") => match values.first() {
                Some(Datum::Map(fields))
                    if fields
                        .iter()
                        .any(|(name, _)| name.eq_ignore_ascii_case("ping") || name == "hello") =>
                {
                    (Asked::Plain, "ping", String::new())
                }
                Some(Datum::Text(name)) if name == "ping" => (Asked::Plain, "ping", String::new()),
                _ => {
                    self.not_simulated(kernel, line);
                    return None;
                }
            },
            (true, "version") => (Asked::Plain, "version", String::new()),
            (true, "getCollectionNames") => (Asked::Names, "listCollections", String::new()),
            (true, "dropDatabase") => (Asked::Plain, "dropDatabase", String::new()),
            (true, "auth") => (Asked::Auth, "auth", operands),
            (false, "insertOne" | "save") => (Asked::InsertOne, "insert", first),
            (false, "insertMany" | "insert") => {
                let many = match values.first() {
                    Some(Datum::List(items)) => json(items),
                    _ => first,
                };
                (if method == "insert" { Asked::Insert } else { Asked::InsertMany }, "insert", many)
            }
            (false, "find") => match further[..] {
                ["count" | "itcount"] => (Asked::Count, "find", first),
                ["pretty"] => (Asked::Pretty, "find", first),
                [] | ["toArray"] => (Asked::Find, "find", first),
                _ => {
                    self.not_simulated(kernel, line);
                    return None;
                }
            },
            (false, "findOne") => (Asked::FindOne, "find", first),
            (false, "count" | "countDocuments" | "estimatedDocumentCount") => (Asked::Count, "find", first),
            (false, "deleteOne" | "deleteMany" | "remove") => {
                (Asked::Delete(method == "remove"), "delete", format!("{first},{one}"))
            }
            (false, "updateOne" | "updateMany" | "update") => {
                let one = one || method == "update";
                let two = json(values.get(..2).unwrap_or(&values));
                (Asked::Update(method == "update"), "update", format!("{two},{one}"))
            }
            (false, "drop") => (Asked::Plain, "drop", String::new()),
            _ => {
                self.not_simulated(kernel, line);
                return None;
            }
        };
        self.ask(kernel, asked, &collection, command, &operands);
        None
    }

    fn not_simulated(&self, kernel: &mut Kernel<'_>, line: &str) {
        kernel.complain(format!("(Saya does not simulate this of MongoDB's shell: {line})\n"));
    }

    fn print(&self, kernel: &mut Kernel<'_>, value: &Datum) {
        let text = match (value, self.old) {
            (Datum::Text(text), _) => text.clone(),
            (value, true) => value.tojson(false),
            (value, false) => value.inspected(0),
        };
        kernel.print(format!("{text}\n"));
    }

    fn show(&mut self, kernel: &mut Kernel<'_>, asked: Asked, answer: Datum) {
        let items = |own: &Datum| if let Datum::List(items) = own { items.clone() } else { Vec::new() };
        let yes = ("acknowledged", Datum::Bool(true));
        let count = |text: &str, number: Datum| Datum::map([(text, number)]).tojson(true);
        match asked {
            Asked::Auth if self.begun && self.user.take().is_some() => {}
            Asked::Auth => self.print(kernel, &if self.old { Datum::number(1) } else { answer }),
            Asked::Version if self.quiet => {}
            Asked::Version => {
                let Datum::Text(version) = answer else { return };
                kernel.print(match self.old {
                    true => format!("MongoDB server version: {version}\n"),
                    false => format!("Using MongoDB:\t\t{version}\nUsing Mongosh:\t\t{MONGOSH}\n\nFor mongosh info see: https://www.mongodb.com/docs/mongodb-shell/\n\n"),
                });
            }
            Asked::Databases => {
                for name in items(&answer) {
                    let Datum::Text(name) = name else { continue };
                    let size = if name == "config" { "12.00 KiB" } else { "40.00 KiB" };
                    kernel.print(match self.old {
                        true => format!("{name:<7} {}\n", size.replace(" KiB", "").parse::<f64>().map_or(String::new(), |kib| format!("{:.3}GB", kib / 1024.0 / 1024.0))),
                        false => format!("{name:<7} {size}\n"),
                    });
                }
            }
            Asked::Collections => {
                for name in items(&answer) {
                    self.print(kernel, &name);
                }
            }
            Asked::InsertOne => {
                let id = items(&answer).first().cloned().unwrap_or(Datum::Null);
                self.print(kernel, &Datum::map([yes, ("insertedId", id)]));
            }
            Asked::Insert if self.old => match items(&answer).len() {
                1 => kernel.print(format!("WriteResult({})\n", count("nInserted", Datum::number(1)))),
                many => kernel.print(format!(
                    "BulkWriteResult({{\n\t\"writeErrors\" : [ ],\n\t\"writeConcernErrors\" : [ ],\n\t\"nInserted\" : {many},\n\t\"nUpserted\" : 0,\n\t\"nMatched\" : 0,\n\t\"nModified\" : 0,\n\t\"nRemoved\" : 0,\n\t\"upserted\" : [ ]\n}})\n"
                )),
            },
            Asked::InsertMany | Asked::Insert => {
                let ids = match self.old {
                    true => Datum::List(items(&answer)),
                    false => {
                        let numbered = items(&answer).into_iter().enumerate().map(|(at, id)| (at.to_string(), id));
                        Datum::Map(numbered.collect())
                    }
                };
                self.print(kernel, &Datum::map([yes, ("insertedIds", ids)]));
            }
            Asked::Find | Asked::Pretty if self.old => {
                for document in items(&answer) {
                    kernel.print(format!("{}\n", document.tojson(asked == Asked::Find)));
                }
            }
            Asked::Find | Asked::Pretty => {
                let items = items(&answer);
                match items.is_empty() {
                    true => kernel.print("\n"),
                    false => {
                        let lines: Vec<String> = items.iter().map(|item| format!("  {}", item.inspected(2))).collect();
                        kernel.print(format!("[\n{}\n]\n", lines.join(",\n")));
                    }
                }
            }
            Asked::FindOne => self.print(kernel, &items(&answer).first().cloned().unwrap_or(Datum::Null)),
            Asked::Count => self.print(kernel, &Datum::number(items(&answer).len())),
            Asked::Delete(true) if self.old => kernel.print(format!("WriteResult({})\n", count("nRemoved", answer))),
            Asked::Delete(_) => self.print(kernel, &Datum::map([yes, ("deletedCount", answer)])),
            Asked::Update(true) if self.old => {
                let result = Datum::map([("nMatched", answer.clone()), ("nUpserted", Datum::number(0)), ("nModified", answer)]);
                kernel.print(format!("WriteResult({})\n", result.tojson(true)));
            }
            Asked::Update(_) if self.old => {
                self.print(kernel, &Datum::map([yes, ("matchedCount", answer.clone()), ("modifiedCount", answer)]));
            }
            Asked::Update(_) => self.print(
                kernel,
                &Datum::map([
                    yes,
                    ("insertedId", Datum::Null),
                    ("matchedCount", answer.clone()),
                    ("modifiedCount", answer),
                    ("upsertedCount", Datum::number(0)),
                ]),
            ),
            Asked::Names | Asked::Plain => match self.field.take() {
                Some(field) => self.print(kernel, answer.get(&field).unwrap_or(&Datum::Null)),
                None => self.print(kernel, &answer),
            },
        }
    }
}

/// The statements of a text: semicolons outside of quotes and brackets end them.
fn statements(text: &str) -> Vec<String> {
    let (mut all, mut own, mut quote, mut depth) = (Vec::new(), String::new(), None, 0);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '{' | '[') => depth += 1,
            (None, ')' | '}' | ']') => depth -= 1,
            (None, ';' | '\n') if depth == 0 => {
                all.push(std::mem::take(&mut own).trim().to_owned());
                continue;
            }
            _ => {}
        }
        own.push(c);
    }
    all.push(own.trim().to_owned());
    all.retain(|own| !own.is_empty());
    all
}

/// `db.users.find({}).pretty()` as names with what stands in their brackets; none where it is something else.
fn calls(line: &str) -> Option<Vec<(String, Option<String>)>> {
    let mut rest = line.strip_prefix("db")?;
    let mut found = Vec::new();
    while let Some(after) = rest.strip_prefix('.') {
        let end = after
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$' && c != '-')
            .unwrap_or(after.len());
        let (name, behind) = after.split_at(end);
        let mut operands = None;
        rest = behind;
        if let Some(inner) = behind.strip_prefix('(') {
            let (mut depth, mut quote, mut close) = (1, None, None);
            for (at, c) in inner.char_indices() {
                match (quote, c) {
                    (Some(open), c) if c == open => quote = None,
                    (Some(_), _) => {}
                    (None, '"' | '\'') => quote = Some(c),
                    (None, '(' | '{' | '[') => depth += 1,
                    (None, ')' | '}' | ']') => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    close = Some(at);
                    break;
                }
            }
            let close = close?;
            operands = Some(inner[..close].to_owned());
            rest = &inner[close + 1..];
        }
        found.push((name.to_owned(), operands));
    }
    rest.trim().is_empty().then_some(found)
}
