//! Programs that are started in running containers (`kubectl exec`).

use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, ObjectKey};
use crate::container::files::Credentials;
use crate::container::machine::{Channel, OutputId, Pid, PipeId, Start, TerminalId};
use crate::container::terminal::{Chunk, Stream};
use crate::container::view::View;
use crate::kubelet::host::{self, HOST};
use crate::kubelet::{ContainerMachine, Process, State, not_started};

use super::{Cluster, Event};

/// A container that started less long ago is attached to from its first word on.
const FRESH: Duration = Duration::from_secs(5);

/// What a program in a container reads from and writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ends {
    /// A pipe to its standard input, and its two outputs.
    Pipes(Option<PipeId>, OutputId),
    /// A terminal.
    Terminal(TerminalId),
    /// The main program itself: what it has printed up to here was read.
    Main(usize),
}

/// A program that was started in a container, held from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecSession {
    node: Arc<str>,
    uid: Arc<str>,
    container: Arc<str>,
    pid: Pid,
    ends: Ends,
    /// The id of the container's run.
    run: Arc<str>,
}

/// What a program in a container has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecState {
    /// It runs.
    Running,
    /// It ended with this exit code.
    Ended(u8),
    /// Its container is gone.
    Gone,
}

impl Cluster {
    /// Starts a program in a running container.
    ///
    /// # Errors
    /// What the API server answers: no such Pod or container, not running, no such program.
    pub fn exec(
        &mut self,
        namespace: &str,
        pod: &str,
        container: &str,
        argv: &[String],
        (stdin, tty): (bool, bool),
    ) -> Result<ExecSession, String> {
        let key = ObjectKey::new(Kind::Pod, namespace, pod);
        let object = self.api.read(&key).map_err(|status| status.message)?;
        let (uid, node): (Arc<str>, Arc<str>) =
            (object.uid().into(), object.spec().get("nodeName").str().into());
        let now = self.now();
        let not_found = || format!("container not found (\"{container}\")");
        let kubelet =
            self.kubelets.get_mut(&node).ok_or_else(|| format!("pod {pod} does not have a host assigned"))?;
        let (state, worker) = kubelet.worker_mut(&uid).ok_or_else(not_found)?;
        let found = worker.container_mut(container).ok_or_else(not_found)?;
        let run = found.id.clone();
        let process = found.process.as_mut().ok_or_else(not_found)?;
        let (mut env, cwd, who) = (process.environment().clone(), process.directory(), process.who());
        if tty && !env.iter().any(|(name, _)| &**name == "TERM") {
            env = env.iter().cloned().chain([("TERM".into(), "xterm".into())]).collect();
        }
        let machine = process.machine();
        let (ends, stdio) = ends(machine, stdin, tty);
        let start = Start {
            argv: argv.iter().map(|word| Arc::from(word.as_str())).collect(),
            env,
            cwd,
            credentials: who,
            stdio,
        };
        let pid = machine.start(now, &mut state.volumes, start).map_err(|error| not_started(&error))?;
        self.queue.push(now, Event::RunPod { node: node.clone(), uid: uid.clone() });
        Ok(ExecSession { node, uid, container: container.into(), pid, ends, run })
    }

    /// Starts a program on a node itself, as the person who is there.
    ///
    /// # Errors
    /// The words of whoever could not start it.
    pub fn exec_on_node(
        &mut self,
        node: &str,
        argv: &[&str],
        (stdin, tty): (bool, bool),
    ) -> Result<ExecSession, String> {
        let now = self.now();
        let kubelet = self.kubelets.get_mut(node).filter(|kubelet| kubelet.node.running);
        let state = &mut kubelet.ok_or_else(|| format!("node {node} is not running"))?.node;
        let (machine, volumes) = state.host(&mut self.api);
        let (ends, stdio) = ends(machine, stdin, tty);
        let start = host::program(argv, stdio);
        let pid = machine.start(now, volumes, start).map_err(|error| not_started(&error))?;
        let (node, uid): (Arc<str>, Arc<str>) = (node.into(), HOST.into());
        self.queue.push(now, Event::RunPod { node: node.clone(), uid: uid.clone() });
        Ok(ExecSession { node, uid, container: "".into(), pid, ends, run: "".into() })
    }

