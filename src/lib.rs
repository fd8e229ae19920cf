//! Saya: a Kubernetes cluster in a page. See ARCHITECTURE.md for the map.
//!
//! A module uses only what stands above it in this list (`tests/tidy.rs`).

pub mod base;

pub mod api;

pub mod resources;

pub mod apiserver;

pub mod network;

pub mod container;

pub mod images;
pub mod programs;

pub mod controllers;

pub mod scheduler;

pub mod kubelet;

pub mod cluster;

pub mod kubectl;

pub mod sim;

pub mod lesson;

pub mod share;

pub mod diagram;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
#[cfg(target_arch = "wasm32")]
pub mod ui;
