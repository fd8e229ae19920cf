//! The way of a connection, explained. It is made in a copy of the cluster, by a program in the sender's own container, so
//! that names, routes, policies and listeners are those that any program there meets.

mod candidates;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::base::{SimTime, Value};
use crate::container::commands::network::reach::Reach;
use crate::network::activity::{Outcome, Place, Subject, Transfer};
use crate::network::dns::{Data, Rcode};
use crate::network::namespace::State;
use crate::network::packet::{NetError, Protocol, Space};
use crate::network::policy::Direction;
use crate::network::route::{Entrance, Hop, PodAt};
use crate::network::trace::{Step, StepKind, Trace};
use crate::resources::pod;

use super::Cluster;
use super::exec::ExecState;

/// The longest that a trace is let run: names that nobody answers take that long.
const LIMIT: Duration = Duration::from_secs(120);
/// What came of an address: the address, whether it is connected, when, and the words for why not.
type Tried = (IpAddr, bool, SimTime, String);

/// What was found out about a connection.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Who connects.
    pub from: Place,
    /// The sender's own sentence: its Pod, node and address.
    pub sender: String,
    /// When it began.
    pub began: SimTime,
    /// The name or address that was meant.
    pub host: String,
    /// The port that was meant.
    pub port: u16,
    /// The C library's words where the name is not known.
    pub unknown: Option<String>,
    /// The addresses in the order in which they were tried.
    pub tried: Vec<Tried>,
    /// The program of the sender's own machine that listens there, where it is the sender itself.
    pub listener: Option<String>,
    /// What was sent.
    pub transfers: Vec<Transfer>,
}

/// A trace that is being written.
struct Writing {
    trace: Trace,
    at: SimTime,
}

impl Writing {
    fn step(&mut self, kind: StepKind, passed: bool, to: Place, text: String) {
        let (from, at) = (self.trace.steps.last().map_or(&self.trace.from, |step| &step.to), self.at);
        let from = from.clone();
        self.trace.steps.push(Step { kind, passed, from, to, at, until: at, text, notes: Vec::new() });
    }

    fn notes(&mut self, notes: Vec<(bool, String)>) {
        if let Some(step) = self.trace.steps.last_mut() {
            step.notes = notes;
        }
    }

    fn until(&mut self, until: SimTime) {
        if let Some(step) = self.trace.steps.last_mut() {
            step.until = until;
            self.at = until;
        }
    }

    fn verdict(&mut self, reason: impl Into<String>, advice: impl Into<String>) {
        if self.trace.reason.is_empty() {
            (self.trace.reason, self.trace.advice) = (reason.into(), advice.into());
        }
    }
}

impl Cluster {
    /// The sender's side of a trace from the learner's machine that began then.
    pub fn host_findings(&self, host: &str, port: u16, began: SimTime) -> Findings {
        Findings {
            from: Place::Host,
            sender: "the learner's machine".into(),
            began,
            host: host.into(),
            port,
            unknown: None,
            tried: Vec::new(),
            listener: None,
            transfers: Vec::new(),
        }
    }

    /// The way of a connection from a Pod to a port of a name or an address: whether it comes about now, and why not.
    pub fn trace(&self, from: &ObjectKey, container: Option<&str>, host: &str, port: u16) -> Trace {
        let mut copy = self.clone();
        let began = copy.now();
        let place = Place::Object(from.clone());
        let mut found = Findings { from: place.clone(), ..self.host_findings(host, port, began) };
        match copy.try_out(from, container, &mut found) {
            Ok(()) => copy.explain(found),
            Err(why) => {
                let mut writing = Writing { trace: empty(&found), at: began };
                writing.step(StepKind::Sender, false, place, why.clone());
                writing.verdict(
                    why,
                    format!("kubectl describe pod {} -n {} says more.", from.name, from.namespace),
                );
                writing.trace
            }
        }
    }

