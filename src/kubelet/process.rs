//! The programs of a running container: its machine, its main process, its log.

use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::api::{Object, Quantity};
use crate::apiserver::ApiServer;
use crate::base::{Date, SimTime, Value};
use crate::container::Runner;
use crate::container::errno::Errno;
use crate::container::files::{Credentials, Files, Mount, Volumes};
use crate::container::machine::{
    Channel, DEFAULT_PATH, Environment, OutputId, Pid, PipeId, Start, StartError, TerminalId,
};
use crate::container::program::ASSUMED;
use crate::container::signal::Signal;
use crate::container::terminal::{Chunk, Stream};
use crate::container::tree::{Content, Tree};
use crate::images::{self, ContainerProgram, Image, Reference};
use crate::network::namespace::Namespace;
use crate::programs::memory_of;

use super::capabilities;
use super::environment;
use super::etc::{self, NodeDns};

/// The files, processes and terminals of a container.
pub type ContainerMachine = Runner<ContainerProgram>;

/// What a container is started with beyond its own spec.
#[derive(Clone, Debug)]
pub struct Surroundings<'a> {
    /// The Pod.
    pub pod: &'a Object,
    /// The Pod's address.
    pub ip: Ipv4Addr,
    /// The node's name.
    pub node: &'a str,
    /// Variables of the Pod, before the container's own: those of Services.
    pub services: Environment,
    /// The container's own variables, expanded.
    pub variables: Vec<(String, String)>,
    /// What it has of its image.
    pub unpacked: Unpacked,
    /// Its volumes.
    pub mounts: Vec<Mount>,
    /// What the wall clock said when the simulation began.
    pub epoch: Date,
    /// What its randomness follows from.
    pub seed: u64,
    /// The number of its main process: 1, unless it shares a process namespace.
    pub first_pid: Pid,
}

/// A running container's programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    machine: ContainerMachine,
    main: Pid,
    output: OutputId,
    input: Input,
    /// How its programs begin, those that are started from outside, too.
    env: Environment,
    directory: Arc<str>,
    who: Credentials,
    log: Vec<Chunk>,
    next_at: Option<SimTime>,
    ended: Option<(i64, SimTime)>,
    image: Option<&'static Image>,
    assumed: bool,
    /// How many bytes of memory it may have; 0 for any number.
    limit: u64,
    /// How many its main program needs, and when it has taken them.
    filled: (u64, SimTime),
    out_of_memory: bool,
}

/// What the main program reads from (`stdin`, `tty`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Input {
    Nothing,
    Pipe(PipeId),
    Terminal(TerminalId),
}

/// Where a container writes what is to be told of its end, if its spec names no other file.
const TERMINATION_LOG: &str = "/dev/termination-log";

/// A user's group and home: by `/etc/passwd`, else root's group and `/` (containerd `oci.WithUserID`).
fn account(tree: &Tree, uid: u32) -> (u32, String) {
    if uid == 0 {
        return (0, "/root".to_owned());
    }
    let node = tree.find("/etc/passwd").and_then(|ino| tree.node(ino));
    let Some(Content::File(bytes)) = node.map(|node| &node.content) else { return (0, "/".to_owned()) };
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let number = |cell: Option<&&str>| cell.and_then(|text| text.parse::<u32>().ok());
    let own = lines.find(|cells| number(cells.get(2)) == Some(uid)).unwrap_or_default();
    (number(own.get(3)).unwrap_or(0), own.get(5).copied().unwrap_or("/").to_owned())
}

/// How long a program takes to fill the memory that it needs.
const FILLING: Duration = Duration::from_millis(900);

/// Who a container's programs are.
fn credentials(pod: &Object, spec: &Value, image: &Image, tree: &Tree) -> Credentials {
    let said = |name: &str| {
        let own = spec.at(&["securityContext", name]).as_int();
        own.or_else(|| pod.spec().at(&["securityContext", name]).as_int())
            .and_then(|id| u32::try_from(id).ok())
    };
    let groups = pod.spec().at(&["securityContext", "supplementalGroups"]).items();
    let groups = groups.iter().filter_map(|id| u32::try_from(id.int()).ok());
    let shared =
        pod.spec().at(&["securityContext", "fsGroup"]).as_int().and_then(|id| u32::try_from(id).ok());
    let uid = said("runAsUser").unwrap_or(image.user);
    Credentials {
        uid,
        gid: said("runAsGroup").unwrap_or_else(|| account(tree, uid).0),
        groups: shared.into_iter().chain(groups).collect(),
    }
}

