//! `kubectl drain`

use std::collections::BTreeMap;

use crate::api::{Object, ObjectKey};
use crate::apiserver::{Deletion, label_selector};
use crate::base::SimTime;

use super::command::Command;
use super::cordon::{close, nodes};
use super::error::{Error, Result};
use super::flags::DRY_RUN;
use super::running::Running;
use super::session::{DONE, DryRun, Flow, Session, Wake};

pub(super) const COMMAND: Command = Command {
    name: "drain",
    usage: "NODE",
    short: "Drain node in preparation for maintenance",
    flags: &[
        DRY_RUN,
        "chunk-size:int=500 delete-emptydir-data:bool delete-local-data:bool disable-eviction:bool force:bool \
         grace-period:int=-1 ignore-daemonsets:bool pod-selector selector,l skip-wait-for-delete-timeout:int=0 \
         timeout:duration=0s",
    ],
    run: Some(run),
    ..Command::NONE
};

/// Between two tries to evict a Pod that a disruption budget keeps, in nanoseconds.
const RETRY: i64 = 5_000_000_000;

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (nodes, errors) = nodes(session, "drain")?;
    Error::all(errors)?;
    for node in &nodes {
        close(session, node, true)?;
    }
    let timeout = session.flags.nanos("timeout");
    let draining = Draining {
        nodes: nodes.iter().map(|node| node.name().to_string()).collect(),
        pods: None,
        until: (timeout > 0).then(|| session.after(timeout)),
        failed: Vec::new(),
        left: Vec::new(),
    };
    draining.step(session)
}

/// A Pod on its way off a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Leaving {
    key: ObjectKey,
    uid: String,
    evicted: bool,
    /// When it is tried again.
    retry: Option<SimTime>,
}

/// `drain` under way: one node after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Draining {
    nodes: Vec<String>,
    /// The Pods of the first node; none before they were looked up.
    pods: Option<Vec<Leaving>>,
    until: Option<SimTime>,
    failed: Vec<Error>,
    left: Vec<String>,
}

impl Draining {
    /// Goes on as far as it can.
    ///
    /// # Errors
    /// What keeps nodes from being drained.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        while let Some(node) = self.nodes.first().cloned() {
            if self.pods.is_none() {
                match choose(session, &node) {
                    Ok(pods) => self.pods = Some(pods),
                    Err(errors) => {
                        self.fail(session, &node, errors);
                        continue;
                    }
                }
            }
            let mut pods = self.pods.take().unwrap_or_default();
            let dry_run = session.dry_run()?;
            if dry_run != DryRun::None {
                let gone = pods.iter().map(|pod| {
                    format!("evicting pod {}/{}{}", pod.key.namespace, pod.key.name, dry_run.suffix())
                });
                let lines: Vec<String> = gone.collect();
                if dry_run == DryRun::Server {
                    lines.iter().for_each(|line| session.line(line));
                }
                pods.clear();
            }
            self.push(session, &mut pods);
            if pods.is_empty() {
                self.nodes.remove(0);
                session.line(format!("node/{node} drained{}", dry_run.suffix()));
                continue;
            }
            // A Pod that waits for its next try hears of the time limit only then.
            let over = self.until.is_some_and(|until| session.io.now() >= until);
            if over && pods.iter().all(|pod| pod.retry.is_none()) {
                let errors = self.give_up(session, &node, &pods);
                self.fail(session, &node, errors);
                continue;
            }
            let next = pods.iter().filter_map(|pod| pod.retry).chain(self.until.filter(|_| !over)).min();
            self.pods = Some(pods);
            return Ok(Flow::Running(Running::Drain(self), Wake::on_change_until(next)));
        }
        if !self.left.is_empty() {
            session.note("There are pending nodes to be drained:");
            for node in &self.left {
                session.note(format!(" {node}"));
            }
        }
        match self.failed.len() {
            0 => DONE,
            _ => Err(Error::Many(self.failed)),
        }
    }

    /// Evicts what may go, and forgets what is gone.
    fn push(&self, session: &mut Session<'_>, pods: &mut Vec<Leaving>) {
        let now = session.io.now();
        pods.retain_mut(|pod| {
            if pod.evicted {
                let there = session.api.get(&pod.key).is_some_and(|object| object.uid() == pod.uid);
                if !there {
                    let deed = if session.flags.is("disable-eviction") { "deleted" } else { "evicted" };
                    session.line(format!("pod/{} {deed}", pod.key.name));
                }
                return there;
            }
            if pod.retry.is_some_and(|retry| now < retry) {
                return true;
            }
            let verb = if session.flags.is("disable-eviction") { "deleting" } else { "evicting" };
            session.line(format!("{verb} pod {}/{}", pod.key.namespace, pod.key.name));
            if self.until.is_some_and(|until| now >= until) {
                pod.retry = None;
                return true;
            }
            if !session.flags.is("disable-eviction")
                && let Err(why) = session.api.may_evict(&pod.key)
            {
                session.note(format!(
                    "error when evicting pods/\"{}\" -n \"{}\" (will retry after 5s): {why}",
                    pod.key.name, pod.key.namespace
                ));
                pod.retry = Some(session.after(RETRY));
                return true;
            }
            let grace = session.flags.number("grace-period");
            let how = Deletion { grace_period_seconds: (grace >= 0).then_some(grace), ..Deletion::default() };
            pod.retry = None;
            pod.evicted = true;
            // A Pod that is gone already needs no more.
            session.delete(&pod.key, how).is_ok()
        });
    }

    fn give_up(&self, session: &mut Session<'_>, node: &str, pods: &[Leaving]) -> Vec<Error> {
        let timeout = super::flags::duration_text(session.flags.nanos("timeout"));
        let text = |pod: &Leaving| {
            if pod.evicted {
                format!(
                    "error when waiting for pod \"{}\" in namespace \"{}\" to terminate: global timeout reached: {timeout}",
                    pod.key.name, pod.key.namespace
                )
            } else {
                format!(
                    "error when evicting pods/\"{}\" -n \"{}\": global timeout reached: {timeout}",
                    pod.key.name, pod.key.namespace
                )
            }
        };
        let errors: Vec<Error> = pods.iter().map(|pod| Error::plain(text(pod))).collect();
        session.note(format!(
            "There are pending pods in node \"{node}\" when an error occurred: {}",
            Error::Many(errors.clone()).message()
        ));
        for pod in pods {
            session.note(format!("pod/{}", pod.key.name));
        }
        errors
    }

    fn fail(&mut self, session: &mut Session<'_>, node: &str, errors: Vec<Error>) {
        let why = Error::Many(errors.clone()).message();
        session.note(format!(
            "error: unable to drain node \"{node}\" due to error: {why}, continuing command..."
        ));
        self.failed.extend(errors);
        self.left.push(node.into());
        self.nodes.retain(|other| other != node);
        self.pods = None;
    }
}

