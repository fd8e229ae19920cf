//! `kubectl top`: without a metrics server there is nothing to tell.

use super::command::{Command, Group};
use super::error::{Result, bail};
use super::session::{Flow, Session};

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
    run: Some(run),
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
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let sort_by = session.flags.text("sort-by");
    if !matches!(sort_by, "" | "cpu" | "memory" | "swap") {
        bail!("--sort-by accepts only cpu, memory or swap");
    }
    if !session.args().is_empty() && !session.flags.text("selector").is_empty() {
        bail!("only one of NAME or --selector can be provided");
    }
    bail!("Metrics API not available")
}
