//! `kubectl apply view-last-applied`

use crate::base::json;

use super::apply::LAST_APPLIED;
use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::FILES;
use super::printer;
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "view-last-applied",
    usage: "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    flags: &[FILES, "all:bool output,o=yaml selector,l"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let output = flags.text("output");
    if !matches!(output, "yaml" | "json") {
        bail!("Unexpected -o output mode: {output}, the flag 'output' must be one of yaml|json");
    }
    let args = session.args().to_vec();
    let found = Builder::new(session)
        .files(session)
        .labels(flags.text("selector"))
        .args(&args, true)
        .find(session)?;
    let (infos, errors) = found.infos();
    Error::all(errors)?;
    for info in infos {
        let object = session.read(info.kind, &info.namespace, &info.name)?;
        let text = object.meta("annotations").get(LAST_APPLIED).str();
        if text.is_empty() {
            bail!("no last-applied-configuration annotation found on resource: {}\n", info.name);
        }
        let Ok(applied) = json::from_str(text) else {
            bail!("the last-applied-configuration annotation of {} is no JSON", info.name);
        };
        session.io.out(&match output {
            "json" => json::to_string_pretty(&applied, 2) + "\n",
            _ => printer::yaml(&applied),
        });
    }
    DONE
}
