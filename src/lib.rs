//! Saya: a Kubernetes cluster in a page. See ARCHITECTURE.md for the map.
//!
//! A module uses only what stands above it in this list (`tests/tidy.rs`).

pub mod base;
pub mod container;
pub mod sim;

pub mod diagram;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(target_arch = "wasm32")]
pub mod ui;
