//! What containers have printed (`kubectl logs`).

use crate::api::{Kind, ObjectKey};
use crate::container::terminal::Chunk;

use super::Cluster;

/// The log of one run of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerLog {
    /// What was printed, oldest first.
    pub chunks: Vec<Chunk>,
    /// True where more may come.
    pub goes_on: bool,
}

impl Cluster {
    /// What a container has printed in its current or last run, or in the one before it. None where no node has the
    /// container.
    pub fn container_log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
    ) -> Option<ContainerLog> {
        let object = self.api.get(&ObjectKey::new(Kind::Pod, namespace, pod))?;
        let kubelet = self.kubelets.get(object.spec().get("nodeName").str())?;
        let worker = kubelet.worker(object.uid())?;
        let container = worker.containers().iter().find(|known| &*known.name == container)?;
        Some(match &container.process {
            Some(process) if !previous => ContainerLog { chunks: process.log().to_vec(), goes_on: true },
            _ => ContainerLog { chunks: container.previous_log.clone(), goes_on: false },
        })
    }
}
