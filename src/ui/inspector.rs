//! What is to be known of one thing in the figure: what kubectl says of it, and what it has to do with.

use std::rc::Rc;

use yew::prelude::*;

use crate::api::Kind;
use crate::sim::Sim;
use crate::sim::ask::ask;
use crate::sim::compare::live;
use crate::sim::related::{Relation, Subject, related};

use super::action::Action;
use super::words::{Language, Words};

/// A side of what is inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// What `kubectl describe` says.
    Describe,
    /// The object as YAML.
    Yaml,
    /// Its Events.
    Events,
    /// The logs of a Pod.
    Logs,
    /// What it has to do with.
    Related,
}

impl View {
    /// Every side.
    pub const ALL: [View; 5] = [View::Describe, View::Yaml, View::Events, View::Logs, View::Related];

    fn name(self, words: &Words) -> &'static str {
        match self {
            View::Describe => words.describe,
            View::Yaml => "YAML",
            View::Events => words.events,
            View::Logs => words.logs,
            View::Related => words.related,
        }
    }
}

/// What the inspector shows, read from the simulation.
#[derive(PartialEq)]
pub struct Sheet {
    /// The id in the figure.
    pub id: String,
    title: String,
    /// The side, and its text.
    view: View,
    text: String,
    /// The lines of the live object, each with whether a person wrote it.
    live: Vec<(bool, String)>,
    related: Vec<(Relation, String, String)>,
    commands: Vec<String>,
    is_pod: bool,
    gone: bool,
}

impl Sheet {
    /// Reads a side of what an id means. None where it means nothing.
    pub fn read(sim: &Sim, id: &str, view: View) -> Option<Self> {
        let subject = Subject::of_id(id)?;
        let (kind, name, namespace) = (subject.key.kind, &*subject.key.name, &*subject.key.namespace);
        let is_pod = kind == Kind::Pod;
        let view = if view == View::Logs && !is_pod { View::Describe } else { view };
        let word = kind.names().singular;
        let about = format!("{word}/{name}");
        let gone = sim.cluster().api.get(&subject.key).is_none();
        let asked: Vec<&str> = match view {
            View::Describe => vec!["describe", &about],
            View::Yaml => vec!["get", &about, "-o", "yaml"],
            View::Events => vec!["events", "--for", &about],
            View::Logs => match &subject.container {
                Some(container) => vec!["logs", name, "--tail", "500", "-c", container],
                None => vec!["logs", name, "--tail", "500", "--all-containers"],
            },
            View::Related => Vec::new(),
        };
        let text = if asked.is_empty() || gone {
            String::new()
        } else {
            let place: &[&str] = if namespace.is_empty() { &[] } else { &["-n", namespace] };
            ask(sim, &[&asked, place].concat()).text().to_string()
        };
        let live = if view == View::Yaml && !gone { live(sim, &subject.key, &text) } else { Vec::new() };
        let related = if view == View::Related { related(sim, &subject.key) } else { Vec::new() };
        let named = |key: &crate::api::ObjectKey| format!("{} {}", key.kind.names().kind, key.name);
        Some(Self {
            id: id.into(),
            title: match &subject.container {
                Some(container) => format!("{} {name} · {container}", kind.names().kind),
                None => format!("{} {name}", kind.names().kind),
            },
            view,
            text,
            live,
            related: related.iter().map(|(how, key)| (*how, named(key), Subject::id(key))).collect(),
            commands: if gone { Vec::new() } else { subject.commands(sim) },
            is_pod,
            gone,
        })
    }
}

fn heading(relation: Relation, words: &Words) -> &'static str {
    match relation {
        Relation::OwnedBy => words.owned_by,
        Relation::Owns => words.owns,
        Relation::Selects => words.selects,
        Relation::SelectedBy => words.selected_by,
        Relation::Mounts => words.mounts,
        Relation::RunsOn => words.runs_on,
        Relation::Runs => words.runs,
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What to show.
    pub sheet: Rc<Sheet>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The panel beside the figure.
#[component]
pub fn Inspector(props: &Props) -> Html {
    let (words, sheet) = (props.language.words(), &props.sheet);
    let close = props.act.reform(|_: MouseEvent| Action::Inspect(None));
    let keys = {
        let act = props.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                act.emit(Action::Inspect(None));
            }
        })
    };
    html! {
        <aside class="inspector" aria-label={format!("{}: {}", words.inspector, sheet.title)} onkeydown={keys}>
            <div class="title">
                <h2>{sheet.title.clone()}</h2>
                <span class="space"></span>
                <button type="button" class="quiet icon" aria-label={words.close} title={words.close} onclick={close}>{"×"}</button>
            </div>
            <div class="tabs" role="group" aria-label={words.inspector}>
                {for View::ALL.into_iter().filter(|view| *view != View::Logs || sheet.is_pod).map(|view| {
                    let show = props.act.reform(move |_: MouseEvent| Action::InspectView(view));
                    html! {
                        <button type="button" class="tab" aria-pressed={(view == sheet.view).to_string()} onclick={show}>
                            {view.name(words)}
                        </button>
                    }
                })}
            </div>
            <div class="sheet" tabindex="0" role="region" aria-label={sheet.view.name(words)}>
                if sheet.gone {
                    <p>{words.is_gone}</p>
                } else if sheet.view == View::Related {
                    {relations(sheet, props)}
                } else if sheet.text.is_empty() {
                    <p>{words.nothing_here}</p>
                } else {
                    if sheet.live.is_empty() {
                        <pre>{sheet.text.clone()}</pre>
                    } else {
                        <p class="legend">{words.live_legend}</p>
                        <pre>
                            {for sheet.live.iter().map(|(own, line)| html! {
                                <span class={(!own).then_some("added")}>{format!("{line}\n")}</span>
                            })}
                        </pre>
                    }
                }
            </div>
            if !sheet.commands.is_empty() {
                <ul class="commands" aria-label={words.types_it}>
                    {for sheet.commands.iter().map(|command| {
                        let text = command.clone();
                        let draft = props.act.reform(move |_: MouseEvent| Action::Draft(text.clone()));
                        html! {
                            <li>
                                <button type="button" title={format!("{}: {command}", words.types_it)} aria-label={command.clone()} onclick={draft}>
                                    {short(command)}
                                </button>
                            </li>
                        }
                    })}
                </ul>
            }
        </aside>
    }
}

/// What a command does, in a word or two of its own: `logs`, `exec`, `getent hosts mysql`.
fn short(command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    match command.split_once(" -- ") {
        Some((_, inner)) if inner != "sh" => inner.to_string(),
        _ if words.first() == Some(&"saya") => words.iter().take(2).copied().collect::<Vec<_>>().join(" "),
        _ => words.get(1).copied().unwrap_or(command).to_string(),
    }
}

fn relations(sheet: &Sheet, props: &Props) -> Html {
    let words = props.language.words();
    if sheet.related.is_empty() {
        return html! { <p>{words.nothing_here}</p> };
    }
    let mut last = None;
    html! {
        <dl>
            {for sheet.related.iter().map(|(relation, name, id)| {
                let id = id.clone();
                let go = props.act.reform(move |_: MouseEvent| Action::Inspect(Some(id.clone())));
                let first = last.replace(*relation) != Some(*relation);
                html! {
                    <>
                        if first {
                            <dt>{heading(*relation, words)}</dt>
                        }
                        <dd><button type="button" class="quiet link" onclick={go}>{name.clone()}</button></dd>
                    </>
                }
            })}
        </dl>
    }
}
