//! Who may do what: roles and their bindings.

use crate::api::{Kind, Object, Status};
use crate::base::Value;
use crate::value;

use super::ApiServer;

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// The name: `bob`, `system:serviceaccount:NAMESPACE:NAME`.
    pub name: String,
    /// The groups.
    pub groups: Vec<String>,
    /// The uid of a ServiceAccount; empty for others.
    pub uid: String,
    /// What else the token says of a ServiceAccount: names below `authentication.kubernetes.io/`, sorted, and a value of each.
    pub extra: Vec<(&'static str, String)>,
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `get`, `list`, `create` …
    pub verb: &'a str,
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The resource, with a part of it where that is meant: `pods`, `pods/log`. A path for what is no resource.
    pub resource: &'a str,
    /// The object; empty where none is named.
    pub name: &'a str,
    /// The namespace; empty for all of them and for cluster-wide resources.
    pub namespace: &'a str,
}

impl User {
    /// A user by name, with the groups that follow from it and these.
    pub fn named(name: &str, groups: &[String]) -> Self {
        let mut all: Vec<String> = groups.to_vec();
        if let Some(("", account)) = name.split_once("system:serviceaccount:")
            && let Some((namespace, _)) = account.split_once(':')
            && groups.is_empty()
        {
            all.push("system:serviceaccounts".into());
            all.push(format!("system:serviceaccounts:{namespace}"));
        }
        if name != "system:anonymous" {
            all.push("system:authenticated".into());
        }
        Self { name: name.into(), groups: all, uid: String::new(), extra: Vec::new() }
    }

    /// Who kubectl is where its configuration says nothing else.
    pub fn administrator() -> Self {
        Self::named("kubernetes-admin", &["system:masters".to_string()])
    }

    fn is(&self, subject: &Value) -> bool {
        let name = subject.get("name").str();
        match subject.get("kind").str() {
            "User" => self.name == name,
            "Group" => self.groups.iter().any(|group| group == name),
            "ServiceAccount" => {
                self.name == format!("system:serviceaccount:{}:{name}", subject.get("namespace").str())
            }
            _ => false,
        }
    }
}

impl ApiServer {
    /// Asks whether a rule lets the user do this with a resource.
    ///
    /// # Errors
    /// `Forbidden`, in the server's words.
    pub fn authorize(&self, user: &User, request: Request<'_>) -> Result<(), Status> {
        if self.allows(user, request) {
            return Ok(());
        }
        let Request { verb, group, resource, name, namespace } = request;
        let mut subject = resource.split('/').next().unwrap_or_default().to_owned();
        if !group.is_empty() {
            subject = format!("{subject}.{group}");
        }
        if !name.is_empty() {
            subject = format!("{subject} \"{name}\"");
        }
        let place = match namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let message = format!(
            "{subject} is forbidden: User \"{}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}",
            user.name
        );
        Err(Status { code: 403, reason: "Forbidden", message, causes: Vec::new() })
    }

    /// True where a rule lets the user do this.
    pub fn allows(&self, user: &User, request: Request<'_>) -> bool {
        self.rules_of(user, request.namespace).iter().any(|rule| allows(rule, request))
    }

    /// The rules that a user has in a namespace: those of the whole cluster, and those of the namespace.
    pub fn rules_of(&self, user: &User, namespace: &str) -> Vec<Value> {
        if user.groups.iter().any(|group| group == "system:masters") {
            return vec![
                value!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
                value!({"nonResourceURLs": ["*"], "verbs": ["*"]}),
            ];
        }
        let mut rules = Vec::new();
        if user.groups.iter().any(|group| group == "system:authenticated") {
            rules.extend(rules_of_everybody());
        }
        let of = |binding: &Object, rules: &mut Vec<Value>| {
            if !binding.get("subjects").items().iter().any(|subject| user.is(subject)) {
                return;
            }
            let role = binding.get("roleRef");
            let name = role.get("name").str();
            let found = match role.get("kind").str() {
                "Role" => {
                    self.store().list_in(Kind::Role, binding.namespace()).find(|role| role.name() == name)
                }
                _ => self.store().list(Kind::ClusterRole).find(|role| role.name() == name),
            };
            rules.extend(found.into_iter().flat_map(|role| role.get("rules").items().iter().cloned()));
        };
        self.store().list(Kind::ClusterRoleBinding).for_each(|binding| of(binding, &mut rules));
        if !namespace.is_empty() {
            self.store().list_in(Kind::RoleBinding, namespace).for_each(|binding| of(binding, &mut rules));
        }
        rules
    }
}

/// What `system:basic-user`, `system:discovery` and `system:public-info-viewer` let everybody do.
fn rules_of_everybody() -> Vec<Value> {
    let discovery = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ];
    let public = ["/.well-known", "/.well-known/*", "/healthz", "/livez", "/readyz", "/version", "/version/"];
    vec![
        value!({
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            "verbs": ["create"]
        }),
        value!({"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]}),
        value!({"nonResourceURLs": (discovery.to_vec()), "verbs": ["get"]}),
        value!({"nonResourceURLs": (public.to_vec()), "verbs": ["get"]}),
    ]
}

fn holds(list: &Value, wanted: &str) -> bool {
    list.items().iter().any(|item| matches!(item.str(), "*") || item.str() == wanted)
}

fn allows(rule: &Value, request: Request<'_>) -> bool {
    if !holds(rule.get("verbs"), request.verb) {
        return false;
    }
    if request.resource.starts_with('/') {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => request.resource.starts_with(start),
            None => pattern == request.resource,
        };
        return rule.get("nonResourceURLs").items().iter().any(|url| matches(url.str()));
    }
    let part = request.resource.split_once('/').map(|(_, part)| format!("*/{part}"));
    let resource = holds(rule.get("resources"), request.resource)
        || part.is_some_and(|part| rule.get("resources").items().iter().any(|item| item.str() == part));
    let names = rule.get("resourceNames");
    resource
        && holds(rule.get("apiGroups"), request.group)
        && (names.is_empty() || names.items().iter().any(|name| name.str() == request.name))
}
