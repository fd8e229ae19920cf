//! The programs that a person runs on a node itself, beside its Pods.

use std::sync::Arc;

use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::container::files::{Credentials, Files, Mount, Volumes};
use crate::container::machine::{Channel, Start, environment};
use crate::container::tree::Tree;

use super::process::ContainerMachine;
use super::{NodeState, disk};

/// What stands for these programs where the uid of a Pod would stand.
pub const HOST: &str = "host";

/// The person who is there: `docker`, who may do everything by `sudo`.
pub const USER: (&str, u32) = ("docker", 1000);

/// The first process that a person starts: the system's own are before it, and are not simulated.
const FIRST_PID: u32 = 2_301;

/// A node's own system, as far as people use it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host {
    /// Its programs; its files are the node's disk.
    pub machine: ContainerMachine,
}

impl Host {
    fn new(node: &NodeState, api: &mut ApiServer) -> Self {
        let mut files = Files::new(Tree::new());
        let disk = Mount { at: "".into(), volume: disk::id(), sub_path: "".into(), read_only: false };
        files.mount(disk, &node.volumes);
        let seed = api.random.between(0, u64::MAX - 1);
        Self { machine: ContainerMachine::new(files, &node.name, api.clock.epoch, seed, FIRST_PID) }
    }
}

impl NodeState {
    /// The machine of the node's own system, with the volumes that it sees. It is looked after from the first time on that
    /// somebody is there.
    pub fn host(&mut self, api: &mut ApiServer) -> (&mut ContainerMachine, &mut Volumes) {
        disk::of(self, api);
        let host = match self.host.take() {
            Some(host) => host,
            None => Box::new(Host::new(self, api)),
        };
        (&mut self.host.insert(host).machine, &mut self.volumes)
    }

    /// Lets these programs go on. Returns when they do by themselves.
    pub(super) fn run_host(&mut self, api: &mut ApiServer) -> Option<SimTime> {
        let host = self.host.as_mut()?;
        std::mem::swap(&mut host.machine.net, &mut self.net);
        let next = host.machine.run(api.clock.now, &mut self.volumes, api);
        std::mem::swap(&mut host.machine.net, &mut self.net);
        next
    }
}

/// A program as that person starts it.
pub fn program(argv: &[&str], stdio: [Channel; 3]) -> Start {
    let (name, uid) = USER;
    let home = ["/home/", name].concat();
    let env = [("HOME", home.as_str()), ("PATH", "/usr/local/bin:/usr/bin:/usr/sbin"), ("USER", name)];
    Start {
        argv: argv.iter().map(|word| Arc::from(*word)).collect(),
        env: environment(env),
        cwd: home.as_str().into(),
        credentials: Credentials::new(uid, uid),
        stdio,
    }
}
