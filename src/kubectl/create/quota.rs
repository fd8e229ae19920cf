//! `kubectl create quota`

use crate::api::Kind;
use crate::api::Quantity;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "quota",
    usage: "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    aliases: &["resourcequota"],
    short: "Create a quota with the specified name",
    flags: making!("hard scopes"),
    run: Some(run),
    ..Command::NONE
};

/// What Kubernetes says of what is no quantity.
const NO_QUANTITY: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let mut spec = Value::map();
    if !flags.text("hard").is_empty() {
        spec.set("hard", amounts(flags.text("hard"))?);
    }
    if !flags.text("scopes").is_empty() {
        spec.set("scopes", flags.text("scopes").split(',').map(str::to_string).collect::<Vec<_>>());
    }
    make(
        session,
        Kind::ResourceQuota,
        &name,
        value!({"spec": spec, "status": {}}),
        Some("failed to create quota:"),
    )
}

/// `RESOURCE=AMOUNT,…`.
///
/// # Errors
/// kubectl's words.
pub(crate) fn amounts(text: &str) -> Result<Value> {
    let mut all = Value::map();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let Some((resource, amount)) = pair.split_once('=') else {
            bail!("Invalid argument syntax {pair}, expected <resource>=<value>");
        };
        let Ok(quantity) = Quantity::parse(amount) else { bail!("{NO_QUANTITY}") };
        all.set(resource, quantity.to_string());
    }
    Ok(all)
}
