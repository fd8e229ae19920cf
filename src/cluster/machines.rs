//! The machines of a cluster: switched off, switched on again, and new ones.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::{Cluster, Event, Node};
use crate::api::{Kind, ObjectKey};
use crate::apiserver::Deletion;
use crate::network::route;

impl Cluster {
    /// Switches a machine off. What ran on it ends; nobody is told, as in a power cut.
    ///
    /// # Errors
    /// Where there is no such machine, or it is off.
    pub fn stop_machine(&mut self, name: &str) -> Result<(), String> {
        let kubelet = self.kubelets.get_mut(name).ok_or_else(|| unknown(name))?;
        if !kubelet.node.running {
            return Err(format!("node \"{name}\" is off already"));
        }
        kubelet.power_off(&mut self.api);
        Ok(())
    }

    /// Switches a machine on again: its kubelet reports, and starts what it finds that its Pods lack.
    ///
    /// # Errors
    /// Where there is no such machine, or it is on.
    pub fn start_machine(&mut self, name: &str) -> Result<(), String> {
        let kubelet = self.kubelets.get_mut(name).ok_or_else(|| unknown(name))?;
        if kubelet.node.running {
            return Err(format!("node \"{name}\" is on already"));
        }
        kubelet.node.running = true;
        self.catch_up(&name.into());
        Ok(())
    }

    /// A kubelet that hears from the API server again looks at all that it has, and at all that is bound to its node.
    fn catch_up(&mut self, node: &Arc<str>) {
        if let Some(machine) = self.machine(node)
            && self.api.get(&ObjectKey::new(Kind::Node, "", node)).is_none()
        {
            // A kubelet that starts registers its node.
            self.register(&machine);
            if let Some(kubelet) = self.kubelets.get(node) {
                kubelet.mirror_all(&mut self.api);
            }
        }
        let known = self.kubelets.get(node).into_iter().flat_map(|kubelet| kubelet.workers());
        let mut pods: Vec<_> = known.map(|(uid, worker)| (worker.key().clone(), uid.clone())).collect();
        pods.extend(self.api.store().pods_on(node).map(|pod| (pod.key(), Arc::from(pod.uid()))));
        let now = self.now();
        for (key, uid) in pods {
            self.queue.push(now, Event::SyncPod { node: node.clone(), key, uid });
        }
        self.queue.push(now, Event::Heartbeat(node.clone()));
    }

    /// Adds a machine like the profile's last, with the next addresses.
    ///
    /// # Errors
    /// Where there is one of this name, or the name is none for a node.
    pub fn add_machine(&mut self, name: &str) -> Result<(), String> {
        if self.kubelets.contains_key(name) {
            return Err(format!("there is a node \"{name}\" already"));
        }
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if name.is_empty() || name.len() > 253 || !name.chars().all(fine) || name.starts_with(['-', '.']) {
            return Err(format!("\"{name}\" is no name for a node: lower case letters, digits, '-' and '.'"));
        }
        let node = self.next_machine(name).ok_or_else(|| unknown(name))?;
        Arc::make_mut(&mut self.profile).nodes.push(node.clone());
        self.add_node(&node);
        Ok(())
    }

    /// Takes a machine out of the cluster: it is switched off, and its Node object goes (`minikube node delete`).
    ///
    /// # Errors
    /// Where there is no such machine, or the control plane runs on it.
    pub fn remove_machine(&mut self, name: &str) -> Result<(), String> {
        if self.machine(name).ok_or_else(|| unknown(name))?.control_plane {
            return Err(format!("the control plane runs on node \"{name}\": without it there is no cluster"));
        }
        if let Some(mut kubelet) = self.kubelets.remove(name) {
            kubelet.power_off(&mut self.api);
        }
        Arc::make_mut(&mut self.profile).nodes.retain(|node| node.name != name);
        self.fabric.cuts.retain(|(one, other)| ![one, other].contains(&&Arc::from(name)));
        // Somebody may have deleted it before.
        let _ = self.api.delete(&ObjectKey::new(Kind::Node, "", name), Deletion::default());
        Ok(())
    }

    /// Cuts the network between two machines. A machine that is cut off from the control plane's is not heard of, and
    /// hears of nothing: what runs on it goes on.
    ///
    /// # Errors
    /// Where there is no such machine, both are one, or the network is cut there.
    pub fn cut_network(&mut self, one: &str, other: &str) -> Result<(), String> {
        let pair = self.pair(one, other)?;
        if self.fabric.cuts.insert(pair) {
            Ok(())
        } else {
            Err(format!("it is cut between {one} and {other}"))
        }
    }

    /// Mends the network between two machines.
    ///
    /// # Errors
    /// Where there is no such machine, both are one, or the network is not cut there.
    pub fn mend_network(&mut self, one: &str, other: &str) -> Result<(), String> {
        let pair = self.pair(one, other)?;
        if !self.fabric.cuts.remove(&pair) {
            return Err(format!("it is not cut between {one} and {other}"));
        }
        self.send_held();
        for node in [&pair.0, &pair.1] {
            if !self.is_isolated(node) && self.kubelets.get(node).is_some_and(|kubelet| kubelet.node.running)
            {
                self.catch_up(node);
            }
        }
        Ok(())
    }

    /// True for a machine that is cut off from the control plane's.
    pub fn is_isolated(&self, name: &Arc<str>) -> bool {
        !self.fabric.cuts.is_empty()
            && self
                .profile
                .nodes
                .iter()
                .filter(|node| node.control_plane)
                .any(|node| self.fabric.cuts.contains(&route::pair(name, &node.name.as_str().into())))
    }

    fn pair(&self, one: &str, other: &str) -> Result<(Arc<str>, Arc<str>), String> {
        for name in [one, other] {
            self.machine(name).ok_or_else(|| unknown(name))?;
        }
        if one == other {
            return Err("two nodes are wanted".into());
        }
        Ok(route::pair(&one.into(), &other.into()))
    }

    /// A machine like the profile's last, with the next addresses.
    pub(super) fn next_machine(&self, name: &str) -> Option<Node> {
        let (first, last) = (self.profile.nodes.first()?, self.profile.nodes.last()?);
        let highest = self.profile.nodes.iter().map(|node| u32::from(node.ip)).max()?;
        let next = highest - u32::from(first.ip) + 1;
        let step = 1u32 << (32 - u32::from(first.pod_range.1));
        Some(Node {
            name: name.into(),
            ip: Ipv4Addr::from(u32::from(first.ip) + next),
            pod_range: (Ipv4Addr::from(u32::from(first.pod_range.0) + next * step), first.pod_range.1),
            control_plane: false,
            tainted: false,
            machine_id: None,
            joins_after: 0,
            ..last.clone()
        })
    }

    fn machine(&self, name: &str) -> Option<Node> {
        self.profile.nodes.iter().find(|node| node.name == name).cloned()
    }
}

fn unknown(name: &str) -> String {
    format!("there is no node \"{name}\"")
}
