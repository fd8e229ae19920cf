//! `minikube addons`: the metrics server, the one that Saya can switch on and off, and those that a new cluster has.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::Deletion;
use crate::base::yaml;
use crate::cluster::Cluster;
use crate::container::kernel::Kernel;
use crate::kubectl::releases::METRICS_SERVER;

use super::minikube::table;

/// What the released manifests say, and what minikube's own say instead.
const FLAGS: (&str, &str) =
    ("--metric-resolution=15s", "--metric-resolution=60s\n        - --kubelet-insecure-tls");

/// `minikube addons …`; the exit status.
pub(super) fn run(kernel: &mut Kernel<'_>, cluster: &mut Cluster, words: &[&str]) -> u8 {
    let name = words.get(1).copied().unwrap_or_default();
    match words.first().copied() {
        Some("enable") if name == "metrics-server" => {
            for object in manifests() {
                let namespace = object.namespace().to_owned();
                // What is there already stays as it is.
                let _ = cluster.api.create(object.body, &namespace, false);
            }
            kernel.print("💡  metrics-server is an addon maintained by Kubernetes. For any concerns contact minikube on GitHub.\nYou can view the list of minikube maintainers at: https://github.com/kubernetes/minikube/blob/master/OWNERS\n    ▪ Using image registry.k8s.io/metrics-server/metrics-server:v0.8.0\n🌟  The 'metrics-server' addon is enabled\n");
            0
        }
        Some("disable") if name == "metrics-server" => {
            for object in manifests() {
                let _ = cluster.api.delete(&object.key(), Deletion::default());
            }
            kernel.print("🌑  \"The 'metrics-server' addon is disabled\n");
            0
        }
        Some("list") => {
            let runs = ObjectKey::new(Kind::Deployment, "kube-system", "metrics-server");
            let metrics = cluster.api.get(&runs).is_some();
            let row = |name: &str, runs: bool, maintainer: &str| {
                let status = if runs { "enabled ✅" } else { "disabled    " };
                [name, "minikube", status, maintainer].map(str::to_owned)
            };
            let rows = [
                row("default-storageclass", true, "Kubernetes"),
                row("metrics-server", metrics, "Kubernetes"),
                row("storage-provisioner", true, "minikube"),
            ];
            kernel.print(table(["ADDON NAME", "PROFILE", "STATUS", "MAINTAINER"], &rows));
            kernel.complain("minikube: Saya does not simulate its other addons\n");
            0
        }
        _ => {
            kernel.complain("minikube: Saya simulates \"addons list\", \"addons enable metrics-server\" and \"addons disable metrics-server\"\n");
            1
        }
    }
}

fn manifests() -> Vec<Object> {
    let text = METRICS_SERVER.replace(FLAGS.0, FLAGS.1);
    let documents = yaml::read_stream(text.as_bytes());
    documents.filter_map(|document| Object::from_value(document.ok()?.value)).collect()
}
