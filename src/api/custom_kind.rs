//! The names of the kinds that CustomResourceDefinitions have named.
//!
//! A kind is a number, so that it can be copied and compared at no cost. Of a custom one it is that of its names in a table
//! that only grows and that all clusters share. Which number a kind got is seen nowhere: what is ordered or hashed are the
//! names. Whether a cluster serves a kind is in its store, not here.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::{PoisonError, RwLock};

use super::kind::Names;

static TABLE: RwLock<Vec<&'static Names>> = RwLock::new(Vec::new());

/// The number of a kind of these names. What may change of a definition, its short names for instance, is not among them.
// No part of the page's first program, as what follows.
#[inline(never)]
pub(super) fn number(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> u16 {
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    let wanted = (api_version, kind, plural, namespaced);
    let of = |names: &Names| (names.api_version, names.kind, names.plural, names.namespaced);
    let at = table.iter().position(|known| of(known) == wanted).unwrap_or_else(|| {
        let keep = |text: &str| -> &'static str { Box::leak(text.into()) };
        let api_version = keep(api_version);
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        table.push(Box::leak(Box::new(Names {
            kind: keep(kind),
            group,
            version,
            api_version,
            plural: keep(plural),
            singular: keep(&kind.to_lowercase()),
            short: &[],
            namespaced,
            in_all: false,
        })));
        table.len() - 1
    });
    at as u16
}

/// The names of a number that [`number`] gave.
#[inline(never)]
pub(super) fn names(number: u16) -> &'static Names {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)[usize::from(number)]
}

/// The order of two custom kinds: by group, then by resource.
#[inline(never)]
pub(super) fn compare(one: &Names, other: &Names) -> Ordering {
    let key = |names: &Names| (names.group, names.plural);
    key(one).cmp(&key(other)).then_with(|| one.cmp(other))
}

/// What differs between kinds.
#[inline(never)]
pub(super) fn hash<H: Hasher>(names: &Names, state: &mut H) {
    (names.api_version, names.plural).hash(state);
}
