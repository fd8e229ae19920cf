//! What an object is called.

use std::cmp::Ordering;
use std::fmt;

use smol_str::SmolStr;

use super::Kind;
use crate::base::value::same;

/// The identity of an object in the store. Ordered by kind, namespace and name, which is the order of lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// The kind.
    pub kind: Kind,
    /// The namespace; empty for cluster-wide kinds.
    pub namespace: SmolStr,
    /// The name.
    pub name: SmolStr,
}

impl Ord for ObjectKey {
    fn cmp(&self, other: &Self) -> Ordering {
        // Most keys that are compared are of one namespace.
        let namespaces = || match same(&self.namespace, &other.namespace) {
            true => Ordering::Equal,
            false => self.namespace.cmp(&other.namespace),
        };
        self.kind.cmp(&other.kind).then_with(namespaces).then_with(|| self.name.cmp(&other.name))
    }
}
impl PartialOrd for ObjectKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
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
