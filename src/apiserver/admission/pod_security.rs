//! PodSecurity: what a namespace's labels forbid its Pods (pod-security-admission, `policy`).
//!
//! Not simulated are `audit`, AppArmor, SELinux and Windows.

use std::collections::BTreeMap;

use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::base::Value;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;
use crate::resources::pod::SAFE_SYSCTLS;

pub(super) const PLUGIN: Plugin = Plugin { validate, ..Plugin::NONE };

const MODES: [&str; 3] = [
    "pod-security.kubernetes.io/enforce",
    "pod-security.kubernetes.io/audit",
    "pod-security.kubernetes.io/warn",
];
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    match request.kind() {
        Kind::Namespace => validate_labels(request.object),
        Kind::Pod if request.old.is_none_or(|old| old.spec() != request.object.spec()) => {
            match violation(api, request.object.namespace(), request.object.spec(), "enforce") {
                None => Ok(()),
                Some(what) => request.forbidden(format!("violates PodSecurity {what}")),
            }
        }
        _ => Ok(()),
    }
}

/// What a namespace would have warned of: a Pod, or the Pods that an object makes.
pub(super) fn warning(api: &ApiServer, object: &Object) -> Option<String> {
    let pod = match object.kind {
        Kind::Pod => object.spec(),
        Kind::CronJob => object.spec().at(&["jobTemplate", "spec", "template", "spec"]),
        _ => object.spec().at(&["template", "spec"]),
    };
    violation(api, object.namespace(), pod, "warn").map(|what| format!("would violate PodSecurity {what}"))
}

/// Which of its Pods a namespace would no longer take, where its labels become stricter (pod-security-admission,
/// `ValidateNamespace`).
pub(super) fn namespace_warnings(api: &ApiServer, new: &Object, old: &Object) -> Vec<String> {
    let policy = |namespace: &Object| {
        let label = |name: &str, otherwise: &str| {
            namespace.labels().get(name).as_str().unwrap_or(otherwise).to_string()
        };
        (label(MODES[0], LEVELS[0]), label(&format!("{}-version", MODES[0]), "latest"))
    };
    let rank = |level: &str| LEVELS.iter().position(|known| *known == level);
    let ((level, version), (old_level, old_version)) = (policy(new), policy(old));
    if version == old_version && rank(&level) <= rank(&old_level) {
        return Vec::new();
    }
    // What is wrong, with how many Pods have it and the first of them.
    let mut found: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for pod in api.store().list_in(Kind::Pod, new.name()) {
        let wrong = violations(pod.spec(), &level);
        if !wrong.is_empty() {
            let reasons: Vec<&str> = wrong
                .iter()
                .map(|what| what.split_once(" (").map_or(what.as_str(), |(reason, _)| reason))
                .collect();
            found.entry(reasons.join(", ")).or_insert((0, pod.name())).0 += 1;
        }
    }
    let mut pods: Vec<String> = found
        .into_iter()
        .map(|(reasons, (count, first))| match count {
            1 => format!("{first}: {reasons}"),
            2 => format!("{first} (and 1 other pod): {reasons}"),
            _ => format!("{first} (and {} other pods): {reasons}", count - 1),
        })
        .collect();
    if !pods.is_empty() {
        pods.sort_unstable();
        let all = format!(
            "existing pods in namespace \"{}\" violate the new PodSecurity enforce level",
            new.name()
        );
        pods.insert(0, format!("{all} \"{level}:{version}\""));
    }
    pods
}

/// What a Pod spec does that a namespace is against: `"baseline:latest": privileged (…)`.
fn violation(api: &ApiServer, namespace: &str, spec: &Value, mode: &str) -> Option<String> {
    let namespace = api.get(&ObjectKey::new(Kind::Namespace, "", namespace))?;
    let label =
        |suffix: &str| namespace.labels().get(&format!("pod-security.kubernetes.io/{mode}{suffix}")).as_str();
    let level = label("")?;
    let found = violations(spec, level);
    (!found.is_empty() && !spec.is_null())
        .then(|| format!("\"{level}:{}\": {}", label("-version").unwrap_or("latest"), found.join(", ")))
}

fn validate_labels(namespace: &Object) -> Result<(), Status> {
    let causes: Vec<Cause> = MODES
        .iter()
        .filter_map(|mode| Some((mode, namespace.labels().get(mode).as_str()?)))
        .filter(|(_, level)| !LEVELS.contains(level))
        .map(|(mode, level)| {
            let detail = format!("must be one of {}", LEVELS.join(", "));
            Cause::invalid(format!("metadata.labels[{mode}]"), format!("\"{level}\""), &detail)
        })
        .collect();
    if causes.is_empty() { Ok(()) } else { Err(Status::invalid(Kind::Namespace, namespace.name(), causes)) }
}

