//! The sheet that a description is written on, and what all descriptions share.

use std::fmt::Display;

use crate::api::{Kind, Object, Selector};
use crate::base::table::elastic;
use crate::base::time::human_duration;
use crate::base::{Date, Value};
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::events::age;
use crate::kubectl::session::Session;

/// What is longer stands on a line of its own, cut off there.
const LONGEST_ANNOTATION: usize = 140;

/// A description under way: lines with tabs, aligned in the end.
pub struct Page {
    lines: String,
    /// The date now.
    pub now: Date,
    events: bool,
}

impl Page {
    /// An empty page, which shows Events or not.
    pub fn new(session: &Session<'_>, events: bool) -> Self {
        Self { lines: String::new(), now: session.date(), events }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        elastic(&self.lines, 2)
    }

    /// A line, `level` steps in.
    pub fn line(&mut self, level: usize, text: impl Display) {
        self.lines.extend(std::iter::repeat_n("  ", level));
        self.lines.push_str(&text.to_string());
        self.lines.push('\n');
    }

    /// `NAME:` and a value behind it.
    pub fn field(&mut self, level: usize, name: &str, value: impl Display) {
        self.line(level, format_args!("{name}:\t{value}"));
    }

    /// `NAME:` and values under each other behind it.
    pub fn fields(&mut self, level: usize, name: &str, values: &[String]) {
        match values.split_first() {
            None => self.field(level, name, "<none>"),
            Some((first, rest)) => {
                self.field(level, name, first);
                rest.iter().for_each(|value| self.line(0, format_args!("\t{value}")));
            }
        }
    }

    /// Labels, a line each.
    pub fn labels(&mut self, level: usize, name: &str, labels: &Value) {
        let labels: Vec<String> =
            labels.entries().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        self.fields(level, name, &labels);
    }

    /// Annotations, a line each; what `apply` keeps is not shown.
    pub fn annotations(&mut self, level: usize, annotations: &Value) {
        let mut shown = annotations.entries().filter(|(key, _)| *key != LAST_APPLIED).peekable();
        if shown.peek().is_none() {
            return self.field(level, "Annotations", "<none>");
        }
        self.lines.extend(std::iter::repeat_n("  ", level));
        self.lines.push_str("Annotations:");
        for (key, value) in shown {
            let value = value.str().trim_end_matches('\n');
            if value.len() + key.len() + 2 <= LONGEST_ANNOTATION && !value.contains('\n') {
                self.line(0, format_args!("\t{key}: {value}"));
                continue;
            }
            self.line(0, format_args!("\t{key}:"));
            for line in value.split('\n') {
                self.line(0, format_args!("\t  {}", shortened(line)));
            }
        }
    }

    /// Name, namespace, labels and annotations.
    pub fn head(&mut self, object: &Object) {
        self.field(0, "Name", object.name());
        if object.kind.names().namespaced {
            self.field(0, "Namespace", object.namespace());
        }
        self.labels(0, "Labels", object.labels());
        self.annotations(0, object.meta("annotations"));
    }

    /// What controls the object, where something does.
    pub fn controller(&mut self, object: &Object) {
        if let Some(owner) = object.controller() {
            self.field(
                0,
                "Controlled By",
                format_args!("{}/{}", owner.get("kind").str(), owner.get("name").str()),
            );
        }
    }

    /// The Events about an object, oldest first.
    pub fn events(&mut self, session: &Session<'_>, object: &Object) {
        if !self.events {
            return;
        }
        let namespace = if object.namespace().is_empty() { "default" } else { object.namespace() };
        let about = |event: &&Object| {
            let involved = event.get("involvedObject");
            involved.get("kind").str() == object.kind.names().kind
                && involved.get("name").str() == object.name()
                && (involved.get("uid").str() == object.uid() || object.kind == Kind::Node)
        };
        let mut events: Vec<&Object> =
            session.api.store().list_in(Kind::Event, namespace).filter(about).collect();
        if events.is_empty() {
            return self.field(0, "Events", "<none>");
        }
        let last = |event: &Object| Date::parse_rfc3339(event.get("lastTimestamp").str());
        events.sort_by_key(|event| last(event));
        self.line(0, "Events:");
        self.line(1, "Type\tReason\tAge\tFrom\tMessage");
        self.line(1, "----\t------\t----\t----\t-------");
        for event in events {
            let age = age(event, self.now);
            let from = match event.at(&["source", "component"]).str() {
                "" => event.get("reportingComponent").str(),
                component => component,
            };
            let part = match event.at(&["involvedObject", "fieldPath"]).str() {
                "" => String::new(),
                path => format!("{path}: "),
            };
            self.line(
                1,
                format_args!(
                    "{}\t{}\t{age}\t{from}\t{part}{}",
                    event.get("type").str(),
                    event.get("reason").str(),
                    event.get("message").str().trim()
                ),
            );
        }
    }

