//! `kubectl debug`: a container added to a running Pod, a changed copy of a Pod, or a Pod in a node's namespaces.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::{SimTime, Value};
use crate::value;

use super::builder::Builder;
use super::command::Command;
use super::debug_profile::Profile;
use super::error::{Result, bail};
use super::pods;
use super::running::Running;
use super::session::{Flow, Session, Wake};

pub(super) const COMMAND: Command = Command {
    name: "debug",
    usage: "(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    short: "Create debugging sessions for troubleshooting workloads and nodes",
    flags: &[
        "arguments-only:bool attach:bool container,c copy-to custom env:array filename,f:list image image-pull-policy \
         keep-annotations:bool keep-init-containers:bool=true keep-labels:bool keep-liveness:bool keep-readiness:bool \
         keep-startup:bool profile=general quiet,q:bool replace:bool same-node:bool set-image:map \
         share-processes:bool=true stdin,i:bool target tty,t:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let names = args[..flags.before_dash.unwrap_or(args.len())].to_vec();
    let words = flags.before_dash.map_or(Vec::new(), |dash| args[dash..].to_vec());
    if names.is_empty() {
        return Err(session.usage("NAME is required for debug"));
    }
    let (copy_to, image) = (flags.text("copy-to"), flags.text("image"));
    let set_image = flags.list("set-image");
    if copy_to.is_empty() {
        if image.is_empty() {
            return Err(session.usage("you must specify --image when not using --copy-to."));
        }
        if !set_image.is_empty() {
            return Err(session.usage("--set-image can only be used with --copy-to"));
        }
    } else if !flags.text("target").is_empty() {
        return Err(session.usage("--target is incompatible with --copy-to. Use --share-processes instead."));
    }
    if flags.is("tty") && !flags.is("stdin") {
        return Err(session.usage("-i/--stdin is required for containers with -t/--tty=true"));
    }
    let profile = Profile::of(flags.text("profile"))?;
    if profile == Profile::Legacy {
        session.note("--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example \"--profile=general\".");
    }
    let object = Builder::new(session).stop_at_first().names_of(Kind::Pod, &names[..1]).one(session)?;
    match object.kind {
        Kind::Node => node(session, &object, &words, profile),
        Kind::Pod if copy_to.is_empty() => ephemeral(session, &object, &words, profile),
        Kind::Pod => copy(session, &object, &words, profile),
        kind => {
            let names = kind.names();
            bail!("\"{}/{}, Kind={}\" not supported by debug", names.group, names.version, names.kind)
        }
    }
}

/// The name of the new container, or what says that it was made up.
fn container_name(session: &mut Session<'_>, pod: &Object) -> String {
    let wanted = session.flags.text("container");
    if !wanted.is_empty() {
        return wanted.into();
    }
    let name = loop {
        let name = format!("debugger-{}", session.api.random.name_suffix(5));
        if !pods::containers(pod).any(|(known, _)| known == name) {
            break name;
        }
    };
    if !session.flags.is("quiet") {
        session.note(format!("Defaulting debug container name to {name}."));
    }
    name
}

fn container(session: &Session<'_>, name: &str, words: &[String]) -> Value {
    let flags = session.flags;
    let mut container = value!({"image": (flags.text("image")), "name": name, "resources": {}});
    let policy = flags.text("image-pull-policy");
    container
        .set("imagePullPolicy", if policy.is_empty() { pull_policy(flags.text("image")) } else { policy });
    container.set("terminationMessagePath", "/dev/termination-log");
    container.set("terminationMessagePolicy", "File");
    let environment = flags.list("env").iter().filter_map(|pair| pair.split_once('='));
    let environment: Vec<Value> =
        environment.map(|(key, value)| value!({"name": key, "value": value})).collect();
    if !environment.is_empty() {
        container.set("env", environment);
    }
    command(session, &mut container, words);
    container
}

fn pull_policy(image: &str) -> &'static str {
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("latest", |(_, tag)| tag);
    if tag == "latest" { "Always" } else { "IfNotPresent" }
}

