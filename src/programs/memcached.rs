//! memcached: values in memory alone, by its text protocol (`protocol.txt`).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;

const PORT: u16 = 11_211;
/// A longer expiry is a moment, in seconds since 1970.
const MONTH: i64 = 60 * 60 * 24 * 30;
const VERSION: &str = "1.6.39";

/// A running `memcached`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memcached {
    listening: Option<Fd>,
    begun: SimTime,
    clients: Vec<Client>,
    items: BTreeMap<Arc<str>, Item>,
    /// How many commands of each kind there were, and what they came to.
    counts: BTreeMap<&'static str, u64>,
    accepted: u64,
    unique: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Client {
    fd: Fd,
    received: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Item {
    flags: u32,
    data: Vec<u8>,
    unique: u64,
    ends: Option<SimTime>,
}

/// What a line comes to.
enum Answer {
    Text(String),
    /// A command whose data has not come yet.
    Incomplete,
    Quit,
}

impl Memcached {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.listening.is_none() {
            match kernel.listen(Protocol::Tcp, IpAddr::from([0u16; 8]), PORT) {
                Ok(fd) => self.listening = Some(fd),
                Err(errno) => {
                    kernel
                        .complain(format!("bind(): {errno}\nfailed to listen on TCP port {PORT}: {errno}\n"));
                    return Step::Exit(71);
                }
            }
            self.begun = kernel.now();
            [Signal::TERM, Signal::INT]
                .into_iter()
                .for_each(|signal| kernel.on_signal(signal, Action::Catch));
        }
        if let Some(signal) = kernel.take_signal() {
            let name = if signal == Signal::INT { "Interrupt" } else { "Terminated" };
            kernel.complain(format!("Signal handled: {name}.\n"));
            return Step::Exit(0);
        }
        let mut wait = Wait::forever();
        if let Some(listening) = self.listening {
            while let Ok(Some((fd, _))) = kernel.accept(listening) {
                self.accepted += 1;
                self.clients.push(Client { fd, received: Vec::new() });
            }
            wait = wait.or_readable(listening);
        }
        for mut client in std::mem::take(&mut self.clients) {
            let mut ended = kernel.read_into(client.fd, &mut client.received);
            while let Some(end) = client.received.windows(1).position(|byte| byte == b"\n") {
                let line = String::from_utf8_lossy(&client.received[..end]).trim_end().to_owned();
                let rest = &client.received[end + 1..];
                let (answer, used) = self.answer(kernel, &line, rest);
                match answer {
                    Answer::Incomplete => break,
                    Answer::Quit => ended = true,
                    // A client that has gone reads nothing any more.
                    Answer::Text(text) => drop(kernel.write(client.fd, text.as_bytes())),
                }
                client.received.drain(..=end + used);
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

    /// Carries out a line, and says how much of what follows it belonged to it.
    fn answer(&mut self, kernel: &Kernel<'_>, line: &str, rest: &[u8]) -> (Answer, usize) {
        let now = kernel.now();
        self.items.retain(|_, item| item.ends.is_none_or(|at| now < at));
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((command, operands)) = words.split_first() else {
            return (Answer::Text("ERROR\r\n".into()), 0);
        };
        let stores = ["set", "add", "replace", "append", "prepend", "cas"];
        if let Some(command) = stores.iter().find(|own| *own == command) {
            return self.store(kernel, command, operands, rest);
        }
        let quiet = operands.last() == Some(&"noreply");
        let text = match (*command, operands) {
            ("get" | "gets", []) => "ERROR\r\n".to_owned(),
            ("get" | "gets", keys) => self.get(keys, *command == "gets"),
            ("delete", [key, ..]) => {
                let there = self.items.remove(*key).is_some();
                self.count(if there { "delete_hits" } else { "delete_misses" });
                if there { "DELETED\r\n".to_owned() } else { "NOT_FOUND\r\n".to_owned() }
            }
            ("incr" | "decr", [key, by, ..]) => self.reckon(key, by, *command == "incr"),
            ("touch", [key, expiry, ..]) => match (self.items.get_mut(*key), expiry.parse()) {
                (_, Err(_)) => "CLIENT_ERROR invalid exptime argument\r\n".to_owned(),
                (None, _) => "NOT_FOUND\r\n".to_owned(),
                (Some(item), Ok(expiry)) => {
                    item.ends = ends(kernel, expiry);
                    "TOUCHED\r\n".to_owned()
                }
            },
            ("flush_all", _) => {
                self.items.clear();
                "OK\r\n".to_owned()
            }
            ("stats", []) => self.stats(kernel),
            ("stats", _) => "RESET\r\n".to_owned(),
            ("verbosity", [_, ..]) => "OK\r\n".to_owned(),
            ("version", _) => format!("VERSION {VERSION}\r\n"),
            ("quit", _) => return (Answer::Quit, 0),
            _ => "ERROR\r\n".to_owned(),
        };
        (Answer::Text(if quiet { String::new() } else { text }), 0)
    }

    fn store(
        &mut self,
        kernel: &Kernel<'_>,
        command: &str,
        operands: &[&str],
        rest: &[u8],
    ) -> (Answer, usize) {
        let say = |text: &str| Answer::Text(format!("{text}\r\n"));
        let (key, flags, expiry, length) = match operands {
            [key, flags, expiry, length, ..] => {
                (*key, flags.parse(), expiry.parse(), length.parse::<usize>())
            }
            _ => return (say("ERROR"), 0),
        };
        let (Ok(flags), Ok(expiry), Ok(length)) = (flags, expiry, length) else {
            return (say("CLIENT_ERROR bad command line format"), 0);
        };
        let Some(data) = rest.get(..length) else { return (Answer::Incomplete, 0) };
        // `nc` sends lines that end without a carriage return; memcached does not take those for the data's end.
        let end = match &rest[length..] {
            [b'\r', b'\n', ..] => 2,
            [] | [b'\r'] => return (Answer::Incomplete, 0),
            other => {
                let upto = other.iter().position(|byte| *byte == b'\n').map_or(other.len(), |at| at + 1);
                return (say("CLIENT_ERROR bad data chunk"), length + upto);
            }
        };
        self.count("cmd_set");
        let known = self.items.get(key);
        let takes = match command {
            "add" => known.is_none(),
            "replace" | "append" | "prepend" => known.is_some(),
            _ => true,
        };
        let unique = operands.get(4).and_then(|word| word.parse::<u64>().ok());
        let text = match (command, known) {
            _ if !takes => "NOT_STORED",
            ("cas", None) => "NOT_FOUND",
            ("cas", Some(item)) if Some(item.unique) != unique => "EXISTS",
            _ => {
                self.unique += 1;
                let old = self.items.remove(key);
                let mut item =
                    Item { flags, data: data.to_vec(), unique: self.unique, ends: ends(kernel, expiry) };
                if let (Some(old), "append" | "prepend") = (old, command) {
                    let parts = if command == "append" { [&old.data[..], data] } else { [data, &old.data] };
                    item = Item { data: parts.concat(), unique: self.unique, ..old };
                }
                if expiry >= 0 {
                    self.items.insert(key.into(), item);
                }
                "STORED"
            }
        };
        let quiet = operands.last() == Some(&"noreply");
        (if quiet { Answer::Text(String::new()) } else { say(text) }, length + end)
    }

    fn get(&mut self, keys: &[&str], unique: bool) -> String {
        let mut text = String::new();
        for key in keys {
            self.count("cmd_get");
            self.count(if self.items.contains_key(*key) { "get_hits" } else { "get_misses" });
            let Some(item) = self.items.get(*key) else { continue };
            let number = if unique { format!(" {}", item.unique) } else { String::new() };
            let data = String::from_utf8_lossy(&item.data);
            text += &format!("VALUE {key} {} {}{number}\r\n{data}\r\n", item.flags, item.data.len());
        }
        text + "END\r\n"
    }

    fn reckon(&mut self, key: &str, by: &str, up: bool) -> String {
        let Ok(by) = by.parse::<u64>() else {
            return "CLIENT_ERROR invalid numeric delta argument\r\n".into();
        };
        let Some(item) = self.items.get_mut(key) else { return "NOT_FOUND\r\n".into() };
        let Some(number) = String::from_utf8_lossy(&item.data).trim_end().parse::<u64>().ok() else {
            return "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n".into();
        };
        let number = if up { number.wrapping_add(by) } else { number.saturating_sub(by) };
        item.data = number.to_string().into_bytes();
        format!("{number}\r\n")
    }

    fn stats(&self, kernel: &Kernel<'_>) -> String {
        let count = |name: &str| self.counts.get(name).copied().unwrap_or(0);
        let bytes: usize = self.items.iter().map(|(key, item)| 49 + key.len() + item.data.len()).sum();
        let rows: [(&str, String); 14] = [
            ("pid", kernel.pid().to_string()),
            ("uptime", kernel.now().since(self.begun).as_secs().to_string()),
            ("time", kernel.date().0.to_string()),
            ("version", VERSION.to_owned()),
            ("curr_connections", (self.clients.len() + 1).to_string()),
            ("total_connections", (self.accepted + 1).to_string()),
            ("cmd_get", count("cmd_get").to_string()),
            ("cmd_set", count("cmd_set").to_string()),
            ("get_hits", count("get_hits").to_string()),
            ("get_misses", count("get_misses").to_string()),
            ("limit_maxbytes", (64 << 20).to_string()),
            ("threads", "4".to_owned()),
            ("bytes", bytes.to_string()),
            ("curr_items", self.items.len().to_string()),
        ];
        let rows: String = rows.iter().map(|(name, value)| format!("STAT {name} {value}\r\n")).collect();
        rows + "END\r\n"
    }

    fn count(&mut self, name: &'static str) {
        *self.counts.entry(name).or_default() += 1;
    }
}

/// When an item with this expiry is forgotten.
fn ends(kernel: &Kernel<'_>, expiry: i64) -> Option<SimTime> {
    let seconds = if expiry > MONTH { expiry - kernel.date().0 } else { expiry };
    let seconds = u64::try_from(seconds).unwrap_or(0);
    (expiry != 0).then(|| kernel.now() + std::time::Duration::from_secs(seconds))
}
