//! The bar at the top.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::action::Action;
use super::layout::Preset;
use super::look::Theme;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The name of the cluster's profile.
    pub profile: String,
    /// How many nodes it has.
    pub nodes: usize,
    /// How the panels share the page.
    pub preset: Preset,
    /// The language of the page.
    pub language: Language,
    /// Its look.
    pub theme: Theme,
    /// What to do.
    pub act: Callback<Action>,
    /// Buttons of others.
    #[prop_or_default]
    pub children: Html,
}

/// Name, cluster, layout, language and look.
#[component]
pub fn Header(props: &Props) -> Html {
    let words = props.language.words();
    let chosen = |event: &Event| event.target_unchecked_into::<HtmlSelectElement>().value();
    let speak = props.act.reform(move |event: Event| Action::Speak(Language::of_tag(&chosen(&event))));
    let arrange = props.act.reform(move |event: Event| Action::Arrange(Preset::of_word(&chosen(&event))));
    let theme = props.theme;
    let look = props.act.reform(move |_: MouseEvent| Action::Look(theme.next()));
    let again = props.act.reform(|_: MouseEvent| Action::StartAgain);
    let palette = props.act.reform(|_: MouseEvent| Action::SetPalette(true));
    let nodes =
        if props.nodes == 1 { words.one_node } else { words.nodes }.replace("{}", &props.nodes.to_string());
    let sign = match theme {
        Theme::System => "◐",
        Theme::Light => "☀",
        Theme::Dark => "☾",
    };
    html! {
        <header class="bar">
            <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
                <path d="M16 1 28 7 31 20 23 31H9L1 20 4 7Z" />
                <path class="bean" d="M16 7l8 4v9l-8 5-8-5v-9zM8 11l8 5 8-5M16 16v9" />
            </svg>
            <h1>{"Saya"}</h1>
            <span class="chip">{format!("{} · {nodes}", props.profile)}</span>
            <span class="space"></span>
            {props.children.clone()}
            <button type="button" class="quiet again" onclick={again}>{words.start_again}</button>
            <select class="preset" aria-label={words.layout} onchange={arrange}>
                {for Preset::ALL.iter().map(|preset| html! {
                    <option value={preset.word()} selected={*preset == props.preset}>{preset.name(words)}</option>
                })}
            </select>
            <select aria-label={words.language} onchange={speak}>
                {for Language::ALL.iter().map(|(language, name)| html! {
                    <option value={language.tag()} selected={*language == props.language}>{*name}</option>
                })}
            </select>
            <button type="button" class="quiet icon" aria-label={words.theme} title={words.theme} onclick={look}>
                {sign}
            </button>
            <button type="button" class="quiet icon" aria-label={words.palette} title={format!("{} (Ctrl+K, ?)", words.palette)} onclick={palette}>
                {"?"}
            </button>
        </header>
    }
}
