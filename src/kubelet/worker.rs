//! One Pod on its node: what the kubelet does with it, step by step.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::apiserver::event::Source;
use crate::base::SimTime;
use crate::container::files::Volumes;
use crate::images::{self, Reference, Unknown};
use crate::network::namespace::Namespace;

use super::container::{Container, End, FORGIVEN_AFTER, Role, State};
use super::hook::{Hook, HookKind};
use super::probe::{Outcome, ProbeKind, Prober};
use super::process::{Process, Surroundings};
use super::request::Ends;
use super::{NodeState, environment, status, volumes};

/// From the moment a kubelet sees a Pod to its first report.
const ADMISSION: Duration = Duration::from_millis(80);
/// From there to a network namespace with an address, mounts included: the least and the most, in milliseconds.
const SANDBOX: (u64, u64) = (280, 640);
/// From a container's end to what the kubelet does about it (its relist and sync loop).
const RELIST: Duration = Duration::from_millis(900);
/// From a failed pull to the report that it will wait.
const PULL_RELIST: Duration = Duration::from_millis(1_600);
/// From the end of an init container to the start of the next.
const NEXT_INIT: Duration = Duration::from_millis(400);
/// From the decision that a container stops to the runtime's SIGTERM: the least and the most, in milliseconds.
const STOP: (u64, u64) = (150, 700);
/// From the end of the last container of a deleted Pod to the Pod's end.
const TEAR_DOWN: Duration = Duration::from_millis(120);
/// Between two tries of what a missing ConfigMap or Secret prevents.
const RETRY: Duration = Duration::from_secs(12);

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
    /// When it looks after the files that come from objects.
    looks: Option<SimTime>,
}

/// How often a Pod is looked after when nothing happens (`syncFrequency`).
const SYNC: Duration = Duration::from_secs(60);

