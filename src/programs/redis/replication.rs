//! Replication: how one server follows another, and what it hands on to those that follow it (Redis, replication.c).

use std::time::Duration;

use super::{Client, Reply, Server, Text, WRITES, request};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::programs::outward::{Dial, Dialed};

/// One that follows this server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Replica {
    ip: String,
    /// The port that it said to listen on.
    port: Text,
    /// As the log names it: address and port.
    pub(super) name: String,
    /// Whether it has the data, so that changes are handed on.
    synchronized: bool,
}

/// The server that this one follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Primary {
    host: String,
    port: u16,
    pub(super) password: Option<Text>,
    link: Link,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Link {
    /// Nothing is tried before then.
    Waits(SimTime),
    Dials(Box<Dial>),
    /// Says who it is: this many answers have come.
    Greets(Fd, Vec<u8>, usize),
    /// The data come.
    Receives(Fd, Vec<u8>),
    /// Changes come.
    Follows(Fd, Vec<u8>),
}

/// How often a server tries to reach the one that it follows (replicationCron).
const AGAIN: Duration = Duration::from_secs(1);

impl Primary {
    /// That of a host and a port with a space between.
    pub(super) fn named(text: &str) -> Option<Box<Self>> {
        let (host, port) = text.split_once(' ')?;
        let (host, port) = (host.to_owned(), port.trim().parse().ok()?);
        Some(Box::new(Self { host, port, password: None, link: Link::Waits(SimTime::default()) }))
    }
}

impl Server {
    /// Answers what only a replica asks; none to all else.
    pub(super) fn replicate(
        &mut self,
        kernel: &mut Kernel<'_>,
        words: &[Text],
        client: &mut Client,
    ) -> Option<Vec<u8>> {
        match &*words[0].to_lowercase() {
            _ if !client.known => None,
            "replconf" => {
                let [_, what, value, ..] = words else { return Some(b"+OK\r\n".to_vec()) };
                match &*what.to_lowercase() {
                    "listening-port" => {
                        let ip =
                            client.from.map(|from| from.ip().to_canonical().to_string()).unwrap_or_default();
                        let name = format!("{ip}:{value}");
                        client.replica = Some(Replica { ip, port: value.clone(), name, synchronized: false });
                    }
                    "ack" => return Some(Vec::new()),
                    _ => {}
                }
                Some(b"+OK\r\n".to_vec())
            }
            "psync" | "sync" => {
                let replica = client.replica.as_mut()?;
                replica.synchronized = true;
                let name = replica.name.clone();
                self.log(kernel, '*', &format!("Replica {name} asks for synchronization"));
                self.log(kernel, '*', &format!("Full resync requested by replica {name}"));
                if !self.clients.iter().any(|own| own.replica.is_some()) && self.is_since(6, 0) {
                    let (id, none) = (&self.id, "0".repeat(40));
                    let text = format!(
                        "Replication backlog created, my new replication IDs are '{id}' and '{none}'"
                    );
                    self.log(kernel, '*', &text);
                }
                self.log(kernel, '*', "Starting BGSAVE for SYNC with target: disk");
                kernel.skip_pids(1);
                self.log(kernel, '*', "Background saving terminated with success");
                self.log(kernel, '*', &format!("Synchronization with replica {name} succeeded"));
                let data = self.snapshot();
                Some(
                    format!("+FULLRESYNC {} {}\r\n${}\r\n{data}", self.id, self.offset, data.len())
                        .into_bytes(),
                )
            }
            _ => None,
        }
    }

    /// Hands a change on to all that follow.
    pub(super) fn hand_on(&mut self, kernel: &mut Kernel<'_>, words: &[Text], reply: &Reply) {
        if matches!(reply, Reply::Error(_)) || !WRITES.contains(&&*words[0].to_lowercase()) {
            return;
        }
        let bytes = Reply::request(words);
        let mut followed = false;
        for client in &self.clients {
            if client.replica.as_ref().is_some_and(|replica| replica.synchronized) {
                kernel.write(client.fd, &bytes).ok();
                followed = true;
            }
        }
        if followed {
            self.offset += bytes.len() as u64;
        }
    }

    /// Follows another, if it is to; what it then waits for.
    pub(super) fn follow(&mut self, kernel: &mut Kernel<'_>) -> Option<Wait> {
        let mut primary = self.primary.clone()?;
        loop {
            let (link, wait) = self.advance(kernel, &primary);
            primary.link = link;
            if wait.is_some() {
                self.primary = Some(primary);
                return wait;
            }
        }
    }

