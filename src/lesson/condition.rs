//! Conditions: what a chapter's checks ask of a simulation, a line each. docs/lessons.md has the table of them.

use std::collections::BTreeMap;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::label_selector;
use crate::base::jsonpath::{self, JsonPath};
use crate::sim::Sim;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    Contains,
}

/// Which objects: of one kind in a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    kind: Kind,
    namespace: String,
    name: String,
    selector: Selector,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Exists(Target),
    Ready(Target),
    Field(Target, JsonPath, Option<(Relation, String)>),
    Changed(Target, JsonPath),
    Count(Target, Relation, String),
    Connects { from: Target, container: String, to: String },
    Printed(String),
    Ran(String),
    File(String, Option<String>),
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    what: What,
    negated: bool,
    /// As it is written.
    text: String,
}

/// What happened since a step began, for conditions that ask about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The first value of each field that a condition wants changed, by the condition's text.
    first: BTreeMap<String, String>,
    /// What was printed.
    printed: String,
    /// The commands that were typed.
    ran: String,
}

impl Memory {
    /// A step begins: what was before does not count any more, but for the values that fields have now.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// A command was typed, and printed this.
    pub fn note(&mut self, command: &str, printed: &str) {
        for (list, text) in [(&mut self.ran, command), (&mut self.printed, printed)] {
            list.push_str(text);
            list.push('\n');
        }
    }

    /// Something was printed.
    pub fn hear(&mut self, printed: &str) {
        self.printed.push_str(printed);
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (negated, rest) =
            text.strip_prefix("not ").map_or((false, text), |rest| (true, rest.trim_start()));
        Ok(Self { what: what(rest)?, negated, text: text.to_string() })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Sees the values that it wants changed, so that a later look can tell.
    pub fn observe(&self, sim: &Sim, memory: &mut Memory) {
        if let What::Changed(target, path) = &self.what
            && !memory.first.contains_key(&self.text)
            && let Some(value) = value(sim, target, path)
        {
            memory.first.insert(self.text.clone(), value);
        }
    }

    /// Whether it holds.
    pub fn holds(&self, sim: &Sim, memory: &Memory) -> bool {
        self.negated != self.what.holds(sim, &self.text, memory)
    }

    /// True where a look at it costs more than a look into the store.
    pub fn is_costly(&self) -> bool {
        matches!(self.what, What::Connects { .. })
    }
}

fn words(text: &str) -> std::str::SplitWhitespace<'_> {
    text.split_whitespace()
}

