//! `kubectl set selector`

use crate::api::Kind;
use crate::api::labels::Requirement;
use crate::apiserver::label_selector;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};

use super::{SETTING, find, send};

pub(super) const COMMAND: Command = Command {
    name: "selector",
    usage: "(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    short: "Set the selector on a resource",
    flags: &[PRINT, DRY_RUN, SETTING, "filename,f:list kustomize,k recursive,R:bool=true resource-version"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let Some((text, resources)) = args.split_last() else {
        bail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    };
    let selector = label_selector::parse(text).map_err(Error::Plain)?;
    let mut labels = Value::map();
    for requirement in &selector.0 {
        match requirement {
            Requirement::In(key, values) if values.len() == 1 => labels.set(key, values[0].as_str()),
            _ => bail!("selector can not use operators other than equality"),
        }
    }
    let (objects, mut errors) = find(session, resources)?;
    let mut teller = Teller::new(session)?;
    for object in objects {
        if object.kind != Kind::Service {
            errors.push(Error::plain(format!(
                "setting a selector is only supported for Services, not {}",
                object.kind
            )));
            continue;
        }
        let mut changed = object.clone();
        changed.set_at(&["spec", "selector"], &labels);
        if let Err(error) = send(session, &mut teller, &object, changed, "selector updated") {
            errors.push(error);
        }
    }
    Error::all(errors).and(DONE)
}
