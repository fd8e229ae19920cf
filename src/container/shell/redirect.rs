//! Redirections.

use std::sync::Arc;

use super::dial::Trouble;
use super::expand::{Result, Stop};
use super::syntax::{Redirect, RedirectKind};
use super::{Flavor, Shell};
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::tree::Kind;

/// A redirection with its words expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Open {
        fd: Fd,
        path: Arc<str>,
        how: How,
        spare: bool,
    },
    Duplicate {
        fd: Fd,
        from: Fd,
    },
    Close(Fd),
    Bytes {
        fd: Fd,
        text: Arc<str>,
    },
    /// A connection that was made for it.
    Connected {
        fd: Fd,
        from: Fd,
    },
    NotConnected {
        path: Arc<str>,
        trouble: Trouble,
    },
    /// A target that is no descriptor.
    Bad(Arc<str>),
}

/// A descriptor that was redirected, and where its old file is kept if there was one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Saved {
    fd: Fd,
    kept: Option<Fd>,
}

impl Shell {
    /// Expands the words of redirections.
    pub(super) fn expand_redirects(
        &mut self,
        kernel: &mut Kernel<'_>,
        redirects: &[Redirect],
    ) -> Result<Vec<Action>> {
        let mut actions = Vec::with_capacity(redirects.len());
        for redirect in redirects {
            let fd = redirect.fd.unwrap_or(redirect.kind.default_fd());
            match &redirect.kind {
                RedirectKind::Read(word) => {
                    actions.push(self.open_action(kernel, fd, word, How::read(), false)?);
                }
                RedirectKind::Write(word, clobber) => {
                    let spare = self.options.noclobber && !clobber;
                    actions.push(self.open_action(kernel, fd, word, How::write(), spare)?);
                }
                RedirectKind::Append(word) => {
                    actions.push(self.open_action(kernel, fd, word, How::append(), false)?);
                }
                RedirectKind::ReadWrite(word) => {
                    let how = How { read: true, write: true, create: Some(0o666), ..How::default() };
                    actions.push(self.open_action(kernel, fd, word, how, false)?);
                }
                RedirectKind::Both(word, append) => {
                    let how = if *append { How::append() } else { How::write() };
                    actions.push(self.open_action(kernel, 1, word, how, false)?);
                    actions.push(Action::Duplicate { fd: 2, from: 1 });
                }
                RedirectKind::Duplicate(word) => {
                    let text = self.expand_text(kernel, word)?;
                    actions.push(match (&*text, text.parse()) {
                        ("-", _) => Action::Close(fd),
                        (_, Ok(from)) => Action::Duplicate { fd, from },
                        _ => Action::Bad(text),
                    });
                }
                RedirectKind::HereDocument(word) => {
                    let text = self.expand_text(kernel, word)?;
                    actions.push(Action::Bytes { fd, text });
                }
                RedirectKind::HereString(word) => {
                    let text = self.expand_text(kernel, word)?;
                    actions.push(Action::Bytes { fd, text: format!("{text}\n").into() });
                }
            }
        }
        Ok(actions)
    }

    fn open_action(
        &mut self,
        kernel: &mut Kernel<'_>,
        fd: Fd,
        word: &super::syntax::Word,
        how: How,
        spare: bool,
    ) -> Result<Action> {
        let path = self.expand_text(kernel, word)?;
        Ok(match self.dial(kernel, fd, &path)? {
            Some(action) => action,
            None => Action::Open { fd, path, how, spare },
        })
    }