fn command(session: &Session<'_>, container: &mut Value, words: &[String]) {
    if !words.is_empty() {
        let field = if session.flags.is("arguments-only") { "args" } else { "command" };
        container.set(field, words.to_vec());
    }
    for field in ["stdin", "tty"] {
        if session.flags.is(field) {
            container.set(field, true);
        }
    }
}

fn ephemeral(session: &mut Session<'_>, pod: &Object, words: &[String], profile: Profile) -> Result<Flow> {
    let target = session.flags.text("target").to_string();
    if !target.is_empty() && !session.flags.is("quiet") {
        session.note(format!("Targeting container \"{target}\". If you don't see processes from this container it may be because the container runtime doesn't support this feature."));
    }
    let name = container_name(session, pod);
    let known = pods::containers(pod).any(|(other, _)| other == name);
    if known {
        bail!("container name \"{name}\" is already in use");
    }
    if !target.is_empty() && !pods::containers(pod).any(|(other, mark)| other == target && mark.is_empty()) {
        bail!("ephemeral container target container name \"{target}\" not found in pod \"{}\"", pod.name());
    }
    let mut added = container(session, &name, words);
    profile.apply(&mut added, false);
    if !target.is_empty() {
        added.set("targetContainerName", target);
    }
    let key = pod.key();
    session.api.modify(&key, |pod| {
        let mut all = pod.spec().get("ephemeralContainers").items().to_vec();
        all.push(added);
        pod.set_at(&["spec", "ephemeralContainers"], all);
    });
    follow(session, key, name)
}

fn copy(session: &mut Session<'_>, pod: &Object, words: &[String], profile: Profile) -> Result<Flow> {
    let flags = session.flags;
    let mut spec = pod.spec().clone();
    for field in ["ephemeralContainers", "nodeName", "serviceAccount"] {
        spec.remove(field);
    }
    if flags.is("same-node") {
        spec.set("nodeName", pod.spec().get("nodeName").str());
    }
    if flags.is("share-processes") {
        spec.set("shareProcessNamespace", true);
    }
    if !flags.is("keep-init-containers") {
        spec.remove("initContainers");
    }
    let own_volume = |name: &str| name.starts_with("kube-api-access-");
    let keep = |list: &Value, field: &str| -> Vec<Value> {
        list.items().iter().filter(|one| !own_volume(one.get(field).str())).cloned().collect()
    };
    let volumes = keep(spec.get("volumes"), "name");
    spec.set("volumes", volumes);
    let probes =
        [("livenessProbe", "liveness"), ("readinessProbe", "readiness"), ("startupProbe", "startup")];
    let mut all: Vec<Value> = spec.get("containers").items().to_vec();
    for one in &mut all {
        let mounts = keep(one.get("volumeMounts"), "name");
        one.set("volumeMounts", mounts);
        for (field, _) in probes.iter().filter(|(_, kept)| !flags.is(&format!("keep-{kept}"))) {
            one.remove(field);
        }
        for change in flags.list("set-image") {
            if let Some((name, image)) = change.split_once('=')
                && (name == "*" || name == one.get("name").str())
            {
                one.set("image", image);
            }
        }
    }
    let wanted = flags.text("container");
    let name = match all.iter_mut().find(|one| one.get("name").str() == wanted) {
        Some(own) => {
            command(session, own, words);
            if !flags.text("image").is_empty() {
                own.set("image", flags.text("image"));
            }
            profile.apply(own, false);
            wanted.to_string()
        }
        None if flags.text("image").is_empty() => {
            let first = all.first_mut().filter(|_| wanted.is_empty());
            let Some(own) = first else { bail!("you must specify image when creating new container") };
            if !words.is_empty() {
                bail!("you must specify an existing container or a new image when specifying args.");
            }
            own.get("name").str().to_string()
        }
        None => {
            let name = container_name(session, pod);
            let mut added = container(session, &name, words);
            profile.apply(&mut added, false);
            all.push(added);
            name
        }
    };
    spec.set("containers", all);
    let mut made = Object::new(Kind::Pod, pod.namespace(), session.flags.text("copy-to"));
    if session.flags.is("keep-labels") {
        made.set_at(&["metadata", "labels"], pod.labels().clone());
    }
    made.set("spec", spec);
    let key = made.key();
    session.create(made.body, pod.namespace(), false)?;
    if session.flags.is("replace") {
        session.delete(&pod.key(), crate::apiserver::Deletion::default())?;
    }
    follow(session, key, name)
}

