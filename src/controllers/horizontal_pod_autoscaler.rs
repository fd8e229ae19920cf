//! HorizontalPodAutoscalers: they follow what the metrics server tells, and say what they lack (podautoscaler,
//! `horizontal.go`).

mod pace;
mod replicas;

use std::time::Duration;

use self::pace::pace;
use self::replicas::{Proposal, Subject};
use crate::api::labels::Selector;

use crate::api::{Kind, Object, ObjectKey, Quantity};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;
use crate::value;

use super::Enqueue;

const SOURCE: Source<'static> = Source::component("horizontal-pod-autoscaler");
/// How often the metrics are asked for.
const SYNC_PERIOD: Duration = Duration::from_secs(15);
/// The longest period of a policy.
const LONGEST_PERIOD: Duration = Duration::from_secs(1_800);
const BELOW: &str = "All metrics below target";

/// Looks at new ones after a while.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::HorizontalPodAutoscaler && change.kind != ChangeKind::Deleted {
        let changed = change.old.as_ref().is_none_or(|old| old.spec() != object.spec());
        if changed {
            enqueue(object.key(), SYNC_PERIOD);
        }
    }
}

/// Keeps the target within its bounds and says why nothing can be computed.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let Some(scaler) = api.get(key).cloned() else {
        api.scalings.remove(key);
        return None;
    };
    let mut status = scaler.status().clone();
    sync(api, &scaler, &mut status);
    api.modify_status(key, |written| *written = status);
    Some(SYNC_PERIOD)
}

fn sync(api: &mut ApiServer, scaler: &Object, status: &mut Value) {
    let reference = scaler.spec().get("scaleTargetRef");
    let kind = Kind::of(reference.get("apiVersion").str(), reference.get("kind").str());
    let target = kind.map(|kind| scaler.key().sibling(kind, reference.get("name").str()));
    let Some(object) = target.as_ref().and_then(|target| api.get(target)).cloned() else {
        let why = match &target {
            Some(target) => format!("{} \"{}\" not found", target.kind.resource(), target.name),
            None => format!("no matches for kind \"{}\" in group \"\"", reference.get("kind").str()),
        };
        api.warning(scaler, SOURCE, "FailedGetScale", &why);
        let text = format!("the HPA controller was unable to get the target's current scale: {why}");
        return put(api, status, "AbleToScale", "False", "FailedGetScale", &text);
    };
    let got = "the HPA controller was able to get the target's current scale";
    put(api, status, "AbleToScale", "True", "SucceededGetScale", got);
    let replicas = object.spec().get("replicas").as_int().unwrap_or(1);
    status.set("currentReplicas", object.status().get("replicas").int());
    let past = api.scalings.entry(scaler.key()).or_default();
    if past.recommended.is_empty() {
        past.recommended.push((api.clock.now, replicas));
    }
    let least = scaler.spec().get("minReplicas").as_int().unwrap_or(1);
    let most = scaler.spec().get("maxReplicas").int();
    if replicas == 0 && least != 0 {
        let why = "scaling is disabled since the replica count of the target is zero";
        return put(api, status, "ScalingActive", "False", "ScalingDisabled", why);
    }
    let bound = match replicas {
        n if n > most => Some((most, "Current number of replicas above Spec.MaxReplicas")),
        n if n < least => Some((least, "Current number of replicas below Spec.MinReplicas")),
        _ => None,
    };
    if let Some((size, why)) = bound {
        return scale(api, scaler, &object, size, why, status);
    }
    let Some((wanted, metric)) = measure(api, scaler, &object, replicas, status) else { return };
    let now = api.clock.now;
    let past = api.scalings.entry(scaler.key()).or_default();
    let paced = pace(scaler.spec(), replicas, wanted, past, now);
    put(api, status, "AbleToScale", "True", paced.able.0, paced.able.1);
    let (limited, (reason, message)) = paced.limited;
    put(api, status, "ScalingLimited", if limited { "True" } else { "False" }, reason, message);
    status.set("desiredReplicas", paced.replicas);
    if paced.replicas != replicas {
        let why = if paced.replicas > replicas { format!("{metric} above target") } else { BELOW.to_owned() };
        scale(api, scaler, &object, paced.replicas, &why, status);
    }
}

/// Sets the target's size.
fn scale(api: &mut ApiServer, scaler: &Object, target: &Object, size: i64, why: &str, status: &mut Value) {
    let old = target.spec().get("replicas").as_int().unwrap_or(1);
    api.modify(&target.key(), |object| object.set_at(&["spec", "replicas"], size));
    let what = format!("New size: {size}; reason: {why}");
    api.event(scaler, SOURCE, "SuccessfulRescale", &what);
    let text = format!("the HPA controller was able to update the target scale to {size}");
    put(api, status, "AbleToScale", "True", "SucceededRescale", &text);
    status.set("desiredReplicas", size);
    status.set("lastScaleTime", api.clock.date().rfc3339());
    let now = api.clock.now;
    let changed = &mut api.scalings.entry(scaler.key()).or_default().changed;
    changed.retain(|(at, _)| now.since(*at) < LONGEST_PERIOD);
    changed.push((now, size - old));
}

