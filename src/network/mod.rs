//! The network: addresses and names, and later Services and packets.

pub mod dns;
pub mod hosts_file;
pub mod ipam;
pub mod resolver;
