//! The Go structs behind the kinds: what their JSON leaves out, and how the server prints them in its errors.
//!
//! An object that went through the API server was decoded into these structs and encoded again: empty optional fields
//! are gone, quantities are in their canonical form. In error messages the server shows its internal structs as JSON
//! with Go's field names, in the order in which the structs declare them. The tables here carry both facts; kinds
//! whose fields never show in a message need only the first.

mod apps;
mod canonical;
mod core;
mod dump;
mod networking;
mod pod;
mod policy;
mod volume;

pub use canonical::canonicalize;
pub use dump::{Internal, diff};

pub use apps::{
    DAEMON_SET_STRATEGY, DEPLOYMENT_STRATEGY, STATEFUL_SET_ROLLING_UPDATE, STATEFUL_SET_STRATEGY,
};
pub use core::{CLAIM_SPEC, SERVICE_PORT, TAINT};
pub use pod::{POD_SPEC, POD_TEMPLATE, RESOURCE_CLAIM, SECURITY_CONTEXT};
pub use policy::{POD_DISRUPTION_BUDGET_SPEC, ROLE_REF};
pub use volume::{NODE_AFFINITY_OF_VOLUME, VOLUME_SOURCE_OF_VOLUME};

use crate::api::Kind;

/// A Go struct.
#[derive(Debug)]
pub struct Struct {
    /// Its fields in the order of the internal struct.
    pub fields: &'static [Field],
}

/// A field of a Go struct.
#[derive(Debug)]
pub struct Field {
    /// Its Go name.
    pub go: &'static str,
    /// Its JSON name.
    pub json: &'static str,
    /// Its type.
    pub ty: Type,
    /// What the API's JSON does with it where it is empty.
    pub empty: Empty,
}

/// What becomes of a field without a value, or with the empty value of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Left out (`omitempty`).
    Out,
    /// A pointer: left out where there is no value; an empty value is one.
    Pointer,
    /// Written always.
    In,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// `string`.
    Str,
    /// Any integer.
    Int,
    /// `bool`.
    Bool,
    /// `resource.Quantity`.
    Quantity,
    /// `intstr.IntOrString`.
    IntOrString,
    /// A struct.
    Struct(&'static Struct),
    /// A slice.
    List(&'static Type),
    /// A map with text as keys.
    Map(&'static Type),
    /// Anything; not looked into.
    Any,
}

/// A struct written as `GoName jsonName type mark;` for each field. Types are `str`, `int`, `bool`, `qty`, `ios` (an
/// IntOrString), `any`, the name of another struct, `[type]`, `{type}` (a map). `ptr` is a pointer, `always` is
/// written even empty; fields called `Versioned` the internal struct does not have; without either an empty value is left out.
macro_rules! go_struct {
    ($($(#[$doc:meta])* $vis:vis $name:ident { $($go:ident $json:ident $ty:tt $($mark:ident)?;)* })*) => {
        $($(#[$doc])* $vis static $name: $crate::resources::structs::Struct = $crate::resources::structs::Struct {
            fields: &[$($crate::resources::structs::Field {
                go: stringify!($go),
                json: stringify!($json),
                ty: go_struct!(@type $ty),
                empty: go_struct!(@empty $($mark)?),
            },)*],
        };)*
    };
    (@empty) => { $crate::resources::structs::Empty::Out };
    (@empty ptr) => { $crate::resources::structs::Empty::Pointer };
    (@empty always) => { $crate::resources::structs::Empty::In };
    (@type str) => { $crate::resources::structs::Type::Str };
    (@type int) => { $crate::resources::structs::Type::Int };
    (@type bool) => { $crate::resources::structs::Type::Bool };
    (@type qty) => { $crate::resources::structs::Type::Quantity };
    (@type ios) => { $crate::resources::structs::Type::IntOrString };
    (@type any) => { $crate::resources::structs::Type::Any };
    (@type [$ty:tt]) => { $crate::resources::structs::Type::List(&go_struct!(@type $ty)) };
    (@type {$ty:tt}) => { $crate::resources::structs::Type::Map(&go_struct!(@type $ty)) };
    (@type $name:ident) => { $crate::resources::structs::Type::Struct(&$name) };
}
use go_struct;

/// The struct of a kind.
pub fn of(kind: Kind) -> &'static Struct {
    match kind {
        Kind::Pod => &pod::POD,
        Kind::ReplicationController => &apps::REPLICATION_CONTROLLER,
        Kind::Service => &core::SERVICE,
        Kind::DaemonSet => &apps::DAEMON_SET,
        Kind::Deployment => &apps::DEPLOYMENT,
        Kind::ReplicaSet => &apps::REPLICA_SET,
        Kind::StatefulSet => &apps::STATEFUL_SET,
        Kind::HorizontalPodAutoscaler => &policy::HORIZONTAL_POD_AUTOSCALER,
        Kind::CronJob => &apps::CRON_JOB,
        Kind::Job => &apps::JOB,
        Kind::ConfigMap => &core::CONFIG_MAP,
        Kind::Endpoints => &core::ENDPOINTS,
        Kind::Event => &core::EVENT,
        Kind::LimitRange => &core::LIMIT_RANGE,
        Kind::Namespace => &core::NAMESPACE,
        Kind::Node => &core::NODE,
        Kind::PersistentVolumeClaim => &core::CLAIM,
        Kind::PersistentVolume => &volume::PERSISTENT_VOLUME,
        Kind::ResourceQuota => &core::RESOURCE_QUOTA,
        Kind::Secret => &core::SECRET,
        Kind::ServiceAccount => &core::SERVICE_ACCOUNT,
        Kind::ControllerRevision => &apps::CONTROLLER_REVISION,
        Kind::Lease => &policy::LEASE,
        Kind::EndpointSlice => &networking::ENDPOINT_SLICE,
        Kind::IngressClass => &networking::INGRESS_CLASS,
        Kind::Ingress => &networking::INGRESS,
        Kind::NetworkPolicy => &networking::NETWORK_POLICY,
        Kind::PodDisruptionBudget => &policy::POD_DISRUPTION_BUDGET,
        Kind::ClusterRoleBinding | Kind::RoleBinding => &policy::ROLE_BINDING,
        Kind::ClusterRole | Kind::Role => &policy::ROLE,
        Kind::PriorityClass => &policy::PRIORITY_CLASS,
        Kind::StorageClass => &volume::STORAGE_CLASS,
        Kind::APIService => &policy::API_SERVICE,
        Kind::CertificateSigningRequest => &policy::CERTIFICATE_SIGNING_REQUEST,
        Kind::IPAddress => &networking::IP_ADDRESS,
        Kind::ServiceCIDR => &networking::SERVICE_CIDR,
        Kind::RuntimeClass => &policy::RUNTIME_CLASS,
        Kind::CustomResourceDefinition => &policy::CUSTOM_RESOURCE_DEFINITION,
        _ => &policy::CUSTOM_RESOURCE,
    }
}
