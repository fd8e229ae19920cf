//! What an object is called.

use std::fmt;

use smol_str::SmolStr;

use super::Kind;

/// The identity of an object in the store. Ordered by kind, namespace and name, which is the order of lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The kind.
    pub kind: Kind,
    /// The namespace; empty for cluster-wide kinds.
    pub namespace: SmolStr,
    /// The name.
    pub name: SmolStr,
}

impl ObjectKey {
    /// The key of `name` in `namespace`, which is dropped for cluster-wide kinds.
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.names().namespaced { namespace } else { "" };
        Self { kind, namespace: namespace.into(), name: name.into() }
    }
    /// The key of another object in the same namespace.
    pub fn sibling(&self, kind: Kind, name: &str) -> Self {
        Self::new(kind, &self.namespace, name)
    }
}

impl fmt::Display for ObjectKey {
    /// `Pod default/web`, or `Node minikube`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.namespace {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}
