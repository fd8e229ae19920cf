//! ServiceAccount.

use super::{Rules, formats, metadata};

pub(super) const RULES: Rules = Rules {
    validate: |account, causes| metadata::validate(account, true, formats::dns_subdomain, causes),
    validate_update: metadata::validate_update,
    ..Rules::PLAIN
};
