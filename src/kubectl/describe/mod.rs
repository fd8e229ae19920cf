//! `kubectl describe`: a file a kind, each with a function that fills a [`Page`].

mod certificate_signing_request;
mod config_map;
mod containers;
mod cron_job;
mod daemon_set;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod generic;
mod horizontal_pod_autoscaler;
mod ingress;
mod ingress_class;
mod ip_address;
mod job;
mod limit_range;
mod namespace;
mod network_policy;
mod node;
mod page;
mod persistent_volume;
mod persistent_volume_claim;
mod pod;
mod pod_disruption_budget;
mod priority_class;
mod replica_set;
mod resource_quota;
mod role;
mod role_binding;
mod secret;
mod service;
mod service_account;
mod service_cidr;
mod stateful_set;
mod storage_class;
mod volumes;

use crate::api::{Kind, Object};

use super::builder::Builder;
use super::command::Command;
use super::discovery;
use super::error::{Error, Result, bail};
use super::flags::FILES;
use super::session::{DONE, Flow, Session};

pub(super) use containers::template;
pub(super) use deployment::without_hash;
pub use page::Page;

pub(super) const COMMAND: Command = Command {
    name: "describe",
    usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    short: "Show details of a specific resource or group of resources",
    flags: &[FILES, "all-namespaces,A:bool chunk-size:int=500 selector,l show-events:bool=true"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    if args.is_empty() && flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n"
        );
    }
    let all = flags.is("all-namespaces");
    let found = Builder::new(session)
        .all_namespaces(all)
        .files(session)
        .labels(flags.text("selector"))
        .args(&args, true)
        .find(session)?;
    let (infos, errors) = found.infos();
    if let [error] = &errors[..]
        && infos.is_empty()
        && error.is_not_found()
        && let [word, prefix] = &args[..]
    {
        return by_prefix(session, word, prefix).unwrap_or_else(|| Err(error.clone()));
    }
    let mut errors = errors;
    let mut first = true;
    let nothing = infos.is_empty() && errors.is_empty();
    // Events cost a request for each object: of several they are shown only where asked for.
    let events = flags.is("show-events") && (infos.len() == 1 || flags.given("show-events"));
    for info in infos {
        let object = match session.read(info.kind, &info.namespace, &info.name) {
            Ok(object) => object,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if !std::mem::take(&mut first) {
            session.io.out("\n\n");
        }
        let text = page(session, &object, events);
        session.io.out(&text);
    }
    if nothing {
        match all {
            true => session.note("No resources found"),
            false => session.note(format!("No resources found in {} namespace.", session.namespace)),
        }
    }
    Error::all(errors).and(DONE)
}

/// Describes the objects whose names begin so; none where there are none.
fn by_prefix(session: &mut Session<'_>, word: &str, prefix: &str) -> Option<Result<Flow>> {
    let kind = discovery::kind(session.api, word).ok()?;
    let objects = session.list(kind, &session.namespace, "", "").ok()?;
    let matching: Vec<&Object> = objects.iter().filter(|object| object.name().starts_with(prefix)).collect();
    if matching.is_empty() {
        return None;
    }
    for object in matching {
        let text = describe(session, object);
        session.line(text);
    }
    Some(DONE)
}

/// The description of an object, with its Events where these are not switched off.
pub fn describe(session: &mut Session<'_>, object: &Object) -> String {
    let events = session.flags.is("show-events");
    page(session, object, events)
}

fn page(session: &mut Session<'_>, object: &Object, events: bool) -> String {
    let mut page = Page::new(session, events);
    let fill: fn(&mut Page, &Session<'_>, &Object) = match object.kind {
        Kind::Pod => pod::fill,
        Kind::ReplicationController | Kind::ReplicaSet => replica_set::fill,
        Kind::Service => service::fill,
        Kind::DaemonSet => daemon_set::fill,
        Kind::Deployment => deployment::fill,
        Kind::StatefulSet => stateful_set::fill,
        Kind::HorizontalPodAutoscaler => horizontal_pod_autoscaler::fill,
        Kind::CronJob => cron_job::fill,
        Kind::Job => job::fill,
        Kind::ConfigMap => config_map::fill,
        Kind::Endpoints => endpoints::fill,
        Kind::LimitRange => limit_range::fill,
        Kind::Namespace => namespace::fill,
        Kind::Node => node::fill,
        Kind::PersistentVolumeClaim => persistent_volume_claim::fill,
        Kind::PersistentVolume => persistent_volume::fill,
        Kind::ResourceQuota => resource_quota::fill,
        Kind::Secret => secret::fill,
        Kind::ServiceAccount => service_account::fill,
        Kind::EndpointSlice => endpoint_slice::fill,
        Kind::IngressClass => ingress_class::fill,
        Kind::Ingress => ingress::fill,
        Kind::NetworkPolicy => network_policy::fill,
        Kind::PodDisruptionBudget => pod_disruption_budget::fill,
        Kind::ClusterRoleBinding | Kind::RoleBinding => role_binding::fill,
        Kind::ClusterRole | Kind::Role => role::fill,
        Kind::PriorityClass => priority_class::fill,
        Kind::StorageClass => storage_class::fill,
        Kind::CertificateSigningRequest => certificate_signing_request::fill,
        Kind::IPAddress => ip_address::fill,
        Kind::ServiceCIDR => service_cidr::fill,
        _ => generic::fill,
    };
    fill(&mut page, session, object);
    page.text()
}
