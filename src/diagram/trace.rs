//! A connection drawn into a figure: the way from a Pod to a Service or another Pod, the rest of the lines faint. Where it
//! cannot arrive, its arrow is red.

use super::scene::{Relation, Scene};
use super::theme::Ink;
use super::{Options, draw};
use crate::sim::Snapshot;
use crate::sim::snapshot::{Name, PodView, ServiceView};

/// Draws a snapshot with the way `from` a Pod (`pma-57bd…`, `pod/…`, `deployment/pma`) `to` a Service (`mysql`,
/// `svc/mysql:3306`) or a Pod. Names of other namespaces are `name.namespace`.
///
/// # Errors
/// Where there is no such Pod or Service.
pub fn trace(mut snapshot: Snapshot, mut options: Options, from: &str, to: &str) -> Result<Scene, String> {
    let client = pod(&snapshot, from).ok_or_else(|| missing(&snapshot, "Pod", from))?;
    let caller = snapshot.pods[client].name.clone();
    let (name, port) = to.rsplit_once(':').map_or((to, None), |(name, port)| (name, Some(port)));
    let (ids, arrives) = match service(&snapshot, name) {
        Some(at) => {
            let service = &mut snapshot.services[at];
            if !service.clients.contains(&caller) {
                service.clients.push(caller.clone());
            }
            ways(service, &caller, port)
        }
        None => {
            let server = pod(&snapshot, name).ok_or_else(|| missing(&snapshot, "Pod or Service", to))?;
            options.trace = Some((client, server));
            let name = &snapshot.pods[server].name;
            let ids = vec![direct(&caller, name), direct(name, &caller)];
            (ids, snapshot.pods[server].ip.is_some())
        }
    };
    let mut scene = draw(&snapshot, &options);
    let others = |relation: Relation| !matches!(relation, Relation::Mounts);
    for connection in scene.root.connections.iter_mut().filter(|c| others(c.relation)) {
        if !ids.contains(&connection.id) {
            connection.ink = Ink::Muted;
            connection.label = None;
        } else if !arrives && connection.relation != Relation::Serves {
            connection.ink = Ink::Failed;
        }
    }
    Ok(scene)
}

/// The ids of the connections by which a call to a Service goes, and whether it arrives.
fn ways(service: &ServiceView, caller: &Name, port: Option<&str>) -> (Vec<String>, bool) {
    let path = |name: &Name| format!("{}/{}", name.namespace, name.name);
    let is_there = |wanted: &str| {
        service
            .ports
            .iter()
            .any(|port| port.port.to_string() == wanted || port.name.as_deref() == Some(wanted))
    };
    let mut ids = vec![format!("calls/{}/{}", path(&service.name), path(caller))];
    let open = port.is_none_or(is_there);
    let ready = service.endpoints.iter().filter(|endpoint| open && endpoint.ready);
    ids.extend(ready.map(|endpoint| format!("serves/{}/{}", path(&service.name), path(&endpoint.pod))));
    let arrives = ids.len() > 1;
    (ids, arrives)
}

fn direct(from: &Name, to: &Name) -> String {
    format!("direct/{}/{}/{}/{}", from.namespace, from.name, to.namespace, to.name)
}

/// True where a name means an object: `name`, or `name.namespace`.
fn means(word: &str, name: &Name) -> bool {
    let rest = word.strip_prefix(&*name.name);
    let inside = rest.and_then(|rest| if rest.is_empty() { Some("default") } else { rest.strip_prefix('.') });
    inside.is_some_and(|namespace| namespace.split('.').next() == Some(&*name.namespace))
}

/// The place in the snapshot of the Pod that a word means: its own name, or that of what it belongs to.
fn pod(snapshot: &Snapshot, word: &str) -> Option<usize> {
    let (kind, name) = word.split_once('/').unwrap_or(("", word));
    let own = |pod: &PodView| matches!(kind, "" | "pod" | "pods" | "po") && means(name, &pod.name);
    let owned = |pod: &PodView| {
        let owner = pod.owner.as_ref().map_or("", |(_, owner)| owner);
        let of =
            |owner: &str| means(name, &Name { namespace: pod.name.namespace.clone(), name: owner.into() });
        // A Deployment's Pods belong to its ReplicaSet, which adds a hash to the name.
        kind != "pod" && (of(owner) || owner.rsplit_once('-').is_some_and(|(deployment, _)| of(deployment)))
    };
    let place = |is: &dyn Fn(&PodView) -> bool| snapshot.pods.iter().position(is);
    place(&own).or_else(|| place(&|pod| owned(pod) && !pod.terminating))
}

fn service(snapshot: &Snapshot, word: &str) -> Option<usize> {
    let (kind, name) = word.split_once('/').unwrap_or(("", word));
    let service = matches!(kind, "" | "service" | "services" | "svc");
    snapshot.services.iter().position(|view| service && means(name, &view.name))
}

fn missing(snapshot: &Snapshot, what: &str, word: &str) -> String {
    let names = snapshot.pods.iter().map(|pod| &pod.name).filter(|name| name.namespace == "default");
    let names: Vec<&str> = names.map(|name| &*name.name).take(5).collect();
    let known =
        if names.is_empty() { "there are none".into() } else { format!("there are {}", names.join(", ")) };
    format!("--trace: there is no {what} \"{word}\"; of Pods {known}")
}
