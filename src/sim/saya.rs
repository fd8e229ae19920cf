//! `saya` on the learner's machine: what a hand could do to a cluster's machines.

use crate::cluster::Cluster;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

const USAGE: &str = "\
Usage:
  saya node stop NAME    switch a node's machine off
  saya node start NAME   switch it on again
  saya node add NAME     add a machine to the cluster
";

/// `saya`, running.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Saya;

impl Saya {
    /// The name that it is started by.
    pub const NAME: &'static str = "saya";

    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &mut Cluster) -> Step {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let (done, result) = match words[..] {
            ["node", "stop", name] => ("switched off", cluster.stop_machine(name)),
            ["node", "start", name] => ("switched on", cluster.start_machine(name)),
            ["node", "add", name] => ("added", cluster.add_machine(name)),
            [] | ["help" | "--help" | "-h"] => {
                kernel.print(USAGE);
                return Step::Exit(0);
            }
            _ => {
                kernel.complain(format!("saya: cannot do \"{}\"\n{USAGE}", words.join(" ")));
                return Step::Exit(2);
            }
        };
        match result {
            Ok(()) => {
                kernel.print(format!("node/{} {done}\n", words[2]));
                Step::Exit(0)
            }
            Err(why) => {
                kernel.complain(format!("saya: {why}\n"));
                Step::Exit(1)
            }
        }
    }
}
