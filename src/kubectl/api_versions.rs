//! `kubectl api-versions`

use crate::api::Object;

use super::command::Command;
use super::discovery::{API_VERSIONS, METRICS_VERSION};
use super::error::Result;
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "api-versions",
    usage: "",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if !session.args().is_empty() {
        return Err(session.usage(format!("unexpected arguments: [{}]", session.args().join(" "))));
    }
    let metrics = session.api.metrics_available().map(|_| METRICS_VERSION);
    let customs: Vec<String> = session.api.established_definitions().flat_map(served).collect();
    let customs = customs.iter().map(String::as_str);
    let mut versions: Vec<&str> = API_VERSIONS.iter().copied().chain(metrics).chain(customs).collect();
    // The core group's version comes last.
    versions.sort_by_key(|version| (!version.contains('/'), *version));
    versions.dedup();
    let text: String = versions.iter().map(|version| [version, "\n"].concat()).collect();
    session.io.out(&text);
    DONE
}

/// The versions in which a CustomResourceDefinition's objects are served.
fn served(definition: &Object) -> impl Iterator<Item = String> {
    let spec = definition.spec();
    let versions = spec.get("versions").items().iter().filter(|version| version.get("served").bool());
    versions.map(|version| [spec.get("group").str(), "/", version.get("name").str()].concat())
}
