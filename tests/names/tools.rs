//! Programs against what the real ones printed (`recorded/tool-output.json`), in the network that its `environment`
//! describes: a client's machine, servers at addresses, the name server of the cluster "base" of `dns-cases.json`.
//!
//! To have further programs tested: name their tool in [`TOOLS`], with the machine that its cases run on. What must be
//! there to answer them stands in [`servers`].

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use super::World;
use regex_lite::Regex;
use saya::apiserver::ApiServer;
use saya::base::{Date, SimTime, Value};
use saya::cluster::Arrival;
use saya::container::commands::NAMES;
use saya::container::kernel::{Data, Kernel};
use saya::container::machine::{Channel, Environment, Fd};
use saya::container::program::{Program, Step, Wait};
use saya::container::shell::Shell;
use saya::container::sockets::Protocol;
use saya::container::terminal::Stream;
use saya::container::{Credentials, Files, Mount, Runner, Start, Tree, VolumeId, Volumes, environment};
use saya::images::{ContainerProgram, System};
use saya::network::namespace::Namespace;
use saya::network::packet::{
    Datagram, End, Far, NetError, Outgoing, Payload, Routed, Segment, SocketId, Space,
};

/// What cases of a tool run on.
type Machine = fn(&Value) -> Tree;

/// The tools whose cases are run.
const TOOLS: &[(&str, Machine)] = &[
    ("bash", client),
    ("cat", client),
    ("curl", client),
    ("dig", client),
    ("getent", client),
    ("host", client),
    ("nc", client),
    ("nslookup", client),
    ("ping", client),
    ("sh", client),
    ("telnet", client),
    ("traceroute", client),
    ("wget", client),
];

/// As many cases as this are right at least.
const FLOOR: usize = 216;

/// The date of the recordings, about.
const EPOCH: Date = Date(1_795_212_900);
const CLIENT: &str = "10.244.1.5";
/// How many milliseconds programs ran that were ended by Ctrl-C.
const INTERRUPTED: u64 = 3_500;
const POD: &str = "web-6d4b8f7c9-x2x4z";

/// The files of the client's machine: of the build that a case was recorded with.
fn client(case: &Value) -> Tree {
    let version = case.get("version").str();
    let busybox = version.contains("BusyBox");
    let system = match version {
        _ if !busybox => System::Debian,
        _ if version.contains("musl") => System::Alpine,
        _ => System::BusyBox,
    };
    let mut tree = system.tree();
    if version.contains("NSLOOKUP_BIG=n") {
        tree.add_file("/etc/.busybox-1.28", "", 0o644);
    }
    if !busybox {
        for name in NAMES {
            tree.add_program(&format!("/usr/bin/{name}"), &format!("gnu/{name}"));
        }
    }
    let pod = POD;
    tree.add_file("/etc/hostname", format!("{pod}\n"), 0o644);
    tree.add_file(
        "/etc/hosts",
        format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
             fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n\
             {CLIENT}\t{pod}\n"
        ),
        0o644,
    );
    tree.add_file(
        "/etc/resolv.conf",
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
        0o644,
    );
    tree
}

/// The servers: their addresses and the programs that they run.
fn servers() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![("10.96.20.30", vec!["test/http"]), ("10.96.50.10", vec!["test/greeting"])]
}

/// A program of a machine of these tests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum TestProgram {
    /// One that Saya has.
    Own(Box<ContainerProgram>),
    /// nginx with the configuration of the recordings, as far as answers go.
    Http(Server),
    /// MariaDB's first words.
    Greeting(Server),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Server {
    listener: Option<Fd>,
    open: Vec<(Fd, Vec<u8>)>,
    later: Vec<(SimTime, Fd, Vec<u8>)>,
}

impl From<Shell> for TestProgram {
    fn from(shell: Shell) -> Self {
        Self::Own(Box::new(shell.into()))
    }
}

impl Program for TestProgram {
    type World = ApiServer;

    fn load(id: &str, argv: &[Arc<str>], env: &Environment) -> Option<Self> {
        match id {
            "test/http" => Some(Self::Http(Server::default())),
            "test/greeting" => Some(Self::Greeting(Server::default())),
            _ => ContainerProgram::load(id, argv, env).map(|own| Self::Own(Box::new(own))),
        }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        match self {
            Self::Own(own) => own.step(kernel, api),
            Self::Http(server) => server.step(kernel, 80, true),
            Self::Greeting(server) => server.step(kernel, 3306, false),
        }
    }
}

