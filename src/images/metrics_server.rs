//! The metrics server: it asks the kubelets how much their containers take, and answers for `metrics.k8s.io`.

use std::time::Duration;

use crate::api::{Kind, Object};
use crate::apiserver::ApiServer;
use crate::apiserver::metrics::GROUP;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::flags::flag;
use crate::programs::http::{Connections, Response};
use crate::programs::klog;

/// The repository, on any registry, of the image.
pub const REPOSITORY: &str = "metrics-server/metrics-server";

/// A running metrics server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MetricsServer {
    begun: bool,
    connections: Connections,
    /// When it asks the kubelets again.
    asks: SimTime,
    /// How often it does (`--metric-resolution`).
    resolution: Duration,
    /// It takes the kubelets' certificates as they are (`--kubelet-insecure-tls`); a kubelet's own, which names no address, is
    /// refused otherwise.
    insecure: bool,
}

impl MetricsServer {
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Err(code) = self.begin(kernel, api)
        {
            return Step::Exit(code);
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        if kernel.now() >= self.asks {
            self.asks = kernel.now() + self.resolution;
            self.ask(kernel, api);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let (status, text) = match &*request.path() {
                "/livez" | "/healthz" => (200, "ok"),
                "/readyz" if api.metrics.last().is_some() => (200, "ok"),
                "/readyz" => (
                    500,
                    "[+]ping ok\n[-]metric-storage-ready failed: reason withheld\nreadyz check failed\n",
                ),
                _ => (403, "(Saya's metrics server tells the API server alone what it knows.)\n"),
            };
            self.connections.reply(kernel, client, Response::new(status, "text/plain; charset=utf-8", text));
        }
        self.connections.wait().or_until(self.asks).into()
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Result<(), u8> {
        for signal in [Signal::TERM, Signal::INT] {
            kernel.on_signal(signal, Action::Catch);
        }
        let argv = kernel.argv();
        let seconds =
            flag(&argv, "--metric-resolution").and_then(|text| text.strip_suffix('s')?.parse().ok());
        self.resolution = Duration::from_secs(seconds.unwrap_or(60));
        self.insecure = argv
            .iter()
            .any(|word| ["--kubelet-insecure-tls", "--kubelet-insecure-tls=true"].contains(&&**word));
        let port = flag(&argv, "--secure-port").and_then(|text| text.parse().ok()).unwrap_or(443);
        self.connections.tls = true;
        if let Err(errno) = self.connections.listen(kernel, port) {
            kernel.complain(format!("panic: failed to create listener: failed to listen on 0.0.0.0:{port}: listen tcp 0.0.0.0:{port}: bind: {}\n", errno.text().to_lowercase()));
            return Err(2);
        }
        for (from, text) in [
            (
                "serving.go:380",
                "Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)".to_owned(),
            ),
            ("handler.go:288", format!("Adding GroupVersion {GROUP} v1beta1 to ResourceManager")),
            ("secure_serving.go:211", format!("Serving securely on [::]:{port}")),
        ] {
            kernel.complain(klog::line(kernel, 'I', from, &text));
        }
        api.metrics.clear();
        Ok(())
    }

    fn ask(&self, kernel: &mut Kernel<'_>, api: &mut ApiServer) {
        if self.insecure {
            api.metrics.asked = true;
            return;
        }
        for node in api.store().list(Kind::Node) {
            let (name, ip) = (node.name(), address(node));
            let text = format!(
                "\"Failed to scrape node\" err=\"Get \\\"https://{ip}:10250/metrics/resource\\\": tls: failed to verify certificate: x509: cannot validate certificate for {ip} because it doesn't contain any IP SANs\" node=\"{name}\""
            );
            kernel.complain(klog::line(kernel, 'E', "scraper.go:149", &text));
        }
    }
}

fn address(node: &Object) -> String {
    let addresses = node.status().get("addresses").items();
    let own = addresses.iter().find(|one| one.get("type").str() == "InternalIP");
    own.map_or(String::new(), |one| one.get("address").str().to_owned())
}
