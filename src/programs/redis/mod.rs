//! Redis: the server, and what it speaks.

mod ask;
mod cli;
mod commands;
mod replication;
mod reply;

pub use ask::{Ask, Asked};
pub use cli::Cli;
pub use reply::Reply;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::base::{SimTime, digest_of};
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::programs::outward::both;
use commands::WRITES;
use replication::{Primary, Replica};

type Text = Arc<str>;

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Held {
    Text(Text),
    List(Vec<Text>),
    Hash(BTreeMap<Text, Text>),
    Set(std::collections::BTreeSet<Text>),
}

/// A running `redis-server`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    begun: bool,
    listening: Option<Fd>,
    clients: Vec<Client>,
    keys: BTreeMap<Text, Held>,
    expiry: BTreeMap<Text, SimTime>,
    password: Option<Text>,
    version: String,
    port: u16,
    saves: bool,
    ends: Option<SimTime>,
    started: SimTime,
    /// What its replicas know its data by: forty hexadecimal digits.
    id: String,
    /// How many bytes of changes it has handed on, or taken over.
    offset: u64,
    /// The one that it follows.
    primary: Option<Box<Primary>>,
}

/// One that is connected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    fd: Fd,
    from: Option<SocketAddr>,
    received: Vec<u8>,
    /// Whether it has given the password, or needs none.
    known: bool,
    /// Where it follows this server.
    replica: Option<Replica>,
}

const DUMP: &str = "dump.rdb";

