//! ServiceAccount.

use super::{Rules, formats, metadata};

pub(super) const RULES: Rules = Rules {
    validate: |account, causes| metadata::validate(account, true, formats::dns_subdomain, causes),
    validate_update: metadata::validate_update,
    warn: |account, _, warnings| {
        const ENFORCE: &str = "kubernetes.io/enforce-mountable-secrets";
        if !account.at(&["metadata", "annotations", ENFORCE]).is_null() {
            warnings.push(format!(
                "metadata.annotations[{ENFORCE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to \
                 mounted secrets"
            ));
        }
    },
    ..Rules::PLAIN
};
