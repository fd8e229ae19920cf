//! CronJob.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::{NONE, age, containers, label_selector, optional_bool, or, since};
use super::{Generation, Rules, empty_status, headings, job, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::Spec,
    columns: headings![
        "NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE";
        "CONTAINERS", "IMAGES", "SELECTOR"
    ],
    row,
    ..Rules::PLAIN
};

/// Of its Job's own fields nothing is filled in before there is a Job.
fn set_defaults(cron_job: &mut Value) {
    let spec = cron_job.entry("spec");
    spec.set_default("concurrencyPolicy", "Allow");
    spec.set_default("suspend", false);
    spec.set_default("successfulJobsHistoryLimit", 3);
    spec.set_default("failedJobsHistoryLimit", 1);
    let template = spec.entry("jobTemplate");
    template.set_default("metadata", Value::map());
    let job_spec = template.entry("spec");
    job::set_failure_policy_defaults(job_spec);
    pod_template::set_defaults(job_spec);
}

fn row(cron_job: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (cron_job.spec(), cron_job.status());
    let job = spec.at(&["jobTemplate", "spec"]);
    let [names, images] = containers(job.get("template"));
    let last = status.get("lastScheduleTime");
    vec![
        cron_job.name().into(),
        spec.get("schedule").str().into(),
        or(spec.get("timeZone"), NONE),
        optional_bool(spec.get("suspend")),
        status.get("active").items().len().to_string(),
        if last.is_null() { NONE.into() } else { since(last, now) },
        age(cron_job, now),
        names,
        images,
        label_selector(job.get("selector")),
    ]
}
