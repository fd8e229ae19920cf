//! What a Service must be like (pkg/apis/core/validation, `ValidateService`).

use std::collections::BTreeSet;

use crate::api::Cause;
use crate::base::Value;
use crate::resources::path::Path;
use crate::resources::pod_spec::one_of;
use crate::resources::structs::{Internal, SERVICE_PORT, Type};
use crate::resources::{formats, metadata};
use crate::value;

const SPEC: Path = Path::root("spec");

fn is_headless(spec: &Value) -> bool {
    matches!(spec.get("clusterIPs").items(), [only] if only.str() == "None")
}

pub(super) fn validate(service: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(service, true, formats::dns_label, causes);
    validate_spec(service.get("spec"), causes);
}

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    let kind = spec.get("type").str();
    let ports = spec.get("ports").items();
    if ports.is_empty() && !is_headless(spec) && kind != "ExternalName" {
        causes.push(SPEC.field("ports").required());
    }
    let addresses = SPEC.field("clusterIPs");
    match kind {
        "LoadBalancer" | "NodePort" if is_headless(spec) => {
            let detail = format!("may not be set to 'None' for {kind} services");
            causes.push(addresses.index(0).invalid("None", detail));
        }
        "ExternalName" => {
            for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                if !spec.get(field).is_empty() {
                    causes.push(SPEC.field(field).forbidden("may not be set for ExternalName services"));
                }
            }
            let name = spec.get("externalName").str();
            match name.strip_suffix('.').unwrap_or(name) {
                "" => causes.push(SPEC.field("externalName").required()),
                name => SPEC.field("externalName").check(name, formats::dns_subdomain, causes),
            }
        }
        _ => {}
    }
    let path = SPEC.field("ports");
    let mut names = BTreeSet::new();
    for (at, port) in ports.iter().enumerate() {
        validate_port(port, ports.len() > 1, &mut names, &path.index(at), causes);
    }
    metadata::validate_labels(spec.get("selector"), &SPEC.field("selector"), causes);
    validate_affinity(spec, causes);
    validate_addresses(spec, causes);
    let external = SPEC.field("externalIPs");
    for (at, ip) in spec.get("externalIPs").items().iter().enumerate() {
        let check = |text: &str| match formats::ip_address(text) {
            messages if messages.is_empty() => formats::not_special_ip(text),
            messages => messages,
        };
        external.index(at).check(ip.str(), check, causes);
    }
    one_of(spec, "type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], &SPEC, causes);
    for (at, _) in ports.iter().enumerate().filter(|(_, port)| port.get("nodePort").int() != 0) {
        if kind == "ClusterIP" {
            let detail = "may not be used when `type` is 'ClusterIP'";
            causes.push(path.index(at).field("nodePort").forbidden(detail));
        }
    }
    validate_uniqueness(ports, &path, causes);
    validate_load_balancer(spec, causes);
    validate_traffic(spec, causes);
}

fn validate_port<'a>(
    port: &'a Value,
    name_is_required: bool,
    names: &mut BTreeSet<&'a str>,
    path: &Path,
    causes: &mut Vec<Cause>,
) {
    let name = port.get("name").str();
    if !name.is_empty() {
        path.field("name").check(name, formats::dns_label, causes);
        if !names.insert(name) {
            causes.push(path.field("name").duplicate(name));
        }
    } else if name_is_required {
        causes.push(path.field("name").required());
    }
    let number = port.get("port").int();
    causes.extend(formats::port_number(number).iter().map(|m| path.field("port").invalid(number, m)));
    one_of(port, "protocol", &["SCTP", "TCP", "UDP"], path, causes);
    let target = port.get("targetPort");
    match target.as_str() {
        Some(name) => path.field("targetPort").check(name, formats::port_name, causes),
        None => {
            let messages = formats::port_number(target.int());
            causes.extend(messages.iter().map(|m| path.field("targetPort").invalid(target.int(), m)));
        }
    }
    if let Some(protocol) = port.get("appProtocol").as_str() {
        path.field("appProtocol").check(protocol, formats::qualified_name, causes);
    }
}

fn validate_uniqueness(ports: &[Value], path: &Path, causes: &mut Vec<Cause>) {
    for (at, port) in ports.iter().enumerate() {
        let same = |field: &str| {
            let mut before = ports[..at].iter();
            before.any(|other| {
                other.get(field) == port.get(field) && other.get("protocol") == port.get("protocol")
            })
        };
        if port.get("nodePort").int() != 0 && same("nodePort") {
            causes.push(path.index(at).field("nodePort").duplicate(port.get("nodePort").int()));
        }
    }
    for (at, port) in ports.iter().enumerate() {
        let same = |other: &Value| {
            other.get("port") == port.get("port") && other.get("protocol") == port.get("protocol")
        };
        if ports[..at].iter().any(same) {
            let key = value!({"port": (port.get("port")), "protocol": (port.get("protocol"))});
            causes.push(path.index(at).duplicate(Internal(&key, Type::Struct(&SERVICE_PORT))));
        }
    }
}

