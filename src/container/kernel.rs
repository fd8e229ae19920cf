//! The system calls: what a running program can ask of its machine.

use std::sync::Arc;

use super::errno::Errno;
use super::files::{Credentials, How, View, Volumes};
use super::machine::{
    Environment, Fd, Handle, Machine, Open, PIPE_CAPACITY, Pid, Process, Status, TerminalId,
};
use super::program::Program;
use super::signal::{Action, Signal};
use super::terminal::Terminal;
use super::tree::{Content, Device, Kind};
use crate::base::{Date, Random, SimTime};

type Result<T> = std::result::Result<T, Errno>;

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
pub struct Kernel<'a, P> {
    machine: &'a mut Machine<P>,
    volumes: &'a mut Volumes,
    pid: Pid,
    now: SimTime,
    replacement: Option<P>,
}

impl<'a, P: Program> Kernel<'a, P> {
    pub(super) fn new(machine: &'a mut Machine<P>, volumes: &'a mut Volumes, pid: Pid, now: SimTime) -> Self {
        Self { machine, volumes, pid, now, replacement: None }
    }

    pub(super) fn take_replacement(&mut self) -> Option<P> {
        self.replacement.take()
    }

    // Who and when

    /// The time of the simulation.
    pub fn now(&self) -> SimTime {
        self.now
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
    pub fn machine(&self) -> &Machine<P> {
        self.machine
    }
    /// This process.
    pub fn process(&self) -> &Process<P> {
        &self.machine.processes[&self.pid]
    }
    fn process_mut(&mut self) -> &mut Process<P> {
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
        self.machine.files.view(self.volumes, &process.credentials, &process.cwd, date)
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

    // Descriptors

    fn open_of(&self, fd: Fd) -> Result<&Open> {
        let handle = self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        self.machine.opens.get(&handle.open).map(|shared| &shared.open).ok_or(Errno::BadDescriptor)
    }

    fn install(&mut self, fd: Option<Fd>, open: Open, close_on_exec: bool) -> Fd {
        let id = self.machine.add_open(open);
        self.machine.use_open(id);
        let fd = fd.unwrap_or_else(|| self.free_fd(0));
        self.close(fd).ok();
        self.process_mut().fds.insert(fd, Handle { open: id, close_on_exec });
        fd
    }

    fn free_fd(&self, from: Fd) -> Fd {
        (from..).find(|fd| !self.process().fds.contains_key(fd)).unwrap_or(from)
    }

    /// Opens a file under the lowest free number.
    pub fn open(&mut self, path: &str, how: How) -> Result<Fd> {
        let open = self.open_path(path, how)?;
        if let Err(fd) = open {
            return self.duplicate(fd, 0);
        }
        Ok(self.install(None, open.unwrap_or(Open::Device(Device::Null)), false))
    }

    /// What a path opens to, or the descriptor it is another name for.
    fn open_path(&mut self, path: &str, how: How) -> Result<std::result::Result<Open, Fd>> {
        if let Some(fd) = path.strip_prefix("/dev/fd/").and_then(|fd| fd.parse().ok()) {
            return Ok(Err(fd));
        }
        let umask = self.umask();
        let terminal = self.process().terminal;
        let mut view = self.files();
        let how = How { create: how.create.map(|mode| mode & !umask), ..how };
        let place = view.open(path, how)?;
        let open = match view.content_at(&place)? {
            Content::Device(Device::Descriptor(fd)) => return Ok(Err(*fd)),
            Content::Device(Device::Terminal) => Open::Terminal(terminal.ok_or(Errno::NotFound)?),
            Content::Device(device) => Open::Device(*device),
            Content::Socket => return Err(Errno::NotFound),
            _ => Open::File {
                place,
                path: path.into(),
                offset: 0,
                read: how.read,
                write: how.write,
                append: how.append,
            },
        };
        Ok(Ok(open))
    }

    /// A new pipe: the reading and the writing end. Children do not inherit them unless told.
    pub fn pipe(&mut self) -> (Fd, Fd) {
        let id = self.machine.new_pipe();
        let reader = self.install(None, Open::Reader(id), true);
        let writer = self.install(None, Open::Writer(id), true);
        (reader, writer)
    }

    /// A descriptor that reads these bytes: a here-document.
    pub fn open_bytes(&mut self, bytes: &[u8]) -> Fd {
        let (reader, writer) = self.pipe();
        if let Ok(Open::Writer(id)) = self.open_of(writer) {
            let id = *id;
            if let Some(pipe) = self.machine.pipes.get_mut(&id) {
                pipe.bytes.extend(bytes);
            }
        }
        self.close(writer).ok();
        reader
    }

    /// Closes a descriptor.
    pub fn close(&mut self, fd: Fd) -> Result<()> {
        let handle = self.process_mut().fds.remove(&fd).ok_or(Errno::BadDescriptor)?;
        self.machine.drop_open(handle.open);
        Ok(())
    }

    /// Another number, from `lowest` on, for the same open file.
    pub fn duplicate(&mut self, fd: Fd, lowest: Fd) -> Result<Fd> {
        let handle = *self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        let new = self.free_fd(lowest);
        self.machine.use_open(handle.open);
        self.process_mut().fds.insert(new, Handle { close_on_exec: false, ..handle });
        Ok(new)
    }

    /// Makes `new` the same open file as `fd`; what `new` was is closed.
    pub fn duplicate_to(&mut self, fd: Fd, new: Fd) -> Result<()> {
        let handle = *self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        if fd != new {
            self.machine.use_open(handle.open);
            self.close(new).ok();
        }
        self.process_mut().fds.insert(new, Handle { close_on_exec: false, ..handle });
        Ok(())
    }

    /// Children do not inherit this one.
    pub fn set_close_on_exec(&mut self, fd: Fd) {
        if let Some(handle) = self.process_mut().fds.get_mut(&fd) {
            handle.close_on_exec = true;
        }
    }

    /// True where a descriptor is open.
    pub fn is_open(&self, fd: Fd) -> bool {
        self.process().fds.contains_key(&fd)
    }

    /// The terminal behind a descriptor.
    pub fn terminal_of(&self, fd: Fd) -> Option<TerminalId> {
        match self.open_of(fd) {
            Ok(Open::Terminal(id)) => Some(*id),
            _ => None,
        }
    }
    /// True where a descriptor leads to a terminal.
    pub fn is_terminal(&self, fd: Fd) -> bool {
        self.terminal_of(fd).is_some()
    }
    /// The terminal behind a descriptor, to look at.
    pub fn terminal(&self, fd: Fd) -> Option<&Terminal> {
        self.machine.terminals.get(&self.terminal_of(fd)?)
    }
    /// Switches the terminal behind a descriptor between lines and raw bytes.
    pub fn set_raw(&mut self, fd: Fd, raw: bool) -> Result<()> {
        let id = self.terminal_of(fd).ok_or(Errno::NotTerminal)?;
        if let Some(terminal) = self.machine.terminals.get_mut(&id) {
            terminal.raw = raw;
        }
        Ok(())
    }
    /// Gives this process's terminal to a process group.
    pub fn set_foreground(&mut self, group: Pid) {
        if let Some(id) = self.process().terminal
            && let Some(terminal) = self.machine.terminals.get_mut(&id)
        {
            terminal.foreground = group;
        }
    }
    /// What is behind a descriptor, as `stat` would name it.
    pub fn kind_of(&mut self, fd: Fd) -> Result<Kind> {
        Ok(match self.open_of(fd)? {
            Open::File { place, .. } => {
                let place = place.clone();
                self.files().stat_place(&place)?.kind
            }
            Open::Reader(_) | Open::Writer(_) | Open::Output(..) => Kind::Pipe,
            Open::Terminal(_) | Open::Device(_) => Kind::Device,
        })
    }
    /// The path and position of an open regular file.
    pub fn position(&self, fd: Fd) -> Option<(Arc<str>, u64)> {
        match self.open_of(fd) {
            Ok(Open::File { path, offset, .. }) => Some((path.clone(), *offset)),
            _ => None,
        }
    }
    /// Where an open regular file is, whatever its name by now.
    pub fn place_of(&self, fd: Fd) -> Option<&super::files::Place> {
        match self.open_of(fd) {
            Ok(Open::File { place, .. }) => Some(place),
            _ => None,
        }
    }
    /// Sets the position of an open regular file.
    pub fn seek(&mut self, fd: Fd, to: u64) -> Result<()> {
        let handle = *self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        match self.machine.opens.get_mut(&handle.open).map(|shared| &mut shared.open) {
            Some(Open::File { offset, .. }) => {
                *offset = to;
                Ok(())
            }
            _ => Err(Errno::NotSeekable),
        }
    }

    /// Up to `max` bytes.
    pub fn read(&mut self, fd: Fd, max: usize) -> Result<Data> {
        let open = self.open_of(fd)?.clone();
        match open {
            Open::File { place, offset, read, .. } => {
                if !read {
                    return Err(Errno::BadDescriptor);
                }
                let view = self.files();
                let bytes = match view.content_at(&place) {
                    Ok(Content::File(bytes)) => {
                        let from = (offset as usize).min(bytes.len());
                        bytes[from..bytes.len().min(from.saturating_add(max))].to_vec()
                    }
                    Ok(Content::Directory { .. }) => return Err(Errno::IsDirectory),
                    _ => Vec::new(),
                };
                self.seek(fd, offset + bytes.len() as u64)?;
                Ok(if bytes.is_empty() { Data::End } else { Data::Bytes(bytes) })
            }
            Open::Device(Device::Zero | Device::Full) => Ok(Data::Bytes(vec![0; max])),
            Open::Device(Device::Random) => {
                let random = self.random();
                Ok(Data::Bytes((0..max).map(|_| random.below(256) as u8).collect()))
            }
            Open::Device(_) => Ok(Data::End),
            Open::Reader(id) => {
                let Some(pipe) = self.machine.pipes.get_mut(&id) else { return Ok(Data::End) };
                let count = pipe.bytes.len().min(max);
                Ok(match count {
                    0 if pipe.writers == 0 => Data::End,
                    0 => Data::Empty,
                    _ => Data::Bytes(pipe.bytes.drain(..count).collect()),
                })
            }
            Open::Terminal(id) => {
                let group = self.process().group;
                let Some(terminal) = self.machine.terminals.get_mut(&id) else { return Ok(Data::End) };
                if terminal.hung_up {
                    return Ok(Data::End);
                }
                if terminal.foreground != group || !terminal.has_input() {
                    return Ok(Data::Empty);
                }
                let bytes = terminal.read(max);
                Ok(if bytes.is_empty() { Data::End } else { Data::Bytes(bytes) })
            }
            Open::Writer(_) | Open::Output(..) => Err(Errno::BadDescriptor),
        }
    }

    /// Up to and with the next line end, and no byte further: what a shell reads of its script or `read` of its input.
    /// Where the line is not whole yet and more may come, nothing is taken.
    pub fn read_line(&mut self, fd: Fd) -> Result<Data> {
        let max = match self.open_of(fd)?.clone() {
            Open::Reader(id) => {
                let Some(pipe) = self.machine.pipes.get(&id) else { return Ok(Data::End) };
                match pipe.bytes.iter().position(|byte| *byte == b'\n') {
                    Some(at) => at + 1,
                    None if pipe.writers > 0 => return Ok(Data::Empty),
                    None => pipe.bytes.len().max(1),
                }
            }
            Open::File { place, offset, read: true, .. } => {
                let view = self.files();
                match view.content_at(&place) {
                    Ok(Content::File(bytes)) => {
                        let rest = bytes.get(offset as usize..).unwrap_or_default();
                        rest.iter().position(|byte| *byte == b'\n').map_or(rest.len().max(1), |at| at + 1)
                    }
                    _ => 1,
                }
            }
            _ => 4096,
        };
        self.read(fd, max)
    }

    /// Writes all bytes. A pipe takes more than it holds; the process then goes on when it was read. Where nobody reads
    /// it, the process gets `SIGPIPE` and the write fails.
    pub fn write(&mut self, fd: Fd, bytes: &[u8]) -> Result<()> {
        let handle = *self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        let open = self.machine.opens.get(&handle.open).map(|shared| shared.open.clone());
        match open.ok_or(Errno::BadDescriptor)? {
            Open::File { place, path, offset, read, write, append } => {
                if !write {
                    return Err(Errno::BadDescriptor);
                }
                let mut view = self.files();
                let at = if append { view.stat_place(&place).map_or(0, |stat| stat.size) } else { offset };
                let end = view.write_at(&place, at, bytes)?;
                if let Some(shared) = self.machine.opens.get_mut(&handle.open) {
                    shared.open = Open::File { place, path, offset: end, read, write, append };
                }
                Ok(())
            }
            Open::Device(Device::Full) => Err(Errno::NoSpace),
            Open::Device(_) => Ok(()),
            Open::Writer(id) => {
                let pipe = self.machine.pipes.get_mut(&id).filter(|pipe| pipe.readers > 0);
                let Some(pipe) = pipe else {
                    self.machine.deliver(self.now, self.pid, Signal::PIPE, false);
                    return Err(Errno::BrokenPipe);
                };
                pipe.bytes.extend(bytes);
                if pipe.bytes.len() > PIPE_CAPACITY {
                    self.process_mut().blocked_on = Some(id);
                }
                Ok(())
            }
            Open::Terminal(id) => {
                if let Some(terminal) = self.machine.terminals.get_mut(&id) {
                    terminal.output.push(self.now, super::terminal::Stream::Out, bytes);
                }
                Ok(())
            }
            Open::Output(id, stream) => {
                if let Some(output) = self.machine.outputs.get_mut(&id) {
                    output.push(self.now, stream, bytes);
                }
                Ok(())
            }
            Open::Reader(_) => Err(Errno::BadDescriptor),
        }
    }

    /// Writes text to standard output. A failed write has done all it can by its signal.
    pub fn print(&mut self, text: impl AsRef<str>) {
        self.write(1, text.as_ref().as_bytes()).ok();
    }
    /// Writes text to standard error.
    pub fn complain(&mut self, text: impl AsRef<str>) {
        self.write(2, text.as_ref().as_bytes()).ok();
    }

    // Processes

    /// The file that a command's name runs: searched on `PATH` where it has no slash.
    pub fn search(&mut self, path: &str, name: &str) -> Option<String> {
        search_path(&self.files(), path, name)
    }

    /// The program in an executable file, and its command line (which a `#!` line changes).
    ///
    /// # Errors
    /// `ExecFormat` for text without a `#!` line, which shells run themselves.
    pub fn load(&mut self, file: &str, argv: &[Arc<str>], env: &Environment) -> Result<(P, Arc<[Arc<str>]>)> {
        load(&mut self.files(), file, argv, env)
    }

    /// Starts a child. It takes a moment before it runs.
    pub fn spawn(&mut self, program: P, spawn: Spawn) -> Pid {
        let pid = self.machine.fresh_pid();
        let parent = self.process();
        let (argv, env) = (parent.argv.clone(), parent.env.clone());
        let mut child = self.machine.new_process(
            self.now,
            program,
            spawn.argv.unwrap_or(argv),
            spawn.env.unwrap_or(env),
            parent.cwd.clone(),
            parent.credentials.clone(),
        );
        child.parent = (!spawn.detached).then_some(self.pid);
        child.terminal = parent.terminal;
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
        self.machine.processes.insert(pid, child);
        if spawn.foreground {
            self.set_foreground(group);
        }
        pid
    }

    /// Turns this process into another program, which starts when the step is over.
    pub fn replace(&mut self, program: P, argv: Arc<[Arc<str>]>, env: Environment) {
        self.replacement = Some(program);
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

/// The file that a command's name runs.
pub(super) fn search_path(view: &View<'_>, path: &str, name: &str) -> Option<String> {
    let runs = |file: &str| view.stat(file).is_ok_and(|s| !s.is_directory()) && view.access(file, 1).is_ok();
    if name.contains('/') {
        return runs(name).then(|| name.to_owned());
    }
    if name.is_empty() {
        return None;
    }
    path.split(':')
        .map(|directory| match directory {
            "" => format!("./{name}"),
            directory => format!("{}/{name}", directory.trim_end_matches('/')),
        })
        .find(|file| runs(file))
}

/// The program in an executable file, and its command line.
pub(super) fn load<P: Program>(
    view: &mut View<'_>,
    file: &str,
    argv: &[Arc<str>],
    env: &Environment,
) -> Result<(P, Arc<[Arc<str>]>)> {
    let mut file: Arc<str> = file.into();
    let mut argv: Vec<Arc<str>> = argv.to_vec();
    // A script's interpreter may be a script, but not for ever.
    for _ in 0..5 {
        if view.stat(&file)?.is_directory() {
            return Err(Errno::PermissionDenied);
        }
        view.access(&file, 1)?;
        match view.content(&file)? {
            Content::Program(id) => {
                let program = P::load(&id, &argv, env).ok_or(Errno::ExecFormat)?;
                return Ok((program, argv.into()));
            }
            Content::File(bytes) => {
                let Some(rest) = bytes.strip_prefix(b"#!") else { return Err(Errno::ExecFormat) };
                let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line).into_owned();
                let (interpreter, argument) = match line.trim().split_once([' ', '\t']) {
                    Some((interpreter, argument)) => (interpreter, Some(argument.trim())),
                    None => (line.trim(), None),
                };
                let mut new: Vec<Arc<str>> = vec![interpreter.into()];
                new.extend(argument.map(Arc::from));
                new.push(file);
                new.extend(argv.into_iter().skip(1));
                argv = new;
                file = interpreter.into();
            }
            _ => return Err(Errno::PermissionDenied),
        }
    }
    Err(Errno::Loop)
}
