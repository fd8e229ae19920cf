//! Bearer tokens. Those of ServiceAccounts are JSON Web Tokens as Kubernetes writes them; what stands for their signature is
//! drawn, and nobody reckons with it.

use crate::api::{Kind, ObjectKey, base64};
use crate::base::{Random, digest_of, json};

use super::ApiServer;
use super::rbac::User;

/// base64 as URLs have it.
fn plain(text: &str) -> String {
    base64::encode(text.as_bytes()).replace('+', "-").replace('/', "_").replace('=', "")
}

/// And back.
fn read(text: &str) -> Option<Vec<u8>> {
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    base64::decode(&(text.replace('-', "+").replace('_', "/") + &padding)).ok()
}

impl ApiServer {
    /// A token of these claims, in JSON.
    pub fn token(&mut self, claims: &str) -> String {
        let header = plain("{\"alg\":\"RS256\",\"kid\":\"saya\"}");
        format!("{header}.{}.{}", plain(claims), self.random.hex(86))
    }

    /// Who a bearer token stands for: a ServiceAccount that is there, while the token holds; or a Pod's, while the Pod is
    /// there.
    pub fn user_of_token(&self, token: &str) -> Option<User> {
        if let Some((namespace, uid)) = token.strip_prefix("saya.").and_then(|rest| rest.split_once('.')) {
            let pod = self.store().list_in(Kind::Pod, namespace).find(|pod| pod.uid() == uid)?;
            let account = pod.spec().get("serviceAccountName").as_str().unwrap_or("default");
            let node = pod.spec().get("nodeName").str();
            let mut user = self.account(namespace, account, token)?;
            user.extra.extend([
                ("node-name", node.to_owned()),
                ("node-uid", self.get(&ObjectKey::new(Kind::Node, "", node))?.uid().to_owned()),
                ("pod-name", pod.name().to_owned()),
                ("pod-uid", uid.to_owned()),
            ]);
            return Some(user);
        }
        let (claims, _) = json::read_value(&read(token.split('.').nth(1)?)?, 0).ok()??;
        let name = claims.get("sub").str();
        let (namespace, account) = name.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        let account = self.get(&ObjectKey::new(Kind::ServiceAccount, namespace, account))?;
        let bound = claims.at(&["kubernetes.io", "serviceaccount", "uid"]).as_str();
        let uid = bound.unwrap_or(claims.get("kubernetes.io/serviceaccount/service-account.uid").str());
        let holds = claims.get("exp").as_int().is_none_or(|until| self.clock.date().0 < until);
        let user = self.account(account.namespace(), account.name(), token)?;
        (holds && user.uid == uid).then_some(user)
    }

    /// A ServiceAccount that is there, as somebody who asks with a token.
    fn account(&self, namespace: &str, name: &str, token: &str) -> Option<User> {
        let account = self.get(&ObjectKey::new(Kind::ServiceAccount, namespace, name))?;
        let id = Random::from_seed(digest_of(token).0).uuid();
        Some(User {
            uid: account.uid().into(),
            extra: vec![("credential-id", format!("JTI={id}"))],
            ..User::named(&format!("system:serviceaccount:{namespace}:{name}"), &[])
        })
    }
}
