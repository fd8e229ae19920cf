//! A simulation: the cluster and the learner's machine, driven by a log of inputs.

pub mod snapshot;

pub use snapshot::Snapshot;
