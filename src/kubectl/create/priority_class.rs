//! `kubectl create priorityclass`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "priorityclass",
    usage: "NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    aliases: &["pc"],
    short: "Create a priority class with the specified name",
    flags: making!("description global-default:bool preemption-policy=PreemptLowerPriority value:int=0"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let mut fields =
        value!({"preemptionPolicy": (flags.text("preemption-policy")), "value": (flags.number("value"))});
    if !flags.text("description").is_empty() {
        fields.set("description", flags.text("description"));
    }
    if flags.is("global-default") {
        fields.set("globalDefault", true);
    }
    make(session, Kind::PriorityClass, &name, fields, Some("failed to create priorityclass:"))
}
