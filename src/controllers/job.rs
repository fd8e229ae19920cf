//! Jobs: Pods that run to their end, as many as must succeed.
//!
//! A Pod of a Job carries a finalizer until it was counted: it is put down as uncounted in the status first, loses the
//! finalizer, and is then added to `succeeded` or `failed`, so that none is lost or counted twice.

mod indexes;
mod policy;
mod pods;

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::{Date, Value};
use crate::value;

use super::{Enqueue, NOW, drop_finalizer, ownership, pod};
use indexes::Indexes;

const SOURCE: Source<'static> = Source::component("job-controller");
/// The finalizer of Pods that are not counted yet.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// How long changes of Pods are gathered before a Job is looked at.
const BATCH_PERIOD: Duration = Duration::from_secs(1);
/// The first pause after a failed Pod; each further one doubles it.
const BACKOFF: Duration = Duration::from_secs(10);
const MAX_BACKOFF: Duration = Duration::from_secs(600);

/// Looks at a Job when it or a Pod of it changes, and at Pods whose Job is gone.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Job => observe_job(api, change, enqueue),
        Kind::Pod => {
            let of_job = object.controller().is_some_and(|owner| owner.get("kind").str() == "Job");
            if of_job || api.store().count(Kind::Job) > 0 {
                observe_pod(api, change, of_job, enqueue);
            }
        }
        _ => {}
    }
}

// A new cluster has no Jobs: no part of the page's first program.
#[inline(never)]
fn observe_pod(api: &ApiServer, change: &Change, of_job: bool, enqueue: &mut Enqueue<'_>) {
    let pod = &change.object;
    let job = if of_job { pod.controller_key() } else { None };
    if job.is_some_and(|key| api.get(&key).is_none()) && has_finalizer(pod) {
        enqueue(pod.key(), NOW);
    } else {
        ownership::concerned(api, Kind::Job, change, selector_of, |key| enqueue(key, BATCH_PERIOD));
    }
}

#[inline(never)]
fn observe_job(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let job = &change.object;
    if change.kind == ChangeKind::Deleted {
        for pod in api.store().owned_by(job.uid()).filter(|o| o.kind == Kind::Pod) {
            enqueue(pod.key(), NOW);
        }
        return;
    }
    let asked = |job: &Object| (job.spec().clone(), job.is_terminating());
    if change.old.as_ref().is_none_or(|old| asked(old) != asked(job)) {
        enqueue(job.key(), NOW);
    }
}

fn selector_of(job: &Object) -> Selector {
    Selector::from_label_selector(job.spec().get("selector"))
}

fn has_finalizer(pod: &Object) -> bool {
    pod.meta("finalizers").items().iter().any(|finalizer| finalizer.str() == TRACKING)
}

/// True where a Job will not change any more.
pub(super) fn is_finished(job: &Object) -> bool {
    job.has_condition("Complete") || job.has_condition("Failed")
}

/// Counts Pods that have ended, starts those that lack, and says when the Job is done.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let object = api.get(key)?.clone();
    if key.kind == Kind::Pod {
        drop_finalizer(api, key, TRACKING);
        return None;
    }
    if is_finished(&object) {
        return None;
    }
    let mut pass = Pass::new(api, object);
    pass.run(api)
}

fn parallelism(job: &Object) -> i64 {
    job.spec().get("parallelism").as_int().unwrap_or(1)
}

/// One pass over one Job.
struct Pass {
    job: Object,
    /// Its status as it will be written.
    status: Value,
    pods: Vec<Object>,
    active: Vec<Object>,
    succeeded: i64,
    failed: i64,
    indexes: Option<Indexes>,
    again: Option<Duration>,
}

impl Pass {
    fn new(api: &mut ApiServer, job: Object) -> Self {
        let pods = ownership::claim(api, &job, Kind::Pod, &selector_of(&job), |_| true);
        let active: Vec<Object> = pods.iter().filter(|pod| pod::is_active(pod)).cloned().collect();
        let mut status = job.status().clone();
        if status.get("startTime").is_null() && !job.spec().get("suspend").bool() {
            status.set("startTime", api.clock.date().rfc3339());
        }
        let mut pass = Self { job, status, pods, active, succeeded: 0, failed: 0, indexes: None, again: None };
        let counted = |field: &str| pass.status.get(field).int();
        let uncounted = |field: &str| pass.uncounted(field).len() as i64;
        let newly = |pass: &Pass, ended: fn(&Pass, &Object) -> bool, field: &str| {
            let new = |pod: &&Object| has_finalizer(pod) && ended(pass, pod) && !pass.is_uncounted(field, pod);
            pass.pods.iter().filter(new).count() as i64
        };
        let succeeded =
            counted("succeeded") + uncounted("succeeded") + newly(&pass, |_, p| has_succeeded(p), "succeeded");
        pass.failed = counted("failed") + uncounted("failed") + newly(&pass, Pass::counts_as_failed, "failed");
        pass.succeeded = succeeded;
        if pass.job.spec().get("completionMode").str() == "Indexed" {
            let indexes = Indexes::new(&pass.job, &pass.pods);
            pass.succeeded = indexes.succeeded.len() as i64;
            pass.indexes = Some(indexes);
        }
        pass
    }

