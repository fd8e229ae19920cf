//! The scripts that images start with: they prepare things and then become what they were given.

use std::sync::Arc;
use std::time::Duration;

use super::mysqld::{DATA, version};
use super::sql::{Session, Store};
use super::wordpress;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::DEFAULT_PATH;
use crate::container::program::{Step, Wait};

/// Whose entry point it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Hands on what it is given.
    Plain,
    Curl,
    Nginx,
    MySql,
    MariaDb,
    Postgres,
    Redis,
    Node,
    PhpMyAdmin,
    WordPress,
}

/// A running entry point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entrypoint {
    kind: Kind,
    /// What is still to be printed and done, and when the next of it is.
    work: Vec<(u32, Task)>,
    next: Option<SimTime>,
    begun: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Task {
    Say(String),
    /// Makes the data folder and its accounts.
    Initialize,
    /// Runs the scripts of `/docker-entrypoint-initdb.d`.
    Scripts,
    /// Copies WordPress to where it is served from.
    Copy,
    /// Writes WordPress's configuration.
    Configure,
}

impl Entrypoint {
    pub fn new(kind: Kind) -> Self {
        Self { kind, work: Vec::new(), next: None, begun: false }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Err(status) = self.begin(kernel)
        {
            return Step::Exit(status);
        }
        while let Some((after, _)) = self.work.first() {
            let at = *self.next.get_or_insert(kernel.now() + Duration::from_millis(u64::from(*after)));
            if kernel.now() < at {
                return Wait::until(at).into();
            }
            self.next = None;
            match self.work.remove(0).1 {
                Task::Say(text) => self.say(kernel, &text),
                Task::Initialize => initialize(kernel, self.kind),
                Task::Scripts => self.scripts(kernel),
                Task::Copy => wordpress::copy(kernel),
                Task::Configure => {
                    let path = format!("{}/wp-config.php", wordpress::FOLDER);
                    kernel.files().write(&path, b"<?php\n".to_vec(), 0o644).ok();
                }
            }
        }
        self.become_program(kernel)
    }

    /// A line with the date, as these scripts write it.
    fn say(&self, kernel: &mut Kernel<'_>, text: &str) {
        match self.kind {
            Kind::MySql | Kind::MariaDb => {
                let date = kernel.date().rfc3339().trim_end_matches('Z').replace('T', " ");
                let (level, text) = text.split_once('!').unwrap_or(("Note", text));
                let line = format!("{date}+00:00 [{level}] [Entrypoint]: {text}\n");
                match level {
                    "ERROR" => kernel.complain(line),
                    _ => kernel.print(line),
                }
            }
            Kind::WordPress => kernel.complain(format!("{text}\n")),
            _ => kernel.print([text, "\n"].concat()),
        }
    }

