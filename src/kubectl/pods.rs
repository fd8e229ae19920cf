//! The Pods behind other objects, and containers in Pods: what `exec`, `logs` and the like need.

use std::cmp::Reverse;

use crate::api::{Kind, Object, ObjectKey, Selector, Status};
use crate::base::{Date, Value};

use super::error::{Error, Result, bail};
use super::session::Session;

/// The Pods that an object is about.
///
/// # Errors
/// client-go's words for kinds that are not about Pods; `doing` begins them: `cannot attach to`.
pub fn selector_of(object: &Object, doing: &str) -> Result<Selector> {
    let spec = object.spec();
    match object.kind {
        Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Deployment | Kind::Job => {
            Ok(Selector::from_label_selector(spec.get("selector")))
        }
        Kind::ReplicationController => Ok(Selector::from_map(spec.get("selector"))),
        Kind::Service if spec.get("selector").is_empty() => {
            let go = go_type(object.kind);
            bail!("{doing} {go}: invalid service '{}': Service is defined without a selector", object.name())
        }
        Kind::Service => Ok(Selector::from_map(spec.get("selector"))),
        kind => {
            let go = go_type(kind);
            bail!("{doing} {go}: selector for {go} not implemented")
        }
    }
}

/// The name of a kind's Go type: `*v1.Pod`.
pub fn go_type(kind: Kind) -> String {
    format!("*{}.{}", kind.names().version, kind.names().kind)
}

/// The Pods that a selector selects, best first: assigned, running, ready, ready for longer, restarted less often,
/// older.
pub fn most_active(session: &Session<'_>, namespace: &str, selector: &Selector) -> Vec<Object> {
    let mut pods = session.select(Kind::Pod, namespace, selector);
    pods.sort_by_cached_key(|pod| {
        (unassigned(pod), phase_rank(pod), !ready(pod), ready_since(pod), restarts(pod), pod.created_at())
    });
    pods
}

/// The same as `logs` prefers them: of those alike, the one restarted most often.
pub fn best_to_read(session: &Session<'_>, namespace: &str, selector: &Selector) -> Vec<Object> {
    let mut pods = session.select(Kind::Pod, namespace, selector);
    pods.sort_by_cached_key(|pod| {
        (
            unassigned(pod),
            phase_rank(pod),
            !ready(pod),
            ready_since(pod),
            Reverse(restarts(pod)),
            pod.created_at(),
        )
    });
    pods
}

fn unassigned(pod: &Object) -> bool {
    pod.spec().get("nodeName").str().is_empty()
}

fn phase_rank(pod: &Object) -> u8 {
    match pod.status().get("phase").str() {
        "Running" => 0,
        "Unknown" => 1,
        _ => 2,
    }
}

fn ready(pod: &Object) -> bool {
    pod.has_condition("Ready")
}

fn ready_since(pod: &Object) -> Option<Date> {
    Date::parse_rfc3339(pod.condition("Ready").get("lastTransitionTime").str()).filter(|_| ready(pod))
}

fn restarts(pod: &Object) -> i64 {
    let statuses = pod.status().get("containerStatuses").items();
    statuses.iter().map(|status| status.get("restartCount").int()).max().unwrap_or(0)
}

/// The Pod that an object is or stands for; none while there is none yet.
///
/// # Errors
/// client-go's words for kinds that are not about Pods.
pub fn attachable(session: &Session<'_>, object: &Object) -> Result<Option<Object>> {
    if object.kind == Kind::Pod {
        return Ok(Some(object.clone()));
    }
    let selector = selector_of(object, "cannot attach to")?;
    Ok(most_active(session, object.namespace(), &selector).into_iter().next())
}

/// A Pod's containers of all sorts: a name and what it is besides: `(init)`, `(ephem)`.
pub fn containers(pod: &Object) -> impl Iterator<Item = (&str, &'static str)> {
    [("containers", ""), ("ephemeralContainers", " (ephem)"), ("initContainers", " (init)")]
        .into_iter()
        .flat_map(|(list, mark)| {
            pod.spec().get(list).items().iter().map(move |c| (c.get("name").str(), mark))
        })
}

/// All containers' names, as in `Defaulted container "a" out of: a, b, c (init)`.
pub fn container_names(pod: &Object) -> String {
    containers(pod).map(|(name, mark)| format!("{name}{mark}")).collect::<Vec<_>>().join(", ")
}

/// The container that is meant where none is named; says so where there are others.
pub fn default_container(session: &mut Session<'_>, pod: &Object, quiet: bool) -> String {
    let wanted = pod.annotation("kubectl.kubernetes.io/default-container").str();
    if !wanted.is_empty() && containers(pod).any(|(name, _)| name == wanted) {
        return wanted.into();
    }
    let first = pod.spec().get("containers").items().first().map(|c| c.get("name").str().to_string());
    let first = first.unwrap_or_default();
    if !quiet && containers(pod).count() > 1 {
        session.note(format!("Defaulted container \"{first}\" out of: {}", container_names(pod)));
    }
    first
}

/// The status of a container.
pub fn status<'a>(pod: &'a Object, container: &str) -> Option<&'a Value> {
    ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
        .into_iter()
        .flat_map(|list| pod.status().get(list).items())
        .find(|status| status.get("name").str() == container)
}

/// Asks whether the user may reach a part of a Pod: `log`, `exec`, `attach`, `portforward`.
///
/// # Errors
/// `Forbidden`.
pub fn authorize(session: &Session<'_>, pod: &Object, verb: &str, part: &str) -> Result<()> {
    session.authorize_part(verb, Kind::Pod, part, pod.namespace(), pod.name())
}

/// Checks that a program can be run in a container, as the API server and the kubelet check it.
///
/// # Errors
/// Their words.
pub fn check_running(session: &Session<'_>, pod: &Object, container: &str) -> Result<()> {
    if !containers(pod).any(|(name, _)| name == container) {
        let why = format!("container {container} is not valid for pod {}", pod.name());
        return Err(Status::bad_request(why).into());
    }
    if unassigned(pod) {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name())).into());
    }
    let node = ObjectKey::new(Kind::Node, "", pod.spec().get("nodeName").str());
    let answers = session.api.get(&node).is_none_or(|node| node.has_condition("Ready"));
    if !answers {
        let ip = pod.status().get("hostIP").str();
        return Err(Error::plain(format!(
            "error dialing backend: dial tcp {ip}:10250: connect: no route to host"
        )));
    }
    if status(pod, container).is_none_or(|status| status.at(&["state", "running"]).is_null()) {
        bail!("Internal error occurred: unable to upgrade connection: container not found (\"{container}\")");
    }
    Ok(())
}
