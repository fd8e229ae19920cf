//! `kubectl attach`

use crate::api::Kind;

use super::builder::Builder;
use super::command::Command;
use super::error::{Result, bail};
use super::pods;
use super::requests::AttachRequest;
use super::session::{Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "attach",
    usage: "(POD | TYPE/NAME) -c CONTAINER",
    short: "Attach to a running container",
    flags: &["container,c pod-running-timeout:duration=1m0s quiet,q:bool stdin,i:bool tty,t:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    if args.is_empty() {
        bail!("at least 1 argument is required for attach");
    }
    if args.len() > 2 {
        bail!(
            "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
            args.len(),
            args.join(" ")
        );
    }
    let builder = Builder::new(session).stop_at_first();
    let builder = match &args[..] {
        [name] => builder.names_of(Kind::Pod, std::slice::from_ref(name)),
        _ => builder.args(&args, false),
    };
    let object = builder.one(session)?;
    let flags = session.flags;
    let Some(pod) = pods::attachable(session, &object)? else {
        return session.again(flags.nanos("pod-running-timeout"));
    };
    let phase = pod.status().get("phase").str();
    if matches!(phase, "Succeeded" | "Failed") {
        bail!("cannot attach a container in a completed pod; current phase is {phase}");
    }
    let container = match flags.text("container") {
        "" => pods::default_container(session, &pod, flags.is("quiet")),
        name => name.to_string(),
    };
    if !pods::containers(&pod).any(|(name, _)| name == container) {
        bail!("container {container} not found in pod {}", pod.name());
    }
    request(session, &pod, container)
}

/// Joins a container's main program.
///
/// # Errors
/// The words of the API server and the kubelet where that cannot be.
pub(super) fn request(
    session: &mut Session<'_>,
    pod: &crate::api::Object,
    container: String,
) -> Result<Flow> {
    let flags = session.flags;
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let mut all = lists.iter().flat_map(|list| pod.spec().get(list).items());
    let spec = all.find(|c| c.get("name").str() == container).cloned().unwrap_or_default();
    let mut tty = flags.is("tty");
    if tty && !spec.get("tty").bool() {
        session.note(format!("error: Unable to use a TTY - container {container} did not allocate one"));
        tty = false;
    }
    if tty && !session.io.stdin_is_terminal() {
        session.note("Unable to use a TTY - input is not a terminal or the right kind of file");
        tty = false;
    }
    pods::authorize(session, pod, "create", "attach")?;
    pods::check_running(session, pod, &container)?;
    if tty && !flags.is("quiet") {
        session.note("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.");
        session.note("If you don't see a command prompt, try pressing enter.");
    }
    let told =
        tty && flags.is("stdin") && !flags.is("quiet") && pod.spec().get("restartPolicy").str() == "Always";
    let resume = told.then(|| {
        let namespace = match pod.namespace() {
            "default" => String::new(),
            other => format!(" -n {other}"),
        };
        let again = format!("kubectl attach {} -c {container}{namespace} -i -t", pod.name());
        if pods::containers(pod).any(|(name, mark)| name == container && mark == " (ephem)") {
            format!("Session ended, the ephemeral container will not be restarted but may be reattached using '{again}' if it is still running\n")
        } else {
            format!("Session ended, resume using '{again}' command when the pod is running\n")
        }
    });
    Ok(Flow::HandOver(Step::Attach(AttachRequest {
        namespace: pod.namespace().into(),
        pod: pod.name().into(),
        container,
        stdin: flags.is("stdin"),
        once: spec.get("stdinOnce").bool(),
        tty,
        resume,
    })))
}
