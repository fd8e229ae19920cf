//! DefaultIngressClass: an Ingress that names no class gets the default one.

use crate::api::{Kind, Object, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    let ingress = &*request.object;
    let named = !ingress.spec().get("ingressClassName").is_null()
        || !ingress.annotation("kubernetes.io/ingress.class").is_null();
    if !request.creates(Kind::Ingress) || named {
        return Ok(());
    }
    choose(api, request.object);
    Ok(())
}

/// A new cluster has no Ingress: this is no part of the page's first program.
#[inline(never)]
fn choose(api: &ApiServer, ingress: &mut Object) {
    let is_default =
        |class: &&Object| class.annotation("ingressclass.kubernetes.io/is-default-class").str() == "true";
    let defaults: Vec<&Object> = api.store().list(Kind::IngressClass).filter(is_default).collect();
    // Of several, the youngest; and of those the first by name.
    let youngest = defaults.iter().map(|class| class.created_at()).max();
    if let Some(class) = defaults.iter().find(|class| Some(class.created_at()) == youngest) {
        ingress.set_at(&["spec", "ingressClassName"], class.name());
    }
}
