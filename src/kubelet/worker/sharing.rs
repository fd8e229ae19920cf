//! Containers that see each other's processes: all of a Pod (`shareProcessNamespace`), or one that `kubectl debug` has
//! added and the one that it looks at (`targetContainerName`).

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::container::files::{Mount, VolumeId, Volumes};
use crate::container::machine::{Pid, Process as Running};
use crate::container::tree::Tree;
use crate::kubelet::container::Container;
use crate::network::namespace::Namespace;

/// How many numbers the runtime's own steps take when it starts a container in a namespace that is there.
const RUNTIME_STEPS: u32 = 6;

fn shares_all(pod: &Object) -> bool {
    pod.spec().get("shareProcessNamespace").bool()
}

/// The other containers whose processes a container sees.
fn neighbours(pod: &Object, containers: &[Container], at: usize) -> Vec<usize> {
    let house = |at: usize| {
        let container: &Container = &containers[at];
        container.spec.get("targetContainerName").as_str().unwrap_or(&container.name)
    };
    let all = shares_all(pod);
    (0..containers.len()).filter(|other| *other != at && (all || house(*other) == house(at))).collect()
}

/// The number of a container's main process.
pub(super) fn first_pid(pod: &Object, containers: &[Container], at: usize) -> Pid {
    let others = neighbours(pod, containers, at);
    let given =
        others.iter().filter_map(|other| Some(containers[*other].process.as_ref()?.next_pid().0)).max();
    match given {
        _ if shares_all(pod) => Pid(given.unwrap_or(2) + RUNTIME_STEPS),
        Some(next) => Pid(next + RUNTIME_STEPS),
        None => Pid(1),
    }
}

/// Lets the programs of a container go on, with the processes of its neighbours beside its own and their files at
/// `/proc/PID/root`.
pub(super) fn run(
    pod: &Object,
    containers: &mut [Container],
    at: usize,
    volumes: &mut Volumes,
    net: &mut Namespace,
    api: &mut ApiServer,
) {
    let now = api.clock.now;
    let others = neighbours(pod, containers, at);
    let Some(mut process) = containers[at].process.take() else { return };
    let machine = process.machine();
    if shares_all(pod) {
        let pause = machine.pause();
        machine.admit([pause]);
    }
    let (own_mounts, mut lent) = (machine.files.mounts().len(), Vec::new());
    for other in others {
        let Some(neighbour) = &mut containers[other].process else { continue };
        let neighbour = neighbour.machine();
        machine.skip_pids(neighbour.next_pid());
        let shown: Vec<(Pid, Running)> = neighbour.shown();
        let volume = VolumeId(format!("container/{other}").into());
        volumes.insert(volume.clone(), std::mem::take(&mut neighbour.files.root).into());
        for (pid, _) in &shown {
            let root = format!("/proc/{}/root", pid.0);
            let first =
                Mount { at: "/".into(), volume: volume.clone(), sub_path: "".into(), read_only: false };
            for mount in std::iter::once(&first).chain(neighbour.files.mounts()) {
                let at = format!("{root}{}", mount.at.trim_end_matches('/')).into();
                machine.files.mount(Mount { at, ..mount.clone() }, volumes);
            }
        }
        machine.admit(shown);
        lent.push((other, volume));
    }
    process.run(volumes, net, api);
    let machine = process.machine();
    let (signals, next) = (machine.dismiss(), machine.next_pid());
    machine.files.unmount_after(own_mounts);
    containers[at].process = Some(process);
    for (other, volume) in lent {
        let Some(neighbour) = &mut containers[other].process else { continue };
        let machine = neighbour.machine();
        machine.files.root = volumes.remove(&volume).map(|tree| Tree::clone(&tree)).unwrap_or_default();
        machine.skip_pids(next);
        let own: Vec<_> = signals.iter().filter(|(pid, _)| machine.processes.contains_key(pid)).collect();
        if own.is_empty() {
            continue;
        }
        own.into_iter().for_each(|(pid, signal)| machine.pass_on(now, *pid, *signal));
        neighbour.wake(now);
        net.stirred = true;
    }
}
