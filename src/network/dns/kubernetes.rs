//! CoreDNS's `kubernetes` plugin: the names of a cluster, as the Kubernetes DNS specification 1.1.0 has them and
//! CoreDNS serves them.
//!
//! Services are found by their keys; only the slices of one namespace are looked through for the endpoints of one. A
//! reverse lookup goes through all Services and slices.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;

use super::corefile::{Kubernetes, PodsMode};
use super::message::{Answer, Data, Question, Rcode, Record, RecordType};
use super::{Dns, name};

/// The version of the specification, which is a record of its own.
const SCHEMA: &str = "1.1.0";
const SCHEMA_TTL: u32 = 28_800;
/// The name server of a zone where no Service is known for it.
const DEFAULT_NS: &str = "ns.dns";
/// How many CNAME records may come before another.
const MAX_CHAIN: usize = 8;
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// There is no such name.
struct NameError;

/// What a name stands for, before it is put into records.
struct Entry {
    /// The name that a record with this entry as its target points to.
    key: String,
    host: Host,
    /// None where neither Service nor slice has a port: such has addresses and no SRV records.
    port: Option<u16>,
}

enum Host {
    Address(IpAddr),
    /// An ExternalName.
    Name(String),
}

/// The parts of a name below the zone, from right to left.
#[derive(Default)]
struct Parts<'a> {
    tree: &'a str,
    namespace: &'a str,
    service: &'a str,
    endpoint: &'a str,
    port: &'a str,
    protocol: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes apart what stands left of the zone.
    fn of(below: &'a str) -> Result<Self, NameError> {
        let mut parts = Self::default();
        if matches!(below, "" | "svc" | "pod") {
            return Ok(parts);
        }
        let labels: Vec<&str> = name::labels(below).rev().collect();
        parts.tree = labels[0];
        if !matches!(parts.tree, "svc" | "pod") {
            return Err(NameError);
        }
        parts.namespace = labels.get(1).copied().unwrap_or_default();
        parts.service = labels.get(2).copied().unwrap_or_default();
        let bare = |label: &'a str| label.strip_prefix('_').unwrap_or(label);
        match labels.get(3..).unwrap_or_default() {
            [] => {}
            [endpoint] => parts.endpoint = endpoint,
            [protocol, port] => (parts.protocol, parts.port) = (bare(protocol), bare(port)),
            _ => return Err(NameError),
        }
        Ok(parts)
    }

    fn matches_port(&self, name: &str, protocol: &str) -> bool {
        (self.port.is_empty() || self.port.eq_ignore_ascii_case(name))
            && (self.protocol.is_empty() || self.protocol.eq_ignore_ascii_case(protocol))
    }
}

/// One question to the plugin.
pub(super) struct Plugin<'a> {
    dns: &'a Dns<'a>,
    config: &'a Kubernetes,
    /// The zone that the question is in, in the letters of the question.
    zone: String,
    depth: usize,
}

impl<'a> Plugin<'a> {
    /// The plugin as it takes a question; none where the question is in no zone of its own.
    pub(super) fn of(
        dns: &'a Dns<'a>,
        config: &'a Kubernetes,
        question: &Question,
        depth: usize,
    ) -> Option<Self> {
        let zones = config.zones.iter().filter(|zone| name::is_within(&question.name, zone));
        let zone = match zones.max_by_key(|zone| zone.len())?.as_str() {
            "." => ".".into(),
            zone => question.name[question.name.len() - zone.len()..].to_string(),
        };
        Some(Self { dns, config, zone, depth })
    }

    /// The answer; none where the plugin leaves it to the next one.
    pub(super) fn answer(&self, question: &Question) -> Option<Answer> {
        match self.records(question) {
            Ok((answers, additional)) => {
                Some(Answer { rcode: Rcode::NoError, answers, additional, authoritative: true })
            }
            Err(NameError) if self.config.fallthrough.through(&question.name) => None,
            Err(NameError) => Some(Answer { authoritative: true, ..Answer::empty(Rcode::NxDomain) }),
        }
    }

