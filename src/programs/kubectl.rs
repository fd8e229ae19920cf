//! kubectl as a program of a machine: its files and streams, and its way to the API server.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::Duration;

use super::outward::{Dial, Dialed};
use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::kubectl::{self, Io, Kubectl, Stdin};
use crate::network::resolver::Failure;

/// From the start of kubectl to its first word with the API server.
const START: Duration = Duration::from_millis(60);
/// How long it waits for a connection (Go's `http.DefaultTransport`).
const PATIENCE: Duration = Duration::from_secs(30);

/// kubectl, running on a machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    kubectl: Kubectl,
    begins: Option<SimTime>,
    streams: Streams,
}

/// What kubectl holds of its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Streams {
    fd: Fd,
    /// What was read of standard input, or of another descriptor, and whether it has ended.
    read: Vec<u8>,
    ended: bool,
    dial: Option<Dial>,
    /// What its way to the server waits for.
    wait: Option<Wait>,
    connected: bool,
}

/// How a step of it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// As steps of programs end.
    Own(Step),
    /// It wants something that is not kubectl's own, and no [`kubectl::Step::Done`] or [`kubectl::Step::Wait`].
    Handed(kubectl::Step),
}

impl Client {
    /// kubectl with these words after its name.
    pub fn new(words: &[String]) -> Self {
        Self { kubectl: Kubectl::new(words), begins: None, streams: Streams::default() }
    }

    /// Until when it starts, if it has not yet.
    pub fn starts(&mut self, now: SimTime) -> Option<Wait> {
        let begins = *self.begins.get_or_insert(now + START);
        (now < begins).then(|| Wait::until(begins))
    }

    /// True where it may want more of standard input.
    pub fn reads_input(&self) -> bool {
        self.streams.fd == 0
    }

    /// Tells it how that ended which it wanted, see [`Kubectl::ended`].
    pub fn ended(&mut self, code: u8) {
        self.kubectl.ended(code);
    }

    /// Tells it what was saved, see [`Kubectl::saved`].
    pub fn saved(&mut self, text: String, path: String) {
        self.kubectl.saved(text, path);
    }

    /// Goes on as far as it can; the server at `near` is reached without a network.
    pub fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer, near: &str) -> Stepped {
        if let Some(wait) = self.starts(kernel.now()) {
            return Stepped::Own(wait.into());
        }
        let mut io = ProcessIo { kernel: RefCell::new(kernel), streams: &mut self.streams, near };
        Stepped::Own(match self.kubectl.step(&mut io, api) {
            kubectl::Step::Done(code) => Step::Exit(code),
            kubectl::Step::Wait { until, cluster } => match self.streams.wait.take() {
                Some(wait) => wait.into(),
                None if until.is_none() && !cluster && !self.streams.ended => {
                    Wait::readable(self.streams.fd).into()
                }
                None => (if cluster { Wait::world() } else { Wait::forever() }).or_until(until).into(),
            },
            wanted => return Stepped::Handed(wanted),
        })
    }
}

/// The machine as kubectl sees it.
struct ProcessIo<'a, 'k> {
    kernel: RefCell<&'a mut Kernel<'k>>,
    streams: &'a mut Streams,
    near: &'a str,
}

impl Io for ProcessIo<'_, '_> {
    fn now(&self) -> SimTime {
        self.kernel.borrow().now()
    }
    fn out(&mut self, text: &str) {
        self.kernel.get_mut().print(text);
    }
    fn err(&mut self, text: &str) {
        self.kernel.get_mut().complain(text);
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        let mut kernel = self.kernel.borrow_mut();
        kernel
            .files()
            .read(path)
            .map(|bytes| bytes.to_vec())
            .map_err(|errno| errno.to_string().to_lowercase())
    }
    fn write_file(&mut self, path: &str, contents: &[u8]) -> Result<(), String> {
        let mut view = self.kernel.get_mut().files();
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            // A folder that is there already is what was wanted.
            let _ = view.make_directory(&path[..at], 0o755);
        }
        view.write(path, contents.to_vec(), 0o644).map_err(|errno| errno.to_string().to_lowercase())
    }
    fn list_dir(&self, path: &str) -> Result<Vec<String>, String> {
        let mut kernel = self.kernel.borrow_mut();
        let names = kernel.files().list(path).map_err(|errno| errno.to_string().to_lowercase())?;
        Ok(names.iter().map(|name| name.to_string()).collect())
    }
    fn is_dir(&self, path: &str) -> bool {
        self.kernel.borrow_mut().files().is_directory(path)
    }
    fn exists(&self, path: &str) -> bool {
        self.kernel.borrow_mut().files().exists(path)
    }
    fn stream(&mut self, fd: u32) -> Stdin {
        self.streams.fd = fd;
        while !self.streams.ended {
            match self.kernel.get_mut().read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => self.streams.read.extend(bytes),
                Ok(Data::Empty) => return Stdin::Pending,
                Ok(Data::End) | Err(_) => self.streams.ended = true,
            }
        }
        Stdin::All(std::mem::take(&mut self.streams.read))
    }
    fn stdin_is_terminal(&self) -> bool {
        self.kernel.borrow().is_terminal(0)
    }
    fn is_terminal(&self) -> bool {
        self.kernel.borrow().is_terminal(1)
    }
    fn env(&self, name: &str) -> Option<String> {
        self.kernel.borrow().variable(name).map(|value| value.to_string())
    }
    fn dial(&mut self, server: &str) -> kubectl::Dialed {
        if self.streams.connected || server == self.near {
            return kubectl::Dialed::Connected;
        }
        dial(self.kernel.get_mut(), self.streams, server)
    }
}

#[inline(never)]
fn dial(kernel: &mut Kernel<'_>, streams: &mut Streams, server: &str) -> kubectl::Dialed {
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let authority = rest.split('/').next().unwrap_or_default();
    let usual = if scheme == "http" { 80 } else { 443 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap_or(usual)),
        None => (authority, usual),
    };
    let dial = streams.dial.get_or_insert_with(|| Dial::new(host, port, Some(PATIENCE)));
    match dial.step(kernel) {
        Dialed::Waits(wait) => {
            streams.wait = Some(wait);
            kubectl::Dialed::Waits
        }
        Dialed::Connected(fd, _) => {
            // What is asked goes to the API server itself.
            let _ = kernel.close(fd);
            streams.connected = true;
            kubectl::Dialed::Connected
        }
        Dialed::Unknown(failure) => kubectl::Dialed::Failed(unknown(kernel, host, failure)),
        Dialed::Failed(errno, ip) => {
            let (errno, ip) = dial.first_failure().unwrap_or((errno, ip));
            let why = match errno {
                Errno::TimedOut => "i/o timeout".to_owned(),
                other => format!("connect: {}", other.text().to_lowercase()),
            };
            kubectl::Dialed::Failed(format!("dial tcp {}: {why}", SocketAddr::new(ip, port)))
        }
    }
}

/// Go's words for a name that led nowhere.
pub fn unknown(kernel: &mut Kernel<'_>, host: &str, failure: Failure) -> String {
    let settings = kernel.files().read("/etc/resolv.conf").map(|bytes| bytes.to_vec()).unwrap_or_default();
    let settings = String::from_utf8_lossy(&settings).into_owned();
    let server =
        settings.lines().find_map(|line| line.strip_prefix("nameserver ")).unwrap_or("127.0.0.1").trim();
    let why = match failure {
        Failure::NoName | Failure::NoData => "no such host",
        Failure::Again => "i/o timeout",
        Failure::Fail => "server misbehaving",
    };
    format!("dial tcp: lookup {host} on {server}:53: {why}")
}
