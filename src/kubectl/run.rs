//! `kubectl run`

use crate::api::{Kind, Object, ObjectKey};
use crate::base::{SimTime, Value};
use crate::value;

use super::command::Command;
use super::error::{Error, Result, bail};
use super::expose::overrides;
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::pods;
use super::printer::Teller;
use super::requests::{LogSource, LogsRequest};
use super::running::Running;
use super::session::{DONE, DryRun, Flow, Session, Step, Wake};

pub(super) const COMMAND: Command = Command {
    name: "run",
    usage: "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    short: "Run a particular image on the cluster",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        "annotations:array attach:bool cascade=background?background command:bool env:array expose:bool \
         field-manager=kubectl-run force:bool grace-period:int=-1 image! image-pull-policy labels,l \
         leave-stdin-open:bool override-type=merge overrides pod-running-timeout:duration=1m0s port privileged:bool \
         quiet,q:bool restart=Always rm:bool save-config:bool stdin,i:bool timeout:duration=0s tty,t:bool wait:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let dash = flags.before_dash;
    if session.args().is_empty() || dash == Some(0) {
        return Err(session.usage("NAME is required for run"));
    }
    let name = session.args()[0].clone();
    let words = session.args()[1..].to_vec();
    if flags.nanos("timeout") < 0 {
        return Err(session.usage("--timeout must be greater than or equal to 0"));
    }
    let image = flags.text("image");
    if image.is_empty() {
        bail!("--image is required");
    }
    if !is_image(image) {
        bail!("Invalid image name \"{image}\": invalid reference format");
    }
    let (stdin, tty) = (flags.is("stdin"), flags.is("tty"));
    let attach = if flags.given("attach") { flags.is("attach") } else { stdin || tty };
    if tty && !stdin {
        return Err(session.usage("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if flags.is("expose") && flags.text("port").is_empty() {
        return Err(session.usage("--port must be set when exposing a service"));
    }
    if !matches!(flags.text("restart"), "Always" | "OnFailure" | "Never") {
        return Err(session.usage(format!("invalid restart policy: {}", flags.text("restart"))));
    }
    let dry_run = session.dry_run()?;
    if dry_run != DryRun::None && attach {
        return Err(session
            .usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"));
    }
    if flags.is("rm") && !attach {
        return Err(session.usage("--rm should only be used for attached containers"));
    }
    if !matches!(flags.text("image-pull-policy"), "" | "Always" | "IfNotPresent" | "Never") {
        return Err(session.usage(format!("invalid image pull policy: {}", flags.text("image-pull-policy"))));
    }
    let mut teller = Teller::new(session)?;
    let mut pod = pod(session, &name, &words)?;
    overrides(session, &mut pod)?;
    let pod = send(session, pod, dry_run)?;
    if flags.is("expose") {
        let service = service(session, &pod)?;
        let service = send(session, service, dry_run)?;
        teller.tell(session, &service.body, "created")?;
    }
    if attach {
        let until = session.after(flags.nanos("pod-running-timeout"));
        return Attaching { pod: pod.key(), until, told: false }.step(session);
    }
    teller.tell(session, &pod.body, "created")?;
    DONE
}

/// True for what may be the name of an image.
fn is_image(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (name, None),
    };
    let (host, rest) = match path.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, path),
    };
    let part = |part: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(ends)
            && part.ends_with(ends)
            && part.chars().all(|c| ends(c) || matches!(c, '.' | '_' | '-'))
    };
    let tag_ok = |tag: &str| {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (1..=128).contains(&tag.len())
            && tag.starts_with(letters)
            && tag.chars().all(|c| letters(c) || matches!(c, '.' | '-'))
    };
    host.is_none_or(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')))
        && rest.split('/').all(part)
        && tag.is_none_or(tag_ok)
        && digest.is_none_or(|digest| {
            digest.split_once(':').is_some_and(|(algorithm, hex)| {
                !algorithm.is_empty() && hex.len() >= 32 && hex.chars().all(|c| c.is_ascii_hexdigit())
            })
        })
}

fn pod(session: &Session<'_>, name: &str, words: &[String]) -> Result<Object> {
    let flags = session.flags;
    let mut container = value!({"image": (flags.text("image")), "name": name, "resources": {}});
    if !words.is_empty() {
        container.set(if flags.is("command") { "command" } else { "args" }, words.to_vec());
    }
    let mut variables: Vec<Value> = Vec::new();
    for pair in flags.list("env") {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => variables.push(value!({"name": key, "value": value})),
            _ => bail!("invalid env: {pair}"),
        }
    }
    if !variables.is_empty() {
        container.set("env", variables);
    }
    if !flags.text("image-pull-policy").is_empty() {
        container.set("imagePullPolicy", flags.text("image-pull-policy"));
    }
    if !flags.text("port").is_empty() {
        let text = flags.text("port");
        let Ok(port) = text.parse::<i64>() else { bail!("strconv.Atoi: parsing \"{text}\": invalid syntax") };
        container.set("ports", value!([{"containerPort": port}]));
    }
    if flags.is("stdin") {
        container.set("stdin", true);
        if !flags.is("leave-stdin-open") {
            container.set("stdinOnce", true);
        }
    }
    if flags.is("tty") {
        container.set("tty", true);
    }
    if flags.is("privileged") {
        container.set("securityContext", value!({"privileged": true}));
    }
    let mut metadata = value!({"labels": {"run": name}, "name": name});
    if !flags.text("labels").is_empty() {
        metadata.set("labels", pairs(flags.text("labels").split(','), "label")?);
    }
    if !flags.list("annotations").is_empty() {
        metadata
            .set("annotations", pairs(flags.list("annotations").iter().map(String::as_str), "annotation")?);
    }
    let body = value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "containers": [container],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": (flags.text("restart"))
        },
        "status": {}
    });
    Ok(Object::of(Kind::Pod, body))
}