    fn records(&self, question: &Question) -> Result<(Vec<Record>, Vec<Record>), NameError> {
        let Question { name, kind } = question;
        let none = Vec::new();
        let lower = name.to_ascii_lowercase();
        // CoreDNS compares the name in small letters with the zone in those of the question.
        let apex = lower == self.zone;
        match *kind {
            RecordType::A | RecordType::AAAA => Ok((self.addresses(name, *kind, &mut Vec::new())?, none)),
            RecordType::CNAME => Ok((self.cname(question)?, none)),
            RecordType::TXT => Ok((self.text(question)?, none)),
            RecordType::PTR => Ok((self.pointers(question)?, none)),
            RecordType::SRV => self.services(question),
            RecordType::NS if apex => Ok(self.name_servers(name)),
            RecordType::SOA if apex => Ok((vec![self.start_of_authority()], none)),
            RecordType::SOA => Ok((none.clone(), none)),
            // Whether the name exists is found out by a look for addresses.
            _ => self.addresses(name, RecordType::A, &mut Vec::new()).map(|_| (none.clone(), none)),
        }
    }

    /// A or AAAA records with the CNAME records that lead to them. `chain` holds those that came before.
    fn addresses(
        &self,
        name: &str,
        kind: RecordType,
        chain: &mut Vec<Record>,
    ) -> Result<Vec<Record>, NameError> {
        let mut records = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in self.entries(name, kind)? {
            match entry.host {
                Host::Address(ip) => {
                    let data = Data::address(ip);
                    if data.kind() == kind && seen.insert(ip) {
                        records.push(Record::new(name, self.config.ttl, data));
                    }
                }
                Host::Name(target) => {
                    let target = name::absolute(&target);
                    let record = Record::new(name, self.config.ttl, Data::Cname(target.clone()));
                    let again = |known: &Record| name::equal(&known.name, name) && known.data == record.data;
                    if name::is_within(&target, name) || chain.len() >= MAX_CHAIN || chain.iter().any(again) {
                        continue;
                    }
                    if name::is_within(&target, &self.zone) {
                        chain.push(record.clone());
                        let next = self.addresses(&target, kind, chain).unwrap_or_default();
                        chain.pop();
                        // A name of the cluster that leads nowhere is not even named.
                        if !next.is_empty() {
                            records.push(record);
                            records.extend(next);
                        }
                    } else {
                        records.push(record);
                        records.extend(
                            self.dns.ask_at_depth(&Question::new(&target, kind), self.depth + 1).answers,
                        );
                    }
                }
            }
        }
        Ok(records)
    }

    fn cname(&self, question: &Question) -> Result<Vec<Record>, NameError> {
        let first = self.entries(&question.name, question.kind)?.into_iter().next();
        Ok(match first.map(|entry| entry.host) {
            Some(Host::Name(target)) => {
                vec![Record::new(&question.name, self.config.ttl, Data::Cname(name::absolute(&target)))]
            }
            _ => Vec::new(),
        })
    }

    fn text(&self, question: &Question) -> Result<Vec<Record>, NameError> {
        let below = name::below(&question.name, &self.zone).unwrap_or_default();
        if below.eq_ignore_ascii_case("dns-version") {
            return Ok(vec![Record::new(&question.name, SCHEMA_TTL, Data::Txt(SCHEMA.into()))]);
        }
        match self.entries(&question.name, question.kind) {
            Ok(entries) if !entries.is_empty() => Ok(Vec::new()),
            _ => Err(NameError),
        }
    }

