//! The Pods behind a Service: why each is or is not one of its endpoints.

use crate::api::{Kind, Object, Selector};
use crate::resources::pod;

use super::super::Cluster;

/// How many Pods are told of that are no endpoints.
const MANY: usize = 8;

impl Cluster {
    /// The Pods that are, or might be meant to be, behind a Service: whether each is, and why not.
    pub(super) fn candidates(&self, service: &Object) -> Vec<(bool, String)> {
        let store = self.api.store();
        let wanted = service.spec().get("selector");
        if wanted.is_empty() {
            return vec![(
                true,
                format!("Service {} selects no Pods: its endpoints are made by hand", service.name()),
            )];
        }
        let selector = Selector::from_map(wanted);
        let mut notes = Vec::new();
        let chosen = |pod: &&Object| selector.matches(pod.labels());
        for pod in store.list_in(Kind::Pod, service.namespace()).filter(chosen) {
            notes.push(match unfit(service, pod) {
                None => (true, format!("Pod {} ({}) is ready", pod.name(), pod.status().get("podIP").str())),
                Some(why) => (false, format!("Pod {} {why}", pod.name())),
            });
        }
        if notes.is_empty() {
            let asked: Vec<String> =
                wanted.entries().map(|(key, value)| format!("{key}={}", value.str())).collect();
            let asked = asked.join(",");
            for pod in store.list(Kind::Pod) {
                if selector.matches(pod.labels()) {
                    notes.push((
                        false,
                        format!(
                            "Pod {} has the labels {asked}, but is in namespace {}",
                            pod.name(),
                            pod.namespace()
                        ),
                    ));
                    continue;
                }
                let near = wanted.entries().filter(|_| pod.namespace() == service.namespace());
                let mut near = near.map(|(key, value)| (key, value.str(), pod.labels().get(key).str()));
                if let Some((key, value, own)) = near.find(|(_, value, own)| !own.is_empty() && value != own)
                {
                    notes.push((
                        false,
                        format!("Pod {} has {key}={own}; the Service selects {key}={value}", pod.name()),
                    ));
                }
            }
        }
        notes.truncate(MANY);
        notes
    }

    pub(super) fn why_no_endpoints(&self, service: &Object) -> String {
        let (name, namespace) = (service.name(), service.namespace());
        let selector = Selector::from_map(service.spec().get("selector"));
        let mut pods =
            self.api.store().list_in(Kind::Pod, namespace).filter(|pod| selector.matches(pod.labels()));
        if service.spec().get("selector").is_empty() {
            return format!("Give Service {name} a selector, or make an EndpointSlice for it.");
        }
        match pods.next() {
            Some(pod) => {
                format!("kubectl describe pod {} -n {namespace} says why it is not ready.", pod.name())
            }
            None => format!(
                "No Pod of namespace {namespace} has the labels that Service {name} selects ({}): make them the same, or start the Pods.",
                selector_text(service)
            ),
        }
    }
}

fn selector_text(service: &Object) -> String {
    let pairs = service.spec().get("selector").entries();
    pairs.map(|(key, value)| format!("{key}={}", value.str())).collect::<Vec<_>>().join(",")
}

/// Why a Pod that a Service selects takes no connections; none where it does.
fn unfit(service: &Object, pod: &Object) -> Option<String> {
    let status = pod.status();
    if pod.is_terminating() {
        return Some("is being deleted".into());
    }
    if status.get("podIP").str().is_empty() {
        return Some(format!("has no address yet: {}", pod::status_text(pod)));
    }
    if matches!(status.get("phase").str(), "Succeeded" | "Failed") {
        return Some("has ended".into());
    }
    let ports = service.spec().get("ports").items().iter();
    let containers = || pod.spec().get("containers").items().iter().flat_map(|c| c.get("ports").items());
    let mut names = ports.filter_map(|port| port.get("targetPort").as_str());
    if let Some(missing) = names.find(|name| !containers().any(|port| port.get("name").str() == *name)) {
        return Some(format!("names no port {missing}, which targetPort asks for"));
    }
    if pod.has_condition("Ready") || service.spec().get("publishNotReadyAddresses").bool() {
        return None;
    }
    let statuses = status.get("containerStatuses").items().iter();
    let waiting: Vec<String> = statuses
        .filter(|container| !container.get("ready").bool())
        .map(|container| {
            let (name, state) = (container.get("name").str(), container.get("state"));
            let reason =
                ["waiting", "terminated"].iter().find_map(|kind| state.at(&[kind, "reason"]).as_str());
            match reason {
                Some(reason) => format!("container {name}: {reason}"),
                None => format!("container {name} runs, but its readiness probe has not succeeded"),
            }
        })
        .collect();
    Some(format!("is not ready: {}", waiting.join(", ")))
}
