//! A `PodSpec` as a whole (pkg/apis/core/validation, `ValidatePodSpec`).

use crate::api::Cause;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::metadata::validate_labels;
use crate::resources::path::Path;

use super::{containers, requirements, scheduling, security, volumes};

/// What the parts of a spec need to know of the whole.
pub struct Context<'a> {
    /// The whole spec.
    pub spec: &'a Value,
    /// The name of the Pod; none in a template.
    pub pod_name: Option<&'a str>,
    /// Volumes of a StatefulSet's claims, which the spec may mount without declaring them.
    pub claimed: &'a [&'a str],
}

impl<'a> Context<'a> {
    /// A template's spec.
    pub fn template(spec: &'a Value) -> Self {
        Self { spec, pod_name: None, claimed: &[] }
    }
    /// True for the spec of a Pod itself.
    pub fn is_pod(&self) -> bool {
        self.pod_name.is_some()
    }
    /// False where the Pod has a user namespace of its own.
    pub fn host_users(&self) -> bool {
        self.spec.get("hostUsers").as_bool().unwrap_or(true)
    }
    /// `terminationGracePeriodSeconds`
    pub fn grace_period_seconds(&self) -> Option<i64> {
        self.spec.get("terminationGracePeriodSeconds").as_int()
    }
    /// True where `resourceClaims` has this name.
    pub fn claim_names(&self) -> impl Iterator<Item = &'a str> {
        self.spec.get("resourceClaims").items().iter().map(|claim| claim.get("name").str())
    }
    /// `Always`, `OnFailure` or `Never`.
    pub fn restart_policy(&self) -> &'a str {
        self.spec.get("restartPolicy").str()
    }
}

/// Everything wrong with a spec whose defaults are set.
pub fn validate(context: &Context, path: &Path, causes: &mut Vec<Cause>) {
    let spec = context.spec;
    if spec.get("terminationGracePeriodSeconds").is_null() {
        causes.push(path.field("terminationGracePeriodSeconds").required());
    }
    let mountable = volumes::validate(context, &path.field("volumes"), causes);
    validate_resource_claims(spec, &path.field("resourceClaims"), causes);
    containers::validate(context, &mountable, &path.field("containers"), causes);
    containers::validate_init(context, &mountable, &path.field("initContainers"), causes);
    containers::validate_ephemeral(context, &mountable, &path.field("ephemeralContainers"), causes);
    requirements::validate_pod_level(context, &path.field("resources"), causes);
    validate_host_ports(context, path, causes);
    let supported = ["Always", "OnFailure", "Never"];
    one_of(spec, "restartPolicy", &supported, path, causes);
    let supported = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(spec, "dnsPolicy", &supported, path, causes);
    validate_labels(spec.get("nodeSelector"), &path.field("nodeSelector"), causes);
    security::validate_pod(spec, &path.field("securityContext"), causes);
    scheduling::validate_affinity(spec.get("affinity"), &path.field("affinity"), causes);
    validate_dns_config(spec, &path.field("dnsConfig"), causes);
    let gates = path.field("readinessGates");
    for (at, gate) in spec.get("readinessGates").items().iter().enumerate() {
        let path = gates.index(at);
        path.field("conditionType").check(gate.get("conditionType").str(), formats::qualified_name, causes);
    }
    validate_scheduling_gates(spec, &path.field("schedulingGates"), causes);
    scheduling::validate_spread(spec, &path.field("topologySpreadConstraints"), causes);
    validate_host_users(context, path, causes);
    for (field, check) in [
        ("serviceAccountName", formats::dns_subdomain as fn(&str) -> Vec<String>),
        ("nodeName", formats::dns_subdomain),
    ] {
        check_if_set(spec, field, check, path, causes);
    }
    if let Some(seconds) = spec.get("activeDeadlineSeconds").as_int() {
        const MOST: i64 = i32::MAX as i64;
        if !(1..=MOST).contains(&seconds) {
            causes.push(path.field("activeDeadlineSeconds").invalid(seconds, formats::between(1, MOST)));
        }
    }
    check_if_set(spec, "hostname", formats::dns_label, path, causes);
    check_if_set(spec, "subdomain", formats::dns_label, path, causes);
    scheduling::validate_tolerations(spec.get("tolerations"), &path.field("tolerations"), causes);
    let aliases = path.field("hostAliases");
    for (at, alias) in spec.get("hostAliases").items().iter().enumerate() {
        let path = aliases.index(at);
        path.field("ip").check(alias.get("ip").str(), formats::ip_address, causes);
        for (at, name) in alias.get("hostnames").items().iter().enumerate() {
            path.field("hostnames").index(at).check(name.str(), formats::dns_subdomain, causes);
        }
    }
    check_if_set(spec, "priorityClassName", formats::dns_subdomain, path, causes);
    check_if_set(spec, "runtimeClassName", formats::dns_subdomain, path, causes);
    if !spec.get("preemptionPolicy").is_null() {
        one_of(spec, "preemptionPolicy", &["PreemptLowerPriority", "Never"], path, causes);
    }
    if !spec.get("overhead").is_null() {
        requirements::validate_list(spec.get("overhead"), &path.field("overhead").field("limits"), causes);
    }
    if !spec.get("os").is_null() {
        validate_os(spec, path, causes);
    }
}

/// A field that must have one of a few values.
pub fn one_of(of: &Value, field: &str, supported: &[&str], path: &Path, causes: &mut Vec<Cause>) {
    match of.get(field).str() {
        "" => causes.push(path.field(field).required()),
        value if supported.contains(&value) => {}
        value => causes.push(path.field(field).unsupported(value, supported)),
    }
}

