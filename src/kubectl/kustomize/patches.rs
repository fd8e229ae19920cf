//! `patches`, `patchesStrategicMerge` and `patchesJson6902`.

use crate::apiserver::patch;
use crate::base::Value;

use super::merge::merge;
use super::resource::{Id, Resource};
use super::resources::Resources;
use super::root::Root;
use super::selector::Selector;
use super::{Outcome, read_objects};

/// A patch, read.
enum Patch {
    Strategic(Vec<Value>),
    Json(Value),
}

/// What comes before names and labels are changed: strategic merge patches, and `patches` of both kinds.
pub(super) fn apply(all: &mut Resources, root: &Root<'_>, kustomization: &Value) -> Outcome<()> {
    for entry in kustomization.get("patchesStrategicMerge").items() {
        for patch in strategic_merge(root, entry.str())? {
            let at = all.target(&Id::of(&patch))?;
            patch_one(all, at, &patch, &Value::Null);
        }
    }
    for entry in kustomization.get("patches").items() {
        let (patch, source) =
            read(root, entry).map_err(|why| configuring("PatchTransformer", &entry_text(entry), &why))?;
        one_entry(all, entry, &patch, &source)?;
    }
    Ok(())
}

/// The patches of `patchesJson6902`, which come after names and labels are changed.
pub(super) fn apply_json(all: &mut Resources, root: &Root<'_>, kustomization: &Value) -> Outcome<()> {
    for entry in kustomization.get("patchesJson6902").items() {
        let wrong = |why: &str| configuring("PatchJson6902Transformer", &entry_text(entry), why);
        let target = entry.get("target");
        let text = |field: &str| target.get(field).str().to_string();
        let id = Id {
            group: text("group"),
            version: text("version"),
            kind: text("kind"),
            name: text("name"),
            namespace: text("namespace"),
        };
        if id.name.is_empty() {
            return Err(wrong("must specify the target name"));
        }
        let (Patch::Json(steps), _) = read(root, entry).map_err(|why| wrong(&why))? else {
            return Err(wrong("patch is not a JSON patch"));
        };
        let at = all.target(&id)?;
        json_one(&mut all.0[at], &steps)?;
    }
    Ok(())
}

fn configuring(builtin: &str, config: &str, why: &str) -> String {
    ["trouble configuring builtin ", builtin, " with config: `\n", config, "`: ", why].concat()
}

/// The entry as kustomize shows it where it cannot be used.
fn entry_text(entry: &Value) -> String {
    crate::base::yaml::to_string(entry)
}

/// The patches of an entry of `patchesStrategicMerge`: a file, or the text itself.
fn strategic_merge(root: &Root<'_>, entry: &str) -> Outcome<Vec<Value>> {
    let wrong =
        |why: &str| configuring("PatchStrategicMergeTransformer", &["paths:\n- ", entry, "\n"].concat(), why);
    match root.load(entry) {
        Ok(text) => read_objects(&text).map_err(|why| wrong(&why)),
        Err(_) if entry.contains('\n') => read_objects(entry.as_bytes()).map_err(|why| wrong(&why)),
        Err(why) => Err(wrong(&why)),
    }
}

/// Reads an entry of `patches`; with it comes how kustomize names it in complaints.
fn read(root: &Root<'_>, entry: &Value) -> Outcome<(Patch, String)> {
    let (inline, path) = (entry.get("patch").str().trim(), entry.get("path").str());
    let (text, source) = match (inline.is_empty(), path.is_empty()) {
        (true, true) => return Err(["must specify one of patch and path in\n", &entry_text(entry)].concat()),
        (false, false) => {
            return Err(["patch and path can't be set at the same time\n", &entry_text(entry)].concat());
        }
        (false, true) => (inline.as_bytes().to_vec(), format!("[patch: {inline:?}]")),
        (true, false) => {
            let failed =
                |why: String| ["failed to get the patch file from path(", path, "): ", &why].concat();
            (root.load(path).map_err(failed)?, format!("[path: {path:?}]"))
        }
    };
    let steps = crate::base::yaml::read(&text).ok().map(|document| document.value);
    let patch = match (read_objects(&text), steps) {
        (_, Some(steps @ Value::List(_))) => Patch::Json(steps),
        (Ok(patches), _) => Patch::Strategic(patches),
        (Err(_), _) => return Err(["unable to parse SM or JSON patch from ", &source].concat()),
    };
    Ok((patch, source))
}

fn one_entry(all: &mut Resources, entry: &Value, patch: &Patch, source: &str) -> Outcome<()> {
    let (target, options) = (entry.get("target"), entry.get("options"));
    match patch {
        Patch::Json(_) if target.is_null() => Err(["must specify a target for JSON patch ", source].concat()),
        Patch::Json(steps) => {
            select(all, target)?.into_iter().try_for_each(|at| json_one(&mut all.0[at], steps))
        }
        Patch::Strategic(patches) if target.is_null() => {
            for patch in patches {
                let id = Id::of(patch);
                let at = all
                    .target(&id)
                    .map_err(|why| format!("no resource matches strategic merge patch \"{id}\": {why}"))?;
                patch_one(all, at, patch, options);
            }
            Ok(())
        }
        Patch::Strategic(patches) => {
            let [patch] = &patches[..] else {
                return Err(["Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: ", source].concat());
            };
            // From the end, since a patch may take objects away.
            for at in select(all, target)?.into_iter().rev() {
                patch_one(all, at, patch, options);
            }
            Ok(())
        }
    }
}

/// Merges a patch into an object, which keeps its name and kind unless `options` lets them go.
fn patch_one(all: &mut Resources, at: usize, patch: &Value, options: &Value) {
    let one = &mut all.0[at];
    let (name, namespace, kind) =
        (one.name().to_string(), one.body.at(&["metadata", "namespace"]).clone(), one.kind().to_string());
    let (new_name, new_kind) = (options.get("allowNameChange").bool(), options.get("allowKindChange").bool());
    if new_name || new_kind {
        one.remember();
    }
    let mut patch = patch.clone();
    patch.set("apiVersion", one.body.get("apiVersion"));
    let Some(body) = merge(&one.body, &patch) else {
        all.0.remove(at);
        return;
    };
    one.body = body;
    if !new_kind {
        one.body.set("kind", kind);
    }
    if !new_name {
        one.set_name(name);
    }
    match namespace {
        Value::Null => drop(one.body.entry("metadata").remove("namespace")),
        namespace => one.body.set_at(&["metadata", "namespace"], namespace),
    }
}

fn json_one(one: &mut Resource, steps: &Value) -> Outcome<()> {
    one.remember();
    one.body = patch::json(&one.body, steps)?;
    Ok(())
}

/// Where the objects are that a `target` selects.
fn select(all: &Resources, target: &Value) -> Outcome<Vec<usize>> {
    let selector = Selector::read(target)?;
    let selected = |one: &Resource| selector.matches(one, &[one.first_id(), one.id()]);
    Ok((0..all.0.len()).filter(|at| selected(&all.0[*at])).collect())
}
