//! The status that a kubelet reports of a Pod.

use smol_str::SmolStr;

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::base::{Digest, SimTime, Value, digest_of};
use crate::images::Reference;
use crate::network::ipam::dotted;
use crate::value;

use super::container::{Container, End, Role, State};
use super::{NodeState, Worker};

/// Of what a report was made: the version of the Pod that it left, and the rest.
pub(super) type Reported = (SmolStr, Digest);

/// All that a report follows from, beside the Pod as the API server has it.
fn reported(worker: &Worker) -> Digest {
    let containers = worker.containers.iter();
    let told = containers.map(|own| {
        let run = (&own.state, &own.last, own.restarts, &own.id, own.ready, own.started);
        (run, own.back_off.is_zero(), &own.actual)
    });
    let pod =
        (worker.has_sandbox(), worker.ip, worker.started, worker.restarting, worker.pod.is_terminating());
    digest_of(&(pod, &worker.given_up, worker.resize(), told.collect::<Vec<_>>()))
}

/// Writes the Pod's status where it is another than before. Most looks at a Pod find it as the last report left it.
pub(super) fn report(worker: &mut Worker, api: &mut ApiServer, node: &NodeState) {
    let rest = reported(worker);
    let version = |pod: &Object| SmolStr::new(pod.meta("resourceVersion").str());
    let mut left = version(&worker.pod);
    if worker.reported.as_ref().is_some_and(|last| last.0 == left && last.1 == rest) {
        return;
    }
    if let Some(status) = status_to_tell(worker, api, node)
        && let Some(pod) = api.modify_status(&worker.pod.key(), |old| *old = status)
    {
        left = version(&pod);
    }
    worker.reported = Some((left, rest));
}

/// The Pod's status, unless it is not worth a report.
fn status_to_tell(worker: &Worker, api: &ApiServer, node: &NodeState) -> Option<Value> {
    let date = |at: SimTime| api.clock.date_at(at).rfc3339();
    let of = |wanted: fn(Role) -> bool| -> Vec<&Container> {
        worker.containers.iter().filter(|container| wanted(container.role)).collect()
    };
    let main = of(|role| role == Role::Main);
    let init = of(|role| matches!(role, Role::Init | Role::Sidecar));
    let added = of(|role| role == Role::Ephemeral);
    // It has not ended before its containers have.
    let given_up = worker.given_up.as_ref().filter(|_| !worker.containers.iter().any(Container::is_running));
    let phase = if given_up.is_some() { "Failed" } else { phase(worker, &init, &main) };
    let statuses = |containers: &[&Container]| -> Value {
        let policy = worker.pod.spec().get("restartPolicy").str();
        containers.iter().map(|container| container_status(container, policy, &date)).collect()
    };
    let if_any = |containers: &[&Container]| {
        if containers.is_empty() { Value::Null } else { statuses(containers) }
    };
    let now = date(api.clock.now);
    let host: Value = dotted(node.ip).into();
    let ip: Value = worker.ip.map(dotted).into();
    let status = value!({
        "conditions": (conditions(worker, &init, &main, phase, &now)),
        "containerStatuses": (statuses(&main)),
        "ephemeralContainerStatuses": (if_any(&added)),
        "hostIP": (host.clone()),
        "hostIPs": [{"ip": host}],
        "initContainerStatuses": (if_any(&init)),
        "message": (given_up.map_or(Value::Null, |(_, message)| message.as_str().into())),
        "observedGeneration": (worker.pod.generation()),
        "phase": phase,
        "podIP": (ip.clone()),
        "podIPs": (if ip.is_null() { Value::Null } else { value!([{"ip": ip}]) }),
        "qosClass": (worker.pod.status().get("qosClass").clone()),
        "reason": (given_up.map_or(Value::Null, |(reason, _)| (*reason).into())),
        "startTime": (worker.started.map(date))
    })
    .without_nulls();
    let quiet = worker.pod.is_terminating() && unmarked(worker.pod.status()) == unmarked(&status);
    (!quiet).then_some(status)
}

/// A status without the generations it was made for: that a deletion was seen is not worth a report.
fn unmarked(status: &Value) -> Value {
    let mut status = status.clone();
    status.remove("observedGeneration");
    for condition in status.entry("conditions").items_mut() {
        condition.remove("observedGeneration");
    }
    status
}

