//! Saya: a Kubernetes cluster in a page. See ARCHITECTURE.md for the map.

pub mod base;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(target_arch = "wasm32")]
pub mod ui;
