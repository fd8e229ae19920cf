//! A file compared with the live objects, with what was applied last, or with another file.

use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::sim::compare::{Against, Line};

use super::action::Action;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The open file.
    pub path: String,
    /// The paths of all files.
    pub files: Vec<String>,
    /// What it is compared with; a text is a path here.
    pub against: Against,
    /// What differs.
    pub lines: Rc<Vec<Line>>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

const LIVE: &str = "*live";
const LAST: &str = "*last";

/// The lines that differ, marked.
#[component]
pub fn Compare(props: &Props) -> Html {
    let words = props.language.words();
    let chosen = match &props.against {
        Against::Live => LIVE,
        Against::LastApplied => LAST,
        Against::Text(path) => path,
    };
    let choose = props.act.reform(|event: Event| {
        Action::Compare(Some(match event.target_unchecked_into::<HtmlSelectElement>().value() {
            word if word == LIVE => Against::Live,
            word if word == LAST => Against::LastApplied,
            path => Against::Text(path),
        }))
    });
    let close = props.act.reform(|_: MouseEvent| Action::Compare(None));
    let option = |value: &str, name: &str| {
        html! {
            <option value={value.to_string()} selected={value == chosen}>{name.to_string()}</option>
        }
    };
    html! {
        <section class="compare" aria-label={words.compare}>
            <div class="title">
                <label>
                    {format!("{} ↔ ", props.path)}
                    <select aria-label={words.compare} onchange={choose}>
                        {option(LIVE, words.against_live)}
                        {option(LAST, words.against_last)}
                        {for props.files.iter().filter(|path| **path != props.path).map(|path| option(path, path))}
                    </select>
                </label>
                <span class="space"></span>
                <button type="button" class="quiet icon" aria-label={words.close} title={words.close} onclick={close}>{"×"}</button>
            </div>
            <pre class="diff" tabindex="0" role="region" aria-label={format!("{}: {}", words.compare, props.path)}>
                if props.lines.is_empty() {
                    {words.no_difference}
                }
                {for props.lines.iter().map(|(mark, line)| {
                    let class = match mark {
                        '+' => "new",
                        '-' => "old",
                        '@' => "head",
                        _ => "",
                    };
                    let sign = if *mark == '@' { String::new() } else { format!("{mark} ") };
                    html! { <span class={class}>{format!("{sign}{line}\n")}</span> }
                })}
            </pre>
        </section>
    }
}
