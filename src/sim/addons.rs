//! `minikube addons`: those that Saya can switch on and off, and those that a new cluster has.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::Deletion;
use crate::base::yaml;
use crate::cluster::Cluster;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::kubectl::releases::{METRICS_SERVER, Provider, ingress_nginx};

use super::minikube::table;

/// An addon that can be switched on and off.
struct Addon {
    name: &'static str,
    images: &'static [&'static str],
    /// The Deployment by which it is there.
    deployment: (&'static str, &'static str),
    manifests: fn() -> String,
    /// minikube waits until it is ready.
    verified: bool,
}

const ADDONS: &[Addon] = &[
    Addon {
        name: "ingress",
        images: &[
            "registry.k8s.io/ingress-nginx/controller:v1.13.3",
            "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.3",
            "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.3",
        ],
        deployment: ("ingress-nginx", "ingress-nginx-controller"),
        manifests: || ingress_nginx(Provider::Minikube),
        verified: true,
    },
    Addon {
        name: "metrics-server",
        images: &["registry.k8s.io/metrics-server/metrics-server:v0.8.0"],
        deployment: ("kube-system", "metrics-server"),
        // What the released manifests say, and what minikube's own say instead.
        manifests: || {
            let own = "--metric-resolution=60s\n        - --kubelet-insecure-tls";
            METRICS_SERVER.replace("--metric-resolution=15s", own)
        },
        verified: false,
    },
];

impl Addon {
    fn object<'c>(&self, cluster: &'c Cluster) -> Option<&'c Object> {
        let (namespace, name) = self.deployment;
        cluster.api.get(&ObjectKey::new(Kind::Deployment, namespace, name))
    }

    fn objects(&self) -> Vec<Object> {
        let text = (self.manifests)();
        let documents = yaml::read_stream(text.as_bytes());
        documents.filter_map(|document| Object::from_value(document.ok()?.value)).collect()
    }
}

/// `minikube addons …`; `begun` tells that an addon which it waits for has been switched on.
pub(super) fn run(kernel: &mut Kernel<'_>, cluster: &mut Cluster, words: &[&str], begun: &mut bool) -> Step {
    let name = words.get(1).copied().unwrap_or_default();
    let addon = ADDONS.iter().find(|addon| addon.name == name);
    match (words.first().copied(), addon) {
        (Some("enable"), Some(addon)) => {
            if !std::mem::replace(begun, true) {
                for object in addon.objects() {
                    let namespace = object.namespace().to_owned();
                    // What is there already stays as it is.
                    let _ = cluster.api.create(object.body, &namespace, false);
                }
                kernel.print(format!("💡  {name} is an addon maintained by Kubernetes. For any concerns contact minikube on GitHub.\nYou can view the list of minikube maintainers at: https://github.com/kubernetes/minikube/blob/master/OWNERS\n"));
                kernel.print(
                    addon
                        .images
                        .iter()
                        .map(|image| format!("    ▪ Using image {image}\n"))
                        .collect::<String>(),
                );
                if addon.verified {
                    kernel.print(format!("🔎  Verifying {name} addon...\n"));
                }
            }
            let available = |object: &Object| object.status().get("availableReplicas").int() > 0;
            if addon.verified && !addon.object(cluster).is_some_and(available) {
                return Wait::world().into();
            }
            kernel.print(format!("🌟  The '{name}' addon is enabled\n"));
            Step::Exit(0)
        }
        (Some("disable"), Some(addon)) => {
            for object in addon.objects() {
                let _ = cluster.api.delete(&object.key(), Deletion::default());
            }
            kernel.print(format!("🌑  \"The '{name}' addon is disabled\n"));
            Step::Exit(0)
        }
        (Some("list"), _) => {
            list(kernel, cluster);
            Step::Exit(0)
        }
        _ => {
            let all: Vec<&str> = ADDONS.iter().map(|addon| addon.name).collect();
            kernel.complain(format!(
                "minikube: Saya simulates \"addons list\", and \"addons enable\" and \"addons disable\" of {}\n",
                all.join(" and ")
            ));
            Step::Exit(1)
        }
    }
}

/// The names of those that are there.
pub(super) fn enabled(cluster: &Cluster) -> Vec<&'static str> {
    let own = ADDONS.iter().filter(|addon| addon.object(cluster).is_some()).map(|addon| addon.name);
    ["storage-provisioner", "default-storageclass"].into_iter().chain(own).collect()
}

fn list(kernel: &mut Kernel<'_>, cluster: &Cluster) {
    let row = |name: &str, runs: bool, maintainer: &str| {
        let status = if runs { "enabled ✅" } else { "disabled    " };
        [name, "minikube", status, maintainer].map(str::to_owned)
    };
    let switched = ADDONS.iter().map(|addon| row(addon.name, addon.object(cluster).is_some(), "Kubernetes"));
    let mut rows: Vec<[String; 4]> = switched.collect();
    rows.insert(0, row("default-storageclass", true, "Kubernetes"));
    rows.push(row("storage-provisioner", true, "minikube"));
    kernel.print(table(["ADDON NAME", "PROFILE", "STATUS", "MAINTAINER"], &rows));
    kernel.complain("minikube: Saya does not simulate its other addons\n");
}