impl Server {
    fn step(&mut self, kernel: &mut Kernel<'_>, port: u16, http: bool) -> Step {
        let any = std::net::Ipv4Addr::UNSPECIFIED.into();
        let listener = *self.listener.get_or_insert_with(|| kernel.listen(Protocol::Tcp, any, port).unwrap());
        while let Ok(Some((fd, _))) = kernel.accept(listener) {
            if !http {
                kernel.write(fd, b"d\0\0\0\n5.5.5-10.11.14-MariaDB\0").unwrap();
            }
            self.open.push((fd, Vec::new()));
        }
        let mut wait = Wait::readable(listener);
        for (fd, bytes) in &mut self.open {
            match kernel.read(*fd, 65_536) {
                Ok(Data::Bytes(more)) => bytes.extend(more),
                Ok(Data::Empty) => {}
                _ => bytes.extend(b"\r\n\r\n"),
            }
            if let (true, Some(at)) = (http, bytes.windows(4).position(|four| four == b"\r\n\r\n")) {
                let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
                bytes.drain(..at + 4);
                let (answer, delay) = answer(&head);
                let at = kernel.now() + Duration::from_secs(delay);
                self.later.push((at, *fd, answer.into_bytes()));
            }
            wait = wait.or_readable(*fd);
        }
        if !http && self.open.iter().any(|(_, bytes)| !bytes.is_empty()) {
            self.open.drain(..).for_each(|(fd, _)| kernel.close(fd).unwrap());
        }
        let now = kernel.now();
        for (at, fd, bytes) in std::mem::take(&mut self.later) {
            if at > now {
                wait = wait.or_until(at);
                self.later.push((at, fd, bytes));
                continue;
            }
            let _ = kernel.write(fd, &bytes);
            if bytes.is_empty() || String::from_utf8_lossy(&bytes).contains("Connection: close") {
                let _ = kernel.close(fd);
                self.open.retain(|(open, _)| *open != fd);
            }
        }
        wait.into()
    }
}

const INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";

/// What the recordings' nginx answers, and after how many seconds.
fn answer(head: &str) -> (String, u64) {
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if path.is_empty() {
        return (String::new(), 0);
    }
    let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
    let (status, location) = match path {
        "/" => ("200 OK", String::new()),
        "/empty" => ("301 Moved Permanently", format!("http://{host}/empty/")),
        "/redirect" => ("301 Moved Permanently", "http://web.default.svc.cluster.local/".into()),
        "/empty/" => ("403 Forbidden", String::new()),
        "/500" => ("500 Internal Server Error", String::new()),
        "/bad/" => ("502 Bad Gateway", String::new()),
        "/503" => ("503 Service Temporarily Unavailable", String::new()),
        "/slow/" => ("504 Gateway Time-out", String::new()),
        _ => ("404 Not Found", String::new()),
    };
    let body = if path == "/" {
        INDEX.to_string()
    } else {
        format!(
            "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
        )
    };
    let mut text = format!(
        "HTTP/1.1 {status}\r\nServer: nginx/1.22.1\r\nDate: Fri, 20 Nov 2026 22:17:03 GMT\r\nContent-Type: text/html\r\nContent-Length: {}\r\n",
        body.len()
    );
    if path == "/" {
        text.push_str("Last-Modified: Fri, 20 Nov 2026 22:02:50 GMT\r\n");
    }
    if !location.is_empty() {
        write!(text, "Location: {location}\r\n").unwrap();
    }
    let close = path == "/500" || head.contains("Connection: close");
    write!(text, "Connection: {}\r\n", if close { "close" } else { "keep-alive" }).unwrap();
    if path == "/" {
        text.push_str("ETag: \"6b00c38a-267\"\r\nAccept-Ranges: bytes\r\n");
    }
    text.push_str("\r\n");
    if method != "HEAD" {
        text.push_str(&body);
    }
    (text, u64::from(path == "/slow/"))
}

/// A machine in the network.
struct Node {
    runner: Runner<TestProgram>,
    volumes: Volumes,
    next: Option<SimTime>,
}

