//! `kubectl autoscale`

use crate::api::Quantity;
use crate::api::{Kind, Object};
use crate::apiserver::subresource::replicas_path;
use crate::base::Value;
use crate::value;

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "autoscale",
    usage: "(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]",
    short: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        "cpu cpu-percent:int=-1 field-manager=kubectl-autoscale max:int=-1! memory min:int=-1 name save-config:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let (most, least) = (flags.number("max"), flags.number("min"));
    if most < 1 {
        bail!("--max=MAXPODS is required and must be at least 1, max: {most}");
    }
    if most < least {
        bail!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}");
    }
    if flags.given("cpu-percent") {
        if flags.given("cpu") {
            bail!(
                "if any flags in the group [cpu-percent cpu] are set none of the others can be; [cpu cpu-percent] were all set"
            );
        }
        session.note("Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).");
    }
    let mut metrics = Vec::new();
    let mut percent = None;
    for (resource, flag) in [("cpu", "cpu"), ("memory", "memory")] {
        if flags.given(flag) {
            let metric = metric(resource, flags.text(flag))?;
            if resource == "cpu" {
                percent = metric.at(&["resource", "target", "averageUtilization"]).as_int();
            }
            metrics.push(metric);
        }
    }
    if flags.number("cpu-percent") >= 0 {
        percent = Some(flags.number("cpu-percent"));
        metrics.push(utilization("cpu", flags.number("cpu-percent")));
    }
    let args = session.args().to_vec();
    let found = Builder::new(session).files(session).args(&args, false).find(session)?;
    let (infos, mut errors) = found.infos();
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    for info in infos {
        if replicas_path(session.api, info.kind).is_none() {
            errors.push(Error::plain(format!(
                "cannot autoscale a {}: the server could not find the requested resource",
                info.kind
            )));
            continue;
        }
        let name = match session.flags.text("name") {
            "" => info.name.clone(),
            name => name.to_string(),
        };
        let mut spec = value!({
            "maxReplicas": most,
            "scaleTargetRef": {"apiVersion": (info.kind.api_version()), "kind": (info.kind.names().kind), "name": (info.name.as_str())}
        });
        if least > 0 {
            spec.set("minReplicas", least);
        }
        if !metrics.is_empty() {
            spec.set("metrics", metrics.clone());
        }
        let mut object = Object::new(Kind::HorizontalPodAutoscaler, &session.namespace, &name);
        object.set("spec", spec);
        if dry_run == DryRun::Client {
            object.entry("metadata").remove("namespace");
            object.set("status", value!({"currentMetrics": null, "desiredReplicas": 0}));
        } else {
            let namespace = session.namespace.clone();
            match session.create(object.body.clone(), &namespace, dry_run.is_server()) {
                Ok(created) => object = created,
                // kubectl tries the older version of the kind then, which knows only a share of the CPU.
                Err(error) => {
                    errors.push(match percent {
                        Some(_) => error,
                        None => Error::plain("failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input"),
                    });
                    continue;
                }
            }
        }
        teller.tell(session, &object.body, "autoscaled")?;
    }
    Error::all(errors).and(DONE)
}

fn utilization(resource: &str, percent: i64) -> Value {
    value!({
        "resource": {"name": resource, "target": {"averageUtilization": percent, "type": "Utilization"}},
        "type": "Resource"
    })
}

/// `50%` of what is asked for, or an amount.
fn metric(resource: &str, text: &str) -> Result<Value> {
    if text.is_empty() {
        bail!("failed to parse {resource}: empty input");
    }
    if let Some(number) = text.strip_suffix('%') {
        return match number.parse::<i64>() {
            Ok(percent) if percent > 0 => Ok(utilization(resource, percent)),
            _ => bail!("invalid percentage format: \"{text}\""),
        };
    }
    let Ok(amount) = Quantity::parse(text) else {
        bail!(
            "invalid resource {resource} value: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        );
    };
    Ok(value!({
        "resource": {"name": resource, "target": {"averageValue": (amount.to_string()), "type": "AverageValue"}},
        "type": "Resource"
    }))
}
