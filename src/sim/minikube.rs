//! `minikube` on the learner's machine, as far as a running cluster goes: addresses, Services and the tunnel.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;
use crate::cluster::Cluster;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::value;

use super::addons;
use super::ssh::{self, Begun};

/// A running `minikube`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Minikube {
    /// What the tunnel reported last.
    report: Option<String>,
    /// An addon has been switched on, and is waited for.
    enabling: bool,
}

/// minikube's exit status for what is not there (`reason.ExGuestNotFound`, `reason.ExSvcNotFound`).
const NO_CLUSTER: u8 = 85;
const NO_SERVICE: u8 = 115;

impl Minikube {
    /// What may follow `minikube`.
    pub(super) const WORDS: &[&str] = &[
        "addons", "ip", "kubectl", "node", "profile", "service", "ssh", "start", "status", "tunnel",
        "version",
    ];

    /// Goes on; `Err` is a shell on a node that takes its place.
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Result<Step, Begun> {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let profile = cluster.profile();
        if !profile.name.starts_with("minikube") && !matches!(words[..], [] | ["help", ..]) {
            kernel.print("🤷  Profile \"minikube\" not found. Run \"minikube profile list\" to view all profiles.\n👉  To start a cluster, run: \"minikube start\"\n");
            return Ok(Step::Exit(NO_CLUSTER));
        }
        let nodes = profile.nodes.iter();
        let text = match words[..] {
            ["addons", ref rest @ ..] => return Ok(addons::run(kernel, cluster, rest, &mut self.enabling)),
            ["ip", ..] => format!("{}\n", profile.nodes[0].ip),
            ["node", "list", ..] => nodes.map(|node| format!("{}\t{}\n", node.name, node.ip)).collect(),
            ["node", what @ ("add" | "delete" | "start" | "stop"), ref rest @ ..] => {
                return Ok(Step::Exit(change_node(kernel, cluster, what, rest)));
            }
            ["start", ..] => started(cluster),
            ["version", ..] => format!("minikube version: {VERSION}\n"),
            ["status", ..] => nodes.map(|node| self.status(cluster, &node.name)).collect(),
            ["profile"] => "minikube\n".into(),
            ["service", ref rest @ ..] => return Ok(service(kernel, cluster, rest)),
            ["tunnel", ..] => return Ok(self.tunnel(kernel, cluster)),
            ["ssh", ref rest @ ..] => {
                return match ssh::begin(kernel, cluster, rest) {
                    Ok(begun) => Err(begun),
                    Err(code) => Ok(Step::Exit(code)),
                };
            }
            _ => {
                kernel.complain(
                    "minikube: Saya simulates start, status, ip, addons, service, tunnel, ssh, version, node list, add, delete, start and stop, and \"minikube kubectl --\"\n",
                );
                return Ok(Step::Exit(1));
            }
        };
        kernel.print(text);
        Ok(Step::Exit(0))
    }

    fn status(&self, cluster: &Cluster, name: &str) -> String {
        let runs = cluster.kubelet(name).is_some_and(|kubelet| kubelet.node.running);
        let state = if runs { "Running" } else { "Stopped" };
        if name == cluster.profile().nodes[0].name {
            format!(
                "{name}\ntype: Control Plane\nhost: {state}\nkubelet: {state}\napiserver: {state}\nkubeconfig: Configured\n\n"
            )
        } else {
            format!("{name}\ntype: Worker\nhost: {state}\nkubelet: {state}\n\n")
        }
    }

    /// Leads the addresses of Services to the node, and gives each Service that waits for a load balancer its cluster IP as
    /// external one, for as long as it runs.
    fn tunnel(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let balanced = |service: &&Object| service.spec().get("type").str() == "LoadBalancer";
        let services: Vec<Object> =
            cluster.api.store().list(Kind::Service).filter(balanced).cloned().collect();
        if kernel.take_signal().is_some() {
            for service in &services {
                set_ingress(cluster, &service.key(), Value::map());
            }
            cluster.fabric.tunnel = false;
            return Step::Exit(0);
        }
        if self.report.is_none() {
            for signal in [Signal::INT, Signal::TERM] {
                kernel.on_signal(signal, Action::Catch);
            }
            cluster.fabric.tunnel = true;
        }
        for service in &services {
            if service.status().at(&["loadBalancer", "ingress"]).is_empty() {
                let ip = service.spec().get("clusterIP").str();
                set_ingress(cluster, &service.key(), value!({"ingress": [{"ip": ip}]}));
            }
        }
        let names: Vec<&str> = services.iter().map(Object::name).collect();
        let report = format!(
            "Status:\t\n\tmachine: minikube\n\tpid: {}\n\troute: 10.96.0.0/12 -> {}\n\tminikube: Running\n\tservices: [{}]\n    errors: \n\t\tminikube: no errors\n\t\trouter: no errors\n\t\tloadbalancer emulator: no errors\n",
            kernel.pid().0,
            cluster.profile().nodes[0].ip,
            names.join(", ")
        );
        if self.report.as_ref() != Some(&report) {
            kernel.print(&report);
            self.report = Some(report);
        }
        Wait::world().into()
    }
}

