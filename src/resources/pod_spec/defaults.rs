//! Defaults of a `PodSpec` (pkg/apis/core/v1/defaults.go).

use crate::base::Value;
use crate::resources::persistent_volume_claim;
use crate::value;

/// What a Pod and a template have in common.
pub fn set_defaults(spec: &mut Value) {
    spec.set_default("dnsPolicy", "ClusterFirst");
    spec.set_default("restartPolicy", "Always");
    spec.set_default("securityContext", Value::map());
    spec.set_default("terminationGracePeriodSeconds", 30);
    spec.set_default("schedulerName", "default-scheduler");
    set_service_account(spec);
    for field in ["containers", "initContainers", "ephemeralContainers"] {
        each(spec, field, set_container_defaults);
    }
    each(spec, "volumes", set_volume_defaults);
}

/// `serviceAccount` is the old name of `serviceAccountName`; the server writes both.
fn set_service_account(spec: &mut Value) {
    let name = match spec.get("serviceAccountName").str() {
        "" => spec.get("serviceAccount").clone(),
        _ => spec.get("serviceAccountName").clone(),
    };
    if !name.str().is_empty() {
        spec.set("serviceAccountName", name.clone());
        spec.set("serviceAccount", name);
    }
}

/// Runs over the items of a list that is there. One that stays as it is, as in every Pod of a template, stays shared.
pub(super) fn each(of: &mut Value, field: &str, mut set: impl FnMut(&mut Value)) {
    for at in 0..of.get(field).items().len() {
        let old = &of.get(field).items()[at];
        let mut item = old.clone();
        set(&mut item);
        if item != *old {
            of.entry(field).items_mut()[at] = item;
        }
    }
}

/// Runs on a field that is there.
pub(super) fn within(of: &mut Value, path: &[&str], set: impl FnOnce(&mut Value)) {
    if !of.at(path).is_null() {
        set(of.entry_at(path));
    }
}

