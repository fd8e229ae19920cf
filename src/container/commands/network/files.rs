//! The network namespace as files: `/proc/net` and `/sys/class/net`.

use std::net::{IpAddr, SocketAddr};

use super::ip;
use crate::container::kernel::Kernel;
use crate::network::namespace::{Socket, State};
use crate::network::packet::Protocol;

/// The files of `/proc/net`.
pub const PROC: [&str; 6] = ["arp", "dev", "route", "tcp", "tcp6", "udp"];
/// The files of an interface in `/sys/class/net`.
pub const SYS: [&str; 7] = ["address", "carrier", "ifindex", "iflink", "mtu", "operstate", "type"];

/// A file of `/proc/net`.
pub fn of_proc(kernel: &Kernel<'_>, file: &str) -> Option<String> {
    Some(match file {
        "arp" => "IP address       HW type     Flags       HW address            Mask     Device\n".into(),
        "dev" => devices(kernel),
        "route" => routes(kernel),
        "tcp" => sockets(kernel, Protocol::Tcp, false),
        "tcp6" => sockets(kernel, Protocol::Tcp, true),
        "udp" => sockets(kernel, Protocol::Udp, false),
        _ => return None,
    })
}

/// The interfaces of the namespace.
pub fn interfaces(kernel: &Kernel<'_>) -> Vec<&'static str> {
    let own = ip::own(kernel).map(|_| "eth0");
    own.into_iter().chain(["lo"]).collect()
}

/// A file of an interface in `/sys/class/net`.
pub fn of_interface(kernel: &Kernel<'_>, interface: &str, file: &str) -> Option<String> {
    let (address, index, link, mtu, state, kind) = match interface {
        "lo" => ("00:00:00:00:00:00".to_owned(), 1, 1, 65536, "unknown", 772),
        "eth0" => (ip::own(kernel)?.1, 2, 7, 1500, "up", 1),
        _ => return None,
    };
    let text = match file {
        "address" => address,
        "carrier" => "1".into(),
        "ifindex" => index.to_string(),
        "iflink" => link.to_string(),
        "mtu" => mtu.to_string(),
        "operstate" => state.into(),
        "type" => kind.to_string(),
        _ => return None,
    };
    Some(text + "\n")
}

/// What Saya does not count is zero.
fn devices(kernel: &Kernel<'_>) -> String {
    let mut text = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n".to_owned();
    for name in interfaces(kernel).iter().rev() {
        text.push_str(&format!("{name:>6}: {0:>7} {0:>7} {0:>4} {0:>4} {0:>4} {0:>5} {0:>10} {0:>9} {0:>8} {0:>7} {0:>4} {0:>4} {0:>4} {0:>5} {0:>7} {0:>10}\n", 0));
    }
    text
}

fn routes(kernel: &Kernel<'_>) -> String {
    let mut lines = vec![
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT".to_owned(),
    ];
    if let Some((own, _)) = ip::own(kernel) {
        let (first, length, gateway) = ip::network(own);
        let word = |ip: std::net::Ipv4Addr| u32::from_le_bytes(ip.octets());
        let mask = (u32::MAX << (32 - length)).swap_bytes();
        lines.push(format!("eth0\t00000000\t{:08X}\t0003\t0\t0\t0\t00000000\t0\t0\t0", word(gateway)));
        lines.push(format!("eth0\t{:08X}\t00000000\t0001\t0\t0\t0\t{mask:08X}\t0\t0\t0", word(first)));
    }
    lines.iter().map(|line| format!("{line:<127}\n")).collect()
}

/// An address as the kernel keeps it: words in the order of the machine's bytes.
fn end(at: SocketAddr, wide: bool) -> String {
    let bytes = match at.ip() {
        IpAddr::V4(ip) if wide && ip.is_unspecified() => vec![0; 16],
        IpAddr::V4(ip) if wide => ip.to_ipv6_mapped().octets().to_vec(),
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let words = bytes.chunks(4).map(|c| format!("{:02X}{:02X}{:02X}{:02X}", c[3], c[2], c[1], c[0]));
    format!("{}:{:04X}", words.collect::<String>(), at.port())
}

/// The head of a list of sockets of IPv4 and of one of IPv6, what stands behind it for datagrams, and behind a line.
const HEAD: &str =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const WIDE_HEAD: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

fn sockets(kernel: &Kernel<'_>, protocol: Protocol, wide: bool) -> String {
    let (width, more, rest) = match protocol {
        Protocol::Tcp => (149, "", "1 0000000000000000 100 0 0 10 0"),
        _ => (127, " ref pointer drops", "2 0000000000000000 0"),
    };
    let head = if wide { WIDE_HEAD.to_owned() } else { [HEAD, more].concat() };
    let machine = kernel.machine();
    let is_wanted =
        |socket: &Socket| !socket.unix && socket.protocol == protocol && socket.local.is_ipv6() == wide;
    let found = machine.net.sockets().filter(|(_, socket)| is_wanted(socket));
    let lines = found.enumerate().map(|(at, (id, socket))| {
        let state = match socket.state {
            State::Listening => "0A",
            State::Connecting => "02",
            State::Open if socket.has_ended() => "08",
            State::Open => "01",
            State::Datagrams => "07",
        };
        let holder = machine.holder(id).and_then(|pid| machine.processes.get(&pid));
        let uid = holder.map_or(0, |process| process.credentials.uid);
        let (local, peer) = (end(socket.local, wide), end(socket.peer, wide));
        format!(
            "{at:>4}: {local} {peer} {state} 00000000:{:08X} 00:00000000 00000000 {uid:>5}        0 {} {rest}",
            socket.waiting(),
            20_000 + id.0
        )
    });
    std::iter::once(head).chain(lines).map(|line| format!("{line:<width$}\n")).collect()
}