fn set_ingress(cluster: &mut Cluster, key: &ObjectKey, balancer: Value) {
    cluster.api.modify_status(key, |status| status.set("loadBalancer", balancer));
}

/// The release of minikube that it says it is.
const VERSION: &str = "v1.38.1";

/// `minikube start` of a cluster that is there: nodes that are off are switched on.
fn started(cluster: &mut Cluster) -> String {
    let names: Vec<String> = cluster.profile().nodes.iter().map(|node| node.name.clone()).collect();
    for name in names {
        // One that runs stays as it is.
        cluster.start_machine(&name).ok();
    }
    let profile = cluster.profile();
    let nodes: String = profile.nodes[1..].iter().map(|node| starting(&node.name)).collect();
    format!(
        "😄  minikube {VERSION} on Saya\n✨  Using the docker driver based on existing profile\n👍  Starting \"minikube\" primary control-plane node in \"minikube\" cluster\n🏃  Updating the running docker \"minikube\" container ...\n🐳  Preparing Kubernetes {} on containerd 2.1.5 ...\n🔎  Verifying Kubernetes components...\n    ▪ Using image gcr.io/k8s-minikube/storage-provisioner:v5\n🌟  Enabled addons: {}\n{nodes}🏄  Done! kubectl is now configured to use \"minikube\" cluster and \"default\" namespace by default\n",
        crate::apiserver::raw::VERSION,
        addons::enabled(cluster).join(", ")
    )
}

fn starting(node: &str) -> String {
    format!("👍  Starting \"{node}\" worker node in \"minikube\" cluster\n")
}

/// `minikube node add|delete|start|stop`; nodes are called by what follows the name of the first.
fn change_node(kernel: &mut Kernel<'_>, cluster: &mut Cluster, what: &str, words: &[&str]) -> u8 {
    let first = cluster.profile().nodes[0].name.clone();
    let name = words.iter().find(|word| !word.starts_with('-')).copied();
    let whole = |name: &str| match name.starts_with(&first) {
        true => name.to_owned(),
        false => format!("{first}-{name}"),
    };
    let (name, node) = match (what, name) {
        ("add", _) => {
            let is_free = |name: &String| cluster.profile().nodes.iter().all(|node| node.name != whole(name));
            let name = (2..).map(|number| format!("m{number:02}")).find(is_free).unwrap_or_default();
            let node = whole(&name);
            (name, node)
        }
        (_, Some(name)) => (name.to_owned(), whole(name)),
        (_, None) => {
            kernel.complain(format!("\n❌  Exiting due to MK_USAGE: Usage: minikube node {what} [name]\n\n"));
            return 64;
        }
    };
    let result = match what {
        "add" => cluster.add_machine(&node),
        "delete" => cluster.remove_machine(&node),
        "start" => cluster.start_machine(&node),
        _ => cluster.stop_machine(&node),
    };
    if let Err(why) = result {
        kernel.complain(format!("\n❌  Exiting due to GUEST_NODE_RETRIEVE: retrieving node: {why}\n\n"));
        return 80;
    }
    let starting = starting(&node);
    let stopping = format!("✋  Stopping node \"{node}\"  ...\n🛑  Powering off \"{node}\" via SSH ...\n");
    kernel.print(match what {
        "add" => format!("😄  Adding node {name} to cluster minikube as [worker]\n{starting}🔎  Verifying Kubernetes components...\n🏄  Successfully added {name} to minikube!\n"),
        "delete" => format!("🔥  Deleting node {name} from cluster minikube\n{stopping}🔥  Deleting \"{node}\" in docker ...\n💀  Node {name} was successfully deleted.\n"),
        "start" => format!("{starting}🏄  Done! kubectl is now configured to use \"minikube\" cluster and \"default\" namespace by default\n"),
        _ => format!("{stopping}🛑  Successfully stopped node {name}\n"),
    });
    0
}

