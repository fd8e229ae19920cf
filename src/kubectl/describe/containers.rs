//! Containers, and the templates of Pods.

use crate::api::Object;
use crate::api::Quantity;
use crate::base::Value;
use crate::base::jsonpath::go_text;

use super::page::{Page, date, plain, truth};
use super::volumes;

/// A list of containers, with what `statuses` say of them. `inset` is deeper inside a template.
pub fn list(
    page: &mut Page,
    name: &str,
    containers: &Value,
    statuses: &Value,
    pod: Option<&Object>,
    inset: bool,
) {
    let level = usize::from(inset);
    let none = if containers.is_empty() { " <none>" } else { "" };
    page.line(level, format_args!("{name}:{none}"));
    for container in containers.items() {
        let status = statuses.items().iter().find(|status| status.get("name") == container.get("name"));
        let space = if inset { " " } else { "" };
        page.line(1, format_args!("{space}{}:", container.get("name").str()));
        basics(page, container, status);
        words(page, "Command", container.get("command"));
        words(page, "Args", container.get("args"));
        if let Some(status) = status {
            state(page, "State", status.get("state"));
            if !status.at(&["lastState", "terminated"]).is_null() {
                state(page, "Last State", status.get("lastState"));
            }
            page.field(2, "Ready", truth(status.get("ready")));
            page.field(2, "Restart Count", status.get("restartCount").int());
        }
        for (name, field) in [("Limits", "limits"), ("Requests", "requests")] {
            let amounts = container.at(&["resources", field]);
            if !amounts.is_empty() {
                page.line(2, format_args!("{name}:"));
                amounts.entries().for_each(|(resource, amount)| page.field(3, resource, plain(amount)));
            }
        }
        for (name, field) in
            [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")]
        {
            if !container.get(field).is_null() {
                page.field(2, name, probe(container.get(field)));
            }
        }
        environment(page, container, pod);
        mounts(page, container);
    }
}

/// A Pod template.
pub fn template(page: &mut Page, template: &Value) {
    page.line(0, "Pod Template:");
    page.labels(1, "Labels", template.at(&["metadata", "labels"]));
    if !template.at(&["metadata", "annotations"]).is_empty() {
        page.annotations(1, template.at(&["metadata", "annotations"]));
    }
    let spec = template.get("spec");
    if !spec.get("serviceAccountName").str().is_empty() {
        page.field(1, "Service Account", spec.get("serviceAccountName").str());
    }
    if !spec.get("initContainers").is_empty() {
        list(page, "Init Containers", spec.get("initContainers"), &Value::Null, None, true);
    }
    list(page, "Containers", spec.get("containers"), &Value::Null, None, true);
    volumes::list(page, spec.get("volumes"), true);
    super::pod::spread(page, 1, spec.get("topologySpreadConstraints"));
    if !spec.get("priorityClassName").str().is_empty() {
        page.field(1, "Priority Class Name", spec.get("priorityClassName").str());
    }
    page.labels(1, "Node-Selectors", spec.get("nodeSelector"));
    super::pod::tolerations(page, 1, spec.get("tolerations"));
}

fn basics(page: &mut Page, container: &Value, status: Option<&Value>) {
    if let Some(status) = status {
        page.field(2, "Container ID", status.get("containerID").str());
    }
    page.field(2, "Image", container.get("image").str());
    if let Some(status) = status {
        page.field(2, "Image ID", status.get("imageID").str());
    }
    let ports = |field: &str| {
        let text = |port: &Value| {
            let name = match port.get("name").str() {
                "" => String::new(),
                name => format!(" ({name})"),
            };
            format!("{}/{}{name}", port.get(field).int(), port.get("protocol").str())
        };
        container.get("ports").items().iter().map(text).collect::<Vec<_>>()
    };
    for (one, several, field) in [("Port", "Ports", "containerPort"), ("Host Port", "Host Ports", "hostPort")]
    {
        match &ports(field)[..] {
            [] => page.field(2, one, "<none>"),
            [port] => page.field(2, one, port),
            ports => page.field(2, several, ports.join(", ")),
        }
    }
    if container.get("restartPolicy").str() == "Always" {
        page.field(2, "Restart Policy", "Always");
    }
}

fn words(page: &mut Page, name: &str, words: &Value) {
    if words.is_empty() {
        return;
    }
    page.line(2, format_args!("{name}:"));
    for word in words.items() {
        word.str().split('\n').for_each(|line| page.line(3, line));
    }
}

fn state(page: &mut Page, name: &str, state: &Value) {
    let (running, waiting, ended) = (state.get("running"), state.get("waiting"), state.get("terminated"));
    if !running.is_null() {
        page.field(2, name, "Running");
        page.field(3, "Started", date(running.get("startedAt")));
    } else if !waiting.is_null() {
        page.field(2, name, "Waiting");
        if !waiting.get("reason").str().is_empty() {
            page.field(3, "Reason", waiting.get("reason").str());
        }
    } else if !ended.is_null() {
        page.field(2, name, "Terminated");
        if !ended.get("reason").str().is_empty() {
            page.field(3, "Reason", ended.get("reason").str());
        }
        if !ended.get("message").str().is_empty() {
            page.field(3, "Message", ended.get("message").str());
        }
        page.field(3, "Exit Code", ended.get("exitCode").int());
        if ended.get("signal").int() > 0 {
            page.field(3, "Signal", ended.get("signal").int());
        }
        page.field(3, "Started", date(ended.get("startedAt")));
        page.field(3, "Finished", date(ended.get("finishedAt")));
    } else {
        page.field(2, name, "Waiting");
    }
}

fn probe(probe: &Value) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.get("initialDelaySeconds").int(),
        probe.get("timeoutSeconds").int(),
        probe.get("periodSeconds").int(),
        probe.get("successThreshold").int(),
        probe.get("failureThreshold").int()
    );
    let (exec, http, tcp, grpc) =
        (probe.get("exec"), probe.get("httpGet"), probe.get("tcpSocket"), probe.get("grpc"));
    if !exec.is_null() {
        return format!("exec {} {attributes}", go_text(exec.get("command")));
    }
    if !http.is_null() {
        let scheme = http.get("scheme").str().to_lowercase();
        let path = http.get("path").str();
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        return format!(
            "http-get {scheme}://{}:{}{slash}{path} {attributes}",
            http.get("host").str(),
            plain(http.get("port"))
        );
    }
    if !tcp.is_null() {
        return format!("tcp-socket {}:{} {attributes}", tcp.get("host").str(), plain(tcp.get("port")));
    }
    if !grpc.is_null() {
        return format!("grpc <pod>:{} {} {attributes}", grpc.get("port").int(), grpc.get("service").str());
    }
    format!("unknown {attributes}")
}

