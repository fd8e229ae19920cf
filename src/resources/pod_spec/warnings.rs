//! What the server warns of in a Pod or a template without refusing it (pkg/api/pod/warnings.go).

use std::collections::BTreeSet;

use crate::api::Quantity;
use crate::base::Value;
use crate::resources::path::{Path, quote};
use crate::resources::{formats, persistent_volume_claim};

/// Warns of what is odd in `pod`, a Pod or, under `template`, a Pod template.
pub fn warn(pod: &Value, template: Option<&Path>, warnings: &mut Vec<String>) {
    let path = |field| template.map_or(Path::root(field), |template| template.field(field));
    let (metadata, spec_path) = (path("metadata"), path("spec"));
    let annotations_path = metadata.field("annotations");
    let (annotations, spec) = (pod.at(&["metadata", "annotations"]), pod.get("spec"));
    warn_of_scheduling(spec, &spec_path, warnings);
    for (annotation, message) in DEPRECATED_ANNOTATIONS {
        if !annotations.get(annotation).is_null() {
            warnings.push(annotations_path.key(annotation).warning(message));
        }
    }
    warn_of_volumes(spec, &spec_path.field("volumes"), warnings);
    warn_of_overlapping_paths(spec, warnings);
    warn_of_repetition(spec, "hostAliases", "ip", &spec_path, warnings);
    warn_of_repetition(spec, "imagePullSecrets", "name", &spec_path, warnings);
    let secrets = spec_path.field("imagePullSecrets");
    for (at, secret) in spec.get("imagePullSecrets").items().iter().enumerate() {
        if secret.get("name").str().is_empty() {
            warnings.push(secrets.index(at).field("name").warning("invalid empty name \"\""));
        }
    }
    warn_of_fractions(spec.get("overhead"), &spec_path.field("overhead"), warnings);
    let seccomp = |of: &Value, key: &str, warnings: &mut Vec<String>| {
        if of.at(&["securityContext", "seccompProfile"]).is_null() && !annotations.get(key).is_null() {
            let message = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
            warnings.push(annotations_path.key(key).warning(message));
        }
    };
    seccomp(spec, "seccomp.security.alpha.kubernetes.io/pod", warnings);
    for list in CONTAINER_LISTS {
        let path = spec_path.field(list);
        for (at, container) in spec.get(list).items().iter().enumerate() {
            let name = container.get("name").str();
            seccomp(container, &format!("container.seccomp.security.alpha.kubernetes.io/{name}"), warnings);
            warn_of_container(container, &path.index(at), warnings);
        }
    }
    warn_of_ports(spec, &spec_path, warnings);
    if spec.get("terminationGracePeriodSeconds").int() < 0 {
        let message = "must be >= 0; negative values are invalid and will be treated as 1";
        warnings.push(spec_path.field("terminationGracePeriodSeconds").warning(message));
    }
    warn_of_affinity(spec.get("affinity"), &spec_path.field("affinity"), warnings);
    let config = spec_path.field("dnsConfig");
    let servers = config.field("nameservers");
    for (at, server) in spec.at(&["dnsConfig", "nameservers"]).items().iter().enumerate() {
        warnings.extend(formats::odd_ip(server.str()).map(|message| servers.index(at).warning(&message)));
    }
    let aliases = spec_path.field("hostAliases");
    for (at, alias) in spec.get("hostAliases").items().iter().enumerate() {
        let message = formats::odd_ip(alias.get("ip").str());
        warnings.extend(message.map(|message| aliases.index(at).field("ip").warning(&message)));
    }
}

/// In the order in which the server visits them.
const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

const DEPRECATED_ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