    /// Lets a program in the sender's container connect.
    fn try_out(
        &mut self,
        from: &ObjectKey,
        container: Option<&str>,
        found: &mut Findings,
    ) -> Result<(), String> {
        let none = || format!("there is no Pod {}/{}", from.namespace, from.name);
        let pod = self.api.get(from).cloned().ok_or_else(none)?;
        let node: Arc<str> = pod.spec().get("nodeName").str().into();
        let uid: Arc<str> = pod.uid().into();
        let status = pod::status_text(&pod);
        let idle = || format!("Pod {} does not run: {status}", from.name);
        let kubelet = self.kubelets.get_mut(&node).ok_or_else(idle)?;
        if !kubelet.node.running {
            return Err(format!("node {node}, where Pod {} is, is switched off", from.name));
        }
        let (_, worker) = kubelet.worker_mut(&uid).ok_or_else(idle)?;
        let host_network = worker.uses_host_network();
        let ip = worker.ip().ok_or_else(idle)?;
        let wanted = |name: &str| container.is_none_or(|wanted| wanted == name);
        let names: Vec<Arc<str>> =
            worker.containers().iter().map(|container| container.name.clone()).collect();
        // The main containers come last, and are meant where none is named.
        let running = names
            .iter()
            .rev()
            .filter(|name| wanted(name))
            .find(|name| worker.container_mut(name).is_some_and(|container| container.process.is_some()));
        let Some(name) = running.cloned() else {
            return Err(match container.filter(|wanted| !names.iter().any(|name| **name == **wanted)) {
                Some(wanted) => format!("Pod {} has no container {wanted}", from.name),
                None => format!("no container of Pod {} runs: {status}", from.name),
            });
        };
        let file = format!("/.{}", Reach::ID);
        if let Some(process) = worker.container_mut(&name).and_then(|container| container.process.as_mut()) {
            process.machine().files.add_program(&file, Reach::ID);
        }
        let space =
            if host_network { Space::Node(node.clone()) } else { Space::Pod { node: node.clone(), uid } };
        self.fabric.recent.watch(space);
        found.sender = format!("Pod {} ({ip}) on node {node}", from.name);
        let argv = [file, found.host.clone(), found.port.to_string()];
        let mut session = self.exec(&from.namespace, &from.name, &name, &argv, (false, false))?;
        let limit = found.began + LIMIT;
        loop {
            match self.exec_state(&session) {
                ExecState::Running if self.next_at().is_some_and(|at| at <= limit) => self.step(),
                ExecState::Running => return Err("nothing was found out in two minutes".into()),
                ExecState::Ended(_) => break,
                ExecState::Gone => {
                    return Err(format!("container {name} of Pod {} has just ended", from.name));
                }
            };
        }
        let printed: Vec<u8> =
            self.exec_read(&mut session).into_iter().flat_map(|chunk| chunk.bytes).collect();
        for line in String::from_utf8_lossy(&printed).lines() {
            match line.splitn(4, ' ').collect::<Vec<_>>()[..] {
                ["unknown", ..] => found.unknown = Some(line["unknown ".len()..].into()),
                [word, ip, at, ref rest @ ..] => {
                    let (Ok(ip), Ok(at)) = (ip.parse(), at.parse()) else { continue };
                    found.tried.push((ip, word == "connected", SimTime(at), rest.concat()));
                }
                _ => {}
            }
        }
        found.transfers = self.fabric.recent.iter().cloned().collect();
        Ok(())
    }

