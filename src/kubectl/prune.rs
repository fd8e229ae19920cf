//! `kubectl apply --prune`: deletes what was applied before and was not now.

use std::collections::BTreeSet;

use crate::api::{Kind, Object};
use crate::apiserver::{Deletion, Propagation};

use super::apply::LAST_APPLIED;
use super::error::{Result, bail};
use super::printer::Teller;
use super::session::{DryRun, Session};

/// What is pruned where `--prune-allowlist` says nothing (`pkg/util/prune`).
const NAMESPACED: [Kind; 13] = [
    Kind::ConfigMap,
    Kind::Endpoints,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::ReplicationController,
    Kind::Secret,
    Kind::Service,
    Kind::Job,
    Kind::CronJob,
    Kind::Ingress,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
];
const CLUSTER_WIDE: [Kind; 2] = [Kind::Namespace, Kind::PersistentVolume];

/// Deletes the objects of the allowed kinds that carry the annotation of `apply` and are not among `applied`.
pub(super) fn prune(
    session: &mut Session<'_>,
    teller: &mut Teller,
    applied: &[Object],
    dry_run: DryRun,
) -> Result<()> {
    let allowed = allowlist(session)?;
    if session.flags.list("prune-allowlist").is_empty() {
        session.log(
            "prune.go:71",
            "Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.",
        );
    }
    let kept: BTreeSet<&str> = applied.iter().map(Object::uid).collect();
    let namespaces: BTreeSet<&str> =
        applied.iter().map(Object::namespace).filter(|namespace| !namespace.is_empty()).collect();
    let (inside, outside): (Vec<Kind>, Vec<Kind>) =
        allowed.into_iter().partition(|kind| kind.names().namespaced);
    let places =
        namespaces.into_iter().flat_map(|namespace| inside.iter().map(move |kind| (*kind, namespace)));
    let labels = session.flags.text("selector");
    for (kind, namespace) in places.chain(outside.iter().map(|kind| (*kind, ""))) {
        if kind == Kind::Endpoints {
            session
                .note("Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
        }
        for object in session.list(kind, namespace, labels, "")? {
            if object.annotation(LAST_APPLIED).is_null() || kept.contains(object.uid()) {
                continue;
            }
            if dry_run == DryRun::None {
                let propagation = match session.flags.text("cascade") {
                    "foreground" => Propagation::Foreground,
                    "orphan" => Propagation::Orphan,
                    _ => Propagation::Background,
                };
                session.delete(&object.key(), Deletion { propagation, ..Deletion::default() })?;
            }
            if !teller.prints_objects() {
                teller.tell(session, &object.body, "pruned")?;
            }
        }
    }
    Ok(())
}

fn allowlist(session: &Session<'_>) -> Result<Vec<Kind>> {
    let given = session.flags.list("prune-allowlist");
    if given.is_empty() {
        return Ok([&NAMESPACED[..], &[Kind::StatefulSet], &CLUSTER_WIDE].concat());
    }
    let mut kinds = Vec::new();
    for text in given {
        let parts: Vec<&str> = text.split('/').collect();
        let [group, version, name] = parts[..] else {
            bail!("invalid GroupVersionKind format: {text}, please follow <group/version/kind>");
        };
        let group = if group == "core" { "" } else { group };
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let known =
            Kind::ALL.iter().find(|kind| kind.names().kind == name && kind.api_version() == api_version);
        match known {
            Some(kind) => kinds.push(*kind),
            None => bail!("no matches for kind \"{name}\" in version \"{api_version}\""),
        }
    }
    Ok(kinds)
}
