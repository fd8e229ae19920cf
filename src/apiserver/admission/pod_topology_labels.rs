//! PodTopologyLabels: a Pod that is bound is told the zone and the region of its node.

use crate::api::Object;

/// Copies what the node says of where it is and the Pod does not say itself.
pub fn copy(node: &Object, pod: &mut Object) {
    for label in ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] {
        let place = node.labels().get(label);
        if !place.is_null() {
            pod.entry_at(&["metadata", "labels"]).set(label, place.clone());
        }
    }
}
