//! Names: what cluster DNS answers, what resolvers and programs ask, and what a Pod's files say, against recorded cases.

use std::net::IpAddr;

use super::World;
use saya::api::{Kind, Object, ObjectKey};
use saya::base::{Date, Random, Value};
use saya::cluster::{Cluster, Profile};
use saya::kubelet::etc::{self, NodeDns};
use saya::network::dns::log::Arrival;
use saya::network::dns::{Answer, Corefile, Dns, Question, Record, Upstream, name};
use saya::network::hosts_file::HostsFile;
use saya::network::resolver::{Asker, Libc, Resolver, Turn, at_once};

/// What a test found wrong, by case.
#[derive(Default)]
struct Findings {
    seen: usize,
    wrong: Vec<String>,
}

impl Findings {
    fn check(&mut self, case: &Value, found: Result<(), String>) {
        self.seen += 1;
        if let Err(why) = found {
            self.wrong.push(format!("{}: {why}", case.get("id").str()));
        }
    }

    fn assert(self) {
        assert!(self.seen > 0, "there are cases");
        assert!(
            self.wrong.is_empty(),
            "{} of {} fail:\n{}",
            self.wrong.len(),
            self.seen,
            self.wrong.join("\n")
        );
    }
}

fn recorded() -> Value {
    let folder = std::env::var("SAYA_RECORDED")
        .unwrap_or_else(|_| format!("{}/tests/recorded", env!("CARGO_MANIFEST_DIR")));
    let path = format!("{folder}/dns-cases.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap()
}

fn cases<'a>(file: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    file.get("cases").items().iter().filter(move |case| case.get("kind").str() == kind)
}

fn texts(list: &Value) -> Vec<String> {
    list.items().iter().map(|text| text.str().to_string()).collect()
}

/// `wanted` and `found` are equal.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}\n  found  {found:?}\n  wanted {wanted:?}")) }
}

fn sorted<T: Ord>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.into_iter().collect();
    all.sort();
    all
}

fn question(of: &Value) -> Question {
    Question::new(of.get("name").str(), of.get("type").str().parse().unwrap())
}

fn records(all: &[Record]) -> Vec<(String, String, String)> {
    sorted(all.iter().map(|r| (r.name.clone(), r.data.kind().to_string(), r.data.to_string())))
}

fn recorded_records(all: &Value) -> Vec<(String, String, String)> {
    let text = |record: &Value, field: &str| record.get(field).str().to_string();
    sorted(all.items().iter().map(|r| (text(r, "name"), text(r, "type"), text(r, "data"))))
}

#[test]
fn cluster_dns_answers_as_coredns() {
    let file = recorded();
    let worlds = World::all(&file);
    let mut findings = Findings::default();
    for case in cases(&file, "record") {
        let dns = worlds[case.get("cluster").str()].dns();
        let wanted = &case.get("queries").items()[0];
        let answer = dns.ask(&question(case.get("query")));
        findings.check(
            case,
            (|| {
                same("rcode", answer.rcode.to_string(), wanted.get("rcode").str().into())?;
                same("status", answer.status(), wanted.get("status").str().into())?;
                same("answers", records(&answer.answers), recorded_records(wanted.get("answers")))?;
                if !wanted.get("additional").is_null() {
                    same(
                        "additional",
                        records(&answer.additional),
                        recorded_records(wanted.get("additional")),
                    )?;
                }
                Ok(())
            })(),
        );
    }
    findings.assert();
}

/// A Pod of the cases: a namespace and the fields of a spec.
fn pod_of(client: &Value) -> Object {
    let mut pod = Object::new(Kind::Pod, client.get("namespace").str(), "client");
    let mut spec = client.clone();
    spec.remove("namespace");
    pod.set("spec", spec);
    pod
}

fn node_dns(node: &Value) -> NodeDns {
    NodeDns {
        nameservers: texts(node.get("nameservers")),
        search: texts(node.get("search")),
        options: texts(node.get("options")),
        cluster_dns: texts(node.get("clusterDNS")),
        cluster_domain: node.get("clusterDomain").str().into(),
    }
}