    /// Puts in words what was found out.
    pub fn explain(&mut self, found: Findings) -> Trace {
        let mut writing = Writing { trace: empty(&found), at: found.began };
        let name = found.host.trim_end_matches('.').to_ascii_lowercase();
        let of_name = |transfer: &&Transfer| match &transfer.subject {
            Subject::Query(question) => question.name.to_ascii_lowercase().starts_with(&name),
            _ => false,
        };
        let queries: Vec<&Transfer> = found.transfers.iter().filter(of_name).collect();
        writing.step(StepKind::Sender, true, found.from.clone(), found.sender.clone());
        if let Some(first) = queries.first() {
            writing.at = first.at;
        }
        if found.host.parse::<IpAddr>().is_err() {
            self.explain_name(&found, &queries, &mut writing);
        }
        let mut sent: Vec<Transfer> = queries.into_iter().cloned().collect();
        let last = found.tried.len().saturating_sub(1);
        for (at, tried) in found.tried.iter().enumerate() {
            let to = SocketAddr::new(tried.0, found.port);
            let transfer =
                found.transfers.iter().rev().find(|t| t.subject == Subject::Connection && t.to == to);
            sent.extend(transfer.cloned());
            // Of several addresses the one is told in full that decided.
            if at == last {
                self.explain_connection(&found, to, tried, transfer, &mut writing);
            } else {
                let text = format!("{to}: {}; the next address is tried", tried.3);
                writing.step(StepKind::Address, true, Place::Nobody(tried.0), text);
            }
        }
        writing.trace.transfers = sent;
        writing.verdict("nothing was sent", "");
        writing.trace
    }

    fn explain_name(&mut self, found: &Findings, queries: &[&Transfer], writing: &mut Writing) {
        let addresses: Vec<String> = found.tried.iter().map(|tried| tried.0.to_string()).collect();
        let host = &found.host;
        let server = queries.last().and_then(|query| query.path().get(1).cloned());
        let passed = found.unknown.is_none() && !addresses.is_empty();
        let text = match (passed, queries.last()) {
            (true, None) => format!("{host} is {}, says /etc/hosts", addresses.join(", ")),
            (true, Some(query)) => {
                format!("{host} is {}, says the name server {}", addresses.join(", "), query.to.ip())
            }
            (false, _) => {
                format!("{host} has no address: {}", found.unknown.as_deref().unwrap_or("not found"))
            }
        };
        writing.step(StepKind::Name, passed, server.unwrap_or_else(|| found.from.clone()), text);
        writing.notes(queries.iter().map(|query| (is_found(query), answer_text(query))).collect());
        if let Some(last) = queries.iter().filter_map(|query| query.ended).max() {
            writing.until(last);
        }
        if passed {
            return;
        }
        let reason = found.unknown.as_deref().unwrap_or_default();
        if let Some(query) = queries.iter().find(|query| !query.arrived()) {
            let to = format!("the name server {}", query.to.ip());
            let (why, advice) = self.stopped(query, &to);
            return writing.verdict(why, advice);
        }
        // The names of Services are the first labels of what is asked for.
        let mut labels = host.trim_end_matches('.').split('.');
        let (service, namespace) = (labels.next().unwrap_or_default(), labels.next());
        let own = match &found.from {
            Place::Object(key) if key.kind == Kind::Pod => key.namespace.clone(),
            _ => "default".into(),
        };
        let own = namespace.unwrap_or(&own).to_string();
        let store = self.api.store();
        if let Some(known) = store.get(&ObjectKey::new(Kind::Service, &own, service)).cloned() {
            let advice = self.why_no_endpoints(&known);
            let notes = self.candidates(&known);
            writing.notes(notes);
            return writing.verdict(
                format!("Service {service} has no address of its own and no ready Pod behind it"),
                advice,
            );
        }
        let others: Vec<&Object> =
            store.list(Kind::Service).filter(|other| other.name() == service).collect();
        if let Some(other) = others.first() {
            return writing.verdict(
                format!("{host} is no name here ({reason}): there is no Service {service} in namespace {own}, but there is one in namespace {}", other.namespace()),
                format!("Ask for {service}.{}.", other.namespace()),
            );
        }
        let near =
            store.list_in(Kind::Service, &own).map(|known| (distance(known.name(), service), known.name()));
        let advice = match near.min().filter(|(distance, _)| *distance <= 2) {
            Some((_, near)) => format!("Did you mean {near}?"),
            None => format!(
                "kubectl get services -A lists the names that there are; kubectl expose makes Service {service}."
            ),
        };
        writing.verdict(format!("{host} is no name that the cluster knows ({reason}): there is no Service {service} in namespace {own}"), advice);
    }

