//! A kustomization built: what it gathers, and what is done to it in which order.

use crate::base::Value;

use super::resource::Resource;
use super::resources::Resources;
use super::root::Root;
use super::{Outcome, generators, images, kustomization, labels, names, order, patches, read_objects};
use super::{references, replacements};

/// Builds the kustomization of a folder.
pub(super) fn build(root: &Root<'_>, warnings: &mut Vec<String>) -> Outcome<Vec<Resource>> {
    let kustomization = kustomization::read(root, warnings)?;
    let mut all = gather(root, &kustomization, Resources::default(), warnings)?;
    names::add_hashes(&mut all);
    references::mend(&mut all)?;
    let local = "config.kubernetes.io/local-config";
    all.0.retain(|one| matches!(one.body.at(&["metadata", "annotations", local]).str(), "" | "false"));
    order::sort(&mut all.0, kustomization.get("sortOptions"))?;
    Ok(all.0)
}

/// Gathers objects and changes them; a component goes on with those that are there already.
fn gather(
    root: &Root<'_>,
    kustomization: &Value,
    mut all: Resources,
    warnings: &mut Vec<String>,
) -> Outcome<Resources> {
    for path in kustomization.get("resources").items() {
        resource(root, path.str(), &mut all, warnings)
            .map_err(|why| ["accumulating resources: ", &why].concat())?;
    }
    generators::run(&mut all, root, kustomization)?;
    for path in kustomization.get("components").items() {
        let failed = |why: String| ["accumulating components: ", &why].concat();
        let folder = root.folder(path.str()).map_err(|why| failed(format!("loader.New {why:?}")))?;
        all = folder_of(&folder, Some(all), warnings)
            .map_err(|why| failed(format!("accumulateDirectory: {why:?}")))?;
    }
    patches::apply(&mut all, root, kustomization)?;
    names::set_namespace(&mut all, kustomization.get("namespace").str())?;
    names::affix(&mut all, kustomization);
    labels::apply(&mut all, kustomization)?;
    patches::apply_json(&mut all, root, kustomization)?;
    images::set_replicas(&mut all, kustomization.get("replicas"))?;
    images::set(&mut all, kustomization.get("images"))?;
    replacements::apply(&mut all, root, kustomization.get("replacements"))?;
    Ok(all)
}

/// A file with objects, or a folder with a kustomization of its own.
fn resource(root: &Root<'_>, path: &str, all: &mut Resources, warnings: &mut Vec<String>) -> Outcome<()> {
    let Err((file, is_malformed)) = file(root, path, all) else { return Ok(()) };
    if file.starts_with("Saya ") {
        return Err(file);
    }
    let tried = |why: String| ["accumulation err='", &file, "': ", &why].concat();
    let folder = match root.folder(path) {
        Err(_) if is_malformed => return Err(file),
        folder => folder.map_err(tried)?,
    };
    let below = folder_of(&folder, None, warnings).map_err(tried)?;
    all.append_all(below)
        .map_err(|why| tried(["recursed merging from path '", &folder.path, "': ", &why].concat()))
}

/// Adds the objects of a file; with its complaint comes whether the file is no YAML.
fn file(root: &Root<'_>, path: &str, all: &mut Resources) -> Result<(), (String, bool)> {
    let failed = |why: &str| ["accumulating resources from '", path, "': ", why].concat();
    let text = root.load(path).map_err(|why| match why.starts_with("Saya ") {
        true => (why, false),
        false => (failed(&why), false),
    })?;
    let objects = read_objects(&text).map_err(|why| match why.starts_with("yaml: ") {
        true => (failed(&["MalformedYAMLError: ", &why, " in File: ", path].concat()), true),
        false => (failed(&why), false),
    })?;
    let mut new = Resources::default();
    for object in objects {
        new.append(Resource::new(object)).map_err(|why| (failed(&why), false))?;
    }
    all.append_all(new).map_err(|why| (["merging resources from '", path, "': ", &why].concat(), false))
}

/// What the kustomization of another folder makes, or the component there of what is given.
fn folder_of(folder: &Root<'_>, given: Option<Resources>, warnings: &mut Vec<String>) -> Outcome<Resources> {
    let path = &folder.path;
    let kustomization = kustomization::read(folder, warnings)
        .map_err(|why| ["couldn't make target for path '", path, "': ", &why].concat())?;
    match (kustomization.get("kind").str(), &given) {
        ("Component", None) => return Err(["expected kind != 'Component' for path '", path, "'"].concat()),
        (kind, Some(_)) if kind != "Component" => {
            return Err(["expected kind 'Component' for path '", path, "' but got '", kind, "'"].concat());
        }
        _ => {}
    }
    gather(folder, &kustomization, given.unwrap_or_default(), warnings)
        .map_err(|why| ["recursed accumulation of path '", path, "': ", &why].concat())
}
