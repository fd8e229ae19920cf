//! `kubectl set image`

use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::pairs;
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::kubectl::templates::each_container;

use super::{SETTING, check, find, send};

pub(super) const COMMAND: Command = Command {
    name: "image",
    usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    short: "Update the image of a pod template",
    flags: &[FILES, PRINT, DRY_RUN, SETTING],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (resources, words) = pairs::split(session.args(), "image")?;
    let images = pairs::read(&words, "image", false)?.set;
    let (objects, mut errors) = find(session, &resources)?;
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    check(session, &resources)?;
    if images.is_empty() {
        bail!("at least one image update is required");
    }
    if images.len() > 1 && images.contains_key("*") {
        bail!(
            "all containers are already specified by *, but saw more than one container_name=container_image pairs"
        );
    }
    let mut teller = Teller::new(session)?;
    for object in objects {
        let mut changed = object.clone();
        let mut missing = Vec::new();
        for (name, image) in &images {
            let lists = ["initContainers", "containers"];
            let found = each_container(&mut changed, &lists, name, |container| {
                container.set("image", image.as_str())
            });
            if found == 0 {
                missing.push(Error::plain(format!("unable to find container named \"{name}\"")));
            }
        }
        if !missing.is_empty() {
            errors.extend(missing);
            continue;
        }
        if changed.body == object.body && !session.flags.is("local") {
            continue;
        }
        if let Err(error) = send(session, &mut teller, &object, changed, "image updated") {
            errors.push(Error::plain(format!(
                "failed to patch image update to pod template: {}",
                error.message()
            )));
        }
    }
    Error::all(errors).and(DONE)
}
