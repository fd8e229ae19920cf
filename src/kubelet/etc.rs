//! The files that a kubelet writes into a container's `/etc`, and the host name that goes with them.

use std::fmt;
use std::net::IpAddr;

use smol_str::format_smolstr;

use crate::api::Object;
use crate::base::Value;
use crate::network::ipam::dotted;

/// What a cluster's DNS is where nothing else is said: the Service's address and the domain.
const CLUSTER_DNS: &str = "10.96.0.10";
const CLUSTER_DOMAIN: &str = "cluster.local";
/// What a node's own `/etc/resolv.conf` says.
const NODE_NAMESERVER: &str = "192.168.65.7";

const MAX_HOSTNAME: usize = 63;
const MAX_NAMESERVERS: usize = 3;
const MAX_SEARCHES: usize = 32;
const MAX_SEARCH_LETTERS: usize = 2048;
const MAX_DOMAIN_LETTERS: usize = 255;

/// What a node's kubelet knows of DNS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeDns {
    /// The servers in the node's own `/etc/resolv.conf`.
    pub nameservers: Vec<String>,
    /// The search domains there.
    pub search: Vec<String>,
    /// The options there: `edns0`.
    pub options: Vec<String>,
    /// The servers of the cluster (kubelet's `clusterDNS`).
    pub cluster_dns: Vec<String>,
    /// The cluster's domain (kubelet's `clusterDomain`).
    pub cluster_domain: String,
}

impl Default for NodeDns {
    fn default() -> Self {
        Self {
            nameservers: vec![NODE_NAMESERVER.into()],
            search: Vec::new(),
            options: Vec::new(),
            cluster_dns: vec![CLUSTER_DNS.into()],
            cluster_domain: CLUSTER_DOMAIN.into(),
        }
    }
}

/// What a Pod resolves names by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PodDns {
    /// The servers.
    pub nameservers: Vec<String>,
    /// The search domains.
    pub search: Vec<String>,
    /// The options: `ndots:5`.
    pub options: Vec<String>,
    /// What the kubelet warns of: the reasons and messages of Events about the Pod.
    pub warnings: Vec<(&'static str, String)>,
}

impl fmt::Display for PodDns {
    /// The text of `/etc/resolv.conf`, in the order in which containerd writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |words: &[&str]| words.iter().try_for_each(|word| f.write_str(word));
        if !self.search.is_empty() {
            line(&["search ", &self.search.join(" "), "\n"])?;
        }
        for server in &self.nameservers {
            line(&["nameserver ", server, "\n"])?;
        }
        if !self.options.is_empty() {
            line(&["options ", &self.options.join(" "), "\n"])?;
        }
        Ok(())
    }
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    value.items().iter().map(|text| text.str().to_string())
}

fn filled<'a>(spec: &'a Value, field: &str) -> Option<&'a str> {
    spec.get(field).as_str().filter(|text| !text.is_empty())
}

/// The host name inside a Pod: that of the node where it uses the node's network, else `spec.hostnameOverride` whatever it
/// is, `spec.hostname`, or its own name, of which a host name takes the first 63 letters.
pub fn hostname(pod: &Object, node: &str, dns: &NodeDns) -> String {
    let spec = pod.spec();
    if spec.get("hostNetwork").bool() {
        return node.into();
    }
    match fully_qualified_name(pod, dns) {
        Some(full) if spec.get("setHostnameAsFQDN").bool() => full,
        _ => short_hostname(pod),
    }
}

fn short_hostname(pod: &Object) -> String {
    if let Some(name) = filled(pod.spec(), "hostnameOverride") {
        return name.to_owned();
    }
    let name = filled(pod.spec(), "hostname").unwrap_or(pod.name());
    let longer = name.len() > MAX_HOSTNAME;
    let cut = if longer { name.char_indices().nth(MAX_HOSTNAME) } else { None };
    name[..cut.map_or(name.len(), |(at, _)| at)].trim_end_matches(['-', '.']).to_string()
}

/// `HOST.SUBDOMAIN.NAMESPACE.svc.cluster.local`, where the Pod has a subdomain and no host name over all.
pub fn fully_qualified_name(pod: &Object, dns: &NodeDns) -> Option<String> {
    if filled(pod.spec(), "hostnameOverride").is_some() {
        return None;
    }
    let subdomain = filled(pod.spec(), "subdomain")?;
    Some(format!("{}.{subdomain}.{}.svc.{}", short_hostname(pod), pod.namespace(), dns.cluster_domain))
}

/// `/etc/hosts` (kubelet `managedHostsFileContent` and `nodeHostsFileContent`) of a Pod with these addresses.
pub fn hosts(pod: &Object, ips: &[IpAddr], node: &str, dns: &NodeDns) -> String {
    let of_host = pod.spec().get("hostNetwork").bool();
    let head = if of_host {
        "# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    } else {
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
    };
    let names = match fully_qualified_name(pod, dns) {
        _ if of_host => node.into(),
        Some(full) => [&full, "\t", &short_hostname(pod)].concat(),
        None => short_hostname(pod),
    };
    let mut text = String::with_capacity(head.len() + ips.len() * (names.len() + 20));
    text.push_str(head);
    for ip in ips {
        let ip = match ip {
            IpAddr::V4(ip) => dotted(*ip),
            IpAddr::V6(ip) => format_smolstr!("{ip}"),
        };
        text.extend([&ip, "\t", &names, "\n"]);
    }
    let aliases = pod.spec().get("hostAliases").items();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
        for alias in aliases {
            let names: Vec<String> = texts(alias.get("hostnames")).collect();
            text.push_str(&format!("{}\t{}\n", alias.get("ip").str(), names.join("\t")));
        }
    }
    text
}