fn environment(page: &mut Page, container: &Value, pod: Option<&Object>) {
    if !container.get("envFrom").is_empty() {
        page.line(2, "Environment Variables from:");
        for from in container.get("envFrom").items() {
            let (kind, source) = match from.get("configMapRef") {
                Value::Null => ("Secret", from.get("secretRef")),
                source => ("ConfigMap", source),
            };
            let prefix = match from.get("prefix").str() {
                "" => String::new(),
                prefix => format!(" with prefix '{prefix}'"),
            };
            let optional = source.get("optional").bool();
            page.line(3, format_args!("{}\t{kind}{prefix}\tOptional: {optional}", source.get("name").str()));
        }
    }
    let none = if container.get("env").is_empty() { "\t<none>" } else { "" };
    page.line(2, format_args!("Environment:{none}"));
    for variable in container.get("env").items() {
        let name = variable.get("name").str();
        let from = variable.get("valueFrom");
        if from.is_null() {
            let mut lines = variable.get("value").str().split('\n');
            page.field(3, name, lines.next().unwrap_or_default());
            lines.for_each(|line| page.line(3, format_args!("\t{line}")));
            continue;
        }
        let (field, resource) = (from.get("fieldRef"), from.get("resourceFieldRef"));
        let (secret, map) = (from.get("secretKeyRef"), from.get("configMapKeyRef"));
        if !field.is_null() {
            let path = field.get("fieldPath").str();
            let value = pod.map(|pod| field_value(pod, path)).unwrap_or_default();
            page.field(3, name, format_args!("{value} ({}:{path})", field.get("apiVersion").str()));
        } else if !resource.is_null() {
            let what = resource.get("resource").str();
            page.field(3, name, format_args!("{} ({what})", resource_value(container, resource)));
        } else if !secret.is_null() {
            page.field(
                3,
                name,
                format_args!(
                    "<set to the key '{}' in secret '{}'>\tOptional: {}",
                    secret.get("key").str(),
                    secret.get("name").str(),
                    secret.get("optional").bool()
                ),
            );
        } else if !map.is_null() {
            page.field(
                3,
                name,
                format_args!(
                    "<set to the key '{}' of config map '{}'>\tOptional: {}",
                    map.get("key").str(),
                    map.get("name").str(),
                    map.get("optional").bool()
                ),
            );
        }
    }
}

