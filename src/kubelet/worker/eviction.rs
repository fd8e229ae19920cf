//! A Pod that takes more of its node's disk than it may: it is evicted.

use std::time::Duration;

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::base::{SimTime, Value};
use crate::kubelet::{NodeState, mounting};
use crate::resources::pod::amounts::{amount, of_pod};

use super::{Next, Stage, Worker};

/// How often it is measured what volumes hold (`volumeStatsAggPeriod`).
const MEASURED: Duration = Duration::from_secs(60);

/// The limit that a container or a Pod has for its files.
const RESOURCE: &str = "ephemeral-storage";

/// True where a Pod has limits for what it takes of the node's disk.
pub(super) fn limits_disk(pod: &Object) -> bool {
    let spec = pod.spec();
    let volumes = spec.get("volumes").items().iter().map(|volume| volume.at(&["emptyDir", "sizeLimit"]));
    let containers = spec.get("containers").items().iter();
    let mut limits =
        volumes.chain(containers.map(|container| container.at(&["resources", "limits", RESOURCE])));
    limits.any(|limit| !limit.is_null())
}

impl Worker {
    /// Lets it be measured after a while, where it has limits.
    pub(super) fn measure_later(&mut self, now: SimTime, next: &mut Next) {
        if self.limits_disk && self.stage == Stage::Active {
            next.at(*self.measures.get_or_insert(now + MEASURED));
        }
    }

    /// Which limit it has gone over, in the kubelet's words (`eviction_manager.go`, localStorageEviction). None while it has
    /// gone over none, and between two looks.
    pub(super) fn takes_too_much(&mut self, api: &ApiServer, node: &NodeState) -> Option<String> {
        let now = api.clock.now;
        self.measures.take_if(|due| now >= *due)?;
        let volumes = self.pod.spec().get("volumes").items();
        let held = |volume: &Value| {
            node.volumes.get(&mounting::own_id(&self.pod, volume)).map_or(0, |tree| tree.bytes())
        };
        for volume in volumes.iter().filter(|volume| !volume.get("emptyDir").is_null()) {
            let limit = amount(volume.at(&["emptyDir", "sizeLimit"]));
            if let Some(limit) = limit.filter(|limit| (1..held(volume)).contains(&limit.value())) {
                let name = volume.get("name").str();
                return Some(format!("Usage of EmptyDir volume \"{name}\" exceeds the limit \"{limit}\". "));
            }
        }
        let own =
            |at: usize| self.containers[at].process.as_ref().map_or(0, |process| process.bytes_on_disk());
        let in_memory = |volume: &&Value| volume.at(&["emptyDir", "medium"]).str() == "Memory";
        let in_volumes =
            volumes.iter().filter(|volume| !volume.get("emptyDir").is_null() && !in_memory(volume));
        let together = in_volumes.map(held).sum::<i64>() + (0..self.containers.len()).map(own).sum::<i64>();
        let limits = of_pod(self.pod.spec(), "limits", &[]);
        if let Some(limit) = limits.get(RESOURCE).filter(|limit| together > limit.value()) {
            return Some(format!(
                "Pod ephemeral local storage usage exceeds the total limit of containers {limit}. "
            ));
        }
        (0..self.containers.len()).find_map(|at| {
            let container = &self.containers[at];
            let limit = amount(container.spec.at(&["resources", "limits", RESOURCE]))?;
            (own(at) > limit.value()).then(|| {
                let name = &container.name;
                format!("Container {name} exceeded its local ephemeral storage limit \"{limit}\". ")
            })
        })
    }
}
