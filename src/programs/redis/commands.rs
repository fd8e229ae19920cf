//! What each command does to the data, and answers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Held, Reply, Server, Text};
use crate::container::kernel::Kernel;

/// The commands that change data: replicas refuse them, and are handed them on.
pub(super) const WRITES: &[&str] = &[
    "append", "decr", "decrby", "del", "expire", "flushall", "flushdb", "hset", "incr", "incrby", "lpop",
    "lpush", "mset", "rpop", "rpush", "sadd", "set", "unlink",
];

impl Server {
    /// Carries out one command of a client, who is `known` when the password has come.
    pub(super) fn command(&mut self, kernel: &mut Kernel<'_>, words: &[Text], known: &mut bool) -> Reply {
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