/// `status.phase` (kubelet `getPhase`).
fn phase(worker: &Worker, init: &[&Container], main: &[&Container]) -> &'static str {
    let policy = worker.pod.spec().get("restartPolicy").str();
    let stopping = worker.pod.is_terminating();
    let failed_init = init.iter().any(|container| {
        container.role == Role::Init
            && container
                .end()
                .is_some_and(|end| end.exit_code != 0 && !container.runs_again(policy, end.exit_code))
    });
    if failed_init {
        return "Failed";
    }
    if !main.is_empty() && main.iter().all(|container| container.end().is_some()) {
        let failed = main.iter().any(|container| !container.succeeded());
        let again = |container: &&Container| {
            container.end().is_some_and(|end| container.runs_again(policy, end.exit_code))
        };
        if stopping || !main.iter().any(again) {
            return if failed { "Failed" } else { "Succeeded" };
        }
    }
    let initialized = init.iter().all(|container| match container.role {
        Role::Sidecar => container.started || container.restarts > 0,
        _ => container.succeeded(),
    });
    // A Pod has begun once every container was started once.
    if initialized && main.iter().all(|container| !container.id.is_empty()) { "Running" } else { "Pending" }
}

fn conditions(worker: &Worker, init: &[&Container], main: &[&Container], phase: &str, now: &str) -> Value {
    let names = |containers: &mut dyn Iterator<Item = &Container>| -> String {
        containers.map(|container| container.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let initialized = |container: &Container| match container.role {
        Role::Sidecar => container.started || container.restarts > 0,
        _ => container.succeeded(),
    };
    let not_initialized = names(&mut init.iter().copied().filter(|container| !initialized(container)));
    let sidecars = init.iter().copied().filter(|container| container.role == Role::Sidecar);
    let not_ready = names(&mut sidecars.chain(main.iter().copied()).filter(|container| !container.ready));
    let done = phase == "Succeeded";
    let ready = if done {
        ("False", "PodCompleted", String::new())
    } else if phase == "Failed" {
        ("False", "PodFailed", String::new())
    } else if not_ready.is_empty() {
        ("True", "", String::new())
    } else {
        ("False", "ContainersNotReady", format!("containers with unready status: [{not_ready}]"))
    };
    let initialized = if not_initialized.is_empty() || done {
        ("True", if done { "PodCompleted" } else { "" }, String::new())
    } else {
        (
            "False",
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{not_initialized}]"),
        )
    };
    let sandbox = if worker.has_sandbox() { "True" } else { "False" };
    let all = [
        ("PodReadyToStartContainers", (sandbox, "", String::new())),
        ("Initialized", initialized),
        ("Ready", through_gates(worker, &ready)),
        ("ContainersReady", ready),
        ("PodScheduled", ("True", "", String::new())),
    ];
    let restarting = if worker.restarting { "True" } else { "False" };
    let restarting = ("AllContainersRestarting", (restarting, "", String::new()));
    let all = all.into_iter().chain(worker.may_restart_all().then_some(restarting));
    let generation = worker.pod.generation();
    let told = worker.pod.status().get("conditions").items().iter();
    let mut told: Vec<(&str, &Value)> = told.map(|old| (old.get("type").str(), old)).collect();
    let mut list: Vec<Value> = Vec::with_capacity(6);
    for (kind, (status, reason, message)) in all {
        let old = told.iter().position(|(told, _)| *told == kind).map(|at| told.remove(at).1);
        let same = old.filter(|old| old.get("status").str() == status);
        let says = |old: &&Value| {
            let said = ["reason", "message"].map(|field| old.get(field).str());
            said == [reason, &*message] && old.get("observedGeneration").int() == generation
        };
        if let Some(known) = same.filter(says) {
            list.push(known.clone());
            continue;
        }
        let since = same.map_or(now, |old| old.get("lastTransitionTime").str());
        let mut condition = value!({
            "lastProbeTime": null,
            "lastTransitionTime": since,
            "observedGeneration": generation,
            "status": status,
            "type": kind
        });
        match (reason, &*message) {
            ("", _) => {}
            (reason, "") => condition.set("reason", reason),
            (reason, message) => condition.set_all([("message", message.into()), ("reason", reason.into())]),
        }
        list.push(condition);
    }
    let resize = worker.resize().map(|resize| {
        let (kind, reason, message) = resize.condition();
        let old = told.iter().find(|(told, _)| *told == kind);
        let since = old.map_or(now, |(_, old)| old.get("lastTransitionTime").str());
        let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        value!({
            "lastProbeTime": since,
            "lastTransitionTime": since,
            "message": (text(message)),
            "observedGeneration": generation,
            "reason": (text(reason)),
            "status": "True",
            "type": kind
        })
        .without_nulls()
    });
    // What others wrote stays: readiness gates, DisruptionTarget.
    told.retain(|(kind, _)| !matches!(*kind, "PodResizePending" | "PodResizeInProgress"));
    list.extend(told.into_iter().map(|(_, condition)| condition.clone()).chain(resize));
    list.into()
}

/// A Pod whose containers are ready is ready once all its readiness gates are open (kubelet
/// `GeneratePodReadyCondition`).
fn through_gates(
    worker: &Worker,
    containers: &(&'static str, &'static str, String),
) -> (&'static str, &'static str, String) {
    let gates = worker.pod.spec().get("readinessGates").items().iter();
    let closed = gates.filter_map(|gate| {
        let kind = gate.get("conditionType").str();
        match worker.pod.condition(kind).get("status").str() {
            "True" => None,
            "" => Some(format!("corresponding condition of pod readiness gate \"{kind}\" does not exist.")),
            status => {
                Some(format!("the status of pod readiness gate \"{kind}\" is not \"True\", but {status}"))
            }
        }
    });
    let closed = closed.collect::<Vec<_>>().join(", ");
    if containers.0 != "True" || closed.is_empty() {
        return containers.clone();
    }
    ("False", "ReadinessGatesNotReady", closed)
}

fn container_status(container: &Container, policy: &str, date: &dyn Fn(SimTime) -> SmolStr) -> Value {
    let ran = !container.id.is_empty();
    let (image, image_id) = match ran.then(|| Reference::parse(container.image())).flatten() {
        Some(reference) => {
            let id = [&reference.repository(), "@", &reference.resolved_digest()].concat();
            (reference.to_string(), id)
        }
        _ => (container.image().to_string(), String::new()),
    };
    let (mut allocated, mut resources) = (Value::Null, Value::Null);
    if ran {
        let own = container.spec.get("resources");
        if container.is_running() && own.get("requests").as_map().is_some() {
            allocated = own.get("requests").clone();
        }
        resources = container.actual.as_ref().unwrap_or(own).clone();
        // There is always one.
        resources.as_map_mut();
    }
    let mounts: Vec<Value> = container
        .spec
        .get("volumeMounts")
        .items()
        .iter()
        .map(|mount| {
            let mut mount = mount.clone();
            if mount.get("readOnly").bool() {
                mount.set("recursiveReadOnly", "Disabled");
            }
            mount
        })
        .collect();
    let (last, state) = match &container.state {
        // What could not be started waits to be tried again (`convertToAPIContainerStatuses`).
        State::Terminated(end)
            if end.reason == "StartError" && container.runs_again(policy, end.exit_code) =>
        {
            let message = end.message.as_str();
            (Some(end), value!({"waiting": {"message": message, "reason": "RunContainerError"}}))
        }
        _ => (container.last.as_ref(), state(container, date)),
    };
    value!({
        "allocatedResources": allocated,
        "containerID": (if ran { Value::from(&*container.id) } else { Value::Null }),
        "image": image,
        "imageID": image_id,
        "lastState": (last.map_or(Value::map(), |end| terminated(end, date))),
        "name": (&*container.name),
        "ready": (match container.role {
            Role::Init => container.succeeded(),
            Role::Ephemeral => false,
            _ => container.ready,
        }),
        "resources": resources,
        "restartCount": (container.restarts),
        "started": (container.started),
        "state": (state),
        "volumeMounts": (if mounts.is_empty() { Value::Null } else { mounts.into() })
    })
    .without_nulls()
}

fn state(container: &Container, date: &dyn Fn(SimTime) -> SmolStr) -> Value {
    match &container.state {
        State::Running { since } => value!({"running": {"startedAt": (date(*since))}}),
        State::Terminated(end) => terminated(end, date),
        State::Pulling { backed_off: Some(message), .. } => {
            value!({"waiting": {"message": (message.as_str()), "reason": "ImagePullBackOff"}})
        }
        State::Pulling { .. } => {
            let reason = match &container.last {
                None => container.before_start,
                // A sync reports what it found when it began.
                Some(end) if container.back_off.is_zero() => return terminated(end, date),
                Some(_) => "CrashLoopBackOff",
            };
            value!({"waiting": {"reason": reason}})
        }
        State::Waiting { reason, message, .. } if message.is_empty() => {
            value!({"waiting": {"reason": (*reason)}})
        }
        State::Waiting { reason, message, .. } => {
            value!({"waiting": {"message": (message.as_str()), "reason": (*reason)}})
        }
    }
}

fn terminated(end: &End, date: &dyn Fn(SimTime) -> SmolStr) -> Value {
    let mut body = value!({
        "containerID": (&*end.id),
        "exitCode": (end.exit_code),
        "finishedAt": (date(end.finished)),
        "reason": (end.reason),
        "startedAt": (date(end.started))
    });
    if !end.message.is_empty() {
        body.set("message", end.message.as_str());
    }
    value!({"terminated": body})
}
