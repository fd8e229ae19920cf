//! ResourceQuota: what objects take, and the refusal of what is more than a namespace may have.

use std::collections::BTreeMap;

use crate::api::{Kind, Object, Quantity, Status};
use crate::base::Value;

use super::ApiServer;

/// Amounts by resource name.
pub type Amounts = BTreeMap<String, Quantity>;

/// The amount in a field: text, or a plain number.
pub fn amount(value: &Value) -> Option<Quantity> {
    match value {
        Value::Int(number) => Some(Quantity::from_value(*number)),
        text => text.as_str()?.parse().ok(),
    }
}

fn add(to: &mut Amounts, name: impl Into<String>, amount: &Quantity) {
    *to.entry(name.into()).or_insert(Quantity::ZERO) += amount;
}

/// What an object takes of everything that a quota can count.
pub fn usage(object: &Object) -> Amounts {
    let mut amounts = Amounts::new();
    let names = object.kind.names();
    let resource = if names.group.is_empty() { names.plural.to_string() } else { object.kind.resource() };
    add(&mut amounts, format!("count/{resource}"), &Quantity::from_value(1));
    match object.kind {
        Kind::Pod => pod_usage(object, &mut amounts),
        Kind::PersistentVolumeClaim => {
            let asked = object.spec().at(&["resources", "requests", "storage"]);
            let storage = amount(asked).unwrap_or_default();
            let class = object.spec().get("storageClassName").str();
            add(&mut amounts, "persistentvolumeclaims", &Quantity::from_value(1));
            add(&mut amounts, "requests.storage", &storage);
            if !class.is_empty() {
                let of_class = format!("{class}.storageclass.storage.k8s.io");
                add(&mut amounts, format!("{of_class}/requests.storage"), &storage);
                add(&mut amounts, format!("{of_class}/persistentvolumeclaims"), &Quantity::from_value(1));
            }
        }
        Kind::Service => {
            add(&mut amounts, "services", &Quantity::from_value(1));
            let kind = object.spec().get("type").str();
            let ports = Quantity::from_value(object.spec().get("ports").items().len() as i64);
            if matches!(kind, "NodePort" | "LoadBalancer") {
                add(&mut amounts, "services.nodeports", &ports);
            }
            if kind == "LoadBalancer" {
                add(&mut amounts, "services.loadbalancers", &Quantity::from_value(1));
            }
        }
        Kind::ConfigMap | Kind::Secret | Kind::ReplicationController | Kind::ResourceQuota => {
            add(&mut amounts, names.plural, &Quantity::from_value(1));
        }
        _ => {}
    }
    amounts
}

fn pod_usage(pod: &Object, amounts: &mut Amounts) {
    if matches!(pod.status().get("phase").str(), "Succeeded" | "Failed") {
        return;
    }
    add(amounts, "pods", &Quantity::from_value(1));
    for (name, amount) in pod_resources(pod, "requests") {
        add(amounts, format!("requests.{name}"), &amount);
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
            add(amounts, name, &amount);
        }
    }
    for (name, amount) in pod_resources(pod, "limits") {
        add(amounts, format!("limits.{name}"), &amount);
    }
}

/// What the containers of a Pod need at once: the sum of those that run together, or the largest of those that run
/// before them; sidecars run beside all that come after them (`resourcehelper.PodRequests`).
pub fn pod_resources(pod: &Object, field: &str) -> Amounts {
    let mut together = Amounts::new();
    let of = |container: &Value| -> Amounts {
        let amounts = container.at(&["resources", field]).entries();
        amounts.filter_map(|(name, value)| Some((name.to_string(), amount(value)?))).collect()
    };
    for container in pod.spec().get("containers").items() {
        for (name, amount) in of(container) {
            add(&mut together, name, &amount);
        }
    }
    let (mut sidecars, mut before) = (Amounts::new(), Amounts::new());
    for container in pod.spec().get("initContainers").items() {
        let own = of(container);
        if container.get("restartPolicy").str() == "Always" {
            for (name, amount) in own {
                add(&mut together, name.clone(), &amount);
                add(&mut sidecars, name, &amount);
            }
            raise(&mut before, sidecars.clone());
        } else {
            let mut at_once = sidecars.clone();
            for (name, amount) in own {
                add(&mut at_once, name, &amount);
            }
            raise(&mut before, at_once);
        }
    }
    raise(&mut together, before);
    for (name, value) in pod.spec().get("overhead").entries() {
        if let Some(amount) = amount(value).filter(|_| field == "requests" || together.contains_key(name)) {
            add(&mut together, name, &amount);
        }
    }
    together
}