    /// The value of one of the variables, or of the file that `…_FILE` names.
    fn variable(kernel: &mut Kernel<'_>, names: &[&str]) -> Option<Arc<str>> {
        for name in names {
            if let Some(value) = kernel.variable(name).filter(|value| !value.is_empty()) {
                return Some(value);
            }
            if let Some(file) = kernel.variable(&format!("{name}_FILE"))
                && let Ok(bytes) = kernel.files().read(&file)
            {
                return Some(String::from_utf8_lossy(&bytes).trim_end().into());
            }
        }
        None
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let argv = kernel.argv();
        let first = argv.get(1).map_or("", |word| word).to_owned();
        match self.kind {
            Kind::WordPress if first.starts_with("apache2") => {
                let folder = wordpress::FOLDER;
                if !kernel.files().exists(&format!("{folder}/index.php")) {
                    let say = |text: String| (0, Task::Say(text));
                    self.work.push(say(format!("WordPress not found in {folder} - copying now...")));
                    if kernel
                        .files()
                        .list(folder)
                        .is_ok_and(|names| names.iter().any(|name| &**name != "wp-content"))
                    {
                        self.work.push(say(format!("WARNING: {folder} is not empty! (copying anyhow)")));
                    }
                    self.work.push((900, Task::Copy));
                    self.work
                        .push(say(format!("Complete! WordPress has been successfully copied to {folder}")));
                }
                let variables = wordpress::variables(kernel).join(" ");
                if !kernel.files().exists(&format!("{folder}/wp-config.php")) && !variables.is_empty() {
                    let text = format!(
                        "No 'wp-config.php' found in {folder}, but 'WORDPRESS_...' variables supplied; copying 'wp-config-docker.php' ({variables})"
                    );
                    self.work.push((0, Task::Say(text)));
                    self.work.push((0, Task::Configure));
                }
            }
            Kind::Nginx if first == "nginx" || first == "nginx-debug" => {
                // The scripts' `find`, `sort`, `dpkg-query`, `md5sum` … as the image of 1.27 runs them.
                kernel.skip_pids(27);
                let version = kernel.variable("NGINX_VERSION");
                let minor = version.and_then(|own| own.split('.').nth(1)?.parse().ok()).unwrap_or(u32::MAX);
                let script = "/docker-entrypoint.sh";
                for text in [
                    "/docker-entrypoint.d/ is not empty, will attempt to perform configuration",
                    "Looking for shell scripts in /docker-entrypoint.d/",
                    "Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh",
                ] {
                    kernel.print([script, ": ", text, "\n"].concat());
                }
                let config = "/etc/nginx/conf.d/default.conf";
                let name = "10-listen-on-ipv6-by-default.sh: info:";
                let bytes = kernel.files().read(config);
                let text = bytes.as_ref().map(|bytes| str::from_utf8(bytes).unwrap_or_default());
                match text {
                    Ok(text) if text.contains("[::]:80") => {
                        kernel.print(format!("{name} IPv6 listen already enabled\n"));
                    }
                    Ok(text) if text == super::NGINX_DEFAULT => {
                        kernel.print([name, " Getting the checksum of ", config, "\n"].concat());
                        let changed = super::nginx::packaged::WITH_IPV6.clone().into_bytes();
                        if kernel.files().write(config, changed, 0o644).is_ok() {
                            kernel.print([name, " Enabled listen on IPv6 in ", config, "\n"].concat());
                        } else {
                            kernel
                                .print(format!("{name} can not modify {config} (read-only file system?)\n"));
                        }
                    }
                    Ok(_) => {
                        kernel.print(format!("{name} Getting the checksum of {config}\n"));
                        kernel.print(format!("{name} {config} differs from the packaged version\n"));
                    }
                    Err(_) => kernel.print(format!("{name} {config} is not a file or does not exist\n")),
                }
                // Later versions have more scripts.
                for (text, since) in [
                    ("Sourcing /docker-entrypoint.d/15-local-resolvers.envsh", 25),
                    ("Launching /docker-entrypoint.d/20-envsubst-on-templates.sh", 19),
                    ("Launching /docker-entrypoint.d/30-tune-worker-processes.sh", 20),
                    ("Configuration complete; ready for start up", 19),
                ] {
                    if minor >= since {
                        kernel.print([script, ": ", text, "\n"].concat());
                    }
                }
            }
            Kind::MySql if first == "mysqld" || first.starts_with('-') => self.database(kernel)?,
            Kind::MariaDb if matches!(&*first, "mariadbd" | "mysqld") || first.starts_with('-') => {
                self.database(kernel)?
            }
            Kind::Postgres if first == "postgres" || first.starts_with('-') => self.postgres(kernel)?,
            _ => {}
        }
        Ok(())
    }

