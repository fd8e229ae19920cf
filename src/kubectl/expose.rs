//! `kubectl expose`

use crate::api::{Kind, Object};
use crate::apiserver::patch;
use crate::base::{Value, json};
use crate::value;

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};
use super::templates::pod_spec;

pub(super) const COMMAND: Command = Command {
    name: "expose",
    usage: "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    short: "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        "cluster-ip external-ip field-manager=kubectl-expose labels,l load-balancer-ip name override-type=merge overrides \
         port protocol save-config:bool selector session-affinity target-port type",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let found = Builder::new(session).files(session).args(&args, false).find(session)?;
    let (infos, mut errors) = found.infos();
    let mut teller = Teller::new(session)?;
    let dry_run = session.dry_run()?;
    for info in infos {
        let object = match (&*info.source, info.object) {
            ("", Some(object)) => object,
            _ => session.read(info.kind, &info.namespace, &info.name)?,
        };
        match expose(session, &object, dry_run) {
            Ok(service) => teller.tell(session, &service.body, "exposed")?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}

fn expose(session: &mut Session<'_>, object: &Object, dry_run: DryRun) -> Result<Object> {
    let mut service = service(session, object)?;
    overrides(session, &mut service)?;
    if dry_run == DryRun::Client {
        if session.explicit_namespace {
            let namespace = session.namespace.clone();
            service.set_at(&["metadata", "namespace"], namespace);
        }
        return Ok(service);
    }
    service.as_map_mut().remove("status");
    let namespace = session.namespace.clone();
    session.create(service.body, &namespace, dry_run.is_server())
}

/// Carries `--overrides` into what is about to be created.
pub(super) fn overrides(session: &Session<'_>, object: &mut Object) -> Result<()> {
    let text = session.flags.text("overrides");
    if text.is_empty() {
        return Ok(());
    }
    let read = json::from_str(text).map_err(|error| Error::plain(format!("Invalid JSON Patch: {error}")))?;
    **object = match session.flags.text("override-type") {
        "json" => patch::json(&object.body, &read).map_err(Error::Plain)?,
        "merge" => patch::merge(&object.body, &read),
        "strategic" => patch::strategic(object.kind, &object.body, &read).map_err(Error::Plain)?,
        other => bail!("invalid --override-type: \"{other}\""),
    };
    Ok(())
}

fn service(session: &Session<'_>, object: &Object) -> Result<Object> {
    let flags = session.flags;
    let kind = object.kind;
    if !matches!(
        kind,
        Kind::ReplicationController | Kind::Service | Kind::Pod | Kind::Deployment | Kind::ReplicaSet
    ) {
        bail!("cannot expose a {}", kind.group_kind());
    }
    let mut name = match flags.text("name") {
        "" => object.name(),
        name => name,
    };
    // Names of Services are at most 63 letters long.
    name = name.get(..63).unwrap_or(name);
    let selector = match flags.text("selector") {
        "" => selector(object)?,
        text => labels(text)?,
    };
    let ports = ports(session, object)?;
    let metadata_labels = match flags.text("labels") {
        "" => object.labels().clone(),
        text => labels(text)?,
    };
    let mut spec = value!({"ports": ports, "selector": selector});
    for (field, flag) in [
        ("type", "type"),
        ("clusterIP", "cluster-ip"),
        ("loadBalancerIP", "load-balancer-ip"),
        ("sessionAffinity", "session-affinity"),
    ] {
        if !flags.text(flag).is_empty() {
            spec.set(field, flags.text(flag));
        }
    }
    if !flags.text("external-ip").is_empty() {
        spec.set("externalIPs", vec![flags.text("external-ip")]);
    }
    let mut service = Object::new(Kind::Service, "", name);
    service.entry("metadata").remove("namespace");
    if !metadata_labels.is_empty() {
        service.set_at(&["metadata", "labels"], metadata_labels);
    }
    service.set("spec", spec);
    service.set("status", value!({"loadBalancer": {}}));
    Ok(service)
}

/// Labels by which an object's Pods are found.
fn selector(object: &Object) -> Result<Value> {
    let failed = |why: &str| {
        Err(Error::plain(format!("couldn't retrieve selectors via --selector flag or introspection: {why}")))
    };
    let spec = object.spec();
    match object.kind {
        Kind::Pod if object.labels().is_empty() => failed("the pod has no labels and cannot be exposed"),
        Kind::Pod => Ok(object.labels().clone()),
        Kind::Service if spec.get("selector").is_empty() => failed("the service has no pod selector set"),
        Kind::Service | Kind::ReplicationController => Ok(spec.get("selector").clone()),
        _ if !spec.at(&["selector", "matchExpressions"]).is_empty() => {
            failed("couldn't convert expressions to map-based selector format")
        }
        _ => Ok(spec.at(&["selector", "matchLabels"]).clone()),
    }
}

fn labels(text: &str) -> Result<Value> {
    let mut all = Value::map();
    for pair in text.split(',') {
        match pair.split('=').collect::<Vec<_>>()[..] {
            [key, value] if !key.is_empty() => all.set(key, value),
            _ => bail!("unexpected label spec: {pair}"),
        }
    }
    Ok(all)
}

/// The Service's ports: those of `--port`, or those that the object has.
fn ports(session: &Session<'_>, object: &Object) -> Result<Vec<Value>> {
    let flags = session.flags;
    let own: Vec<(i64, String)> = if object.kind == Kind::Service {
        let ports = object.spec().get("ports").items().iter();
        ports.map(|port| (port.get("port").int(), port.get("protocol").str().to_string())).collect()
    } else {
        let containers = pod_spec(object).get("containers").items().iter();
        let ports = containers.flat_map(|container| container.get("ports").items());
        ports.map(|port| (port.get("containerPort").int(), port.get("protocol").str().to_string())).collect()
    };
    let numbers: Vec<String> = match flags.text("port") {
        "" if own.is_empty() => bail!("couldn't find port via --port flag or introspection"),
        "" => own.iter().map(|(number, _)| number.to_string()).collect(),
        text => text.split(',').map(str::to_string).collect(),
    };
    let mut ports = Vec::new();
    for (at, text) in numbers.iter().enumerate() {
        let Ok(number) = text.parse::<i64>() else {
            bail!("strconv.Atoi: parsing \"{text}\": invalid syntax");
        };
        let protocol = match flags.text("protocol") {
            "" => own.iter().find(|(port, _)| *port == number).map_or("TCP", |(_, protocol)| protocol),
            protocol => protocol,
        };
        let protocol = if protocol.is_empty() { "TCP" } else { protocol };
        let target = match flags.text("target-port") {
            "" => Value::from(number),
            text => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        };
        let mut port = value!({"port": number, "protocol": protocol, "targetPort": target});
        if numbers.len() > 1 {
            port.set("name", format!("port-{}", at + 1));
        }
        ports.push(port);
    }
    Ok(ports)
}
