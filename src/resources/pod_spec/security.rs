//! Security contexts.

use crate::api::Cause;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::{Path, quote};
use crate::resources::structs::{Internal, SECURITY_CONTEXT, Type};

use super::validation::Context;

fn check_id(of: &Value, field: &str, path: &Path, causes: &mut Vec<Cause>) {
    if let Some(id) = of.get(field).as_int() {
        causes.extend(formats::user_id(id).iter().map(|m| path.field(field).invalid(id, m)));
    }
}

/// `spec.securityContext`
pub fn validate_pod(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let context = spec.get("securityContext");
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        check_id(context, field, path, causes);
    }
    for (at, group) in context.get("supplementalGroups").items().iter().enumerate() {
        let messages = formats::user_id(group.int());
        causes.extend(messages.iter().map(|m| path.field("supplementalGroups").index(at).invalid(group, m)));
    }
    if spec.get("shareProcessNamespace").bool() && spec.get("hostPID").bool() {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        causes.push(path.field("shareProcessNamespace").invalid(true, detail));
    }
    validate_sysctls(spec, &path.field("sysctls"), causes);
    let enums: [(&str, &[&str]); 3] = [
        ("fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
        ("supplementalGroupsPolicy", &["Merge", "Strict"]),
        ("seLinuxChangePolicy", &["MountOption", "Recursive"]),
    ];
    let check_enum = |(field, supported): (&str, &[&str]), causes: &mut Vec<Cause>| {
        if let Some(value) = context.get(field).as_str()
            && !supported.contains(&value)
        {
            causes.push(path.field(field).unsupported(value, supported));
        }
    };
    check_enum(enums[0], causes);
    validate_seccomp(context.get("seccompProfile"), &path.field("seccompProfile"), causes);
    validate_app_armor(context.get("appArmorProfile"), &path.field("appArmorProfile"), causes);
    check_enum(enums[1], causes);
    check_enum(enums[2], causes);
}

/// Those that a kubelet lets every Pod set (kubelet `SafeSysctlAllowlist`), as the Pod Security Standards do.
pub const SAFE_SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

fn validate_sysctls(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let sysctls = spec.at(&["securityContext", "sysctls"]).items();
    for (at, sysctl) in sysctls.iter().enumerate() {
        let path = path.index(at);
        let name = sysctl.get("name").str();
        if name.is_empty() {
            causes.push(path.field("name").required());
        } else if !is_sysctl_name(name) {
            let segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
            let detail =
                format!(r"must have at most 253 characters and match regex ^({segment}[\./])*{segment}$");
            causes.push(path.field("name").invalid(name, detail));
        } else if sysctls[..at].iter().any(|other| other.get("name").str() == name) {
            causes.push(path.field("name").duplicate(name));
        }
        let of_network = name.starts_with("net.");
        let of_ipc = name == "kernel.sem"
            || ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|prefix| name.starts_with(prefix));
        for (field, shared) in [("hostNetwork", of_network), ("hostIPC", of_ipc)] {
            if shared && spec.get(field).bool() {
                let detail = format!("may not be specified when '{field}' is true");
                causes.push(path.field("name").invalid(name, detail));
            }
        }
    }
}

fn is_sysctl_name(name: &str) -> bool {
    let is_segment = |segment: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let bytes = segment.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(b))
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_segment)
}

const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

fn validate_seccomp(profile: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if profile.is_null() {
        return;
    }
    let (kind, local) = (profile.get("type").str(), profile.get("localhostProfile"));
    match kind {
        "" => causes.push(path.field("type").required_because("type is required when seccompProfile is set")),
        kind if PROFILES.contains(&kind) => {}
        kind => causes.push(path.field("type").unsupported(kind, PROFILES)),
    }
    let path = path.field("localhostProfile");
    match (kind, local.as_str()) {
        ("Localhost", None) => {
            causes.push(path.required_because("must be set when seccomp type is Localhost"))
        }
        ("Localhost", Some(file)) => path.check(file, formats::descending_path, causes),
        (_, Some(_)) => {
            let shown = crate::value!({"Type": kind, "LocalhostProfile": (local.clone())});
            causes.push(path.invalid(&shown, "can only be set when seccomp type is Localhost"));
        }
        (_, None) => {}
    }
}

