//! What `saya render --trace FROM TO` means: which Pod connects, and where to.

use crate::api::{Kind, ObjectKey};
use crate::network::trace::Trace;
use crate::sim::Sim;
use crate::sim::snapshot::{Name, PodView, Snapshot};

use super::Failure;

/// Lets a Pod (`pma-57bd…`, `pod/…`, `deployment/pma`) connect to a Service (`mysql`, `svc/mysql:3306`), a Pod, or any other
/// name or address with a port. Names of other namespaces are `name.namespace`; without a port it is the first one.
pub(super) fn traced(sim: &Sim, snapshot: &Snapshot, from: &str, to: &str) -> Result<Trace, Failure> {
    let client = pod(snapshot, from).ok_or_else(|| missing(snapshot, "Pod", from))?;
    let (word, port) = to.rsplit_once(':').map_or((to, None), |(name, port)| (name, Some(port)));
    let (kind, name) = word.split_once('/').unwrap_or(("", word));
    let is_service = matches!(kind, "" | "service" | "services" | "svc");
    let service = snapshot.services.iter().find(|view| is_service && means(name, &view.name));
    let (host, first) = match (service, pod(snapshot, word)) {
        (Some(service), _) => {
            let Name { namespace, name } = &service.name;
            let own = *namespace == client.name.namespace;
            let host = if own { name.clone() } else { format!("{name}.{namespace}") };
            // A port by its name, as in a manifest.
            let named = |wanted: &str| service.ports.iter().find(|port| port.name.as_deref() == Some(wanted));
            (host, port.map_or(service.ports.first(), named).map(|port| port.port.to_string()))
        }
        (None, Some(server)) => {
            let ip = server.ip.clone().ok_or_else(|| {
                Failure::Refused(format!("--trace: Pod {} has no address yet", server.name.name))
            })?;
            let port = server.containers.iter().find_map(|container| container.ports.first());
            (ip, port.map(u16::to_string))
        }
        (None, None) if port.is_some() && kind.is_empty() => (word.to_string(), None),
        (None, None) => return Err(missing(snapshot, "Pod or Service", to)),
    };
    let number = first.or(port.map(str::to_string));
    let Some(number) = number.as_deref().and_then(|number| number.parse().ok()) else {
        return Err(Failure::Usage(format!("--trace: \"{to}\": which port? {word}:PORT says it")));
    };
    let key = ObjectKey::new(Kind::Pod, &client.name.namespace, &client.name.name);
    Ok(sim.cluster().trace(&key, None, &host, number))
}

/// True where a name means an object: `name`, or `name.namespace`.
fn means(word: &str, name: &Name) -> bool {
    let rest = word.strip_prefix(&*name.name);
    let inside = rest.and_then(|rest| if rest.is_empty() { Some("default") } else { rest.strip_prefix('.') });
    inside.is_some_and(|namespace| namespace.split('.').next() == Some(&*name.namespace))
}

/// The Pod that a word means: by its own name, or that of what it belongs to.
fn pod<'a>(snapshot: &'a Snapshot, word: &str) -> Option<&'a PodView> {
    let (kind, name) = word.split_once('/').unwrap_or(("", word));
    let own = |pod: &&PodView| matches!(kind, "" | "pod" | "pods" | "po") && means(name, &pod.name);
    let owned = |pod: &&PodView| {
        let owner = pod.owner.as_ref().map_or("", |(_, owner)| owner);
        let of =
            |owner: &str| means(name, &Name { namespace: pod.name.namespace.clone(), name: owner.into() });
        // A Deployment's Pods belong to its ReplicaSet, which adds a hash to the name.
        kind != "pod" && (of(owner) || owner.rsplit_once('-').is_some_and(|(deployment, _)| of(deployment)))
    };
    let mut pods = snapshot.pods.iter();
    pods.clone().find(own).or_else(|| pods.find(|pod| owned(pod) && !pod.terminating))
}

fn missing(snapshot: &Snapshot, what: &str, word: &str) -> Failure {
    let names = snapshot.pods.iter().map(|pod| &pod.name).filter(|name| name.namespace == "default");
    let names: Vec<&str> = names.map(|name| &*name.name).take(5).collect();
    let known =
        if names.is_empty() { "there are none".into() } else { format!("there are {}", names.join(", ")) };
    Failure::Refused(format!("--trace: there is no {what} \"{word}\"; of Pods {known}"))
}
