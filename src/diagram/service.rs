//! A Service as it is drawn: its address on the edge of the cluster.

use super::geometry::{Point, Rect, point, rect};
use super::layout::Shown;
use super::pod::{NAME, SMALL};
use super::scene::{Anchor, Group, Kind, State, Text};
use super::shape::{Dash, Form, Shape};
use super::theme::Ink;
use super::typeface::{shorten, text_width};
use super::words::{Words, fill};
use crate::sim::snapshot::{Name, ServicePortView, ServiceView};

/// Where the arrow from a Service lands on a Pod: from the right end of the upper side.
pub(super) const SERVED: f64 = 6.0;
/// Where the arrow to a Service leaves a Pod: from the right end of the upper side.
pub(super) const CALLING: f64 = 14.0;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 40.0;
const MOST_TEXT: f64 = 150.0;
const RADIUS: f64 = 6.0;

/// The id of a Service's group.
pub fn id_of(name: &Name) -> String {
    format!("service/{}/{}", name.namespace, name.name)
}

/// True for a Service that takes connections from outside of the cluster.
pub(super) fn is_outside(service: &ServiceView) -> bool {
    matches!(service.kind.as_str(), "NodePort" | "LoadBalancer")
}

/// Why nobody answers behind a Service that should have Pods; nothing where somebody does.
pub(super) fn deserted(service: &ServiceView, words: &Words) -> Option<&'static str> {
    if service.kind == "ExternalName" || service.selector.is_empty() {
        return None;
    }
    match (service.endpoints.is_empty(), service.endpoints.iter().any(|endpoint| endpoint.ready)) {
        (true, _) => Some(words.no_endpoints),
        (false, false) => Some(words.no_endpoint_ready),
        _ => None,
    }
}

/// The name that other namespaces call it by, where there are others.
fn short_name(service: &ServiceView, shown: &Shown) -> String {
    let Name { namespace, name } = &service.name;
    if shown.several_namespaces && namespace != "default" {
        format!("{name}.{namespace}")
    } else {
        name.clone()
    }
}

fn address(service: &ServiceView) -> String {
    match (&service.cluster_ip, service.kind.as_str()) {
        (Some(ip), _) => ip.clone(),
        (None, "ExternalName") => service.external_ip.clone().unwrap_or_default(),
        (None, _) => "None (headless)".into(),
    }
}

/// How large its box is.
pub(super) fn size(service: &ServiceView, shown: &Shown) -> Point {
    let widest = [short_name(service, shown), address(service)]
        .iter()
        .map(|line| text_width(line, NAME).min(MOST_TEXT))
        .fold(0.0, f64::max);
    // A line of words below, in whichever language.
    let below = usize::from(deserted(service, super::Language::En.words()).is_some())
        + usize::from(shown.selectors && !service.selector.is_empty());
    point((widest + 20.0).ceil().max(WIDTH), HEIGHT + SMALL * 1.3 * below as f64)
}

/// The group of a Service in its box.
pub(super) fn draw(service: &ServiceView, shown: &Shown, words: &Words, bounds: Rect) -> Group {
    let Name { namespace, name } = &service.name;
    let mut group = Group::new(Kind::Service, id_of(&service.name), format!("Service {name}"), bounds);
    group.facts = vec![match &service.cluster_ip {
        Some(ip) => format!("{} {ip}", service.kind),
        None if service.kind == "ExternalName" => format!("ExternalName {}", address(service)),
        None => "headless".into(),
    }];
    group.facts.extend(service.external_ip.as_ref().map(|ip| fill(words.external_ip, &[ip])));
    group.facts.extend(service.ports.iter().map(|port| {
        let outer = port.node_port.map(|port| fill(words.on_every_node, &[&port.to_string()]));
        fill(words.port, &[&spell(port.port, port)]) + &outer.unwrap_or_default()
    }));
    if namespace != "default" {
        group.facts.push(fill(words.namespace, &[namespace]));
    }
    let deserted = deserted(service, words);
    if let Some(words) = deserted {
        group.state = State::NoEndpoints;
        group.facts.push(words.into());
    }
    group.shapes.push(Shape {
        dash: if service.cluster_ip.is_some() { Dash::Solid } else { Dash::Dashed },
        ..Shape::plain(Form::Rounded(RADIUS), rect(0.0, 0.0, bounds.width, bounds.height))
    });
    let line = |words: &str, y: f64| {
        let words = shorten(words, MOST_TEXT, NAME);
        Text::line(point(bounds.width / 2.0, y), Anchor::Middle, NAME, words)
    };
    let whole = short_name(service, shown);
    // What is cut keeps its end, by which Services of one namespace differ.
    let title = if text_width(&whole, NAME) > MOST_TEXT { name } else { &whole };
    group.texts.push(line(title, 17.0));
    group.texts.push(line(&address(service), 31.5));
    let mut below = 46.5;
    if shown.selectors && !service.selector.is_empty() {
        let pairs: Vec<String> =
            service.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let pairs =
            shorten(&fill(words.selects, &[&pairs.join(",")]), bounds.width - 10.0, SMALL).into_owned();
        let at = point(bounds.width / 2.0, below);
        group.texts.push(Text::line(at, Anchor::Middle, SMALL, pairs).inked(Ink::Muted));
        below += SMALL * 1.3;
    }
    if let Some(words) = deserted {
        let below = point(bounds.width / 2.0, below);
        group.texts.push(Text::line(below, Anchor::Middle, SMALL, words).inked(Ink::Failed));
    }
    group
}

/// `3306/tcp`.
fn spell(number: impl std::fmt::Display, port: &ServicePortView) -> String {
    format!("{number}/{}", port.protocol.to_lowercase())
}

/// The label of an arrow: what `number` tells of each port, and in brackets which port that is.
pub(super) fn port_label<'a, T: std::fmt::Display>(
    service: &'a ServiceView,
    number: impl Fn(&'a ServicePortView) -> Option<T>,
    which: &str,
) -> Option<Vec<String>> {
    const MOST: usize = 2;
    let mut words: Vec<String> =
        service.ports.iter().filter_map(|port| Some(spell(number(port)?, port))).collect();
    if words.is_empty() {
        return None;
    }
    if words.len() > MOST {
        words.truncate(MOST);
        words.push("…".into());
    }
    Some(vec![words.join(", "), format!("({which})")])
}

/// The same in a sentence, in full: ` on 3306/tcp (port)`; nothing where there is no such port.
pub(super) fn ports<'a, T: std::fmt::Display>(
    service: &'a ServiceView,
    number: impl Fn(&'a ServicePortView) -> Option<T>,
    which: &str,
    words: &Words,
) -> String {
    let ports: Vec<String> =
        service.ports.iter().filter_map(|port| Some(spell(number(port)?, port))).collect();
    if ports.is_empty() { String::new() } else { fill(words.on, &[&ports.join(", "), which]) }
}