    fn database(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let maria = self.kind == Kind::MariaDb;
        let (own, _) = version(kernel, maria);
        let old = !maria && own.starts_with("5.");
        let build =
            kernel.variable(if maria { "MARIADB_VERSION" } else { "MYSQL_VERSION" }).unwrap_or_default();
        let server = if maria { "MariaDB Server" } else { "MySQL Server" };
        let started = format!("Entrypoint script for {server} {build} started.");
        self.say(kernel, &started);
        self.say(kernel, "Switching to dedicated user 'mysql'");
        self.say(kernel, &started);
        let prefix: &[&str] = if maria { &["MARIADB_", "MYSQL_"] } else { &["MYSQL_"] };
        let names = |rest: &str| prefix.iter().map(|own| format!("{own}{rest}")).collect::<Vec<_>>();
        let mut find = |rest: &str| {
            let all = names(rest);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            Self::variable(kernel, &all)
        };
        let (root, user, password, database) =
            (find("ROOT_PASSWORD"), find("USER"), find("PASSWORD"), find("DATABASE"));
        let empty = find("ALLOW_EMPTY_PASSWORD").or_else(|| find("ALLOW_EMPTY_ROOT_PASSWORD"));
        let random = find("RANDOM_ROOT_PASSWORD");
        if kernel.files().is_directory(&format!("{DATA}/mysql")) {
            return Ok(());
        }
        if root.is_none() && empty.is_none() && random.is_none() {
            if old {
                kernel.complain("error: database is uninitialized and password option is not specified \n  You need to specify one of MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD\n");
                return Err(1);
            }
            self.say(kernel, "ERROR!Database is uninitialized and password option is not specified");
            kernel.complain(match maria {
                true => "\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD\n",
                false => "    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n",
            });
            return Err(1);
        }
        if user.as_deref() == Some("root") && !maria {
            self.say(kernel, "ERROR!MYSQL_USER=\"root\", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user");
            kernel.complain("    Remove MYSQL_USER=\"root\" and use one of the following to control the root user password:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n");
            return Err(1);
        }
        // A new disk's `lost+found` is no empty folder to MySQL 5.
        let names = kernel.files().list(DATA).unwrap_or_default();
        if names.iter().any(|name| !name.starts_with('.')) && !maria {
            self.say(kernel, "Initializing database files");
            let date = kernel.date().rfc3339();
            kernel.complain(format!(
                "{date} 0 [ERROR] [MY-010457] [Server] --initialize specified but the data directory has files in it. Aborting.\n{date} 0 [ERROR] [MY-013236] [Server] The designated data directory {DATA}/ is unusable. You can remove all files that the server added to it.\n{date} 0 [ERROR] [MY-010119] [Server] Aborting\n"
            ));
            return Err(1);
        }
        let mut work = |after: u32, text: &str| self.work.push((after, Task::Say(text.to_owned())));
        work(100, "Initializing database files");
        work(3_300, "Database files initialized");
        work(100, "Starting temporary server");
        if maria {
            work(500, "Waiting for server startup");
        }
        work(1_200, "Temporary server started.");
        if random.is_some() {
            work(50, &format!("GENERATED ROOT PASSWORD: {RANDOM}"));
        }
        if let Some(name) = &database {
            work(400, &format!("Creating database {name}"));
        }
        if let (Some(user), Some(_)) = (&user, &password) {
            work(50, &format!("Creating user {user}"));
            if let Some(name) = &database {
                work(50, &format!("Giving user {user} access to schema {name}"));
            }
        }
        self.work.push((50, Task::Initialize));
        self.work.push((50, Task::Scripts));
        let mut work = |after: u32, text: &str| self.work.push((after, Task::Say(text.to_owned())));
        work(100, "Stopping temporary server");
        work(900, "Temporary server stopped");
        let name = if maria { "MariaDB" } else { "MySQL" };
        work(50, &format!("{name} init process done. Ready for start up."));
        Ok(())
    }

    fn postgres(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let data = super::postgres::data(kernel);
        if kernel.files().exists(&format!("{data}/PG_VERSION")) {
            self.work.push((10, Task::Say("\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n".into())));
            return Ok(());
        }
        let password = Self::variable(kernel, &["POSTGRES_PASSWORD"]);
        let trust = kernel.variable("POSTGRES_HOST_AUTH_METHOD").is_some_and(|method| &*method == "trust");
        if password.is_none() && !trust {
            kernel.complain("Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n\n       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about \"trust\":\n       https://www.postgresql.org/docs/current/auth-trust.html\n");
            return Err(1);
        }
        // A mounted disk with `lost+found` is no empty folder.
        if kernel.files().list(&data).is_ok_and(|names| !names.is_empty()) {
            kernel.complain(format!(
                "initdb: error: directory \"{data}\" exists but is not empty\ninitdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n"
            ));
            return Err(1);
        }
        let say = |text: &str| Task::Say(text.to_owned());
        self.work = vec![
            (
                10,
                say(
                    "The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n",
                ),
            ),
            (
                20,
                say(&format!(
                    "fixing permissions on existing directory {data} ... ok\ncreating subdirectories ... ok\nselecting default \"max_connections\" ... 100\nselecting default \"shared_buffers\" ... 128MB\ncreating configuration files ... ok"
                )),
            ),
            (
                600,
                say(
                    "running bootstrap script ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n",
                ),
            ),
            (50, Task::Initialize),
            (500, say("PostgreSQL init process complete; ready for start up.\n")),
        ];
        Ok(())
    }

    fn scripts(&self, kernel: &mut Kernel<'_>) {
        let folder = "/docker-entrypoint-initdb.d";
        let store = Store { folder: DATA.into() };
        let (own, comment) = version(kernel, self.kind == Kind::MariaDb);
        let database = Self::variable(kernel, &["MARIADB_DATABASE", "MYSQL_DATABASE"]);
        for name in kernel.files().list(folder).unwrap_or_default() {
            let file = format!("{folder}/{name}");
            if name.starts_with('.') || kernel.files().is_directory(&file) {
                continue;
            }
            if !name.ends_with(".sql") {
                self.say(kernel, &format!("Warn!/usr/local/bin/docker-entrypoint.sh: ignoring {file}"));
                continue;
            }
            self.say(kernel, &format!("/usr/local/bin/docker-entrypoint.sh: running {file}"));
            let Ok(bytes) = kernel.files().read(&file) else { continue };
            let mut session = Session {
                user: "root".into(),
                host: "localhost".into(),
                granted: "localhost".into(),
                database: database.clone(),
                version: own.clone(),
                comment: comment.clone(),
                hostname: kernel.hostname(),
                now: kernel.date().rfc3339().replace('T', " ").trim_end_matches('Z').to_owned(),
                ..Session::default()
            };
            for (line, statement) in
                super::mysql::statements(&String::from_utf8_lossy(&bytes)).iter().enumerate()
            {
                if let Err(error) = session.run(statement, &store, kernel) {
                    kernel.complain(format!(
                        "ERROR {} ({}) at line {}: {}\n",
                        error.code,
                        error.state,
                        line + 1,
                        error.text
                    ));
                    return;
                }
            }
        }
    }

