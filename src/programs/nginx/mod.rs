//! nginx: its processes, its files, its pages and its logs.

mod answers;
pub mod balancer;
mod configuration;
mod exchange;
mod logs;
pub mod packaged;
mod processes;
mod rewriting;
mod serving;
mod upstream;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use crate::base::SimTime;
use crate::container::commands::network::resolve::strerror;
use crate::container::commands::options::MUSL;
use crate::container::errno::Errno;
use crate::container::files::View;
use crate::container::kernel::Kernel;
use crate::container::machine::Pid;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Response};
use crate::programs::outward::{Call, Called, both};
use configuration::{Block, Wrong, included, number_of, read};
use exchange::Exchange;
use logs::Logs;
use serving::Answer;
use upstream::Upstreams;

const CONFIGURATION: &str = "/etc/nginx/nginx.conf";

/// What the processes of nginx are called.
const MASTER: &str = "nginx: master process";
const WORKER: &str = "nginx: worker process";

/// A configuration that has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Loaded {
    /// What is outside of `http`, and what is in it but no server.
    main: Arc<Block>,
    http: Arc<Block>,
    servers: Vec<Arc<Block>>,
    upstreams: Upstreams,
}

impl Loaded {
    /// Reads a file and all that it includes.
    fn read(view: &View<'_>, file: &str) -> Result<Self, Wrong> {
        let mut inner = read(view, file, "", 0)?;
        let http = inner.iter().position(|own| own.name() == "http").map(|at| inner.remove(at));
        let main = Arc::new(Block { inner, ..Block::default() });
        if main.find("events").is_none() {
            return Err("no \"events\" section in configuration".into());
        }
        let mut http = http.unwrap_or_default();
        let (servers, shared): (Vec<Block>, Vec<Block>) =
            http.inner.into_iter().partition(|own| own.name() == "server");
        http.inner = shared;
        let servers: Vec<Arc<Block>> = servers.into_iter().map(Arc::new).collect();
        for server in &servers {
            let certificate = server
                .value("ssl_certificate")
                .filter(|_| server.all("listen").any(|own| own.words[2..].iter().any(|word| word == "ssl")));
            if let Some(file) = certificate.filter(|file| !view.exists(file)) {
                return Err(format!(
                    "cannot load certificate \"{file}\": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen({file}, r) error:10000080:BIO routines::no such file)"
                ));
            }
        }
        let upstreams = Upstreams::of(&http, &servers);
        Ok(Self { main, http: Arc::new(http), servers, upstreams })
    }
}

/// What a configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// To tell what is wrong with it, and perhaps to show it.
    Test { shows: bool },
    /// To run by it, in the foreground or not.
    Start { foreground: bool },
    /// To run by it from now on.
    Reload,
}

/// A request that waits for another server: for the one that is asked, or the next of those that are left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Handed {
    client: Client,
    exchange: Exchange,
    call: Box<Call>,
    left: Vec<SocketAddr>,
}

/// A running `nginx`: a master, and a worker in whose place it serves. The worker is there to be seen and to be sent signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nginx {
    version: String,
    begun: bool,
    /// Where its configuration begins, where that is another file than usual.
    file: Option<Arc<str>>,
    /// Its worker, where it is a master.
    worker: Option<Pid>,
    connections: Connections,
    loaded: Loaded,
    /// A configuration whose names are being looked up.
    reading: Option<(Box<Loaded>, Purpose)>,
    logs: Logs,
    ends: Option<SimTime>,
    /// How often its ports were another's, and when it tries again (`ngx_open_listening_sockets`).
    tries: u8,
    again: Option<SimTime>,
    graceful: bool,
    number: u64,
    /// Requests that wait for another server.
    handed: Vec<Handed>,
}

