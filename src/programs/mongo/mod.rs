//! MongoDB: the server, which keeps documents in its data folder. Its shells and it speak a plain text among themselves.

mod datum;
mod express;
mod shell;

pub use express::Express;
pub use shell::Shell;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::base::{SimTime, digest_of};
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use datum::Datum;

/// A running `mongod`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    begun: bool,
    listening: Option<Fd>,
    clients: Vec<Client>,
    folder: String,
    /// The account that everybody must be, and its password.
    root: Option<(Arc<str>, Arc<str>)>,
    /// The documents of each collection, which is named by its database and a point.
    collections: Vec<(String, Vec<Datum>)>,
    inserted: u64,
    ends: Option<SimTime>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    fd: Fd,
    received: Vec<u8>,
    known: bool,
}

/// What separates the parts of a question: a database, a collection, a command and its operands.
const PART: char = '\u{1f}';
/// What ends a question and an answer.
const END: u8 = 0x1e;
/// The file that the documents are kept in.
const FILE: &str = "collection-0-saya.wt";
/// The answer to a browser.
const HTTP: &str = "It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n";

impl Server {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Some(step) = self.begin(kernel)
        {
            return step;
        }
        if kernel.take_signal().is_some() && self.ends.is_none() {
            self.ends = Some(kernel.now() + Duration::from_millis(60));
            self.log(
                kernel,
                "CONTROL",
                23377,
                "SignalHandler",
                "Received signal",
                ",\"attr\":{\"signal\":15,\"error\":\"Terminated\"}",
            );
        }
        if self.ends.is_some_and(|at| kernel.now() >= at) {
            self.log(
                kernel,
                "CONTROL",
                23138,
                "SignalHandler",
                "Shutting down",
                ",\"attr\":{\"exitCode\":0}",
            );
            return Step::Exit(0);
        }
        let mut wait = Wait::forever().or_until(self.ends);
        if let Some(listening) = self.listening {
            while let Ok(Some((fd, _))) = kernel.accept(listening) {
                kernel.set_close_on_exec(fd);
                self.clients.push(Client { fd, received: Vec::new(), known: self.root.is_none() });
            }
            wait = wait.or_readable(listening);
        }
        for mut client in std::mem::take(&mut self.clients) {
            let mut ended = kernel.read_into(client.fd, &mut client.received);
            if client.received.starts_with(b"GET ") {
                let length = HTTP.len();
                let text = format!(
                    "HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{HTTP}"
                );
                kernel.write(client.fd, text.as_bytes()).ok();
                ended = true;
            }
            while let Some(end) = client.received.iter().position(|byte| *byte == END) {
                let question = String::from_utf8_lossy(&client.received[..end]).into_owned();
                client.received.drain(..=end);
                let answer = match self.answer(kernel, &question, &mut client.known) {
                    Ok(answer) => format!("+{}", answer.tojson(true)),
                    Err(why) => format!("-{why}"),
                };
                kernel.write(client.fd, &[answer.as_bytes(), &[END]].concat()).ok();
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

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let argv = kernel.argv();
        if argv.iter().any(|word| &**word == "--version") {
            let version = kernel.variable("MONGO_VERSION").unwrap_or_default();
            kernel.print(format!("db version v{version}\n"));
            return Some(Step::Exit(0));
        }
        let value = |name: &str| {
            let at = argv.iter().position(|word| &**word == name)?;
            argv.get(at + 1).map(|word| word.to_string())
        };
        self.folder = value("--dbpath").unwrap_or_else(|| "/data/db".to_owned());
        let port = value("--port").and_then(|text| text.parse().ok()).unwrap_or(27017);
        let root =
            ["MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"].map(|name| kernel.variable(name));
        if let [Some(user), Some(password)] = root {
            self.root = Some((user, password));
        }
        let attributes = format!(
            ",\"attr\":{{\"pid\":{},\"port\":{port},\"dbPath\":\"{}\",\"architecture\":\"64-bit\",\"host\":\"{}\"}}",
            kernel.pid(),
            self.folder,
            kernel.hostname()
        );
        self.log(kernel, "CONTROL", 4615611, "initandlisten", "MongoDB starting", &attributes);
        if !kernel.files().is_directory(&self.folder) {
            let attributes = format!(
                ",\"attr\":{{\"error\":\"NonExistentPath: Data directory {} not found.\"}}",
                self.folder
            );
            self.log(
                kernel,
                "CONTROL",
                20557,
                "initandlisten",
                "DBException in initAndListen, terminating",
                &attributes,
            );
            return Some(Step::Exit(100));
        }
        for name in ["WiredTiger", "WiredTiger.lock", "WiredTiger.wt", "mongod.lock", "storage.bson"] {
            let path = format!("{}/{name}", self.folder);
            if !kernel.files().exists(&path) {
                kernel.files().write(&path, format!("{name}\n").into_bytes(), 0o600).ok();
            }
        }
        let kept = kernel.files().read(&format!("{}/{FILE}", self.folder)).unwrap_or_default();
        for line in String::from_utf8_lossy(&kept).lines() {
            let Some((name, text)) = line.split_once(PART) else { continue };
            if let Some((Datum::List(documents), _)) = Datum::read(text) {
                self.collections.push((name.to_owned(), documents));
            }
        }
        match kernel.listen(Protocol::Tcp, IpAddr::from([0u16; 8]), port) {
            Ok(fd) => self.listening = Some(fd),
            Err(errno) => {
                let attributes = format!(",\"attr\":{{\"error\":\"SocketException: {errno}\"}}");
                self.log(kernel, "CONTROL", 20568, "initandlisten", "Error setting up listener", &attributes);
                return Some(Step::Exit(48));
            }
        }
        self.log(kernel, "NETWORK", 23015, "listener", "Listening on", ",\"attr\":{\"address\":\"0.0.0.0\"}");
        let attributes = format!(",\"attr\":{{\"port\":{port},\"ssl\":\"off\"}}");
        self.log(kernel, "NETWORK", 23016, "listener", "Waiting for connections", &attributes);
        for signal in [Signal::TERM, Signal::INT] {
            kernel.on_signal(signal, Action::Catch);
        }
        None
    }

    /// A line of its log: JSON since 4.4.
    fn log(
        &self,
        kernel: &mut Kernel<'_>,
        component: &str,
        id: u32,
        context: &str,
        text: &str,
        attributes: &str,
    ) {
        let date = kernel.date().rfc3339().replace('Z', &format!(".{:03}", kernel.now().0 / 1_000 % 1_000));
        let version = kernel.variable("MONGO_VERSION").unwrap_or_default();
        let old = ["3.", "4.0", "4.2"].iter().any(|own| version.starts_with(own));
        kernel.print(match old {
            true => {
                let text = if id == 23016 { "waiting for connections on port 27017" } else { text };
                format!("{date}+0000 I  {component:<8} [{context}] {text}\n")
            }
            false => format!(
                "{{\"t\":{{\"$date\":\"{date}+00:00\"}},\"s\":\"I\",  \"c\":{:<11}\"id\":{id},{}\"ctx\":\"{context}\",\"msg\":\"{text}\"{attributes}}}\n",
                format!("\"{component}\","),
                " ".repeat(8usize.saturating_sub(id.to_string().len()))
            ),
        });
    }

    fn save(&self, kernel: &mut Kernel<'_>) {
        let mut text = String::new();
        for (name, documents) in &self.collections {
            text.push_str(&format!("{name}{PART}{}\n", Datum::List(documents.clone()).tojson(true)));
        }
        kernel.files().write(&format!("{}/{FILE}", self.folder), text.into_bytes(), 0o600).ok();
    }

    fn answer(&mut self, kernel: &mut Kernel<'_>, question: &str, known: &mut bool) -> Result<Datum, String> {
        let parts: Vec<&str> = question.split(PART).collect();
        let [database, collection, command, operands] = parts[..] else {
            return Err("BadValue: no command".into());
        };
        let operands = Datum::read_all(operands).ok_or("BadValue: no operands")?;
        let operand = |at: usize| operands.get(at).cloned().unwrap_or(Datum::Map(Vec::new()));
        match (command, &self.root) {
            ("auth", None) => return Ok(Datum::map([("ok", Datum::number(1))])),
            ("auth", Some((user, password))) => {
                let is = |at: usize, text: &str| operand(at) == Datum::Text(text.to_owned());
                *known = is(0, user) && is(1, password);
                return match known {
                    true => Ok(Datum::map([("ok", Datum::number(1))])),
                    false => Err("Authentication failed.".to_owned()),
                };
            }
            ("ping" | "hello" | "version", _) => {}
            _ if !*known => return Err(format!("Command {command} requires authentication")),
            _ => {}
        }
        let full = format!("{database}.{collection}");
        let at = self.collections.iter().position(|(name, _)| *name == full);
        match command {
            "ping" => Ok(Datum::map([("ok", Datum::number(1))])),
            "version" => Ok(Datum::Text(kernel.variable("MONGO_VERSION").unwrap_or_default().to_string())),
            "listDatabases" => {
                let mut names: Vec<&str> = vec!["admin", "config", "local"];
                names.extend(self.collections.iter().filter_map(|(name, _)| name.split('.').next()));
                names.sort_unstable();
                names.dedup();
                Ok(Datum::List(names.into_iter().map(|name| Datum::Text(name.to_owned())).collect()))
            }
            "listCollections" => {
                let start = format!("{database}.");
                let names = self.collections.iter().filter_map(|(name, _)| name.strip_prefix(&start));
                let mut names: Vec<Datum> = names.map(|name| Datum::Text(name.to_owned())).collect();
                names.sort_by(|one, other| one.compared(other).unwrap_or(std::cmp::Ordering::Equal));
                Ok(Datum::List(names))
            }
            "insert" => {
                let mut ids = Vec::new();
                let mut new = Vec::new();
                for document in operands {
                    let Datum::Map(mut fields) = document else {
                        return Err("BadValue: a document is no object".into());
                    };
                    if !fields.iter().any(|(name, _)| name == "_id") {
                        self.inserted += 1;
                        let own = digest_of(&(&*kernel.hostname(), self.inserted, kernel.now())).0;
                        let id = format!("{:08x}{own:016x}", kernel.date().0);
                        fields.insert(0, ("_id".to_owned(), Datum::Id(id)));
                    }
                    ids.push(
                        fields
                            .iter()
                            .find(|(name, _)| name == "_id")
                            .map_or(Datum::Null, |(_, id)| id.clone()),
                    );
                    new.push(Datum::Map(fields));
                }
                let held = self.held(&full);
                for id in &ids {
                    if held.iter().any(|own| own.get("_id") == Some(id)) {
                        return Err(format!(
                            "E11000 duplicate key error collection: {full} index: _id_ dup key: {{ _id: {} }}",
                            id.tojson(true)
                        ));
                    }
                }
                held.extend(new);
                self.save(kernel);
                Ok(Datum::List(ids))
            }
            "find" => {
                let all = at.map_or(&[][..], |at| &self.collections[at].1);
                Ok(Datum::List(all.iter().filter(|own| own.fits(&operand(0))).cloned().collect()))
            }
            "delete" | "update" => {
                let one = operand(if command == "delete" { 1 } else { 2 }) == Datum::Bool(true);
                let (filter, change) = (operand(0), operand(1));
                let mut touched = 0;
                if let Some(at) = at {
                    let held = &mut self.collections[at].1;
                    let mut fits = |own: &Datum| {
                        let chosen = own.fits(&filter) && !(one && touched > 0);
                        touched += i64::from(chosen);
                        chosen
                    };
                    match command {
                        "delete" => held.retain(|own| !fits(own)),
                        _ => held.iter_mut().filter(|own| fits(own)).for_each(|own| updated(own, &change)),
                    }
                    self.save(kernel);
                }
                Ok(Datum::number(touched))
            }
            "drop" => {
                self.collections.retain(|(name, _)| *name != full);
                self.save(kernel);
                Ok(Datum::Bool(at.is_some()))
            }
            "dropDatabase" => {
                let start = format!("{database}.");
                self.collections.retain(|(name, _)| !name.starts_with(&start));
                self.save(kernel);
                Ok(Datum::map([("ok", Datum::number(1)), ("dropped", Datum::Text(database.to_owned()))]))
            }
            other => Err(format!("no such command: '{other}'")),
        }
    }

    fn held(&mut self, full: &str) -> &mut Vec<Datum> {
        let at = match self.collections.iter().position(|(name, _)| name == full) {
            Some(at) => at,
            None => {
                self.collections.push((full.to_owned(), Vec::new()));
                self.collections.len() - 1
            }
        };
        &mut self.collections[at].1
    }
}

/// Changes a document by the operators of an update, or puts another in its place.
fn updated(own: &mut Datum, change: &Datum) {
    let Datum::Map(operators) = change else { return };
    for (operator, fields) in operators {
        let Datum::Map(fields) = fields else { continue };
        for (name, value) in fields {
            match operator.as_str() {
                "$set" => own.set(name, value.clone()),
                "$unset" => {
                    if let Datum::Map(all) = own {
                        all.retain(|(own, _)| own != name);
                    }
                }
                "$inc" => {
                    let old = own.get(name).and_then(Datum::as_number).unwrap_or(0.0);
                    own.set(name, Datum::number(old + value.as_number().unwrap_or(0.0)));
                }
                "$push" => match own.get(name).cloned() {
                    Some(Datum::List(mut list)) => {
                        list.push(value.clone());
                        own.set(name, Datum::List(list));
                    }
                    _ => own.set(name, Datum::List(vec![value.clone()])),
                },
                _ => {}
            }
        }
    }
}
