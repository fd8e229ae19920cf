//! The scheduler: gives every Pod without a node the best of those that can take it, or says why none can.

use std::collections::BTreeMap;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change};
use crate::base::Value;
use crate::value;

const SOURCE: Source<'static> = Source::component("default-scheduler");

/// True where a change may let a waiting Pod find a place.
pub fn observe(change: &Change) -> bool {
    let object = &change.object;
    match object.kind {
        Kind::Pod => true,
        Kind::Node => {
            // A heartbeat changes nothing for the scheduler.
            change.old.as_ref().is_none_or(|old| {
                old.spec() != object.spec()
                    || old.labels() != object.labels()
                    || is_ready(old) != is_ready(object)
            })
        }
        Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass => true,
        _ => false,
    }
}

fn is_ready(node: &Object) -> bool {
    node.has_condition("Ready")
}

/// What a Pod asks for, or what a node has left: CPU in thousandths, memory in bytes, places for Pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    cpu_milli: i128,
    memory: i128,
    pods: i128,
}

/// Looks at every Pod that waits for a node, by priority and age, and binds those that fit somewhere.
pub fn schedule(api: &mut ApiServer) {
    let mut waiting: Vec<(i64, String, ObjectKey)> = api
        .store()
        .list(Kind::Pod)
        .filter(|pod| pod.spec().get("nodeName").is_null() && !pod.is_terminating())
        .filter(|pod| {
            pod.spec().get("schedulerName").as_str().unwrap_or("default-scheduler") == "default-scheduler"
        })
        .map(|pod| {
            (-pod.spec().get("priority").int(), pod.meta("creationTimestamp").str().to_string(), pod.key())
        })
        .collect();
    if waiting.is_empty() {
        return;
    }
    waiting.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut rooms: BTreeMap<String, Room> =
        api.store().list(Kind::Node).map(|node| (node.name().to_string(), room_left(api, node))).collect();
    for (_, _, key) in waiting {
        let Some(pod) = api.get(&key).cloned() else { continue };
        match place(api, &pod, &rooms) {
            Ok(node) => {
                let wanted = requests(&pod);
                if let Some(room) = rooms.get_mut(&node) {
                    room.cpu_milli -= wanted.cpu_milli;
                    room.memory -= wanted.memory;
                    room.pods -= 1;
                }
                let message = format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
                api.bind(&key, &node);
                api.event(&pod, SOURCE, "Scheduled", &message);
            }
            Err(message) => refuse(api, &pod, &message),
        }
    }
}

/// Writes down why a Pod has no node, once for each reason.
fn refuse(api: &mut ApiServer, pod: &Object, message: &str) {
    if pod.condition("PodScheduled").get("message").str() == message {
        return;
    }
    let now = api.clock.date().rfc3339();
    let condition = value!({
        "lastProbeTime": null,
        "lastTransitionTime": now,
        "message": message,
        "observedGeneration": (pod.generation()),
        "reason": "Unschedulable",
        "status": "False",
        "type": "PodScheduled"
    });
    api.modify_status(&pod.key(), |status| {
        status.set_default("phase", "Pending");
        set_condition(status, condition);
    });
    api.warning(pod, SOURCE, "FailedScheduling", message);
}

fn room_left(api: &ApiServer, node: &Object) -> Room {
    let allocatable = node.status().get("allocatable");
    let mut room = Room {
        cpu_milli: milli(allocatable.get("cpu")),
        memory: milli(allocatable.get("memory")) / 1000,
        pods: milli(allocatable.get("pods")) / 1000,
    };
    for pod in api.store().pods_on(node.name()) {
        if matches!(pod.status().get("phase").str(), "Succeeded" | "Failed") {
            continue;
        }
        let used = requests(pod);
        room.cpu_milli -= used.cpu_milli;
        room.memory -= used.memory;
        room.pods -= 1;
    }
    room
}

/// A Pod asks for the sum of its containers, or for its largest init container if that is more
/// (component-helpers `resource.PodRequests`).
fn requests(pod: &Object) -> Room {
    let of = |container: &Value, resource: &str| milli(container.at(&["resources", "requests", resource]));
    let sum = |resource: &str| {
        let containers = pod.spec().get("containers").items().iter().map(|c| of(c, resource)).sum::<i128>();
        let (mut sidecars, mut peak) = (0, 0);
        for init in pod.spec().get("initContainers").items() {
            if init.get("restartPolicy").str() == "Always" {
                sidecars += of(init, resource);
                peak = peak.max(sidecars);
            } else {
                peak = peak.max(sidecars + of(init, resource));
            }
        }
        (containers + sidecars).max(peak) + milli(pod.spec().at(&["overhead", resource]))
    };
    Room { cpu_milli: sum("cpu"), memory: sum("memory") / 1000, pods: 1 }
}

/// A quantity in thousandths.
fn milli(quantity: &Value) -> i128 {
    let text = match quantity {
        Value::Int(n) => return i128::from(*n) * 1000,
        other => other.str(),
    };
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..at].parse().unwrap_or(0.0);
    let scale = match &text[at..] {
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    (number * scale * 1000.0) as i128
}

