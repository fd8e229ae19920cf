//! `kubectl create service`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::{Command, Group};
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "service",
    aliases: &["svc"],
    short: "Create a service using a specified subcommand",
    commands: &[&CLUSTER_IP, &EXTERNAL_NAME, &LOAD_BALANCER, &NODE_PORT],
    group: Some(Group {
        long: "Create a service using a specified subcommand.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

const CLUSTER_IP: Command = Command {
    name: "clusterip",
    usage: "NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    short: "Create a ClusterIP service",
    flags: making!("clusterip tcp:list"),
    run: Some(|session| run(session, "ClusterIP")),
    ..Command::NONE
};
const EXTERNAL_NAME: Command = Command {
    name: "externalname",
    usage: "NAME --external-name external.name [--dry-run=server|client|none]",
    short: "Create an ExternalName service",
    flags: making!("external-name! tcp:list"),
    run: Some(|session| run(session, "ExternalName")),
    ..Command::NONE
};
const LOAD_BALANCER: Command = Command {
    name: "loadbalancer",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a LoadBalancer service",
    flags: making!("tcp:list"),
    run: Some(|session| run(session, "LoadBalancer")),
    ..Command::NONE
};
const NODE_PORT: Command = Command {
    name: "nodeport",
    usage: "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a NodePort service",
    flags: making!("node-port:int=0 tcp:list"),
    run: Some(|session| run(session, "NodePort")),
    ..Command::NONE
};

fn run(session: &mut Session<'_>, kind: &str) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (pairs, address) = (flags.list("tcp"), flags.text("clusterip"));
    if pairs.is_empty() && kind != "ExternalName" && address != "None" {
        bail!("at least one tcp port specifier must be provided");
    }
    let mut ports = Vec::new();
    for pair in pairs {
        let mut port = port(pair)?;
        if flags.number("node-port") > 0 {
            port.set("nodePort", flags.number("node-port"));
        }
        ports.push(port);
    }
    let labels = value!({"app": (name.as_str())});
    let mut spec = value!({"selector": (&labels), "type": kind});
    if !ports.is_empty() {
        spec.set("ports", ports);
    }
    if !address.is_empty() {
        spec.set("clusterIP", address);
    }
    if kind == "ExternalName" {
        spec.set("externalName", flags.text("external-name"));
    }
    let fields = value!({"metadata": {"labels": labels}, "spec": spec, "status": {"loadBalancer": {}}});
    make(session, Kind::Service, &name, fields, Some(&format!("failed to create {kind} service:")))
}

/// `PORT`, or `PORT:TARGET` with a number or a name as the target.
fn port(pair: &str) -> Result<Value> {
    let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
    let number = port_number(port)?;
    let target = port_number(target).map_or_else(|_| Value::from(target), Value::from);
    Ok(value!({"name": (pair.replace(':', "-")), "port": number, "protocol": "TCP", "targetPort": target}))
}

/// A port as Go reads it.
pub(super) fn port_number(text: &str) -> Result<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(number) if digits => Ok(number.into()),
        _ => {
            let why = if digits { "value out of range" } else { "invalid syntax" };
            Err(Error::plain(format!("strconv.ParseUint: parsing \"{text}\": {why}")))
        }
    }
}
