//! `jobs`, `kill`, `wait`, `fg`, `bg`, `disown`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::machine::{Pid, Status};
use crate::container::program::Wait;
use crate::container::shell::expand::Stop;
use crate::container::shell::interpreter::{Flow, Frame};
use crate::container::shell::{Flavor, Shell};
use crate::container::signal::Signal;

impl Shell {
    pub(super) fn builtin_jobs(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "lprs", "jobs [-lnprs] [jobspec ...]")?;
        let has = |wanted: char| options.iter().any(|(letter, _)| *letter == wanted);
        self.poll_jobs(kernel);
        let mut order: Vec<usize> = (0..self.jobs.list.len()).collect();
        if self.flavor != Flavor::Bash {
            order.reverse();
        }
        if let Some(names) = arguments.get(at..).filter(|names| !names.is_empty()) {
            order.clear();
            for name in names {
                match self.jobs.find(name) {
                    Some(at) => order.push(at),
                    None => {
                        self.no_such_job(kernel, name);
                        return Ok(Outcome::Status(1));
                    }
                }
            }
        }
        for at in order {
            let text = match has('p') {
                true => {
                    format!("{}\n", self.jobs.list[at].members.first().map_or(Pid(0), |member| member.pid))
                }
                false => self.jobs.line(at, self.flavor, has('l')),
            };
            kernel.print(text);
            self.jobs.list[at].told = true;
        }
        self.forget_done_jobs();
        Ok(Outcome::Status(0))
    }

    fn no_such_job(&self, kernel: &mut Kernel<'_>, name: &str) {
        let text = match self.flavor {
            Flavor::Dash => format!("No such job: {name}"),
            _ => format!("{name}: no such job"),
        };
        self.complain(kernel, text);
    }

    pub(super) fn builtin_kill(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        use crate::container::commands::kill::{Request, Target, parse};
        let request = match parse(arguments) {
            Ok(request) => request,
            Err(text) => {
                match (self.flavor, text) {
                    (Flavor::Bash, None) => {
                        kernel.complain(
                            "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n",
                        );
                        return Ok(Outcome::Status(2));
                    }
                    (Flavor::Dash, None) => self.complain(
                        kernel,
                        "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]",
                    ),
                    (Flavor::Ash, None) => {
                        self.complain_as_applet(kernel, "you need to specify whom to kill");
                        return Ok(Outcome::Status(1));
                    }
                    (Flavor::Bash, Some(name)) => {
                        self.complain(kernel, format!("{name}: invalid signal specification"));
                    }
                    (Flavor::Dash, Some(name)) => {
                        return Err(self.bad_option(kernel, name.chars().next().unwrap_or('?'), ""));
                    }
                    (Flavor::Ash, Some(name)) => self.complain_as_applet(kernel, format!("bad signal name '{name}'")),
                }
                return Ok(Outcome::Status(if self.flavor == Flavor::Dash { 2 } else { 1 }));
            }
        };
        let (signal, targets) = match request {
            Request::List(text) => {
                let all = crate::container::commands::kill::list(&text, self.flavor);
                kernel.print(all);
                return Ok(Outcome::Status(0));
            }
            Request::Send(signal, targets) => (signal, targets),
        };
        self.poll_jobs(kernel);
        let mut status = 0;
        for target in targets {
            let result = match &target {
                Target::Job(name) => match self.jobs.find(name) {
                    Some(at) => {
                        if self.jobs.list[at].kill(kernel, signal) {
                            Ok(())
                        } else {
                            Err(crate::container::errno::Errno::NoProcess)
                        }
                    }
                    None => {
                        self.no_such_job(kernel, name);
                        status = if self.flavor == Flavor::Bash { 1 } else { 2 };
                        continue;
                    }
                },
                Target::Process(pid) => kernel.kill(*pid, signal),
                Target::Group(group) => kernel.kill_group(*group, signal),
                Target::Bad(name) => {
                    let text = match self.flavor {
                        Flavor::Bash => format!("{name}: arguments must be process or job IDs"),
                        Flavor::Dash => format!("Illegal number: {name}"),
                        Flavor::Ash => format!("invalid number '{name}'"),
                    };
                    self.complain_as_applet(kernel, text);
                    status = 1;
                    continue;
                }
            };
            if let Err(errno) = result {
                let mut name = arguments.last().cloned().unwrap_or_default();
                // Bash names the process that it meant.
                if let (Flavor::Bash, Target::Job(job)) = (self.flavor, &target)
                    && let Some(at) = self.jobs.find(job)
                    && let Some(member) = self.jobs.list[at].members.first()
                {
                    name = member.pid.to_string().into();
                }
                match self.flavor {
                    Flavor::Bash => self.complain(kernel, format!("({name}) - {errno}")),
                    Flavor::Dash => self.complain(kernel, errno.to_string()),
                    Flavor::Ash => self.complain_as_applet(kernel, format!("can't kill pid {name}: {errno}")),
                }
                status = 1;
            }
        }
        Ok(Outcome::Status(status))
    }

    pub(super) fn builtin_wait(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "nf", "wait [-fn] [-p var] [id ...]")?;
        let any = options.iter().any(|(letter, _)| *letter == 'n');
        self.poll_jobs(kernel);
        let mut pids = Vec::new();
        let mut status = 0;
        for name in &arguments[at..] {
            if name.starts_with('%') {
                match self.jobs.find(name) {
                    Some(at) => pids.extend(self.jobs.list[at].members.last().map(|member| member.pid)),
                    None => {
                        self.no_such_job(kernel, name);
                        status = 127;
                    }
                }
                continue;
            }
            let Ok(number) = name.parse() else {
                let text = match self.flavor {
                    Flavor::Bash => format!("`{name}': not a pid or valid job spec"),
                    Flavor::Dash => format!("Illegal number: {name}"),
                    Flavor::Ash => format!("{name}: bad number"),
                };
                self.complain(kernel, text);
                return Ok(Outcome::Status(if self.flavor == Flavor::Bash { 1 } else { 2 }));
            };
            let pid = Pid(number);
            if self.ending(pid).is_some() {
                pids.push(pid);
            } else {
                if self.flavor == Flavor::Bash {
                    self.complain(kernel, format!("pid {number} is not a child of this shell"));
                }
                status = 127;
            }
        }
        if arguments.len() > at && pids.is_empty() {
            return Ok(Outcome::Status(status));
        }
        let pids = (arguments.len() > at).then_some(pids);
        self.frames.push(Frame::Wait { pids, any });
        Ok(Outcome::Pushed)
    }

    /// How a process of a job ended: `Some(None)` while it runs, nothing where it is not known.
    fn ending(&self, pid: Pid) -> Option<Option<Status>> {
        let members = self.jobs.list.iter().flat_map(|job| &job.members);
        members
            .filter(|member| member.pid == pid)
            .map(|member| member.ended)
            .next()
            .or_else(|| self.jobs.remembered.iter().find(|(own, _)| *own == pid).map(|(_, s)| Some(*s)))
    }

    /// Goes on with `wait`.
    pub(in crate::container::shell) fn resume_wait(
        &mut self,
        kernel: &mut Kernel<'_>,
        pids: Option<Vec<Pid>>,
        any: bool,
    ) -> Flow {
        self.poll_jobs(kernel);
        let wanted: Vec<Pid> = match &pids {
            Some(pids) => pids.clone(),
            None => {
                self.jobs.list.iter().flat_map(|job| job.members.iter().map(|member| member.pid)).collect()
            }
        };
        let endings: Vec<Option<Status>> = wanted.iter().map(|pid| self.ending(*pid).flatten()).collect();
        let done =
            if any { endings.iter().any(Option::is_some) } else { endings.iter().all(Option::is_some) };
        if !done && !wanted.is_empty() {
            self.frames.push(Frame::Wait { pids, any });
            return Flow::Wait(Wait::children());
        }
        let last = if any { endings.iter().flatten().next() } else { endings.iter().flatten().next_back() };
        self.status = match (&pids, any, last) {
            (None, false, _) => 0,
            (_, true, None) => 127,
            (_, _, last) => last.map_or(0, |status| status.code()),
        };
        if let Some(Status::Signaled(signal)) = last
            && self.flavor != Flavor::Bash
            && pids.is_some()
            && *signal != Signal::INT
        {
            kernel.complain(format!("{}\n", signal.text()));
        }
        for pid in wanted {
            self.jobs.remembered.retain(|(own, _)| *own != pid);
        }
        // A job that was waited for needs no telling.
        if self.flavor == Flavor::Bash {
            for job in self.jobs.list.iter_mut().filter(|job| matches!(job.status(), Some(Status::Exited(_))))
            {
                job.told = true;
            }
            self.jobs.list.retain(|job| !job.is_done() || !job.told);
        }
        if !self.options.interactive {
            self.forget_done_jobs();
        }
        Flow::Go
    }

    pub(super) fn builtin_fg(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let foreground = &*arguments[0] == "fg";
        let bash = self.flavor == Flavor::Bash;
        if bash && !self.options.monitor {
            self.complain(kernel, "no job control");
            return Ok(Outcome::Status(1));
        }
        self.poll_jobs(kernel);
        let name = arguments.get(1).cloned().unwrap_or_default();
        let Some(at) = self.jobs.find(&name) else {
            match (name.is_empty(), bash) {
                (false, _) => self.no_such_job(kernel, &name),
                (true, true) => self.complain(kernel, "current: no such job"),
                (true, false) => self.complain(kernel, "No current job"),
            }
            return if bash { Ok(Outcome::Status(1)) } else { Err(Stop::Abort(2)) };
        };
        let mark = if Some(at) == self.jobs.find("+") { "+" } else { "-" };
        let job = &mut self.jobs.list[at];
        job.stopped = false;
        job.kill(kernel, Some(Signal::CONT));
        if !foreground {
            let text = match bash {
                true => format!("[{}]{mark} {} &\n", job.number, job.text),
                false => format!("[{}] {}\n", job.number, job.text),
            };
            kernel.print(text);
            return Ok(Outcome::Status(0));
        }
        kernel.print(format!("{}\n", job.text));
        let job = self.jobs.list.remove(at);
        if let Some(group) = job.group {
            kernel.set_foreground(group);
        }
        self.frames.push(Frame::Foreground(job));
        Ok(Outcome::Pushed)
    }

    pub(super) fn builtin_disown(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) =
            self.options(kernel, arguments, "ahr", "disown [-h] [-ar] [jobspec ... | pid ...]")?;
        if options.iter().any(|(letter, _)| *letter == 'a') {
            self.jobs.list.clear();
        } else {
            let name = arguments.get(at).cloned().unwrap_or_default();
            match self.jobs.find(&name) {
                Some(at) => drop(self.jobs.list.remove(at)),
                None => {
                    self.no_such_job(kernel, if name.is_empty() { "current" } else { &name });
                    return Ok(Outcome::Status(1));
                }
            }
        }
        Ok(Outcome::Status(0))
    }
}
