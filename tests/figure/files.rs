//! The files as other programs read them.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};
use saya::diagram::geometry::{Point, point};
use saya::diagram::svg::xml_id;
use saya::diagram::{Scene, Theme, drawio, svg, svg_with_drawio};

use crate::properties::figures;

fn some() -> impl Iterator<Item = (u64, Scene)> {
    figures().filter(|(seed, _)| seed % 8 < 2)
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or_default()
}

#[test]
fn svg_holds_every_group_and_every_word() {
    for (seed, scene) in some() {
        let file = svg(&scene, Theme::Dark);
        let document = Document::parse(&file).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut ids = BTreeMap::new();
        for node in document.descendants().filter(|node| node.is_element()) {
            let name = node.tag_name().name();
            let known =
                ["svg", "title", "desc", "rect", "g", "path", "text", "tspan", "ellipse"].contains(&name);
            assert!(known, "seed {seed}: a {name}");
            if let Some(id) = node.attribute("id") {
                assert!(ids.insert(id, node).is_none(), "seed {seed}: {id} twice");
            }
        }
        for placed in scene.groups().iter().skip(1) {
            let node = ids[xml_id(&placed.group.id).as_str()];
            let title = node.children().find(|child| child.has_tag_name("title"));
            let title = title.and_then(|title| title.text()).unwrap_or_default();
            assert_eq!(title, placed.group.label(), "seed {seed}");
        }
        let words: Vec<&str> = document
            .descendants()
            .filter(|node| node.has_tag_name("text") || node.has_tag_name("tspan"))
            .filter_map(|node| node.text())
            .collect();
        let lines: usize = scene.labels().iter().map(|(_, text)| text.lines.len()).sum();
        assert_eq!(words.len(), lines, "seed {seed}");
    }
}

/// A cell's place in the figure: that of its parents, and its own in them.
fn corner(cell: Node, cells: &BTreeMap<&str, Node>) -> Point {
    let mut place = point(0.0, 0.0);
    let mut at = Some(cell);
    while let Some(cell) = at {
        if let Some(geometry) = cell.children().find(|child| child.has_tag_name("mxGeometry")) {
            let number =
                |name| geometry.attribute(name).map_or(0.0, |value| value.parse::<f64>().expect("number"));
            place = point(place.x + number("x"), place.y + number("y"));
        }
        at = cell.attribute("parent").map(|parent| cells[parent]);
    }
    place
}

#[test]
fn drawio_holds_cells_that_are_attached() {
    for (seed, scene) in some() {
        let file = drawio(&scene);
        let document = Document::parse(&file).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut cells: BTreeMap<&str, Node> = BTreeMap::new();
        for cell in document.descendants().filter(|node| node.has_tag_name("mxCell")) {
            let id = attribute(cell, "id");
            if let Some(parent) = cell.attribute("parent") {
                assert!(cells.contains_key(parent), "seed {seed}: {id} comes before {parent}");
            }
            assert!(cells.insert(id, cell).is_none(), "seed {seed}: {id} twice");
        }
        for placed in scene.groups().iter().skip(1) {
            let cell = cells[placed.group.id.as_str()];
            assert!(corner(cell, &cells).distance(placed.at) < 0.1, "seed {seed}: {}", placed.group.id);
        }
        for (connection, _) in scene.connections() {
            let cell = cells[connection.id.as_str()];
            assert_eq!(attribute(cell, "source"), connection.from.group);
            assert_eq!(attribute(cell, "target"), connection.to.group);
            let geometry = cell.first_element_child().expect("geometry");
            assert_eq!((attribute(geometry, "relative"), attribute(geometry, "as")), ("1", "geometry"));
            let bends = geometry.descendants().filter(|node| node.has_tag_name("mxPoint")).count();
            assert_eq!(bends, connection.route.len() - 2, "seed {seed}: {}", connection.id);
        }
    }
}

#[test]
fn one_file_can_be_both() {
    let (_, scene) = figures().nth(6).expect("a figure");
    let file = svg_with_drawio(&scene, Theme::Light);
    let document = Document::parse(&file).expect("XML");
    assert_eq!(attribute(document.root_element(), "content"), drawio(&scene));
}
