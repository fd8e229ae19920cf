//! Command lines of the clients, and what they say of themselves.

use std::time::Duration;

use super::dump::Dump;
use super::link::Library;
use super::statement::statements;
use super::{Client, Phase};
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::programs::mysqld::SOCKET;
use crate::programs::packages::release;

impl Client {
    pub(super) fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let argv = kernel.argv();
        let name = self.name(kernel);
        let maria = self.link.library == Library::Maria;
        self.link.port = 3306;
        let (mut host, mut socket, mut protocol) = (None::<String>, None, String::new());
        let mut ask = false;
        let mut operands: Vec<String> = Vec::new();
        let mut words = argv[1..].iter().map(|word| word.to_string());
        self.link.host = kernel.variable("MYSQL_HOST").map_or_else(String::new, |host| host.to_string());
        if !self.link.host.is_empty() {
            host = Some(self.link.host.clone());
        }
        if let Some(port) = kernel.variable("MYSQL_TCP_PORT").and_then(|text| text.parse().ok()) {
            self.link.port = port;
        }
        self.link.password = kernel.variable("MYSQL_PWD").map_or_else(String::new, |text| text.to_string());
        let uid = kernel.credentials().uid;
        self.link.user = kernel.user_name(uid).unwrap_or_else(|| "root".into());
        let mut given = false;
        while let Some(mut word) = words.next() {
            // Letters without a value may stand together, and before one that has a value.
            while word.len() > 2
                && word.starts_with('-')
                && !word.starts_with("--")
                && word[1..].starts_with(|c| "tNsBvfGAnrqEX".contains(c))
            {
                self.flag(char::from(word.as_bytes()[1]));
                word.remove(1);
            }
            let (option, mut value) = match word.strip_prefix("--") {
                Some(long) => match long.split_once('=') {
                    Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                    None => (long.to_owned(), None),
                },
                None if word.starts_with('-') && word.len() > 1 => {
                    let letter = &word[1..2];
                    let rest = &word[2..];
                    (letter.to_owned(), (!rest.is_empty()).then(|| rest.to_owned()))
                }
                None => {
                    operands.push(word);
                    continue;
                }
            };
            let takes = matches!(
                &*option,
                "h" | "host"
                    | "u"
                    | "user"
                    | "P"
                    | "port"
                    | "e"
                    | "execute"
                    | "D"
                    | "database"
                    | "S"
                    | "socket"
                    | "protocol"
                    | "connect-timeout"
                    | "connect_timeout"
                    | "default-character-set"
                    | "ssl-mode"
                    | "defaults-file"
                    | "defaults-extra-file"
            );
            if takes && value.is_none() {
                value = words.next();
                if value.is_none() {
                    let mark = if word.starts_with("--") { "--" } else { "-" };
                    kernel.complain(format!("{name}: option '{mark}{option}' requires an argument\n"));
                    return Some(Step::Exit(if maria { 5 } else { 7 }));
                }
            }
            let text = value.clone().unwrap_or_default();
            match &*option {
                "h" | "host" => host = Some(text),
                "u" | "user" => self.link.user = text,
                "P" | "port" => self.link.port = text.parse().unwrap_or(3306),
                "D" | "database" => self.link.database = text,
                "S" | "socket" => socket = Some(text),
                "protocol" => protocol = text.to_lowercase(),
                "connect-timeout" | "connect_timeout" => {
                    self.link.patience = text.parse().ok().map(Duration::from_secs)
                }
                "e" | "execute" => self.statements = Some(statements(&text)),
                "p" | "password" => match value {
                    Some(text) => {
                        self.link.password = text;
                        given = true;
                    }
                    None => ask = true,
                },
                "t" | "table" => self.flag('t'),
                "N" | "skip-column-names" => self.flag('N'),
                "s" | "silent" => self.flag('s'),
                "B" | "batch" => self.flag('B'),
                "f" | "force" => self.flag('f'),
                "V" | "version" => {
                    let banner = self.banner(kernel, &name);
                    kernel.print(banner + "\n");
                    return Some(Step::Exit(0));
                }
                "default-character-set"
                | "ssl-mode"
                | "defaults-file"
                | "defaults-extra-file"
                | "no-defaults"
                | "skip-ssl"
                | "ssl"
                | "skip-ssl-verify-server-cert"
                | "get-server-public-key"
                | "A"
                | "no-auto-rehash"
                | "v"
                | "verbose"
                | "G"
                | "n"
                | "r"
                | "q"
                | "E"
                | "vertical"
                | "X"
                | "raw"
                | "compress"
                | "C"
                | "unbuffered"
                | "ssl-verify-server-cert"
                | "reconnect"
                | "wait"
                | "w"
                | "i" => {}
                "?" | "I" | "help" => {
                    let banner = self.banner(kernel, &name);
                    kernel.print(banner + "\n");
                    return Some(Step::Exit(0));
                }
                _ if name.ends_with("dump") && Dump::knows(&option) => {}
                _ => {
                    kernel.complain(match maria {
                        true => format!("{name}: unknown option '{word}'\n"),
                        false => format!("{name}: [ERROR] unknown option '{word}'.\n"),
                    });
                    return Some(Step::Exit(if maria { 2 } else { 7 }));
                }
            }
        }
        if name.ends_with("dump") {
            match Dump::new(&argv, &operands) {
                Ok(dump) => self.dump = Some(dump),
                Err(text) => {
                    kernel.print(text.replace("mysqldump", &name));
                    return Some(Step::Exit(1));
                }
            }
        } else if name.ends_with("admin") {
            let Some(what) = operands.first() else {
                let banner = self.banner(kernel, &name);
                kernel.print(banner + "\n");
                return Some(Step::Exit(1));
            };
            self.admin = Some(what.clone());
        } else if let Some(database) = operands.first() {
            self.link.database = database.clone();
        }
        if given && !maria {
            kernel.complain(format!(
                "{name}: [Warning] Using a password on the command line interface can be insecure.\n"
            ));
        }
        // `localhost` is the socket, unless TCP is asked for.
        let local = host.as_deref().is_none_or(|host| host == "localhost");
        if local && protocol != "tcp" || protocol == "socket" {
            self.link.socket = Some(socket.unwrap_or_else(|| match maria {
                true => SOCKET.to_owned(),
                false => "/var/run/mysqld/mysqld.sock".to_owned(),
            }));
        }
        self.link.host = host.unwrap_or_else(|| "localhost".into());
        self.interactive =
            self.statements.is_none() && self.admin.is_none() && self.dump.is_none() && kernel.is_terminal(0);
        if self.interactive || kernel.is_terminal(1) && self.statements.is_some() {
            self.table = true;
        }
        self.phase = Phase::Connecting;
        if ask {
            self.phase = Phase::Password;
            kernel.print("Enter password: ");
        }
        None
    }

    pub(super) fn flag(&mut self, letter: char) {
        match letter {
            't' => self.table = true,
            'N' => self.headless = true,
            's' => self.silent = true,
            'B' => self.table = false,
            'f' => self.forced = true,
            _ => {}
        }
    }

    /// What `--version` prints of it.
    pub(super) fn banner(&self, kernel: &mut Kernel<'_>, name: &str) -> String {
        if self.link.library != Library::Maria {
            let own = release(kernel, "MYSQL_VERSION", &["mysql-client-core"], "8.4.7");
            return format!("{name}  Ver {own} for Linux on x86_64 (MySQL Community Server - GPL)");
        }
        let packages = ["mariadb-client", "mariadb-client-core"];
        let own = release(kernel, "MARIADB_VERSION", &packages, "10.11.19");
        let musl = kernel.files().exists(crate::container::commands::options::MUSL);
        let system = if musl { "Linux" } else { "debian-linux-gnu" };
        let (old, number, editor) = match name {
            _ if name.ends_with("admin") => ("9.1", "10.0", ""),
            _ if name.ends_with("dump") => ("10.19", "10.19", ""),
            _ if musl => ("15.1", "15.2", " using readline 5.1"),
            _ => ("15.1", "15.2", " using  EditLine wrapper"),
        };
        match own.starts_with("10.") {
            true => format!("{name}  Ver {old} Distrib {own}-MariaDB, for {system} (x86_64){editor}"),
            false => format!("{name} from {own}-MariaDB, client {number} for {system} (x86_64){editor}"),
        }
    }
}
