//! `kubectl exec`

use super::builder::Builder;
use super::command::Command;
use super::error::{Result, bail};
use super::flags::FILES;
use super::pods;
use super::requests::ExecRequest;
use super::session::{Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "exec",
    usage: "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    short: "Execute a command in a container",
    flags: &[FILES, "container,c pod-running-timeout:duration=1m0s quiet,q:bool stdin,i:bool tty,t:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let from_file = !flags.list("filename").is_empty();
    let mut target = (!args.is_empty() && flags.before_dash != Some(0)).then(|| args[0].clone());
    let argv = match flags.before_dash {
        Some(dash) => args[dash..].to_vec(),
        None if args.len() > 1 || (!args.is_empty() && from_file) => {
            return Err(session.usage(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ));
        }
        None => Vec::new(),
    };
    if from_file {
        target = None;
    } else if target.is_none() {
        bail!("pod, type/name or --filename must be specified");
    }
    if argv.is_empty() {
        bail!("you must specify at least one command for the container");
    }
    let builder = Builder::new(session).files(session).stop_at_first();
    let object = match target {
        Some(name) => builder.names_of(crate::api::Kind::Pod, &[name]),
        None => builder,
    };
    let object = object.one(session)?;
    let Some(pod) = pods::attachable(session, &object)? else {
        return session.again(session.flags.nanos("pod-running-timeout"));
    };
    let phase = pod.status().get("phase").str();
    if matches!(phase, "Succeeded" | "Failed") {
        bail!("cannot exec into a container in a completed pod; current phase is {phase}");
    }
    let container = match flags.text("container") {
        "" => pods::default_container(session, &pod, flags.is("quiet")),
        name => name.to_string(),
    };
    let mut tty = flags.is("tty");
    if tty && !(flags.is("stdin") && session.io.stdin_is_terminal()) {
        if !flags.is("quiet") {
            session.note("Unable to use a TTY - input is not a terminal or the right kind of file");
        }
        tty = false;
    }
    pods::authorize(session, &pod, "create", "exec")?;
    pods::check_running(session, &pod, &container)?;
    Ok(Flow::HandOver(Step::Exec(ExecRequest {
        namespace: pod.namespace().into(),
        pod: pod.name().into(),
        container,
        argv,
        stdin: flags.is("stdin"),
        tty,
    })))
}
