//! CustomResourceDefinitions: whether their names can be had, and what becomes of their objects (apiextensions-apiserver,
//! pkg/controller: status, establish, finalizer).

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::custom_resources::{kind_in_version, kind_of_definition};
use crate::apiserver::server::{CUSTOM_RESOURCE_CLEANUP, set_condition};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::Value;
use crate::value;

use super::{Enqueue, NOW, drop_finalizer};

/// How soon it looks again whether objects with finalizers are gone.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks at definitions, and at all of them again when one goes: its names are free then.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    if change.object.kind == Kind::CustomResourceDefinition {
        observe_definition(api, change, enqueue);
    }
}

// No part of the page's first program.
#[inline(never)]
fn observe_definition(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    if change.kind == ChangeKind::Deleted {
        api.store().list(Kind::CustomResourceDefinition).for_each(|other| enqueue(other.key(), NOW));
    } else {
        enqueue(change.object.key(), NOW);
    }
}

/// Accepts the names of a new one and serves it; deletes the objects of one that is to go.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let definition = api.get(key)?.clone();
    if definition.is_terminating() {
        return clean_up(api, key, &definition);
    }
    let refusal = conflict(api, &definition);
    let date = api.clock.date().rfc3339();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        value!({
            "lastTransitionTime": (date.as_str()),
            "message": message,
            "reason": reason,
            "status": status,
            "type": kind
        })
    };
    let is_established = definition.has_condition("Established");
    api.modify_status(key, |status| match &refusal {
        None => {
            status.set("acceptedNames", definition.spec().get("names").clone());
            set_condition(status, condition("NamesAccepted", "True", "NoConflicts", "no conflicts found"));
            if !is_established {
                set_condition(
                    status,
                    condition(
                        "Established",
                        "True",
                        "InitialNamesAccepted",
                        "the initial names have been accepted",
                    ),
                );
            }
            let stored = definition.spec().get("versions").items().iter().find(|v| v.get("storage").bool());
            let name = stored.map(|version| version.get("name").clone()).unwrap_or_default();
            if !status.get("storedVersions").items().contains(&name) {
                status.entry("storedVersions").push(name);
            }
        }
        Some((reason, message)) => {
            set_condition(status, condition("NamesAccepted", "False", reason, message));
            if !is_established {
                let why = "not all names are accepted";
                set_condition(status, condition("Established", "False", "NotAccepted", why));
            }
        }
    });
    move_objects(api, &definition);
    announce(api, key);
    None
}

/// Has an APIService for each version that is served (kube-apiserver, crdregistration).
fn announce(api: &mut ApiServer, key: &ObjectKey) {
    let Some(definition) = api.get(key).filter(|definition| definition.has_condition("Established")) else {
        return;
    };
    let spec = definition.spec();
    let served = spec.get("versions").items().iter().filter(|version| version.get("served").bool());
    let pairs: Vec<(String, String)> = served
        .map(|version| (spec.get("group").str().to_owned(), version.get("name").str().to_owned()))
        .collect();
    for (group, version) in pairs {
        let mut service = Object::new(Kind::APIService, "", &format!("{version}.{group}"));
        if api.get(&service.key()).is_some() {
            continue;
        }
        let automanaged = value!({"kube-aggregator.kubernetes.io/automanaged": "true"});
        service.set_at(&["metadata", "labels"], automanaged);
        service.set(
            "spec",
            value!({
                "group": group,
                "groupPriorityMinimum": 1000,
                "version": version,
                "versionPriority": 100
            }),
        );
        // It can only be there already.
        let _ = api.create(service.body, "", false);
    }
}

/// Takes away the APIServices of a group whose last definition goes.
fn retract(api: &mut ApiServer, definition: &Object) {
    let group = definition.spec().get("group").clone();
    let others = api.store().list(Kind::CustomResourceDefinition);
    if others.filter(|other| other.name() != definition.name()).any(|other| *other.spec().get("group") == group) {
        return;
    }
    let services: Vec<ObjectKey> = api
        .store()
        .list(Kind::APIService)
        .filter(|service| *service.spec().get("group") == group)
        .map(Object::key)
        .collect();
    for service in services {
        let _ = api.delete(&service, Deletion::default());
    }
}

/// Why the names cannot be had: another definition of the group has one of them (status/naming_controller.go).
fn conflict(api: &ApiServer, definition: &Object) -> Option<(&'static str, String)> {
    let spec = definition.spec();
    let others: Vec<&Object> = api
        .established_definitions()
        .filter(|other| other.name() != definition.name() && other.spec().get("group") == spec.get("group"))
        .collect();
    let names = spec.get("names");
    let of = |other: &Object, field: &str| -> Vec<Value> {
        match other.spec().at(&["names", field]) {
            Value::List(items) => items.to_vec(),
            name => vec![name.clone()],
        }
    };
    let resources = ["plural", "singular", "shortNames"];
    let has = |field: &str, name: &Value| {
        let fields = if resources.contains(&field) { &resources[..] } else { &["kind", "listKind"][..] };
        others.iter().any(|other| fields.iter().any(|field| of(other, field).contains(name)))
    };
    let wanted = [
        ("plural", "PluralConflict"),
        ("singular", "SingularConflict"),
        ("shortNames", "ShortNamesConflict"),
        ("kind", "KindConflict"),
        ("listKind", "ListKindConflict"),
    ];
    wanted.into_iter().find_map(|(field, reason)| {
        let own = match names.get(field) {
            Value::List(items) => items.to_vec(),
            name => vec![name.clone()],
        };
        let taken = own.into_iter().find(|name| !name.is_empty() && has(field, name))?;
        Some((reason, format!("{:?} is already in use", taken.str())))
    })
}

/// Keeps objects in the version that clients now prefer.
fn move_objects(api: &mut ApiServer, definition: &Object) {
    let Some(now) = kind_of_definition(definition) else { return };
    let versions = definition.spec().get("versions").items().iter().map(|version| version.get("name"));
    let stored = definition.status().get("storedVersions").items();
    let before: Vec<Kind> = versions
        .chain(stored)
        .map(|name| kind_in_version(definition, name.str()))
        .filter(|kind| *kind != now)
        .collect();
    for kind in before {
        let objects: Vec<Object> = api.store().list(kind).cloned().collect();
        for mut object in objects {
            api.take_as_it_is(&object.key());
            object.set("apiVersion", now.api_version());
            api.put_as_it_is(Object::of(now, object.body));
        }
    }
}

/// Deletes the objects, and lets the definition go when there are none.
fn clean_up(api: &mut ApiServer, key: &ObjectKey, definition: &Object) -> Option<Duration> {
    if !definition.meta("finalizers").items().iter().any(|own| own.str() == CUSTOM_RESOURCE_CLEANUP) {
        return None;
    }
    let kind = kind_of_definition(definition);
    let objects: Vec<ObjectKey> =
        kind.map(|kind| api.store().list(kind).map(Object::key).collect()).unwrap_or_default();
    for object in &objects {
        // It can only be gone already.
        let _ = api.delete(object, Deletion::default());
    }
    if objects.iter().any(|object| api.get(object).is_some()) {
        return Some(INTERVAL);
    }
    retract(api, definition);
    drop_finalizer(api, key, CUSTOM_RESOURCE_CLEANUP);
    None
}
