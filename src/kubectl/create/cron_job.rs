//! `kubectl create cronjob`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name, words_after_dash};

pub(super) const COMMAND: Command = Command {
    name: "cronjob",
    usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    aliases: &["cj"],
    short: "Create a cron job with the specified name",
    flags: making!("image! restart schedule!"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let command = words_after_dash(session);
    if flags.text("schedule").is_empty() {
        bail!("schedule must be specified");
    }
    let restart = match flags.text("restart") {
        "" => "OnFailure",
        restart => restart,
    };
    let mut container = value!({"image": (flags.text("image")), "name": (name.as_str()), "resources": {}});
    if !command.is_empty() {
        container.set("command", command);
    }
    let fields = value!({
        "spec": {
            "jobTemplate": {
                "metadata": {"name": (name.as_str())},
                "spec": {"template": {"spec": {"containers": [container], "restartPolicy": restart}}}
            },
            "schedule": (flags.text("schedule"))
        },
        "status": {}
    });
    make(session, Kind::CronJob, &name, fields, Some("failed to create cronjob:"))
}
