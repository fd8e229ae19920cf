//! `set-cluster`, `set-context`, `set-credentials`

use crate::api::base64;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::kustomize::join;
use crate::kubectl::session::{DONE, Flow, Session};

use super::load;

pub(super) const CLUSTER: Command = Command {
    name: "set-cluster",
    usage: "NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    short: "Set a cluster entry in kubeconfig",
    flags: &[
        "certificate-authority embed-certs:bool insecure-skip-tls-verify:bool proxy-url server tls-server-name",
    ],
    run: Some(cluster),
    ..Command::NONE
};
pub(super) const CONTEXT: Command = Command {
    name: "set-context",
    usage: "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    short: "Set a context entry in kubeconfig",
    flags: &["cluster current:bool namespace,n user"],
    run: Some(context),
    ..Command::NONE
};
pub(super) const CREDENTIALS: Command = Command {
    name: "set-credentials",
    usage: "NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]",
    short: "Set a user entry in kubeconfig",
    flags: &[
        "auth-provider~ auth-provider-arg:array~ client-certificate client-key embed-certs:bool exec-api-version~ \
         exec-arg:array~ exec-command~ exec-env:array~ exec-interactive-mode~ exec-provide-cluster-info:bool~ password token \
         username",
    ],
    run: Some(credentials),
    ..Command::NONE
};

/// The fields that name a file.
const FILES: [&str; 3] = ["certificate-authority", "client-certificate", "client-key"];

fn cluster(session: &mut Session<'_>) -> Result<Flow> {
    let fields = ["server", "tls-server-name", "certificate-authority", "proxy-url"];
    let name = fill(session, "clusters", "cluster", &fields)?;
    session.line(format!("Cluster \"{name}\" set."));
    DONE
}

fn credentials(session: &mut Session<'_>) -> Result<Flow> {
    let fields = ["client-certificate", "client-key", "token", "username", "password"];
    let name = fill(session, "users", "user", &fields)?;
    session.line(format!("User \"{name}\" set."));
    DONE
}

fn fill(session: &mut Session<'_>, list: &str, field: &str, fields: &[&str]) -> Result<String> {
    let args = session.args().to_vec();
    let [name] = &args[..] else { bail!("Unexpected args: [{}]", args.join(" ")) };
    let mut config = load(session)?;
    for key in fields.iter().filter(|key| session.flags.given(key)) {
        let text = session.flags.text(key).to_string();
        if !FILES.contains(key) || text.is_empty() {
            config.entry_mut(list, field, name).set(key, text);
            continue;
        }
        // Files are found from wherever kubectl is called afterwards.
        let path = join(&session.io.env("PWD").unwrap_or_default(), &text);
        if !session.flags.is("embed-certs") {
            config.entry_mut(list, field, name).set(key, path);
            continue;
        }
        let bytes = session.io.read_file(&path).map_err(|why| {
            Error::plain(format!("could not read {key} data from {path}: open {path}: {why}"))
        })?;
        let entry = config.entry_mut(list, field, name);
        entry.remove(key);
        entry.set(&format!("{key}-data"), base64::encode(&bytes));
    }
    if session.flags.given("insecure-skip-tls-verify") {
        let skip = session.flags.is("insecure-skip-tls-verify");
        config.entry_mut(list, field, name).set("insecure-skip-tls-verify", skip);
    }
    config.entry_mut(list, field, name);
    config.save(session.io)?;
    Ok(name.clone())
}

fn context(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    if args.len() > 1 {
        bail!("Unexpected args: [{}]", args.join(" "));
    }
    let mut config = load(session)?;
    let name = match (args.first(), flags.is("current")) {
        (Some(_), true) => bail!("you cannot specify both a context name and --current"),
        (None, false) => bail!("you must specify a non-empty context name or --current"),
        (Some(name), false) => name.clone(),
        (None, true) if config.current().is_empty() => bail!("no current context is set"),
        (None, true) => config.current().to_string(),
    };
    let there = config.entry("contexts", &name).is_some();
    for key in ["cluster", "namespace", "user"] {
        if flags.given(key) {
            let text = flags.text(key).to_string();
            config.entry_mut("contexts", "context", &name).set(key, text);
        }
    }
    config.entry_mut("contexts", "context", &name);
    config.save(session.io)?;
    session.line(format!("Context \"{name}\" {}.", if there { "modified" } else { "created" }));
    DONE
}
