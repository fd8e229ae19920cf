//! The directives that a chapter may use, and how their options are read.

use super::tree::Warning;
use crate::base::{jsonpath, yaml};

/// What a directive's contents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Markdown again.
    Prose,
    /// Text as it stands: code, data, conditions.
    Literal,
}

/// Names, what is in them, and their options beside `class` and `name`, which all have. Sphinx, docutils, MyST-NB's
/// relatives (sphinx-design, sphinx-tabs, sphinx-exercise), and at the end Saya's own.
const DIRECTIVES: &[(&[&str], Contents, &[&str])] = {
    use Contents::{Literal, Prose};
    &[
        (
            &[
                "note",
                "warning",
                "hint",
                "tip",
                "important",
                "caution",
                "danger",
                "attention",
                "error",
                "admonition",
                "seealso",
                "todo",
                "topic",
                "sidebar",
                "versionadded",
                "versionchanged",
                "deprecated",
                "rubric",
                "centered",
                "container",
                "epigraph",
                "only",
                "glossary",
                "div",
            ],
            Prose,
            &["open", "icon", "subtitle"],
        ),
        (
            &["figure", "image"],
            Prose,
            &["alt", "width", "height", "scale", "align", "target", "figwidth", "figclass", "loading"],
        ),
        (
            &["code-block", "code", "sourcecode", "prompt", "code-cell"],
            Literal,
            &[
                "caption",
                "linenos",
                "lineno-start",
                "number-lines",
                "emphasize-lines",
                "dedent",
                "force",
                "filename",
                "lines",
                "tags",
            ],
        ),
        (
            &["literalinclude"],
            Literal,
            &[
                "language",
                "lines",
                "start-after",
                "start-at",
                "end-before",
                "end-at",
                "emphasize-lines",
                "diff",
                "caption",
                "linenos",
                "lineno-start",
                "lineno-match",
                "dedent",
                "prepend",
                "append",
                "encoding",
                "tab-width",
                "force",
                "pyobject",
            ],
        ),
        (&["tab-set", "tabs"], Prose, &["sync-group"]),
        (&["tab-item", "tab", "group-tab"], Prose, &["sync", "selected", "label"]),
        (
            &["dropdown", "details"],
            Prose,
            &["open", "animate", "color", "icon", "chevron", "margin", "class-container", "class-title"],
        ),
        (&["grid", "card", "grid-item", "grid-item-card", "card-carousel"], Prose, ANY),
        (
            &["toctree"],
            Literal,
            &["maxdepth", "caption", "hidden", "numbered", "glob", "titlesonly", "reversed", "includehidden"],
        ),
        (
            &["table", "list-table"],
            Prose,
            &["header-rows", "widths", "align", "width", "stub-columns", "label"],
        ),
        (&["csv-table", "math", "mermaid", "graphviz", "raw", "productionlist"], Literal, ANY),
        (
            &["contents", "tableofcontents", "index", "include", "highlight", "eval-rst", "autoclass"],
            Literal,
            ANY,
        ),
        (&["exercise", "solution", "question", "answer"], Prose, &["label", "nonumber"]),
        (&["check"], Literal, &[]),
        (
            &["saya"],
            Literal,
            &[
                "run", "profile", "view", "height", "lang", "theme", "speed", "at", "figure", "alt",
                "caption", "lazy",
            ],
        ),
    ]
};

/// Any option goes.
const ANY: &[&str] = &["*"];

fn entry(name: &str) -> Option<&'static (&'static [&'static str], Contents, &'static [&'static str])> {
    DIRECTIVES.iter().find(|(names, ..)| names.contains(&name))
}

/// What a directive's contents are; none for an unknown one.
pub(super) fn contents(name: &str) -> Option<Contents> {
    entry(name).map(|(_, contents, _)| *contents)
}

/// Whether what begins with this fence's info string is text as it stands.
pub(super) fn is_literal(info: &str) -> bool {
    match split_info(info) {
        Some((name, _)) => contents(name) == Some(Contents::Literal),
        None => true,
    }
}

/// The name and the argument of `{name} argument`.
pub(super) fn split_info(info: &str) -> Option<(&str, &str)> {
    let (name, argument) = info.trim().strip_prefix('{')?.split_once('}')?;
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.+".contains(c));
    named.then(|| (name, argument.trim()))
}

/// What stands in a directive: options, and contents with the line (from 0) at which they begin.
pub(super) struct Inside {
    pub options: Vec<(String, String)>,
    pub body: String,
    pub skipped: usize,
}

/// Cuts the options off a directive's contents: lines of `:key: value`, or YAML between two `---`. `line` is the line
/// of the file at which `text` begins.
pub(super) fn inside(name: &str, text: &str, line: usize, warnings: &mut Vec<Warning>) -> Inside {
    let mut options = Vec::new();
    let mut skipped = 0;
    let lines: Vec<&str> = text.lines().collect();
    if lines.first().is_some_and(|first| first.trim() == "---") {
        if let Some(end) = lines[1..].iter().position(|line| line.trim() == "---") {
            let header = lines[1..=end].join("\n");
            skipped = end + 2;
            match yaml::read(header.as_bytes()) {
                Ok(read) => {
                    for (key, value) in read.value.entries() {
                        let text = if value.is_null() { String::new() } else { jsonpath::text_of(value) };
                        options.push((key.to_string(), text));
                    }
                }
                Err(error) => {
                    let line = line + error.at.line as usize;
                    warnings.push(Warning {
                        line,
                        what: format!("{{{name}}}: its options are no YAML: {error}"),
                    });
                }
            }
        }
    } else {
        for line in &lines {
            let Some((key, value)) = line.trim().strip_prefix(':').and_then(|rest| rest.split_once(':'))
            else {
                break;
            };
            let is_key =
                !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
            if !is_key || !(value.is_empty() || value.starts_with(' ')) {
                break;
            }
            options.push((key.to_string(), value.trim().to_string()));
            skipped += 1;
        }
    }
    if let Some((_, _, known)) = entry(name)
        && *known != ANY
    {
        for (at, (key, _)) in options.iter().enumerate() {
            if !known.contains(&key.as_str()) && !matches!(key.as_str(), "class" | "name") {
                let what = format!("{{{name}}} has no option \":{key}:\"");
                warnings.push(Warning { line: line + at, what });
            }
        }
    }
    // A blank line sets the contents off.
    if skipped > 0 && lines.get(skipped).is_some_and(|line| line.trim().is_empty()) {
        skipped += 1;
    }
    let mut body = lines.get(skipped..).unwrap_or_default().join("\n");
    if !body.is_empty() {
        body.push('\n');
    }
    Inside { options, body, skipped }
}
