//! `kubectl create`: from files, or by a word of its own for many kinds.

mod cluster_role;
mod cluster_role_binding;
mod config_map;
mod cron_job;
mod deployment;
mod docker_registry_secret;
mod generic_secret;
mod ingress;
mod job;
mod namespace;
mod pod_disruption_budget;
mod priority_class;
mod quota;
mod role;
mod role_binding;
mod service;
mod service_account;
pub(super) mod sources;
mod tls_secret;
mod token;

use crate::api::{Kind, Object};
use crate::base::{Value, json};
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::builder::Builder;
use crate::kubectl::command::{Command, Group};
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT, RECORD, VALIDATE};
use crate::kubectl::printer::Teller;
use crate::kubectl::raw;
use crate::kubectl::session::{DONE, DryRun, Flow, Session};

/// The flags of every word that makes an object.
const MAKING: &str = "field-manager=kubectl-create save-config:bool";
/// The tables of flags of every word that makes an object, before its own.
macro_rules! making {
    ($($own:expr),*) => {
        &[
            crate::kubectl::flags::PRINT,
            crate::kubectl::flags::DRY_RUN,
            crate::kubectl::flags::VALIDATE,
            crate::kubectl::create::MAKING,
            $($own),*
        ]
    };
}
use making;

pub(super) use quota::amounts;

pub(super) const COMMAND: Command = Command {
    name: "create",
    usage: "-f FILENAME",
    short: "Create a resource from a file or from stdin",
    flags: &[
        FILES,
        PRINT,
        DRY_RUN,
        RECORD,
        VALIDATE,
        "edit:bool field-manager=kubectl-create raw save-config:bool selector,l windows-line-endings:bool",
    ],
    commands: &[
        &namespace::COMMAND,
        &quota::COMMAND,
        &SECRET,
        &config_map::COMMAND,
        &service_account::COMMAND,
        &service::COMMAND,
        &deployment::COMMAND,
        &cluster_role::COMMAND,
        &cluster_role_binding::COMMAND,
        &role::COMMAND,
        &role_binding::COMMAND,
        &pod_disruption_budget::COMMAND,
        &priority_class::COMMAND,
        &job::COMMAND,
        &cron_job::COMMAND,
        &ingress::COMMAND,
        &token::COMMAND,
    ],
    run: Some(run),
    ..Command::NONE
};

const SECRET: Command = Command {
    name: "secret",
    usage: "(docker-registry | generic | tls)",
    short: "Create a secret using a specified subcommand",
    commands: &[&docker_registry_secret::COMMAND, &generic_secret::COMMAND, &tls_secret::COMMAND],
    group: Some(Group {
        long: "Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() && session.args().is_empty() {
        bail!("must specify one of -f and -k");
    }
    if !session.args().is_empty() {
        return Err(session.usage(format!("Unexpected args: [{}]", session.args().join(" "))));
    }
    if flags.given("raw") {
        return raw::send(session, "POST");
    }
    let dry_run = session.dry_run()?;
    let found = Builder::new(session).files(session).labels(flags.text("selector")).find(session)?;
    let (infos, mut errors) = found.infos();
    let nothing = infos.is_empty() && errors.is_empty();
    if flags.is("edit") && !nothing {
        Error::all(errors)?;
        return super::edit::create(infos.into_iter().filter_map(|info| info.object).collect());
    }
    let mut teller = Teller::new(session)?;
    for info in infos {
        let Some(mut object) = info.object else { continue };
        remember(session, &mut object, flags.is("save-config"));
        if dry_run != DryRun::Client {
            let made = session.create(object.body, &info.namespace, dry_run.is_server());
            match made {
                Ok(made) => object = made,
                Err(error) => {
                    errors.push(error.of_source("creating", &info.source));
                    continue;
                }
            }
        }
        teller.tell(session, &object.body, "created")?;
    }
    if nothing {
        bail!("no objects passed to create");
    }
    Error::all(errors).and(DONE)
}

/// Keeps in the object what is created, as `apply` does, where `--save-config` asks for it; brings what is kept
/// already up to date.
fn remember(_session: &Session<'_>, object: &mut Object, asked: bool) {
    if !asked && object.annotation(LAST_APPLIED).is_null() {
        return;
    }
    **object = crate::kubectl::apply::modified_configuration(object);
}

/// The one NAME of a word that makes an object.
fn name(session: &Session<'_>) -> Result<String> {
    let given = session.flags.before_dash.unwrap_or(session.args().len());
    match session.args().first() {
        Some(name) if given == 1 => Ok(name.clone()),
        _ => Err(session.usage(format!("exactly one NAME is required, got {given}"))),
    }
}

/// The words behind `--`.
fn words_after_dash(session: &Session<'_>) -> Vec<String> {
    session.flags.before_dash.map_or_else(Vec::new, |dash| session.args()[dash..].to_vec())
}

/// Makes the object and tells of it. `failing` begins the complaint where the server refuses.
fn make(
    session: &mut Session<'_>,
    kind: Kind,
    name: &str,
    fields: Value,
    failing: Option<&str>,
) -> Result<Flow> {
    let mut object = Object::new(kind, "", name);
    object.entry("metadata").remove("namespace");
    for (field, value) in fields.entries() {
        match field {
            "metadata" => {
                value.entries().for_each(|(field, value)| object.set_at(&["metadata", field], value))
            }
            _ => object.set(field, value),
        }
    }
    if session.flags.is("append-hash") {
        let hash = crate::kubectl::kustomize::hash::of_created(&object.body);
        object.set_at(&["metadata", "name"], [name, "-", &hash].concat());
    }
    if kind.names().namespaced && session.explicit_namespace {
        let namespace = session.namespace.clone();
        object.set_at(&["metadata", "namespace"], namespace);
    }
    if session.flags.is("save-config") {
        let text = json::to_string(&object.body) + "\n";
        object.set_at(&["metadata", "annotations", LAST_APPLIED], text);
    }
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    if dry_run != DryRun::Client {
        let namespace = session.namespace.clone();
        // Only the server has a status to tell of.
        let mut body = object.body;
        body.remove("status");
        object = session.create(body, &namespace, dry_run.is_server()).map_err(|error| match failing {
            Some(failing) => Error::plain(format!("{failing} {}", error.message())),
            None => error,
        })?;
    }
    teller.tell(session, &object.body, "created")?;
    DONE
}
