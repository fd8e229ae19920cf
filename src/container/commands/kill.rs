//! `kill`: the program, and what the shells' builtins share with it.

use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::machine::Pid;
use crate::container::shell;
use crate::container::signal::Signal;

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `-l`, with what is asked about.
    List(String),
    /// A signal (none for 0) to these.
    Send(Option<Signal>, Vec<Target>),
}

/// Whom to signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number.
    Process(Pid),
    /// A negative number.
    Group(Pid),
    /// `%1`
    Job(Arc<str>),
    /// Something else.
    Bad(Arc<str>),
}

/// Reads a command line.
///
/// # Errors
/// The name that is no signal; none where nobody is named.
pub fn parse(arguments: &[Arc<str>]) -> Result<Request, Option<String>> {
    let mut at = 1;
    let mut signal = Some(Signal::TERM);
    let number = |text: &str| match text {
        "0" | "EXIT" => Ok(None),
        text => Signal::parse(text).map(Some).ok_or_else(|| Some(text.to_owned())),
    };
    if let Some(option) = arguments.get(1).and_then(|first| first.strip_prefix('-')) {
        at = 2;
        match option {
            "l" | "L" => {
                return Ok(Request::List(arguments.get(2).map(|a| a.to_string()).unwrap_or_default()));
            }
            "s" | "n" => {
                signal = number(arguments.get(2).ok_or(None)?)?;
                at = 3;
            }
            "-" => {}
            option if option.starts_with('s') && option.len() > 1 && Signal::parse(option).is_none() => {
                signal = number(&option[1..])?;
            }
            option => signal = number(option)?,
        }
    }
    if arguments.get(at).is_some_and(|argument| &**argument == "--") {
        at += 1;
    }
    let target = |text: &Arc<str>| {
        if text.starts_with('%') {
            return Target::Job(text.clone());
        }
        match text.parse::<i64>() {
            Ok(pid) if pid < 0 => Target::Group(Pid(pid.unsigned_abs() as u32)),
            Ok(pid) => Target::Process(Pid(pid as u32)),
            Err(_) => Target::Bad(text.clone()),
        }
    };
    let targets: Vec<Target> = arguments[at.min(arguments.len())..].iter().map(target).collect();
    if targets.is_empty() { Err(None) } else { Ok(Request::Send(signal, targets)) }
}

/// What `kill -l` prints.
pub fn list(about: &str, flavor: shell::Flavor) -> String {
    if let Ok(number) = about.parse::<u8>() {
        let number = if number > 128 { number - 128 } else { number };
        return format!("{}\n", Signal(number).name());
    }
    if !about.is_empty() {
        return Signal::parse(about).map_or(String::new(), |signal| format!("{}\n", signal.0));
    }
    let name = |signal: Signal| {
        if signal.name() == "POLL" && flavor != shell::Flavor::Ash { "IO" } else { signal.name() }
    };
    match flavor {
        shell::Flavor::Ash => {
            Signal::all().map(|signal| format!("{:2}) {}\n", signal.0, name(signal))).collect()
        }
        shell::Flavor::Dash => {
            let names = Signal::all().map(|signal| match signal.0 {
                16 => "16\n".to_owned(),
                _ => format!("{}\n", name(signal)),
            });
            std::iter::once("0\n".to_owned()).chain(names).collect()
        }
        shell::Flavor::Bash => {
            let end = |number: u8| if number.is_multiple_of(5) || number == 31 { "\n" } else { "\t" };
            Signal::all()
                .map(|signal| format!("{:2}) SIG{}{}", signal.0, name(signal), end(signal.0)))
                .collect()
        }
    }
}

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let flavor = tool.flavor;
    let argv = kernel.argv();
    let shell = if flavor == Flavor::Gnu { shell::Flavor::Bash } else { shell::Flavor::Ash };
    let (signal, targets) = match parse(&argv) {
        Ok(Request::List(about)) => {
            kernel.print(list(&about, shell));
            return 0;
        }
        Ok(Request::Send(signal, targets)) => (signal, targets),
        Err(None) if flavor == Flavor::Gnu => {
            kernel.complain("\nUsage:\n kill [options] <pid> [...]\n");
            return 1;
        }
        Err(None) => {
            kernel.complain("kill: you need to specify whom to kill\n");
            return 1;
        }
        Err(Some(name)) => {
            kernel.complain(match flavor {
                Flavor::Gnu => format!("kill: unknown signal name {name}\n"),
                Flavor::BusyBox => format!("kill: bad signal name '{name}'\n"),
            });
            return 1;
        }
    };
    let mut status = 0;
    for target in targets {
        let (name, result) = match target {
            Target::Process(pid) => (pid.to_string(), kernel.kill(pid, signal)),
            Target::Group(group) => (format!("-{group}"), kernel.kill_group(group, signal)),
            Target::Job(name) | Target::Bad(name) => {
                kernel.complain(match flavor {
                    Flavor::Gnu => format!("kill: failed to parse argument: '{name}'\n"),
                    Flavor::BusyBox => format!("kill: invalid number '{name}'\n"),
                });
                status = 1;
                continue;
            }
        };
        if let Err(errno) = result {
            kernel.complain(match flavor {
                Flavor::Gnu => format!("kill: ({name}): {errno}\n"),
                Flavor::BusyBox => format!("kill: can't kill pid {name}: {errno}\n"),
            });
            status = 1;
        }
    }
    status
}