/// The lines of a resolv.conf in any order, and the options in any order.
fn lines(text: &str) -> Vec<Vec<String>> {
    sorted(text.lines().map(|line| {
        let words: Vec<String> = line.split(' ').map(str::to_string).collect();
        if words[0] == "options" { sorted(words) } else { words }
    }))
}

#[test]
fn resolv_conf_as_the_kubelet_writes_it() {
    let file = recorded();
    let mut findings = Findings::default();
    for case in cases(&file, "resolv-conf") {
        let wanted = case.get("resolv_conf");
        let dns = etc::pod_dns(&pod_of(case.get("pod")), &node_dns(case.get("node")));
        findings.check(
            case,
            (|| {
                same("nameservers", dns.nameservers.clone(), texts(wanted.get("nameservers")))?;
                same("search", dns.search.clone(), texts(wanted.get("search")))?;
                same("options", sorted(dns.options.clone()), sorted(texts(wanted.get("options"))))?;
                same("file", lines(&dns.to_string()), lines(case.get("file").str()))
            })(),
        );
    }
    findings.assert();
}

/// A candidate name with what was asked about it and answered: type and status.
type Asked = (String, Vec<(String, String)>);

/// The candidates in their order. What is asked of one leaves together, in no order, and may be sent again.
fn candidates(all: impl IntoIterator<Item = (String, String, String)>) -> Vec<Asked> {
    let mut candidates: Vec<Asked> = Vec::new();
    for (name, kind, status) in all {
        match candidates.last_mut() {
            Some((last, asked)) if *last == name => asked.push((kind, status)),
            _ => candidates.push((name, vec![(kind, status)])),
        }
    }
    for (_, asked) in &mut candidates {
        asked.sort();
        asked.dedup();
    }
    candidates
}

fn recorded_questions(queries: &Value) -> Vec<(String, String, String)> {
    let text = |query: &Value, field: &str| query.get(field).str().to_string();
    let all = queries.items().iter();
    all.map(|query| (text(query, "name"), text(query, "type"), text(query, "status"))).collect()
}

fn status(answer: &Answer) -> String {
    answer.status()
}

#[test]
fn resolvers_ask_and_find_as_the_real_ones() {
    let file = recorded();
    let worlds = World::all(&file);
    let mut findings = Findings::default();
    for case in cases(&file, "lookup") {
        let world = &worlds[case.get("cluster").str()];
        let conf = etc::pod_dns(&pod_of(case.get("client")), &node_dns(case.get("node"))).to_string();
        let libc = if case.get("resolver").str() == "musl" { Libc::Musl } else { Libc::Glibc };
        let resolver = Resolver {
            libc,
            resolv_conf: case.get("resolv_conf").str().into(),
            hosts: "127.0.0.1\tlocalhost\n".into(),
            ipv6: false,
        };
        let mut asked: Vec<(Question, Answer)> = Vec::new();
        let outcome = at_once(
            &mut resolver.lookup(case.at(&["query", "name"]).str(), Default::default()),
            |server, question| {
                let answer = world.ask(server, question)?;
                asked.push((question.clone(), answer.clone()));
                Some(answer)
            },
        );
        findings.check(
            case,
            (|| {
                same("resolv.conf", lines(&conf), lines(case.get("resolv_conf").str()))?;
                let sent = asked.iter().map(|(q, a)| (q.name.clone(), q.kind.to_string(), status(a)));
                same("queries", candidates(sent), candidates(recorded_questions(case.get("queries"))))?;
                for query in case.get("queries").items() {
                    let (_, answer) = asked.iter().find(|(asked, _)| *asked == question(query)).unwrap();
                    same("answers", records(&answer.answers), recorded_records(query.get("answers")))?;
                }
                let observed = case.get("observed");
                let text = |sent: &Value, field: &str| sent.get(field).str().to_string();
                let really = observed.get("sent").items().iter();
                let really = sorted(really.map(|s| (text(s, "name"), text(s, "type"), text(s, "rcode"))));
                let sent =
                    asked.iter().map(|(q, a)| (q.name.clone(), q.kind.to_string(), a.rcode.to_string()));
                same("sent", sorted(sent), really)?;
                let wanted = case.get("result");
                match &outcome {
                    Ok(resolved) => {
                        same("status", "resolved", wanted.get("status").str())?;
                        let addresses = resolved.addresses.iter().map(IpAddr::to_string);
                        same("addresses", sorted(addresses), sorted(texts(wanted.get("addresses"))))?;
                        if let Some(canonical) = wanted.get("canonical").as_str() {
                            same("canonical", name::absolute(&resolved.canonical).as_str(), canonical)?;
                        }
                        Ok(())
                    }
                    Err(failure) => {
                        same("status", "failed", wanted.get("status").str())?;
                        let error = format!("ERR {} {}", failure.code(), failure.text(libc));
                        same("error", error.as_str(), observed.get("error").str())
                    }
                }
            })(),
        );
    }
    findings.assert();
}