/// What is said of a node's label that has a successor.
pub fn deprecated_node_label(key: &str) -> Option<&'static str> {
    Some(match key {
        "beta.kubernetes.io/arch" => "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        "beta.kubernetes.io/os" => "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "failure-domain.beta.kubernetes.io/region" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"
        }
        "failure-domain.beta.kubernetes.io/zone" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"
        }
        "beta.kubernetes.io/instance-type" => {
            "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"
        }
        "app.kubernetes.io/created-by" => "deprecated since v1.9",
        "scheduler.alpha.kubernetes.io/preferAvoidPods" => {
            "deprecated since v1.22; use Taints and Tolerations instead"
        }
        "node-role.kubernetes.io/master" => "use \"node-role.kubernetes.io/control-plane\" instead",
        _ => return None,
    })
}

/// A term that selects nodes. Values are looked at where the server does not refuse bad ones.
pub fn warn_of_node_term(term: &Value, values: bool, path: &Path, warnings: &mut Vec<String>) {
    let expressions = path.field("matchExpressions");
    for (at, expression) in term.get("matchExpressions").items().iter().enumerate() {
        let path = expressions.index(at);
        let key = expression.get("key").str();
        if let Some(message) = deprecated_node_label(key) {
            warnings.push(path.field("key").warning(&format!("{key} is {message}")));
        }
        if values {
            let path = path.field("values");
            for (at, value) in expression.get("values").items().iter().enumerate() {
                let messages = formats::label_value(value.str());
                let say = |message: &String| {
                    path.index(at).warning(&format!("{} is invalid, {message}", value.str()))
                };
                warnings.extend(messages.iter().map(say));
            }
        }
    }
}

/// Amounts of bytes that are no whole number.
pub fn warn_of_fraction(amount: &Value, path: &Path, warnings: &mut Vec<String>) {
    if let Ok(quantity) = Quantity::parse(amount.str())
        && quantity.milli_value() % 1000 != 0
    {
        let message = format!("fractional byte value {} is invalid, must be an integer", quote(amount.str()));
        warnings.push(path.warning(&message));
    }
}

fn warn_of_fractions(amounts: &Value, path: &Path, warnings: &mut Vec<String>) {
    for resource in ["memory", "ephemeral-storage"] {
        warn_of_fraction(amounts.get(resource), &path.key(resource), warnings);
    }
}