    fn services(&self, question: &Question) -> Result<(Vec<Record>, Vec<Record>), NameError> {
        let mut entries = self.entries(&question.name, question.kind)?;
        entries.retain(|entry| matches!(entry.host, Host::Address(_)));
        let weight = (100 / entries.len().max(1)).max(1) as u16;
        let (mut records, mut additional) = (Vec::new(), Vec::new());
        for Entry { key, host, port } in entries {
            let (Host::Address(ip), Some(port)) = (host, port) else { continue };
            let target = Data::Srv { priority: 0, weight, port, target: key.clone() };
            let record = Record::new(&question.name, self.config.ttl, target);
            if !records.contains(&record) {
                records.push(record);
            }
            let address = Record::new(&key, self.config.ttl, Data::address(ip));
            if !additional.contains(&address) {
                additional.push(address);
            }
        }
        Ok((records, additional))
    }

    fn name_servers(&self, name: &str) -> (Vec<Record>, Vec<Record>) {
        let (mut records, mut additional) = (Vec::new(), Vec::new());
        for (server, ip) in self.own_names() {
            let record = Record::new(name, self.config.ttl, Data::Ns(server.clone()));
            if !records.contains(&record) {
                records.push(record);
            }
            additional.push(Record::new(&server, self.config.ttl, Data::address(ip)));
        }
        (records, additional)
    }

    /// The record that a negative answer carries as well.
    pub(super) fn start_of_authority(&self) -> Record {
        let below = |label: &str| format!("{label}.{}", self.zone.trim_start_matches('.'));
        let data = Data::Soa {
            primary: below(DEFAULT_NS),
            mailbox: below("hostmaster"),
            serial: self.dns.store.revision() as u32,
            refresh: 7200,
            retry: 1800,
            expire: 86_400,
            minimum: self.config.ttl,
        };
        Record::new(&self.zone, self.config.ttl.min(300), data)
    }

    /// The names and addresses of the Services that CoreDNS itself is an endpoint of: those whose slices list the
    /// address which the Service kube-dns lists first.
    fn own_names(&self) -> Vec<(String, IpAddr)> {
        let own = self.slices("kube-system", "kube-dns").flat_map(endpoints).next().and_then(address);
        let Some(own) = own else { return Vec::new() };
        let mut names = Vec::new();
        for slice in self.dns.store.list(Kind::EndpointSlice) {
            if !endpoints(slice).any(|endpoint| address(endpoint) == Some(own)) {
                continue;
            }
            let service = slice.labels().get(SERVICE_LABEL).str();
            let key = ObjectKey::new(Kind::Service, slice.namespace(), service);
            let Some(object) = self.dns.store.get(&key) else { continue };
            let name = format!("{service}.{}.svc.{}", slice.namespace(), self.zone);
            if is_headless(object) {
                names.extend(endpoints(slice).filter_map(|endpoint| {
                    Some((format!("{}.{name}", self.endpoint_name(endpoint)), address(endpoint)?))
                }));
            } else if let Ok(ip) = object.spec().get("clusterIP").str().parse() {
                names.push((name, ip));
            }
        }
        names
    }

    /// What a name stands for. Nothing in an `Ok` is a name without records of the type.
    fn entries(&self, asked: &str, kind: RecordType) -> Result<Vec<Entry>, NameError> {
        let lower = asked.to_ascii_lowercase();
        let below = name::below(&lower, &self.zone).ok_or(NameError)?;
        if below == DEFAULT_NS && matches!(kind, RecordType::A | RecordType::AAAA) {
            let own = self.own_names().into_iter();
            return Ok(own.map(|(key, ip)| Entry { key, host: Host::Address(ip), port: None }).collect());
        }
        let parts = Parts::of(below)?;
        if parts.tree.is_empty() {
            return Ok(Vec::new());
        }
        if name::is_within(&lower, "in-addr.arpa.") || name::is_within(&lower, "ip6.arpa.") {
            return Err(NameError);
        }
        if !self.has_namespace(parts.namespace) {
            // `svc` and `pod` alone were left behind; a namespace that is not there has no names.
            return Err(NameError);
        }
        if parts.tree == "pod" { self.pods(&parts) } else { self.service_entries(&parts) }
    }