/// `KIND/NAME` or `KIND`, and then options, anywhere in the rest: `-n NS`, `-l SELECTOR`, `-c CONTAINER`. Returns what
/// is left.
fn target(text: &str) -> Result<(Target, String, String), String> {
    let mut words = words(text);
    let first = words.next().unwrap_or_default();
    let (kind, name) = first.split_once('/').unwrap_or((first, ""));
    let kind = Kind::from_word(kind)
        .ok_or_else(|| format!("\"{kind}\" is no kind, nor a word that begins a condition"))?;
    let mut target =
        Target { kind, namespace: "default".into(), name: name.into(), selector: Selector::default() };
    let mut container = String::new();
    let mut rest: Vec<&str> = Vec::new();
    while let Some(word) = words.next() {
        if !matches!(word, "-n" | "-l" | "-c") {
            rest.push(word);
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word {
            "-n" => target.namespace = value.into(),
            "-l" => target.selector = label_selector::parse(value)?,
            _ => container = value.into(),
        }
    }
    Ok((target, rest.join(" "), container))
}

fn relation(text: &str) -> Option<(Relation, &str)> {
    const RELATIONS: &[(&str, Relation)] = &[
        ("!=", Relation::NotEqual),
        (">=", Relation::AtLeast),
        ("<=", Relation::AtMost),
        ("==", Relation::Equal),
        ("=", Relation::Equal),
        ("contains ", Relation::Contains),
    ];
    RELATIONS.iter().find_map(|(sign, relation)| {
        let rest = text.strip_prefix(sign)?.trim();
        Some((*relation, rest.trim_matches('"')))
    })
}

fn what(text: &str) -> Result<What, String> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    let needed = |rest: &str| match rest {
        "" => Err(format!("{first} needs a text")),
        rest => Ok(rest.to_string()),
    };
    match first {
        "printed" => return Ok(What::Printed(needed(rest)?)),
        "ran" => return Ok(What::Ran(needed(rest)?)),
        "file" => {
            let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let wanted = match relation(rest.trim()) {
                Some((Relation::Contains, wanted)) => Some(wanted.to_string()),
                _ if rest.is_empty() => None,
                _ => return Err(format!("\"{rest}\": of a file one can ask \"contains TEXT\"")),
            };
            return Ok(What::File(needed(path)?, wanted));
        }
        _ => {}
    }
    let (target, rest, container) = target(text)?;
    if target.name.is_empty() {
        let counted = rest.strip_prefix("count").map(str::trim).and_then(relation);
        let (relation, number) =
            counted.ok_or_else(|| format!("\"{text}\": name an object (KIND/NAME), or say \"count = N\""))?;
        if number.parse::<i64>().is_err() {
            return Err(format!("\"{number}\" is no number"));
        }
        return Ok(What::Count(target, relation, number.to_string()));
    }
    if rest.is_empty() {
        return Ok(What::Exists(target));
    }
    if rest == "ready" {
        return Ok(What::Ready(target));
    }
    if let Some(to) = rest.strip_prefix("connects ") {
        let port = to.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none() {
            return Err(format!("\"{to}\": name a host and a port, as mysql:3306"));
        }
        return Ok(What::Connects { from: target, container, to: to.to_string() });
    }
    // A path ends at the first blank outside brackets.
    let mut depth = 0;
    let end = rest
        .char_indices()
        .find(|(_, c)| {
            depth += i32::from(matches!(c, '[' | '{')) - i32::from(matches!(c, ']' | '}'));
            c.is_whitespace() && depth == 0
        })
        .map_or(rest.len(), |(at, _)| at);
    let (path, rest) = (&rest[..end], rest[end..].trim());
    if !path.starts_with(['.', '{', '[']) {
        return Err(format!("\"{path}\": say ready, connects HOST:PORT, or a field as .status.podIP"));
    }
    let path = JsonPath::parse(&jsonpath::relaxed(path)?)?;
    match rest {
        "" => Ok(What::Field(target, path, None)),
        "changed" => Ok(What::Changed(target, path)),
        rest => {
            let (relation, wanted) = relation(rest).ok_or_else(|| {
                format!("\"{rest}\": say = VALUE, != VALUE, >= N, <= N, contains TEXT, or changed")
            })?;
            Ok(What::Field(target, path, Some((relation, wanted.to_string()))))
        }
    }
}

fn object<'a>(sim: &'a Sim, target: &Target) -> Option<&'a Object> {
    let key = ObjectKey::new(target.kind, &target.namespace, &target.name);
    sim.cluster().api.store().get(&key)
}

/// A field's value; none where it is not there or empty.
fn value(sim: &Sim, target: &Target, path: &JsonPath) -> Option<String> {
    let text = path.text(&object(sim, target)?.body).ok()?;
    (!text.is_empty()).then_some(text)
}

fn compares(relation: Relation, found: &str, wanted: &str) -> bool {
    let numbers = || Some((found.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?));
    match relation {
        Relation::Equal => found == wanted,
        Relation::NotEqual => found != wanted,
        Relation::Contains => found.contains(wanted),
        Relation::AtLeast => numbers().is_some_and(|(a, b)| a >= b),
        Relation::AtMost => numbers().is_some_and(|(a, b)| a <= b),
    }
}

fn is_ready(sim: &Sim, object: &Object) -> bool {
    let status = object.status();
    match object.kind {
        Kind::Pod | Kind::Node => object.has_condition("Ready") && !object.is_terminating(),
        Kind::Job => object.has_condition("Complete"),
        Kind::PersistentVolumeClaim => status.get("phase").str() == "Bound",
        Kind::DaemonSet => {
            let wanted = status.get("desiredNumberScheduled").int();
            wanted > 0 && status.get("numberReady").int() == wanted
        }
        Kind::Deployment | Kind::StatefulSet | Kind::ReplicaSet | Kind::ReplicationController => {
            let wanted = object.spec().get("replicas").as_int().unwrap_or(1);
            let updated = status.get("updatedReplicas").as_int();
            status.get("observedGeneration").int() >= object.generation()
                && status.get("readyReplicas").int() == wanted
                && status.get("replicas").int() == wanted
                && (object.kind == Kind::ReplicaSet || updated.is_none_or(|updated| updated == wanted))
        }
        Kind::Service => {
            let slices = sim.cluster().api.store().list_in(Kind::EndpointSlice, object.namespace());
            slices
                .filter(|slice| slice.labels().get("kubernetes.io/service-name").str() == object.name())
                .any(|slice| {
                    slice.get("endpoints").items().iter().any(|end| end.at(&["conditions", "ready"]).bool())
                })
        }
        _ => true,
    }
}

