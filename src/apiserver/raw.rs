//! What the API server answers to a `GET` of a path, for those who ask it without kubectl.

use std::collections::BTreeSet;

use super::ApiServer;
use super::rbac::{Request, User};
use super::{health, metrics};
use crate::api::{Kind, ObjectKey, Status};
use crate::base::Value;
use crate::value;

/// The version of the API server.
pub const VERSION: &str = "v1.36.2";

impl ApiServer {
    /// Where it is, as the Endpoints of `kubernetes` have it.
    fn address(&self) -> String {
        let own = self.get(&ObjectKey::new(Kind::Endpoints, "default", "kubernetes"));
        let subsets = own.map_or(Value::Null, |own| own.body.get("subsets").clone());
        let ip = subsets.items().first().map_or(Value::Null, |one| one.get("addresses").clone());
        let ip = ip.items().first().map_or(String::new(), |one| one.get("ip").str().to_owned());
        format!("{ip}:{}", self.settings.secure_port)
    }

    /// A resource or a list as JSON, or a plain word.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub fn read_path(&self, user: &User, path: &str) -> Result<Value, Status> {
        let refused = |code, reason, message: String| Status { code, reason, message, causes: Vec::new() };
        let unknown =
            || refused(404, "NotFound", "the server could not find the requested resource".to_owned());
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        let (group, version, rest) = match words[..] {
            ["api", version, ref rest @ ..] if !rest.is_empty() => ("", version, rest),
            ["apis", group, version, ref rest @ ..] if !rest.is_empty() => (group, version, rest),
            _ => {
                let request = Request { verb: "get", group: "", resource: path, name: "", namespace: "" };
                let public = ["/healthz", "/livez", "/readyz", "/version"].contains(&path);
                if !public && !self.allows(user, request) {
                    let message = format!("forbidden: User \"{}\" cannot get path \"{path}\"", user.name);
                    return Err(refused(403, "Forbidden", message));
                }
                return match words[..] {
                    [endpoint @ ("healthz" | "livez" | "readyz"), ref check @ ..] => {
                        health::answer(endpoint, check, query).map(Value::from).ok_or_else(unknown)
                    }
                    ["version"] => Ok(value!({
                        "major": "1",
                        "minor": "36",
                        "emulationMajor": "1",
                        "emulationMinor": "36",
                        "minCompatibilityMajor": "1",
                        "minCompatibilityMinor": "35",
                        "gitVersion": VERSION,
                        "goVersion": "go1.26.3",
                        "compiler": "gc",
                        "platform": "linux/amd64"
                    })),
                    ["api"] => Ok(value!({
                        "kind": "APIVersions",
                        "versions": ["v1"],
                        "serverAddressByClientCIDRs": [{
                            "clientCIDR": "0.0.0.0/0",
                            "serverAddress": (self.address())
                        }]
                    })),
                    [] => Ok(value!({"paths": (paths())})),
                    ["apis"] => Ok(groups()),
                    ["api", version] => resources("", version).ok_or_else(unknown),
                    ["apis", group, version] => resources(group, version).ok_or_else(unknown),
                    _ => Err(unknown()),
                };
            }
        };
        let (namespace, rest) = match *rest {
            ["namespaces", namespace, ref rest @ ..] if !rest.is_empty() => (namespace, rest),
            _ => ("", rest),
        };
        let (plural, name) = match *rest {
            [plural] => (plural, ""),
            [plural, name] => (plural, name),
            _ => return Err(unknown()),
        };
        let verb = if name.is_empty() { "list" } else { "get" };
        let permitted = || match self.allows(user, Request { verb, group, resource: plural, name, namespace })
        {
            true => Ok(()),
            false => Err(forbidden(user, verb, (plural, group), name, namespace)),
        };
        if (group, version) == (metrics::GROUP, "v1beta1")
            && let Some(available) = self.metrics_available()
        {
            if !available {
                let why = "the server is currently unable to handle the request";
                return Err(refused(503, "ServiceUnavailable", why.to_owned()));
            }
            permitted()?;
            return match plural {
                "nodes" | "pods" => self.read_metrics(plural, namespace, name),
                _ => Err(unknown()),
            };
        }
        let kind = Kind::ALL.iter().copied().find(|kind| {
            let names = kind.names();
            names.plural == plural && names.group == group && names.version == version
        });
        let kind = kind.ok_or_else(unknown)?;
        permitted()?;
        if !name.is_empty() {
            let key = ObjectKey::new(kind, namespace, name);
            return self.get(&key).map(|object| object.body.clone()).ok_or_else(|| Status::not_found(&key));
        }
        let items: Vec<Value> = self
            .store()
            .list(kind)
            .filter(|object| namespace.is_empty() || object.namespace() == namespace)
            .map(|object| object.body.clone())
            .collect();
        Ok(value!({
            "kind": (format!("{}List", kind.names().kind)),
            "apiVersion": (kind.api_version()),
            "metadata": {"resourceVersion": (self.store().revision().to_string())},
            "items": items
        }))
    }
}

