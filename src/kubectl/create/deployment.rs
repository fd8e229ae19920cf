//! `kubectl create deployment`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name, words_after_dash};

pub(super) const COMMAND: Command = Command {
    name: "deployment",
    usage: "NAME --image=image -- [COMMAND] [args...]",
    aliases: &["deploy"],
    short: "Create a deployment with the specified name",
    flags: making!("image:list! port:int=-1 replicas,r:int=1"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (images, command) = (flags.list("image"), words_after_dash(session));
    if images.len() > 1 && !command.is_empty() {
        bail!("cannot specify multiple --image options and command");
    }
    let mut containers: Vec<Value> = Vec::new();
    for image in images {
        let container = container_name(session, image);
        containers.push(value!({"image": image, "name": container, "resources": {}}));
    }
    if let Some(first) = containers.first_mut() {
        if !command.is_empty() {
            first.set("command", command);
        }
        if flags.number("port") >= 0 {
            first.set("ports", value!([{"containerPort": (flags.number("port"))}]));
        }
    }
    let labels = value!({"app": (name.as_str())});
    let fields = value!({
        "metadata": {"labels": (&labels)},
        "spec": {
            "replicas": (flags.number("replicas")),
            "selector": {"matchLabels": (&labels)},
            "strategy": {},
            "template": {"metadata": {"labels": (&labels)}, "spec": {"containers": containers}}
        },
        "status": {}
    });
    make(session, Kind::Deployment, &name, fields, Some("failed to create deployment:"))
}

/// The last part of an image's name, without tag and digest; made a name of a container.
fn container_name(session: &mut Session<'_>, image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or_default();
    let plain = last.split([':', '@']).next().unwrap_or_default();
    if plain.contains(['_', '.']) {
        return format!("{}-{}", plain.replace(['_', '.'], "-"), session.api.random.name_suffix(5));
    }
    plain.into()
}
