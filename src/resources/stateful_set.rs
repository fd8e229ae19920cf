//! StatefulSet.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{age, containers};
use super::{Generation, Rules, headings, persistent_volume_claim, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"availableReplicas": 0, "replicas": 0}),
    generation: Generation::Spec,
    columns: headings!["NAME", "READY", "AGE"; "CONTAINERS", "IMAGES"],
    row,
    ..Rules::PLAIN
};

fn set_defaults(set: &mut Value) {
    let spec = set.entry("spec");
    spec.set_default("podManagementPolicy", "OrderedReady");
    let strategy = spec.entry("updateStrategy");
    strategy.set_default("type", "RollingUpdate");
    if strategy.get("type").str() == "RollingUpdate" {
        strategy.entry("rollingUpdate").set_default("partition", 0);
    }
    let retention = spec.entry("persistentVolumeClaimRetentionPolicy");
    retention.set_default("whenDeleted", "Retain");
    retention.set_default("whenScaled", "Retain");
    spec.set_default("replicas", 1);
    spec.set_default("revisionHistoryLimit", 10);
    spec.set_default("serviceName", "");
    pod_template::set_defaults(spec);
    if !spec.get("volumeClaimTemplates").items().is_empty() {
        for claim in spec.entry("volumeClaimTemplates").items_mut() {
            claim.set("apiVersion", "v1");
            claim.set("kind", "PersistentVolumeClaim");
            claim.set_default("metadata", Value::map());
            persistent_volume_claim::set_defaults(claim);
        }
    }
}

fn row(set: &Object, now: Date) -> Vec<String> {
    let [names, images] = containers(set.spec().get("template"));
    let ready = set.status().get("readyReplicas").int();
    vec![
        set.name().into(),
        format!("{ready}/{}", set.spec().get("replicas").int()),
        age(set, now),
        names,
        images,
    ]
}