/// Who asks in a command of the cases, and with which C library.
fn asker(command: &str) -> (Asker, Libc, Vec<&str>) {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap();
    let mut arguments: Vec<&str> = words.collect();
    let libc = if program == "busybox-musl" { Libc::Musl } else { Libc::Glibc };
    let program = if program.starts_with("busybox-") {
        let applet = arguments.remove(0);
        match (program, applet) {
            ("busybox-small", "nslookup") => return (Asker::SmallNslookup, libc, arguments),
            (_, "nslookup") => return (Asker::BusyboxNslookup, libc, arguments),
            (_, applet) => applet,
        }
    } else {
        program
    };
    let asker = match program {
        "nslookup" => Asker::Nslookup,
        "dig" => Asker::Dig,
        "host" => Asker::Host,
        "getent" => Asker::Getent,
        "redis-cli" => Asker::RedisCli,
        _ => Asker::Other,
    };
    (asker, libc, arguments)
}

#[test]
fn programs_ask_as_the_real_ones() {
    let file = recorded();
    let worlds = World::all(&file);
    let mut findings = Findings::default();
    for case in cases(&file, "tool-queries") {
        let world = &worlds[case.get("cluster").str()];
        let (asker, libc, arguments) = asker(case.get("command").str());
        let resolver = Resolver {
            libc,
            resolv_conf: case.get("resolv_conf").str().into(),
            hosts: "127.0.0.1\tlocalhost\n".into(),
            ipv6: false,
        };
        let mut inquiry = resolver.inquiry(asker, &arguments);
        let succeeded = at_once(&mut inquiry, |server, question| world.ask(server, question));
        // The recorder left out what is asked about the server itself.
        let own = name::of_address(world.dns_ip);
        let asked: Vec<_> = inquiry
            .turns
            .iter()
            .flat_map(answered)
            .filter(|(question, _)| asker != Asker::SmallNslookup || question.name != own)
            .map(|(q, a)| (q.name.clone(), q.kind.to_string(), status(a)))
            .collect();
        let wanted = recorded_questions(case.get("queries"));
        findings.check(
            case,
            (|| {
                match asker {
                    Asker::BusyboxNslookup => same("queries", sorted(asked), sorted(wanted))?,
                    _ => same("queries", candidates(asked), candidates(wanted))?,
                }
                // Whether a connection succeeds afterwards is another question.
                let exit = case.at(&["result", "exit_code"]).int();
                let judged = asker != Asker::Other || !succeeded;
                if judged { same("success", succeeded, exit == 0) } else { Ok(()) }
            })(),
        );
    }
    findings.assert();
}

fn answered(turn: &Turn) -> Vec<(&Question, &Answer)> {
    match &turn.reply {
        saya::network::resolver::Reply::Answers(answers) => turn.questions.iter().zip(answers).collect(),
        _ => Vec::new(),
    }
}

/// A running cluster in which the symbols of a case have values.
struct Running {
    cluster: Cluster,
}

