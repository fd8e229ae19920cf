//! The clients of the cluster as programs of the learner's machine: `kubectl`, and `minikube kubectl --`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::api::ObjectKey;
use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::cluster::Cluster;
use crate::cluster::exec::{ExecSession, ExecState};
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::terminal::{Chunk, Stream};
use crate::images::kubectl_proxy::{Beyond, Proxy};
use crate::kubectl::{self, AttachRequest, LogsRequest};
use crate::programs::kubectl::{self as process, Stepped};

use super::copy;
use super::edit::Edit;
use super::forward::Forward;
use super::minikube::Minikube;

/// A client of the cluster, running.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Client {
    kubectl: process::Client,
    handed: Handed,
    /// The file that its editor left, which is kept where its end is not a good one.
    edited: Option<String>,
}

// No part of the page's first program.
impl Clone for Client {
    #[inline(never)]
    fn clone(&self) -> Self {
        Self { kubectl: self.kubectl.clone(), handed: self.handed.clone(), edited: self.edited.clone() }
    }
}

impl Beyond for Cluster {
    fn api(&mut self) -> &mut ApiServer {
        &mut self.api
    }
    fn log(&self, pod: &ObjectKey, container: &str) -> Option<Vec<u8>> {
        let log = self.container_log(&pod.namespace, &pod.name, container, false);
        let chunks = log.map(|log| log.chunks).unwrap_or_default();
        Some(chunks.into_iter().flat_map(|chunk| chunk.bytes).collect())
    }
    fn connect(&self, kernel: &mut Kernel<'_>, pod: &ObjectKey, to: SocketAddr) -> Option<Fd> {
        self.space_of(pod).map(|space| kernel.connect_into(space, to.port()))
    }
}

/// What kubectl left to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Handed {
    /// Nothing yet: it is still at work.
    Nothing,
    /// A program in a container to be looked after.
    Exec { session: ExecSession, stdin: bool, fed: bool, ssh: bool },
    /// The main program of a container, joined.
    Attach { session: ExecSession, request: AttachRequest, fed: bool },
    /// Logs to be printed, and how many lines of each were.
    Logs { request: LogsRequest, printed: Vec<usize> },
    /// Objects in an editor.
    Edit(Edit),
    /// Ports led to a Pod.
    Forward(Forward),
    /// The API server, served on.
    Proxy(Proxy),
    /// It is `minikube` itself.
    Minikube(Minikube),
}

