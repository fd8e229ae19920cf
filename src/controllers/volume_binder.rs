//! Binds claims to volumes, asks for new volumes where a class has a provisioner, and lets go of volumes whose claim
//! is gone.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::resources::pod::amounts::amount;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::Value;
use crate::value;

use super::{Enqueue, NOW, node};

const SOURCE: Source<'static> = Source::component("persistentvolume-controller");
/// The annotation of a claim that is bound for good.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// The annotation of what a controller bound, and may let go of again.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// The annotation that names the provisioner of a volume.
pub const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
/// The annotation that asks a provisioner for a volume, and its older form.
pub(super) const PROVISIONER: [&str; 2] =
    ["volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner"];
/// The annotation by which the scheduler says where the first consumer runs.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// How often a claim that waits is looked at.
const RESYNC: Duration = Duration::from_secs(15);

/// Looks at claims and volumes when they change, and at waiting claims when there are new volumes or classes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::PersistentVolumeClaim => observe_claim(api, change, enqueue),
        Kind::PersistentVolume => observe_volume(api, change, enqueue),
        Kind::StorageClass if change.kind != ChangeKind::Deleted => enqueue_waiting(api, enqueue),
        _ => {}
    }
}

// A new cluster has no claims and no volumes: no part of the page's first program.
#[inline(never)]
fn observe_claim(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let claim = &change.object;
    enqueue(claim.key(), NOW);
    let volume = claim.spec().get("volumeName").str();
    if !volume.is_empty() {
        enqueue(ObjectKey::new(Kind::PersistentVolume, "", volume), NOW);
    }
    if change.kind == ChangeKind::Deleted {
        for volume in api.store().list(Kind::PersistentVolume) {
            if volume.spec().at(&["claimRef", "uid"]).str() == claim.uid() {
                enqueue(volume.key(), NOW);
            }
        }
    }
}

#[inline(never)]
fn observe_volume(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let volume = &change.object;
    enqueue(volume.key(), NOW);
    if let Some(claim) = claim_key(volume) {
        enqueue(claim, NOW);
    }
    if change.kind != ChangeKind::Deleted && volume.status().get("phase").str() == "Available" {
        enqueue_waiting(api, enqueue);
    }
}

fn enqueue_waiting(api: &ApiServer, enqueue: &mut Enqueue<'_>) {
    for claim in api.store().list(Kind::PersistentVolumeClaim) {
        if claim.spec().get("volumeName").is_empty() {
            enqueue(claim.key(), NOW);
        }
    }
}

/// Takes a claim or a volume one step on.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let object = api.get(key)?.clone();
    match key.kind {
        Kind::PersistentVolume => sync_volume(api, &object),
        _ if object.annotation(BIND_COMPLETED).is_null() => sync_unbound_claim(api, &object),
        _ => sync_bound_claim(api, &object),
    }
}

fn claim_key(volume: &Object) -> Option<ObjectKey> {
    let claim = volume.spec().get("claimRef");
    (!claim.get("name").is_empty()).then(|| {
        ObjectKey::new(Kind::PersistentVolumeClaim, claim.get("namespace").str(), claim.get("name").str())
    })
}

/// The class that a claim or a volume is of.
pub fn class_of(object: &Object) -> &str {
    match object.annotation("volume.beta.kubernetes.io/storage-class").as_str() {
        Some(class) => class,
        None => object.spec().get("storageClassName").str(),
    }
}

/// Why a volume cannot hold what a claim asks for.
fn mismatch(volume: &Object, claim: &Object) -> Option<&'static str> {
    let (offered, asked) = (volume.spec(), claim.spec());
    let mode = |spec: &Value| spec.get("volumeMode").as_str().unwrap_or("Filesystem").to_string();
    let modes = offered.get("accessModes").items();
    if amount(offered.at(&["capacity", "storage"])) < amount(asked.at(&["resources", "requests", "storage"])) {
        Some("requested PV is too small")
    } else if class_of(volume) != class_of(claim) {
        Some("storageClassName does not match")
    } else if mode(offered) != mode(asked) {
        Some("incompatible volumeMode")
    } else if !asked.get("accessModes").items().iter().all(|mode| modes.contains(mode)) {
        Some("incompatible accessMode")
    } else {
        None
    }
}

