//! NodeResourcesFit: a node must have what a Pod asks for; the more is left, the better (LeastAllocated).

use std::borrow::Cow;

use crate::api::Object;
use crate::resources::pod::amounts::amount;
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;
use crate::scheduler::resource::Resource;

use super::MAX_SCORE;

/// Lets pass onto a node with enough of everything left. It is no use that other Pods go where the whole node is
/// too small.
pub fn filter(pod: &PodInfo, node: &NodeInfo) -> Verdict {
    let mut reasons: Vec<Cow<'static, str>> = Vec::new();
    let mut by_pods = true;
    if node.pods.len() as i64 + 1 > node.allowed_pods {
        reasons.push("Too many pods".into());
    }
    let (asked, has, used) = (&pod.requests, &node.allocatable, &node.requested);
    let mut check = |reason: &'static str, asked: i64, has: i64, used: i64| {
        if asked > 0 && asked > has - used {
            reasons.push(reason.into());
            by_pods &= asked <= has;
        }
    };
    check("Insufficient cpu", asked.cpu_milli, has.cpu_milli, used.cpu_milli);
    check("Insufficient memory", asked.memory, has.memory, used.memory);
    check(
        "Insufficient ephemeral-storage",
        asked.ephemeral_storage,
        has.ephemeral_storage,
        used.ephemeral_storage,
    );
    for (name, asked) in &asked.others {
        if *asked > 0 && *asked > has.other(name) - used.other(name) {
            reasons.push(format!("Insufficient {name}").into());
            by_pods &= *asked <= has.other(name);
        }
    }
    match reasons.is_empty() {
        true => Ok(()),
        false => Err(Rejection { plugin: Plugin::NodeResourcesFit, reasons, by_pods }),
    }
}

/// How much of CPU and memory would be left, in the middle.
pub fn score(pod: &PodInfo, node: &NodeInfo) -> i64 {
    let left = |has: i64, asked: i64| {
        if asked > has { 0 } else { (has - asked).saturating_mul(MAX_SCORE) / has }
    };
    let pairs = [
        (node.allocatable.cpu_milli, node.least.0 + pod.least.0),
        (node.allocatable.memory, node.least.1 + pod.least.1),
    ];
    let known = pairs.iter().filter(|(has, _)| *has != 0);
    let (sum, count) = known.fold((0, 0), |(sum, count), (has, asked)| (sum + left(*has, *asked), count + 1));
    if count == 0 { 0 } else { sum / count }
}

/// A node that is large enough and was not, or a Pod that gives back what it had.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::PodDeleted(_) => true,
        Event::PodChanged(before, after) => {
            let (before, after) = (PodInfo::new(before).requests, PodInfo::new(after).requests);
            any(&pod.requests, &before, &after)
        }
        Event::NodeAdded(node) => fits(pod, &allocatable(node)),
        Event::NodeAllocatable(old, node) => {
            let (old, new) = (allocatable(old), allocatable(node));
            fits(pod, &new) && (new.1 > old.1 || any(&pod.requests, &new.0, &old.0))
        }
        _ => false,
    }
}

/// True where there is more in `more` than in `less` of something that is asked for.
fn any(asked: &Resource, more: &Resource, less: &Resource) -> bool {
    (asked.cpu_milli > 0 && more.cpu_milli > less.cpu_milli)
        || (asked.memory > 0 && more.memory > less.memory)
        || (asked.ephemeral_storage > 0 && more.ephemeral_storage > less.ephemeral_storage)
        || asked.others.keys().any(|name| more.other(name) > less.other(name))
}

fn allocatable(node: &Object) -> (Resource, i64) {
    let entries = node.status().get("allocatable").entries();
    let all = entries.filter_map(|(name, value)| Some((name.to_string(), amount(value)?))).collect();
    let pods = amount(node.status().at(&["allocatable", "pods"])).map_or(0, |pods| pods.value());
    (Resource::from_amounts(&all), pods)
}

fn fits(pod: &PodInfo, (allocatable, allowed_pods): &(Resource, i64)) -> bool {
    let empty =
        NodeInfo { allocatable: allocatable.clone(), allowed_pods: *allowed_pods, ..NodeInfo::default() };
    filter(pod, &empty).is_ok()
}
