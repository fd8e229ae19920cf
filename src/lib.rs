//! Saya: a Kubernetes cluster in a page. See ARCHITECTURE.md for the map and the order of the modules.

pub mod api;
pub mod apiserver;
pub mod base;
pub mod cluster;
pub mod controllers;
pub mod kubectl;
pub mod resources;
pub mod sim;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(target_arch = "wasm32")]
pub mod ui;
