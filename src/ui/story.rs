//! What the page opens on: the database behind a Service.

use std::collections::BTreeMap;

/// The three manifests, by file name.
pub fn files() -> BTreeMap<String, String> {
    [
        ("deploy-pma.yml", include_str!("../../static/story/deploy-pma.yml")),
        ("ss-mysql.yml", include_str!("../../static/story/ss-mysql.yml")),
        ("svc-mysql.yml", include_str!("../../static/story/svc-mysql.yml")),
    ]
    .map(|(name, text)| (name.to_string(), text.to_string()))
    .into()
}

/// The file that is open at first.
pub const FIRST: &str = "ss-mysql.yml";

/// Commands worth trying, in their order.
pub const COMMANDS: &[&str] = &[
    "kubectl apply -f .",
    "kubectl get pods -o wide",
    "kubectl exec statefulset/mysql -- cat /etc/hosts",
    "kubectl delete pod mysql-0",
];
