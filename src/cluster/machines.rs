//! The machines of a cluster: switched off, switched on again, and new ones.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::{Cluster, Event, Node};
use crate::api::{Kind, ObjectKey};

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
        let known: Vec<_> =
            kubelet.workers().map(|(uid, worker)| (worker.key().clone(), uid.clone())).collect();
        let node: Arc<str> = name.into();
        if self.api.get(&ObjectKey::new(Kind::Node, "", name)).is_none() {
            // A kubelet that starts registers its node.
            let machine = self.machine(name).ok_or_else(|| unknown(name))?;
            self.register(&machine);
        }
        let bound: Vec<_> =
            self.api.store().pods_on(name).map(|pod| (pod.key(), Arc::from(pod.uid()))).collect();
        let now = self.now();
        for (key, uid) in known.into_iter().chain(bound) {
            self.queue.push(now, Event::SyncPod { node: node.clone(), key, uid });
        }
        self.queue.push(now, Event::Heartbeat(node));
        Ok(())
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

    /// A machine like the profile's last, with the next addresses.
    pub(super) fn next_machine(&self, name: &str) -> Option<Node> {
        let next = self.kubelets.len() as u32;
        let (first, last) = (self.profile.nodes.first()?, self.profile.nodes.last()?);
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
