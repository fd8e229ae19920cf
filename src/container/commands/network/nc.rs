//! `nc` (BusyBox's and OpenBSD's) and `telnet`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::super::Flavor;
use super::super::env::{become_program, load};
use super::super::options::{Named, Options};
use super::resolve::{Resolve, one, strerror};
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel, Spawn};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::sockets::Protocol;
use crate::network::packet::Payload;
use crate::network::resolver::Family;
use crate::network::services::name_of;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Stage {
    #[default]
    Begin,
    Resolving(Resolve),
    Next,
    Connecting(Fd, IpAddr, SimTime),
    Listening(Fd),
    Datagrams(Fd, Option<SocketAddr>),
    Talking(Fd),
}

/// A running `nc` or `telnet`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Netcat {
    stage: Stage,
    options: Options,
    addresses: Vec<IpAddr>,
    at: usize,
    ports: Vec<u16>,
    fed: bool,
    code: u8,
    listener: Option<Fd>,
}

impl Netcat {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let (gnu, telnet) = (tool.flavor == Flavor::Gnu, tool.name == "telnet");
        loop {
            match &mut self.stage {
                Stage::Begin => {
                    if let Some(code) = self.begin(kernel, tool) {
                        return Step::Exit(code);
                    }
                }
                Stage::Resolving(asking) => {
                    if let Some(wait) = asking.step(kernel) {
                        return wait.into();
                    }
                    let host = self.options.operands[0].clone();
                    let port = self.options.operands.get(1).cloned().unwrap_or_default();
                    match asking.resolved() {
                        Ok(resolved) => {
                            self.addresses =
                                if gnu { resolved.addresses.clone() } else { one(&resolved.addresses) };
                            self.stage = Stage::Next;
                        }
                        Err(failure) => {
                            let text = asking.text(failure);
                            kernel.complain(match (gnu, telnet) {
                                (false, _) => format!("{}: bad address '{host}'\n", tool.name),
                                (true, true) => format!("telnet: could not resolve {host}/telnet: {text}\n"),
                                (true, false) => {
                                    format!("nc: getaddrinfo for host \"{host}\" port {port}: {text}\n")
                                }
                            });
                            return Step::Exit(1);
                        }
                    }
                }
                Stage::Next => {
                    let Some((ip, port)) = self.target() else { return Step::Exit(self.code) };
                    if telnet && gnu {
                        kernel.print(format!("Trying {ip}...\n"));
                    }
                    let to = SocketAddr::new(ip, port);
                    if self.options.has('u') {
                        let fd = kernel.datagrams(Protocol::Udp);
                        self.stage = Stage::Datagrams(fd, Some(to));
                        continue;
                    }
                    match kernel.connect(to) {
                        Ok(fd) => self.stage = Stage::Connecting(fd, ip, kernel.now()),
                        Err(errno) => self.failed(kernel, tool, ip, errno),
                    }
                }
                Stage::Connecting(fd, ip, since) => {
                    let (fd, ip) = (*fd, *ip);
                    let limit = self
                        .options
                        .value('w')
                        .and_then(|seconds| seconds.parse().ok())
                        .map(|seconds| *since + Duration::from_secs(seconds));
                    match kernel.is_connected(fd) {
                        Ok(true) => self.connected(kernel, tool, fd, ip),
                        Ok(false) if limit.is_none_or(|limit| kernel.now() < limit) => {
                            return Wait::readable(fd).or_until(limit).into();
                        }
                        found => {
                            // It is this process's own socket.
                            let _ = kernel.close(fd);
                            if found.is_ok() && !gnu {
                                kernel.complain(format!("{}: timed out\n", tool.name));
                                return Step::Exit(1);
                            }
                            let errno = found.err().unwrap_or(Errno::InProgress);
                            self.failed(kernel, tool, ip, errno);
                        }
                    }
                }
                Stage::Listening(listener) => match kernel.accept(*listener) {
                    Ok(Some((fd, peer))) => {
                        self.listener = Some(*listener);
                        let port = self.ports.first().copied().unwrap_or(0);
                        if self.options.has('v') {
                            kernel.complain(if gnu {
                                format!("Connection received on {} {}\n", peer.ip(), peer.port())
                            } else {
                                format!("connect to {}:{port} from {peer} ({peer})\n", own_address(kernel))
                            });
                        }
                        self.stage = Stage::Talking(fd);
                    }
                    _ => {
                        for child in kernel.children() {
                            // It is this process's own.
                            let _ = kernel.poll_child(child);
                        }
                        return Wait::readable(*listener).or_children().into();
                    }
                },
                Stage::Datagrams(fd, peer) => {
                    let fd = *fd;
                    while let Ok(Some(datagram)) = kernel.receive(fd) {
                        peer.get_or_insert(datagram.from);
                        if let Payload::Bytes(bytes) = &datagram.payload {
                            // Nobody may be there to read it any more.
                            let _ = kernel.write(1, bytes);
                        }
                    }
                    let mut ended = self.fed;
                    while let (false, Some(to)) = (ended, *peer) {
                        match kernel.read(0, 65_536) {
                            Ok(Data::Bytes(bytes)) => {
                                // A datagram that goes nowhere is lost.
                                let _ = kernel.send_to(fd, to, Payload::from(&bytes[..]));
                            }
                            Ok(Data::Empty) => break,
                            _ => ended = true,
                        }
                    }
                    self.fed = ended;
                    if self.options.has('z') {
                        let (host, port) = (self.options.operands[0].clone(), self.ports[0]);
                        kernel.complain(format!(
                            "Connection to {host} {port} port [udp/{}] succeeded!\n",
                            name_of(port).unwrap_or("*")
                        ));
                        return Step::Exit(0);
                    }
                    let wait = Wait::readable(fd);
                    return if ended { wait.into() } else { wait.or_readable(0).into() };
                }
                Stage::Talking(fd) => {
                    let fd = *fd;
                    let argv: Vec<_> = self.options.values('e').cloned().collect();
                    if let Some(listener) = self.listener.filter(|_| self.keeps() && !argv.is_empty()) {
                        serve(kernel, &argv, fd, listener);
                        self.stage = Stage::Listening(listener);
                        continue;
                    }
                    if !argv.is_empty() {
                        for own in 0..3 {
                            // The program talks to the socket; one that cannot be led there stays as it is.
                            let _ = kernel.duplicate_to(fd, own);
                        }
                        // What it was is not needed any more.
                        let _ = kernel.close(fd);
                        let env = kernel.env();
                        return become_program(kernel, tool, &argv, env);
                    }
                    let step = self.talk(kernel, tool, fd);
                    let next = self.listener.filter(|_| self.keeps() && gnu);
                    if let (Some(listener), Step::Exit(_)) = (next, &step) {
                        // It is this process's own socket.
                        let _ = kernel.close(fd);
                        self.fed = false;
                        self.stage = Stage::Listening(listener);
                        continue;
                    }
                    return step;
                }
            }
        }
    }

    /// True where it goes on listening: `-lk`, or BusyBox's `-ll`.
    fn keeps(&self) -> bool {
        self.options.has('k') || self.options.count('l') > 1
    }

    fn target(&self) -> Option<(IpAddr, u16)> {
        let port = *self.ports.first()?;
        Some((*self.addresses.get(self.at)?, port))
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Option<u8> {
        let telnet = tool.name == "telnet";
        let known = match (telnet, tool.flavor) {
            (true, _) => "ael:",
            (_, Flavor::Gnu) => "46lkuvzw:p:nNq:s:i:",
            (_, Flavor::BusyBox) => "lkuvzw:p:nNi:s:q:e:!",
        };
        match tool.options(kernel, known, &[], 1) {
            Ok(options) => self.options = options,
            Err(code) => return Some(code),
        }
        let operands = self.options.operands.clone();
        let port = if self.options.has('l') {
            self.options.value('p').or(operands.last()).cloned()
        } else {
            operands.get(1).cloned().or_else(|| telnet.then(|| "23".into()))
        };
        let (Some(port), true) = (port, self.options.has('l') || !operands.is_empty()) else {
            match tool.flavor {
                Flavor::BusyBox => tool.usage(kernel),
                Flavor::Gnu if telnet => kernel.complain("telnet: Saya does not simulate its prompt\n"),
                Flavor::Gnu => kernel.complain("usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n"),
            }
            return Some(1);
        };
        let (first, last) = port.split_once('-').unwrap_or((&port, &port));
        let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else {
            kernel.complain(match tool.flavor {
                Flavor::Gnu => format!("nc: port number invalid: {port}\n"),
                Flavor::BusyBox => format!("{}: bad port '{port}'\n", tool.name),
            });
            return Some(1);
        };
        self.ports = (first..=last).collect();
        if !self.options.has('l') {
            let family = if self.options.has('6') { Family::V6 } else { Family::Any };
            self.stage = Stage::Resolving(Resolve::host(kernel, &operands[0], family));
            return None;
        }
        let protocol = if self.options.has('u') { Protocol::Udp } else { Protocol::Tcp };
        match kernel.listen(protocol, std::net::Ipv4Addr::UNSPECIFIED.into(), first) {
            Ok(fd) => {
                if self.options.has('v') {
                    kernel.complain(match tool.flavor {
                        Flavor::Gnu => format!("Listening on 0.0.0.0 {first}\n"),
                        Flavor::BusyBox => format!("listening on 0.0.0.0:{first} ...\n"),
                    });
                }
                self.stage = match protocol {
                    Protocol::Udp => Stage::Datagrams(fd, None),
                    _ => Stage::Listening(fd),
                };
                None
            }
            Err(errno) => {
                let text = strerror(kernel, errno);
                kernel.complain(match tool.flavor {
                    Flavor::Gnu => format!("nc: {text}\n"),
                    Flavor::BusyBox => format!("nc: bind: {text}\n"),
                });
                Some(1)
            }
        }
    }

    fn failed(&mut self, kernel: &mut Kernel<'_>, tool: Named, ip: IpAddr, errno: Errno) {
        let text = strerror(kernel, errno);
        let host = self.options.operands[0].clone();
        let port = self.ports.first().copied().unwrap_or(0);
        self.code = 1;
        match (tool.flavor, tool.name) {
            (Flavor::BusyBox, "telnet") => {
                kernel.complain(format!("telnet: can't connect to remote host ({ip}): {text}\n"));
            }
            (Flavor::BusyBox, _) if self.options.has('v') || !self.options.has('z') => {
                kernel.complain(format!("nc: {host} ({ip}:{port}): {text}\n"));
            }
            (Flavor::Gnu, "telnet") => {
                kernel.complain(format!("telnet: Unable to connect to remote host: {text}\n"));
            }
            (Flavor::Gnu, _) if self.options.has('v') => {
                let shown = if *host == *ip.to_string() { String::new() } else { format!("({ip}) ") };
                // Its own limit is no error of the connection's.
                let what = if errno == Errno::InProgress { "timed out" } else { "failed" };
                kernel.complain(format!("nc: connect to {host} {shown}port {port} (tcp) {what}: {text}\n"));
            }
            _ => {}
        }
        self.advance();
        self.stage = Stage::Next;
    }

    /// To the next address, or the next port where all were tried.
    fn advance(&mut self) {
        self.at += 1;
        if self.at >= self.addresses.len() {
            self.at = 0;
            self.ports.remove(0);
        }
    }

    fn connected(&mut self, kernel: &mut Kernel<'_>, tool: Named, fd: Fd, ip: IpAddr) {
        let host = self.options.operands[0].clone();
        let port = self.ports.first().copied().unwrap_or(0);
        match (tool.flavor, tool.name) {
            (Flavor::BusyBox, "telnet") => kernel.print(format!("Connected to {host}\n")),
            (Flavor::BusyBox, _) if self.options.has('v') => {
                kernel.complain(format!("{host} ({ip}:{port}) open\n"));
            }
            (Flavor::Gnu, "telnet") => {
                kernel.print(format!("Connected to {host}.\nEscape character is '^]'.\n"));
            }
            (Flavor::Gnu, _) if self.options.has('v') => {
                let shown = if *host == *ip.to_string() { String::new() } else { format!("({ip}) ") };
                kernel.complain(format!(
                    "Connection to {host} {shown}{port} port [tcp/{}] succeeded!\n",
                    name_of(port).unwrap_or("*")
                ));
            }
            _ => {}
        }
        if self.options.has('z') {
            // It is this process's own socket.
            let _ = kernel.close(fd);
            self.ports.remove(0);
            self.at = 0;
            self.code = 0;
            self.stage = Stage::Next;
        } else {
            self.stage = Stage::Talking(fd);
        }
    }

    fn talk(&mut self, kernel: &mut Kernel<'_>, tool: Named, fd: Fd) -> Step {
        let telnet = tool.name == "telnet";
        loop {
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => {
                    // Nobody may be there to read it any more.
                    let _ = kernel.write(1, &bytes);
                }
                Ok(Data::Empty) => break,
                _ if telnet => {
                    kernel.complain("Connection closed by foreign host\n");
                    return Step::Exit(1);
                }
                _ => return Step::Exit(0),
            }
        }
        while !self.fed {
            match kernel.read(0, 65_536) {
                Ok(Data::Bytes(bytes)) => {
                    // A connection that breaks says so when it is read.
                    let _ = kernel.write(fd, &bytes);
                }
                Ok(Data::Empty) => break,
                _ => {
                    self.fed = true;
                    if telnet {
                        return Step::Exit(0);
                    }
                    if tool.flavor == Flavor::BusyBox || self.options.has('N') || self.options.has('q') {
                        kernel.shut(fd);
                    }
                }
            }
        }
        let wait = Wait::readable(fd);
        if self.fed { wait.into() } else { wait.or_readable(0).into() }
    }
}

/// Has a program talk to a connection, while its server goes on listening.
fn serve(kernel: &mut Kernel<'_>, argv: &[Arc<str>], fd: Fd, listener: Fd) {
    for own in [fd, listener] {
        kernel.set_close_on_exec(own);
    }
    let env = kernel.env();
    if let Ok((program, argv)) = load(kernel, argv, &env) {
        let fds = (0..3).map(|own| (own, fd)).collect();
        kernel.spawn(program, Spawn { argv: Some(argv), fds, ..Spawn::default() });
    }
    // The program has it.
    let _ = kernel.close(fd);
}

fn own_address(kernel: &Kernel<'_>) -> String {
    kernel.machine().net.addresses.first().map(ToString::to_string).unwrap_or_default()
}
