//! `kubectl apply`

use crate::api::{Object, ObjectKey};
use crate::apiserver::patch::{self, PatchKind};
use crate::base::{Value, json};

use super::builder::{Builder, Info};
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD, VALIDATE};
use super::printer::{self, Teller};
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "apply",
    usage: "(-f FILENAME | -k DIRECTORY)",
    short: "Apply a configuration to a resource by file name or stdin",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        VALIDATE,
        "all:bool cascade=background?background field-manager=kubectl-client-side-apply force:bool \
         force-conflicts:bool grace-period:int=-1 openapi-patch:bool=true overwrite:bool=true prune:bool \
         prune-allowlist:array selector,l server-side:bool subresource timeout:duration=0s wait:bool",
    ],
    commands: &[
        &super::not_simulated::EDIT_LAST_APPLIED,
        &super::set_last_applied::COMMAND,
        &super::view_last_applied::COMMAND,
    ],
    run: Some(run),
    ..Command::NONE
};

/// Where `apply` keeps what it applied.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !session.args().is_empty() {
        return Err(session.usage(format!("Unexpected args: [{}]", session.args().join(" "))));
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("must specify one of -f and -k");
    }
    if flags.is("force-conflicts") && !flags.is("server-side") {
        bail!("--force-conflicts only works with --server-side");
    }
    if flags.is("server-side") && flags.text("dry-run") == "client" {
        bail!("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    }
    if !flags.text("subresource").is_empty() && !flags.is("server-side") {
        bail!("--subresource can only be specified for --server-side");
    }
    if flags.is("prune") && flags.text("selector").is_empty() && !flags.is("all") {
        bail!(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector"
        );
    }
    let dry_run = session.dry_run()?;
    let found = Builder::new(session).files(session).labels(flags.text("selector")).find(session)?;
    let (infos, mut errors) = found.infos();
    if infos.is_empty() && errors.is_empty() {
        bail!("no objects passed to apply");
    }
    let mut teller = Teller::new(session)?;
    let mut applied = Vec::new();
    for info in infos {
        let done = match flags.is("server-side") {
            true => apply_on_server(session, &info, dry_run).map(|object| (object, "serverside-applied")),
            false => apply(session, &info, dry_run),
        };
        match done {
            Ok((object, deed)) => {
                if !teller.prints_objects() {
                    teller.tell(session, &object.body, deed)?;
                }
                applied.push(object);
            }
            Err(error) => errors.push(error),
        }
    }
    if teller.prints_objects() && !applied.is_empty() {
        let value = match &applied[..] {
            [one] => one.body.clone(),
            several => {
                let mut list = printer::list(several);
                list.set("metadata", Value::map());
                list
            }
        };
        teller.tell(session, &value, "")?;
    }
    if flags.is("prune") && errors.is_empty() {
        super::prune::prune(session, &mut teller, &applied, dry_run)?;
    }
    Error::all(errors).and(DONE)
}

/// Applies one object; says what was done.
fn apply(session: &mut Session<'_>, info: &Info, dry_run: DryRun) -> Result<(Object, &'static str)> {
    let Some(file) = info.object.clone() else { bail!("no object") };
    if info.name.is_empty() && !file.meta("generateName").is_empty() {
        bail!("from {}: cannot use generate name with apply", file.meta("generateName").str());
    }
    let modified = modified_configuration(&file);
    let key = ObjectKey::new(info.kind, &info.namespace, &info.name);
    let current = match check_name(&info.name) {
        Err(why) => {
            bail!(
                "error when retrieving current configuration of:\n{}\nfrom server for: \"{}\": {why}",
                info.describe(),
                info.source
            );
        }
        Ok(()) => session.api.get(&key).cloned(),
    };
    let Some(current) = current else {
        let created = if dry_run == DryRun::Client {
            let mut object = file;
            *object = modified;
            object
        } else {
            let created = session.create(without_nulls(&modified), &info.namespace, dry_run.is_server());
            created.map_err(|error| error.of_source("creating", &info.source))?
        };
        return Ok((created, "created"));
    };
    if dry_run == DryRun::Client {
        return Ok((current, "configured"));
    }
    if current.annotation(LAST_APPLIED).is_null() {
        session.note(format!(
            "Warning: resource {} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            info.resource_name()
        ));
    }
    let original = match json::from_str(current.annotation(LAST_APPLIED).str()) {
        Ok(value) => value,
        Err(_) => Value::map(),
    };
    let mut there = current.body.clone();
    if info.kind.is_custom() {
        // It is read in the version in which the file has it.
        there.set("apiVersion", file.get("apiVersion").clone());
    }
    let changes = patch::three_way(info.kind, &original, &modified, &there).map_err(|why| {
        let texts = [&original, &modified, &current.body].map(json::to_string);
        Error::plain(format!(
            "error when creating patch with:\noriginal:\n{}\nmodified:\n{}\ncurrent:\n{}\nfor: \"{}\": {why}",
            texts[0], texts[1], texts[2], info.source
        ))
    })?;
    if changes.is_empty() {
        return Ok((current, "unchanged"));
    }
    let patched = session.patch(&key, PatchKind::usual(info.kind), &changes, dry_run.is_server());
    let patched = patched.map_err(|error| refused(error, &changes, info))?;
    if patched.is_terminating() {
        session.note(format!(
            "Warning: Detected changes to resource {} which is currently being deleted.",
            patched.name()
        ));
    }
    Ok((patched, "configured"))
}

/// What `apply` adds to the server's word of a conflict.
const ABOUT_CONFLICTS: &str = "
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

fn apply_on_server(session: &mut Session<'_>, info: &Info, dry_run: DryRun) -> Result<Object> {
    let Some(file) = info.object.clone() else { bail!("no object") };
    if info.name.is_empty() && !file.meta("generateName").is_empty() {
        bail!("from {}: cannot use generate name with apply", file.meta("generateName").str());
    }
    let key = ObjectKey::new(info.kind, &info.namespace, &info.name);
    let force = session.flags.is("force-conflicts");
    let applied = session.apply(&key, &without_nulls(&file.body), force, dry_run.is_server());
    applied.map_err(|error| match error {
        Error::Status { status, .. } if status.reason == "Conflict" => {
            Error::Plain(format!("{}{ABOUT_CONFLICTS}", status.message))
        }
        other => other,
    })
}

/// The value without the fields that are null, which `apply` does not send. Null items of lists stay.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let fields = map.iter().filter(|(_, value)| !value.is_null());
            Value::Map(fields.map(|(field, value)| (field, without_nulls(value))).collect())
        }
        Value::List(items) => items.iter().map(without_nulls).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

