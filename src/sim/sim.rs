//! The simulation: a cluster and the learner's machine beside it.

use std::sync::Arc;

use crate::base::{Digest, SimTime, digest_of};
use crate::cluster::{Cluster, ImportError, Imported, Profile, UnknownProfile};

use super::host::Host;
use super::log::{Input, Log, Scenario};

/// A cluster and the learner's machine at one moment: plain data that its log decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sim {
    cluster: Cluster,
    host: Host,
    /// The cluster's time at which the scenario began.
    began: SimTime,
    /// When a program of the host goes on by itself, in the cluster's time.
    host_next: Option<SimTime>,
}

impl Sim {
    /// The beginning of a scenario: the cluster has been running for a while, and terminal 1 is open.
    ///
    /// # Errors
    /// Where the profile is not known.
    pub fn new(scenario: &Scenario) -> Result<Self, UnknownProfile> {
        let profile: Arc<Profile> = Profile::named(&scenario.profile)?;
        let cluster = Cluster::new(profile.clone(), scenario.date, scenario.seed);
        let began = cluster.now();
        let host = Host::new(&profile, scenario, cluster.api.clock.epoch);
        let mut sim = Self { cluster, host, began, host_next: None };
        // A moment ago, so that its prompt is there when the scenario begins.
        sim.host.open_terminal(1, SimTime(began.0.saturating_sub(10_000)));
        sim.run_host();
        Ok(sim)
    }

    /// How long the scenario has been going on.
    pub fn now(&self) -> SimTime {
        SimTime(self.cluster.now().0 - self.began.0)
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The learner's machine.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The learner's machine, for whoever drives it without a terminal (`saya run`). What it is made to do is not in
    /// any log.
    pub(crate) fn host_mut(&mut self) -> &mut Host {
        &mut self.host
    }

    /// Changes whenever anything did that can be seen.
    pub fn revision(&self) -> u64 {
        self.cluster.revision()
    }

    /// When the next thing happens by itself.
    pub fn next_at(&self) -> Option<SimTime> {
        let next = match (self.cluster.next_at(), self.host_next) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        next.map(|at| SimTime(at.0.saturating_sub(self.began.0)))
    }

    /// Lets everything happen that falls due up to `until`, which it then is.
    pub fn run_until(&mut self, until: SimTime) {
        let until = SimTime(self.began.0 + until.0);
        loop {
            let cluster = self.cluster.next_at();
            let next = match (cluster, self.host_next) {
                (Some(a), Some(b)) => a.min(b),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => break,
            };
            if next > until {
                break;
            }
            // The cluster goes first, so that the host sees what has happened by then.
            if cluster == Some(next) {
                self.cluster.step();
            } else {
                self.cluster.run_until(next);
            }
            self.run_host_at(next);
        }
        self.cluster.run_until(until);
        self.run_host_at(until);
    }

    /// Lets the programs of the host go on, if one of them is due or may want to know what has happened in the cluster.
    fn run_host_at(&mut self, now: SimTime) {
        if self.host_next.is_some_and(|at| at <= now) || self.host.is_concerned(&self.cluster) {
            self.run_host();
        }
    }

    /// Lets the programs of the host go on, and tells the cluster what they did to it.
    pub(crate) fn run_host(&mut self) {
        self.host_next = self.host.run(&mut self.cluster);
        self.cluster.tell_of_changes();
    }

    /// Does what an input says, now.
    pub fn apply(&mut self, input: &Input) {
        let (now, date) = (self.cluster.now(), self.cluster.api.clock.date());
        match input {
            Input::Type { terminal, text } => self.host.type_in(*terminal, text, now),
            Input::Open { terminal } => self.host.open_terminal(*terminal, now),
            Input::Close { terminal } => self.host.close_terminal(*terminal, now),
            Input::Save { path, text } => self.host.write_file(path, text, date),
            Input::Remove { path } => self.host.remove_file(path, date),
            Input::Import { text, alive } => {
                // Whoever hands a dump in is told by `Dump::read` what is wrong with it; then nothing of it comes in.
                let _ = match alive {
                    true => self.cluster.bring_to_life(text),
                    false => self.cluster.import(text),
                };
            }
        }
        self.run_host();
    }

    /// Puts the objects of a dump (`kubectl get -o yaml` or `json`, a `List` or several documents) in the cluster as
    /// they are. They are frozen: nothing acts on them.
    ///
    /// # Errors
    /// Where the text is neither YAML nor JSON, or nothing in it is known.
    pub fn import(&mut self, text: &str) -> Result<Imported, ImportError> {
        self.cluster.import(text)
    }

    /// Its fingerprint: two simulations with the same are the same.
    pub fn digest(&self) -> Digest {
        digest_of(self)
    }
}

/// What a log makes, up to a moment.
///
/// # Errors
/// Where its profile is not known.
pub fn replay(log: &Log, until: SimTime) -> Result<Sim, UnknownProfile> {
    let mut sim = Sim::new(&log.scenario)?;
    for (at, input) in log.inputs.iter().take_while(|(at, _)| *at <= until) {
        sim.run_until(*at);
        sim.apply(input);
    }
    sim.run_until(until);
    Ok(sim)
}
