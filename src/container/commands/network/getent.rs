//! `getent`: the databases of names, of which hosts are asked for.

use super::super::options::Named;
use super::resolve::Resolve;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::network::hosts_file::HostsFile;
use crate::network::resolver::{Asker, Finding, Outcome};

/// A running `getent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Getent {
    asking: Option<Resolve>,
}

impl Getent {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let (database, keys) = match words.split_first() {
            Some((database, keys)) => (*database, keys),
            None => {
                kernel.complain("getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n");
                return Step::Exit(1);
            }
        };
        match database {
            "passwd" | "group" | "hosts" if keys.is_empty() => {
                print_file(kernel, database);
                return Step::Exit(0);
            }
            "passwd" | "group" => return entries(kernel, database, keys),
            "hosts" | "ahosts" | "ahostsv4" | "ahostsv6" => {}
            _ => {
                kernel.complain(format!("Unknown database: {database}\nTry `getent --help' or `getent --usage' for more information.\n"));
                return Step::Exit(1);
            }
        }
        if self.asking.is_none() {
            self.asking = Some(Resolve::asked(kernel, Asker::Getent, &words));
        }
        let Some(asking) = &mut self.asking else { return Step::Exit(2) };
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let found: Vec<Outcome> = asking
            .inquiry
            .findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Lookup(_, outcome) => Some(outcome.clone()),
                _ => None,
            })
            .collect();
        let code = if asking.succeeded() { 0 } else { 2 };
        let hosts = super::resolve::resolver(kernel).hosts;
        let hosts = HostsFile::parse(&hosts);
        // `ahostsv6` takes IPv4 addresses for want of others (`AI_V4MAPPED`).
        for mut resolved in found.into_iter().flatten() {
            if database == "ahostsv6" {
                if resolved.addresses.iter().any(std::net::IpAddr::is_ipv6) {
                    resolved.addresses.retain(std::net::IpAddr::is_ipv6);
                }
                for ip in &mut resolved.addresses {
                    if let std::net::IpAddr::V4(v4) = ip {
                        *ip = v4.to_ipv6_mapped().into();
                    }
                }
            }
            let mut name = resolved.canonical.clone();
            if database == "hosts" {
                // All names of a line of the file are aliases of its first.
                if let Some((_, names)) = hosts
                    .entries
                    .iter()
                    .find(|(ip, names)| resolved.addresses.contains(ip) && names.contains(&name))
                {
                    name = names.join(" ");
                }
                for ip in &resolved.addresses {
                    kernel.print(format!("{ip:<15} {name}\n", ip = ip.to_string()));
                }
                continue;
            }
            for (at, ip) in resolved.addresses.iter().enumerate() {
                let ip = ip.to_string();
                let name = if at == 0 { &*name } else { "" };
                kernel.print(format!("{ip:<15} STREAM {name}\n{ip:<15} DGRAM  \n{ip:<15} RAW    \n"));
            }
        }
        Step::Exit(code)
    }
}

fn text(kernel: &mut Kernel<'_>, database: &str) -> String {
    let bytes = kernel.files().read(&format!("/etc/{database}")).map(|bytes| bytes.to_vec());
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

fn print_file(kernel: &mut Kernel<'_>, database: &str) {
    let text = text(kernel, database);
    if database != "hosts" {
        return kernel.print(text);
    }
    for (ip, names) in HostsFile::parse(&text).entries {
        kernel.print(format!("{ip:<15} {}\n", names.join(" "), ip = ip.to_string()));
    }
}

/// The lines of `/etc/passwd` or `/etc/group` with a name or number.
fn entries(kernel: &mut Kernel<'_>, database: &str, keys: &[&str]) -> Step {
    let text = text(kernel, database);
    let mut code = 0;
    for key in keys {
        let is = |line: &&str| {
            let fields: Vec<&str> = line.split(':').collect();
            fields[0] == *key || fields.get(2) == Some(key)
        };
        match text.lines().find(is) {
            Some(line) => kernel.print(format!("{line}\n")),
            None => code = 2,
        }
    }
    Step::Exit(code)
}
