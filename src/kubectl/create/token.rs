//! `kubectl create token`

use crate::api::{Kind, ObjectKey};
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::PRINT;
use crate::kubectl::session::{DONE, Flow, Session};

use super::name;

pub(super) const COMMAND: Command = Command {
    name: "token",
    usage: "SERVICE_ACCOUNT_NAME",
    short: "Request a service account token",
    flags: &[
        PRINT,
        "audience:list bound-object-kind bound-object-name bound-object-uid duration:duration=0s",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let seconds = session.flags.nanos("duration") / 1_000_000_000;
    if session.flags.nanos("duration") < 0 {
        bail!("--duration must be greater than or equal to 0");
    }
    let key = ObjectKey::new(Kind::ServiceAccount, &session.namespace, &name);
    let failed = |why: &str| Error::plain(format!("failed to create token: {why}"));
    let account = session.api.read(&key).map_err(|status| failed(&status.message))?.clone();
    if seconds > 0 && seconds < 600 {
        return Err(failed(&format!(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration less than 10 minutes"
        )));
    }
    let now = session.date().0;
    let until = now + if seconds > 0 { seconds } else { 3600 };
    let claims = format!(
        "{{\"aud\":[\"https://kubernetes.default.svc.cluster.local\"],\"exp\":{until},\"iat\":{now},\"iss\":\"https://kubernetes.default.svc.cluster.local\",\"kubernetes.io\":{{\"namespace\":\"{}\",\"serviceaccount\":{{\"name\":\"{name}\",\"uid\":\"{}\"}}}},\"nbf\":{now},\"sub\":\"system:serviceaccount:{}:{name}\"}}",
        session.namespace,
        account.uid(),
        session.namespace
    );
    let token = session.api.token(&claims);
    session.line(token);
    DONE
}
