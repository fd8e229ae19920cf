//! Environment variables, and the fields of a Pod and its containers that they and volumes can show.

use crate::api::Cause;
use crate::api::Quantity;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::Path;

/// `env`
pub fn validate(container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for (at, variable) in container.get("env").items().iter().enumerate() {
        let path = path.index(at);
        match variable.get("name").str() {
            "" => causes.push(path.field("name").required()),
            name => path.field("name").check(name, formats::env_var_name, causes),
        }
        validate_source(variable, &path.field("valueFrom"), causes);
    }
}

const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

fn validate_source(variable: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let source = variable.get("valueFrom");
    if source.is_null() {
        return;
    }
    let mut sources = 0;
    let mut each = |field: &str, check: &mut dyn FnMut(&Value)| {
        if !source.get(field).is_null() {
            sources += 1;
            check(source.get(field));
        }
    };
    each("fieldRef", &mut |r| validate_field(r, ENV_FIELDS, &path.field("fieldRef"), causes));
    each("resourceFieldRef", &mut |r| {
        validate_resource_field(r, false, &path.field("resourceFieldRef"), causes);
    });
    each("configMapKeyRef", &mut |r| validate_key(r, &path.field("configMapKeyRef"), causes));
    each("secretKeyRef", &mut |r| validate_key(r, &path.field("secretKeyRef"), causes));
    each("fileKeyRef", &mut |r| validate_file_key(r, &path.field("fileKeyRef"), causes));
    if sources == 0 {
        let detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or \
                      `fileKeyRef`";
        causes.push(path.invalid("", detail));
    } else if !variable.get("value").str().is_empty() {
        causes.push(path.invalid("", "may not be specified when `value` is not empty"));
    } else if sources > 1 {
        causes.push(path.invalid("", "may not have more than one field specified at a time"));
    }
}

fn validate_key(reference: &Value, path: &Path, causes: &mut Vec<Cause>) {
    path.field("name").check(reference.get("name").str(), formats::dns_subdomain, causes);
    match reference.get("key").str() {
        "" => causes.push(path.field("key").required()),
        key => path.field("key").check(key, formats::config_map_key, causes),
    }
}

fn validate_file_key(reference: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match reference.get("key").str() {
        "" => causes.push(path.field("key").required()),
        key => path.field("key").check(key, formats::env_var_name, causes),
    }
    match reference.get("path").str() {
        "" => causes.push(path.field("path").required()),
        text => path.field("path").check(text, formats::not_reserved_path, causes),
    }
    if reference.get("volumeName").str().is_empty() {
        causes.push(path.field("volumeName").required());
    }
}

/// `envFrom`
pub fn validate_from(container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for (at, source) in container.get("envFrom").items().iter().enumerate() {
        let item = path.index(at);
        let prefix = source.get("prefix").str();
        if !prefix.is_empty() {
            item.field("prefix").check(prefix, formats::env_var_name, causes);
        }
        let mut sources = 0;
        for field in ["configMapRef", "secretRef"] {
            if source.get(field).is_null() {
                continue;
            }
            sources += 1;
            let path = item.field(field);
            match source.at(&[field, "name"]).str() {
                "" => causes.push(path.field("name").required()),
                name => path.field("name").check(name, formats::dns_subdomain, causes),
            }
        }
        match sources {
            0 => causes.push(path.invalid("", "must specify one of: `configMapRef` or `secretRef`")),
            1 => {}
            _ => causes.push(path.invalid("", "may not have more than one field specified at a time")),
        }
    }
}

/// A `fieldRef`: one of `allowed`, or a label or an annotation by its key.
pub fn validate_field(reference: &Value, allowed: &[&str], path: &Path, causes: &mut Vec<Cause>) {
    if reference.get("apiVersion").str().is_empty() {
        causes.push(path.field("apiVersion").required());
        return;
    }
    let field = reference.get("fieldPath").str();
    if field.is_empty() {
        causes.push(path.field("fieldPath").required());
        return;
    }
    let error = |what: &str| {
        path.field("fieldPath").invalid(field, format_args!("error converting fieldPath: {what}: {field}"))
    };
    if reference.get("apiVersion").str() != "v1" {
        let version = reference.get("apiVersion").str();
        let detail = format!("error converting fieldPath: unsupported pod version: {version}");
        causes.push(path.field("fieldPath").invalid(field, detail));
        return;
    }
    if let Some((of, key)) = field.strip_suffix("']").and_then(|rest| rest.split_once("['")) {
        match of {
            "metadata.annotations" => path.check(&key.to_lowercase(), formats::qualified_name, causes),
            "metadata.labels" => path.check(key, formats::qualified_name, causes),
            _ => causes.push(error("field label does not support subscript")),
        }
        return;
    }
    let known = [
        "metadata.annotations",
        "metadata.labels",
        "spec.restartPolicy",
        "spec.schedulerName",
        "status.phase",
    ];
    match if field == "spec.host" { "spec.nodeName" } else { field } {
        field if allowed.contains(&field) => {}
        field if known.contains(&field) || ENV_FIELDS.contains(&field) => {
            causes.push(path.field("fieldPath").unsupported(field, allowed));
        }
        _ => causes.push(error("field label not supported")),
    }
}

/// A `resourceFieldRef`; in a volume it must say of which container.
pub fn validate_resource_field(reference: &Value, in_volume: bool, path: &Path, causes: &mut Vec<Cause>) {
    const RESOURCES: &[&str] = &[
        "limits.cpu",
        "limits.ephemeral-storage",
        "limits.memory",
        "requests.cpu",
        "requests.ephemeral-storage",
        "requests.memory",
    ];
    let resource = reference.get("resource").str();
    let huge = resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
    if in_volume && reference.get("containerName").str().is_empty() {
        causes.push(path.field("containerName").required());
    } else if resource.is_empty() {
        causes.push(path.field("resource").required());
    } else if !RESOURCES.contains(&resource) && !huge {
        causes.push(path.field("resource").unsupported(resource, RESOURCES));
    }
    let divisor = reference.get("divisor").str();
    if divisor.is_empty() || Quantity::parse(divisor).is_ok_and(|divisor| divisor.is_zero()) {
        return;
    }
    let (values, what): (&[&str], _) = match resource {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "cpu"),
        "limits.memory" | "requests.memory" => (SIZES, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => (SIZES, "local ephemeral storage"),
        _ if huge => (SIZES, "hugepages"),
        _ => return,
    };
    if !values.contains(&divisor) {
        let values = values.join(if what == "cpu" { " and " } else { ", " });
        let detail = format!("only divisor's values {values} are supported with the {what} resource");
        causes.push(path.field("divisor").invalid(resource, detail));
    }
}

const SIZES: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
