//! Time: play, pause, step, speed, and a slider over all that happened.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::base::SimTime;

use super::state::{Action, SPEEDS};
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What time it is.
    pub now: SimTime,
    /// The furthest moment that was reached.
    pub horizon: SimTime,
    /// True while time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: f64,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The bar below the figure.
#[component]
pub fn Timeline(props: &Props) -> Html {
    let words = props.language.words();
    let playing = props.playing;
    let toggle = props.act.reform(move |_: MouseEvent| Action::SetPlaying(!playing));
    let step = props.act.reform(|_: MouseEvent| Action::Step);
    let seek = props.act.reform(|event: InputEvent| {
        let millis: f64 = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Action::Seek(SimTime::from_millis(millis.max(0.0) as u64))
    });
    let speed = props.act.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::SetSpeed(chosen.parse().unwrap_or(1.0))
    });
    let millis = |at: SimTime| (at.0 / 1_000).to_string();
    html! {
        <div class="timeline">
            <button
                type="button"
                class="icon play"
                aria-label={if playing { words.pause } else { words.play }}
                title={if playing { words.pause } else { words.play }}
                onclick={toggle}
            >{if playing { "❚❚" } else { "▶" }}</button>
            <button type="button" class="icon" aria-label={words.step} title={words.step} onclick={step}>{"▸❙"}</button>
            <output class="clock">{clock(props.now)}</output>
            <input
                type="range"
                min="0"
                max={millis(props.horizon)}
                value={millis(props.now)}
                step="1"
                aria-label={words.time}
                aria-valuetext={clock(props.now)}
                oninput={seek}
            />
            <span class="clock end">{clock(props.horizon)}</span>
            <select aria-label={words.speed} onchange={speed}>
                {for SPEEDS.iter().map(|speed| html! {
                    <option value={speed.to_string()} selected={*speed == props.speed}>{format!("{speed}×")}</option>
                })}
            </select>
        </div>
    }
}

/// Minutes, seconds and tenths.
fn clock(at: SimTime) -> String {
    let tenths = at.0 / 100_000;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}
