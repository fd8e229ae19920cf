//! The system calls: what a running program can ask of its machine.

use std::sync::Arc;

use super::errno::Errno;
use super::files::{Credentials, VolumeId, Volumes};
use super::machine::{Environment, Fd, Handle, Machine, Pid, Process, Status};
use super::program::{ASSUMED, Code, NOT_KNOWN};
use super::signal::{Action, Signal};
use super::tree::Tree;
use super::view::View;
use crate::base::{Date, Random, SimTime};

type Result<T> = std::result::Result<T, Errno>;

/// How many processes a machine has at most: what forks without end must not take everything.
const MOST_PROCESSES: usize = 500;

/// What a read gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Some bytes.
    Bytes(Vec<u8>),
    /// Nothing yet: wait until it is readable.
    Empty,
    /// The end of input.
    End,
}

/// The process group of a new process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// Its parent's.
    #[default]
    Same,
    /// A new one, with its own number.
    New,
    /// An existing one.
    Join(Pid),
}

/// How a new process differs from its parent.
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    /// Its command line; its parent's where none is given.
    pub argv: Option<Arc<[Arc<str>]>>,
    /// Its environment; its parent's where none is given.
    pub env: Option<Environment>,
    /// Descriptors: the child's number, the parent's. All others that do not close on exec are inherited.
    pub fds: Vec<(Fd, Fd)>,
    /// Its process group.
    pub group: Group,
    /// Its group gets the terminal.
    pub foreground: bool,
    /// It is nobody's child.
    pub detached: bool,
}

/// A child that ended or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It ended, and is forgotten.
    Ended(Status),
    /// It was stopped.
    Stopped,
}

/// The system calls of one process, for the time of one step.
pub struct Kernel<'a> {
    pub(super) machine: &'a mut Machine,
    pub(super) volumes: &'a mut Volumes,
    pub(super) pid: Pid,
    pub(super) now: SimTime,
    /// Whether there is a program of this id for this command line.
    loads: Loads,
    /// What begins to run when the step is over: children, and perhaps another program in this process.
    pub(super) begun: Vec<(Pid, Code)>,
}

/// Tells whether a kind of machine has a program of an id for a command line and an environment.
pub(super) type Loads = fn(&str, &[Arc<str>], &Environment) -> bool;

impl<'a> Kernel<'a> {
    pub(super) fn new(
        machine: &'a mut Machine,
        volumes: &'a mut Volumes,
        pid: Pid,
        now: SimTime,
        loads: Loads,
    ) -> Self {
        Self { machine, volumes, pid, now, loads, begun: Vec::new() }
    }

    // Who and when

