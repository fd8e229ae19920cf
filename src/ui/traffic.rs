//! Lookups and connections over the figure. Where a packet is follows from virtual time alone: what takes microseconds is
//! shown slowly, one flight after the other, and pausing, stepping and rewinding do to it what they do to the rest.

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

use crate::api::Kind;
use crate::base::SimTime;
use crate::diagram::geometry::{Point, point};
use crate::network::activity::Place;
use crate::sim::related::Subject;
use crate::sim::traffic::{Talk, What, Why};

use super::action::Action;
use super::figure::Drawing;
use super::words::{Language, Words};

/// How long one flight is shown, in seconds of a person's time.
const FLIGHT: f64 = 0.6;
/// How long a talk stays when it is over.
const LINGER: f64 = 2.5;
/// The same for one that failed.
const LINGER_FAILED: f64 = 9.0;
/// How far behind what really happened may be shown, in flights; what would be later is left out.
const MOST_BEHIND: f64 = 24.0;
/// So many are shown at once.
const MOST: usize = 50;

/// A talk that is shown now.
#[derive(Clone, PartialEq)]
pub struct Showing {
    talk: Rc<Talk>,
    /// How many flights have passed, with the share of the one that is on its way.
    flown: f64,
}

/// What is to be shown of the talks at a moment.
pub fn showing(talks: Vec<Talk>, now: SimTime, speed: f64, background: bool) -> Vec<Showing> {
    let seconds = |at: SimTime| at.0 as f64 / 1e6;
    let scale = speed.max(1.0);
    let flight = FLIGHT * scale;
    // One after the other of each sender, as it does them.
    let mut free: BTreeMap<Place, f64> = BTreeMap::new();
    let mut all = Vec::new();
    for talk in talks.into_iter().filter(|talk| background || !talk.background) {
        let at = seconds(talk.at);
        let begins = free.get(&talk.from).copied().unwrap_or(at).max(at);
        if begins > at + MOST_BEHIND * flight || talk.flights.is_empty() {
            continue;
        }
        let ends = begins + talk.flights.len() as f64 * flight;
        free.insert(talk.from.clone(), ends + 0.2 * flight);
        let linger = scale * if talk.why.is_some() { LINGER_FAILED } else { LINGER };
        if (begins..ends + linger).contains(&seconds(now)) {
            all.push(Showing { flown: (seconds(now) - begins) / flight, talk: Rc::new(talk) });
        }
    }
    let over = all.len().saturating_sub(MOST);
    all.drain(..over);
    all
}

/// Where a place is in the figure, and what to call it where it is not drawn.
fn spot(drawing: &Drawing, place: &Place, words: &Words) -> Option<(Point, Option<String>)> {
    let scene = &drawing.0;
    let at = |id: &str| drawing.center(id);
    match place {
        Place::Object(key) => match at(&Subject::id(key)) {
            Some(center) => Some((center, None)),
            None if key.kind == Kind::Service => {
                Some((point(scene.width - 90.0, scene.height - 20.0), Some(key.name.to_string())))
            }
            None => None,
        },
        Place::Host | Place::Outside(_) => Some(match at("outside") {
            Some(center) => (center, None),
            None => (point(90.0, scene.height - 20.0), Some(words.this_machine.into())),
        }),
        Place::Nobody(ip) => Some((point(scene.width / 2.0, scene.height - 20.0), Some(ip.to_string()))),
    }
}

/// A flight that can be drawn.
struct Leg {
    from: Point,
    to: Point,
    what: What,
    label: String,
    /// What to call its ends where they are not drawn otherwise.
    ends: [Option<String>; 2],
}

/// The flights of a talk; what is not in the figure is passed over.
fn legs(drawing: &Drawing, talk: &Talk, words: &Words) -> Vec<Leg> {
    let mut last: Option<(Point, Option<String>)> = None;
    let mut legs = Vec::new();
    for flight in &talk.flights {
        let from = spot(drawing, &flight.from, words).or(last.take());
        let to = spot(drawing, &flight.to, words);
        let Some(from) = from else { continue };
        let to = to.unwrap_or_else(|| from.clone());
        last = Some(to.clone());
        legs.push(Leg {
            from: from.0,
            to: to.0,
            what: flight.what,
            label: flight.label.clone(),
            ends: [from.1, to.1],
        });
    }
    legs
}

fn class(what: What) -> &'static str {
    match what {
        What::Ask => "ask",
        What::Reply => "reply",
        What::No => "no",
        What::Fails => "fails",
    }
}

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
    };
    form.replace("{}", what)
}

/// What asks Saya why.
fn trace_command(talk: &Talk) -> Option<String> {
    let from = match &talk.from {
        Place::Object(key) if key.kind == Kind::Pod && &*key.namespace == "default" => key.name.to_string(),
        Place::Object(key) if key.kind == Kind::Pod => format!("-n {} {}", key.namespace, key.name),
        Place::Host => "host".into(),
        _ => return None,
    };
    talk.questions.is_empty().then(|| format!("saya trace {from} {}", talk.title))
}

#[derive(Properties, PartialEq)]
pub struct LinesProps {
    /// What is shown.
    pub showing: Rc<Vec<Showing>>,
    /// The figure.
    pub drawing: Drawing,
    /// True where nothing may move.
    pub still: bool,
    /// The language of the page.
    pub language: Language,
}

