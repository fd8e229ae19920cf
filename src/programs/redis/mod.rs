//! Redis: the server, and what it speaks.

mod ask;
mod cli;
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

/// The commands that change data: replicas refuse them, and are handed them on.
const WRITES: &[&str] = &[
    "append", "decr", "decrby", "del", "expire", "flushall", "flushdb", "hset", "incr", "incrby", "lpop",
    "lpush", "mset", "rpop", "rpush", "sadd", "set", "unlink",
];

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
            Ok(fd) => self.listening = Some(fd),
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

    fn command(&mut self, kernel: &mut Kernel<'_>, words: &[Text], known: &mut bool) -> Reply {
        let now = kernel.now();
        let over: Vec<Text> =
            self.expiry.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()).collect();
        for key in over {
            self.expiry.remove(&key);
            self.keys.remove(&key);
        }
        let name = words[0].to_lowercase();
        if !*known && !matches!(&*name, "auth" | "hello" | "quit") {
            return Reply::Error("NOAUTH Authentication required.".into());
        }
        if self.primary.is_some() && WRITES.contains(&&*name) {
            return Reply::Error("READONLY You can't write against a read only replica.".into());
        }
        let wrong = || Reply::Error(format!("ERR wrong number of arguments for '{name}' command"));
        let kind =
            || Reply::Error("WRONGTYPE Operation against a key holding the wrong kind of value".into());
        let (key, rest) = (words.get(1).cloned(), words.get(2..).unwrap_or_default());
        match (&*name, key) {
            ("ping", None) => Reply::Status("PONG"),
            ("ping" | "echo", Some(text)) => Reply::Bulk(Some(text)),
            ("quit" | "select" | "client" | "flushall" | "flushdb" | "save" | "bgsave", _) => {
                match &*name {
                    "flushall" | "flushdb" => self.keys.clear(),
                    "save" | "bgsave" => self.save(kernel),
                    _ => {}
                }
                Reply::Status("OK")
            }
            ("auth", Some(word)) => match &self.password {
                None => Reply::Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?".into()),
                Some(password) if rest.last().unwrap_or(&word) == password => {
                    *known = true;
                    Reply::Status("OK")
                }
                Some(_) => Reply::Error("WRONGPASS invalid username-password pair or user is disabled.".into()),
            },
            ("dbsize", _) => Reply::Number(self.keys.len() as i64),
            ("command", _) => Reply::Many(Vec::new()),
            ("info", section) => {
                let up = now.since(self.started).as_secs();
                let text = format!(
                    "# Server\r\nredis_version:{}\r\nredis_git_sha1:00000000\r\nredis_mode:standalone\r\nos:Linux 6.6.137 x86_64\r\ntcp_port:{}\r\nuptime_in_seconds:{up}\r\n\r\n# Clients\r\nconnected_clients:{}\r\n\r\n# Memory\r\nused_memory_human:1.05M\r\n\r\n# Replication\r\n{}\r\n# Keyspace\r\n{}",
                    self.version,
                    self.port,
                    self.clients.iter().filter(|client| client.replica.is_none()).count() + 1,
                    self.replication(),
                    if self.keys.is_empty() { String::new() } else { format!("db0:keys={},expires={},avg_ttl=0\r\n", self.keys.len(), self.expiry.len()) }
                );
                let section = section.filter(|name| !["all", "default", "everything"].contains(&&**name));
                let part = section.map(|name| {
                    let heading = |part: &&str| {
                        let line = part.lines().next().unwrap_or_default();
                        line.trim_start_matches("# ").eq_ignore_ascii_case(&name)
                    };
                    text.split("\r\n\r\n").find(heading).map_or(String::new(), |part| format!("{part}\r\n"))
                });
                Reply::Bulk(Some(part.unwrap_or(text).into()))
            }
            ("config", Some(verb)) if verb.eq_ignore_ascii_case("get") => {
                let settings = [
                    ("maxmemory", "0".to_owned()),
                    ("maxmemory-policy", "noeviction".to_owned()),
                    ("port", self.port.to_string()),
                    ("dir", kernel.cwd().to_string()),
                    ("save", if self.saves { "3600 1 300 100 60 10000".to_owned() } else { String::new() }),
                    ("appendonly", "no".to_owned()),
                ];
                let wanted = rest.first().cloned().unwrap_or_default();
                let bulk = |text: &str| Reply::Bulk(Some(text.into()));
                let found = settings.iter().filter(|(name, _)| glob(&wanted, name));
                Reply::Many(found.flat_map(|(name, value)| [bulk(name), bulk(value)]).collect())
            }
            ("config", Some(_)) => Reply::Status("OK"),
            ("set", Some(key)) => {
                let Some(value) = rest.first() else { return wrong() };
                let option = |name: &str| rest.iter().position(|word| word.eq_ignore_ascii_case(name));
                if option("nx").is_some() && self.keys.contains_key(&key) {
                    return Reply::Bulk(None);
                }
                self.expiry.remove(&key);
                if let Some(at) = option("ex") {
                    let seconds = rest.get(at + 1).and_then(|text| text.parse().ok()).unwrap_or(0);
                    self.expiry.insert(key.clone(), now + Duration::from_secs(seconds));
                }
                self.keys.insert(key, Held::Text(value.clone()));
                Reply::Status("OK")
            }
            ("get", Some(key)) => match self.keys.get(&key) {
                None => Reply::Bulk(None),
                Some(Held::Text(value)) => Reply::Bulk(Some(value.clone())),
                Some(_) => kind(),
            },
            ("mget", Some(key)) => {
                let all = std::iter::once(&key).chain(rest);
                Reply::Many(all.map(|key| Reply::Bulk(match self.keys.get(key) {
                    Some(Held::Text(value)) => Some(value.clone()),
                    _ => None,
                })).collect())
            }
            ("mset", Some(_)) => {
                for pair in words[1..].chunks(2) {
                    let [key, value] = pair else { return wrong() };
                    self.keys.insert(key.clone(), Held::Text(value.clone()));
                }
                Reply::Status("OK")
            }
            ("strlen", Some(key)) => match self.keys.get(&key) {
                Some(Held::Text(value)) => Reply::Number(value.len() as i64),
                None => Reply::Number(0),
                _ => kind(),
            },
            // Nobody can subscribe here.
            ("publish", Some(_)) => Reply::Number(0),
            ("role", _) => self.role(),
            ("replicaof" | "slaveof", Some(host)) => match rest.first() {
                Some(port) => self.set_primary(kernel, &host, port),
                None => wrong(),
            },
            ("del" | "exists" | "unlink", Some(key)) => {
                let mut count = 0;
                for key in std::iter::once(&key).chain(rest) {
                    count += i64::from(self.keys.contains_key(key));
                    if &*name != "exists" {
                        self.keys.remove(key);
                        self.expiry.remove(key);
                    }
                }
                Reply::Number(count)
            }
            ("incr" | "decr" | "incrby" | "decrby", Some(key)) => {
                let by: i64 = rest.first().map_or(Some(1), |text| text.parse().ok()).unwrap_or(0);
                let by = if name.starts_with("decr") { -by } else { by };
                let old = match self.keys.get(&key) {
                    None => Some(0),
                    Some(Held::Text(value)) => value.parse::<i64>().ok(),
                    Some(_) => return kind(),
                };
                match old {
                    None => Reply::Error("ERR value is not an integer or out of range".into()),
                    Some(old) => {
                        self.keys.insert(key, Held::Text((old + by).to_string().into()));
                        Reply::Number(old + by)
                    }
                }
            }
            ("append", Some(key)) => {
                let Some(Held::Text(old)) = self.keys.get(&key).cloned().or(Some(Held::Text("".into()))) else { return kind() };
                let new = format!("{old}{}", rest.first().cloned().unwrap_or_default());
                let length = new.len() as i64;
                self.keys.insert(key, Held::Text(new.into()));
                Reply::Number(length)
            }
            ("keys", Some(pattern)) => {
                let found = self.keys.keys().filter(|key| glob(&pattern, key));
                Reply::Many(found.map(|key| Reply::Bulk(Some(key.clone()))).collect())
            }
            ("type", Some(key)) => Reply::Status(match self.keys.get(&key) {
                None => "none",
                Some(Held::Text(_)) => "string",
                Some(Held::List(_)) => "list",
                Some(Held::Hash(_)) => "hash",
                Some(Held::Set(_)) => "set",
            }),
            ("expire", Some(key)) => {
                let there = self.keys.contains_key(&key);
                if there {
                    let seconds = rest.first().and_then(|text| text.parse().ok()).unwrap_or(0);
                    self.expiry.insert(key, now + Duration::from_secs(seconds));
                }
                Reply::Number(i64::from(there))
            }
            ("ttl", Some(key)) => Reply::Number(match (self.keys.contains_key(&key), self.expiry.get(&key)) {
                (false, _) => -2,
                (true, None) => -1,
                (true, Some(at)) => at.since(now).as_secs() as i64,
            }),
            ("lpush" | "rpush", Some(key)) => {
                let held = self.keys.entry(key).or_insert_with(|| Held::List(Vec::new()));
                let Held::List(list) = held else { return kind() };
                for value in rest {
                    let at = if &*name == "lpush" { 0 } else { list.len() };
                    list.insert(at, value.clone());
                }
                Reply::Number(list.len() as i64)
            }
            ("lrange" | "llen" | "lpop" | "rpop", Some(key)) => {
                let list = match self.keys.get_mut(&key) {
                    None => return match &*name {
                        "llen" => Reply::Number(0),
                        "lrange" => Reply::Many(Vec::new()),
                        _ => Reply::Bulk(None),
                    },
                    Some(Held::List(list)) => list,
                    Some(_) => return kind(),
                };
                match &*name {
                    "llen" => Reply::Number(list.len() as i64),
                    "lpop" if !list.is_empty() => Reply::Bulk(Some(list.remove(0))),
                    "rpop" => Reply::Bulk(list.pop()),
                    "lpop" => Reply::Bulk(None),
                    _ => {
                        let length = list.len() as i64;
                        let at = |place: usize| {
                            let number: i64 = rest.get(place).and_then(|text| text.parse().ok()).unwrap_or(0);
                            if number < 0 { (length + number).max(0) } else { number.min(length) }
                        };
                        let (from, to) = (at(0) as usize, (at(1) + 1).min(length) as usize);
                        Reply::Many(list[from.min(to)..to].iter().map(|own| Reply::Bulk(Some(own.clone()))).collect())
                    }
                }
            }
            ("hset", Some(key)) => {
                let held = self.keys.entry(key).or_insert_with(|| Held::Hash(BTreeMap::new()));
                let Held::Hash(hash) = held else { return kind() };
                let new = rest.chunks_exact(2).filter(|pair| hash.insert(pair[0].clone(), pair[1].clone()).is_none()).count();
                Reply::Number(new as i64)
            }
            ("hget" | "hgetall", Some(key)) => match self.keys.get(&key) {
                None if &*name == "hget" => Reply::Bulk(None),
                None => Reply::Many(Vec::new()),
                Some(Held::Hash(hash)) if &*name == "hget" => Reply::Bulk(rest.first().and_then(|field| hash.get(field)).cloned()),
                Some(Held::Hash(hash)) => Reply::Many(hash.iter().flat_map(|(field, value)| [field, value]).map(|text| Reply::Bulk(Some(text.clone()))).collect()),
                Some(_) => kind(),
            },
            ("hlen" | "scard", Some(key)) => match self.keys.get(&key) {
                None => Reply::Number(0),
                Some(Held::Hash(hash)) if &*name == "hlen" => Reply::Number(hash.len() as i64),
                Some(Held::Set(set)) if &*name == "scard" => Reply::Number(set.len() as i64),
                Some(_) => kind(),
            },
            ("sadd", Some(key)) => {
                let held = self.keys.entry(key).or_insert_with(|| Held::Set(Default::default()));
                let Held::Set(set) = held else { return kind() };
                Reply::Number(rest.iter().filter(|own| set.insert((*own).clone())).count() as i64)
            }
            ("smembers", Some(key)) => match self.keys.get(&key) {
                None => Reply::Many(Vec::new()),
                Some(Held::Set(set)) => Reply::Many(set.iter().map(|own| Reply::Bulk(Some(own.clone()))).collect()),
                Some(_) => kind(),
            },
            ("shutdown", _) => {
                self.ends = Some(now);
                Reply::Status("OK")
            }
            (
                "get" | "set" | "del" | "exists" | "incr" | "decr" | "keys" | "type" | "expire" | "ttl" | "echo" | "auth" | "config"
                | "lpush" | "rpush" | "hset" | "hget" | "sadd",
                None,
            ) => wrong(),
            _ => {
                let arguments: String = words[1..].iter().map(|word| format!("'{word}' ")).collect();
                Reply::Error(format!("ERR unknown command '{}', with args beginning with: {arguments}", words[0]))
            }
        }
    }
}

/// Patterns with `*` and `?`.
fn glob(pattern: &str, text: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len())
            .filter(|at| text.is_char_boundary(*at))
            .any(|at| glob(chars.as_str(), &text[at..])),
        Some(c) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|own| c == '?' || own == c) && glob(chars.as_str(), rest.as_str())
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
