//! What stands before a chapter, between two lines of `---`.

use crate::base::{Value, yaml};

use super::tree::Warning;

/// The front matter, as far as Saya reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// The chapter's title.
    pub title: String,
    /// The profile of its cluster.
    pub profile: Option<String>,
    /// What its addresses and suffixes follow from.
    pub seed: Option<u64>,
    /// The only files of its folder that are in the terminal's directory.
    pub files: Option<Vec<String>>,
    /// Its place in the list of chapters.
    pub number: Option<i64>,
    /// The commands typed before it begins.
    pub setup: Vec<String>,
    /// How many commands a good solution needs.
    pub commands: Option<i64>,
}

/// The keys below `saya:`.
const KEYS: &[&str] = &["profile", "seed", "files", "number", "setup", "commands"];

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::List(_) => value.items().iter().map(text).collect(),
        single => vec![text(single)],
    }
}

fn text(value: &Value) -> String {
    if value.is_null() { String::new() } else { crate::base::jsonpath::text_of(value) }
}

impl Front {
    /// Reads the front matter; returns it and how many lines it takes, its own `---` included.
    pub(super) fn read(source: &str, warnings: &mut Vec<Warning>) -> (Self, usize) {
        let mut lines = source.lines();
        if lines.next().map(str::trim_end) != Some("---") {
            return (Self::default(), 0);
        }
        let Some(end) = lines.position(|line| matches!(line.trim_end(), "---" | "...")) else {
            return (Self::default(), 0);
        };
        let body: String = source.lines().skip(1).take(end).flat_map(|line| [line, "\n"]).collect();
        let read = match yaml::read(body.as_bytes()) {
            Ok(document) => document.value,
            Err(error) => {
                let line = error.at.line as usize + 1;
                warnings.push(Warning { line, what: format!("the front matter is no YAML: {error}") });
                return (Self::default(), end + 2);
            }
        };
        let saya = read.get("saya");
        for (key, _) in saya.entries().filter(|(key, _)| !KEYS.contains(key)) {
            let at = body.lines().position(|line| line.trim_start().starts_with(key)).unwrap_or(0);
            let what = format!("\"{key}\" is no key of saya: in the front matter");
            warnings.push(Warning { line: at + 2, what });
        }
        let front = Self {
            title: text(read.get("title")),
            profile: saya.get("profile").as_str().map(str::to_string),
            seed: saya.get("seed").as_int().and_then(|seed| u64::try_from(seed).ok()),
            files: (!saya.get("files").is_null()).then(|| strings(saya.get("files"))),
            number: saya.get("number").as_int(),
            setup: strings(saya.get("setup")),
            commands: saya.get("commands").as_int(),
        };
        (front, end + 2)
    }
}
