//! `ping` and `traceroute`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::super::Flavor;
use super::super::options::{Named, Options};
use super::resolve::Resolve;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::network::packet::Payload;
use crate::network::resolver::Family;

/// A running `ping`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ping {
    options: Option<Options>,
    asking: Option<Resolve>,
    naming: Option<Resolve>,
    fd: Option<Fd>,
    to: Option<IpAddr>,
    host: String,
    sent: u16,
    sent_at: Vec<SimTime>,
    times: Vec<u64>,
    errors: u16,
    began: SimTime,
}

/// How many bytes each echo carries.
fn size(options: &Options) -> u32 {
    options.value('s').and_then(|size| size.parse().ok()).unwrap_or(56)
}

fn span(text: Option<&std::sync::Arc<str>>, otherwise: f64) -> Duration {
    let seconds = text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(otherwise);
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

impl Ping {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let gnu = tool.flavor == Flavor::Gnu;
        if self.options.is_none() {
            match tool.options(kernel, "46c:i:W:w:qs:nt:I:A", &[], if gnu { 2 } else { 1 }) {
                Ok(options) if options.operands.is_empty() => {
                    if gnu {
                        kernel.complain("ping: usage error: Destination address required\n");
                    } else {
                        tool.usage(kernel);
                    }
                    return Step::Exit(if gnu { 2 } else { 1 });
                }
                Ok(options) => self.options = Some(options),
                Err(code) => return Step::Exit(code),
            }
            kernel.on_signal(Signal::INT, Action::Catch);
        }
        let options = self.options.take().unwrap_or_default();
        let step = self.go(kernel, &options, gnu);
        self.options = Some(options);
        step
    }

    fn go(&mut self, kernel: &mut Kernel<'_>, options: &Options, gnu: bool) -> Step {
        let host = &options.operands[0];
        let now = kernel.now();
        let (Some(fd), Some(to)) = (self.fd, self.to) else {
            return self.resolve(kernel, options, gnu);
        };
        let count: Option<u16> = options.value('c').and_then(|count| count.parse().ok());
        let interval = span(options.value('i'), 1.0);
        let patience = span(options.value('W'), 10.0);
        let size = size(options) + 8;
        loop {
            match kernel.receive(fd) {
                Ok(Some(datagram)) => {
                    let Payload::Echo(number) = datagram.payload else { continue };
                    let Some(sent) = self.sent_at.get(usize::from(number)) else { continue };
                    // What the two kernels take.
                    let own = kernel.random().between(38, 96);
                    let travel = now.since(*sent).as_micros() as u64;
                    let micros = travel + own;
                    self.times.push(micros);
                    if !options.has('q') {
                        let (seq, time) = (number + u16::from(gnu), millis(micros));
                        kernel.print(if gnu {
                            format!(
                                "{size} bytes from {}: icmp_seq={seq} ttl={} time={time} ms\n",
                                self.host,
                                ttl(travel)
                            )
                        } else {
                            format!("{size} bytes from {to}: seq={seq} ttl={} time={time} ms\n", ttl(travel))
                        });
                    }
                }
                Ok(None) => break,
                Err(errno) => {
                    self.errors += 1;
                    if gnu && errno == Errno::HostUnreachable {
                        let own = kernel.machine().net.addresses.first().copied();
                        let IpAddr::V4(own) = own.unwrap_or(to) else { continue };
                        let gateway = std::net::Ipv4Addr::from(u32::from(own) & !0xff | 1);
                        kernel.print(format!(
                            "From {gateway} icmp_seq={} Destination Host Unreachable\n",
                            self.sent
                        ));
                    }
                }
            }
        }
        let interrupted = kernel.take_signal().is_some();
        let heard = self.times.len() + usize::from(self.errors);
        let done = count.is_some_and(|count| usize::from(count) <= heard);
        let last = self.sent_at.last().copied();
        let all_sent = count.is_some_and(|count| self.sent >= count);
        let deadline = options.value('w').map(|_| self.began + span(options.value('w'), 0.0));
        let late = deadline.is_some_and(|deadline| now >= deadline);
        let gone = all_sent && last.is_some_and(|last| now >= last + patience);
        if interrupted || done || gone || late {
            return self.end(kernel, host, to, gnu);
        }
        let next = match last {
            Some(last) if all_sent => last + patience,
            Some(last) => last + interval,
            None => now,
        };
        if !all_sent && now >= next {
            self.sent_at.push(now);
            // What cannot be sent is as what is lost.
            let _ = kernel.send_to(fd, SocketAddr::new(to, 0), Payload::Echo(self.sent));
            self.sent += 1;
            return Step::Yield;
        }
        Wait::readable(fd).or_until(next).or_until(deadline).into()
    }

    fn resolve(&mut self, kernel: &mut Kernel<'_>, options: &Options, gnu: bool) -> Step {
        let host = &options.operands[0];
        let v6 = options.has('6') || host.contains(':') || kernel.argv()[0].ends_with('6');
        let family = if v6 { Family::V6 } else { Family::V4 };
        let asking = self.asking.get_or_insert_with(|| Resolve::host(kernel, host, family));
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let found = asking.resolved().cloned();
        let resolved = match found {
            Ok(resolved) => resolved,
            Err(failure) => {
                let text = asking.text(failure);
                kernel.complain(if gnu {
                    format!("ping: {host}: {text}\n")
                } else {
                    format!("ping: bad address '{host}'\n")
                });
                return Step::Exit(if gnu { 2 } else { 1 });
            }
        };
        let ip = resolved.addresses[0];
        let numeric = host.parse::<IpAddr>().is_ok();
        let mut name = resolved.canonical.clone();
        if gnu && !numeric {
            let naming = self.naming.get_or_insert_with(|| Resolve::address(kernel, ip));
            if let Some(wait) = naming.step(kernel) {
                return wait.into();
            }
            if let Ok(found) = naming.resolved() {
                name.clone_from(&found.canonical);
            }
        }
        let size = size(options);
        self.host = if numeric { ip.to_string() } else { format!("{name} ({ip})") };
        self.to = Some(ip);
        self.began = kernel.now();
        self.fd = Some(kernel.datagrams(Protocol::Icmp));
        kernel.print(if gnu {
            let shown = if numeric { host.to_string() } else { resolved.canonical };
            format!("PING {shown} ({ip}) {size}({}) bytes of data.\n", size + 28)
        } else {
            format!("PING {host} ({ip}): {size} data bytes\n")
        });
        Step::Yield
    }

    fn end(&mut self, kernel: &mut Kernel<'_>, host: &str, to: IpAddr, gnu: bool) -> Step {
        let (sent, got) = (usize::from(self.sent), self.times.len());
        let loss = (sent - got.min(sent)) * 100 / sent.max(1);
        let (low, high) = (self.times.iter().min(), self.times.iter().max());
        let mean = self.times.iter().sum::<u64>() / (got.max(1) as u64);
        let limits = low.zip(high).map(|(low, high)| (millis(*low), millis(mean), millis(*high)));
        let mut text = String::from("\n");
        if gnu {
            let canonical = self.host.split(' ').next().unwrap_or_default();
            let name = if host.parse::<IpAddr>().is_ok() { host } else { canonical };
            let errors = match self.errors {
                0 => String::new(),
                errors => format!(", +{errors} errors"),
            };
            let last = self.sent_at.last().map_or(0, |last| last.since(self.began).as_millis());
            text.push_str(&format!("--- {name} ping statistics ---\n{sent} packets transmitted, {got} received{errors}, {loss}% packet loss, time {last}ms\n"));
            match limits {
                Some((low, mean, high)) => {
                    text.push_str(&format!("rtt min/avg/max/mdev = {low}/{mean}/{high}/0.000 ms\n"));
                }
                None => text.push('\n'),
            }
        } else {
            text.push_str(&format!("--- {host} ping statistics ---\n{sent} packets transmitted, {got} packets received, {loss}% packet loss\n"));
            if let Some((low, mean, high)) = limits {
                text.push_str(&format!("round-trip min/avg/max = {low}/{mean}/{high} ms\n"));
            }
        }
        let _ = to;
        kernel.print(text);
        Step::Exit(u8::from(got == 0))
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// Pods of one node are a hop apart, others three.
fn ttl(travel: u64) -> u8 {
    if travel < 200 { 64 } else { 62 }
}

/// A running `traceroute`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traceroute {
    options: Option<Options>,
    asking: Option<Resolve>,
    naming: Option<(Resolve, IpAddr)>,
    fd: Option<Fd>,
    hop: u8,
    probe: u8,
    sent: SimTime,
    shown: Option<IpAddr>,
    reached: bool,
    rtt: u64,
}

impl Traceroute {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.options.is_none() {
            match tool.options(kernel, "46nIm:w:q:", &[], 1) {
                Ok(options) if options.operands.is_empty() => {
                    tool.usage(kernel);
                    return Step::Exit(1);
                }
                Ok(options) => self.options = Some(options),
                Err(code) => return Step::Exit(code),
            }
        }
        let options = self.options.clone().unwrap_or_default();
        let host = options.operands[0].clone();
        let most: u8 = options.value('m').and_then(|most| most.parse().ok()).unwrap_or(30);
        let asking = self.asking.get_or_insert_with(|| Resolve::host(kernel, &host, Family::V4));
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let Ok(resolved) = asking.resolved() else {
            kernel.complain(match tool.flavor {
                Flavor::BusyBox => format!("traceroute: bad address '{host}'\n"),
                Flavor::Gnu => format!("{host}: Name or service not known\nCannot handle \"host\" cmdline arg `{host}' on position 1 (argc 1)\n"),
            });
            return Step::Exit(if tool.flavor == Flavor::Gnu { 2 } else { 1 });
        };
        let to = resolved.addresses[0];
        let Some(fd) = self.fd else {
            let bytes = if tool.flavor == Flavor::Gnu { "60 byte" } else { "46 byte" };
            kernel.print(format!("traceroute to {host} ({to}), {most} hops max, {bytes} packets\n"));
            self.fd = Some(kernel.datagrams(Protocol::Icmp));
            self.hop = 1;
            self.send(kernel, to);
            return Step::Yield;
        };
        let patience = span(options.value('w'), 5.0);
        loop {
            let mut text = String::new();
            if let Some((naming, ip)) = &mut self.naming {
                if let Some(wait) = naming.step(kernel) {
                    return wait.into();
                }
                let name = naming.resolved().map_or(ip.to_string(), |found| found.canonical.clone());
                let ip = *ip;
                self.naming = None;
                text.push_str(&format!("  {name} ({ip})"));
                self.shown = Some(ip);
                text.push_str(&format!("  {} ms", millis(self.rtt)));
            } else {
                match kernel.receive(fd) {
                    Ok(Some(datagram)) => {
                        let ip = datagram.from.ip();
                        self.rtt = kernel.now().since(self.sent).as_micros() as u64;
                        self.reached |= ip == to;
                        if self.shown != Some(ip) {
                            if options.has('n') {
                                text.push_str(&format!("  {ip}"));
                                self.shown = Some(ip);
                            } else {
                                self.naming = Some((Resolve::address(kernel, ip), ip));
                                continue;
                            }
                        }
                        text.push_str(&format!("  {} ms", millis(self.rtt)));
                    }
                    Ok(None) if kernel.now() < self.sent + patience => {
                        return Wait::readable(fd).or_until(self.sent + patience).into();
                    }
                    Ok(None) => text.push_str("  *"),
                    Err(_) => text.push_str("  !H"),
                }
            }
            if self.probe == 0 {
                kernel.print(format!("{:>2}", self.hop));
            }
            kernel.print(text);
            self.probe += 1;
            if self.probe == 3 {
                kernel.print("\n");
                self.probe = 0;
                self.shown = None;
                self.hop += 1;
                if self.reached || self.hop > most {
                    return Step::Exit(0);
                }
            }
            self.send(kernel, to);
        }
    }

    fn send(&mut self, kernel: &mut Kernel<'_>, to: IpAddr) {
        self.sent = kernel.now();
        if let Some(fd) = self.fd {
            let payload = Payload::Echo(u16::from(self.hop));
            // What cannot be sent is as what is lost.
            let _ = kernel.send_with_ttl(fd, SocketAddr::new(to, 0), payload, self.hop);
        }
    }
}
