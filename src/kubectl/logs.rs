//! `kubectl logs`

use crate::api::{Kind, Object, Status};
use crate::base::{Date, SimTime};

use super::builder::{Builder, Found};
use super::command::Command;
use super::error::{Error, Result, bail};
use super::pods;
use super::requests::{LogSource, LogsRequest};
use super::session::{DONE, Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "logs",
    usage: "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    aliases: &["log"],
    short: "Print the logs for a container in a pod",
    flags: &["all-containers:bool all-pods:bool container,c follow,f:bool ignore-errors:bool \
              insecure-skip-tls-verify-backend:bool limit-bytes:int=0 max-log-requests:int=5 \
              pod-running-timeout:duration=20s prefix:bool previous,p:bool selector,l since:duration=0s since-time \
              tail:int=-1 timestamps:bool"],
    run: Some(run),
    ..Command::NONE
};

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let selector = flags.text("selector").to_string();
    let args = session.args().to_vec();
    let inline = match &args[..] {
        [] if selector.is_empty() => return Err(session.usage(USAGE)),
        [] => None,
        [_] if !selector.is_empty() => {
            return Err(session.usage("only a selector (-l) or a POD name is allowed"));
        }
        [_] => None,
        [_, container] => Some(container.clone()),
        _ => return Err(session.usage(USAGE)),
    };
    if inline.is_some() && flags.given("container") {
        bail!("only one of -c or an inline [CONTAINER] arg is allowed");
    }
    let container = inline.unwrap_or_else(|| flags.text("container").to_string());
    let request = options(session)?;
    if flags.is("all-containers") && !container.is_empty() {
        bail!("--all-containers=true should not be specified with container name {container}");
    }
    let Found { visits, errors, .. } = match args.first() {
        Some(name) => {
            let builder = Builder::new(session).single_type().names_of(Kind::Pod, std::slice::from_ref(name));
            builder.find(session)?
        }
        None => Builder::new(session).labels(&selector).args(&["pods".into()], true).find(session)?,
    };
    if let Some(error) = errors.first() {
        if error.is_not_found() {
            let namespace = &session.namespace;
            bail!("error from server (NotFound): {} in namespace \"{namespace}\"", error.message());
        }
        return Err(error.clone());
    }
    let (infos, _) = Found { visits, ..Found::default() }.infos();
    let objects: Vec<Object> = infos.into_iter().filter_map(|info| info.object).collect();
    let mut pods = Vec::new();
    for object in &objects {
        match pods_of(session, object)? {
            Some(found) => pods.extend(found),
            None => return session.again(flags.nanos("pod-running-timeout")),
        }
    }
    if pods.is_empty() {
        session.note(format!("No resources found in {} namespace.", session.namespace));
        return DONE;
    }
    for pod in &pods {
        super::pods::authorize(session, pod, "get", "log")?;
    }
    ask(session, &pods, &container, request)
}

/// What the flags want of each log.
fn options(session: &Session<'_>) -> Result<LogsRequest> {
    let flags = session.flags;
    let now = session.io.now();
    let mut since = None;
    if !flags.text("since-time").is_empty() {
        let text = flags.text("since-time");
        let Some(date) = Date::parse_rfc3339(text) else {
            bail!(
                "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
            );
        };
        if flags.nanos("since") != 0 {
            bail!("at most one of `sinceTime` or `sinceSeconds` may be specified");
        }
        since = Some(session.api.clock.at(date));
    }
    let ago = flags.nanos("since");
    if ago < 0 {
        bail!("--since must be greater than 0");
    }
    if ago > 0 {
        // Whole seconds, counted up.
        let seconds = (ago + 999_999_999) / 1_000_000_000;
        since = Some(SimTime(now.0.saturating_sub(seconds as u64 * 1_000_000)));
    }
    if flags.number("limit-bytes") < 0 {
        bail!("--limit-bytes must be greater than 0");
    }
    let mut tail = flags.number("tail");
    if tail < -1 {
        bail!("--tail must be greater than or equal to -1");
    }
    if !flags.text("selector").is_empty() && !flags.given("tail") {
        tail = 10;
    }
    Ok(LogsRequest {
        sources: Vec::new(),
        follow: flags.is("follow"),
        previous: flags.is("previous"),
        timestamps: flags.is("timestamps"),
        tail: u64::try_from(tail).ok(),
        limit_bytes: u64::try_from(flags.number("limit-bytes")).ok().filter(|bytes| *bytes > 0),
        since,
        refused: None,
    })
}

