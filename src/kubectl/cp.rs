//! `kubectl cp`

use crate::api::Kind;

use super::command::Command;
use super::error::{Result, bail};
use super::pods;
use super::requests::{CopyRequest, CopySide};
use super::session::{Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "cp",
    usage: "<file-spec-src> <file-spec-dest>",
    short: "Copy files and directories to and from containers",
    flags: &["container,c no-preserve:bool retries:int=0"],
    run: Some(run),
    ..Command::NONE
};

/// A Pod with its namespace, and a path; no Pod for this host.
struct Side {
    pod: Option<(String, String)>,
    path: String,
}

/// `[[NAMESPACE/]POD:]PATH`.
fn side(text: &str) -> Result<Side> {
    let Some((pod, path)) = text.split_once(':') else {
        return Ok(Side { pod: None, path: text.into() });
    };
    if text.matches(':').count() > 1 && path.contains(':') && pod.len() == 1 {
        return Ok(Side { pod: None, path: text.into() });
    }
    match pod.split('/').collect::<Vec<_>>()[..] {
        [name] if !name.is_empty() => Ok(Side { pod: Some((String::new(), name.into())), path: path.into() }),
        [namespace, name] => Ok(Side { pod: Some((namespace.into(), name.into())), path: path.into() }),
        _ => bail!("filespec must match the canonical format: [[namespace/]pod:]file/path"),
    }
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let [from, to] = &args[..] else { bail!("source and destination are required") };
    let (from, to) = (side(from)?, side(to)?);
    if from.pod.is_some() && to.pod.is_some() {
        bail!("one of src or dest must be a local file specification");
    }
    if from.path.is_empty() || to.path.is_empty() {
        bail!("filepath can not be empty");
    }
    if from.pod.is_none() && to.pod.is_none() {
        bail!("one of src or dest must be a remote file specification");
    }
    if from.pod.is_none() && !session.io.exists(&from.path) {
        bail!("{} doesn't exist in local filesystem", from.path);
    }
    let (from, to) = (resolve(session, from)?, resolve(session, to)?);
    Ok(Flow::HandOver(Step::Copy(CopyRequest { from, to })))
}

fn resolve(session: &mut Session<'_>, side: Side) -> Result<CopySide> {
    let Some((namespace, name)) = side.pod else { return Ok(CopySide { container: None, path: side.path }) };
    let namespace = if namespace.is_empty() { session.namespace.clone() } else { namespace };
    let pod = session.read(Kind::Pod, &namespace, &name)?;
    let phase = pod.status().get("phase").str();
    if matches!(phase, "Succeeded" | "Failed") {
        bail!("cannot exec into a container in a completed pod; current phase is {phase}");
    }
    let container = match session.flags.text("container") {
        "" => pods::default_container(session, &pod, false),
        name => name.to_string(),
    };
    pods::authorize(session, &pod, "create", "exec")?;
    pods::check_running(session, &pod, &container)?;
    Ok(CopySide { container: Some((namespace, name, container)), path: side.path })
}
