//! Lookups and connections over the figure, in its coordinates: the lines of flights, packets that move along them, and
//! streams. A packet is given to the browser once, with the whole of its flight; from then on its compositor moves it, as long
//! as time passes evenly.

use std::collections::BTreeMap;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Animation, Element};
use yew::prelude::*;

use crate::api::Kind;
use crate::diagram::geometry::{Point, Rect, point, rect};
use crate::network::activity::Place;
use crate::sim::related::Subject;
use crate::sim::traffic::{Stream, Talk, What};

use super::figure::Drawing;
use super::talks::a_second;
use super::traffic::{FLIGHT, MOST, Pace, Showing, Shown};
use super::words::{Language, Words};

/// A packet rests where it arrives for the rest of its flight.
const ARRIVES: f64 = 0.8;
/// A number below this, or below this share of all that are like it, says no more than the line.
const WORTH_SAYING: f64 = 1.5;
const SHARE_WORTH_SAYING: f64 = 1.0 / 12.0;

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
            None if key.kind == Kind::Pod || key.kind == Kind::Node => None,
            None => Some((point(scene.width * 0.3, scene.height - 20.0), Some(key.name.to_string()))),
        },
        Place::Host | Place::Outside(_) => Some(match at("outside") {
            Some(center) => (center, None),
            None => (point(90.0, scene.height - 20.0), Some(words.this_machine.into())),
        }),
        Place::Nobody(ip) => Some((point(scene.width / 2.0, scene.height - 20.0), Some(ip.to_string()))),
        Place::Named(name) => Some((point(scene.width * 0.7, scene.height - 20.0), Some(name.clone()))),
    }
}

/// A flight that can be drawn.
struct Leg {
    way: Vec<Point>,
    what: What,
    label: String,
    /// What to call its ends where they are not drawn otherwise.
    ends: [Option<String>; 2],
}

impl Leg {
    fn ends(&self) -> [(Point, Option<&String>); 2] {
        let last = self.way.len() - 1;
        [(self.way[0], self.ends[0].as_ref()), (self.way[last], self.ends[1].as_ref())]
    }
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
        // What comes in goes along the line that is drawn for it.
        let way = drawing.way(&id(&flight.from), &id(&flight.to)).unwrap_or_else(|| vec![from.0, to.0]);
        legs.push(Leg { way, what: flight.what, label: flight.label.clone(), ends: [from.1, to.1] });
    }
    legs
}

/// The id of a place in the figure.
fn id(place: &Place) -> String {
    match place {
        Place::Object(key) => Subject::id(key),
        Place::Host | Place::Outside(_) => "outside".into(),
        Place::Nobody(ip) => ip.to_string(),
        Place::Named(name) => name.clone(),
    }
}

fn class(what: What) -> &'static str {
    match what {
        What::Ask => "ask",
        What::Reply => "reply",
        What::No => "no",
        What::Fails => "fails",
    }
}

fn path_of(way: &[Point]) -> String {
    let step = |(at, place): (usize, &Point)| {
        format!("{}{:.1} {:.1}", if at == 0 { 'M' } else { 'L' }, place.x, place.y)
    };
    way.iter().enumerate().map(step).collect()
}

/// What of the streams goes from one thing of the figure to another.
struct Strand {
    from: (Point, Option<String>),
    to: (Point, Option<String>),
    what: What,
    rate: f64,
}

