//! Where kinds keep the Pods that they describe.

use crate::api::{Kind, Object};
use crate::base::Value;

/// The way from an object to its PodSpec.
pub fn pod_spec_path(kind: Kind) -> Option<&'static [&'static str]> {
    Some(match kind {
        Kind::Pod => &["spec"],
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicationController
        | Kind::Job => &["spec", "template", "spec"],
        Kind::CronJob => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    })
}

/// The object's PodSpec; `null` for kinds that have none.
pub fn pod_spec(object: &Object) -> &Value {
    static NONE: Value = Value::Null;
    pod_spec_path(object.kind).map_or(&NONE, |path| object.body.at(path))
}

/// Lets `change` change every container that is called so (`*` stands for all); says how many there were.
pub fn each_container(
    object: &mut Object,
    lists: &[&str],
    name: &str,
    mut change: impl FnMut(&mut Value),
) -> usize {
    let Some(path) = pod_spec_path(object.kind) else { return 0 };
    let mut found = 0;
    for list in lists {
        let inside: Vec<&str> = path.iter().copied().chain([*list]).collect();
        if object.body.at(&inside).is_empty() {
            continue;
        }
        for container in object.entry_at(&inside).items_mut() {
            if name == "*" || matches_pattern(name, container.get("name").str()) {
                found += 1;
                change(container);
            }
        }
    }
    found
}

/// A name, or a pattern with one `*` at an end.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => pattern == name,
    }
}
