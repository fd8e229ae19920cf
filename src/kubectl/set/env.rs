//! `kubectl set env`

use std::collections::BTreeMap;

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::builder::Builder;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::kubectl::templates::each_container;
use crate::value;

use super::{SETTING, find, send};

pub(super) const COMMAND: Command = Command {
    name: "env",
    usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    short: "Update environment variables on a pod template",
    flags: &[
        FILES,
        PRINT,
        DRY_RUN,
        SETTING,
        "containers,c=* env,e:array from keys:list list:bool overwrite:bool=true prefix resolve:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

/// What is to become of variables.
#[derive(Default)]
struct Changes {
    set: Vec<Value>,
    remove: Vec<String>,
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let is_variable =
        |arg: &String| (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg.len() > 1);
    let first = args.iter().position(is_variable).unwrap_or(args.len());
    let (resources, words) = args.split_at(first);
    if let Some(stray) = words.iter().find(|arg| !is_variable(arg)) {
        bail!("all resources must be specified before environment changes: {stray}");
    }
    if resources.is_empty() && flags.list("filename").is_empty() {
        bail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    let mut changes = read(flags.list("env").iter().chain(words))?;
    if !flags.text("from").is_empty() {
        changes.set.extend(from(session)?);
    }
    let (objects, mut errors) = find(session, resources)?;
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    let mut teller = Teller::new(session)?;
    for object in objects {
        if flags.is("list") {
            list(session, &object);
            continue;
        }
        if !flags.is("overwrite") {
            check_free(&object, flags.text("containers"), &changes)?;
        }
        let mut changed = object.clone();
        let name = flags.text("containers");
        let lists = ["containers", "initContainers"];
        let found = each_container(&mut changed, &lists, name, |container| set(container, &changes));
        if found == 0 {
            session.note(format!(
                "Warning: {}/{} does not have any containers matching \"{name}\"",
                object.kind,
                object.name()
            ));
            continue;
        }
        if changed.body == object.body && !flags.is("local") {
            continue;
        }
        if let Err(error) = send(session, &mut teller, &object, changed, "env updated") {
            errors.push(Error::plain(format!(
                "failed to patch env update to pod template {}: {}",
                object.name(),
                error.message()
            )));
        }
    }
    Error::all(errors).and(DONE)
}

fn read<'a>(words: impl Iterator<Item = &'a String>) -> Result<Changes> {
    let mut changes = Changes::default();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            changes.remove.push(word.trim_end_matches('-').into());
            continue;
        };
        let good = !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !good {
            bail!(
                "\"{name}\" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
            );
        }
        if changes.remove.iter().any(|removed| removed == name) {
            bail!("can not both modify and remove an environment variable in the same command");
        }
        changes.set.push(value!({"name": name, "value": value}));
    }
    Ok(changes)
}

/// The variables that `--from` names: a key of a ConfigMap or Secret each.
fn from(session: &mut Session<'_>) -> Result<Vec<Value>> {
    let flags = session.flags;
    let object =
        Builder::new(session).stop_at_first().args(&[flags.text("from").to_string()], false).one(session)?;
    let (source, field) = match object.kind {
        Kind::Secret => ("secretKeyRef", "data"),
        Kind::ConfigMap => ("configMapKeyRef", "data"),
        kind => bail!("unsupported resource specified in --from: {kind}"),
    };
    let wanted = flags.list("keys");
    let keys = object.get(field).entries().map(|(key, _)| key);
    let variable = |key: &str| {
        let plain: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let name = format!("{}{}", flags.text("prefix"), plain.to_uppercase());
        let mut reference = Value::map();
        reference.set(source, value!({"key": key, "name": (object.name())}));
        value!({"name": name, "valueFrom": reference})
    };
    Ok(keys.filter(|key| wanted.is_empty() || wanted.iter().any(|w| w == key)).map(variable).collect())
}

fn set(container: &mut Value, changes: &Changes) {
    let mut variables = container.get("env").items().to_vec();
    for variable in &changes.set {
        match variables.iter_mut().find(|old| old.get("name") == variable.get("name")) {
            Some(old) => *old = variable.clone(),
            None => variables.push(variable.clone()),
        }
    }
    variables.retain(|variable| !changes.remove.iter().any(|name| name == variable.get("name").str()));
    if !variables.is_empty() {
        container.set("env", variables);
    } else if !container.get("env").is_null() {
        container.remove("env");
    }
}

fn check_free(object: &Object, name: &str, changes: &Changes) -> Result<()> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    let mut copy = object.clone();
    each_container(&mut copy, &["containers", "initContainers"], name, |container| {
        for variable in container.get("env").items() {
            taken
                .entry(variable.get("name").str().into())
                .or_insert_with(|| variable.get("value").str().into());
        }
    });
    for variable in &changes.set {
        if let Some(value) = taken.get(variable.get("name").str()) {
            let plural = object.kind.names().plural;
            bail!(
                "{plural}/{} '{}' already has a value ({value}), and --overwrite is false",
                object.name(),
                variable.get("name").str()
            );
        }
    }
    Ok(())
}

fn list(session: &mut Session<'_>, object: &Object) {
    let mut copy = object.clone();
    let mut lines = Vec::new();
    let name = session.flags.text("containers");
    each_container(&mut copy, &["containers", "initContainers"], name, |container| {
        lines.push(format!("# {} {}, container {}", object.kind, object.name(), container.get("name").str()));
        for variable in container.get("env").items() {
            let name = variable.get("name").str();
            let from = variable.get("valueFrom");
            lines.push(match from {
                Value::Null => format!("{name}={}", variable.get("value").str()),
                _ if !from.get("secretKeyRef").is_null() => format!(
                    "# {name} from secret {}, key {}",
                    from.at(&["secretKeyRef", "name"]).str(),
                    from.at(&["secretKeyRef", "key"]).str()
                ),
                _ if !from.get("configMapKeyRef").is_null() => format!(
                    "# {name} from configmap {}, key {}",
                    from.at(&["configMapKeyRef", "name"]).str(),
                    from.at(&["configMapKeyRef", "key"]).str()
                ),
                _ if !from.get("fieldRef").is_null() => {
                    format!("# {name} from field path {}", from.at(&["fieldRef", "fieldPath"]).str())
                }
                _ => format!("# {name} from resource {}", from.at(&["resourceFieldRef", "resource"]).str()),
            });
        }
    });
    lines.iter().for_each(|line| session.line(line));
}
