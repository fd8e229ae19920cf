//! Names and programs against `dns-cases.json` and `tool-output.json`; here, the clusters of the first as far as names go.

mod dns;
mod servers;
mod tools;

use std::collections::BTreeMap;
use std::net::IpAddr;

use saya::api::{Kind, Object};
use saya::apiserver::allocation::create_default_range;
use saya::apiserver::{ApiServer, Clock, Settings};
use saya::base::{Date, Random, SimTime, Value};
use saya::network::dns::{Answer, Corefile, Data, Dns, Question, Upstream, name};
use saya::value;

/// A cluster of the cases, as far as names go.
pub struct World {
    pub api: ApiServer,
    pub corefile: Corefile,
    pub upstream: Upstream,
    pub dns_ip: IpAddr,
}

impl World {
    pub fn of(cluster: &Value) -> Self {
        let mut api = ApiServer::new(
            Clock { now: SimTime::ZERO, epoch: Date(1_795_212_870) },
            Random::from_seed(1),
            Settings::default(),
        );
        create_default_range(&mut api);
        for namespace in cluster.get("namespaces").items() {
            create(&mut api, Object::new(Kind::Namespace, "", namespace.str()).body);
            create(&mut api, Object::new(Kind::ServiceAccount, namespace.str(), "default").body);
        }
        let builtin =
            |list| cluster.get(list).items().iter().filter(|entry: &&Value| entry.get("builtin").bool());
        for service in builtin("services") {
            let mut object = Object::new(Kind::Service, service.get("ns").str(), service.get("name").str());
            object.set_at(&["spec", "clusterIP"], service.get("clusterIPs").items()[0].clone());
            object.set_at(&["spec", "ports"], service.get("ports").clone());
            create(&mut api, object.body);
        }
        for listed in builtin("endpoints") {
            let service = listed.get("service").str();
            let mut slice = Object::new(Kind::EndpointSlice, listed.get("ns").str(), &format!("{service}-1"));
            slice.set_at(&["metadata", "labels", "kubernetes.io/service-name"], service);
            slice.set("addressType", "IPv4");
            let endpoints = listed.get("addresses").items().iter();
            let endpoints: Value =
                endpoints.map(|a| value!({"addresses": [(a.get("ip").clone())]})).collect();
            slice.set("endpoints", endpoints);
            slice.set("ports", listed.get("ports").clone());
            create(&mut api, slice.body);
        }
        for manifest in cluster.get("manifests").items() {
            create(&mut api, manifest.clone());
        }
        for listed in cluster.get("pods").items() {
            let mut pod = Object::new(Kind::Pod, listed.get("ns").str(), listed.get("name").str());
            pod.set("spec", value!({"containers": [{"name": "c", "image": "busybox"}]}));
            let key = pod.key();
            create(&mut api, pod.body);
            api.modify_status(&key, |status| {
                *status = value!({"phase": "Running", "podIP": (listed.get("ip").clone())});
            });
        }
        let corefile = format!(
            ".:53 {{\n  errors\n  kubernetes {} in-addr.arpa ip6.arpa {{\n    pods {}\n    fallthrough in-addr.arpa ip6.arpa\n    ttl {}\n  }}\n  forward . /etc/resolv.conf\n  loadbalance\n}}\n",
            cluster.get("zone").str(),
            cluster.get("podsMode").str(),
            cluster.get("ttl").int(),
        );
        let mut map = Object::new(Kind::ConfigMap, "kube-system", "coredns");
        map.set("data", value!({"Corefile": corefile}));
        create(&mut api, map.body);
        let corefile = Corefile::in_store(api.store()).unwrap();
        let dns_ip = cluster.get("dnsIP").str().parse().unwrap();
        Self { api, corefile, upstream: upstream(cluster.get("upstream")), dns_ip }
    }

    pub fn all(file: &Value) -> BTreeMap<String, World> {
        file.get("clusters").entries().map(|(name, cluster)| (name.to_string(), World::of(cluster))).collect()
    }

    pub fn dns(&self) -> Dns<'_> {
        Dns { store: self.api.store(), corefile: &self.corefile, upstream: &self.upstream }
    }

    /// What the server at this address answers; any other than the cluster's is outside.
    pub fn ask(&self, server: IpAddr, question: &Question) -> Option<Answer> {
        Some(if server == self.dns_ip { self.dns().ask(question) } else { self.upstream.ask(question) })
    }
}

pub fn create(api: &mut ApiServer, mut body: Value) {
    let namespace = body.at(&["metadata", "namespace"]).str().to_string();
    // The range of Services has IPv4 addresses alone; what is asked for is put in afterwards.
    let addresses = body.at(&["spec", "clusterIPs"]).clone();
    if !addresses.is_null() {
        for field in ["clusterIPs", "ipFamilyPolicy"] {
            body.entry("spec").remove(field);
        }
    }
    let address = body.at(&["spec", "clusterIP"]).clone();
    let of_other_family = address.str().contains(':');
    if of_other_family {
        body.entry("spec").remove("clusterIP");
    }
    match api.create(body.clone(), &namespace, false) {
        Ok(object) if !addresses.is_null() || of_other_family => {
            api.modify(&object.key(), |object| {
                if of_other_family {
                    object.set_at(&["spec", "clusterIPs"], Value::from(vec![address.clone()]));
                    object.set_at(&["spec", "clusterIP"], address);
                    object.set_at(&["spec", "ipFamilies"], Value::from(vec!["IPv6"]));
                }
                if !addresses.is_null() {
                    object.set_at(&["spec", "clusterIPs"], addresses);
                }
            });
        }
        Ok(_) => {}
        // A namespace may be listed and have a manifest.
        Err(status) if status.reason == "AlreadyExists" => {}
        Err(status) => panic!("{status:?}: {body:?}"),
    }
}

fn upstream(names: &Value) -> Upstream {
    let mut upstream = Upstream::new();
    for (host, what) in names.entries() {
        for (kind, value) in what.entries() {
            match (kind, value) {
                ("rcode", code) => upstream.fail(host, code.str().parse().unwrap()),
                ("CNAME", target) => upstream.insert(host, Data::Cname(name::absolute(target.str()))),
                ("PTR", hosts) => {
                    hosts.items().iter().for_each(|h| upstream.insert(host, Data::Ptr(h.str().into())));
                }
                ("A" | "AAAA", ips) => {
                    for ip in ips.items() {
                        upstream.insert(host, Data::address(ip.str().parse().unwrap()));
                    }
                }
                (other, _) => panic!("{host}: {other}"),
            }
        }
    }
    upstream
}
