//! `kubectl top`: what the metrics server knows, where there is one.

use crate::api::{Kind, Object, Quantity};
use crate::apiserver::metrics::{PodUsage, Usage};
use crate::base::table::Table;

use super::command::{Command, Group};
use super::error::{Error, Result, bail};
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "top",
    short: "Display resource (CPU/memory) usage",
    commands: &[&NODE, &POD],
    group: Some(Group {
        long: "Display resource (CPU/memory) usage.\n\n This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in the cluster for this command to work.\n\n The metrics shown are specifically optimized for Kubernetes autoscaling decisions, such as those made by the Horizontal Pod Autoscaler (HPA) and Vertical Pod Autoscaler (VPA). Because of this, the values may not match those from standard OS tools like 'top', as the metrics are designed to provide a stable signal for autoscalers rather than for pinpoint accuracy.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

const NODE: Command = Command {
    name: "node",
    usage: "[NAME | -l label]",
    aliases: &["nodes", "no"],
    short: "Display resource (CPU/memory) usage of nodes",
    flags: &[
        "no-headers:bool selector,l show-capacity:bool show-swap:bool sort-by use-protocol-buffers:bool=true",
    ],
    run: Some(nodes),
    ..Command::NONE
};

const POD: Command = Command {
    name: "pod",
    usage: "[NAME | -l label]",
    aliases: &["pods", "po"],
    short: "Display resource (CPU/memory) usage of pods",
    flags: &[
        "all-namespaces,A:bool containers:bool field-selector no-headers:bool selector,l show-swap:bool sort-by sum:bool \
         use-protocol-buffers:bool=true",
    ],
    run: Some(pods),
    ..Command::NONE
};

/// How old a Pod must be to have metrics (kubectl, top_pod.go, `metricsCreationDelay`), in seconds.
const CREATION_DELAY: i64 = 120;

/// What all forms of the command check first.
fn begin(session: &mut Session<'_>) -> Result<()> {
    let sort_by = session.flags.text("sort-by");
    if !matches!(sort_by, "" | "cpu" | "memory" | "swap") {
        bail!("--sort-by accepts only cpu, memory or swap");
    }
    if !session.args().is_empty() && !session.flags.text("selector").is_empty() {
        bail!("only one of NAME or --selector can be provided");
    }
    if session.api.metrics_available() != Some(true) {
        bail!("Metrics API not available");
    }
    if session.flags.is("show-swap") {
        bail!("Saya does not simulate swap");
    }
    Ok(())
}

fn nodes(session: &mut Session<'_>) -> Result<Flow> {
    begin(session)?;
    let flags = session.flags;
    let mut nodes = match session.args() {
        [] => session.list(Kind::Node, "", flags.text("selector"), "")?,
        [name] => vec![session.read(Kind::Node, "", name)?],
        _ => return Err(session.usage("unexpected arguments")),
    };
    let mut measured: Vec<(&Object, Usage)> = Vec::new();
    nodes.sort_by(|a, b| a.name().cmp(b.name()));
    let mut unknown = Vec::new();
    for node in &nodes {
        match session.api.node_usage(node.name()) {
            Some(usage) => measured.push((node, usage)),
            None => unknown.push(node.name()),
        }
    }
    if measured.is_empty() {
        bail!("metrics not available yet");
    }
    sort(&mut measured, flags.text("sort-by"), |(_, usage)| *usage);
    let mut table = Table::new();
    if !flags.is("no-headers") {
        table.push(["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)", ""]);
    }
    let of = if flags.is("show-capacity") { "capacity" } else { "allocatable" };
    for (node, usage) in measured {
        let mut row = vec![node.name().to_owned()];
        for (resource, shown) in shown(usage) {
            let whole = Quantity::of(node.status().at(&[of, resource])).map_or(0, |all| all.milli_value());
            let part = usage.quantity(resource).map_or(0, |own| own.milli_value());
            row.extend([shown, format!("{}%", (part as f64 / whole.max(1) as f64 * 100.0) as i64)]);
        }
        row.push(String::new());
        table.push(row);
    }
    for name in unknown {
        let mut row = vec![name];
        row.extend(["<unknown>"; 4]);
        row.push("");
        table.push(row);
    }
    session.io.out(&table.text());
    DONE
}

fn pods(session: &mut Session<'_>) -> Result<Flow> {
    begin(session)?;
    let flags = session.flags;
    let all = flags.is("all-namespaces");
    let namespace = if all { String::new() } else { session.namespace.clone() };
    let known: Vec<Object> = match session.args() {
        [] => session.list(Kind::Pod, &namespace, flags.text("selector"), flags.text("field-selector"))?,
        [name] => {
            let name = name.clone();
            session.authorize("get", Kind::Pod, &namespace, &name)?;
            session.api.read_metrics("pods", &namespace, &name)?;
            vec![session.read(Kind::Pod, &namespace, &name)?]
        }
        _ => return Err(session.usage("unexpected arguments")),
    };
    let api = &session.api;
    let usage = |pod: &Object| Some((pod.clone(), api.pod_usage(pod.namespace(), pod.name())?));
    let mut measured: Vec<(Object, PodUsage)> = known.iter().filter_map(usage).collect();
    if measured.is_empty() {
        old_enough(session, &known)?;
        match all {
            true => session.note("No resources found"),
            false => session.note(format!("No resources found in {namespace} namespace.")),
        }
        return DONE;
    }
    measured.sort_by_key(|(pod, _)| (pod.namespace().to_owned(), pod.name().to_owned()));
    sort(&mut measured, flags.text("sort-by"), |(_, usage)| sum(usage));
    let by_container = flags.is("containers");
    let mut columns = vec!["NAME", "CPU(cores)", "MEMORY(bytes)", ""];
    if by_container {
        columns.insert(0, "POD");
    }
    if all {
        columns.insert(0, "NAMESPACE");
    }
    let width = columns.len();
    let mut table = Table::new();
    if !flags.is("no-headers") {
        table.push(columns);
    }
    for (pod, usage) in &measured {
        let of_pod = [(pod.name(), sum(usage))];
        let of_containers = usage.containers.iter().map(|(name, usage)| (&**name, *usage));
        let lines: Vec<(&str, Usage)> =
            if by_container { of_containers.collect() } else { of_pod.into_iter().collect() };
        for (name, usage) in lines {
            let mut row: Vec<String> = Vec::new();
            row.extend(all.then(|| pod.namespace().to_owned()));
            row.extend(by_container.then(|| pod.name().to_owned()));
            row.push(name.to_owned());
            row.extend(shown(usage).map(|(_, shown)| shown));
            row.push(String::new());
            table.push(row);
        }
    }
    if flags.is("sum") {
        let total = measured.iter().map(|(_, usage)| sum(usage)).fold(Usage::default(), Usage::plus);
        let line = |cells: [String; 2]| {
            let mut row = vec![String::new(); width - 3];
            row.extend(cells);
            row.push(String::new());
            row
        };
        table.push(line(["________".to_owned(), "________".to_owned()]));
        table.push(line(shown(total).map(|(_, shown)| shown)));
    }
    session.io.out(&table.text());
    DONE
}

/// The most first, where that is asked for.
fn sort<T>(rows: &mut [T], by: &str, usage: impl Fn(&T) -> Usage) {
    match by {
        "cpu" => rows.sort_by_key(|row| std::cmp::Reverse(usage(row).nano_cores)),
        "memory" => rows.sort_by_key(|row| std::cmp::Reverse(usage(row).memory)),
        _ => {}
    }
}

/// What a Pod takes in all.
fn sum(pod: &PodUsage) -> Usage {
    pod.containers.iter().map(|(_, usage)| *usage).fold(Usage::default(), Usage::plus)
}

/// The resources with how much of them is taken, as it is printed.
fn shown(usage: Usage) -> [(&'static str, String); 2] {
    let cores = usage.quantity("cpu").map_or(0, |cpu| cpu.milli_value());
    [("cpu", format!("{cores}m")), ("memory", format!("{}Mi", usage.memory >> 20))]
}

/// Fails where a Pod is old enough to have metrics (kubectl, top_pod.go, `verifyEmptyMetrics`).
fn old_enough(session: &Session<'_>, pods: &[Object]) -> Result<()> {
    for pod in pods {
        let created = crate::base::Date::parse_rfc3339(pod.meta("creationTimestamp").str());
        let age = created.map_or(0, |date| session.date().0 - date.0);
        if age > CREATION_DELAY {
            let (namespace, name) = (pod.namespace(), pod.name());
            return Err(Error::plain(format!(
                "Metrics not available for pod {namespace}/{name}, age: {}m{}s",
                age / 60,
                age % 60
            )));
        }
    }
    Ok(())
}
