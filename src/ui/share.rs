//! The dialogs about links: one that is made, and one that does not open.

use std::rc::Rc;

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::action::Action;
use super::browser;
use super::exchange::{Deed, Export};
use super::modal::Modal;
use super::words::Language;

/// What a link holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Files, all that was done, and where time stands.
    Everything,
    /// The same up to where time stands.
    UpToNow,
    /// The files as they are now.
    Files,
}

/// From how many characters on a message of these services is cut, or a link in it is none.
const LIMITS: &[(&str, usize)] = &[("Discord", 2_000), ("Slack", 4_000)];

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the link holds.
    pub what: What,
    /// Its fragment.
    pub fragment: Rc<str>,
    /// True once it was copied.
    pub copied: bool,
    /// Where time stands.
    pub at: String,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// A number as people read it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    parts.join(",")
}

/// The dialog with a link.
#[component]
pub fn ShareDialog(props: &Props) -> Html {
    let words = props.language.words();
    let deed = |deed: Deed| props.act.reform(move |_: MouseEvent| Action::Exchange(deed.clone()));
    let link = format!("{}#{}", browser::home(), props.fragment);
    let length = link.chars().count();
    let limit = LIMITS.iter().rfind(|(_, most)| length > *most);
    let copy = |text: String, act: &Callback<Action>| {
        act.reform(move |_: MouseEvent| {
            browser::copy(&text);
            Action::Exchange(Deed::Copied)
        })
    };
    let select = Callback::from(|event: FocusEvent| {
        event.target_unchecked_into::<HtmlTextAreaElement>().select();
    });
    let choice = |what: What, name: String| {
        let choose = props.act.reform(move |_: Event| Action::Exchange(Deed::Share(what)));
        html! {
            <label class="choice">
                <input type="radio" name="share-what" checked={props.what == what} onchange={choose} />
                {name}
            </label>
        }
    };
    let frame = format!(
        "<iframe src=\"{}?embed=1&amp;view=diagram,terminal#{}\" width=\"100%\" height=\"420\" loading=\"lazy\" title=\"Kubernetes\"></iframe>",
        browser::home(),
        props.fragment
    );
    html! {
        <Modal title={words.share} close_word={words.close} close={props.act.reform(|()| Action::Exchange(Deed::Close))}>
            <p>{words.share_text}</p>
            <fieldset>
                <legend class="unseen">{words.share_what}</legend>
                {choice(What::Everything, words.share_everything.into())}
                {choice(What::UpToNow, words.share_up_to.replace("{}", &props.at))}
                {choice(What::Files, words.share_files.into())}
            </fieldset>
            <textarea
                class="link"
                readonly=true
                rows="4"
                spellcheck="false"
                aria-label={words.share_link}
                value={link.clone()}
                onfocus={select.clone()}
            />
            <p class={classes!("length", limit.is_some().then_some("long"))} role="status">
                {words.share_length.replace("{}", &grouped(length))}
                if let Some((service, most)) = limit {
                    {" "}{words.share_too_long.replacen("{}", service, 1).replacen("{}", &grouped(*most), 1)}
                }
            </p>
            <p class="buttons">
                <button type="button" class={limit.is_none().then_some("main")} onclick={copy(link, &props.act)}>
                    {if props.copied { words.copied } else { words.copy_link }}
                </button>
                <button type="button" class={limit.is_some().then_some("main")} onclick={deed(Deed::SaveShare)}>
                    {words.save_share}
                </button>
            </p>
            <details>
                <summary>{words.embed}</summary>
                <textarea
                    class="link"
                    readonly=true
                    rows="3"
                    spellcheck="false"
                    aria-label={words.embed}
                    value={frame}
                    onfocus={select}
                />
            </details>
            <details>
                <summary>{words.elsewhere}</summary>
                <p class="exports">
                    {for [
                        (Export::Yaml, words.export_yaml),
                        (Export::Zip, words.export_zip),
                        (Export::Script, words.export_script),
                        (Export::Kind, words.export_kind),
                    ].into_iter().map(|(what, name)| html! {
                        <button type="button" onclick={deed(Deed::Export(what))}>{name}</button>
                    })}
                </p>
            </details>
        </Modal>
    }
}

#[derive(Properties, PartialEq)]
pub struct RefusedProps {
    /// What is wrong.
    pub why: String,
    /// True in a frame: nothing else is shown then.
    pub embedded: bool,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// What a person sees in place of what does not open.
#[component]
pub fn Refused(props: &RefusedProps) -> Html {
    let words = props.language.words();
    let says = html! {
        <>
        <p><strong>{props.why.clone()}</strong></p>
        <p>{words.refused_text}</p>
        </>
    };
    if props.embedded {
        // No dialog: it would take the focus from the page around.
        return html! { <div class="refused" role="alert"><h2>{words.refused}</h2>{says}</div> };
    }
    html! {
        <Modal
            title={words.refused}
            alert=true
            close_word={words.go_on_without}
            close={props.act.reform(|()| Action::Exchange(Deed::Close))}
        >
            {says}
        </Modal>
    }
}
