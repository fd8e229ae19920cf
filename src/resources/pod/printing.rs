//! READY, STATUS and RESTARTS (printers/internalversion, `printPod`).

use crate::api::Object;
use crate::base::time::human_duration;
use crate::base::{Date, Value};
use crate::resources::printing::{NONE, age, or_none};

/// What the table says of a Pod, worked out once.
struct Summary {
    ready: usize,
    total: usize,
    status: String,
    restarts: i64,
    last_restart: Option<Date>,
}

/// The READY column: how many containers (sidecars among them) are ready, and how many there are.
pub fn ready_counts(pod: &Object) -> (usize, usize) {
    let summary = summary(pod);
    (summary.ready, summary.total)
}

/// The STATUS column: `Running`, `CrashLoopBackOff`, `Init:0/2`, `Terminating` …
pub fn status_text(pod: &Object) -> String {
    summary(pod).status
}

/// The number in the RESTARTS column, and when the last of them was.
pub fn restarts(pod: &Object) -> (i64, Option<Date>) {
    let summary = summary(pod);
    (summary.restarts, summary.last_restart)
}

pub(super) fn row(pod: &Object, now: Date) -> Vec<String> {
    let Summary { ready, total, status, restarts, last_restart } = summary(pod);
    let restarts = match last_restart {
        Some(last) if restarts != 0 => format!("{restarts} ({} ago)", human_duration(now.0 - last.0)),
        _ => restarts.to_string(),
    };
    let gates = pod.spec().get("readinessGates").items();
    let open = gates.iter().filter(|gate| pod.has_condition(gate.get("conditionType").str())).count();
    let ip = pod.status().get("podIPs").items().first().map_or("", |ip| ip.get("ip").str());
    vec![
        pod.name().into(),
        format!("{ready}/{total}"),
        status,
        restarts,
        age(pod, now),
        or_none(ip),
        or_none(pod.spec().get("nodeName").str()),
        or_none(pod.status().get("nominatedNodeName").str()),
        if gates.is_empty() { NONE.into() } else { format!("{open}/{}", gates.len()) },
    ]
}

/// How a container that ended without a reason is described.
fn exit_text(terminated: &Value) -> String {
    match (terminated.get("reason").str(), terminated.get("signal").int()) {
        ("", 0) => format!("ExitCode:{}", terminated.get("exitCode").int()),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    }
}

fn last_end(container: &Value) -> Option<Date> {
    Date::parse_rfc3339(container.at(&["lastState", "terminated", "finishedAt"]).str())
}

fn summary(pod: &Object) -> Summary {
    let (spec, status) = (pod.spec(), pod.status());
    let phase = status.get("phase").str();
    let init = spec.get("initContainers").items();
    let is_sidecar = |name: &str| {
        init.iter().any(|c| c.get("name").str() == name && c.get("restartPolicy").str() == "Always")
    };
    let total = spec.get("containers").items().len()
        + init.iter().filter(|c| c.get("restartPolicy").str() == "Always").count();
    let mut reason: String = match status.get("reason").str() {
        "" => phase.into(),
        reason => reason.into(),
    };
    let scheduled = pod.condition("PodScheduled");
    if scheduled.get("reason").str() == "SchedulingGated" {
        reason = "SchedulingGated".into();
    }

    let (mut ready, mut restarts, mut last_restart) = (0, 0, None);
    let (mut sidecar_restarts, mut last_sidecar_restart) = (0, None);
    let mut initializing = false;
    for (at, container) in status.get("initContainerStatuses").items().iter().enumerate() {
        let sidecar = is_sidecar(container.get("name").str());
        restarts += container.get("restartCount").int();
        last_restart = last_restart.max(last_end(container));
        if sidecar {
            sidecar_restarts += container.get("restartCount").int();
            last_sidecar_restart = last_sidecar_restart.max(last_end(container));
        }
        let state = container.get("state");
        let terminated = state.get("terminated");
        let waiting = state.at(&["waiting", "reason"]).str();
        if !terminated.is_null() && terminated.get("exitCode").int() == 0 {
            continue;
        }
        if sidecar && container.get("started").bool() {
            ready += usize::from(container.get("ready").bool());
            continue;
        }
        initializing = true;
        reason = if !terminated.is_null() {
            format!("Init:{}", exit_text(terminated))
        } else if !matches!(waiting, "" | "PodInitializing") {
            format!("Init:{waiting}")
        } else {
            format!("Init:{at}/{}", init.len())
        };
        break;
    }

    if !initializing || pod.has_condition("Initialized") {
        (restarts, last_restart) = (sidecar_restarts, last_sidecar_restart);
        let mut running = false;
        for container in status.get("containerStatuses").items().iter().rev() {
            restarts += container.get("restartCount").int();
            last_restart = last_restart.max(last_end(container));
            let state = container.get("state");
            let waiting = state.at(&["waiting", "reason"]).str();
            if !waiting.is_empty() {
                reason = waiting.into();
            } else if !state.get("terminated").is_null() {
                reason = exit_text(state.get("terminated"));
            } else if container.get("ready").bool() && !state.get("running").is_null() {
                running = true;
                ready += 1;
            }
        }
        if reason == "Completed" && running {
            reason = if pod.has_condition("Ready") { "Running" } else { "NotReady" }.into();
        }
    }

    if pod.is_terminating() {
        if status.get("reason").str() == "NodeLost" {
            reason = "Unknown".into();
        } else if !matches!(phase, "Failed" | "Succeeded") {
            reason = "Terminating".into();
        }
    }
    Summary { ready, total, status: reason, restarts, last_restart }
}
