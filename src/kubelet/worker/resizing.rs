//! Other amounts of processor and memory for containers that go on (kubelet `allocation_manager.go`, `kuberuntime_manager.go`
//! and `events/event.go`).

use std::time::Duration;

use crate::api::{Kind, Quantity};
use crate::apiserver::ApiServer;
use crate::base::{SimTime, Value, json};
use crate::kubelet::NodeState;
use crate::kubelet::container::{Container, Role};
use crate::resources::pod::amounts::{amount, of_pod};
use crate::value;

use super::{Next, Worker, source};

/// From the start of a resize until the runtime says that it is done.
const ACTUATION: Duration = Duration::from_millis(1_200);
/// How often it is tried again to find room.
const RETRY: Duration = Duration::from_secs(2);

/// A resize that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::kubelet) enum Resize {
    /// The node has no room for it now, and why.
    Deferred(String),
    /// The runtime is told, and done at this time if no container has to be started anew.
    InProgress(SimTime),
}

impl Resize {
    /// The type, reason and message of the Pod's condition that tells of it.
    pub(in crate::kubelet) fn condition(&self) -> (&'static str, &'static str, &str) {
        match self {
            Self::Deferred(why) => ("PodResizePending", "Deferred", why),
            Self::InProgress(_) => ("PodResizeInProgress", "", ""),
        }
    }
}

impl Worker {
    /// The resize that goes on, if one does.
    pub(in crate::kubelet) fn resize(&self) -> Option<&Resize> {
        self.resize.as_ref()
    }

    /// Gives the containers what the Pod says, where that is another than what they have and the node has room.
    pub(super) fn follow_resize(&mut self, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        if let Some(Resize::InProgress(done)) = self.resize {
            if now < done {
                return next.at(done);
            }
            self.actuate(api);
            if self.containers.iter().any(|container| container.actual.is_some()) {
                return;
            }
            self.resize = None;
            self.tell_of_resize(api, node, "Normal", "ResizeCompleted", "completed", None);
        }
        let wanted: Vec<(usize, Value)> = self
            .wanted()
            .filter(|(at, wanted)| self.containers[*at].spec.get("resources") != wanted)
            .collect();
        if wanted.is_empty() {
            self.resize = None;
            return;
        }
        if let Some(why) = self.lacks_room(api, node) {
            let known = self.resize == Some(Resize::Deferred(why.clone()));
            if !known {
                self.tell_of_resize(api, node, "Warning", "ResizeDeferred", "Deferred", Some(&why));
            }
            self.resize = Some(Resize::Deferred(why));
            return next.at(now + RETRY);
        }
        for (at, resources) in wanted {
            self.containers[at].allocate(resources);
        }
        self.resize = Some(Resize::InProgress(now + ACTUATION));
        self.tell_of_resize(api, node, "Normal", "ResizeStarted", "started", None);
        next.at(now + ACTUATION);
    }

    /// What the Pod's containers are to have.
    fn wanted(&self) -> impl Iterator<Item = (usize, Value)> {
        let specs =
            ["initContainers", "containers"].into_iter().flat_map(|list| self.pod.spec().get(list).items());
        specs.map(|spec| spec.get("resources").clone()).enumerate()
    }

    /// Lets the runtime give running containers what they were allocated.
    fn actuate(&mut self, api: &ApiServer) {
        for container in &mut self.containers {
            if container.changed.is_some() {
                continue;
            }
            container.actual = None;
            let Container { process, spec, .. } = container;
            if let Some(process) = process {
                process.set_limits(spec.get("resources"), api.clock.date());
            }
        }
    }

    /// Why the node has no room for what the Pod asks for, if it has none (`canAdmitPod`).
    fn lacks_room(&self, api: &ApiServer, node: &NodeState) -> Option<String> {
        let here = api.get(&crate::api::ObjectKey::new(Kind::Node, "", &node.name))?;
        let asked = of_pod(self.pod.spec(), "requests", &[]);
        let others = api.store().list(Kind::Pod).filter(|pod| {
            pod.spec().get("nodeName").str() == &*node.name
                && pod.uid() != self.pod.uid()
                && !["Succeeded", "Failed"].contains(&pod.status().get("phase").str())
        });
        let others: Vec<_> = others.map(|pod| of_pod(pod.spec(), "requests", &[])).collect();
        ["cpu", "memory"].into_iter().find_map(|name| {
            let number = |quantity: &Quantity| match name {
                "cpu" => quantity.milli_value(),
                _ => quantity.value(),
            };
            let there = number(&amount(here.status().at(&["allocatable", name]))?);
            let asked = number(asked.get(name)?);
            let used: i64 = others.iter().filter_map(|amounts| amounts.get(name)).map(number).sum();
            (asked + used > there).then(|| {
                format!("Node didn't have enough resource: {name}, requested: {asked}, used: {used}, capacity: {there}")
            })
        })
    }

    /// Records what becomes of a resize, with what it is about.
    fn tell_of_resize(
        &self,
        api: &mut ApiServer,
        node: &NodeState,
        kind: &str,
        reason: &str,
        deed: &str,
        error: Option<&str>,
    ) {
        let of = |init: bool| -> Value {
            let all = self.containers.iter().zip(self.wanted());
            all.filter(|(container, _)| match container.role {
                Role::Sidecar => init,
                Role::Main => !init,
                _ => false,
            })
            .map(|(container, (_, resources))| value!({"name": (&*container.name), "resources": resources}))
            .collect()
        };
        let mut parts = vec![("initContainers", of(true)), ("containers", of(false))];
        parts.retain(|(_, list)| !list.is_empty());
        parts.push(("generation", self.pod.generation().into()));
        parts.extend(error.map(|why| ("error", why.into())));
        // In the order of Go's structure, which is not that of the alphabet.
        let text: Vec<String> =
            parts.iter().map(|(field, value)| format!("\"{field}\":{}", json::to_string(value))).collect();
        let message = format!("Pod resize {deed}: {{{}}}", text.join(","));
        api.record(&self.pod, None, source(node), kind, reason, &message);
    }
}

impl Container {
    /// Gives it other resources: what runs keeps the old ones until the runtime is done, or is started anew.
    fn allocate(&mut self, resources: Value) {
        let old = self.spec.get("resources").clone();
        let restarts = self.spec.get("resizePolicy").items().iter().any(|policy| {
            let name = policy.get("resourceName").str();
            let differs = |field: &str| old.at(&[field, name]) != resources.at(&[field, name]);
            policy.get("restartPolicy").str() == "RestartContainer"
                && (differs("limits") || differs("requests"))
        });
        self.spec.set("resources", resources);
        if self.is_running() {
            self.actual.get_or_insert(old);
            self.changed = restarts.then_some("resize requires restart");
        }
    }
}
