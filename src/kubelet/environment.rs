//! A container's environment: Services, ConfigMaps, Secrets, fields, and `$(NAME)`.

use std::sync::Arc;

use crate::api::base64;
use crate::api::{Kind, Object, ObjectKey, Quantity};
use crate::apiserver::ApiServer;
use crate::base::{Value, json};

use super::{NodeState, Worker, env_file};
use crate::container::files::Volumes;
use crate::container::machine::Environment;

/// The variables that tell of Services (kubelet `envvars.FromServices`): those of the namespace where the Pod wants
/// links, and always the API server's.
fn service_variables(services: &[Object]) -> Environment {
    let mut variables = Vec::new();
    for service in services {
        let ip = service.spec().get("clusterIP").str();
        if ip.is_empty() || ip == "None" {
            continue;
        }
        let name = service.name().to_uppercase().replace('-', "_");
        let ports = service.spec().get("ports").items();
        let mut add =
            |suffix: &str, value: String| variables.push((format!("{name}_{suffix}").into(), value.into()));
        add("SERVICE_HOST", ip.into());
        for (at, port) in ports.iter().enumerate() {
            let number = port.get("port").int();
            if at == 0 {
                add("SERVICE_PORT", number.to_string());
            }
            if let Some(port_name) = port.get("name").as_str() {
                add(
                    &format!("SERVICE_PORT_{}", port_name.to_uppercase().replace('-', "_")),
                    number.to_string(),
                );
            }
        }
        for (at, port) in ports.iter().enumerate() {
            let number = port.get("port").int();
            let protocol = port.get("protocol").as_str().unwrap_or("TCP");
            let url = format!("{}://{ip}:{number}", protocol.to_lowercase());
            if at == 0 {
                add("PORT", url.clone());
            }
            let prefix = format!("PORT_{number}_{protocol}");
            add(&prefix, url);
            add(&format!("{prefix}_PROTO"), protocol.to_lowercase());
            add(&format!("{prefix}_PORT"), number.to_string());
            add(&format!("{prefix}_ADDR"), ip.into());
        }
    }
    variables.into()
}

impl NodeState {
    /// The variables that tell a Pod of Services. They are put together anew only where Services changed.
    pub(super) fn service_variables(&mut self, api: &ApiServer, pod: &Object) -> Environment {
        let links = pod.spec().get("enableServiceLinks") != &Value::Bool(false);
        let master = ObjectKey::new(Kind::Service, "default", "kubernetes");
        let services = || {
            let own = api.store().list_in(Kind::Service, pod.namespace()).filter(|_| links);
            let others = own.filter(|own| pod.namespace() != "default" || own.name() != "kubernetes");
            api.get(&master).into_iter().chain(others)
        };
        let known = self.links.entry((pod.namespace().into(), links)).or_default();
        if !known.0.iter().eq(services()) {
            let services: Vec<Object> = services().cloned().collect();
            let variables = service_variables(&services);
            *known = (services, variables);
        }
        known.1.clone()
    }
}

/// The first ConfigMap, Secret, key or file that a container's environment names and that is not there.
pub(super) fn missing(api: &ApiServer, pod: &Object, container: &Value, files: &Volumes) -> Option<String> {
    let find = |kind: Kind, name: &str| api.get(&ObjectKey::new(kind, pod.namespace(), name));
    let sources = [
        ("configMapRef", "configMapKeyRef", Kind::ConfigMap, "configmap", "ConfigMap"),
        ("secretRef", "secretKeyRef", Kind::Secret, "secret", "Secret"),
    ];
    for (whole, _, kind, word, _) in sources {
        for from in container.get("envFrom").items() {
            let source = from.get(whole);
            if let Some(name) = source.get("name").as_str()
                && !source.get("optional").bool()
                && find(kind, name).is_none()
            {
                return Some(format!("{word} \"{name}\" not found"));
            }
        }
    }
    for variable in container.get("env").items() {
        let in_file = variable.at(&["valueFrom", "fileKeyRef"]);
        if !in_file.is_null()
            && let Err(why) = env_file::value_of(pod, in_file, files)
        {
            return Some(why);
        }
        for (_, one, kind, word, type_name) in sources {
            let source = variable.at(&["valueFrom", one]);
            let (Some(name), Some(key)) = (source.get("name").as_str(), source.get("key").as_str()) else {
                continue;
            };
            if source.get("optional").bool() {
                continue;
            }
            let Some(object) = find(kind, name) else { return Some(format!("{word} \"{name}\" not found")) };
            if object.get("data").get(key).is_null() {
                return Some(format!("couldn't find key {key} in {type_name} {}/{name}", pod.namespace()));
            }
        }
    }
    None
}

