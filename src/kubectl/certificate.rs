//! `kubectl certificate approve` and `kubectl certificate deny`

use crate::api::{Kind, Object};
use crate::apiserver::server::set_condition;
use crate::value;

use super::builder::Builder;
use super::command::{Command, Group};
use super::error::{Error, Result, bail};
use super::flags::{FILES, PRINT};
use super::printer::Teller;
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "certificate",
    usage: "SUBCOMMAND",
    short: "Modify certificate resources",
    commands: &[&APPROVE, &DENY],
    group: Some(Group { long: "Modify certificate resources.", examples: "", on_stdout: false }),
    ..Command::NONE
};

const APPROVE: Command = Command {
    name: "approve",
    usage: "(-f FILENAME | NAME)",
    short: "Approve a certificate signing request",
    flags: &[FILES, PRINT, "force:bool"],
    run: Some(|session| run(session, &APPROVAL)),
    ..Command::NONE
};

const DENY: Command = Command {
    name: "deny",
    short: "Deny a certificate signing request",
    run: Some(|session| run(session, &DENIAL)),
    ..APPROVE
};

/// A decision.
struct Decision {
    condition: &'static str,
    /// The condition that it cannot stand beside.
    opposite: &'static str,
    reason: &'static str,
    verb: &'static str,
    done: &'static str,
}

const APPROVAL: Decision = Decision {
    condition: "Approved",
    opposite: "Denied",
    reason: "KubectlApprove",
    verb: "approve",
    done: "approved",
};
const DENIAL: Decision = Decision {
    condition: "Denied",
    opposite: "Approved",
    reason: "KubectlDeny",
    verb: "deny",
    done: "denied",
};

fn run(session: &mut Session<'_>, decision: &Decision) -> Result<Flow> {
    let args = session.args().to_vec();
    if args.is_empty() && session.flags.list("filename").is_empty() {
        bail!("one or more CSRs must be specified as <name> or -f <filename>");
    }
    let builder = Builder::new(session).files(session);
    let builder = match args.is_empty() {
        true => builder,
        false => builder.names_of(Kind::CertificateSigningRequest, &args),
    };
    let (infos, mut errors) = builder.find(session)?.infos();
    let mut teller = Teller::new(session)?;
    for object in infos.into_iter().filter_map(|info| info.object) {
        if object.kind != Kind::CertificateSigningRequest {
            let (wanted, kind) = (Kind::CertificateSigningRequest.group_kind(), object.kind.group_kind());
            errors.push(Error::plain(format!("can only handle {wanted} objects, got {kind}")));
            continue;
        }
        match decide(session, &object, decision) {
            Ok(()) => teller.tell(session, &object.body, decision.done)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}

fn decide(session: &mut Session<'_>, request: &Object, decision: &Decision) -> Result<()> {
    let (name, condition) = (request.name(), decision.condition);
    if !request.condition(decision.opposite).is_null() {
        bail!("certificate signing request \"{name}\" is already {}", decision.opposite);
    }
    if !request.condition(condition).is_null() && !session.flags.is("force") {
        return Ok(());
    }
    session.authorize("update", request.kind, "", name)?;
    let now = session.date().rfc3339();
    let condition = value!({
        "lastTransitionTime": (now.clone()),
        "lastUpdateTime": now,
        "message": (format!("This CSR was {} by kubectl certificate {}.", decision.done, decision.verb)),
        "reason": (decision.reason),
        "status": "True",
        "type": condition
    });
    session.api.modify_status(&request.key(), |status| set_condition(status, condition));
    Ok(())
}
