//! LimitRanger: what containers get that ask for nothing, and the refusal of what asks for too little or too much.

use crate::api::{Kind, Object, Quantity, Status};
use crate::base::{Map, Value};
use crate::resources::pod::amounts::{amount, of_pod};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, validate };

/// Gives the containers of a new Pod their namespace's default requests and limits.
fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if !request.creates(Kind::Pod) {
        return Ok(());
    }
    let pod = &mut *request.object;
    let namespace = pod.namespace().to_string();
    for range in api.store().list_in(Kind::LimitRange, &namespace) {
        set_defaults(pod, range);
    }
    Ok(())
}

/// Gives them those of one range. A new cluster has none: this is no part of the page's first program.
#[inline(never)]
fn set_defaults(pod: &mut Object, range: &Object) {
    let items = range.spec().get("limits").items();
    let (mut limits, mut requests) = (Map::new(), Map::new());
    for item in items.iter().filter(|item| item.get("type").str() == "Container") {
        for (defaults, field) in [(&mut limits, "default"), (&mut requests, "defaultRequest")] {
            item.get(field).entries().for_each(|(name, value)| drop(defaults.insert(name, value)));
        }
    }
    let mut told = Vec::new();
    for (list, word) in [("containers", "container"), ("initContainers", "init container")] {
        if (limits.is_empty() && requests.is_empty()) || pod.spec().get(list).is_empty() {
            continue;
        }
        for container in pod.entry_at(&["spec", list]).items_mut() {
            let name = container.get("name").str().to_string();
            for (field, what, defaults) in [("requests", "request", &requests), ("limits", "limit", &limits)]
            {
                let set = fill_in(container, field, defaults);
                if !set.is_empty() {
                    told.push(format!("{} {what} for {word} {name}", set.join(", ")));
                }
            }
        }
    }
    if !told.is_empty() {
        let text = format!("LimitRanger plugin set: {}", told.join("; "));
        pod.set_at(&["metadata", "annotations", "kubernetes.io/limit-ranger"], text);
    }
}

fn fill_in<'a>(container: &mut Value, field: &str, defaults: &'a Map) -> Vec<&'a str> {
    let missing: Vec<_> =
        defaults.iter().filter(|(name, _)| container.at(&["resources", field, name]).is_null()).collect();
    for (name, value) in &missing {
        container.set_at(&["resources", field, name], *value);
    }
    missing.into_iter().map(|(name, _)| name).collect()
}

/// Refuses a Pod that is new or resized, or a claim, outside its namespace's bounds, with every bound of a range that it breaks.
fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    let object = &*request.object;
    if !(request.creates(Kind::Pod) || request.resizes() || object.kind == Kind::PersistentVolumeClaim) {
        return Ok(());
    }
    match api.store().list_in(Kind::LimitRange, object.namespace()).next() {
        None => Ok(()),
        Some(_) => bounded(api, request),
    }
}

/// What the ranges say. A new cluster has none: this is no part of the page's first program.
#[inline(never)]
fn bounded(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    let object = &*request.object;
    for range in api.store().list_in(Kind::LimitRange, object.namespace()) {
        let mut broken = Vec::new();
        for item in range.spec().get("limits").items() {
            let bounds = Bounds { item, scope: item.get("type").str() };
            match (bounds.scope, object.kind) {
                ("Container", Kind::Pod) => {
                    for list in ["containers", "initContainers"] {
                        for container in object.spec().get(list).items() {
                            bounds.check_container(container.get("resources"), &mut broken);
                        }
                    }
                }
                ("Pod", Kind::Pod) => {
                    let mut resources = Value::map();
                    for field in ["requests", "limits"] {
                        for (name, sum) in of_pod(object.spec(), field, &[]) {
                            resources.set_at(&[field, &name], sum.to_string());
                        }
                    }
                    bounds.check_container(&resources, &mut broken);
                }
                ("PersistentVolumeClaim", Kind::PersistentVolumeClaim) => {
                    bounds.check_claim(object.spec().at(&["resources", "requests"]), &mut broken);
                }
                _ => {}
            }
        }
        if !broken.is_empty() {
            let all = match &broken[..] {
                [one] => one.clone(),
                _ => format!("[{}]", broken.join(", ")),
            };
            return request.forbidden(all);
        }
    }
    Ok(())
}

/// The bounds on one type of thing.
struct Bounds<'a> {
    item: &'a Value,
    scope: &'a str,
}

impl Bounds<'_> {
    fn each(&self, bound: &str) -> impl Iterator<Item = (&str, Quantity)> {
        self.item.get(bound).entries().filter_map(|(name, value)| Some((name, amount(value)?)))
    }

    fn check_container(&self, resources: &Value, broken: &mut Vec<String>) {
        let of = |field: &str, name: &str| amount(resources.at(&[field, name]));
        for (name, least) in self.each("min") {
            broken.extend(self.below(name, &least, of("requests", name), of("limits", name)));
        }
        for (name, most) in self.each("max") {
            let (request, limit) = (of("requests", name), of("limits", name));
            let usage = format!("maximum {name} usage per {} is {most}", self.scope);
            match (limit, request) {
                (None, _) => broken.push(format!("{usage}.  No limit is specified")),
                (Some(limit), _) if limit > most => broken.push(format!("{usage}, but limit is {limit}")),
                (_, Some(request)) if request > most => {
                    broken.push(format!("{usage}, but request is {request}"))
                }
                _ => {}
            }
        }
        for (name, most) in self.each("maxLimitRequestRatio") {
            let some = |field: &str| of(field, name).filter(|amount| !amount.is_zero());
            let ratio = format!("{name} max limit to request ratio per {} is {most}", self.scope);
            match (some("requests"), some("limits")) {
                (None, _) => broken.push(format!("{ratio}, but no request is specified or request is 0")),
                (_, None) => broken.push(format!("{ratio}, but no limit is specified or limit is 0")),
                (Some(request), Some(limit)) => {
                    let provided = limit.milli_value() as f64 / request.milli_value() as f64;
                    if provided > most.milli_value() as f64 / 1000.0 {
                        broken.push(format!("{ratio}, but provided ratio is {provided:.6}"));
                    }
                }
            }
        }
    }

    fn check_claim(&self, requests: &Value, broken: &mut Vec<String>) {
        for (name, least) in self.each("min") {
            broken.extend(self.below(name, &least, amount(requests.get(name)), None));
        }
        for (name, most) in self.each("max") {
            let usage = format!("maximum {name} usage per {} is {most}", self.scope);
            match amount(requests.get(name)) {
                None => broken.push(format!("{usage}.  No request is specified")),
                Some(request) if request > most => broken.push(format!("{usage}, but request is {request}")),
                Some(_) => {}
            }
        }
    }

    fn below(
        &self,
        name: &str,
        least: &Quantity,
        request: Option<Quantity>,
        limit: Option<Quantity>,
    ) -> Option<String> {
        let usage = format!("minimum {name} usage per {} is {least}", self.scope);
        match (request, limit) {
            (None, _) => Some(format!("{usage}.  No request is specified")),
            (Some(request), _) if request < *least => Some(format!("{usage}, but request is {request}")),
            (_, Some(limit)) if limit < *least => Some(format!("{usage}, but limit is {limit}")),
            _ => None,
        }
    }
}
