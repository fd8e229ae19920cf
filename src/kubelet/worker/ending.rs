//! The end of containers: asked to stop, killed, switched off, or by themselves.

use std::time::Duration;

use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::container::files::Volumes;
use crate::kubelet::container::{Container, End, Role, State};
use crate::kubelet::hook::HookKind;
use crate::kubelet::{NodeState, volumes};
use crate::network::namespace::Namespace;
use crate::resources::pod::SAFE_SYSCTLS;
use crate::value;

use super::{Next, SANDBOX, Stage, Worker, net, source};

/// What a Pod's status and its Event say when it has been active for too long (kubelet `active_deadline.go`).
const DEADLINE_EXCEEDED: &str = "Pod was active on the node longer than the specified deadline";

/// How many seconds an evicted Pod's containers have (kubelet `eviction_manager.go`, immediateEvictionGracePeriodSeconds).
const EVICTION_GRACE: i64 = 1;

/// From the end of the last container of a deleted Pod to the Pod's end.
const TEAR_DOWN: Duration = Duration::from_millis(120);

impl Worker {
    /// Sends SIGTERM to a container of a Pod that stays, and SIGKILL when its grace period is over.
    pub(super) fn stop_container(
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

    /// Sends a container the SIGTERM that it is due. In a deleted Pod a sidecar waits until all containers after it have
    /// ended (`kuberuntime_termination_order.go`).
    pub(super) fn terminate(&mut self, at: usize, now: SimTime, next: &mut Next) {
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
    pub(super) fn stop(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
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

    /// True once its kubelet has ended it for good: it has been active for longer than it may, or has taken more of the
    /// disk.
    pub(super) fn is_given_up(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) -> bool {
        if self.given_up.is_none() {
            if self.has_expired(api, next) {
                self.give_up(("Normal", "DeadlineExceeded"), DEADLINE_EXCEEDED.into(), None, api, node, next);
            } else if let Some(message) = self.takes_too_much(api, node) {
                self.give_up(("Warning", "Evicted"), message, Some(EVICTION_GRACE), api, node, next);
            }
        }
        self.given_up.is_some()
    }

    /// Refuses a Pod that asks for what a kubelet gives to none (`HandlePodAdditions`, `rejectPod`).
    pub(super) fn is_refused(&mut self, api: &mut ApiServer, node: &NodeState) -> bool {
        let sysctls = self.pod.spec().at(&["securityContext", "sysctls"]).items().iter();
        let mut names = sysctls.map(|own| own.get("name").str().replace('/', "."));
        let Some(name) = names.find(|name| !SAFE_SYSCTLS.contains(&&**name)) else { return false };
        let message = format!("forbidden sysctl: {name:?} not allowlisted");
        let reason = "SysctlForbidden";
        api.record(&self.pod, None, source(node), "Warning", reason, &message);
        let message = format!("Pod was rejected: {message}");
        let status = value!({
            "message": (message.clone()),
            "observedGeneration": (self.pod.generation()),
            "phase": "Failed",
            "qosClass": (self.pod.status().get("qosClass").clone()),
            "reason": reason,
            "startTime": (api.clock.date_at(api.clock.now).rfc3339())
        });
        api.modify_status(&self.key, |old| *old = status);
        self.given_up = Some((reason, message));
        true
    }

    /// True where it has been active for longer than it may (`activeDeadlineSeconds`).
    fn has_expired(&self, api: &ApiServer, next: &mut Next) -> bool {
        let limit = self.pod.spec().get("activeDeadlineSeconds").as_int();
        let (Some(limit), Some(started)) = (limit, self.started) else { return false };
        let deadline = started + Duration::from_secs(limit.max(0) as u64);
        if api.clock.now < deadline {
            next.at(deadline);
        }
        api.clock.now >= deadline
    }

    /// Stops a Pod that is not to be run again, and says why.
    fn give_up(
        &mut self,
        (kind, reason): (&str, &'static str),
        message: String,
        grace: Option<i64>,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        api.record(&self.pod, None, source(node), kind, reason, &message);
        self.given_up = Some((reason, message));
        for at in 0..self.containers.len() {
            if self.containers[at].is_running() {
                let text = format!("Stopping container {}", self.containers[at].name);
                self.stop_container(at, grace, &text, api, node, next);
            }
        }
    }

    /// Ends its programs with the machine they ran on: the runtime finds them gone, with exit code 255.
    pub(in crate::kubelet) fn power_off(&mut self, node: &mut NodeState, api: &mut ApiServer) {
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
    pub(in crate::kubelet) fn lose(&mut self, api: &mut ApiServer, node: &mut NodeState) {
        if !matches!(self.stage, Stage::Stopping { .. } | Stage::Stopped { .. }) {
            for at in (0..self.containers.len()).filter(|at| self.containers[*at].is_running()) {
                let text = format!("Stopping container {}", self.containers[at].name);
                self.tell(at, api, node, "Normal", "Killing", &text);
            }
        }
        self.release(node);
    }

    /// Gives back what the Pod held of its node.
    pub(in crate::kubelet) fn release(&mut self, node: &mut NodeState) {
        volumes::forget(&self.pod, &mut node.volumes);
        if let Some(ip) = self.ip.take() {
            node.addresses.give_back(ip);
        }
    }
}

impl Container {
    /// Lets its programs go on. True where the main one has ended.
    pub(super) fn collect_exit(
        &mut self,
        volumes: &mut Volumes,
        net: &mut Namespace,
        api: &mut ApiServer,
    ) -> bool {
        if let Some(process) = &mut self.process {
            process.run(volumes, net, api);
        }
        self.collect(volumes, net)
    }

    /// Takes note of its end. True where the main program has ended.
    pub(super) fn collect(&mut self, volumes: &mut Volumes, net: &mut Namespace) -> bool {
        let Some(process) = &mut self.process else { return false };
        let Some((exit_code, finished)) = process.exit() else { return false };
        if let State::Running { since } = self.state {
            let reason = match exit_code {
                _ if process.is_out_of_memory() => "OOMKilled",
                0 => "Completed",
                _ => "Error",
            };
            let (started, id) = (since, self.id.clone());
            let message = process.termination_message(&self.spec, volumes, exit_code != 0);
            self.state = State::Terminated(End { exit_code, reason, message, started, finished, id });
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