    fn has_namespace(&self, namespace: &str) -> bool {
        let exposed = &self.config.namespaces;
        (exposed.is_empty() || exposed.iter().any(|known| known == namespace))
            && self.dns.store.get(&ObjectKey::new(Kind::Namespace, "", namespace)).is_some()
    }

    fn pods(&self, parts: &Parts<'_>) -> Result<Vec<Entry>, NameError> {
        let Parts { namespace, service: label, .. } = *parts;
        if self.config.pods == PodsMode::Disabled {
            return Err(NameError);
        }
        if label.is_empty() {
            return Ok(Vec::new());
        }
        let dotted = label.matches('-').count() == 3 && !label.contains("--");
        let ip = label.replace('-', if dotted { "." } else { ":" });
        let ip: IpAddr = ip.parse().map_err(|_| NameError)?;
        let known = || {
            self.dns.store.list_in(Kind::Pod, namespace).any(|pod| {
                let status = pod.status();
                !matches!(status.get("phase").str(), "Succeeded" | "Failed" | "Unknown")
                    && !pod.is_terminating()
                    && status.get("podIP").str().parse() == Ok(ip)
            })
        };
        if self.config.pods == PodsMode::Verified && !known() {
            return Err(NameError);
        }
        let key = format!("{label}.{namespace}.pod.{}", self.zone);
        Ok(vec![Entry { key, host: Host::Address(ip.to_canonical()), port: None }])
    }

    fn service_entries(&self, parts: &Parts<'_>) -> Result<Vec<Entry>, NameError> {
        let Parts { namespace, service: name, .. } = *parts;
        if name.is_empty() {
            return Ok(Vec::new());
        }
        let service = self.dns.store.get(&ObjectKey::new(Kind::Service, namespace, name)).ok_or(NameError)?;
        let spec = service.spec();
        let key = format!("{name}.{namespace}.svc.{}", self.zone);
        if spec.get("type").str() == "ExternalName" {
            let target = spec.get("externalName").str();
            let asks_for_more =
                [parts.endpoint, parts.port, parts.protocol].iter().any(|part| !part.is_empty());
            // An address is no name, and nothing else is served for it.
            return if asks_for_more || target.parse::<IpAddr>().is_ok() {
                Err(NameError)
            } else {
                Ok(vec![Entry { key, host: Host::Name(target.into()), port: None }])
            };
        }
        let headless = is_headless(service);
        let found = if headless || !parts.endpoint.is_empty() {
            if self.config.no_endpoints {
                return Err(NameError);
            }
            self.endpoint_entries(parts, &key)
        } else if self.config.ignore_empty_service
            && self.slices(namespace, name).flat_map(endpoints).next().is_none()
        {
            return Err(NameError);
        } else {
            ports(spec.get("ports"))
                .filter(|(port, protocol, _)| parts.matches_port(port, protocol))
                .flat_map(|(_, _, port)| {
                    let entry = |ip| Entry { key: key.clone(), host: Host::Address(ip), port };
                    cluster_ips(service).map(entry).collect::<Vec<_>>()
                })
                .collect()
        };
        if found.is_empty() { Err(NameError) } else { Ok(found) }
    }

    fn endpoint_entries(&self, parts: &Parts<'_>, service: &str) -> Vec<Entry> {
        let mut found = Vec::new();
        for slice in self.slices(parts.namespace, parts.service) {
            for endpoint in endpoints(slice) {
                let Some(ip) = address(endpoint) else { continue };
                let host = self.endpoint_name(endpoint);
                if !parts.endpoint.is_empty() && !parts.endpoint.eq_ignore_ascii_case(&host) {
                    continue;
                }
                for (name, protocol, port) in ports(slice.get("ports")) {
                    if parts.matches_port(name, protocol) {
                        found.push(Entry { key: format!("{host}.{service}"), host: Host::Address(ip), port });
                    }
                }
            }
        }
        found
    }

