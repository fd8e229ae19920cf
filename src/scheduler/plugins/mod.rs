//! The plugins, a file each: what they filter by, how they score, and what may help a Pod that they did not let pass.

pub mod image_locality;
pub mod inter_pod_affinity;
pub mod node_affinity;
pub mod node_ports;
pub mod node_resources_balanced_allocation;
pub mod node_resources_fit;
pub mod node_unschedulable;
pub mod pod_topology_spread;
pub mod taint_toleration;
pub mod volume_binding;
pub mod volume_restrictions;
pub mod volume_zone;

/// The best score.
pub const MAX_SCORE: i64 = 100;

/// Scales scores so that the largest is [`MAX_SCORE`], or the smallest where little is good
/// (`helper.DefaultNormalizeScore`).
fn normalize(scores: &mut [i64], reverse: bool) {
    let most = scores.iter().copied().max().unwrap_or_default();
    for score in scores {
        *score = match (most, reverse) {
            (0, true) => MAX_SCORE,
            (0, false) => *score,
            (_, true) => MAX_SCORE - MAX_SCORE * *score / most,
            (_, false) => MAX_SCORE * *score / most,
        };
    }
}
