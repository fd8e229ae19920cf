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
    /// `key>number`.
    Gt(String, i64),
    /// `key<number`.
    Lt(String, i64),
}

impl Requirement {
    /// The label that it is about.
    pub fn key(&self) -> &str {
        match self {
            Requirement::In(key, _)
            | Requirement::NotIn(key, _)
            | Requirement::Exists(key)
            | Requirement::DoesNotExist(key)
            | Requirement::Gt(key, _)
            | Requirement::Lt(key, _) => key,
        }
    }
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

    /// True where `labels` are what [`Selector::from_map`] of `wanted` selects, and something is wanted.
    pub fn map_matches(wanted: &Value, labels: &Value) -> bool {
        !wanted.is_empty() && wanted.entries().all(|(key, value)| labels.get(key) == value)
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
            Requirement::Gt(key, number) => {
                labels.get(key).str().parse::<i64>().is_ok_and(|label| label > *number)
            }
            Requirement::Lt(key, number) => {
                labels.get(key).str().parse::<i64>().is_ok_and(|label| label < *number)
            }
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
                Requirement::Gt(key, number) => write!(f, "{key}>{number}")?,
                Requirement::Lt(key, number) => write!(f, "{key}<{number}")?,
            }
        }
        Ok(())
    }
}
