//! Programs against what the real ones printed (`recorded/tool-output.json`), in the network that its `environment`
//! describes: a client's machine, servers at addresses, the name server of the cluster "base" of `dns-cases.json`.
//!
//! To have further programs tested: name their tool in [`TOOLS`], with the machine that its cases run on. What must be
//! there to answer them stands in [`servers`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{World, servers};
use regex_lite::Regex;
use saya::base::{Date, SimTime, Value};
use saya::cluster::Arrival;
use saya::container::commands::NAMES;
use saya::container::machine::{Channel, OutputId};
use saya::container::signal::Signal;
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
    ("mariadb", database_client),
    ("mysql", database_client),
    ("nc", client),
    ("nginx", database_client),
    ("node", interpreters),
    ("nslookup", client),
    ("php", interpreters),
    ("phpmyadmin", phpmyadmin),
    ("ping", client),
    ("python3", interpreters),
    ("python3 -m http.server", interpreters),
    ("redis-cli", database_client),
    ("redis-server", database_client),
    ("sh", client),
    ("tail", client),
    ("telnet", client),
    ("traceroute", client),
    ("wget", client),
];

/// As many cases as this are right at least.
const FLOOR: usize = 316;

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

/// The client's machine with clients of databases.
fn database_client(case: &Value) -> Tree {
    let mut tree = client(case);
    tree.add_program("/usr/bin/mariadb", "mysql");
    tree.add_program("/usr/bin/mysql", "mysql8");
    tree.add_program("/usr/bin/redis-cli", "redis-cli");
    tree.add_program("/usr/sbin/nginx", "nginx");
    tree.add_file(
        "/etc/nginx/nginx.conf",
        "error_log stderr notice;\nevents {}\nhttp { access_log off; include /etc/nginx/conf.d/*.conf; }\n",
        0o644,
    );
    // A `listen` without its `;`, as the recorded mistake.
    tree.add_file(
        "/etc/nginx/conf.d/default.conf",
        "server {\n    listen 80\n    location / {\n    }\n}\n",
        0o644,
    );
    tree
}

/// A machine with languages, and what the recordings' scripts use.
fn interpreters(case: &Value) -> Tree {
    let mut tree = client(case);
    for name in ["node", "php", "python3"] {
        tree.add_program(&format!("/usr/bin/{name}"), name);
    }
    tree
}

/// The command line that a case of a language stands for: the recordings leave out what printed the outcome.
fn script(case: &Value) -> Vec<String> {
    let command = case.get("command").str();
    let mut code =
        command.split_once('"').map_or(command, |(_, rest)| rest.trim_end_matches('"')).to_string();
    let flag = match case.get("tool").str() {
        "php" => {
            code = code.replace("(...)", "('mysql:host=mysql;dbname=mydb', 'myuser', 'wrong')");
            let number = if code.contains("mysqli") { "$e->getCode() . ': ' . " } else { "" };
            code = format!(
                "try {{ {code} }} catch (Exception $e) {{ fwrite(STDERR, {number}$e->getMessage()); }}"
            );
            "-r"
        }
        "node" => "-e",
        _ => {
            if code.starts_with("pymysql") {
                code = format!("import pymysql; print({code}.get_server_info())");
            }
            "-c"
        }
    };
    vec![case.get("tool").str().into(), flag.into(), code]
}

/// What the recordings keep of a language's error: Python's last line, Node's message and its fields.
fn told(tool: &str, stderr: &str) -> String {
    let last = stderr.lines().next_back().map_or_else(String::new, |line| format!("{line}\n"));
    if tool != "node" {
        return if tool == "python3" { last } else { stderr.replace("\n\n", "\n") };
    }
    let after = |start: &str| {
        let found = stderr.lines().find_map(|line| line.trim().strip_prefix(start));
        found.unwrap_or_default().trim_end_matches([',', '{', ' ']).trim_matches('\'').to_string()
    };
    if stderr.contains("fetch failed") {
        return format!("TypeError: fetch failed | cause: {}\n", after("[cause]: "));
    }
    let field = |name: &str| format!(" | {name} {}", after(&format!("{name}: ")).trim_matches('\''));
    format!("{}{}{}{}\n", after("Error: "), field("code"), field("errno"), field("syscall"))
}

/// phpMyAdmin's machine.
fn phpmyadmin(case: &Value) -> Tree {
    let mut tree = client(case);
    tree.add_program("/usr/local/bin/apache2-foreground", "phpmyadmin");
    let situation = case.get("situation").str();
    if situation.contains("AllowNoPassword=false") {
        let text = "<?php\n$cfg['Servers'][1]['AllowNoPassword'] = false;\n";
        tree.add_file("/etc/phpmyadmin/config.user.inc.php", text, 0o644);
    }
    if situation.contains("default_socket_timeout=5") {
        tree.add_file("/usr/local/etc/php/php.ini", "default_socket_timeout = 5\n", 0o644);
    }
    tree
}

