//! CronJobs: a Job at each time of a schedule.

mod schedule;

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::{Date, Value};
use crate::value;

use super::{Enqueue, NOW, job, ownership};

pub use schedule::Schedule;

const SOURCE: Source<'static> = Source::component("cronjob-controller");
/// How long after its time a Job is started.
const DELTA: Duration = Duration::from_millis(100);
/// More times than this may not have been missed.
const MISSED_AT_MOST: usize = 100;

/// Looks at a CronJob when it or a Job of it changes.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::CronJob if change.kind != ChangeKind::Deleted => enqueue(object.key(), NOW),
        Kind::Job => {
            ownership::controllers_of(Kind::CronJob, change, |key| enqueue(key, NOW));
        }
        _ => {}
    }
}

/// Starts the Job that is due, and forgets old ones.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let cron_job = api.get(key)?.clone();
    let jobs: Vec<Object> = api
        .store()
        .owned_by(cron_job.uid())
        .filter(|object| object.kind == Kind::Job && object.is_controlled_by(cron_job.uid()))
        .cloned()
        .collect();
    let cron_job = keep_active_list(api, cron_job, &jobs);
    let again = if cron_job.is_terminating() || cron_job.spec().get("suspend").bool() {
        None
    } else {
        start_due(api, &cron_job)
    };
    forget_finished(api, &cron_job, &jobs);
    again
}

fn succeeded(job: &Object) -> bool {
    job.has_condition("Complete")
}

/// Takes finished and missing Jobs off the list of active ones.
fn keep_active_list(api: &mut ApiServer, cron_job: Object, jobs: &[Object]) -> Object {
    let mut status = cron_job.status().clone();
    let mut active: Vec<Value> = Vec::new();
    for reference in cron_job.status().get("active").items() {
        let name = reference.get("name").str();
        match jobs.iter().find(|job| job.uid() == reference.get("uid").str()) {
            Some(done) if job::is_finished(done) => {
                let how = if succeeded(done) { "Complete" } else { "Failed" };
                let what = format!("Saw completed job: {name}, condition: {how}");
                api.event(&cron_job, SOURCE, "SawCompletedJob", &what);
                let at = done.status().get("completionTime");
                if succeeded(done) && at.str() > status.get("lastSuccessfulTime").str() {
                    status.set("lastSuccessfulTime", at.clone());
                }
            }
            Some(_) => active.push(reference.clone()),
            None => {
                api.event(&cron_job, SOURCE, "MissingJob", &format!("Active job went missing: {name}"));
            }
        }
    }
    if active.is_empty() {
        status.remove("active");
    } else {
        status.set("active", active);
    }
    api.modify_status(&cron_job.key(), |written| *written = status).unwrap_or(cron_job)
}

fn starts_of(cron_job: &Object) -> Date {
    let last = Date::parse_rfc3339(cron_job.status().get("lastScheduleTime").str());
    last.or(cron_job.created_at()).unwrap_or_default()
}

fn start_due(api: &mut ApiServer, cron_job: &Object) -> Option<Duration> {
    let (text, zone) = (cron_job.spec().get("schedule").str(), cron_job.spec().get("timeZone").str());
    let schedule = match Schedule::parse(text, zone) {
        Ok(schedule) => schedule,
        Err(why) if why.starts_with("unknown time zone") => {
            let what = format!("invalid timeZone: {zone:?}: {why}");
            api.warning(cron_job, SOURCE, "UnknownTimeZone", &what);
            return None;
        }
        Err(why) => {
            let what = format!("unparseable schedule: {text} : {why}");
            api.warning(cron_job, SOURCE, "UnparseableSchedule", &what);
            return None;
        }
    };
    let now = api.clock.date();
    let deadline = cron_job.spec().get("startingDeadlineSeconds").as_int();
    let mut from = starts_of(cron_job);
    if let Some(deadline) = deadline {
        from = from.max(Date(now.0 - deadline));
    }
    let (mut due, mut missed) = (None, 0);
    let mut next = schedule.next(from);
    while let Some(time) = next.filter(|time| *time <= now) {
        due = Some(time);
        missed += 1;
        next = schedule.next(time);
    }
    if missed > MISSED_AT_MOST {
        let what = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        api.warning(cron_job, SOURCE, "TooManyMissedTimes", what);
    }
    if let Some(due) = due {
        start(api, cron_job, due, deadline);
    }
    next.map(|next| api.clock.at(next).since(api.clock.now) + DELTA)
}

