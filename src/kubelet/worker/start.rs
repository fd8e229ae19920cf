//! The start of a container: its configuration, its image, its program.

use std::sync::Arc;
use std::time::Duration;

use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::images::{self, Reference, Unknown};
use crate::kubelet::container::{Container, End, State};
use crate::kubelet::hook::HookKind;
use crate::kubelet::probe::Prober;
use crate::kubelet::process::{self, Process, Surroundings, Unpacked};
use crate::kubelet::{MountPoints, NodeState, environment, volumes};
use crate::network::ipam::dotted;

use super::{Next, RELIST, Worker, sharing};

/// From a failed pull to the report that it will wait.
const PULL_RELIST: Duration = Duration::from_millis(1_600);
/// Between two tries of what a missing ConfigMap or Secret prevents.
const RETRY: Duration = Duration::from_secs(12);

impl Worker {
    /// Begins a run of a container: its configuration, its image, its start.
    pub(super) fn begin(&mut self, at: usize, api: &mut ApiServer, node: &mut NodeState, next: &mut Next) {
        let now = api.clock.now;
        let image = self.containers[at].image().to_string();
        let Some(reference) = Reference::parse(&image) else {
            let message = format!(
                "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format"
            );
            self.tell(at, api, node, "Warning", "InspectFailed", &message);
            self.tell(at, api, node, "Warning", "Failed", "Error: InvalidImageName");
            return self.wait(at, "InvalidImageName", message, now + RETRY, next);
        };
        let present = node.images.contains(&reference.to_string());
        match (self.containers[at].spec.get("imagePullPolicy").str(), present) {
            ("Never", false) => {
                let message = format!("Container image \"{image}\" is not present with pull policy of Never");
                self.tell(at, api, node, "Warning", "ErrImageNeverPull", &message);
                self.tell(at, api, node, "Warning", "Failed", "Error: ErrImageNeverPull");
                self.wait(at, "ErrImageNeverPull", message, now + RETRY, next);
            }
            ("Always", _) | (_, false) => {
                self.tell(at, api, node, "Normal", "Pulling", &format!("Pulling image \"{image}\""));
                let takes = pull_time(&reference, present, api);
                let container = &mut self.containers[at];
                let backed_off = match &mut container.state {
                    State::Waiting { reason: "ImagePullBackOff", message, .. } => {
                        Some(std::mem::take(message))
                    }
                    _ => None,
                };
                container.state = State::Pulling { since: now, until: now + takes, backed_off };
                next.at(now + takes);
            }
            _ => {
                let text = format!(
                    "Container image \"{image}\" already present on machine and can be accessed by the pod"
                );
                self.tell(at, api, node, "Normal", "Pulled", &text);
                self.start(at, &reference, api, node, next);
            }
        }
    }

    pub(super) fn pulled(
        &mut self,
        at: usize,
        api: &mut ApiServer,
        node: &mut NodeState,
        took: Duration,
        next: &mut Next,
    ) {
        let image = self.containers[at].image().to_string();
        let Some(reference) = Reference::parse(&image) else { return };
        if let Some(message) = refusal(&reference) {
            return self.not_pulled(at, &image, message, api, node, next);
        }
        Arc::make_mut(&mut node.images).insert(reference.to_string());
        let took = seconds(took);
        let size = images::size(&reference);
        let text = format!(
            "Successfully pulled image \"{image}\" in {took} ({took} including waiting). Image size: {size} bytes."
        );
        self.tell(at, api, node, "Normal", "Pulled", &text);
        self.containers[at].pull_back_off = Duration::ZERO;
        self.start(at, &reference, api, node, next);
    }

    fn not_pulled(
        &mut self,
        at: usize,
        image: &str,
        message: String,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let text = format!("Failed to pull image \"{image}\": {message}");
        self.tell(at, api, node, "Warning", "Failed", &text);
        self.tell(at, api, node, "Warning", "Failed", "Error: ErrImagePull");
        self.wait(at, "ErrImagePull", message, api.clock.now + PULL_RELIST, next);
    }

