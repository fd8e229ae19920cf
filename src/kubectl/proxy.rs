//! `kubectl proxy`

use crate::apiserver::rbac::User;

use super::command::Command;
use super::error::{Result, bail};
use super::requests::ProxyRequest;
use super::session::{Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "proxy",
    usage: "[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    short: "Run a proxy to the Kubernetes API server",
    flags: &[
        "accept-hosts=^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$ accept-paths=^.* address=127.0.0.1 api-prefix=/ \
         append-server-path:bool disable-filter:bool keepalive:duration=0s port,p:int=8001 reject-methods=^$ \
         reject-paths=^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach unix-socket,u www,w www-prefix,P=/static/",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    for name in ["unix-socket", "www"] {
        if !flags.text(name).is_empty() {
            bail!("Saya does not simulate kubectl proxy --{name}");
        }
    }
    let Ok(port) = u16::try_from(flags.number("port")) else {
        bail!("listen tcp: address {}: invalid port", flags.number("port"));
    };
    Ok(Flow::HandOver(Step::Proxy(ProxyRequest {
        address: flags.text("address").into(),
        port,
        prefix: flags.text("api-prefix").trim_matches('/').into(),
        user: session.user.clone().unwrap_or_else(User::administrator),
    })))
}
