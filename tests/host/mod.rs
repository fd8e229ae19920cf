//! A machine with the usual programs, for tests.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use saya::base::{Date, SimTime};
use saya::container::machine::Channel;
use saya::container::terminal::Stream;
use saya::container::{
    BasicProgram, Credentials, Files, Pid, Runner, Start, Tree, Volumes, commands, environment,
};

/// What came of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub code: u8,
    pub stdout: String,
    pub stderr: String,
}

pub struct Host {
    pub machine: Runner<BasicProgram>,
    pub volumes: Volumes,
    pub now: SimTime,
    pub env: Vec<(String, String)>,
    pub cwd: String,
    pub who: Credentials,
}

/// Nothing in these tests takes longer.
const LIMIT: SimTime = SimTime::from_secs(3_600);

/// The tree of an image with BusyBox, or else with Debian's programs.
pub fn tree(busybox: bool) -> Tree {
    let mut tree = Tree::new();
    tree.add_devices();
    let flavor = if busybox { "busybox" } else { "gnu" };
    // No image comes with `sudo`.
    for name in commands::NAMES.iter().filter(|name| **name != "sudo") {
        tree.add_program(&format!("/bin/{name}"), &format!("{flavor}/{name}"));
    }
    for name in ["ash", "dash", "bash"] {
        tree.add_program(&format!("/bin/{name}"), name);
    }
    tree.add_program("/bin/sh", if busybox { "ash" } else { "dash" });
    tree.add_file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0o644);
    tree.add_file("/etc/group", "root:x:0:\n", 0o644);
    tree.add_file("/etc/hosts", "127.0.0.1 localhost\n", 0o644);
    tree.add_directory("/root", 0o700);
    tree.frozen()
}

impl Host {
    /// A host: no process is special.
    pub fn new(shell: &str) -> Self {
        Self::with_first_pid(shell, 100)
    }

    /// A container: its first process is PID 1.
    pub fn container(shell: &str) -> Self {
        Self { cwd: "/".into(), ..Self::with_first_pid(shell, 1) }
    }

    fn with_first_pid(shell: &str, first: u32) -> Self {
        let files = Files::new(tree(shell == "ash"));
        Self {
            machine: Runner::new(files, "web", Date(1_795_212_300), 1, first),
            volumes: Volumes::new(),
            now: SimTime::ZERO,
            env: vec![("HOME".into(), "/root".into()), ("PATH".into(), "/bin".into())],
            cwd: "/root".into(),
            who: Credentials::root(),
        }
    }

    pub fn start_of(&self, argv: &[&str], stdio: [Channel; 3]) -> Start {
        Start {
            argv: argv.iter().map(|word| Arc::from(*word)).collect(),
            env: environment(self.env.iter().map(|(name, value)| (&**name, &**value))),
            cwd: self.cwd.as_str().into(),
            credentials: self.who.clone(),
            stdio,
        }
    }

    pub fn start(&mut self, argv: &[&str], stdio: [Channel; 3], who: Credentials) -> Pid {
        let start = Start { credentials: who, ..self.start_of(argv, stdio) };
        self.machine.start(self.now, &mut self.volumes, start).unwrap()
    }

    /// Lets time pass, and everything happen that is due in it.
    pub fn run_for(&mut self, seconds: f64) {
        let until = self.now + Duration::from_secs_f64(seconds);
        loop {
            match self.machine.run(self.now, &mut self.volumes, &mut ()) {
                Some(next) if next <= until => self.now = next,
                _ if self.now < until => self.now = until,
                _ => return,
            }
        }
    }

    /// Runs a command to its end.
    pub fn run(&mut self, argv: &[&str]) -> Done {
        let output = self.machine.add_output();
        let stdio =
            [Channel::Null, Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
        let pid = self.start(argv, stdio, self.who.clone());
        while self.machine.status(pid).is_none() {
            match self.machine.run(self.now, &mut self.volumes, &mut ()) {
                Some(next) if self.machine.status(pid).is_none() && next < LIMIT => self.now = next,
                _ => break,
            }
        }
        let mut done =
            Done { code: self.machine.reap(pid).map_or(99, |(status, _)| status.code()), ..Done::default() };
        for chunk in self.machine.take_output(output) {
            let into = if chunk.stream == Stream::Out { &mut done.stdout } else { &mut done.stderr };
            into.push_str(&String::from_utf8_lossy(&chunk.bytes));
        }
        done
    }

    /// Types at a command's terminal, each time waiting a while, and returns the screen and the exit status.
    pub fn type_at(&mut self, argv: &[&str], typed: &[&str], wait: f64) -> (String, u8) {
        let terminal = self.machine.add_terminal(80, 24);
        let pid = self.start(argv, [Channel::Terminal(terminal); 3], self.who.clone());
        self.run_for(0.5);
        for line in typed {
            self.machine.type_in(self.now, terminal, line.as_bytes());
            self.run_for(wait);
        }
        let chunks = self.machine.take_screen(terminal);
        let screen = chunks.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes)).collect();
        (screen, self.machine.reap(pid).map_or(99, |(status, _)| status.code()))
    }
}