/// What a Pod spec does that a level forbids, each as `reason (detail)`.
fn violations(spec: &Value, level: &str) -> Vec<String> {
    let restricted = level == "restricted";
    if !restricted && level != "baseline" {
        return Vec::new();
    }
    let pod = Pod { spec };
    let mut found: Vec<Option<String>> = Vec::new();
    if !restricted {
        found.push(
            pod.added_capabilities(BASELINE_CAPABILITIES)
                .map(|what| format!("non-default capabilities ({what})")),
        );
    }
    found.push(pod.host_namespaces());
    if !restricted {
        found.push(pod.host_paths());
    }
    found.extend([pod.host_ports(), pod.privileged(), pod.proc_mount()]);
    if !restricted {
        found.push(pod.unconfined().map(|what| format!("seccompProfile ({what})")));
    }
    found.push(pod.sysctls());
    if restricted {
        found.extend([
            pod.privilege_escalation(),
            pod.capabilities(),
            pod.volumes(),
            pod.non_root(),
            pod.root_user(),
            pod.seccomp(),
        ]);
    }
    found.into_iter().flatten().collect()
}

const BASELINE_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
const RESTRICTED_VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// `container "a"`, or `containers "a", "b"`.
fn named(word: &str, names: &[&str]) -> String {
    format!("{word}{} {}", if names.len() == 1 { "" } else { "s" }, quoted(names.iter().copied()))
}

fn name(of: &Value) -> &str {
    of.get("name").str()
}

/// A Pod spec that is looked at.
struct Pod<'a> {
    spec: &'a Value,
}