    /// The next state of the connection to the one that it follows, and what it waits for there, if for anything.
    fn advance(&mut self, kernel: &mut Kernel<'_>, primary: &Primary) -> (Link, Option<Wait>) {
        let later = Link::Waits(kernel.now() + AGAIN);
        match primary.link.clone() {
            Link::Waits(until) if kernel.now() < until => (primary.link.clone(), Some(Wait::until(until))),
            Link::Waits(_) => {
                self.log(kernel, '*', &format!("Connecting to MASTER {}:{}", primary.host, primary.port));
                (
                    Link::Dials(Box::new(Dial::new(
                        &primary.host,
                        primary.port,
                        Some(Duration::from_secs(60)),
                    ))),
                    None,
                )
            }
            Link::Dials(mut dial) => match dial.step(kernel) {
                Dialed::Waits(wait) => (Link::Dials(dial), Some(wait)),
                Dialed::Unknown(_) => {
                    self.log(kernel, '#', "Unable to connect to MASTER: Resource temporarily unavailable");
                    (later, None)
                }
                Dialed::Failed(errno, _) => {
                    self.log(kernel, '*', "MASTER <-> REPLICA sync started");
                    self.log(kernel, '#', &format!("Error condition on socket for SYNC: {errno}"));
                    (later, None)
                }
                Dialed::Connected(fd, _) => {
                    self.log(kernel, '*', "MASTER <-> REPLICA sync started");
                    self.log(kernel, '*', "Non blocking connect for SYNC fired the event.");
                    let mut greeting = Reply::request(&["PING".into()]);
                    if let Some(password) = &primary.password {
                        greeting = Reply::request(&["AUTH".into(), password.clone()]);
                    }
                    let port: Text = self.port.to_string().into();
                    greeting.extend(Reply::request(&["REPLCONF".into(), "listening-port".into(), port]));
                    greeting.extend(Reply::request(&["PSYNC".into(), "?".into(), "-1".into()]));
                    kernel.write(fd, &greeting).ok();
                    (Link::Greets(fd, Vec::new(), 0), None)
                }
            },
            Link::Greets(fd, mut received, mut answers) => {
                let ended = kernel.read_into(fd, &mut received);
                while answers < 3 {
                    let Some(end) = received.windows(2).position(|two| two == b"\r\n") else { break };
                    let line = String::from_utf8_lossy(&received[..end]).into_owned();
                    received.drain(..end + 2);
                    answers += 1;
                    if let Some(why) = line.strip_prefix('-') {
                        self.log(
                            kernel,
                            '#',
                            &match why.starts_with("NOAUTH") {
                                true => format!("MASTER aborted replication with an error: {why}"),
                                false => format!("Unable to AUTH to MASTER: -{why}"),
                            },
                        );
                        kernel.close(fd).ok();
                        return (later, None);
                    }
                    match answers {
                        1 => self.log(kernel, '*', "Master replied to PING, replication can continue..."),
                        3 => {
                            let resync = line.trim_start_matches("+FULLRESYNC ").replace(' ', ":");
                            self.log(
                                kernel,
                                '*',
                                "Partial resynchronization not possible (no cached master)",
                            );
                            self.log(kernel, '*', &format!("Full resync from master: {resync}"));
                            if let Some((id, offset)) = resync.split_once(':') {
                                (self.id, self.offset) = (id.to_owned(), offset.parse().unwrap_or(0));
                            }
                            return (Link::Receives(fd, received), None);
                        }
                        _ => {}
                    }
                }
                self.goes_on(kernel, fd, ended, Link::Greets(fd, received, answers))
            }
            Link::Receives(fd, mut received) => {
                let ended = kernel.read_into(fd, &mut received);
                let data = received.windows(2).position(|two| two == b"\r\n").and_then(|end| {
                    let length: usize = std::str::from_utf8(&received[1..end]).ok()?.parse().ok()?;
                    Some((end + 2, received.get(end + 2..end + 2 + length)?.to_vec()))
                });
                match data {
                    Some((head, data)) => {
                        received.drain(..head + data.len());
                        self.take_over(kernel, &String::from_utf8_lossy(&data));
                        (Link::Follows(fd, received), None)
                    }
                    None => self.goes_on(kernel, fd, ended, Link::Receives(fd, received)),
                }
            }
            Link::Follows(fd, mut received) => {
                let ended = kernel.read_into(fd, &mut received);
                while let Some((words, used)) = request(&received) {
                    received.drain(..used);
                    self.offset += used as u64;
                    if !words.is_empty() {
                        // What it follows may do what others may not.
                        let own = self.primary.take();
                        let reply = self.command(kernel, &words, &mut true);
                        self.primary = own;
                        self.hand_on(kernel, &words, &reply);
                    }
                }
                self.goes_on(kernel, fd, ended, Link::Follows(fd, received))
            }
        }
    }

