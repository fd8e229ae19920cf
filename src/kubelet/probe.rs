//! Probes of containers: when they are made, what they find, and what follows from several in a row.

use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::container::files::Volumes;
use crate::container::machine::{OutputId, Pid};
use crate::network::namespace::Namespace;

use super::environment::expand;
use super::process::Process;
use super::request::{Ends, Request};

/// From a container's start to its first probe, where no delay is asked for.
const FIRST: Duration = Duration::from_millis(500);

/// What a probe decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeKind {
    /// Whether the container has started; the others wait for it.
    Startup,
    /// Whether it is to be started again.
    Liveness,
    /// Whether it gets traffic.
    Readiness,
}

impl ProbeKind {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 3] = [Self::Startup, Self::Liveness, Self::Readiness];

    /// The field of a container that asks for it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Startup => "startupProbe",
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
        }
    }
    /// Its name at the beginning of an Event.
    pub fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
        }
    }
}

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All is well.
    Success,
    /// So it is taken, but this is told.
    Warning(String),
    /// It is not, and why.
    Failure(String),
    /// It could not be made, and why: nothing follows from it.
    Error(String),
}

/// A probe that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Running {
    /// A command in the container, and until when.
    Command(Pid, OutputId, SimTime),
    /// A question to it over the network.
    Request(Box<Request>),
}

/// One probe of one run of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prober {
    /// What it decides.
    pub kind: ProbeKind,
    due: SimTime,
    running: Option<Running>,
    streak: (bool, i64),
    /// What enough probes in a row have decided.
    pub verdict: Option<bool>,
}

impl Prober {
    /// The probes that a container asks for, which began to run at `now`.
    pub fn all(container: &Value, now: SimTime) -> Vec<Self> {
        let asked = ProbeKind::ALL.into_iter().filter(|kind| !container.get(kind.field()).is_null());
        asked
            .map(|kind| {
                let delay = seconds(container.get(kind.field()), "initialDelaySeconds", 0);
                let due = now + delay.max(FIRST);
                Self { kind, due, running: None, streak: (false, 0), verdict: None }
            })
            .collect()
    }

    /// When it is to be looked at next.
    pub fn next_at(&self) -> SimTime {
        match &self.running {
            None => self.due,
            Some(Running::Command(_, _, deadline)) => *deadline,
            Some(Running::Request(request)) => request.deadline,
        }
    }

    /// True where what it waits for is there and nobody has looked.
    pub fn has_ended(&self, process: &Process, net: &Namespace) -> bool {
        match &self.running {
            None => false,
            Some(Running::Command(pid, ..)) => process.status(*pid).is_some(),
            Some(Running::Request(request)) => request.has_answer(net),
        }
    }

    /// Lets go of what it waits for.
    pub fn abandon(&mut self, net: &mut Namespace) {
        if let Some(Running::Request(mut request)) = self.running.take() {
            request.abandon(net);
        }
    }

    /// Goes on: makes the probe when it is due, and gives what it found once that is known.
    pub fn step(
        &mut self,
        container: &Value,
        process: &mut Process,
        (net, ends): (&mut Namespace, Ends),
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Option<Outcome> {
        let probe = container.get(self.kind.field());
        let found = match &mut self.running {
            Some(Running::Command(pid, output, deadline)) => match process.status(*pid) {
                Some(0) => {
                    process.finish(*pid, *output);
                    Outcome::Success
                }
                Some(_) => Outcome::Failure(process.finish(*pid, *output)),
                None if now < *deadline => return None,
                None => {
                    process.abort(*pid, now);
                    let command: Vec<&str> =
                        probe.at(&["exec", "command"]).items().iter().map(Value::str).collect();
                    let limit = seconds(probe, "timeoutSeconds", 1).as_secs();
                    let command = command.join(" ");
                    Outcome::Failure(format!("command timed out: \"{command}\" timed out after {limit}s"))
                }
            },
            Some(Running::Request(request)) => request.outcome(net, now)?,
            None => {
                if now < self.due {
                    return None;
                }
                self.due = now + seconds(probe, "periodSeconds", 10);
                match self.begin(container, process, (net, ends), volumes, now) {
                    Ok(running) => {
                        self.running = Some(running);
                        return None;
                    }
                    Err(outcome) => outcome,
                }
            }
        };
        self.running = None;
        let good = match found {
            Outcome::Error(_) => return Some(found),
            Outcome::Success | Outcome::Warning(_) => true,
            Outcome::Failure(_) => false,
        };
        self.streak = if self.streak.0 == good { (good, self.streak.1 + 1) } else { (good, 1) };
        let (field, least) = if good { ("successThreshold", 1) } else { ("failureThreshold", 3) };
        if self.streak.1 >= probe.get(field).as_int().unwrap_or(least) {
            self.verdict = Some(good);
        }
        Some(found)
    }

    /// Makes the probe.
    fn begin(
        &self,
        container: &Value,
        process: &mut Process,
        (net, ends): (&mut Namespace, Ends),
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Result<Running, Outcome> {
        let probe = container.get(self.kind.field());
        // Of the variables only those that stand there as they are (kubelet/container,
        // `ExpandContainerCommandOnlyStatic`).
        let variable = |name: &str| {
            let own = container.get("env").items().iter().rev().find(|own| own.get("name").str() == name)?;
            Some(own.get("value").str().to_string())
        };
        let words = probe.at(&["exec", "command"]).items().iter();
        let command: Vec<String> = words.map(|word| expand(word.str(), &variable)).collect();
        if command.is_empty() {
            // Nobody knows the program: it is taken to answer as one hopes.
            if process.is_assumed() {
                return Err(Outcome::Success);
            }
            let request = Request::begin(container, probe, "kube-probe", net, ends, now)?;
            return Ok(Running::Request(Box::new(request)));
        }
        match process.exec(&command, volumes, now) {
            Ok((pid, output)) => Ok(Running::Command(pid, output, now + seconds(probe, "timeoutSeconds", 1))),
            Err(_) if process.is_assumed() => Err(Outcome::Success),
            Err(why) => Err(Outcome::Error(why)),
        }
    }
}

fn seconds(probe: &Value, field: &str, otherwise: i64) -> Duration {
    Duration::from_secs(probe.get(field).as_int().unwrap_or(otherwise).max(0) as u64)
}
