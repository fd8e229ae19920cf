//! The figure of a cluster: a [`Snapshot`](crate::sim::Snapshot) becomes a [`Scene`], a tree of groups with stable ids,
//! and small writers make files of it.
//!
//! ```text
//! Snapshot ─ layout ─▶ Placement ─ scene ─▶ Scene ─ svg │ text │ drawio, and the page
//!               ▲           │
//!               └── next ───┘   what was there stays where it was
//! ```
//!
//! No browser and no font is asked for anything: widths of texts come from a table (`typeface`), colours are roles
//! (`theme`), and the same snapshots in the same order always give the same figure.

mod annex;
mod connections;
pub mod drawio;
mod field;
mod figure;
pub mod geometry;
mod grid;
mod layout;
mod pod;
mod route;
pub mod scene;
mod service;
pub mod shape;
pub mod svg;
pub mod text;
pub mod theme;
mod trace;
pub mod typeface;
mod words;

pub use drawio::drawio;
pub use figure::scene;
pub use layout::{Placement, layout};
pub use scene::Scene;
pub use svg::{svg, svg_with_drawio};
pub use text::text;
pub use theme::Theme;
pub use trace::trace;
pub use words::Language;

/// What of a cluster is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// The namespaces of Kubernetes itself, and its own Service.
    pub show_system: bool,
    /// Volumes that hold configuration: ConfigMaps, Secrets and the like.
    pub show_config: bool,
    /// The direct way from a client to the Pods behind a Service.
    pub show_direct: bool,
    /// The labels of Pods and the selectors of Services.
    pub show_selectors: bool,
    /// Deployments and the like above their Pods.
    pub show_owners: bool,
    /// Claims with their volumes and storage classes.
    pub show_storage: bool,
    /// NetworkPolicies.
    pub show_policies: bool,
    /// The Pods, by their places in the snapshot, between which the direct way is drawn whoever calls whom.
    pub trace: Option<(usize, usize)>,
    /// The language of its words.
    pub language: Language,
}

impl Default for Options {
    /// What the first view shows.
    fn default() -> Self {
        Self {
            show_system: false,
            show_config: false,
            show_direct: true,
            show_selectors: false,
            show_owners: false,
            show_storage: false,
            show_policies: true,
            trace: None,
            language: Language::En,
        }
    }
}

/// Layout and scene of a snapshot in one step, for a figure on its own.
pub fn draw(snapshot: &crate::sim::Snapshot, options: &Options) -> Scene {
    scene(snapshot, options, &layout(snapshot, options, None))
}
