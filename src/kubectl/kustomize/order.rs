//! The order in which objects are printed and sent.

use crate::base::Value;

use super::Outcome;
use super::resource::Resource;

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts as `sortOptions` says, or else by kinds: what others need first.
pub(super) fn sort(all: &mut [Resource], options: &Value) -> Outcome<()> {
    let legacy = options.get("legacySortOptions");
    match options.get("order").str() {
        "fifo" if legacy.is_null() => return Ok(()),
        "fifo" => {
            return Err("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'".into());
        }
        "legacy" => {}
        _ if options.is_null() => {}
        _ => return Err("the field 'sortOptions.order' must be one of [fifo, legacy]".into()),
    }
    let own = |field: &str| legacy.get(field).items().iter().map(Value::str).collect::<Vec<_>>();
    let (first, last) = match legacy {
        Value::Null => (FIRST.to_vec(), LAST.to_vec()),
        _ => (own("orderFirst"), own("orderLast")),
    };
    let rank =
        |kind: &str| match (last.iter().position(|k| *k == kind), first.iter().position(|k| *k == kind)) {
            (Some(at), _) => first.len() + 1 + at,
            (_, Some(at)) => at,
            _ => first.len(),
        };
    all.sort_by_cached_key(|one| {
        let id = one.id();
        let or = |text: String, none: &str| if text.is_empty() { none.to_string() } else { text };
        let at = rank(&id.kind);
        let of_kind = [or(id.group, "~G"), or(id.version, "~V"), or(id.kind, "~K")].join("_");
        (at, of_kind, [or(id.namespace, "~X"), or(id.name, "~N")].join("|"))
    });
    Ok(())
}
