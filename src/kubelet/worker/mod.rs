//! One Pod on its node: what the kubelet does with it, step by step.

mod ending;
mod eviction;
mod probing;
mod resizing;
mod restarting;
mod sharing;
mod start;

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::apiserver::event::Source;
use crate::base::SimTime;
use crate::network::namespace::Namespace;

use super::container::{Container, End, FORGIVEN_AFTER, Role, State};
use resizing::Resize;

use super::status::{self, Reported};
use super::{NodeState, mounting, volumes};

/// From the moment a kubelet sees a Pod to its first report.
const ADMISSION: Duration = Duration::from_millis(80);
/// From there to a network namespace with an address, mounts included: the least and the most, in milliseconds.
const SANDBOX: (u64, u64) = (280, 640);
/// Between two tries to make a sandbox.
const SANDBOX_RETRY: Duration = Duration::from_secs(12);
/// From a container's end to what the kubelet does about it (its relist and sync loop).
const RELIST: Duration = Duration::from_millis(900);
/// From the end of an init container to the start of the next.
const NEXT_INIT: Duration = Duration::from_millis(400);

/// How far a Pod has come on its node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stage {
    /// Seen, not yet reported.
    New { report_at: SimTime },
    /// Waiting for volumes and a sandbox.
    Mounting { at: SimTime, back_off: Duration },
    /// Its containers are run.
    Active,
    /// Deleted: its containers are being stopped.
    Stopping { deadline: SimTime },
    /// Deleted: its containers have stopped.
    Stopped { finish_at: SimTime },
}

/// A Pod on its node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Worker {
    key: ObjectKey,
    pub(super) pod: Object,
    stage: Stage,
    /// When the kubelet took it on.
    pub(super) started: Option<SimTime>,
    /// Its address, once it has a sandbox.
    pub(super) ip: Option<Ipv4Addr>,
    /// Its network namespace, unless it uses the node's.
    pub(super) net: Namespace,
    /// Init containers in their order, then containers in theirs.
    pub(super) containers: Vec<Container>,
    /// When it looks after the files that come from objects, and the store's revision when it last did.
    looks: Option<SimTime>,
    looked: u64,
    /// True where some of its containers see processes of others.
    shares_processes: bool,
    /// Why its kubelet has ended it for good: the reason and the message of its status.
    pub(super) given_up: Option<(&'static str, String)>,
    /// True where it has limits for what it takes of the node's disk.
    limits_disk: bool,
    /// When it is looked at next how much it has taken.
    measures: Option<SimTime>,
    /// True while its containers are stopped to be run again, all of them.
    pub(super) restarting: bool,
    /// Other resources for its containers, while that goes on.
    resize: Option<Resize>,
    /// What its last report was made of.
    pub(super) reported: Option<Reported>,
}

/// How often a Pod is looked after when nothing happens (`syncFrequency`).
const SYNC: Duration = Duration::from_secs(60);

/// The network namespace that a Pod's programs are in.
macro_rules! net {
    ($worker:ident, $node:ident) => {
        if $worker.pod.spec().get("hostNetwork").bool() { &mut $node.net } else { &mut $worker.net }
    };
}
use net;

/// The earliest of several moments.
#[derive(Clone, Copy, Debug, Default)]
struct Next(Option<SimTime>);

impl Next {
    fn at(&mut self, at: SimTime) {
        self.0 = Some(self.0.map_or(at, |earlier| earlier.min(at)));
    }
}

impl Worker {
    pub(super) fn new(pod: &Object, now: SimTime) -> Self {
        let init = pod.spec().get("initContainers").items();
        let role = |spec: &crate::base::Value| {
            if spec.get("restartPolicy").str() == "Always" { Role::Sidecar } else { Role::Init }
        };
        let main = pod.spec().get("containers").items();
        let mut containers = Vec::with_capacity(init.len() + main.len());
        containers.extend(init.iter().map(|spec| Container::new(spec, role(spec), true)));
        containers.extend(main.iter().map(|spec| Container::new(spec, Role::Main, !init.is_empty())));
        Self {
            key: pod.key(),
            pod: pod.clone(),
            stage: Stage::New { report_at: now + ADMISSION },
            started: None,
            ip: None,
            net: Namespace::default(),
            containers,
            looks: None,
            looked: 0,
            shares_processes: pod.spec().get("shareProcessNamespace").bool(),
            given_up: None,
            limits_disk: eviction::limits_disk(pod),
            measures: None,
            restarting: false,
            resize: None,
            reported: None,
        }
    }

