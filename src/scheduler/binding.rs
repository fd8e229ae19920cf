//! Taking a Pod to its node: at once, or when the claims that waited for it are bound.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use crate::api::ObjectKey;
use crate::apiserver::ApiServer;
use crate::apiserver::event::Action;
use crate::base::SimTime;

use super::plugins::volume_binding::{Plan, Progress, State, progress};
use super::pod_info::PodInfo;
use super::{NAME, Scheduler, refuse};

/// How often it is looked whether the claims are bound.
const POLL: Duration = Duration::from_secs(1);
/// How long they may take (`bindTimeoutSeconds`).
const TIMEOUT: Duration = Duration::from_secs(600);

/// A Pod that counts as on its node but waits for its volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    info: Arc<PodInfo>,
    /// Its node.
    pub node: String,
    plan: Plan,
    poll_at: SimTime,
    deadline: SimTime,
}

impl Hash for Binding {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.node, self.poll_at, self.deadline).hash(state);
    }
}

impl Scheduler {
    /// Takes a Pod to a node that was found for it.
    pub(super) fn take_to(&mut self, api: &mut ApiServer, info: &Arc<PodInfo>, node: &str) {
        let state = State::new(api, info).unwrap_or_default();
        let plan = match self.cache.node(node) {
            Some(node) if !state.is_empty() => state.plan(api, node).unwrap_or_default(),
            _ => Plan::default(),
        };
        self.cache.add_pod(node, info.clone());
        self.nominations.forget(&info.key);
        if plan.is_empty() {
            return self.bind(api, &info.key, node);
        }
        let now = api.clock.now;
        let (poll_at, deadline) = (now + POLL, now + TIMEOUT);
        let binding = Binding { info: info.clone(), node: node.into(), plan, poll_at, deadline };
        api.modify_status(&info.key, |status| status.set("nominatedNodeName", node));
        binding.plan.request(api, node);
        self.bindings.insert(info.key.clone(), binding);
    }

    fn bind(&mut self, api: &mut ApiServer, key: &ObjectKey, node: &str) {
        self.queue.forget(key);
        api.bind(key, node);
        if let Some(pod) = api.get(key).cloned() {
            let what = ["Successfully assigned ", pod.namespace(), "/", pod.name(), " to ", node].concat();
            let action = Action { name: "Binding", related: None };
            api.record_action(&pod, action, NAME, "Normal", "Scheduled", &what);
        }
    }

    /// When it is to be looked again whether claims are bound.
    pub(super) fn next_poll(&self) -> Option<SimTime> {
        self.bindings.values().map(|binding| binding.poll_at).min()
    }

    /// Binds the Pods whose claims are bound, and gives up on those for which that cannot be or takes too long.
    pub(super) fn continue_bindings(&mut self, api: &mut ApiServer) {
        let now = api.clock.now;
        let due: Vec<ObjectKey> = self
            .bindings
            .iter()
            .filter(|(_, binding)| binding.poll_at <= now)
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            let Some(mut binding) = self.bindings.remove(&key) else { continue };
            match progress(api, &binding.node, &binding.plan) {
                Progress::Bound => self.bind(api, &key, &binding.node),
                Progress::Waiting if now < binding.deadline => {
                    binding.poll_at = now + POLL;
                    self.bindings.insert(key, binding);
                }
                Progress::Waiting => self.give_up(api, &binding, "context deadline exceeded"),
                Progress::Failed(why) => self.give_up(api, &binding, &why),
            }
        }
    }

    fn give_up(&mut self, api: &mut ApiServer, binding: &Binding, why: &str) {
        let key = &binding.info.key;
        self.cache.remove_pod(&binding.node, key);
        let Some(pod) = api.get(key).cloned() else { return self.queue.forget(key) };
        let message = format!("running PreBind plugin \"VolumeBinding\": binding volumes: {why}");
        refuse(api, &pod, "SchedulerError", &message, Some(""));
        self.queue.retry(key, api.clock.now);
    }
}