/// The Pods whose logs are meant by an object; none while there are none yet.
fn pods_of(session: &mut Session<'_>, object: &Object) -> Result<Option<Vec<Object>>> {
    if object.kind == Kind::Pod {
        return Ok(Some(vec![object.clone()]));
    }
    let selector = pods::selector_of(object, "cannot get the logs from")?;
    let mut found = pods::best_to_read(session, object.namespace(), &selector);
    if session.flags.is("all-pods") {
        return Ok(Some(found));
    }
    if found.is_empty() {
        return Ok(None);
    }
    if found.len() > 1 {
        session.note(format!("Found {} pods, using pod/{}", found.len(), found[0].name()));
    }
    found.truncate(1);
    Ok(Some(found))
}

fn ask(
    session: &mut Session<'_>,
    pods: &[Object],
    container: &str,
    mut request: LogsRequest,
) -> Result<Flow> {
    let flags = session.flags;
    let mut wanted: Vec<(&Object, String)> = Vec::new();
    for pod in pods {
        if flags.is("all-containers") {
            let lists = ["initContainers", "containers", "ephemeralContainers"];
            let all = lists.iter().flat_map(|list| pod.spec().get(list).items());
            wanted.extend(all.map(|container| (pod, container.get("name").str().to_string())));
            continue;
        }
        let name = match container {
            "" => pods::default_container(session, pod, false),
            name => name.to_string(),
        };
        if !pods::containers(pod).any(|(other, _)| other == name) {
            bail!(
                "container {name} is not valid for pod {} out of: {}",
                pod.name(),
                pods::container_names(pod)
            );
        }
        wanted.push((pod, name));
    }
    let most = flags.number("max-log-requests");
    if request.follow && wanted.len() > 1 && wanted.len() as i64 > most {
        bail!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            wanted.len()
        );
    }
    for (pod, container) in wanted {
        if let Some(why) = refusal(pod, &container, request.previous) {
            let error = Error::from(Status::bad_request(why));
            if flags.is("ignore-errors") {
                session.line(format!("error: {}", error.message()));
                continue;
            }
            request.refused = Some(error.report());
            break;
        }
        if pod.spec().get("nodeName").str().is_empty() {
            continue;
        }
        let prefix =
            if flags.is("prefix") { format!("[pod/{}/{container}] ", pod.name()) } else { String::new() };
        request.sources.push(LogSource {
            namespace: pod.namespace().into(),
            pod: pod.name().into(),
            container,
            prefix,
        });
    }
    if request.sources.is_empty() {
        return match request.refused {
            Some((text, code)) => {
                session.io.err(&text);
                Ok(Flow::Done(code))
            }
            None => DONE,
        };
    }
    Ok(Flow::HandOver(Step::Logs(request)))
}

/// Why a kubelet has no log of a container to give (`validateContainerLogStatus`).
fn refusal(pod: &Object, container: &str, previous: bool) -> Option<String> {
    if pod.spec().get("nodeName").str().is_empty() {
        return None;
    }
    let name = pod.name();
    let Some(status) = pods::status(pod, container) else {
        return Some(format!("container \"{container}\" in pod \"{name}\" is not available"));
    };
    let (state, last) = (status.get("state"), status.at(&["lastState", "terminated"]));
    if previous {
        let missing = last.is_null() || last.get("containerID").str().is_empty();
        return missing
            .then(|| format!("previous terminated container \"{container}\" in pod \"{name}\" not found"));
    }
    if !state.get("running").is_null() || !state.get("terminated").is_null() || !last.is_null() {
        return None;
    }
    let why = match state.at(&["waiting", "reason"]).str() {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        "" => {
            return Some(format!(
                "container \"{container}\" in pod \"{name}\" is waiting to start - no logs yet"
            ));
        }
        reason => reason,
    };
    Some(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}"))
}
