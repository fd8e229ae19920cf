//! Labels and what selects by them.

use std::fmt;

use crate::base::Value;

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// `key=value`, or `key in (a, b)`.
    In(String, Vec<String>),
    /// `key!=value`, or `key notin (a, b)`: true as well where there is no such label.
    NotIn(String, Vec<String>),
    /// `key`.
    Exists(String),
    /// `!key`.
    DoesNotExist(String),
}

/// Requirements that must all hold; none select everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector(pub Vec<Requirement>);

impl Selector {
    /// The selector of a map of labels that must all be there (a Service's `spec.selector`).
    pub fn from_map(labels: &Value) -> Self {
        Self(
            labels
                .entries()
                .map(|(key, value)| Requirement::In(key.into(), vec![value.str().into()]))
                .collect(),
        )
    }

    /// The selector of a `LabelSelector` (`matchLabels`, `matchExpressions`).
    pub fn from_label_selector(selector: &Value) -> Self {
        let mut all = Self::from_map(selector.get("matchLabels"));
        for expression in selector.get("matchExpressions").items() {
            let key = expression.get("key").str().to_string();
            let values = expression.get("values").items().iter().map(|v| v.str().to_string()).collect();
            all.0.push(match expression.get("operator").str() {
                "In" => Requirement::In(key, values),
                "NotIn" => Requirement::NotIn(key, values),
                "Exists" => Requirement::Exists(key),
                _ => Requirement::DoesNotExist(key),
            });
        }
        all
    }

    /// True where `labels` meet every requirement.
    pub fn matches(&self, labels: &Value) -> bool {
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => {
                labels.get(key).as_str().is_some_and(|label| values.iter().any(|value| value == label))
            }
            Requirement::NotIn(key, values) => {
                labels.get(key).as_str().is_none_or(|label| values.iter().all(|value| value != label))
            }
            Requirement::Exists(key) => !labels.get(key).is_null(),
            Requirement::DoesNotExist(key) => labels.get(key).is_null(),
        })
    }

    /// True where nothing is required.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Selector {
    /// As `kubectl -o wide` prints selectors: `app=web,tier in (a,b),!legacy`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, requirement) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match requirement {
                Requirement::In(key, values) if values.len() == 1 => write!(f, "{key}={}", values[0])?,
                Requirement::In(key, values) => write!(f, "{key} in ({})", values.join(","))?,
                Requirement::NotIn(key, values) if values.len() == 1 => write!(f, "{key}!={}", values[0])?,
                Requirement::NotIn(key, values) => write!(f, "{key} notin ({})", values.join(","))?,
                Requirement::Exists(key) => f.write_str(key)?,
                Requirement::DoesNotExist(key) => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Selector {
    type Err = String;

    /// Reads the text form of `-l`.
    ///
    /// # Errors
    /// apimachinery's words for what cannot be read.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for part in split_outside_parentheses(text) {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            let set = |rest: &str| -> Vec<String> {
                rest.trim()
                    .trim_start_matches('(')
                    .trim_end_matches(')')
                    .split(',')
                    .map(|v| v.trim().into())
                    .collect()
            };
            let requirement = if let Some(key) = part.strip_prefix('!') {
                Requirement::DoesNotExist(key.trim().into())
            } else if let Some((key, values)) = part.split_once(" notin ") {
                Requirement::NotIn(key.trim().into(), set(values))
            } else if let Some((key, values)) = part.split_once(" in ") {
                Requirement::In(key.trim().into(), set(values))
            } else if let Some((key, value)) = part.split_once("!=") {
                Requirement::NotIn(key.trim().into(), vec![value.trim().into()])
            } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                Requirement::In(key.trim().into(), vec![value.trim().into()])
            } else {
                Requirement::Exists(part.into())
            };
            all.push(requirement);
        }
        // Requirements are kept by key (labels.Parse sorts them).
        all.sort_by(|a, b| key_of(a).cmp(key_of(b)));
        Ok(Self(all))
    }
}

fn key_of(requirement: &Requirement) -> &str {
    match requirement {
        Requirement::In(key, _)
        | Requirement::NotIn(key, _)
        | Requirement::Exists(key)
        | Requirement::DoesNotExist(key) => key,
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn selectors_select() {
        let labels = value!({"app": "web", "tier": "front"});
        for (text, holds) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier!=back", true),
            ("app in (db, web)", true),
            ("tier notin (front)", false),
            ("!app", false),
            ("missing!=x,app", true),
        ] {
            assert_eq!(text.parse::<Selector>().unwrap().matches(&labels), holds, "{text}");
        }
        assert_eq!("b=1,a in (x, y)".parse::<Selector>().unwrap().to_string(), "a in (x,y),b=1");
    }
}
