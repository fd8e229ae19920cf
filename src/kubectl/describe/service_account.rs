//! ServiceAccounts.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::Page;

pub(super) fn fill(page: &mut Page, session: &Session<'_>, account: &Object) {
    page.head(account);
    let names = |field: &str| -> Vec<String> {
        let of = |secret: &Value| secret.get("name").str().to_string();
        account.get(field).items().iter().map(of).collect()
    };
    let tokens: Vec<String> = session
        .api
        .store()
        .list_in(Kind::Secret, account.namespace())
        .filter(|secret| {
            secret.get("type").str() == "kubernetes.io/service-account-token"
                && secret.annotation("kubernetes.io/service-account.name").str() == account.name()
        })
        .map(|secret| secret.name().to_string())
        .collect();
    let marked = |names: Vec<String>| -> Vec<String> {
        let there =
            |name: &str| session.api.get(&ObjectKey::new(Kind::Secret, account.namespace(), name)).is_some();
        names
            .into_iter()
            .map(|name| if there(&name) { name } else { format!("{name} (not found)") })
            .collect()
    };
    page.fields(0, "Image pull secrets", &marked(names("imagePullSecrets")));
    page.fields(0, "Mountable secrets", &marked(names("secrets")));
    page.fields(0, "Tokens", &tokens);
    page.events(session, account);
}