fn set_container_defaults(container: &mut Value) {
    // What stands behind a feature gate that 1.36 leaves off is dropped (pkg/api/pod, dropDisabledFields).
    within(container, &["lifecycle"], |lifecycle| drop(lifecycle.remove("stopSignal")));
    let policy = if is_latest(container.get("image").str()) { "Always" } else { "IfNotPresent" };
    container.set_default("imagePullPolicy", policy);
    container.set_default("resources", Value::map());
    container.set_default("terminationMessagePath", "/dev/termination-log");
    container.set_default("terminationMessagePolicy", "File");
    each(container, "ports", |port| port.set_default("protocol", "TCP"));
    each(container, "env", |env| {
        within(env, &["valueFrom", "fieldRef"], |field| field.set_default("apiVersion", "v1"));
        within(env, &["valueFrom", "resourceFieldRef"], |field| field.set_default("divisor", "0"));
        within(env, &["valueFrom", "fileKeyRef"], |file| file.set_default("optional", false));
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        within(container, &[probe], |probe| {
            probe.set_default("timeoutSeconds", 1);
            probe.set_default("periodSeconds", 10);
            probe.set_default("successThreshold", 1);
            probe.set_default("failureThreshold", 3);
            within(probe, &["httpGet"], set_http_get_defaults);
            within(probe, &["grpc"], |grpc| grpc.set_default("service", ""));
        });
    }
    for hook in ["postStart", "preStop"] {
        within(container, &["lifecycle", hook, "httpGet"], set_http_get_defaults);
    }
}

fn set_http_get_defaults(http_get: &mut Value) {
    http_get.set_default("path", "/");
    http_get.set_default("scheme", "HTTP");
}

/// True for an image without tag and digest, and for `:latest`.
fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    !name.is_empty() && !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// Defaults of one of `spec.volumes`.
pub fn set_volume_defaults(volume: &mut Value) {
    const MODE: i64 = 0o644;
    let sources = volume.entries().filter(|(field, source)| *field != "name" && !source.is_null()).count();
    if sources == 0 {
        volume.set("emptyDir", Value::map());
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        within(volume, &[source], |source| source.set_default("defaultMode", MODE));
    }
    within(volume, &["hostPath"], |host| host.set_default("type", ""));
    within(volume, &["downwardAPI"], set_downward_api_defaults);
    within(volume, &["projected"], |projected| {
        each(projected, "sources", |source| {
            within(source, &["downwardAPI"], set_downward_api_defaults);
            within(source, &["serviceAccountToken"], |token| token.set_default("expirationSeconds", 3600));
        });
    });
    within(volume, &["ephemeral", "volumeClaimTemplate"], |template| {
        template.set_default("metadata", Value::map());
        persistent_volume_claim::set_spec_defaults(template.entry("spec"));
    });
    within(volume, &["iscsi"], |iscsi| iscsi.set_default("iscsiInterface", "default"));
    within(volume, &["rbd"], |rbd| {
        rbd.set_default("pool", "rbd");
        rbd.set_default("user", "admin");
        rbd.set_default("keyring", "/etc/ceph/keyring");
    });
    within(volume, &["azureDisk"], |disk| {
        disk.set_default("cachingMode", "ReadWrite");
        disk.set_default("kind", "Shared");
        disk.set_default("fsType", "ext4");
        disk.set_default("readOnly", false);
    });
    within(volume, &["scaleIO"], |scale_io| {
        scale_io.set_default("storageMode", "ThinProvisioned");
        scale_io.set_default("fsType", "xfs");
    });
    within(volume, &["image"], |image| {
        let policy = if is_latest(image.get("reference").str()) { "Always" } else { "IfNotPresent" };
        image.set_default("pullPolicy", policy);
    });
}

fn set_downward_api_defaults(source: &mut Value) {
    each(source, "items", |item| {
        within(item, &["fieldRef"], |field| field.set_default("apiVersion", "v1"));
        within(item, &["resourceFieldRef"], |field| field.set_default("divisor", "0"));
    });
}

/// Defaults that only a Pod itself has: links, requests from limits, host ports of a host network.
pub fn set_pod_defaults(spec: &mut Value) {
    set_defaults(spec);
    spec.set_default("enableServiceLinks", true);
    // Templates keep such a number and are warned of it.
    if spec.get("terminationGracePeriodSeconds").int() < 0 {
        spec.set("terminationGracePeriodSeconds", 1);
    }
    let host_network = spec.get("hostNetwork").bool();
    for field in ["containers", "initContainers"] {
        each(spec, field, |container| {
            let limits = container.at(&["resources", "limits"]).clone();
            if !limits.is_empty() {
                let requests = container.entry_at(&["resources", "requests"]);
                limits.entries().for_each(|(name, limit)| requests.set_default(name, limit));
            }
            if host_network {
                each(container, "ports", |port| {
                    port.set_default("hostPort", port.get("containerPort").clone())
                });
            }
        });
    }
    let limits = spec.at(&["resources", "limits"]).clone();
    if !limits.is_empty() {
        let requests = spec.entry_at(&["resources", "requests"]);
        for (name, limit) in limits.entries() {
            requests.set_default(name, limit);
        }
    }
}

/// `Guaranteed`, `Burstable` or `BestEffort` (component-helpers, `qos.ComputePodQOS`).
pub fn qos_class(spec: &Value) -> &'static str {
    let containers =
        || ["initContainers", "containers"].into_iter().flat_map(|field| spec.get(field).items());
    let sets = |list: &str, name: &str, container: &Value| {
        let text = container.at(&["resources", list]).get(name);
        !text.is_null() && !matches!(text.str(), "0")
    };
    let mut any = false;
    let mut all_limited = true;
    for container in containers() {
        for name in ["cpu", "memory"] {
            any |= sets("requests", name, container) || sets("limits", name, container);
            all_limited &= sets("limits", name, container)
                && container.at(&["resources", "limits", name])
                    == container.at(&["resources", "requests", name]);
        }
    }
    match (any, all_limited) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// The `status` of a Pod just created.
pub fn fresh_status(pod: &Value) -> Value {
    value!({"phase": "Pending", "qosClass": (qos_class(pod.get("spec")))})
}

/// The spec as the server's internal struct has it: what concerns the namespaces of the host stands in its security
/// context.
pub fn internal(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for field in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"] {
        if let Some(value) = spec.remove(field) {
            spec.entry("securityContext").set(field, value);
        }
    }
    spec
}
