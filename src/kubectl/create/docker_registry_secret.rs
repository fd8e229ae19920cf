//! `kubectl create secret docker-registry`

use crate::api::{Kind, base64};
use crate::base::{Value, json};
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name, sources};

pub(super) const COMMAND: Command = Command {
    name: "docker-registry",
    usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    short: "Create a secret for use with a Docker registry",
    flags: making!(
        "append-hash:bool docker-email docker-password docker-server=https://index.docker.io/v1/ docker-username \
         from-env-file:list from-literal:array from-file:list"
    ),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (server, user, password) =
        (flags.text("docker-server"), flags.text("docker-username"), flags.text("docker-password"));
    let data = if flags.list("from-file").is_empty() {
        if server.is_empty() || user.is_empty() || password.is_empty() {
            bail!(
                "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required"
            );
        }
        value!({".dockerconfigjson": (base64::encode(login(server, user, password, flags.text("docker-email")).as_bytes()))})
    } else {
        sources::secret_data(&sources::read(session, "Secret", &name)?)
    };
    let fields = value!({"data": data, "type": "kubernetes.io/dockerconfigjson"});
    make(session, Kind::Secret, &name, fields, Some("failed to create secret"))
}

/// The JSON of a login, in docker's order of fields.
fn login(server: &str, user: &str, password: &str, email: &str) -> String {
    let quoted = |text: &str| json::to_string(&Value::from(text));
    let email = if email.is_empty() { String::new() } else { format!("\"email\":{},", quoted(email)) };
    let auth = base64::encode(format!("{user}:{password}").as_bytes());
    format!(
        "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
        quoted(server),
        quoted(user),
        quoted(password),
        quoted(&auth)
    )
}
