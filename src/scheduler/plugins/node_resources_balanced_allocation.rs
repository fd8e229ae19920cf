//! NodeResourcesBalancedAllocation: best where a Pod makes the shares of CPU and memory that are used more alike.

use crate::scheduler::cache::NodeInfo;
use crate::scheduler::pod_info::PodInfo;

use super::MAX_SCORE;

/// True for a Pod that asks for CPU or memory.
pub fn applies(pod: &PodInfo) -> bool {
    pod.requests.cpu_milli > 0 || pod.requests.memory > 0
}

/// How much better balanced the node is with the Pod than without.
pub fn score(pod: &PodInfo, node: &NodeInfo) -> i64 {
    let (used, asked) = (&node.requested, &pod.requests);
    let without = balance(node, used.cpu_milli, used.memory);
    let with = balance(node, used.cpu_milli + asked.cpu_milli, used.memory + asked.memory);
    MAX_SCORE / 2 + (MAX_SCORE / 2 + with - without) / 2
}

/// The smaller the standard deviation of the shares, the more.
fn balance(node: &NodeInfo, cpu_milli: i64, memory: i64) -> i64 {
    let share = |used: i64, has: i64| (has != 0).then(|| (used as f64 / has as f64).min(1.0));
    let deviation =
        match (share(cpu_milli, node.allocatable.cpu_milli), share(memory, node.allocatable.memory)) {
            (Some(cpu), Some(memory)) => ((cpu - memory) / 2.0).abs(),
            _ => 0.0,
        };
    ((1.0 - deviation) * MAX_SCORE as f64) as i64
}