impl Nginx {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if let Some(step) = self.begin(kernel) {
                return step;
            }
        }
        if self.worker.is_none() {
            match self.read_on(kernel) {
                Ok(None) => {}
                Ok(Some(wait)) => return wait.into(),
                Err(step) => return step,
            }
        }
        if let Some(at) = self.again {
            if kernel.now() < at {
                return Wait::until(at).into();
            }
            if let Some(step) = self.bind(kernel) {
                return step;
            }
        }
        while let Some(signal) = kernel.take_signal() {
            if signal == Signal::HUP {
                self.note(kernel, "signal 1 (SIGHUP) received, reconfiguring");
                self.note(kernel, "reconfiguring");
                match self.load(kernel) {
                    Ok(loaded) => self.reading = Some((Box::new(loaded), Purpose::Reload)),
                    Err(wrong) => self.tell(kernel, "emerg", &wrong),
                }
                continue;
            }
            if self.ends.is_none() {
                self.ends = Some(kernel.now() + Duration::from_millis(80));
                self.graceful = signal == Signal::QUIT;
                self.note(
                    kernel,
                    match signal {
                        Signal::QUIT => "signal 3 (SIGQUIT) received, shutting down",
                        Signal::INT => "signal 2 (SIGINT) received, exiting",
                        _ => "signal 15 (SIGTERM) received, exiting",
                    },
                );
            }
        }
        if self.ends.is_some_and(|at| kernel.now() >= at) {
            self.end_worker(kernel, self.graceful);
            self.note(kernel, "exit");
            return Step::Exit(0);
        }
        self.watch_worker(kernel);
        while let Some((client, request)) = self.connections.next(kernel) {
            self.number += 1;
            let server = self.server_of(&request).cloned().unwrap_or_default();
            let mut exchange = Exchange::new(request, self.loaded.http.clone(), server, self.number);
            let answer = self.answer(kernel, &mut exchange);
            self.take(kernel, client, exchange, answer);
        }
        let mut wait = self.connections.wait();
        for handed in std::mem::take(&mut self.handed) {
            wait = both(wait, self.go_on(kernel, handed));
        }
        match self.read_on(kernel) {
            Ok(Some(own)) => wait = both(wait, own),
            Ok(None) => {}
            Err(step) => return step,
        }
        wait.or_children().or_until(self.ends).into()
    }

    /// Answers a client, or keeps its request until another server has answered.
    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, exchange: Exchange, answer: Answer) {
        match answer {
            Answer::Response(response) => self.finish(kernel, client, exchange, response),
            Answer::Pass(call, left) => self.handed.push(Handed { client, exchange, call, left }),
        }
    }

    /// Goes on with a request that another server is asked, and tells what it waits for.
    fn go_on(&mut self, kernel: &mut Kernel<'_>, mut handed: Handed) -> Wait {
        let status = match handed.call.step(kernel) {
            Called::Waits(wait) => {
                self.handed.push(handed);
                return wait;
            }
            Called::Answered(bytes) => {
                let response = self.passed(&bytes, &handed.exchange);
                self.finish(kernel, handed.client, handed.exchange, response);
                return Wait::forever();
            }
            Called::Failed(errno, address) => {
                let timed_out = errno == Errno::TimedOut;
                let what = if timed_out { "upstream timed out" } else { "connect() failed" };
                let text = format!("{what} ({}: {errno}) while connecting to upstream", number_of(errno));
                self.complain(kernel, &text, &handed.exchange, Some(&address));
                if !handed.left.is_empty() {
                    let next = handed.left.remove(0);
                    handed.exchange.upstream.push_str(&format!(", {next}"));
                    handed.call = Box::new(handed.call.again(next));
                    return self.go_on(kernel, handed);
                }
                if timed_out { 504 } else { 502 }
            }
            Called::Unknown(host) => {
                let host = host.trim_end_matches('.');
                let text = format!("{host} could not be resolved (3: Host not found)");
                self.complain(kernel, &text, &handed.exchange, None);
                502
            }
        };
        let answer = self.refuse(kernel, &mut handed.exchange, status);
        self.take(kernel, handed.client, handed.exchange, answer);
        Wait::forever()
    }

    /// Looks the names of a configuration up that has been read, and takes it over when they are known. What it waits
    /// for, if it does.
    fn read_on(&mut self, kernel: &mut Kernel<'_>) -> Result<Option<Wait>, Step> {
        let Some((mut loaded, purpose)) = self.reading.take() else { return Ok(None) };
        match loaded.upstreams.step(kernel) {
            Ok(Some(wait)) => {
                self.reading = Some((loaded, purpose));
                return Ok(Some(wait));
            }
            Ok(None) => {}
            Err(wrong) if purpose == Purpose::Reload => {
                self.tell(kernel, "emerg", &wrong);
                return Ok(None);
            }
            Err(wrong) => return Err(self.give_up(kernel, &wrong, purpose)),
        }
        if let Purpose::Test { shows } = purpose {
            let file = self.configuration();
            kernel.complain(format!(
                "nginx: the configuration file {file} syntax is ok\nnginx: configuration file {file} test is successful\n"
            ));
            if shows {
                show(kernel, &file);
            }
            return Err(Step::Exit(0));
        }
        if let Err(wrong) = self.logs.open(kernel, &loaded.main, &loaded.http, &loaded.servers) {
            return Err(self.give_up(kernel, &wrong, purpose));
        }
        self.loaded = *loaded;
        match purpose {
            Purpose::Start { foreground } => {
                self.prepare(kernel)?;
                // Without `daemon off` the terminal is given back, and a container's main process ends.
                if !foreground && kernel.pid() == Pid(1) {
                    return Err(Step::Exit(0));
                }
                self.bind(kernel).map_or(Ok(None), Err)
            }
            _ => {
                self.listen_again(kernel);
                Ok(None)
            }
        }
    }

    /// Tells why it does not run by a configuration, and ends.
    fn give_up(&self, kernel: &mut Kernel<'_>, wrong: &str, purpose: Purpose) -> Step {
        self.emerg(kernel, wrong);
        if matches!(purpose, Purpose::Test { .. }) {
            kernel.complain(format!("nginx: configuration file {} test failed\n", self.configuration()));
        }
        Step::Exit(1)
    }

    fn configuration(&self) -> Arc<str> {
        self.file.clone().unwrap_or_else(|| CONFIGURATION.into())
    }

    fn tell(&self, kernel: &mut Kernel<'_>, level: &str, text: &str) {
        let pid = kernel.pid().0;
        self.logs.tell(kernel, level, pid, text);
    }
    /// Tells what keeps it from starting.
    fn emerg(&self, kernel: &mut Kernel<'_>, text: &str) {
        self.shout(kernel, "emerg", text);
    }
    /// Tells of something grave at the start: in its log and, where that is another file, to its terminal
    /// (`ngx_use_stderr`).
    fn shout(&self, kernel: &mut Kernel<'_>, level: &str, text: &str) {
        self.tell(kernel, level, text);
        if !self.logs.is_terminal() {
            kernel.complain(format!("nginx: [{level}] {text}\n"));
        }
    }
    fn note(&self, kernel: &mut Kernel<'_>, text: &str) {
        self.tell(kernel, "notice", text);
    }
    fn complain(&self, kernel: &mut Kernel<'_>, text: &str, exchange: &Exchange, upstream: Option<&str>) {
        let Exchange { request, server, number, .. } = exchange;
        let server = server.value("server_name").unwrap_or_default();
        let upstream = upstream.map_or_else(String::new, |upstream| format!(", upstream: \"{upstream}\""));
        let host = request.header("host").unwrap_or_default();
        let pid = self.worker.unwrap_or(kernel.pid()).0;
        let text = format!(
            "*{number} {text}, client: {}, server: {server}, request: \"{}\"{upstream}, host: \"{host}\"",
            request.ip(),
            request.line()
        );
        self.logs.tell(kernel, "error", pid, &text);
    }

    fn load(&self, kernel: &mut Kernel<'_>) -> Result<Loaded, Wrong> {
        let view = kernel.files();
        let usual = if self.file.is_none() { packaged::unchanged(&view) } else { None };
        usual.map_or_else(|| Loaded::read(&view, &self.configuration()), Ok)
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        self.version = match kernel.variable("NGINX_VERSION") {
            Some(version) => version.to_string(),
            // The packages of Alpine and of Debian do not tell it.
            None => if kernel.files().exists(MUSL) { "1.28.0" } else { "1.22.1" }.into(),
        };
        let argv = kernel.argv();
        if &*argv[0] == WORKER {
            // Nothing that it catches or waits for ever comes.
            return Some(Wait::forever().into());
        }
        let mut words = argv[1..].iter();
        let (mut test, mut foreground, mut shows) = (false, false, false);
        let (mut errors, mut signal) = (None, None);
        while let Some(word) = words.next() {
            match &**word {
                "-v" => {
                    kernel.complain(format!("nginx version: nginx/{}\n", self.version));
                    return Some(Step::Exit(0));
                }
                "-V" => {
                    kernel.complain(format!(
                        "nginx version: nginx/{}\nbuilt with OpenSSL\nTLS SNI support enabled\n",
                        self.version
                    ));
                    return Some(Step::Exit(0));
                }
                "-h" | "-?" => {
                    kernel.complain(format!("nginx version: nginx/{}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n\nOptions:\n  -?,-h         : this help\n  -v            : show version and exit\n  -V            : show version and configure options then exit\n  -t            : test configuration and exit\n  -T            : test configuration, dump it and exit\n  -q            : suppress non-error messages during configuration testing\n  -s signal     : send signal to a master process: stop, quit, reopen, reload\n  -p prefix     : set prefix path (default: /etc/nginx/)\n  -e filename   : set error log file (default: /var/log/nginx/error.log)\n  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)\n  -g directives : set global directives out of configuration file\n\n", self.version));
                    return Some(Step::Exit(0));
                }
                "-t" => test = true,
                "-T" => (test, shows) = (true, true),
                "-g" => foreground = words.next().is_some_and(|text| text.contains("daemon off")),
                "-s" => signal = words.next().cloned(),
                "-c" => self.file = words.next().cloned(),
                "-e" => errors = words.next().cloned(),
                "-p" => drop(words.next()),
                "-q" => {}
                other => {
                    kernel
                        .complain(format!("nginx: invalid option: \"{}\"\n", other.trim_start_matches('-')));
                    return Some(Step::Exit(1));
                }
            }
        }
        self.logs.begin(kernel, errors.as_deref());
        let purpose = if test { Purpose::Test { shows } } else { Purpose::Start { foreground } };
        match self.load(kernel) {
            Ok(loaded) => {
                if let Some(what) = signal {
                    self.logs.open(kernel, &loaded.main, &loaded.http, &loaded.servers).ok();
                    return Some(self.signal(kernel, &what));
                }
                let foreground = foreground || loaded.main.value("daemon") == Some("off");
                let purpose = if test { purpose } else { Purpose::Start { foreground } };
                self.reading = Some((Box::new(loaded), purpose));
                None
            }
            Err(wrong) => Some(self.give_up(kernel, &wrong, purpose)),
        }
    }

    /// Makes the folder and the file that it needs to run, which not everybody may.
    fn prepare(&self, kernel: &mut Kernel<'_>) -> Result<(), Step> {
        if kernel.credentials().uid != 0 && self.loaded.main.find("user").is_some() {
            let text = format!(
                "the \"user\" directive makes sense only if the master process runs with super-user privileges, ignored in {}:2",
                self.configuration()
            );
            self.shout(kernel, "warn", &text);
        }
        let folder =
            self.loaded.http.value("client_body_temp_path").unwrap_or("/var/cache/nginx/client_temp");
        let parent = folder.rsplit_once('/').map_or("/", |(parent, _)| parent);
        let made = match kernel.files().exists(parent) && !kernel.files().exists(folder) {
            true => kernel.files().make_directory(folder, 0o700),
            false => Ok(()),
        };
        if let Err(errno) = made {
            self.emerg(kernel, &format!("mkdir() \"{folder}\" failed ({}: {errno})", number_of(errno)));
            return Err(Step::Exit(1));
        }
        let file = self.loaded.main.value("pid").unwrap_or("/run/nginx.pid");
        let text = format!("{}\n", kernel.pid().0);
        if let Err(errno) = kernel.files().write(file, text.into_bytes(), 0o644) {
            self.emerg(kernel, &format!("open() \"{file}\" failed ({}: {errno})", number_of(errno)));
            return Err(Step::Exit(1));
        }
        Ok(())
    }

    /// The ports that its servers listen on, and of which addresses.
    fn wanted(&mut self) -> Vec<(u16, &'static str)> {
        let mut wanted: Vec<(u16, &str)> = Vec::new();
        for server in &self.loaded.servers {
            let before = wanted.len();
            for own in server.all("listen") {
                let shown = if own.words[1].starts_with('[') { "[::]" } else { "0.0.0.0" };
                wanted.extend(port_of(&own.words[1]).map(|port| (port, shown)));
            }
            if wanted.len() == before {
                wanted.push((80, "0.0.0.0"));
            }
        }
        let speaks = |port: &u16| self.loaded.servers.iter().any(|own| speaks_tls(own, *port));
        self.connections.secure = wanted.iter().map(|(port, _)| *port).filter(speaks).collect();
        wanted
    }

    /// Takes a port of IPv4, or that of IPv6 (`ipv6only` is on where nothing else is said).
    fn take_port(&mut self, kernel: &mut Kernel<'_>, port: u16, shown: &str) -> Result<(), Errno> {
        match shown {
            "[::]" => self.connections.listen_v6(kernel, port),
            _ => self.connections.listen_at(kernel, Ipv4Addr::UNSPECIFIED.into(), port),
        }
    }

    /// Takes the ports that a changed configuration adds, and gives back those that it has no more.
    fn listen_again(&mut self, kernel: &mut Kernel<'_>) {
        let wanted = self.wanted();
        for port in self.connections.ports() {
            if !wanted.iter().any(|(own, _)| *own == port) {
                self.connections.close_port(kernel, port);
            }
        }
        let had = self.connections.ports();
        for (at, &(port, shown)) in wanted.iter().enumerate() {
            if !had.contains(&port)
                && !wanted[..at].contains(&(port, shown))
                && let Err(errno) = self.take_port(kernel, port, shown)
            {
                let why = strerror(kernel, errno);
                let text = format!("bind() to {shown}:{port} failed ({}: {why})", number_of(errno));
                self.emerg(kernel, &text);
            }
        }
        for text in ["using the \"epoll\" event method", "start worker processes"] {
            self.note(kernel, text);
        }
        let old = self.worker.take();
        self.start_worker(kernel);
        let new = std::mem::replace(&mut self.worker, old);
        self.end_worker(kernel, true);
        self.note(kernel, "signal 29 (SIGIO) received");
        self.worker = new;
    }

    /// Takes its ports, and begins to serve.
    fn bind(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let wanted = self.wanted();
        let mut taken: Vec<(u16, &str)> = Vec::new();
        let mut failed = false;
        for &(port, shown) in &wanted {
            if taken.contains(&(port, shown)) {
                continue;
            }
            if let Err(errno) = self.take_port(kernel, port, shown) {
                failed = true;
                let why = strerror(kernel, errno);
                self.emerg(kernel, &format!("bind() to {shown}:{port} failed ({}: {why})", number_of(errno)));
                if errno != Errno::AddressInUse {
                    return Some(Step::Exit(1));
                }
                continue;
            }
            taken.push((port, shown));
        }
        if failed {
            self.connections.close_all(kernel);
            self.tries += 1;
            if self.tries == 5 {
                self.emerg(kernel, "still could not bind()");
                return Some(Step::Exit(1));
            }
            self.note(kernel, "try again to bind() after 500ms");
            let at = kernel.now() + Duration::from_millis(500);
            self.again = Some(at);
            return Some(Wait::until(at).into());
        }
        self.again = None;
        for signal in [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP] {
            kernel.on_signal(signal, Action::Catch);
        }
        for text in [
            "using the \"epoll\" event method",
            &["nginx/", &self.version].concat(),
            "OS: Linux 6.6.137",
            "getrlimit(RLIMIT_NOFILE): 1048576:1048576",
            "start worker processes",
        ] {
            self.note(kernel, text);
        }
        let title = [MASTER, " ", &kernel.argv().join(" ")].concat();
        kernel.set_title(&title);
        self.start_worker(kernel);
        None
    }

    /// Sends an answer, and writes it down.
    fn finish(
        &mut self,
        kernel: &mut Kernel<'_>,
        client: Client,
        mut exchange: Exchange,
        response: Response,
    ) {
        let response = self.dressed(kernel, &mut exchange, response);
        exchange.sent = self.connections.reply(kernel, client, response);
        let (http, server) = (exchange.http.clone(), exchange.server.clone());
        let log = logs::access([&exchange.location, &server, &http]);
        let Some((path, format)) = log.map(|own| (own[0].to_owned(), own.get(1).copied().map(SmolStr::new)))
        else {
            return;
        };
        let is_it = |own: &&Block| own.words.get(1) == format.as_ref();
        // What comes before the strings says how they are escaped.
        let words = http.all("log_format").find(is_it).map(|own| &own.words[2..]).unwrap_or_default();
        let text: String =
            words.iter().filter(|word| !word.starts_with("escape=")).map(SmolStr::as_str).collect();
        let text = if text.is_empty() { logs::COMBINED } else { &text };
        let line: String = exchange.logged(kernel, text) + "\n";
        match path.contains('$') {
            true => {
                let path = exchange.fill(kernel, &path);
                self.logs.append(kernel, &path, &line);
            }
            false => self.logs.write(kernel, &path, &line),
        }
    }
}

/// Whether a server speaks TLS on a port.
fn speaks_tls(server: &Block, port: u16) -> bool {
    let speaks = |own: &Block| own.words[2..].iter().any(|word| word == "ssl");
    server.all("listen").any(|own| speaks(own) && port_of(&own.words[1]) == Some(port))
}

fn port_of(word: &str) -> Option<u16> {
    let last = word.rsplit(':').next().unwrap_or(word);
    last.parse().ok().or((!word.starts_with("unix:")).then_some(80))
}

/// `-T`: a file of the configuration and those that it includes.
fn show(kernel: &mut Kernel<'_>, file: &str) {
    let Ok(bytes) = kernel.files().read(file) else { return };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    kernel.print(format!("# configuration file {file}:\n{text}\n"));
    for line in text.lines() {
        if let Some(pattern) = line.trim().strip_prefix("include ") {
            for file in included(&kernel.files(), pattern.trim().trim_end_matches(';')) {
                show(kernel, &file);
            }
        }
    }
}
