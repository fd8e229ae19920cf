//! kube-apiserver, as far as Pods and people ask it by HTTP: what they may read, they read.

use crate::apiserver::ApiServer;
use crate::apiserver::raw;
use crate::apiserver::rbac::User;
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
            None => Response::new(200, "application/json", pretty(&value)),
        },
        Err(status) => refusal(&status, raw::details(&request.target)),
    }
}

/// A refusal in the API server's words.
pub fn refused(code: u16, name: &'static str, message: String) -> Response {
    let status = crate::api::Status { code, reason: name, message, causes: Vec::new() };
    refusal(&status, crate::base::Value::map())
}

fn refusal(status: &crate::api::Status, details: crate::base::Value) -> Response {
    let body = pretty(&raw::refusal(status, details));
    let mut response = Response::new(status.code, "application/json", body);
    response.reason = Some(reason(status.code));
    response
}

fn pretty(value: &crate::base::Value) -> String {
    crate::base::json::to_string_served(value, Some(2)) + "\n"
}