    fn explain_connection(
        &mut self,
        found: &Findings,
        to: SocketAddr,
        tried: &Tried,
        transfer: Option<&Transfer>,
        writing: &mut Writing,
    ) {
        let (ip, connected, at, ref words) = *tried;
        let Some(transfer) = transfer else {
            // It never left the sender's network namespace.
            let text = format!("{ip} is the sender itself");
            writing.step(StepKind::Address, true, found.from.clone(), text);
            let space = match &found.from {
                Place::Object(key) => self.space_of(key),
                _ => None,
            };
            match &found.listener {
                Some(who) if connected => {
                    let text = format!("{who} listens on port {}", to.port());
                    writing.step(StepKind::Listener, true, found.from.clone(), text);
                }
                _ => self.explain_listener(space, &found.from.clone(), to, None, connected, words, writing),
            }
            writing.until(at);
            return self.conclude(found, connected, words, at, found.began, writing);
        };
        writing.at = transfer.at;
        let mut service = None;
        let mut here = None;
        for hop in &transfer.hops {
            let blocked = match hop {
                Hop::Service(key, entrance, port) => {
                    service = self.api.get(key).cloned().map(|object| (object, port.clone()));
                    let kind = match entrance {
                        Entrance::ClusterIp => "the cluster IP",
                        Entrance::NodePort => "a NodePort",
                        Entrance::External => "the external IP",
                    };
                    let target = match port.get("targetPort") {
                        Value::Null => port.get("port").int().to_string(),
                        Value::Int(number) => number.to_string(),
                        name => name.str().to_string(),
                    };
                    let text = format!(
                        "{to} is {kind} of Service {}: port {} to targetPort {target}",
                        key.name,
                        port.get("port").int()
                    );
                    writing.step(StepKind::Service, true, Place::Object(key.clone()), text);
                    false
                }
                Hop::NoSuchPort(key) => {
                    let object = self.api.get(key).cloned();
                    let ports = object.iter().flat_map(|object| object.spec().get("ports").items());
                    let ports: Vec<String> = ports.map(|port| port.get("port").int().to_string()).collect();
                    let ports = ports.join(", ");
                    let text = format!(
                        "{ip} is the cluster IP of Service {}, which has no port {}, only {ports}",
                        key.name,
                        to.port()
                    );
                    writing.step(StepKind::Service, false, Place::Object(key.clone()), text.clone());
                    writing.verdict(
                        text,
                        format!("Connect to port {ports}, or add port {} to the Service.", to.port()),
                    );
                    true
                }
                Hop::NoSuchService => {
                    let text = format!("{ip} is an address for Services, but no Service has it");
                    writing.step(StepKind::Address, false, Place::Nobody(ip), text.clone());
                    writing.verdict(
                        text,
                        "Use the Service's name: a Service that is made anew gets another address.",
                    );
                    true
                }
                Hop::Endpoint(endpoint, count) => {
                    let place = service.as_ref().map_or(Place::Nobody(ip), |(s, _)| Place::Object(s.key()));
                    writing.step(
                        StepKind::Endpoints,
                        true,
                        place,
                        format!("{endpoint} is taken, one of {count}"),
                    );
                    let notes = service.as_ref().map(|(service, _)| self.candidates(service));
                    writing.notes(notes.unwrap_or_default());
                    false
                }
                Hop::NoEndpoints(elsewhere) => {
                    let Some((service, _)) = &service else { continue };
                    let (name, place) = (service.name(), Place::Object(service.key()));
                    let text = if *elsewhere {
                        format!(
                            "Service {name} has endpoints, but none on this node, and its traffic policy is Local"
                        )
                    } else {
                        format!("Service {name} has no endpoint that takes connections")
                    };
                    writing.step(StepKind::Endpoints, false, place, text.clone());
                    let notes = self.candidates(service);
                    writing.notes(notes);
                    let advice = if *elsewhere {
                        "Set the Service's traffic policy to Cluster, or run a Pod of it on this node.".into()
                    } else {
                        self.why_no_endpoints(service)
                    };
                    writing.verdict(text, advice);
                    true
                }
                Hop::HostPort(key) => {
                    let text = format!("{to} is a hostPort of Pod {}", key.name);
                    writing.step(StepKind::Address, true, Place::Object(key.clone()), text);
                    false
                }
                Hop::Pod(pod) => {
                    let text = format!("Pod {} has that address, on node {}", pod.key.name, pod.node);
                    writing.step(StepKind::Pod, true, Place::Object(pod.key.clone()), text);
                    here = Some(Space::Pod { node: pod.node.clone(), uid: pod.uid.clone() });
                    false
                }
                Hop::Node(name) => {
                    let text = format!("node {name} has that address");
                    let place = Place::Object(ObjectKey::new(Kind::Node, "", name));
                    writing.step(StepKind::Node, true, place, text);
                    here = Some(Space::Node(name.clone()));
                    false
                }
                Hop::NodeDown(name) => {
                    let text = format!("node {name}, where that address is, does not run");
                    let place = Place::Object(ObjectKey::new(Kind::Node, "", name));
                    writing.step(StepKind::Node, false, place, text.clone());
                    writing.verdict(text, format!("saya node start {name} switches it on."));
                    true
                }
                Hop::Cut(one, other) => {
                    let text = format!("the network between nodes {one} and {other} is cut");
                    let place = Place::Object(ObjectKey::new(Kind::Node, "", other));
                    writing.step(StepKind::Node, false, place, text.clone());
                    writing.verdict(text, format!("saya net mend {one} {other} mends it."));
                    true
                }
                Hop::Nobody(ip) => {
                    let text = format!("no Pod has the address {ip}");
                    writing.step(StepKind::Pod, false, Place::Nobody(*ip), text.clone());
                    writing.verdict(
                        text,
                        "A Pod that is made anew gets another address: connect to a Service instead.",
                    );
                    true
                }
                Hop::Policy(direction, key, names, allowed) => {
                    let names = names.join(", ");
                    let (who, verb) = (&key.name, if *allowed { "lets" } else { "does not let" });
                    let text = match direction {
                        Direction::Ingress => format!("NetworkPolicy {names} {verb} it in to Pod {who}"),
                        Direction::Egress => format!("NetworkPolicy {names} {verb} it out of Pod {who}"),
                    };
                    writing.step(StepKind::Policy, *allowed, Place::Object(key.clone()), text.clone());
                    let rule = if *direction == Direction::Ingress { "ingress" } else { "egress" };
                    writing.verdict_if(!*allowed, text, || {
                        format!("Add a rule for it under {rule} of one of these policies.")
                    });
                    !*allowed
                }
                Hop::Outside => {
                    let text = format!("{ip} is outside the cluster");
                    writing.step(StepKind::Address, true, Place::Outside(ip), text);
                    false
                }
                Hop::NotFromHost => {
                    let text = format!(
                        "the learner's machine does not reach {ip}: it is an address within the cluster"
                    );
                    writing.step(StepKind::Address, false, Place::Nobody(ip), text.clone());
                    writing.verdict(
                        text,
                        "kubectl port-forward leads there, or a Service of type NodePort or LoadBalancer.",
                    );
                    true
                }
            };
            if blocked {
                break;
            }
        }
        if let (true, Some(space)) = (writing.trace.reason.is_empty(), here) {
            let place = writing.trace.steps.last().map_or(found.from.clone(), |step| step.to.clone());
            let target = transfer.hops.iter().find_map(|hop| match hop {
                Hop::Endpoint(endpoint, _) => Some(*endpoint),
                _ => None,
            });
            let service = service.as_ref().map(|(service, port)| (service, port));
            self.explain_listener(
                Some(space),
                &place,
                target.unwrap_or(to),
                service,
                connected,
                words,
                writing,
            );
        }
        if let Outcome::Failed(NetError::Refused) = transfer.outcome
            && transfer.hops.is_empty()
        {
            writing.step(StepKind::Listener, false, Place::Host, format!("nothing listens on {to}"));
        }
        writing.until(transfer.ended.unwrap_or(at));
        self.conclude(found, connected, words, at, transfer.at, writing);
    }

