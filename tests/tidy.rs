//! The order of the modules: each uses only what stands above it. ARCHITECTURE.md says what each is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from the ground up; those in one row are siblings and do not know of each other.
const ORDER: &[&[&str]] = &[
    &["base"],
    &["api"],
    &["resources"],
    &["apiserver"],
    &["network"],
    &["kubectl"],
    &["container"],
    &["programs"],
    &["images"],
    &["controllers"],
    &["scheduler"],
    &["kubelet"],
    &["cluster"],
    &["sim"],
    &["lesson", "share", "diagram"],
    &["cli", "ui"],
];

/// Names that say nothing about what is in a file.
const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "manager", "misc", "common", "stuff"];

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 20, "the sources are where this test looks");
    found
}

/// The top-level module that a file belongs to; none for `lib.rs` and `main.rs`.
fn module_of(path: &Path) -> Option<String> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main")).then(|| name.to_string())
}

/// The modules named in `crate::NAME` and `crate::{NAME…, NAME…}` of a text.
fn used(text: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_' || c.is_ascii_digit()).collect()
    };
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut begins = true;
                for (at, c) in list.char_indices() {
                    if begins && !c.is_whitespace() {
                        names.push(name(&list[at..]));
                        begins = false;
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        _ => {}
                    }
                }
            }
            None => names.push(name(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn no_arrow_points_up() {
    let mut wrong = Vec::new();
    for path in sources() {
        let Some(module) = module_of(&path) else { continue };
        let own = rank(&module).unwrap_or_else(|| panic!("src/{module} is not in this test's list"));
        let text = fs::read_to_string(&path).unwrap();
        for used in used(&text) {
            // Macros and names of the crate's root have no rank.
            let Some(rank) = rank(&used) else { continue };
            if used != module && rank >= own {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these use what stands below or beside them:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_used_is_found() {
    assert_eq!(
        used("use crate::base::Value;\nuse crate::{api::{Kind, Object}, sim};"),
        ["base", "api", "sim"]
    );
}

#[test]
fn names_say_what_is_inside() {
    for path in sources() {
        for part in path.iter().filter_map(|part| part.to_str()) {
            let stem = part.strip_suffix(".rs").unwrap_or(part);
            assert!(!VAGUE.contains(&stem), "{} has a name that says nothing", path.display());
        }
    }
}

#[test]
fn the_browser_is_known_to_the_page_alone() {
    let crates = ["web_sys", "gloo", "yew", "wasm_bindgen", "js_sys"];
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in sources().iter().filter(|path| module_of(path).is_none_or(|module| module != "ui")) {
        let text = fs::read_to_string(path).unwrap();
        for name in crates.iter().filter(|name| text.contains(&format!("{name}::"))) {
            found.entry(path.display().to_string()).or_default().push(name);
        }
    }
    assert!(found.is_empty(), "{found:?}");
}
