//! The network: addresses, names, sockets, and the ways of packets.

pub mod activity;
pub mod dns;
pub mod hosts_file;
pub mod ipam;
pub mod namespace;
pub mod packet;
pub mod policy;
pub mod resolver;
pub mod route;
pub mod rules;
pub mod services;
pub mod trace;
