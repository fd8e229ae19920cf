//! `kubectl port-forward`

use crate::api::{Kind, Object};
use crate::base::Value;

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::pods;
use super::requests::{PortForwardRequest, PortPair};
use super::session::{Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "port-forward",
    usage: "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    short: "Forward one or more local ports to a pod",
    flags: &["address:list pod-running-timeout:duration=1m0s"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    if args.len() < 2 {
        return Err(session.usage("TYPE/NAME and list of ports are required for port-forward"));
    }
    let flags = session.flags;
    let object = Builder::new(session).stop_at_first().names_of(Kind::Pod, &args[..1]).one(session)?;
    let Some(pod) = pods::attachable(session, &object)? else {
        return session.again(flags.nanos("pod-running-timeout"));
    };
    let mut ports = Vec::new();
    for text in &args[1..] {
        ports.push(pair(&object, &pod, text)?);
    }
    let phase = pod.status().get("phase").str();
    if phase != "Running" {
        bail!("unable to forward port because pod is not running. Current status={phase}");
    }
    if let Err(refused) = pods::authorize(session, &pod, "create", "portforward") {
        bail!("error upgrading connection: {}", refused.message());
    }
    let mut addresses = flags.list("address").to_vec();
    if addresses.is_empty() {
        addresses.push("localhost".into());
    }
    Ok(Flow::HandOver(Step::PortForward(PortForwardRequest {
        namespace: pod.namespace().into(),
        pod: pod.name().into(),
        addresses,
        ports,
    })))
}

/// `LOCAL:REMOTE`, `PORT` or `:REMOTE`; a Service's port stands for the Pod's behind it, a name for its number.
fn pair(object: &Object, pod: &Object, text: &str) -> Result<PortPair> {
    let parts: Vec<&str> = text.split(':').collect();
    let (local, remote) = match parts[..] {
        [port] => (port, port),
        [local, remote] => (local, remote),
        _ => bail!("invalid port format '{text}'"),
    };
    let target = match object.kind {
        Kind::Service => service_target(object, pod, remote)?,
        _ => match remote.parse::<u16>() {
            Ok(port) => port,
            Err(_) if remote.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(unreadable("remote", remote));
            }
            Err(_) => named_port(pod, remote)?,
        },
    };
    let local = match local {
        "" => 0,
        _ if parts.len() == 1 && local.parse::<u16>().is_err() => target,
        _ => local.parse::<u16>().map_err(|_| unreadable("local", local))?,
    };
    if target == 0 {
        bail!("remote port must be > 0");
    }
    Ok(PortPair { local, remote: target })
}

fn unreadable(side: &str, text: &str) -> Error {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let why = if digits { "value out of range" } else { "invalid syntax" };
    Error::plain(format!("error parsing {side} port '{text}': strconv.ParseUint: parsing \"{text}\": {why}"))
}

fn named_port(pod: &Object, name: &str) -> Result<u16> {
    let containers = pod.spec().get("containers").items().iter();
    let mut ports = containers.flat_map(|container| container.get("ports").items());
    let found = ports.find(|port| port.get("name").str() == name);
    match found.and_then(|port| u16::try_from(port.get("containerPort").int()).ok()) {
        Some(port) => Ok(port),
        None => bail!("Pod '{}' does not have a named port '{name}'", pod.name()),
    }
}

fn service_target(service: &Object, pod: &Object, text: &str) -> Result<u16> {
    let ports = service.spec().get("ports").items();
    let number = text.parse::<i64>().ok();
    let found = ports.iter().find(|port| match number {
        Some(number) => port.get("port").int() == number,
        None => port.get("name").str() == text,
    });
    let Some(port) = found else {
        match number {
            Some(number) => bail!("Service {} does not have a service port {number}", service.name()),
            None => bail!("Service '{}' does not have a named port '{text}'", service.name()),
        }
    };
    if port.get("protocol").str() == "UDP" {
        bail!("UDP protocol is not supported for {text}");
    }
    if service.spec().get("clusterIP").str() == "None" {
        return u16::try_from(port.get("port").int()).map_err(|_| unreadable("remote", text));
    }
    match port.get("targetPort") {
        Value::Str(name) => named_port(pod, name),
        Value::Int(number) if *number != 0 => u16::try_from(*number).map_err(|_| unreadable("remote", text)),
        _ => u16::try_from(port.get("port").int()).map_err(|_| unreadable("remote", text)),
    }
}