impl Running {
    fn with(manifests: &Value) -> Self {
        let mut cluster = Cluster::new(Profile::named("minikube-1.36").unwrap(), Date(1_795_212_870), 7);
        for manifest in manifests.items() {
            let namespace = manifest.at(&["metadata", "namespace"]).str();
            cluster.api.create(manifest.clone(), namespace, false).unwrap_or_else(|e| panic!("{e:?}"));
        }
        cluster.run_until(cluster.now() + std::time::Duration::from_secs(120));
        Self { cluster }
    }

    fn pod(&self, path: &str) -> &Object {
        let (namespace, name) = path.split_once('/').unwrap_or(("default", path));
        let key = ObjectKey::new(Kind::Pod, namespace, name);
        self.cluster.api.get(&key).unwrap_or_else(|| panic!("no Pod {path}"))
    }

    fn pod_ip(&self, path: &str) -> String {
        self.pod(path).status().get("podIP").str().into()
    }

    /// The text with its symbols' values.
    fn filled(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('{') else { return text.into() };
        let (symbol, after) = rest.split_once('}').unwrap();
        let node = &self.cluster.profile().nodes[0];
        let value = match symbol.split_once(':').unwrap_or((symbol, "")) {
            ("podIP", path) => self.pod_ip(path),
            ("dashed", path) => self.pod_ip(path).replace('.', "-"),
            ("nodeName", _) => node.name.clone(),
            ("nodeIP", _) => node.ip.to_string(),
            (other, _) => panic!("{other}"),
        };
        format!("{before}{value}{}", self.filled(after))
    }

    fn check_in_pod(&self, wanted: &Value) -> Result<(), String> {
        if wanted.is_null() {
            return Ok(());
        }
        let pod = self.pod(wanted.get("pod").str());
        let (node, dns) = (pod.spec().get("nodeName").str(), NodeDns::default());
        let ip: IpAddr =
            pod.status().get("podIP").str().parse().map_err(|_| "it has no address".to_string())?;
        let hosts = etc::hosts(pod, &[ip], node, &dns);
        let hostname = etc::hostname(pod, node, &dns);
        let resolver = Resolver {
            libc: Libc::Glibc,
            resolv_conf: etc::pod_dns(pod, &dns).to_string().into(),
            hosts: hosts.as_str().into(),
            ipv6: false,
        };
        let from_file = |name: &str| {
            at_once(&mut resolver.lookup(name, Default::default()), |_, question| panic!("asked {question}"))
        };
        for (what, value) in wanted.entries() {
            match what {
                "pod" => {}
                "hostname" => same(what, hostname.clone(), self.filled(value.str()))?,
                // The name that the host name leads to.
                "hostname_f" => {
                    let found = from_file(&hostname).map(|resolved| resolved.canonical);
                    same(what, found, Ok(self.filled(value.str())))?;
                }
                "pod_ip" => same(what, ip.to_string(), self.filled(value.str()))?,
                "etc_hosts_last_line" => {
                    same(
                        what,
                        hosts.lines().last().unwrap_or_default().to_string(),
                        self.filled(value.str()),
                    )?;
                }
                "etc_hosts_contains" => {
                    for line in texts(value) {
                        same(what, hosts.lines().any(|own| own == self.filled(&line)), true)?;
                    }
                }
                "getent" => {
                    for (name, ip) in value.entries() {
                        let found = from_file(name).map(|resolved| resolved.addresses[0].to_string());
                        same(what, found, Ok(self.filled(ip.str())))?;
                    }
                }
                other => return Err(format!("{other} is not checked")),
            }
        }
        same("entries", HostsFile::parse(&hosts).of_address(ip).next().is_some(), true)
    }
}

