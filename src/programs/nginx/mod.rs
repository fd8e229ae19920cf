//! nginx: its files, its pages and its logs.

mod configuration;
pub mod packaged;
mod serving;

use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::files::Credentials;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{Pid, Status};
use crate::container::program::{Code, Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::{Call, Called, both};
use configuration::{Block, Wrong, included, number_of, servers};

const CONFIGURATION: &str = "/etc/nginx/nginx.conf";

/// What the processes of nginx are called.
const MASTER: &str = "nginx: master process";
const WORKER: &str = "nginx: worker process";

/// A running `nginx`: a master, and a worker in whose place it serves. The worker is there to be seen and to be sent signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nginx {
    version: String,
    begun: bool,
    /// Its worker, where it is a master.
    worker: Option<Pid>,
    connections: Connections,
    servers: Arc<[Block]>,
    ends: Option<SimTime>,
    /// How often its ports were another's, and when it tries again (`ngx_open_listening_sockets`).
    tries: u8,
    again: Option<SimTime>,
    graceful: bool,
    number: u64,
    /// Requests that wait for another server.
    calls: Vec<(Client, Request, Call, u64)>,
}

/// What comes of a request.
enum Answer {
    Response(Response),
    /// Another server is asked: address, path, and how long it may take to connect.
    Pass(String, String, Duration),
}

impl Nginx {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if let Some(step) = self.begin(kernel) {
                return step;
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
                match Self::load(kernel) {
                    Ok(servers) => {
                        self.servers = servers;
                        self.listen_again(kernel);
                    }
                    Err(wrong) => {
                        let pid = kernel.pid().0;
                        self.line(kernel, "emerg", pid, &wrong);
                    }
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
            match self.answer(kernel, &request) {
                Answer::Response(response) => self.finish(kernel, client, &request, response),
                Answer::Pass(host, path, patience) => {
                    let call = Call::http(&host, &request, &path, patience);
                    self.calls.push((client, request, call, self.number));
                }
            }
        }
        let mut wait = self.connections.wait();
        for (client, request, mut call, number) in std::mem::take(&mut self.calls) {
            match call.step(kernel) {
                Called::Waits(own) => {
                    wait = both(wait, own);
                    self.calls.push((client, request, call, number));
                }
                Called::Answered(bytes) => {
                    let response = self.passed(&bytes);
                    self.finish(kernel, client, &request, response);
                }
                Called::Failed(errno, address) => {
                    let status = if errno == Errno::TimedOut { 504 } else { 502 };
                    let what =
                        if errno == Errno::TimedOut { "upstream timed out" } else { "connect() failed" };
                    let text = format!("{what} ({}: {errno}) while connecting to upstream", number_of(errno));
                    self.complain(kernel, number, &text, &request, Some(&address));
                    let response = self.headed(self.page(status), kernel.date());
                    self.finish(kernel, client, &request, response);
                }
                Called::Unknown(host) => {
                    let text = format!("{host} could not be resolved (3: Host not found)");
                    self.complain(kernel, number, &text, &request, None);
                    let response = self.headed(self.page(502), kernel.date());
                    self.finish(kernel, client, &request, response);
                }
            }
        }
        wait.or_children().or_until(self.ends).into()
    }

    /// Starts its worker, as the user of its configuration.
    fn start_worker(&mut self, kernel: &mut Kernel<'_>) {
        let argv: Arc<[Arc<str>]> = Arc::new([WORKER.into()]);
        let worker = kernel.spawn(Code::Id("nginx".into()), Spawn { argv: Some(argv), ..Spawn::default() });
        if kernel.credentials().uid == 0 {
            kernel.set_credentials(worker, Credentials::new(101, 101));
        }
        self.note(kernel, &format!("start worker process {}", worker.0));
        self.worker = Some(worker);
    }

    /// Ends its worker, and tells of it as both do.
    fn end_worker(&mut self, kernel: &mut Kernel<'_>, gracefully: bool) {
        let Some(worker) = self.worker.take() else { return };
        kernel.kill(worker, Some(Signal::KILL)).ok();
        kernel.poll_child(worker).ok();
        let graceful = if gracefully { &["gracefully shutting down"][..] } else { &[] };
        for text in graceful.iter().chain(&["exiting", "exit"]) {
            self.line(kernel, "notice", worker.0, text);
        }
        self.note(kernel, &format!("signal 17 (SIGCHLD) received from {}", worker.0));
        self.note(kernel, &format!("worker process {} exited with code 0", worker.0));
    }

    /// Starts another worker where somebody has ended the one there was.
    fn watch_worker(&mut self, kernel: &mut Kernel<'_>) {
        let Some(worker) = self.worker else { return };
        let Ok(Some(Change::Ended(status))) = kernel.poll_child(worker) else { return };
        self.note(kernel, &format!("signal 17 (SIGCHLD) received from {}", worker.0));
        let how = match status {
            Status::Signaled(signal) => ("alert", format!("exited on signal {}", signal.0)),
            Status::Exited(code) => ("notice", format!("exited with code {code}")),
        };
        let own = kernel.pid().0;
        self.line(kernel, how.0, own, &format!("worker process {} {}", worker.0, how.1));
        self.start_worker(kernel);
        self.note(kernel, "signal 29 (SIGIO) received");
    }