/// The streams put together as the figure shows their ends: from afar, Pods as their nodes.
fn strands(drawing: &Drawing, streams: &[Stream], afar: bool, words: &Words) -> Vec<Strand> {
    let mut all: BTreeMap<(String, String, What), Strand> = BTreeMap::new();
    let end = |place: &Place| {
        let id = id(place);
        let node = drawing.node(&id).filter(|_| afar);
        match node.and_then(|node| Some((node.to_string(), (drawing.center(node)?, None)))) {
            Some(node) => Some(node),
            None => Some((id, spot(drawing, place, words)?)),
        }
    };
    for (from, to, what, rate) in streams.iter().flat_map(|stream| &stream.ways) {
        let (Some((one, from)), Some((other, to))) = (end(from), end(to)) else { continue };
        if one != other {
            let strand = Strand { from, to, what: *what, rate: 0.0 };
            all.entry((one, other, *what)).or_insert(strand).rate += rate;
        }
    }
    // Those that differ little keep their order from one second to the next.
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, strand)| -(strand.rate / 4.0) as i64);
    all.truncate(MOST);
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(_, strand)| strand).collect()
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is shown.
    pub shown: Shown,
    /// The figure.
    pub drawing: Drawing,
    /// Where the figure's origin is in the panel, and its scale.
    pub camera: (f64, f64, f64),
    /// True where the camera jumps.
    pub jumps: bool,
    /// True where Pods are dots.
    pub afar: bool,
    /// True where nothing may move.
    pub still: bool,
    /// The language of the page.
    pub language: Language,
}

