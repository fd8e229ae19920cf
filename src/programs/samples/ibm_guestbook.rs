//! IBM's guestbook, of its course Kube 101: Go on Negroni, which keeps what it is told in its own memory, or in the Redis whose
//! Service was there before its Pod.

use std::collections::BTreeMap;

use crate::base::{Value, json};
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::kubectl::unknown;
use crate::programs::outward::both;
use crate::programs::redis::{Ask, Asked, Reply};

const PORT: u16 = 3000;
const TEXT: &str = "text/plain; charset=utf-8";

/// The server that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IbmGuestbook {
    begun: bool,
    /// `v1` or `v2`.
    version: String,
    lists: BTreeMap<String, Vec<String>>,
    connections: Connections,
    busy: Vec<Busy>,
}

/// A request that waits for a Redis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Busy {
    client: Client,
    request: Request,
    what: Wants,
    host: &'static str,
    ask: Ask,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Wants {
    List { key: String },
    Push,
    Information,
}

impl Busy {
    fn new(client: Client, request: Request, what: Wants, host: &'static str, questions: &[&[&str]]) -> Self {
        Self { client, request, what, host, ask: Ask::new(host, 6379, questions) }
    }
}

const MASTER: &str = "redis-master";
const SLAVE: &str = "redis-slave";

impl IbmGuestbook {
    pub fn new(tag: &str) -> Self {
        let version = if tag.starts_with("v2") { "v2" } else { "v1" };
        Self { version: version.into(), ..Self::default() }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            kernel.print(format!("[negroni] listening on :{PORT}\n"));
            if let Err(errno) = self.connections.listen(kernel, PORT) {
                let why = errno.to_string().to_lowercase();
                kernel.print(format!("[negroni] listen tcp :{PORT}: bind: {why}\n"));
                return Step::Exit(1);
            }
            kernel.on_signal(Signal::TERM, Action::Catch);
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(2);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.take(kernel, client, request);
        }
        let mut wait = self.connections.wait();
        let mut todo = std::mem::take(&mut self.busy);
        while let Some(mut busy) = todo.pop() {
            let asked = match busy.ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.busy.insert(0, busy);
                    continue;
                }
                Asked::Answered(answers) => Ok(answers),
                Asked::Failed(errno, ip) => {
                    Err(format!("dial tcp {ip}:6379: connect: {}", errno.text().to_lowercase()))
                }
                Asked::Unknown(failure) => Err(unknown(kernel, busy.host, failure)),
            };
            match (&busy.what, asked) {
                // It reads from the master until there is a slave.
                (Wants::List { key }, Err(_)) if busy.host == SLAVE => {
                    let range: &[&str] = &["LRANGE", key, "0", "-1"];
                    todo.push(Busy::new(busy.client, busy.request, busy.what.clone(), MASTER, &[range]));
                }
                (what, asked) => {
                    let text = told(what, asked);
                    if let Wants::List { key } = what {
                        say_key(kernel, key);
                    }
                    self.reply(kernel, busy.client, &busy.request, 200, TEXT, text);
                }
            }
        }
        wait.into()
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        let path = request.path().to_string();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        // The variable that a Service of this name leaves in the environment of the Pods that come after it.
        let with_redis = kernel.variable("REDIS_MASTER_PORT").is_some_and(|own| !own.is_empty());
        let (status, kind, text) = match parts[..] {
            [""] => (200, "text/html; charset=utf-8", PAGE.replace("$v", &self.version)),
            ["lrange" | "lrangev2", key] if with_redis => {
                let (what, range) = (Wants::List { key: key.into() }, ["LRANGE", key, "0", "-1"]);
                return self.busy.push(Busy::new(client, request, what, SLAVE, &[&range]));
            }
            ["lrange" | "lrangev2", key] => {
                say_key(kernel, key);
                // Go writes a list that was never made as null.
                let items = self.lists.get(key).map(|own| own.iter().map(String::as_str).collect());
                (200, TEXT, items.map_or("null".to_owned(), list))
            }
            ["rpush", key, value] if with_redis => {
                let questions: [&[&str]; 2] = [&["RPUSH", key, value], &["LRANGE", key, "0", "-1"]];
                return self.busy.push(Busy::new(client, request, Wants::Push, MASTER, &questions));
            }
            ["rpush", key, value] => {
                let items = self.lists.entry(key.to_owned()).or_default();
                items.push(value.to_owned());
                (200, TEXT, list(items.iter().map(String::as_str).collect()))
            }
            ["rpushv2", ..] => {
                (200, TEXT, "(Saya does not simulate the tone analyzer of this guestbook.)\n".to_owned())
            }
            ["info"] if with_redis => {
                let what = Wants::Information;
                return self.busy.push(Busy::new(client, request, what, MASTER, &[&["INFO"]]));
            }
            ["info"] => (200, TEXT, "In-memory datastore (not redis)\n".to_owned()),
            ["env"] => {
                let own: BTreeMap<_, _> =
                    kernel.env().iter().map(|(a, b)| (a.to_string(), quoted(b))).collect();
                let lines: Vec<_> =
                    own.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
                (200, TEXT, format!("{{\n{}\n}}", lines.join(",\n")))
            }
            ["hello"] => {
                let host = kernel.hostname();
                (200, TEXT, format!("Hello from guestbook. Your app is up! (Hostname: {host})\n"))
            }
            _ => (404, TEXT, "404 page not found\n".to_owned()),
        };
        self.reply(kernel, client, &request, status, kind, text);
    }

    fn reply(
        &mut self,
        kernel: &mut Kernel<'_>,
        client: Client,
        request: &Request,
        status: u16,
        kind: &'static str,
        text: String,
    ) {
        let (date, host) = (kernel.date().rfc3339(), request.header("Host").unwrap_or_default());
        let (method, path) = (&request.method, request.path());
        kernel.print(format!("[negroni] {date} | {status} | \t 85.2µs | {host} | {method} {path} \n"));
        self.connections.reply(kernel, client, Response::new(status, kind, text));
    }
}

