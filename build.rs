//! Writes what `kubectl explain` says of each field, from k8s-openapi, to `field-docs.json` in the build's folder: the
//! native program holds it, and beside the page it lies as a file.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=schema");
    let folder = env::var("OUT_DIR").expect("cargo names the build's folder");
    let path = Path::new(&folder).join("field-docs.json");
    if let Err(error) = fs::write(&path, saya_schema::field_docs()) {
        panic!("{}: {error}", path.display());
    }
}