#[test]
fn pods_have_the_names_that_they_have_in_a_cluster() {
    let file = recorded();
    let mut findings = Findings::default();
    for case in cases(&file, "pod-naming") {
        let running = Running::with(case.get("manifests"));
        let store = running.cluster.api.store();
        let (corefile, upstream) = (Corefile::in_store(store).unwrap(), Upstream::simulated());
        let dns = Dns { store, corefile: &corefile, upstream: &upstream };
        findings.check(
            case,
            (|| {
                for expected in case.get("expect").items() {
                    let name = running.filled(expected.get("name").str());
                    let answer = dns.ask(&Question::new(&name, expected.get("type").str().parse().unwrap()));
                    same(&name, answer.status(), expected.get("status").str().into())?;
                    let data = sorted(answer.answers.iter().map(|record| record.data.to_string()));
                    let wanted = texts(expected.get("data")).into_iter().map(|text| running.filled(&text));
                    same(&name, data, sorted(wanted))?;
                }
                running.check_in_pod(case.get("in_pod"))
            })(),
        );
    }
    findings.assert();
}

/// What follows from CoreDNS's source (`plugin/kubernetes`, `plugin/backend_lookup.go`) where no case says it: cluster,
/// name, type, and the status or the data in their order.
const FROM_SOURCE: &str = "\
base ext-loop.default.svc.cluster.local A = NODATA
base ext-loop.default.svc.cluster.local CNAME = ext-loop.default.svc.cluster.local.
base ext-internal.default.svc.cluster.local A = web.prod.svc.cluster.local. | 10.96.60.1
base ext-internal.default.svc.cluster.local AAAA = NODATA
base ext-internal-missing.default.svc.cluster.local A = NODATA
base ext-missing.default.svc.cluster.local A = nosuch.example.com.
base ext-chain.default.svc.cluster.local AAAA = cdn.example.com. | edge.example.net.
base ext-v4.default.svc.cluster.local SRV = NODATA
base _http._tcp.ext-v4.default.svc.cluster.local SRV = NXDOMAIN
base web.default.svc.cluster.local CNAME = NODATA
base web.default.svc.cluster.local TXT = NODATA
base nosuch.default.svc.cluster.local TXT = NXDOMAIN
base nosuch.default.svc.cluster.local MX = NXDOMAIN
base _HTTP._tcp.Web.default.svc.Cluster.local SRV = 0 100 80 web.default.svc.Cluster.local.
base _http._udp.web.default.svc.cluster.local SRV = NXDOMAIN
base hl-portless.prod.svc.cluster.local A = 10.244.3.30
base hl-portless.prod.svc.cluster.local SRV = NODATA
base hl-none.prod.svc.cluster.local AAAA = NXDOMAIN
base db.prod.svc.cluster.local AAAA = NODATA
base db-2.db.prod.svc.cluster.local A = NXDOMAIN
base svc.cluster.local A = NODATA
base pod.cluster.local A = NODATA
base foo.cluster.local NS = NXDOMAIN
base svc.cluster.local NS = NODATA
base ns.dns.cluster.local A = 10.96.0.10
base dns-version.cluster.local A = NXDOMAIN
base 10-244-9-9.nosuchns.pod.cluster.local A = NXDOMAIN
base 30.20.96.10.in-addr.arpa A = NXDOMAIN
base 80.2.0.192.in-addr.arpa PTR = www.example.com.
base web.default.svc.cluster.local PTR = NODATA
dual both.default.svc.cluster.local SRV = 0 50 80 both.default.svc.cluster.local.
dual fd00-10-244-1--0.hl-both.default.svc.cluster.local AAAA = fd00:10:244:1::
pods-verified prod.pod.cluster.local A = NODATA
pods-disabled prod.pod.cluster.local A = NXDOMAIN
pods-disabled pod.cluster.local A = NODATA
";

#[test]
fn cluster_dns_answers_as_its_source_says() {
    let file = recorded();
    let worlds = World::all(&file);
    for line in FROM_SOURCE.lines() {
        let (asked, wanted) = line.split_once(" = ").unwrap();
        let [cluster, name, kind] = asked.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let answer = worlds[cluster].dns().ask(&Question::new(name, kind.parse().unwrap()));
        let data: Vec<String> = answer.answers.iter().map(|record| record.data.to_string()).collect();
        let found = if data.is_empty() { answer.status() } else { data.join(" | ") };
        assert_eq!(found, wanted, "{asked}");
    }
}

