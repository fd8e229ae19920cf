//! The files that a kubelet writes into a container's `/etc`.

use std::net::Ipv4Addr;

use crate::api::Object;
use crate::base::Value;

/// What a cluster's DNS is: the Service's address and the domain (kubelet's `clusterDNS` and `clusterDomain`).
const CLUSTER_DNS: &str = "10.96.0.10";
const CLUSTER_DOMAIN: &str = "cluster.local";
/// What a node's own `/etc/resolv.conf` says.
const NODE_NAMESERVER: &str = "192.168.65.7";

/// The Pod's host name: `spec.hostname`, or its name, of which a host name takes the first 63 letters.
pub fn hostname(pod: &Object) -> String {
    let name = pod.spec().get("hostname").as_str().filter(|name| !name.is_empty()).unwrap_or(pod.name());
    name.chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_string()
}

/// `HOST.SUBDOMAIN.NAMESPACE.svc.cluster.local`, where the Pod has a subdomain.
pub fn fully_qualified_name(pod: &Object) -> Option<String> {
    let subdomain = pod.spec().get("subdomain").as_str().filter(|name| !name.is_empty())?;
    Some(format!("{}.{subdomain}.{}.svc.{CLUSTER_DOMAIN}", hostname(pod), pod.namespace()))
}

/// `/etc/hosts` (kubelet `managedHostsFileContent` and `nodeHostsFileContent`).
pub fn hosts(pod: &Object, ip: Ipv4Addr, node: &str) -> String {
    let mut text = if pod.spec().get("hostNetwork").bool() {
        format!(
            "# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{ip}\t{node}\n"
        )
    } else {
        let names = match fully_qualified_name(pod) {
            Some(full) => format!("{full}\t{}", hostname(pod)),
            None => hostname(pod),
        };
        format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{ip}\t{names}\n"
        )
    };
    let aliases = pod.spec().get("hostAliases").items();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
        for alias in aliases {
            let names: Vec<&str> = alias.get("hostnames").items().iter().map(Value::str).collect();
            text.push_str(&format!("{}\t{}\n", alias.get("ip").str(), names.join("\t")));
        }
    }
    text
}

/// `/etc/resolv.conf` by `dnsPolicy` and `dnsConfig` (kubelet `network/dns`, in the order that containerd writes).
pub fn resolv_conf(pod: &Object) -> String {
    let spec = pod.spec();
    let policy = match spec.get("dnsPolicy").str() {
        "ClusterFirst" if spec.get("hostNetwork").bool() => "Default",
        "ClusterFirstWithHostNet" => "ClusterFirst",
        other => other,
    };
    let texts =
        |value: &Value| -> Vec<String> { value.items().iter().map(|text| text.str().to_string()).collect() };
    let (mut servers, mut search, mut options) = match policy {
        "None" => (Vec::new(), Vec::new(), Vec::new()),
        "Default" => (vec![NODE_NAMESERVER.to_string()], Vec::new(), Vec::new()),
        _ => (
            vec![CLUSTER_DNS.to_string()],
            vec![
                format!("{}.svc.{CLUSTER_DOMAIN}", pod.namespace()),
                format!("svc.{CLUSTER_DOMAIN}"),
                CLUSTER_DOMAIN.to_string(),
            ],
            vec![("ndots".to_string(), "5".to_string())],
        ),
    };
    let config = spec.get("dnsConfig");
    let add = |list: &mut Vec<String>, more: Vec<String>| {
        for text in more {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    };
    add(&mut servers, texts(config.get("nameservers")));
    add(&mut search, texts(config.get("searches")));
    for option in config.get("options").items() {
        let (name, value) = (option.get("name").str().to_string(), option.get("value").str().to_string());
        match options.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => options.push((name, value)),
        }
    }
    let mut text = String::new();
    if !search.is_empty() {
        text.push_str(&format!("search {}\n", search.join(" ")));
    }
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !options.is_empty() {
        let options: Vec<String> = options
            .into_iter()
            .map(|(name, value)| if value.is_empty() { name } else { format!("{name}:{value}") })
            .collect();
        text.push_str(&format!("options {}\n", options.join(" ")));
    }
    text
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
        let text = hosts(&pod, Ipv4Addr::new(10, 1, 0, 16), "docker-desktop");
        assert!(text.ends_with("10.1.0.16\tmysql-0.mysql.default.svc.cluster.local\tmysql-0\n"), "{text}");
    }

    #[test]
    fn names_are_looked_up_as_the_policy_says() {
        let first = pod(
            value!({"dnsPolicy": "ClusterFirst", "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}}),
        );
        assert_eq!(
            resolv_conf(&first),
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:2\n"
        );
        let own = pod(value!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"]}}));
        assert_eq!(resolv_conf(&own), "nameserver 1.1.1.1\n");
    }
}