fn is_for(volume: &Object, claim: &Object) -> bool {
    let reference = volume.spec().get("claimRef");
    reference.get("name").str() == claim.name()
        && reference.get("namespace").str() == claim.namespace()
        && (reference.get("uid").is_empty() || reference.get("uid").str() == claim.uid())
}

/// The smallest free volume that will do, or the one that was kept for this claim.
fn best_match(api: &ApiServer, claim: &Object) -> Option<Object> {
    let selector = Selector::from_label_selector(claim.spec().get("selector"));
    let volumes = || api.store().list(Kind::PersistentVolume).filter(|volume| !volume.is_terminating());
    if let Some(kept) = volumes().find(|volume| is_for(volume, claim)) {
        return mismatch(kept, claim).is_none().then(|| kept.clone());
    }
    let fits = |volume: &&Object| {
        volume.spec().get("claimRef").is_null()
            && volume.status().get("phase").str() == "Available"
            && selector.matches(volume.labels())
            && on_selected_node(api, volume, claim)
            && mismatch(volume, claim).is_none()
    };
    let capacity = |volume: &Object| amount(volume.spec().at(&["capacity", "storage"]));
    volumes()
        .filter(fits)
        .reduce(|best, other| if capacity(other) < capacity(best) { other } else { best })
        .cloned()
}

/// True where the node that the first consumer was sent to can reach a volume, or no node was chosen.
fn on_selected_node(api: &ApiServer, volume: &Object, claim: &Object) -> bool {
    let node = claim.annotation(SELECTED_NODE).str();
    let Some(chosen) = api.get(&ObjectKey::new(Kind::Node, "", node)) else { return true };
    let terms = volume.spec().at(&["nodeAffinity", "required", "nodeSelectorTerms"]).items();
    terms.is_empty() || terms.iter().any(|term| node::meets(term, chosen))
}

fn set_claim_phase(api: &mut ApiServer, claim: &Object, phase: &str) {
    api.modify_status(&claim.key(), |status| status.set("phase", phase));
}

fn sync_unbound_claim(api: &mut ApiServer, claim: &Object) -> Option<Duration> {
    if claim.is_terminating() {
        return None;
    }
    let named = claim.spec().get("volumeName").str();
    if !named.is_empty() {
        return sync_claim_of_volume(api, claim, named);
    }
    let class = api.get(&ObjectKey::new(Kind::StorageClass, "", class_of(claim))).cloned();
    let delayed = class.as_ref().is_some_and(|class| {
        class.get("volumeBindingMode").str() == "WaitForFirstConsumer" && claim.annotation(SELECTED_NODE).is_null()
    });
    let prebound = api.store().list(Kind::PersistentVolume).any(|volume| is_for(volume, claim));
    let found = if delayed && !prebound { None } else { best_match(api, claim) };
    if let Some(volume) = found {
        bind(api, &volume, claim);
        return None;
    }
    match class {
        Some(_) if delayed => tell_whom_it_waits_for(api, claim),
        Some(class) => provision(api, claim, &class),
        None if class_of(claim).is_empty() => {
            let why = "no persistent volumes available for this claim and no storage class is set";
            api.event(claim, SOURCE, "FailedBinding", why);
        }
        None => {
            let why = format!("storageclass.storage.k8s.io \"{}\" not found", class_of(claim));
            api.warning(claim, SOURCE, "ProvisioningFailed", &why);
        }
    }
    set_claim_phase(api, claim, "Pending");
    Some(RESYNC)
}

