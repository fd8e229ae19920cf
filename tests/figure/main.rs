//! The figure: golden files, and what must hold for every cluster.

mod cases;
mod cluster;
mod files;
mod picture;
mod properties;
mod random;
mod stability;

use std::path::PathBuf;

use saya::diagram::{Options, Theme, draw, drawio, svg, svg_with_drawio, text};

fn golden(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/figure").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, found).expect("golden file");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name} is not what it was; UPDATE=1 writes it anew");
}

/// A few that together show everything there is to draw; small enough to be read when they change.
const GOLDEN: [&str; 14] = [
    "after-init",
    "before-init",
    "database",
    "long-names",
    "namespaces",
    "node-port",
    "nodes-down",
    "owners",
    "policies",
    "port-forward",
    "replaced",
    "states",
    "storage",
    "two-nodes",
];

#[test]
fn figures_are_as_they_were() {
    // To look at them all: LOOK=a-folder.
    let look = std::env::var_os("LOOK").map(PathBuf::from);
    for (name, snapshot) in cases::all() {
        let scene = draw(&snapshot, &options(name));
        if let Some(folder) = &look {
            std::fs::write(folder.join(format!("{name}.drawio")), drawio(&scene)).expect("folder");
            let both = svg_with_drawio(&scene, Theme::Light);
            std::fs::write(folder.join(format!("{name}.drawio.svg")), both).expect("folder");
            for (theme, end) in [(Theme::Light, ""), (Theme::Dark, "-dark")] {
                std::fs::write(folder.join(format!("{name}{end}.svg")), svg(&scene, theme)).expect("folder");
            }
        }
        if GOLDEN.contains(&name) {
            golden(&format!("{name}.svg"), &svg(&scene, Theme::Light));
            golden(&format!("{name}.txt"), &text(&scene));
        }
    }
}

#[test]
fn random_clusters_can_be_looked_at() {
    let Some(folder) = std::env::var_os("LOOK").map(PathBuf::from) else { return };
    for (seed, scene) in properties::figures() {
        std::fs::write(folder.join(format!("random-{seed}.svg")), svg(&scene, Theme::Light)).expect("folder");
    }
}

fn options(case: &str) -> Options {
    Options {
        show_system: case == "namespaces",
        show_owners: case == "owners",
        show_storage: case == "storage",
        show_selectors: case == "policies",
        ..Options::default()
    }
}
