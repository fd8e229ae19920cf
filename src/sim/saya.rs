//! `saya` on the learner's machine: what a hand could do to a cluster's machines, and why a connection does not come about.

use std::net::SocketAddr;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::base::SimTime;
use crate::cluster::Cluster;
use crate::container::commands::network::reach::Reach;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::sockets::Protocol;
use crate::network::trace::Trace;

const USAGE: &str = "\
Usage:
  saya node stop NAME    switch a node's machine off
  saya node start NAME   switch it on again
  saya node add NAME     add a machine to the cluster
  saya node remove NAME  take a machine out of the cluster
  saya net cut A B       cut the network between two nodes
  saya net mend A B      mend it
  saya trace [-n NAMESPACE] [-c CONTAINER] FROM HOST:PORT
                         say what a connection meets on its way. FROM is a Pod, TYPE/NAME,
                         or host for this machine: saya trace deploy/pma mysql:3306
";

/// `saya`, running.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Saya {
    /// A trace from this machine: the connection, since when, and after which transfer its own may be.
    tracing: Option<(Reach, SimTime, u64)>,
}

impl Saya {
    /// The name that it is started by.
    pub const NAME: &'static str = "saya";

    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        if self.tracing.is_some() {
            return self.trace_on(kernel, cluster);
        }
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let (done, result) = match words[..] {
            ["node", "stop", name] => ("switched off", cluster.stop_machine(name)),
            ["node", "start", name] => ("switched on", cluster.start_machine(name)),
            ["node", "add", name] => ("added", cluster.add_machine(name)),
            ["node", "remove", name] => ("removed", cluster.remove_machine(name)),
            ["net", "cut", one, other] => ("cut", cluster.cut_network(one, other)),
            ["net", "mend", one, other] => ("mended", cluster.mend_network(one, other)),
            ["trace", ref rest @ ..] => return self.trace(rest, kernel, cluster),
            [] | ["help" | "--help" | "-h"] => {
                kernel.print(USAGE);
                return Step::Exit(0);
            }
            _ => {
                kernel.complain(format!("saya: cannot do \"{}\"\n{USAGE}", words.join(" ")));
                return Step::Exit(2);
            }
        };
        match result {
            Ok(()) => {
                let whole = match words[..] {
                    [_, _, one, other] => format!("network between {one} and {other}"),
                    _ => format!("node/{}", words[2]),
                };
                kernel.print(format!("{whole} {done}\n"));
                Step::Exit(0)
            }
            Err(why) => {
                kernel.complain(format!("saya: {why}\n"));
                Step::Exit(1)
            }
        }
    }

    fn trace(&mut self, words: &[&str], kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let (mut namespace, mut container, mut rest) = (None, None, Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "-n" | "--namespace" => namespace = words.next().copied(),
                "-c" | "--container" => container = words.next().copied(),
                word => rest.push(word),
            }
        }
        let asked = match rest[..] {
            [from, to] => target(to).map(|to| (from, to)),
            _ => Err(format!("trace needs FROM and HOST:PORT\n{USAGE}")),
        };
        let ((host, port), from) = match asked {
            Ok((from, to)) => (to, from),
            Err(why) => {
                kernel.complain(format!("saya: {why}\n"));
                return Step::Exit(2);
            }
        };
        if from == "host" {
            let since = cluster.fabric.recent.last_number();
            self.tracing = Some((Reach::new(&host, port), cluster.now(), since));
            return self.trace_on(kernel, cluster);
        }
        match sender(cluster, namespace.unwrap_or("default"), from) {
            Ok(pod) => told(kernel, &cluster.trace(&pod, container, &host, port)),
            Err(why) => {
                kernel.complain(format!("saya: {why}\n"));
                Step::Exit(1)
            }
        }
    }

    /// Goes on with a trace from this machine, which happens as any program's connection here.
    fn trace_on(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let Some((reach, began, since)) = &mut self.tracing else { return Step::Exit(1) };
        if let Some(wait) = reach.step(kernel) {
            return wait.into();
        }
        let mut findings = cluster.host_findings(&reach.host, reach.port, *began);
        if let Some(Err(text)) = &reach.addresses {
            findings.unknown = Some(text.clone());
        }
        for attempt in &reach.attempts {
            let words = attempt.result.err().map_or("", |errno| errno.text());
            findings.tried.push((attempt.ip, attempt.result.is_ok(), attempt.at, words.into()));
        }
        findings.transfers = cluster.fabric.recent.since(*since).cloned().collect();
        let net = &kernel.machine().net;
        findings.listener = findings.tried.last().and_then(|tried| {
            let socket = net.listener(Protocol::Tcp, SocketAddr::new(tried.0, reach.port))?;
            let process = kernel.machine().processes.get(&kernel.machine().holder(socket)?)?;
            Some(process.argv.join(" "))
        });
        let trace = cluster.explain(findings);
        told(kernel, &trace)
    }
}

fn told(kernel: &mut Kernel<'_>, trace: &Trace) -> Step {
    kernel.print(trace.text());
    Step::Exit(u8::from(!trace.reached))
}

/// `HOST:PORT`, or a URL.
fn target(text: &str) -> Result<(String, u16), String> {
    let (rest, port) = match text.split_once("://") {
        Some(("http", rest)) => (rest, Some(80)),
        Some(("https", rest)) => (rest, Some(443)),
        Some((scheme, _)) => return Err(format!("{text}: which port is {scheme}?")),
        None => (text, None),
    };
    let rest = rest.split('/').next().unwrap_or_default();
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, number)) => (host, number.parse().ok()),
        None => (rest, port),
    };
    match port {
        Some(port) if !host.is_empty() => Ok((host.into(), port)),
        _ => Err(format!("{text}: HOST:PORT is wanted, as mysql:3306")),
    }
}

/// The Pod that is meant: its own name, or an object that has Pods.
fn sender(cluster: &Cluster, namespace: &str, word: &str) -> Result<ObjectKey, String> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => {
            (Kind::from_word(kind).ok_or_else(|| format!("there is no kind \"{kind}\""))?, name)
        }
        None => (Kind::Pod, word),
    };
    let store = cluster.api.store();
    let key = ObjectKey::new(kind, namespace, name);
    let object =
        store.get(&key).ok_or_else(|| format!("there is no {kind} {name} in namespace {namespace}"))?;
    if kind == Kind::Pod {
        return Ok(key);
    }
    let labels = object.spec().get("selector");
    let selector = if labels.get("matchLabels").is_null() && labels.get("matchExpressions").is_null() {
        Selector::from_map(labels)
    } else {
        Selector::from_label_selector(labels)
    };
    let runs = |pod: &&Object| pod.status().get("phase").str() == "Running" && !pod.is_terminating();
    let all = || store.list_in(Kind::Pod, namespace).filter(|pod| selector.matches(pod.labels()));
    let found = all().find(runs).or_else(|| all().next()).filter(|_| !selector.is_empty());
    found.map(Object::key).ok_or_else(|| format!("{kind} {name} has no Pods"))
}
