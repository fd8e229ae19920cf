//! Who the learner is to the API server.

use crate::api::base64;
use crate::api::x509::{Certificate, belong_together, from_pem};
use crate::apiserver::ApiServer;
use crate::apiserver::rbac::{Request, User};
use crate::base::Value;

use super::error::{Error, Result, bail};
use super::flags::Flags;
use super::kubeconfig::Kubeconfig;
use super::session::Io;

/// What whoever made the cluster is given, which nobody can read here (kubeconfig.rs).
const OWN: [&str; 2] = ["DATA+OMITTED", "/.minikube/profiles/"];

/// Whom the certificate or the token names that the command line gives, or that the user has who is `asked` for, or else
/// the context's. None where that is the one who made the cluster.
///
/// # Errors
/// What is wrong with them, or that the cluster did not make them.
pub(super) fn of(
    io: &mut dyn Io,
    api: &ApiServer,
    config: &Kubeconfig,
    flags: &Flags,
    asked: &str,
) -> Result<Option<User>> {
    let context = config.context(flags.text("context"))?;
    let name = match asked {
        "" => context.get("user").str(),
        name if config.entry("users", name).is_none() => bail!("auth info \"{name}\" does not exist"),
        name => name,
    };
    let entry = config.entry("users", name).map_or(&Value::Null, |entry| entry.get("user"));
    let given = |field: &str| match flags.text(field) {
        "" => entry.get(field).str(),
        text => text,
    };
    // The API server looks at a certificate first.
    let (path, data) = (given("client-certificate"), entry.get("client-certificate-data").str());
    if path.is_empty() && data.is_empty() {
        let token = given("token");
        if token.is_empty() {
            return Err(ask_for_name(io));
        }
        return api.user_of_token(token).ok_or_else(unknown).map(Some);
    }
    if OWN.iter().any(|own| path.contains(own) || data.contains(own)) {
        return Ok(None);
    }
    let key = (given("client-key"), entry.get("client-key-data").str());
    certified(io, api, name, (path, data), key).map(Some)
}

/// Where there is neither, kubectl asks for a name and a password, of which API servers no longer know any.
#[inline(never)]
fn ask_for_name(io: &mut dyn Io) -> Error {
    io.out("Please enter Username: ");
    Error::plain("EOF")
}

/// The one that a user may act as (`--as`, `--as-group`).
///
/// # Errors
/// The API server's refusal where they may not (Kubernetes impersonation.go, WithImpersonation).
#[inline(never)]
pub(super) fn impersonated(
    api: &ApiServer,
    own: Option<User>,
    name: &str,
    groups: &[String],
) -> Result<User> {
    if let Some(own) = own {
        let account = name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
        let user = match account {
            Some((namespace, name)) => ("serviceaccounts", namespace, name),
            None => ("users", "", name),
        };
        let groups = groups.iter().map(|name| ("groups", "", name.as_str()));
        for (resource, namespace, name) in std::iter::once(user).chain(groups) {
            let request = Request { verb: "impersonate", group: "", resource, name, namespace };
            api.authorize(&own, request)?;
        }
    }
    Ok(User::named(name, groups))
}

fn unknown() -> Error {
    const WHY: &str = "the server has asked for the client to provide credentials";
    Error::plain(format!("You must be logged in to the server ({WHY})"))
}

/// Whom a certificate names. It and its key are each the path of a file, or its content in base64.
fn certified(
    io: &dyn Io,
    api: &ApiServer,
    name: &str,
    certificate: (&str, &str),
    key: (&str, &str),
) -> Result<User> {
    let read = |what: &str, (path, data): (&str, &str)| {
        let bytes = match (path, data) {
            ("", "") => Err(format!(
                "clientKey must be specified for {name} to use the clientCert authentication method."
            )),
            (_, "") => io
                .read_file(path)
                .map_err(|why| format!("unable to read {what} {path} for {name} due to open {path}: {why}")),
            (_, data) => Ok(base64::decode(data).unwrap_or_default()),
        };
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let wrong = |why: String| Error::Raw(format!("Error in configuration: {why}"));
    let (certificate, key) = match (read("client-cert", certificate), read("client-key", key)) {
        (Ok(certificate), Ok(key)) => (certificate, key),
        (Err(one), Err(other)) => return Err(wrong(format!("\n* {one}\n* {other}"))),
        (Err(why), _) | (_, Err(why)) => return Err(wrong(why)),
    };
    let read = from_pem(&certificate, "CERTIFICATE");
    let Some(read) = read.as_deref().and_then(Certificate::decode) else {
        bail!("tls: failed to find any PEM data in certificate input");
    };
    if belong_together(&certificate, &key) != Some(true) {
        bail!("tls: private key does not match public key");
    }
    api.certified(&read).ok_or_else(unknown)
}
