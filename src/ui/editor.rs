//! The learner's files, as tabs over a text area.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::state::Action;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The paths of the files.
    pub files: Vec<String>,
    /// The open one.
    pub open: String,
    /// Its text.
    pub text: String,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Tabs and a text area.
#[component]
pub fn Editor(props: &Props) -> Html {
    let words = props.language.words();
    let path = props.open.clone();
    let edit = props.act.reform(move |event: InputEvent| {
        Action::Edit(path.clone(), event.target_unchecked_into::<HtmlTextAreaElement>().value())
    });
    let save = props.act.reform(|_: FocusEvent| Action::SaveEdits);
    let (act, naming) = (props.act.clone(), words.new_file_name);
    let add = Callback::from(move |_: MouseEvent| {
        let name = gloo::dialogs::prompt(naming, Some("new.yml")).unwrap_or_default();
        if !name.trim().is_empty() {
            act.emit(Action::NewFile(name.trim().to_string()));
        }
    });
    let open = props.open.clone();
    let delete = props.act.reform(move |_: MouseEvent| Action::DeleteFile(open.clone()));
    html! {
        <section class="files" aria-label={words.files}>
            <div class="tabs" role="tablist" aria-label={words.files}>
                {for props.files.iter().map(|path| {
                    let chosen = *path == props.open;
                    let name = path.clone();
                    let choose = props.act.reform(move |_: MouseEvent| Action::OpenFile(name.clone()));
                    html! {
                        <button
                            key={path.clone()}
                            type="button"
                            role="tab"
                            aria-selected={chosen.to_string()}
                            onclick={choose}
                        >{path.clone()}</button>
                    }
                })}
                <button type="button" class="quiet icon" aria-label={words.new_file} title={words.new_file} onclick={add}>
                    {"+"}
                </button>
                <span class="space"></span>
                if !props.open.is_empty() {
                    <button
                        type="button"
                        class="quiet icon"
                        aria-label={words.delete_file}
                        title={words.delete_file}
                        onclick={delete}
                    >{"×"}</button>
                }
            </div>
            if !props.open.is_empty() {
                <textarea
                    key={props.open.clone()}
                    class="text"
                    aria-label={format!("{} {}", words.editor_of, props.open)}
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    wrap="off"
                    value={props.text.clone()}
                    oninput={edit}
                    onblur={save}
                />
            }
        </section>
    }
}
