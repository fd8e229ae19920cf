//! `ps`, `pgrep`, `pkill`, `pidof` and `killall`

use super::Flavor;
use super::options::Named;
use crate::base::Date;
use crate::container::kernel::Kernel;
use crate::container::machine::{Pid, Process};
use crate::container::signal::Signal;

fn command(process: &Process, flavor: Flavor) -> String {
    // What would break the line is a space to BusyBox, and a question mark to procps.
    let instead = if flavor == Flavor::BusyBox { " " } else { "?" };
    let line = process.argv.join(" ").replace(char::is_control, instead);
    if process.is_running() { line } else { format!("[{}] <defunct>", name(process)) }
}

/// The program's name without its path.
fn name(process: &Process) -> String {
    process.name().trim_start_matches('-').to_owned()
}

fn state(process: &Process) -> &'static str {
    match (process.is_running(), process.is_stopped(), process.waits_for().is_some()) {
        (false, _, _) => "Z",
        (_, true, _) => "T",
        (_, _, true) => "S",
        _ => "R",
    }
}

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let argv = kernel.argv();
    let letters: String = argv[1..].iter().map(|word| word.trim_start_matches('-')).collect();
    let pids: Vec<Pid> = kernel.machine().processes.keys().copied().collect();
    let own = kernel.process();
    let (terminal, uid) = (own.terminal, own.credentials.uid);
    let all = tool.flavor == Flavor::BusyBox || letters.contains(['e', 'A', 'a', 'x']);
    let mut out = String::new();
    let style = match tool.flavor {
        Flavor::BusyBox => {
            out.push_str("PID   USER     TIME  COMMAND\n");
            'b'
        }
        Flavor::Gnu if letters.contains('u') && !letters.starts_with('e') => {
            out.push_str("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n");
            'u'
        }
        Flavor::Gnu if letters.contains('f') => {
            out.push_str("UID          PID    PPID  C STIME TTY          TIME CMD\n");
            'f'
        }
        Flavor::Gnu => {
            out.push_str("    PID TTY          TIME CMD\n");
            'p'
        }
    };
    for pid in pids {
        let process = &kernel.machine().processes[&pid];
        if !all && (process.terminal != terminal || process.credentials.uid != uid) {
            continue;
        }
        let tty = if process.terminal.is_some() { "pts/0" } else { "?" };
        let (command, name, state) = (command(process, tool.flavor), name(process), state(process));
        let (parent, uid) = (process.parent.unwrap_or_default(), process.credentials.uid);
        let (_, _, _, hour, minute, _) =
            Date(kernel.machine().epoch.0 + process.started.as_secs() as i64).civil();
        let leader = if process.group == pid { "s" } else { "" };
        let user = kernel.user_name(uid).unwrap_or_else(|| uid.to_string());
        out.push_str(&match style {
            'b' => format!("{:>5} {user:<8.8}  0:00 {command}\n", pid.0),
            'u' => format!(
                "{user:<8} {:>7}  0.0  0.0   4280  3456 {tty:<8} {:<4} {hour:02}:{minute:02}   0:00 {command}\n",
                pid.0,
                format!("{state}{leader}"),
            ),
            'f' => format!(
                "{user:<8} {:>7} {:>7}  0 {hour:02}:{minute:02} {tty:<8} 00:00:00 {command}\n",
                pid.0, parent.0
            ),
            _ => {
                let mark = if state == "Z" { " <defunct>" } else { "" };
                format!("{:>7} {tty:<8} 00:00:00 {name}{mark}\n", pid.0)
            }
        });
    }
    kernel.print(out);
    0
}

/// `pgrep`, `pkill`, `pidof` and `killall`
pub(super) fn find(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let mut signal = Signal::TERM;
    // `-o` and `-n`: of all that fit, the oldest or the newest.
    let mut only = None;
    let (mut full, mut exact, mut listed) = (false, tool.name == "pidof" || tool.name == "killall", false);
    let mut names = Vec::new();
    for word in kernel.argv()[1..].iter() {
        match word.strip_prefix('-') {
            Some("f") => full = true,
            Some("x") => exact = true,
            Some("l" | "a") => listed = true,
            Some(age @ ("o" | "n")) => only = Some(age == "o"),
            Some(option) => signal = Signal::parse(option).unwrap_or(signal),
            None => names.push(word.clone()),
        }
    }
    let own = kernel.pid();
    let mut found: Vec<(Pid, String)> = Vec::new();
    for (pid, process) in &kernel.machine().processes {
        let text = if full { process.argv.join(" ") } else { name(process) };
        let fits = |wanted: &str| if exact { text == wanted } else { text.contains(wanted) };
        if *pid != own && process.is_running() && names.iter().any(|wanted| fits(wanted)) {
            found.push((*pid, text.clone()));
        }
    }
    match only {
        Some(true) => found.truncate(1),
        Some(false) => drop(found.drain(..found.len().saturating_sub(1))),
        None => {}
    }
    match tool.name {
        "pkill" | "killall" => {
            for (pid, _) in &found {
                kernel.kill(*pid, Some(signal)).ok();
            }
            if found.is_empty() && tool.name == "killall" {
                let text = format!(
                    "{}: no process {}",
                    names.first().cloned().unwrap_or_default(),
                    match tool.flavor {
                        Flavor::Gnu => "found",
                        Flavor::BusyBox => "killed",
                    }
                );
                kernel.complain(format!("{text}\n"));
            }
        }
        "pidof" => {
            let pids: Vec<String> = found.iter().rev().map(|(pid, _)| pid.to_string()).collect();
            if !pids.is_empty() {
                kernel.print(format!("{}\n", pids.join(" ")));
            }
        }
        _ => {
            for (pid, name) in &found {
                kernel.print(if listed { format!("{pid} {name}\n") } else { format!("{pid}\n") });
            }
        }
    }
    u8::from(found.is_empty())
}
