//! Jobs.

use crate::api::Object;
use crate::base::time::human_duration;
use crate::base::{Date, Value};
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, date, or_unset, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, job: &Object) {
    let (spec, status) = (job.spec(), job.status());
    page.field(0, "Name", job.name());
    page.field(0, "Namespace", job.namespace());
    page.field(0, "Selector", selector_text(spec.get("selector")));
    page.labels(0, "Labels", job.labels());
    page.annotations(0, job.meta("annotations"));
    page.controller(job);
    if !spec.get("parallelism").is_null() {
        page.field(0, "Parallelism", spec.get("parallelism").int());
    }
    page.field(0, "Completions", or_unset(spec.get("completions")));
    if !spec.get("completionMode").is_null() {
        page.field(0, "Completion Mode", spec.get("completionMode").str());
    }
    if !spec.get("suspend").is_null() {
        page.field(0, "Suspend", spec.get("suspend").bool());
    }
    if !spec.get("backoffLimit").is_null() {
        page.field(0, "Backoff Limit", spec.get("backoffLimit").int());
    }
    if !spec.get("ttlSecondsAfterFinished").is_null() {
        page.field(0, "TTL Seconds After Finished", spec.get("ttlSecondsAfterFinished").int());
    }
    let (start, end) = (status.get("startTime"), status.get("completionTime"));
    if !start.is_null() {
        page.field(0, "Start Time", date(start));
    }
    if !end.is_null() {
        page.field(0, "Completed At", date(end));
    }
    let moment = |value: &Value| Date::parse_rfc3339(value.str());
    if let (Some(start), Some(end)) = (moment(start), moment(end)) {
        page.field(0, "Duration", human_duration(end.0 - start.0));
    }
    if !spec.get("activeDeadlineSeconds").is_null() {
        page.field(
            0,
            "Active Deadline Seconds",
            format_args!("{}s", spec.get("activeDeadlineSeconds").int()),
        );
    }
    let count = |field: &str| status.get(field).int();
    let ready = match status.get("ready") {
        Value::Null => String::new(),
        ready => format!(" ({} Ready)", ready.int()),
    };
    page.field(
        0,
        "Pods Statuses",
        format_args!(
            "{} Active{ready} / {} Succeeded / {} Failed",
            count("active"),
            count("succeeded"),
            count("failed")
        ),
    );
    if spec.get("completionMode").str() == "Indexed" {
        let indexes = status.get("completedIndexes").str();
        page.field(0, "Completed Indexes", if indexes.is_empty() { "<none>" } else { indexes });
    }
    containers::template(page, spec.get("template"));
    page.events(session, job);
}
