//! Events: what components tell about objects.

use smol_str::SmolStr;

use crate::api::{Kind, Object, ObjectKey};
use crate::base::random::write_hex;
use crate::base::{Date, Value};
use crate::value;

use super::ApiServer;

/// So many messages that differ within a while are told one by one; the next ones are one Event.
const SIMILAR_AT_MOST: usize = 10;
const SIMILAR_WITHIN_SECONDS: i64 = 600;
/// How that Event begins.
const COMBINED: &str = "(combined from similar events): ";
/// How long an Event of events.k8s.io can become a series (client-go, `finishTime`).
const SERIES_SECONDS: i64 = 360;
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
    fn as_value(&self) -> Value {
        match self.host {
            "" => value!({"component": (self.component)}),
            host => value!({"component": (self.component), "host": host}),
        }
    }
    fn is(&self, told: &Value) -> bool {
        told.get("component").str() == self.component && told.get("host").str() == self.host
    }
}

/// What a component that tells by events.k8s.io adds: what it was doing, and the other object that it did it for.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// `Binding`, `Scheduling` …
    pub name: &'static str,
    /// The other object.
    pub related: Option<&'a Object>,
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
        let told = self.store().events_about(about.uid());
        let told: Vec<&Object> = told.filter(|event| source.is(event.get("source"))).collect();
        let accepted: i64 = told.iter().map(|event| event.get("count").int()).sum();
        if accepted >= BURST {
            let since = told.iter().map(|event| event.get("firstTimestamp").str()).min().unwrap_or_default();
            let since = Date::parse_rfc3339(since).unwrap_or_default().min(now);
            if accepted >= BURST + (now.0 - since.0) / REFILL_SECONDS {
                return;
            }
        }
        let last = told.last().map(|last| (last.get("source").clone(), last.get("involvedObject").clone()));
        let (mut messages, mut same, mut combined) = (0, None, None);
        for event in told {
            if event.get("reason").str() != reason || event.get("type").str() != kind {
                continue;
            }
            let recent = now.0 - date(event, "lastTimestamp").0 <= SIMILAR_WITHIN_SECONDS;
            let told = event.get("message").str();
            if told.starts_with(COMBINED) {
                combined = Some(event).filter(|_| recent).or(combined);
            } else {
                messages += usize::from(recent);
                if told == message && event.at(&["involvedObject", "fieldPath"]).as_str() == field_path {
                    same = Some(event);
                }
            }
        }
        let combine = same.is_none() && messages + 1 >= SIMILAR_AT_MOST;
        let text = if combine { format!("{COMBINED}{message}") } else { message.to_string() };
        if let Some(key) = (if combine { combined } else { same }).map(Object::key) {
            self.modify(&key, |event| {
                let count = event.get("count").int() + 1;
                event.set("count", count);
                event.set("lastTimestamp", now.rfc3339());
                event.set("message", text);
            });
            return;
        }
        if let Some(key) = self.event_key(about) {
            // What one component tells of an object in a row shares what it says of itself and mostly of the object.
            let (from, known) = last.unwrap_or_else(|| (source.as_value(), Value::Null));
            let about =
                if is_reference(&known, about, field_path) { known } else { reference(about, field_path) };
            let event = self.new_event(about, &key, (source, from), kind, reason, &text);
            self.put_new(event);
        }
    }

    /// Records an Event as events.k8s.io has it: with one time, and a series where it comes again. What the same
    /// component did to the same object, as it then was, is the same, whatever the note says (client-go,
    /// `eventBroadcasterImpl`; it writes the counts beyond two only now and then).
    pub fn record_action(
        &mut self,
        about: &Object,
        action: Action<'_>,
        component: &str,
        kind: &str,
        reason: &str,
        note: &str,
    ) {
        let (now, regarding) = (self.clock.date(), reference(about, None));
        let same = self.store().events_about(about.uid()).find(|event| {
            let last = [event.at(&["series", "lastObservedTime"]), event.get("eventTime")];
            let last = last.into_iter().find_map(|time| Date::parse_rfc3339(time.str()));
            event.get("action").str() == action.name
                && event.get("reason").str() == reason
                && event.get("type").str() == kind
                && event.get("involvedObject") == &regarding
                && last.is_some_and(|last| now.0 - last.0 <= SERIES_SECONDS)
        });
        if let Some(key) = same.map(Object::key) {
            let observed = self.clock.micro_date();
            self.modify(&key, |event| {
                let count = event.at(&["series", "count"]).int().max(1) + 1;
                event.set("series", value!({"count": count, "lastObservedTime": observed}));
            });
            return;
        }
        let Some(key) = self.event_key(about) else { return };
        let control_plane =
            |node: &&Object| !node.labels().get("node-role.kubernetes.io/control-plane").is_null();
        let host = self.store().list(Kind::Node).find(control_plane).map_or("", Object::name);
        let instance = [component, "-", host].concat();
        let body = value!({
            "action": (action.name),
            "apiVersion": (Kind::Event.api_version()),
            "eventTime": (self.clock.micro_date()),
            "firstTimestamp": null,
            "involvedObject": regarding,
            "kind": (Kind::Event.names().kind),
            "lastTimestamp": null,
            "message": note,
            "metadata": (self.new_metadata(&key, now.rfc3339())),
            "reason": reason,
            "reportingComponent": component,
            "reportingInstance": instance,
            "source": {},
            "type": kind
        });
        let mut event = Object::of(Kind::Event, body);
        if let Some(related) = action.related {
            event.set("related", reference(related, None));
        }
        self.put_new(event);
    }

    /// The key of a new Event about an object; none where its namespace is going away and takes no new ones.
    fn event_key(&self, about: &Object) -> Option<ObjectKey> {
        let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
        self.get(&ObjectKey::new(Kind::Namespace, "", namespace)).filter(|n| !n.is_terminating())?;
        // The moment is the name, so that Events are listed in their order.
        let mut nanos = self.clock.epoch.0 * 1_000_000_000 + self.clock.now.0 as i64 * 1_000;
        // What was told of it at this very moment has names already.
        let latest = self.store().events_about(about.uid()).next_back();
        let latest = latest.and_then(|event| {
            i64::from_str_radix(event.name().strip_prefix(about.name())?.strip_prefix('.')?, 16).ok()
        });
        nanos = latest.filter(|latest| latest / 1_000 == nanos / 1_000).map_or(nanos, |latest| latest + 1);
        loop {
            let mut digits = [0; 16];
            write_hex(&mut digits, nanos as u64);
            let digits = str::from_utf8(&digits).unwrap_or_default().trim_start_matches('0');
            let name = [about.name(), ".", digits].concat();
            let key = ObjectKey { kind: Kind::Event, namespace: namespace.into(), name: name.into() };
            if self.get(&key).is_none() {
                return Some(key);
            }
            nanos += 1;
        }
    }

    fn new_metadata(&mut self, key: &ObjectKey, now: SmolStr) -> Value {
        value!({
            "creationTimestamp": now,
            "name": (key.name.clone()),
            "namespace": (key.namespace.clone()),
            "resourceVersion": "",
            "uid": (self.random.uuid())
        })
    }

    fn new_event(
        &mut self,
        about: Value,
        key: &ObjectKey,
        (source, from): (Source<'_>, Value),
        kind: &str,
        reason: &str,
        message: &str,
    ) -> Object {
        let now = self.clock.date().rfc3339();
        let body = value!({
            "apiVersion": (Kind::Event.api_version()),
            "count": 1,
            "eventTime": null,
            "firstTimestamp": (now.clone()),
            "involvedObject": about,
            "kind": (Kind::Event.names().kind),
            "lastTimestamp": (now.clone()),
            "message": message,
            "metadata": (self.new_metadata(key, now)),
            "reason": reason,
            "reportingComponent": (source.component),
            "reportingInstance": (source.host),
            "source": from,
            "type": kind
        });
        Object::of(Kind::Event, body)
    }
}

/// What an Event says of an object that it is about.
fn reference(about: &Object, field_path: FieldPath<'_>) -> Value {
    value!({
        "apiVersion": (about.kind.api_version()),
        "fieldPath": field_path,
        "kind": (about.kind.names().kind),
        "name": (about.meta("name").clone()),
        "namespace": (about.meta("namespace").clone()),
        "resourceVersion": (about.meta("resourceVersion").clone()),
        "uid": (about.meta("uid").clone())
    })
    .without_nulls()
}

/// Whether that is what an Event says of an object as it is now.
fn is_reference(known: &Value, about: &Object, field_path: FieldPath<'_>) -> bool {
    known.get("resourceVersion") == about.meta("resourceVersion")
        && known.get("fieldPath").as_str() == field_path
        && known.get("uid").str() == about.uid()
        && known.get("name").str() == about.name()
}

fn date(event: &Object, field: &str) -> Date {
    Date::parse_rfc3339(event.get(field).str()).unwrap_or_default()
}