#[test]
fn addresses_come_in_changing_order_after_the_names_that_lead_to_them() {
    let file = recorded();
    let world = World::of(file.at(&["clusters", "base"]));
    let question = Question::new("ext-chain.default.svc.cluster.local", "A".parse().unwrap());
    let answer = world.dns().ask(&question);
    let mut random = Random::from_seed(1);
    let mut orders = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let mut sent = answer.clone();
        world.dns().balance(&question, &mut sent, &mut random);
        assert_eq!(records(&sent.answers), records(&answer.answers));
        assert_eq!(sent.answers[..2], answer.answers[..2]);
        orders.insert(sent.answers);
    }
    assert_eq!(orders.len(), 2);
}

const COREFILE: &str = "\
.:53 {
    log
    rewrite name db.corp.example mysql.default.svc.cluster.local
    hosts {
        10.0.0.7 printer.corp.example
        fallthrough
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    forward . /etc/resolv.conf
}
closed.example:53 {
    hosts {
        10.0.0.8 one.closed.example
    }
}
";

#[test]
fn the_corefile_says_who_answers() {
    let mut world = World::of(recorded().at(&["clusters", "base"]));
    world.corefile = Corefile::parse(COREFILE).unwrap();
    let ask = |name: &str, kind: &str| {
        let answer = world.dns().ask(&Question::new(name, kind.parse().unwrap()));
        let records = answer.answers.iter().map(|record| format!("{} {}", record.name, record.data));
        (answer.status(), records.collect::<Vec<_>>().join("; "))
    };
    for (name, kind, status, records) in [
        ("DB.corp.example", "A", "NOERROR", "DB.corp.example. 10.96.50.10"),
        ("printer.corp.example", "A", "NOERROR", "printer.corp.example. 10.0.0.7"),
        ("printer.corp.example", "AAAA", "NODATA", ""),
        ("7.0.0.10.in-addr.arpa", "PTR", "NOERROR", "7.0.0.10.in-addr.arpa. printer.corp.example."),
        ("api.example.com", "A", "NOERROR", "api.example.com. 192.0.2.81"),
        ("one.closed.example", "A", "NOERROR", "one.closed.example. 10.0.0.8"),
        ("two.closed.example", "A", "SERVFAIL", ""),
    ] {
        assert_eq!(ask(name, kind), (status.into(), records.into()), "{name} {kind}");
    }
    world.corefile = Corefile::parse("cluster.local {\n  kubernetes\n}\n").unwrap();
    assert_eq!(world.dns().ask(&Question::new("example.com", "A".parse().unwrap())).status(), "REFUSED");
}

#[test]
fn questions_are_logged_as_coredns_logs_them() {
    let mut world = World::of(recorded().at(&["clusters", "base"]));
    world.corefile = Corefile::parse(COREFILE).unwrap();
    let arrival = Arrival {
        client: "10.244.0.5".parse().unwrap(),
        port: 37435,
        id: 12345,
        edns: None,
        duration: std::time::Duration::from_micros(113),
    };
    let log = |name: &str, kind: &str| {
        let question = Question::new(name, kind.parse().unwrap());
        let answer = world.dns().ask(&question);
        world.dns().log_lines(&question, &answer, &arrival).join("\n")
    };
    assert_eq!(
        log("kubernetes.default.svc.cluster.local", "A"),
        "[INFO] 10.244.0.5:37435 - 12345 \"A IN kubernetes.default.svc.cluster.local. udp 54 false 512\" NOERROR qr,aa,rd 106 0.000113s"
    );
    // A negative answer of the zone carries its SOA record: 93 bytes more.
    assert_eq!(
        log("web.svc.cluster.local", "AAAA"),
        "[INFO] 10.244.0.5:37435 - 12345 \"AAAA IN web.svc.cluster.local. udp 39 false 512\" NOERROR qr,aa,rd 132 0.000113s"
    );
    assert_eq!(log("one.closed.example", "A"), "");
}