    fn line(&self, kernel: &mut Kernel<'_>, level: &str, pid: u32, text: &str) {
        let (date, pid) = (kernel.date().written("0000/00/00 00:00:00"), pid.to_string());
        kernel.complain([&date, " [", level, "] ", &pid, "#", &pid, ": ", text, "\n"].concat());
    }
    /// Tells what keeps it from starting, in its log and to its terminal.
    fn emerg(&self, kernel: &mut Kernel<'_>, text: &str) {
        let pid = kernel.pid().0;
        self.line(kernel, "emerg", pid, text);
        kernel.complain(format!("nginx: [emerg] {text}\n"));
    }
    fn note(&self, kernel: &mut Kernel<'_>, text: &str) {
        let pid = kernel.pid().0;
        self.line(kernel, "notice", pid, text);
    }
    fn complain(
        &self,
        kernel: &mut Kernel<'_>,
        number: u64,
        text: &str,
        request: &Request,
        upstream: Option<&str>,
    ) {
        let server = self
            .server_of(request)
            .and_then(|server| server.value("server_name"))
            .unwrap_or_default()
            .to_owned();
        let upstream = upstream.map_or_else(String::new, |upstream| format!(", upstream: \"{upstream}\""));
        let host = request.header("host").unwrap_or_default().to_owned();
        let pid = self.worker.unwrap_or(kernel.pid()).0;
        let text = format!(
            "*{number} {text}, client: {}, server: {server}, request: \"{}\"{upstream}, host: \"{host}\"",
            request.ip(),
            request.line()
        );
        self.line(kernel, "error", pid, &text);
    }

