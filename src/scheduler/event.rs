//! What may happen in a cluster that helps Pods that wait (scheduler, `ClusterEvent`).

use crate::api::{Kind, Object};
use crate::apiserver::{Change, ChangeKind};

use super::cache::occupies;

/// An event, with the objects that it is about.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A Pod came to a node.
    PodAdded(&'a Object),
    /// A Pod on a node has other labels or another spec: before and after.
    PodChanged(&'a Object, &'a Object),
    /// A Pod on a node is gone or has ended.
    PodDeleted(&'a Object),
    /// There is a new node.
    NodeAdded(&'a Object),
    /// A node has other labels: before and after.
    NodeLabels(&'a Object, &'a Object),
    /// A node has other taints, or is cordoned or not: before and after.
    NodeTaints(&'a Object, &'a Object),
    /// A node has other resources: before and after.
    NodeAllocatable(&'a Object, &'a Object),
    /// A node is gone.
    NodeDeleted(&'a Object),
    /// A claim is new or has changed.
    Claim(&'a Object),
    /// A volume is new or has changed.
    Volume(&'a Object),
    /// A storage class is new or has changed.
    Class(&'a Object),
}

impl<'a> Event<'a> {
    /// The events that a change of an object is.
    pub fn of(change: &'a Change) -> Vec<Event<'a>> {
        let (object, old) = (&change.object, change.old.as_ref());
        let deleted = change.kind == ChangeKind::Deleted;
        match object.kind {
            Kind::Pod => {
                let before = old.filter(|old| occupies(old));
                let after = (!deleted && occupies(object)).then_some(object);
                match (before, after) {
                    (None, Some(pod)) => vec![Event::PodAdded(pod)],
                    (Some(pod), None) => vec![Event::PodDeleted(pod)],
                    (Some(before), Some(after))
                        if before.labels() != after.labels() || before.spec() != after.spec() =>
                    {
                        vec![Event::PodChanged(before, after)]
                    }
                    _ => Vec::new(),
                }
            }
            Kind::Node if deleted => vec![Event::NodeDeleted(object)],
            Kind::Node => match old {
                None => vec![Event::NodeAdded(object)],
                Some(old) => {
                    let differs = |path: &[&str]| old.at(path) != object.at(path);
                    let taints = differs(&["spec", "taints"]) || differs(&["spec", "unschedulable"]);
                    [
                        differs(&["metadata", "labels"]).then_some(Event::NodeLabels(old, object)),
                        taints.then_some(Event::NodeTaints(old, object)),
                        differs(&["status", "allocatable"]).then_some(Event::NodeAllocatable(old, object)),
                    ]
                    .into_iter()
                    .flatten()
                    .collect()
                }
            },
            Kind::PersistentVolumeClaim if !deleted => vec![Event::Claim(object)],
            Kind::PersistentVolume if !deleted => vec![Event::Volume(object)],
            Kind::StorageClass if !deleted => vec![Event::Class(object)],
            _ => Vec::new(),
        }
    }
}
