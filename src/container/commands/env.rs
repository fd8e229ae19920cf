//! `env`, `printenv`, `nohup`, `sudo` and `chroot`: what runs another program in its place.

use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::files::Credentials;
use crate::container::kernel::Kernel;
use crate::container::machine::{DEFAULT_PATH, Environment};
use crate::container::program::{Code, Step};
use crate::container::signal::{Action, Signal};

/// `env`: ends as the program it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Env;

impl Env {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let failure = if tool.flavor == Flavor::Gnu { 125 } else { 1 };
        let long = [("ignore-environment", 'i'), ("unset", 'u'), ("null", '0')];
        let options = match tool.options(kernel, "+iu:0", &long, failure) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        let mut words = &options.operands[..];
        let empty = options.has('i') || words.first().is_some_and(|word| &**word == "-");
        if words.first().is_some_and(|word| &**word == "-") {
            words = &words[1..];
        }
        let mut env: Vec<(Arc<str>, Arc<str>)> = if empty { Vec::new() } else { kernel.env().to_vec() };
        env.retain(|(name, _)| !options.values('u').any(|gone| gone == name));
        while let [first, rest @ ..] = words {
            let Some((name, value)) = first.split_once('=') else { break };
            match env.iter_mut().find(|(own, _)| **own == *name) {
                Some((_, own)) => *own = value.into(),
                None => env.push((name.into(), value.into())),
            }
            words = rest;
        }
        if words.is_empty() {
            let end = if options.has('0') { '\0' } else { '\n' };
            let text: String = env.iter().map(|(name, value)| format!("{name}={value}{end}")).collect();
            kernel.print(text);
            return Step::Exit(0);
        }
        become_program(kernel, tool, words, env.into())
    }
}

/// Turns this process into a program that is searched on `PATH`.
pub(super) fn become_program(
    kernel: &mut Kernel<'_>,
    tool: Named,
    argv: &[Arc<str>],
    env: Environment,
) -> Step {
    match load(kernel, argv, &env) {
        Ok((program, argv)) => {
            kernel.replace(program, argv, env);
            Step::Yield
        }
        Err(errno) => {
            let name = &argv[0];
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu if ["nohup", "chroot"].contains(&tool.name) => {
                        format!("failed to run command '{name}': {errno}")
                    }
                    Flavor::Gnu => format!("\u{2018}{name}\u{2019}: {errno}"),
                    Flavor::BusyBox => format!("can't execute '{name}': {errno}"),
                },
            );
            Step::Exit(if errno == Errno::NotFound { 127 } else { 126 })
        }
    }
}

/// The words that a program is called with.
type Arguments = Arc<[Arc<str>]>;

/// The program that a command line calls, found by the `PATH` of its environment.
pub(super) fn load(
    kernel: &mut Kernel<'_>,
    argv: &[Arc<str>],
    env: &Environment,
) -> Result<(Code, Arguments), Errno> {
    let path = env
        .iter()
        .find(|(name, _)| &**name == "PATH")
        .map_or(DEFAULT_PATH.into(), |(_, value)| value.clone());
    match kernel.search(&path, &argv[0]) {
        Some(file) => kernel.load(&file, argv, env),
        None if kernel.files().exists(&argv[0]) && argv[0].contains('/') => Err(Errno::PermissionDenied),
        None => Err(Errno::NotFound),
    }
}

/// `printenv`
pub(super) fn print(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "0", &[("null", '0')], 2) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        let text: String = kernel.env().iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        kernel.print(text);
        return 0;
    }
    let mut status = 0;
    for name in &options.operands {
        match kernel.variable(name) {
            Some(value) => kernel.print(format!("{value}\n")),
            None => status = 1,
        }
    }
    status
}

/// `nohup`: the program minds no hang-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Nohup;

impl Nohup {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let options = match tool.options(kernel, "+", &[], 125) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        if options.operands.is_empty() {
            return Step::Exit(tool.missing_operand(kernel).max(125));
        }
        kernel.on_signal(Signal::HUP, Action::Ignore);
        if kernel.is_terminal(1)
            && let Ok(fd) = kernel.open("nohup.out", crate::container::files::How::append())
        {
            kernel.complain("nohup: ignoring input and appending output to 'nohup.out'\n");
            kernel.duplicate_to(fd, 1).ok();
            if kernel.is_terminal(2) {
                kernel.duplicate_to(fd, 2).ok();
            }
            kernel.close(fd).ok();
        }
        let env = kernel.env();
        become_program(kernel, tool, &options.operands, env)
    }
}

/// `sudo`: the program is root's. Nobody is asked for a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sudo;

impl Sudo {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let options = match tool.options(kernel, "+EHinsu:", &[], 1) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        if options.value('u').is_some_and(|user| !["root", "#0"].contains(&&**user)) {
            tool.say(kernel, "Saya runs programs as root alone");
            return Step::Exit(1);
        }
        kernel.become_user(Credentials::root());
        let shell = [Arc::from("bash")];
        let wants_shell = options.has('i') || options.has('s');
        let argv = match &options.operands[..] {
            [] if wants_shell => &shell[..],
            [] => {
                kernel.complain("usage: sudo [-EHins] [-u user] [command [arg ...]]\n");
                return Step::Exit(1);
            }
            argv => argv,
        };
        let mut env = kernel.env().to_vec();
        env.retain(|(name, _)| !["HOME", "USER"].contains(&&**name));
        env.extend([("HOME".into(), "/root".into()), ("USER".into(), "root".into())]);
        if kernel.search(DEFAULT_PATH, &argv[0]).is_none() {
            tool.say(kernel, format!("{}: command not found", argv[0]));
            return Step::Exit(1);
        }
        become_program(kernel, tool, argv, env.into())
    }
}

/// `chroot`: the program sees a folder as its root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Chroot;

impl Chroot {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let failure = if tool.flavor == Flavor::Gnu { 125 } else { 1 };
        let options = match tool.options(kernel, "+", &[], failure) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        let [root, argv @ ..] = &options.operands[..] else {
            return Step::Exit(tool.missing_operand(kernel).max(failure));
        };
        if let Err(errno) = kernel.change_root(root) {
            let verb = if tool.flavor == Flavor::Gnu { "cannot" } else { "can't" };
            tool.say(kernel, format!("{verb} change root directory to '{root}': {errno}"));
            return Step::Exit(failure);
        }
        let shell = kernel.variable("SHELL").unwrap_or_else(|| "/bin/sh".into());
        let shell = [shell, "-i".into()];
        let env = kernel.env();
        become_program(kernel, tool, if argv.is_empty() { &shell } else { argv }, env)
    }
}