fn raise(to: &mut Amounts, floor: Amounts) {
    for (name, amount) in floor {
        let kept = to.entry(name).or_default();
        *kept = kept.clone().max(amount);
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
    let best_effort =
        || pod_resources(object, "requests").is_empty() && pod_resources(object, "limits").is_empty();
    match scope {
        _ if object.kind != Kind::Pod => false,
        "Terminating" => deadline,
        "NotTerminating" => !deadline,
        "BestEffort" => best_effort(),
        "NotBestEffort" => !best_effort(),
        "PriorityClass" => {
            let class = object.spec().get("priorityClassName").str();
            let Some(expression) = expression else { return !class.is_empty() };
            let listed = expression.get("values").items().iter().any(|value| value.str() == class);
            match expression.get("operator").str() {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => !class.is_empty(),
                _ => class.is_empty(),
            }
        }
        _ => true,
    }
}

/// What is used of everything that a quota limits.
pub fn used(api: &ApiServer, quota: &Object) -> Value {
    let mut sum: Amounts =
        quota.spec().get("hard").entries().map(|(name, _)| (name.to_string(), Quantity::ZERO)).collect();
    let counted = |kind: &&Kind| kind.names().namespaced && counts(&sum, **kind);
    let kinds: Vec<&Kind> = Kind::ALL.iter().filter(counted).collect();
    for kind in kinds {
        for object in api.store().list_in(*kind, quota.namespace()).filter(|object| covers(quota, object)) {
            for (name, amount) in usage(object) {
                if let Some(total) = sum.get_mut(&name) {
                    *total += &amount;
                }
            }
        }
    }
    Value::Map(sum.into_iter().map(|(name, amount)| (name, amount.to_string())).collect())
}

/// True where a quota on these resources looks at a kind at all.
fn counts(resources: &Amounts, kind: Kind) -> bool {
    let plural = kind.names().plural;
    resources.keys().any(|name| match name.strip_prefix("count/") {
        Some(counted) => counted == kind.resource() || counted == plural,
        None => match kind {
            Kind::Pod => {
                name == "pods"
                    || matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage")
                    || (name.starts_with("requests.") && name != "requests.storage")
                    || name.starts_with("limits.")
            }
            Kind::PersistentVolumeClaim => {
                name == "requests.storage" || name == plural || name.contains(".storageclass.storage.k8s.io/")
            }
            Kind::Service => name.starts_with("services"),
            _ => name == plural,
        },
    })
}

/// Refuses a new object that would take more than is left of a quota.
///
/// # Errors
/// `Forbidden`, with what was asked for and what there is.
pub(super) fn admit(api: &ApiServer, object: &Object) -> Result<(), Status> {
    if object.kind == Kind::Event || !object.kind.names().namespaced {
        return Ok(());
    }
    let asked = usage(object);
    for quota in api.store().list_in(Kind::ResourceQuota, object.namespace()) {
        let limited: Vec<&str> = quota.spec().get("hard").entries().map(|(name, _)| name).collect();
        if !covers(quota, object) {
            continue;
        }
        if object.kind == Kind::Pod
            && let Some(missing) = unspecified(object, &limited)
        {
            let why = format!("failed quota: {}: must specify {missing}", quota.name());
            return Err(Status::forbidden(&object.key(), &why));
        }
        let relevant: Vec<&str> = limited.iter().copied().filter(|name| asked.contains_key(*name)).collect();
        // A quota that was not counted since it changed is counted now.
        let fresh = (quota.status().get("hard") != quota.spec().get("hard")).then(|| {
            let mut counted = quota.clone();
            counted.set_at(&["status", "hard"], quota.spec().get("hard").clone());
            counted.set_at(&["status", "used"], used(api, quota));
            counted
        });
        let quota = fresh.as_ref().unwrap_or(quota);
        exceeds(quota, &asked, &relevant)
            .map_or(Ok(()), |why| Err(Status::forbidden(&object.key(), &why)))?;
    }
    Ok(())
}

/// What a quota limits and a Pod's containers do not say: `requests.cpu for: web`.
fn unspecified(pod: &Object, limited: &[&str]) -> Option<String> {
    let containers =
        || ["containers", "initContainers"].into_iter().flat_map(|list| pod.spec().get(list).items());
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in limited {
        let (field, resource) = match name.split_once('.') {
            None if matches!(*name, "cpu" | "memory") => ("requests", *name),
            Some((field @ ("requests" | "limits"), resource @ ("cpu" | "memory"))) => (field, resource),
            _ => continue,
        };
        for container in containers().filter(|c| c.at(&["resources", field, resource]).is_null()) {
            missing.entry(name).or_default().push(container.get("name").str());
        }
    }
    let texts: Vec<String> = missing
        .into_iter()
        .map(|(name, mut containers)| {
            containers.sort_unstable();
            format!("{name} for: {}", containers.join(","))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn exceeds(quota: &Object, asked: &Amounts, relevant: &[&str]) -> Option<String> {
    let known = |field: &str, name: &str| amount(quota.status().get(field).get(name)).unwrap_or_default();
    let asked_for = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let over: Vec<&str> = relevant
        .iter()
        .copied()
        .filter(|name| {
            let new = asked_for(name);
            !new.is_zero() && &known("used", name) + &new > known("hard", name)
        })
        .collect();
    if over.is_empty() {
        return None;
    }
    let list = |of: &dyn Fn(&str) -> Quantity| {
        let texts: Vec<String> = over.iter().map(|name| format!("{name}={}", of(name))).collect();
        texts.join(",")
    };
    Some(format!(
        "exceeded quota: {}, requested: {}, used: {}, limited: {}",
        quota.name(),
        list(&asked_for),
        list(&|name| known("used", name)),
        list(&|name| known("hard", name))
    ))
}

/// Puts a new object down in the quotas that count it.
pub(super) fn charge(api: &mut ApiServer, object: &Object) {
    if object.kind == Kind::Event || api.store().list(Kind::ResourceQuota).next().is_none() {
        return;
    }
    let asked = usage(object);
    let quotas: Vec<Object> = api
        .store()
        .list_in(Kind::ResourceQuota, object.namespace())
        .filter(|quota| quota.uid() != object.uid() && covers(quota, object))
        .cloned()
        .collect();
    for quota in quotas {
        api.modify_status(&quota.key(), |status| {
            for (name, more) in &asked {
                if let Some(used) = amount(status.at(&["used", name])) {
                    status.set_at(&["used", name], (&used + more).to_string());
                }
            }
        });
    }
}
