//! `configMapGenerator` and `secretGenerator`.

use crate::api::base64;
use crate::base::{Map, Value};
use crate::kubectl::create::sources;
use crate::value;

use super::Outcome;
use super::resource::{Behavior, Resource};
use super::resources::Resources;
use super::root::Root;

/// Makes the objects of both generators.
pub(super) fn run(all: &mut Resources, root: &Root<'_>, kustomization: &Value) -> Outcome<()> {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for args in kustomization.get(field).items() {
            let new = generate(root, kind, args, kustomization.get("generatorOptions"))?;
            all.absorb(new).map_err(|why| ["merging from generator: ", &why].concat())?;
        }
    }
    Ok(())
}

fn generate(root: &Root<'_>, kind: &str, args: &Value, global: &Value) -> Outcome<Resource> {
    let name = args.get("name").str();
    if name.is_empty() {
        return Err("a configmap must have a name".into());
    }
    let mut body = value!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    if !args.get("namespace").is_empty() {
        body.set_at(&["metadata", "namespace"], args.get("namespace"));
    }
    if kind == "Secret" {
        body.set("type", args.get("type"));
        if body.get("type").is_empty() {
            body.set("type", "Opaque");
        }
    }
    for (key, bytes) in pairs(root, name, args)? {
        match String::from_utf8(bytes) {
            Ok(text) if kind == "ConfigMap" => body.set_at(&["data", &key], text),
            Ok(text) => body.set_at(&["data", &key], in_lines(text.as_bytes())),
            Err(error) => {
                let field = if kind == "ConfigMap" { "binaryData" } else { "data" };
                body.set_at(&[field, &key], in_lines(error.as_bytes()));
            }
        }
    }
    let own = args.get("options");
    for field in ["labels", "annotations"] {
        let all: Map = global.get(field).entries().chain(own.get(field).entries()).collect();
        if !all.is_empty() {
            body.set_at(&["metadata", field], all);
        }
    }
    let either = |field: &str| global.get(field).bool() || own.get(field).bool();
    if either("immutable") {
        body.set("immutable", true);
    }
    let behavior = Behavior::read(args.get("behavior").str());
    Ok(Resource { behavior, hashed: !either("disableNameSuffixHash"), ..Resource::new(body) })
}

/// Keys with their contents: of files of variables, literals and files, in this order.
fn pairs(root: &Root<'_>, name: &str, args: &Value) -> Outcome<Vec<(String, Vec<u8>)>> {
    let texts = |field: &str| args.get(field).items().iter().map(Value::str).collect::<Vec<_>>();
    let mut all = Vec::new();
    let mut envs = texts("envs");
    envs.extend(args.get("env").as_str());
    let loading = |what: &str, all: &[&str], why: String| {
        ["loading KV pairs: ", what, " [", &all.join(" "), "]: ", &why].concat()
    };
    for path in &envs {
        let text = root
            .load(path)
            .and_then(|bytes| sources::variables(&bytes, |_| String::new()).map_err(|error| error.message()));
        let pairs = text.map_err(|why| loading("env source files:", &envs, why))?;
        all.extend(pairs.into_iter().map(|(key, value)| (key, value.into_bytes())));
    }
    let literals = texts("literals");
    for text in &literals {
        let (key, value) =
            sources::literal(text).map_err(|error| loading("literal sources", &literals, error.message()))?;
        all.push((key.to_string(), value.as_bytes().to_vec()));
    }
    let files = texts("files");
    for source in &files {
        let pair = file(source).and_then(|(key, path)| Ok((key.to_string(), root.load(path)?)));
        all.push(pair.map_err(|why| loading("file sources:", &files, why))?);
    }
    for (at, (key, _)) in all.iter().enumerate() {
        sources::check_key(key).map_err(|why| format!("{key:?} is not a valid key name: {why}"))?;
        if all[..at].iter().any(|(other, _)| other == key) {
            return Err(["configmap ", name, " illegally repeats the key `", key, "`"].concat());
        }
    }
    Ok(all)
}

/// `PATH` or `KEY=PATH`.
fn file(source: &str) -> Outcome<(&str, &str)> {
    match source.split('=').collect::<Vec<_>>()[..] {
        [path] => Ok((path.rsplit('/').next().unwrap_or_default(), path)),
        ["", path] => Err(format!("missing key name for file path {path:?} in source {source:?}")),
        [key, ""] => Err(format!("missing file path for key name {key:?} in source {source:?}")),
        [key, path] => Ok((key, path)),
        _ => Err(format!("source {source:?} key name or file path contains '='")),
    }
}

/// Base64, in lines where it is long.
fn in_lines(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let text = base64::encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(LINE.min(rest.len()));
        lines += line;
        lines.push('\n');
        rest = more;
    }
    lines
}
