//! `kubectl cordon` and `kubectl uncordon`

use crate::api::{Kind, Object};

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result};
use super::flags::DRY_RUN;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const CORDON: Command = Command {
    name: "cordon",
    usage: "NODE",
    short: "Mark node as unschedulable",
    flags: &[DRY_RUN, "selector,l"],
    run: Some(|session| run(session, true)),
    ..Command::NONE
};

pub(super) const UNCORDON: Command = Command {
    name: "uncordon",
    usage: "NODE",
    short: "Mark node as schedulable",
    flags: &[DRY_RUN, "selector,l"],
    run: Some(|session| run(session, false)),
    ..Command::NONE
};

fn run(session: &mut Session<'_>, closed: bool) -> Result<Flow> {
    let verb = if closed { "cordon" } else { "uncordon" };
    let (nodes, mut errors) = nodes(session, verb)?;
    for node in nodes {
        if let Err(error) = close(session, &node, closed) {
            errors.push(error);
        }
    }
    Error::all(errors).and(DONE)
}

/// The nodes that are named or selected.
///
/// # Errors
/// kubectl's words where none are.
pub(super) fn nodes(session: &mut Session<'_>, verb: &str) -> Result<(Vec<Object>, Vec<Error>)> {
    let selector = session.flags.text("selector").to_string();
    let args = session.args().to_vec();
    if args.is_empty() && selector.is_empty() {
        return Err(session.usage(format!("USAGE: {verb} NODE [flags]")));
    }
    if !args.is_empty() && !selector.is_empty() {
        return Err(session.usage("error: cannot specify both a node name and a --selector option"));
    }
    let builder = Builder::new(session).labels(&selector);
    let builder = match args.len() {
        0 => builder.args(&["nodes".into()], true),
        _ => builder.names_of(Kind::Node, &args),
    };
    let (infos, errors) = builder.find(session)?.infos();
    Ok((infos.into_iter().filter_map(|info| info.object).collect(), errors))
}

/// Closes or opens a node for new Pods, and tells of it.
///
/// # Errors
/// The server's refusal.
pub(super) fn close(session: &mut Session<'_>, node: &Object, closed: bool) -> Result<()> {
    let word = if closed { "cordoned" } else { "uncordoned" };
    let dry_run = session.dry_run()?;
    if node.spec().get("unschedulable").bool() == closed {
        session.line(format!("node/{} already {word}{}", node.name(), dry_run.suffix()));
        return Ok(());
    }
    if dry_run != DryRun::Client {
        let mut changed = node.clone();
        if closed {
            changed.set_at(&["spec", "unschedulable"], true);
        } else {
            changed.entry("spec").remove("unschedulable");
        }
        session.change(node, changed, dry_run.is_server())?;
    }
    session.line(format!("node/{} {word}{}", node.name(), dry_run.suffix()));
    Ok(())
}
