//! How kubectl finds the API server and reaches it, and what it says where it cannot.

use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::value;

use super::error::{Error, Result, bail};
use super::flags::Flags;
use super::kubeconfig::Kubeconfig;
use super::session::{Dialed, Io, klog_line};

/// Where a Pod's ServiceAccount is told to its containers.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// Where kubectl looks when nobody has told it anything.
const NOWHERE: &str = "http://localhost:8080";
/// How often it asks what resources there are before it gives up.
const TRIES: usize = 5;

/// What stands in for a kubeconfig that says nothing, in a container that its Pod's ServiceAccount was told to
/// (client-go's `rest.InClusterConfig`).
fn in_cluster(io: &dyn Io) -> Option<Value> {
    let (host, port) = (io.env("KUBERNETES_SERVICE_HOST")?, io.env("KUBERNETES_SERVICE_PORT")?);
    let read = |name: &str| {
        let bytes = io.read_file(&format!("{ACCOUNT}/{name}")).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    let (token, namespace) = (read("token")?, read("namespace").unwrap_or_default());
    let server = format!("https://{host}:{port}");
    let authority = format!("{ACCOUNT}/ca.crt");
    Some(value!({
        "clusters": [{"cluster": {"certificate-authority": authority, "server": server}, "name": ""}],
        "contexts": [{"context": {"namespace": namespace}, "name": ""}],
        "users": [{"name": "", "user": {"token": token}}]
    }))
}

/// The kubeconfig that is meant, or what stands in for one.
///
/// # Errors
/// Where there is one that cannot be read.
pub(super) fn config(io: &dyn Io, flags: &Flags) -> Result<Kubeconfig> {
    let mut config = Kubeconfig::load(io, flags.text("kubeconfig"))?;
    if ["clusters", "contexts", "users"].iter().all(|list| config.body.get(list).is_empty())
        && flags.text("server").is_empty()
        && let Some(body) = in_cluster(io)
    {
        config.body = body;
    }
    Ok(config)
}

/// The address of the API server: of a cluster of the kubeconfig, or what the command line says.
pub(super) fn server(cluster: &Value, flags: &Flags) -> String {
    let server = match (flags.text("server"), cluster.get("server").str()) {
        ("", "") => NOWHERE,
        ("", server) => server,
        (server, _) => server,
    };
    match server.contains("://") {
        true => server.trim_end_matches('/').to_owned(),
        false => format!("http://{server}"),
    }
}

/// True for what kubectl does without the API server.
pub(super) fn is_needless(path: &str, flags: &Flags) -> bool {
    let words: Vec<&str> = path.split(' ').skip(1).collect();
    match words[..] {
        ["config" | "kustomize" | "completion" | "plugin" | "options", ..] => true,
        ["version"] => flags.is("client"),
        ["run"] | ["create", _, ..] => flags.text("dry-run") == "client",
        _ => flags.is("local"),
    }
}

/// Reaches the API server, where a command needs it; false while that goes on.
///
/// # Errors
/// kubectl's words where it cannot be reached.
pub(super) fn dial(
    io: &mut dyn Io,
    api: &ApiServer,
    path: &str,
    flags: &Flags,
    config: &Kubeconfig,
) -> Result<bool> {
    if is_needless(path, flags) {
        return Ok(true);
    }
    let cluster = config.cluster(flags)?;
    let server = server(&cluster, flags);
    let why = match io.dial(&server) {
        Dialed::Waits => return Ok(false),
        Dialed::Failed(why) => why,
        Dialed::Connected if server.starts_with("http:") => {
            bail!("Saya does not simulate kubectl by way of a proxy ({server})")
        }
        Dialed::Connected if is_trusted(&cluster, flags) => return Ok(true),
        Dialed::Connected => {
            "tls: failed to verify certificate: x509: certificate signed by unknown authority".into()
        }
    };
    Err(unreachable(io, api, path, flags, &server, &why))
}

/// What kubectl says where it does not reach a server; each command notices it elsewhere.
#[inline(never)]
fn unreachable(
    io: &mut dyn Io,
    api: &ApiServer,
    path: &str,
    flags: &Flags,
    server: &str,
    why: &str,
) -> Error {
    let get = |path: &str| format!("Get \"{server}{path}?timeout=32s\": {why}");
    let (_, address) = server.split_once("://").unwrap_or_default();
    let refused = format!(
        "The connection to the server {address} was refused - did you specify the right host or port?"
    );
    let last =
        if why.ends_with("refused") { refused } else { format!("Unable to connect to the server: {why}") };
    match (path, flags.list("filename").first()) {
        ("kubectl apply" | "kubectl create" | "kubectl replace", Some(file))
            if flags.text("validate") != "false" =>
        {
            let from = if file == "-" { "STDIN" } else { file };
            return Error::Plain(format!(
                "error validating \"{from}\": error validating data: failed to download openapi: {}; if you choose to ignore these errors, turn validation off with --validate=false",
                get("/openapi/v2")
            ));
        }
        ("kubectl version", _) => super::version::print_client(io),
        _ => {
            let text = format!(
                "\"Unhandled Error\" err={:?}",
                format!("couldn't get current server API group list: {}", get("/api"))
            );
            let line = klog_line(api, 'E', "memcache.go:265", &text);
            io.err(&line.repeat(TRIES));
        }
    }
    Error::Raw(last)
}

/// True where kubectl knows who certifies the server, or is not to ask.
fn is_trusted(cluster: &Value, flags: &Flags) -> bool {
    let given = ["certificate-authority", "certificate-authority-data"];
    given.iter().any(|field| !cluster.get(field).is_empty())
        || !flags.text("certificate-authority").is_empty()
        || cluster.get("insecure-skip-tls-verify").bool()
        || flags.is("insecure-skip-tls-verify")
}