    /// Who listens on a port of a network namespace.
    #[allow(clippy::too_many_arguments, reason = "what the sentence is made of")]
    fn explain_listener(
        &mut self,
        space: Option<Space>,
        place: &Place,
        to: SocketAddr,
        service: Option<(&Object, &Value)>,
        connected: bool,
        words: &str,
        writing: &mut Writing,
    ) {
        let listeners = space.map_or_else(Vec::new, |space| self.listeners(&space));
        let name = match place {
            Place::Object(key) => format!("{} {}", key.kind, key.name),
            _ => "the learner's machine".into(),
        };
        if connected {
            let at = listeners.iter().find(|(at, _)| at.port() == to.port());
            let who = at.map_or_else(|| "a program".to_string(), |(_, who)| who.clone());
            let text = format!("{who} listens on port {}", to.port());
            return writing.step(StepKind::Listener, true, place.clone(), text);
        }
        let notes: Vec<(bool, String)> = listeners
            .iter()
            .map(|(at, who)| (at.port() == to.port(), format!("{who} listens on {at}")))
            .collect();
        let text = match listeners.iter().find(|(at, _)| at.port() == to.port()) {
            Some((at, who)) => format!("{who} listens on {at} alone, which others do not reach"),
            None => format!("nothing in {name} listens on port {}", to.port()),
        };
        writing.step(StepKind::Listener, false, place.clone(), text.clone());
        writing.notes(notes);
        let other = listeners.iter().find(|(at, _)| !at.ip().is_loopback() && at.port() != to.port());
        let advice = match (service, other) {
            _ if words != "Connection refused" => String::new(),
            (Some((service, port)), Some((at, _)))
                if port.get("targetPort").int() != i64::from(at.port()) =>
            {
                format!("Set targetPort of Service {} to {}.", service.name(), at.port())
            }
            (None, Some((at, _))) => format!("Connect to port {}.", at.port()),
            _ if *place == Place::Host => "kubectl port-forward makes this machine listen.".into(),
            _ if listeners.is_empty() => {
                "The program has not begun to listen: kubectl logs says how far it is.".into()
            }
            _ => "Have the program listen on 0.0.0.0 and on this port.".into(),
        };
        writing.verdict(text, advice);
    }