/// The node for a Pod, or the message that says why there is none.
fn place(api: &ApiServer, pod: &Object, rooms: &BTreeMap<String, Room>) -> Result<String, String> {
    let wanted = requests(pod);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(i128, &str)> = None;
    let nodes: Vec<&Object> = api.store().list(Kind::Node).collect();
    unbound_claim(api, pod)?;
    for node in &nodes {
        let room = rooms.get(node.name()).copied().unwrap_or_default();
        let refusals = refusals(pod, node, &wanted, &room);
        if refusals.is_empty() {
            // The node with the most room of its own left (NodeResourcesFit, LeastAllocated); of equals the first.
            let score = score(node, &room, &wanted);
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, node.name()));
            }
        }
        for reason in refusals {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    if let Some((_, name)) = best {
        return Ok(name.to_string());
    }
    if nodes.is_empty() {
        return Err("no nodes available to schedule pods".into());
    }
    let mut texts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort();
    let preemption =
        reasons.keys().all(|reason| reason.starts_with("Insufficient") || reason == "Too many pods");
    let after = if preemption {
        format!(
            "preemption: 0/{0} nodes are available: {0} No preemption victims found for incoming pod.",
            nodes.len()
        )
    } else {
        format!(
            "preemption: 0/{0} nodes are available: {0} Preemption is not helpful for scheduling.",
            nodes.len()
        )
    };
    Err(format!(
        "0/{} nodes are available: {}. no new claims to deallocate, {after}",
        nodes.len(),
        texts.join(", ")
    ))
}

fn score(node: &Object, room: &Room, wanted: &Room) -> i128 {
    let allocatable = node.status().get("allocatable");
    let share = |left: i128, all: i128| if all > 0 { left.max(0) * 100 / all } else { 0 };
    share(room.cpu_milli - wanted.cpu_milli, milli(allocatable.get("cpu")))
        + share(room.memory - wanted.memory, milli(allocatable.get("memory")) / 1000)
        + share(room.pods - 1, milli(allocatable.get("pods")) / 1000)
}

/// A Pod waits for claims that an immediate provisioner has yet to bind (VolumeBinding).
fn unbound_claim(api: &ApiServer, pod: &Object) -> Result<(), String> {
    let nodes = api.store().list(Kind::Node).count();
    for volume in pod.spec().get("volumes").items() {
        let Some(name) = volume.at(&["persistentVolumeClaim", "claimName"]).as_str() else { continue };
        let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), name);
        let Some(claim) = api.get(&key) else {
            return Err(format!(
                "0/{nodes} nodes are available: persistentvolumeclaim \"{name}\" not found. not found"
            ));
        };
        let waits = claim.spec().get("storageClassName").as_str().is_some_and(|class| {
            let class = api.get(&ObjectKey::new(Kind::StorageClass, "", class));
            class.is_some_and(|class| class.get("volumeBindingMode").str() == "WaitForFirstConsumer")
        });
        if claim.status().get("phase").str() != "Bound" && !waits {
            return Err(format!(
                "0/{nodes} nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling."
            ));
        }
    }
    Ok(())
}

fn refusals(pod: &Object, node: &Object, wanted: &Room, room: &Room) -> Vec<String> {
    let tolerations = pod.spec().get("tolerations").items();
    if node.spec().get("unschedulable").bool() && !tolerates_unschedulable(tolerations) {
        return vec!["node(s) were unschedulable".into()];
    }
    let untolerated = node.spec().get("taints").items().iter().find(|taint| {
        matches!(taint.get("effect").str(), "NoSchedule" | "NoExecute")
            && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
    });
    if untolerated.is_some() {
        return vec!["node(s) had untolerated taint(s)".into()];
    }
    let selector = Selector::from_map(pod.spec().get("nodeSelector"));
    let affinity = pod.spec().at(&[
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    ]);
    let in_affinity = affinity.is_null()
        || affinity.items().iter().any(|term| {
            Selector::from_label_selector(
                &value!({"matchExpressions": (term.get("matchExpressions").clone())}),
            )
            .matches(node.labels())
        });
    if !selector.matches(node.labels()) || !in_affinity {
        return vec!["node(s) didn't match Pod's node affinity/selector".into()];
    }
    let mut refusals = Vec::new();
    if room.pods < 1 {
        refusals.push("Too many pods".to_string());
    }
    if wanted.cpu_milli > 0 && wanted.cpu_milli > room.cpu_milli {
        refusals.push("Insufficient cpu".to_string());
    }
    if wanted.memory > 0 && wanted.memory > room.memory {
        refusals.push("Insufficient memory".to_string());
    }
    refusals
}

fn tolerates_unschedulable(tolerations: &[Value]) -> bool {
    let taint = value!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    tolerations.iter().any(|toleration| tolerates(toleration, &taint))
}

/// True where a toleration covers a taint (core/v1 `ToleratesTaint`).
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let effect = toleration.get("effect").str();
    let key = toleration.get("key").str();
    (effect.is_empty() || effect == taint.get("effect").str())
        && (key.is_empty() || key == taint.get("key").str())
        && match toleration.get("operator").str() {
            "Exists" => true,
            _ => !key.is_empty() && toleration.get("value").str() == taint.get("value").str(),
        }
}
