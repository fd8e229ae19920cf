//! `--raw`: a path of the API server in place of objects (kubectl, rawhttp).

use crate::apiserver::managed_fields::KUBECTL;
use crate::apiserver::raw::Sent;
use crate::apiserver::rbac::User;
use crate::apiserver::wire;

use super::error::{Error, Result};
use super::session::{DONE, Flow, Session};

/// Sends the file of `-f` to the path; a `DELETE` needs none.
pub(super) fn send(session: &mut Session<'_>, method: &str) -> Result<Flow> {
    let flags = session.flags;
    for (flag, shown) in
        [("edit", "edit"), ("recursive", "recursive"), ("selector", "selector (-l)"), ("output", "output")]
    {
        if flags.given(flag) {
            return Err(session.usage(format!("--raw and --{shown} are mutually exclusive")));
        }
    }
    let body = match flags.list("filename") {
        [] if method == "DELETE" => Vec::new(),
        [url] if url.starts_with("http://") || url.starts_with("https://") => {
            return Err(session.usage("--raw cannot read from a url"));
        }
        [path] => session.io.read_file(path).map_err(|why| Error::plain(format!("open {path}: {why}")))?,
        _ => return Err(session.usage("--raw can only use a single local file or stdin")),
    };
    let path = flags.text("raw");
    if !path.starts_with('/') {
        let why = format!("--raw must be a valid URL path: parse \"{path}\": invalid URI for request");
        return Err(session.usage(why));
    }
    let user = session.user.clone().unwrap_or_else(User::administrator);
    let body = String::from_utf8_lossy(&body);
    let sent = Sent { method, path, content_type: "", manager: KUBECTL, body: &body };
    match session.api.write_path(&user, &sent) {
        Ok((_, value)) => session.io.out(&wire::to_string(&value, false)),
        Err(status) => return Err(Error::Status { status, during: String::new() }),
    }
    DONE
}
