//! What the page's own address asks for: `?lang= &theme= &embed= &view= &speed= &autoplay= &profile=`, and what stands
//! behind the `#`.

use web_sys::UrlSearchParams;

use crate::share::PANELS;

use super::look::Theme;
use super::words::Language;

/// What an address asks for. What it says wrongly is passed over, but for links.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// The language of the page.
    pub language: Option<Language>,
    /// Its look.
    pub theme: Option<Theme>,
    /// True in a frame of another page: no chrome, and nothing is kept.
    pub embedded: bool,
    /// The panels that are shown, in their order.
    pub view: Vec<String>,
    /// How fast time passes.
    pub speed: Option<f64>,
    /// Whether time goes on by itself.
    pub autoplay: Option<bool>,
    /// The profile of a cluster that begins.
    pub profile: Option<String>,
    /// What stands behind the `#`.
    pub fragment: String,
}

/// What a fragment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// Nothing.
    Nothing,
    /// A share, or something that wants to be one.
    Share,
    /// An example by its name.
    Example(&'a str),
    /// Something else.
    Other,
}

impl Address {
    /// The address of the page as it is now.
    pub fn read() -> Self {
        let location = gloo::utils::window().location();
        let search = location.search().unwrap_or_default();
        let hash = location.hash().unwrap_or_default();
        // Any text is a query.
        let Ok(query) = UrlSearchParams::new_with_str(&search) else { return Self::default() };
        let get = |name: &str| query.get(name).filter(|value| !value.is_empty());
        let yes = |value: String| !["0", "no", "false"].contains(&value.as_str());
        let mut view: Vec<String> = Vec::new();
        for word in get("view").unwrap_or_default().split([',', ' ']) {
            if PANELS.contains(&word) && !view.iter().any(|panel| panel == word) {
                view.push(word.into());
            }
        }
        Self {
            language: get("lang").map(|tag| Language::of_tag(&tag)),
            theme: get("theme").map(|word| Theme::of_word(&word)),
            embedded: get("embed").is_some_and(yes),
            view,
            speed: get("speed")
                .and_then(|text| text.parse().ok())
                .filter(|speed| (0.05..=60.0).contains(speed)),
            autoplay: get("autoplay").map(yes),
            profile: get("profile"),
            fragment: hash.strip_prefix('#').unwrap_or(&hash).to_string(),
        }
    }

    /// What its fragment names.
    pub fn named(&self) -> Named<'_> {
        match self.fragment.split_once('/') {
            _ if self.fragment.is_empty() => Named::Nothing,
            _ if self.fragment.starts_with("s=") => Named::Share,
            Some(("example", name)) => Named::Example(name),
            _ => Named::Other,
        }
    }
}