fn start(api: &mut ApiServer, cron_job: &Object, due: Date, deadline: Option<i64>) {
    if deadline.is_some_and(|deadline| due.0 + deadline < api.clock.date().0) {
        let what = format!("Missed scheduled time to start a job: {}", due.rfc1123());
        return api.warning(cron_job, SOURCE, "MissSchedule", &what);
    }
    let name = format!("{}-{}", cron_job.name(), due.0 / 60);
    let last = cron_job.status().get("lastScheduleTime").str();
    let active = cron_job.status().get("active").items();
    if active.iter().any(|job| job.get("name").str() == name) || last == due.rfc3339() {
        return;
    }
    let mut left: Vec<Value> = active.to_vec();
    match cron_job.spec().get("concurrencyPolicy").str() {
        "Forbid" if !active.is_empty() => {
            let what = "Not starting job because prior execution is running and concurrency policy is Forbid";
            return api.event(cron_job, SOURCE, "JobAlreadyActive", what);
        }
        "Replace" => {
            for running in left.drain(..) {
                delete(api, cron_job, running.get("name").str());
            }
        }
        _ => {}
    }
    let template = cron_job.spec().get("jobTemplate");
    let mut new = Object::new(Kind::Job, cron_job.namespace(), &name);
    for field in ["labels", "annotations"] {
        if !template.at(&["metadata", field]).is_empty() {
            new.set_at(&["metadata", field], template.at(&["metadata", field]).clone());
        }
    }
    new.set_at(&["metadata", "annotations", "batch.kubernetes.io/cronjob-scheduled-timestamp"], due.rfc3339());
    new.set_at(&["metadata", "ownerReferences"], value!([(cron_job.as_controller())]));
    new.set("spec", template.get("spec").clone());
    match api.create(new.body, cron_job.namespace(), false) {
        Ok(created) => {
            api.event(cron_job, SOURCE, "SuccessfulCreate", &format!("Created job {name}"));
            left.push(value!({
                "apiVersion": "batch/v1",
                "kind": "Job",
                "name": name,
                "namespace": (cron_job.namespace()),
                "resourceVersion": (created.meta("resourceVersion").clone()),
                "uid": (created.uid())
            }));
        }
        Err(refusal) if refusal.reason == "AlreadyExists" || super::namespace_is_going(api, cron_job) => return,
        Err(refusal) => {
            return api.warning(cron_job, SOURCE, "FailedCreate", &format!("Error creating job: {}", refusal.message));
        }
    }
    api.modify_status(&cron_job.key(), |status| {
        status.set("active", left);
        status.set("lastScheduleTime", due.rfc3339());
    });
}

fn delete(api: &mut ApiServer, cron_job: &Object, name: &str) {
    let key = cron_job.key().sibling(Kind::Job, name);
    match api.delete(&key, Deletion::default()) {
        Ok(_) => api.event(cron_job, SOURCE, "SuccessfulDelete", &format!("Deleted job {name}")),
        Err(refusal) => {
            api.warning(cron_job, SOURCE, "FailedDelete", &format!("Deleted job: {}", refusal.message));
        }
    }
}

/// Deletes the oldest finished Jobs beyond what the history keeps of each outcome.
fn forget_finished(api: &mut ApiServer, cron_job: &Object, jobs: &[Object]) {
    for (field, good, unset) in [("successfulJobsHistoryLimit", true, 3), ("failedJobsHistoryLimit", false, 1)] {
        let limit = cron_job.spec().get(field).as_int().unwrap_or(unset);
        let mut finished: Vec<&Object> = jobs
            .iter()
            .filter(|job| job::is_finished(job) && succeeded(job) == good && !job.is_terminating())
            .collect();
        finished.sort_by_key(|job| (job.status().get("startTime").str().to_string(), job.name().to_string()));
        let surplus = finished.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        for job in &finished[..surplus] {
            delete(api, cron_job, job.name());
        }
    }
}