impl Client {
    /// The names that it is started by; they are the ids of its executables as well.
    pub const NAMES: &'static [&'static str] = &["kubectl", "minikube"];

    /// The client that an executable's id and its arguments mean.
    pub fn load(id: &str, argv: &[Arc<str>]) -> Option<Self> {
        let words: Vec<String> = argv.iter().skip(1).map(|word| word.to_string()).collect();
        let words = match id {
            "kubectl" => words,
            "minikube" if words.first().is_some_and(|word| word == "kubectl") => {
                let rest = &words[1..];
                rest.strip_prefix(&["--".to_string()][..]).unwrap_or(rest).to_vec()
            }
            "minikube" => {
                return Some(Self { handed: Handed::Minikube(Minikube::default()), ..Self::new(&[]) });
            }
            _ => return None,
        };
        Some(Self::new(&words))
    }

    fn new(words: &[String]) -> Self {
        Self { kubectl: process::Client::new(words), handed: Handed::Nothing, edited: None }
    }

    /// The Pod that it leads ports to, and the ports: here, and there.
    pub(super) fn forwarded(&self) -> Option<(&ObjectKey, Vec<(u16, u16)>)> {
        match &self.handed {
            Handed::Forward(forward) => Some(forward.leads_to()),
            _ => None,
        }
    }

    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        if let Some(wait) = self.kubectl.starts(kernel.now()) {
            return wait.into();
        }
        match &mut self.handed {
            Handed::Nothing => self.run(kernel, cluster),
            Handed::Exec { .. } | Handed::Attach { .. } => self.attend(kernel, cluster),
            Handed::Logs { .. } => self.print_logs(kernel, cluster),
            Handed::Edit(edit) => match edit.step(kernel) {
                Ok((text, path)) => {
                    self.edited = Some(path.clone());
                    self.kubectl.saved(text, path);
                    self.handed = Handed::Nothing;
                    Step::Yield
                }
                Err(step) => step,
            },
            Handed::Forward(forward) => forward.step(kernel, cluster),
            Handed::Proxy(proxy) => proxy.step(kernel, cluster),
            Handed::Minikube(minikube) => match minikube.step(kernel, cluster) {
                Ok(step) => step,
                Err(ssh) => {
                    if ssh.tty {
                        hand_terminal_over(kernel);
                    }
                    self.handed = Handed::Exec { session: ssh.session, stdin: true, fed: false, ssh: true };
                    Step::Yield
                }
            },
        }
    }

    /// How long it is to be given before it is told more, where it or the program that it looks after waits for input.
    pub(super) fn wants_input(&self, cluster: &Cluster) -> Option<Duration> {
        match &self.handed {
            Handed::Nothing => self.kubectl.reads_input().then_some(Duration::ZERO),
            Handed::Exec { session, stdin: true, fed: false, .. } => cluster.exec_wants_input(session),
            Handed::Attach { session, request, fed: false } if request.stdin => {
                cluster.exec_wants_input(session)
            }
            _ => None,
        }
    }

    /// Lets kubectl itself go on.
    fn run(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let near = cluster.profile().server.clone();
        let stepped = self.kubectl.step(kernel, &mut cluster.api, &near);
        if matches!(stepped, Stepped::Own(Step::Exit(0)) | Stepped::Handed(kubectl::Step::Edit(_)))
            && let Some(path) = self.edited.take()
        {
            // Somebody may have taken it away already.
            let _ = kernel.files().remove_file(&path);
        }
        let wanted = match stepped {
            Stepped::Own(step) => return step,
            Stepped::Handed(wanted) => wanted,
        };
        match wanted {
            kubectl::Step::Done(code) => Step::Exit(code),
            kubectl::Step::Wait { .. } => Step::Yield,
            kubectl::Step::Exec(request) => {
                let ends = (request.stdin, request.tty && kernel.is_terminal(0));
                let started =
                    cluster.exec(&request.namespace, &request.pod, &request.container, &request.argv, ends);
                match started {
                    Ok(session) => {
                        if ends.1 {
                            hand_terminal_over(kernel);
                        }
                        self.handed = Handed::Exec { session, stdin: request.stdin, fed: false, ssh: false };
                        Step::Yield
                    }
                    Err(why) => {
                        kernel.complain(refusal(&why));
                        Step::Exit(1)
                    }
                }
            }
            kubectl::Step::Logs(request) => {
                let printed = vec![0; request.sources.len()];
                self.handed = Handed::Logs { request, printed };
                Step::Yield
            }
            kubectl::Step::PortForward(request) => match Forward::begin(kernel, cluster, &request) {
                Ok(forward) => {
                    self.handed = Handed::Forward(forward);
                    Step::Yield
                }
                Err(why) => {
                    kernel.complain(why);
                    Step::Exit(1)
                }
            },
            kubectl::Step::Proxy(request) => match Proxy::begin(kernel, request) {
                Ok(proxy) => {
                    self.handed = Handed::Proxy(proxy);
                    Step::Yield
                }
                Err(why) => {
                    kernel.complain(why);
                    Step::Exit(1)
                }
            },
            kubectl::Step::Attach(request) => {
                match cluster.attach(&request.namespace, &request.pod, &request.container) {
                    Some(session) => {
                        if request.stdin && request.tty && kernel.is_terminal(0) {
                            hand_terminal_over(kernel);
                        }
                        self.handed = Handed::Attach { session, request, fed: false };
                        Step::Yield
                    }
                    None => {
                        let name = &request.container;
                        kernel.complain(format!("error: Internal error occurred: unable to upgrade connection: container not found (\"{name}\")\n"));
                        Step::Exit(1)
                    }
                }
            }
            kubectl::Step::Copy(request) => Step::Exit(copy::run(kernel, cluster, &request)),
            kubectl::Step::Edit(request) => match Edit::begin(kernel, request) {
                Ok(edit) => {
                    self.handed = Handed::Edit(edit);
                    Step::Yield
                }
                Err(why) => {
                    kernel.complain(why);
                    Step::Exit(1)
                }
            },
        }
    }

    /// Prints what there is to print of the logs, and waits for more where they are followed.
    fn print_logs(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let Handed::Logs { request, printed } = &mut self.handed else { return Step::Exit(1) };
        let mut goes_on = false;
        for (source, printed) in request.sources.iter().zip(printed) {
            let log =
                cluster.container_log(&source.namespace, &source.pod, &source.container, request.previous);
            let Some(log) = log else { continue };
            goes_on |= log.goes_on;
            let lines = lines_of(&log.chunks, request.since);
            // Only the first look is cut to the last lines.
            let skip = match request.tail {
                Some(tail) if *printed == 0 => lines.len().saturating_sub(tail as usize),
                _ => *printed,
            };
            let mut text = String::new();
            for (at, line) in &lines[skip.min(lines.len())..] {
                text.push_str(&source.prefix);
                if request.timestamps {
                    let clock = &cluster.api.clock;
                    let date = clock.date_at(*at).rfc3339();
                    text.push_str(&format!("{}.{:06}000Z ", date.trim_end_matches('Z'), at.0 % 1_000_000));
                }
                text.push_str(line);
                text.push('\n');
            }
            if let Some(limit) = request.limit_bytes {
                let mut end = text.len().min(limit as usize);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
            }
            *printed = lines.len();
            // Nobody may be there to read it any more.
            let _ = kernel.write(1, text.as_bytes());
        }
        if request.follow && goes_on {
            return Wait::world().into();
        }
        let code = match request.refused.take() {
            Some((text, code)) => {
                kernel.complain(text);
                code
            }
            None => 0,
        };
        self.kubectl.ended(code);
        self.handed = Handed::Nothing;
        Step::Yield
    }

    /// Carries bytes between the learner and a program in a container.
    fn attend(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let (session, stdin, ends_with_input, fed) = match &mut self.handed {
            Handed::Exec { session, stdin, fed, .. } => (session, *stdin, true, fed),
            Handed::Attach { session, request, fed } => {
                (session, request.stdin, request.once || request.tty, fed)
            }
            _ => return Step::Exit(1),
        };
        if stdin && !*fed {
            loop {
                match kernel.read(0, 65_536) {
                    Ok(Data::Bytes(bytes)) => cluster.exec_write(session, &bytes),
                    Ok(Data::Empty) => break,
                    Ok(Data::End) | Err(_) => {
                        if ends_with_input {
                            cluster.exec_finish(session);
                        }
                        *fed = true;
                        break;
                    }
                }
            }
        }
        let state = cluster.exec_state(session);
        for chunk in cluster.exec_read(session) {
            let fd = if chunk.stream == Stream::Out { 1 } else { 2 };
            // Nobody may be there to read it any more.
            let _ = kernel.write(fd, &chunk.bytes);
        }
        let code = match state {
            ExecState::Running => {
                let wait = Wait::world();
                return if stdin && !*fed { wait.or_readable(0).into() } else { wait.into() };
            }
            ExecState::Ended(code) => code,
            ExecState::Gone => 137,
        };
        // The terminal is set back; one that was never set stays as it is.
        let _ = kernel.set_raw(0, false);
        if let Handed::Attach { request, .. } = &self.handed {
            kernel.complain(request.resume.as_deref().unwrap_or_default());
            // `run` asks after its program's end itself.
            self.kubectl.ended(0);
            self.handed = Handed::Nothing;
            return Step::Yield;
        }
        if code == 0 {
            return Step::Exit(0);
        }
        if matches!(self.handed, Handed::Exec { ssh: true, .. }) {
            kernel.complain(format!("ssh: Process exited with status {code}\n"));
            return Step::Exit(1);
        }
        kernel.complain(format!("command terminated with exit code {code}\n"));
        Step::Exit(code)
    }
}

