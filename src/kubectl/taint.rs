//! `kubectl taint`

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::resources::formats;
use crate::value;

use super::builder::Builder;
use super::command::Command;
use super::discovery;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, PRINT, VALIDATE};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "taint",
    usage: "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    short: "Update the taints on one or more nodes",
    flags: &[PRINT, DRY_RUN, VALIDATE, "all:bool field-manager=kubectl-taint overwrite:bool selector,l"],
    run: Some(run),
    ..Command::NONE
};

/// One taint, to set or to take away; without an effect all of its key are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let is_taint = |arg: &String| arg.contains(':') || arg.ends_with('-') || arg.contains('=');
    let first = args.iter().position(is_taint).unwrap_or(args.len());
    let (resources, specs) = args.split_at(first);
    if let Some(stray) = specs.iter().find(|arg| !is_taint(arg)) {
        return Err(session.usage(format!("all resources must be specified before taint changes: {stray}")));
    }
    let (set, remove) = read(session, specs)?;
    let Some(word) = resources.first() else {
        bail!("one or more resources must be specified as <resource> <name>")
    };
    let word = word.split('/').next().unwrap_or_default();
    match discovery::kind(session.api, word) {
        Ok(Kind::Node) => {}
        Ok(_) => bail!("invalid resource type {word}, only node types are supported"),
        Err(error) => return Err(error),
    }
    if flags.is("all") && !flags.text("selector").is_empty() {
        bail!("setting 'all' parameter with a non empty selector is prohibited");
    }
    if set.is_empty() && remove.is_empty() {
        bail!("at least one taint update is required");
    }
    let mut builder = Builder::new(session).labels(flags.text("selector")).select_all(flags.is("all"));
    builder = builder.args(resources, false);
    let (infos, mut errors) = builder.find(session)?.infos();
    let mut teller = Teller::new(session)?;
    for node in infos.into_iter().filter_map(|info| info.object) {
        match taint(session, &node, &set, &remove) {
            Ok((node, deed)) => teller.tell(session, &node.body, deed)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}

fn read(session: &Session<'_>, specs: &[String]) -> Result<(Vec<Taint>, Vec<Taint>)> {
    let (mut set, mut remove): (Vec<Taint>, Vec<Taint>) = (Vec::new(), Vec::new());
    for spec in specs {
        if let Some(rest) = spec.strip_suffix('-') {
            remove.push(one(session, rest)?);
            continue;
        }
        let taint = one(session, spec)?;
        if set.iter().any(|other| other.key == taint.key && other.effect == taint.effect) {
            bail!("duplicated taints with the same key and effect: {spec}");
        }
        set.push(taint);
    }
    Ok((set, remove))
}

/// `KEY=VALUE:EFFECT`, `KEY:EFFECT` or, to take it away, `KEY`.
fn one(session: &Session<'_>, spec: &str) -> Result<Taint> {
    let invalid = |why: &str| Err(session.usage(format!("invalid taint spec: {spec}, {why}")));
    let parts: Vec<&str> = spec.split(':').collect();
    let (key, value, effect) = match parts[..] {
        // Without an effect all of it is a key.
        [key] => (key, "", ""),
        [front, effect] => {
            if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
                return Err(
                    session.usage(format!("invalid taint effect: {effect}, unsupported taint effect"))
                );
            }
            match front.split('=').collect::<Vec<_>>()[..] {
                [key] => (key, "", effect),
                [key, value] => (key, value, effect),
                _ => return Err(session.usage(format!("invalid taint spec: {spec}"))),
            }
        }
        _ => return Err(session.usage(format!("invalid taint spec: {spec}"))),
    };
    for problems in [formats::label_value(value), formats::qualified_name(key)] {
        if !problems.is_empty() {
            return invalid(&problems.join("; "));
        }
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
}

fn taint(
    session: &mut Session<'_>,
    node: &Object,
    set: &[Taint],
    remove: &[Taint],
) -> Result<(Object, &'static str)> {
    let mut taints = node.spec().get("taints").items().to_vec();
    let same = |old: &Value, taint: &Taint| {
        old.get("key").str() == taint.key && old.get("effect").str() == taint.effect
    };
    if !session.flags.is("overwrite") {
        let taken: Vec<&str> = set
            .iter()
            .filter(|taint| taints.iter().any(|old| same(old, taint)))
            .map(|taint| taint.key.as_str())
            .collect();
        if !taken.is_empty() {
            bail!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                node.name(),
                taken.join(",")
            );
        }
    }
    let mut missing = Vec::new();
    for taint in remove {
        let before = taints.len();
        taints.retain(|old| {
            old.get("key").str() != taint.key
                || (!taint.effect.is_empty() && old.get("effect").str() != taint.effect)
        });
        if taints.len() == before {
            let effect = if taint.effect.is_empty() { String::new() } else { format!(":{}", taint.effect) };
            missing.push(Error::plain(format!("taint \"{}{effect}\" not found", taint.key)));
        }
    }
    for taint in set {
        taints.retain(|old| !same(old, taint));
    }
    let mut all: Vec<Value> = Vec::new();
    for taint in set {
        let mut one = value!({"effect": (taint.effect.as_str()), "key": (taint.key.as_str())});
        if !taint.value.is_empty() {
            one.set("value", taint.value.as_str());
        }
        all.push(one);
    }
    all.extend(taints);
    Error::all(missing)?;
    let deed = match (set.is_empty(), remove.is_empty()) {
        (true, _) => "untainted",
        (false, true) => "tainted",
        (false, false) => "modified",
    };
    let mut changed = node.clone();
    if all.is_empty() {
        changed.entry("spec").remove("taints");
    } else {
        changed.set_at(&["spec", "taints"], all);
    }
    let dry_run = session.dry_run()?;
    if dry_run != DryRun::Client {
        changed = session.change(node, changed, dry_run.is_server())?;
    }
    Ok((changed, deed))
}