fn warn_of_scheduling(spec: &Value, path: &Path, warnings: &mut Vec<String>) {
    let selector = path.field("nodeSelector");
    for (key, _) in spec.get("nodeSelector").entries() {
        warnings.extend(deprecated_node_label(key).map(|message| selector.key(key).warning(message)));
    }
    let affinity = spec.at(&["affinity", "nodeAffinity"]);
    let affinity_path = path.field("affinity");
    let affinity_path = affinity_path.field("nodeAffinity");
    let required = affinity_path.field("requiredDuringSchedulingIgnoredDuringExecution");
    let required = required.field("nodeSelectorTerms");
    let terms = affinity.at(&["requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]);
    for (at, term) in terms.items().iter().enumerate() {
        warn_of_node_term(term, false, &required.index(at), warnings);
    }
    let preferred = affinity_path.field("preferredDuringSchedulingIgnoredDuringExecution");
    let terms = affinity.get("preferredDuringSchedulingIgnoredDuringExecution").items();
    for (at, term) in terms.iter().enumerate() {
        warn_of_node_term(term.get("preference"), true, &preferred.index(at).field("preference"), warnings);
    }
    let constraints = path.field("topologySpreadConstraints");
    for (at, constraint) in spec.get("topologySpreadConstraints").items().iter().enumerate() {
        let path = constraints.index(at);
        let key = constraint.get("topologyKey").str();
        if let Some(message) = deprecated_node_label(key) {
            warnings.push(path.field("topologyKey").warning(&format!("{key} is {message}")));
        }
        if constraint.get("labelSelector").is_null() {
            warnings.push(path.field("labelSelector").warning(MATCHES_NONE));
        }
    }
}

const MATCHES_NONE: &str = "a null labelSelector results in matching no pod";

fn warn_of_affinity(affinity: &Value, path: &Path, warnings: &mut Vec<String>) {
    for kind in ["podAffinity", "podAntiAffinity"] {
        let of_kind = path.field(kind);
        let lists = [
            ("requiredDuringSchedulingIgnoredDuringExecution", &[][..]),
            ("preferredDuringSchedulingIgnoredDuringExecution", &["podAffinityTerm"]),
        ];
        for (list, within) in lists {
            let list_path = of_kind.field(list);
            for (at, term) in affinity.at(&[kind, list]).items().iter().enumerate() {
                if term.at(within).get("labelSelector").is_null() {
                    let item = list_path.index(at);
                    let term_path = within.first().map_or(item, |field| item.field(field));
                    warnings.push(term_path.field("labelSelector").warning(MATCHES_NONE));
                }
            }
        }
    }
}

/// Types of volumes that are gone or going.
fn warn_of_volumes(spec: &Value, path: &Path, warnings: &mut Vec<String>) {
    const GOING: [(&str, &str); 9] = [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];
    for (at, volume) in spec.get("volumes").items().iter().enumerate() {
        let path = path.index(at);
        for (kind, message) in GOING {
            if !volume.get(kind).is_null() {
                warnings.push(path.field(kind).warning(message));
            }
        }
        let template = path.field("ephemeral");
        let template = template.field("volumeClaimTemplate");
        let claim = volume.at(&["ephemeral", "volumeClaimTemplate", "spec"]);
        persistent_volume_claim::warn_of_spec(claim, &template.field("spec"), warnings);
    }
}

/// A file that volume contents bring, without a slash at the end, and where in a projected volume it comes from.
type Source = (String, String);

/// Files of one volume that lie upon or within each other.
fn warn_of_overlapping_paths(spec: &Value, warnings: &mut Vec<String>) {
    for volume in spec.get("volumes").items() {
        let name = quote(volume.get("name").str());
        let (config_map, secret) = (volume.get("configMap"), volume.get("secret"));
        let own = [
            (config_map, format!("ConfigMap {}", quote(config_map.get("name").str()))),
            (secret, format!("Secret {}", quote(secret.get("secretName").str()))),
            (volume.get("downwardAPI"), "DownwardAPI".into()),
        ];
        for (source, what) in own {
            let files = files(source.get("items"), "");
            let say = |overlap| format!("volume {name} ({what}): overlapping paths: {overlap}");
            warnings.extend(overlaps(files).into_iter().map(say));
        }
        let mut projected = Vec::new();
        for source in volume.at(&["projected", "sources"]).items() {
            if source.is_empty() {
                warnings.push(format!("volume {name} (Projected) has no sources provided"));
            }
            projected.extend(projected_files(source));
        }
        let say = |overlap| format!("volume {name} (Projected): overlapping paths: {overlap}");
        warnings.extend(overlaps(projected).into_iter().map(say));
    }
}

fn files(items: &Value, source: &str) -> Vec<Source> {
    let path = |item: &Value| item.get("path").str().trim_end_matches('/').to_string();
    items.items().iter().map(|item| (path(item), source.to_string())).collect()
}

fn projected_files(source: &Value) -> Vec<Source> {
    let (config_map, secret) = (source.get("configMap"), source.get("secret"));
    let mut found =
        files(config_map.get("items"), &format!("ConfigMap {}", quote(config_map.get("name").str())));
    found.extend(files(secret.get("items"), &format!("Secret {}", quote(secret.get("name").str()))));
    found.extend(files(source.at(&["downwardAPI", "items"]), "DownwardAPI"));
    let token = source.at(&["serviceAccountToken", "path"]);
    if !token.is_null() {
        found.push((token.str().trim_end_matches('/').into(), "ServiceAccountToken".into()));
    }
    found
}

fn overlaps(files: Vec<Source>) -> Vec<String> {
    let shown = |(path, source): &Source| match source.as_str() {
        "" => quote(path),
        source => format!("{} ({source})", quote(path)),
    };
    let within = |inner: &str, outer: &str| format!("{inner}/").starts_with(&format!("{outer}/"));
    let mut found = Vec::new();
    for (at, file) in files.iter().enumerate() {
        for before in files[..at].iter().filter(|before| !before.0.is_empty() && !file.0.is_empty()) {
            if within(&before.0, &file.0) || within(&file.0, &before.0) {
                found.push(format!("{} with {}", shown(file), shown(before)));
            }
        }
    }
    found
}

fn warn_of_repetition(spec: &Value, list: &str, field: &str, path: &Path, warnings: &mut Vec<String>) {
    let path = path.field(list);
    let mut seen = BTreeSet::new();
    for (at, item) in spec.get(list).items().iter().enumerate() {
        let value = item.get(field).str();
        if !seen.insert(value) {
            let message = format!("duplicate {field} {}", quote(value));
            warnings.push(path.index(at).field(field).warning(&message));
        }
    }
}

fn warn_of_container(container: &Value, path: &Path, warnings: &mut Vec<String>) {
    let resources = path.field("resources");
    for resource in ["memory", "ephemeral-storage"] {
        for list in ["limits", "requests"] {
            let amount = container.at(&["resources", list, resource]);
            warn_of_fraction(amount, &resources.field(list).key(resource), warnings);
        }
    }
    let env = path.field("env");
    let mut names = BTreeSet::new();
    for (at, variable) in container.get("env").items().iter().enumerate() {
        let (name, value) = (variable.get("name").str(), variable.get("value").str());
        if names.insert(name) {
            continue;
        }
        // `X=abc`, `X=$(X)123` adds to what there was; anything else hides it.
        let reference = format!("$({name})");
        if !variable.get("valueFrom").is_null() || value == reference || !value.contains(&reference) {
            let message = format!(
                "hides previous definition of {}, which may be dropped when using apply",
                quote(name)
            );
            warnings.push(env.index(at).warning(&message));
        }
    }
}

fn warn_of_ports(spec: &Value, path: &Path, warnings: &mut Vec<String>) {
    let mut ports: Vec<(String, &Value)> = Vec::new();
    for list in CONTAINER_LISTS {
        for (at, container) in spec.get(list).items().iter().enumerate() {
            let all = container.get("ports").items().iter().enumerate();
            ports.extend(all.map(|(number, port)| (format!("{path}.{list}[{at}].ports[{number}]"), port)));
        }
    }
    for (at, (path, port)) in ports.iter().enumerate() {
        let (host_ip, host_port) = (port.get("hostIP").str(), port.get("hostPort").int());
        if !host_ip.is_empty() && host_port == 0 {
            let text = |field| port.get(field).str();
            warnings.push(format!(
                "{path}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
                text("name"),
                port.get("containerPort").int(),
                text("protocol"),
                host_ip
            ));
        }
        for (other_path, other) in &ports[..at] {
            if ["containerPort", "protocol"].iter().any(|field| port.get(field) != other.get(field)) {
                continue;
            }
            let (other_ip, other_port) = (other.get("hostIP").str(), other.get("hostPort").int());
            if host_ip == other_ip && host_port == other_port {
                warnings.push(format!("{path}: duplicate port definition with {other_path}"));
            } else if host_port == 0 || other_port == 0 {
                warnings.push(format!("{path}: overlapping port definition with {other_path}"));
            } else if host_port == other_port && host_ip.is_empty() != other_ip.is_empty() {
                warnings.push(format!("{path}: dangerously ambiguous port definition with {other_path}"));
            }
        }
    }
    for (at, (path, port)) in ports.iter().enumerate() {
        let name = port.get("name").str();
        let other = ports[..at].iter().find(|(_, other)| other.get("name").str() == name);
        if let Some((other, _)) = other.filter(|_| !name.is_empty()) {
            warnings.push(format!(
                "{path}: duplicate port name {} with {other}, services and probes that select ports by name will \
                 use {other}",
                quote(name)
            ));
        }
    }
}
