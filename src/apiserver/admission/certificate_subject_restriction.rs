//! CertificateSubjectRestriction: nobody becomes an administrator by a signed request.

use crate::api::Kind;
use crate::resources::certificate_signing_request::requested;

use super::Plugin;

const SIGNER: &str = "kubernetes.io/kube-apiserver-client";
const MASTERS: &str = "system:masters";

pub(super) const PLUGIN: Plugin = Plugin {
    validate: |_, request| {
        if !request.creates(Kind::CertificateSigningRequest)
            || request.object.spec().get("signerName").str() != SIGNER
        {
            return Ok(());
        }
        let asked = requested(request.object).unwrap_or_default();
        if asked.subject.iter().any(|(part, text)| part == "O" && text == MASTERS) {
            return request.forbidden(format!("use of {SIGNER} signer with {MASTERS} group is not allowed"));
        }
        Ok(())
    },
    ..Plugin::NONE
};
