//! LimitRange: what containers get that ask for nothing, and the refusal of what asks for too little or too much.

use crate::api::{Kind, Object, Status};
use crate::base::Value;
use crate::resources::quantity::Quantity;

use super::ApiServer;
use super::quota::pod_resources;

/// Gives the containers of a new Pod their namespace's default requests and limits.
pub(super) fn set_defaults(api: &ApiServer, pod: &mut Object) {
    let (mut limits, mut requests) = (Value::map(), Value::map());
    for range in api.store().list_in(Kind::LimitRange, pod.namespace()) {
        for item in range.spec().get("limits").items().iter().filter(|i| i.get("type").str() == "Container") {
            for (name, value) in item.get("default").entries() {
                limits.set(name, value.clone());
            }
            for (name, value) in item.get("defaultRequest").entries() {
                requests.set(name, value.clone());
            }
        }
    }
    let mut told = Vec::new();
    for (list, word) in [("containers", "container"), ("initContainers", "init container")] {
        if (limits.is_empty() && requests.is_empty()) || pod.spec().get(list).is_empty() {
            continue;
        }
        for container in pod.entry_at(&["spec", list]).items_mut() {
            for (field, defaults, what) in [("requests", &requests, "request"), ("limits", &limits, "limit")]
            {
                let mut set = Vec::new();
                for (name, value) in defaults.entries() {
                    if container.at(&["resources", field, name]).is_null() {
                        container.set_at(&["resources", field, name], value.clone());
                        set.push(name);
                    }
                }
                if !set.is_empty() {
                    told.push(format!(
                        "{} {what} for {word} {}",
                        set.join(", "),
                        container.get("name").str()
                    ));
                }
            }
        }
    }
    if !told.is_empty() {
        let text = format!("LimitRanger plugin set: {}", told.join("; "));
        pod.set_at(&["metadata", "annotations", "kubernetes.io/limit-ranger"], text);
    }
}

/// Refuses a new Pod or claim outside its namespace's bounds.
///
/// # Errors
/// `Forbidden`, with every bound that is broken.
pub(super) fn admit(api: &ApiServer, object: &Object) -> Result<(), Status> {
    if !matches!(object.kind, Kind::Pod | Kind::PersistentVolumeClaim) {
        return Ok(());
    }
    for range in api.store().list_in(Kind::LimitRange, object.namespace()) {
        let mut broken = Vec::new();
        for item in range.spec().get("limits").items() {
            let scope = item.get("type").str();
            match (scope, object.kind) {
                ("Container", Kind::Pod) => {
                    for list in ["containers", "initContainers"] {
                        for container in object.spec().get(list).items() {
                            let resources = container.get("resources");
                            check(
                                item,
                                scope,
                                resources.get("requests"),
                                resources.get("limits"),
                                &mut broken,
                            );
                        }
                    }
                }
                ("Pod", Kind::Pod) => {
                    let sum = |field| {
                        let amounts = pod_resources(object, field).into_iter();
                        Value::Map(amounts.map(|(name, amount)| (name, amount.to_string())).collect())
                    };
                    check(item, scope, &sum("requests"), &sum("limits"), &mut broken);
                }
                ("PersistentVolumeClaim", Kind::PersistentVolumeClaim) => {
                    let requests = object.spec().at(&["resources", "requests"]);
                    for (name, bound) in item.get("min").entries() {
                        least(name, scope, bound, requests.get(name), &Value::Null, &mut broken);
                    }
                    for (name, bound) in item.get("max").entries() {
                        let asked = requests.get(name);
                        if Quantity::of(asked) > Quantity::of(bound) {
                            broken.push(text("maximum", name, scope, bound, "request", asked));
                        }
                    }
                }
                _ => {}
            }
        }
        if !broken.is_empty() {
            let all = match &broken[..] {
                [one] => one.clone(),
                _ => format!("[{}]", broken.join(", ")),
            };
            return Err(Status::forbidden(&object.key(), &all));
        }
    }
    Ok(())
}

fn text(bound: &str, name: &str, scope: &str, value: &Value, what: &str, found: &Value) -> String {
    let shown = |value: &Value| Quantity::of(value).unwrap_or(Quantity::ZERO).to_string();
    format!("{bound} {name} usage per {scope} is {}, but {what} is {}", shown(value), shown(found))
}

fn check(item: &Value, scope: &str, requests: &Value, limits: &Value, broken: &mut Vec<String>) {
    for (name, bound) in item.get("min").entries() {
        least(name, scope, bound, requests.get(name), limits.get(name), broken);
    }
    for (name, bound) in item.get("max").entries() {
        let (request, limit, most) = (requests.get(name), limits.get(name), Quantity::of(bound));
        if Quantity::of(limit) > most {
            broken.push(text("maximum", name, scope, bound, "limit", limit));
        } else if limit.is_null() {
            let most = most.unwrap_or(Quantity::ZERO);
            broken.push(format!("maximum {name} usage per {scope} is {most}.  No limit is specified"));
        } else if Quantity::of(request) > most {
            broken.push(text("maximum", name, scope, bound, "request", request));
        }
    }
    for (name, bound) in item.get("maxLimitRequestRatio").entries() {
        let amount = |value: &Value| Quantity::of(value).filter(|amount| amount.sign().is_gt());
        let (request, limit) = (amount(requests.get(name)), amount(limits.get(name)));
        let most = amount(bound).unwrap_or(Quantity::ZERO);
        match (request, limit) {
            (Some(request), Some(limit)) => {
                let ratio = limit.millis() as f64 / request.millis() as f64;
                if ratio > most.millis() as f64 / 1000.0 {
                    broken.push(format!(
                        "{name} max limit to request ratio per {scope} is {most}, but provided ratio is {ratio:.6}"
                    ));
                }
            }
            _ => broken.push(format!(
                "{name} max limit to request ratio per {scope} is {most}, but no request is specified or request is 0"
            )),
        }
    }
}

fn least(name: &str, scope: &str, bound: &Value, request: &Value, limit: &Value, broken: &mut Vec<String>) {
    let least = Quantity::of(bound);
    if request.is_null() {
        let least = least.unwrap_or(Quantity::ZERO);
        broken.push(format!("minimum {name} usage per {scope} is {least}.  No request is specified"));
    } else if Quantity::of(request) < least {
        broken.push(text("minimum", name, scope, bound, "request", request));
    } else if !limit.is_null() && Quantity::of(limit) < least {
        broken.push(text("minimum", name, scope, bound, "limit", limit));
    }
}
