//! `kubectl api-versions`

use super::command::Command;
use super::discovery::API_VERSIONS;
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
    for version in API_VERSIONS {
        session.line(version);
    }
    DONE
}
