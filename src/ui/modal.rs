//! A dialog over everything else.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::browser;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its title.
    pub title: &'static str,
    /// True where it must not be passed over.
    #[prop_or_default]
    pub alert: bool,
    /// The word on the button that closes it.
    pub close_word: &'static str,
    /// What to do when it closes.
    pub close: Callback<()>,
    /// What it says.
    pub children: Html,
}

/// A dialog with a title and a button that closes it, as Escape does.
#[component]
pub fn Modal(props: &Props) -> Html {
    let place = use_node_ref();
    use_effect_with((), {
        let place = place.clone();
        move |()| place.cast::<HtmlDialogElement>().iter().for_each(browser::show_modal)
    });
    // Its keys are its own.
    let keys = Callback::from(|event: KeyboardEvent| event.stop_propagation());
    let cancel = props.close.reform(|event: Event| event.prevent_default());
    html! {
        <dialog
            ref={place}
            class="modal"
            role={props.alert.then_some("alertdialog")}
            aria-labelledby="modal-title"
            onkeydown={keys}
            oncancel={cancel}
        >
            <h2 id="modal-title">{props.title}</h2>
            {props.children.clone()}
            <p class="buttons">
                <button type="button" onclick={props.close.reform(|_: MouseEvent| ())}>{props.close_word}</button>
            </p>
        </dialog>
    }
}
