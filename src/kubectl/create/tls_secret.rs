//! `kubectl create secret tls`

use crate::api::x509::belong_together;
use crate::api::{Kind, base64};
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "tls",
    usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    short: "Create a TLS secret",
    flags: making!("append-hash:bool cert key"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let (cert, key) = (flags.text("cert"), flags.text("key"));
    if cert.is_empty() || key.is_empty() {
        bail!("key and cert must be specified");
    }
    let read = |path: &str| {
        let bytes = session.io.read_file(path);
        bytes.map_err(|why| Error::plain(format!("Cannot read file {path}, open {path}: {why}")))
    };
    let (cert, key) = (read(cert)?, read(key)?);
    for (bytes, what) in [(&cert, "certificate"), (&key, "key")] {
        if !String::from_utf8_lossy(bytes).contains("-----BEGIN ") {
            bail!("tls: failed to find any PEM data in {what} input");
        }
    }
    let texts = [&cert, &key].map(|bytes| String::from_utf8_lossy(bytes));
    if belong_together(&texts[0], &texts[1]) == Some(false) {
        bail!("tls: private key does not match public key");
    }
    let fields = value!({
        "data": {"tls.crt": (base64::encode(&cert)), "tls.key": (base64::encode(&key))},
        "type": "kubernetes.io/tls"
    });
    make(session, Kind::Secret, &name, fields, Some("failed to create secret"))
}
