//! What `metrics.k8s.io` tells: how much of processors and memory nodes and containers take. The metrics server is behind it;
//! its two last looks at the kubelets lie here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::ApiServer;
use crate::api::{Kind, ObjectKey, Quantity, Status};
use crate::base::{SimTime, Value};
use crate::value;

/// The group and version, as its APIService is called.
pub const API_SERVICE: &str = "v1beta1.metrics.k8s.io";
/// The group.
pub const GROUP: &str = "metrics.k8s.io";

/// What something has taken, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Point {
    /// Since when its counter runs.
    pub since: SimTime,
    /// The processor time it has taken since then.
    pub processor: Duration,
    /// How many thousandths of a processor it may take; 0 for all that there are.
    pub most: u32,
    /// The memory that it has now, in bytes.
    pub memory: u64,
}

/// A Pod's containers by name. Another Pod of the same name has another uid.
pub type Containers = (Arc<str>, Vec<(Arc<str>, Point)>);

/// One look at all kubelets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scrape {
    /// When it was.
    pub at: SimTime,
    /// By the node's name.
    pub nodes: BTreeMap<SmolStr, Point>,
    /// By namespace and name.
    pub pods: BTreeMap<(SmolStr, SmolStr), Containers>,
}

/// How much something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// Billionths of a processor.
    pub nano_cores: u64,
    /// Bytes.
    pub memory: u64,
}

/// How much a Pod takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodUsage {
    /// When that was measured.
    pub at: SimTime,
    /// Over what time.
    pub window: Duration,
    /// By container.
    pub containers: Vec<(Arc<str>, Usage)>,
}

/// What the metrics server keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metrics {
    /// True where it wants the kubelets to be looked at.
    pub asked: bool,
    last: Option<Scrape>,
    before: Option<Scrape>,
}

/// The least age of a container that is told of by one look alone (metrics-server, `freshContainerMinMetricsResolution`).
const FRESH: Duration = Duration::from_secs(10);

impl Metrics {
    /// Takes the newest look.
    pub fn take(&mut self, scrape: Scrape) {
        self.before = self.last.replace(scrape);
        self.asked = false;
    }

    /// Forgets everything: a metrics server keeps nothing on a disk.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The newest look.
    pub fn last(&self) -> Option<&Scrape> {
        self.last.as_ref()
    }

    /// How much a node takes.
    fn node(&self, name: &str) -> Option<(SimTime, Duration, Usage)> {
        let (last, before) = (self.last.as_ref()?, self.before.as_ref()?);
        let (point, old) = (last.nodes.get(name)?, before.nodes.get(name)?);
        let window = last.at.since(before.at);
        Some((last.at, window, usage(point, old.processor, window)?))
    }

    fn pod(&self, key: &(SmolStr, SmolStr), now: &Containers) -> Option<PodUsage> {
        let (last, before) = (self.last.as_ref()?, self.before.as_ref());
        let old = before.and_then(|before| before.pods.get(key)).filter(|old| old.0 == now.0);
        let mut window = Duration::ZERO;
        let containers = now.1.iter().map(|(name, point)| {
            let same =
                old.and_then(|old| old.1.iter().find(|(own, old)| own == name && old.since == point.since));
            let (taken, time) = match (same, before) {
                (Some((_, old)), Some(before)) => (old.processor, last.at.since(before.at)),
                _ => (Duration::ZERO, last.at.since(point.since)),
            };
            window = window.max(time);
            (time >= FRESH).then(|| Some((name.clone(), usage(point, taken, time)?)))?
        });
        let containers: Vec<_> = containers.collect::<Option<_>>()?;
        (!containers.is_empty()).then_some(PodUsage { at: last.at, window, containers })
    }
}

/// How much was taken over a time. None where the counter began anew.
fn usage(now: &Point, before: Duration, time: Duration) -> Option<Usage> {
    let taken = now.processor.checked_sub(before)?.as_nanos() * 1_000_000_000 / time.as_nanos().max(1);
    let most = u64::from(now.most) * 1_000_000;
    Some(Usage { nano_cores: u64::try_from(taken).unwrap_or(u64::MAX).min(most), memory: now.memory })
}

