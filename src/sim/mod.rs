//! A simulation: the cluster and the learner's machine, driven by a log of inputs.

mod addons;
pub mod ask;
pub mod background;
pub mod browse;
pub mod check;
mod client;
pub mod compare;
pub mod complete;
mod copy;
mod edit;
mod forward;
mod host;
pub mod log;
mod minikube;
pub mod moments;
pub mod observe;
pub mod paste;
pub mod reading;
pub mod related;
mod saya;
mod script;
mod session;
#[allow(clippy::module_inception, reason = "the value that everything here is about")]
mod sim;
pub mod snapshot;
mod ssh;
pub mod suggest;
pub mod traffic;

pub use edit::EDITED;
pub use host::{HOME, Host, Screen};
pub use log::{Input, Log, LogError, Scenario};
pub use script::{Answer, Script};
pub use session::Session;
pub use sim::{Sim, replay};
pub use snapshot::Snapshot;
