//! nginx's processes: the worker beside the master, and the signals that `nginx -s` sends.

use std::sync::Arc;

use super::{MASTER, Nginx, WORKER};
use crate::container::files::Credentials;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::Status;
use crate::container::program::{Code, Step};
use crate::container::signal::Signal;

impl Nginx {
    /// Starts its worker, as the user of its configuration.
    pub(super) fn start_worker(&mut self, kernel: &mut Kernel<'_>) {
        let argv: Arc<[Arc<str>]> = Arc::new([WORKER.into()]);
        let worker = kernel.spawn(Code::Id("nginx".into()), Spawn { argv: Some(argv), ..Spawn::default() });
        if kernel.credentials().uid == 0 {
            kernel.set_credentials(worker, Credentials::new(101, 101));
        }
        self.note(kernel, &format!("start worker process {}", worker.0));
        self.worker = Some(worker);
    }

    /// Ends its worker, and tells of it as both do.
    pub(super) fn end_worker(&mut self, kernel: &mut Kernel<'_>, gracefully: bool) {
        let Some(worker) = self.worker.take() else { return };
        kernel.kill(worker, Some(Signal::KILL)).ok();
        kernel.poll_child(worker).ok();
        let graceful = if gracefully { &["gracefully shutting down"][..] } else { &[] };
        for text in graceful.iter().chain(&["exiting", "exit"]) {
            self.logs.tell(kernel, "notice", worker.0, text);
        }
        self.note(kernel, &format!("signal 17 (SIGCHLD) received from {}", worker.0));
        self.note(kernel, &format!("worker process {} exited with code 0", worker.0));
    }

    /// Starts another worker where somebody has ended the one there was.
    pub(super) fn watch_worker(&mut self, kernel: &mut Kernel<'_>) {
        let Some(worker) = self.worker else { return };
        let Ok(Some(Change::Ended(status))) = kernel.poll_child(worker) else { return };
        self.note(kernel, &format!("signal 17 (SIGCHLD) received from {}", worker.0));
        let how = match status {
            Status::Signaled(signal) => ("alert", format!("exited on signal {}", signal.0)),
            Status::Exited(code) => ("notice", format!("exited with code {code}")),
        };
        self.tell(kernel, how.0, &format!("worker process {} {}", worker.0, how.1));
        self.start_worker(kernel);
        self.note(kernel, "signal 29 (SIGIO) received");
    }

    /// `nginx -s`: sends a signal to the nginx that runs.
    pub(super) fn signal(&self, kernel: &mut Kernel<'_>, what: &str) -> Step {
        let signal = match what {
            "stop" => Signal::TERM,
            "quit" => Signal::QUIT,
            "reload" | "reopen" => Signal::HUP,
            other => {
                kernel.complain(format!("nginx: invalid option: \"-s {other}\"\n"));
                return Step::Exit(1);
            }
        };
        self.note(kernel, "signal process started");
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
}
