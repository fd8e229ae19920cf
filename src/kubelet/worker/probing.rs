//! What the kubelet asks of a running container: its probes and its hooks.

use std::time::Duration;

use crate::apiserver::ApiServer;
use crate::kubelet::NodeState;
use crate::kubelet::container::Container;
use crate::kubelet::hook::{Hook, HookKind};
use crate::kubelet::probe::{Outcome, ProbeKind};
use crate::kubelet::request::Ends;

use super::{Next, RELIST, Worker, net};

/// From the decision that a container stops to the runtime's SIGTERM: the least and the most, in milliseconds.
const STOP: (u64, u64) = (150, 700);

impl Worker {
    /// From where and to where the kubelet connects to its containers: a bridge's own address is the first of its range.
    pub(super) fn ends(&self, node: &NodeState) -> Ends {
        let to = self.ip.filter(|_| !self.uses_host_network()).unwrap_or(node.ip);
        let [a, b, c, _] = to.octets();
        Ends { from: if to == node.ip { to } else { [a, b, c, 1].into() }, to }
    }

    /// Makes the probes of a running container that are due, and acts on what they decide.
    pub(super) fn probe(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let stopping = self.pod.is_terminating();
        let running = &self.containers[at];
        if let Some(change) = running.changed
            && running.is_running()
            && running.kill_at.is_none()
            && !stopping
        {
            let text = format!("Container {} {change}", self.containers[at].name);
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
                let policy = self.pod.spec().get("restartPolicy").str();
                let renewed = self.containers[at].runs_again(policy, 1);
                self.containers[at].renewed = renewed;
                let then = if renewed { ", will be restarted" } else { "" };
                let text = format!("Container {name} failed {what} probe{then}");
                let own = spec.at(&[kind.field(), "terminationGracePeriodSeconds"]).as_int();
                return self.stop_container(at, own, &text, api, node, next);
            }
        }
    }

    /// Begins a hook of a running container; where there is none, or it is over at once, what follows it.
    pub(super) fn begin_hook(
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
    pub(super) fn follow_hook(
        &mut self,
        at: usize,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
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
}

impl Container {
    /// Derives from what its probes have decided whether it has started and is ready.
    pub(super) fn settle(&mut self) {
        let verdict = |kind| self.probes.iter().find(|probe| probe.kind == kind).map(|probe| probe.verdict);
        self.started =
            !self.is_starting() && verdict(ProbeKind::Startup).is_none_or(|verdict| verdict == Some(true));
        self.ready =
            self.started && verdict(ProbeKind::Readiness).is_none_or(|verdict| verdict == Some(true));
    }
}
