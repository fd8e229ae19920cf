//! `kubectl create job`

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::builder::Builder;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name, words_after_dash};

pub(super) const COMMAND: Command = Command {
    name: "job",
    usage: "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    short: "Create a job with the specified name",
    flags: making!("from image"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (image, from) = (flags.text("image").to_string(), flags.text("from").to_string());
    let command = words_after_dash(session);
    if image.is_empty() == from.is_empty() {
        bail!("either --image or --from must be specified");
    }
    if !from.is_empty() && !command.is_empty() {
        bail!("cannot specify --from and command");
    }
    let fields = if from.is_empty() {
        let mut container = value!({"image": image, "name": (name.as_str()), "resources": {}});
        if !command.is_empty() {
            container.set("command", command);
        }
        value!({
            "spec": {
                "template": {"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}}
            },
            "status": {}
        })
    } else {
        let object = Builder::new(session).stop_at_first().args(&[from], false).one(session)?;
        if object.kind != Kind::CronJob {
            bail!("from must be an existing cronjob");
        }
        of_cron_job(&object)
    };
    make(session, Kind::Job, &name, without_empty_metadata(fields), Some("failed to create job:"))
}

/// A Job that a CronJob would make, made by hand.
fn of_cron_job(cron_job: &Object) -> Value {
    let template = cron_job.spec().get("jobTemplate");
    let mut annotations = template.at(&["metadata", "annotations"]).clone();
    annotations.set("cronjob.kubernetes.io/instantiate", "manual");
    let mut owner = cron_job.as_controller();
    owner.as_map_mut().remove("blockOwnerDeletion");
    let mut metadata = value!({"annotations": annotations, "ownerReferences": [owner]});
    if !template.at(&["metadata", "labels"]).is_empty() {
        metadata.set("labels", template.at(&["metadata", "labels"]));
    }
    value!({"metadata": metadata, "spec": (template.get("spec")), "status": {}})
}

/// A template's metadata is not told of where there is none.
pub(super) fn without_empty_metadata(mut fields: Value) -> Value {
    if fields.at(&["spec", "template", "metadata"]).is_empty() && !fields.at(&["spec", "template"]).is_null()
    {
        fields.entry_at(&["spec", "template"]).remove("metadata");
    }
    fields
}
