//! `kubectl port-forward`, running: ports of the learner's machine that lead into one Pod.

use std::net::{IpAddr, SocketAddr};

use crate::api::{Kind, ObjectKey};
use crate::base::digest_of;
use crate::cluster::Cluster;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::kubectl::{PortForwardRequest, PortPair};
use crate::kubelet::NodeState;
use crate::network::packet::Space;
use crate::programs::klog;

/// The most bytes that are carried at once.
const CHUNK: usize = 65_536;

/// A connection to this machine and the one into the Pod that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Carried {
    ends: [Fd; 2],
    /// Which of them have said that no more comes.
    ended: [bool; 2],
    made: bool,
    ports: PortPair,
}

/// A port-forward.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Forward {
    pod: ObjectKey,
    space: Space,
    listeners: Vec<(Fd, PortPair)>,
    carried: Vec<Carried>,
}

impl Forward {
    /// The Pod, and the ports: here, and there.
    pub fn leads_to(&self) -> (&ObjectKey, Vec<(u16, u16)>) {
        let mut ports: Vec<(u16, u16)> =
            self.listeners.iter().map(|(_, ports)| (ports.local, ports.remote)).collect();
        // One for each family of addresses.
        ports.dedup();
        (&self.pod, ports)
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// kubectl's words where that cannot be.
    pub fn begin(
        kernel: &mut Kernel<'_>,
        cluster: &Cluster,
        request: &PortForwardRequest,
    ) -> Result<Self, String> {
        let pod = ObjectKey::new(Kind::Pod, &request.namespace, &request.pod);
        let node = cluster.api.get(&pod).map(|pod| pod.spec().get("nodeName").str().to_string());
        let kubelet = node.as_deref().and_then(|node| cluster.kubelet(node));
        let silent = |node: &&NodeState| !node.running || cluster.is_isolated(&node.name);
        if let Some(node) = kubelet.map(|kubelet| &kubelet.node).filter(silent) {
            return Err(format!(
                "error: error upgrading connection: error dialing backend: dial tcp {}:10250: connect: no route to host\n",
                node.ip
            ));
        }
        let space = cluster
            .space_of(&pod)
            .ok_or_else(|| format!("Error from server (NotFound): pods \"{}\" not found\n", request.pod))?;
        let (mut listeners, mut refused) = (Vec::new(), String::new());
        for ports in &request.ports {
            let mut why = Vec::new();
            let before = listeners.len();
            let mut chosen = ports.local;
            for address in &request.addresses {
                let addresses: &[&str] = match address.as_str() {
                    "localhost" => &["127.0.0.1", "::1"],
                    other => &[other],
                };
                for ip in addresses {
                    let parsed: IpAddr =
                        ip.parse().map_err(|_| format!("error: {ip} is not a valid IP\n"))?;
                    match kernel.listen(Protocol::Tcp, parsed, chosen) {
                        Ok(fd) => {
                            chosen = kernel.socket(fd).map_or(chosen, |socket| socket.local.port());
                            let at = SocketAddr::new(parsed, chosen);
                            kernel.print(format!("Forwarding from {at} -> {}\n", ports.remote));
                            listeners.push((fd, PortPair { local: chosen, remote: ports.remote }));
                        }
                        Err(errno) => {
                            let family = if parsed.is_ipv4() { 4 } else { 6 };
                            let text = errno.text().to_lowercase().replace("cannot", "can't");
                            why.push(format!(
                                "unable to create listener: Error listen tcp{family} {}: bind: {text}",
                                SocketAddr::new(parsed, chosen)
                            ));
                        }
                    }
                }
            }
            if listeners.len() == before {
                kernel.complain(format!(
                    "Unable to listen on port {}: Listeners failed to create with the following errors: [{}]\n",
                    ports.local,
                    why.join(" ")
                ));
                refused.push_str(&format!("{{{} {}}} ", ports.local, ports.remote));
            }
        }
        if listeners.is_empty() {
            return Err(format!(
                "error: unable to listen on any of the requested ports: [{}]\n",
                refused.trim_end()
            ));
        }
        for signal in [Signal::INT, Signal::TERM] {
            kernel.on_signal(signal, Action::Catch);
        }
        // Go programs do not end of writing to who has gone.
        kernel.on_signal(Signal::PIPE, Action::Ignore);
        Ok(Self { pod, space, listeners, carried: Vec::new() })
    }

    /// Carries on.
    pub fn step(&mut self, kernel: &mut Kernel<'_>, cluster: &Cluster) -> Step {
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        for at in 0..self.listeners.len() {
            let (fd, ports) = self.listeners[at];
            while let Ok(Some((near, _))) = kernel.accept(fd) {
                kernel.print(format!("Handling connection for {}\n", ports.local));
                let far = kernel.connect_into(self.space.clone(), ports.remote);
                self.carried.push(Carried { ends: [near, far], ended: [false; 2], made: false, ports });
            }
        }
        let mut wait = Wait::forever();
        for (fd, _) in &self.listeners {
            wait = wait.or_readable(*fd);
        }
        let mut at = 0;
        while at < self.carried.len() {
            let carried = &mut self.carried[at];
            if !carried.made {
                match kernel.is_connected(carried.ends[1]) {
                    Ok(true) => carried.made = true,
                    Ok(false) => {
                        wait = wait.or_readable(carried.ends[1]);
                        at += 1;
                        continue;
                    }
                    Err(errno) => return self.lose(kernel, cluster, at, errno),
                }
            }
            for side in 0..2 {
                while !carried.ended[side] {
                    match kernel.read(carried.ends[side], CHUNK) {
                        Ok(Data::Bytes(bytes)) => {
                            // Who has gone gets nothing more.
                            let _ = kernel.write(carried.ends[1 - side], &bytes);
                        }
                        Ok(Data::Empty) => break,
                        Ok(Data::End) | Err(_) => {
                            carried.ended[side] = true;
                            kernel.shut(carried.ends[1 - side]);
                        }
                    }
                }
            }
            // When the Pod's side is done, so is the connection.
            if carried.ended[1] {
                for fd in carried.ends {
                    // They are this process's own.
                    let _ = kernel.close(fd);
                }
                self.carried.remove(at);
                continue;
            }
            for side in 0..2 {
                if !carried.ended[side] {
                    wait = wait.or_readable(carried.ends[side]);
                }
            }
            at += 1;
        }
        wait.into()
    }

    /// What kubectl says when a connection into the Pod cannot be made. It ends then.
    fn lose(&self, kernel: &mut Kernel<'_>, cluster: &Cluster, at: usize, errno: Errno) -> Step {
        let PortPair { local, remote } = self.carried[at].ports;
        // What has come is read and dropped: the client sees an end, not a reset.
        while let Ok(Data::Bytes(_)) = kernel.read(self.carried[at].ends[0], CHUNK) {}
        let Space::Pod { uid: sandbox, .. } = &self.space else {
            kernel.complain("error: lost connection to pod\n");
            return Step::Exit(1);
        };
        let sandbox: String =
            (0..4u64).map(|part| format!("{:016x}", digest_of(&(&**sandbox, part)).0)).collect();
        let gone = cluster.space_of(&self.pod).as_ref() != Some(&self.space);
        let why = if gone || errno != Errno::ConnectionRefused {
            format!("network namespace for sandbox \\\"{sandbox}\\\" is closed")
        } else {
            let (a, b) = (&sandbox[..8], &sandbox[8..]);
            format!(
                "failed to execute portforward in network namespace \\\"/var/run/netns/cni-{a}-{}-{}-{}-{}\\\": failed to connect to localhost:{remote} inside namespace \\\"{sandbox}\\\", IPv4: dial tcp4 127.0.0.1:{remote}: connect: connection refused IPv6 dial tcp6 [::1]:{remote}: connect: connection refused ",
                &b[..4],
                &b[4..8],
                &b[8..12],
                &b[12..24]
            )
        };
        let text = format!(
            "\"Unhandled Error\" err=\"an error occurred forwarding {local} -> {remote}: error forwarding port {remote} to pod {sandbox}, uid : {why}\""
        );
        kernel.complain(klog::line(kernel, 'E', "portforward.go:522", &text));
        kernel.complain("error: lost connection to pod\n");
        Step::Exit(1)
    }
}
