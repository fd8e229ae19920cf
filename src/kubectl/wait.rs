//! `kubectl wait`

use crate::api::{Kind, Object};
use crate::base::SimTime;
use crate::base::Value;
use crate::base::jsonpath::{JsonPath, relaxed, text_of};

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::PRINT;
use super::printer::Teller;
use super::running::Running;
use super::session::{DONE, Flow, Session, Wake};

pub(super) const COMMAND: Command = Command {
    name: "wait",
    usage: "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    suggested_by: &["list", "ps"],
    short: "Experimental: Wait for a specific condition on one or many resources",
    flags: &[
        PRINT,
        "all:bool all-namespaces,A:bool field-selector filename,f:list for:array kustomize,k local:bool \
         recursive,R:bool=true selector,l timeout:duration=30s",
    ],
    run: Some(run),
    ..Command::NONE
};

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Condition {
    Delete,
    Create,
    /// A condition of the status and the status that it must have.
    Status {
        name: String,
        value: String,
    },
    /// What a path finds; any scalar where no value is given.
    Path {
        path: JsonPath,
        value: Option<String>,
    },
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let wanted = flags.list("for");
    if wanted.is_empty() {
        bail!("unrecognized condition: []");
    }
    let mut conditions = Vec::new();
    for text in wanted {
        conditions.push(condition(text)?);
    }
    let args = session.args().to_vec();
    let gone = conditions.contains(&Condition::Delete);
    let absent = gone || conditions.contains(&Condition::Create);
    let mut builder = Builder::new(session)
        .all_namespaces(flags.is("all-namespaces"))
        .files(session)
        .labels(flags.text("selector"))
        .fields(flags.text("field-selector"))
        .select_all(flags.is("all"))
        .args(&args, false);
    if absent {
        builder = builder.without_reading();
    }
    let found = builder.find(session)?;
    let (infos, errors) = found.infos();
    if infos.is_empty() {
        Error::all(errors.clone())?;
    }
    let targets: Vec<Target> = infos
        .into_iter()
        .map(|info| Target {
            kind: info.kind,
            namespace: info.namespace,
            name: info.name,
            uid: info.object.map(|object| object.uid().to_string()).unwrap_or_default(),
        })
        .collect();
    if targets.is_empty() && !gone {
        bail!("no matching resources found");
    }
    let timeout = flags.nanos("timeout");
    let until = if timeout < 0 { session.after(7 * 86_400 * 1_000_000_000) } else { session.after(timeout) };
    let waiting = Waiting { targets, conditions, until, teller: Teller::new(session)?, errors, seen: false };
    waiting.step(session)
}

fn condition(text: &str) -> Result<Condition> {
    let lower = text.to_lowercase();
    if lower == "delete" {
        return Ok(Condition::Delete);
    }
    if lower == "create" {
        return Ok(Condition::Create);
    }
    if lower.starts_with("condition=") {
        let rest = &text["condition=".len()..];
        let (name, value) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(Condition::Status { name: name.into(), value: value.into() });
    }
    if lower.starts_with("jsonpath=") {
        return path_condition(&text["jsonpath=".len()..]);
    }
    bail!("unrecognized condition: \"{text}\"")
}

fn path_condition(text: &str) -> Result<Condition> {
    const FORM: &str = "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";
    let text = text.trim_matches(['\'', '"']);
    // An equals sign in braces belongs to the path.
    let (mut depth, mut split) = (0, None);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '=' if depth == 0 => {
                split = Some(at);
                break;
            }
            _ => {}
        }
    }
    let (path, value) = match split {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_matches(['\'', '"']).to_string())),
        None => (text, None),
    };
    if path.is_empty() {
        bail!("{FORM}");
    }
    if value.as_deref() == Some("") {
        bail!(
            "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{{.status.readyReplicas}}'=3"
        );
    }
    let path = relaxed(path).map_err(Error::Plain)?;
    Ok(Condition::Path { path: JsonPath::parse(&path).map_err(Error::Plain)?, value })
}

/// An object that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Target {
    kind: Kind,
    namespace: String,
    name: String,
    uid: String,
}

/// `wait` under way: one object after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    targets: Vec<Target>,
    conditions: Vec<Condition>,
    until: SimTime,
    teller: Teller,
    errors: Vec<Error>,
    /// True once the first object was found there.
    seen: bool,
}

impl Waiting {
    /// Looks whether what is waited for has come.
    ///
    /// # Errors
    /// kubectl's words when it takes too long.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        while let Some(target) = self.targets.first().cloned() {
            let object = session.read(target.kind, &target.namespace, &target.name);
            let gone = self.conditions.contains(&Condition::Delete);
            let creating = self.conditions.contains(&Condition::Create);
            let met = match &object {
                Ok(object) if gone => !target.uid.is_empty() && object.uid() != target.uid,
                Ok(object) => self.all_met(object)?,
                Err(_) if gone => true,
                Err(_) if creating => false,
                Err(error) => {
                    self.errors.push(error.clone());
                    self.targets.remove(0);
                    continue;
                }
            };
            if met {
                // What was gone from the start is not told of.
                if !gone || self.seen {
                    let body = object.map_or_else(
                        |_| Object::new(target.kind, &target.namespace, &target.name).body,
                        |o| o.body,
                    );
                    self.teller.tell(session, &body, "condition met")?;
                }
                self.targets.remove(0);
                self.seen = false;
                continue;
            }
            self.seen = true;
            if session.io.now() >= self.until {
                self.errors.push(Error::plain(if creating {
                    "timed out waiting for the condition".into()
                } else {
                    format!(
                        "timed out waiting for the condition on {}/{}",
                        target.kind.names().plural,
                        target.name
                    )
                }));
                self.targets.remove(0);
                self.seen = false;
                continue;
            }
            let wake = Wake::on_change_until(Some(self.until));
            return Ok(Flow::Running(Running::Wait(self), wake));
        }
        Error::all(self.errors).and(DONE)
    }

    fn all_met(&self, object: &Object) -> Result<bool> {
        for condition in &self.conditions {
            let met = match condition {
                Condition::Delete => false,
                Condition::Create => true,
                Condition::Status { name, value } => has_condition(object, name, value),
                Condition::Path { path, value } => path_met(object, path, value.as_deref())?,
            };
            if !met {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A condition of the status counts only where it is about the object as it now is wanted.
fn has_condition(object: &Object, name: &str, value: &str) -> bool {
    let status = object.status();
    status.get("conditions").items().iter().any(|condition| {
        let observed = match condition.get("observedGeneration") {
            Value::Null => status.get("observedGeneration"),
            observed => observed,
        };
        condition.get("type").str().eq_ignore_ascii_case(name)
            && observed.as_int().is_none_or(|observed| observed >= object.generation())
            && condition.get("status").str().eq_ignore_ascii_case(value)
    })
}

fn path_met(object: &Object, path: &JsonPath, wanted: Option<&str>) -> Result<bool> {
    let found = path.find(&object.body).map_err(Error::Plain)?.concat();
    match &found[..] {
        [] => Ok(false),
        [Value::Map(_) | Value::List(_)] => {
            bail!("jsonpath leads to a nested object or list which is not supported")
        }
        [value] => Ok(wanted.is_none_or(|wanted| text_of(value).trim() == wanted.trim())),
        _ => bail!("given jsonpath expression matches more than one value"),
    }
}
