//! The network: addresses, and later names, Services and packets.

pub mod ipam;
