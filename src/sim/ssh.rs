//! `minikube ssh`: a shell on a node, or one command there.

use crate::cluster::Cluster;
use crate::cluster::exec::ExecSession;
use crate::container::kernel::Kernel;

/// minikube's exit status for what is not there, and for what it cannot do now (`reason.GuestNodeRetrieve`).
const NO_NODE: u8 = 80;

/// A session that has begun: what is held of it, and whether it has a terminal there.
pub(super) struct Begun {
    pub session: ExecSession,
    pub tty: bool,
}

/// Logs in to a node. What cannot be done is said, and its exit status returned.
pub(super) fn begin(kernel: &mut Kernel<'_>, cluster: &mut Cluster, words: &[&str]) -> Result<Begun, u8> {
    let mut node = cluster.profile().nodes[0].name.clone();
    let mut words = words.iter().copied();
    let mut command: Vec<&str> = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--" => command.extend(words.by_ref()),
            "-n" | "--node" if command.is_empty() => node = words.next().unwrap_or_default().into(),
            "--native-ssh" if command.is_empty() => {}
            word if command.is_empty() && word.starts_with("--native-ssh=") => {}
            word if command.is_empty() && word.starts_with("--node=") => {
                node = word["--node=".len()..].into()
            }
            word if command.is_empty() && word.starts_with('-') => {
                kernel.complain(["Error: unknown flag: ", word, "\n"].concat());
                return Err(1);
            }
            word => command.push(word),
        }
    }
    if !cluster.profile().nodes.iter().any(|own| own.name == node) {
        kernel.complain(format!(
            "\n❌  Exiting due to GUEST_NODE_RETRIEVE: retrieving node: Could not find node {node}\n\n"
        ));
        return Err(NO_NODE);
    }
    let line = command.join(" ");
    let argv: &[&str] = if line.is_empty() { &["bash", "-l"] } else { &["bash", "-c", &line] };
    let tty = line.is_empty() && kernel.is_terminal(0);
    match cluster.exec_on_node(&node, argv, (true, tty)) {
        Ok(session) => Ok(Begun { session, tty }),
        Err(why) => {
            kernel.complain(format!("\n❌  Exiting due to GUEST_SSH: {why}\n\n"));
            Err(NO_NODE)
        }
    }
}
