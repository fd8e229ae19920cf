//! The dialogs about a cluster that comes from elsewhere.

use std::rc::Rc;

use yew::prelude::*;

use super::action::Action;
use super::exchange::{Arrived, Deed};
use super::modal::Modal;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct ChooserProps {
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Asks for the files of a cluster. The page's script reads what is chosen.
#[component]
pub fn Chooser(props: &ChooserProps) -> Html {
    let words = props.language.words();
    html! {
        <Modal title={words.import} close_word={words.cancel} close={props.act.reform(|()| Action::Exchange(Deed::Close))}>
            <p>{words.import_text}</p>
            <pre class="link">{"kubectl get all,node,pv,pvc,cm,ing,ns -A -o yaml > cluster.yaml"}</pre>
            <p><input type="file" multiple=true aria-label={words.import} /></p>
        </Modal>
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What came in.
    pub arrived: Rc<Arrived>,
    /// What is said of it.
    pub about: String,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// Asks what to do with a cluster that came in.
#[component]
pub fn Arrival(props: &Props) -> Html {
    let words = props.language.words();
    let deed = |deed: Deed| props.act.reform(move |_: MouseEvent| Action::Exchange(deed.clone()));
    html! {
        <Modal title={words.import} close_word={words.cancel} close={props.act.reform(|()| Action::Exchange(Deed::Close))}>
            <p>{props.about.clone()}</p>
            <div class="ways">
                <button type="button" class="main" onclick={deed(Deed::TakeIn { alive: false })}>{words.as_it_is}</button>
                <span>{words.as_it_is_text}</span>
                <button type="button" onclick={deed(Deed::TakeIn { alive: true })}>{words.alive}</button>
                <span>{words.alive_text}</span>
                if !props.arrived.of_a_cluster {
                    <button type="button" onclick={deed(Deed::AddFiles)}>{words.as_files}</button>
                    <span>{words.as_files_text}</span>
                }
            </div>
        </Modal>
    }
}
