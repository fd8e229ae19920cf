//! `images` and `replicas`.

use crate::base::Value;

use super::Outcome;
use super::path::each;
use super::resources::Resources;

/// Gives images the names, tags and digests that `images` says.
pub(super) fn set(all: &mut Resources, images: &Value) -> Outcome<()> {
    for new in images.items() {
        for one in &mut all.0 {
            for path in ["spec/volumes[]/image/reference", "spec/template/spec/volumes[]/image/reference"] {
                each(&mut one.body, path, false, &mut |image| {
                    rename(image, new);
                    Ok(())
                })?;
            }
            if one.kind() != "CustomResourceDefinition" {
                containers(&mut one.body, new);
            }
        }
    }
    Ok(())
}

/// Containers are sought everywhere.
fn containers(value: &mut Value, new: &Value) {
    let holds_some = |value: &Value| matches!(value, Value::Map(_) | Value::List(_));
    match value {
        Value::Map(map) if map.iter().any(|(_, field)| holds_some(field)) => {
            for (name, field) in map.iter_mut() {
                if matches!(name, "containers" | "initContainers") && matches!(field, Value::List(_)) {
                    for container in field.items_mut() {
                        if !container.get("image").is_null() {
                            rename(container.entry("image"), new);
                        }
                    }
                } else {
                    containers(field, new);
                }
            }
        }
        Value::List(items) if items.iter().any(holds_some) => {
            value.items_mut().iter_mut().for_each(|item| containers(item, new));
        }
        _ => {}
    }
}

fn rename(image: &mut Value, new: &Value) {
    let (name, mut tag, mut digest) = parts(image.str());
    if name != new.get("name").str() {
        return;
    }
    let given = |field: &str| Some(new.get(field).str()).filter(|text| !text.is_empty());
    let suffixed;
    match (given("newTag"), given("digest"), given("tagSuffix")) {
        (None, None, None) => {}
        (None, None, Some(suffix)) => {
            suffixed = [tag.unwrap_or_default(), suffix].concat();
            (tag, digest) = (Some(suffixed.as_str()), None);
        }
        (new_tag, new_digest, _) => (tag, digest) = (new_tag, new_digest),
    }
    let mut text = given("newName").unwrap_or(name).to_string();
    for (mark, part) in [(":", tag), ("@", digest)] {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            text += mark;
            text += part;
        }
    }
    *image = text.into();
}

/// Name, tag and digest of an image.
fn parts(image: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    // A colon before the last slash belongs to a port.
    match rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
        Some((name, tag)) => (name, Some(tag), digest),
        None => (rest, None, digest),
    }
}

/// Sets the numbers of replicas that `replicas` says.
pub(super) fn set_replicas(all: &mut Resources, replicas: &Value) -> Outcome<()> {
    const KINDS: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];
    for new in replicas.items() {
        let name = new.get("name").str();
        let mut found = false;
        for one in all.0.iter_mut().filter(|one| KINDS.contains(&one.kind())) {
            if one.name() == name || one.before.iter().any(|id| id.name == name) {
                one.body.set_at(&["spec", "replicas"], new.get("count").int());
                found = true;
            }
        }
        if !found {
            let kinds = KINDS.map(|kind| [kind, ".[noVer].[noGrp]"].concat()).join(" ");
            return Err(format!(
                "resource with name {name} does not match a config with the following GVK [{kinds}]"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn images_are_renamed() {
        let renamed = |image: &str, new: Value| {
            let mut image = Value::from(image);
            rename(&mut image, &new);
            image.str().to_string()
        };
        assert_eq!(renamed("nginx:1.27", value!({"name": "nginx", "newTag": "1.28"})), "nginx:1.28");
        assert_eq!(renamed("nginx", value!({"name": "nginx", "newName": "my.io:5000/n"})), "my.io:5000/n");
        assert_eq!(renamed("h:5000/n@sha256:a", value!({"name": "h:5000/n", "newTag": "2"})), "h:5000/n:2");
        assert_eq!(renamed("n:1", value!({"name": "n", "digest": "sha256:b"})), "n@sha256:b");
        assert_eq!(renamed("nginx-x:1", value!({"name": "nginx", "newTag": "2"})), "nginx-x:1");
    }
}