/// What a Pod resolves names by, as its `dnsPolicy` and `dnsConfig` say (kubelet `network/dns`). Its text form is the
/// Pod's `/etc/resolv.conf`.
pub fn pod_dns(pod: &Object, node: &NodeDns) -> PodDns {
    let spec = pod.spec();
    let mut dns = PodDns::default();
    let of_cluster = match spec.get("dnsPolicy").str() {
        "None" => None,
        "Default" => Some(false),
        "ClusterFirstWithHostNet" => Some(true),
        _ => Some(!spec.get("hostNetwork").bool()),
    };
    match of_cluster {
        None => {}
        Some(true) if !node.cluster_dns.is_empty() => {
            let domain = &node.cluster_domain;
            dns.nameservers.clone_from(&node.cluster_dns);
            dns.search =
                vec![[pod.namespace(), ".svc.", domain].concat(), ["svc.", domain].concat(), domain.clone()];
            dns.search.extend(node_search(node));
            dns.options.push("ndots:5".into());
        }
        Some(wants_cluster) => {
            if wants_cluster {
                dns.warnings.push((
                    "MissingClusterDNS",
                    "kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy."
                        .into(),
                ));
            }
            dns.nameservers.clone_from(&node.nameservers);
            dns.search.extend(node_search(node));
            dns.options.clone_from(&node.options);
        }
    }
    let config = spec.get("dnsConfig");
    dns.nameservers.extend(texts(config.get("nameservers")));
    dns.search.extend(texts(config.get("searches")));
    for list in [&mut dns.nameservers, &mut dns.search] {
        for text in std::mem::take(list) {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    for option in config.get("options").items() {
        let (name, value) = (option.get("name").str(), option.get("value").str());
        let text = if value.is_empty() { name.to_string() } else { format!("{name}:{value}") };
        match dns.options.iter_mut().find(|known| known.split(':').next() == Some(name)) {
            Some(known) => *known = text,
            None => dns.options.push(text),
        }
    }
    fit_limits(&mut dns);
    dns
}

/// A domain with and one without a final dot are the same.
fn node_search(node: &NodeDns) -> impl Iterator<Item = String> {
    node.search.iter().map(|domain| match domain.as_str() {
        "." => ".".into(),
        domain => domain.strip_suffix('.').unwrap_or(domain).into(),
    })
}

fn fit_limits(dns: &mut PodDns) {
    const REASON: &str = "DNSConfigForming";
    if dns.nameservers.len() > MAX_NAMESERVERS {
        dns.nameservers.truncate(MAX_NAMESERVERS);
        dns.warnings.push((
            REASON,
            format!(
                "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {}",
                dns.nameservers.join(" ")
            ),
        ));
    }
    let all = dns.search.len();
    dns.search.truncate(MAX_SEARCHES);
    dns.search.retain(|domain| domain.len() <= MAX_DOMAIN_LETTERS);
    let letters = |domains: &[String]| domains.iter().map(|domain| domain.len() + 1).sum::<usize>();
    while letters(&dns.search) > MAX_SEARCH_LETTERS + 1 {
        dns.search.pop();
    }
    if dns.search.len() < all {
        dns.warnings.push((
            REASON,
            format!(
                "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {}",
                dns.search.join(" ")
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use crate::value;

    fn pod(spec: Value) -> Object {
        let mut pod = Object::new(Kind::Pod, "default", "mysql-0");
        pod.set("spec", spec);
        pod
    }

    #[test]
    fn a_pod_of_a_stateful_set_is_in_its_hosts_file() {
        let pod = pod(value!({"hostname": "mysql-0", "subdomain": "mysql"}));
        let text = hosts(&pod, &["10.1.0.16".parse().unwrap()], "docker-desktop", &NodeDns::default());
        assert!(text.ends_with("10.1.0.16\tmysql-0.mysql.default.svc.cluster.local\tmysql-0\n"), "{text}");
    }

    #[test]
    fn host_names() {
        let dns = NodeDns::default();
        let of = |spec| hostname(&pod(spec), "node", &dns);
        assert_eq!(of(value!({"hostNetwork": true})), "node");
        assert_eq!(of(value!({"subdomain": "mysql"})), "mysql-0");
        assert_eq!(of(value!({"subdomain": "mysql", "hostnameOverride": "db.example"})), "db.example");
        let full = "mysql-0.mysql.default.svc.cluster.local";
        assert_eq!(of(value!({"subdomain": "mysql", "setHostnameAsFQDN": true})), full);
    }

    #[test]
    fn what_is_too_much_is_left_out_and_said() {
        let searches: Vec<String> = (0..40).map(|n| format!("domain-{n}.example")).collect();
        let config = value!({"searches": searches, "nameservers": ["10.0.0.1", "10.0.0.2", "10.0.0.3"]});
        let dns = pod_dns(&pod(value!({"dnsConfig": config})), &NodeDns::default());
        assert_eq!((dns.search.len(), dns.nameservers.len()), (32, 3));
        assert_eq!(dns.warnings.len(), 2);
        assert!(dns.warnings[0].1.ends_with("line is: 10.96.0.10 10.0.0.1 10.0.0.2"));
    }
}
