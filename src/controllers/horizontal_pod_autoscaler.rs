//! HorizontalPodAutoscalers in a cluster without metrics: they keep to their bounds and say what they lack.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;
use crate::value;

use super::Enqueue;

const SOURCE: Source<'static> = Source::component("horizontal-pod-autoscaler");
/// How often the metrics are asked for.
const SYNC_PERIOD: Duration = Duration::from_secs(15);
const NO_METRICS: &str = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";

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
    let scaler = api.get(key)?.clone();
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
        api.modify(&object.key(), |object| object.set_at(&["spec", "replicas"], size));
        let what = format!("New size: {size}; reason: {why}");
        api.event(scaler, SOURCE, "SuccessfulRescale", &what);
        let text = format!("the HPA controller was able to update the target scale to {size}");
        put(api, status, "AbleToScale", "True", "SucceededRescale", &text);
        status.set("desiredReplicas", size);
        status.set("lastScaleTime", api.clock.date().rfc3339());
        return;
    }
    tell_of_no_metrics(api, scaler, status);
}

/// What fails, in the words of the first metric.
fn tell_of_no_metrics(api: &mut ApiServer, scaler: &Object, status: &mut Value) {
    let metrics = scaler.spec().get("metrics").items();
    let mut first: Option<(String, String)> = None;
    for metric in metrics {
        let (reason, why, what) = failure(metric);
        api.warning(scaler, SOURCE, reason, &why);
        first.get_or_insert((reason.to_string(), format!("failed to get {what}: {why}")));
    }
    let Some((reason, why)) = first else { return };
    let all = metrics.len();
    let text = format!("invalid metrics ({all} invalid out of {all}), first error is: {why}");
    api.warning(scaler, SOURCE, "FailedComputeMetricsReplicas", &text);
    let (_, why, _) = failure(&metrics[0]);
    let text = format!("the HPA was unable to compute the replica count: {why}");
    put(api, status, "ScalingActive", "False", &reason, &text);
}

/// The reason, the error and what it is about.
fn failure(metric: &Value) -> (&'static str, String, String) {
    let resource = |of: &Value| {
        let name = of.get("name").str();
        let utilization = of.at(&["target", "type"]).str() == "Utilization";
        let why = format!("unable to get metrics for resource {name}: {NO_METRICS}");
        let why = if utilization { format!("failed to get {name} utilization: {why}") } else { why };
        (why, format!("{name} resource metric value"))
    };
    let custom = |api: &str| {
        format!("unable to fetch metrics from {api} metrics API: the server could not find the requested resource")
    };
    match metric.get("type").str() {
        "ContainerResource" => {
            let (why, what) = resource(metric.get("containerResource"));
            ("FailedGetContainerResourceMetric", why, what.replace("resource metric", "container resource metric"))
        }
        "Pods" => {
            let name = metric.at(&["pods", "metric", "name"]).str();
            let why = format!("unable to get metric {name}: {}", custom("custom"));
            ("FailedGetPodsMetric", why, "pods metric value".into())
        }
        "Object" => {
            let name = metric.at(&["object", "metric", "name"]).str();
            let why = format!("unable to get metric {name}: {}", custom("custom"));
            ("FailedGetObjectMetric", why, "object metric value".into())
        }
        "External" => {
            let name = metric.at(&["external", "metric", "name"]).str();
            let why = format!("unable to get external metric {name}: {}", custom("external"));
            ("FailedGetExternalMetric", why, format!("{name} external metric value"))
        }
        _ => {
            let (why, what) = resource(metric.get("resource"));
            ("FailedGetResourceMetric", why, what)
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
