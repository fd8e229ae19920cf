//! `kubectl annotate`

use crate::base::Value;

use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::label::{MARKING, check, expect_version, find, list};
use super::pairs;
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "annotate",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    flags: &[RECORD, FILES, PRINT, DRY_RUN, MARKING, "field-manager=kubectl-annotate"],
    run: Some(run),
    ..Command::NONE
};

/// An annotation that may always be overwritten.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (resources, words) = pairs::split(session.args(), "annotation")?;
    let changes = pairs::read(&words, "annotation", true)?;
    check(session, &resources, &changes, "annotation")?;
    let both: Vec<&str> =
        changes.remove.iter().filter(|key| changes.set.contains_key(*key)).map(String::as_str).collect();
    if !both.is_empty() {
        bail!(
            "can not both modify and remove the following annotation(s) in the same command: {}",
            both.join(", ")
        );
    }
    let (objects, errors, single) = find(session, &resources)?;
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    for object in objects {
        if !session.flags.is("overwrite") {
            let taken = changes.set.keys().filter(|key| *key != CHANGE_CAUSE).filter_map(|key| {
                let now = object.annotation(key).as_str()?;
                Some(format!("'{key}' already has a value ({now})"))
            });
            let taken: Vec<String> = taken.collect();
            if !taken.is_empty() {
                bail!(
                    "--overwrite is false but found the following declared annotation(s): {}",
                    taken.join("; ")
                );
            }
        }
        let mut annotations = object.meta("annotations").as_map().cloned().unwrap_or_default();
        changes.remove.iter().for_each(|key| drop(annotations.remove(key)));
        changes.set.iter().for_each(|(key, value)| drop(annotations.insert(key.as_str(), value.as_str())));
        let mut changed = object.clone();
        if !annotations.is_empty() {
            changed.set_at(&["metadata", "annotations"], Value::Map(annotations));
        } else if !object.meta("annotations").is_null() {
            changed.entry("metadata").remove("annotations");
        }
        if session.flags.is("list") {
            list(session, &changed, "annotations", single);
            continue;
        }
        expect_version(session, &mut changed);
        if dry_run != DryRun::Client && !session.flags.is("local") {
            changed = session.change(&object, changed, dry_run.is_server())?;
        }
        teller.tell(session, &changed.body, "annotated")?;
    }
    Error::all(errors).and(DONE)
}
