//! `ip`, `ifconfig` and `route`: addresses and routes of the network namespace.

use std::net::Ipv4Addr;

use super::super::Flavor;
use super::super::options::Named;
use crate::container::kernel::Kernel;

/// The IPv4 address of the namespace, and its hardware address as bridges make it from that.
pub(super) fn own(kernel: &Kernel<'_>) -> Option<(Ipv4Addr, String)> {
    let ip = kernel.machine().net.addresses.iter().find_map(|ip| match ip {
        std::net::IpAddr::V4(ip) => Some(*ip),
        std::net::IpAddr::V6(_) => None,
    })?;
    let [a, b, c, d] = ip.octets();
    Some((ip, format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}")))
}

/// The network of an address of a Pod, its length, and its first address: the gateway.
pub(super) fn network(ip: Ipv4Addr) -> (Ipv4Addr, u8, Ipv4Addr) {
    // Docker Desktop's Pods are in one large network.
    let length = if ip.octets()[..2] == [10, 1] { 16 } else { 24 };
    let first = u32::from(ip) & (u32::MAX << (32 - length));
    (first.into(), length, (first + 1).into())
}

fn broadcast(ip: Ipv4Addr) -> Ipv4Addr {
    let (first, length, _) = network(ip);
    (u32::from(first) | (u32::MAX >> length)).into()
}

/// `ip addr`, `ip route`, `ip link`.
pub fn ip(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let argv = kernel.argv();
    let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
    let brief = words.contains(&"-br") || words.contains(&"-brief");
    let (v4, v6) = (words.contains(&"-4"), words.contains(&"-6"));
    let words: Vec<&str> = words.into_iter().filter(|word| !word.starts_with('-')).collect();
    let own = own(kernel);
    let object = words.first().copied().unwrap_or_default();
    let is = |full: &str, least: usize| object.len() >= least && full.starts_with(object);
    let device = words.iter().skip(1).rfind(|word| !["show", "list", "s", "dev", "get"].contains(word));
    let wanted = |name: &str| device.is_none_or(|device| *device == name);
    let mut text = String::new();
    if is("address", 1) || is("link", 1) {
        let addresses = is("address", 1);
        if wanted("lo") {
            text.push_str(&if brief && addresses {
                let v6 = if v4 { "" } else { "::1/128 " };
                format!("lo               UNKNOWN        127.0.0.1/8 {v6}\n")
            } else if brief {
                "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n".to_string()
            } else {
                let inet = if addresses {
                    "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n"
                } else {
                    ""
                };
                format!("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN {}qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n{inet}", group(tool))
            });
        }
        if let Some((ip, mac)) = own.filter(|_| wanted("eth0")) {
            let (_, length, _) = network(ip);
            text.push_str(&if brief && addresses {
                format!("eth0@if7         UP             {ip}/{length} \n")
            } else if brief {
                format!("eth0@if7         UP             {mac} <BROADCAST,MULTICAST,UP,LOWER_UP> \n")
            } else {
                let inet = if addresses {
                    format!("    inet {ip}/{length} brd {} scope global eth0\n       valid_lft forever preferred_lft forever\n", broadcast(ip))
                } else {
                    String::new()
                };
                format!("2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP{}> mtu 1500 qdisc noqueue state UP {}qlen 1000\n    link/ether {mac} brd ff:ff:ff:ff:ff:ff{}\n{inet}", if tool.flavor == Flavor::BusyBox { ",M-DOWN" } else { "" }, group(tool), if tool.flavor == Flavor::Gnu { " link-netnsid 0" } else { "" })
            });
        }
        if argv.iter().any(|word| &**word == "-4") {
            let is_other = |line: &&str| line.contains("link/") || line.contains("inet6");
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            if let Some(at) = lines.iter().position(|line| line.contains("inet6") && !brief) {
                lines.drain(at..(at + 2).min(lines.len()));
            }
            text = lines.into_iter().filter(|line| brief || !is_other(line)).collect();
        }
        if text.is_empty() {
            let device = device.copied().unwrap_or_default();
            kernel.complain(match tool.flavor {
                Flavor::Gnu => format!("Device \"{device}\" does not exist.\n"),
                Flavor::BusyBox => format!("ip: can't find device '{device}'\n"),
            });
            return 1;
        }
    } else if is("route", 1) {
        if let Some((ip, _)) = own.filter(|_| !v6) {
            let (first, length, gateway) = network(ip);
            let to = words.get(2).filter(|_| words.get(1) == Some(&"get"));
            text = match to {
                Some(to) => format!("{to} via {gateway} dev eth0 src {ip} uid 0 \n    cache \n"),
                None => format!(
                    "default via {gateway} dev eth0 \n{first}/{length} dev eth0 {}scope {}src {ip} \n",
                    if tool.flavor == Flavor::Gnu { "proto kernel " } else { "" },
                    if tool.flavor == Flavor::Gnu { "link " } else { "link  " }
                ),
            };
        }
    } else if is("neighbour", 1) || is("rule", 2) {
        if is("rule", 2) {
            text.push_str(
                "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n",
            );
        }
    } else if tool.flavor == Flavor::BusyBox {
        tool.usage(kernel);
        return 1;
    } else if object.is_empty() {
        kernel.complain("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n");
        return 255;
    } else {
        kernel.complain(format!("Object \"{object}\" is unknown, try \"ip help\".\n"));
        return 1;
    }
    kernel.print(text);
    0
}

/// `arp`: the gateway is who everybody has talked to.
pub fn arp(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let Some((ip, _)) = own(kernel) else { return 0 };
    let (_, _, gateway) = network(ip);
    let [a, b, c, d] = gateway.octets();
    let mac = format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
    kernel.print(match tool.flavor {
        Flavor::BusyBox => format!("? ({gateway}) at {mac} [ether]  on eth0\n"),
        Flavor::Gnu => format!(
            "Address                  HWtype  HWaddress           Flags Mask            Iface\n{:<25}ether   {mac}   C                     eth0\n",
            gateway.to_string()
        ),
    });
    0
}

fn group(tool: Named) -> &'static str {
    if tool.flavor == Flavor::Gnu { "group default " } else { "" }
}

