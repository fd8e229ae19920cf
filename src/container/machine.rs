//! A machine: files, processes, pipes and terminals, on virtual time. The learner's host is one, each container another.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::errno::Errno;
use super::files::{Credentials, Files, Volumes};
use super::kernel::Loads;
pub use super::process::*;
use super::processor::{self, Processor};
use super::program::{Code, NOT_KNOWN, Step};
use super::signal::{Action, Effect, Signal};
use super::terminal::{Chunk, Output, Terminal, Typed};
use super::tree::Device;
use crate::base::{Date, Random, SimTime};
use crate::network::namespace::Namespace;
use crate::network::packet::SocketId;

/// How many units of work a process does at one moment before time must pass.
pub(super) const SLICE: u32 = 1_000;
/// What calling [`super::Program::step`] costs of it.
const STEP_COST: u32 = 10;
/// How long starting a program takes.
const START_TIME: Duration = Duration::from_millis(1);
/// What each start of a process adds to a machine's rush, which time takes away, and how much of it there may be. One too
/// many waits as long: a loop that never sleeps costs little.
const START_RUSH: Duration = Duration::from_millis(40);
const MOST_RUSH: Duration = Duration::from_secs(24);

/// Files, processes, pipes and terminals: one host or one container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    /// What it sees as its files.
    pub files: Files,
    /// Its host name.
    pub hostname: Arc<str>,
    /// What the wall clock says at [`SimTime::ZERO`].
    pub epoch: Date,
    /// All processes, also those that have ended and whose parent has not asked.
    pub processes: BTreeMap<Pid, Box<Process>>,
    /// The process whose end is everyone's end: a container's main one. Unless the namespace is another's, signals reach it
    /// only where it catches them, and it gets the children of those that end. A host has none.
    pub init: Option<Pid>,
    /// True where its process namespace is that of a Pod or of another container.
    pub joined: bool,
    /// Nobody knows what its image holds: programs that are not found are taken to be there. What its manifest says of its
    /// ports, each on a line that begins with a line's end: `80/TCP`.
    pub assumed: Option<Arc<str>>,
    /// What it takes of its node's processors.
    pub processor: Processor,
    /// What its root may do, a bit for each of Linux's capabilities.
    pub capabilities: u64,
    /// Its network. Whoever runs several machines in one network namespace puts that here for the time of a run.
    pub net: Namespace,
    /// The sockets that listen at paths.
    pub(super) paths: BTreeMap<Arc<str>, SocketId>,
    /// Sockets that nobody holds any more and that are to be closed when the network is here.
    pub(super) closing: Vec<SocketId>,
    /// What its random numbers began with: it tells the machine from others.
    pub(super) seed: u64,
    pub(super) random: Random,
    pub(super) opens: BTreeMap<OpenId, Shared>,
    pub(super) pipes: BTreeMap<PipeId, Pipe>,
    pub(super) terminals: BTreeMap<TerminalId, Terminal>,
    pub(super) outputs: BTreeMap<OutputId, Output>,
    pub(super) next_pid: u32,
    next_id: u32,
    rush: (Duration, SimTime),
}

impl Machine {
    /// A machine on which nothing runs. The first process gets the number `first_pid`; a container's is 1 and its init.
    pub fn new(files: Files, hostname: &str, epoch: Date, seed: u64, first_pid: u32) -> Self {
        Self {
            files,
            hostname: hostname.into(),
            epoch,
            processes: BTreeMap::new(),
            init: (first_pid == 1).then_some(Pid(1)),
            joined: false,
            assumed: None,
            processor: Processor::default(),
            capabilities: (1 << 41) - 1,
            net: Namespace::default(),
            paths: BTreeMap::new(),
            closing: Vec::new(),
            seed,
            random: Random::from_seed(seed),
            opens: BTreeMap::new(),
            pipes: BTreeMap::new(),
            terminals: BTreeMap::new(),
            outputs: BTreeMap::new(),
            next_pid: first_pid,
            next_id: 1,
            rush: (Duration::ZERO, SimTime::ZERO),
        }
    }

    /// The wall clock at a moment.
    pub fn date(&self, now: SimTime) -> Date {
        Date(self.epoch.0 + now.as_secs() as i64)
    }