/// All that goes over the network, above the figure.
#[component]
pub fn Over(props: &Props) -> Html {
    let (left, top, scale) = props.camera;
    let jumps = if props.jumps { ";transition:none" } else { "" };
    let style = format!(
        "transform:translate({left:.2}px,{top:.2}px) scale({scale:.4});--near:{:.4}{jumps}",
        1.0 / scale
    );
    html! {
        <div class="packets" aria-hidden="true">
            <div class="over" {style}>
                <Flights shown={props.shown.clone()} drawing={props.drawing.clone()} still={props.still} language={props.language} />
                if !props.shown.streams.is_empty() {
                    <Streams
                        shown={props.shown.clone()}
                        drawing={props.drawing.clone()}
                        afar={props.afar}
                        still={props.still}
                        near={(10.0 / scale).round() / 10.0}
                        language={props.language}
                    />
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FlightsProps {
    shown: Shown,
    drawing: Drawing,
    still: bool,
    language: Language,
}

fn elsewhere<'a>(ends: impl Iterator<Item = (Point, Option<&'a String>)>) -> Html {
    let mut called: Vec<(Point, &String)> = ends.filter_map(|(at, name)| Some((at, name?))).collect();
    called.sort_by(|a, b| a.1.cmp(b.1));
    called.dedup_by(|a, b| a.1 == b.1);
    html! {
        {for called.into_iter().map(|(at, name)| html! {
            <g class="elsewhere" transform={format!("translate({} {})", at.x, at.y)}>
                <rect x="-56" y="-13" width="112" height="26" rx="6" />
                <text text-anchor="middle" y="4" font-size="12">{name.clone()}</text>
            </g>
        })}
    }
}

/// The flights of talks: the line of the one on its way strong, those before it faint, and its packet. Where nothing may move,
/// each has its number.
#[component]
fn Flights(props: &FlightsProps) -> Html {
    let words = props.language.words();
    let all: Vec<(&Showing, Vec<Leg>)> =
        props.shown.talks.iter().map(|shown| (shown, legs(&props.drawing, &shown.talk, words))).collect();
    // The legs that were begun: the last of them is the one on its way.
    let begun = |shown: &Showing, legs: &Vec<Leg>| (shown.flown + 1).min(legs.len());
    let lines = |(shown, legs): &(&Showing, Vec<Leg>)| {
        let begun = begun(shown, legs);
        html! {
            <g key={shown.talk.id.to_string()} class="talk" data-talk={shown.talk.id.to_string()}>
                {for legs.iter().take(begun).enumerate().map(|(index, leg)| {
                    let now = if index + 1 == begun { "now" } else { "" };
                    html! { <path class={classes!("flight", class(leg.what), now)} d={path_of(&leg.way)} /> }
                })}
            </g>
        }
    };
    // What is called by its name, and what says something of a line, lies over all lines.
    let ends = all.iter().flat_map(|(shown, legs)| legs.iter().take(begun(shown, legs)).flat_map(Leg::ends));
    let marks = |(shown, legs): &(&Showing, Vec<Leg>)| {
        let mark = |(index, leg): (usize, &Leg)| {
            let [(from, _), (to, _)] = leg.ends();
            // What comes back runs beside what went there.
            let aside = if matches!(leg.what, What::Reply | What::No) { 7.0 } else { -7.0 };
            let middle = point((from.x + to.x) / 2.0 + aside, (from.y + to.y) / 2.0 + aside);
            html! {
                <>
                if props.still {
                    <g class={classes!("number", class(leg.what))} transform={format!("translate({:.1} {:.1})", middle.x, middle.y)}>
                        <circle r="9" /><text text-anchor="middle" y="4" font-size="11">{index + 1}</text>
                    </g>
                }
                if leg.what == What::Fails {
                    <g class="stopped" transform={format!("translate({:.1} {:.1})", to.x, to.y)}>
                        <circle r="11" /><path d="M-4-4 4 4M4-4-4 4" />
                    </g>
                }
                </>
            }
        };
        legs.iter().take(begun(shown, legs)).enumerate().map(mark).collect::<Html>()
    };
    let drawn = html! {
        <svg class="flights" width="1" height="1">
            {for all.iter().map(lines)}
            {elsewhere(ends)}
            {for all.iter().map(marks)}
        </svg>
    };
    // The next one waits, so that it leaves in time.
    let packets = |(shown, legs): (&Showing, Vec<Leg>)| {
        let (id, begins, flight, pace) = (shown.talk.id, shown.begins, shown.flight, props.shown.pace);
        let next = legs.into_iter().enumerate().skip(shown.flown).take(2);
        let one = move |(at, leg): (usize, Leg)| {
            html! {
                <Packet
                    key={format!("{id} {at}")}
                    way={leg.way}
                    class={class(leg.what)}
                    label={leg.label}
                    starts={begins + at as f64 * flight}
                    {flight}
                    {pace}
                />
            }
        };
        next.map(one).collect::<Vec<_>>()
    };
    html! {
        <>
        {drawn}
        if !props.still {
            {for all.into_iter().flat_map(packets)}
        }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StreamsProps {
    shown: Shown,
    drawing: Drawing,
    afar: bool,
    still: bool,
    /// The size of a pixel in the figure, roughly.
    near: f64,
    language: Language,
}

/// Streams: a line for each way, with the number of packets a second, and a few packets that go it again and again.
#[component]
fn Streams(props: &StreamsProps) -> Html {
    let words = props.language.words();
    let strands = strands(&props.drawing, &props.shown.streams, props.afar, words);
    let mut lines: BTreeMap<What, String> = BTreeMap::new();
    let mut taken: Vec<Rect> = Vec::new();
    let mut numbers = Vec::new();
    let mut totals: BTreeMap<What, f64> = BTreeMap::new();
    strands.iter().for_each(|strand| *totals.entry(strand.what).or_default() += strand.rate);
    for strand in &strands {
        let (from, to) = (strand.from.0, strand.to.0);
        lines.entry(strand.what).or_default().push_str(&path_of(&[from, to]));
        // Beside the middle, where another number does not stand already.
        let place = [0.5, 0.35, 0.65].into_iter().map(|share| between(from, to, share));
        let bounds = |at: Point| {
            rect(at.x - 24.0 * props.near, at.y - 10.0 * props.near, 48.0 * props.near, 20.0 * props.near)
        };
        let free = |at: &Point| !taken.iter().any(|other| other.overlaps(&bounds(*at)));
        if strand.rate >= WORTH_SAYING.max(totals[&strand.what] * SHARE_WORTH_SAYING)
            && let Some(at) = place.into_iter().find(free)
        {
            taken.push(bounds(at));
            numbers.push(html! {
                <b class={class(strand.what)} style={format!("translate:{:.0}px {:.0}px", at.x, at.y)}>{a_second(strand.rate)}</b>
            });
        }
    }
    let mut left = MOST;
    let packets = strands.iter().enumerate().filter(|_| !props.still).flat_map(|(index, strand)| {
        let count = match strand.rate {
            ..4.0 => 1,
            ..20.0 => 2,
            _ => 3,
        };
        let count = count.min(left);
        left -= count;
        // All at their own time.
        let phase = move |at: usize| (index as f64 * 0.382 + at as f64 / count as f64).fract();
        let (from, to) = (strand.from.0, strand.to.0);
        (0..count).map(move |at| {
            html! {
                <Packet
                    key={format!("{index} {at}")}
                    way={vec![from, to]}
                    class={class(strand.what)}
                    label={String::new()}
                    starts={-phase(at) * 2.0 * FLIGHT}
                    flight={2.0 * FLIGHT}
                    again={true}
                    pace={props.shown.pace}
                />
            }
        })
    });
    html! {
        <>
        <svg class="flights" width="1" height="1">
            {for lines.into_iter().map(|(what, d)| html! { <path class={classes!("strand", class(what))} {d} /> })}
            {elsewhere(strands.iter().flat_map(|strand| [&strand.from, &strand.to]).map(|(at, name)| (*at, name.as_ref())))}
        </svg>
        {for packets.collect::<Vec<_>>()}
        <div class="rates">{for numbers}</div>
        </>
    }
}

fn between(from: Point, to: Point, share: f64) -> Point {
    point(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
}

#[derive(Properties, PartialEq)]
struct PacketProps {
    /// Where it goes along.
    way: Vec<Point>,
    class: &'static str,
    /// What it carries.
    label: String,
    /// When it leaves, and how long its flight takes, in seconds of virtual time.
    starts: f64,
    flight: f64,
    /// True where it goes the same way again and again.
    #[prop_or_default]
    again: bool,
    pace: Pace,
}

/// A packet. The browser moves it.
#[component]
fn Packet(props: &PacketProps) -> Html {
    let node = use_node_ref();
    let moving = use_mut_ref(|| None::<Animation>);
    {
        let (node, moving, again) = (node.clone(), moving.clone(), props.again);
        use_effect_with(props.way.clone(), move |way| {
            if let Some(before) = moving.borrow_mut().take() {
                before.cancel();
            }
            *moving.borrow_mut() = node.cast::<Element>().and_then(|element| fly(&element, way, again));
        });
    }
    let (starts, flight, pace) = (props.starts, props.flight, props.pace);
    use_effect_with((props.way.clone(), starts, flight, pace), move |_| {
        if let Some(moving) = &*moving.borrow() {
            moving.set_current_time(Some((pace.now() - starts) / flight * FLIGHT * 1e3));
            moving.set_playback_rate(pace.speed * FLIGHT / flight);
        }
    });
    html! {
        <div ref={node} class={classes!("packet", props.class)}>
            <i></i>
            if !props.label.is_empty() {
                <span>{props.label.clone()}</span>
            }
        </div>
    }
}

/// Has an element fly along a way, once or for ever.
fn fly(element: &Element, way: &[Point], again: bool) -> Option<Animation> {
    let lengths = way.windows(2).map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y));
    let whole: f64 = lengths.clone().sum::<f64>().max(1e-6);
    let arrives = if again { 1.0 } else { ARRIVES };
    let frames = Array::new();
    let mut passed = 0.0;
    for (place, length) in way.iter().zip(std::iter::once(0.0).chain(lengths)) {
        passed += length;
        frames.push(&frame(*place, passed / whole * arrives)?);
    }
    frames.push(&frame(*way.last()?, 1.0)?);
    let how = Object::new();
    put(&how, "duration", FLIGHT * 1e3)?;
    put(&how, "iterations", if again { f64::INFINITY } else { 1.0 })?;
    let animate: Function = Reflect::get(element, &"animate".into()).ok()?.dyn_into().ok()?;
    animate.call2(element, &frames, &how).ok()?.dyn_into().ok()
}

fn put(object: &Object, name: &str, value: impl Into<JsValue>) -> Option<()> {
    Reflect::set(object, &name.into(), &value.into()).ok().map(|_| ())
}

fn frame(at: Point, share: f64) -> Option<JsValue> {
    let frame = Object::new();
    put(&frame, "transform", format!("translate({:.1}px,{:.1}px)", at.x, at.y))?;
    put(&frame, "opacity", 1.0)?;
    put(&frame, "offset", share.min(1.0))?;
    Some(frame.into())
}