fn tell_whom_it_waits_for(api: &mut ApiServer, claim: &Object) {
    let waits = |pod: &&Object| {
        pod.spec().get("nodeName").is_empty()
            && claims_of(pod).any(|name| name == claim.name())
            && !super::pod::is_terminal(pod)
    };
    let pods: Vec<String> = api
        .store()
        .list_in(Kind::Pod, claim.namespace())
        .filter(waits)
        .map(|pod| pod.name().to_string())
        .collect();
    match &pods[..] {
        [] => {
            let what = "waiting for first consumer to be created before binding";
            api.event(claim, SOURCE, "WaitForFirstConsumer", what);
        }
        [one] => {
            let what = format!("waiting for pod {one} to be scheduled");
            api.event(claim, SOURCE, "WaitForPodScheduled", &what);
        }
        _ => {
            let what = format!("waiting for pods {} to be scheduled", pods.join(","));
            api.event(claim, SOURCE, "WaitForPodScheduled", &what);
        }
    }
}

/// The names of the claims that a Pod mounts, those of its ephemeral volumes included.
pub fn claims_of(pod: &Object) -> impl Iterator<Item = String> {
    pod.spec().get("volumes").items().iter().filter_map(|volume| {
        if !volume.get("ephemeral").is_null() {
            return Some(format!("{}-{}", pod.name(), volume.get("name").str()));
        }
        volume.at(&["persistentVolumeClaim", "claimName"]).as_str().map(str::to_string)
    })
}

/// Asks the class's provisioner for a volume.
fn provision(api: &mut ApiServer, claim: &Object, class: &Object) {
    let provisioner = class.get("provisioner").str();
    if provisioner.starts_with("kubernetes.io/") {
        let why = format!("no volume plugin matched name: {provisioner}");
        api.warning(claim, SOURCE, "ProvisioningFailed", &why);
        return;
    }
    let asked = api.modify(&claim.key(), |claim| {
        for annotation in PROVISIONER {
            claim.set_at(&["metadata", "annotations", annotation], provisioner);
        }
    });
    let what = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the \
         system administrator. If volume creation is delayed, please verify that the provisioner is running and \
         correctly registered."
    );
    api.event(asked.as_ref().unwrap_or(claim), SOURCE, "ExternalProvisioning", &what);
}

/// A claim that names its volume.
fn sync_claim_of_volume(api: &mut ApiServer, claim: &Object, name: &str) -> Option<Duration> {
    let volume = api.get(&ObjectKey::new(Kind::PersistentVolume, "", name)).cloned();
    let Some(volume) = volume else {
        set_claim_phase(api, claim, "Pending");
        return Some(RESYNC);
    };
    let free = volume.spec().get("claimRef").is_null();
    if is_for(&volume, claim) || free {
        match mismatch(&volume, claim) {
            Some(why) if free => {
                let text = format!("Cannot bind to requested volume \"{name}\": {why}");
                api.warning(claim, SOURCE, "VolumeMismatch", &text);
                set_claim_phase(api, claim, "Pending");
                return Some(RESYNC);
            }
            _ => bind(api, &volume, claim),
        }
        return None;
    }
    let text = format!("volume \"{name}\" already bound to a different claim.");
    api.warning(claim, SOURCE, "FailedBinding", &text);
    set_claim_phase(api, claim, "Pending");
    Some(RESYNC)
}

fn sync_bound_claim(api: &mut ApiServer, claim: &Object) -> Option<Duration> {
    let volume = api.get(&ObjectKey::new(Kind::PersistentVolume, "", claim.spec().get("volumeName").str()));
    let lost = match volume.cloned() {
        None => ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
        Some(volume) if volume.spec().get("claimRef").is_null() || is_for(&volume, claim) => {
            bind(api, &volume, claim);
            return None;
        }
        Some(_) => {
            ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
        }
    };
    if claim.status().get("phase").str() != "Lost" {
        api.warning(claim, SOURCE, lost.0, lost.1);
        set_claim_phase(api, claim, "Lost");
    }
    None
}

