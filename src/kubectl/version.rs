//! `kubectl version`

use crate::value;

use super::command::Command;
use super::error::{Result, bail};
use super::session::{DONE, Flow, Io, Session};

pub(super) const COMMAND: Command = Command {
    name: "version",
    short: "Print the client and server version information",
    flags: &["client:bool output,o"],
    run: Some(run),
    ..Command::NONE
};

/// The version of kubectl and of the cluster.
pub use crate::apiserver::raw::VERSION;
const KUSTOMIZE: &str = "v5.8.1";

/// What it says of itself, whether there is a server or not.
pub(super) fn print_client(io: &mut dyn Io) {
    io.out(&format!("Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}\n"));
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if !session.args().is_empty() {
        return Err(session.usage(format!("extra arguments: [{}]", session.args().join(" "))));
    }
    let client_only = session.flags.is("client");
    let form = session.flags.text("output").to_string();
    if form.is_empty() {
        print_client(session.io);
        if !client_only {
            session.line(format!("Server Version: {VERSION}"));
        }
        return DONE;
    }
    let info = || {
        value!({
            "buildDate": "2026-06-11T09:05:41Z",
            "compiler": "gc",
            "emulationMajor": "1",
            "emulationMinor": "36",
            "gitCommit": "6ca74d6f9d6d5c4cbf8a1bdc1d0d4a57fe3ac2d0",
            "gitTreeState": "clean",
            "gitVersion": VERSION,
            "goVersion": "go1.26.3",
            "major": "1",
            "minCompatibilityMajor": "1",
            "minCompatibilityMinor": "35",
            "minor": "36",
            "platform": "linux/amd64"
        })
    };
    let mut client = info();
    for field in ["emulationMajor", "emulationMinor", "minCompatibilityMajor", "minCompatibilityMinor"] {
        client.remove(field);
    }
    let mut all = value!({"clientVersion": client, "kustomizeVersion": KUSTOMIZE});
    if !client_only {
        all.set("serverVersion", info());
    }
    match form.as_str() {
        "json" => session.line(crate::base::json::to_string_pretty(&all, 2)),
        "yaml" => session.line(super::printer::yaml(&all)),
        _ => bail!("--output must be 'yaml' or 'json'"),
    }
    DONE
}