impl Node {
    fn new(tree: Tree, ip: &str, name: &str, first_pid: u32) -> Self {
        let mut config = Tree::new();
        config.add_file("/..2025/enemies", "aliens=monsters\n", 0o644);
        config.add_file("/..2025/game.properties", "lives=3\n", 0o644);
        config.add_symlink("/..data", "..2025");
        config.add_symlink("/enemies", "..data/enemies");
        config.add_symlink("/game.properties", "..data/game.properties");
        let (mut volumes, volume) = (Volumes::new(), VolumeId("config".into()));
        volumes.insert(volume.clone(), config);
        let mut files = Files::new(tree);
        let mount = Mount { at: "/etc/config".into(), volume, sub_path: "".into(), read_only: true };
        files.mount(mount, &volumes);
        let mut runner = Runner::new(files, name, EPOCH, 1, first_pid);
        runner.net = Namespace::with_address(ip.parse().unwrap());
        Self { runner, volumes, next: None }
    }

    fn start(&mut self, argv: &[&str], stdio: [Channel; 3]) -> saya::container::Pid {
        let start = Start {
            argv: argv.iter().map(|word| Arc::from(*word)).collect(),
            // In this order: ash keeps it within the buckets of its hash table.
            env: environment([
                ("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
                ("KUBERNETES_SERVICE_PORT", "443"),
                ("HOSTNAME", POD),
                ("HOME", "/root"),
                ("TERM", "xterm"),
                ("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1"),
                ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                ("KUBERNETES_PORT_443_TCP_PORT", "443"),
                ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
                ("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"),
                ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
                ("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
            ]),
            cwd: "/".into(),
            credentials: Credentials::root(),
            stdio,
        };
        self.next = Some(SimTime::ZERO);
        self.runner.start(SimTime::ZERO, &mut self.volumes, start).unwrap()
    }
}

/// The machines and what is on its way between them.
struct Net<'a> {
    nodes: Vec<Node>,
    world: &'a mut World,
    now: SimTime,
    flights: BTreeMap<(SimTime, u64), (usize, Arrival)>,
    sent: u64,
}

impl Net<'_> {
    fn fly(&mut self, after: Duration, to: usize, arrival: Arrival) {
        self.sent += 1;
        self.flights.insert((self.now + after, self.sent), (to, arrival));
    }

    fn run_node(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        node.next = node.runner.run(self.now, &mut node.volumes, &mut self.world.api);
        for packet in std::mem::take(&mut node.runner.net.outbox) {
            self.send(at, packet);
        }
    }

    fn send(&mut self, from: usize, packet: Outgoing) {
        let space = |at: usize| Space::Node(at.to_string().as_str().into());
        let latency = Duration::from_micros(40);
        match packet {
            Outgoing::Back(far, segment) => {
                let segment = match segment {
                    Segment::Established(End::Local(socket)) => {
                        Segment::Established(End::Far(Far { space: space(from), socket }))
                    }
                    other => other,
                };
                let Space::Node(to) = far.space else { return };
                self.fly(latency, to.parse().unwrap(), Arrival::Segment(far.socket, segment));
            }
            // Nobody here forwards ports.
            Outgoing::Into(..) => {}
            Outgoing::Routed(packet) => {
                let back = Far { space: space(from), socket: packet.socket };
                self.route(from, back, packet);
            }
        }
    }

    fn route(&mut self, from: usize, back: Far, packet: Routed) {
        let latency = Duration::from_micros(40);
        let to = packet.to.ip();
        let socket = back.socket;
        let fails = |error| Arrival::Segment(socket, Segment::Failed(error));
        if to == self.world.dns_ip {
            let Some(Payload::Query(query)) = &packet.payload else { return };
            let answer = self.world.dns().ask(&query.question);
            let payload = Payload::Answer(Arc::new(((**query).clone(), answer)));
            let answer =
                Datagram { from: packet.to, asked: packet.from, back: End::Local(SocketId(0)), payload };
            return self.fly(latency, from, Arrival::Segment(socket, Segment::Datagram(answer)));
        }
        let node = self.nodes.iter().position(|node| node.runner.net.has(to));
        let arrival = match (node, packet.payload) {
            (None, _) => match to.to_string().as_str() {
                "10.244.8.8" => return self.fly(latency, from, fails(NetError::HostUnreachable)),
                "10.244.2.12" | "10.244.2.99" => return self.fly(latency, from, fails(NetError::Refused)),
                _ => return,
            },
            (Some(_), None) => Arrival::Connect { from: packet.from, to: packet.to, back },
            (Some(_), Some(payload)) => {
                let datagram =
                    Datagram { from: packet.from, asked: packet.to, back: End::Far(back), payload };
                Arrival::Datagram(packet.protocol, packet.to, datagram)
            }
        };
        self.fly(latency, node.unwrap(), arrival);
    }