/// Binds in four writes, as the controller does: the volume, its phase, the claim, its phase.
fn bind(api: &mut ApiServer, volume: &Object, claim: &Object) {
    api.modify(&volume.key(), |volume| {
        if volume.spec().get("claimRef").is_null() {
            volume.set_at(&["metadata", "annotations", BOUND_BY_CONTROLLER], "yes");
        }
        if volume.spec().at(&["claimRef", "uid"]).str() != claim.uid() {
            volume.set_at(&["spec", "claimRef"], claim_reference(claim));
        }
    });
    set_volume_phase(api, &volume.key(), "Bound", "");
    api.modify(&claim.key(), |claim| {
        if claim.spec().get("volumeName").str() != volume.name() {
            claim.set_at(&["spec", "volumeName"], volume.name());
            claim.set_at(&["metadata", "annotations", BOUND_BY_CONTROLLER], "yes");
        }
        claim.set_at(&["metadata", "annotations", BIND_COMPLETED], "yes");
    });
    api.modify_status(&claim.key(), |status| {
        status.set("phase", "Bound");
        for field in ["accessModes", "capacity"] {
            status.set(field, volume.spec().get(field).clone());
        }
    });
}

/// The reference by which a volume knows its claim.
pub fn claim_reference(claim: &Object) -> Value {
    value!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": (claim.name()),
        "namespace": (claim.namespace()),
        "resourceVersion": (claim.meta("resourceVersion").clone()),
        "uid": (claim.uid())
    })
}

fn set_volume_phase(api: &mut ApiServer, key: &ObjectKey, phase: &str, message: &str) {
    let now = api.clock.date().rfc3339();
    api.modify_status(key, |status| {
        if status.get("phase").str() != phase {
            status.set("phase", phase);
            status.set("lastPhaseTransitionTime", now);
        }
        if message.is_empty() {
            status.remove("message");
        } else {
            status.set("message", message);
        }
    });
}

fn sync_volume(api: &mut ApiServer, volume: &Object) -> Option<Duration> {
    let reference = volume.spec().get("claimRef");
    let (Some(key), false) = (claim_key(volume), reference.get("uid").is_empty()) else {
        if volume.status().get("phase").str() != "Failed" {
            set_volume_phase(api, &volume.key(), "Available", "");
        }
        return None;
    };
    let claim = api.get(&key).filter(|claim| claim.uid() == reference.get("uid").str());
    match claim.map(|claim| claim.spec().get("volumeName").str()) {
        None => {
            let phase = volume.status().get("phase").str();
            if phase != "Failed" {
                set_volume_phase(api, &volume.key(), "Released", "");
                reclaim(api, volume);
            }
        }
        Some(name) if name == volume.name() => set_volume_phase(api, &volume.key(), "Bound", ""),
        Some("") => {}
        // The claim took another volume: this one is free again.
        Some(_) if !volume.annotation(BOUND_BY_CONTROLLER).is_null() => {
            api.modify(&volume.key(), |volume| {
                volume.entry("spec").remove("claimRef");
                volume.entry_at(&["metadata", "annotations"]).remove(BOUND_BY_CONTROLLER);
            });
        }
        Some(_) => {}
    }
    None
}

/// Deletes a released volume where its policy says so and it can be; the provisioner deletes its own.
fn reclaim(api: &mut ApiServer, volume: &Object) {
    let policy = volume.spec().get("persistentVolumeReclaimPolicy").str();
    if policy != "Delete" || !volume.annotation(PROVISIONED_BY).is_null() || volume.is_terminating() {
        return;
    }
    let path = volume.spec().at(&["hostPath", "path"]).as_str();
    let refused = match path {
        Some(path) if path.starts_with("/tmp/") => None,
        Some(path) => Some(format!("host_path deleter only supports /tmp/.+ but received provided {path}")),
        None => Some(format!(
            "error getting deleter volume plugin for volume \"{}\": no deletable volume plugin matched",
            volume.name()
        )),
    };
    match refused {
        // It can only be gone already.
        None => drop(api.delete(&volume.key(), Deletion::default())),
        Some(why) => {
            set_volume_phase(api, &volume.key(), "Failed", &why);
            api.warning(volume, SOURCE, "VolumeFailedDelete", &why);
        }
    }
}