    fn uncounted(&self, field: &str) -> &[Value] {
        self.status.at(&["uncountedTerminatedPods", field]).items()
    }

    fn is_uncounted(&self, field: &str, pod: &Object) -> bool {
        self.uncounted(field).iter().any(|uid| uid.str() == pod.uid())
    }

    /// True for Pods that failed, and, unless only those are replaced, for those that go before they have ended.
    fn counts_as_failed(&self, pod: &Object) -> bool {
        if pod.status().get("phase").str() == "Failed" {
            return !policy::is_ignored(&self.job, pod);
        }
        self.replaces_terminating() && pod.is_terminating() && !has_succeeded(pod)
    }

    fn has_ended(&self, pod: &Object) -> bool {
        pod::is_terminal(pod) || (self.replaces_terminating() && pod.is_terminating())
    }

    fn replaces_terminating(&self) -> bool {
        self.job.spec().get("podReplacementPolicy").str() != "Failed"
    }

    fn is_suspended(&self) -> bool {
        self.job.spec().get("suspend").bool()
    }

    fn run(&mut self, api: &mut ApiServer) -> Option<Duration> {
        let mut active = self.active.len() as i64;
        let mut finished = self.verdict(api);
        if finished.is_some() {
            for pod in self.active.clone() {
                self.delete(api, &pod);
            }
            active = 0;
        } else if !self.job.is_terminating() {
            active = self.manage(api);
            if self.is_complete(active) {
                let (reason, message) = ("CompletionsReached", "Reached expected number of succeeded pods");
                finished = Some(condition(api, "SuccessCriteriaMet", reason, message));
            } else {
                self.tell_of_suspension(api);
            }
        }
        let ready = if active > 0 { self.active.iter().filter(|pod| pod::is_ready(pod)).count() } else { 0 };
        let terminating = self.pods.iter().filter(|pod| pod.is_terminating() && !pod::is_terminal(pod)).count();
        if active > 0 {
            self.status.set("active", active);
        } else {
            self.status.remove("active");
        }
        self.status.set("ready", ready);
        self.status.set("terminating", terminating);
        self.track(api, finished, terminating);
        self.again
    }

    /// Why a Job must end without success, if it must.
    fn verdict(&mut self, api: &ApiServer) -> Option<Value> {
        let told = self.job.condition("FailureTarget");
        if !told.is_null() {
            return Some(told.clone());
        }
        if let Some(message) = policy::fails(&self.job, &self.pods) {
            return Some(condition(api, "FailureTarget", "PodFailurePolicy", &message));
        }
        let limit = self.job.spec().get("backoffLimit").as_int().unwrap_or(6);
        if self.failed > limit || self.restarted_too_often(limit) {
            let message = "Job has reached the specified backoff limit";
            return Some(condition(api, "FailureTarget", "BackoffLimitExceeded", message));
        }
        if let (Some(seconds), false) =
            (self.job.spec().get("activeDeadlineSeconds").as_int(), self.is_suspended())
        {
            let start = Date::parse_rfc3339(self.status.get("startTime").str())?;
            let left = api.clock.at(Date(start.0 + seconds)).since(api.clock.now);
            if left.is_zero() {
                let message = "Job was active longer than specified deadline";
                return Some(condition(api, "FailureTarget", "DeadlineExceeded", message));
            }
            self.look_again(left);
        }
        self.indexes.as_ref().and_then(|indexes| indexes.verdict(&self.job)).map(|(reason, message)| {
            condition(api, "FailureTarget", reason, message)
        })
    }

    fn look_again(&mut self, after: Duration) {
        self.again = Some(self.again.map_or(after, |soonest| soonest.min(after)));
    }

    /// True where the containers of Pods that restart by themselves have done so as often as allowed.
    fn restarted_too_often(&self, limit: i64) -> bool {
        if self.job.spec().at(&["template", "spec", "restartPolicy"]).str() != "OnFailure" {
            return false;
        }
        let restarts: i64 = self
            .active
            .iter()
            .flat_map(|pod| ["initContainerStatuses", "containerStatuses"].map(|field| pod.status().get(field)))
            .flat_map(|list| list.items())
            .map(|container| container.get("restartCount").int())
            .sum();
        if limit == 0 { restarts > 0 } else { restarts >= limit }
    }

