//! `kubectl kustomize` and `-k`: what kustomize 5 makes of a folder with a `kustomization.yaml`.

mod fields;
mod generators;
pub(super) mod hash;
mod images;
mod kustomization;
mod labels;
mod merge;
mod names;
mod order;
mod patches;
mod path;
mod references;
mod replacements;
mod resource;
mod resources;
mod root;
mod selector;
mod target;

use crate::base::{Value, yaml};

use super::command::Command;
use super::error::{Error, Result, bail};
use super::manifest;
use super::session::{DONE, Flow, Session};
use resource::Resource;
use root::Root;
pub(super) use root::join;

/// What kustomize comes to, or its complaint.
type Outcome<T> = std::result::Result<T, String>;

pub(super) const COMMAND: Command = Command {
    name: "kustomize",
    usage: "DIR [flags]",
    short: "Build a kustomization target from a directory or URL",
    flags: &[
        "as-current-user:bool~ enable-alpha-plugins:bool~ enable-helm:bool~ env,e:array~ helm-api-versions:list~ \
         helm-command=helm~ helm-debug:bool~ helm-kube-version~ load-restrictor=LoadRestrictionsRootOnly mount:array~ \
         network:bool~ network-name=bridge~ output,o",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let folder = match session.args() {
        [] => ".".to_string(),
        [folder] => folder.clone(),
        _ => bail!("specify one path to kustomization.yaml"),
    };
    let everywhere = match session.flags.text("load-restrictor") {
        "LoadRestrictionsNone" => true,
        "LoadRestrictionsRootOnly" => false,
        other => bail!(
            "illegal flag value --load-restrictor {other}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]"
        ),
    };
    let text = text(session, &folder, everywhere)?;
    match session.flags.text("output").to_string().as_str() {
        "" => session.io.out(&text),
        file if session.io.is_dir(file) => {
            bail!("Saya does not simulate kubectl kustomize --output of a folder")
        }
        file => session
            .io
            .write_file(file, text.as_bytes())
            .map_err(|why| Error::plain(format!("open {file}: {why}")))?,
    }
    DONE
}

/// The manifest that the kustomization in `folder` makes (`-k`).
///
/// # Errors
/// kustomize's words.
pub(super) fn build(session: &mut Session<'_>, folder: &str) -> Result<String> {
    text(session, folder, false)
}

fn text(session: &mut Session<'_>, folder: &str, everywhere: bool) -> Result<String> {
    let mut warnings = Vec::new();
    let built = Root::of_command(&*session.io, folder, everywhere)
        .and_then(|root| target::build(&root, &mut warnings));
    for warning in warnings {
        session.io.err(&warning);
    }
    let all = built.map_err(Error::Plain)?;
    let documents: Vec<String> = all.iter().map(|one: &Resource| yaml::to_string(&one.body)).collect();
    Ok(documents.join("---\n"))
}

/// The objects in a text, lists taken apart, each with a kind and a name.
fn read_objects(text: &[u8]) -> Outcome<Vec<Value>> {
    let mut all = Vec::new();
    for document in manifest::documents(text) {
        let document = document
            .map_err(|why| why.strip_prefix("error converting YAML to JSON: ").unwrap_or(&why).to_string())?;
        let is_list =
            document.get("kind").str().ends_with("List") && matches!(document.get("items"), Value::List(_));
        match is_list {
            true => all.extend_from_slice(document.get("items").items()),
            false if document.is_null() => {}
            false => all.push(document),
        }
    }
    for object in &all {
        let metadata = object.get("metadata");
        let lacks = match (object.get("kind").str(), metadata.get("name").str()) {
            ("", _) if object.get("apiVersion").is_null() && metadata.is_null() => {
                return Err("missing Resource metadata".into());
            }
            ("", _) => "kind",
            (kind, "") if !kind.ends_with("List") => "metadata.name",
            _ => continue,
        };
        let map = |field: &str| {
            let pairs: Vec<String> =
                metadata.get(field).entries().map(|(key, value)| [key, ":", value.str()].concat()).collect();
            pairs.join(" ")
        };
        return Err(format!(
            "missing {lacks} in object {{{{{} {}}} {{{{{} {}}} map[{}] map[{}]}}}}",
            object.get("apiVersion").str(),
            object.get("kind").str(),
            metadata.get("name").str(),
            metadata.get("namespace").str(),
            map("labels"),
            map("annotations")
        ));
    }
    Ok(all)
}
