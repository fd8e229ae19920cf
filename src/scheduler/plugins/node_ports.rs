//! NodePorts: two Pods cannot have one port of a node.

use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;

/// Lets pass onto a node whose ports are free.
pub fn filter(pod: &PodInfo, node: &NodeInfo) -> Verdict {
    let taken = pod.ports.iter().any(|port| node.ports.keys().any(|other| other.collides(port)));
    if !taken {
        return Ok(());
    }
    let reason = "node(s) didn't have free ports for the requested pod ports";
    Err(Rejection::by_pods(Plugin::NodePorts, reason))
}

/// A new node, or a Pod that gives back a port.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::NodeAdded(_) => true,
        Event::PodDeleted(gone) => {
            let gone = PodInfo::new(gone);
            pod.ports.iter().any(|port| gone.ports.iter().any(|other| other.collides(port)))
        }
        _ => false,
    }
}
