//! The system calls on open files, pipes and terminals.

use std::sync::Arc;

use super::errno::Errno;
use super::files::How;
use super::kernel::{Data, Kernel};
use super::machine::{Fd, Handle, Open, PIPE_CAPACITY, Pid, TerminalId};
use super::signal::Signal;
use super::terminal::Terminal;
use super::tree::{Content, Device, Kind};

type Result<T> = std::result::Result<T, Errno>;

/// The work of moving so many bytes: a process that pours out bytes without end must pause, too.
fn cost_of(bytes: usize) -> u32 {
    u32::try_from(bytes / 64).unwrap_or(u32::MAX)
}

impl Kernel<'_> {
    pub(super) fn open_of(&self, fd: Fd) -> Result<&Open> {
        let handle = self.process().fds.get(&fd).ok_or(Errno::BadDescriptor)?;
        self.machine.opens.get(&handle.open).map(|shared| &shared.open).ok_or(Errno::BadDescriptor)
    }

    pub(super) fn install(&mut self, fd: Option<Fd>, open: Open, close_on_exec: bool) -> Fd {
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
        if path.starts_with("/proc/") || path.starts_with("/sys/") {
            super::commands::proc::refresh(self, path);
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
            Open::Reader(_) | Open::Writer(_) | Open::Output(..) | Open::Socket(_) => Kind::Pipe,
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
            Open::Device(Device::Zero | Device::Full) => {
                self.charge(cost_of(max));
                Ok(Data::Bytes(vec![0; max]))
            }
            Open::Device(Device::Random) => {
                self.charge(cost_of(max));
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
            Open::Socket(id) => Ok(match self.machine.net.read(id, max)? {
                Some(bytes) if bytes.is_empty() => Data::End,
                Some(bytes) => Data::Bytes(bytes),
                None => Data::Empty,
            }),
            Open::Writer(_) | Open::Output(..) => Err(Errno::BadDescriptor),
        }
    }

    /// Takes in all that has come. True where no more will: at the end, and where it cannot be read.
    pub fn read_into(&mut self, fd: Fd, received: &mut Vec<u8>) -> bool {
        loop {
            match self.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => received.extend(bytes),
                Ok(Data::Empty) => return false,
                _ => return true,
            }
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
            Open::Socket(id) => {
                let waiting = self.machine.net.peek(id);
                match waiting.and_then(|bytes| bytes.iter().position(|byte| *byte == b'\n')) {
                    Some(at) => at + 1,
                    None if self.machine.net.socket(id).is_some_and(|s| !s.has_ended()) => {
                        return Ok(Data::Empty);
                    }
                    None => 65_536,
                }
            }
            _ => 4096,
        };
        self.read(fd, max)
    }

    /// Writes all bytes. A pipe takes more than it holds; the process then goes on when it was read. Where nobody reads
    /// it, the process gets `SIGPIPE` and the write fails.
    pub fn write(&mut self, fd: Fd, bytes: &[u8]) -> Result<()> {
        self.charge(cost_of(bytes.len()));
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
            Open::Socket(id) => {
                if self.machine.net.write(id, bytes) {
                    return Ok(());
                }
                self.machine.deliver(self.now, self.pid, Signal::PIPE, false);
                Err(Errno::BrokenPipe)
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
}
