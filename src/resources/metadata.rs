//! `ObjectMeta` (apimachinery, api/validation).

use crate::api::Cause;
use crate::base::Value;

use super::formats;
use super::path::Path;

/// What a name of a kind must look like.
pub type NameCheck = fn(&str) -> Vec<String>;

const METADATA: Path = Path::root("metadata");

/// Metadata of an object about to be created.
pub fn validate(object: &Value, namespaced: bool, name_check: NameCheck, causes: &mut Vec<Cause>) {
    let metadata = object.get("metadata");
    let generate_name = metadata.get("generateName").str();
    if !generate_name.is_empty() {
        // What follows the prefix will be letters and digits, so a dash at its end is no fault.
        let prefix = generate_name.strip_suffix('-').map(|rest| format!("{rest}a"));
        let messages = name_check(prefix.as_deref().unwrap_or(generate_name));
        causes.extend(messages.iter().map(|m| METADATA.field("generateName").invalid(generate_name, m)));
    }
    match metadata.get("name").str() {
        "" => causes.push(METADATA.field("name").required_because("name or generateName is required")),
        name => METADATA.field("name").check(name, name_check, causes),
    }
    let namespace = metadata.get("namespace").str();
    if !namespaced && !namespace.is_empty() {
        causes.push(METADATA.field("namespace").forbidden("not allowed on this type"));
    } else if namespaced && !namespace.is_empty() {
        METADATA.field("namespace").check(namespace, formats::dns_label, causes);
    }
    validate_rest(metadata, causes);
}

/// Warns of the name of something whose Pods' hosts are named after it: a label would be better.
pub fn warn_of_name(object: &Value, what_for: &str, warnings: &mut Vec<String>) {
    let messages = formats::dns_label(object.at(&["metadata", "name"]).str());
    if !messages.is_empty() {
        warnings.push(METADATA.field("name").warning(&format!(
            "this is used in {what_for}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            messages.join(" ")
        )));
    }
}

/// Metadata in an update. Names, uid and times are the server's to keep and are not compared.
pub fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let (metadata, before) = (new.get("metadata"), old.get("metadata"));
    if !before.get("deletionTimestamp").is_null() {
        let known = before.get("finalizers").items();
        let mut added: Vec<&str> = metadata
            .get("finalizers")
            .items()
            .iter()
            .filter(|f| !known.contains(f))
            .map(Value::str)
            .collect();
        added.sort_unstable();
        if !added.is_empty() {
            let added: Vec<String> = added.iter().map(|name| super::path::quote(name)).collect();
            causes.push(METADATA.field("finalizers").forbidden(format_args!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                added.join(", ")
            )));
        }
    }
    validate_rest(metadata, causes);
}

fn validate_rest(metadata: &Value, causes: &mut Vec<Cause>) {
    validate_labels(metadata.get("labels"), &METADATA.field("labels"), causes);
    validate_annotations(metadata.get("annotations"), &METADATA.field("annotations"), causes);
    let owners = METADATA.field("ownerReferences");
    let mut controller: Option<String> = None;
    for owner in metadata.get("ownerReferences").items() {
        for (field, message) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            if owner.get(field).str().is_empty() {
                causes.push(owners.field(field).invalid("", message));
            }
        }
        if owner.get("controller").bool() {
            let name = format!("{}/{}", owner.get("kind").str(), owner.get("name").str());
            if let Some(first) = &controller {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and \
                     {name}"
                );
                causes.push(owners.invalid(metadata.get("ownerReferences"), detail));
            } else {
                controller = Some(name);
            }
        }
    }
    let finalizers = METADATA.field("finalizers");
    for name in metadata.get("finalizers").items() {
        finalizers.check(name.str(), formats::qualified_name, causes);
    }
    for (at, name) in metadata.get("finalizers").items().iter().enumerate() {
        if !name.str().contains('/') && !matches!(name.str(), "kubernetes" | "orphan" | "foregroundDeletion")
        {
            let message = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(finalizers.index(at).invalid(name, message));
        }
    }
}

/// Keys and values of labels; also of a `nodeSelector` or the selector of a Service.
pub fn validate_labels(labels: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for (key, value) in labels.entries() {
        path.check(key, formats::qualified_name, causes);
        path.check(value.str(), formats::label_value, causes);
    }
}

/// Keys of annotations, in any case, and their size together.
pub fn validate_annotations(annotations: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const MOST: usize = 256 * 1024;
    let mut size = 0;
    for (key, value) in annotations.entries() {
        path.check(key, |key| formats::qualified_name(&key.to_lowercase()), causes);
        size += key.len() + value.str().len();
    }
    if size > MOST {
        causes.push(path.too_long(MOST));
    }
}
