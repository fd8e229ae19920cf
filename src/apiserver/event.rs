//! Events: what components tell about objects.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::{Date, Value};
use crate::value;

use super::ApiServer;

/// So many messages that differ within a while are told one by one; the next ones are one Event.
const SIMILAR_AT_MOST: usize = 10;
const SIMILAR_WITHIN_SECONDS: i64 = 600;
/// How that Event begins.
const COMBINED: &str = "(combined from similar events): ";
/// How often a component may tell of one object at once, and how many seconds later it may once more.
const BURST: i64 = 25;
const REFILL_SECONDS: i64 = 300;

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

    /// Records an Event. One that says the same of the same object again is counted; many that differ in their
    /// message alone are told as one; and a component that tells too much of one object is not heard
    /// (client-go, `EventCorrelator`).
    pub fn record(
        &mut self,
        about: &Object,
        field_path: FieldPath<'_>,
        source: Source<'_>,
        kind: &str,
        reason: &str,
        message: &str,
    ) {
        let now = self.clock.date();
        let own: Vec<&Object> = self
            .store()
            .events_about(about.uid())
            .filter(|event| {
                let place = event.get("source");
                place.get("component").str() == source.component && place.get("host").str() == source.host
            })
            .collect();
        let accepted: i64 = own.iter().map(|event| event.get("count").int()).sum();
        if accepted >= BURST {
            let since = own.iter().map(|event| event.get("firstTimestamp").str()).min().unwrap_or_default();
            let since = Date::parse_rfc3339(since).unwrap_or_default().min(now);
            if accepted >= BURST + (now.0 - since.0) / REFILL_SECONDS {
                return;
            }
        }
        let (mut messages, mut same, mut combined) = (0, None, None);
        for event in own {
            if event.get("type").str() != kind || event.get("reason").str() != reason {
                continue;
            }
            let recent = now.0 - date(event, "lastTimestamp").0 <= SIMILAR_WITHIN_SECONDS;
            let told = event.get("message").str();
            if told.starts_with(COMBINED) {
                combined = Some(event.key()).filter(|_| recent).or(combined);
            } else {
                messages += usize::from(recent);
                if told == message && event.at(&["involvedObject", "fieldPath"]).as_str() == field_path {
                    same = Some(event.key());
                }
            }
        }
        let combine = same.is_none() && messages + 1 >= SIMILAR_AT_MOST;
        let text = if combine { format!("{COMBINED}{message}") } else { message.to_string() };
        if let Some(key) = if combine { combined } else { same } {
            self.modify(&key, |event| {
                let count = event.get("count").int() + 1;
                event.set("count", count);
                event.set("lastTimestamp", now.rfc3339());
                event.set("message", text);
            });
            return;
        }
        let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
        // A namespace that is going away takes no new Events; that is no error to anyone.
        let open =
            self.get(&ObjectKey::new(Kind::Namespace, "", namespace)).is_some_and(|n| !n.is_terminating());
        if open {
            let event = self.new_event(about, namespace, field_path, source, kind, reason, &text);
            self.put_new(event);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "an Event has as many parts")]
    fn new_event(
        &mut self,
        about: &Object,
        namespace: &str,
        field_path: FieldPath<'_>,
        source: Source<'_>,
        kind: &str,
        reason: &str,
        message: &str,
    ) -> Object {
        // The moment is the name, so that Events are listed in their order.
        let mut nanos = self.clock.epoch.0 * 1_000_000_000 + self.clock.now.0 as i64 * 1_000;
        let key = loop {
            let name = [about.name(), ".", &format!("{nanos:x}")].concat();
            let key = ObjectKey::new(Kind::Event, namespace, &name);
            if self.get(&key).is_none() {
                break key;
            }
            nanos += 1;
        };
        let now: Value = self.clock.date().rfc3339().into();
        let involved = value!({
            "apiVersion": (about.kind.api_version()),
            "fieldPath": field_path,
            "kind": (about.kind.names().kind),
            "name": (about.meta("name").clone()),
            "namespace": (about.meta("namespace").clone()),
            "resourceVersion": (about.meta("resourceVersion").clone()),
            "uid": (about.meta("uid").clone())
        })
        .without_nulls();
        let host = Some(source.host).filter(|host| !host.is_empty());
        let from = value!({"component": (source.component), "host": host}).without_nulls();
        let body = value!({
            "apiVersion": (Kind::Event.api_version()),
            "count": 1,
            "eventTime": null,
            "firstTimestamp": (now.clone()),
            "involvedObject": involved,
            "kind": (Kind::Event.names().kind),
            "lastTimestamp": (now.clone()),
            "message": message,
            "metadata": {
                "creationTimestamp": now,
                "name": (key.name),
                "namespace": (key.namespace),
                "resourceVersion": "",
                "uid": (self.random.uuid())
            },
            "reason": reason,
            "reportingComponent": (source.component),
            "reportingInstance": (source.host),
            "source": from,
            "type": kind
        });
        Object::of(Kind::Event, body)
    }
}

fn date(event: &Object, field: &str) -> Date {
    Date::parse_rfc3339(event.get(field).str()).unwrap_or_default()
}
