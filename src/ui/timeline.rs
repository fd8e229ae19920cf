//! Time: play, pause, step, back, speed, and a slider over all that happened with marks for what mattered.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::base::SimTime;
use crate::sim::moments::{Deed, Moment};

use super::action::Action;
use super::frame::SPEEDS;
use super::words::{Language, Words};

/// How many marks are shown: the last ones.
const MARKS: usize = 120;

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
    /// What mattered.
    pub moments: Vec<Moment>,
    /// When something was typed or saved.
    pub inputs: Vec<SimTime>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
    /// Buttons of others.
    #[prop_or_default]
    pub children: Html,
}

/// What a deed is called.
pub fn name(deed: Deed, words: &Words) -> &'static str {
    match deed {
        Deed::Created => words.mark_created,
        Deed::Failed => words.mark_failed,
        Deed::Healed => words.mark_healed,
        Deed::Ready => words.mark_ready,
        Deed::Gone => words.mark_gone,
    }
}

/// The bar below the figure.
#[component]
pub fn Timeline(props: &Props) -> Html {
    let words = props.language.words();
    let playing = props.playing;
    let toggle = props.act.reform(move |_: MouseEvent| Action::SetPlaying(!playing));
    let step = props.act.reform(|_: MouseEvent| Action::Step);
    let back = props.act.reform(|_: MouseEvent| Action::StepBack);
    let horizon = props.horizon;
    let end = props.act.reform(move |_: MouseEvent| Action::Seek(horizon));
    let seek = props.act.reform(|event: InputEvent| {
        let millis: f64 = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
        Action::Seek(SimTime::from_millis(millis.max(0.0) as u64))
    });
    let keys = {
        let act = props.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            let action = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => Action::Jump(-5_000),
                "ArrowRight" | "ArrowUp" => Action::Jump(5_000),
                " " => Action::SetPlaying(!playing),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            act.emit(action);
        })
    };
    let speed = props.act.reform(|event: Event| {
        let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::SetSpeed(chosen.parse().unwrap_or(1.0))
    });
    let millis = |at: SimTime| (at.0 / 1_000).to_string();
    let share = |at: SimTime| format!("left:{:.3}%", at.0 as f64 / props.horizon.0.max(1) as f64 * 100.0);
    let first = props.moments.len().saturating_sub(MARKS);
    let past = props.now < props.horizon;
    html! {
        <div class="timeline">
            <button
                type="button"
                class="icon play"
                aria-label={if playing { words.pause } else { words.play }}
                title={if playing { words.pause } else { words.play }}
                onclick={toggle}
            >{if playing { "❚❚" } else { "▶" }}</button>
            <button type="button" class="icon" aria-label={words.step_back} title={words.step_back} onclick={back}>
                {"❙◂"}
            </button>
            <button type="button" class="icon" aria-label={words.step} title={words.step} onclick={step}>{"▸❙"}</button>
            <output class={classes!("clock", past.then_some("past"))}>{clock(props.now)}</output>
            <div class="track">
                <div class="marks">
                    {for props.inputs.iter().map(|at| html! { <i class="input" style={share(*at)}></i> })}
                    {for props.moments[first..].iter().map(|moment| {
                        let at = moment.at;
                        let go = props.act.reform(move |_: MouseEvent| Action::Seek(at));
                        let what = format!("{} {} {}", clock(at), moment.pod.name, name(moment.deed, words));
                        html! {
                            <button
                                type="button"
                                tabindex="-1"
                                class={classes!("mark", moment.deed.word())}
                                style={share(at)}
                                title={what.clone()}
                                aria-label={what}
                                onclick={go}
                            ></button>
                        }
                    })}
                </div>
                <input
                    type="range"
                    min="0"
                    max={millis(props.horizon)}
                    value={millis(props.now)}
                    step="1"
                    aria-label={words.time}
                    aria-valuetext={clock(props.now)}
                    oninput={seek}
                    onkeydown={keys}
                />
            </div>
            <button type="button" class="clock end quiet" aria-label={format!("{}: {}", words.to_now, clock(props.horizon))} title={words.to_now} onclick={end}>
                {clock(props.horizon)}
            </button>
            <select aria-label={words.speed} onchange={speed}>
                {for SPEEDS.iter().map(|speed| html! {
                    <option value={speed.to_string()} selected={*speed == props.speed}>{format!("{speed}×")}</option>
                })}
            </select>
            {props.children.clone()}
        </div>
    }
}

/// Minutes, seconds and tenths.
pub fn clock(at: SimTime) -> String {
    let tenths = at.0 / 100_000;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}