/// The Pods of a node that are to go, or why they may not.
fn choose(session: &mut Session<'_>, node: &str) -> std::result::Result<Vec<Leaving>, Vec<Error>> {
    let flags = session.flags;
    let selector =
        label_selector::parse(flags.text("pod-selector")).map_err(|why| vec![Error::Plain(why)])?;
    let empty_dirs = flags.is("delete-emptydir-data") || flags.is("delete-local-data");
    let mut pods: Vec<&Object> = session.api.store().pods_on(node).collect();
    pods.sort_by_key(|pod| (pod.namespace(), pod.name()));
    let mut going = Vec::new();
    let mut fatal: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut warned: Vec<(&str, Vec<String>)> = Vec::new();
    let mut warn = |what: &'static str, name: &str| match warned.iter_mut().find(|(known, _)| *known == what)
    {
        Some((_, names)) => names.push(name.into()),
        None => warned.push((what, vec![name.into()])),
    };
    for pod in pods.into_iter().filter(|pod| selector.matches(pod.labels())) {
        let name = format!("{}/{}", pod.namespace(), pod.name());
        let finished = matches!(pod.status().get("phase").str(), "Succeeded" | "Failed");
        let owner = pod.controller();
        if owner.is_some_and(|owner| owner.get("kind").str() == "DaemonSet") && !finished {
            if flags.is("ignore-daemonsets") {
                warn("ignoring DaemonSet-managed Pods", &name);
            } else {
                fatal
                    .entry("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
                    .or_default()
                    .push(name);
            }
            continue;
        }
        if !pod.annotation("kubernetes.io/config.mirror").is_null() {
            continue;
        }
        let local = pod.spec().get("volumes").items().iter().any(|volume| !volume.get("emptyDir").is_null());
        if local && !finished {
            if !empty_dirs {
                fatal
                    .entry("Pods with local storage (use --delete-emptydir-data to override)")
                    .or_default()
                    .push(name);
                continue;
            }
            warn("deleting Pods with local storage", &name);
        }
        if owner.is_none() && !finished {
            if !flags.is("force") {
                fatal
                    .entry("Pods that declare no controller (use --force to override)")
                    .or_default()
                    .push(name);
                continue;
            }
            warn("deleting Pods that declare no controller", &name);
        }
        going.push(Leaving { key: pod.key(), uid: pod.uid().into(), evicted: false, retry: None });
    }
    if !fatal.is_empty() {
        let error = |(what, names): (&str, Vec<String>)| {
            Error::plain(format!("cannot delete {what}: {}", names.join(", ")))
        };
        return Err(fatal.into_iter().map(error).collect());
    }
    let texts: Vec<String> =
        warned.into_iter().map(|(what, names)| format!("{what}: {}", names.join(", "))).collect();
    if !texts.is_empty() {
        session.note(format!("Warning: {}", texts.join("; ")));
    }
    Ok(going)
}