    fn slices(&self, namespace: &'a str, service: &'a str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let all = self.dns.store.list_in(Kind::EndpointSlice, namespace);
        all.filter(move |slice| slice.labels().get(SERVICE_LABEL).str() == service)
    }

    /// The label of an endpoint below its Service: its host name, else its address with dashes.
    fn endpoint_name(&self, endpoint: &Value) -> String {
        let hostname = endpoint.get("hostname").str();
        let pod = endpoint.at(&["targetRef", "name"]).str();
        if !hostname.is_empty() {
            return hostname.into();
        }
        if self.config.endpoint_pod_names && !pod.is_empty() {
            return pod.into();
        }
        let text = endpoint.get("addresses").items().first().map_or("", Value::str);
        let dashed = text.replace(['.', ':'], "-");
        // A label must not end in a dash.
        if dashed.ends_with('-') { dashed + "0" } else { dashed }
    }

    fn pointers(&self, question: &Question) -> Result<Vec<Record>, NameError> {
        let Some(ip) = name::to_address(&question.name) else {
            return self.entries(&question.name, question.kind).map(|_| Vec::new());
        };
        let primary = self.config.primary_zone();
        let exposed = |namespace: &str| self.config.namespaces.is_empty() || self.has_namespace(namespace);
        let record = |host: String| Record::new(&question.name, self.config.ttl, Data::Ptr(host));
        let services = self.dns.store.list(Kind::Service).filter(|service| exposed(service.namespace()));
        for service in services {
            if cluster_ips(service).any(|own| own == ip) {
                return Ok(vec![record(format!("{}.{}.svc.{primary}", service.name(), service.namespace()))]);
            }
        }
        let mut records = Vec::new();
        for slice in self.dns.store.list(Kind::EndpointSlice).filter(|slice| exposed(slice.namespace())) {
            let service = slice.labels().get(SERVICE_LABEL).str();
            for endpoint in endpoints(slice).filter(|endpoint| address(endpoint) == Some(ip)) {
                let host = self.endpoint_name(endpoint);
                let record = record(format!("{host}.{service}.{}.svc.{primary}", slice.namespace()));
                if !records.contains(&record) {
                    records.push(record);
                }
            }
        }
        if records.is_empty() { Err(NameError) } else { Ok(records) }
    }
}

/// The endpoints of a slice that are ready, or of which nothing is known.
fn endpoints(slice: &Object) -> impl Iterator<Item = &Value> {
    slice
        .get("endpoints")
        .items()
        .iter()
        .filter(|endpoint| endpoint.at(&["conditions", "ready"]).as_bool().unwrap_or(true))
}

fn address(endpoint: &Value) -> Option<IpAddr> {
    endpoint.get("addresses").items().first()?.str().parse().ok()
}

fn is_headless(service: &Object) -> bool {
    service.spec().get("clusterIP").str() == "None"
}

fn cluster_ips(service: &Object) -> impl Iterator<Item = IpAddr> {
    let spec = service.spec();
    let all = spec.get("clusterIPs").items();
    let single = if all.is_empty() { Some(spec.get("clusterIP")) } else { None };
    all.iter().chain(single).filter_map(|ip| ip.str().parse().ok())
}

/// The ports of a Service or a slice: name, protocol, number. One that has none has a port without a number.
fn ports(list: &Value) -> impl Iterator<Item = (&str, &str, Option<u16>)> {
    let none = list.items().is_empty().then_some(("", "", None));
    let some = list.items().iter().map(|port| {
        let protocol = port.get("protocol").as_str().unwrap_or("TCP");
        (port.get("name").str(), protocol, u16::try_from(port.get("port").int()).ok())
    });
    none.into_iter().chain(some)
}
