//! ImageLocality: better where the images are already, unless few nodes have them.

use crate::scheduler::cache::{Cache, NodeInfo};
use crate::scheduler::pod_info::PodInfo;

use super::MAX_SCORE;

/// An image below this size counts for nothing.
const LEAST: i64 = 23 << 20;
/// Beyond this size per container more does not count.
const MOST: i64 = 1_000 << 20;

/// The scores of the nodes.
pub fn score(pod: &PodInfo, nodes: &[&NodeInfo], cache: &Cache) -> Vec<i64> {
    if nodes.iter().all(|node| node.images.is_empty()) {
        return vec![0; nodes.len()];
    }
    let spec = pod.object.spec();
    let lists = ["initContainers", "containers"];
    let images: Vec<String> = lists
        .into_iter()
        .flat_map(|list| spec.get(list).items())
        .map(|container| with_tag(container.get("image").str()))
        .collect();
    let all = cache.nodes().count() as f64;
    let spread: Vec<f64> = images
        .iter()
        .map(|image| cache.nodes().filter(|node| node.images.contains_key(image)).count() as f64 / all)
        .collect();
    let most = MOST * images.len() as i64;
    let score = |node: &&NodeInfo| {
        let sizes = images
            .iter()
            .zip(&spread)
            .filter_map(|(image, share)| Some((*node.images.get(image)? as f64 * share) as i64));
        MAX_SCORE * (sizes.sum::<i64>().clamp(LEAST, most) - LEAST) / (most - LEAST)
    };
    nodes.iter().map(score).collect()
}

fn with_tag(image: &str) -> String {
    match image.rfind(':') > image.rfind('/') {
        true => image.into(),
        false => format!("{image}:latest"),
    }
}