/// A machine in the network.
#[derive(Clone)]
struct Node {
    runner: Runner<ContainerProgram>,
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
        volumes.insert(volume.clone(), config.into());
        let mut files = Files::new(tree);
        let mount = Mount { at: "/etc/config".into(), volume, sub_path: "".into(), read_only: true };
        files.mount(mount, &volumes);
        let mut runner = Runner::new(files, name, EPOCH, 1, first_pid);
        runner.net = Namespace::with_address(ip.parse().unwrap());
        Self { runner, volumes, next: None }
    }

    fn start(
        &mut self,
        now: SimTime,
        argv: &[&str],
        more: &[(&str, &str)],
        stdio: [Channel; 3],
    ) -> saya::container::Pid {
        // In this order: ash keeps it within the buckets of its hash table.
        let base = [
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
        ];
        let start = Start {
            argv: argv.iter().map(|word| Arc::from(*word)).collect(),
            env: environment(base.iter().chain(more).copied()),
            cwd: "/".into(),
            credentials: Credentials::root(),
            stdio,
        };
        self.next = Some(now);
        self.runner.start(now, &mut self.volumes, start).unwrap()
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

/// The servers that have started.
type Ready = (Vec<Node>, SimTime, Vec<OutputId>);

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    code: Option<i64>,
    stdout: String,
    stderr: String,
}

