//! ClusterRoles that say whose rules they take over (`aggregationRule`).

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::{ApiServer, Change};
use crate::base::Value;

use super::{Enqueue, NOW};

/// Looks at all of them when any ClusterRole changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    if change.object.kind == Kind::ClusterRole {
        let roles = api.store().list(Kind::ClusterRole);
        roles.filter(|role| !selectors(role).is_empty()).for_each(|role| enqueue(role.key(), NOW));
    }
}

/// None for `admin`, `edit` and `view`: they hold all their rules, and those that they are made of
/// (`system:aggregate-to-view` and its like) are not there.
fn selectors(role: &Object) -> &[Value] {
    match role.labels().get("kubernetes.io/bootstrapping").is_empty() {
        true => role.at(&["aggregationRule", "clusterRoleSelectors"]).items(),
        false => &[],
    }
}

/// Writes the rules of all that its selectors match, each rule once (`syncClusterRole`).
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let role = api.get(key)?;
    let mut rules: Vec<Value> = Vec::new();
    for selector in selectors(role).iter().map(Selector::from_label_selector) {
        let others = api.store().list(Kind::ClusterRole);
        let others = others.filter(|other| other.name() != role.name() && selector.matches(other.labels()));
        for rule in others.flat_map(|other| other.get("rules").items()) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    if !selectors(role).is_empty() && role.get("rules").items() != rules {
        api.modify(key, |role| role.set("rules", rules));
    }
    None
}