/// The network namespace that a Pod's programs are in.
macro_rules! net {
    ($worker:ident, $node:ident) => {
        if $worker.pod.spec().get("hostNetwork").bool() { &mut $node.net } else { &mut $worker.net }
    };
}

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
        let mut containers: Vec<Container> =
            init.iter().map(|spec| Container::new(spec, role(spec), true)).collect();
        let main = pod.spec().get("containers").items();
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

    pub(super) fn sync(&mut self, api: &mut ApiServer, node: &mut NodeState, pod: Object) -> Option<SimTime> {
        let now = api.clock.now;
        self.pod = pod;
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let specs = lists.map(|list| self.pod.spec().get(list).items()).concat();
        let added = specs.iter().skip(self.containers.len());
        self.containers.extend(added.map(|spec| Container::new(spec, Role::Ephemeral, false)));
        for (container, spec) in self.containers.iter_mut().zip(specs) {
            let other_image = container.spec.get("image") != spec.get("image");
            container.spec = spec;
            if !other_image {
                continue;
            }
            match &mut container.state {
                State::Running { .. } => container.changed = true,
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
        } else {
            self.advance(api, node, &mut next);
            if self.stage == Stage::Active && volumes::may_change(&self.pod) {
                if self.looks.is_some_and(|at| now >= at) {
                    volumes::refresh(api, self, &mut node.volumes);
                    self.looks = None;
                }
                next.at(*self.looks.get_or_insert(now + SYNC));
            }
        }
        if self.started.is_some() {
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
            for container in &mut self.containers {
                ended |= container.collect_exit(&mut node.volumes, net, api);
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

    /// Ends its programs with the machine they ran on: the runtime finds them gone, with exit code 255.
    pub(super) fn power_off(&mut self, node: &mut NodeState, api: &mut ApiServer) {
        let now = api.clock.now;
        let net = net!(self, node);
        for container in &mut self.containers {
            if let Some(process) = &mut container.process {
                process.kill(now);
            }
            container.collect_exit(&mut node.volumes, net, api);
            if let State::Terminated(end) = &mut container.state
                && end.finished == now
            {
                (end.exit_code, end.reason) = (255, "Unknown");
            }
        }
        // Nobody hears of it.
        net.outbox.clear();
    }

    /// The Pod is no longer in the store, as after a deletion without grace: what still runs of it is killed.
    pub(super) fn lose(&mut self, api: &mut ApiServer, node: &mut NodeState) {
        if !matches!(self.stage, Stage::Stopping { .. } | Stage::Stopped { .. }) {
            for at in (0..self.containers.len()).filter(|at| self.containers[*at].is_running()) {
                let text = format!("Stopping container {}", self.containers[at].name);
                self.tell(at, api, node, "Normal", "Killing", &text);
            }
        }
        self.release(node);
    }

    /// Gives back what the Pod held of its node.
    pub(super) fn release(&mut self, node: &mut NodeState) {
        volumes::forget(&self.pod, &mut node.volumes);
        if let Some(ip) = self.ip.take() {
            node.addresses.give_back(ip);
        }
    }

    fn advance(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        match self.stage {
            Stage::New { report_at } if now < report_at => next.at(report_at),
            Stage::New { .. } => {
                self.started = Some(now);
                let at = now + Duration::from_millis(api.random.between(SANDBOX.0, SANDBOX.1));
                self.stage = Stage::Mounting { at, back_off: Duration::from_millis(500) };
                next.at(at);
            }
            Stage::Mounting { at, .. } if now < at => next.at(at),
            Stage::Mounting { back_off, .. } => match volumes::missing(api, &self.pod) {
                Some(message) => {
                    api.warning(&self.pod, source(node), "FailedMount", &message);
                    let longest = Duration::from_secs(122);
                    self.stage =
                        Stage::Mounting { at: now + back_off, back_off: (back_off * 2).min(longest) };
                    next.at(now + back_off);
                }
                None => {
                    let host = self.pod.spec().get("hostNetwork").bool();
                    self.ip = if host { Some(node.ip) } else { node.addresses.take() };
                    self.net.addresses = self.ip.filter(|_| !host).into_iter().map(Into::into).collect();
                    self.stage = Stage::Active;
                    self.run(api, node, next);
                }
            },
            Stage::Active => self.run(api, node, next),
            Stage::Stopping { .. } | Stage::Stopped { .. } => {}
        }
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
                _ if container.hook.as_ref().is_some_and(|hook| hook.kind == HookKind::PostStart) => return,
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
        let again = match self.containers[at].role {
            Role::Sidecar => true,
            Role::Ephemeral => false,
            Role::Init => end.exit_code != 0 && policy != "Never",
            Role::Main => policy == "Always" || policy == "OnFailure" && end.exit_code != 0,
        };
        if !again && !self.containers[at].changed {
            return;
        }
        if now < end.finished + RELIST {
            return next.at(end.finished + RELIST);
        }
        let container = &mut self.containers[at];
        container.last = Some(end.clone());
        if std::mem::take(&mut container.changed) || end.finished.since(end.started) >= FORGIVEN_AFTER {
            container.back_off = Duration::ZERO;
        }
        let until = end.finished + container.back_off + RELIST;
        if container.back_off.is_zero() || now >= until {
            return self.begin(at, api, node, next);
        }
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

    /// Begins a run of a container: its configuration, its image, its start.
    fn begin(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let image = self.containers[at].image().to_string();
        let Some(reference) = Reference::parse(&image) else {
            let message = format!(
                "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format"
            );
            self.tell(at, api, node, "Warning", "InspectFailed", &message);
            self.tell(at, api, node, "Warning", "Failed", "Error: InvalidImageName");
            return self.wait(at, "InvalidImageName", message, now + RETRY, next);
        };
        let present = node.images.contains(&reference.to_string());
        match (self.containers[at].spec.get("imagePullPolicy").str(), present) {
            ("Never", false) => {
                let message = format!("Container image \"{image}\" is not present with pull policy of Never");
                self.tell(at, api, node, "Warning", "ErrImageNeverPull", &message);
                self.tell(at, api, node, "Warning", "Failed", "Error: ErrImageNeverPull");
                self.wait(at, "ErrImageNeverPull", message, now + RETRY, next);
            }
            ("Always", _) | (_, false) => {
                self.tell(at, api, node, "Normal", "Pulling", &format!("Pulling image \"{image}\""));
                let takes = pull_time(&reference, present, api);
                self.containers[at].state = State::Pulling { since: now, until: now + takes };
                next.at(now + takes);
            }
            _ => {
                let text = format!(
                    "Container image \"{image}\" already present on machine and can be accessed by the pod"
                );
                self.tell(at, api, node, "Normal", "Pulled", &text);
                self.start(at, &reference, api, node, next);
            }
        }
    }

    fn pulled(
        &mut self,
        at: usize,
        api: &mut ApiServer,
        node: &mut NodeState,
        took: Duration,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        let image = self.containers[at].image().to_string();
        let Some(reference) = Reference::parse(&image) else { return };
        if let Err(missing) = images::exists(&reference) {
            let resolve = format!(
                "failed to pull and unpack image \"{reference}\": failed to resolve reference \"{reference}\": "
            );
            let message = match missing {
                Unknown::Tag => format!("rpc error: code = NotFound desc = {resolve}{reference}: not found"),
                Unknown::Repository => format!(
                    "{resolve}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
                ),
            };
            let text = format!("Failed to pull image \"{image}\": {message}");
            self.tell(at, api, node, "Warning", "Failed", &text);
            self.tell(at, api, node, "Warning", "Failed", "Error: ErrImagePull");
            return self.wait(at, "ErrImagePull", message, now + PULL_RELIST, next);
        }
        node.images.insert(reference.to_string());
        let took = seconds(took);
        let size = images::size(&reference);
        let text = format!(
            "Successfully pulled image \"{image}\" in {took} ({took} including waiting). Image size: {size} bytes."
        );
        self.tell(at, api, node, "Normal", "Pulled", &text);
        self.containers[at].pull_back_off = Duration::ZERO;
        self.start(at, &reference, api, node, next);
    }

    fn start(
        &mut self,
        at: usize,
        reference: &Reference,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        if let Some(message) = volumes::missing_environment(api, &self.pod, &self.containers[at].spec) {
            self.tell(at, api, node, "Warning", "Failed", &format!("Error: {message}"));
            return self.wait(at, "CreateContainerConfigError", message, now + RETRY, next);
        }
        let id: Arc<str> = format!("containerd://{}", api.random.hex(64)).into();
        let container = &mut self.containers[at];
        if !container.id.is_empty() {
            container.restarts += 1;
            container.back_off = Container::next_back_off(container.back_off);
        }
        container.id = id.clone();
        self.tell(at, api, node, "Normal", "Created", "Container created");
        let spec = self.containers[at].spec.clone();
        let services = environment::services(api, &self.pod);
        let host_ip = node.ip.to_string();
        let layers = node.layers.entry(reference.to_string());
        let layers = layers.or_insert_with(|| images::layers(reference)).clone();
        let around = Surroundings {
            pod: &self.pod,
            layers,
            ip: self.ip.unwrap_or(node.ip),
            node: &node.name,
            variables: environment::variables(api, self, &spec, &services, (&node.name, &host_ip)),
            services,
            mounts: volumes::mounts(api, self, &spec, &mut node.volumes),
            epoch: api.clock.epoch,
            seed: api.random.between(0, u64::MAX - 1),
        };
        match Process::start(reference, &spec, around, &mut node.volumes, now) {
            Ok(process) => {
                let container = &mut self.containers[at];
                container.probes = Prober::all(&spec, now);
                container.settle();
                container.probes.iter().for_each(|probe| next.at(probe.next_at()));
                container.process = Some(process);
                container.state = State::Running { since: now };
                self.tell(at, api, node, "Normal", "Started", "Container started");
                self.begin_hook(HookKind::PostStart, at, api, node, next);
            }
            Err(message) => {
                self.tell(at, api, node, "Warning", "Failed", &format!("Error: {message}"));
                let end =
                    End { exit_code: 128, reason: "StartError", message, started: now, finished: now, id };
                let container = &mut self.containers[at];
                // What could not even be started waits from the first time on.
                if container.back_off.is_zero() {
                    container.back_off = Container::next_back_off(container.back_off);
                }
                container.state = State::Terminated(end);
                next.at(now + RELIST);
            }
        }
    }

    fn wait(&mut self, at: usize, reason: &'static str, message: String, until: SimTime, next: &mut Next) {
        self.containers[at].state = State::Waiting { reason, message, until: Some(until) };
        next.at(until);
    }

    /// From where and to where the kubelet connects to its containers: a bridge's own address is the first of its range.
    fn ends(&self, node: &NodeState) -> Ends {
        let to = self.ip.filter(|_| !self.uses_host_network()).unwrap_or(node.ip);
        let [a, b, c, _] = to.octets();
        Ends { from: if to == node.ip { to } else { [a, b, c, 1].into() }, to }
    }

    /// Makes the probes of a running container that are due, and acts on what they decide.
    fn probe(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let stopping = self.pod.is_terminating();
        let running = &self.containers[at];
        if running.is_running() && running.changed && running.kill_at.is_none() && !stopping {
            let text =
                format!("Container {} definition changed, will be restarted", self.containers[at].name);
            return self.stop_container(at, None, &text, api, node, next);
        }
        let ends = self.ends(node);
        let container = &mut self.containers[at];
        if !container.is_running() {
            return;
        }
        if let Some(kill_at) = container.kill_at {
            if now < kill_at {
                return next.at(kill_at);
            }
            if let Some(process) = &mut container.process {
                process.kill(now);
            }
            let net = net!(self, node);
            container.collect_exit(&mut node.volumes, net, api);
            return next.at(now + RELIST);
        }
        if stopping {
            let net = net!(self, node);
            container.probes.retain_mut(|probe| {
                let stays = probe.kind == ProbeKind::Readiness;
                if !stays {
                    probe.abandon(net);
                }
                stays
            });
        }
        for index in 0..self.containers[at].probes.len() {
            let container = &mut self.containers[at];
            let (started, spec) = (container.started, container.spec.clone());
            let Some(process) = &mut container.process else { return };
            let Some(probe) = container.probes.get_mut(index) else { return };
            let kind = probe.kind;
            // Until the startup probe has succeeded there is no other.
            if started == (kind == ProbeKind::Startup) {
                continue;
            }
            let found = probe.step(&spec, process, (net!(self, node), ends), &mut node.volumes, now);
            let verdict = probe.verdict;
            next.at(probe.next_at().max(now + Duration::from_millis(1)));
            let well = matches!(found, Some(Outcome::Success | Outcome::Warning(_)));
            if well || verdict.is_some() {
                container.settle();
            }
            let title = kind.title();
            match found {
                None | Some(Outcome::Success) => continue,
                Some(Outcome::Warning(what)) => {
                    let text = format!("{title} probe warning: {what}");
                    self.tell(at, api, node, "Warning", "ProbeWarning", &text);
                }
                Some(Outcome::Failure(why)) => {
                    let text = format!("{title} probe failed: {why}");
                    self.tell(at, api, node, "Warning", "Unhealthy", &text);
                }
                Some(Outcome::Error(why)) => {
                    let text = format!("{title} probe errored and resulted in unknown state: {why}");
                    self.tell(at, api, node, "Warning", "Unhealthy", &text);
                }
            }
            if kind != ProbeKind::Readiness && verdict == Some(false) {
                let name = self.containers[at].name.clone();
                let what = title.to_lowercase();
                let text = format!("Container {name} failed {what} probe, will be restarted");
                let own = spec.at(&[kind.field(), "terminationGracePeriodSeconds"]).as_int();
                return self.stop_container(at, own, &text, api, node, next);
            }
        }
    }

    /// Sends SIGTERM to a container of a Pod that stays, and SIGKILL when its grace period is over.
    fn stop_container(
        &mut self,
        at: usize,
        grace: Option<i64>,
        why: &str,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        let of_pod = || self.pod.spec().get("terminationGracePeriodSeconds").as_int().unwrap_or(30);
        let grace = grace.unwrap_or_else(of_pod).max(0) as u64;
        self.tell(at, api, node, "Normal", "Killing", why);
        let container = &mut self.containers[at];
        let kill_at = now + Duration::from_secs(grace);
        container.kill_at = Some(kill_at);
        let net = net!(self, node);
        container.probes.drain(..).for_each(|mut probe| probe.abandon(net));
        next.at(kill_at);
        self.begin_hook(HookKind::PreStop, at, api, node, next);
    }

    /// Begins a hook of a running container; where there is none, or it is over at once, what follows it.
    fn begin_hook(
        &mut self,
        kind: HookKind,
        at: usize,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        let ends = self.ends(node);
        let container = &mut self.containers[at];
        let Some(process) = &mut container.process else { return };
        match Hook::begin(kind, &container.spec, process, (net!(self, node), ends), &mut node.volumes, now) {
            Ok(hook) => {
                hook.until().into_iter().for_each(|until| next.at(until));
                container.hook = Some(hook);
                if kind == HookKind::PostStart {
                    container.settle();
                }
            }
            Err(well) => self.after_hook(kind, well, at, api, node, next),
        }
    }

    /// Looks whether the hook of a container has ended.
    fn follow_hook(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let container = &mut self.containers[at];
        let (Some(hook), Some(process)) = (&mut container.hook, &mut container.process) else { return };
        let kind = hook.kind;
        match hook.ended(process, net!(self, node), api.clock.now) {
            None => hook.until().into_iter().for_each(|until| next.at(until)),
            Some(well) => {
                container.hook = None;
                self.after_hook(kind, well, at, api, node, next);
            }
        }
    }

    fn after_hook(
        &mut self,
        kind: HookKind,
        well: bool,
        at: usize,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        if !well {
            let (reason, message) = kind.failure();
            self.tell(at, api, node, "Warning", reason, message);
        }
        let container = &mut self.containers[at];
        match (kind, &mut container.process) {
            (HookKind::PreStop, Some(_)) => {
                let at = now + Duration::from_millis(api.random.between(STOP.0, STOP.1));
                container.terminate_at = Some(at);
                next.at(at);
            }
            (HookKind::PostStart, _) if well => container.settle(),
            (HookKind::PostStart, _) => {
                self.stop_container(at, None, kind.failure().0, api, node, next);
            }
            _ => {}
        }
    }

    /// Sends a container the SIGTERM that it is due. In a deleted Pod a sidecar waits until all containers after it have
    /// ended (`kuberuntime_termination_order.go`).
    fn terminate(&mut self, at: usize, now: SimTime, next: &mut Next) {
        let Some(due) = self.containers[at].terminate_at else { return };
        if due > now {
            return next.at(due);
        }
        let last = self.containers[at].role == Role::Sidecar && self.pod.is_terminating();
        if last && self.containers[at + 1..].iter().any(Container::is_running) {
            return;
        }
        let container = &mut self.containers[at];
        container.terminate_at = None;
        if let Some(process) = &mut container.process {
            process.terminate(now);
            next.at(now);
        }
    }

    /// Stops a deleted Pod: SIGTERM to all, SIGKILL when the time is over.
    fn stop(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        if !matches!(self.stage, Stage::Stopping { .. } | Stage::Stopped { .. }) {
            let grace = self.pod.meta("deletionGracePeriodSeconds").int().max(0) as u64;
            self.stage = Stage::Stopping { deadline: now + Duration::from_secs(grace) };
            self.started.get_or_insert(now);
            for at in 0..self.containers.len() {
                if self.containers[at].is_running() {
                    let text = format!("Stopping container {}", self.containers[at].name);
                    self.tell(at, api, node, "Normal", "Killing", &text);
                    self.begin_hook(HookKind::PreStop, at, api, node, next);
                }
            }
            if !self.containers.iter().any(Container::is_running) {
                let deadline = now + Duration::from_millis(api.random.between(SANDBOX.0, SANDBOX.1));
                next.at(deadline);
                self.stage = Stage::Stopping { deadline };
                return;
            }
        }
        if let Stage::Stopping { deadline } = self.stage {
            if now >= deadline {
                let net = net!(self, node);
                for container in &mut self.containers {
                    if let Some(process) = &mut container.process {
                        process.kill(now);
                    }
                    container.collect_exit(&mut node.volumes, net, api);
                }
            } else {
                next.at(deadline);
            }
            let nothing_ran = self.containers.iter().all(|container| container.id.is_empty());
            if !self.containers.iter().any(Container::is_running) && (!nothing_ran || now >= deadline) {
                self.stage = Stage::Stopped { finish_at: now + TEAR_DOWN };
            }
        }
        if let Stage::Stopped { finish_at } = self.stage
            && now < finish_at
        {
            next.at(finish_at);
        }
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

impl Container {
    /// Derives from what its probes have decided whether it has started and is ready.
    fn settle(&mut self) {
        let verdict = |kind| self.probes.iter().find(|probe| probe.kind == kind).map(|probe| probe.verdict);
        let hooked = self.hook.as_ref().is_some_and(|hook| hook.kind == HookKind::PostStart);
        self.started = !hooked && verdict(ProbeKind::Startup).is_none_or(|verdict| verdict == Some(true));
        self.ready =
            self.started && verdict(ProbeKind::Readiness).is_none_or(|verdict| verdict == Some(true));
    }

    /// Lets its programs go on. True where the main one has ended.
    fn collect_exit(&mut self, volumes: &mut Volumes, net: &mut Namespace, api: &mut ApiServer) -> bool {
        let Some(process) = &mut self.process else { return false };
        process.run(volumes, net, api);
        let Some((exit_code, finished)) = process.exit() else { return false };
        if let State::Running { since } = self.state {
            let reason = match exit_code {
                _ if process.is_out_of_memory() => "OOMKilled",
                0 => "Completed",
                _ => "Error",
            };
            let (started, id) = (since, self.id.clone());
            self.state =
                State::Terminated(End { exit_code, reason, message: String::new(), started, finished, id });
        }
        self.previous_log = self.process.take().map(|process| process.log().to_vec()).unwrap_or_default();
        self.ready = false;
        self.started = false;
        self.probes.drain(..).for_each(|mut probe| probe.abandon(net));
        self.terminate_at = None;
        self.kill_at = None;
        if let Some(mut hook) = self.hook.take() {
            hook.abandon(net);
        }
        true
    }
}

pub(super) fn source(node: &NodeState) -> Source<'_> {
    Source { component: "kubelet", host: &node.name }
}

/// A pull takes the time of its bytes at 60 MB/s, and a look at the registry; an image that is there only the look.
fn pull_time(reference: &Reference, present: bool, api: &mut ApiServer) -> Duration {
    let look = Duration::from_millis(api.random.between(300, 900));
    if present || images::exists(reference).is_err() {
        return look;
    }
    look + Duration::from_millis(images::size(reference) / 60_000)
}

/// A duration as Go prints it, to the millisecond: `476ms`, `2.052s`.
fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        return format!("{millis}ms");
    }
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A back-off as Go prints it: `10s`, `1m20s`, `5m0s`.
fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds => format!("{}m{}s", seconds / 60, seconds % 60),
    }
}