    fn start(
        &mut self,
        at: usize,
        reference: &Reference,
        api: &mut ApiServer,
        node: &mut NodeState,
        next: &mut Next,
    ) {
        let now = api.clock.now;
        let listed = self.pod.spec().get("volumes").items().iter();
        let mut images = listed.filter_map(|volume| Some((volume, volumes::image_of(volume)?)));
        let failed = images.find_map(|(volume, image)| Some((volume, refusal(&image)?)));
        if let Some((volume, message)) = failed {
            let image = volume.at(&["image", "reference"]).str().to_owned();
            return self.not_pulled(at, &image, message, api, node, next);
        }
        let spec = &self.containers[at].spec;
        let missing = environment::missing(api, &self.pod, spec, &node.volumes);
        if let Some(message) = missing.or_else(|| process::root_is_refused(&self.pod, spec, reference)) {
            self.tell(at, api, node, "Warning", "Failed", &format!("Error: {message}"));
            return self.wait(at, "CreateContainerConfigError", message, now + RETRY, next);
        }
        let id: Arc<str> = ["containerd://", &api.random.hex(64)].concat().into();
        let container = &mut self.containers[at];
        if !container.id.is_empty() {
            if !container.renewed || container.restarts > 0 {
                container.back_off = Container::next_back_off(container.back_off);
            }
            container.restarts += 1;
        }
        container.renewed = false;
        container.id = id.clone();
        self.tell(at, api, node, "Normal", "Created", "Container created");
        let spec = self.containers[at].spec.clone();
        let services = node.service_variables(api, &self.pod);
        let host_ip = dotted(node.ip);
        let variables =
            environment::variables(api, self, &spec, &services, (&node.name, &host_ip), &node.volumes);
        let mut mounts = volumes::mounts(api, self, &spec, &variables, &mut node.volumes);
        if !images::is_system(reference) {
            volumes::share_memory(&self.pod, api.clock.date(), &mut mounts, &mut node.volumes);
        }
        let points: MountPoints =
            mounts.iter().map(|mount| (mount.at.clone(), mount.is_file(&node.volumes))).collect();
        let unpacked = Arc::make_mut(&mut node.unpacked).entry((reference.to_string(), points));
        let unpacked = unpacked.or_insert_with(|| Unpacked::new(reference, &mounts, &node.volumes)).clone();
        let around = Surroundings {
            pod: &self.pod,
            unpacked,
            ip: self.ip.unwrap_or(node.ip),
            node: &node.name,
            variables,
            services,
            mounts,
            epoch: api.clock.epoch,
            seed: api.random.between(0, u64::MAX - 1),
            first_pid: sharing::first_pid(&self.pod, &self.containers, at),
        };
        match Process::start(reference, &spec, around, &mut node.volumes, now) {
            Ok(process) => {
                let container = &mut self.containers[at];
                container.probes = Prober::all(&spec, now);
                container.settle();
                container.probes.iter().for_each(|probe| next.at(probe.next_at()));
                container.process = Some(process);
                container.actual = None;
                container.state = State::Running { since: now };
                self.tell(at, api, node, "Normal", "Started", "Container started");
                self.begin_hook(HookKind::PostStart, at, api, node, next);
            }
            Err(message) => {
                self.tell(at, api, node, "Warning", "Failed", &format!("Error: {message}"));
                let end =
                    End { exit_code: 128, reason: "StartError", message, started: now, finished: now, id };
                let container = &mut self.containers[at];
                // What could not even be started waits from the first time on.
                if container.back_off.is_zero() {
                    container.back_off = Container::next_back_off(container.back_off);
                }
                container.state = State::Terminated(end);
                next.at(now + RELIST);
            }
        }
    }

    pub(super) fn wait(
        &mut self,
        at: usize,
        reason: &'static str,
        message: String,
        until: SimTime,
        next: &mut Next,
    ) {
        self.containers[at].state = State::Waiting { reason, message, until: Some(until) };
        self.containers[at].renewed = false;
        next.at(until);
    }
}

/// Why an image cannot be pulled, in the words of the runtime and of the registry.
fn refusal(reference: &Reference) -> Option<String> {
    let resolve = format!(
        "failed to pull and unpack image \"{reference}\": failed to resolve reference \"{reference}\": "
    );
    match images::exists(reference).err()? {
        Unknown::Tag => Some(format!("rpc error: code = NotFound desc = {resolve}{reference}: not found")),
        Unknown::Repository => Some(format!(
            "{resolve}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
        )),
    }
}

/// A pull takes the time of its bytes at 60 MB/s, and a look at the registry; an image that is there only the look.
fn pull_time(reference: &Reference, present: bool, api: &mut ApiServer) -> Duration {
    let look = Duration::from_millis(api.random.between(300, 900));
    if present || images::exists(reference).is_err() {
        return look;
    }
    look + Duration::from_millis(images::size(reference) / 60_000)
}

/// A duration as Go prints it, to the millisecond: `476ms`, `2.052s`.
fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        return format!("{millis}ms");
    }
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}
