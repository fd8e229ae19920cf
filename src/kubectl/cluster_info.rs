//! `kubectl cluster-info`

use crate::api::Kind;

use super::command::Command;
use super::connection;
use super::error::{Result, bail};
use super::flags::PRINT;
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "cluster-info",
    short: "Display cluster information",
    commands: &[&DUMP],
    run: Some(run),
    ..Command::NONE
};

const DUMP: Command = Command {
    name: "dump",
    short: "Dump relevant information for debugging and diagnosis",
    flags: &[
        PRINT,
        "all-namespaces,A:bool namespaces:list output-directory pod-running-timeout:duration=20s",
    ],
    run: Some(dump),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if !session.args().is_empty() {
        return Err(session.usage(format!("unknown command \"{}\"", session.args().join(" "))));
    }
    let cluster = connection::config(session.io, session.flags)?.cluster(session.flags)?;
    let server = connection::server(&cluster, session.flags);
    let bold = |text: &str, colour: &str| format!("\u{1b}[0;{colour}m{text}\u{1b}[0m");
    let terminal = session.io.is_terminal();
    let told = |name: &str, address: &str| match terminal {
        true => format!("{} is running at {}", bold(name, "32"), bold(address, "33")),
        false => format!("{name} is running at {address}"),
    };
    session.line(told("Kubernetes control plane", &server));
    for service in session.list(Kind::Service, "kube-system", "kubernetes.io/cluster-service=true", "")? {
        let name = match service.labels().get("kubernetes.io/name").str() {
            "" => service.name().to_string(),
            name => name.to_string(),
        };
        let port = match service.spec().get("ports").items().first().map(|port| port.get("name").str()) {
            None | Some("") => String::new(),
            Some(port) => format!(":{port}"),
        };
        let path = format!("{server}/api/v1/namespaces/kube-system/services/{}{port}/proxy", service.name());
        session.line(told(&name, &path));
    }
    session.line("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    DONE
}

fn dump(_session: &mut Session<'_>) -> Result<Flow> {
    bail!("Saya does not simulate kubectl cluster-info dump")
}
