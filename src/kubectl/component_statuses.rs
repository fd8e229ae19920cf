//! `kubectl get componentstatuses`: what the API server finds where it asks the control plane's other parts how they are.

use super::discovery;
use super::error::{Result, bail};
use super::session::{DONE, Flow, Session};
use crate::api::{Kind, Status};
use crate::base::table::Table;

/// The parts, with the beginning of the name of the Pod that each is and where it is asked.
const PARTS: &[(&str, &str, &str, &str)] = &[
    ("scheduler", "kube-scheduler-", "127.0.0.1:10259", "healthz"),
    ("controller-manager", "kube-controller-manager-", "127.0.0.1:10257", "healthz"),
    ("etcd-0", "etcd-", "127.0.0.1:2379", "health"),
];

/// True where they alone are asked for.
pub(super) fn are_asked_for(session: &Session<'_>) -> bool {
    let first = session.args().first().and_then(|word| discovery::find(session.api, word));
    first.is_some_and(|resource| resource.kind == "ComponentStatus")
}

/// Prints the table of them.
///
/// # Errors
/// Saya's words where more than a table is asked for; the server's where there is no such part.
pub(super) fn get(session: &mut Session<'_>) -> Result<Flow> {
    let form = session.flags.text("output");
    if !matches!(form, "" | "wide") || session.flags.is("watch") {
        bail!("Saya does not simulate ComponentStatus beyond its table");
    }
    session.note("Warning: v1 ComponentStatus is deprecated in v1.19+");
    let names = session.args()[1..].to_vec();
    if let Some(unknown) = names.iter().find(|name| !PARTS.iter().any(|(own, ..)| own == name)) {
        let message = format!("Component not found: {unknown}");
        return Err(Status { code: 404, reason: "NotFound", message, causes: Vec::new() }.into());
    }
    let mut table = Table::new();
    if !session.flags.is("no-headers") {
        table.push(["NAME", "STATUS", "MESSAGE", "ERROR"]);
    }
    let store = session.api.store();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|own| own == name);
    for (name, pod, address, path) in PARTS.iter().filter(|(own, ..)| wanted(own)) {
        let mut pods = store.list_in(Kind::Pod, "kube-system").filter(|own| own.name().starts_with(pod));
        let (status, message) = match pods.any(|pod| pod.status().get("phase").str() == "Running") {
            true => ("Healthy", "ok".to_owned()),
            false => {
                let refused = format!("dial tcp {address}: connect: connection refused");
                ("Unhealthy", format!("Get \"https://{address}/{path}\": {refused}"))
            }
        };
        table.push([name, status, &message, ""]);
    }
    session.io.out(&table.text());
    DONE
}
