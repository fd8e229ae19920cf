//! PodResizeValidator: a Pod never asks for more than its node has.

use crate::api::{Kind, ObjectKey, Quantity, Status};
use crate::resources::pod::amounts::{amount, of_pod};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { validate, ..Plugin::NONE };

fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    if request.resizes() { has_room(api, request) } else { Ok(()) }
}

/// Whether the node has as much. Nothing is resized at first: this is no part of the page's first program.
#[inline(never)]
fn has_room(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    let node = request.object.spec().get("nodeName").str();
    if node.is_empty() {
        return Ok(());
    }
    let Some(node) = api.get(&ObjectKey::new(Kind::Node, "", node)) else {
        return request.forbidden(format!("node \"{node}\" not found"));
    };
    let asked = of_pod(request.object.spec(), "requests", &[]);
    let number = |name: &str, quantity: &Quantity| match name {
        "cpu" => quantity.milli_value(),
        _ => quantity.value(),
    };
    let too_much = ["cpu", "memory"].into_iter().filter_map(|name| {
        let (asked, there) = (asked.get(name)?, amount(node.status().at(&["allocatable", name]))?);
        (*asked > there).then(|| {
            format!("{name}, requested: {}, allocatable: {}", number(name, asked), number(name, &there))
        })
    });
    match too_much.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => Ok(()),
        why => request.forbidden(format!("node didn't have enough allocatable resources: {why}")),
    }
}
