//! `kubectl api-versions`

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
    let mut versions: Vec<&str> = API_VERSIONS.iter().copied().chain(metrics).collect();
    // The core group's version comes last.
    versions.sort_by_key(|version| (!version.contains('/'), *version));
    for version in versions {
        session.line(version);
    }
    DONE
}
