//! The terminals: what was printed, and a line to type in.

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::sim::Screen;

use super::state::Action;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The open terminals.
    pub screens: Vec<Screen>,
    /// Commands worth trying.
    pub suggestions: &'static [&'static str],
    /// True while the simulation stands in its own past.
    pub past: bool,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Terminals side by side.
#[component]
pub fn Terminals(props: &Props) -> Html {
    let words = props.language.words();
    let open = props.act.reform(|_: MouseEvent| Action::OpenTerminal);
    let alone = props.screens.len() == 1;
    html! {
        <div class="terminals">
            {for props.screens.iter().map(|screen| {
                let number = screen.number;
                let close = props.act.reform(move |_: MouseEvent| Action::CloseTerminal(number));
                html! {
                    <section key={number} class="terminal" aria-label={format!("{} {number}", words.terminal)}>
                        <div class="title">
                            <span>{format!("{} {number}", words.terminal)}</span>
                            <span class="space"></span>
                            if alone {
                                <button
                                    type="button"
                                    class="icon"
                                    aria-label={words.new_terminal}
                                    title={words.new_terminal}
                                    onclick={open.clone()}
                                >{"+"}</button>
                            } else {
                                <button
                                    type="button"
                                    class="icon"
                                    aria-label={words.close_terminal}
                                    title={words.close_terminal}
                                    onclick={close}
                                >{"×"}</button>
                            }
                        </div>
                        if props.past {
                            <p class="past" role="status">{words.cuts_future}</p>
                        }
                        <Lines
                            screen={screen.clone()}
                            suggestions={if number == 1 { props.suggestions } else { &[] }}
                            language={props.language}
                            act={props.act.clone()}
                        />
                    </section>
                }
            })}
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LinesProps {
    screen: Screen,
    suggestions: &'static [&'static str],
    language: Language,
    act: Callback<Action>,
}

/// The lines of one terminal, and the one being typed.
#[component]
fn Lines(props: &LinesProps) -> Html {
    let words = props.language.words();
    let number = props.screen.number;
    let place = use_node_ref();
    let input = use_node_ref();
    // Lines that were typed before, and which of them is shown again.
    let history = use_mut_ref(Vec::<String>::new);
    let recalled = use_mut_ref(|| None::<usize>);

    use_effect_with(props.screen.length, {
        let place = place.clone();
        move |_| {
            if let Some(place) = place.cast::<HtmlElement>() {
                place.set_scroll_top(place.scroll_height());
            }
        }
    });

    let onkeydown = {
        let (act, input, history) = (props.act.clone(), input.clone(), history.clone());
        Callback::from(move |event: KeyboardEvent| {
            // Enter that chooses a word of an input method is no Enter of ours.
            if event.is_composing() || event.key_code() == 229 {
                return;
            }
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            let control = |key: char| act.emit(Action::TypeControl(number, key));
            match (event.key().as_str(), event.ctrl_key()) {
                ("Enter", _) => {
                    let line = field.value();
                    if !line.trim().is_empty() {
                        history.borrow_mut().push(line.clone());
                    }
                    *recalled.borrow_mut() = None;
                    field.set_value("");
                    act.emit(Action::TypeLine(number, line));
                }
                ("c", true) if field.selection_start() == field.selection_end() => {
                    field.set_value("");
                    control('\u{3}');
                }
                ("d", true) if field.value().is_empty() => control('\u{4}'),
                ("ArrowUp" | "ArrowDown", false) => {
                    let lines = history.borrow();
                    let last = recalled.borrow().unwrap_or(lines.len());
                    let at = if event.key() == "ArrowUp" { last.saturating_sub(1) } else { last + 1 };
                    *recalled.borrow_mut() = Some(at.min(lines.len()));
                    field.set_value(lines.get(at).map_or("", String::as_str));
                }
                _ => return,
            }
            event.prevent_default();
        })
    };

    let onpaste = {
        let (act, input) = (props.act.clone(), input.clone());
        Callback::from(move |event: Event| {
            let Some(event) = wasm_bindgen::JsCast::dyn_ref::<web_sys::ClipboardEvent>(&event) else {
                return;
            };
            let text =
                event.clipboard_data().and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default();
            let Some((whole, rest)) = text.rsplit_once('\n') else { return };
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            event.prevent_default();
            let typed = field.value();
            field.set_value(rest);
            for (at, line) in whole.lines().enumerate() {
                let line = if at == 0 { format!("{typed}{line}") } else { line.to_string() };
                act.emit(Action::TypeLine(number, line));
            }
        })
    };

    let focus = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            let selecting = gloo::utils::window()
                .get_selection()
                .ok()
                .flatten()
                .is_some_and(|selection| !selection.is_collapsed());
            if let (false, Some(field)) = (selecting, input.cast::<HtmlElement>()) {
                // A field that cannot take the focus is left alone.
                let _ = field.focus();
            }
        })
    };

    let (shown, last) = props.screen.split_last_line();
    html! {
        <div class="lines" ref={place} onclick={focus}>
            <pre role="log" aria-live="polite">{shown}</pre>
            <div class="line">
                <pre>{last}</pre>
                <input
                    ref={input}
                    type="text"
                    aria-label={format!("{} {number}", words.typed_here)}
                    autocomplete="off"
                    autocapitalize="off"
                    autocorrect="off"
                    spellcheck="false"
                    {onkeydown}
                    {onpaste}
                />
            </div>
            if !props.suggestions.is_empty() {
                <ul class="suggestions" aria-label={words.try_this}>
                    {for props.suggestions.iter().map(|command| {
                        let run = props.act.reform(move |event: MouseEvent| {
                            event.stop_propagation();
                            Action::TypeLine(number, (*command).to_string())
                        });
                        html! { <li><button type="button" onclick={run}>{*command}</button></li> }
                    })}
                </ul>
            }
        </div>
    }
}
