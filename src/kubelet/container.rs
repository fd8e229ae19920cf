//! One container of a Pod, from the pull of its image to its end, and again.

use std::sync::Arc;
use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::container::terminal::Chunk;

use super::hook::{Hook, HookKind};
use super::probe::Prober;
use super::process::Process;

/// When a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Before the others, to its end.
    Init,
    /// Before the others, and then beside them (`restartPolicy: Always` of an init container).
    Sidecar,
    /// After the init containers.
    Main,
    /// Added to a running Pod (`kubectl debug`): it runs once.
    Ephemeral,
}

/// What a container is doing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing, and why.
    Waiting {
        /// `ContainerCreating`, `PodInitializing`, `ErrImagePull`, `CrashLoopBackOff` …
        reason: &'static str,
        /// What `describe` adds.
        message: String,
        /// When to try again; as soon as it is its turn if not said.
        until: Option<SimTime>,
    },
    /// Its image is on the way.
    Pulling {
        /// When the pull began.
        since: SimTime,
        /// When it ends.
        until: SimTime,
        /// What its status says meanwhile where a pull has failed before.
        backed_off: Option<String>,
    },
    /// It runs.
    Running {
        /// Since when.
        since: SimTime,
    },
    /// It ended.
    Terminated(End),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct End {
    /// Its exit code: 128 and the signal's number where a signal ended it.
    pub exit_code: i64,
    /// `Completed`, `Error`, `OOMKilled`, `StartError` …
    pub reason: &'static str,
    /// What `describe` adds.
    pub message: String,
    /// When it was started.
    pub started: SimTime,
    /// When it ended.
    pub finished: SimTime,
    /// `containerd://…`.
    pub id: Arc<str>,
}

/// A container of a Pod on its node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its name.
    pub name: Arc<str>,
    /// When it runs.
    pub role: Role,
    /// Its part of the Pod's spec.
    pub spec: Value,
    /// What it is doing.
    pub state: State,
    /// The reason that its status gives before its first start.
    pub before_start: &'static str,
    /// How the run before this one ended.
    pub last: Option<End>,
    /// How often it was started again.
    pub restarts: i64,
    /// The id of its current or last run; empty before the first.
    pub id: Arc<str>,
    /// True while its probes, if any, say so.
    pub ready: bool,
    /// True while it runs and its startup probe, if any, has succeeded.
    pub started: bool,
    /// The probes of its current run.
    pub probes: Vec<Prober>,
    /// When the runtime sends it SIGTERM, once that was asked for.
    pub terminate_at: Option<SimTime>,
    /// When a container that is being stopped to be started again is killed.
    pub kill_at: Option<SimTime>,
    /// True from where the kubelet kills it until the same pass over its Pod has begun it anew (`computePodActions`).
    pub renewed: bool,
    /// The hook that goes on.
    pub hook: Option<Hook>,
    /// What was changed, in the words of its Event, where it is to be started again however it ends.
    pub changed: Option<&'static str>,
    /// The resources that it runs with, where it was allocated others.
    pub actual: Option<Value>,
    /// Its programs, while it runs.
    pub process: Option<Process>,
    /// What the run before this one printed, or the last one where none goes on.
    pub previous_log: Vec<Chunk>,
    /// How long a crashed container waits before it is started again; nothing before its first crash.
    pub back_off: Duration,
    /// How long a failed pull waits before the next.
    pub pull_back_off: Duration,
}

/// The first wait after a crash or a failed pull (`kubelet.go`, `backOffPeriod`).
pub const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
/// The longest (`MaxContainerBackOff`).
pub const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
/// A run of this length forgives the crashes before it.
pub const FORGIVEN_AFTER: Duration = Duration::from_secs(600);

/// What a container waits for before its first start (`kubelet_pods.go`, `convertToAPIContainerStatuses`): in a Pod with
/// init containers also once they are done.
fn before_start(waits_for_others: bool) -> &'static str {
    if waits_for_others { "PodInitializing" } else { "ContainerCreating" }
}

impl Container {
    /// A container that nothing was done for yet.
    pub fn new(spec: &Value, role: Role, waits_for_others: bool) -> Self {
        Self {
            name: spec.get("name").str().into(),
            role,
            spec: spec.clone(),
            state: State::Waiting {
                reason: before_start(waits_for_others),
                message: String::new(),
                until: None,
            },
            before_start: before_start(waits_for_others),
            last: None,
            restarts: 0,
            id: "".into(),
            ready: false,
            started: false,
            probes: Vec::new(),
            terminate_at: None,
            kill_at: None,
            renewed: false,
            hook: None,
            changed: None,
            actual: None,
            process: None,
            previous_log: Vec::new(),
            back_off: Duration::ZERO,
            pull_back_off: Duration::ZERO,
        }
    }

    /// Its image as the manifest writes it.
    pub fn image(&self) -> &str {
        self.spec.get("image").str()
    }
    /// True while it runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// True while its `postStart` hook runs.
    pub fn is_starting(&self) -> bool {
        self.hook.as_ref().is_some_and(|hook| hook.kind == HookKind::PostStart)
    }

    /// How it ended, if it has and was not started again.
    pub fn end(&self) -> Option<&End> {
        match &self.state {
            State::Terminated(end) => Some(end),
            _ => None,
        }
    }
    /// True where it ended as it should.
    pub fn succeeded(&self) -> bool {
        self.end().is_some_and(|end| end.exit_code == 0)
    }
    /// What its own rules say about an exit code: the action of the first that fits (pkg/api/v1/pod,
    /// FindMatchingContainerRestartRule).
    pub fn rule_for(&self, exit_code: i64) -> Option<&str> {
        let fits = |rule: &&Value| {
            let codes = rule.get("exitCodes");
            let listed = codes.get("values").items().iter().any(|code| code.int() == exit_code);
            match codes.get("operator").str() {
                "In" => listed,
                "NotIn" => !listed,
                _ => false,
            }
        };
        let rules = self.spec.get("restartPolicyRules").items();
        rules.iter().find(fits).map(|rule| rule.get("action").str())
    }
    /// True where it is run again after an end with this exit code: by its own rules, its own policy, or else that of its
    /// Pod (pkg/api/v1/pod, ContainerShouldRestart).
    pub fn runs_again(&self, pod_policy: &str, exit_code: i64) -> bool {
        let own = self.spec.get("restartPolicy").str();
        let by_policy = match if own.is_empty() { pod_policy } else { own } {
            "Never" => false,
            "OnFailure" => exit_code != 0,
            _ => true,
        };
        match self.role {
            Role::Sidecar => true,
            Role::Ephemeral => false,
            Role::Init if exit_code == 0 => false,
            Role::Init | Role::Main => self.rule_for(exit_code).is_some() || by_policy,
        }
    }
    /// The next wait after a crash; it doubles up to `LONGEST_BACK_OFF`.
    pub fn next_back_off(back_off: Duration) -> Duration {
        if back_off.is_zero() { FIRST_BACK_OFF } else { (back_off * 2).min(LONGEST_BACK_OFF) }
    }
    /// The path of the field that holds it, as Events name it: `spec.containers{web}`.
    pub fn field_path(&self) -> String {
        let list = match self.role {
            Role::Main => "containers",
            Role::Ephemeral => "ephemeralContainers",
            Role::Init | Role::Sidecar => "initContainers",
        };
        ["spec.", list, "{", &self.name, "}"].concat()
    }
}
