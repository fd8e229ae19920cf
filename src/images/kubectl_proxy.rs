//! `kubectl proxy`, running: a port of a machine at which the API server is asked without a name and a password.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::apiserver::{answer, refused};
use crate::api::{Kind, Object, ObjectKey, Status};
use crate::apiserver::{ApiServer, rbac};
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::kubectl::ProxyRequest;
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::{Call, Called, both};

/// How long the API server waits for a connection to a Pod.
const PATIENCE: Duration = Duration::from_secs(30);

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Proxy {
    request: ProxyRequest,
    connections: Connections,
    /// Requests that the API server has handed on to Pods, with the address of each.
    calls: Vec<(Client, Call, String)>,
}

/// What a proxy reaches beyond the API server itself, where it can.
pub trait Beyond {
    /// The API server.
    fn api(&mut self) -> &mut ApiServer;
    /// What a container has printed; none where Saya does not simulate that here.
    fn log(&self, pod: &ObjectKey, container: &str) -> Option<Vec<u8>>;
    /// A connection to a port of a Pod at an address.
    fn connect(&self, kernel: &mut Kernel<'_>, pod: &ObjectKey, to: SocketAddr) -> Option<Fd>;
}

/// A container's proxy has the API server alone, and the network.
impl Beyond for ApiServer {
    fn api(&mut self) -> &mut ApiServer {
        self
    }
    fn log(&self, _: &ObjectKey, _: &str) -> Option<Vec<u8>> {
        None
    }
    fn connect(&self, kernel: &mut Kernel<'_>, _: &ObjectKey, to: SocketAddr) -> Option<Fd> {
        kernel.connect(to).ok()
    }
}

/// Where the API server hands a request on to: a Pod, its port, and the path there.
struct Target {
    pod: Object,
    port: u16,
    path: String,
}

impl Proxy {
    /// Begins to listen.
    ///
    /// # Errors
    /// kubectl's words where that cannot be.
    pub fn begin(kernel: &mut Kernel<'_>, request: ProxyRequest) -> Result<Self, String> {
        let (address, port) = (&request.address, request.port);
        let ip: IpAddr =
            address.parse().map_err(|_| format!("error: listen tcp: lookup {address}: no such host\n"))?;
        let mut connections = Connections::default();
        connections.listen_at(kernel, ip, port).map_err(|errno| {
            let why = errno.text().to_lowercase().replace("cannot", "can't");
            format!("error: listen tcp {address}:{port}: bind: {why}\n")
        })?;
        kernel.print(format!("Starting to serve on {address}:{port}\n"));
        for signal in [Signal::INT, Signal::TERM] {
            kernel.on_signal(signal, Action::Catch);
        }
        Ok(Self { request, connections, calls: Vec::new() })
    }

    /// Carries on.
    pub fn step(&mut self, kernel: &mut Kernel<'_>, world: &mut impl Beyond) -> Step {
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            if let Some(response) = self.answer(kernel, world, client, request) {
                self.connections.reply(kernel, client, response);
            }
        }
        let mut wait = self.connections.wait();
        for (client, mut call, address) in std::mem::take(&mut self.calls) {
            let response = match call.step(kernel) {
                Called::Waits(own) => {
                    wait = both(wait, own);
                    self.calls.push((client, call, address));
                    continue;
                }
                Called::Answered(bytes) => Response::passed_on(&bytes),
                Called::Failed(errno, _) => {
                    let why = errno.text().to_lowercase();
                    Some(unreachable(&format!("dial tcp {address}: connect: {why}")))
                }
                Called::Unknown(_) => None,
            };
            let response = response.unwrap_or_else(|| unreachable("malformed HTTP response"));
            self.connections.reply(kernel, client, response);
        }
        wait.into()
    }

    /// Asks whether it may read a part of an object.
    fn authorize(&self, api: &ApiServer, namespace: &str, resource: &str, name: &str) -> Result<(), Status> {
        let name = name.split(':').next().unwrap_or_default();
        api.authorize(&self.request.user, rbac::Request { verb: "get", group: "", resource, name, namespace })
    }

    /// The answer to a request; none where a Pod is asked for it.
    fn answer(
        &mut self,
        kernel: &mut Kernel<'_>,
        world: &mut impl Beyond,
        client: Client,
        mut request: Request,
    ) -> Option<Response> {
        let path = request.target.clone();
        let shown = path.trim_start_matches('/');
        let rest = shown.strip_prefix(self.request.prefix.as_str());
        let Some(rest) = rest else {
            return Some(Response::new(404, "text/plain; charset=utf-8", "404 page not found\n"));
        };
        request.target = format!("/{}", rest.trim_start_matches('/'));
        let words: Vec<&str> = request.target.split('/').skip(1).collect();
        if let ["api", "v1", "namespaces", namespace, resource @ ("pods" | "services"), name, part, ..] =
            words[..]
        {
            let part = part.split('?').next().unwrap_or_default();
            if ["log", "proxy"].contains(&part)
                && let Err(status) =
                    self.authorize(world.api(), namespace, &format!("{resource}/{part}"), name)
            {
                return Some(refused(status.code, status.reason, status.message));
            }
        }
        let target = match words[..] {
            ["api", _, "namespaces", _, "pods", _, "exec" | "attach", ..] => {
                return Some(Response::new(403, "text/html; charset=utf-8", "<h3>Forbidden</h3>"));
            }
            ["api", "v1", "namespaces", namespace, "pods", name, log]
                if log.split('?').next() == Some("log") =>
            {
                return Some(logs(world, namespace, name, &request));
            }
            ["api", "v1", "namespaces", namespace, "pods", name, "proxy", ref rest @ ..] => {
                of_pod(world.api(), namespace, name, rest)
            }
            ["api", "v1", "namespaces", namespace, "services", name, "proxy", ref rest @ ..] => {
                of_service(world.api(), namespace, name, rest)
            }
            _ => return Some(answer(world.api(), &self.request.user, &request)),
        };
        let Target { pod, port, path } = match target {
            Ok(target) => target,
            Err(response) => return Some(response),
        };
        let ip = pod.status().get("podIP").str();
        let to = ip.parse().ok().map(|address| SocketAddr::new(address, port));
        let connected = to.and_then(|to| Some((to.ip(), world.connect(kernel, &pod.key(), to)?)));
        let Some((address, fd)) = connected else {
            return Some(refused(400, "BadRequest", "address not allowed".to_owned()));
        };
        let shown = format!("{ip}:{port}");
        let call = Call::http(&shown, &request, &path, PATIENCE);
        self.calls.push((client, call.over(fd, address), shown));
        None
    }
}

