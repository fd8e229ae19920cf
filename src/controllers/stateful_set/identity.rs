//! What a Pod of a StatefulSet keeps when it is made anew: its name, and by it its host name and claims.

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::controllers::pod;
use crate::value;

use super::REVISION_LABEL;

const NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
const INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

/// The number at the end of a Pod's name; -1 without one.
pub(super) fn ordinal(pod: &Object) -> i64 {
    pod.name().rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or(-1)
}

/// The name of the claim that a claim template makes for a Pod.
pub(super) fn claim_name(template: &Value, pod: &str) -> String {
    format!("{}-{pod}", template.at(&["metadata", "name"]).str())
}

/// The Pod with this ordinal, of the template that a revision kept.
pub(super) fn new_pod(set: &Object, revision: &Object, ordinal: i64) -> Object {
    let mut template = revision.at(&["data", "spec", "template"]).clone();
    template.remove("$patch");
    let mut made = pod::from_template(&template, set);
    let name = format!("{}-{ordinal}", set.name());
    made.set_at(&["metadata", "name"], name.as_str());
    made.set_at(&["metadata", "labels", NAME_LABEL], name.as_str());
    made.set_at(&["metadata", "labels", INDEX_LABEL], ordinal.to_string());
    made.set_at(&["metadata", "labels", REVISION_LABEL], revision.name());
    made.set_at(&["spec", "hostname"], name.as_str());
    if !set.spec().get("serviceName").is_empty() {
        made.set_at(&["spec", "subdomain"], set.spec().get("serviceName").clone());
    }
    let templates = set.spec().get("volumeClaimTemplates").items();
    if !templates.is_empty() {
        let mut volumes: Vec<Value> = templates
            .iter()
            .map(|template| {
                let volume = template.at(&["metadata", "name"]).str();
                value!({
                    "name": volume,
                    "persistentVolumeClaim": {"claimName": (claim_name(template, &name))}
                })
            })
            .collect();
        let claimed = |volume: &&Value| {
            !templates.iter().any(|template| template.at(&["metadata", "name"]) == volume.get("name"))
        };
        volumes.extend(made.spec().get("volumes").items().iter().filter(claimed).cloned());
        made.set_at(&["spec", "volumes"], volumes);
    }
    made
}

/// Puts the labels of its identity back where somebody took them off a Pod.
pub(super) fn keep(api: &mut ApiServer, set: &Object, pod: &Object) {
    let labels = pod.labels();
    if labels.get(NAME_LABEL).str() == pod.name() && !labels.get(INDEX_LABEL).is_null() {
        return;
    }
    let (name, index) = (pod.name().to_string(), ordinal(pod).to_string());
    let text = format!("Update Pod {name} in StatefulSet {} successful", set.name());
    api.modify(&pod.key(), |pod| {
        pod.set_at(&["metadata", "labels", NAME_LABEL], name);
        pod.set_at(&["metadata", "labels", INDEX_LABEL], index);
    });
    api.event(set, super::SOURCE, "SuccessfulUpdate", &text);
}