impl Server {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Some(step) = self.begin(kernel)
        {
            return step;
        }
        if kernel.take_signal().is_some() && self.ends.is_none() {
            self.ends = Some(kernel.now() + Duration::from_millis(80));
            let pid = kernel.pid().0;
            let seconds = kernel.date().0;
            kernel
                .print(format!("{pid}:signal-handler ({seconds}) Received SIGTERM scheduling shutdown...\n"));
        }
        if self.ends.is_some_and(|at| kernel.now() >= at) {
            self.log(kernel, '#', "User requested shutdown...");
            if self.saves {
                self.log(kernel, '*', "Saving the final RDB snapshot before exiting.");
                self.save(kernel);
                self.log(kernel, '*', "DB saved on disk");
            }
            self.log(kernel, '#', "Redis is now ready to exit, bye bye...");
            return Step::Exit(0);
        }
        let mut wait = Wait::forever().or_until(self.ends);
        if let Some(listening) = self.listening {
            while let Ok(Some((fd, from))) = kernel.accept(listening) {
                kernel.set_close_on_exec(fd);
                let known = self.password.is_none();
                self.clients.push(Client {
                    fd,
                    from: Some(from),
                    received: Vec::new(),
                    known,
                    replica: None,
                });
            }
            wait = wait.or_readable(listening);
        }
        for mut client in std::mem::take(&mut self.clients) {
            let mut ended = kernel.read_into(client.fd, &mut client.received);
            while let Some((words, used)) = request(&client.received) {
                client.received.drain(..used);
                if words.is_empty() {
                    continue;
                }
                ended |= words[0].eq_ignore_ascii_case("quit");
                if let Some(reply) = self.replicate(kernel, &words, &mut client) {
                    kernel.write(client.fd, &reply).ok();
                    continue;
                }
                let reply = self.command(kernel, &words, &mut client.known);
                self.hand_on(kernel, &words, &reply);
                let mut text = String::new();
                reply.write(&mut text);
                kernel.write(client.fd, text.as_bytes()).ok();
            }
            if ended {
                kernel.close(client.fd).ok();
                if let Some(replica) = &client.replica {
                    self.log(kernel, '#', &format!("Connection with replica {} lost.", replica.name));
                }
            } else {
                wait = wait.or_readable(client.fd);
                self.clients.push(client);
            }
        }
        match self.follow(kernel) {
            Some(other) => both(wait, other).into(),
            None => wait.into(),
        }
    }

    /// Whether it is of this version or a later one.
    fn is_since(&self, major: u32, minor: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
    }

    /// Writes a line into its log, as what it is now.
    fn log(&self, kernel: &mut Kernel<'_>, mark: char, text: &str) {
        let role = if self.primary.is_some() { 'S' } else { 'M' };
        self.line(kernel, role, mark, text);
    }

    fn line(&self, kernel: &mut Kernel<'_>, role: char, mark: char, text: &str) {
        let date = kernel.date();
        let (year, _, day, hour, minute, second) = date.civil();
        let month = date.rfc1123().split(' ').nth(2).unwrap_or("Jan").to_owned();
        let pid = kernel.pid().0;
        let mark = if mark == '#' && self.is_since(7, 2) && role == 'C' { '*' } else { mark };
        kernel.print(format!(
            "{pid}:{role} {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02}.{:03} {mark} {text}\n",
            kernel.now().0 / 1_000 % 1_000
        ));
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        self.version =
            kernel.variable("REDIS_VERSION").map_or_else(|| "7.0.15".into(), |text| text.to_string());
        self.started = kernel.now();
        self.port = 6379;
        self.saves = true;
        let argv = kernel.argv();
        if argv.iter().any(|word| matches!(&**word, "-v" | "--version")) {
            kernel.print(format!(
                "Redis server v={} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n",
                self.version
            ));
            return Some(Step::Exit(0));
        }
        let mut settings: Vec<(String, String)> = Vec::new();
        let mut configured = false;
        let mut at = 1;
        while let Some(word) = argv.get(at) {
            at += 1;
            match word.strip_prefix("--") {
                Some(name) => {
                    let values: Vec<&str> = argv[at..]
                        .iter()
                        .map(|word| &**word)
                        .take_while(|word| !word.starts_with("--"))
                        .collect();
                    at += values.len();
                    settings.push((name.to_owned(), values.join(" ")));
                    configured = true;
                }
                None => match kernel.files().read(word) {
                    Ok(bytes) => {
                        configured = true;
                        for line in String::from_utf8_lossy(&bytes).lines() {
                            if let Some((name, value)) =
                                line.trim().split_once(' ').filter(|_| !line.starts_with('#'))
                            {
                                settings.push((name.to_owned(), value.trim().trim_matches('"').to_owned()));
                            }
                        }
                    }
                    Err(errno) => {
                        self.line(
                            kernel,
                            'C',
                            '#',
                            &format!("Fatal error, can't open config file '{word}': {errno}"),
                        );
                        return Some(Step::Exit(1));
                    }
                },
            }
        }
        let mut password = None;
        for (name, value) in settings {
            match &*name {
                "port" => self.port = value.parse().unwrap_or(6379),
                "requirepass" => {
                    self.password = Some(value.as_str().into()).filter(|text: &Text| !text.is_empty())
                }
                "save" => self.saves = !value.trim_matches('"').is_empty(),
                "replicaof" | "slaveof" => self.primary = Primary::named(&value),
                "masterauth" => password = Some(value.as_str().into()),
                _ => {}
            }
        }
        if let Some(primary) = &mut self.primary {
            primary.password = password;
        }
        let own = |part: u64| digest_of(&(&*kernel.hostname(), kernel.now(), part)).0;
        self.id = format!("{:016x}{:016x}{:08x}", own(0), own(1), own(2) as u32);
        self.line(kernel, 'C', '#', "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
        let text = format!(
            "Redis version={}, bits=64, commit=00000000, modified=0, pid={}, just started",
            self.version,
            kernel.pid()
        );
        self.line(kernel, 'C', '#', &text);
        match configured || self.version.starts_with("7.0.15") && !self.saves {
            true => self.line(kernel, 'C', '#', "Configuration loaded"),
            false => self.line(kernel, 'C', '#', "Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf"),
        }
        if self.is_since(6, 2) {
            self.log(kernel, '*', "monotonic clock: POSIX clock_gettime");
        }
        let port = self.port;
        match kernel.listen(Protocol::Tcp, IpAddr::from([0u16; 8]), port) {
            Ok(fd) => {
                self.listening = Some(fd);
                kernel.set_title(&format!("redis-server *:{port}"));
            }
            Err(errno) => {
                let text =
                    format!("Warning: Could not create server TCP listening socket *:{port}: bind: {errno}");
                self.log(kernel, '#', &text);
                self.log(kernel, '#', "Failed listening on port 6379 (tcp), aborting.");
                return Some(Step::Exit(1));
            }
        }
        self.log(kernel, '*', &format!("Running mode=standalone, port={port}."));
        self.log(kernel, if self.is_since(7, 2) { '*' } else { '#' }, "Server initialized");
        if self.load(kernel) {
            self.log(kernel, '*', "DB loaded from disk: 0.000 seconds");
        }
        let ready = match self.is_since(7, 2) {
            true => "Ready to accept connections tcp",
            false => "Ready to accept connections",
        };
        self.log(kernel, '*', ready);
        for signal in [Signal::TERM, Signal::INT] {
            kernel.on_signal(signal, Action::Catch);
        }
        None
    }

    fn save(&self, kernel: &mut Kernel<'_>) {
        kernel.files().write(DUMP, self.snapshot().into_bytes(), 0o644).ok();
    }

    /// All its data: a line for each key.
    fn snapshot(&self) -> String {
        let mut text = String::from("REDIS0011\n");
        for (key, held) in &self.keys {
            let (kind, cells): (&str, Vec<&Text>) = match held {
                Held::Text(value) => ("s", vec![value]),
                Held::List(list) => ("l", list.iter().collect()),
                Held::Hash(hash) => ("h", hash.iter().flat_map(|(name, value)| [name, value]).collect()),
                Held::Set(set) => ("m", set.iter().collect()),
            };
            let cells: Vec<Option<Text>> = [Some(kind.into()), Some(key.clone())]
                .into_iter()
                .chain(cells.into_iter().map(|own| Some(own.clone())))
                .collect();
            text.push_str(&crate::programs::sql::to_lines([&cells[..]]));
        }
        text
    }

    fn load(&mut self, kernel: &mut Kernel<'_>) -> bool {
        let Ok(bytes) = kernel.files().read(DUMP) else { return false };
        self.restore(&String::from_utf8_lossy(&bytes));
        true
    }

    /// Takes over the data of a [`Server::snapshot`].
    fn restore(&mut self, snapshot: &str) {
        for cells in crate::programs::sql::from_lines(snapshot).into_iter().skip(1) {
            let mut cells = cells.into_iter().flatten();
            let (Some(kind), Some(key)) = (cells.next(), cells.next()) else { continue };
            let rest: Vec<Text> = cells.collect();
            let held = match &*kind {
                "l" => Held::List(rest),
                "h" => {
                    Held::Hash(rest.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
                }
                "m" => Held::Set(rest.into_iter().collect()),
                _ => Held::Text(rest.into_iter().next().unwrap_or_default()),
            };
            self.keys.insert(key, held);
        }
    }
}

/// A whole request, in the protocol or as a typed line, and how long it is.
fn request(received: &[u8]) -> Option<(Vec<Text>, usize)> {
    let text = String::from_utf8_lossy(received);
    if text.starts_with('*') {
        return match Reply::read(&text)? {
            Ok((Reply::Many(list), used)) => {
                let words = list.into_iter().filter_map(|own| match own {
                    Reply::Bulk(Some(word)) => Some(word),
                    _ => None,
                });
                Some((words.collect(), used))
            }
            _ => Some((Vec::new(), received.len())),
        };
    }
    let end = text.find('\n')?;
    Some((text[..end].split_whitespace().map(Arc::from).collect(), end + 1))
}