/// The servers as they are once they have started, when that is, and where what they say is read.
fn started(world: &mut World) -> Ready {
    let mut outputs = Vec::new();
    let mut nodes = Vec::new();
    for server in servers::servers() {
        let mut node = Node::new(server.tree, server.ip, "server", 1);
        let output = node.runner.add_output();
        for argv in &server.argv {
            let stdio =
                [Channel::Null, Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
            node.start(SimTime::ZERO, argv, &server.env, stdio);
        }
        nodes.push(node);
        outputs.push(output);
    }
    let mut net = Net { nodes, world, now: SimTime::ZERO, flights: BTreeMap::new(), sent: 0 };
    let until = SimTime::from_millis(60_000);
    net.run(until, |_| false);
    for (node, output) in net.nodes.iter_mut().zip(&outputs) {
        node.runner.take_output(*output);
    }
    (net.nodes, until, outputs)
}

/// How long a main process is given after SIGTERM.
const GRACE: Duration = Duration::from_secs(4);

/// The command of a case. The recorded nginx told its errors to the terminal from the start.
fn typed_command(case: &Value) -> String {
    case.get("command").str().replace("nginx -", "nginx -e stderr -")
}

/// A case of a program that ran as a container's main process and was asked to end.
fn run_main(case: &Value, machine: Machine, world: &mut World, ready: &Ready) -> Done {
    let (servers, now, _) = ready;
    let mut tree = machine(case);
    tree.add_file("/etc/nginx/conf.d/default.conf", "server { listen 80; }\n", 0o644);
    tree.add_program("/usr/bin/redis-server", "redis-server");
    let mut nodes = vec![Node::new(tree, CLIENT, POD, 1)];
    nodes.extend(servers.iter().cloned());
    let mut net = Net { nodes, world, now: *now, flights: BTreeMap::new(), sent: 0 };
    let client = &mut net.nodes[0];
    let output = client.runner.add_output();
    let stdio = [Channel::Null, Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
    let command = format!("exec {}", typed_command(case));
    let env = [("NGINX_VERSION", "1.22.1"), ("REDIS_VERSION", "7.0.15")];
    let pid = client.start(*now, &["/bin/sh", "-c", &command], &env, stdio);
    let asked = *now + Duration::from_secs(2);
    net.run(asked, |_| false);
    net.now = asked;
    net.nodes[0].runner.kill(asked, pid, Signal::TERM);
    net.nodes[0].next = Some(asked);
    net.run(asked + GRACE, |net| net.nodes[0].runner.status(pid).is_some());
    let runner = &mut net.nodes[0].runner;
    let code = runner.status(pid).map_or(137, |status| i64::from(status.code()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    for chunk in runner.take_output(output) {
        if chunk.stream == Stream::Out { &mut out } else { &mut err }.extend(chunk.bytes);
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Done { code: Some(code), stdout: text(out), stderr: text(err) }
}

fn run(case: &Value, machine: Machine, world: &mut World, ready: &Ready) -> Done {
    if case.get("id").str().starts_with("pid1-") {
        return run_main(case, machine, world, ready);
    }
    let (servers, now, outputs) = ready;
    let mut nodes = vec![Node::new(machine(case), CLIENT, POD, 100)];
    nodes.extend(servers.iter().cloned());
    // Cases on the servers' machine run on that of the database.
    let tool = case.get("tool").str();
    let binds = tool == "python3 -m http.server";
    let on = match case.get("container").str() {
        // The web server has the port.
        "server pod" if binds => 1,
        "server pod" => 2,
        _ => 0,
    };
    let language = matches!(tool, "node" | "php" | "python3");
    let typed: Vec<&str> = case.get("input").items().iter().map(Value::str).collect();
    let mut net = Net { nodes, world, now: *now, flights: BTreeMap::new(), sent: 0 };
    let now = *now;
    let mut command = typed_command(case);
    let logs = tool == "nginx" && command == "logs";
    if logs {
        command = servers::logged_request(case).unwrap_or_default();
    }
    if binds {
        command.push_str(" 2>&1 | tail -n 1");
    }
    if tool == "phpmyadmin" {
        command = servers::phpmyadmin_commands(case);
        let env = servers::phpmyadmin(case);
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        net.nodes[0].start(now, &["apache2-foreground"], &env, [Channel::Null; 3]);
    }
    let client = &mut net.nodes[on];
    let (argv0, flag) = match case.get("shell").str() {
        "busybox sh -c" => ("/bin/sh", "-c"),
        "bash -c" => ("bash", "-c"),
        _ => ("sh", "-c"),
    };
    if !typed.is_empty() {
        let terminal = client.runner.add_terminal(200, 24);
        let busybox = case.get("version").str().contains("BusyBox");
        let argv = if tool == "sh" && busybox { vec!["/bin/sh"] } else { servers::interactive(case) };
        let pid = client.start(now, &argv, &[], [Channel::Terminal(terminal); 3]);
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
    let argv = if language { script(case) } else { vec![argv0.into(), flag.into(), command] };
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let pid = client.start(now, &argv, &[], stdio);
    let limit = net.now + Duration::from_secs(300);
    net.run(limit, |net| net.nodes[on].runner.status(pid).is_some());
    let runner = &mut net.nodes[on].runner;
    let code = runner.status(pid).map(|status| i64::from(status.code()));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let chunks = match logs {
        true => net.nodes[1].runner.take_output(outputs[0]),
        false => runner.take_output(output),
    };
    for chunk in chunks {
        if chunk.stream == Stream::Out && tool != "php" { &mut out } else { &mut err }.extend(chunk.bytes);
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (mut stdout, mut stderr) = (text(out), text(err));
    if tool == "phpmyadmin" {
        stdout = servers::summary(case, &stdout.replace("\r\n", "\n")).to_string();
    }
    if language {
        stderr = told(tool, &stderr);
    }
    if tool == "mysql" {
        // The recordings' client is MySQL's library without the program around it.
        let warning = "mysql: [Warning] Using a password on the command line interface can be insecure.\n";
        stderr = stderr.replace(warning, "");
    }
    if logs {
        // A case is about one of the two logs.
        for (text, wanted) in [(&mut stdout, case.get("stdout")), (&mut stderr, case.get("stderr"))] {
            if wanted.str().is_empty() {
                text.clear();
            }
        }
    }
    Done { code, stdout, stderr }
}

/// Folds dates, ids and timings, and puts blocks in order where theirs does not count.
fn fold(text: &str, unordered: bool) -> String {
    const FOLDS: &[(&str, &str)] = &[
        (r"\b\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}", "DATE"),
        (r"signal-handler \(\d+\)", "signal-handler (N)"),
        (r"port=\d{4}\b", "port=N"),
        (r"RLIMIT_NOFILE\): \d+:\d+", "RLIMIT_NOFILE): N"),
        (r"object at 0x[0-9a-f]+", "object at 0x<addr>"),
        (r"Linux <kernel>|Linux [\d.]+", "Linux K"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", "DATE"),
        (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .* 202[56]( \d\d:\d\d:\d\d)?( GMT)?", "DATE"),
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
        (r"(?i)connection id( is|:\t\t)\s*\d+", "connection id N"),
        (r"\(0\.\d+ sec\)", "(N sec)"),
        (r"Uptime:.*\n", "Uptime\n"),
        (r"Threads: .*\n", "Threads\n"),
        (r"\d+#\d+: (\*\d+ )?", "N#N: "),
        (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "DATE"),
        (r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d", "DATE"),
        (r"\([\d.]+ [KM]B/s\)", "(N MB/s)"),
    ];
    // The bell is not shown.
    let mut text = text.replace("\r\n", "\n").replace('\u{7}', "");
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
    let ready = started(world);
    let (mut right, mut all) = (0, 0);
    let mut wrong = Vec::new();
    for case in cases.get("cases").items() {
        let id = case.get("id").str();
        let tool = TOOLS.iter().find(|(tool, _)| *tool == case.get("tool").str());
        let Some((_, machine)) = tool.filter(|_| id.starts_with(&only)) else { continue };
        all += 1;
        let done = run(case, *machine, world, &ready);
        let unordered =
            !case.get("unordered_blocks").is_empty() && *case.get("unordered_blocks") != Value::Bool(false);
        let page = case.get("tool").str() == "phpmyadmin";
        let folded = |text: &str| match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) if page => format!("{value:#}"),
            _ => fold(text, unordered),
        };
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
