//! ResourceQuota: refuses what is more than a namespace may have, and puts down what is taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Kind, Object, Quantity, Status};
use crate::apiserver::{ApiServer, quota};
use crate::resources::pod::amounts::{Amounts, amount};

use super::{Plugin, Request};

pub(super) const PLUGIN: Plugin = Plugin { validate, ..Plugin::NONE };

/// What a quota limits as its controller last wrote it down: until then a new one limits nothing.
fn limited(quota: &Object, kind: Kind) -> Vec<&str> {
    let hard = quota.status().get("hard").entries().map(|(name, _)| name);
    hard.filter(|name| quota::is_of(name, kind)).collect()
}

/// What a request adds to the usage; none where that counts nowhere. Objects are counted when they are created,
/// claims, Pods and Services also when they change.
fn added(object: &Object, old: Option<&Object>) -> Option<Amounts> {
    let mut amounts = quota::usage(object);
    if let Some(old) = old {
        if !matches!(object.kind, Kind::PersistentVolumeClaim | Kind::Pod | Kind::Service) {
            return None;
        }
        let before = quota::usage(old);
        for (name, amount) in &mut amounts {
            let had = before.get(name).cloned().unwrap_or(Quantity::ZERO);
            *amount = if *amount > had { &*amount - &had } else { Quantity::ZERO };
        }
    }
    amounts.values().any(|amount| !amount.is_zero()).then_some(amounts)
}

fn quotas<'a>(api: &'a ApiServer, object: &'a Object) -> impl Iterator<Item = &'a Object> {
    let counts = object.kind != Kind::Event && object.kind.names().namespaced;
    let all = counts.then(|| api.store().list_in(Kind::ResourceQuota, object.namespace()));
    all.into_iter().flatten().filter(|quota| {
        !limited(quota, object.kind).is_empty() && quota.uid() != object.uid() && quota::covers(quota, object)
    })
}

fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    let object = &*request.object;
    let quotas: Vec<&Object> = quotas(api, object).collect();
    if quotas.is_empty() { Ok(()) } else { within(object, request, &quotas) }
}

/// Whether quotas let it be. A new cluster has none: this is no part of the page's first program.
#[inline(never)]
fn within(object: &Object, request: &Request<'_>, quotas: &[&Object]) -> Result<(), Status> {
    for quota in quotas {
        let limited = limited(quota, object.kind);
        if request.creates(Kind::Pod)
            && let Some(missing) = unspecified(object, &limited)
        {
            return request.forbidden(format!("failed quota: {}: must specify {missing}", quota.name()));
        }
        if limited.iter().any(|name| quota.status().at(&["used", name]).is_null()) {
            let why = format!("status unknown for quota: {}, resources: {}", quota.name(), limited.join(","));
            return request.forbidden(why);
        }
    }
    let Some(asked) = added(object, request.old) else { return Ok(()) };
    quotas.iter().find_map(|quota| exceeded(quota, &asked)).map_or(Ok(()), |why| request.forbidden(why))
}

/// What a quota limits and a Pod's containers do not say: `requests.cpu for: web`.
fn unspecified(pod: &Object, limited: &[&str]) -> Option<String> {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in limited {
        let (field, resource) = match name.split_once('.') {
            None => ("requests", *name),
            Some((field @ ("requests" | "limits"), resource)) => (field, resource),
            Some(_) => continue,
        };
        if !matches!(resource, "cpu" | "memory") || !pod.spec().at(&["resources", field, resource]).is_null()
        {
            continue;
        }
        let lists = ["containers", "initContainers"];
        for container in lists.into_iter().flat_map(|list| pod.spec().get(list).items()) {
            if container.at(&["resources", field, resource]).is_null() {
                missing.entry(name).or_default().insert(container.get("name").str());
            }
        }
    }
    let texts: Vec<String> = missing
        .into_iter()
        .map(|(name, containers)| format!("{name} for: {}", Vec::from_iter(containers).join(",")))
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Where a quota has not enough left: what was asked for, what is used and what there is.
fn exceeded(quota: &Object, asked: &Amounts) -> Option<String> {
    let of = |field: &str, name: &str| amount(quota.status().at(&[field, name])).unwrap_or(Quantity::ZERO);
    let over: Vec<(&str, &Quantity)> = asked
        .iter()
        .map(|(name, asked)| (name.as_str(), asked))
        .filter(|(name, asked)| {
            !quota.status().at(&["hard", name]).is_null() && &of("used", name) + asked > of("hard", name)
        })
        .collect();
    let list = |texts: Vec<String>| texts.join(",");
    let amounts =
        |field: &str| list(over.iter().map(|(name, _)| format!("{name}={}", of(field, name))).collect());
    (!over.is_empty()).then(|| {
        format!(
            "exceeded quota: {}, requested: {}, used: {}, limited: {}",
            quota.name(),
            list(over.iter().map(|(name, asked)| format!("{name}={asked}")).collect()),
            amounts("used"),
            amounts("hard")
        )
    })
}

/// Puts down what a request took in the quotas that count it.
pub fn charge(api: &mut ApiServer, object: &Object, old: Option<&Object>) {
    let quotas: Vec<Object> = quotas(api, object).cloned().collect();
    if !quotas.is_empty() {
        put_down(api, object, old, quotas);
    }
}

#[inline(never)]
fn put_down(api: &mut ApiServer, object: &Object, old: Option<&Object>, quotas: Vec<Object>) {
    let Some(asked) = added(object, old) else { return };
    for quota in quotas {
        api.modify_status(&quota.key(), |status| {
            for (name, more) in &asked {
                if let Some(used) = amount(status.at(&["used", name])) {
                    status.set_at(&["used", name], (&used + more).to_string());
                }
            }
        });
    }
}
