//! VolumeZone: a Pod goes where its volumes are, as labels of old say it.

use crate::api::{Kind, ObjectKey};
use crate::apiserver::ApiServer;
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;

const LABELS: [&str; 4] = [
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

/// Where the volumes of a Pod are: a label, and the values that will do.
#[derive(Clone, Debug, Default)]
pub struct State(Vec<(String, Vec<String>)>);

impl State {
    /// Looks at the volumes of the claims that are bound.
    pub fn new(api: &ApiServer, pod: &PodInfo) -> Self {
        let volumes = pod.claims().filter_map(|claim| {
            let name = api.get(&claim)?.spec().get("volumeName").str();
            api.get(&ObjectKey::new(Kind::PersistentVolume, "", name))
        });
        let places = volumes.flat_map(|volume| {
            LABELS.iter().filter_map(|label| {
                let value = volume.labels().get(label).as_str()?;
                Some((label.to_string(), value.split("__").map(str::to_string).collect()))
            })
        });
        Self(places.collect())
    }

    /// Lets pass onto a node that is where the volumes are, or does not say where it is.
    pub fn filter(&self, node: &NodeInfo) -> Verdict {
        let says = self.0.is_empty() || LABELS.iter().any(|label| node.label(label).is_some());
        let there = |(label, values): &(String, Vec<String>)| {
            node.label(label).is_some_and(|place| values.iter().any(|value| value == place))
        };
        if !says || self.0.iter().all(there) {
            return Ok(());
        }
        Err(Rejection::lasting(Plugin::VolumeZone, "node(s) had no available volume zone"))
    }
}

/// A node elsewhere, or another volume.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::NodeAdded(_) | Event::NodeLabels(..) | Event::Volume(_) | Event::Class(_) => true,
        Event::Claim(claim) => pod.claims().any(|own| own == claim.key()),
        _ => false,
    }
}