    /// Waits for more on a link, or has lost it.
    fn goes_on(&mut self, kernel: &mut Kernel<'_>, fd: Fd, ended: bool, link: Link) -> (Link, Option<Wait>) {
        if !ended {
            return (link, Some(Wait::readable(fd)));
        }
        kernel.close(fd).ok();
        self.log(kernel, if self.is_since(7, 0) { '*' } else { '#' }, "Connection with master lost.");
        self.log(kernel, '*', "Caching the disconnected master state.");
        (Link::Waits(kernel.now()), None)
    }

    fn take_over(&mut self, kernel: &mut Kernel<'_>, data: &str) {
        let text = format!("MASTER <-> REPLICA sync: receiving {} bytes from master to disk", data.len());
        self.log(kernel, '*', &text);
        self.log(kernel, '*', "MASTER <-> REPLICA sync: Flushing old data");
        self.keys.clear();
        self.expiry.clear();
        self.log(kernel, '*', "MASTER <-> REPLICA sync: Loading DB in memory");
        self.restore(data);
        if self.is_since(6, 0) {
            self.log(kernel, '*', &format!("Loading RDB produced by version {}", self.version));
            self.log(kernel, '*', "RDB age 0 seconds");
            self.log(kernel, '*', "RDB memory usage when created 1.82 Mb");
        }
        if self.is_since(7, 0) {
            let text = format!("Done loading RDB, keys loaded: {}, keys expired: 0.", self.keys.len());
            self.log(kernel, '*', &text);
        }
        self.log(kernel, '*', "MASTER <-> REPLICA sync: Finished with success");
    }

    /// Follows another from now on, or nobody (`REPLICAOF NO ONE`).
    pub(super) fn set_primary(&mut self, kernel: &mut Kernel<'_>, host: &str, port: &str) -> Reply {
        let old = self.primary.take();
        if let Some(Link::Greets(fd, ..) | Link::Receives(fd, _) | Link::Follows(fd, _)) =
            old.map(|own| own.link)
        {
            kernel.close(fd).ok();
        }
        if host.eq_ignore_ascii_case("no") && port.eq_ignore_ascii_case("one") {
            self.log(kernel, '*', "MASTER MODE enabled (user request)");
            return Reply::Status("OK");
        }
        self.primary = Primary::named(&format!("{host} {port}"));
        if self.primary.is_none() {
            return Reply::Error("ERR Invalid master port".into());
        }
        self.log(kernel, '*', &format!("REPLICAOF {host}:{port} enabled (user request)"));
        Reply::Status("OK")
    }

    /// The part of `INFO` on replication.
    pub(super) fn replication(&self) -> String {
        let mut lines = Vec::new();
        match &self.primary {
            Some(primary) => {
                let up = matches!(primary.link, Link::Follows(..));
                lines.extend([
                    "role:slave".to_owned(),
                    format!("master_host:{}", primary.host),
                    format!("master_port:{}", primary.port),
                    format!("master_link_status:{}", if up { "up" } else { "down" }),
                    format!("master_last_io_seconds_ago:{}", if up { 0 } else { -1 }),
                    "master_sync_in_progress:0".to_owned(),
                    format!("slave_repl_offset:{}", self.offset),
                    "slave_priority:100".to_owned(),
                    "slave_read_only:1".to_owned(),
                ]);
            }
            None => lines.push("role:master".to_owned()),
        }
        let replicas: Vec<&Replica> =
            self.clients.iter().filter_map(|client| client.replica.as_ref()).collect();
        lines.push(format!("connected_slaves:{}", replicas.len()));
        for (at, Replica { ip, port, .. }) in replicas.iter().enumerate() {
            lines.push(format!("slave{at}:ip={ip},port={port},state=online,offset={},lag=0", self.offset));
        }
        lines.push(format!("master_replid:{}", self.id));
        lines.push(format!("master_repl_offset:{}", self.offset));
        lines.iter().map(|line| format!("{line}\r\n")).collect()
    }

    /// The answer to `ROLE`.
    pub(super) fn role(&self) -> Reply {
        let bulk = |text: &str| Reply::Bulk(Some(text.into()));
        let offset = self.offset as i64;
        match &self.primary {
            Some(primary) => {
                let state = match primary.link {
                    Link::Follows(..) => "connected",
                    Link::Receives(..) => "sync",
                    _ => "connect",
                };
                let port = Reply::Number(primary.port.into());
                Reply::Many(vec![
                    bulk("slave"),
                    bulk(&primary.host),
                    port,
                    bulk(state),
                    Reply::Number(offset),
                ])
            }
            None => {
                let replicas = self.clients.iter().filter_map(|client| client.replica.as_ref());
                let told = replicas
                    .map(|own| Reply::Many(vec![bulk(&own.ip), bulk(&own.port), bulk(&offset.to_string())]));
                Reply::Many(vec![bulk("master"), Reply::Number(offset), Reply::Many(told.collect())])
            }
        }
    }
}
