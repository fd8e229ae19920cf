//! Containers, init containers and ephemeral ones.

use std::collections::BTreeSet;

use crate::api::Cause;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::Path;

use super::mounts::{self, Mountable};
use super::validation::{Context, one_of};
use super::{env, probes, requirements, security};

/// `spec.containers`
pub fn validate(context: &Context, mountable: &Mountable, path: &Path, causes: &mut Vec<Cause>) {
    let containers = context.spec.get("containers").items();
    if containers.is_empty() {
        causes.push(path.required());
        return;
    }
    let mut names = BTreeSet::new();
    for (at, container) in containers.iter().enumerate() {
        let path = path.index(at);
        validate_common(context, container, mountable, &path, causes);
        let name = container.get("name").str();
        if !names.insert(name) {
            causes.push(path.field("name").duplicate(name));
        }
        validate_probes(context, container, &path, causes);
        validate_restart_policy(container, &path, causes);
    }
    validate_host_ports(containers, path, causes);
    if context.is_pod() {
        validate_image_spaces(containers, path, causes);
    }
}

/// `spec.initContainers`
pub fn validate_init(context: &Context, mountable: &Mountable, path: &Path, causes: &mut Vec<Cause>) {
    let containers = context.spec.get("initContainers").items();
    let mut names: BTreeSet<&str> =
        context.spec.get("containers").items().iter().map(|container| container.get("name").str()).collect();
    for (at, container) in containers.iter().enumerate() {
        let item = path.index(at);
        validate_common(context, container, mountable, &item, causes);
        validate_restart_policy(container, &item, causes);
        let name = container.get("name").str();
        if names.contains(name) {
            causes.push(item.field("name").duplicate(name));
        } else if !name.is_empty() {
            names.insert(name);
        }
        // They run one by one, so their host ports cannot get into each other's way.
        validate_host_ports(std::slice::from_ref(container), path, causes);
        if container.get("restartPolicy").str() == "Always" {
            validate_probes(context, container, &item, causes);
            continue;
        }
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if !container.get(field).is_null() {
                let detail = "may not be set for init containers without restartPolicy=Always";
                causes.push(item.field(field).forbidden(detail));
            }
        }
    }
}

/// `spec.ephemeralContainers`
pub fn validate_ephemeral(context: &Context, mountable: &Mountable, path: &Path, causes: &mut Vec<Cause>) {
    let lists = ["containers", "initContainers"];
    let others: BTreeSet<&str> =
        lists.iter().flat_map(|list| context.spec.get(list).items()).map(|c| c.get("name").str()).collect();
    let mut names = others.clone();
    for (at, container) in context.spec.get("ephemeralContainers").items().iter().enumerate() {
        let path = path.index(at);
        validate_common(context, container, mountable, &path, causes);
        let name = container.get("name").str();
        if !names.insert(name) {
            causes.push(path.field("name").duplicate(name));
        }
        let target = container.get("targetContainerName").str();
        if !target.is_empty() && !others.contains(target) {
            causes.push(path.field("targetContainerName").not_found(target));
        }
        for field in ["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
            if !container.get(field).is_empty() {
                causes.push(path.field(field).forbidden("cannot be set for an Ephemeral Container"));
            }
        }
    }
}

fn validate_common(
    context: &Context,
    container: &Value,
    mountable: &Mountable,
    path: &Path,
    causes: &mut Vec<Cause>,
) {
    match container.get("name").str() {
        "" => causes.push(path.field("name").required()),
        name => path.field("name").check(name, formats::dns_label, causes),
    }
    if container.get("image").str().is_empty() {
        causes.push(path.field("image").required());
    }
    one_of(container, "terminationMessagePolicy", &["File", "FallbackToLogsOnError"], path, causes);
    validate_ports(container, &path.field("ports"), causes);
    env::validate(container, &path.field("env"), causes);
    env::validate_from(container, &path.field("envFrom"), causes);
    mounts::validate(container, mountable, &path.field("volumeMounts"), causes);
    mounts::validate_devices(container, mountable, &path.field("volumeDevices"), causes);
    one_of(container, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], path, causes);
    requirements::validate(context, container.get("resources"), &path.field("resources"), causes);
    requirements::validate_resize_policy(context, container, &path.field("resizePolicy"), causes);
    security::validate_container(context, container, &path.field("securityContext"), causes);
}