    /// The time of the simulation.
    pub fn now(&self) -> SimTime {
        self.now
    }
    /// The tree of a volume that is mounted.
    pub fn volume(&self, id: &VolumeId) -> Option<&Tree> {
        self.volumes.get(id).map(|volume| &**volume)
    }
    /// The wall clock.
    pub fn date(&self) -> Date {
        self.machine.date(self.now)
    }
    /// The machine's generator.
    pub fn random(&mut self) -> &mut Random {
        &mut self.machine.random
    }
    /// This process's number.
    pub fn pid(&self) -> Pid {
        self.pid
    }
    /// The whole machine, to look at.
    pub fn machine(&self) -> &Machine {
        self.machine
    }
    /// This process.
    pub fn process(&self) -> &Process {
        &self.machine.processes[&self.pid]
    }
    pub(super) fn process_mut(&mut self) -> &mut Process {
        self.machine.processes.get_mut(&self.pid).expect("a process that runs is there")
    }
    /// The command line.
    pub fn argv(&self) -> Arc<[Arc<str>]> {
        self.process().argv.clone()
    }
    /// The environment.
    pub fn env(&self) -> Environment {
        self.process().env.clone()
    }
    /// The value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<Arc<str>> {
        self.process().variable(name).cloned()
    }
    /// The working directory.
    pub fn cwd(&self) -> Arc<str> {
        self.process().cwd.clone()
    }
    /// Who this process is.
    pub fn credentials(&self) -> Credentials {
        self.process().credentials.clone()
    }
    /// The machine's name.
    pub fn hostname(&self) -> Arc<str> {
        self.machine.hostname.clone()
    }
    /// The permission bits that new files do not get.
    pub fn umask(&self) -> u16 {
        self.process().umask
    }
    /// Sets them.
    pub fn set_umask(&mut self, mask: u16) {
        self.process_mut().umask = mask & 0o777;
    }
    /// The name of a user by `/etc/passwd`.
    pub fn user_name(&mut self, uid: u32) -> Option<String> {
        self.account("/etc/passwd", uid)
    }
    /// The name of a group by `/etc/group`.
    pub fn group_name(&mut self, gid: u32) -> Option<String> {
        self.account("/etc/group", gid)
    }
    fn account(&mut self, file: &str, id: u32) -> Option<String> {
        let text = self.files().read(file).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let id = id.to_string();
        let line = text.lines().find(|line| line.split(':').nth(2) == Some(&id))?;
        line.split(':').next().map(str::to_owned)
    }

    /// Tells that this shell waits for a command, and how the last one ended.
    pub fn prompt(&mut self, status: u8) {
        self.machine.set_prompt(self.now, self.pid, Some(status));
    }
    /// Tells that this shell has got a command.
    pub fn end_prompt(&mut self) {
        self.machine.set_prompt(self.now, self.pid, None);
    }
    /// Counts work against this moment; false when the process should yield.
    pub fn charge(&mut self, units: u32) -> bool {
        self.machine.charge(self.pid, units)
    }

    // Files

    /// The files as this process sees them.
    pub fn files(&mut self) -> View<'_> {
        let date = self.machine.date(self.now);
        let process = &self.machine.processes[&self.pid];
        let view = self.machine.files.view(self.volumes, &process.credentials, &process.cwd, date);
        View { root: &process.root, ..view }
    }
    /// Makes a directory the root of this process and of its children, and where it is.
    ///
    /// # Errors
    /// `OperationNotPermitted` for all but root.
    pub fn change_root(&mut self, path: &str) -> Result<()> {
        let view = self.files();
        if !view.stat(path)?.is_directory() {
            return Err(Errno::NotDirectory);
        }
        let below = view.canonical(path)?;
        let process = self.process_mut();
        if process.credentials.uid != 0 {
            return Err(Errno::NotPermitted);
        }
        process.root = [&process.root, below.trim_end_matches('/')].concat().into();
        process.cwd = "/".into();
        Ok(())
    }
    /// Changes the working directory; `shown` is the path as the shell keeps it, which may lead over links.
    pub fn change_directory(&mut self, shown: &str) -> Result<()> {
        let view = self.files();
        let stat = view.stat(shown)?;
        if !stat.is_directory() {
            return Err(Errno::NotDirectory);
        }
        view.access(shown, 1)?;
        let real = view.canonical(shown)?;
        self.process_mut().cwd = real.into();
        Ok(())
    }

    // Processes

    /// The file that a command's name runs: searched on `PATH` where it has no slash.
    pub fn search(&mut self, path: &str, name: &str) -> Option<String> {
        super::execute::search_path(&self.files(), path, name)
    }

    /// The program in an executable file, and its command line (which a `#!` line changes).
    ///
    /// # Errors
    /// `ExecFormat` for text without a `#!` line, which shells run themselves.
    pub fn load(
        &mut self,
        file: &str,
        argv: &[Arc<str>],
        env: &Environment,
    ) -> Result<(Code, Arc<[Arc<str>]>)> {
        let loads = self.loads;
        super::execute::load(&mut self.files(), file, argv, env, loads)
    }

    /// The program that stands for one that is not found, where nobody knows what the image holds.
    pub fn assumed(&self, name: &str) -> Option<Code> {
        let ports = self.machine.assumed.as_ref()?;
        let mut at = Some(self.pid);
        while let Some(pid) = at {
            if self.machine.init == Some(pid) {
                return Some(Code::Id(format!("{ASSUMED}{name}{ports}").into()));
            }
            at = self.machine.processes.get(&pid).and_then(|process| process.parent);
        }
        Some(Code::Id(NOT_KNOWN.into()))
    }

    /// Starts a child. It takes a moment before it runs.
    pub fn spawn(&mut self, code: Code, spawn: Spawn) -> Pid {
        let pid = self.machine.fresh_pid();
        let ready_at = self.machine.start_at(self.now);
        let parent = self.process();
        let (argv, env) = (parent.argv.clone(), parent.env.clone());
        let mut child = self.machine.new_process(
            self.now,
            spawn.argv.unwrap_or(argv),
            spawn.env.unwrap_or(env),
            parent.cwd.clone(),
            parent.credentials.clone(),
        );
        child.ready_at = ready_at;
        child.parent = (!spawn.detached).then_some(self.pid);
        child.terminal = parent.terminal;
        child.root = parent.root.clone();
        child.umask = parent.umask;
        child.group = match spawn.group {
            Group::Same => parent.group,
            Group::New => pid,
            Group::Join(group) => group,
        };
        child.actions = parent
            .actions
            .iter()
            .filter(|(_, action)| **action == Action::Ignore)
            .map(|(signal, action)| (*signal, *action))
            .collect();
        child.fds =
            parent.fds.iter().filter(|(_, h)| !h.close_on_exec).map(|(fd, handle)| (*fd, *handle)).collect();
        for (fd, own) in spawn.fds {
            if let Some(handle) = parent.fds.get(&own) {
                child.fds.insert(fd, Handle { close_on_exec: false, ..*handle });
            }
        }
        let (opens, group): (Vec<_>, _) =
            (child.fds.values().map(|handle| handle.open).collect(), child.group);
        for open in opens {
            self.machine.use_open(open);
        }
        self.machine.processes.insert(pid, Box::new(child));
        if self.machine.processes.len() > MOST_PROCESSES {
            self.complain("bash: fork: Resource temporarily unavailable\n");
            self.machine.end(self.now, pid, Status::Exited(254));
            return pid;
        }
        self.begun.push((pid, code));
        if spawn.foreground {
            self.set_foreground(group);
        }
        pid
    }

    /// Gives this process a title in place of its command line, as `setproctitle` does.
    pub fn set_title(&mut self, title: &str) {
        self.process_mut().argv = Arc::new([title.into()]);
    }
    /// Makes this process somebody else.
    pub fn become_user(&mut self, who: Credentials) {
        self.process_mut().credentials = who;
    }
    /// Makes a child somebody else: `setuid` before it begins.
    pub fn set_credentials(&mut self, child: Pid, who: Credentials) {
        if let Some(child) = self.machine.processes.get_mut(&child) {
            child.credentials = who;
        }
    }
    /// Gives out as many numbers as a script's short programs take that are not run one by one.
    pub fn skip_pids(&mut self, count: u32) {
        self.machine.skip_pids(Pid(self.machine.next_pid().0 + count));
    }

    /// Turns this process into another program, which starts when the step is over.
    pub fn replace(&mut self, code: Code, argv: Arc<[Arc<str>]>, env: Environment) {
        self.begun.push((self.pid, code));
        let process = self.process_mut();
        process.argv = argv;
        process.env = env;
        process.actions.retain(|_, action| *action == Action::Ignore);
        process.pending.clear();
        let closing: Vec<Fd> =
            process.fds.iter().filter(|(_, handle)| handle.close_on_exec).map(|(fd, _)| *fd).collect();
        for fd in closing {
            self.close(fd).ok();
        }
    }

    /// Asks after a child: none while it runs on. One that ended is forgotten.
    ///
    /// # Errors
    /// `NoChild` where it is not this process's child.
    pub fn poll_child(&mut self, pid: Pid) -> Result<Option<Change>> {
        let own = self.pid;
        let child = self.machine.processes.get_mut(&pid).filter(|child| child.parent == Some(own));
        let child = child.ok_or(Errno::NoChild)?;
        if let Some((status, _)) = child.ended {
            self.machine.processes.remove(&pid);
            return Ok(Some(Change::Ended(status)));
        }
        Ok(std::mem::take(&mut child.stop_untold).then_some(Change::Stopped))
    }

    /// Forgets children that ended and that this process inherited from others.
    pub fn reap_adopted(&mut self) {
        let own = Some(self.pid);
        self.machine.processes.retain(|_, p| p.parent != own || !p.adopted || p.ended.is_none());
    }

    /// When a process ended that nobody has asked after.
    pub fn ended_at(&self, pid: Pid) -> Option<SimTime> {
        self.machine.processes.get(&pid)?.ended.map(|(_, time)| time)
    }

    /// The children of this process, also those that ended and were not asked after.
    pub fn children(&self) -> Vec<Pid> {
        let own = Some(self.pid);
        self.machine.processes.iter().filter(|(_, p)| p.parent == own).map(|(pid, _)| *pid).collect()
    }

    /// Sends a signal to a process.
    pub fn kill(&mut self, pid: Pid, signal: Option<Signal>) -> Result<()> {
        let process = self.machine.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let who = &self.process().credentials;
        if who.uid != 0 && who.uid != process.credentials.uid {
            return Err(Errno::NotPermitted);
        }
        if let Some(signal) = signal {
            self.machine.deliver(self.now, pid, signal, false);
        }
        Ok(())
    }
    /// Sends a signal to a process group.
    pub fn kill_group(&mut self, group: Pid, signal: Option<Signal>) -> Result<()> {
        let found = match signal {
            Some(signal) => self.machine.signal_group(self.now, group, signal),
            None => self.machine.processes.values().any(|process| process.group == group),
        };
        if found { Ok(()) } else { Err(Errno::NoProcess) }
    }
    /// True where this process was ended by something it did itself in this step.
    pub fn is_dead(&self) -> bool {
        self.process().ended.is_some()
    }

    /// Puts this process into another group.
    pub fn set_group(&mut self, group: Pid) {
        self.process_mut().group = group;
    }

    /// Says what this process does about a signal.
    pub fn on_signal(&mut self, signal: Signal, action: Action) {
        let process = self.process_mut();
        if action == Action::Default {
            process.actions.remove(&signal);
        } else {
            process.actions.insert(signal, action);
        }
    }
    /// What this process does about a signal.
    pub fn action(&self, signal: Signal) -> Action {
        self.process().actions.get(&signal).copied().unwrap_or_default()
    }
    /// The next signal that came and is caught.
    pub fn take_signal(&mut self) -> Option<Signal> {
        self.process_mut().pending.pop_front()
    }
}