    fn fresh(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// When a process begins to run that is started now.
    pub(super) fn start_at(&mut self, now: SimTime) -> SimTime {
        self.processor.spend(processor::START);
        let (rush, since) = self.rush;
        let rush = rush.saturating_sub(now.since(since)) + START_RUSH;
        self.rush = (rush.min(MOST_RUSH), now);
        now + if rush > MOST_RUSH { START_RUSH } else { START_TIME }
    }

    pub(super) fn fresh_pid(&mut self) -> Pid {
        self.next_pid += 1;
        Pid(self.next_pid - 1)
    }

    // Open files

    pub(super) fn add_open(&mut self, open: Open) -> OpenId {
        match open {
            Open::Reader(pipe) => self.pipes.entry(pipe).or_default().readers += 1,
            Open::Writer(pipe) => self.pipes.entry(pipe).or_default().writers += 1,
            _ => {}
        }
        let id = OpenId(self.fresh());
        self.opens.insert(id, Shared { open, users: 0 });
        id
    }

    pub(super) fn use_open(&mut self, id: OpenId) {
        if let Some(shared) = self.opens.get_mut(&id) {
            shared.users += 1;
        }
    }

    pub(super) fn drop_open(&mut self, id: OpenId) {
        let Some(shared) = self.opens.get_mut(&id) else { return };
        shared.users = shared.users.saturating_sub(1);
        if shared.users > 0 {
            return;
        }
        match self.opens.remove(&id).map(|shared| shared.open) {
            Some(Open::Reader(pipe)) => self.leave_pipe(pipe, 1, 0),
            Some(Open::Writer(pipe)) => self.leave_pipe(pipe, 0, 1),
            Some(Open::Socket(socket)) => self.closing.push(socket),
            _ => {}
        }
    }

    fn leave_pipe(&mut self, id: PipeId, readers: u32, writers: u32) {
        let Some(pipe) = self.pipes.get_mut(&id) else { return };
        pipe.readers = pipe.readers.saturating_sub(readers);
        pipe.writers = pipe.writers.saturating_sub(writers);
        if pipe.readers == 0 && pipe.writers == 0 {
            self.pipes.remove(&id);
        }
    }

    pub(super) fn new_pipe(&mut self) -> PipeId {
        PipeId(self.fresh())
    }

    // Sockets

    /// Closes the sockets that nobody holds any more.
    pub(super) fn close_sockets(&mut self) {
        for socket in std::mem::take(&mut self.closing) {
            self.net.close(socket);
            self.paths.retain(|_, listener| *listener != socket);
        }
    }

    /// The process that holds a socket.
    pub fn holder(&self, socket: SocketId) -> Option<Pid> {
        let open = self.opens.iter().find(|(_, shared)| shared.open == Open::Socket(socket))?.0;
        let holds = |process: &Process| process.fds.values().any(|handle| handle.open == *open);
        self.processes.iter().find(|(_, process)| holds(process)).map(|(pid, _)| *pid)
    }

    // The other ends, for whoever runs the machine

    /// A pipe to be some process's standard input, whose writing end stays outside.
    pub fn add_pipe(&mut self) -> PipeId {
        let id = self.new_pipe();
        self.pipes.insert(id, Pipe { writers: 1, ..Pipe::default() });
        id
    }
    /// Puts bytes into a pipe of [`Machine::add_pipe`]. False where nobody can read them any more.
    pub fn feed(&mut self, pipe: PipeId, bytes: &[u8]) -> bool {
        match self.pipes.get_mut(&pipe) {
            Some(pipe) if pipe.readers > 0 => {
                pipe.bytes.extend(bytes);
                true
            }
            _ => false,
        }
    }
    /// Bytes in a pipe that nobody has read.
    pub fn unread(&self, pipe: PipeId) -> usize {
        self.pipes.get(&pipe).map_or(0, |pipe| pipe.bytes.len())
    }
    /// Closes the outer end of a pipe: its reader finds the end of input.
    pub fn finish(&mut self, pipe: PipeId) {
        self.leave_pipe(pipe, 0, 1);
    }
    /// A place for output that is taken with [`Machine::take_output`].
    pub fn add_output(&mut self) -> OutputId {
        let id = OutputId(self.fresh());
        self.outputs.insert(id, Output::default());
        id
    }
    /// What was written since it was last taken.
    pub fn take_output(&mut self, id: OutputId) -> Vec<Chunk> {
        self.outputs.get_mut(&id).map(Output::take).unwrap_or_default()
    }
    /// Forgets an output; what is still written there is lost.
    pub fn drop_output(&mut self, id: OutputId) {
        self.outputs.remove(&id);
    }
    /// A terminal with so many columns and rows.
    pub fn add_terminal(&mut self, columns: u16, rows: u16) -> TerminalId {
        let id = TerminalId(self.fresh());
        self.terminals.insert(id, Terminal::new(columns, rows));
        id
    }
    /// A terminal, to look at.
    pub fn terminal(&self, id: TerminalId) -> Option<&Terminal> {
        self.terminals.get(&id)
    }
    /// What a terminal shows since it was last taken, echo included.
    pub fn take_screen(&mut self, id: TerminalId) -> Vec<Chunk> {
        self.terminals.get_mut(&id).map(|terminal| terminal.output.take()).unwrap_or_default()
    }
    /// Types bytes into a terminal: text, `\n` for Enter, 3 for Ctrl-C, 4 for Ctrl-D, 127 for Backspace.
    pub fn type_in(&mut self, now: SimTime, id: TerminalId, bytes: &[u8]) {
        let Some(terminal) = self.terminals.get_mut(&id) else { return };
        let group = terminal.foreground;
        for Typed::Signal(signal) in terminal.type_in(now, bytes) {
            self.signal_group(now, group, signal);
        }
    }
    /// Sets a terminal's size and tells the foreground group.
    pub fn resize(&mut self, now: SimTime, id: TerminalId, columns: u16, rows: u16) {
        let Some(terminal) = self.terminals.get_mut(&id) else { return };
        if terminal.size != (columns, rows) {
            terminal.size = (columns, rows);
            let group = terminal.foreground;
            self.signal_group(now, group, Signal::WINCH);
        }
    }
    /// Takes the terminal away from those who use it: they get `SIGHUP` and the end of input.
    pub fn hang_up(&mut self, now: SimTime, id: TerminalId) {
        let Some(terminal) = self.terminals.get_mut(&id) else { return };
        terminal.hung_up = true;
        let users: Vec<Pid> =
            self.processes.iter().filter(|(_, p)| p.terminal == Some(id)).map(|(pid, _)| *pid).collect();
        for pid in users {
            self.kill(now, pid, Signal::HUP);
        }
    }
    /// The process that reads from a terminal or pipe and waits for input, if one does.
    pub fn reader_of(&self, channel: Channel) -> Option<Pid> {
        let leads_there = |fd: &Fd, process: &Process| {
            let open = process.fds.get(fd).and_then(|handle| self.opens.get(&handle.open)).map(|s| &s.open);
            match (open, channel) {
                (Some(Open::Terminal(id)), Channel::Terminal(wanted)) => {
                    *id == wanted && self.terminals[id].foreground == process.group
                }
                (Some(Open::Reader(id)), Channel::Pipe(wanted)) => *id == wanted,
                _ => false,
            }
        };
        self.processes.iter().find_map(|(pid, process)| {
            let wait = process.wait.as_ref()?;
            (process.is_running() && wait.readable.iter().any(|fd| leads_there(fd, process))).then_some(*pid)
        })
    }

    /// The process that waits for input from a terminal or pipe, where all that has come has been read; and how long it
    /// is to be given before more is typed: no time where it waits for nothing else.
    pub fn hungry_reader_of(&self, channel: Channel) -> Option<(Pid, Duration)> {
        let empty = match channel {
            Channel::Pipe(id) => self.pipes.get(&id)?.bytes.is_empty() && self.pipes.get(&id)?.writers > 0,
            Channel::Terminal(id) => !self.terminals.get(&id)?.has_input(),
            _ => false,
        };
        let pid = self.reader_of(channel).filter(|_| empty)?;
        let wait = self.processes.get(&pid)?.wait.as_ref()?;
        let alone = wait.readable.len() == 1 && wait.until.is_none();
        Some((pid, Duration::from_secs(if alone { 0 } else { 5 })))
    }

    // Processes

    /// Starts a process from outside: a container's PID 1, `kubectl exec`, the learner's shell.
    ///
    /// # Errors
    /// Where there is no such program, as the container runtime tells it.
    pub(super) fn start(
        &mut self,
        now: SimTime,
        volumes: &mut Volumes,
        start: Start,
        loads: Loads,
    ) -> Result<(Pid, Code), StartError> {
        if self.files.root.find(&start.cwd).is_none() {
            self.files.root.add_directory(&start.cwd, 0o755);
        }
        let name = start.argv.first().cloned().unwrap_or_default();
        let date = self.date(now);
        let variable =
            |name: &str| start.env.iter().find(|(n, _)| **n == *name).map(|(_, value)| value.to_string());
        let path = variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let assumes = self.assumed.is_some() && self.runs();
        let mut view = self.files.view(volumes, &start.credentials, &start.cwd, date);
        let found = super::execute::search_path(&view, &path, &name);
        let missing = found.is_none() && !view.exists(&name);
        let (code, argv) = match found {
            Some(file) => super::execute::load(&mut view, &file, &start.argv, &start.env, loads)
                .map_err(|errno| StartError::Path(name, errno))?,
            // Beside a main program that nobody knows, what is not found is one more such.
            None if missing && assumes => (Code::Id(NOT_KNOWN.into()), start.argv.clone().into()),
            None if name.contains('/') => {
                let errno = match view.stat(&name) {
                    Ok(_) => Errno::PermissionDenied,
                    Err(errno) => errno,
                };
                return Err(StartError::Path(name, errno));
            }
            None => return Err(StartError::NotOnPath(name)),
        };
        let pid = self.fresh_pid();
        let terminal = start.stdio.iter().find_map(|channel| match channel {
            Channel::Terminal(id) => Some(*id),
            _ => None,
        });
        let mut process = self.new_process(now, argv, start.env, start.cwd, start.credentials);
        process.group = pid;
        process.terminal = terminal;
        for (fd, channel) in (0..).zip(start.stdio) {
            let open = self.add_open(match channel {
                Channel::Null => Open::Device(Device::Null),
                Channel::Pipe(pipe) => Open::Reader(pipe),
                Channel::Output(output, stream) => Open::Output(output, stream),
                Channel::Terminal(terminal) => Open::Terminal(terminal),
            });
            self.use_open(open);
            process.fds.insert(fd, Handle { open, close_on_exec: false });
        }
        if let Some(terminal) = terminal.and_then(|id| self.terminals.get_mut(&id)) {
            terminal.foreground = pid;
        }
        self.processes.insert(pid, Box::new(process));
        Ok((pid, code))
    }

    /// Whether the process whose end is everyone's end is there.
    fn runs(&self) -> bool {
        self.init.is_some_and(|init| self.processes.contains_key(&init))
    }

    pub(super) fn new_process(
        &self,
        now: SimTime,
        argv: Arc<[Arc<str>]>,
        env: Environment,
        cwd: Arc<str>,
        credentials: Credentials,
    ) -> Process {
        Process {
            parent: Some(Pid(0)),
            group: Pid(0),
            argv,
            env,
            cwd,
            root: Arc::default(),
            credentials,
            started: now,
            terminal: None,
            prompt: None,
            ended: None,
            foreign: false,
            umask: 0o022,
            fds: BTreeMap::new(),
            actions: BTreeMap::new(),
            pending: VecDeque::new(),
            stopped: false,
            stop_untold: false,
            adopted: false,
            child_event: false,
            blocked_on: None,
            prompts: 0,
            wait: None,
            world_seen: 0,
            exiting: None,
            ready_at: now + START_TIME,
            ran_at: now,
            used: 0,
            busy: 0,
            load: (0, now),
        }
    }

    /// How a process ended; none while it runs. One that is not known has been asked for before.
    pub fn status(&self, pid: Pid) -> Option<Status> {
        self.processes.get(&pid)?.ended.map(|(status, _)| status)
    }
    /// How and when a process ended, which is then forgotten.
    pub fn reap(&mut self, pid: Pid) -> Option<(Status, SimTime)> {
        let ended = self.processes.get(&pid)?.ended?;
        self.processes.remove(&pid);
        Some(ended)
    }
    /// True while any process runs.
    pub fn is_running(&self) -> bool {
        self.processes.values().any(|process| process.is_running())
    }
    /// Sends a signal from outside: `KILL` ends even PID 1.
    pub fn kill(&mut self, now: SimTime, pid: Pid, signal: Signal) {
        self.deliver(now, pid, signal, true);
    }

    pub(super) fn signal_group(&mut self, now: SimTime, group: Pid, signal: Signal) -> bool {
        let members: Vec<Pid> = self
            .processes
            .iter()
            .filter(|(_, process)| process.group == group && process.is_running())
            .map(|(pid, _)| *pid)
            .collect();
        for pid in &members {
            self.deliver(now, *pid, signal, false);
        }
        !members.is_empty()
    }

    pub(super) fn deliver(&mut self, now: SimTime, pid: Pid, signal: Signal, outside: bool) {
        let init = self.init == Some(pid) && !self.joined;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if !process.is_running() {
            return;
        }
        if process.foreign {
            return process.pending.push_back(signal);
        }
        if signal == Signal::CONT || signal == Signal::KILL {
            process.stopped = false;
        }
        if signal == Signal::KILL || signal == Signal::STOP {
            return match (init && !outside, signal) {
                (true, _) => {}
                (false, Signal::KILL) => self.end(now, pid, Status::Signaled(signal)),
                (false, _) => self.stop(pid),
            };
        }
        match process.actions.get(&signal).copied().unwrap_or_default() {
            Action::Ignore => {}
            Action::Catch => {
                if !process.pending.contains(&signal) {
                    process.pending.push_back(signal);
                }
            }
            Action::Default if init => {}
            Action::Default => match signal.effect() {
                Effect::End => self.end(now, pid, Status::Signaled(signal)),
                Effect::Stop => self.stop(pid),
                Effect::Nothing | Effect::Continue => {}
            },
        }
    }

    fn stop(&mut self, pid: Pid) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.stopped = true;
        process.stop_untold = true;
        if let Some(parent) = process.parent.and_then(|parent| self.processes.get_mut(&parent)) {
            parent.child_event = true;
        }
    }

