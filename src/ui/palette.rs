//! The list of all that the page can do, each with its key, found by typing.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::action::Action;
use super::browser;
use super::words::Language;

/// Something that the page can do.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// The key for it; may be empty.
    pub key: &'static str,
    /// What it does.
    pub action: Action,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Everything.
    pub entries: Vec<Entry>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The list, with a field to search it.
#[component]
pub fn Palette(props: &Props) -> Html {
    let words = props.language.words();
    let wanted = use_state(String::new);
    let chosen = use_state(|| 0usize);
    use_effect_with((), |_| browser::focus("palette-find"));
    let close = props.act.reform(|_: MouseEvent| Action::SetPalette(false));
    let needle = wanted.to_lowercase();
    let fits =
        |entry: &&Entry| needle.split_whitespace().all(|word| entry.name.to_lowercase().contains(word));
    let found: Vec<Entry> = props.entries.iter().filter(fits).cloned().collect();
    let at = (*chosen).min(found.len().saturating_sub(1));
    let find = {
        let (wanted, chosen) = (wanted.clone(), chosen.clone());
        Callback::from(move |event: InputEvent| {
            wanted.set(event.target_unchecked_into::<HtmlInputElement>().value());
            chosen.set(0);
        })
    };
    let run = {
        let act = props.act.clone();
        move |action: Action| {
            act.emit(Action::SetPalette(false));
            act.emit(action);
        }
    };
    let keys = {
        let (act, chosen, found, run) = (props.act.clone(), chosen.clone(), found.clone(), run.clone());
        Callback::from(move |event: KeyboardEvent| {
            event.stop_propagation();
            if event.is_composing() {
                return;
            }
            match event.key().as_str() {
                "Escape" => act.emit(Action::SetPalette(false)),
                "ArrowDown" => chosen.set((at + 1).min(found.len().saturating_sub(1))),
                "ArrowUp" => chosen.set(at.saturating_sub(1)),
                "Enter" => {
                    if let Some(entry) = found.get(at) {
                        run(entry.action.clone());
                    }
                }
                // The focus stays in the field; the list is reached by arrows.
                "Tab" => {}
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <div class="veil top">
            <div class="palette" role="dialog" aria-modal="true" aria-label={words.palette} onkeydown={keys}>
                <div class="find">
                    <input
                        id="palette-find"
                        type="text"
                        role="combobox"
                        aria-expanded="true"
                        aria-controls="palette-list"
                        aria-activedescendant={format!("palette-{at}")}
                        aria-label={words.palette_find}
                        placeholder={words.palette_find}
                        autocomplete="off"
                        oninput={find}
                    />
                    <button type="button" class="quiet icon" tabindex="-1" aria-label={words.close} onclick={close}>{"×"}</button>
                </div>
                <ul id="palette-list" role="listbox" aria-label={words.palette}>
                    {for found.iter().enumerate().map(|(index, entry)| {
                        let (run, action) = (run.clone(), entry.action.clone());
                        let choose = Callback::from(move |_: MouseEvent| run(action.clone()));
                        html! {
                            <li
                                key={entry.name.clone()}
                                id={format!("palette-{index}")}
                                role="option"
                                aria-selected={(index == at).to_string()}
                                onclick={choose}
                            >
                                <span>{entry.name.clone()}</span>
                                if !entry.key.is_empty() {
                                    <kbd>{entry.key}</kbd>
                                }
                            </li>
                        }
                    })}
                </ul>
            </div>
        </div>
    }
}
