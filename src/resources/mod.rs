//! What the API server knows about each kind: defaults, what it sets itself, validation, the columns of `get`.
//!
//! A file a kind, each with one constant `RULES`; `rules` is the list of them. What kinds share has files of its
//! own: `metadata`, `pod_template`, `pod_spec`, `label_selector`, `printing`. Of custom resources it is in their definition.

pub mod printing;
pub mod structs;

pub mod formats;
pub mod json_schema;
mod label_selector;
mod metadata;
mod path;
mod pod_spec;
mod pod_template;

mod api_service;
pub mod certificate_signing_request;
mod config_map;
mod controller_revision;
pub mod cron;
mod cron_job;
pub mod custom_resource;
pub mod custom_resource_definition;
mod daemon_set;
mod deployment;
mod endpoint_slice;
mod endpoints;
pub mod event;
mod horizontal_pod_autoscaler;
mod ingress;
mod ingress_class;
mod ip_address;
mod job;
mod lease;
mod limit_range;
mod namespace;
mod network_policy;
mod node;
mod persistent_volume;
mod persistent_volume_claim;
pub mod pod;
mod pod_disruption_budget;
mod priority_class;
mod replica_set;
mod replication_controller;
mod resource_quota;
mod role;
mod role_binding;
mod runtime_class;
mod secret;
mod service;
mod service_account;
mod service_cidr;
mod stateful_set;
mod storage_class;

use crate::api::{Cause, Kind, Object};
use crate::base::{Date, Value};
use crate::value;

/// Makes of a manifest in an older version of the API one in the version that is kept.
pub fn convert(body: &mut Value) {
    horizontal_pod_autoscaler::convert(body);
}

/// A column of `kubectl get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its heading, which kubectl prints in capitals.
    pub name: &'a str,
    /// True where it is shown only by `-o wide`.
    pub wide: bool,
}

/// Columns written down by their headings; those behind `;` are for `-o wide`.
macro_rules! headings {
    ($($name:literal),* $(; $($wide:literal),*)?) => {
        &[$($crate::resources::Column { name: $name, wide: false },)*
          $($($crate::resources::Column { name: $wide, wide: true },)*)?]
    };
}
use headings;

/// What counts `metadata.generation` up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    /// The kind has none.
    None,
    /// It stays 1.
    Fixed,
    /// A changed `spec`.
    Spec,
    /// A changed `spec` or changed annotations.
    SpecAndAnnotations,
    /// Anything outside `metadata`, or changed labels.
    ContentAndLabels,
}

/// What is particular to one kind.
struct Rules {
    /// Fills in what the manifest leaves out.
    defaults: fn(&mut Value),
    /// The `status` of a new object; `null` for kinds that have none or keep what they are given.
    fresh_status: fn(&Value) -> Value,
    generation: Generation,
    /// What the server writes into a new object beyond status and generation.
    create: fn(&mut Value),
    /// What the server carries over from the old object beyond status and generation.
    update: fn(&mut Value, &Value),
    validate: fn(&Value, &mut Vec<Cause>),
    validate_update: fn(&Value, &Value, &mut Vec<Cause>),
    /// What the server warns of in a new object, or in an update of the second one.
    warn: fn(&Value, Option<&Value>, &mut Vec<String>),
    columns: &'static [Column<'static>],
    row: fn(&Object, Date) -> Vec<String>,
}

impl Rules {
    /// A kind with nothing of its own, from which the others start.
    const PLAIN: Rules = Rules {
        defaults: |_| {},
        fresh_status: |_| Value::Null,
        generation: Generation::None,
        create: |_| {},
        update: |_, _| {},
        validate: |_, _| {},
        validate_update: |_, _, _| {},
        warn: |_, _, _| {},
        columns: headings!["NAME", "AGE"],
        row: |object, now| vec![object.name().into(), printing::age(object, now)],
    };
}

fn rules(kind: Kind) -> &'static Rules {
    match kind {
        Kind::Pod => &pod::RULES,
        Kind::ReplicationController => &replication_controller::RULES,
        Kind::Service => &service::RULES,
        Kind::DaemonSet => &daemon_set::RULES,
        Kind::Deployment => &deployment::RULES,
        Kind::ReplicaSet => &replica_set::RULES,
        Kind::StatefulSet => &stateful_set::RULES,
        Kind::HorizontalPodAutoscaler => &horizontal_pod_autoscaler::RULES,
        Kind::CronJob => &cron_job::RULES,
        Kind::Job => &job::RULES,
        Kind::ConfigMap => &config_map::RULES,
        Kind::Endpoints => &endpoints::RULES,
        Kind::Event => &event::RULES,
        Kind::LimitRange => &limit_range::RULES,
        Kind::Namespace => &namespace::RULES,
        Kind::Node => &node::RULES,
        Kind::PersistentVolumeClaim => &persistent_volume_claim::RULES,
        Kind::PersistentVolume => &persistent_volume::RULES,
        Kind::ResourceQuota => &resource_quota::RULES,
        Kind::Secret => &secret::RULES,
        Kind::ServiceAccount => &service_account::RULES,
        Kind::ControllerRevision => &controller_revision::RULES,
        Kind::Lease => &lease::RULES,
        Kind::EndpointSlice => &endpoint_slice::RULES,
        Kind::IngressClass => &ingress_class::RULES,
        Kind::Ingress => &ingress::RULES,
        Kind::NetworkPolicy => &network_policy::RULES,
        Kind::PodDisruptionBudget => &pod_disruption_budget::RULES,
        Kind::ClusterRoleBinding | Kind::RoleBinding => &role_binding::RULES,
        Kind::ClusterRole | Kind::Role => &role::RULES,
        Kind::PriorityClass => &priority_class::RULES,
        Kind::StorageClass => &storage_class::RULES,
        Kind::APIService => &api_service::RULES,
        Kind::CertificateSigningRequest => &certificate_signing_request::RULES,
        Kind::IPAddress => &ip_address::RULES,
        Kind::ServiceCIDR => &service_cidr::RULES,
        Kind::RuntimeClass => &runtime_class::RULES,
        Kind::CustomResourceDefinition => &custom_resource_definition::RULES,
        _ => &custom_resource::RULES,
    }
}

