//! Go templates: the common subset.

use crate::base::Value;

/// A template, ready to be used on objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Its text.
    pub source: String,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Go's words.
    pub fn parse(source: &str) -> Result<Self, String> {
        Ok(Self { source: source.into() })
    }

    /// The text that it makes of a value.
    ///
    /// # Errors
    /// Go's words.
    pub fn text(&self, _value: &Value) -> Result<String, String> {
        Err("Saya does not simulate Go templates yet".into())
    }
}
