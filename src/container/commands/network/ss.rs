//! `ss` and `netstat`: the sockets of the network namespace.

use std::net::{Ipv6Addr, SocketAddr};

use super::super::Flavor;
use super::super::options::Named;
use crate::container::kernel::Kernel;
use crate::network::namespace::{Socket, State};
use crate::network::packet::{Protocol, SocketId};

/// The sockets that the options ask for, in order, with who holds them.
fn chosen(kernel: &Kernel<'_>, options: &super::super::options::Options) -> Vec<(SocketId, Socket)> {
    let (tcp, udp) = (options.has('t'), options.has('u'));
    let (listening, all) = (options.has('l'), options.has('a'));
    let wanted = |socket: &Socket| {
        let protocol = match socket.protocol {
            _ if socket.unix => !tcp && !udp && options.has('x'),
            Protocol::Tcp => tcp || !udp,
            Protocol::Udp => udp || !tcp,
            Protocol::Icmp => false,
        };
        let waits = matches!(socket.state, State::Listening | State::Datagrams);
        protocol && (all || waits == listening)
    };
    let net = &kernel.machine().net;
    let mut found: Vec<(SocketId, Socket)> =
        net.sockets().filter(|(_, socket)| wanted(socket)).map(|(id, socket)| (id, socket.clone())).collect();
    found.sort_by_key(|(_, socket)| (socket.protocol != Protocol::Tcp, socket.state != State::Listening));
    found
}

fn shown(at: SocketAddr, star: bool) -> String {
    let port = if at.port() == 0 { "*".to_string() } else { at.port().to_string() };
    match at {
        _ if star && at.ip().is_unspecified() && at.is_ipv6() => format!("[::]:{port}"),
        SocketAddr::V6(at) if star => format!("[{}]:{port}", at.ip()),
        SocketAddr::V6(at) => format!("{}:{port}", at.ip()),
        SocketAddr::V4(at) => format!("{}:{port}", at.ip()),
    }
}

/// The other end; of one that has none, any of its kind.
fn peer(socket: &Socket) -> SocketAddr {
    let any = socket.local.is_ipv6() && socket.peer.ip().is_unspecified();
    if any { SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), socket.peer.port()) } else { socket.peer }
}

/// The process that holds a socket, where it can be seen: its number and its name.
fn holder(kernel: &Kernel<'_>, id: SocketId) -> Option<(u32, String)> {
    let pid = kernel.machine().holder(id)?;
    let process = kernel.machine().processes.get(&pid)?;
    Some((pid.0, process.name().to_owned()))
}

/// The same as netstat writes it: what follows the last `/` of the first argument, as much of it as has a place.
fn holder_by_argument(kernel: &Kernel<'_>, id: SocketId) -> Option<String> {
    let pid = kernel.machine().holder(id)?;
    let process = kernel.machine().processes.get(&pid)?;
    let first = process.argv.first().map_or("", |first| first.rsplit('/').next().unwrap_or(first));
    Some(format!("{}/{first}", pid.0).chars().take(19).collect())
}

/// `ss`
pub fn ss(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(
        kernel,
        "tulnapxr46eiomsH",
        &[("tcp", 't'), ("udp", 'u'), ("listening", 'l'), ("numeric", 'n'), ("all", 'a'), ("processes", 'p')],
        255,
    ) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let sockets = chosen(kernel, &options);
    let both = options.has('t') == options.has('u');
    let mut text = String::new();
    if !options.has('H') {
        let netid = if both { "Netid " } else { "" };
        text.push_str(&format!(
            "{netid}{:<8}{:<8}{:<8}{:>18} {:>18}{:>10}\n",
            "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process"
        ));
    }
    for (id, socket) in sockets {
        let state = match socket.state {
            State::Listening => "LISTEN",
            State::Connecting => "SYN-SENT",
            State::Open if socket.has_ended() => "CLOSE-WAIT",
            State::Open => "ESTAB",
            State::Datagrams => "UNCONN",
        };
        let netid = if !both {
            ""
        } else if socket.protocol == Protocol::Tcp {
            "tcp   "
        } else {
            "udp   "
        };
        let queue = if socket.state == State::Listening { 511 } else { 0 };
        let process = match holder(kernel, id).filter(|_| options.has('p')) {
            Some((pid, name)) => format!("users:((\"{name}\",pid={pid},fd=6))"),
            None => String::new(),
        };
        let line = format!(
            "{netid}{state:<8}{:<8}{queue:<8}{:>18} {:>18} {process}",
            socket.waiting(),
            shown(socket.local, true),
            shown(peer(&socket), true)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    kernel.print(text);
    0
}

/// `netstat`
pub fn netstat(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(
        kernel,
        "tulnapxr46eWc",
        &[
            ("tcp", 't'),
            ("udp", 'u'),
            ("listening", 'l'),
            ("numeric", 'n'),
            ("all", 'a'),
            ("programs", 'p'),
            ("route", 'r'),
        ],
        1,
    ) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if options.has('r') {
        return super::ip::route(kernel, tool);
    }
    let which = match (options.has('l'), options.has('a')) {
        (_, true) => "(servers and established)",
        (true, _) => "(only servers)",
        _ => "(w/o servers)",
    };
    let programs = options.has('p');
    let mut text = format!(
        "Active Internet connections {which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       {}\n",
        if programs { "PID/Program name    " } else { "" }
    );
    for (id, socket) in chosen(kernel, &options) {
        let state = match socket.state {
            State::Listening => "LISTEN",
            State::Connecting => "SYN_SENT",
            State::Open if socket.has_ended() => "CLOSE_WAIT",
            State::Open => "ESTABLISHED",
            State::Datagrams => "",
        };
        let protocol = if socket.protocol == Protocol::Tcp { "tcp" } else { "udp" };
        let protocol = if socket.local.is_ipv6() && tool.flavor == Flavor::Gnu {
            format!("{protocol}6")
        } else {
            protocol.to_string()
        };
        let process = match holder_by_argument(kernel, id) {
            _ if !programs => String::new(),
            Some(holder) => holder,
            None => "-".into(),
        };
        let waiting = if socket.state == State::Listening { 0 } else { socket.waiting() };
        text.push_str(&format!(
            "{protocol:<5} {waiting:>6} {:>6} {:<23} {:<23} {state:<11} {process:<20}\n",
            0,
            shown(socket.local, false),
            shown(peer(&socket), false)
        ));
    }
    kernel.print(text);
    0
}