    /// Ends a process: its files close, its children go to init, its parent is told.
    pub(super) fn end(&mut self, now: SimTime, pid: Pid, status: Status) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if process.ended.is_some() {
            return;
        }
        self.processor.spend(process.load_time(now));
        process.ended = Some((status, now));
        process.wait = None;
        process.stopped = false;
        process.prompt = None;
        let (parent, group, terminal) = (process.parent, process.group, process.terminal);
        let handles = std::mem::take(&mut process.fds);
        for handle in handles.into_values() {
            self.drop_open(handle.open);
        }
        let heir = self.init.filter(|init| *init != pid && !self.joined);
        for process in self.processes.values_mut().filter(|process| process.parent == Some(pid)) {
            process.parent = heir;
            process.adopted = true;
        }
        if self.init == Some(pid) {
            let own = self.processes.iter().filter(|(other, process)| **other != pid && !process.foreign);
            for other in own.map(|(other, _)| *other).collect::<Vec<Pid>>() {
                self.end(now, other, Status::Signaled(Signal::KILL));
            }
        }
        if let Some(parent) = parent
            && let Some(process) = self.processes.get_mut(&parent)
        {
            process.child_event = true;
            self.deliver(now, parent, Signal::CHLD, false);
        }
        // The end of the process that leads a terminal's session hangs up on the one in the foreground.
        if parent == Some(Pid(0))
            && group == pid
            && let Some(terminal) = terminal.and_then(|id| self.terminals.get(&id))
        {
            let foreground = terminal.foreground;
            if foreground != pid {
                self.signal_group(now, foreground, Signal::HUP);
            }
        }
    }

    // Time

    /// When the next process is due by itself.
    pub(super) fn next_due(&self, now: SimTime) -> Option<SimTime> {
        let due = |process: &Process| {
            if process.ended.is_some() || process.stopped || process.foreign || self.is_blocked(process) {
                return None;
            }
            match &process.wait {
                None => Some(process.ready_at),
                Some(_) if process.ready_at > now => Some(process.ready_at),
                Some(wait) => wait.until.map(|until| until.max(process.ready_at)),
            }
        };
        self.processes.values().filter_map(|process| due(process)).min()
    }

    /// True while the pipe that a process writes to is full.
    fn is_blocked(&self, process: &Process) -> bool {
        let pipe = process.blocked_on.and_then(|id| self.pipes.get(&id));
        pipe.is_some_and(|pipe| pipe.bytes.len() > PIPE_CAPACITY && pipe.readers > 0)
    }

    /// The next process after one, up to the last one, that can go on.
    pub(super) fn next_that_can(
        &self,
        after: Option<Pid>,
        last: Option<Pid>,
        now: SimTime,
        revision: u64,
    ) -> Option<Pid> {
        let (after, last) = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Included(last?));
        let mut left = self.processes.range((after, last));
        left.find(|(_, process)| self.can_go_on(process, now, revision)).map(|(pid, _)| *pid)
    }

    fn can_go_on(&self, process: &Process, now: SimTime, revision: u64) -> bool {
        if process.ended.is_some() || process.stopped || process.foreign || process.ready_at > now {
            return false;
        }
        if self.is_blocked(process) {
            return false;
        }
        let Some(wait) = &process.wait else { return true };
        !process.pending.is_empty()
            || wait.until.is_some_and(|until| until <= now)
            || (wait.children && process.child_event)
            || (wait.world && revision != process.world_seen)
            || wait.readable.iter().any(|fd| self.is_readable(process, *fd))
    }

    pub(super) fn is_readable(&self, process: &Process, fd: Fd) -> bool {
        let Some(shared) = process.fds.get(&fd).and_then(|handle| self.opens.get(&handle.open)) else {
            return true;
        };
        match &shared.open {
            Open::Reader(id) => {
                self.pipes.get(id).is_none_or(|pipe| !pipe.bytes.is_empty() || pipe.writers == 0)
            }
            Open::Socket(id) => self.net.is_readable(*id),
            Open::Terminal(id) => self.terminals.get(id).is_none_or(|terminal| {
                terminal.hung_up || (terminal.has_input() && terminal.foreground == process.group)
            }),
            _ => true,
        }
    }

    /// Before a step. False where the process has nothing left to do but to end.
    pub(super) fn begin_step(&mut self, pid: Pid, now: SimTime, revision: u64) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        if let Some(status) = process.exiting {
            self.end(now, pid, status);
            return false;
        }
        if now > process.ran_at {
            if now > process.ready_at {
                process.busy = 0;
            }
            self.processor.spend(process.work_time(now));
            process.used = 0;
            process.ran_at = now;
        }
        process.used += STEP_COST;
        process.child_event = false;
        process.blocked_on = None;
        process.world_seen = revision;
        true
    }

    /// After a step that ended like this. False where the process has ended.
    pub(super) fn end_step(&mut self, pid: Pid, now: SimTime, step: Step, replaced: bool) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        if process.ended.is_some() {
            return false;
        }
        process.wait = None;
        match step {
            _ if replaced => process.ready_at = now + START_TIME,
            Step::Exit(code) if process.blocked_on.is_some() => process.exiting = Some(Status::Exited(code)),
            Step::Exit(code) => {
                self.end(now, pid, Status::Exited(code));
                return false;
            }
            Step::Wait(wait) => process.wait = Some(wait),
            Step::Yield => {}
        }
        if process.used >= SLICE && process.ready_at <= now {
            // A process that stays busy gets longer and longer pauses: an endless loop costs little for its hours.
            process.ready_at = now + Duration::from_millis(1 << (process.busy / 50).min(10));
            process.busy = process.busy.saturating_add(1);
        }
        true
    }

    /// Adds to the work a process has done at this moment; false when it should pause.
    pub(super) fn charge(&mut self, pid: Pid, units: u32) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        process.used = process.used.saturating_add(units);
        process.used < SLICE
    }

    pub(super) fn set_prompt(&mut self, now: SimTime, pid: Pid, status: Option<u8>) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.prompt = status.map(|status| {
            process.prompts += 1;
            Prompt { status, since: now, number: process.prompts }
        });
    }
}

/// Where programs are searched when `PATH` is not set.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
