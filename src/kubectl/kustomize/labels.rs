//! `commonLabels`, `labels` and `commonAnnotations`.

use crate::base::Value;

use super::Outcome;
use super::path::each;
use super::resources::Resources;

/// Where templates of objects keep their metadata, by the kinds that have them.
const TEMPLATES: [(&str, &[&str]); 3] = [
    (
        "spec/template/metadata",
        &["ReplicationController", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"],
    ),
    ("spec/jobTemplate/metadata", &["CronJob"]),
    ("spec/jobTemplate/spec/template/metadata", &["CronJob"]),
];

/// Selectors that are made where they are missing.
const SELECTORS: [(&str, &[&str]); 2] = [
    ("spec/selector", &["Service", "ReplicationController"]),
    ("spec/selector/matchLabels", &["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"]),
];

/// Selectors that get labels where they are there.
const SELECTORS_GIVEN: [(&str, &[&str]); 6] = [
    ("spec/selector/matchLabels", &["Job", "PodDisruptionBudget"]),
    ("spec/jobTemplate/spec/selector/matchLabels", &["CronJob"]),
    (
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
        &["Deployment", "StatefulSet"],
    ),
    ("spec/podSelector/matchLabels", &["NetworkPolicy"]),
    ("spec/ingress/from/podSelector/matchLabels", &["NetworkPolicy"]),
    ("spec/egress/to/podSelector/matchLabels", &["NetworkPolicy"]),
];

/// All that a kustomization says of labels and annotations.
pub(super) fn apply(all: &mut Resources, kustomization: &Value) -> Outcome<()> {
    for label in kustomization.get("labels").items() {
        let (selectors, templates) =
            (label.get("includeSelectors").bool(), label.get("includeTemplates").bool());
        labels(all, label.get("pairs"), selectors || templates, selectors)?;
    }
    labels(all, kustomization.get("commonLabels"), true, true)?;
    let annotations = kustomization.get("commonAnnotations");
    for one in &mut all.0 {
        let kind = one.kind().to_string();
        put(&mut one.body, "metadata/annotations", true, annotations)?;
        for (path, kinds) in TEMPLATES {
            if kinds.contains(&kind.as_str()) {
                put(&mut one.body, &[path, "/annotations"].concat(), true, annotations)?;
            }
        }
    }
    Ok(())
}

fn labels(all: &mut Resources, pairs: &Value, templates: bool, selectors: bool) -> Outcome<()> {
    for one in &mut all.0 {
        let kind = one.kind().to_string();
        let has = |kinds: &[&str]| kinds.contains(&kind.as_str());
        let body = &mut one.body;
        put(body, "metadata/labels", true, pairs)?;
        if templates {
            for (path, _) in TEMPLATES.iter().filter(|(_, kinds)| has(kinds)) {
                put(body, &[path, "/labels"].concat(), true, pairs)?;
            }
            if kind == "StatefulSet" {
                put(body, "spec/volumeClaimTemplates[]/metadata/labels", true, pairs)?;
            }
        }
        if selectors {
            for (path, _) in SELECTORS.iter().filter(|(_, kinds)| has(kinds)) {
                put(body, path, true, pairs)?;
            }
            for (path, _) in SELECTORS_GIVEN.iter().filter(|(_, kinds)| has(kinds)) {
                put(body, path, false, pairs)?;
            }
            if has(&["Deployment", "StatefulSet"]) {
                for way in ["podAffinity", "podAntiAffinity"] {
                    for when in [
                        "/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
                        "/requiredDuringSchedulingIgnoredDuringExecution",
                    ] {
                        let path = ["spec/template/spec/affinity/", way, when, "/labelSelector/matchLabels"]
                            .concat();
                        put(body, &path, false, pairs)?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn put(body: &mut Value, path: &str, create: bool, pairs: &Value) -> Outcome<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    each(body, path, create, &mut |map| {
        pairs.entries().for_each(|(key, value)| map.set(key, value.str()));
        Ok(())
    })
}
