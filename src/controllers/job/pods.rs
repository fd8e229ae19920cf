//! The Pods that a Job starts and stops.

use std::time::Duration;

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::base::{Date, SimTime, Value};
use crate::controllers::{pod, replica_set};
use crate::value;

use super::indexes::{self, INDEX};
use super::{BACKOFF, MAX_BACKOFF, Pass, SOURCE, TRACKING, parallelism};

/// How many Pods one pass creates or deletes at most.
const BURST: usize = 500;

impl Pass {
    pub(super) fn delete(&self, api: &mut ApiServer, pod: &Object) {
        // What is refused is told of, and tried again when something changes.
        let _ = replica_set::delete_pod(api, &self.job, pod, &SOURCE);
    }

    /// Starts the Pods that lack and stops those that are too many; how many are active then (`manageJob`).
    pub(super) fn manage(&mut self, api: &mut ApiServer) -> i64 {
        let active = self.active.len() as i64;
        let most = parallelism(&self.job);
        let wanted = if self.is_suspended() {
            0
        } else {
            match self.job.spec().get("completions").as_int() {
                None if self.succeeded > 0 => active,
                None => most,
                Some(_) if super::policy::succeeds(&self.job, self.indexes.as_ref()) => 0,
                Some(all) => (all - self.succeeded).clamp(0, most),
            }
        };
        if active > wanted || (self.is_suspended() && active > 0) {
            return self.remove_surplus(api, usize::try_from(active - wanted).unwrap_or(0));
        }
        let going = if self.replaces_terminating() {
            0
        } else {
            self.pods.iter().filter(|pod| pod.is_terminating() && !pod::is_terminal(pod)).count() as i64
        };
        let lacking = usize::try_from(wanted - going - active).unwrap_or(0);
        if lacking == 0 {
            return active;
        }
        let pause = self.pause(api);
        if !pause.is_zero() {
            self.look_again(pause);
            return active;
        }
        active + self.start(api, lacking.min(BURST))
    }

    /// Stops the youngest and least useful Pods.
    fn remove_surplus(&mut self, api: &mut ApiServer, surplus: usize) -> i64 {
        let mut pods = self.active.clone();
        pod::sort_for_deletion(&mut pods, &api.clock, |_| 0);
        let surplus = surplus.min(BURST);
        for pod in &pods[..surplus] {
            self.delete(api, pod);
        }
        self.active = pods.split_off(surplus);
        self.active.len() as i64
    }

    fn start(&mut self, api: &mut ApiServer, count: usize) -> i64 {
        let mut made = pod::from_template(self.job.spec().get("template"), &self.job);
        let finalizers = made.entry_at(&["metadata", "finalizers"]);
        if !finalizers.items().iter().any(|finalizer| finalizer.str() == TRACKING) {
            finalizers.push(TRACKING);
        }
        let indexes: Vec<Option<i64>> = match &self.indexes {
            Some(indexes) => indexes.pending(&self.active, count).into_iter().map(Some).collect(),
            None => vec![None; count],
        };
        let mut started = 0;
        for index in indexes {
            let mut made = made.clone();
            if let Some(index) = index {
                self.give_index(&mut made, index);
            }
            if replica_set::create_pod(api, &self.job, made.body, &SOURCE).is_err() {
                self.look_again(Duration::from_secs(1));
                break;
            }
            started += 1;
        }
        started
    }

    /// Tells a Pod which part of the work is its own.
    fn give_index(&self, made: &mut Object, index: i64) {
        made.set_at(&["metadata", "annotations", INDEX], index.to_string());
        made.set_at(&["metadata", "labels", INDEX], index.to_string());
        made.set_at(&["metadata", "generateName"], format!("{}-{index}-", self.job.name()));
        made.set_at(&["spec", "hostname"], format!("{}-{index}", self.job.name()));
        if !self.job.spec().get("backoffLimitPerIndex").is_null() {
            let failures = indexes::failures(&self.pods, index).to_string();
            made.set_at(&["metadata", "annotations", "batch.kubernetes.io/job-index-failure-count"], failures);
        }
        let variable = value!({
            "name": "JOB_COMPLETION_INDEX",
            "valueFrom": {"fieldRef": {"fieldPath": (format!("metadata.labels['{INDEX}']"))}}
        });
        for list in ["initContainers", "containers"] {
            if made.spec().get(list).is_empty() {
                continue;
            }
            for container in made.entry_at(&["spec", list]).items_mut() {
                let has = |v: &Value| v.get("name") == variable.get("name");
                if !container.get("env").items().iter().any(has) {
                    container.entry("env").push(variable.clone());
                }
            }
        }
    }

    /// How long to wait because Pods have failed since the last success.
    fn pause(&self, api: &ApiServer) -> Duration {
        if !self.job.spec().get("backoffLimitPerIndex").is_null() {
            return Duration::ZERO;
        }
        let ended = |want: fn(&Pass, &Object) -> bool| {
            self.pods.iter().filter(move |pod| want(self, pod)).map(|pod| ended_at(api, pod))
        };
        let success = ended(|_, pod| super::has_succeeded(pod)).max();
        let failures: Vec<SimTime> = ended(Pass::counts_as_failed).filter(|at| Some(*at) > success).collect();
        let Some(last) = failures.iter().max() else { return Duration::ZERO };
        let doublings = u32::try_from(failures.len() - 1).unwrap_or(u32::MAX).min(6);
        let pause = (BACKOFF * 2u32.pow(doublings)).min(MAX_BACKOFF);
        (*last + pause).since(api.clock.now)
    }
}

/// When a Pod ended: with its last container, or when it ceased to be ready or was deleted.
fn ended_at(api: &ApiServer, pod: &Object) -> SimTime {
    let statuses = pod.status().get("containerStatuses").items().iter();
    let finished = statuses.map(|c| c.at(&["state", "terminated", "finishedAt"]).str());
    let date = finished
        .filter_map(Date::parse_rfc3339)
        .max()
        .or_else(|| Date::parse_rfc3339(pod.condition("Ready").get("lastTransitionTime").str()))
        .or_else(|| Date::parse_rfc3339(pod.meta("deletionTimestamp").str()));
    date.map_or(api.clock.now, |date| api.clock.at(date))
}