/// `minikube service`
fn service(kernel: &mut Kernel<'_>, cluster: &Cluster, words: &[&str]) -> Step {
    let (mut namespace, mut name, mut url, mut all) = ("default", None, false, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-n" | "--namespace" => namespace = words.next().copied().unwrap_or("default"),
            "--url" | "--url=true" => url = true,
            "list" => all = true,
            word if word.starts_with("--namespace=") => namespace = &word["--namespace=".len()..],
            word => name = Some(word),
        }
    }
    let store = cluster.api.store();
    let ip = cluster.profile().nodes[0].ip;
    let urls = |service: &Object| -> Vec<String> {
        let ports = service.spec().get("ports").items().iter();
        ports
            .filter_map(|port| port.get("nodePort").as_int())
            .map(|port| format!("http://{ip}:{port}"))
            .collect()
    };
    let targets = |service: &Object| -> Vec<String> {
        let ports = service.spec().get("ports").items().iter();
        let named = |port: &Value| match port.get("name").str() {
            "" => port.get("port").int().to_string(),
            name => format!("{name}/{}", port.get("port").int()),
        };
        ports.map(named).collect()
    };
    let row = |service: &Object| {
        let urls = urls(service);
        let target = if urls.is_empty() { vec!["No node port".into()] } else { targets(service) };
        [service.namespace().into(), service.name().into(), target.join("\n"), urls.join("\n")]
    };
    if all {
        kernel.print(table(TITLES, &store.list(Kind::Service).map(row).collect::<Vec<_>>()));
        return Step::Exit(0);
    }
    let Some(name) = name else {
        kernel.complain("❌  Exiting due to MK_USAGE: You must specify a service name\n");
        return Step::Exit(64);
    };
    let Some(service) = store.get(&ObjectKey::new(Kind::Service, namespace, name)) else {
        kernel.complain(format!(
            "\n❌  Exiting due to SVC_NOT_FOUND: Service '{name}' was not found in '{namespace}' namespace.\nYou may select another namespace by using 'minikube service {name} -n <namespace>'. Or list out all the services using 'minikube service list'\n\n"
        ));
        return Step::Exit(NO_SERVICE);
    };
    let found = urls(service);
    if !url {
        kernel.print(table(TITLES, &[row(service)]));
    }
    if found.is_empty() {
        kernel.complain(format!("😿  service {namespace}/{name} has no node port\n"));
        return Step::Exit(u8::from(url));
    }
    if url {
        kernel.print(found.iter().map(|url| format!("{url}\n")).collect::<String>());
    } else {
        for _ in found {
            kernel.print(format!("🎉  Opening service {namespace}/{name} in default browser...\n"));
        }
    }
    Step::Exit(0)
}

/// What stands above the addresses of Services.
const TITLES: [&str; 4] = ["NAMESPACE", "NAME", "TARGET PORT", "URL"];

/// A table as tablewriter draws it.
pub(super) fn table(titles: [&str; 4], rows: &[[String; 4]]) -> String {
    // The one sign of more than a column is the tick.
    let columns = |text: &str| text.chars().map(|letter| 1 + usize::from(letter == '✅')).sum::<usize>();
    let wide = |at: usize| {
        let cells = rows.iter().flat_map(|row| row[at].lines()).map(columns);
        cells.max().unwrap_or(0).max(titles[at].len())
    };
    let widths: Vec<usize> = (0..4).map(wide).collect();
    let line: String = widths.iter().map(|width| format!("|{}", "-".repeat(width + 2))).collect();
    let line = format!("{line}|\n");
    let mut text = line.clone();
    for (title, width) in titles.iter().zip(&widths) {
        let left = (width - title.len()) / 2;
        let right = width - title.len() - left;
        text.push_str(&format!("| {}{title}{} ", " ".repeat(left), " ".repeat(right)));
    }
    text.push_str("|\n");
    text.push_str(&line);
    for row in rows {
        let height = row.iter().map(|cell| cell.lines().count()).max().unwrap_or(1).max(1);
        for at in 0..height {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let cell = cell.lines().nth(at).unwrap_or_default();
                // Numbers stand at the right.
                let number = column == 2 && cell.parse::<u32>().is_ok();
                text.push_str(&if number {
                    format!("| {cell:>width$} ")
                } else {
                    format!("| {cell}{} ", " ".repeat(width - columns(cell)))
                });
            }
            text.push_str("|\n");
        }
    }
    text + &line
}
