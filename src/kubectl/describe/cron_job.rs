//! CronJobs.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, date, or_unset, selector_text, truth_or_unset};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, job: &Object) {
    let (spec, status) = (job.spec(), job.status());
    page.head(job);
    page.field(0, "Schedule", spec.get("schedule").str());
    page.field(0, "Concurrency Policy", spec.get("concurrencyPolicy").str());
    page.field(0, "Suspend", truth_or_unset(spec.get("suspend")));
    page.field(0, "Time Zone", or_unset(spec.get("timeZone")));
    page.field(0, "Successful Job History Limit", or_unset(spec.get("successfulJobsHistoryLimit")));
    page.field(0, "Failed Job History Limit", or_unset(spec.get("failedJobsHistoryLimit")));
    page.field(0, "Starting Deadline Seconds", seconds(spec.get("startingDeadlineSeconds")));
    let template = spec.at(&["jobTemplate", "spec"]);
    let selector = template.get("selector");
    page.field(0, "Selector", if selector.is_null() { "<unset>".into() } else { selector_text(selector) });
    page.field(0, "Parallelism", or_unset(template.get("parallelism")));
    page.field(0, "Completions", or_unset(template.get("completions")));
    if !template.get("activeDeadlineSeconds").is_null() {
        page.field(0, "Active Deadline Seconds", seconds(template.get("activeDeadlineSeconds")));
    }
    containers::template(page, template.get("template"));
    let last = status.get("lastScheduleTime");
    page.field(0, "Last Schedule Time", if last.is_null() { "<unset>".into() } else { date(last) });
    let active: Vec<&str> = status.get("active").items().iter().map(|job| job.get("name").str()).collect();
    page.field(0, "Active Jobs", if active.is_empty() { "<none>".into() } else { active.join(", ") });
    page.events(session, job);
}

fn seconds(value: &Value) -> String {
    if value.is_null() { "<unset>".into() } else { format!("{}s", value.int()) }
}
