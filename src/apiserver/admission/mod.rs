//! Admission: what is added to or refused of an object because of others. A file a plugin.

mod certificate_subject_restriction;
mod default_ingress_class;
mod default_storage_class;
mod default_toleration_seconds;
mod limit_ranger;
mod namespace_lifecycle;
mod persistent_volume_claim_resize;
mod pod_limit;
mod pod_resize_validator;
mod pod_security;
mod pod_topology_labels;
mod priority;
mod resource_quota;
mod runtime_class;
mod service_account;
mod storage_object_in_use_protection;
mod taint_nodes_by_condition;

use crate::api::{Kind, Object, ObjectKey, Status};
use crate::resources::pod;

use super::ApiServer;

pub use pod_limit::most_pods;
pub(super) use pod_topology_labels::copy as copy_topology_labels;
pub(super) use resource_quota::charge;

/// What is asked of the API server.
struct Request<'a> {
    /// The object as it is to become.
    object: &'a mut Object,
    /// The object as it is; none where it is created.
    old: Option<&'a Object>,
    /// The name in refusals: of an object that is yet to get a generated one, what that begins with.
    name: &'a str,
}

impl Request<'_> {
    fn kind(&self) -> Kind {
        self.object.kind
    }

    fn is_create(&self) -> bool {
        self.old.is_none()
    }

    /// True for a new object of this kind.
    fn creates(&self, kind: Kind) -> bool {
        self.is_create() && self.kind() == kind
    }

    /// True for a Pod whose containers are to have other amounts than before: only its `resize` can ask for that.
    fn resizes(&self) -> bool {
        let is_resized = |old: &Object| pod::is_resized(&self.object.body, &old.body);
        self.kind() == Kind::Pod && self.old.is_some_and(is_resized)
    }

    /// `pods "web" is forbidden: why`
    fn forbidden<T>(&self, why: impl AsRef<str>) -> Result<T, Status> {
        let key = ObjectKey::new(self.kind(), self.object.namespace(), self.name);
        Err(Status::forbidden(&key, why.as_ref()))
    }
}

/// A plugin. Each looks only at the kinds that are its own.
struct Plugin {
    /// Fills in or refuses an object before it is validated.
    admit: fn(&mut ApiServer, &mut Request<'_>) -> Result<(), Status>,
    /// Refuses an object that is valid.
    validate: fn(&ApiServer, &Request<'_>) -> Result<(), Status>,
}

impl Plugin {
    /// A plugin that does nothing, from which the others start.
    const NONE: Plugin = Plugin { admit: |_, _| Ok(()), validate: |_, _| Ok(()) };
}

/// The plugins in the order in which the API server asks them (kubeapiserver/options, `AllOrderedPlugins`).
const PLUGINS: &[Plugin] = &[
    namespace_lifecycle::PLUGIN,
    limit_ranger::PLUGIN,
    service_account::PLUGIN,
    taint_nodes_by_condition::PLUGIN,
    pod_security::PLUGIN,
    priority::PLUGIN,
    default_toleration_seconds::PLUGIN,
    default_storage_class::PLUGIN,
    storage_object_in_use_protection::PLUGIN,
    persistent_volume_claim_resize::PLUGIN,
    runtime_class::PLUGIN,
    certificate_subject_restriction::PLUGIN,
    default_ingress_class::PLUGIN,
    pod_limit::PLUGIN,
    pod_resize_validator::PLUGIN,
    resource_quota::PLUGIN,
];

/// Fills in what an object gets because of others, before it is validated. A new object whose name is generated is
/// called `shown` in refusals.
///
/// # Errors
/// What a plugin answers.
pub(super) fn admit(
    api: &mut ApiServer,
    object: &mut Object,
    old: Option<&Object>,
    shown: &str,
) -> Result<(), Status> {
    let mut request = Request { object, old, name: shown };
    PLUGINS.iter().try_for_each(|plugin| (plugin.admit)(api, &mut request))
}

/// Refuses a valid object that must not be, because of others.
///
/// # Errors
/// What a plugin answers.
pub(super) fn validate(api: &ApiServer, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
    let name = object.name().to_string();
    let request = Request { object, old, name: &name };
    PLUGINS.iter().try_for_each(|plugin| (plugin.validate)(api, &request))
}

/// What admission warns of in an object that was let in.
pub(super) fn warnings(api: &ApiServer, object: &Object, old: Option<&Object>) -> Vec<String> {
    if let (Kind::Namespace, Some(old)) = (object.kind, old) {
        return pod_security::namespace_warnings(api, object, old);
    }
    if old.is_some_and(|old| old.spec() == object.spec()) {
        return Vec::new();
    }
    pod_security::warning(api, object).into_iter().collect()
}

/// Refuses the deletion of what must not go.
///
/// # Errors
/// `Forbidden`.
pub(super) fn admit_delete(key: &ObjectKey) -> Result<(), Status> {
    namespace_lifecycle::admit_delete(key)
}
