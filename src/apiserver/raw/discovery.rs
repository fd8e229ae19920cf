//! The groups, versions and resources that the API server says it has.

use std::collections::BTreeSet;

use crate::api::Kind;
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::value;

/// All groups with their versions, the core group's first.
fn versions(api: &ApiServer) -> BTreeSet<(&'static str, &'static str)> {
    api.kinds().map(|kind| (kind.names().group, kind.names().version)).collect()
}

/// What can be asked for.
pub(super) fn paths(api: &ApiServer) -> Value {
    let mut paths: BTreeSet<String> =
        ["/api", "/apis", "/healthz", "/livez", "/readyz", "/version"].map(str::to_owned).into();
    for (group, version) in versions(api) {
        match group {
            "" => drop(paths.insert(format!("/api/{version}"))),
            _ => paths.extend([format!("/apis/{group}"), format!("/apis/{group}/{version}")]),
        }
    }
    paths.into_iter().map(Value::from).collect()
}

/// `APIGroupList`
pub(super) fn groups(api: &ApiServer) -> Value {
    let of = |(group, version): (&str, &str)| {
        let version = value!({"groupVersion": (format!("{group}/{version}")), "version": version});
        value!({"name": group, "versions": [(version.clone())], "preferredVersion": version})
    };
    let groups: Value = versions(api).into_iter().filter(|(group, _)| !group.is_empty()).map(of).collect();
    value!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `APIResourceList`; none where there is no such group or version.
pub(super) fn resources(api: &ApiServer, group: &str, version: &str) -> Option<Value> {
    let of = |kind: Kind| {
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
    let own = |kind: &Kind| kind.names().group == group && kind.names().version == version;
    let resources: Value = api.kinds().filter(own).map(of).collect();
    let said = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list =
        value!({"kind": "APIResourceList", "groupVersion": said, "resources": (resources.clone())});
    if !group.is_empty() {
        *list.entry("apiVersion") = "v1".into();
    }
    (!resources.is_empty()).then_some(list)
}