fn node(session: &mut Session<'_>, node: &Object, words: &[String], profile: Profile) -> Result<Flow> {
    let name = format!("node-debugger-{}-{}", node.name(), session.api.random.name_suffix(5));
    let container_name = match session.flags.text("container") {
        "" => "debugger".to_string(),
        name => name.into(),
    };
    if !session.flags.is("quiet") {
        session.note(format!(
            "Creating debugging pod {name} with container {container_name} on node {}.",
            node.name()
        ));
    }
    let mut own = container(session, &container_name, words);
    profile.apply(&mut own, true);
    if profile.mounts_root() {
        own.set("volumeMounts", value!([{"mountPath": "/host", "name": "host-root"}]));
    }
    let namespace = session.namespace.clone();
    let mut pod = Object::new(Kind::Pod, &namespace, &name);
    pod.set_at(&["metadata", "labels"], value!({"app.kubernetes.io/managed-by": "kubectl-debug"}));
    pod.set(
        "spec",
        value!({
            "containers": [own],
            "nodeName": (node.name()),
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}]
        }),
    );
    if profile.shares_host() {
        ["hostIPC", "hostNetwork", "hostPID"].iter().for_each(|field| pod.set_at(&["spec", field], true));
    }
    if profile.mounts_root() {
        let root = value!([{"hostPath": {"path": "/"}, "name": "host-root"}]);
        pod.set_at(&["spec", "volumes"], root);
    }
    let key = pod.key();
    session.create(pod.body, &namespace, false)?;
    follow(session, key, container_name)
}

/// Joins the new container where that was asked for.
fn follow(session: &mut Session<'_>, pod: ObjectKey, container: String) -> Result<Flow> {
    if !session.flags.is("stdin") && !session.flags.is("attach") {
        return Ok(Flow::Done(0));
    }
    Debugging { pod, container, until: session.after(60 * 1_000_000_000) }.step(session)
}

/// A new container that is to be joined once it runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Debugging {
    pod: ObjectKey,
    container: String,
    until: SimTime,
}

impl Debugging {
    /// Looks whether it runs.
    ///
    /// # Errors
    /// kubectl's words when it takes too long.
    pub fn step(self, session: &mut Session<'_>) -> Result<Flow> {
        let pod = session.read(Kind::Pod, &self.pod.namespace, &self.pod.name)?;
        let state = pods::status(&pod, &self.container).map(|status| status.get("state").clone());
        let state = state.unwrap_or_default();
        if !state.get("running").is_null() {
            return super::attach::request(session, &pod, self.container);
        }
        if !state.get("terminated").is_null() {
            let source = super::LogSource {
                namespace: pod.namespace().into(),
                pod: pod.name().into(),
                container: self.container,
                prefix: String::new(),
            };
            let logs = super::LogsRequest { sources: vec![source], ..super::LogsRequest::default() };
            return Ok(Flow::HandOver(super::Step::Logs(logs)));
        }
        if session.io.now() >= self.until {
            bail!("timed out waiting for the condition");
        }
        let wake = Wake::on_change_until(Some(self.until));
        Ok(Flow::Running(Running::Debug(self), wake))
    }
}