    /// Lets everything happen up to `until`, or up to the end of the client's process.
    fn run(&mut self, until: SimTime, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let flight = self.flights.keys().next().map(|(at, _)| *at);
            let next = self.nodes.iter().filter_map(|node| node.next).chain(flight).min();
            let Some(next) = next.filter(|next| *next <= until) else { return };
            self.now = self.now.max(next);
            while let Some(entry) = self.flights.first_entry().filter(|entry| entry.key().0 <= next) {
                let (to, arrival) = entry.remove();
                if let Some((far, segment)) = arrival.come(&mut self.nodes[to].runner.net) {
                    self.send(to, Outgoing::Back(far, segment));
                }
                self.nodes[to].next = Some(self.now);
            }
            for at in 0..self.nodes.len() {
                if self.nodes[at].next.is_some_and(|due| due <= self.now) {
                    self.run_node(at);
                }
            }
        }
        self.now = self.now.max(until.min(self.now));
    }
}

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    code: Option<i64>,
    stdout: String,
    stderr: String,
}

fn run(case: &Value, machine: Machine, world: &mut World) -> Done {
    let mut nodes = vec![Node::new(machine(case), CLIENT, POD, 100)];
    for (ip, programs) in servers() {
        let mut tree = System::Debian.tree();
        for program in &programs {
            tree.add_program(&format!("/usr/sbin/{}", program.replace('/', "-")), program);
        }
        let mut node = Node::new(tree, ip, "server", 1);
        for program in programs {
            node.start(&[&program.replace('/', "-")], [Channel::Null; 3]);
        }
        nodes.push(node);
    }
    let typed: Vec<&str> = case.get("input").items().iter().map(Value::str).collect();
    let mut net = Net { nodes, world, now: SimTime::ZERO, flights: BTreeMap::new(), sent: 0 };
    net.run(SimTime::from_millis(100), |_| false);
    let client = &mut net.nodes[0];
    let (argv0, flag) = match case.get("shell").str() {
        "busybox sh -c" => ("/bin/sh", "-c"),
        "bash -c" => ("bash", "-c"),
        _ => ("sh", "-c"),
    };
    if !typed.is_empty() {
        let terminal = client.runner.add_terminal(200, 24);
        let tool = case.get("tool").str();
        let busybox = case.get("version").str().contains("BusyBox");
        let tool = if tool == "sh" && busybox { "/bin/sh" } else { tool };
        let pid = client.start(&[tool], [Channel::Terminal(terminal); 3]);
        for line in typed {
            // What is interrupted was let run for some seconds.
            let patience = if line.contains('\u{3}') { INTERRUPTED } else { 500 };
            let until = net.now + Duration::from_millis(patience);
            net.run(until, |_| false);
            net.now = until;
            net.nodes[0].runner.type_in(until, terminal, line.as_bytes());
            net.nodes[0].next = Some(until);
        }
        let until = net.now + Duration::from_secs(5);
        net.run(until, |net| net.nodes[0].runner.status(pid).is_some());
        let runner = &mut net.nodes[0].runner;
        let shown: Vec<u8> = runner.take_screen(terminal).into_iter().flat_map(|chunk| chunk.bytes).collect();
        let code = runner.status(pid).map(|status| i64::from(status.code()));
        let stdout = String::from_utf8_lossy(&shown).replace('\r', "");
        return Done { code, stdout, stderr: String::new() };
    }
    let output = client.runner.add_output();
    let stdio = [Channel::Null, Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
    let pid = client.start(&[argv0, flag, case.get("command").str()], stdio);
    let limit = net.now + Duration::from_secs(300);
    net.run(limit, |net| net.nodes[0].runner.status(pid).is_some());
    let runner = &mut net.nodes[0].runner;
    let code = runner.status(pid).map(|status| i64::from(status.code()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    for chunk in runner.take_output(output) {
        if chunk.stream == Stream::Out { &mut out } else { &mut err }.extend(chunk.bytes);
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Done { code, stdout: text(out), stderr: text(err) }
}

/// Folds dates, ids and timings, and puts blocks in order where theirs does not count.
fn fold(text: &str, unordered: bool) -> String {
    const FOLDS: &[(&str, &str)] = &[
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", "DATE"),
        (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .* 2026( \d\d:\d\d:\d\d)?( GMT)?", "DATE"),
        (r"\bid: \d+", "id: N"),
        (r"\(<build date>\) ", ""),
        (r"Query time: \d+ msec", "Query time: N msec"),
        (r"after \d+ (ms|milliseconds)", "after N ms"),
        (r"\btime \d+ms", "time Nms"),
        (r"= [\d./]+ ms", "= N ms"),
        (r"\d+\.\d+ ms", "N ms"),
        (r"\*  N ms", "N ms  N ms"),
        (r" +(\d+k?|-?\d+\.\d[kM]) +0 --:--:-- --:--:-- --:--:-- +[\d.]+[kM]?\n", "SPEED\n"),
        (r"ETag: \S+", "ETag: X"),
        (r"\([\d.]+ [KM]B/s\)", "(N MB/s)"),
    ];
    let mut text = text.replace("\r\n", "\n");
    for (pattern, with) in FOLDS {
        text = Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned();
    }
    if unordered {
        let mut blocks: Vec<&str> =
            text.split("\n\n").map(|block| block.trim_matches('\n')).filter(|b| !b.is_empty()).collect();
        blocks.sort_unstable();
        return blocks.join("\n\n");
    }
    text
}

fn recorded(name: &str) -> Value {
    let folder = std::env::var("SAYA_RECORDED")
        .unwrap_or_else(|_| format!("{}/tests/recorded", env!("CARGO_MANIFEST_DIR")));
    let path = format!("{folder}/{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap()
}

/// `RECORDED_ONLY=prefix` runs some of the cases, `RECORDED_SHOW=N` shows so many that are wrong.
#[test]
fn programs_print_what_the_real_ones_printed() {
    let variable = |name: &str| std::env::var(name).ok();
    let only = variable("RECORDED_ONLY").unwrap_or_default();
    let show: usize = variable("RECORDED_SHOW").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut worlds = World::all(&recorded("dns-cases"));
    let world = worlds.get_mut("base").unwrap();
    let cases = recorded("tool-output");
    let (mut right, mut all) = (0, 0);
    let mut wrong = Vec::new();
    for case in cases.get("cases").items() {
        let id = case.get("id").str();
        let tool = TOOLS.iter().find(|(tool, _)| *tool == case.get("tool").str());
        let Some((_, machine)) = tool.filter(|_| id.starts_with(&only)) else { continue };
        all += 1;
        let done = run(case, *machine, world);
        let unordered =
            !case.get("unordered_blocks").is_empty() && *case.get("unordered_blocks") != Value::Bool(false);
        let folded = |text: &str| fold(text, unordered);
        let good = done.code == case.get("exit_code").as_int()
            && folded(&done.stdout) == folded(case.get("stdout").str())
            && folded(&done.stderr) == folded(case.get("stderr").str());
        if good {
            right += 1;
        } else {
            wrong.push(id);
            if wrong.len() <= show {
                println!("== {id}: {}", case.get("command").str());
                for (what, got, wanted) in
                    [("stdout", &done.stdout, "stdout"), ("stderr", &done.stderr, "stderr")]
                {
                    let (got, wanted) = (folded(got), folded(case.get(wanted).str()));
                    if got != wanted {
                        println!("-- {what} wanted\n{wanted}\n-- {what} got\n{got}");
                    }
                }
                println!("-- exit {:?}, wanted {:?}", done.code, case.get("exit_code").as_int());
            }
        }
    }
    println!("tool-output: {right} of {all}");
    println!("wrong: {}", wrong.join(" "));
    assert!(
        right >= FLOOR || !only.is_empty() || variable("SAYA_RECORDED").is_some(),
        "{right} of {all}: {wrong:?}"
    );
}

#[test]
fn folds() {
    assert_eq!(fold("after 12 ms, id: 5\r\n", false), "after N ms, id: N\n");
    assert_eq!(fold("\nb\n\n\na\n", true), "a\n\nb");
}