    /// The Pod's key.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }
    /// The Pod as the kubelet last saw it.
    pub fn pod(&self) -> &Object {
        &self.pod
    }
    /// Its address, once it has a sandbox.
    pub fn ip(&self) -> Option<Ipv4Addr> {
        self.ip
    }
    /// True while its sandbox runs.
    pub(super) fn has_sandbox(&self) -> bool {
        self.ip.is_some() && !matches!(self.stage, Stage::Stopped { .. })
    }
    /// True once it is being ended for good.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.stage, Stage::Stopping { .. } | Stage::Stopped { .. })
    }
    /// Its containers: init containers in their order, then containers in theirs.
    pub fn containers(&self) -> &[Container] {
        &self.containers
    }
    /// Its network namespace, unless it uses the node's.
    pub fn net(&self) -> &Namespace {
        &self.net
    }
    /// True where it uses the network of its node.
    pub fn uses_host_network(&self) -> bool {
        self.pod.spec().get("hostNetwork").bool()
    }
    /// The container of this name, to act in it.
    pub fn container_mut(&mut self, name: &str) -> Option<&mut Container> {
        self.containers.iter_mut().find(|container| &*container.name == name)
    }
    /// The Pod's user-visible host name: `spec.hostname`, or its name.
    pub fn hostname(&self) -> &str {
        self.pod.spec().get("hostname").as_str().unwrap_or(self.pod.name())
    }

    /// True where its programs have at most woken up and waited again since it was as `earlier`.
    pub(super) fn has_rested_since(&self, earlier: &Self) -> bool {
        let rested = |(now, then): (&Container, &Container)| match (&now.process, &then.process) {
            (Some(process), Some(before)) => now.state == then.state && process.has_rested_since(before),
            (now, then) => now == then,
        };
        self.pod == earlier.pod
            && self.net == earlier.net
            && self.containers.len() == earlier.containers.len()
            && self.containers.iter().zip(&earlier.containers).all(rested)
    }

    pub(super) fn sync(&mut self, api: &mut ApiServer, node: &mut NodeState, pod: Object) -> Option<SimTime> {
        let now = api.clock.now;
        self.pod = pod;
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let spec = self.pod.spec();
        let specs = || lists.iter().flat_map(|list| spec.get(list).items());
        let added = specs().skip(self.containers.len());
        self.containers.extend(added.map(|spec| Container::new(spec, Role::Ephemeral, false)));
        let targeted = |container: &Container| !container.spec.get("targetContainerName").is_empty();
        self.shares_processes |= self.containers.iter().any(targeted);
        let mut resizes = self.resize.is_some();
        for (container, spec) in self.containers.iter_mut().zip(specs()) {
            if container.spec == *spec {
                continue;
            }
            let other_image = container.spec.get("image") != spec.get("image");
            let resources = container.spec.get("resources").clone();
            resizes |= resources != *spec.get("resources");
            container.spec = spec.clone();
            // Those are allocated, which takes room on the node.
            container.spec.set("resources", resources);
            if !other_image {
                continue;
            }
            match &mut container.state {
                State::Running { .. } => container.changed = Some("definition changed, will be restarted"),
                State::Waiting { until, .. } => {
                    *until = None;
                    container.pull_back_off = Duration::ZERO;
                }
                _ => {}
            }
        }
        let mut next = Next::default();
        self.run_programs(node, api);
        for at in 0..self.containers.len() {
            self.terminate(at, now, &mut next);
            self.follow_hook(at, api, node, &mut next);
            self.probe(at, api, node, &mut next);
        }
        if self.pod.is_terminating() {
            self.stop(api, node, &mut next);
        } else if !self.is_given_up(api, node, &mut next) && !self.restart_all(api, node, &mut next) {
            self.advance(api, node, &mut next);
            if resizes {
                self.follow_resize(api, node, &mut next);
            }
            self.measure_later(now, &mut next);
            if self.stage == Stage::Active && volumes::may_change(&self.pod) {
                if self.looks.is_some_and(|at| now >= at) {
                    if volumes::may_differ(api, &self.pod, self.looked) {
                        volumes::refresh(api, self, &mut node.volumes);
                    }
                    (self.looks, self.looked) = (None, api.store().revision());
                }
                next.at(*self.looks.get_or_insert(now + SYNC));
            }
        }
        // A pass over the Pod ends with its `postStart` hooks, and no other begins before.
        let is_held_up = |own: &Container| own.is_starting() || own.renewed && !own.is_running();
        let goes_on = !self.pod.is_terminating() && self.given_up.is_none();
        let held_up = goes_on && self.containers.iter().any(is_held_up);
        if self.started.is_some() && !held_up {
            status::report(self, api, node);
        }
        if let Stage::Stopped { finish_at } = self.stage
            && now >= finish_at
        {
            self.release(node);
            api.finish_pod(&self.key);
            return None;
        }
        next.0
    }

    /// Lets the programs of its containers go on; see [`super::Kubelet::run_pod`].
    pub(super) fn run_programs(
        &mut self,
        node: &mut NodeState,
        api: &mut ApiServer,
    ) -> (Option<SimTime>, bool) {
        let now = api.clock.now;
        let mut next = Next::default();
        let mut ended = false;
        let net = net!(self, node);
        loop {
            net.stirred = false;
            for at in 0..self.containers.len() {
                ended |= if self.shares_processes {
                    sharing::run(&self.pod, &mut self.containers, at, &mut node.volumes, net, api);
                    self.containers[at].collect(&mut node.volumes, net)
                } else {
                    self.containers[at].collect_exit(&mut node.volumes, net, api)
                };
            }
            // What one container sends to another by localhost, that one reads at once.
            if !net.stirred || self.containers.len() == 1 {
                break;
            }
        }
        for container in &mut self.containers {
            if let Some(process) = &container.process {
                ended |= container.hook.as_ref().is_some_and(|hook| hook.has_ended(process, net, now));
                ended |= container.probes.iter().any(|probe| probe.has_ended(process, net));
                if let Some(at) = process.next_at() {
                    next.at(at.max(now));
                }
            }
        }
        (next.0, ended)
    }

    /// True where one of its programs wants to go on when something changes in the API server.
    pub(super) fn watches(&self) -> bool {
        self.containers.iter().filter_map(|container| container.process.as_ref()).any(|own| own.watches())
    }

    fn advance(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        match self.stage {
            Stage::New { report_at } if now < report_at => next.at(report_at),
            Stage::New { .. } => {
                if self.is_refused(api, node) {
                    return;
                }
                self.started = Some(now);
                let at = now + Duration::from_millis(api.random.between(SANDBOX.0, SANDBOX.1));
                self.stage = Stage::Mounting { at, back_off: Duration::from_millis(500) };
                next.at(at);
            }
            Stage::Mounting { at, .. } if now < at => next.at(at),
            Stage::Mounting { back_off, .. } => match mounting::set_up(api, &self.pod, node) {
                Err(message) => {
                    api.warning(&self.pod, source(node), "FailedMount", &message);
                    let longest = Duration::from_secs(122);
                    self.stage =
                        Stage::Mounting { at: now + back_off, back_off: (back_off * 2).min(longest) };
                    next.at(now + back_off);
                }
                Ok(()) if self.lacks_runtime(api, node) => {
                    self.stage = Stage::Mounting { at: now + SANDBOX_RETRY, back_off };
                    next.at(now + SANDBOX_RETRY);
                }
                Ok(()) => {
                    let host = self.pod.spec().get("hostNetwork").bool();
                    self.ip = if host { Some(node.ip) } else { node.addresses.take() };
                    self.net.addresses = self.ip.filter(|_| !host).into_iter().map(Into::into).collect();
                    let sysctls = self.pod.spec().at(&["securityContext", "sysctls"]).items();
                    self.net.parameters = sysctls
                        .iter()
                        .map(|own| {
                            (own.get("name").str().replace('/', ".").into(), own.get("value").str().into())
                        })
                        .collect();
                    self.stage = Stage::Active;
                    self.run(api, node, next);
                }
            },
            Stage::Active => self.run(api, node, next),
            Stage::Stopping { .. } | Stage::Stopped { .. } => {}
        }
    }

    /// True where the container runtime has no runtime of the name that the Pod's class has; says so.
    fn lacks_runtime(&self, api: &mut ApiServer, node: &NodeState) -> bool {
        let name = self.pod.spec().get("runtimeClassName").str();
        !name.is_empty() && self.reports_runtime(name, api, node)
    }

    // No part of the page's first program.
    #[inline(never)]
    fn reports_runtime(&self, name: &str, api: &mut ApiServer, node: &NodeState) -> bool {
        let class = api.get(&ObjectKey::new(Kind::RuntimeClass, "", name));
        let handler = class.map_or("", |class| class.get("handler").str()).to_owned();
        if handler == "runc" {
            return false;
        }
        let why = format!("failed to get sandbox runtime: no runtime for \"{handler}\" is configured");
        let message = format!("Failed to create pod sandbox: rpc error: code = Unknown desc = {why}");
        api.warning(&self.pod, source(node), "FailedCreatePodSandBox", &message);
        true
    }

    /// Starts what is to be started: init containers one after another, then the rest.
    fn run(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let mut latest_init_end = None;
        for at in 0..self.containers.len() {
            let container = &self.containers[at];
            match container.role {
                Role::Init if container.succeeded() => {
                    latest_init_end = container.end().map(|end| end.finished);
                    continue;
                }
                Role::Sidecar if container.started => continue,
                Role::Sidecar if container.is_running() => return,
                _ => {}
            }
            if let Some(ended) = latest_init_end
                && matches!(container.state, State::Waiting { until: None, .. })
                && now < ended + NEXT_INIT
            {
                return next.at(ended + NEXT_INIT);
            }
            self.drive(at, api, node, next);
            let container = &self.containers[at];
            match container.role {
                Role::Init => return,
                Role::Sidecar if !container.started && container.restarts == 0 => return,
                _ if container.is_starting() => return,
                // Images are pulled one after another (`serializeImagePulls`).
                _ if matches!(container.state, State::Pulling { .. }) => return,
                _ => {}
            }
        }
    }

    /// Takes one container as far as it can come now.
    fn drive(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        match self.containers[at].state.clone() {
            State::Running { .. } => {}
            State::Waiting { until: Some(until), .. } if now < until => next.at(until),
            State::Waiting { reason: "ErrImagePull", message, .. } => {
                let image = self.containers[at].image().to_string();
                let text = format!("Back-off pulling image \"{image}\"");
                self.tell(at, api, node, "Normal", "BackOff", &text);
                self.tell(at, api, node, "Warning", "Failed", "Error: ImagePullBackOff");
                let container = &mut self.containers[at];
                container.pull_back_off = Container::next_back_off(container.pull_back_off);
                let until = now + container.pull_back_off;
                let message = format!("{text}: ErrImagePull: {message}");
                container.state = State::Waiting { reason: "ImagePullBackOff", message, until: Some(until) };
                next.at(until);
            }
            State::Waiting { .. } => self.begin(at, api, node, next),
            State::Pulling { until, .. } if now < until => next.at(until),
            State::Pulling { since, .. } => self.pulled(at, api, node, now.since(since), next),
            State::Terminated(end) => self.after(at, &end, api, node, next),
        }
    }

    /// What follows a container's end: a new start, at once or later, or nothing.
    fn after(&mut self, at: usize, end: &End, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let policy = self.pod.spec().get("restartPolicy").str();
        let container = &self.containers[at];
        let renewed = container.renewed || container.changed.is_some();
        if !renewed && !container.runs_again(policy, end.exit_code) {
            return;
        }
        if now < end.finished + RELIST && !container.renewed {
            return next.at(end.finished + RELIST);
        }
        let container = &mut self.containers[at];
        let before = container.last.replace(end.clone());
        if container.changed.take().is_some() || end.finished.since(end.started) >= FORGIVEN_AFTER {
            container.back_off = Duration::ZERO;
        }
        let until = end.finished + container.back_off + RELIST;
        // What the kubelet killed it looks up among the ends that it knew of before (`doBackOff`).
        let waits = match container.renewed {
            true => before.is_some_and(|before| now < before.finished + container.back_off),
            false => !container.back_off.is_zero() && now < until,
        };
        if !waits {
            return self.begin(at, api, node, next);
        }
        container.renewed = false;
        let place = format!("{}_{}({})", self.pod.name(), self.pod.namespace(), self.pod.uid());
        let container = &mut self.containers[at];
        let message = format!(
            "back-off {} restarting failed container={} pod={place}",
            minutes(container.back_off),
            container.name
        );
        let event = format!("Back-off restarting failed container {} in pod {place}", container.name);
        container.state = State::Waiting { reason: "CrashLoopBackOff", message, until: Some(until) };
        next.at(until);
        self.tell(at, api, node, "Warning", "BackOff", &event);
    }

    /// Records an Event about one container.
    fn tell(
        &self,
        at: usize,
        api: &mut ApiServer,
        node: &NodeState,
        kind: &str,
        reason: &str,
        message: &str,
    ) {
        let path = self.containers[at].field_path();
        api.record(&self.pod, Some(&path), source(node), kind, reason, message);
    }
}

pub(super) fn source(node: &NodeState) -> Source<'_> {
    Source { component: "kubelet", host: &node.name }
}

/// A back-off as Go prints it: `10s`, `1m20s`, `5m0s`.
fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds => format!("{}m{}s", seconds / 60, seconds % 60),
    }
}
