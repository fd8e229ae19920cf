//! `kubectl explain`

use crate::api::Kind;
use crate::api::schema::{self, ExplainError, FieldDocs, schema};
use crate::apiserver::ApiServer;
use crate::resources::{custom_resource, json_schema};

use super::command::Command;
use super::discovery;
use super::error::{Error, Result, bail};
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "explain",
    usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    short: "Get documentation for a resource",
    flags: &["api-version output,o=plaintext recursive:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let path = match &args[..] {
        [] => bail!(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources."
        ),
        [path] => path.clone(),
        _ => bail!("We accept only this format: explain RESOURCE"),
    };
    if !matches!(flags.text("output"), "plaintext" | "plaintext-openapiv2") {
        bail!("unrecognized format: {}", flags.text("output"));
    }
    let (resource, fields) = split(session.api, &path);
    let Some(found) = discovery::find(session.api, &resource) else {
        let word = resource.split('.').next().unwrap_or_default();
        return Err(Error::Raw(format!("the server doesn't have a resource type \"{word}\"")));
    };
    let version = match flags.text("api-version") {
        "" => found.api_version,
        version => version,
    };
    let path: Vec<&str> = fields.iter().map(String::as_str).collect();
    if let Some(custom) = found.custom {
        return explain_custom(session, custom, &path);
    }
    let Some(kind) = schema().kind(version, found.kind) else {
        if version != found.api_version && !discovery::API_VERSIONS.contains(&version) {
            bail!("couldn't find resource for \"{version}, Resource={}\"", found.plural);
        }
        return Err(discovery::not_simulated(found.kind));
    };
    let explained = schema::explain(kind, &path, flags.is("recursive"), docs()?);
    print(session, explained)
}

fn docs() -> Result<&'static FieldDocs> {
    FieldDocs::installed().ok_or_else(|| {
        Error::plain("Saya could not load field-docs.json, which says what the fields are for")
    })
}

fn print(session: &mut Session<'_>, explained: std::result::Result<String, ExplainError>) -> Result<Flow> {
    match explained {
        Ok(text) => session.io.out(&text),
        Err(error) => return Err(Error::Plain(error.to_string())),
    }
    DONE
}

fn explain_custom(session: &mut Session<'_>, kind: Kind, path: &[&str]) -> Result<Flow> {
    let schema = custom_resource::schema(session.api.custom_version(kind)).clone();
    let explained =
        json_schema::explain::explain(kind, &schema, path, session.flags.is("recursive"), docs()?);
    print(session, explained)
}

/// The resource, with its group where it has one, and the fields.
fn split(api: &ApiServer, path: &str) -> (String, Vec<String>) {
    let parts: Vec<&str> = path.trim_end_matches('.').split('.').collect();
    // `deployments.apps.spec`: as much of it as names a resource.
    let longest = (2..=parts.len().min(6)).rev().find(|length| {
        let word = parts[..*length].join(".");
        discovery::find(api, &word).is_some_and(|found| {
            let group = found.group();
            !group.is_empty()
                && (word.ends_with(&format!(".{group}"))
                    || word.ends_with(&format!(".{}.{group}", found.version())))
        })
    });
    let length = longest.unwrap_or(1);
    (parts[..length].join("."), parts[length..].iter().map(|part| part.to_string()).collect())
}