    /// Joins the main program of a running container. What it prints from now on is read, and what it has printed
    /// since it started a moment ago, or in its terminal's last line.
    pub fn attach(&mut self, namespace: &str, pod: &str, container: &str) -> Option<ExecSession> {
        let now = self.now();
        let object = self.api.get(&ObjectKey::new(Kind::Pod, namespace, pod))?;
        let (uid, node): (Arc<str>, Arc<str>) =
            (object.uid().into(), object.spec().get("nodeName").str().into());
        let (_, worker) = self.kubelets.get_mut(&node)?.worker_mut(&uid)?;
        let found = worker.container_mut(container)?;
        let (run, tty) = (found.id.clone(), found.spec.get("tty").bool());
        let State::Running { since } = found.state else { return None };
        let log = found.process.as_ref()?.log();
        let prompt = log.iter().rposition(|chunk| chunk.bytes.ends_with(b"\n")).map_or(0, |at| at + 1);
        let seen = match tty {
            _ if now.since(since) < FRESH => 0,
            true => prompt,
            false => log.len(),
        };
        Some(ExecSession { node, uid, container: container.into(), pid: Pid(0), ends: Ends::Main(seen), run })
    }

    /// Lets somebody look at the files of a running container, and change them.
    pub fn in_files(
        &mut self,
        (namespace, pod, container): (&str, &str, &str),
        look: &mut dyn FnMut(&mut View<'_>),
    ) -> bool {
        let (now, date) = (self.now(), self.api.clock.date());
        let Some(object) = self.api.get(&ObjectKey::new(Kind::Pod, namespace, pod)) else { return false };
        let (uid, node): (Arc<str>, Arc<str>) =
            (object.uid().into(), object.spec().get("nodeName").str().into());
        let found = self.kubelets.get_mut(&node).and_then(|kubelet| kubelet.worker_mut(&uid));
        let Some((state, worker)) = found else { return false };
        let process = worker.container_mut(container).and_then(|found| found.process.as_mut());
        let Some(process) = process else { return false };
        let root = Credentials::root();
        let cwd = process.directory();
        look(&mut process.machine().files.view(&mut state.volumes, &root, &cwd, date));
        self.queue.push(now, Event::RunPod { node, uid });
        true
    }

    /// The machine that a program runs on: a container's, or a node's own.
    fn machine_of(&mut self, session: &ExecSession) -> Option<&mut ContainerMachine> {
        if &*session.uid == HOST {
            let host = self.kubelets.get_mut(&session.node)?.node.host.as_mut()?;
            return Some(&mut host.machine);
        }
        self.process_of(session).map(Process::machine)
    }

    fn process_of(&mut self, session: &ExecSession) -> Option<&mut Process> {
        let (_, worker) = self.kubelets.get_mut(&session.node)?.worker_mut(&session.uid)?;
        worker.container_mut(&session.container)?.process.as_mut()
    }

    /// Types or feeds bytes to a program in a container.
    pub fn exec_write(&mut self, session: &ExecSession, bytes: &[u8]) {
        let now = self.now();
        if let Ends::Main(_) = session.ends {
            let Some(process) = self.process_of(session) else { return };
            process.feed(bytes, now);
        } else {
            let Some(machine) = self.machine_of(session) else { return };
            match session.ends {
                Ends::Pipes(Some(pipe), _) => drop(machine.feed(pipe, bytes)),
                Ends::Terminal(terminal) => machine.type_in(now, terminal, bytes),
                _ => {}
            }
        }
        self.queue.push(now, Event::RunPod { node: session.node.clone(), uid: session.uid.clone() });
    }

    /// Tells a program in a container that no more input comes.
    pub fn exec_finish(&mut self, session: &ExecSession) {
        let now = self.now();
        if let Ends::Main(_) = session.ends {
            let Some(process) = self.process_of(session) else { return };
            process.finish_input(now);
        } else {
            let Some(machine) = self.machine_of(session) else { return };
            match session.ends {
                Ends::Pipes(Some(pipe), _) => machine.finish(pipe),
                Ends::Terminal(terminal) => machine.type_in(now, terminal, &[4]),
                _ => {}
            }
        }
        self.queue.push(now, Event::RunPod { node: session.node.clone(), uid: session.uid.clone() });
    }

    /// How long a program in a container is to be given before it is told more, where it waits for input and all that
    /// came is read.
    pub fn exec_wants_input(&self, session: &ExecSession) -> Option<Duration> {
        let kubelet = self.kubelets.get(&session.node)?;
        let worker = kubelet.worker(&session.uid);
        let found =
            worker.and_then(|worker| worker.containers().iter().find(|c| c.name == session.container));
        let process = found.and_then(|found| found.process.as_ref());
        let channel = match session.ends {
            Ends::Main(_) => return process?.wants_input(),
            Ends::Pipes(Some(pipe), _) => Channel::Pipe(pipe),
            Ends::Pipes(None, _) => return None,
            Ends::Terminal(terminal) => Channel::Terminal(terminal),
        };
        match &kubelet.node.host {
            Some(host) if &*session.uid == HOST => {
                host.machine.hungry_reader_of(channel).map(|(_, patience)| patience)
            }
            _ => process?.waits_at(channel),
        }
    }

    /// What a program in a container has printed since it was last asked.
    pub fn exec_read(&mut self, session: &mut ExecSession) -> Vec<Chunk> {
        if let Ends::Main(seen) = &mut session.ends {
            let (node, uid) = (&session.node, &session.uid);
            let worker = self.kubelets.get(node).and_then(|kubelet| kubelet.worker(uid));
            let found =
                worker.and_then(|worker| worker.containers().iter().find(|c| c.name == session.container));
            let Some(found) = found else { return Vec::new() };
            let log = match &found.process {
                Some(process) if found.id == session.run => process.log(),
                _ => &found.previous_log,
            };
            let new = log.get(*seen..).unwrap_or_default().to_vec();
            *seen = log.len();
            return new;
        }
        let Some(machine) = self.machine_of(session) else { return Vec::new() };
        match session.ends {
            Ends::Main(_) => Vec::new(),
            Ends::Pipes(_, output) => machine.take_output(output),
            Ends::Terminal(terminal) => machine.take_screen(terminal),
        }
    }

    /// What a program in a container has done.
    pub fn exec_state(&mut self, session: &ExecSession) -> ExecState {
        if let Ends::Main(_) = session.ends {
            let worker =
                self.kubelets.get_mut(&session.node).and_then(|kubelet| kubelet.worker_mut(&session.uid));
            let found = worker.and_then(|(_, worker)| worker.container_mut(&session.container));
            return match found {
                Some(found) if found.process.is_some() && found.id == session.run => ExecState::Running,
                Some(found) => ExecState::Ended(found.end().map_or(0, |end| end.exit_code) as u8),
                None => ExecState::Gone,
            };
        }
        let Some(machine) = self.machine_of(session) else { return ExecState::Gone };
        // Its parent is outside the container, and asks at once.
        match machine.reap(session.pid) {
            Some((status, _)) => ExecState::Ended(status.code()),
            None => ExecState::Running,
        }
    }
}

/// What a program that is held from outside reads from and writes to.
fn ends(machine: &mut ContainerMachine, stdin: bool, tty: bool) -> (Ends, [Channel; 3]) {
    if tty {
        let terminal = machine.add_terminal(80, 24);
        return (Ends::Terminal(terminal), [Channel::Terminal(terminal); 3]);
    }
    let pipe = stdin.then(|| machine.add_pipe());
    let output = machine.add_output();
    let input = pipe.map_or(Channel::Null, Channel::Pipe);
    let stdio = [input, Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
    (Ends::Pipes(pipe, output), stdio)
}