/// The most replicas that any metric asks for, and which one. None where they cannot be told, and that was said.
fn measure(
    api: &mut ApiServer,
    scaler: &Object,
    target: &Object,
    replicas: i64,
    status: &mut Value,
) -> Option<(i64, String)> {
    let selector = target.spec().get("selector");
    let selector = match target.kind {
        Kind::ReplicationController => Selector::from_map(selector),
        _ => Selector::from_label_selector(selector),
    };
    let mut most: Option<(i64, String)> = None;
    let mut failures = Vec::new();
    let mut current = Value::List(Vec::new().into());
    let metrics = scaler.spec().get("metrics").items();
    for metric in metrics {
        match propose(api, scaler, metric, &selector, replicas) {
            Ok((proposal, name, now)) => {
                current.push(now);
                if most.as_ref().is_none_or(|(most, _)| proposal.replicas > *most) {
                    most = Some((proposal.replicas, name));
                }
            }
            Err(failure) => {
                api.warning(scaler, SOURCE, failure.reason, &failure.why);
                current.push(value!({"type": ""}));
                failures.push(failure);
            }
        }
    }
    let few = !failures.is_empty() && most.as_ref().is_some_and(|(most, _)| *most < replicas);
    if let Some((most, name)) = most.filter(|_| !few) {
        let text = format!("the HPA was able to successfully calculate a replica count from {name}");
        put(api, status, "ScalingActive", "True", "ValidMetricFound", &text);
        status.set("currentMetrics", current);
        return Some((most, name));
    }
    let first = failures.first()?;
    let text = format!(
        "invalid metrics ({} invalid out of {}), first error is: failed to get {}: {}",
        failures.len(),
        metrics.len(),
        first.what,
        first.why
    );
    api.warning(scaler, SOURCE, "FailedComputeMetricsReplicas", &text);
    let text = format!("the HPA was unable to compute the replica count: {}", first.why);
    put(api, status, "ScalingActive", "False", first.reason, &text);
    status.set("currentMetrics", Value::Null);
    None
}

/// What one metric asks for, what it is called, and where it stands.
fn propose(
    api: &ApiServer,
    scaler: &Object,
    metric: &Value,
    selector: &Selector,
    replicas: i64,
) -> Result<(Proposal, String, Value), Failure> {
    let (field, kind) = match metric.get("type").str() {
        "Resource" => ("resource", "resource"),
        "ContainerResource" => ("containerResource", "container resource"),
        _ => return Err(foreign(metric)),
    };
    let of = metric.get(field);
    let resource = of.get("name").str();
    let subject = Subject {
        api,
        namespace: scaler.namespace(),
        selector: selector.clone(),
        resource,
        container: of.get("container").str(),
        current: replicas,
        behavior: scaler.spec().get("behavior"),
    };
    let failed = |why: String| Failure {
        reason: if field == "resource" { "FailedGetResourceMetric" } else { "FailedGetContainerResourceMetric" },
        why,
        what: format!("{resource} {kind} metric value"),
    };
    let target = of.get("target");
    let mut name = format!("{resource} {kind}");
    let amount = Quantity::of(target.get("averageValue"));
    let proposal = match amount {
        Some(amount) => subject.for_amount(amount.milli_value()).map_err(failed)?,
        None => {
            name.push_str(" utilization (percentage of request)");
            let wanted = target.get("averageUtilization").int();
            let failed = |why| failed(format!("failed to get {resource} utilization: {why}"));
            subject.for_utilization(wanted).map_err(failed)?
        }
    };
    let mut now = value!({"averageValue": (Quantity::from_milli(proposal.average).to_string())});
    if let Some(utilization) = proposal.utilization {
        now.set("averageUtilization", utilization);
    }
    let mut stands = value!({"current": now, "name": resource});
    if !of.get("container").is_null() {
        stands.set("container", of.get("container").clone());
    }
    let mut status = value!({"type": (metric.get("type").str())});
    status.set(field, stands);
    Ok((proposal, name, status))
}

/// Why a metric cannot be told.
struct Failure {
    reason: &'static str,
    why: String,
    what: String,
}

/// Metrics of other APIs: nobody serves these.
fn foreign(metric: &Value) -> Failure {
    let none = |api: &str| {
        format!("unable to fetch metrics from {api} metrics API: the server could not find the requested resource")
    };
    let name = |field: &str| metric.at(&[field, "metric", "name"]).str().to_owned();
    let failure = |reason, why, what: &str| Failure { reason, why, what: what.to_owned() };
    match metric.get("type").str() {
        "Pods" => {
            let why = format!("unable to get metric {}: {}", name("pods"), none("custom"));
            failure("FailedGetPodsMetric", why, "pods metric value")
        }
        "Object" => {
            let why = format!("unable to get metric {}: {}", name("object"), none("custom"));
            failure("FailedGetObjectMetric", why, "object metric value")
        }
        _ => {
            let name = name("external");
            let why = format!("unable to get external metric {name}: {}", none("external"));
            failure("FailedGetExternalMetric", why, &format!("{name} external metric value"))
        }
    }
}

fn put(api: &ApiServer, status: &mut Value, kind: &str, value: &str, reason: &str, message: &str) {
    let condition = value!({
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": message,
        "reason": reason,
        "status": value,
        "type": kind
    });
    set_condition(status, condition);
}
