//! The hashes by which Pods of one template are told from those of another.

use crate::base::{Value, json, random::NAME_ALPHABET};

/// `pod-template-hash` of a Pod template. `collisions` is `status.collisionCount` of its Deployment.
pub fn pod_template_hash(template: &Value, collisions: Option<i64>) -> String {
    let mut hash = fnv1a(json::to_string(template).as_bytes());
    if let Some(collisions) = collisions {
        hash = hash.wrapping_add(collisions as u32);
    }
    safe_encode(&hash.to_string())
}

/// FNV-1a in 32 bits.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// FNV-1 in 32 bits.
fn fnv1(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5u32, |hash, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// Text in the alphabet of generated names (`rand.SafeEncodeString`).
fn safe_encode(text: &str) -> String {
    text.bytes().map(|byte| NAME_ALPHABET[usize::from(byte) % NAME_ALPHABET.len()] as char).collect()
}

/// The hash in the name of a ControllerRevision whose data read so (`HashControllerRevision`).
pub fn controller_revision_hash(data: &str, collisions: i64) -> String {
    safe_encode(&fnv1(format!("{data}{collisions}").as_bytes()).to_string())
}