/// The Pods that a target means: itself, or those of its selector.
fn pods(sim: &Sim, target: &Target) -> Vec<String> {
    let Some(object) = object(sim, target) else { return Vec::new() };
    if object.kind == Kind::Pod {
        return vec![object.name().into()];
    }
    let selector = Selector::from_label_selector(object.spec().get("selector"));
    let all = sim.cluster().api.store().list_in(Kind::Pod, &target.namespace);
    all.filter(|pod| !selector.is_empty() && selector.matches(pod.labels()) && is_ready(sim, pod))
        .map(|pod| pod.name().to_string())
        .collect()
}

/// Lets a connection happen in a copy of everything.
fn connects(sim: &Sim, from: &Target, container: &str, to: &str) -> bool {
    let Some((host, Ok(port))) = to.rsplit_once(':').map(|(host, port)| (host, port.parse())) else {
        return false;
    };
    pods(sim, from).first().is_some_and(|pod| {
        let key = ObjectKey::new(Kind::Pod, &from.namespace, pod);
        let container = (!container.is_empty()).then_some(container);
        sim.cluster().trace(&key, container, host, port).reached
    })
}

impl What {
    fn holds(&self, sim: &Sim, text: &str, memory: &Memory) -> bool {
        match self {
            What::Exists(target) => object(sim, target).is_some(),
            What::Ready(target) => object(sim, target).is_some_and(|object| is_ready(sim, object)),
            What::Field(target, path, wanted) => match (value(sim, target, path), wanted) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(found), Some((relation, wanted))) => compares(*relation, &found, wanted),
            },
            What::Changed(target, path) => match (memory.first.get(text), value(sim, target, path)) {
                (Some(first), Some(now)) => *first != now,
                _ => false,
            },
            What::Count(target, relation, number) => {
                let all = sim.cluster().api.store().list(target.kind);
                let in_namespace = |object: &&Object| {
                    object.namespace().is_empty() || object.namespace() == target.namespace
                };
                let count = all.filter(in_namespace).filter(|o| target.selector.matches(o.labels())).count();
                compares(*relation, &count.to_string(), number)
            }
            What::Connects { from, container, to } => connects(sim, from, container, to),
            What::Printed(wanted) => memory.printed.contains(wanted),
            What::Ran(wanted) => memory.ran.contains(wanted),
            What::File(path, wanted) => sim
                .host()
                .file(path)
                .is_some_and(|text| wanted.as_ref().is_none_or(|wanted| text.contains(wanted))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        for text in [
            "pod/mysql-0",
            "not pod/mysql-0 -n shop",
            "sts/mysql ready",
            "pod/mysql-0 .status.podIP",
            "svc/mysql .spec.ports[0].port = 3306",
            "pod/x {.spec.containers[?(@.name==\"a\")].image} contains nginx",
            "pod/mysql-0 .status.podIP changed",
            "pods -l app=web count >= 3",
            "deploy/pma -c pma connects mysql:3306",
            "printed Init:0/1",
            "ran kubectl delete",
            "file svc.yml contains targetPort: 80",
        ] {
            assert!(Condition::parse(text).is_ok(), "{text}: {:?}", Condition::parse(text));
        }
    }

    #[test]
    fn a_wrong_condition_says_what_is_wrong() {
        for (text, words) in [
            ("pood/x ready", "\"pood\" is no kind"),
            ("pods count = many", "\"many\" is no number"),
            ("pods", "name an object"),
            ("pod/x redy", "say ready"),
            ("pod/x .a is 3", "say = VALUE"),
            ("deploy/pma connects mysql", "host and a port"),
            ("printed", "needs a text"),
            ("pods -l", "needs a value"),
        ] {
            let error = Condition::parse(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