    /// The TCP ports that are listened on in a network namespace, with who does: `mysqld in container db`.
    fn listeners(&mut self, space: &Space) -> Vec<(SocketAddr, String)> {
        let (Space::Pod { node, .. } | Space::Node(node)) = space else { return Vec::new() };
        let Some(kubelet) = self.kubelets.get_mut(node) else { return Vec::new() };
        let Some((net, uids)) = kubelet.namespace_mut(space) else { return Vec::new() };
        let listening = net
            .sockets()
            .filter(|(_, s)| s.state == State::Listening && !s.unix && s.protocol == Protocol::Tcp);
        let sockets: Vec<_> = listening.map(|(id, socket)| (id, socket.local)).collect();
        let mut found = Vec::new();
        for uid in uids {
            let Some((_, worker)) = kubelet.worker_mut(&uid) else { continue };
            let names: Vec<Arc<str>> =
                worker.containers().iter().map(|container| container.name.clone()).collect();
            for name in names {
                let process = worker.container_mut(&name).and_then(|container| container.process.as_mut());
                let Some(machine) = process.map(|process| process.machine()) else { continue };
                for (id, local) in &sockets {
                    let Some(pid) = machine.holder(*id) else { continue };
                    let program = machine.processes.get(&pid).map_or("", |process| process.name());
                    found.push((*local, format!("{program} in container {name}")));
                }
            }
        }
        found
    }