/// Why a container may not be started as the user that it would be (kuberuntime, `verifyRunAsNonRoot`).
pub fn root_is_refused(pod: &Object, spec: &Value, reference: &Reference) -> Option<String> {
    let of_pod = pod.spec().get("securityContext");
    let said = |name: &str| {
        let own = spec.at(&["securityContext", name]);
        if own.is_null() { of_pod.get(name).clone() } else { own.clone() }
    };
    // What nobody knows may well be somebody else's.
    let user = images::find(reference).map_or(1, |image| image.user);
    if !said("runAsNonRoot").bool() || said("runAsUser").as_int().unwrap_or(user.into()) != 0 {
        return None;
    }
    let why = match said("runAsUser").as_int() {
        Some(_) => "container's runAsUser breaks non-root policy",
        None => "container has runAsNonRoot and image will run as root",
    };
    let (name, namespace, uid) = (pod.name(), pod.namespace(), pod.uid());
    Some(format!("{why} (pod: \"{name}_{namespace}({uid})\", container: {})", spec.get("name").str()))
}

/// What all containers of one template share: the files of their image with those that every container of it has besides,
/// empty, and with the points where volumes are mounted; the image's variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unpacked {
    files: Files,
    variables: Environment,
}

impl Unpacked {
    /// What containers of an image with such mounts share.
    pub fn new(reference: &Reference, mounts: &[Mount], volumes: &Volumes) -> Self {
        let mut tree = images::layers(reference);
        for file in [
            "etc/hostname",
            "etc/hosts",
            "etc/resolv.conf",
            "sys/fs/cgroup/memory.max",
            "sys/fs/cgroup/cpu.max",
        ] {
            tree.add_file(&format!("/{file}"), Vec::new(), 0o644);
        }
        tree.add_file(TERMINATION_LOG, Vec::new(), 0o666);
        let mut files = Files::new(tree);
        mounts.iter().for_each(|mount| files.mount(mount.clone(), volumes));
        files.root = files.root.frozen();
        let variables = images::find(reference).unwrap_or(&images::UNKNOWN).environment(&reference.tag);
        Self { files, variables: variables.into_iter().map(shared).collect() }
    }
}

fn shared((name, value): (String, String)) -> (Arc<str>, Arc<str>) {
    (name.into(), value.into())
}

/// What the variables of a container are put together from.
struct Said<'a> {
    tty: bool,
    hostname: &'a str,
    image: &'a [(Arc<str>, Arc<str>)],
    own: Vec<(Arc<str>, Arc<str>)>,
    services: &'a [(Arc<str>, Arc<str>)],
    home: Arc<str>,
}

/// The environment in the order that containerd gives it (CRI, `containerSpecOpts`): the image's variables and then the Pod's
/// own, in place of those of the same name; a Service's where the Pod says none (kubelet, `makeEnvironment`); runc adds HOME.
fn environment_of_process(said: Said<'_>) -> Vec<(Arc<str>, Arc<str>)> {
    let most = said.image.len() + said.own.len() + said.services.len() + 4;
    let mut env: Vec<(Arc<str>, Arc<str>)> = Vec::with_capacity(most);
    env.push(("PATH".into(), DEFAULT_PATH.into()));
    if said.tty {
        env.push(("TERM".into(), "xterm".into()));
    }
    env.push(("HOSTNAME".into(), said.hostname.into()));
    let named = |name: &Arc<str>| said.own.iter().any(|(own, _)| own == name);
    let services = said.services.iter().filter(|(name, _)| !named(name));
    for (name, value) in said.image.iter().chain(&said.own).chain(services) {
        match env.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1 = value.clone(),
            None => env.push((name.clone(), value.clone())),
        }
    }
    if !env.iter().any(|(name, _)| &**name == "HOME") {
        env.push(("HOME".into(), said.home));
    }
    env
}

