//! What objects take of what a ResourceQuota limits (quota/v1/evaluator/core).

use crate::api::{Kind, Object, Quantity};
use crate::base::Value;
use crate::resources::pod::amounts::{Amounts, add, amount, of_pod};

use super::ApiServer;

/// What an object takes of everything that a quota can count.
pub fn usage(object: &Object) -> Amounts {
    let mut amounts = Amounts::new();
    let (one, names) = (Quantity::from_value(1), object.kind.names());
    add(&mut amounts, &format!("count/{}", object.kind.resource()), &one);
    match object.kind {
        Kind::Pod => pod_usage(object, &mut amounts),
        Kind::PersistentVolumeClaim => {
            let asked = object.spec().at(&["resources", "requests", "storage"]);
            let storage = amount(asked).unwrap_or(Quantity::ZERO);
            add(&mut amounts, "persistentvolumeclaims", &one);
            add(&mut amounts, "requests.storage", &storage);
            let class = object.spec().get("storageClassName").str();
            if !class.is_empty() {
                let of_class = format!("{class}.storageclass.storage.k8s.io");
                add(&mut amounts, &format!("{of_class}/requests.storage"), &storage);
                add(&mut amounts, &format!("{of_class}/persistentvolumeclaims"), &one);
            }
        }
        Kind::Service => {
            add(&mut amounts, "services", &one);
            let (kind, ports) = (object.spec().get("type").str(), object.spec().get("ports").items());
            let on_nodes = match kind {
                "NodePort" => ports.len(),
                "LoadBalancer"
                    if object.spec().get("allocateLoadBalancerNodePorts") != &Value::Bool(false) =>
                {
                    ports.len()
                }
                "LoadBalancer" => ports.iter().filter(|port| port.get("nodePort").int() != 0).count(),
                _ => 0,
            };
            add(&mut amounts, "services.nodeports", &Quantity::from_value(on_nodes as i64));
            add(
                &mut amounts,
                "services.loadbalancers",
                &Quantity::from_value((kind == "LoadBalancer").into()),
            );
        }
        Kind::ConfigMap | Kind::Secret | Kind::ReplicationController | Kind::ResourceQuota => {
            add(&mut amounts, names.plural, &one);
        }
        _ => {}
    }
    amounts
}

/// A Pod that has ended takes nothing but its place among the objects.
fn pod_usage(pod: &Object, amounts: &mut Amounts) {
    if matches!(pod.status().get("phase").str(), "Succeeded" | "Failed") {
        return;
    }
    add(amounts, "pods", &Quantity::from_value(1));
    for (name, amount) in &of_pod(pod.spec(), "requests", &[]) {
        add(amounts, &format!("requests.{name}"), amount);
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-") {
            add(amounts, name, amount);
        }
    }
    for (name, amount) in &of_pod(pod.spec(), "limits", &[]) {
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
            add(amounts, &format!("limits.{name}"), amount);
        }
    }
}

/// True where a quota's scopes take in an object.
pub fn covers(quota: &Object, object: &Object) -> bool {
    let plain = quota.spec().get("scopes").items().iter().map(|scope| scope_holds(scope.str(), None, object));
    let chosen = quota.spec().at(&["scopeSelector", "matchExpressions"]).items();
    let chosen = chosen.iter().map(|e| scope_holds(e.get("scopeName").str(), Some(e), object));
    plain.chain(chosen).all(|holds| holds)
}

fn scope_holds(scope: &str, expression: Option<&Value>, object: &Object) -> bool {
    let deadline = !object.spec().get("activeDeadlineSeconds").is_null();
    let best_effort = || object.status().get("qosClass").str() == "BestEffort";
    match scope {
        "VolumeAttributesClass" if object.kind == Kind::PersistentVolumeClaim => {
            is_chosen(expression, object.spec().get("volumeAttributesClassName").str())
        }
        _ if object.kind != Kind::Pod => false,
        "Terminating" => deadline,
        "NotTerminating" => !deadline,
        "BestEffort" => best_effort(),
        "NotBestEffort" => !best_effort(),
        "PriorityClass" => is_chosen(expression, object.spec().get("priorityClassName").str()),
        "CrossNamespacePodAffinity" => looks_into_other_namespaces(object),
        _ => false,
    }
}

fn is_chosen(expression: Option<&Value>, class: &str) -> bool {
    let Some(expression) = expression else { return !class.is_empty() };
    let listed = expression.get("values").items().iter().any(|value| value.str() == class);
    match expression.get("operator").str() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => !class.is_empty(),
        _ => class.is_empty(),
    }
}

fn looks_into_other_namespaces(pod: &Object) -> bool {
    let looks = |term: &Value| !term.get("namespaces").is_empty() || !term.get("namespaceSelector").is_null();
    ["podAffinity", "podAntiAffinity"].iter().any(|affinity| {
        let rules = pod.spec().at(&["affinity", affinity]);
        rules.get("requiredDuringSchedulingIgnoredDuringExecution").items().iter().any(looks)
            || rules
                .get("preferredDuringSchedulingIgnoredDuringExecution")
                .items()
                .iter()
                .any(|preferred| looks(preferred.get("podAffinityTerm")))
    })
}

/// What is used of everything that a quota limits.
pub fn used(api: &ApiServer, quota: &Object) -> Value {
    let limited = quota.spec().get("hard").entries();
    let mut sum: Amounts = limited.map(|(name, _)| (name.to_string(), Quantity::ZERO)).collect();
    let counted: Vec<Kind> = api
        .kinds()
        .filter(|kind| kind.names().namespaced && sum.keys().any(|name| is_of(name, *kind)))
        .collect();
    for kind in counted {
        for object in api.store().list_in(kind, quota.namespace()).filter(|object| covers(quota, object)) {
            for (name, amount) in usage(object) {
                if let Some(total) = sum.get_mut(&name) {
                    *total += &amount;
                }
            }
        }
    }
    sum.into_iter().map(|(name, amount)| (name, amount.to_string())).collect::<crate::base::Map>().into()
}

/// True where a resource that a quota limits is one that objects of a kind take.
pub fn is_of(resource: &str, kind: Kind) -> bool {
    if let Some(counted) = resource.strip_prefix("count/") {
        return counted == kind.resource();
    }
    match kind {
        Kind::Pod => {
            matches!(resource, "pods" | "cpu" | "memory" | "ephemeral-storage")
                || (resource.starts_with("requests.") && resource != "requests.storage")
                || resource.starts_with("limits.")
                || resource.starts_with("hugepages-")
        }
        Kind::PersistentVolumeClaim => {
            matches!(resource, "requests.storage" | "persistentvolumeclaims")
                || resource.contains(".storageclass.storage.k8s.io/")
        }
        Kind::Service => matches!(resource, "services" | "services.nodeports" | "services.loadbalancers"),
        Kind::ConfigMap | Kind::Secret | Kind::ReplicationController | Kind::ResourceQuota => {
            resource == kind.names().plural
        }
        _ => false,
    }
}
