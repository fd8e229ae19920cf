//! A Pod whose containers are all run again, because one ended as its rules say (`RestartAllContainers`).

use std::time::Duration;

use crate::apiserver::ApiServer;
use crate::kubelet::NodeState;
use crate::kubelet::container::{Container, State};

use super::{Next, RELIST, Worker, net};

/// The action of a container's rule.
const ACTION: &str = "RestartAllContainers";

impl Worker {
    /// True where one of its containers has a rule that restarts all.
    pub(in crate::kubelet) fn may_restart_all(&self) -> bool {
        let has_rule = |container: &Container| {
            container
                .spec
                .get("restartPolicyRules")
                .items()
                .iter()
                .any(|rule| rule.get("action").str() == ACTION)
        };
        self.containers.iter().any(has_rule)
    }

    /// Where a container ended as such a rule says, kills the others at once, without their hooks, and lets all of them
    /// begin anew in their order. True while that goes on.
    pub(super) fn restart_all(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) -> bool {
        let now = api.clock.now;
        let asks = |container: &Container| {
            container.end().is_some_and(|end| container.rule_for(end.exit_code) == Some(ACTION))
        };
        if !self.restarting {
            if !self.containers.iter().any(asks) {
                return false;
            }
            self.restarting = true;
            for at in 0..self.containers.len() {
                if self.containers[at].is_running() {
                    let text = format!("Stopping container {}", self.containers[at].name);
                    self.tell(at, api, node, "Normal", "Killing", &text);
                }
                let net = net!(self, node);
                let container = &mut self.containers[at];
                if let Some(process) = &mut container.process {
                    process.kill(now);
                }
                container.collect_exit(&mut node.volumes, net, api);
            }
        }
        let ends = self.containers.iter().filter_map(|container| Some(container.end()?.finished));
        let due = ends.max().map_or(now, |last| last + RELIST);
        if now < due {
            next.at(due);
            return true;
        }
        self.restarting = false;
        for container in &mut self.containers {
            if let Some(end) = container.end().cloned() {
                let (reason, message) = (container.before_start, String::new());
                container.last = Some(end);
                container.back_off = Duration::ZERO;
                container.state = State::Waiting { reason, message, until: None };
            }
        }
        false
    }
}