    /// Conditions, with the fields of each that `columns` name.
    pub fn conditions(&mut self, conditions: &Value, columns: &[&str]) {
        if conditions.is_empty() {
            return;
        }
        self.line(0, "Conditions:");
        self.line(1, columns.join("\t"));
        self.line(1, columns.iter().map(|name| "-".repeat(name.len())).collect::<Vec<_>>().join("\t"));
        for condition in conditions.items() {
            let cells =
                ["type", "status", "reason", "message"].map(|field| condition.get(field).str().to_string());
            let cells = &cells[..columns.len()];
            // The blank before the first tab is kubectl's.
            let row =
                if columns.len() == 3 { cells.join("\t").replacen('\t', " \t", 1) } else { cells.join("\t") };
            self.line(1, row);
        }
    }

    /// How long ago a stored moment is.
    pub fn since(&self, timestamp: &Value) -> String {
        match Date::parse_rfc3339(timestamp.str()) {
            Some(date) => human_duration(self.now.0 - date.0),
            None => "<unknown>".into(),
        }
    }
}

fn shortened(line: &str) -> String {
    if line.len() <= LONGEST_ANNOTATION - 2 {
        return line.into();
    }
    let mut end = LONGEST_ANNOTATION - 2;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &line[..end])
}

/// A stored moment as descriptions print it.
pub fn date(timestamp: &Value) -> String {
    match Date::parse_rfc3339(timestamp.str()) {
        Some(date) => date.rfc1123(),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
    }
}

/// Text or a number as it reads.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Null => String::new(),
        other => crate::base::json::to_string(other),
    }
}

/// The text, or `<none>`.
pub fn or_none(text: impl Into<String>) -> String {
    Some(text.into()).filter(|text| !text.is_empty()).unwrap_or_else(|| "<none>".into())
}

/// A field, or `<unset>` where it is missing.
pub fn or_unset(value: &Value) -> String {
    if value.is_null() { "<unset>".into() } else { plain(value) }
}

/// `True` or `False`.
pub fn truth(value: &Value) -> &'static str {
    if value.bool() { "True" } else { "False" }
}

/// `True`, `False` or `<unset>`.
pub fn truth_or_unset(value: &Value) -> &'static str {
    if value.is_null() { "<unset>" } else { truth(value) }
}

/// A list of plain values with something between.
pub fn joined(values: &Value, between: &str) -> String {
    values.items().iter().map(plain).collect::<Vec<_>>().join(between)
}

/// `a=b,c=d`, or `<none>`.
pub fn labels_text(labels: &Value) -> String {
    or_none(
        labels.entries().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(","),
    )
}

/// A `LabelSelector` as text; `<none>` where it selects everything.
pub fn selector_text(selector: &Value) -> String {
    if selector.is_null() {
        return "<none>".into();
    }
    or_none(crate::resources::printing::selector_text(selector))
}

/// How many of the Pods that an object controls are running, waiting, done and failed.
pub fn pod_counts(session: &Session<'_>, owner: &Object) -> String {
    let selector = match owner.spec().get("selector") {
        map if owner.kind == Kind::ReplicationController => Selector::from_map(map),
        selector => Selector::from_label_selector(selector),
    };
    let pods = session.select(Kind::Pod, owner.namespace(), &selector);
    let count = |phase: &str| {
        let is =
            |pod: &&Object| pod.is_controlled_by(owner.uid()) && pod.status().get("phase").str() == phase;
        pods.iter().filter(is).count()
    };
    format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    )
}