/// The lines of flights, in the figure's coordinates: the one on its way strong, those before it faint. Where nothing may
/// move, each has its number.
#[component]
pub fn Flights(props: &LinesProps) -> Html {
    let words = props.language.words();
    let one = |shown: &Showing| {
        let legs = legs(&props.drawing, &shown.talk, words);
        let at = (shown.flown as usize).min(legs.len().saturating_sub(1));
        let names =
            legs.iter().take(at + 1).flat_map(|leg| [(leg.from, &leg.ends[0]), (leg.to, &leg.ends[1])]);
        let mut called: Vec<(Point, &String)> =
            names.filter_map(|(at, name)| Some((at, name.as_ref()?))).collect();
        called.sort_by(|a, b| a.1.cmp(b.1));
        called.dedup_by(|a, b| a.1 == b.1);
        html! {
            <g key={shown.talk.id.to_string()} class="talk" data-talk={shown.talk.id.to_string()}>
                {for called.into_iter().map(|(at, name)| html! {
                    <g class="elsewhere" transform={format!("translate({} {})", at.x, at.y)}>
                        <rect x="-56" y="-13" width="112" height="26" rx="6" />
                        <text text-anchor="middle" y="4" font-size="12">{name.clone()}</text>
                    </g>
                })}
                {for legs.iter().take(at + 1).enumerate().map(|(index, leg)| {
                    let now = if index == at { "now" } else { "" };
                    let middle = point((leg.from.x + leg.to.x) / 2.0, (leg.from.y + leg.to.y) / 2.0);
                    // What comes back runs beside what went there.
                    let aside = if matches!(leg.what, What::Reply | What::No) { 7.0 } else { -7.0 };
                    html! {
                        <>
                        <path
                            class={classes!("flight", class(leg.what), now)}
                            d={format!("M{:.1} {:.1}L{:.1} {:.1}", leg.from.x, leg.from.y, leg.to.x, leg.to.y)}
                        />
                        if props.still {
                            <g class={classes!("number", class(leg.what))} transform={format!("translate({:.1} {:.1})", middle.x + aside, middle.y + aside)}>
                                <circle r="9" /><text text-anchor="middle" y="4" font-size="11">{index + 1}</text>
                            </g>
                        }
                        if leg.what == What::Fails {
                            <g class="stopped" transform={format!("translate({:.1} {:.1})", leg.to.x, leg.to.y)}>
                                <circle r="11" /><path d="M-4-4 4 4M4-4-4 4" />
                            </g>
                        }
                        </>
                    }
                })}
            </g>
        }
    };
    html! { <g class="flights">{for props.showing.iter().map(one)}</g> }
}

#[derive(Properties, PartialEq)]
pub struct PacketsProps {
    /// What is shown.
    pub showing: Rc<Vec<Showing>>,
    /// The figure.
    pub drawing: Drawing,
    /// Where the figure's origin is in the panel, and its scale.
    pub camera: (f64, f64, f64),
    /// How long a move to the next place takes, in milliseconds.
    pub step: f64,
    /// The language of the page.
    pub language: Language,
}

/// The packets that are on their way. Only their transformation changes, which the compositor does alone.
#[component]
pub fn Packets(props: &PacketsProps) -> Html {
    let words = props.language.words();
    let (left, top, scale) = props.camera;
    let one = |shown: &Showing| {
        let legs = legs(&props.drawing, &shown.talk, words);
        let at = shown.flown as usize;
        let leg = legs.get(at)?;
        // It rests a little where it arrives.
        let share = ((shown.flown - at as f64) / 0.8).min(1.0);
        let x = left + scale * (leg.from.x + (leg.to.x - leg.from.x) * share);
        let y = top + scale * (leg.from.y + (leg.to.y - leg.from.y) * share);
        let style = format!("transform:translate({x:.1}px,{y:.1}px);transition-duration:{:.0}ms", props.step);
        Some(html! {
            <div key={format!("{} {at}", shown.talk.id)} class={classes!("packet", class(leg.what))} {style}>
                <i></i>
                if !leg.label.is_empty() {
                    <span>{leg.label.clone()}</span>
                }
            </div>
        })
    };
    html! { <div class="packets" aria-hidden="true">{for props.showing.iter().filter_map(one)}</div> }
}

#[derive(Properties, PartialEq)]
pub struct ListProps {
    /// What is shown.
    pub showing: Rc<Vec<Showing>>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The questions of lookups and what came of connections, in words.
#[component]
pub fn Talks(props: &ListProps) -> Html {
    let words = props.language.words();
    let one = |shown: &Showing| {
        let talk = &shown.talk;
        let flown = shown.flown as usize;
        let questions = talk.questions.iter().map(|asked| {
            let over = shown.flown >= asked.flights.1 as f64 && asked.answer.is_some();
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
        let done = shown.flown >= talk.flights.len() as f64;
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
                    <p class="fails">
                        {"✕ "}{reason(why, words)}
                        if let Some(command) = trace_command(talk) {
                            <button type="button" class="quiet link" title={command.clone()} onclick={props.act.reform(move |_: MouseEvent| Action::Draft(command.clone()))}>
                                {words.why}
                            </button>
                        }
                    </p>
                }
            </section>
        }
    };
    let last = props.showing.len().saturating_sub(4);
    html! {
        if !props.showing.is_empty() {
            <div class="talks" role="log" aria-label={words.traffic}>{for props.showing[last..].iter().map(one)}</div>
        }
    }
}
