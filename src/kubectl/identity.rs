//! Who the learner is to the API server.

use crate::api::base64;
use crate::api::x509::{Certificate, belong_together, from_pem};
use crate::apiserver::ApiServer;
use crate::apiserver::rbac::User;
use crate::base::Value;

use super::error::{Error, Result, bail};
use super::kubeconfig::Kubeconfig;
use super::session::Io;

/// What whoever made the cluster is given, which nobody can read here (kubeconfig.rs).
const OWN: [&str; 2] = ["DATA+OMITTED", "/.minikube/profiles/"];

/// Whom the certificate of the context's user names. None where it is the one who made the cluster, or has no certificate.
///
/// # Errors
/// What is wrong with the certificate, or that the cluster did not make it.
pub(super) fn of(io: &dyn Io, api: &ApiServer, config: &Kubeconfig, context: &str) -> Result<Option<User>> {
    let context = config.context(context)?;
    let name = context.get("user").str();
    let Some(user) = config.entry("users", name).map(|entry| entry.get("user")) else { return Ok(None) };
    let parts = [("client-certificate", "client-cert"), ("client-key", "client-key")];
    let given =
        |(field, _): &(&str, &str)| [user.get(field), user.get(&format!("{field}-data"))].map(Value::str);
    let told = parts.each_ref().map(given);
    if told[0] == ["", ""] || told[0].iter().any(|text| OWN.iter().any(|own| text.contains(own))) {
        return Ok(None);
    }
    let mut wrong = Vec::new();
    let mut texts = Vec::new();
    for ((_, what), [path, data]) in parts.iter().zip(told) {
        let bytes = match data {
            "" if path.is_empty() => Err(format!(
                "{what} must be specified for {name} to use the clientCert authentication method."
            )
            .replace("client-key", "clientKey")),
            "" => io
                .read_file(path)
                .map_err(|why| format!("unable to read {what} {path} for {name} due to open {path}: {why}")),
            data => Ok(base64::decode(data).unwrap_or_default()),
        };
        match bytes {
            Ok(bytes) => texts.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(why) => wrong.push(why),
        }
    }
    match &wrong[..] {
        [] => {}
        [why] => return Err(Error::Raw(format!("Error in configuration: {why}"))),
        all => return Err(Error::Raw(format!("Error in configuration: \n* {}", all.join("\n* ")))),
    }
    let certificate = from_pem(&texts[0], "CERTIFICATE");
    let Some(certificate) = certificate.as_deref().and_then(Certificate::decode) else {
        bail!("tls: failed to find any PEM data in certificate input");
    };
    if belong_together(&texts[0], &texts[1]) != Some(true) {
        bail!("tls: private key does not match public key");
    }
    match api.certified(&certificate) {
        Some(user) => Ok(Some(user)),
        None => bail!(
            "You must be logged in to the server (the server has asked for the client to provide credentials)"
        ),
    }
}