    fn is_complete(&self, active: i64) -> bool {
        match self.job.spec().get("completions").as_int() {
            None => self.succeeded > 0 && active == 0,
            Some(wanted) => self.succeeded >= wanted || policy::succeeds(&self.job, self.indexes.as_ref()),
        }
    }

    fn tell_of_suspension(&mut self, api: &mut ApiServer) {
        let (was, is) = (self.job.condition("Suspended"), self.is_suspended());
        let (status, reason, message) = match (is, was.get("status").str()) {
            (true, "True") | (false, "" | "False") => return,
            (true, _) => ("True", "JobSuspended", "Job suspended"),
            (false, _) => ("False", "JobResumed", "Job resumed"),
        };
        let mut told = condition(api, "Suspended", reason, message);
        told.set("status", status);
        crate::apiserver::server::set_condition(&mut self.status, told);
        if is {
            self.status.remove("startTime");
            api.event(&self.job, SOURCE, "Suspended", "Job suspended");
        } else {
            self.status.set("startTime", api.clock.date().rfc3339());
            api.event(&self.job, SOURCE, "Resumed", "Job resumed");
        }
    }

    /// Puts ended Pods down as uncounted, lets them go, counts them, and finishes the Job where all are
    /// (`trackJobStatusAndRemoveFinalizers`).
    fn track(&mut self, api: &mut ApiServer, finished: Option<Value>, terminating: usize) {
        let fails = finished.as_ref().is_some_and(|c| c.get("type").str() == "FailureTarget");
        let mut released = Vec::new();
        for pod in self.pods.clone().iter().filter(|pod| has_finalizer(pod)) {
            let failed = self.counts_as_failed(pod);
            if !self.has_ended(pod) && finished.is_none() && !self.job.is_terminating() {
                continue;
            }
            released.push(pod.key());
            let field = match () {
                () if has_succeeded(pod) && self.indexes.is_none() => "succeeded",
                () if has_succeeded(pod) => continue,
                () if failed || fails => "failed",
                () => continue,
            };
            if !self.is_uncounted(field, pod) {
                self.status.entry_at(&["uncountedTerminatedPods", field]).push(pod.uid());
            }
        }
        if let Some(indexes) = &self.indexes {
            indexes.write(&mut self.status);
        }
        let mut last = None;
        if let Some(told) = finished {
            let kind = told.get("type").str().to_string();
            if self.job.condition(&kind).is_null() {
                self.status.entry("conditions").push(told.clone());
            }
            let end = if fails { "Failed" } else { "Complete" };
            last = Some(condition(api, end, told.get("reason").str(), told.get("message").str()));
        }
        self.status.set_default("uncountedTerminatedPods", Value::map());
        self.write(api);
        for key in released {
            drop_finalizer(api, &key, TRACKING);
        }
        for field in ["succeeded", "failed"] {
            let uids: Vec<String> = self.uncounted(field).iter().map(|uid| uid.str().to_string()).collect();
            if uids.is_empty() {
                continue;
            }
            self.status.entry("uncountedTerminatedPods").remove(field);
            let all = self.status.get(field).int() + uids.len() as i64;
            self.status.set(field, all);
        }
        // The end is told once no Pod runs any more.
        if let Some(last) = last.filter(|_| terminating == 0 && !self.goes_on(api)) {
            self.finish(api, last);
        } else {
            self.write(api);
        }
    }

    /// True while Pods of the Job have yet to stop.
    fn goes_on(&self, api: &ApiServer) -> bool {
        self.pods.iter().any(|pod| api.get(&pod.key()).is_some_and(|pod| !pod::is_terminal(pod)))
    }

    fn finish(&mut self, api: &mut ApiServer, last: Value) {
        let complete = last.get("type").str() == "Complete";
        if complete {
            self.status.set("completionTime", last.get("lastTransitionTime").clone());
        }
        self.status.entry("conditions").push(last.clone());
        self.write(api);
        if complete {
            api.event(&self.job, SOURCE, "Completed", "Job completed");
        } else {
            api.warning(&self.job, SOURCE, last.get("reason").str(), last.get("message").str());
        }
    }

    fn write(&self, api: &mut ApiServer) {
        let status = self.status.clone();
        api.modify_status(&self.job.key(), |written| *written = status);
    }
}

fn has_succeeded(pod: &Object) -> bool {
    pod.status().get("phase").str() == "Succeeded"
}

fn condition(api: &ApiServer, kind: &str, reason: &str, message: &str) -> Value {
    let now = api.clock.date().rfc3339();
    value!({
        "lastProbeTime": (now.as_str()),
        "lastTransitionTime": (now.as_str()),
        "message": message,
        "reason": reason,
        "status": "True",
        "type": kind
    })
}
