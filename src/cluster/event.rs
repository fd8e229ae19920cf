//! All that can fall due in a cluster.

use std::sync::Arc;

use crate::api::ObjectKey;
use crate::controllers::Controller;

/// Something that falls due at a moment of virtual time. Nothing else makes a cluster move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A controller looks at an object.
    Reconcile(Controller, ObjectKey),
    /// The scheduler looks at the Pods that wait.
    Schedule,
    /// A kubelet looks at a Pod.
    SyncPod {
        /// The Pod's uid: another Pod may have taken its key. It comes first, for it soon tells two apart.
        uid: Arc<str>,
        /// The node.
        node: Arc<str>,
        /// The Pod's key.
        key: ObjectKey,
    },
    /// The programs of a Pod go on.
    RunPod {
        /// The Pod's uid.
        uid: Arc<str>,
        /// The node.
        node: Arc<str>,
    },
    /// Packets arrive.
    Network,
    /// The kubelet of a node reports that the node lives.
    Heartbeat(Arc<str>),
    /// A machine of the profile, by its number there, joins.
    Join(usize),
}