fn validate_affinity(spec: &Value, causes: &mut Vec<Cause>) {
    one_of(spec, "sessionAffinity", &["ClientIP", "None"], &SPEC, causes);
    if spec.get("sessionAffinity").str() != "ClientIP" {
        return;
    }
    let seconds = spec.at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).int();
    if !(1..=86_400).contains(&seconds) {
        let config = SPEC.field("sessionAffinityConfig");
        let path = config.field("clientIP");
        let detail = "must be greater than 0 and less than 86400";
        causes.push(path.field("timeoutSeconds").invalid(seconds, detail));
    }
}

/// `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`.
fn validate_addresses(spec: &Value, causes: &mut Vec<Cause>) {
    if spec.get("type").str() == "ExternalName" {
        return;
    }
    let (all, first) = (spec.get("clusterIPs"), spec.get("clusterIP"));
    let path = SPEC.field("clusterIPs");
    if !first.str().is_empty() {
        match all.items().first() {
            None => causes.push(path.required()),
            Some(ip) if ip != first => causes.push(path.invalid(all, "first value must match `clusterIP`")),
            Some(_) => {}
        }
    } else if !all.is_empty() {
        causes.push(path.invalid(all, "must be empty when `clusterIP` is not specified"));
    }
    let families = spec.get("ipFamilies").items();
    let path_of_families = SPEC.field("ipFamilies");
    for (at, family) in families.iter().enumerate() {
        if !matches!(family.str(), "IPv4" | "IPv6") {
            causes.push(path_of_families.index(at).unsupported(family, &["IPv4", "IPv6"]));
        }
        if families[..at].contains(family) {
            causes.push(path_of_families.index(at).duplicate(family));
        }
    }
    if let Some(policy) = spec.get("ipFamilyPolicy").as_str() {
        let supported = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        if !supported.contains(&policy) {
            causes.push(SPEC.field("ipFamilyPolicy").unsupported(policy, &supported));
        }
    }
    let before = causes.len();
    for (at, ip) in all.items().iter().enumerate() {
        if at == 0 && ip.str() == "None" {
            if all.items().len() > 1 {
                causes.push(path.invalid(all, "'None' must be the first and only value"));
            }
            continue;
        }
        path.index(at).check(ip.str(), formats::ip_address, causes);
    }
    let are_addresses = causes.len() == before;
    if all.items().len() > 2 {
        causes.push(path.invalid(all, "may only hold up to 2 values"));
    }
    if !are_addresses {
        return;
    }
    let is_v6 = |ip: &Value| formats::parse_ip(ip.str()).is_some_and(|ip| ip.is_ipv6());
    if let [first, second, ..] = all.items()
        && is_v6(first) == is_v6(second)
    {
        causes.push(path.invalid(all, "may specify no more than one IP for each IP family"));
    }
    if is_headless(spec) {
        return;
    }
    for (at, (ip, family)) in all.items().iter().zip(families).enumerate() {
        if is_v6(ip) != (family.str() == "IPv6") {
            let detail = format!("expected an {} value as indicated by `ipFamilies[{at}]`", family.str());
            causes.push(path.index(at).invalid(ip, detail));
        }
    }
}

fn validate_load_balancer(spec: &Value, causes: &mut Vec<Cause>) {
    let is_balanced = spec.get("type").str() == "LoadBalancer";
    const ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
    let ranges = spec.get("loadBalancerSourceRanges").items();
    if !ranges.is_empty() {
        let path = SPEC.field("LoadBalancerSourceRanges");
        if !is_balanced {
            causes.push(path.forbidden(ONLY));
        }
        for (at, range) in ranges.iter().enumerate() {
            path.index(at).check(range.str().trim(), formats::cidr, causes);
        }
    }
    if !is_balanced && !spec.get("allocateLoadBalancerNodePorts").is_null() {
        causes.push(SPEC.field("allocateLoadBalancerNodePorts").forbidden(ONLY));
    }
    if let Some(class) = spec.get("loadBalancerClass").as_str() {
        let path = SPEC.field("loadBalancerClass");
        match is_balanced {
            true => path.check(class, formats::qualified_name, causes),
            false => causes.push(path.forbidden(ONLY)),
        }
    }
}

fn validate_traffic(spec: &Value, causes: &mut Vec<Cause>) {
    let kind = spec.get("type").str();
    let is_open = matches!(kind, "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP" && !spec.get("externalIPs").is_empty());
    let policy = spec.get("externalTrafficPolicy").str();
    let path = SPEC.field("externalTrafficPolicy");
    match (is_open, policy) {
        (false, "") | (true, "Cluster" | "Local") => {}
        (false, _) => {
            causes.push(path.invalid(policy, "may only be set for externally-accessible services"));
        }
        (true, "") => causes.push(path.required()),
        (true, _) => causes.push(path.unsupported(policy, &["Cluster", "Local"])),
    }
    let port = spec.get("healthCheckNodePort").int();
    if port != 0 && (kind != "LoadBalancer" || policy != "Local") {
        let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        causes.push(SPEC.field("healthCheckNodePort").invalid(port, detail));
    }
    match spec.get("internalTrafficPolicy").as_str() {
        Some("Cluster" | "Local") => {}
        None if !is_open && kind != "ClusterIP" => {}
        None => causes.push(SPEC.field("internalTrafficPolicy").required()),
        Some(other) => {
            causes.push(SPEC.field("internalTrafficPolicy").unsupported(other, &["Cluster", "Local"]));
        }
    }
    let supported = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    if let Some(other) = spec.get("trafficDistribution").as_str()
        && !supported.contains(&other)
    {
        causes.push(SPEC.field("trafficDistribution").unsupported(other, &supported));
    }
}

