//! Saya: a Kubernetes cluster in a page. See ARCHITECTURE.md for the map and the order of the modules.

pub mod api;
pub mod apiserver;
pub mod base;
pub mod cluster;
pub mod controllers;
pub mod images;
pub mod kubectl;
pub mod kubelet;
pub mod network;
pub mod resources;
pub mod scheduler;
pub mod sim;

pub mod diagram;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(target_arch = "wasm32")]
pub mod ui;
