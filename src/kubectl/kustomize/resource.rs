//! An object on its way through a kustomization, and what it was called before.

use std::fmt;

use crate::api::schema::{Scope, schema};
use crate::base::Value;
use crate::kubectl::discovery;

/// What tells one object from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Id {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

impl Id {
    /// The id that an object has now.
    pub fn of(body: &Value) -> Self {
        let api_version = body.get("apiVersion").str();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            group: group.into(),
            version: version.into(),
            kind: body.get("kind").str().into(),
            name: body.at(&["metadata", "name"]).str().into(),
            namespace: body.at(&["metadata", "namespace"]).str().into(),
        }
    }

    /// `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => [group, "/", &self.version].concat(),
        }
    }

    /// True for a kind that certainly lives in no namespace.
    pub fn is_cluster_wide(&self) -> bool {
        let api_version = self.api_version();
        match schema().kind(&api_version, &self.kind) {
            Some(kind) => kind.scope == Scope::Cluster,
            None => discovery::is_cluster_wide(&api_version, &self.kind),
        }
    }

    /// The namespace that it comes to be in.
    pub fn effective_namespace(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.is_cluster_wide() => "_non_namespaceable_",
            "" => "default",
            namespace => namespace,
        }
    }

    /// True for the same object.
    pub fn is(&self, other: &Id) -> bool {
        self.name == other.name
            && self.kind == other.kind
            && self.version == other.version
            && self.group == other.group
            && self.effective_namespace() == other.effective_namespace()
    }

    /// `Deployment.v1.apps`.
    pub fn type_text(&self) -> String {
        [or(&self.kind, "[noKind]"), ".", or(&self.version, "[noVer]"), ".", or(&self.group, "[noGrp]")]
            .concat()
    }

    /// As Go's `%#v` shows it.
    pub fn go_text(&self) -> String {
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{:?}, Version:{:?}, Kind:{:?}, isClusterScoped:{}}}, Name:{:?}, Namespace:{:?}}}",
            self.group,
            self.version,
            self.kind,
            self.is_cluster_wide(),
            self.name,
            self.namespace
        )
    }
}

/// `Deployment.v1.apps/web.[noNs]`.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, namespace) = (or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"));
        write!(f, "{}/{name}.{namespace}", self.type_text())
    }
}

fn or<'a>(text: &'a str, none: &'a str) -> &'a str {
    if text.is_empty() { none } else { text }
}

/// What a generated object does with one of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    #[default]
    Unspecified,
    Create,
    Replace,
    Merge,
}

impl Behavior {
    /// Reads the field `behavior`.
    pub fn read(text: &str) -> Self {
        match text {
            "create" => Self::Create,
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            _ => Self::Unspecified,
        }
    }
    /// As kustomize writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Merge => "merge",
        }
    }
}

/// An object with its history.
#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    pub body: Value,
    /// What it was called before, the oldest first.
    pub before: Vec<Id>,
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    pub behavior: Behavior,
    /// True where its name ends in a hash of its contents.
    pub hashed: bool,
}

impl Resource {
    pub fn new(body: Value) -> Self {
        Self { body, ..Self::default() }
    }
    /// What it is called now.
    pub fn id(&self) -> Id {
        Id::of(&self.body)
    }
    /// What it was called first.
    pub fn first_id(&self) -> Id {
        self.before.first().cloned().unwrap_or_else(|| self.id())
    }
    /// Keeps what it is called now, before that changes.
    pub fn remember(&mut self) {
        let mut id = self.id();
        id.namespace = id.effective_namespace().into();
        self.before.push(id);
    }
    pub fn kind(&self) -> &str {
        self.body.get("kind").str()
    }
    pub fn name(&self) -> &str {
        self.body.at(&["metadata", "name"]).str()
    }
    pub fn namespace(&self) -> &str {
        self.body.at(&["metadata", "namespace"]).str()
    }
    pub fn set_name(&mut self, name: String) {
        self.body.set_at(&["metadata", "name"], name);
    }
}
