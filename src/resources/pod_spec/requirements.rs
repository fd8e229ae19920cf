//! Requests and limits, and the names of resources.

use crate::api::Cause;
use crate::api::Quantity;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::{NEGATIVE, Path};

use super::validation::Context;

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && formats::qualified_name(&format!("requests.{name}")).is_empty()
}

/// True for what a node may promise more of than it has.
pub fn is_overcommit_allowed(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// True for what is counted in whole numbers.
pub fn is_integer(name: &str) -> bool {
    COUNTED.contains(&name) || is_extended(name)
}

/// True for what a ResourceQuota can limit without a prefix.
pub fn is_standard_quota_resource(name: &str) -> bool {
    COUNTED.contains(&name)
        || matches!(
            name,
            "cpu"
                | "memory"
                | "ephemeral-storage"
                | "requests.cpu"
                | "requests.memory"
                | "requests.storage"
                | "requests.ephemeral-storage"
                | "limits.cpu"
                | "limits.memory"
                | "limits.ephemeral-storage"
        )
        || is_huge_page(name)
        || name.starts_with("requests.hugepages-")
}

/// A name of a resource, wherever one can stand.
pub fn validate_name(name: &str, path: &Path, causes: &mut Vec<Cause>) {
    let messages = formats::qualified_name(name);
    if messages.is_empty() && !name.contains('/') && name != "storage" && !is_standard_quota_resource(name) {
        causes.push(path.invalid(name, "must be a standard resource type or fully qualified"));
    }
    causes.extend(messages.iter().map(|message| path.invalid(name, message)));
}

/// A name of a resource that containers can have.
pub fn validate_container_name(name: &str, path: &Path, causes: &mut Vec<Cause>) {
    validate_name(name, path, causes);
    if !name.contains('/') {
        if !matches!(name, "cpu" | "memory" | "ephemeral-storage") && !is_huge_page(name) {
            causes.push(path.invalid(name, "must be a standard resource for containers"));
        }
    } else if !is_native(name) && !is_extended(name) {
        causes.push(path.invalid(name, "doesn't follow extended resource name standard"));
    }
}

/// An amount of a resource.
pub fn validate_value(name: &str, value: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let Ok(quantity) = Quantity::parse(value.str()) else { return };
    if quantity.is_negative() {
        causes.push(path.invalid(value, NEGATIVE));
    }
    if is_integer(name) && quantity.milli_value() % 1000 != 0 {
        causes.push(path.invalid(value, "must be an integer"));
    }
}

/// Names and amounts, as of an overhead.
pub fn validate_list(list: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for (name, value) in list.entries() {
        validate_container_name(name, &path.key(name), causes);
        validate_value(name, value, &path.key(name), causes);
    }
}

/// `resources` of a container.
pub fn validate(context: &Context, resources: &Value, path: &Path, causes: &mut Vec<Cause>) {
    validate_lists(resources, validate_container_name, path, causes);
    validate_claims(context, resources, &path.field("claims"), causes);
}

type NameCheck = fn(&str, &Path, &mut Vec<Cause>);

fn validate_lists(resources: &Value, check_name: NameCheck, path: &Path, causes: &mut Vec<Cause>) {
    let (limits, requests) = (path.field("limits"), path.field("requests"));
    let (mut compute, mut huge) = (false, false);
    for (name, value) in resources.get("limits").entries() {
        check_name(name, &limits.key(name), causes);
        validate_value(name, value, &limits.key(name), causes);
        validate_huge_page(name, value, &limits.key(name), causes);
        compute |= matches!(name, "cpu" | "memory");
        huge |= is_huge_page(name);
    }
    for (name, value) in resources.get("requests").entries() {
        check_name(name, &requests.key(name), causes);
        validate_value(name, value, &requests.key(name), causes);
        let limit = resources.get("limits").get(name);
        let (request, most) = (Quantity::parse(value.str()).ok(), Quantity::parse(limit.str()).ok());
        if !limit.is_null() {
            if request != most && !is_overcommit_allowed(name) {
                let detail = format!("must be equal to {name} limit of {}", limit.str());
                causes.push(requests.invalid(value, detail));
            } else if request > most {
                let detail = format!("must be less than or equal to {name} limit of {}", limit.str());
                causes.push(requests.invalid(value, detail));
            }
        } else if !is_overcommit_allowed(name) {
            causes.push(limits.required_because("Limit must be set for non overcommitable resources"));
        }
        validate_huge_page(name, value, &requests.key(name), causes);
        compute |= matches!(name, "cpu" | "memory");
        huge |= is_huge_page(name);
    }
    if huge && !compute {
        causes.push(path.forbidden("HugePages require cpu or memory"));
    }
}

fn validate_huge_page(name: &str, value: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let Some(size) = name.strip_prefix("hugepages-") else { return };
    let (Ok(size), Ok(amount)) = (Quantity::parse(size), Quantity::parse(value.str())) else { return };
    if size.value() == 0 || amount.value() % size.value() != 0 {
        let detail = format!("{} is not positive integer multiple of {name}", value.str());
        causes.push(path.invalid(value, detail));
    }
}

fn validate_claims(context: &Context, resources: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let claims = resources.get("claims").items();
    for (at, claim) in claims.iter().enumerate() {
        let path = path.index(at);
        let name = claim.get("name").str();
        if name.is_empty() {
            causes.push(path.required());
            continue;
        }
        if claims[..at].contains(claim) {
            causes.push(path.duplicate(name));
        }
        if context.claim_names().all(|other| other != name) {
            let mut known: Vec<&str> = context.claim_names().filter(|name| !name.is_empty()).collect();
            known.sort_unstable();
            let detail = "must be one of the names in pod.spec.resourceClaims";
            let rest =
                if known.is_empty() { " which is empty".into() } else { format!(": {}", known.join(", ")) };
            let mut cause = path.not_found(name);
            cause.message.push_str(&format!(": {detail}{rest}"));
            causes.push(cause);
        }
    }
}

/// `resizePolicy`
pub fn validate_resize_policy(context: &Context, container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let policies = container.get("resizePolicy").items();
    for (at, policy) in policies.iter().enumerate() {
        let (name, restart) = (policy.get("resourceName").str(), policy.get("restartPolicy").str());
        if policies[..at].iter().any(|other| other.get("resourceName").str() == name) {
            causes.push(path.index(at).duplicate(name));
        }
        match name {
            "cpu" | "memory" => {}
            "" => causes.push(path.required()),
            _ => causes.push(path.unsupported(name, &["cpu", "memory"])),
        }
        match restart {
            "NotRequired" | "RestartContainer" => {}
            "" => causes.push(path.required()),
            _ => causes.push(path.unsupported(restart, &["NotRequired", "RestartContainer"])),
        }
        if context.restart_policy() == "Never" && restart != "NotRequired" {
            let detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
            causes.push(path.invalid(restart, detail));
        }
    }
}

/// `spec.resources`: what all containers of a Pod have together.
pub fn validate_pod_level(context: &Context, path: &Path, causes: &mut Vec<Cause>) {
    let resources = context.spec.get("resources");
    if resources.is_null() {
        return;
    }
    if !resources.get("claims").is_null() {
        causes.push(path.field("claims").forbidden("claims cannot be set for Resources at pod-level"));
    }
    let check = |name: &str, path: &Path, causes: &mut Vec<Cause>| {
        let before = causes.len();
        validate_name(name, path, causes);
        if causes.len() == before && !matches!(name, "cpu" | "memory") && !is_huge_page(name) {
            causes.push(path.unsupported(name, &["cpu", "hugepages-", "memory"]));
        }
    };
    validate_lists(resources, check, path, causes);
    let containers = context.spec.get("containers").items();
    let requests = path.field("requests");
    for name in ["cpu", "memory"] {
        let amounts = containers
            .iter()
            .filter_map(|c| Quantity::parse(c.at(&["resources", "requests", name]).str()).ok());
        let Some(sum) = amounts.reduce(|sum, amount| &sum + &amount) else { continue };
        let of_pod = resources.at(&["requests", name]);
        if Quantity::parse(of_pod.str()).ok().is_none_or(|most| sum > most) {
            let shown = if of_pod.is_null() { "0" } else { of_pod.str() };
            let detail = format!("must be greater than or equal to aggregate container requests of {sum}");
            causes.push(requests.key(name).invalid(shown, detail));
        }
    }
    let path = path.field("containers");
    for (at, container) in containers.iter().enumerate() {
        for (name, limit) in container.at(&["resources", "limits"]).entries() {
            let most = resources.get("limits").get(name);
            if !most.is_null() && Quantity::parse(limit.str()).ok() > Quantity::parse(most.str()).ok() {
                let detail = format!("must be less than or equal to pod limits of {}", most.str());
                causes.push(path.index(at).key(name).field("limits").invalid(limit, detail));
            }
        }
    }
}