/// Fills in what a manifest leaves out, as decoding into the API's types does.
pub fn set_defaults(kind: Kind, body: &mut Value) {
    structs::canonicalize(body, structs::of(kind));
    (rules(kind).defaults)(body);
}

/// What the server sets itself in an object about to be created: its status and generation, a Job's selector …
/// `metadata.uid` and `metadata.creationTimestamp` must be there already.
pub fn prepare_create(kind: Kind, body: &mut Value) {
    let rules = rules(kind);
    let status = (rules.fresh_status)(body);
    if !status.is_null() {
        body.set("status", status);
    }
    if rules.generation != Generation::None {
        body.set_at(&["metadata", "generation"], 1);
    }
    (rules.create)(body);
}

/// What the server keeps of the `old` object in an update of it: its status, and its generation, counted up where
/// the update changes what is wanted.
pub fn prepare_update(kind: Kind, new: &mut Value, old: &Value) {
    let rules = rules(kind);
    keep(new, old, "status");
    (rules.update)(new, old);
    let changed = match rules.generation {
        Generation::None => return,
        Generation::Fixed => false,
        Generation::Spec => new.get("spec") != old.get("spec"),
        Generation::SpecAndAnnotations => {
            new.get("spec") != old.get("spec")
                || !same_or_empty(new.at(&["metadata", "annotations"]), old.at(&["metadata", "annotations"]))
        }
        Generation::ContentAndLabels => {
            !same_or_empty(new.at(&["metadata", "labels"]), old.at(&["metadata", "labels"]))
                || !new
                    .entries()
                    .filter(|(k, _)| *k != "metadata")
                    .eq(old.entries().filter(|(k, _)| *k != "metadata"))
        }
    };
    let generation = old.at(&["metadata", "generation"]).int() + i64::from(changed);
    new.set_at(&["metadata", "generation"], generation);
}

/// What an update of the `status` subresource leaves as it was: all but `status`, and of `metadata` what is the
/// server's own.
pub fn prepare_status_update(new: &mut Value, old: &Value) {
    for (field, _) in new.clone().entries().filter(|(k, _)| !matches!(*k, "status" | "metadata")) {
        keep(new, old, field);
    }
    for (field, value) in old.entries().filter(|(k, _)| !matches!(*k, "status" | "metadata")) {
        new.set_default(field, value);
    }
    let metadata = new.entry("metadata");
    for field in ["generation", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        keep(metadata, old.get("metadata"), field);
    }
}

/// Everything that is wrong with an object about to be created, in the server's order and words.
/// Its defaults must have been set.
pub fn validate_create(kind: Kind, body: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    (rules(kind).validate)(body, &mut causes);
    if causes.is_empty() && kind != Kind::Pod {
        // What the registry asks of every object once its kind has nothing against it; a Pod's own rules ask all of it.
        metadata::validate(body, kind.names().namespaced, formats::path_segment, &mut causes);
    }
    causes
}

/// Everything that is wrong with an update of `old` to `new`, in the server's order and words.
pub fn validate_update(kind: Kind, new: &Value, old: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    (rules(kind).validate_update)(new, old, &mut causes);
    causes
}

/// What the server warns of while it does as it is told: to create `new`, or to put it in place of `old`. kubectl
/// prints each behind `Warning: `. Nothing is to be said of an object that is not valid.
pub fn warnings(kind: Kind, new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    (rules(kind).warn)(new, old, &mut warnings);
    warnings
}

/// The columns of `kubectl get` for this built-in kind. `NAMESPACE`, labels and the like are kubectl's.
pub fn columns(kind: Kind) -> &'static [Column<'static>] {
    rules(kind).columns
}

/// The cells of an object, one for each of [`columns`]; ages are as of `now`.
pub fn row(kind: Kind, object: &Object, now: Date) -> Vec<String> {
    (rules(kind).row)(object, now)
}

/// Sets `field` to what it is in `old`, or takes it out.
pub fn keep(new: &mut Value, old: &Value, field: &str) {
    match old.get(field) {
        Value::Null => {
            new.remove(field);
        }
        value => {
            if new.get(field) != value {
                new.set(field, value);
            }
        }
    }
}

fn same_or_empty(a: &Value, b: &Value) -> bool {
    a == b || (a.is_empty() && b.is_empty())
}

/// The status of kinds that begin with an empty one.
fn empty_status(_: &Value) -> Value {
    value!({})
}