    fn become_program(&self, kernel: &mut Kernel<'_>) -> Step {
        let argv = kernel.argv();
        let mut words: Vec<Arc<str>> = argv[1..].to_vec();
        let env = kernel.env();
        let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        // Options alone are the server's; a word that is no program is the interpreter's.
        let front = match (self.kind, words.first()) {
            (Kind::MySql, Some(word)) if word.starts_with('-') => Some("mysqld"),
            (Kind::MariaDb, Some(word)) if word.starts_with('-') => Some("mariadbd"),
            (Kind::Postgres, Some(word)) if word.starts_with('-') => Some("postgres"),
            (Kind::Redis, Some(word)) if word.starts_with('-') || word.ends_with(".conf") => {
                Some("redis-server")
            }
            (Kind::Node, Some(word)) if word.starts_with('-') || kernel.search(&path, word).is_none() => {
                Some("node")
            }
            (Kind::Curl, Some(word)) if word.starts_with('-') || kernel.search(&path, word).is_none() => {
                Some("curl")
            }
            (Kind::PhpMyAdmin, Some(word)) if word.starts_with('-') => Some("apache2-foreground"),
            _ => None,
        };
        if let Some(front) = front {
            words.insert(0, front.into());
        }
        let Some(name) = words.first().cloned() else { return Step::Exit(0) };
        let loaded = match kernel.search(&path, &name) {
            Some(file) => kernel.load(&file, &words, &env),
            None => Err(Errno::NotFound),
        };
        match loaded {
            Ok((program, argv)) => {
                kernel.replace(program, argv, env);
                Step::Yield
            }
            Err(errno) => {
                let script = argv.first().map_or("", |script| script);
                kernel.complain(match errno {
                    Errno::NotFound => format!(
                        "{script}: {}: exec: {name}: not found\n",
                        if self.kind == Kind::Nginx { "line 47" } else { "line 11" }
                    ),
                    errno => format!("{script}: exec: {name}: {errno}\n"),
                });
                Step::Exit(if errno == Errno::NotFound { 127 } else { 126 })
            }
        }
    }
}

/// The password that `…_RANDOM_ROOT_PASSWORD` gives.
const RANDOM: &str = "Ue7quahm4eiThoh8aiPhie6shoo2ohx2";

/// Makes the data folder, the accounts and the database that the environment asks for.
fn initialize(kernel: &mut Kernel<'_>, kind: Kind) {
    if kind == Kind::Postgres {
        return super::postgres::initialize(kernel);
    }
    let store = Store { folder: DATA.into() };
    for folder in
        [DATA, &format!("{DATA}/mysql"), &format!("{DATA}/performance_schema"), &format!("{DATA}/sys")]
    {
        kernel.files().make_directory(folder, 0o750).ok();
    }
    let find = |kernel: &mut Kernel<'_>, rest: &str| {
        let names = [format!("MARIADB_{rest}"), format!("MYSQL_{rest}")];
        let names = if kind == Kind::MariaDb { &names[..] } else { &names[1..] };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Entrypoint::variable(kernel, &names)
    };
    let root = match find(kernel, "RANDOM_ROOT_PASSWORD") {
        Some(_) => Some(RANDOM.into()),
        None => find(kernel, "ROOT_PASSWORD"),
    };
    let root = root.unwrap_or_default();
    let host = find(kernel, "ROOT_HOST").unwrap_or_else(|| "%".into());
    store.set_up(kernel, "root", "localhost", &root, "*");
    if &*host != "localhost" {
        store.set_up(kernel, "root", &host, &root, "*");
    }
    let database = find(kernel, "DATABASE");
    if let Some(name) = &database {
        kernel.files().make_directory(&format!("{DATA}/{name}"), 0o750).ok();
    }
    if let (Some(user), Some(password)) = (find(kernel, "USER"), find(kernel, "PASSWORD")) {
        store.set_up(kernel, &user, "%", &password, database.as_deref().unwrap_or_default());
    }
}
