//! nginx's logs: which files they go to, how grave a thing must be, and how a request is written down.

use std::sync::Arc;

use smol_str::SmolStr;

use super::configuration::{Block, Wrong, number_of};
use crate::container::files::How;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;

/// Where a package's nginx writes what nobody has named a file for (`--http-log-path`, `--error-log-path`).
const ACCESS: &str = "/var/log/nginx/access.log";
const ERRORS: &str = "/var/log/nginx/error.log";

const STANDARD_ERROR: Fd = 2;

/// The format of an `access_log` that names none (`ngx_http_combined_fmt`).
pub(super) const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

/// How grave things are, the gravest first.
const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];

/// The files that are open to be written to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Logs {
    files: Vec<(SmolStr, Fd)>,
    /// Which of them tells of errors; nothing before it is open.
    errors: Option<Fd>,
    /// The file that errors go to where the configuration names none, if `-e` names one.
    usual: Option<SmolStr>,
    /// The position of the least grave thing in `LEVELS` that is told.
    level: usize,
}

impl Logs {
    /// Opens the log that a start is told in before the configuration is read, which is `-e`'s (`ngx_log_init`).
    pub(super) fn begin(&mut self, kernel: &mut Kernel<'_>, usual: Option<&str>) {
        self.level = 5;
        self.usual = usual.map(SmolStr::new);
        self.errors = Some(match self.errors_at(kernel, usual.unwrap_or(ERRORS)) {
            Ok(fd) => fd,
            Err(wrong) => {
                kernel.complain(format!("nginx: [alert] could not open error log file: {wrong}\n"));
                STANDARD_ERROR
            }
        });
    }

    fn errors_at(&mut self, kernel: &mut Kernel<'_>, path: &str) -> Result<Fd, Wrong> {
        if path == "stderr" { Ok(STANDARD_ERROR) } else { self.file(kernel, path) }
    }

    /// Whether what is grave reaches the terminal by the log alone.
    pub(super) fn is_terminal(&self) -> bool {
        self.errors == Some(STANDARD_ERROR)
    }

    /// Opens what a configuration names, in its order; what was open is closed.
    ///
    /// # Errors
    /// What cannot be opened.
    pub(super) fn open(
        &mut self,
        kernel: &mut Kernel<'_>,
        main: &Block,
        http: &Block,
        servers: &[Arc<Block>],
    ) -> Result<(), Wrong> {
        for (_, fd) in std::mem::take(&mut self.files) {
            kernel.close(fd).ok();
        }
        self.errors = None;
        let log = main.find("error_log");
        let usual = self.usual.clone().unwrap_or(SmolStr::new_static(ERRORS));
        let path = log.and_then(|own| own.words.get(1)).unwrap_or(&usual);
        let level = log.and_then(|own| own.words.get(2)).map_or("error", SmolStr::as_str);
        self.level = LEVELS.iter().position(|own| *own == level).unwrap_or(3);
        self.errors = Some(self.errors_at(kernel, path)?);
        for server in servers {
            let places = server.all("location").filter(|own| own.find("access_log").is_some());
            for place in std::iter::once(&**server).chain(places) {
                let log = access([place, server, http]);
                // One with variables is another for each request.
                if let Some(path) = log.and_then(|own| own.first().copied()).filter(|own| !own.contains('$'))
                {
                    self.file(kernel, path)?;
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, kernel: &mut Kernel<'_>, path: &str) -> Result<Fd, Wrong> {
        if let Some((_, fd)) = self.files.iter().find(|(own, _)| own == path) {
            return Ok(*fd);
        }
        let how = How { create: Some(0o644), ..How::append() };
        let fd = kernel
            .open(path, how)
            .map_err(|errno| format!("open() \"{path}\" failed ({}: {errno})", number_of(errno)))?;
        self.files.push((path.into(), fd));
        Ok(fd)
    }

    /// Tells of something where that is grave enough.
    pub(super) fn tell(&self, kernel: &mut Kernel<'_>, level: &str, pid: u32, text: &str) {
        let Some(errors) = self.errors else { return };
        if LEVELS.iter().position(|own| *own == level) > Some(self.level) {
            return;
        }
        let (date, pid) = (kernel.date().written("0000/00/00 00:00:00"), pid.to_string());
        let line = [&date, " [", level, "] ", &pid, "#", &pid, ": ", text, "\n"].concat();
        // What cannot be written is lost.
        kernel.write(errors, line.as_bytes()).ok();
    }

    /// Writes a line to a file that is opened for it.
    pub(super) fn append(&self, kernel: &mut Kernel<'_>, path: &str, line: &str) {
        match kernel.open(path, How { create: Some(0o644), ..How::append() }) {
            Ok(fd) => {
                kernel.write(fd, line.as_bytes()).ok();
                kernel.close(fd).ok();
            }
            Err(errno) => {
                let text =
                    format!("open() \"{path}\" failed ({}: {errno}) while logging request", number_of(errno));
                self.tell(kernel, "crit", kernel.pid().0, &text);
            }
        }
    }

    /// Writes a line to an open file.
    pub(super) fn write(&self, kernel: &mut Kernel<'_>, path: &str, line: &str) {
        if let Some((_, fd)) = self.files.iter().find(|(own, _)| own == path) {
            kernel.write(*fd, line.as_bytes()).ok();
        }
    }
}

/// The file and the format of the access log of a place, which stands first of those that it is in; nothing where it is
/// switched off.
pub(super) fn access(places: [&Block; 3]) -> Option<Vec<&str>> {
    match places.into_iter().find_map(|place| place.find("access_log")) {
        Some(own) if own.words[1] == "off" => None,
        Some(own) => Some(own.words[1..].iter().map(SmolStr::as_str).collect()),
        None => Some(vec![ACCESS]),
    }
}
