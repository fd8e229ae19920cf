//! `kubectl create poddisruptionbudget`

use crate::api::Kind;
use crate::api::labels::Requirement;
use crate::apiserver::label_selector;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "poddisruptionbudget",
    usage: "NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    aliases: &["pdb"],
    short: "Create a pod disruption budget with the specified name",
    flags: making!("max-unavailable min-available selector"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (least, most, selector) =
        (flags.text("min-available"), flags.text("max-unavailable"), flags.text("selector"));
    if selector.is_empty() {
        bail!("a selector must be specified");
    }
    if least.is_empty() && most.is_empty() {
        bail!("one of min-available or max-unavailable must be specified");
    }
    if !least.is_empty() && !most.is_empty() {
        bail!("min-available and max-unavailable cannot be both specified");
    }
    let amount = |text: &str| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
    let mut spec = value!({"selector": (label_selector(selector)?)});
    for (field, text) in [("minAvailable", least), ("maxUnavailable", most)] {
        if !text.is_empty() {
            spec.set(field, amount(text));
        }
    }
    let none = value!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0});
    let fields = value!({"spec": spec, "status": none});
    make(session, Kind::PodDisruptionBudget, &name, fields, Some("failed to create poddisruptionbudgets:"))
}

/// The text of a selector as a `LabelSelector`.
fn label_selector(text: &str) -> Result<Value> {
    let selector = label_selector::parse(text)
        .map_err(|why| Error::plain(format!("couldn't parse the selector string \"{text}\": {why}")))?;
    let mut all = Value::map();
    for requirement in &selector.0 {
        let mut expression = |key: &str, operator: &str, values: &[String]| {
            let mut one = value!({"key": key, "operator": operator});
            if !values.is_empty() {
                one.set("values", values.to_vec());
            }
            all.entry("matchExpressions").push(one);
        };
        match requirement {
            Requirement::In(key, values) if values.len() == 1 => {
                all.set_at(&["matchLabels", key], values[0].as_str());
            }
            Requirement::In(key, values) => expression(key, "In", values),
            Requirement::NotIn(key, values) => expression(key, "NotIn", values),
            Requirement::Exists(key) => expression(key, "Exists", &[]),
            Requirement::DoesNotExist(key) => expression(key, "DoesNotExist", &[]),
            Requirement::Gt(..) => bail!("\"gt\" isn't supported in label selectors"),
            Requirement::Lt(..) => bail!("\"lt\" isn't supported in label selectors"),
        }
    }
    Ok(all)
}
