//! What selects objects: the `target` of a patch, `select` and `reject` of a replacement.

use regex_lite::Regex;

use crate::api;
use crate::apiserver::label_selector;
use crate::base::Value;

use super::Outcome;
use super::resource::{Id, Resource};

/// A selector: whole names by patterns, labels and annotations by selectors of labels. What it does not name fits.
pub(super) struct Selector {
    patterns: [Option<Regex>; 5],
    labels: api::Selector,
    annotations: api::Selector,
}

impl Selector {
    /// Reads a selector.
    pub fn read(selector: &Value) -> Outcome<Self> {
        let mut patterns = [const { None }; 5];
        for (pattern, field) in patterns.iter_mut().zip(["group", "version", "kind", "name", "namespace"]) {
            let text = selector.get(field).str();
            if !text.is_empty() {
                *pattern = Some(Regex::new(&["^(?:", text, ")$"].concat()).map_err(|why| why.to_string())?);
            }
        }
        let of = |field: &str| label_selector::parse(selector.get(field).str());
        Ok(Self { patterns, labels: of("labelSelector")?, annotations: of("annotationSelector")? })
    }

    /// True for an object that it selects by its kind and one of these names.
    pub fn matches(&self, one: &Resource, ids: &[Id]) -> bool {
        let [group, version, kind, name, namespace] = &self.patterns;
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|p| p.is_match(text));
        let now = one.id();
        let metadata = one.body.get("metadata");
        fits(group, &now.group)
            && fits(version, &now.version)
            && fits(kind, &now.kind)
            && ids.iter().any(|id| fits(name, &id.name))
            && ids.iter().any(|id| fits(namespace, id.effective_namespace()))
            && self.labels.matches(metadata.get("labels"))
            && self.annotations.matches(metadata.get("annotations"))
    }
}
