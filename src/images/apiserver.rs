//! kube-apiserver, as far as Pods and people ask it by HTTP.

use crate::api::Status;
use crate::apiserver::ApiServer;
use crate::apiserver::raw::{self, Sent};
use crate::apiserver::rbac::User;
use crate::apiserver::wire;
use crate::base::Value;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Connections, Request, Response, reason};

/// The end of the repository, on any registry, of the image.
pub const REPOSITORY: &str = "kube-apiserver";

/// A running kube-apiserver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    begun: bool,
    connections: Connections,
}

impl Server {
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            for signal in [Signal::TERM, Signal::INT] {
                kernel.on_signal(signal, Action::Catch);
            }
            self.connections.tls = true;
            if self.connections.listen(kernel, api.settings.secure_port).is_err() {
                return Step::Exit(1);
            }
            kernel.print("(Saya's API server is no program of this container; this one only lets it be asked by HTTP.)\n");
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let token = request.header("Authorization").and_then(|value| value.strip_prefix("Bearer "));
            let user = match token {
                None => Some(User::named("system:anonymous", &["system:unauthenticated".to_owned()])),
                Some(token) => api.user_of_token(token.trim()),
            };
            let response = match user {
                Some(user) => answer(api, &user, &request),
                None => refused(401, "Unauthorized", "Unauthorized".to_owned()),
            };
            self.connections.reply(kernel, client, response);
        }
        self.connections.wait().into()
    }
}

/// What the API server answers to a user's request.
pub fn answer(api: &mut ApiServer, user: &User, request: &Request) -> Response {
    let answered = match request.method.as_str() {
        "GET" | "HEAD" => api.read_path(user, &request.target).map(|value| (200, value)),
        method => {
            let agent = request.header("User-Agent").unwrap_or("unknown");
            let sent = Sent {
                method,
                path: &request.target,
                content_type: request.header("Content-Type").unwrap_or_default(),
                manager: agent.split('/').next().unwrap_or_default(),
                body: &request.body,
            };
            api.write_path(user, &sent)
        }
    };
    match answered {
        Ok((code, value)) => match value.as_str() {
            Some(word) => Response::new(code, "text/plain; charset=utf-8", word),
            None => Response::new(code, "application/json", json(request, &value)),
        },
        Err(status) => refusal(&status),
    }
}

/// A refusal in the API server's words.
pub fn refused(code: u16, name: &'static str, message: String) -> Response {
    refusal(&Status { code, reason: name, message, causes: Vec::new() })
}

fn refusal(status: &Status) -> Response {
    let body = wire::to_string(&raw::refusal(status), true);
    let mut response = Response::new(status.code, "application/json", body);
    response.reason = Some(reason(status.code));
    response
}

/// A value as it is answered: indented for the programs of people (apiserver, negotiate.go, isPrettyPrint).
fn json(request: &Request, value: &Value) -> String {
    let agent = request.header("User-Agent").unwrap_or_default();
    let pretty = ["curl", "Wget", "Mozilla/5.0"].iter().any(|person| agent.starts_with(person));
    let version = request.path().trim_end_matches('/') == "/version";
    wire::to_string(value, pretty || version || request.field("pretty").is_some())
}