/// That a user may not do something with a resource of a group, and where.
fn forbidden(user: &User, verb: &str, (plural, group): (&str, &str), name: &str, namespace: &str) -> Status {
    let mut subject = if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") };
    if !name.is_empty() {
        subject = format!("{subject} \"{name}\"");
    }
    let place = match namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let message = format!(
        "{subject} is forbidden: User \"{}\" cannot {verb} resource \"{plural}\" in API group \"{group}\" {place}",
        user.name
    );
    Status { code: 403, reason: "Forbidden", message, causes: Vec::new() }
}

/// All groups with their versions, the core group's first.
fn versions() -> BTreeSet<(&'static str, &'static str)> {
    Kind::ALL.iter().map(|kind| (kind.names().group, kind.names().version)).collect()
}

/// What can be asked for.
fn paths() -> Value {
    let mut paths: BTreeSet<String> =
        ["/api", "/apis", "/healthz", "/livez", "/readyz", "/version"].map(str::to_owned).into();
    for (group, version) in versions() {
        match group {
            "" => drop(paths.insert(format!("/api/{version}"))),
            _ => paths.extend([format!("/apis/{group}"), format!("/apis/{group}/{version}")]),
        }
    }
    paths.into_iter().map(Value::from).collect()
}

/// `APIGroupList`
fn groups() -> Value {
    let of = |(group, version): (&str, &str)| {
        let version = value!({"groupVersion": (format!("{group}/{version}")), "version": version});
        value!({"name": group, "versions": [(version.clone())], "preferredVersion": version})
    };
    let groups: Value = versions().into_iter().filter(|(group, _)| !group.is_empty()).map(of).collect();
    value!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `APIResourceList`; none where there is no such group or version.
fn resources(group: &str, version: &str) -> Option<Value> {
    let of = |kind: &Kind| {
        let names = kind.names();
        let mut resource = value!({
            "name": (names.plural),
            "singularName": (names.singular),
            "namespaced": (names.namespaced),
            "kind": (names.kind),
            "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        });
        if !names.short.is_empty() {
            *resource.entry("shortNames") = names.short.iter().map(|name| Value::from(*name)).collect();
        }
        resource
    };
    let own = |kind: &&Kind| kind.names().group == group && kind.names().version == version;
    let resources: Value = Kind::ALL.iter().filter(own).map(of).collect();
    let said = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list =
        value!({"kind": "APIResourceList", "groupVersion": said, "resources": (resources.clone())});
    if !group.is_empty() {
        *list.entry("apiVersion") = "v1".into();
    }
    (!resources.is_empty()).then_some(list)
}

/// A refusal as the body of an answer.
pub fn refusal(status: &Status) -> Value {
    value!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": (status.message.as_str()),
        "reason": (status.reason),
        "details": (details(status)),
        "code": (i64::from(status.code))
    })
}

/// What a refusal is about: the resource that its message begins with, and the object where it names one.
fn details(status: &Status) -> Value {
    let mut words = status.message.split(' ');
    let (resource, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut details = Value::map();
    if !["NotFound", "Forbidden"].contains(&status.reason) || !(next.starts_with('"') || next == "is") {
        return details;
    }
    if next.starts_with('"') {
        *details.entry("name") = next.trim_matches('"').into();
    }
    let (kind, group) = resource.split_once('.').unwrap_or((resource, ""));
    if !group.is_empty() {
        *details.entry("group") = group.into();
    }
    *details.entry("kind") = kind.into();
    details
}
