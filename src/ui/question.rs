//! A question before something that cannot be seen coming, and notices.

use yew::prelude::*;

use super::action::Action;
use super::browser;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// When the simulation stands.
    pub at: String,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Asks whether what was done later may be cut off.
#[component]
pub fn Question(props: &Props) -> Html {
    let words = props.language.words();
    use_effect_with((), |_| browser::focus("question-yes"));
    let answer = |yes: bool| props.act.reform(move |_: MouseEvent| Action::Answer(yes));
    let keys = {
        let act = props.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            event.stop_propagation();
            if event.key() == "Escape" {
                act.emit(Action::Answer(false));
            }
        })
    };
    html! {
        <div class="veil">
            <div
                class="question"
                role="alertdialog"
                aria-modal="true"
                aria-labelledby="question-title"
                aria-describedby="question-text"
                onkeydown={keys}
            >
                <h2 id="question-title">{words.cut_title}</h2>
                <p id="question-text">{words.cut_text.replace("{}", &props.at)}</p>
                <p class="buttons">
                    <button type="button" onclick={answer(false)}>{words.cancel}</button>
                    <button type="button" id="question-yes" class="main" onclick={answer(true)}>{words.cut_yes}</button>
                </p>
            </div>
        </div>
    }
}