impl<'a> Pod<'a> {
    fn containers(&self) -> impl Iterator<Item = &'a Value> {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        lists.into_iter().flat_map(|list| self.spec.get(list).items())
    }

    fn names(&self, bad: impl Fn(&Value) -> bool) -> Vec<&'a str> {
        self.containers().filter(|container| bad(container.get("securityContext"))).map(name).collect()
    }

    fn of_containers(&self, reason: &str, rule: &str, bad: impl Fn(&Value) -> bool) -> Option<String> {
        let names = self.names(bad);
        (!names.is_empty()).then(|| format!("{reason} ({} {rule})", named("container", &names)))
    }

    fn added_capabilities(&self, allowed: &[&str]) -> Option<String> {
        let mut all: Vec<&str> = Vec::new();
        let mut names = Vec::new();
        for container in self.containers() {
            let added = container.at(&["securityContext", "capabilities", "add"]).items();
            let bad: Vec<&str> =
                added.iter().map(Value::str).filter(|added| !allowed.contains(added)).collect();
            if !bad.is_empty() {
                names.push(name(container));
                all.extend(bad);
            }
        }
        all.sort_unstable();
        all.dedup();
        (!names.is_empty()).then(|| {
            let who = named("container", &names);
            format!("{who} must not include {} in securityContext.capabilities.add", quoted(all))
        })
    }

    fn host_namespaces(&self) -> Option<String> {
        let fields =
            ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|field| self.spec.get(field).bool());
        let fields: Vec<String> = fields.map(|field| format!("{field}=true")).collect();
        (!fields.is_empty()).then(|| format!("host namespaces ({})", fields.join(", ")))
    }

    fn host_paths(&self) -> Option<String> {
        let volumes = self.spec.get("volumes").items().iter();
        let names: Vec<&str> = volumes.filter(|volume| !volume.get("hostPath").is_null()).map(name).collect();
        (!names.is_empty()).then(|| format!("hostPath volumes ({})", named("volume", &names)))
    }

    fn host_ports(&self) -> Option<String> {
        let (mut names, mut ports) = (Vec::new(), Vec::new());
        for container in self.containers() {
            let own = container.get("ports").items().iter().map(|port| port.get("hostPort").int());
            let own: Vec<i64> = own.filter(|port| *port != 0).collect();
            if !own.is_empty() {
                names.push(name(container));
                ports.extend(own);
            }
        }
        ports.sort_unstable();
        ports.dedup();
        let texts: Vec<String> = ports.iter().map(i64::to_string).collect();
        (!names.is_empty()).then(|| {
            format!(
                "hostPort ({} {} {} {})",
                named("container", &names),
                if names.len() == 1 { "uses" } else { "use" },
                if ports.len() == 1 { "hostPort" } else { "hostPorts" },
                texts.join(", ")
            )
        })
    }

    fn privileged(&self) -> Option<String> {
        let rule = "must not set securityContext.privileged=true";
        self.of_containers("privileged", rule, |context| context.get("privileged").bool())
    }

    fn proc_mount(&self) -> Option<String> {
        let rule = "must not set securityContext.procMount to \"Unmasked\"";
        self.of_containers("procMount", rule, |context| context.get("procMount").str() == "Unmasked")
    }

    fn sysctls(&self) -> Option<String> {
        let all = self.spec.at(&["securityContext", "sysctls"]).items().iter().map(name);
        let bad: Vec<&str> = all.filter(|name| !SAFE_SYSCTLS.contains(name)).collect();
        (!bad.is_empty()).then(|| format!("forbidden sysctls ({})", bad.join(", ")))
    }

    fn privilege_escalation(&self) -> Option<String> {
        let rule = "must set securityContext.allowPrivilegeEscalation=false";
        self.of_containers("allowPrivilegeEscalation != false", rule, |context| {
            context.get("allowPrivilegeEscalation") != &Value::Bool(false)
        })
    }

    fn capabilities(&self) -> Option<String> {
        let keeps = |context: &Value| {
            !context.at(&["capabilities", "drop"]).items().iter().any(|dropped| dropped.str() == "ALL")
        };
        let names = self.names(keeps);
        let kept = (!names.is_empty()).then(|| {
            format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", named("container", &names))
        });
        let texts: Vec<String> =
            kept.into_iter().chain(self.added_capabilities(&["NET_BIND_SERVICE"])).collect();
        (!texts.is_empty()).then(|| format!("unrestricted capabilities ({})", texts.join("; ")))
    }

    fn volumes(&self) -> Option<String> {
        let (mut names, mut types) = (Vec::new(), Vec::new());
        for volume in self.spec.get("volumes").items() {
            let source = volume.entries().map(|(field, _)| field).find(|field| *field != "name");
            if let Some(bad) = source.filter(|source| !RESTRICTED_VOLUMES.contains(source)) {
                names.push(name(volume));
                types.push(bad);
            }
        }
        types.sort_unstable();
        types.dedup();
        (!names.is_empty()).then(|| {
            format!(
                "restricted volume types ({} {} restricted volume type{} {})",
                named("volume", &names),
                if names.len() == 1 { "uses" } else { "use" },
                if types.len() == 1 { "" } else { "s" },
                quoted(types.iter().copied())
            )
        })
    }

    fn non_root(&self) -> Option<String> {
        const FALSE: Value = Value::Bool(false);
        let of_pod = self.spec.at(&["securityContext", "runAsNonRoot"]);
        let explicit = self.names(|context| context.get("runAsNonRoot") == &FALSE);
        let unset = self.names(|context| context.get("runAsNonRoot").is_null());
        let rule = "must not set securityContext.runAsNonRoot=false";
        let mut bad = Vec::new();
        if *of_pod == FALSE && !unset.is_empty() {
            bad.push("pod".to_string());
        }
        if !explicit.is_empty() {
            bad.push(named("container", &explicit));
        }
        let text = match (&bad[..], of_pod) {
            ([], Value::Null) if !unset.is_empty() => {
                format!("pod or {} must set securityContext.runAsNonRoot=true", named("container", &unset))
            }
            ([], _) => return None,
            _ => format!("{} {rule}", bad.join(" and ")),
        };
        Some(format!("runAsNonRoot != true ({text})"))
    }

    fn root_user(&self) -> Option<String> {
        let is_root = |context: &Value| context.get("runAsUser").as_int() == Some(0);
        let names = self.names(is_root);
        let mut bad = Vec::new();
        if is_root(self.spec.get("securityContext")) {
            bad.push("pod".to_string());
        }
        if !names.is_empty() {
            bad.push(named("container", &names));
        }
        (!bad.is_empty()).then(|| format!("runAsUser=0 ({} must not set runAsUser=0)", bad.join(" and ")))
    }

    /// Who says that nothing is to be confined.
    fn unconfined(&self) -> Option<String> {
        let kind = |context: &Value| context.at(&["seccompProfile", "type"]).str() == "Unconfined";
        let names = self.names(kind);
        let mut bad = Vec::new();
        if kind(self.spec.get("securityContext")) {
            bad.push("pod".to_string());
        }
        if !names.is_empty() {
            bad.push(named("container", &names));
        }
        (!bad.is_empty()).then(|| {
            format!(
                "{} must not set securityContext.seccompProfile.type to \"Unconfined\"",
                bad.join(" and ")
            )
        })
    }

    fn seccomp(&self) -> Option<String> {
        let unset = self.names(|context| context.at(&["seccompProfile", "type"]).is_empty());
        let by_pod = !self.spec.at(&["securityContext", "seccompProfile", "type"]).is_empty();
        let text = match self.unconfined() {
            Some(text) => text,
            None if by_pod || unset.is_empty() => return None,
            None => format!(
                "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
                named("container", &unset)
            ),
        };
        Some(format!("seccompProfile ({text})"))
    }
}