fn validate_app_armor(profile: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if profile.is_null() {
        return;
    }
    let local = profile.get("localhostProfile").as_str();
    let field = path.field("localhostProfile");
    match (profile.get("type").str(), local) {
        ("Localhost", None | Some("")) => {
            causes.push(field.required_because("must be set when AppArmor type is Localhost"));
        }
        ("Localhost", Some(file)) if file.trim() != file => {
            causes.push(field.invalid(file, "must not be padded with whitespace"));
        }
        ("Localhost", _) | ("RuntimeDefault" | "Unconfined", None) => {}
        ("RuntimeDefault" | "Unconfined", Some(file)) => {
            causes.push(field.invalid(file, "can only be set when AppArmor type is Localhost"));
        }
        ("", _) => {
            let detail = "type is required when appArmorProfile is set";
            causes.push(path.field("type").required_because(detail));
        }
        (kind, _) => causes.push(path.field("type").unsupported(kind, PROFILES)),
    }
}

/// `securityContext` of a container.
pub fn validate_container(pod: &Context, container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let context = container.get("securityContext");
    if context.is_null() {
        return;
    }
    check_id(context, "runAsUser", path, causes);
    check_id(context, "runAsGroup", path, causes);
    match context.get("procMount").as_str() {
        None | Some("Default") => {}
        Some("Unmasked") => {
            if pod.host_users() {
                let detail = "`hostUsers` must be false to use `Unmasked`";
                causes.push(path.field("procMount").invalid("Unmasked", detail));
            }
        }
        Some(other) => causes.push(path.field("procMount").unsupported(other, &["Default", "Unmasked"])),
    }
    validate_seccomp(context.get("seccompProfile"), &path.field("seccompProfile"), causes);
    if context.get("allowPrivilegeEscalation").as_bool() == Some(false) {
        let shown = || Internal(context, Type::Struct(&SECURITY_CONTEXT));
        if context.get("privileged").bool() {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            causes.push(path.invalid(shown(), detail));
        }
        for capability in context.at(&["capabilities", "add"]).items() {
            if capability.str() == "CAP_SYS_ADMIN" {
                let detail =
                    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
                causes.push(path.invalid(shown(), detail));
            }
        }
    }
    validate_app_armor(context.get("appArmorProfile"), &path.field("appArmorProfile"), causes);
}

/// What a Pod of Windows cannot have.
pub fn validate_windows(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const DETAIL: &str = "cannot be set for a windows pod";
    let context = spec.get("securityContext");
    let in_context = path.field("securityContext");
    let mut check = |of: &Value, field: &str, path: &Path| {
        if !of.get(field).is_null() {
            causes.push(path.field(field).forbidden(DETAIL));
        }
    };
    for field in ["appArmorProfile", "seLinuxOptions"] {
        check(context, field, &in_context);
    }
    for field in ["hostUsers", "hostPID", "hostIPC"] {
        check(spec, field, path);
    }
    for field in ["seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"] {
        check(context, field, &in_context);
    }
    check(spec, "shareProcessNamespace", path);
    let rest =
        ["runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"];
    for field in rest {
        check(context, field, &in_context);
    }
}

/// The annotations that once held AppArmor profiles.
pub fn validate_profile_annotations(annotations: &Value, spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
    for (key, profile) in annotations.entries() {
        let Some(name) = key.strip_prefix(PREFIX) else { continue };
        let lists = ["containers", "initContainers", "ephemeralContainers"];
        let mut containers = lists.iter().flat_map(|list| spec.get(list).items());
        if !containers.any(|container| container.get("name").str() == name) {
            causes.push(path.key(key).invalid(name, "container not found"));
        }
        let profile = profile.str();
        if !matches!(profile, "" | "runtime/default" | "unconfined") && !profile.starts_with("localhost/") {
            let quoted = quote(profile);
            causes.push(
                path.key(key).invalid(profile, format_args!("invalid AppArmor profile name: {quoted}")),
            );
        }
    }
}