/// What it answers when a Redis did, or did not.
fn told(what: &Wants, asked: Result<Vec<Reply>, String>) -> String {
    let last = asked.and_then(|answers| match answers.into_iter().last() {
        Some(Reply::Error(why)) => Err(why),
        other => Ok(other),
    });
    match (what, last) {
        (Wants::List { .. }, Err(why)) => format!("Error getting list: {why}\n"),
        (Wants::Push, Err(why)) => format!("Error adding to list: {why}\n"),
        (Wants::Information, Err(why)) => format!("Error getting DB info: {why}\n"),
        (_, Ok(Some(Reply::Bulk(Some(text))))) => format!("{text}\n"),
        (_, Ok(Some(Reply::Many(items)))) => {
            let items: Vec<String> = items
                .iter()
                .filter_map(|item| match item {
                    Reply::Bulk(Some(text)) => Some(text.to_string()),
                    _ => None,
                })
                .collect();
            list(items.iter().map(String::as_str).collect())
        }
        _ => "[]".to_owned(),
    }
}

/// It ends no line.
fn say_key(kernel: &mut Kernel<'_>, key: &str) {
    kernel.print(format!("ListRangeHandler from guestbook key to read the list is {key}"));
}

/// A list as Go's `MarshalIndent` writes it where nothing is to be put before a line.
fn list(items: Vec<&str>) -> String {
    if items.is_empty() {
        return "[]".to_owned();
    }
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    format!("[\n{}\n]", items.join(",\n"))
}

fn quoted(text: &str) -> String {
    json::to_string(&Value::from(text))
}

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <title>Guestbook - $v</title>\n  </head>\n  <body>\n    <h1>Guestbook - $v</h1>\n    <p><a href=\"lrange/guestbook\">/lrange/guestbook</a>\n    <a href=\"env\">/env</a>\n    <a href=\"info\">/info</a></p>\n    <p>(The page's own script, which shows the entries, is not simulated: /rpush/guestbook/… adds one.)</p>\n  </body>\n</html>\n";
