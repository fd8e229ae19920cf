//! Lookups and connections in words, beside the figure.

use yew::prelude::*;

use crate::api::Kind;
use crate::network::activity::Place;
use crate::sim::traffic::{Stream, What, Why};

use super::action::Action;
use super::traffic::{Showing, Shown};
use super::words::{Language, Words};

/// So many streams are told of, the largest first.
const MOST_STREAMS: usize = 3;
/// So many talks are told of, the last ones.
const MOST_TALKS: usize = 4;

/// Why a connection fails, in a sentence.
pub fn reason(why: &Why, words: &Words) -> String {
    let (form, what) = match why {
        Why::Refused(port) => (words.why_refused, port.as_str()),
        Why::NoEndpoints(service) => (words.why_no_endpoints, service.as_str()),
        Why::NoSuchPort(service) => (words.why_no_such_port, service.as_str()),
        Why::Nobody(ip) => (words.why_nobody, ip.as_str()),
        Why::Policy(policy) => (words.why_policy, policy.as_str()),
        Why::NodeDown(node) => (words.why_node_down, node.as_str()),
        Why::Cut(one, other) => return words.why_cut.replacen("{}", one, 1).replacen("{}", other, 1),
        Why::Silence => (words.why_silence, ""),
        Why::Said(what) => return what.clone(),
    };
    form.replace("{}", what)
}

/// What asks Saya why.
fn trace_command(from: &Place, to: &str, lookup: bool) -> Option<String> {
    let from = match from {
        Place::Object(key) if key.kind == Kind::Pod && &*key.namespace == "default" => key.name.to_string(),
        Place::Object(key) if key.kind == Kind::Pod => format!("-n {} {}", key.namespace, key.name),
        Place::Host => "host".into(),
        _ => return None,
    };
    (!lookup).then(|| format!("saya trace {from} {to}"))
}

/// A number a second, as exactly as it can be read.
pub fn a_second(rate: f64) -> String {
    match rate {
        10.0.. => format!("{rate:.0}/s"),
        _ => format!("{}/s", (rate * 10.0).round() / 10.0),
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is shown.
    pub shown: Shown,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The questions of lookups and what came of connections, in words.
#[component]
pub fn Talks(props: &Props) -> Html {
    let words = props.language.words();
    let failure = |why: &Why, command: Option<String>| {
        html! {
            <p class="fails">
                {"✕ "}{reason(why, words)}
                if let Some(command) = command {
                    <button type="button" class="quiet link" title={command.clone()} onclick={props.act.reform(move |_: MouseEvent| Action::Draft(command.clone()))}>
                        {words.why}
                    </button>
                }
            </p>
        }
    };
    let one = |shown: &Showing| {
        let talk = &shown.talk;
        let flown = shown.flown;
        let questions = talk.questions.iter().map(|asked| {
            let over = flown >= asked.flights.1 && asked.answer.is_some();
            let (sign, class) = match (over, asked.no) {
                (true, true) => ("✕", "no"),
                (true, false) => ("✓", "reply"),
                _ if flown >= asked.flights.0 => ("→", "ask"),
                _ => ("·", "later"),
            };
            html! {
                <li class={class}>
                    <i aria-hidden="true">{sign}</i>
                    <span>{if asked.kind == "A" { asked.name.clone() } else { format!("{} {}", asked.kind, asked.name) }}</span>
                    if over {
                        <b>{asked.answer.clone()}</b>
                    }
                </li>
            }
        });
        let done = flown >= talk.flights.len();
        let calls = talk.questions.is_empty().then(|| {
            let mut places: Vec<&str> = talk.flights.iter().filter(|flight| matches!(flight.what, What::Ask | What::Fails)).map(|flight| flight.label.as_str()).collect();
            places.dedup();
            html! { if places.len() > 1 { <li class="reply"><i aria-hidden="true">{"↪"}</i><span>{places.join(" → ")}</span></li> } }
        });
        html! {
            <section key={talk.id.to_string()}>
                <h2>{talk.title.clone()}</h2>
                <ul>{for questions}{for calls}</ul>
                if let Some(why) = talk.why.as_ref().filter(|_| done || flown + 1 >= talk.flights.len()) {
                    {failure(why, trace_command(&talk.from, &talk.title, !talk.questions.is_empty()))}
                }
            </section>
        }
    };
    let stream = |(at, stream): (usize, &Stream)| {
        let (sign, class) = if stream.no { ("✕", "no") } else { ("→", "ask") };
        html! {
            <section key={format!("stream {at}")} class="stream">
                <h2>{stream.title.clone()}</h2>
                <ul><li {class}><i aria-hidden="true">{sign}</i><span>{a_second(stream.rate)}</span></li></ul>
                if let Some(why) = &stream.why {
                    {failure(why, trace_command(&stream.from, &stream.title, stream.lookup))}
                }
            </section>
        }
    };
    let shown = &props.shown;
    let mut streams: Vec<&Stream> = shown.streams.iter().collect();
    streams.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    streams.truncate(MOST_STREAMS);
    let last = shown.talks.len().saturating_sub(MOST_TALKS);
    html! {
        if !shown.is_empty() {
            <div class="talks" role="log" aria-label={words.traffic}>
                {for streams.into_iter().enumerate().map(stream)}
                {for shown.talks[last..].iter().map(one)}
            </div>
        }
    }
}
