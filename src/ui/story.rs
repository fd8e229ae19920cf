//! What the page opens on: the database behind a Service.

use yew::prelude::*;

use super::action::Action;
use super::words::Language;

/// The file that is open at first.
pub const FIRST: &str = "ss-mysql.yml";

/// Commands worth trying, in their order.
pub const COMMANDS: &[&str] = &[
    "kubectl apply -f .",
    "kubectl get pods -o wide",
    "kubectl exec statefulset/mysql -- cat /etc/hosts",
    "kubectl delete pod mysql-0",
];

/// The story as it plays by itself: what is typed, and how many seconds later the next line is.
pub const SCRIPT: &[(&str, u64)] = &[
    ("kubectl apply -f .", 9),
    ("kubectl get pods -o wide", 3),
    ("kubectl delete pod mysql-0", 6),
    ("kubectl get pods -o wide", 1),
];

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// What stands in the figure before anything was done.
#[component]
pub fn Invitation(props: &Props) -> Html {
    let words = props.language.words();
    let play = props.act.reform(|_: MouseEvent| Action::PlayStory(true));
    html! {
        <aside class="invitation" aria-label={words.story_title}>
            <h2>{words.story_title}</h2>
            <p>{words.story_text}</p>
            <button type="button" class="main" onclick={play}>{format!("▶ {}", words.story_play)}</button>
        </aside>
    }
}