fn pairs<'a>(texts: impl Iterator<Item = &'a str>, what: &str) -> Result<Value> {
    let mut all = Value::map();
    for text in texts {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => all.set(key, value),
            _ => bail!("unexpected {what} spec: {text}"),
        }
    }
    Ok(all)
}

fn service(session: &Session<'_>, pod: &Object) -> Result<Object> {
    let text = session.flags.text("port");
    let Ok(port) = text.parse::<i64>() else { bail!("strconv.Atoi: parsing \"{text}\": invalid syntax") };
    let body = value!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": (pod.name())},
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": (pod.labels())
        },
        "status": {"loadBalancer": {}}
    });
    Ok(Object::of(Kind::Service, body))
}

fn send(session: &mut Session<'_>, mut object: Object, dry_run: DryRun) -> Result<Object> {
    if dry_run == DryRun::Client {
        if session.explicit_namespace {
            let namespace = session.namespace.clone();
            object.set_at(&["metadata", "namespace"], namespace);
        }
        return Ok(object);
    }
    object.as_map_mut().remove("status");
    let namespace = session.namespace.clone();
    session.create(object.body, &namespace, dry_run.is_server())
}

/// A new Pod that is to be joined once it runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attaching {
    pod: ObjectKey,
    until: SimTime,
    told: bool,
}

impl Attaching {
    /// Looks whether it runs.
    ///
    /// # Errors
    /// kubectl's words when it takes too long.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        let pod = session.read(Kind::Pod, &self.pod.namespace, &self.pod.name)?;
        let container = pod.spec().get("containers").items().first().map(|c| c.get("name").str().to_string());
        let container = container.unwrap_or_default();
        let phase = pod.status().get("phase").str().to_string();
        if matches!(phase.as_str(), "Succeeded" | "Failed") {
            let source = LogSource {
                namespace: pod.namespace().into(),
                pod: pod.name().into(),
                container,
                prefix: String::new(),
            };
            let logs = LogsRequest { sources: vec![source], follow: true, ..LogsRequest::default() };
            return Ok(Flow::Ask(Running::AfterAttach { pod: self.pod }, Step::Logs(logs)));
        }
        if phase == "Running" && pod.has_condition("Ready") {
            pods::check_running(session, &pod, &container)?;
            let Flow::HandOver(step) = super::attach::request(session, &pod, container)? else {
                return Err(Error::Exit(1));
            };
            return Ok(Flow::Ask(Running::AfterAttach { pod: self.pod }, step));
        }
        if session.io.now() >= self.until {
            bail!("timed out waiting for the condition");
        }
        self.told = true;
        let wake = Wake::on_change_until(Some(self.until));
        Ok(Flow::Running(Running::Attach(self), wake))
    }
}

/// What follows a joined program: with `--rm` its Pod is deleted, and where it is not started again, its exit status is
/// kubectl's.
///
/// # Errors
/// The server's refusal.
pub fn after(session: &mut Session<'_>, key: ObjectKey) -> Result<Flow> {
    let mut failure = None;
    if session.flags.text("restart") != "Always"
        && let Ok(pod) = session.read(Kind::Pod, &key.namespace, &key.name)
    {
        let status = pod.status();
        match status.get("phase").str() {
            "Succeeded" => {}
            "Failed" => {
                let ended = status.get("containerStatuses").items().first();
                let ended =
                    ended.map(|status| status.at(&["state", "terminated"]).clone()).unwrap_or_default();
                let reason = ended.get("reason").str();
                let text = format!("pod {}/{} terminated ({reason})", key.namespace, key.name);
                failure = Some((text, u8::try_from(ended.get("exitCode").int()).unwrap_or(1)));
            }
            _ => return Ok(Flow::Running(Running::AfterAttach { pod: key }, Wake::ON_CHANGE)),
        }
    }
    if session.flags.is("rm")
        && session.delete(&key, crate::apiserver::Deletion::default()).is_ok()
        && !session.flags.is("quiet")
    {
        session.line(format!("pod \"{}\" deleted from {} namespace", key.name, key.namespace));
    }
    if let Some((text, code)) = failure {
        session.note(text);
        return Ok(Flow::Done(code));
    }
    DONE
}
