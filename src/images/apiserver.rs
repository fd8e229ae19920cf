//! kube-apiserver, as far as Pods and people ask it by HTTP: what they may read, they read.

use crate::apiserver::ApiServer;
use crate::apiserver::rbac::User;
use crate::apiserver::{raw, wire};
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
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &ApiServer) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            for signal in [Signal::TERM, Signal::INT] {
                kernel.on_signal(signal, Action::Catch);
            }
            self.connections.tls = true;
            if self.connections.listen(kernel, api.settings.secure_port).is_err() {
                return Step::Exit(1);
            }
            kernel.print("(Saya's API server is no program of this container; this one only lets it be read by HTTP.)\n");
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let token = request.header("Authorization").and_then(|value| value.strip_prefix("Bearer "));
            let user = match token {
                None => Some(User {
                    name: "system:anonymous".into(),
                    groups: vec!["system:unauthenticated".into()],
                }),
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
pub fn answer(api: &ApiServer, user: &User, request: &Request) -> Response {
    if request.method != "GET" {
        let why = "Saya lets the API server only be read by HTTP";
        return refused(405, "MethodNotAllowed", why.to_owned());
    }
    match api.read_path(user, &request.target) {
        Ok(value) => match value.as_str() {
            Some(word) => Response::new(200, "text/plain; charset=utf-8", word),
            None => Response::new(200, "application/json", json(request, &value)),
        },
        Err(status) => refused(status.code, status.reason, status.message),
    }
}

/// A refusal in the API server's words.
pub fn refused(code: u16, name: &'static str, message: String) -> Response {
    let status = crate::api::Status { code, reason: name, message, causes: Vec::new() };
    let mut response = Response::new(code, "application/json", wire::to_string(&raw::refusal(&status), true));
    response.reason = Some(reason(code));
    response
}

/// A value as it is answered: indented for the programs of people (apiserver, negotiate.go, isPrettyPrint).
fn json(request: &Request, value: &Value) -> String {
    let agent = request.header("User-Agent").unwrap_or_default();
    let pretty = ["curl", "Wget", "Mozilla/5.0"].iter().any(|person| agent.starts_with(person));
    let version = request.path().trim_end_matches('/') == "/version";
    wire::to_string(value, pretty || version || request.field("pretty").is_some())
}