/// The variables of a container's spec, in their order, later ones over earlier ones.
pub(super) fn variables(
    api: &ApiServer,
    worker: &Worker,
    spec: &Value,
    services: &[(Arc<str>, Arc<str>)],
    node: (&str, &str),
    files: &Volumes,
) -> Vec<(String, String)> {
    let pod = worker.pod();
    let mut all: Vec<(String, String)> = Vec::new();
    let data = |kind: Kind, name: &str| -> Vec<(String, String)> {
        let Some(object) = api.get(&ObjectKey::new(kind, pod.namespace(), name)) else { return Vec::new() };
        let text =
            |value: &Value| if kind == Kind::Secret { decode(value.str()) } else { value.str().to_string() };
        object.get("data").entries().map(|(key, value)| (key.to_string(), text(value))).collect()
    };
    for from in spec.get("envFrom").items() {
        let prefix = from.get("prefix").str();
        for (field, kind) in [("configMapRef", Kind::ConfigMap), ("secretRef", Kind::Secret)] {
            if let Some(name) = from.at(&[field, "name"]).as_str() {
                all.extend(
                    data(kind, name).into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)),
                );
            }
        }
    }
    for variable in spec.get("env").items() {
        let name = variable.get("name").str().to_string();
        let from = variable.get("valueFrom");
        let value = if let Some(path) = from.at(&["fieldRef", "fieldPath"]).as_str() {
            field(worker, path, node)
        } else if !from.get("resourceFieldRef").is_null() {
            resource(api, pod, spec, from.get("resourceFieldRef"))
        } else if !from.get("fileKeyRef").is_null() {
            match env_file::value_of(pod, from.get("fileKeyRef"), files) {
                Ok(Some(value)) => value,
                _ => continue,
            }
        } else if !from.get("configMapKeyRef").is_null() || !from.get("secretKeyRef").is_null() {
            let (kind, source) = match from.get("configMapKeyRef") {
                Value::Null => (Kind::Secret, from.get("secretKeyRef")),
                source => (Kind::ConfigMap, source),
            };
            let key = source.get("key").str();
            let found = data(kind, source.get("name").str()).into_iter().find(|(known, _)| known == key);
            match found {
                Some((_, value)) => value,
                None => continue,
            }
        } else {
            expand(variable.get("value").str(), &|name| self::value(&all, services, name))
        };
        all.push((name, value));
    }
    all
}

/// A field of the Pod for the downward API.
pub(super) fn field(worker: &Worker, path: &str, node: (&str, &str)) -> String {
    let pod = worker.pod();
    match path {
        "metadata.name" => pod.name().into(),
        "metadata.namespace" => pod.namespace().into(),
        "metadata.uid" => pod.uid().into(),
        "spec.nodeName" => node.0.into(),
        "spec.serviceAccountName" => pod.spec().get("serviceAccountName").str().into(),
        "status.hostIP" | "status.hostIPs" => node.1.into(),
        "status.podIP" | "status.podIPs" => worker.ip().map(|ip| ip.to_string()).unwrap_or_default(),
        "metadata.labels" | "metadata.annotations" => {
            let map = pod.meta(&path["metadata.".len()..]);
            let lines: Vec<String> =
                map.entries().map(|(key, value)| format!("{key}={}", json::to_string(value))).collect();
            lines.join("\n")
        }
        _ => {
            let quoted = |prefix: &str| path.strip_prefix(prefix)?.strip_suffix("']");
            let of = |map: &str, key: &str| pod.meta(map).get(key).str().to_string();
            if let Some(key) = quoted("metadata.labels['") {
                of("labels", key)
            } else if let Some(key) = quoted("metadata.annotations['") {
                of("annotations", key)
            } else {
                String::new()
            }
        }
    }
}

/// What a container asks for or may have at most, in whole divisors; without a limit, what its node has
/// (pkg/api/v1/resource, ExtractContainerResourceValue).
pub(super) fn resource(api: &ApiServer, pod: &Object, container: &Value, from: &Value) -> String {
    let name = from.get("resource").str();
    let (side, what) = name.split_once('.').unwrap_or((name, ""));
    let mut all = ["containers", "initContainers"].iter().flat_map(|list| pod.spec().get(list).items());
    let named = from.get("containerName").as_str();
    let named = named.and_then(|named| all.find(|container| container.get("name").str() == named));
    let mut amount = named.unwrap_or(container).at(&["resources", side, what]);
    if amount.is_null() && side == "limits" {
        let node = api.get(&ObjectKey::new(Kind::Node, "", pod.spec().get("nodeName").str()));
        amount = node.map_or(&Value::Null, |node| node.status().at(&["allocatable", what]));
    }
    let count = |amount: &Value| match (Quantity::of(amount), what) {
        (None, _) => 0,
        (Some(amount), "cpu") => amount.milli_value(),
        (Some(amount), _) => amount.value(),
    };
    let one = if what == "cpu" { 1_000 } else { 1 };
    let divisor = match count(from.get("divisor")) {
        0 => one,
        divisor => divisor,
    };
    ((count(amount) + divisor - 1) / divisor).to_string()
}

/// A variable of a container: its own, or one of the Services'.
pub(super) fn value(
    own: &[(String, String)],
    services: &[(Arc<str>, Arc<str>)],
    name: &str,
) -> Option<String> {
    let own = own.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    own.or_else(|| services.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.to_string()))
}

/// Replaces `$(NAME)` by a variable's value; `$$` is a dollar, and what is not known stays as it is
/// (kubelet `third_party/forked/golang/expansion`).
pub(super) fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            match variable(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

/// The text of base64; empty where it is none.
pub(super) fn decode(text: &str) -> String {
    String::from_utf8_lossy(&base64::decode(text).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_variables() {
        let known = |name: &str| (name == "A").then(|| "1".to_string());
        for (text, expanded) in
            [("$(A)$(B)", "1$(B)"), ("$$(A)", "$(A)"), ("a$", "a$"), ("$(A", "$(A"), ("日本$(A)", "日本1")]
        {
            assert_eq!(expand(text, &known), expanded, "{text}");
        }
    }

    #[test]
    fn secrets_are_base64() {
        assert_eq!(decode("bXlwYXNzd29yZA=="), "mypassword");
    }
}
