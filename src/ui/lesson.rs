//! The course beside the terminal: the list of chapters, or the open one.

use std::collections::BTreeMap;
use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::action::Action;
use super::browser;
use super::course::{Deed, Done, Entry, Progress, View};
use super::prose::Prose;
use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The open chapter.
    pub view: Option<Rc<View>>,
    /// All chapters.
    pub list: Rc<Vec<Entry>>,
    /// How far each was read.
    pub progress: Rc<Progress>,
    /// What could not be fetched.
    pub missing: Option<String>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The panel of the course.
#[component]
pub fn Lesson(props: &Props) -> Html {
    let words = props.language.words();
    let deed = |deed: Deed| props.act.reform(move |_: MouseEvent| Action::Course(deed.clone()));
    let title = props.view.as_ref().map(|view| view.chapter.title());
    html! {
        <section class="lesson" aria-label={words.course}>
            <div class="lesson-bar">
                if let (Some(view), Some(title)) = (&props.view, title) {
                    <button type="button" class="quiet" onclick={deed(Deed::Contents)}>{format!("‹ {}", words.chapters)}</button>
                    <span class="lesson-title">{title}</span>
                    <span class="space"></span>
                    <span class="count" title={words.holds}>{format!("✓ {}/{}", view.ticked.len().min(view.checks.len()), view.checks.len())}</span>
                    <button type="button" class="quiet" title={words.chapter_again_hint} onclick={deed(Deed::Again)}>{"↺ "}<span class="word">{words.chapter_again}</span></button>
                } else {
                    <span class="lesson-title">{words.course}</span>
                    <span class="space"></span>
                }
                <button type="button" class="quiet icon" aria-label={words.close} title={words.close} onclick={deed(Deed::Panel(false))}>{"×"}</button>
            </div>
            if let Some(missing) = &props.missing {
                <p class="notice" role="status">{words.not_fetched.replace("{}", missing)}</p>
            }
            if let Some(view) = &props.view {
                <Text view={view.clone()} act={props.act.clone()} />
            } else {
                <Contents list={props.list.clone()} progress={props.progress.clone()} language={props.language} act={props.act.clone()} />
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ContentsProps {
    list: Rc<Vec<Entry>>,
    progress: Rc<Progress>,
    language: Language,
    act: Callback<Action>,
}

#[component]
fn Contents(props: &ContentsProps) -> Html {
    let words = props.language.words();
    let none = Done::default();
    let row = |entry: &Entry| {
        let done = props.progress.chapters.get(&entry.name).unwrap_or(&none);
        let count = done.ticked.len().min(entry.checks);
        let (all, whole) = (entry.checks.max(1), entry.checks > 0 && count == entry.checks);
        let said = match (done.commands, entry.commands) {
            (Some(best), Some(goal)) => format!(
                "✓ {}",
                words.solved_of.replacen("{}", &best.to_string(), 1).replacen("{}", &goal.to_string(), 1)
            ),
            _ if whole => "✓".to_string(),
            _ if count > 0 => format!("{count}/{}", entry.checks),
            _ => String::new(),
        };
        html! {
            <li key={entry.name.clone()}>
                <a href={format!("#lesson/{}", entry.name)} class={classes!("chapter", whole.then_some("whole"))}>
                    <span class="number">{entry.number.filter(|_| entry.commands.is_none()).map_or("◆".to_string(), |number| number.to_string())}</span>
                    <span class="name">{entry.title(props.language)}</span>
                    <span class="said">{said}</span>
                    <span class="progress" aria-hidden="true"><span style={format!("width:{}%", count * 100 / all)}></span></span>
                </a>
            </li>
        }
    };
    let save = props.act.reform(|_: MouseEvent| Action::Course(Deed::SaveProgress));
    let load = {
        let act = props.act.clone();
        Callback::from(move |event: Event| {
            let field: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = field.files().and_then(|files| files.get(0)) else { return };
            let act = act.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if let Ok(text) = wasm_bindgen_futures::JsFuture::from(file.text()).await {
                    act.emit(Action::Course(Deed::LoadProgress(text.as_string().unwrap_or_default())));
                }
            });
            field.set_value("");
        })
    };
    html! {
        <div class="contents" tabindex="0">
            <p class="lead">{words.course_lead}</p>
            <ol class="chapters">{for props.list.iter().filter(|entry| entry.commands.is_none()).map(row)}</ol>
            <h2>{words.challenges}</h2>
            <p class="lead">{words.challenges_lead}</p>
            <ol class="chapters">{for props.list.iter().filter(|entry| entry.commands.is_some()).map(row)}</ol>
            <div class="kept">
                <span>{words.progress_kept}</span>
                <button type="button" class="small" onclick={save}>{words.progress_save}</button>
                <label class="button small">{words.progress_load}<input type="file" accept="application/json,.json" class="unseen" onchange={load} /></label>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TextProps {
    view: Rc<View>,
    act: Callback<Action>,
}

/// The open chapter.
#[component]
fn Text(props: &TextProps) -> Html {
    let view = &props.view;
    let words = view.language.words();
    {
        // Another chapter, or the same in another language: where the reader was.
        let place = view.place.clone();
        use_effect_with((view.name.clone(), view.language.tag()), move |_| {
            browser::scroll_to_place("prose", &place)
        });
    }
    let mut prose =
        Prose { view, words, act: &props.act, headings: 0, notes: Vec::new(), footnotes: BTreeMap::new() };
    let body = prose.all(&view.chapter.nodes);
    let (notes, mut footnotes) = (prose.notes, prose.footnotes);
    let at = view.list.iter().position(|entry| entry.name == view.name);
    let neighbour = |at: Option<usize>| at.and_then(|at| view.list.get(at));
    let next = neighbour(at.map(|at| at + 1));
    let before = neighbour(at.and_then(|at| at.checked_sub(1)));
    let step = |entry: Option<&Entry>, sign: &str, behind: bool| {
        entry.map(|entry| {
            let title = entry.title(view.language);
            let text = if behind { format!("{title} {sign}") } else { format!("{sign} {title}") };
            html! { <a href={format!("#lesson/{}", entry.name)}>{text}</a> }
        })
    };
    let copy = props.act.reform(|_: MouseEvent| Action::Course(Deed::CopyResult));
    html! {
        <div class="prose" id="prose" tabindex="0" lang={view.language.tag()}>
            <article>
                {body}
                if !notes.is_empty() {
                    <ol class="footnotes">{for notes.iter().map(|name| html! { <li>{footnotes.remove(name).unwrap_or_default()}</li> })}</ol>
                }
                if let Some(goal) = view.goal {
                    <aside class={classes!("result", view.is_done().then_some("solved"))} role="status">
                        <p>{words.commands_used.replacen("{}", &view.sent.to_string(), 1).replacen("{}", &goal.to_string(), 1)}</p>
                        if view.is_done() {
                            <p class="label">{words.solved}</p>
                            <button type="button" class="main" onclick={copy}>{words.copy_result}</button>
                        }
                    </aside>
                }
                <nav class="steps">{step(before, "←", false)}<span class="space"></span>{step(next, "→", true)}</nav>
            </article>
        </div>
    }
}