fn unreachable(why: &str) -> Response {
    refused(503, "ServiceUnavailable", format!("error trying to reach service: {why}"))
}

/// An object, or the API server's words where there is none.
fn read<'c>(api: &'c ApiServer, kind: Kind, namespace: &str, name: &str) -> Result<&'c Object, Response> {
    let found = api.read(&ObjectKey::new(kind, namespace, name));
    found.map_err(|status| refused(status.code, status.reason, status.message))
}

/// Scheme, name and port of `NAME`, `NAME:PORT`, `SCHEME:NAME:PORT` (`utilnet.SplitSchemeNamePort`).
fn split(text: &str) -> (&str, &str) {
    let parts: Vec<&str> = text.split(':').collect();
    match parts[..] {
        [name, port] => (name, port),
        [_, name, port] => (name, port),
        _ => (text, ""),
    }
}

/// A Pod, and its first port where none is said (`pod.ResourceLocation`).
fn of_pod(api: &ApiServer, namespace: &str, text: &str, rest: &[&str]) -> Result<Target, Response> {
    let (name, port) = split(text);
    let pod = read(api, Kind::Pod, namespace, name)?.clone();
    let containers = pod.spec().get("containers").items().iter();
    let first = containers.flat_map(|container| container.get("ports").items()).next();
    let port = match port {
        "" => first.and_then(|port| u16::try_from(port.get("containerPort").int()).ok()).unwrap_or(80),
        text => {
            text.parse().map_err(|_| refused(400, "BadRequest", format!("invalid pod request \"{text}\"")))?
        }
    };
    Ok(Target { pod, port, path: format!("/{}", rest.join("/")) })
}

/// A ready Pod behind a Service (`service.ResourceLocation`).
fn of_service(api: &ApiServer, namespace: &str, text: &str, rest: &[&str]) -> Result<Target, Response> {
    let (name, wanted) = split(text);
    let unavailable = |message: String| refused(503, "ServiceUnavailable", message);
    let service = read(api, Kind::Service, namespace, name)?;
    let ports = service.spec().get("ports").items();
    let fits = |port: &&crate::base::Value| match wanted {
        "" => ports.len() == 1 || port.get("name").is_empty(),
        wanted => port.get("name").str() == wanted || port.get("port").int().to_string() == wanted,
    };
    let Some(port) = ports.iter().find(fits) else {
        return Err(unavailable(format!("no service port \"{wanted}\" found for service \"{name}\"")));
    };
    let list = api.get(&service.key().sibling(Kind::Endpoints, name));
    let subsets = list.map(|list| list.get("subsets").items()).unwrap_or_default();
    let found = subsets.iter().find_map(|subset| {
        let address = subset.get("addresses").items().first()?;
        let listed = subset.get("ports").items().iter().find(|own| own.get("name") == port.get("name"))?;
        let pod = address.at(&["targetRef", "name"]).str();
        let pod = api.get(&ObjectKey::new(Kind::Pod, namespace, pod))?;
        Some((pod.clone(), u16::try_from(listed.get("port").int()).ok()?))
    });
    let Some((pod, port)) = found else {
        return Err(unavailable(format!("no endpoints available for service \"{text}\"")));
    };
    Ok(Target { pod, port, path: format!("/{}", rest.join("/")) })
}

/// A container's log; a Pod's only one where none is said.
fn logs(world: &mut impl Beyond, namespace: &str, name: &str, request: &Request) -> Response {
    let pod = match read(world.api(), Kind::Pod, namespace, name) {
        Ok(pod) => pod.clone(),
        Err(response) => return response,
    };
    let containers = pod.spec().get("containers").items();
    let names: Vec<&str> = containers.iter().map(|container| container.get("name").str()).collect();
    let container = match (request.field("container"), &names[..]) {
        (Some(container), _) => container,
        (None, [only]) => (*only).to_owned(),
        (None, _) => {
            let text = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                names.join(" ")
            );
            return refused(400, "BadRequest", text);
        }
    };
    match world.log(&pod.key(), &container) {
        Some(bytes) => Response::new(200, "text/plain", bytes),
        None => refused(501, "NotImplemented", "Saya does not simulate logs here".to_owned()),
    }
}
