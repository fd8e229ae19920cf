//! `kubectl label`

use crate::api::Object;
use crate::base::Value;
use crate::resources::formats;

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::pairs::{self, Changes};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

/// The flags of `label` and `annotate`.
pub(super) const MARKING: &str = "all:bool all-namespaces,A:bool field-selector list:bool local:bool overwrite:bool \
    resource-version selector,l";

pub(super) const COMMAND: Command = Command {
    name: "label",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    flags: &[RECORD, FILES, PRINT, DRY_RUN, MARKING, "field-manager=kubectl-label"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (resources, words) = pairs::split(session.args(), "label")?;
    let changes = read(&words)?;
    check(session, &resources, &changes, "label")?;
    let (infos, errors, single) = find(session, &resources)?;
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    let overwrite = session.flags.is("overwrite");
    let listed = session.flags.is("list");
    for object in infos {
        if dry_run != DryRun::Client && !listed {
            for key in changes.remove.iter().filter(|key| object.labels().get(key).is_null()) {
                session.line(format!("label \"{key}\" not found."));
            }
        }
        if !overwrite {
            let taken = |(key, value): (&String, &String)| {
                let now = object.labels().get(key).as_str()?;
                (now != value).then(|| {
                    Error::plain(format!("'{key}' already has a value ({now}), and --overwrite is false"))
                })
            };
            Error::all(changes.set.iter().filter_map(taken).collect())?;
        }
        let mut labels = object.labels().as_map().cloned().unwrap_or_default();
        let before = labels.clone();
        changes.remove.iter().for_each(|key| drop(labels.remove(key)));
        changes.set.iter().for_each(|(key, value)| drop(labels.insert(key.as_str(), value.as_str())));
        let deed = match labels.len() {
            _ if labels == before => "not labeled",
            now if now < before.len() && !overwrite => "unlabeled",
            _ => "labeled",
        };
        let mut changed = object.clone();
        if labels.is_empty() && !before.is_empty() {
            changed.entry("metadata").remove("labels");
        } else if !labels.is_empty() {
            changed.set_at(&["metadata", "labels"], Value::Map(labels));
        }
        if listed {
            list(session, &changed, "labels", single);
            continue;
        }
        expect_version(session, &mut changed);
        if dry_run != DryRun::Client && !session.flags.is("local") {
            changed = session.change(&object, changed, dry_run.is_server())?;
        }
        teller.tell(session, &changed.body, deed)?;
    }
    Error::all(errors).and(DONE)
}

/// `--list`: what would be after the change, which is not written.
pub(super) fn list(session: &mut Session<'_>, object: &Object, what: &str, single: bool) {
    if !single {
        let names = object.kind.names();
        session.line(format!("Listing {what} for {}.{}/{}:", names.kind, names.group, object.name()));
    }
    for (key, value) in object.meta(what).entries() {
        session.line(format!("{}{key}={}", if single { "" } else { " " }, value.str()));
    }
}

/// Lets the server refuse the change of an object that is not of the version that was asked for.
pub(super) fn expect_version(session: &Session<'_>, changed: &mut Object) {
    let version = session.flags.text("resource-version");
    if !version.is_empty() {
        changed.set_at(&["metadata", "resourceVersion"], version);
    }
}

fn read(words: &[String]) -> Result<Changes> {
    let mut changes = Changes::default();
    for word in words {
        if word.contains('=') {
            let (key, value) = match word.split('=').collect::<Vec<_>>()[..] {
                [key, value] => (key, value),
                _ => bail!("invalid label spec: {word}"),
            };
            let problems = formats::label_value(value);
            if !problems.is_empty() {
                bail!("invalid label value: \"{word}\": {}", problems.join("; "));
            }
            changes.set.insert(key.into(), value.into());
        } else {
            changes.remove.push(word.trim_end_matches('-').into());
        }
    }
    if changes.remove.iter().any(|key| changes.set.contains_key(key)) {
        bail!("can not both modify and remove a label in the same command");
    }
    Ok(changes)
}

/// What `label` and `annotate` say of arguments that make no sense.
pub(super) fn check(
    session: &Session<'_>,
    resources: &[String],
    changes: &Changes,
    what: &str,
) -> Result<()> {
    let flags = session.flags;
    if flags.is("all") && !flags.text("selector").is_empty() {
        bail!("cannot set --all and --selector at the same time");
    }
    if flags.is("all") && !flags.text("field-selector").is_empty() {
        bail!("cannot set --all and --field-selector at the same time");
    }
    if resources.is_empty() && flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if changes.set.is_empty() && changes.remove.is_empty() && !flags.is("list") {
        bail!("at least one {what} update is required");
    }
    Ok(())
}

/// The objects that `label` and `annotate` are about.
pub(super) fn find(
    session: &mut Session<'_>,
    resources: &[String],
) -> Result<(Vec<crate::api::Object>, Vec<Error>, bool)> {
    let flags = session.flags;
    let local = flags.is("local");
    let found = Builder::new(session)
        .all_namespaces(flags.is("all-namespaces"))
        .files(session)
        .labels(flags.text("selector"))
        .fields(flags.text("field-selector"))
        .select_all(flags.is("all"))
        .local(local)
        .args(resources, false)
        .find(session)?;
    let single = found.single;
    let (infos, mut errors) = found.infos();
    if infos.len() != 1 && !flags.text("resource-version").is_empty() {
        bail!("--resource-version may only be used with a single resource");
    }
    let mut objects = Vec::new();
    for info in infos {
        if info.source.is_empty() || local {
            objects.extend(info.object);
            continue;
        }
        match session.read(info.kind, &info.namespace, &info.name) {
            Ok(object) => objects.push(object),
            Err(error) => errors.push(error),
        }
    }
    Ok((objects, errors, single))
}
