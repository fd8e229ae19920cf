//! `podFailurePolicy` and `successPolicy`: what a failed Pod means, and when enough is done.

use crate::api::Object;
use crate::base::Value;

use super::indexes::Indexes;

/// The first rule that a failed Pod falls under, with its place and why.
fn rule<'a>(job: &'a Object, pod: &Object) -> Option<(usize, &'a Value, String)> {
    let rules = job.spec().at(&["podFailurePolicy", "rules"]).items();
    rules.iter().enumerate().find_map(|(at, rule)| {
        let action = rule.get("action").str();
        by_exit_code(rule, pod)
            .map(|(container, code)| {
                format!(
                    "Container {container} for pod {}/{} failed with exit code {code} matching {action} rule at index {at}",
                    pod.namespace(),
                    pod.name()
                )
            })
            .or_else(|| {
                by_condition(rule, pod).map(|kind| {
                    format!(
                        "Pod {}/{} has condition {kind} matching {action} rule at index {at}",
                        pod.namespace(),
                        pod.name()
                    )
                })
            })
            .map(|why| (at, rule, why))
    })
}

fn by_exit_code(rule: &Value, pod: &Object) -> Option<(String, i64)> {
    let wanted = rule.get("onExitCodes");
    if wanted.is_null() {
        return None;
    }
    let lists = ["initContainerStatuses", "containerStatuses"].map(|field| pod.status().get(field));
    lists.iter().flat_map(|list| list.items()).find_map(|container| {
        let name = container.get("name").str();
        let code = container.at(&["state", "terminated", "exitCode"]).as_int().filter(|code| *code != 0)?;
        let named = wanted.get("containerName").str();
        let listed = wanted.get("values").items().iter().any(|value| value.int() == code);
        let holds = listed == (wanted.get("operator").str() == "In");
        ((named.is_empty() || named == name) && holds).then(|| (name.to_string(), code))
    })
}

fn by_condition(rule: &Value, pod: &Object) -> Option<String> {
    rule.get("onPodConditions").items().iter().find_map(|pattern| {
        let kind = pattern.get("type").str();
        let status = pattern.get("status").as_str().unwrap_or("True");
        (pod.condition(kind).get("status").str() == status).then(|| kind.to_string())
    })
}

fn failed(pod: &Object) -> bool {
    pod.status().get("phase").str() == "Failed"
}

/// True where a failed Pod does not count.
pub(super) fn is_ignored(job: &Object, pod: &Object) -> bool {
    failed(pod) && rule(job, pod).is_some_and(|(_, rule, _)| rule.get("action").str() == "Ignore")
}

/// Why a failed Pod makes the whole Job fail, if one does.
pub(super) fn fails(job: &Object, pods: &[Object]) -> Option<String> {
    pods.iter().filter(|pod| failed(pod)).find_map(|pod| {
        rule(job, pod).filter(|(_, rule, _)| rule.get("action").str() == "FailJob").map(|(_, _, why)| why)
    })
}

/// True where a success policy is met before all indexes are done.
pub(super) fn succeeds(job: &Object, indexes: Option<&Indexes>) -> bool {
    let Some(indexes) = indexes else { return false };
    job.spec().at(&["successPolicy", "rules"]).items().iter().any(|rule| {
        let wanted = super::indexes::parse(rule.get("succeededIndexes").str());
        let met = if rule.get("succeededIndexes").is_null() {
            indexes.succeeded.len()
        } else {
            wanted.intersection(&indexes.succeeded).count()
        };
        let enough = rule.get("succeededCount").as_int().map_or(wanted.len(), |count| count.max(0) as usize);
        met >= enough
    })
}