impl Process {
    /// Starts the main program of a container.
    ///
    /// # Errors
    /// The runtime's words where it cannot be started.
    pub fn start(
        reference: &Reference,
        spec: &Value,
        around: Surroundings<'_>,
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Result<Self, String> {
        let known = images::find(reference);
        let image = known.unwrap_or(&images::UNKNOWN);
        let variable = |name: &str| environment::value(&around.variables, &around.services, name);
        // `$(NAME)` stands for a variable (kubelet/container, `ExpandContainerCommandAndArgs`).
        let texts = |list: &Value| {
            let words = list.items().iter().map(|text| environment::expand(text.str(), &variable).into());
            words.collect::<Vec<Arc<str>>>()
        };
        let (command, args) = (texts(spec.get("command")), texts(spec.get("args")));
        let own = |list: &[&str]| list.iter().map(|text| Arc::from(*text)).collect::<Vec<Arc<str>>>();
        let command_is_own = command.is_empty();
        let argv = match (command.is_empty(), args.is_empty()) {
            (true, true) => [own(image.entrypoint), own(image.command)].concat(),
            (true, false) => [own(image.entrypoint), args].concat(),
            (false, _) => [command, args].concat(),
        };
        static DNS: LazyLock<NodeDns> = LazyLock::new(NodeDns::default);
        let hostname = etc::hostname(around.pod, around.node, &DNS);
        let Unpacked { mut files, variables: of_image } = around.unpacked;
        files.remount(around.mounts);
        let tree = &mut files.root;
        let date = Date(around.epoch.0 + now.as_secs() as i64);
        tree.fill_file("/etc/hostname", [&hostname, "\n"].concat(), date);
        tree.fill_file("/etc/hosts", etc::hosts(around.pod, &[around.ip.into()], around.node, &DNS), date);
        tree.fill_file("/etc/resolv.conf", etc::pod_dns(around.pod, &DNS).to_string(), date);
        let limits = Limits::of(spec.get("resources"));
        limits.write(tree, date);
        let told = spec.get("terminationMessagePath").str();
        if !["", TERMINATION_LOG].contains(&told) {
            tree.add_file(told, Vec::new(), 0o666);
        }
        let first = around.first_pid;
        files.read_only = spec.at(&["securityContext", "readOnlyRootFilesystem"]).bool();
        let mut machine = ContainerMachine::new(files, &hostname, around.epoch, around.seed, first.0);
        (machine.init, machine.joined) = (Some(first), first != Pid(1));
        machine.capabilities = capabilities::bounding(spec.get("securityContext"));
        let who = credentials(around.pod, spec, image, &machine.files.root);
        let env = environment_of_process(Said {
            tty: spec.get("tty").bool(),
            hostname: &hostname,
            image: &of_image,
            own: around.variables.into_iter().map(shared).collect(),
            services: &around.services,
            home: account(&machine.files.root, who.uid).1.into(),
        });
        let output = machine.add_output();
        let input = match (spec.get("tty").bool(), spec.get("stdin").bool()) {
            (true, _) => Input::Terminal(machine.add_terminal(80, 24)),
            (_, true) => Input::Pipe(machine.add_pipe()),
            _ => Input::Nothing,
        };
        let env: Environment = env.into();
        let directory: Arc<str> = spec.get("workingDir").as_str().unwrap_or(image.directory).into();
        let start = Start {
            argv: argv.as_slice().into(),
            env: env.clone(),
            cwd: directory.clone(),
            credentials: who.clone(),
            stdio: match input {
                Input::Terminal(terminal) => [Channel::Terminal(terminal); 3],
                _ => [
                    if let Input::Pipe(pipe) = input { Channel::Pipe(pipe) } else { Channel::Null },
                    Channel::Output(output, Stream::Out),
                    Channel::Output(output, Stream::Err),
                ],
            },
        };
        let ports: String = spec
            .get("ports")
            .items()
            .iter()
            .map(|port| {
                let protocol = port.get("protocol").as_str().unwrap_or("TCP");
                format!("\n{}/{protocol}", port.get("containerPort").int())
            })
            .collect();
        if known.is_none() && !images::is_distroless(reference) {
            machine.assumed = Some(ports.as_str().into());
        }
        if known.is_none() && command_is_own {
            let id = format!("{}{}{ports}", ASSUMED, reference.path);
            machine.files.add_program(&program_path(&argv[0]), &id);
        }
        let mut started = machine.start(now, volumes, start.clone());
        if started.is_err() && known.is_none() {
            // Nobody knows what is in this image: its program is taken to be there, to stay up and to do nothing.
            machine.files.add_program(&program_path(&argv[0]), &format!("{}{}{ports}", ASSUMED, argv[0]));
            started = machine.start(now, volumes, start);
        }
        let main = started.map_err(|error| not_started(&error))?;
        let assumed = matches!(machine.program(main), Some(ContainerProgram::Daemon(_)));
        machine.processor.quota = limits.cpu;
        // The image's own program fills its memory as it starts.
        let (load, own) = images::footprint::of(reference, command_is_own);
        machine.set_load(now, main, load);
        Ok(Self {
            machine,
            main,
            output,
            input,
            env,
            directory,
            who,
            log: Vec::new(),
            next_at: Some(now),
            ended: None,
            image: known,
            assumed,
            limit: limits.memory,
            filled: (own, now + FILLING),
            out_of_memory: false,
        })
    }

    /// Lets its programs go on up to `now`, in the network namespace of their Pod.
    pub fn run(&mut self, volumes: &mut Volumes, net: &mut Namespace, api: &mut ApiServer) {
        if self.ended.is_some() {
            return;
        }
        std::mem::swap(&mut self.machine.net, net);
        self.next_at = self.machine.run(api.clock.now, volumes, api);
        std::mem::swap(&mut self.machine.net, net);
        self.log.extend(match self.input {
            Input::Terminal(terminal) => self.machine.take_screen(terminal),
            _ => self.machine.take_output(self.output),
        });
        if let Some((status, at)) = self.machine.reap(self.main) {
            self.ended = Some((i64::from(status.code()), at));
            self.next_at = None;
        } else if self.limit > 0 {
            self.watch_memory(api.clock.now);
        }
    }

    /// Ends all programs where they need more memory than the container may have: its control group is killed as one.
    fn watch_memory(&mut self, now: SimTime) {
        let all = self.machine.processes.values();
        let running = all.filter(|process| process.is_running() && !process.is_foreign());
        let asked = running
            .filter_map(|process| Some((memory_of(&process.argv)?, process.started + FILLING)))
            .chain([self.filled])
            .filter(|(needed, _)| *needed > self.limit);
        let Some((_, at)) = asked.min_by_key(|(_, at)| *at) else { return };
        if now < at {
            self.next_at = Some(self.next_at.map_or(at, |next| next.min(at)));
            return;
        }
        self.machine.kill(now, self.main, Signal::KILL);
        self.machine.reap(self.main);
        self.out_of_memory = true;
        self.ended = Some((137, now));
        self.next_at = None;
    }

    /// True where it ended because it needed more memory than it may have.
    pub fn is_out_of_memory(&self) -> bool {
        self.out_of_memory
    }

    /// When something happens in it by itself.
    pub fn next_at(&self) -> Option<SimTime> {
        self.next_at
    }

    /// The exit code of its main process and when it ended, once it has.
    pub fn exit(&self) -> Option<(i64, SimTime)> {
        self.ended
    }

    /// Who its programs are that are started from outside: what its security context or its image says.
    pub fn who(&self) -> Credentials {
        self.who.clone()
    }

    /// What it has left to be told of its end: the file that its spec names, or, where it `failed` and its spec wants that,
    /// the end of its log (kuberuntime, getTerminationMessage).
    pub fn termination_message(&mut self, spec: &Value, volumes: &mut Volumes, failed: bool) -> String {
        let path = spec.get("terminationMessagePath").as_str().unwrap_or(TERMINATION_LOG);
        let view = self.machine.files.view(volumes, &self.who, "/", Date::default());
        let bytes = view.read(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
        if !text.is_empty()
            || !failed
            || spec.get("terminationMessagePolicy").str() != "FallbackToLogsOnError"
        {
            return text;
        }
        let log: Vec<u8> = self.log.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect();
        let log = String::from_utf8_lossy(&log[log.len().saturating_sub(2048)..]).into_owned();
        let lines: Vec<&str> = log.split_inclusive('\n').collect();
        lines[lines.len().saturating_sub(80)..].concat()
    }

    /// What it has written to files of its own, and printed.
    pub fn bytes_on_disk(&self) -> i64 {
        let printed: usize = self.log.iter().map(|chunk| chunk.bytes.len()).sum();
        self.machine.files.root.bytes() + printed as i64
    }

    /// True where it has started nothing, printed nothing and written no file since it was as `earlier`.
    pub fn has_rested_since(&self, earlier: &Self) -> bool {
        let ran = |one: &Self| (one.next_pid(), one.machine.processes.len(), one.log.len(), one.ended);
        ran(self) == ran(earlier) && self.machine.files == earlier.machine.files
    }

    /// What it has printed.
    pub fn log(&self) -> &[Chunk] {
        &self.log
    }

    /// Gives its main program bytes to read, where it reads any.
    pub fn feed(&mut self, bytes: &[u8], now: SimTime) {
        match self.input {
            Input::Terminal(terminal) => self.machine.type_in(now, terminal, bytes),
            Input::Pipe(pipe) => drop(self.machine.feed(pipe, bytes)),
            Input::Nothing => {}
        }
    }

    /// How long its main program, or one that it has started, is to be given before it is told more, where it waits for
    /// input.
    pub fn wants_input(&self) -> Option<Duration> {
        let channel = match self.input {
            Input::Terminal(terminal) => Channel::Terminal(terminal),
            Input::Pipe(pipe) => Channel::Pipe(pipe),
            Input::Nothing => return None,
        };
        self.waits_at(channel)
    }

    /// The same of a program of its machine that reads from there.
    pub fn waits_at(&self, channel: Channel) -> Option<Duration> {
        self.machine.hungry_reader_of(channel).map(|(_, patience)| patience)
    }

    /// Tells its main program that no more input comes.
    pub fn finish_input(&mut self, now: SimTime) {
        match self.input {
            Input::Terminal(terminal) => self.machine.type_in(now, terminal, &[4]),
            Input::Pipe(pipe) => self.machine.finish(pipe),
            Input::Nothing => {}
        }
    }

    /// True where its main program is not known and taken to do what is expected of it.
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// Starts a further program beside its main one, as that one was started.
    ///
    /// # Errors
    /// The runtime's words where it cannot be started.
    pub fn exec(
        &mut self,
        argv: &[String],
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Result<(Pid, OutputId), String> {
        let output = self.machine.add_output();
        let start = Start {
            argv: argv.iter().map(|word| Arc::from(word.as_str())).collect(),
            env: self.env.clone(),
            cwd: self.directory.clone(),
            credentials: self.who.clone(),
            stdio: [
                Channel::Null,
                Channel::Output(output, Stream::Out),
                Channel::Output(output, Stream::Err),
            ],
        };
        match self.machine.start(now, volumes, start) {
            Ok(pid) => {
                self.next_at = Some(now);
                Ok((pid, output))
            }
            Err(error) => {
                self.machine.drop_output(output);
                Err(not_started(&error).replace(
                    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ",
                    "rpc error: code = Unknown desc = failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ",
                ))
            }
        }
    }

    /// The exit code of a program of [`Process::exec`], once it has ended.
    pub fn status(&self, pid: Pid) -> Option<u8> {
        self.machine.status(pid).map(|status| status.code())
    }

    /// What a program of [`Process::exec`] that has ended printed; it is forgotten.
    pub fn finish(&mut self, pid: Pid, output: OutputId) -> String {
        self.machine.reap(pid);
        let chunks = self.machine.take_output(output);
        self.machine.drop_output(output);
        let bytes: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.bytes).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Ends a program of [`Process::exec`].
    pub fn abort(&mut self, pid: Pid, now: SimTime) {
        self.machine.kill(now, pid, Signal::KILL);
        self.machine.reap(pid);
    }

    /// Its machine, to look at.
    pub(super) fn seen(&self) -> &ContainerMachine {
        &self.machine
    }

    /// Its main process.
    pub(super) fn main(&self) -> Pid {
        self.main
    }

    /// Lets it have other amounts from now on.
    pub(super) fn set_limits(&mut self, resources: &Value, date: Date) {
        let limits = Limits::of(resources);
        limits.write(&mut self.machine.files.root, date);
        (self.machine.processor.quota, self.limit) = (limits.cpu, limits.memory);
    }

    /// How much memory it may have, in bytes; 0 for any.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// How much its main program needs, in bytes.
    pub(super) fn own_memory(&self) -> u64 {
        self.filled.0
    }

    /// The number that its next program gets.
    pub fn next_pid(&self) -> Pid {
        self.machine.next_pid()
    }

    /// Looks at its programs at this moment, for something has come to them.
    pub fn wake(&mut self, now: SimTime) {
        self.next_at = Some(now);
    }

    /// Its machine, to act in.
    pub fn machine(&mut self) -> &mut ContainerMachine {
        &mut self.machine
    }

    /// True where one of its programs wants to go on when something changes in the API server.
    pub fn watches(&self) -> bool {
        !self.machine.ignores_world()
    }

    /// The environment that its programs are started with, whatever the main one has made of its own.
    pub fn environment(&self) -> &Environment {
        &self.env
    }

    /// The working directory that they are started in.
    pub fn directory(&self) -> Arc<str> {
        self.directory.clone()
    }

    /// Sends its main process the signal that its image names: SIGTERM, if nothing else.
    pub fn terminate(&mut self, now: SimTime) {
        self.machine.kill(now, self.main, self.image.map_or(Signal::TERM, |image| image.stop));
        self.next_at = Some(now);
    }

    /// Sends SIGKILL to its main process.
    pub fn kill(&mut self, now: SimTime) {
        self.machine.kill(now, self.main, Signal::KILL);
        self.next_at = Some(now);
    }
}

/// Where a program is that a command names.
fn program_path(name: &str) -> String {
    if name.contains('/') { name.to_string() } else { format!("/usr/local/bin/{name}") }
}

/// containerd's and runc's words for a program that cannot be started.
pub fn not_started(error: &StartError) -> String {
    let why = match error {
        StartError::NotOnPath(name) => format!("exec: \"{name}\": executable file not found in $PATH"),
        StartError::Path(path, errno) => {
            let text = match errno {
                Errno::NotFound => "no such file or directory".to_string(),
                other => other.to_string().to_lowercase(),
            };
            format!(
                "exec: \"{path}\": {}{text}",
                if *errno == Errno::NotFound { "stat ".to_string() + path + ": " } else { String::new() }
            )
        }
    };
    format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: {why}"
    )
}

/// What a container may have at most; 0 for any.
struct Limits {
    /// In thousandths of a processor.
    cpu: u32,
    /// In bytes.
    memory: u64,
}

impl Limits {
    fn of(resources: &Value) -> Self {
        let limit = |name: &str| Quantity::parse(resources.at(&["limits", name]).str()).ok();
        let number =
            |quantity: Option<Quantity>, of: fn(&Quantity) -> i64| quantity.map_or(0, |own| of(&own));
        Self {
            cpu: u32::try_from(number(limit("cpu"), Quantity::milli_value)).unwrap_or(0),
            memory: u64::try_from(number(limit("memory"), Quantity::value)).unwrap_or(0),
        }
    }

    /// Tells its programs, as control groups do.
    fn write(&self, tree: &mut Tree, date: Date) {
        let text = |number: u64| if number == 0 { "max".to_owned() } else { number.to_string() };
        let cpu = text(u64::from(self.cpu) * 100);
        tree.fill_file("/sys/fs/cgroup/memory.max", text(self.memory) + "\n", date);
        tree.fill_file("/sys/fs/cgroup/cpu.max", cpu + " 100000\n", date);
    }
}
