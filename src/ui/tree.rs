//! The learner's files as a tree of folders.

use yew::prelude::*;

use super::action::Action;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The paths of the files, sorted.
    pub files: Vec<String>,
    /// The open one.
    pub open: String,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Folders that open and close, with the files in them.
#[component]
pub fn Tree(props: &Props) -> Html {
    let files: Vec<&str> = props.files.iter().map(String::as_str).collect();
    html! {
        <nav class="tree" aria-label={props.language.words().file_tree}>{level(props, &files, "")}</nav>
    }
}

/// What lies right in a folder, whose path ends in a slash: folders first.
fn level(props: &Props, files: &[&str], folder: &str) -> Html {
    let inside = || files.iter().filter_map(|path| path.strip_prefix(folder));
    let mut folders: Vec<&str> = inside().filter_map(|rest| Some(rest.split_once('/')?.0)).collect();
    folders.dedup();
    let file = |name: &str| {
        let path = format!("{folder}{name}");
        let chosen = path == props.open;
        let open = props.act.reform(move |_: MouseEvent| Action::OpenFile(path.clone()));
        html! {
            <li><button type="button" class="quiet" aria-current={chosen.then_some("true")} onclick={open}>{name.to_string()}</button></li>
        }
    };
    html! {
        <ul>
            {for folders.into_iter().map(|name| html! {
                <li key={name.to_string()}>
                    <details open=true>
                        <summary>{format!("{name}/")}</summary>
                        {level(props, files, &format!("{folder}{name}/"))}
                    </details>
                </li>
            })}
            {for inside().filter(|rest| !rest.contains('/')).map(file)}
        </ul>
    }
}