fn refused(error: Error, changes: &Value, info: &Info) -> Error {
    let Error::Status { status, .. } = error else { return error };
    let during = format!(
        "error when applying patch:\n{}\nto:\n{}\nfor: \"{source}\": error when patching \"{source}\": ",
        json::to_string(changes),
        info.describe(),
        source = info.source,
    );
    Error::Status { status, during }
}

/// The object as it is sent: with itself in its annotation.
pub fn modified_configuration(file: &Object) -> Value {
    let mut bare = file.body.clone();
    let annotations = bare.entry_at(&["metadata", "annotations"]);
    annotations.as_map_mut().remove(LAST_APPLIED);
    let text = json::to_string(&bare) + "\n";
    bare.set_at(&["metadata", "annotations", LAST_APPLIED], text);
    bare
}

/// What a request for an object of this name says before it is sent.
///
/// # Errors
/// client-go's words for names that cannot stand in an address.
pub fn check_name(name: &str) -> std::result::Result<(), String> {
    if name.is_empty() {
        return Err("resource name may not be empty".into());
    }
    if matches!(name, "." | "..") {
        return Err(format!("invalid resource name \"{name}\": [may not be '{name}']"));
    }
    let mut problems: Vec<String> = Vec::new();
    for c in ['/', '%'] {
        if name.contains(c) {
            problems.push(format!("may not contain '{c}'"));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("invalid resource name \"{name}\": [{}]", problems.join(" ")))
}
