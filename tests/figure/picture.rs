//! Figures as an independent reader sees them: usvg reads the SVG and lays out its text with real fonts, resvg paints it.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Group, Node, Options, Tree};
use saya::diagram::geometry::{Point, Rect, point, rect};
use saya::diagram::scene::{Kind, State};
use saya::diagram::theme::Fill;
use saya::diagram::{Theme, draw, svg, svg_with_drawio};

use crate::{cases, options};

/// Fonts whose letters are as wide as Helvetica's.
const FONTS: [&str; 4] = ["Helvetica", "Arial", "Liberation Sans", "Arimo"];

/// What reads figures, and whether this machine has fonts of Helvetica's widths.
fn reader() -> (Options<'static>, bool) {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_system_fonts();
    let has =
        |name: &&&str| fonts.faces().any(|face| face.families.iter().any(|(family, _)| family == *name));
    let found = FONTS.iter().find(has).copied();
    fonts.set_sans_serif_family(found.unwrap_or("Noto Sans"));
    (options, found.is_some())
}

/// Every text with its box in the figure.
fn texts(group: &Group, all: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => texts(group, all),
            Node::Text(text) => {
                let said = text.chunks().iter().map(|chunk| chunk.text()).collect::<Vec<_>>().join(" ");
                let b = text.abs_bounding_box();
                let number = |value: f32| f64::from(value);
                all.push((said, rect(number(b.x()), number(b.y()), number(b.width()), number(b.height()))));
            }
            _ => {}
        }
    }
}

#[test]
fn words_are_drawn_where_and_as_wide_as_the_layout_has_them() {
    let (options_of_reader, has_fonts) = reader();
    for (name, snapshot) in cases::all() {
        let scene = draw(&snapshot, &options(name));
        let tree = Tree::from_str(&svg(&scene, Theme::Light), &options_of_reader).expect(name);
        let mut found = Vec::new();
        texts(tree.root(), &mut found);
        if !has_fonts {
            println!("none of {FONTS:?} is on this machine: widths are not compared");
            continue;
        }
        let labels = scene.labels();
        for (bounds, text) in &labels {
            // Fonts for East Asian scripts are another matter.
            let words = text.lines.join(" ");
            if !words.is_ascii() {
                continue;
            }
            let near =
                |(said, at): &&(String, Rect)| *said == words && at.center().distance(bounds.center()) < 8.0;
            let Some((_, at)) = found.iter().find(near) else {
                panic!("{name}: {words:?} is not at {bounds:?}: {found:?}")
            };
            let most = bounds.width * 0.02 + 1.0;
            assert!((at.width - bounds.width).abs() <= most, "{name}: {words:?} is {} wide", at.width);
        }
        assert_eq!(found.len(), labels.len(), "{name}");
    }
}

/// The colour at a place, as red, green and blue.
fn colour(pixels: &Pixmap, at: Point) -> [u8; 3] {
    let found = pixels.pixel((at.x * 2.0) as u32, (at.y * 2.0) as u32).expect("in the picture").demultiply();
    [found.red(), found.green(), found.blue()]
}

fn painted(text: &str) -> Pixmap {
    let tree = Tree::from_str(text, &reader().0).expect("an SVG");
    let size = tree.size();
    let mut pixels = Pixmap::new((size.width() * 2.0) as u32, (size.height() * 2.0) as u32).expect("a size");
    resvg::render(&tree, Transform::from_scale(2.0, 2.0), &mut pixels.as_mut());
    pixels
}

fn rgb(hex: &str) -> [u8; 3] {
    let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect(hex);
    [part(1), part(3), part(5)]
}

#[test]
fn boxes_icons_and_states_are_painted_where_the_scene_has_them() {
    for name in ["database", "states", "nodes-down", "owners", "load-balancer"] {
        let (_, snapshot) = cases::all().into_iter().find(|(case, _)| *case == name).expect(name);
        let scene = draw(&snapshot, &options(name));
        for theme in [Theme::Light, Theme::Dark] {
            let file = svg(&scene, theme);
            let pixels = painted(&file);
            assert_eq!(
                (pixels.width(), pixels.height()),
                ((scene.width * 2.0) as u32, (scene.height * 2.0) as u32)
            );
            let paper = rgb(theme.fill(Fill::Paper));
            assert_eq!(colour(&pixels, point(3.0, 3.0)), paper, "{name}: the paper");
            for placed in scene.groups() {
                let (bounds, id) = (placed.bounds(), &placed.group.id);
                match placed.group.kind {
                    // The blue of the icon at the corner, beside its glyph.
                    Kind::Node | Kind::Pod if !placed.group.faded => {
                        let icon = placed.group.shapes[1].bounds.shifted(placed.at);
                        let found = colour(&pixels, icon.at(point(0.12, 0.6)));
                        assert_eq!(found, rgb("#2875E2"), "{name}: the icon of {id}");
                    }
                    Kind::Container if placed.group.state != State::Normal => {
                        let fill = placed.group.shapes[0].fill;
                        let found = colour(&pixels, bounds.at(point(0.5, 0.15)));
                        assert_eq!(found, rgb(theme.fill(fill)), "{name}: {id}");
                        assert_ne!(found, paper, "{name}: {id} is painted");
                    }
                    _ => {}
                }
            }
            // The same picture, whatever else is in the file.
            let both = painted(&svg_with_drawio(&scene, theme));
            assert!(both.data() == pixels.data(), "{name}: .drawio.svg is the same picture");
        }
    }
}