impl Usage {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self { nano_cores: self.nano_cores + other.nano_cores, memory: self.memory + other.memory }
    }

    /// As the metrics server writes it: `{"cpu": "1250345n", "memory": "3204Ki"}`.
    pub fn value(self) -> Value {
        value!({"cpu": (format!("{}n", self.nano_cores)), "memory": (format!("{}Ki", self.memory >> 10))})
    }

    /// One of the two as a quantity: `cpu` or `memory`.
    pub fn quantity(self, resource: &str) -> Option<Quantity> {
        Quantity::of(self.value().get(resource))
    }
}

impl ApiServer {
    /// True where the server of `metrics.k8s.io` can be asked; none where nobody has told of it.
    pub fn metrics_available(&self) -> Option<bool> {
        let service = self.get(&ObjectKey::new(Kind::APIService, "", API_SERVICE))?;
        Some(service.has_condition("Available"))
    }

    /// How much the node takes; none where that is not known yet.
    pub fn node_usage(&self, name: &str) -> Option<Usage> {
        Some(self.metrics.node(name)?.2)
    }

    /// How much the Pod takes; none where that is not known yet.
    pub fn pod_usage(&self, namespace: &str, name: &str) -> Option<PodUsage> {
        let key = (SmolStr::from(namespace), SmolStr::from(name));
        self.metrics.pod(&key, self.metrics.last.as_ref()?.pods.get(&key)?)
    }

    /// What a `GET` of a resource of `metrics.k8s.io` gives: `nodes` or `pods`, all or one by name.
    ///
    /// # Errors
    /// `NotFound`, in the metrics server's words.
    pub fn read_metrics(&self, resource: &str, namespace: &str, name: &str) -> Result<Value, Status> {
        let kind = if resource == "nodes" { Kind::Node } else { Kind::Pod };
        let named = if kind == Kind::Node { "NodeMetrics" } else { "PodMetrics" };
        let known = self.store().list(kind);
        let known = known.filter(|object| namespace.is_empty() || object.namespace() == namespace);
        let items = known.filter(|object| name.is_empty() || object.name() == name).filter_map(|object| {
            let (at, window, field, usage) = match kind {
                Kind::Node => {
                    let (at, window, usage) = self.metrics.node(object.name())?;
                    (at, window, "usage", usage.value())
                }
                _ => {
                    let pod = self.pod_usage(object.namespace(), object.name())?;
                    let of = |(name, usage): &(Arc<str>, Usage)| value!({"name": (&**name), "usage": (usage.value())});
                    (pod.at, pod.window, "containers", pod.containers.iter().map(of).collect())
                }
            };
            let mut metadata = value!({"name": (object.name())});
            if kind == Kind::Pod {
                metadata.set("namespace", object.namespace());
            }
            metadata.set("creationTimestamp", self.clock.date().rfc3339());
            if !object.meta("labels").is_null() {
                metadata.set("labels", object.meta("labels").clone());
            }
            let mut item = value!({
                "metadata": metadata,
                "timestamp": (self.clock.date_at(at).rfc3339()),
                "window": (format!("{}.{:03}s", window.as_secs(), window.subsec_millis()))
            });
            item.set(field, usage);
            Some(item)
        });
        let version = format!("{GROUP}/v1beta1");
        if !name.is_empty() {
            let mut item = value!({"kind": named, "apiVersion": version});
            let Some(found) = items.last() else {
                let known = self.get(&ObjectKey::new(kind, namespace, name)).is_some();
                let what =
                    if known { format!("{}.{GROUP}", named.to_lowercase()) } else { resource.to_owned() };
                let place = if kind == Kind::Pod { format!("{namespace}/") } else { String::new() };
                let message = format!("{what} \"{place}{name}\" not found");
                return Err(Status { code: 404, reason: "NotFound", message, causes: Vec::new() });
            };
            found.entries().for_each(|(name, value)| item.set(name, value.clone()));
            return Ok(item);
        }
        Ok(value!({
            "kind": (format!("{named}List")),
            "apiVersion": version,
            "metadata": {},
            "items": (items.collect::<Value>())
        }))
    }
}