fn validate_ports(container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let mut names = BTreeSet::new();
    for (at, port) in container.get("ports").items().iter().enumerate() {
        let path = path.index(at);
        let name = port.get("name").str();
        if !name.is_empty() {
            let messages = formats::port_name(name);
            if messages.is_empty() && !names.insert(name) {
                causes.push(path.field("name").duplicate(name));
            }
            causes.extend(messages.iter().map(|message| path.field("name").invalid(name, message)));
        }
        let check = |field: &str, causes: &mut Vec<Cause>| {
            let number = port.get(field).int();
            causes.extend(formats::port_number(number).iter().map(|m| path.field(field).invalid(number, m)));
        };
        match port.get("containerPort").int() {
            0 => causes.push(path.field("containerPort").required()),
            _ => check("containerPort", causes),
        }
        if port.get("hostPort").int() != 0 {
            check("hostPort", causes);
        }
        one_of(port, "protocol", &["SCTP", "TCP", "UDP"], &path, causes);
    }
}

/// A port of the host can be had once.
fn validate_host_ports(containers: &[Value], path: &Path, causes: &mut Vec<Cause>) {
    let mut taken = BTreeSet::new();
    for (at, container) in containers.iter().enumerate() {
        let container_path = path.index(at);
        let ports = container_path.field("ports");
        for (at, port) in container.get("ports").items().iter().enumerate() {
            let number = port.get("hostPort").int();
            if number == 0 {
                continue;
            }
            let key = format!("{}/{}/{number}", port.get("protocol").str(), port.get("hostIP").str());
            if taken.contains(&key) {
                causes.push(ports.index(at).field("hostPort").duplicate(&key));
            } else {
                taken.insert(key);
            }
        }
    }
}

fn validate_probes(context: &Context, container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    probes::validate_lifecycle(context, container, &path.field("lifecycle"), causes);
    for field in ["livenessProbe", "readinessProbe", "startupProbe"] {
        probes::validate(context, container.get(field), field, &path.field(field), causes);
    }
}

/// When a container is started again on its own account, and after which exit codes.
fn validate_restart_policy(container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let rules = container.get("restartPolicyRules").items();
    match container.get("restartPolicy").as_str() {
        None if !rules.is_empty() => {
            let detail = "must specify restartPolicy when restart rules are used";
            causes.push(path.field("restartPolicy").required_because(detail));
        }
        None | Some("Always" | "Never" | "OnFailure") => {}
        Some(other) => {
            causes.push(path.field("restartPolicy").unsupported(other, &["Always", "Never", "OnFailure"]));
        }
    }
    let path = path.field("restartPolicyRules");
    if rules.len() > 20 {
        causes.push(path.too_many(rules.len(), 20));
    }
    for (at, rule) in rules.iter().enumerate() {
        let path = path.index(at);
        let action = rule.get("action").str();
        if !matches!(action, "Restart" | "RestartAllContainers") {
            causes.push(path.field("action").unsupported(action, &["Restart", "RestartAllContainers"]));
        }
        let (codes, path) = (rule.get("exitCodes"), path.field("exitCodes"));
        if codes.is_null() {
            causes.push(path.required_because("must be specified"));
            continue;
        }
        let operator = codes.get("operator").str();
        if !matches!(operator, "In" | "NotIn") {
            causes.push(path.field("operator").unsupported(operator, &["In", "NotIn"]));
        }
        let count = codes.get("values").items().len();
        if count > 255 {
            causes.push(path.field("values").too_many(count, 255));
        }
    }
}

/// Only a Pod is strict with spaces around an image; templates have been let through for too long.
fn validate_image_spaces(containers: &[Value], path: &Path, causes: &mut Vec<Cause>) {
    for (at, container) in containers.iter().enumerate() {
        let image = container.get("image").str();
        if image.trim() != image {
            let detail = "must not have leading or trailing whitespace";
            causes.push(path.index(at).field("image").invalid(image, detail));
        }
    }
}
