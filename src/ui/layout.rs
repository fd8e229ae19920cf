//! How the panels share the page, and the bars between them.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::action::Action;
use super::words::Words;

/// How the panels share the page, in shares of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// What the page is used for.
    pub preset: Preset,
    /// The width of the files.
    pub files: f64,
    /// The height of the figure, of what is beside the files.
    pub figure: f64,
    /// The width of the terminals where the learner's browser stands beside them.
    pub terminals: f64,
}

/// What the page is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// All panels.
    Work,
    /// The left panel first: prose and figure.
    Read,
    /// Big type, the figure first: for a projector.
    Present,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 3] = [Preset::Work, Preset::Read, Preset::Present];

    /// The word that style sheet and storage know it by.
    pub fn word(self) -> &'static str {
        match self {
            Preset::Work => "work",
            Preset::Read => "read",
            Preset::Present => "present",
        }
    }

    /// What it is called.
    pub fn name(self, words: &Words) -> &'static str {
        match self {
            Preset::Work => words.layout_work,
            Preset::Read => words.layout_read,
            Preset::Present => words.layout_present,
        }
    }

    /// The preset of a word.
    pub fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|preset| preset.word() == word).unwrap_or(Preset::Work)
    }
}

impl Layout {
    /// The shares that a preset begins with.
    pub fn of(preset: Preset) -> Self {
        let (files, figure) = match preset {
            Preset::Work => (0.31, 0.56),
            Preset::Read => (0.42, 0.58),
            Preset::Present => (0.24, 0.66),
        };
        Self { preset, files, figure, terminals: 0.5 }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        format!("{} {:.4} {:.4} {:.4}", self.preset.word(), self.files, self.figure, self.terminals)
    }

    /// What was kept.
    pub fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut layout = Self::of(Preset::of_word(words.next().unwrap_or_default()));
        for bar in [Bar::Files, Bar::Figure, Bar::Terminals] {
            if let Some(share) = words.next().and_then(|word| word.parse().ok()) {
                layout.set(bar, share);
            }
        }
        layout
    }

    /// Moves a bar.
    pub fn set(&mut self, bar: Bar, share: f64) {
        match bar {
            Bar::Files => self.files = share.clamp(0.12, 0.7),
            Bar::Figure => self.figure = share.clamp(0.15, 0.85),
            Bar::Terminals => self.terminals = share.clamp(0.2, 0.8),
        }
    }

    /// The style of the page.
    pub fn style(&self) -> String {
        format!(
            "--files:{:.2}%;--figure:{:.4}fr;--rest:{:.4}fr;--terminals:{:.2}%",
            self.files * 100.0,
            self.figure,
            1.0 - self.figure,
            self.terminals * 100.0
        )
    }
}

/// A bar between two panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// To the right of the files.
    Files,
    /// Below the figure.
    Figure,
    /// Between the terminals and the learner's browser.
    Terminals,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Which bar.
    pub bar: Bar,
    /// Where it stands.
    pub share: f64,
    /// What it is called.
    pub name: &'static str,
    /// What to do.
    pub act: Callback<Action>,
}

/// A bar that is dragged, or moved by arrow keys.
#[component]
pub fn Splitter(props: &Props) -> Html {
    let (bar, share) = (props.bar, props.share);
    let across = bar != Bar::Figure;
    let grasp = Callback::from(|event: PointerEvent| {
        if let Some(element) = event.target_dyn_into::<Element>() {
            // A pointer that is gone cannot be held.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        event.prevent_default();
    });
    let drag = {
        let act = props.act.clone();
        Callback::from(move |event: PointerEvent| {
            let around = event.target_dyn_into::<HtmlElement>().and_then(|element| element.parent_element());
            let Some(around) = around.filter(|_| event.buttons() & 1 == 1) else { return };
            let bounds = around.get_bounding_client_rect();
            let share = if across {
                (f64::from(event.client_x()) - bounds.left()) / bounds.width()
            } else {
                (f64::from(event.client_y()) - bounds.top()) / bounds.height()
            };
            act.emit(Action::MoveBar(bar, share));
        })
    };
    let keys = {
        let act = props.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" | "ArrowUp" => -0.02,
                "ArrowRight" | "ArrowDown" => 0.02,
                _ => return,
            };
            event.prevent_default();
            act.emit(Action::MoveBar(bar, share + by));
        })
    };
    html! {
        <div
            class={classes!("splitter", if across { "across" } else { "down" })}
            role="separator"
            tabindex="0"
            aria-orientation={if across { "vertical" } else { "horizontal" }}
            aria-label={props.name}
            aria-valuenow={format!("{:.0}", share * 100.0)}
            aria-valuemin="12"
            aria-valuemax="85"
            onpointerdown={grasp}
            onpointermove={drag}
            onkeydown={keys}
        ></div>
    }
}
