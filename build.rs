//! What is made of our own files before they are compiled, in the build's folder:
//!
//! - `field-docs.json`: what `kubectl explain` says of each field, from k8s-openapi. The native program holds it; beside the
//!   page it lies as a file.
//! - `profiles/NAME.json`: the clusters' profiles, so that no reader of YAML is in the page for them. A file of several
//!   documents becomes a list.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;

const PROFILES: &str = "src/cluster/profiles";

fn main() {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed={PROFILES}");
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the build's folder"));
    write(&folder.join("field-docs.json"), &saya_schema::field_docs());
    let profiles = folder.join("profiles");
    fs::create_dir_all(&profiles).unwrap_or_else(|error| panic!("{}: {error}", profiles.display()));
    for entry in fs::read_dir(PROFILES).unwrap_or_else(|error| panic!("{PROFILES}: {error}")).flatten() {
        let path = entry.path();
        if let Some(name) = path.file_stem() {
            write(&profiles.join(format!("{}.json", name.display())), &as_json(&path));
        }
    }
}

/// The YAML file as JSON.
fn as_json(path: &Path) -> String {
    let wrong = |error: &dyn std::fmt::Display| -> ! { panic!("{}: {error}", path.display()) };
    let text = fs::read_to_string(path).unwrap_or_else(|error| wrong(&error));
    let mut documents: Vec<Value> = serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| wrong(&error)))
        .collect();
    match documents.len() {
        1 => documents.remove(0).to_string(),
        _ => Value::from(documents).to_string(),
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
