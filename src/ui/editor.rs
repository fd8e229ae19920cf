//! The learner's files, as tabs over an editor: a text area at first, CodeMirror once it has come.

use std::rc::Rc;

use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::sim::EDITED;
use crate::sim::compare::{Against, Line};

use super::action::Action;
use super::browser;
use super::code::Code;
use super::compare::Compare;
use super::tree::Tree;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The paths of the files.
    pub files: Vec<String>,
    /// The open one.
    pub open: String,
    /// Its text.
    pub text: String,
    /// True once the editor program has come.
    pub ready: bool,
    /// The lines of it that are lit: the first and the last.
    pub lit: Option<(u32, u32)>,
    /// The file that was deleted last.
    pub deleted: Option<String>,
    /// True where saving applies.
    pub apply_on_save: bool,
    /// What the open file is compared with, and what differs.
    pub compare: Option<(Against, Rc<Vec<Line>>)>,
    /// True where the files are shown as a tree.
    pub tree: bool,
    /// The folder of the person's disk that is open.
    pub folder: Option<String>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Tabs and an editor.
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
            act.emit(Action::NewFile(name.trim().to_string(), String::new()));
        }
    });
    let open = props.open.clone();
    let with_open = |action: fn(String) -> Action| {
        let open = open.clone();
        props.act.reform(move |_: MouseEvent| action(open.clone()))
    };
    let (act, old, naming) = (props.act.clone(), open.clone(), words.rename_file);
    let rename = Callback::from(move |_: MouseEvent| {
        let name = gloo::dialogs::prompt(naming, Some(&old)).unwrap_or_default();
        if !name.trim().is_empty() {
            act.emit(Action::RenameFile(old.clone(), name.trim().to_string()));
        }
    });
    let keys = {
        let (act, open) = (props.act.clone(), open.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                act.emit(Action::ApplyFile(open.clone()));
            }
        })
    };
    let row = use_node_ref();
    use_effect_with((props.open.clone(), props.files.len()), {
        let row = row.clone();
        move |_| {
            row.cast::<Element>().iter().for_each(|row| browser::show_chosen(row, "[aria-selected=true]"))
        }
    });
    let tree = props.tree;
    let show_tree = props.act.reform(move |_: MouseEvent| Action::SetTree(!tree));
    let on_save = props.act.reform(|event: Event| {
        Action::SetApplyOnSave(event.target_unchecked_into::<HtmlInputElement>().checked())
    });
    // A menu that something was chosen from is done.
    let close = Callback::from(|event: MouseEvent| {
        let chosen = event.target_dyn_into::<Element>().and_then(|at| at.closest("button").ok().flatten());
        if let Some(menu) = chosen.and_then(|button| button.closest("details").ok().flatten()) {
            // It is there: nothing is lost where it is not.
            let _ = menu.remove_attribute("open");
        }
    });
    let edited = props.open.starts_with(EDITED);
    let keep = props.act.reform(|_: MouseEvent| Action::SaveFile);
    html! {
        <section class="files" aria-label={words.files}>
            <div class="tabs">
                <button type="button" class="quiet icon" aria-label={words.file_tree} title={words.file_tree} aria-pressed={tree.to_string()} onclick={show_tree}>{"≡"}</button>
                <div ref={row} class="file-tabs" role="tablist" aria-label={words.files}>
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
                </div>
                <button type="button" class="quiet icon" aria-label={words.new_file} title={words.new_file} onclick={add}>
                    {"+"}
                </button>
                <span class="space"></span>
                if !props.open.is_empty() {
                    if edited {
                        <button type="button" class="apply main" onclick={keep}>{words.save_and_close}</button>
                    } else {
                        <button type="button" class="apply" title={words.apply_hint} onclick={with_open(Action::ApplyFile)}>
                            {words.apply_file}
                        </button>
                    }
                    <details class="menu">
                        <summary class="icon" aria-label={words.file_actions} title={words.file_actions}>{"⋯"}</summary>
                        <div onclick={close}>
                            <button type="button" class="quiet" onclick={rename}>{words.rename_file}</button>
                            <button type="button" class="quiet" onclick={with_open(Action::DeleteFile)}>{words.delete_file}</button>
                            <button type="button" class="quiet" onclick={with_open(|_| Action::Format)}>{words.format}</button>
                            <button type="button" class="quiet" onclick={with_open(|_| Action::Compare(Some(Against::Live)))}>{words.compare}</button>
                            <label><input type="checkbox" checked={props.apply_on_save} onchange={on_save} />{words.apply_on_save}</label>
                            <button type="button" class="quiet" onclick={with_open(Action::DownloadFile)}>{words.download_file}</button>
                            <button type="button" class="quiet" onclick={with_open(|_| Action::DownloadAll)}>{words.download_all}</button>
                            if browser::opens_folders() {
                                <button type="button" class="quiet" onclick={with_open(|_| Action::OpenFolder)}>{words.open_folder}</button>
                            }
                            if let Some(folder) = &props.folder {
                                <button type="button" class="quiet" onclick={with_open(|_| Action::SaveFolder)}>{words.save_folder.replace("{}", folder)}</button>
                            }
                        </div>
                    </details>
                }
            </div>
            if let Some(path) = &props.deleted {
                <p class="notice" role="status">
                    {words.deleted.replace("{}", path)}
                    <button type="button" onclick={props.act.reform(|_: MouseEvent| Action::PutBack)}>{words.put_back}</button>
                </p>
            }
            if tree {
                <Tree files={props.files.clone()} open={props.open.clone()} language={props.language} act={props.act.clone()} />
            }
            if let Some((against, lines)) = &props.compare {
                <Compare
                    path={props.open.clone()}
                    files={props.files.clone()}
                    against={against.clone()}
                    lines={lines.clone()}
                    language={props.language}
                    act={props.act.clone()}
                />
            }
            if props.open.is_empty() {
            } else if props.ready {
                <Code
                    key={"code"}
                    path={props.open.clone()}
                    text={props.text.clone()}
                    lit={props.lit}
                    language={props.language}
                    act={props.act.clone()}
                />
            } else {
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
                    onkeydown={keys}
                />
            }
        </section>
    }
}