/// The container's terminal does the echo and gives Ctrl-C its meaning.
fn hand_terminal_over(kernel: &mut Kernel<'_>) {
    // A terminal that cannot be set stays as it is.
    let _ = kernel.set_raw(0, true);
    for signal in [Signal::INT, Signal::QUIT] {
        kernel.on_signal(signal, Action::Ignore);
    }
}

/// The lines of a log with the time of their last part, those of `since` and later.
fn lines_of(chunks: &[Chunk], since: Option<SimTime>) -> Vec<(SimTime, String)> {
    let mut lines: Vec<(SimTime, Vec<u8>)> = Vec::new();
    let mut open = false;
    for chunk in chunks {
        for part in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            if !open {
                lines.push((chunk.time, Vec::new()));
            }
            if let Some((at, line)) = lines.last_mut() {
                *at = chunk.time;
                line.extend(part.strip_suffix(b"\n").unwrap_or(part));
            }
            open = !part.ends_with(b"\n");
        }
    }
    let wanted = lines.into_iter().filter(|(at, _)| since.is_none_or(|since| *at >= since));
    wanted.map(|(at, line)| (at, String::from_utf8_lossy(&line).into_owned())).collect()
}

/// kubectl's words for a program that the runtime could not start.
fn refusal(why: &str) -> String {
    if why.starts_with("failed to create containerd task") {
        let why = why.rsplit_once("init: ").map_or(why, |(_, why)| why);
        format!(
            "error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown\n"
        )
    } else {
        format!("error: Internal error occurred: {why}\n")
    }
}