pub(super) fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    let is_external = |spec: &Value| spec.get("type").str() == "ExternalName";
    let was_headless = is_headless(before);
    if !is_external(spec) && !is_external(before) {
        if !(was_headless && is_headless(spec)) {
            validate_kept(spec, before, "clusterIPs", causes);
        }
        if !was_headless && !is_headless(spec) {
            validate_kept(spec, before, "ipFamilies", causes);
        }
    }
    if spec.get("type") == before.get("type") && spec.get("type").str() == "LoadBalancer" {
        let (class, was) = (spec.get("loadBalancerClass"), before.get("loadBalancerClass"));
        if class != was {
            causes.push(SPEC.field("loadBalancerClass").invalid(class, "may not change once set"));
        }
    }
    validate_spec(spec, causes);
}

/// The first address and the first family stay; a second one may come and go.
fn validate_kept(spec: &Value, before: &Value, field: &str, causes: &mut Vec<Cause>) {
    let (now, was) = (spec.get(field), before.get(field));
    let path = SPEC.field(field);
    if now.items().is_empty() && !was.items().is_empty() {
        let what = if field == "clusterIPs" { "clusterIP" } else { "ipFamily" };
        causes.push(path.index(0).invalid(now, format_args!("primary {what} can not be unset")));
    }
    for (at, (new, old)) in now.items().iter().zip(was.items()).enumerate() {
        if new != old && (at == 0 || now.items().len() == was.items().len()) {
            causes.push(path.index(at).invalid(now, "may not change once set"));
        }
    }
    if now.items().len() == 1 && was.items().len() == 2 && spec.get("ipFamilyPolicy").str() != "SingleStack" {
        let what = if field == "clusterIPs" { "clusterIP" } else { "ipFamily" };
        let detail = format!("must be set to 'SingleStack' when releasing the secondary {what}");
        causes.push(SPEC.field("ipFamilyPolicy").invalid(spec.get("ipFamilyPolicy"), detail));
    }
}

/// Warns of fields without effect, and of odd addresses.
pub fn warn(service: &Value, _: Option<&Value>, warnings: &mut Vec<String>) {
    const HINTS: &str = "service.kubernetes.io/topology-aware-hints";
    let spec = service.get("spec");
    let has = |field| !spec.get(field).is_empty();
    let (kind, address) = (spec.get("type").str(), spec.get("clusterIP").str());
    let (is_headless, is_external_name) = (kind == "ClusterIP" && address == "None", kind == "ExternalName");
    if !service.at(&["metadata", "annotations", HINTS]).is_null() {
        let instead = "please use service.kubernetes.io/topology-mode instead";
        warnings.push(format!("annotation {HINTS} is deprecated, {instead}"));
    }
    warn_of_addresses(spec, "clusterIPs", warnings);
    if is_headless {
        for field in ["loadBalancerIP", "externalIPs"].into_iter().filter(|field| has(field)) {
            warnings.push(format!("spec.{field} is ignored for headless services"));
        }
        if spec.get("sessionAffinity").str() != "None" {
            warnings.push("spec.SessionAffinity is ignored for headless services".into());
        }
    }
    warn_of_addresses(spec, "externalIPs", warnings);
    if has("externalIPs") && !is_headless && !is_external_name {
        warnings
            .push("spec.externalIPs is deprecated and may no longer be implemented in some clusters".into());
    }
    let message = formats::odd_ip(spec.get("loadBalancerIP").str());
    warnings.extend(message.map(|message| SPEC.field("loadBalancerIP").warning(&message)));
    let ranges = SPEC.field("loadBalancerSourceRanges");
    for (at, range) in spec.get("loadBalancerSourceRanges").items().iter().enumerate() {
        let messages = formats::odd_cidr(range.str());
        warnings.extend(messages.iter().map(|message| ranges.index(at).warning(message)));
    }
    if is_external_name && has("externalIPs") {
        warnings.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".into());
    }
    if !is_external_name && has("externalName") {
        warnings.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".into());
    }
    if spec.get("trafficDistribution").str() == "PreferClose" {
        let message = "\"PreferClose\" is deprecated; use \"PreferSameZone\"";
        warnings.push(SPEC.field("trafficDistribution").warning(message));
    }
}

fn warn_of_addresses(spec: &Value, list: &str, warnings: &mut Vec<String>) {
    for (at, address) in spec.get(list).items().iter().enumerate() {
        let message = formats::odd_ip(address.str());
        warnings.extend(message.map(|message| SPEC.field(list).index(at).warning(&message)));
    }
}
