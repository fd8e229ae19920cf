//! The small web servers of Kubernetes' own tutorials: each answers every request with one text.

use super::http::{Connections, Response};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};

/// Which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// google-samples/hello-app.
    HelloApp,
    /// google-samples/kubernetes-bootcamp, on Node.
    Bootcamp,
    /// hpa-example: PHP that reckons for a while, on Apache.
    HpaExample,
    /// serve_hostname.
    ServeHostname,
}

impl Kind {
    fn port(self) -> u16 {
        match self {
            Self::HelloApp | Self::Bootcamp => 8080,
            Self::HpaExample => 80,
            Self::ServeHostname => 9376,
        }
    }
}

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    kind: Kind,
    /// When it began; none before.
    begun: Option<SimTime>,
    requests: u32,
    connections: Connections,
}

impl Sample {
    pub fn new(kind: Kind) -> Self {
        Self { kind, begun: None, requests: 0, connections: Connections::default() }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let port = self.kind.port();
        let host = kernel.hostname();
        let date = kernel.date();
        let stamp = date.rfc3339().replace("Z", ".000Z");
        let (year, month, day, hour, minute, second) = date.civil();
        let now = format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}");
        let begun = match self.begun {
            Some(begun) => begun,
            None => {
                if let Err(errno) = self.connections.listen(kernel, port) {
                    kernel.complain(format!(
                        "listen tcp :{port}: bind: {}\n",
                        errno.to_string().to_lowercase()
                    ));
                    return Step::Exit(1);
                }
                match self.kind {
                    Kind::HelloApp => kernel.complain(format!("{now} Server listening on port {port}\n")),
                    Kind::Bootcamp => kernel.print(format!(
                        "Kubernetes Bootcamp App Started At: {stamp} | Running On:  {host} \n\n"
                    )),
                    // node and Go catch nothing there; Apache does.
                    Kind::HpaExample => kernel.on_signal(Signal::TERM, Action::Catch),
                    Kind::ServeHostname => {}
                }
                *self.begun.insert(kernel.now())
            }
        };
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.requests += 1;
            let version = kernel.variable("SAMPLE_VERSION").unwrap_or_default();
            let text = match self.kind {
                Kind::HelloApp => {
                    kernel.complain(format!("{now} Serving request: {}\n", request.target));
                    format!("Hello, world!\nVersion: {version}.0.0\nHostname: {host}\n")
                }
                Kind::Bootcamp => {
                    let up = (kernel.now().0 - begun.0) as f64 / 1e6;
                    kernel.print(format!(
                        "Running On: {host} | Total Requests: {} | App Uptime: {up:.3} seconds | Log Time: {stamp}\n",
                        self.requests
                    ));
                    format!("Hello Kubernetes bootcamp! | Running on: {host} | v={version}\n")
                }
                Kind::HpaExample => "OK!".to_owned(),
                Kind::ServeHostname => format!("{host}\n"),
            };
            self.connections.reply(kernel, client, Response::new(200, "text/plain", text));
        }
        self.connections.wait().into()
    }
}
