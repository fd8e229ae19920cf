//! CoreDNS, the cluster's name server.

use std::net::Ipv6Addr;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::{SimTime, digest_of};
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::network::dns::log::Arrival;
use crate::network::dns::{Corefile, Dns, Upstream};
use crate::network::packet::{Datagram, Payload};
use crate::programs::http::{Connections, Response};

/// The repository, on any registry, of the image.
pub const REPOSITORY: &str = "coredns/coredns";
/// How often its configuration is looked at: that of the `reload` plugin, and what the kubelet takes to bring a changed
/// ConfigMap to its volume.
const RELOAD: Duration = Duration::from_secs(45);
/// How long it goes on answering after SIGTERM (`lameduck`).
const LAME: Duration = Duration::from_secs(5);

/// A running CoreDNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CoreDns {
    corefile: Arc<Corefile>,
    upstream: Arc<Upstream>,
    version: Arc<str>,
    socket: Option<Fd>,
    /// Whoever asks after its health.
    health: Connections,
    looks: SimTime,
    ends: Option<SimTime>,
}

impl CoreDns {
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &ApiServer) -> Step {
        let now = kernel.now();
        let Some(socket) = self.socket else { return self.begin(kernel, api) };
        if kernel.take_signal().is_some() && self.ends.is_none() {
            kernel.print("[INFO] SIGTERM: Shutting down servers then terminating\n[INFO] plugin/health: Going into lameduck mode for 5s\n");
            self.ends = Some(now + LAME);
        }
        if self.ends.is_some_and(|ends| now >= ends) {
            return Step::Exit(0);
        }
        if now >= self.looks {
            self.reload(kernel, api);
            self.looks = now + RELOAD;
        }
        while let Ok(Some(datagram)) = kernel.receive(socket) {
            self.answer(kernel, api, &datagram);
        }
        while let Some((client, request)) = self.health.next(kernel) {
            // The plugins health, ready and prometheus.
            let known = [(8080, "/health"), (8181, "/ready"), (9153, "/metrics")];
            let response = if !known.contains(&(request.port, &*request.path())) {
                Response::new(404, "text/plain; charset=utf-8", "404 page not found\n")
            } else if request.port == 8181 && self.ends.is_some() {
                Response::new(503, "text/plain; charset=utf-8", "shutting down")
            } else if request.port == 9153 {
                let text = "(Saya does not keep CoreDNS's metrics.)\n";
                Response::new(200, "text/plain; charset=utf-8", text)
            } else {
                Response::new(200, "text/plain; charset=utf-8", "OK")
            };
            self.health.reply(kernel, client, response);
        }
        self.health.wait().or_readable(socket).or_until(self.looks).or_until(self.ends).into()
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, api: &ApiServer) -> Step {
        match Corefile::in_store(api.store()) {
            Ok(corefile) => self.corefile = corefile.into(),
            Err(error) => {
                kernel.print(format!("{error}\n"));
                return Step::Exit(1);
            }
        }
        self.upstream = Upstream::simulated().into();
        self.version = version(api);
        for signal in [Signal::TERM, Signal::INT] {
            kernel.on_signal(signal, Action::Catch);
        }
        for port in [53, 8080, 8181, 9153] {
            if let Err(errno) = self.health.listen(kernel, port) {
                kernel.print(format!("Listen: listen tcp :{port}: bind: {}\n", errno.text().to_lowercase()));
                return Step::Exit(1);
            }
        }
        let Ok(socket) = kernel.listen(Protocol::Udp, Ipv6Addr::UNSPECIFIED.into(), 53) else {
            kernel.print("Listen: listen udp :53: bind: address already in use\n");
            return Step::Exit(1);
        };
        self.socket = Some(socket);
        self.looks = kernel.now() + RELOAD;
        kernel.print(format!(
            ".:53\n[INFO] plugin/reload: Running configuration SHA512 = {}\nCoreDNS-1.14.1\nlinux/amd64, go1.25.5, 1db4568\n",
            fingerprint(&self.version)
        ));
        Step::Yield
    }

    fn reload(&mut self, kernel: &mut Kernel<'_>, api: &ApiServer) {
        let version = version(api);
        if version == self.version {
            return;
        }
        self.version = version;
        match Corefile::in_store(api.store()) {
            Ok(corefile) => {
                kernel.print(format!(
                    "[INFO] Reloading\n[INFO] plugin/reload: Running configuration SHA512 = {}\n[INFO] Reloading complete\n",
                    fingerprint(&self.version)
                ));
                self.corefile = corefile.into();
            }
            Err(error) => kernel.print(format!("[INFO] Reloading\n[ERROR] Restart failed: {error}\n")),
        }
    }

    fn answer(&self, kernel: &mut Kernel<'_>, api: &ApiServer, datagram: &Datagram) {
        let Payload::Query(query) = &datagram.payload else { return };
        let dns = Dns { store: api.store(), corefile: &self.corefile, upstream: &self.upstream };
        let question = &query.question;
        let mut answer = dns.ask(question);
        dns.balance(question, &mut answer, kernel.random());
        let arrival = Arrival {
            client: datagram.from.ip(),
            port: datagram.from.port(),
            id: query.id,
            edns: query.edns,
            duration: Duration::from_nanos(80_000 + kernel.random().below(120_000)),
        };
        for line in dns.log_lines(question, &answer, &arrival) {
            kernel.print(format!("{line}\n"));
        }
        kernel.reply(datagram, Payload::Answer(Arc::new(((**query).clone(), answer))));
    }
}

/// What changes with the ConfigMap.
fn version(api: &ApiServer) -> Arc<str> {
    let map = api.get(&ObjectKey::new(Kind::ConfigMap, "kube-system", "coredns"));
    map.map_or("", |map| map.at(&["data", "Corefile"]).str()).into()
}

/// In place of a checksum.
fn fingerprint(text: &str) -> String {
    let digest = digest_of(text).0;
    (0..8u64).map(|part| format!("{:016x}", digest.rotate_left(part as u32 * 7) ^ part)).collect()
}
