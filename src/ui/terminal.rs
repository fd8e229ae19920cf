//! The terminals, side by side or one at a time, each with what was printed and a line to type in.

use std::rc::Rc;

use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::sim::{Screen, paste};

use super::action::Action;
use super::scroll_back::ScrollBack;
use super::window::{Deed as WindowDeed, linked};
use super::words::Language;
use super::{browser, line};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The open terminals.
    pub screens: Vec<Screen>,
    /// The one that was used last.
    pub chosen: u32,
    /// True where they stand side by side.
    pub side_by_side: bool,
    /// Commands worth trying.
    pub suggestions: &'static [&'static str],
    /// Commands that were typed.
    pub history: Rc<Vec<String>>,
    /// What Tab offers.
    pub completion: Rc<Vec<String>>,
    /// True while the simulation stands in its own past.
    pub past: bool,
    /// True where the browser is seen.
    pub window: bool,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The terminals with their tabs.
#[component]
pub fn Terminals(props: &Props) -> Html {
    let words = props.language.words();
    let open = props.act.reform(|_: MouseEvent| Action::OpenTerminal);
    let alone = props.screens.len() == 1;
    let beside = props.side_by_side;
    let arrange = props.act.reform(move |_: MouseEvent| Action::SetSideBySide(!beside));
    let window = !props.window;
    let window = props.act.reform(move |_: MouseEvent| Action::Window(WindowDeed::Show(window)));
    let name = |number: u32| format!("{} {number}", words.terminal);
    html! {
        <section class={classes!("terminals", beside.then_some("beside"))} aria-label={words.terminals}>
            <div class="strip">
                <div class="strip-tabs" role="group" aria-label={words.terminals}>
                    {for props.screens.iter().map(|screen| {
                        let number = screen.number;
                        let choose = props.act.reform(move |_: MouseEvent| {
                            Action::ChooseTerminal(number)
                        });
                        let close = props.act.reform(move |_: MouseEvent| Action::CloseTerminal(number));
                        html! {
                            <span key={number} class={classes!("strip-tab", (number == props.chosen).then_some("chosen"))}>
                                <button type="button" aria-pressed={(number == props.chosen).to_string()} onclick={choose}>
                                    {name(number)}
                                </button>
                                if !alone {
                                    <button
                                        type="button"
                                        class="icon"
                                        aria-label={format!("{}: {}", words.close_terminal, name(number))}
                                        title={words.close_terminal}
                                        onclick={close}
                                    >{"×"}</button>
                                }
                            </span>
                        }
                    })}
                </div>
                <button
                    type="button"
                    class="icon"
                    aria-label={words.new_terminal}
                    title={words.new_terminal}
                    onclick={open}
                >{"+"}</button>
                <span class="space"></span>
                <button type="button" class="window-switch" aria-pressed={props.window.to_string()} onclick={window}>
                    {words.window}
                </button>
                if !alone {
                    <button
                        type="button"
                        class="icon beside-switch"
                        aria-label={words.side_by_side}
                        title={words.side_by_side}
                        aria-pressed={beside.to_string()}
                        onclick={arrange}
                    >{"◫"}</button>
                }
            </div>
            if props.past {
                <p class="past" role="status">{words.cuts_future}</p>
            }
            <div class="screens">
                {for props.screens.iter().map(|screen| {
                    let number = screen.number;
                    let chosen = number == props.chosen;
                    let choose = props.act.reform(move |_: FocusEvent| Action::ChooseTerminal(number));
                    html! {
                        <section
                            key={number}
                            class={classes!("terminal", chosen.then_some("chosen"))}
                            aria-label={name(number)}
                            onfocusin={choose}
                        >
                            <Lines
                                screen={screen.clone()}
                                suggestions={if number == 1 { props.suggestions } else { &[] }}
                                history={props.history.clone()}
                                completion={if chosen { props.completion.clone() } else { Rc::default() }}
                                language={props.language}
                                act={props.act.clone()}
                            />
                        </section>
                    }
                })}
            </div>
            <Keys number={props.chosen} language={props.language} />
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct LinesProps {
    screen: Screen,
    suggestions: &'static [&'static str],
    history: Rc<Vec<String>>,
    completion: Rc<Vec<String>>,
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
    let back = use_mut_ref(ScrollBack::default);
    let heard = use_mut_ref(String::new);
    let editing = use_mut_ref(line::Editing::default);
    // What Ctrl-R looks for, as it is shown; the line itself then holds the words looked for.
    let search = use_state(|| None::<String>);

    let fresh = back.borrow_mut().take(&props.screen);
    if !fresh.is_empty() || back.borrow().is_empty() {
        // A screen reader is told the end of what is new, not a thousand lines.
        let from = fresh.char_indices().rev().nth(1_500).map_or(0, |(at, _)| at);
        *heard.borrow_mut() = fresh[from..].to_string();
    }

    use_effect_with((props.screen.length, props.completion.len()), {
        let place = place.clone();
        move |_| {
            if let Some(place) = place.cast::<HtmlElement>() {
                place.set_scroll_top(place.scroll_height());
            }
        }
    });

    let onkeydown = {
        let (act, input, editing, search) =
            (props.act.clone(), input.clone(), editing.clone(), search.clone());
        let (history, offered) = (props.history.clone(), !props.completion.is_empty());
        Callback::from(move |event: KeyboardEvent| {
            // Enter that chooses a word of an input method is no Enter of ours.
            if event.is_composing() || event.key_code() == 229 {
                return;
            }
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            if offered && event.key() != "Tab" {
                act.emit(Action::DropCompletion);
            }
            let deed = line::press(&mut editing.borrow_mut(), &event, &field, &history);
            if let line::Deed::None = deed {
                return;
            }
            event.prevent_default();
            match deed {
                line::Deed::None | line::Deed::Edited => {}
                line::Deed::Send(line) => act.emit(Action::TypeLine(number, line)),
                line::Deed::Control(key) => act.emit(Action::TypeControl(number, key)),
                line::Deed::Complete(before, after) => act.emit(Action::Complete(number, before, after)),
            }
            search.set(editing.borrow().searched());
        })
    };

    let oninput = {
        let (editing, search, history, input) =
            (editing.clone(), search.clone(), props.history.clone(), input.clone());
        Callback::from(move |_: InputEvent| {
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            editing.borrow_mut().typed(&field.value(), &history);
            search.set(editing.borrow().searched());
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
            let Some(field) = input.cast::<HtmlInputElement>() else { return };
            event.prevent_default();
            let mut lines = paste::lines(&text);
            let last = lines.pop().unwrap_or_default();
            if lines.is_empty() {
                let _ = field.set_range_text(&last);
                let end = field.selection_end().ok().flatten().unwrap_or_default();
                let _ = field.set_selection_range(end, end);
                return;
            }
            let typed = field.value();
            field.set_value(&last);
            for (at, line) in lines.into_iter().enumerate() {
                act.emit(Action::TypeLine(number, if at == 0 { format!("{typed}{line}") } else { line }));
            }
        })
    };

    let oncopy = Callback::from(|event: Event| {
        let Some(event) = wasm_bindgen::JsCast::dyn_ref::<web_sys::ClipboardEvent>(&event) else { return };
        let selection = gloo::utils::window().get_selection().ok().flatten();
        let Some(text) = selection.map(|selection| String::from(selection.to_string())) else { return };
        if let Some(data) = event.clipboard_data().filter(|_| text.contains("$ ")) {
            event.prevent_default();
            // Only types that are none are refused.
            let _ = data.set_data("text/plain", &paste::copied(&text));
        }
    });

    let open = {
        let act = props.act.clone();
        move |event: &Event| -> bool {
            let link =
                event.target_dyn_into::<Element>().and_then(|at| at.closest("[data-open]").ok().flatten());
            let Some(url) = link.and_then(|link| link.get_attribute("data-open")) else { return false };
            act.emit(Action::Window(WindowDeed::go(&url)));
            true
        }
    };
    let open_by_key = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && open(&event) {
                event.prevent_default();
            }
        })
    };
    let focus = {
        let input = input.clone();
        Callback::from(move |event: MouseEvent| {
            if open(&event) {
                return;
            }
            let on_button =
                event.target_dyn_into::<Element>().is_some_and(|element| element.tag_name() == "BUTTON");
            if let (false, Some(field)) = (browser::has_selection() || on_button, input.cast::<HtmlElement>())
            {
                // A field that cannot take the focus is left alone.
                let _ = field.focus();
            }
        })
    };

    let back = back.borrow();
    let (growing, text) = back.growing();
    let count = back.blocks.len();
    html! {
        <>
        <div class="lines" ref={place} onclick={focus} oncopy={oncopy} onkeydown={open_by_key}>
            <div role="group" aria-label={format!("{} {number}", words.output)}>
                {for back.blocks.iter().enumerate().map(|(at, (key, text))| html! {
                    <Block key={*key} text={text.clone()} far={at + 2 < count} />
                })}
                <Block key={growing} text={text} far={false} />
            </div>
            <div class="line">
                if let Some(found) = &*search {
                    <pre>{"(reverse-i-search)`"}</pre>
                    <pre class="found" aria-live="polite">{found.clone()}</pre>
                } else {
                    <pre>{back.last.clone()}</pre>
                }
                <input
                    ref={input}
                    id={format!("line-{number}")}
                    type="text"
                    aria-label={format!("{} {number}", words.typed_here)}
                    autocomplete="off"
                    autocapitalize="off"
                    autocorrect="off"
                    spellcheck="false"
                    enterkeyhint="send"
                    {onkeydown}
                    {oninput}
                    {onpaste}
                />
            </div>
            if !props.completion.is_empty() {
                <ul class="offered" role="status">
                    {for props.completion.iter().take(200).map(|option| html! { <li>{option.clone()}</li> })}
                </ul>
            }
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
        <div class="unseen" role="log" aria-live="polite">{heard.borrow().clone()}</div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct BlockProps {
    text: AttrValue,
    /// True where it is likely out of sight.
    far: bool,
}

#[component]
fn Block(props: &BlockProps) -> Html {
    html! { <pre class={props.far.then_some("far")}>{linked(&props.text)}</pre> }
}

#[derive(Properties, PartialEq)]
struct KeysProps {
    number: u32,
    language: Language,
}

/// A row of the keys that telephones lack.
#[component]
fn Keys(props: &KeysProps) -> Html {
    let control = use_state(|| false);
    let id = format!("line-{}", props.number);
    let press = |key: &'static str| {
        let (id, control) = (id.clone(), control.clone());
        Callback::from(move |_: MouseEvent| {
            browser::press(&id, key, *control);
            control.set(false);
        })
    };
    let toggle = {
        let (control, id) = (control.clone(), id.clone());
        Callback::from(move |_: MouseEvent| {
            control.set(!*control);
            browser::focus(&id);
        })
    };
    let keys = [
        ("Tab", "Tab"),
        ("C", "c"),
        ("R", "r"),
        ("↑", "ArrowUp"),
        ("↓", "ArrowDown"),
        ("←", "ArrowLeft"),
        ("→", "ArrowRight"),
        ("-", "-"),
        ("/", "/"),
        ("|", "|"),
    ];
    // A button would take the focus from the line, and with it the telephone's keyboard.
    let hold = Callback::from(|event: PointerEvent| event.prevent_default());
    html! {
        <div class="keys" role="group" aria-label={props.language.words().keys} onpointerdown={hold}>
            <button type="button" tabindex="-1" aria-pressed={control.to_string()} onclick={toggle}>{"Ctrl"}</button>
            {for keys.into_iter().filter(|(label, _)| *control || !["C", "R"].contains(label)).map(|(label, key)| html! {
                <button type="button" tabindex="-1" aria-label={key} onclick={press(key)}>{label}</button>
            })}
        </div>
    }
}