/// `ifconfig`
pub fn ifconfig(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let argv = kernel.argv();
    let device = argv.iter().skip(1).find(|word| !word.starts_with('-')).cloned();
    let wanted = |name: &str| device.as_deref().is_none_or(|device| device == name);
    let mut text = String::new();
    if let Some((ip, mac)) = own(kernel).filter(|_| wanted("eth0")) {
        let (_, length, _) = network(ip);
        let mask = Ipv4Addr::from(u32::MAX << (32 - length));
        text.push_str(&match tool.flavor {
            Flavor::Gnu => format!("eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet {ip}  netmask {mask}  broadcast {}\n        ether {mac}  txqueuelen 1000  (Ethernet)\n        RX packets 14  bytes 1116 (1.0 KiB)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 5  bytes 378 (378.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n", broadcast(ip)),
            Flavor::BusyBox => format!("eth0      Link encap:Ethernet  HWaddr {}  \n          inet addr:{ip}  Bcast:{}  Mask:{mask}\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n          RX packets:14 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:5 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:1116 (1.0 KiB)  TX bytes:378 (378.0 B)\n\n", mac.to_uppercase(), broadcast(ip)),
        });
    }
    if wanted("lo") {
        text.push_str(match tool.flavor {
            Flavor::Gnu => "lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536\n        inet 127.0.0.1  netmask 255.0.0.0\n        inet6 ::1  prefixlen 128  scopeid 0x10<host>\n        loop  txqueuelen 1000  (Local Loopback)\n        RX packets 0  bytes 0 (0.0 B)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets 0  bytes 0 (0.0 B)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n",
            Flavor::BusyBox => "lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n",
        });
    }
    if text.is_empty() {
        let device = device.unwrap_or_default();
        kernel.complain(match tool.flavor {
            Flavor::Gnu => format!("{device}: error fetching interface information: Device not found\n"),
            Flavor::BusyBox => {
                format!("ifconfig: {device}: error fetching interface information: Device not found\n")
            }
        });
        return 1;
    }
    kernel.print(text);
    0
}

/// `route`
pub fn route(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let mut text = String::from(
        "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
    );
    if let Some((ip, _)) = own(kernel) {
        let (first, length, gateway) = network(ip);
        let mask = Ipv4Addr::from(u32::MAX << (32 - length)).to_string();
        let (first, gateway) = (first.to_string(), gateway.to_string());
        let numeric = kernel.argv().iter().any(|word| word.starts_with('-') && word.contains('n'));
        let (all, none) = if numeric { ("0.0.0.0", "0.0.0.0") } else { ("default", "*") };
        text.push_str(&format!("{all:<15} {gateway:<15} 0.0.0.0         UG    0      0        0 eth0\n{first:<15} {none:<15} {mask:<15} U     0      0        0 eth0\n"));
    }
    kernel.print(text);
    0
}
