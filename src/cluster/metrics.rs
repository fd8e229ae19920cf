//! The metrics server's looks at the kubelets.

use std::sync::Arc;
use std::time::Duration;

use super::Cluster;
use crate::apiserver::metrics::{Point, Scrape};

/// What a node's own programs take, kubelet and runtime foremost: thousandths of a processor, and bytes.
const SYSTEM: (u32, u64) = (58, 410 << 20);

impl Cluster {
    /// Looks at all kubelets where the metrics server wants that.
    pub(super) fn scrape(&mut self) {
        if !self.api.metrics.asked {
            return;
        }
        let now = self.api.clock.now;
        let mut scrape = Scrape { at: now, ..Scrape::default() };
        let last = self.api.metrics.last();
        for node in &self.profile.nodes {
            let Some(kubelet) = self.kubelets.get(&*node.name).filter(|kubelet| kubelet.node.running) else {
                continue;
            };
            let cores = node.cpu * 1_000;
            let old = last.and_then(|last| last.nodes.get(&*node.name));
            let time = now.since(last.map_or(now, |last| last.at));
            let mut point = Point {
                since: old.map_or(now, |old| old.since),
                processor: old.map_or(Duration::ZERO, |old| old.processor) + time * SYSTEM.0 / 1_000,
                most: cores,
                memory: SYSTEM.1,
            };
            for (_, worker) in kubelet.workers() {
                let key = (worker.key().namespace.as_str().into(), worker.key().name.as_str().into());
                let mut containers = worker.usage(now);
                let before = last.and_then(|last| last.pods.get(&key)).filter(|old| old.0 == containers.0);
                for (name, own) in &mut containers.1 {
                    own.most = if own.most == 0 { cores } else { own.most };
                    let same = |old: &&(Arc<str>, Point)| old.0 == *name && old.1.since == own.since;
                    let old = before.and_then(|old| old.1.iter().find(same));
                    let taken = own.processor - old.map_or(Duration::ZERO, |(_, old)| old.processor);
                    point.processor += taken.min(time.max(now.since(own.since)) * own.most / 1_000);
                    point.memory += own.memory;
                }
                scrape.pods.insert(key, containers);
            }
            scrape.nodes.insert(node.name.as_str().into(), point);
        }
        self.api.metrics.take(scrape);
    }
}
