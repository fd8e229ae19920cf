//! A simulation: the cluster and the learner's machine, driven by a log of inputs.

pub mod log;
pub mod observe;
pub mod snapshot;

pub use log::{Input, Log, LogError, Scenario};
pub use snapshot::Snapshot;
