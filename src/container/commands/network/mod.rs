//! The network's tools: names, connections, and what a network namespace holds.

pub(super) mod curl;
pub(super) mod dig;
pub(super) mod files;
pub(super) mod getent;
pub mod http;
pub(super) mod ip;
pub(super) mod nc;
pub(super) mod nslookup;
pub(super) mod ping;
pub mod reach;
pub mod resolve;
pub(super) mod ss;
pub(super) mod wget;
