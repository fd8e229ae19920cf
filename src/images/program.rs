//! The programs of containers: the shell, the tools, and what images run as their main program.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::apiserver;
use super::coredns::{self, CoreDns};
use super::ingress_nginx::IngressNginx;
use super::iptables;
use super::kubectl::Kubectl;
use super::metrics_server::{self, MetricsServer};
use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::container::commands::Tool;
use crate::container::commands::network::reach::Reach;
use crate::container::kernel::Kernel;
use crate::container::machine::Environment;
use crate::container::program::{ASSUMED, Program, Step, Wait, World};
use crate::container::shell::Shell;
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::programs::Software;
use crate::programs::http::{Connections, Response};

/// A program in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContainerProgram {
    /// A shell.
    Shell(Box<Shell>),
    /// A small tool.
    Tool(Box<Tool>),
    /// A server, a client of one, …
    Software(Software),
    /// The program of an image that is not known.
    Daemon(Daemon),
    /// The cluster's name server.
    Dns(Box<CoreDns>),
    /// The API server's door.
    Api(Box<apiserver::Server>),
    /// The metrics server.
    Metrics(Box<MetricsServer>),
    /// `kubectl`.
    Kubectl(Box<Kubectl>),
    /// ingress-nginx's.
    Ingress(Box<IngressNginx>),
    /// `iptables` and its like.
    Iptables,
    /// The beginning of a connection.
    Reach(Box<Reach>),
}

impl From<Shell> for ContainerProgram {
    fn from(shell: Shell) -> Self {
        Self::Shell(Box::new(shell))
    }
}

impl World for ApiServer {
    fn revision(&self) -> u64 {
        self.store().revision()
    }
}

impl Program for ContainerProgram {
    type World = ApiServer;

    fn load(id: &str, argv: &[Arc<str>], _: &Environment) -> Option<Self> {
        if let Some(image) = id.strip_prefix(ASSUMED) {
            return Some(match image.split('\n').next() {
                Some(coredns::REPOSITORY) => Self::Dns(Box::default()),
                Some(apiserver::REPOSITORY) => Self::Api(Box::default()),
                Some(metrics_server::REPOSITORY) => Self::Metrics(Box::default()),
                _ => Self::Daemon(Daemon::new(image)),
            });
        }
        if id == Kubectl::ID {
            return Some(Self::Kubectl(Box::new(Kubectl::new(argv))));
        }
        if id == iptables::ID {
            return Some(Self::Iptables);
        }
        if let Some(program) = IngressNginx::load(id) {
            return Some(Self::Ingress(Box::new(program)));
        }
        if id == Reach::ID {
            return Some(Self::Reach(Box::default()));
        }
        if let Some(shell) = Shell::load(id) {
            return Some(Self::Shell(Box::new(shell)));
        }
        if let Some(software) = Software::load(id) {
            return Some(Self::Software(software));
        }
        Tool::load(id).map(|tool| Self::Tool(Box::new(tool)))
    }

    fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        match self {
            Self::Shell(shell) => shell.step(kernel),
            Self::Tool(tool) => tool.step(kernel),
            Self::Software(software) => software.step(kernel),
            Self::Daemon(daemon) => daemon.step(kernel),
            Self::Dns(dns) => dns.step(kernel, api),
            Self::Api(server) => server.step(kernel, api),
            Self::Metrics(server) => server.step(kernel, api),
            Self::Kubectl(kubectl) => kubectl.step(kernel, api),
            Self::Ingress(program) => program.step(kernel, api),
            Self::Iptables => Step::Exit(iptables::run(kernel, api)),
            Self::Reach(reach) => reach.run(kernel),
        }
    }
}

/// The program of an image that is not known: it stays, and ends when asked to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Daemon {
    image: Arc<str>,
    begun: bool,
    ends: Option<SimTime>,
    /// The ports that the manifest of one that is not known names.
    ports: Vec<(Protocol, u16)>,
    connections: Connections,
}

impl Daemon {
    fn new(image: &str) -> Self {
        let mut words = image.split('\n');
        let image = words.next().unwrap_or_default();
        let ports = words.filter_map(|word| {
            let (port, protocol) = word.split_once('/')?;
            let protocol = if protocol == "UDP" { Protocol::Udp } else { Protocol::Tcp };
            Some((protocol, port.parse().ok()?))
        });
        Self {
            image: image.into(),
            begun: false,
            ends: None,
            ports: ports.collect(),
            connections: Connections::default(),
        }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        for (protocol, port) in std::mem::take(&mut self.ports) {
            // A port that another has is that one's.
            let _ = match protocol {
                Protocol::Tcp => self.connections.listen(kernel, port),
                _ => kernel.listen(protocol, Ipv4Addr::UNSPECIFIED.into(), port).map(drop),
            };
        }
        if !std::mem::replace(&mut self.begun, true) {
            for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
                kernel.on_signal(signal, Action::Catch);
            }
            kernel.print(format!(
                "(Saya does not know what {} does; it stays up and does nothing.)\n",
                self.image
            ));
        }
        if kernel.take_signal().is_some() {
            self.ends.get_or_insert(kernel.now() + Duration::from_millis(400));
        }
        while let Some((client, _)) = self.connections.next(kernel) {
            let text = format!("(Saya does not know what {} answers here.)\n", self.image);
            self.connections.reply(kernel, client, Response::new(200, "text/plain; charset=utf-8", text));
        }
        match self.ends {
            Some(at) if kernel.now() >= at => Step::Exit(0),
            Some(at) => Wait::until(at).into(),
            None => self.connections.wait().into(),
        }
    }
}
