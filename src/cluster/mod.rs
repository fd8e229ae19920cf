//! The cluster: the API server and everything that acts on it, driven by one queue of events.

use crate::apiserver::ApiServer;

/// A whole cluster, as a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cluster {
    /// The API server with the store, the clock and the randomness.
    pub api: ApiServer,
}
