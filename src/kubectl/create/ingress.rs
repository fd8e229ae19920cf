//! `kubectl create ingress`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "ingress",
    usage: "NAME --rule=host/path=service:port[,tls[=secret]]",
    aliases: &["ing"],
    short: "Create an ingress with the specified name",
    flags: making!("annotation:array class default-backend rule:array"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (rules, default) = (flags.list("rule"), flags.text("default-backend"));
    if rules.is_empty() && default.is_empty() {
        bail!(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)"
        );
    }
    let mut spec = Value::map();
    for text in rules {
        if !is_rule(text) {
            bail!("rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]");
        }
    }
    for annotation in flags.list("annotation") {
        if annotation.split_once('=').is_none_or(|(key, _)| key.is_empty()) {
            bail!("annotation {annotation} is invalid and should be in format key=[value]");
        }
    }
    if !default.is_empty() {
        if default.split(':').filter(|part| !part.is_empty()).count() != 2 {
            bail!("default-backend should be in format servicename:serviceport");
        }
        spec.set("defaultBackend", backend(default));
    }
    let mut hosts: Vec<Value> = Vec::new();
    let mut secrets: Vec<Value> = Vec::new();
    for text in rules {
        add(text, &mut hosts, &mut secrets);
    }
    if !hosts.is_empty() {
        spec.set("rules", hosts);
    }
    if !secrets.is_empty() {
        spec.set("tls", secrets);
    }
    if flags.given("class") {
        spec.set("ingressClassName", flags.text("class"));
    }
    let mut metadata = Value::map();
    for annotation in flags.list("annotation") {
        let (key, value) = annotation.split_once('=').unwrap_or_default();
        metadata.set_at(&["annotations", key], value);
    }
    let fields = value!({"metadata": metadata, "spec": spec, "status": {"loadBalancer": {}}});
    make(session, Kind::Ingress, &name, fields, Some("failed to create ingress:"))
}

/// `HOST/PATH=SERVICE:PORT[,tls[=SECRET]]`.
fn is_rule(text: &str) -> bool {
    let main = text.split(',').next().unwrap_or_default();
    let Some((address, service)) = main.rsplit_once('=') else { return false };
    let Some((service, port)) = service.split_once(':') else { return false };
    address.contains('/') && !service.is_empty() && !port.is_empty() && !port.contains(':')
}

fn backend(text: &str) -> Value {
    let (service, port) = text.split_once(':').unwrap_or((text, ""));
    let port = match port.parse::<i64>() {
        Ok(number) => value!({"number": number}),
        Err(_) => value!({"name": port}),
    };
    value!({"service": {"name": service, "port": port}})
}

fn add(text: &str, hosts: &mut Vec<Value>, secrets: &mut Vec<Value>) {
    let mut parts = text.split(',');
    let (address, service) = parts.next().and_then(|main| main.rsplit_once('=')).unwrap_or_default();
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut path = format!("/{path}");
    let mut kind = "Exact";
    if path.ends_with('*') {
        kind = "Prefix";
        path.pop();
    }
    let path = value!({"backend": (backend(service)), "path": path, "pathType": kind});
    match hosts.iter_mut().find(|rule| rule.get("host").str() == host) {
        Some(rule) => rule.entry_at(&["http", "paths"]).push(path),
        None => {
            let mut rule = value!({"http": {"paths": [path]}});
            if !host.is_empty() {
                rule.set("host", host);
            }
            hosts.push(rule);
        }
    }
    for option in parts {
        let (key, secret) = option.split_once('=').unwrap_or((option, ""));
        if key != "tls" {
            continue;
        }
        let mut entry = Value::map();
        if !host.is_empty() {
            entry.set("hosts", vec![host]);
        }
        if !secret.is_empty() {
            entry.set("secretName", secret);
        }
        if !secrets.contains(&entry) {
            secrets.push(entry);
        }
    }
}