    fn conclude(
        &self,
        found: &Findings,
        connected: bool,
        words: &str,
        at: SimTime,
        began: SimTime,
        writing: &mut Writing,
    ) {
        let target = format!("{}:{}", found.host, found.port);
        if connected {
            let micros = at.since(began).as_micros();
            let text = format!("connected after {}.{:02} ms", micros / 1000, micros / 10 % 100);
            writing.step(StepKind::Reply, true, found.from.clone(), text);
            writing.trace.reached = true;
            return writing.verdict(format!("{target} is reached"), "");
        }
        let words = if words.is_empty() { "no answer" } else { words };
        if let Some(step) = writing.trace.steps.last_mut()
            && step.passed
        {
            step.passed = false;
            step.text += ": nobody answers";
        }
        let advice = if writing.trace.steps.iter().any(|step| matches!(step.to, Place::Outside(_))) {
            "Saya simulates only a few hosts of the internet."
        } else {
            ""
        };
        writing.verdict(format!("{target}: {words}"), advice);
        writing.trace.reason += &format!(" (a program says: {words})");
    }

    /// Why a packet came no further, and what to do about it.
    fn stopped(&mut self, transfer: &Transfer, to: &str) -> (String, String) {
        for hop in transfer.hops.iter().rev() {
            match hop {
                Hop::NoEndpoints(_) => {
                    let service = transfer.hops.iter().find_map(|hop| match hop {
                        Hop::Service(key, ..) => self.api.get(key).cloned(),
                        _ => None,
                    });
                    let advice = service.map(|service| self.why_no_endpoints(&service));
                    return (
                        format!("{to} has no ready Pod behind it, so that no name is answered"),
                        advice.unwrap_or_default(),
                    );
                }
                Hop::Policy(direction, key, names, false) => {
                    let names = names.join(", ");
                    return (
                        format!("NetworkPolicy {names} keeps Pod {} from {to}", key.name),
                        format!(
                            "Allow port {}/{} under {} to k8s-app: kube-dns of namespace kube-system.",
                            transfer.protocol.name(),
                            transfer.to.port(),
                            direction.name().to_lowercase()
                        ),
                    );
                }
                Hop::NodeDown(node) => {
                    return (
                        format!("{to} is on node {node}, which does not run"),
                        format!("saya node start {node} switches it on."),
                    );
                }
                Hop::Cut(one, other) => {
                    return (
                        format!("{to} is on node {other}, and the network between {one} and {other} is cut"),
                        format!("saya net mend {one} {other} mends it."),
                    );
                }
                Hop::Pod(PodAt { key, .. }) => {
                    return (
                        format!("{to} is Pod {}, which does not answer", key.name),
                        format!("kubectl logs {} -n {} says more.", key.name, key.namespace),
                    );
                }
                _ => {}
            }
        }
        (format!("{to} does not answer"), String::new())
    }
}

impl Writing {
    fn verdict_if(&mut self, is: bool, reason: String, advice: impl FnOnce() -> String) {
        if is {
            self.verdict(reason, advice());
        }
    }
}

fn empty(found: &Findings) -> Trace {
    Trace {
        from: found.from.clone(),
        target: format!("{}:{}", found.host, found.port),
        steps: Vec::new(),
        reached: false,
        reason: String::new(),
        advice: String::new(),
        transfers: Vec::new(),
    }
}

fn is_found(query: &Transfer) -> bool {
    matches!(&query.outcome, Outcome::Answered(answer) if answer.1.rcode == Rcode::NoError)
}

/// `mysql.default.svc.cluster.local A: 10.96.3.4`
fn answer_text(query: &Transfer) -> String {
    let Subject::Query(question) = &query.subject else { return String::new() };
    let name = question.name.trim_end_matches('.');
    let found = match &query.outcome {
        Outcome::Answered(answer) if answer.1.rcode != Rcode::NoError => answer.1.rcode.to_string(),
        Outcome::Answered(answer) => {
            let records = answer.1.answers.iter().map(|record| match &record.data {
                Data::Cname(name) => format!("CNAME {}", name.trim_end_matches('.')),
                data => data.to_string(),
            });
            let records: Vec<String> = records.collect();
            if records.is_empty() { "no such record".into() } else { records.join(", ") }
        }
        Outcome::Failed(_) => "refused".into(),
        _ => "no answer".into(),
    };
    format!("{} {name}: {found}", question.kind)
}

/// How many letters two words differ by.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            corner = above;
        }
    }
    row[b.len()]
}
