//! Priority: a Pod's class becomes a number, and only one class is for those that name none.

use crate::api::{Kind, Object, ObjectKey, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, validate };

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if request.kind() != Kind::Pod {
        return Ok(());
    }
    if let Some(old) = request.old {
        // What admission computed stays where the update leaves it out.
        for field in ["priority", "preemptionPolicy"] {
            let kept = old.spec().get(field);
            if !kept.is_null() {
                request.object.entry("spec").set_default(field, kept.clone());
            }
        }
        return Ok(());
    }
    let named = request.object.spec().get("priorityClassName").str().to_string();
    let class = match named.as_str() {
        "" => default_class(api),
        name => match api.get(&ObjectKey::new(Kind::PriorityClass, "", name)) {
            None => return request.forbidden(format!("no PriorityClass with name {name} was found")),
            found => found,
        },
    };
    let (priority, policy) = class.map_or((0, "PreemptLowerPriority"), |class| {
        (class.get("value").int(), class.get("preemptionPolicy").as_str().unwrap_or("PreemptLowerPriority"))
    });
    let spec = request.object.spec();
    if let Some(given) = spec.get("priority").as_int().filter(|given| *given != priority) {
        return request.forbidden(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission \
             controller computed {priority} from the given PriorityClass name"
        ));
    }
    if let Some(given) = spec.get("preemptionPolicy").as_str().filter(|given| *given != policy) {
        return request.forbidden(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
             controller computed {policy} from the given PriorityClass name"
        ));
    }
    let spec = request.object.entry("spec");
    if let Some(class) = class {
        spec.set("priorityClassName", class.name());
    }
    spec.set_all([("preemptionPolicy", policy.into()), ("priority", priority.into())]);
    Ok(())
}

/// The class of Pods that name none; of several, the lowest.
fn default_class(api: &ApiServer) -> Option<&Object> {
    let defaults = api.store().list(Kind::PriorityClass).filter(|class| class.get("globalDefault").bool());
    defaults.min_by_key(|class| class.get("value").int())
}

fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    if request.kind() != Kind::PriorityClass || !request.object.get("globalDefault").bool() {
        return Ok(());
    }
    match default_class(api) {
        Some(class) if request.is_create() || class.name() != request.object.name() => {
            request.forbidden(format!(
                "PriorityClass {} is already marked as default. Only one default can exist",
                class.name()
            ))
        }
        _ => Ok(()),
    }
}
