//! The learner's own machine: files, terminals with a shell in each, and the clients of the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::ObjectKey;
use crate::apiserver::Authority;
use crate::base::{Date, SimTime};
use crate::cluster::{Cluster, NODE_RESOLVER, Profile};
use crate::container::Runner;
use crate::container::commands::{NAMES, Tool};
use crate::container::files::{Credentials, Files, Volumes};
use crate::container::kernel::Kernel;
use crate::container::machine::{Channel, Environment, Pid, Start, TerminalId, environment};
use crate::container::program::{Program, Step, World};
use crate::container::shell::Shell;
use crate::container::tree::Tree;

use crate::kubectl::{kubeconfig, printer};
use crate::network::packet::{Outgoing, Space};

use super::browse::TERMINAL;
use super::client::Client;
use super::log::Scenario;
use super::saya::Saya;

/// Where the learner's files are.
pub const HOME: &str = "/home/user";

/// The address of the learner's machine in the network that it sits in.
const HOST_ADDRESS: std::net::Ipv4Addr = std::net::Ipv4Addr::new(192, 168, 1, 20);

/// A program on the learner's machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostProgram {
    /// A shell.
    Shell(Box<Shell>),
    /// A small tool.
    Tool(Box<Tool>),
    /// `kubectl`, also as `minikube kubectl --`.
    Client(Box<Client>),
    /// `saya`.
    Saya(Box<Saya>),
}

impl From<Shell> for HostProgram {
    fn from(shell: Shell) -> Self {
        Self::Shell(Box::new(shell))
    }
}

impl World for Cluster {
    fn revision(&self) -> u64 {
        Cluster::revision(self)
    }
}

impl Program for HostProgram {
    type World = Cluster;

    fn load(id: &str, argv: &[Arc<str>], _: &Environment) -> Option<Self> {
        if id == Saya::NAME {
            return Some(Self::Saya(Box::default()));
        }
        if let Some(client) = Client::load(id, argv) {
            return Some(Self::Client(Box::new(client)));
        }
        if let Some(shell) = Shell::load(id) {
            return Some(Self::Shell(Box::new(shell)));
        }
        Tool::load(id).map(|tool| Self::Tool(Box::new(tool)))
    }

    fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        match self {
            Self::Shell(shell) => shell.step(kernel),
            Self::Tool(tool) => tool.step(kernel),
            Self::Client(client) => client.step(kernel, cluster),
            Self::Saya(saya) => saya.step(kernel, cluster),
        }
    }
}

/// The machine that the learner sits at.
pub type HostMachine = Runner<HostProgram>;

/// A terminal with its shell and all that it shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct HostTerminal {
    id: TerminalId,
    shell: Option<Pid>,
    /// What was printed, in pieces that clones share.
    shown: Vec<Arc<[u8]>>,
    /// How many pieces there have ever been: cleared ones count.
    length: usize,
}

/// What a terminal shows.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The terminal's number.
    pub number: u32,
    /// Grows whenever something is printed.
    pub length: usize,
    shown: Vec<Arc<[u8]>>,
}

impl PartialEq for Screen {
    /// The same terminal with nothing new. A rewound terminal differs in its length or in its last piece.
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && self.length == other.length && self.shown.last() == other.shown.last()
    }
}

impl Screen {
    /// All that is shown.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown.concat()).into_owned()
    }

    /// What was printed since the screen was last cleared, in pieces; [`Screen::length`] counts all there ever were.
    pub fn pieces(&self) -> &[Arc<[u8]>] {
        &self.shown
    }

    /// The lines above, and the last one: a prompt, or what a program has begun to print.
    pub fn split_last_line(&self) -> (String, String) {
        let mut above = self.text();
        let last = above.split_off(above.rfind('\n').map_or(0, |at| at + 1));
        (above, last)
    }
}

/// The learner's machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    machine: HostMachine,
    volumes: Volumes,
    terminals: BTreeMap<u32, HostTerminal>,
}

