//! A figure as a PNG, by resvg. Its letters come from the fonts of this machine.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, ID, Query};
use resvg::usvg::{FontResolver, Options, Tree};

/// So many pixels a pixel of the figure: sharp on paper and on dense screens.
const SCALE: f32 = 2.0;
/// The largest side, in pixels: beyond, the figure is drawn smaller.
const LARGEST: f32 = 16_000.0;

/// Where Helvetica itself is not there: what has its widths, then what many machines have.
const LATIN: &[&str] =
    &["Helvetica", "Arial", "Liberation Sans", "Nimbus Sans", "Arimo", "Noto Sans", "DejaVu Sans"];
/// Fonts without serifs for East Asian names: of Debian, of Windows, of macOS.
const EAST_ASIAN: &[&str] = &[
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Yu Gothic",
    "Hiragino Sans",
    "IPAGothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "NanumGothic",
];

/// A picture, and what had better be said about it.
pub(super) struct Picture {
    pub png: Vec<u8>,
    pub warnings: Vec<String>,
}

fn family(fonts: &Database, name: &str) -> Option<ID> {
    fonts.query(&Query { families: &[Family::Name(name)], ..Query::default() })
}

/// Paints an SVG.
///
/// # Errors
/// Why it cannot be painted.
pub(super) fn paint(svg: &str) -> Result<Picture, String> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_system_fonts();
    let any = || fonts.faces().next().and_then(|face| Some(face.families.first()?.0.clone()));
    let latin = LATIN.iter().find(|name| family(fonts, name).is_some());
    let mut warnings = Vec::new();
    match latin.map(|name| (*name).to_string()).or_else(any) {
        Some(name) => {
            fonts.set_sans_serif_family(&name);
            fonts.set_serif_family(name);
        }
        None => warnings.push("there are no fonts on this machine: the picture has no words".into()),
    }
    let missing = Arc::new(Mutex::new(BTreeSet::new()));
    let others = FontResolver::default_fallback_selector();
    let told = missing.clone();
    options.font_resolver.select_fallback = Box::new(move |character, used, fonts| {
        // One that turns out not to have the character is among the used ones when this is asked again.
        let east_asian = if character >= '\u{2e80}' { EAST_ASIAN } else { &[] };
        let mut known = east_asian.iter().filter_map(|name| family(fonts, name));
        let found = known.find(|id| !used.contains(id)).or_else(|| others(character, used, fonts));
        if found.is_none()
            && let Ok(mut missing) = told.lock()
        {
            missing.insert(character);
        }
        found
    });
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let size = tree.size();
    let scale = SCALE.min(LARGEST / size.width().max(size.height()));
    let whole = |side: f32| (side * scale).ceil() as u32;
    let mut pixels = Pixmap::new(whole(size.width()), whole(size.height())).ok_or("it has no size")?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let missing: String = missing.lock().map(|missing| missing.iter().take(8).collect()).unwrap_or_default();
    if !missing.is_empty() {
        warnings.push(format!("no font on this machine has {missing}: boxes stand in their place"));
    }
    let mut png = pixels.encode_png().map_err(|error| error.to_string())?;
    png.splice(AFTER_HEADER..AFTER_HEADER, density(scale));
    Ok(Picture { png, warnings })
}

/// Where the first chunk after a PNG's header begins.
const AFTER_HEADER: usize = 8 + 25;

/// The chunk that says how large a pixel is: so a figure on paper is as large as on a screen of 96 dots an inch, its names
/// in letters of 9 points.
fn density(scale: f32) -> Vec<u8> {
    let per_metre = (f64::from(scale) * 96.0 / 0.0254).round() as u32;
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.to_be_bytes().repeat(2));
    chunk.push(1);
    let sum = !chunk.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 * (sum & 1)))
    });
    [&9_u32.to_be_bytes()[..], &chunk, &sum.to_be_bytes()].concat()
}
