//! `/healthz`, `/livez` and `/readyz`: how the API server is, check by check.

/// What kube-apiserver starts and has checked, in the order of its answer.
const HOOKS: &[&str] = &[
    "start-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "start-legacy-token-tracking-controller",
    "start-service-ip-repair-controllers",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "start-kubernetes-service-cidr-controller",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
    "autoregister-completion",
    "apiservice-openapi-controller",
    "apiservice-openapiv3-controller",
];

/// The checks of one of the three endpoints.
fn checks(endpoint: &str) -> impl Iterator<Item = String> {
    let ready = endpoint == "readyz";
    let first = ["ping", "log", "etcd"]
        .into_iter()
        .chain(ready.then_some(["etcd-readiness", "informer-sync"]).into_iter().flatten());
    let hooks = HOOKS.iter().map(|hook| match *hook {
        "autoregister-completion" => hook.to_string(),
        hook => format!("poststarthook/{hook}"),
    });
    first.map(str::to_owned).chain(hooks).chain(ready.then(|| "shutdown".to_owned()))
}

/// What an endpoint answers, or one check of it (apiserver `healthz.go`, handleRootHealth); none where there is no such check.
/// In Saya all is well with the API server.
pub(super) fn answer(endpoint: &str, check: &[&str], query: &str) -> Option<String> {
    if !check.is_empty() {
        let check = check.join("/");
        return checks(endpoint).any(|own| own == check).then(|| "ok".to_owned());
    }
    let asked = || query.split('&').map(|one| one.split_once('=').unwrap_or((one, "")));
    if !asked().any(|(name, _)| name == "verbose") {
        return Some("ok".to_owned());
    }
    let excluded: Vec<&str> =
        asked().filter(|(name, _)| *name == "exclude").map(|(_, check)| check).collect();
    let line = |check: String| {
        let state = if excluded.contains(&&*check) { "excluded: ok" } else { "ok" };
        format!("[+]{check} {state}\n")
    };
    Some(checks(endpoint).map(line).collect::<String>() + endpoint + " check passed\n")
}