/// The value of a `fieldRef`, which describe knows only of metadata and spec.
fn field_value(pod: &Object, path: &str) -> String {
    if let Some((map, key)) = path.split_once('[') {
        let key = key.trim_end_matches(']').trim_matches('\'').trim_matches('"');
        return plain(pod.body.at(&map.split('.').collect::<Vec<_>>()).get(key));
    }
    match pod.body.at(&path.split('.').collect::<Vec<_>>()) {
        Value::Map(map) => {
            map.iter().map(|(k, v)| format!("{k}=\"{}\"", plain(v))).collect::<Vec<_>>().join("\n")
        }
        value => plain(value),
    }
}

/// The value of a `resourceFieldRef`.
fn resource_value(container: &Value, reference: &Value) -> String {
    let what = reference.get("resource").str();
    let Some((list, resource)) = what.split_once('.') else { return String::new() };
    let amount = plain(container.at(&["resources", list, resource]));
    let divisor = match plain(reference.get("divisor")).as_str() {
        "" | "0" => Quantity::parse("1"),
        text => Quantity::parse(text),
    };
    let (Ok(amount), Ok(divisor)) = (Quantity::parse(if amount.is_empty() { "0" } else { &amount }), divisor)
    else {
        return String::new();
    };
    let (amount, divisor) = (i128::from(amount.milli_value()), i128::from(divisor.milli_value()));
    let value = if divisor == 0 { 0 } else { (amount + divisor - 1) / divisor };
    match value {
        0 if matches!(what, "limits.cpu" | "limits.memory") => "node allocatable".into(),
        value => value.to_string(),
    }
}

fn mounts(page: &mut Page, container: &Value) {
    let none = if container.get("volumeMounts").is_empty() { "\t<none>" } else { "" };
    page.line(2, format_args!("Mounts:{none}"));
    let mut mounts: Vec<&Value> = container.get("volumeMounts").items().iter().collect();
    mounts.sort_by_key(|mount| mount.get("mountPath").str());
    for mount in mounts {
        let mut how = String::from(if mount.get("readOnly").bool() { "ro" } else { "rw" });
        if !mount.get("subPath").str().is_empty() {
            how += &format!(",path=\"{}\"", mount.get("subPath").str());
        }
        page.line(
            3,
            format_args!("{} from {} ({how})", mount.get("mountPath").str(), mount.get("name").str()),
        );
    }
    let mut devices: Vec<&Value> = container.get("volumeDevices").items().iter().collect();
    if !devices.is_empty() {
        page.line(2, format_args!("Devices:{none}"));
        devices.sort_by_key(|device| device.get("devicePath").str());
        for device in devices {
            page.line(
                3,
                format_args!("{} from {}", device.get("devicePath").str(), device.get("name").str()),
            );
        }
    }
}