fn check_if_set(
    of: &Value,
    field: &str,
    check: fn(&str) -> Vec<String>,
    path: &Path,
    causes: &mut Vec<Cause>,
) {
    let text = of.get(field).str();
    if !text.is_empty() {
        path.field(field).check(text, check, causes);
    }
}

fn validate_resource_claims(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    use crate::resources::structs::{Internal, RESOURCE_CLAIM, Type};
    let claims = spec.get("resourceClaims").items();
    for (at, claim) in claims.iter().enumerate() {
        let path = path.index(at);
        let name = claim.get("name").str();
        if name.is_empty() {
            causes.push(path.field("name").required());
        } else if claims[..at].iter().any(|other| other.get("name").str() == name) {
            causes.push(path.field("name").duplicate(name));
        } else {
            path.field("name").check(name, formats::dns_label, causes);
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        let detail = match sources.iter().filter(|source| !claim.get(source).is_null()).count() {
            0 => "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            1 => "",
            _ => "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
        };
        if !detail.is_empty() {
            causes.push(path.invalid(Internal(claim, Type::Struct(&RESOURCE_CLAIM)), detail));
        }
        for source in sources {
            check_if_set(claim, source, formats::dns_subdomain, &path, causes);
        }
    }
}

/// On the network of the node, a container's port is that of the host.
fn validate_host_ports(context: &Context, path: &Path, causes: &mut Vec<Cause>) {
    if !context.spec.get("hostNetwork").bool() {
        return;
    }
    let containers = path.field("containers");
    for (at, container) in context.spec.get("containers").items().iter().enumerate() {
        let container_path = containers.index(at);
        let ports = container_path.field("ports");
        for (at, port) in container.get("ports").items().iter().enumerate() {
            let (host, inside) = (port.get("hostPort").int(), port.get("containerPort").int());
            if (context.is_pod() || host != 0) && host != inside {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                causes.push(ports.index(at).field("hostPort").invalid(host, detail));
            }
        }
    }
}

fn validate_dns_config(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let config = spec.get("dnsConfig");
    let servers = config.get("nameservers").items();
    if spec.get("dnsPolicy").str() == "None" {
        if config.is_null() {
            let detail = "must provide `dnsConfig` when `dnsPolicy` is None";
            causes.push(path.required_because(detail));
            return;
        }
        if servers.is_empty() {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            causes.push(path.field("nameservers").required_because(detail));
            return;
        }
    }
    if servers.len() > 3 {
        let path = path.field("nameservers");
        causes.push(path.invalid(config.get("nameservers"), "must not have more than 3 nameservers"));
    }
    for (at, server) in servers.iter().enumerate() {
        path.field("nameservers").index(at).check(server.str(), formats::ip_address, causes);
    }
    let searches = config.get("searches").items();
    let path_of_searches = path.field("searches");
    if searches.len() > 32 {
        causes.push(
            path_of_searches.invalid(config.get("searches"), "must not have more than 32 search paths"),
        );
    }
    let characters = searches.iter().map(|search| search.str().len() + 1).sum::<usize>();
    if characters > 2049 {
        let detail = "must not have more than 2048 characters (including spaces) in the search list";
        causes.push(path_of_searches.invalid(config.get("searches"), detail));
    }
    for (at, search) in searches.iter().enumerate().filter(|(_, search)| search.str() != ".") {
        let search = search.str();
        let search = search.strip_suffix('.').unwrap_or(search);
        path_of_searches.index(at).check(search, formats::dns_subdomain_with_underscore, causes);
    }
    for (at, option) in config.get("options").items().iter().enumerate() {
        if option.get("name").str().is_empty() {
            causes.push(path.field("options").index(at).required_because("must not be empty"));
        }
    }
}

fn validate_scheduling_gates(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let gates = spec.get("schedulingGates").items();
    for (at, gate) in gates.iter().enumerate() {
        let name = gate.get("name").str();
        path.index(at).check(name, formats::qualified_name, causes);
        if gates[..at].iter().any(|other| other.get("name").str() == name) {
            causes.push(path.index(at).duplicate(name));
        }
    }
}

fn validate_host_users(context: &Context, path: &Path, causes: &mut Vec<Cause>) {
    if context.host_users() {
        return;
    }
    for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if context.spec.get(field).bool() {
            causes.push(path.field(shown).forbidden("when `pod.Spec.HostUsers` is false"));
        }
    }
}

fn validate_os(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match spec.at(&["os", "name"]).str() {
        "" => causes.push(path.field("os").field("name").required_because("cannot be empty")),
        "linux" => {
            if !spec.at(&["securityContext", "windowsOptions"]).is_null() {
                let path = path.field("securityContext");
                causes.push(
                    path.field("windowsOptions").forbidden("windows options cannot be set for a linux pod"),
                );
            }
        }
        "windows" => security::validate_windows(spec, path, causes),
        other => causes.push(path.field("os").unsupported(other, &["linux", "windows"])),
    }
}

/// Annotations that mean something on a Pod or a template (`ValidatePodSpecificAnnotations`).
pub fn validate_annotations(annotations: &Value, spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const MIRROR: &str = "kubernetes.io/config.mirror";
    if let Some(value) = annotations.get(MIRROR).as_str()
        && spec.get("nodeName").str().is_empty()
    {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        causes.push(path.key(MIRROR).invalid(value, detail));
    }
    const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if let Some(cost) = annotations.get(DELETION_COST).as_str() {
        let leads = cost.starts_with('+') || (cost.len() > 1 && cost.starts_with('0'));
        if leads || cost.parse::<i32>().is_err() {
            causes.push(path.key(DELETION_COST).invalid(cost, "must be a 32bit integer"));
        }
    }
    security::validate_profile_annotations(annotations, spec, path, causes);
}
