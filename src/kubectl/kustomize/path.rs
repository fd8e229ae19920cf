//! Where in an object a field is: `spec/template/metadata/labels`.

use crate::base::Value;

use super::Outcome;

/// Calls `change` with each value at the end of `path`; lists on the way are gone through. Maps that are missing are made
/// where `create` says so, but no lists (`volumeClaimTemplates[]`).
pub(super) fn each(
    value: &mut Value,
    path: &str,
    create: bool,
    change: &mut dyn FnMut(&mut Value) -> Outcome<()>,
) -> Outcome<()> {
    walk(value, &steps(path), create, change)
}

/// The names of fields in a path, where `\/` is a slash within one.
pub(super) fn steps(path: &str) -> Vec<String> {
    path.replace("\\/", "\0").split('/').map(|step| step.replace('\0', "/")).collect()
}

fn walk(
    value: &mut Value,
    steps: &[String],
    create: bool,
    change: &mut dyn FnMut(&mut Value) -> Outcome<()>,
) -> Outcome<()> {
    let Some((step, rest)) = steps.split_first() else { return change(value) };
    if matches!(value, Value::List(_)) {
        return value.items_mut().iter_mut().try_for_each(|item| walk(item, steps, create, change));
    }
    let (name, is_list) = step.strip_suffix("[]").map_or((step.as_str(), false), |name| (name, true));
    if value.get(name).is_null() && (!create || is_list || !matches!(value, Value::Map(_) | Value::Null)) {
        return Ok(());
    }
    walk(value.entry(name), rest, create, change)
}
