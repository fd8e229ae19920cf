//! luksa/kiada, the server of Kubernetes in Action's second edition, as it is in the chapters on Pods: its first four versions.

use std::sync::Arc;

use crate::container::kernel::{Data, Kernel};
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::both;

/// A running one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kiada {
    version: Arc<str>,
    begun: bool,
    connections: Connections,
    /// What has come by standard input, up to the end of a line; none once that is over.
    typed: Option<String>,
    status: String,
}

impl Kiada {
    /// The one of a version: `0.2`.
    pub fn new(version: &str) -> Self {
        Self {
            version: version.into(),
            begun: false,
            connections: Connections::default(),
            // The first version reads nothing.
            typed: (version != "0.1").then(String::new),
            status: String::new(),
        }
    }

    /// From 0.3 on it ends when it is asked to.
    fn is_polite(&self) -> bool {
        ["0.3", "0.4"].contains(&&*self.version)
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Some(status) = self.begin(kernel)
        {
            return Step::Exit(status);
        }
        if kernel.take_signal().is_some() {
            kernel.print("Received SIGTERM. Server shutting down...\n");
            return Step::Exit(0);
        }
        self.read(kernel);
        while let Some((client, request)) = self.connections.next(kernel) {
            self.answer(kernel, client, &request);
        }
        let wait = self.connections.wait();
        if self.typed.is_some() { both(wait, Wait::readable(0)).into() } else { wait.into() }
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<u8> {
        let argv = kernel.argv();
        let (version, host) = (self.version.clone(), kernel.hostname());
        let mut port = 8080;
        let mut about = format!("Local hostname is {host}\n");
        if &*version == "0.4" {
            match argv.get(2..).unwrap_or_default() {
                [help] if &**help == "--help" => {
                    kernel.print("Usage: /usr/local/bin/node /app.js [--listen-port <number>]\n");
                    return Some(0);
                }
                [name, number] if &**name == "--listen-port" => port = number.parse().unwrap_or(port),
                _ => {}
            }
            self.status = kernel.variable("INITIAL_STATUS_MESSAGE").unwrap_or_default().to_string();
            let [pod, node, node_ip, pod_ip] = places(kernel);
            about = format!(
                "Pod name is {pod}\n{about}Local IP is {pod_ip}\nRunning on node {node}\nNode IP is {node_ip}\nStatus message is {}\n",
                self.status
            );
        }
        if self.is_polite() {
            kernel.on_signal(Signal::TERM, Action::Catch);
        }
        kernel.print(format!("Kiada - Kubernetes in Action Demo Application\n---------------------------------------------\nKiada {version} starting...\n{about}Listening on port {port}\n"));
        if let Err(errno) = self.connections.listen(kernel, port) {
            kernel.complain(format!("Error: listen EADDRINUSE: {} :::{port}\n", errno.text().to_lowercase()));
            return Some(1);
        }
        None
    }

    /// Takes each line of standard input for what it says of itself from then on.
    fn read(&mut self, kernel: &mut Kernel<'_>) {
        while let Some(typed) = &mut self.typed {
            match kernel.read(0, 4096) {
                Ok(Data::Bytes(bytes)) => typed.push_str(&String::from_utf8_lossy(&bytes)),
                Ok(Data::Empty) => return,
                _ => self.typed = None,
            }
            while let Some(typed) = &mut self.typed
                && let Some(end) = typed.find('\n')
            {
                let line: String = typed.drain(..=end).collect();
                let line = line.trim_end_matches(['\n', '\r']);
                if line.trim().is_empty() {
                    kernel.complain("Enter new status message and press ENTER.\n");
                } else {
                    line.clone_into(&mut self.status);
                    kernel.print(format!("Status message set to: {line}\n"));
                }
            }
        }
    }

    fn answer(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request) {
        let (host, version, from) = (kernel.hostname(), &self.version, request.mapped_ip());
        kernel.print(format!("Received request for {} from {from}\n", request.target));
        let by_browser = request.header("Accept").is_some_and(|kinds| kinds.starts_with("text/html"));
        let response = match &*request.target {
            "/" if by_browser => {
                let mut response = Response::new(302, "text/plain", "Redirecting to the html version...");
                response.headers.push(("Location", "html".to_owned()));
                response
            }
            "/" | "/text" => {
                let mut text =
                    format!("Kiada version {version}. Request processed by \"{host}\". Client IP: {from}\n");
                if &**version == "0.4" {
                    let [pod, node, node_ip, pod_ip] = places(kernel);
                    text = format!(
                        "Request processed by Kiada {version} running in pod \"{pod}\" on node \"{node}\".\nPod hostname: {host}; Pod IP: {pod_ip}; Node IP: {node_ip}. Client IP: {from}\n"
                    );
                }
                if !self.status.is_empty() {
                    text += &format!("{}\n", self.status);
                }
                Response::new(200, "text/plain", text)
            }
            "/html" => {
                Response::new(200, "text/html", "(Saya simulates the text of luksa/kiada, not its page.)\n")
            }
            // It has no other answer, and lets whoever asks wait.
            _ => return,
        };
        self.connections.reply(kernel, client, response);
    }
}

/// The Pod and the node with their addresses, as variables tell.
fn places(kernel: &Kernel<'_>) -> [String; 4] {
    [
        ("POD_NAME", "unknown-pod"),
        ("NODE_NAME", "unknown-node"),
        ("NODE_IP", "0.0.0.0"),
        ("POD_IP", "0.0.0.0"),
    ]
    .map(|(name, otherwise)| {
        let own = kernel.variable(name).filter(|own| !own.is_empty());
        own.map_or_else(|| otherwise.to_owned(), |own| own.to_string())
    })
}
