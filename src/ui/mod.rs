//! The page: a Yew single-page app over the library. It holds no knowledge of clusters: it shows a
//! [`Session`](crate::sim::Session) and hands it what people do.
//!
//! One [`State`](state::State), one [`Action`](state::Action), one `reduce`; the components only draw.

mod action;
mod address;
mod app;
mod arrival;
mod browser;
mod code;
mod commands;
mod compare;
mod course;
mod editor;
mod exchange;
mod figure;
mod files;
mod flights;
mod frame;
mod header;
mod inspector;
mod keeping;
mod layout;
mod lesson;
mod line;
mod look;
mod modal;
mod palette;
mod panic;
mod prose;
mod question;
mod reduce;
mod scroll_back;
mod share;
mod state;
mod story;
mod talks;
mod terminal;
mod timeline;
mod traffic;
mod tree;
mod typing;
mod undo;
mod window;
mod words;
mod zip;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the page in the document's body.
pub fn mount() {
    panic::watch();
    yew::Renderer::<app::App>::new().render();
}

/// The simulation that a log's text makes, apart from the page's own: for bug reports, for the test that the page and
/// the native program agree, and for what it costs.
#[wasm_bindgen]
pub struct Replay(crate::sim::Sim);

#[wasm_bindgen]
impl Replay {
    /// The log's simulation at `seconds`.
    ///
    /// # Errors
    /// The text of what is wrong with the log.
    #[wasm_bindgen(constructor)]
    pub fn new(log: &str, seconds: f64) -> Result<Replay, String> {
        let log: crate::sim::Log = log.parse().map_err(|error: crate::sim::LogError| error.to_string())?;
        let until = crate::base::SimTime((seconds * 1e6) as u64);
        crate::sim::replay(&log, until).map(Replay).map_err(|error| error.to_string())
    }
    /// Equal for equal simulations, here and in the native program.
    pub fn digest(&self) -> String {
        self.0.digest().to_string()
    }
}

/// Fails on purpose: for the test of what a person sees then.
#[wasm_bindgen]
pub fn fail(why: &str) {
    panic!("{why}");
}
