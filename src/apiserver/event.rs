//! Events: what components tell about objects.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::{Value, digest_of};
use crate::value;

use super::ApiServer;

/// Who tells: the component, and the node it runs on where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source<'a> {
    /// `kubelet`, `deployment-controller` …
    pub component: &'a str,
    /// The node.
    pub host: &'a str,
}

impl<'a> Source<'a> {
    /// A component of the control plane.
    pub const fn component(component: &'a str) -> Self {
        Self { component, host: "" }
    }
}

/// The part of a Pod that an Event is about: `spec.containers{web}`.
pub type FieldPath<'a> = Option<&'a str>;

impl ApiServer {
    /// Records a `Normal` Event.
    pub fn event(&mut self, about: &Object, source: Source<'_>, reason: &str, message: &str) {
        self.record(about, None, source, "Normal", reason, message);
    }

    /// Records a `Warning` Event.
    pub fn warning(&mut self, about: &Object, source: Source<'_>, reason: &str, message: &str) {
        self.record(about, None, source, "Warning", reason, message);
    }

    /// Records an Event; one that says the same of the same object again is counted (client-go `EventCorrelator`).
    pub fn record(
        &mut self,
        about: &Object,
        field_path: FieldPath<'_>,
        source: Source<'_>,
        kind: &str,
        reason: &str,
        message: &str,
    ) {
        let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
        let same =
            digest_of(&(about.uid(), field_path, source.component, source.host, kind, reason, message));
        let now = self.clock.date().rfc3339();
        if let Some(key) = self.events.get(&same).filter(|key| self.get(key).is_some()).cloned() {
            self.modify(&key, |event| {
                let count = event.get("count").int() + 1;
                event.set("count", count);
                event.set("lastTimestamp", now);
            });
            return;
        }
        // The name tells the nanosecond, so that names sort as events came.
        let nanosecond = self.clock.epoch.0 as u64 * 1_000_000_000
            + self.clock.now.0 * 1_000
            + self.events.len() as u64 % 1_000;
        let key = ObjectKey::new(Kind::Event, namespace, &format!("{}.{nanosecond:016x}", about.name()));
        self.events.insert(same, key.clone());
        let mut event = Object::new(Kind::Event, namespace, &key.name);
        event.set(
            "involvedObject",
            value!({
                "apiVersion": (about.kind.api_version()),
                "kind": (about.kind.names().kind),
                "name": (about.name()),
                "resourceVersion": (about.meta("resourceVersion").clone()),
                "uid": (about.uid())
            }),
        );
        if !about.namespace().is_empty() {
            event.set_at(&["involvedObject", "namespace"], about.namespace());
        }
        if let Some(path) = field_path {
            event.set_at(&["involvedObject", "fieldPath"], path);
        }
        event.set("count", 1);
        event.set("eventTime", Value::Null);
        event.set("firstTimestamp", now.as_str());
        event.set("lastTimestamp", now.as_str());
        event.set("message", message);
        event.set("reason", reason);
        event.set("reportingComponent", source.component);
        event.set("reportingInstance", source.host);
        event.set("source", value!({"component": (source.component)}));
        if !source.host.is_empty() {
            event.set_at(&["source", "host"], source.host);
        }
        event.set("type", kind);
        // A namespace that is going away takes no new Events; that is no error to anyone.
        let _ = self.create(event.body, namespace, false);
    }
}
