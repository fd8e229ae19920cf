//! Kinds that CustomResourceDefinitions name: which there are, and what the server does with their objects.

use super::ApiServer;
use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::base::Value;
use crate::resources::{self, Column, custom_resource, custom_resource_definition as definitions};

// No part of the page's first program, as what is never inlined below.
/// The kind that a definition names, as its objects are kept: in the version that clients prefer.
#[inline(never)]
pub fn kind_of_definition(definition: &Object) -> Option<Kind> {
    Some(kind_in_version(definition, definitions::preferred_version(&definition.body)?))
}

/// The kind that a definition names, in one of its versions.
pub fn kind_in_version(definition: &Object, version: &str) -> Kind {
    let spec = definition.spec();
    let (group, names) = (spec.get("group").str(), spec.get("names"));
    let api_version = [group, "/", version].concat();
    let namespaced = spec.get("scope").str() == "Namespaced";
    Kind::custom(&api_version, names.get("kind").str(), names.get("plural").str(), namespaced)
}

/// The kind that a manifest's `apiVersion` and `kind` name in one of these definitions that serve it.
#[inline(never)]
pub fn kind_among<'a>(
    mut definitions: impl Iterator<Item = &'a Object>,
    api_version: &str,
    kind: &str,
) -> Option<Kind> {
    let (group, version) = api_version.split_once('/')?;
    let definition = definitions.find(|definition| {
        let spec = definition.spec();
        spec.get("group").str() == group && spec.at(&["names", "kind"]).str() == kind
    })?;
    let is_served = definitions::version(&definition.body, version).get("served").bool();
    kind_of_definition(definition).filter(|_| is_served)
}

impl ApiServer {
    /// The definitions whose kinds are served, by name.
    pub fn established_definitions(&self) -> impl Iterator<Item = &Object> {
        self.store()
            .list(Kind::CustomResourceDefinition)
            .filter(|definition| definition.has_condition("Established"))
    }

    /// The custom kinds that are served.
    pub fn custom_kinds(&self) -> impl Iterator<Item = Kind> + use<'_> {
        self.established_definitions().filter_map(kind_of_definition)
    }

    /// Every kind that is served.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + use<'_> {
        Kind::ALL.iter().copied().chain(self.custom_kinds())
    }

    /// The kind that a manifest's `apiVersion` and `kind` name: a built-in one, or one that is served in that version.
    pub fn kind_of(&self, api_version: &str, kind: &str) -> Option<Kind> {
        Kind::of(api_version, kind).or_else(|| self.custom_kind_of(api_version, kind))
    }

    #[inline(never)]
    fn custom_kind_of(&self, api_version: &str, kind: &str) -> Option<Kind> {
        kind_among(self.established_definitions(), api_version, kind)
    }

    /// The object that a manifest is, in the version in which it is kept; none where its kind is not served.
    pub fn object_of(&self, mut body: Value) -> Option<Object> {
        let kind = self.kind_of(body.get("apiVersion").str(), body.get("kind").str())?;
        if kind.is_custom() {
            body.set("apiVersion", kind.api_version());
        }
        Some(Object::of(kind, body))
    }

    /// The definition of a custom kind.
    pub fn definition_of(&self, kind: Kind) -> Option<&Object> {
        self.get(&ObjectKey::new(Kind::CustomResourceDefinition, "", &kind.resource()))
    }

    /// What the definition of a custom kind says of the version in which objects are kept.
    pub fn custom_version(&self, kind: Kind) -> &Value {
        static NONE: Value = Value::Null;
        let definition = self.definition_of(kind);
        definition.map_or(&NONE, |definition| definitions::version(&definition.body, kind.names().version))
    }

    /// What the server warns of where a version of a custom kind is asked for that is deprecated.
    pub fn deprecation_of(&self, kind: Kind, api_version: &str) -> Option<String> {
        let (_, name) = api_version.split_once('/')?;
        let version = definitions::version(&self.definition_of(kind)?.body, name);
        version.get("deprecated").bool().then(|| match version.get("deprecationWarning").str() {
            "" => format!("{api_version} {kind} is deprecated"),
            own => own.to_owned(),
        })
    }

    /// Refuses new objects of a definition that is going (apiserver, customresource_handler.go).
    ///
    /// # Errors
    /// `MethodNotAllowed`.
    #[inline(never)]
    pub(super) fn admit_custom(&self, kind: Kind) -> Result<(), Status> {
        match self.definition_of(kind).is_some_and(Object::is_terminating) {
            false => Ok(()),
            true => Err(Status {
                code: 405,
                reason: "MethodNotAllowed",
                message: "create not allowed while custom resource definition is terminating".into(),
                causes: Vec::new(),
            }),
        }
    }

    /// What the server sets in a custom resource that is created, or put in place of the `old` one.
    #[inline(never)]
    pub(super) fn prepare_custom(&self, object: &mut Object, old: Option<&Object>) {
        custom_resource::prepare(self.custom_version(object.kind), object, old.map(|old| &old.body));
    }

    /// Everything that is wrong with a custom resource by its schema.
    #[inline(never)]
    pub(super) fn validate_custom(&self, object: &Object) -> Vec<Cause> {
        custom_resource::validate(self.custom_version(object.kind), &object.body)
    }

    /// The columns of `kubectl get` for a kind.
    pub fn columns(&self, kind: Kind) -> Vec<Column<'_>> {
        match kind.is_custom() {
            true => custom_resource::columns(self.custom_version(kind)),
            false => resources::columns(kind).to_vec(),
        }
    }

    /// The cells of an object, one for each of [`Self::columns`].
    pub fn row(&self, object: &Object) -> Vec<String> {
        let now = self.clock.date();
        match object.kind.is_custom() {
            true => custom_resource::row(self.custom_version(object.kind), object, now),
            false => resources::row(object.kind, object, now),
        }
    }
}
