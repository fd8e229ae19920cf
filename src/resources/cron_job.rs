//! CronJob.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::{NONE, age, containers, label_selector, optional_bool, or, since};
use super::{
    Generation, Rules, cron, empty_status, formats, headings, job, metadata, pod_spec, pod_template,
};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::Spec,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    warn,
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

fn warn(new: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    const SPEC: Path = Path::root("spec");
    if old.is_none() {
        metadata::warn_of_name(new, "Pod names and hostnames", warnings);
    }
    if pod_template::is_changed(new, old) {
        let job = SPEC.field("jobTemplate");
        let job = job.field("spec");
        let template = new.at(&["spec", "jobTemplate", "spec", "template"]);
        pod_spec::warn(template, Some(&job.field("template")), warnings);
    }
    // Only a CronJob from before there was `timeZone` can still have one.
    if old.is_some() && new.at(&["spec", "schedule"]).str().contains("TZ") {
        warnings.push(
            "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see \
             https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
                .into(),
        );
    }
}

fn validate(cron_job: &Value, causes: &mut Vec<Cause>) {
    // The names of its Jobs are eleven characters longer, and must be labels.
    const MOST: usize = 52;
    metadata::validate(cron_job, true, formats::dns_subdomain, causes);
    validate_spec(cron_job.get("spec"), causes);
    let name = cron_job.at(&["metadata", "name"]).str();
    if name.len() > MOST {
        let path = Path::root("metadata");
        causes.push(path.field("name").invalid(name, format_args!("must be no more than {MOST} characters")));
    }
}

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    let path = SPEC.field("schedule");
    match spec.get("schedule").str() {
        "" => causes.push(path.required()),
        schedule => {
            if let Err(message) = cron::Schedule::parse(schedule) {
                causes.push(path.invalid(schedule, message));
            }
            if schedule.contains("TZ") {
                let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
                causes.push(path.invalid(schedule, detail));
            }
        }
    }
    let field = "startingDeadlineSeconds";
    SPEC.field(field).check_not_negative(spec.get(field), causes);
    validate_time_zone(spec.get("timeZone"), &SPEC.field("timeZone"), causes);
    pod_spec::one_of(spec, "concurrencyPolicy", &["Allow", "Forbid", "Replace"], &SPEC, causes);
    let template = SPEC.field("jobTemplate");
    let path = template.field("spec");
    let job_spec = spec.at(&["jobTemplate", "spec"]);
    job::validate_spec(job_spec, &path, causes);
    let selector = job_spec.get("selector");
    if !selector.is_null() {
        causes.push(path.field("selector").invalid(selector, "`selector` will be auto-generated"));
    }
    if job_spec.get("manualSelector").bool() {
        causes.push(path.field("manualSelector").unsupported(true, &["nil", "false"]));
    }
    for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        SPEC.field(field).check_not_negative(spec.get(field), causes);
    }
}

/// The form of a name of the IANA's database; which names there are is not known here.
fn validate_time_zone(zone: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let Some(name) = zone.as_str() else { return };
    if name.is_empty() {
        causes.push(path.invalid(name, "timeZone must be nil or non-empty string"));
        return;
    }
    let is_part = |part: &str| {
        !matches!(part, "." | "..")
            && (1..=14).contains(&part.len())
            && !part.starts_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
    };
    if !name.split('/').all(is_part) {
        causes.push(path.invalid(name, format_args!("unknown time zone {name}")));
        return;
    }
    if name.eq_ignore_ascii_case("local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        causes.push(path.invalid(name, detail));
    } else if !cron::is_time_zone(name) {
        causes.push(path.invalid(name, format_args!("unknown time zone {name}")));
    }
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
