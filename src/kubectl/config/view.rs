//! `view`

use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::flags::PRINT;
use crate::kubectl::printer::{self, Output};
use crate::kubectl::session::{DONE, Flow, Session};

use super::load;

pub(super) const COMMAND: Command = Command {
    name: "view",
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    flags: &[PRINT, "flatten:bool merge:bool=true minify:bool raw:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !session.args().is_empty() {
        return Err(session.usage(format!("unexpected arguments: [{}]", session.args().join(" "))));
    }
    let config = load(session)?;
    let mut body = config.body.clone();
    if flags.is("minify") {
        if config.current().is_empty() {
            bail!("current-context must exist in order to minify");
        }
        let name = config.current().to_string();
        let Some(entry) = config.entry("contexts", &name) else {
            bail!("cannot locate context {name}");
        };
        let context = entry.get("context").clone();
        let keep = |body: &mut Value, list: &str, name: &str| {
            body.entry(list).items_mut().retain(|entry| entry.get("name").str() == name);
        };
        keep(&mut body, "contexts", &name);
        keep(&mut body, "clusters", context.get("cluster").str());
        keep(&mut body, "users", context.get("user").str());
    }
    for field in ["clusters", "contexts", "users"] {
        if body.get(field).is_empty() {
            body.set(field, Value::Null);
        }
    }
    body.set_default("current-context", "");
    body.set_default("apiVersion", "v1");
    body.set_default("kind", "Config");
    if !flags.is("raw") {
        hide(&mut body);
    }
    let output = printer::output(session, false)?.unwrap_or(Output::Yaml);
    output.print(session.io, &body, true, false)?;
    DONE
}

/// Secrets are not shown.
fn hide(body: &mut Value) {
    const OMITTED: &str = "DATA+OMITTED";
    let mut cover = |list: &str, inside: &str, fields: &[(&str, &str)]| {
        if body.get(list).is_empty() {
            return;
        }
        for entry in body.entry(list).items_mut() {
            for (field, shown) in fields {
                if !entry.at(&[inside, field]).is_empty() {
                    entry.set_at(&[inside, field], *shown);
                }
            }
        }
    };
    cover("clusters", "cluster", &[("certificate-authority-data", OMITTED)]);
    cover(
        "users",
        "user",
        &[
            ("client-certificate-data", OMITTED),
            ("client-key-data", OMITTED),
            ("token", "REDACTED"),
            ("password", "REDACTED"),
        ],
    );
}