    fn load(kernel: &mut Kernel<'_>) -> Result<Arc<[Block]>, Wrong> {
        let view = kernel.files();
        packaged::unchanged(&view).map_or_else(|| servers(&view).map(Into::into), Ok)
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        self.version =
            kernel.variable("NGINX_VERSION").map_or_else(|| "1.22.1".into(), |version| version.to_string());
        let argv = kernel.argv();
        if &*argv[0] == WORKER {
            // Nothing that it catches or waits for ever comes.
            return Some(Wait::forever().into());
        }
        let mut words = argv[1..].iter();
        let (mut test, mut foreground, mut shows) = (false, false, false);
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
                "-s" => return Some(Self::signal(kernel, words.next().map_or("", |word| word))),
                "-c" | "-p" | "-e" => drop(words.next()),
                "-q" => {}
                other => {
                    kernel
                        .complain(format!("nginx: invalid option: \"{}\"\n", other.trim_start_matches('-')));
                    return Some(Step::Exit(1));
                }
            }
        }
        match Self::load(kernel) {
            Ok(servers) => self.servers = servers,
            Err(wrong) => {
                let pid = kernel.pid().0;
                // Before its log is open it speaks to the terminal as well.
                self.line(kernel, "emerg", pid, &wrong);
                if !test {
                    kernel.complain(format!("nginx: [emerg] {wrong}\n"));
                }
                if test {
                    kernel.complain(format!("nginx: configuration file {CONFIGURATION} test failed\n"));
                }
                return Some(Step::Exit(1));
            }
        }
        if test {
            kernel.complain(format!(
                "nginx: the configuration file {CONFIGURATION} syntax is ok\nnginx: configuration file {CONFIGURATION} test is successful\n"
            ));
            if shows {
                show(kernel, CONFIGURATION);
            }
            return Some(Step::Exit(0));
        }
        if let Err(step) = self.prepare(kernel) {
            return Some(step);
        }
        // Without `daemon off` the terminal is given back, and a container's main process ends.
        if !foreground && kernel.pid() == Pid(1) {
            return Some(Step::Exit(0));
        }
        self.bind(kernel)
    }

    /// Makes the folder and the file that it needs to run, which not everybody may.
    fn prepare(&self, kernel: &mut Kernel<'_>) -> Result<(), Step> {
        if kernel.credentials().uid != 0 {
            let text = format!(
                "the \"user\" directive makes sense only if the master process runs with super-user privileges, ignored in {CONFIGURATION}:2"
            );
            let pid = kernel.pid().0;
            self.line(kernel, "warn", pid, &text);
            kernel.complain(format!("nginx: [warn] {text}\n"));
        }
        let folder = "/var/cache/nginx/client_temp";
        let made = match kernel.files().exists("/var/cache/nginx") && !kernel.files().exists(folder) {
            true => kernel.files().make_directory(folder, 0o700),
            false => Ok(()),
        };
        if let Err(errno) = made {
            self.emerg(kernel, &format!("mkdir() \"{folder}\" failed ({}: {errno})", number_of(errno)));
            return Err(Step::Exit(1));
        }
        let (file, text) = ("/run/nginx.pid", format!("{}\n", kernel.pid().0));
        if let Err(errno) = kernel.files().write(file, text.into_bytes(), 0o644) {
            self.emerg(kernel, &format!("open() \"{file}\" failed ({}: {errno})", number_of(errno)));
            return Err(Step::Exit(1));
        }
        Ok(())
    }

    /// The ports that its servers listen on, and of which addresses.
    fn wanted(&self) -> Vec<(u16, &'static str)> {
        let mut wanted: Vec<(u16, &str)> = Vec::new();
        for server in self.servers.iter() {
            let before = wanted.len();
            for own in server.all("listen") {
                let shown = if own.words[1].starts_with('[') { "[::]" } else { "0.0.0.0" };
                wanted.extend(port_of(&own.words[1]).map(|port| (port, shown)));
            }
            if wanted.len() == before {
                wanted.push((80, "0.0.0.0"));
            }
        }
        wanted
    }

    /// Takes the ports that a changed configuration adds, and gives back those that it has no more.
    fn listen_again(&mut self, kernel: &mut Kernel<'_>) {
        let wanted: Vec<u16> = self.wanted().into_iter().map(|(port, _)| port).collect();
        for port in self.connections.ports() {
            if !wanted.contains(&port) {
                self.connections.close_port(kernel, port);
            }
        }
        for port in wanted {
            if !self.connections.ports().contains(&port)
                && let Err(errno) = self.connections.listen(kernel, port)
            {
                let text = format!("bind() to 0.0.0.0:{port} failed ({}: {errno})", number_of(errno));
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
        let mut taken: Vec<u16> = Vec::new();
        let mut failed = false;
        let pid = kernel.pid().0;
        for (port, shown) in wanted {
            if taken.contains(&port) {
                continue;
            }
            if let Err(errno) = self.connections.listen(kernel, port) {
                failed = true;
                self.emerg(
                    kernel,
                    &format!("bind() to {shown}:{port} failed ({}: {errno})", number_of(errno)),
                );
                if errno != Errno::AddressInUse {
                    return Some(Step::Exit(1));
                }
                continue;
            }
            taken.push(port);
        }
        if failed {
            self.connections.close_all(kernel);
            self.tries += 1;
            if self.tries == 5 {
                self.emerg(kernel, "still could not bind()");
                return Some(Step::Exit(1));
            }
            self.line(kernel, "notice", pid, "try again to bind() after 500ms");
            let at = kernel.now() + Duration::from_millis(500);
            self.again = Some(at);
            return Some(Wait::until(at).into());
        }
        self.again = None;
        for signal in [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP] {
            kernel.on_signal(signal, Action::Catch);
        }
        for text in ["using the \"epoll\" event method".to_owned(), format!("nginx/{}", self.version)] {
            self.note(kernel, &text);
        }
        for text in
            ["OS: Linux 6.6.137", "getrlimit(RLIMIT_NOFILE): 1048576:1048576", "start worker processes"]
        {
            self.note(kernel, text);
        }
        let title = format!("{MASTER} {}", kernel.argv().join(" "));
        kernel.set_title(&title);
        self.start_worker(kernel);
        None
    }

    /// `nginx -s`: sends a signal to the nginx that runs.
    fn signal(kernel: &mut Kernel<'_>, what: &str) -> Step {
        let signal = match what {
            "stop" => Signal::TERM,
            "quit" => Signal::QUIT,
            "reload" | "reopen" => Signal::HUP,
            other => {
                kernel.complain(format!("nginx: invalid option: \"-s {other}\"\n"));
                return Step::Exit(1);
            }
        };
        let own = kernel.pid();
        let is_master = |argv: &[Arc<str>]| argv.first().is_some_and(|title| title.starts_with(MASTER));
        let mut all = kernel.machine().processes.iter();
        let found = all.find(|(pid, process)| **pid != own && is_master(&process.argv)).map(|(pid, _)| *pid);
        match found {
            Some(pid) => {
                kernel.kill(pid, Some(signal)).ok();
                Step::Exit(0)
            }
            None => {
                kernel.complain(
                    "nginx: [error] open() \"/run/nginx.pid\" failed (2: No such file or directory)\n",
                );
                Step::Exit(1)
            }
        }
    }

    fn finish(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request, response: Response) {
        let status = response.status;
        let count = self.connections.reply(kernel, client, response);
        let date = kernel.date().access_log();
        let header = |name: &str| request.header(name).unwrap_or("-");
        kernel.print(format!(
            "{} - - [{date} +0000] \"{}\" {status} {count} \"{}\" \"{}\" \"{}\"\n",
            request.ip(),
            request.line(),
            header("referer"),
            header("user-agent"),
            header("x-forwarded-for"),
        ));
    }
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
