//! Names of objects within other objects, brought up to date with the names that these have got.

use crate::base::Value;

use super::Outcome;
use super::path::each;
use super::resource::{Id, Resource};
use super::resources::Resources;

/// What is referred to: its kind and group, the places in specs of Pods, and those in other objects by their kinds.
struct Target {
    kind: &'static str,
    group: &'static str,
    in_pods: &'static [&'static str],
    elsewhere: &'static [(&'static str, &'static str)],
}

const RBAC: &str = "rbac.authorization.k8s.io";

const TARGETS: [Target; 14] = [
    scalable("Deployment"),
    scalable("ReplicationController"),
    scalable("ReplicaSet"),
    scalable("StatefulSet"),
    Target {
        kind: "ConfigMap",
        group: "",
        in_pods: &[
            "volumes/configMap/name",
            "containers/env/valueFrom/configMapKeyRef/name",
            "initContainers/env/valueFrom/configMapKeyRef/name",
            "containers/envFrom/configMapRef/name",
            "initContainers/envFrom/configMapRef/name",
            "volumes/projected/sources/configMap/name",
        ],
        elsewhere: &[
            ("Node", "spec/configSource/configMap"),
            ("Role", "rules/resourceNames"),
            ("ClusterRole", "rules/resourceNames"),
            ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
        ],
    },
    Target {
        kind: "Secret",
        group: "",
        in_pods: &[
            "volumes/secret/secretName",
            "containers/env/valueFrom/secretKeyRef/name",
            "initContainers/env/valueFrom/secretKeyRef/name",
            "containers/envFrom/secretRef/name",
            "initContainers/envFrom/secretRef/name",
            "imagePullSecrets/name",
            "volumes/projected/sources/secret/name",
        ],
        elsewhere: &[
            ("Ingress", "spec/tls/secretName"),
            ("Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
            ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
            ("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
            ("ServiceAccount", "imagePullSecrets/name"),
            ("StorageClass", "parameters/secretName"),
            ("StorageClass", "parameters/adminSecretName"),
            ("StorageClass", "parameters/userSecretName"),
            ("StorageClass", "parameters/secretRef"),
            ("Role", "rules/resourceNames"),
            ("ClusterRole", "rules/resourceNames"),
            ("PersistentVolume", "spec/azureFile/secretName"),
        ],
    },
    Target {
        kind: "Service",
        group: "",
        in_pods: &[],
        elsewhere: &[
            ("StatefulSet", "spec/serviceName"),
            ("Ingress", "spec/rules/http/paths/backend/serviceName"),
            ("Ingress", "spec/backend/serviceName"),
            ("Ingress", "spec/rules/http/paths/backend/service/name"),
            ("Ingress", "spec/defaultBackend/service/name"),
            ("APIService", "spec/service/name"),
            ("ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
            ("MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
        ],
    },
    Target { kind: "Role", group: RBAC, in_pods: &[], elsewhere: &[("RoleBinding", "roleRef/name")] },
    Target {
        kind: "ClusterRole",
        group: RBAC,
        in_pods: &[],
        elsewhere: &[("RoleBinding", "roleRef/name"), ("ClusterRoleBinding", "roleRef/name")],
    },
    Target {
        kind: "ServiceAccount",
        group: "",
        in_pods: &["serviceAccountName"],
        elsewhere: &[("RoleBinding", "subjects"), ("ClusterRoleBinding", "subjects")],
    },
    Target {
        kind: "PersistentVolumeClaim",
        group: "",
        in_pods: &["volumes/persistentVolumeClaim/claimName"],
        elsewhere: &[],
    },
    Target {
        kind: "PersistentVolume",
        group: "",
        in_pods: &[],
        elsewhere: &[("PersistentVolumeClaim", "spec/volumeName"), ("ClusterRole", "rules/resourceNames")],
    },
    Target {
        kind: "StorageClass",
        group: "storage.k8s.io",
        in_pods: &[],
        elsewhere: &[
            ("PersistentVolume", "spec/storageClassName"),
            ("PersistentVolumeClaim", "spec/storageClassName"),
            ("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
        ],
    },
    Target {
        kind: "PriorityClass",
        group: "scheduling.k8s.io",
        in_pods: &["priorityClassName"],
        elsewhere: &[],
    },
];

const fn scalable(kind: &'static str) -> Target {
    Target {
        kind,
        group: "",
        in_pods: &[],
        elsewhere: &[("HorizontalPodAutoscaler", "spec/scaleTargetRef/name")],
    }
}

impl Target {
    fn is(&self, id: &Id) -> bool {
        id.kind == self.kind && (self.group.is_empty() || id.group == self.group)
    }
}

/// Where a kind has the spec of a Pod.
fn pod_spec(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Pod" => "spec/",
        "Deployment" | "ReplicaSet" | "ReplicationController" | "DaemonSet" | "StatefulSet" | "Job" => {
            "spec/template/spec/"
        }
        "CronJob" => "spec/jobTemplate/spec/template/spec/",
        _ => return None,
    })
}

/// Mends all references.
pub(super) fn mend(all: &mut Resources) -> Outcome<()> {
    for at in 0..all.0.len() {
        let mut body = std::mem::take(&mut all.0[at].body);
        let id = Id::of(&body);
        all.0[at].body.clone_from(&body);
        let kind = all.0[at].first_id().kind;
        for target in &TARGETS {
            let near = Referrer { all, at, id: &id, target };
            let pods =
                pod_spec(&kind).map(|spec| target.in_pods.iter().map(move |path| [spec, path].concat()));
            let elsewhere =
                target.elsewhere.iter().filter(|(of, _)| *of == kind).map(|(_, path)| path.to_string());
            for path in pods.into_iter().flatten().chain(elsewhere) {
                let by_role = path == "roleRef/name";
                let role = by_role.then(|| all.0[at].body.get("roleRef").clone());
                each(&mut body, &path, false, &mut |value| near.mend(value, role.as_ref()))
                    .map_err(|why| format!("updating name reference in '{path}' field of '{id}': {why}"))?;
            }
        }
        all.0[at].body = body;
    }
    Ok(())
}

/// Who refers, and to what kind.
struct Referrer<'a> {
    all: &'a Resources,
    at: usize,
    id: &'a Id,
    target: &'a Target,
}

impl Referrer<'_> {
    fn mend(&self, value: &mut Value, role: Option<&Value>) -> Outcome<()> {
        match value {
            Value::Str(name) => {
                if let Some(found) = self.find(name, None, role)? {
                    *value = found.name().into();
                }
                Ok(())
            }
            Value::Map(_) => {
                if value.get("name").is_null() {
                    return Err("path config error; no 'name' field in node".into());
                }
                let namespace = value.get("namespace").as_str();
                if let Some(found) = self.find(value.get("name").str(), Some(namespace), role)? {
                    let (name, namespace) = (found.name().to_string(), found.namespace().to_string());
                    value.set("name", name);
                    if !namespace.is_empty() {
                        value.set("namespace", namespace);
                    }
                }
                Ok(())
            }
            Value::List(_) => value.items_mut().iter_mut().try_for_each(|item| self.mend(item, role)),
            _ => Ok(()),
        }
    }

    /// The object that was called `name` when the reference was written. A namespace is given where the reference may
    /// name one.
    fn find(
        &self,
        name: &str,
        namespace: Option<Option<&str>>,
        role: Option<&Value>,
    ) -> Outcome<Option<&Resource>> {
        let within = |space: &str| {
            let of_first = |one: &&Resource| one.first_id().effective_namespace() == space;
            let mut found: Vec<&Resource> = self.reachable().filter(of_first).collect();
            if found.is_empty() {
                found = self.reachable().filter(|one| one.id().effective_namespace() == space).collect();
            }
            found
        };
        let mut found = match namespace.flatten() {
            Some(space) => within(space),
            None => self.reachable().collect(),
        };
        found.retain(|one| {
            one.before.iter().any(|id| id.name == name)
                && one.before.iter().any(|id| self.target.is(id))
                && role.is_none_or(|role| {
                    let (group, kind) = (role.get("apiGroup").str(), role.get("kind").str());
                    group.is_empty()
                        || kind.is_empty()
                        || one.before.iter().any(|id| id.group == group && id.kind == kind)
                })
                && (self.id.is_cluster_wide()
                    || one.id().is_cluster_wide()
                    || one.kind() == "ServiceAccount"
                    || one.id().effective_namespace() == self.id.effective_namespace())
        });
        let own = &self.all.0[self.at];
        for lenient in [true, false] {
            if found.len() > 1 {
                let fits = |a: &[String], b: &[String]| {
                    (lenient && (a.is_empty() || b.is_empty())) || same_ending(a, b)
                };
                found.retain(|one| fits(&one.prefixes, &own.prefixes) && fits(&one.suffixes, &own.suffixes));
            }
        }
        let Some(first) = found.first() else { return Ok(None) };
        let identical = |one: &&Resource| {
            one.name() == first.name() && (namespace.is_none() || one.namespace() == first.namespace())
        };
        if !found.iter().all(identical) {
            let ids: Vec<String> = found.iter().map(|one| one.id().to_string()).collect();
            return Err([" found multiple possible referrals: ", &ids.join(", ")].concat());
        }
        Ok(Some(first))
    }

    /// What the referrer may refer to from its namespace.
    fn reachable(&self) -> impl Iterator<Item = &Resource> {
        let own = &self.all.0[self.at];
        let accounts: Vec<&str> = match own.kind() {
            "RoleBinding" => {
                let subjects = own.body.get("subjects").items().iter();
                subjects
                    .filter(|s| s.get("kind").str() == "ServiceAccount")
                    .map(|s| s.get("namespace").str())
                    .collect()
            }
            _ => Vec::new(),
        };
        self.all.0.iter().filter(move |one| {
            let id = one.id();
            self.id.is_cluster_wide()
                || id.is_cluster_wide()
                || id.effective_namespace() == self.id.effective_namespace()
                || (!id.namespace.is_empty() && accounts.contains(&id.namespace.as_str()))
        })
    }
}

/// True where the shorter is the end of the longer.
fn same_ending(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.is_empty() { long.is_empty() } else { long.ends_with(short) }
}
