//! Manifests that projects release, at the addresses where people fetch them: no other host is ever asked.

use std::borrow::Cow;

/// The metrics server's release 0.8.0, its facts in our own words.
pub const METRICS_SERVER: &str = include_str!("metrics-server.yaml");

/// ingress-nginx's release 1.13.3, likewise. Between `@` what differs between the places it is made for. The configuration of
/// its webhook is missing: Saya's API server calls none.
const INGRESS_NGINX: &str = include_str!("ingress-nginx.yaml");

/// What ingress-nginx's manifests are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A cloud, whose load balancer leads to it.
    Cloud,
    /// Machines of one's own: ports of the nodes lead to it.
    BareMetal,
    /// kind, with ports 80 and 443 of its node.
    Kind,
    /// minikube's addon, likewise.
    Minikube,
}

/// The manifests of ingress-nginx.
pub fn ingress_nginx(provider: Provider) -> String {
    let own = match provider {
        Provider::Minikube => {
            "app.kubernetes.io/instance: ingress-nginx, app.kubernetes.io/name: ingress-nginx"
        }
        _ => {
            "app.kubernetes.io/instance: ingress-nginx, app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/part-of: ingress-nginx, app.kubernetes.io/version: 1.13.3"
        }
    };
    let (service, arguments) = match provider {
        Provider::Cloud => (
            "externalTrafficPolicy: Local\n  type: LoadBalancer",
            "- --publish-service=$(POD_NAMESPACE)/ingress-nginx-controller",
        ),
        Provider::BareMetal => ("type: NodePort", ""),
        Provider::Kind => (
            "type: LoadBalancer",
            "- --watch-ingress-without-class=true\n        - --publish-status-address=localhost",
        ),
        Provider::Minikube => (
            "type: NodePort",
            "- --watch-ingress-without-class=true\n        - --report-node-internal-ip-address",
        ),
    };
    let on_node = matches!(provider, Provider::Kind | Provider::Minikube);
    let rest = [
        ("SERVICE", service),
        ("ARGUMENTS", arguments),
        ("HOST80", if on_node { "hostPort: 80, " } else { "" }),
        ("HOST443", if on_node { "hostPort: 443, " } else { "" }),
        (
            "CONFIGURATION",
            match provider {
                Provider::Minikube => "data: {allow-snippet-annotations: \"true\", hsts: \"false\"}",
                _ => "data: null",
            },
        ),
        ("GRACE", if provider == Provider::Kind { "0" } else { "300" }),
        (
            "STRATEGY",
            match on_node {
                true => "strategy: {rollingUpdate: {maxUnavailable: 1}, type: RollingUpdate}",
                false => "",
            },
        ),
        (
            "CLASS",
            match provider {
                Provider::Minikube => "annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}",
                _ => "",
            },
        ),
    ];
    let text = INGRESS_NGINX.replace("@LABELS@", own);
    rest.iter().fold(text, |text, (name, own)| text.replace(&format!("@{name}@"), own))
}

/// The manifests at an address, where they are known.
pub fn at(url: &str) -> Option<Cow<'static, str>> {
    let path = url.strip_prefix("https://")?;
    if let Some(path) = path.strip_prefix("github.com/kubernetes-sigs/metrics-server/releases/") {
        return path.ends_with("/components.yaml").then_some(METRICS_SERVER.into());
    }
    if path == "kind.sigs.k8s.io/examples/ingress/deploy-ingress-nginx.yaml" {
        return Some(ingress_nginx(Provider::Kind).into());
    }
    let path = path.strip_prefix("raw.githubusercontent.com/kubernetes/ingress-nginx/")?;
    let provider = match path.split_once("/deploy/static/provider/")?.1 {
        "cloud/deploy.yaml" | "do/deploy.yaml" => Provider::Cloud,
        "baremetal/deploy.yaml" => Provider::BareMetal,
        "kind/deploy.yaml" => Provider::Kind,
        _ => return None,
    };
    Some(ingress_nginx(provider).into())
}