    /// Carries redirections out. Where one fails it is reported, and those before it are taken back.
    pub(super) fn redirect(
        &mut self,
        kernel: &mut Kernel<'_>,
        actions: &[Action],
    ) -> std::result::Result<Vec<Saved>, ()> {
        let lent = std::mem::take(&mut self.lent).into_iter();
        let mut saved: Vec<Saved> = lent.map(|fd| Saved { fd, kept: None }).collect();
        for action in actions {
            let fd = match action {
                Action::Open { fd, .. } | Action::Duplicate { fd, .. } | Action::Bytes { fd, .. } => *fd,
                Action::Connected { fd, .. } | Action::Close(fd) => *fd,
                Action::NotConnected { .. } | Action::Bad(_) => 0,
            };
            // The file is opened before the descriptor changes: `2>nowhere` complains to the old one.
            let new = match action {
                Action::Open { path, how, spare, .. } => match self.open_for(kernel, path, *how, *spare) {
                    Ok(new) => Some(new),
                    Err(text) => {
                        self.complain(kernel, text);
                        self.restore(kernel, saved);
                        return Err(());
                    }
                },
                Action::Bytes { text, .. } => Some(kernel.open_bytes(text.as_bytes())),
                Action::Connected { from, .. } => Some(*from),
                Action::NotConnected { path, trouble } => {
                    self.complain_of_connection(kernel, path, *trouble);
                    self.restore(kernel, saved);
                    return Err(());
                }
                Action::Bad(text) => {
                    let text = match self.flavor {
                        Flavor::Bash => format!("{text}: ambiguous redirect"),
                        _ => format!("{text}: {}", Errno::BadDescriptor),
                    };
                    self.complain(kernel, text);
                    self.restore(kernel, saved);
                    return Err(());
                }
                _ => None,
            };
            let kept = match new {
                Some(new) if new == fd => None,
                _ => kernel.duplicate(fd, 10).ok(),
            };
            if let Some(kept) = kept {
                kernel.set_close_on_exec(kept);
            }
            saved.push(Saved { fd, kept });
            match action {
                Action::Duplicate { from, .. } => {
                    if kernel.duplicate_to(*from, fd).is_err() {
                        let text = format!("{from}: {}", Errno::BadDescriptor);
                        self.complain(kernel, text);
                        self.restore(kernel, saved);
                        return Err(());
                    }
                }
                Action::Close(_) => {
                    kernel.close(fd).ok();
                }
                _ => {
                    if let Some(new) = new.filter(|new| *new != fd) {
                        kernel.duplicate_to(new, fd).ok();
                        kernel.close(new).ok();
                    } else if let Some(new) = new {
                        kernel.duplicate_to(new, fd).ok();
                    }
                }
            }
        }
        Ok(saved)
    }

    fn open_for(
        &self,
        kernel: &mut Kernel<'_>,
        path: &str,
        how: How,
        spare: bool,
    ) -> std::result::Result<Fd, String> {
        let regular = spare && kernel.files().stat(path).is_ok_and(|stat| stat.kind == Kind::File);
        let result = if regular { Err(Errno::Exists) } else { kernel.open(path, how) };
        result.map_err(|errno| match (self.flavor, errno) {
            (Flavor::Bash, Errno::Exists) => format!("{path}: cannot overwrite existing file"),
            (Flavor::Bash, errno) => format!("{path}: {errno}"),
            (Flavor::Dash, Errno::NotFound) if how.write => {
                format!("cannot create {path}: Directory nonexistent")
            }
            (Flavor::Dash, Errno::NotFound) => format!("cannot open {path}: No such file"),
            (Flavor::Dash, errno) if how.write => format!("cannot create {path}: {errno}"),
            (Flavor::Dash, errno) => format!("cannot open {path}: {errno}"),
            (Flavor::Ash, Errno::NotFound) if how.write => {
                format!("can't create {path}: nonexistent directory")
            }
            (Flavor::Ash, Errno::NotFound) => format!("can't open {path}: no such file"),
            (Flavor::Ash, errno) if how.write => format!("can't create {path}: {errno}"),
            (Flavor::Ash, errno) => format!("can't open {path}: {errno}"),
        })
    }

    /// Puts descriptors back.
    pub(super) fn restore(&self, kernel: &mut Kernel<'_>, saved: Vec<Saved>) {
        for Saved { fd, kept } in saved.into_iter().rev() {
            match kept {
                Some(kept) => {
                    kernel.duplicate_to(kept, fd).ok();
                    kernel.close(kept).ok();
                }
                None => {
                    kernel.close(fd).ok();
                }
            }
        }
    }

    /// Leaves descriptors as they are: `exec` without a command.
    pub(super) fn keep(&self, kernel: &mut Kernel<'_>, saved: Vec<Saved>) {
        for kept in saved.into_iter().filter_map(|saved| saved.kept) {
            kernel.close(kept).ok();
        }
    }

    /// The status of a command whose redirection failed.
    pub(super) fn redirect_status(&self) -> u8 {
        if self.flavor == Flavor::Dash { 2 } else { 1 }
    }

    /// What a failed redirection of a special builtin leads to.
    pub(super) fn redirect_stop(&self) -> Stop {
        Stop::Abort(self.redirect_status())
    }
}