impl Host {
    /// A machine with the scenario's files in the learner's home.
    pub(super) fn new(profile: &Profile, scenario: &Scenario, epoch: Date) -> Self {
        let mut tree = Tree::new();
        tree.add_devices();
        for directory in ["/etc", "/usr/bin", "/usr/local/bin", "/var"] {
            tree.add_directory(directory, 0o755);
        }
        tree.add_symlink("/bin", "usr/bin");
        tree.add_file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000::/home/user:/bin/bash\n",
            0o644,
        );
        tree.add_file("/etc/group", "root:x:0:\nuser:x:1000:\n", 0o644);
        tree.add_file("/etc/resolv.conf", format!("nameserver {NODE_RESOLVER}\n"), 0o644);
        tree.add_file("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n", 0o644);
        for name in ["bash", "sh"] {
            tree.add_program(&format!("/usr/bin/{name}"), "bash");
        }
        for name in NAMES {
            tree.add_program(&format!("/usr/bin/{name}"), &format!("gnu/{name}"));
        }
        for name in Client::NAMES.iter().chain(&[Saya::NAME]) {
            tree.add_program(&format!("/usr/local/bin/{name}"), name);
        }
        tree.add_directory(HOME, 0o755);
        let config = printer::yaml(&kubeconfig::initial(&profile.context, &profile.server));
        tree.add_file(&format!("{HOME}/.kube/config"), config.into_bytes(), 0o600);
        if profile.context == "minikube" {
            for (name, text, mode) in Authority::new(profile.authority(), epoch).files() {
                tree.add_file(&format!("{HOME}/.minikube/{name}"), text.into_bytes(), mode);
            }
        }
        let mut files = Files::new(tree);
        let mut volumes = Volumes::new();
        for (path, text) in &scenario.files {
            write(&mut files, &mut volumes, scenario.date, path, text);
        }
        let mut machine = HostMachine::new(files, "saya", epoch, scenario.seed, 400);
        machine.net.addresses.push(HOST_ADDRESS.into());
        machine.net.forwards = profile.network.ports_on_host;
        Self { machine, volumes, terminals: BTreeMap::new() }
    }

    /// The environment of a new shell.
    pub(crate) fn environment() -> Environment {
        environment([
            ("HOME", HOME),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin"),
            ("PS1", "$ "),
            ("SHELL", "/bin/bash"),
            ("TERM", "xterm"),
            ("USER", "user"),
        ])
    }

    /// The machine, its volumes beside it, for whoever runs a shell on it without a terminal.
    pub(crate) fn machine_mut(&mut self) -> (&mut HostMachine, &mut Volumes) {
        (&mut self.machine, &mut self.volumes)
    }

    pub(super) fn open_terminal(&mut self, number: u32, now: SimTime) {
        if self.terminals.contains_key(&number) {
            return;
        }
        let id = self.machine.add_terminal(120, 40);
        let start = Start {
            argv: vec!["bash".into()],
            env: Self::environment(),
            cwd: HOME.into(),
            credentials: Credentials::root(),
            stdio: [Channel::Terminal(id); 3],
        };
        // The shell is one of the machine's own files.
        let shell = self.machine.start(now, &mut self.volumes, start).ok();
        self.terminals.insert(number, HostTerminal { id, shell, shown: Vec::new(), length: 0 });
    }

    pub(super) fn close_terminal(&mut self, number: u32, now: SimTime) {
        if let Some(terminal) = self.terminals.remove(&number) {
            self.machine.hang_up(now, terminal.id);
        }
    }

    pub(super) fn type_in(&mut self, number: u32, text: &str, now: SimTime) {
        if let Some(terminal) = self.terminals.get(&number) {
            self.machine.type_in(now, terminal.id, text.as_bytes());
        }
    }

    /// True where what has just happened in a cluster may be something to it.
    pub(super) fn is_concerned(&self, cluster: &Cluster) -> bool {
        cluster.fabric.has_host_arrivals() || !self.machine.ignores_world()
    }

    pub(super) fn run(&mut self, cluster: &mut Cluster) -> Option<SimTime> {
        for arrival in cluster.fabric.take_host_arrivals() {
            if let Some((far, segment)) = arrival.come(&mut self.machine.net) {
                self.machine.net.outbox.push(Outgoing::Back(far, segment));
            }
        }
        let next = self.machine.run(cluster.now(), &mut self.volumes, cluster);
        let packets = std::mem::take(&mut self.machine.net.outbox);
        cluster.send_packets(&Space::Host, packets);
        for terminal in self.terminals.values_mut() {
            for chunk in self.machine.take_screen(terminal.id) {
                terminal.show(&chunk.bytes);
            }
        }
        next
    }

    /// What a terminal shows.
    pub fn screen(&self, number: u32) -> Screen {
        match self.terminals.get(&number) {
            Some(terminal) => Screen { number, length: terminal.length, shown: terminal.shown.clone() },
            None => Screen { number, length: 0, shown: Vec::new() },
        }
    }

    /// The numbers of the open terminals that a person sees.
    pub fn terminals(&self) -> impl Iterator<Item = u32> {
        self.terminals.keys().copied().filter(|number| *number != TERMINAL)
    }

    /// True where a terminal is open.
    pub fn is_open(&self, number: u32) -> bool {
        self.terminals.contains_key(&number)
    }

    /// True where a terminal's shell waits for a command.
    pub fn is_at_prompt(&self, number: u32) -> bool {
        let shell = self.terminals.get(&number).and_then(|terminal| terminal.shell);
        shell.and_then(|pid| self.machine.processes.get(&pid)).is_some_and(|process| process.prompt.is_some())
    }

    /// Where a terminal's shell stands.
    pub fn directory(&self, number: u32) -> &str {
        let shell = self.terminals.get(&number).and_then(|terminal| terminal.shell);
        shell.and_then(|pid| self.machine.processes.get(&pid)).map_or(HOME, |process| &process.cwd)
    }

    /// The port-forwards that run: to which Pod, and which ports here and there.
    pub fn forwards(&self) -> impl Iterator<Item = (&ObjectKey, Vec<(u16, u16)>)> {
        let pids = self.machine.processes.keys();
        pids.filter_map(|pid| match self.machine.program(*pid)? {
            HostProgram::Client(client) => client.forwarded(),
            _ => None,
        })
    }

    /// All files of the machine.
    pub(super) fn tree(&self) -> &Tree {
        self.machine.files.root()
    }

    /// The number of the prompt that a terminal's shell waits at, and the exit status of the command before it.
    pub fn prompt(&self, number: u32) -> Option<(u32, u8)> {
        let shell = self.terminals.get(&number)?.shell?;
        let prompt = self.machine.processes.get(&shell)?.prompt?;
        Some((prompt.number, prompt.status))
    }

    /// How often something was printed in a terminal: a place for [`Host::printed_since`].
    pub fn printed(&self, number: u32) -> usize {
        self.terminals.get(&number).map_or(0, |terminal| terminal.length)
    }

    /// What was printed in a terminal since then, as far as it was not cleared.
    pub fn printed_since(&self, number: u32, since: usize) -> String {
        let Some(terminal) = self.terminals.get(&number) else { return String::new() };
        let pieces = terminal.length.saturating_sub(since).min(terminal.shown.len());
        let shown = &terminal.shown[terminal.shown.len() - pieces..];
        String::from_utf8_lossy(&shown.concat()).into_owned()
    }

    /// The paths of the learner's files, below the home.
    pub fn files(&self) -> Vec<String> {
        let below = self.machine.files.root().walk(HOME);
        let files = below.into_iter().filter(|(_, node)| !node.is_directory()).map(|(path, _)| path);
        files.filter(|path| !path.starts_with('.') && !path.contains("/.")).collect()
    }

    /// The text of one of the learner's files.
    pub fn file(&self, path: &str) -> Option<String> {
        let bytes = self.machine.files.root().read(&format!("{HOME}/{path}"))?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn write_file(&mut self, path: &str, text: &str, date: Date) {
        write(&mut self.machine.files, &mut self.volumes, date, path, text);
    }

    pub(super) fn remove_file(&mut self, path: &str, date: Date) {
        let owner = Credentials::root();
        let mut view = self.machine.files.view(&mut self.volumes, &owner, HOME, date);
        // A file that is gone already is what was wanted.
        let _ = view.remove_file(&format!("{HOME}/{path}"));
    }
}

impl HostTerminal {
    fn show(&mut self, bytes: &[u8]) {
        const CLEAR: &[u8] = b"\x1b[2J";
        let mut rest = bytes;
        if let Some(at) = rest.windows(CLEAR.len()).rposition(|window| window == CLEAR) {
            self.shown.clear();
            rest = &rest[at + CLEAR.len()..];
        }
        self.length += 1;
        self.shown.push(rest.into());
    }
}

fn write(files: &mut Files, volumes: &mut Volumes, date: Date, path: &str, text: &str) {
    let owner = Credentials::root();
    let mut view = files.view(volumes, &owner, HOME, date);
    let full = format!("{HOME}/{path}");
    let mut at = HOME.len() + 1;
    while let Some(slash) = full[at..].find('/') {
        // A folder that is there already is what was wanted.
        let _ = view.make_directory(&full[..at + slash], 0o755);
        at += slash + 1;
    }
    // A path that cannot be written to (a folder of that name) leaves the file out; the page shows what is there.
    let _ = view.write(&full, text.as_bytes().to_vec(), 0o644);
}
