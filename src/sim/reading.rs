//! A manifest that is being written is read again at every key, though a key changes one document of it: what was found
//! out about the others stays known here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::{Kind, Object, ObjectKey};
use crate::base::digest_of;
use crate::base::yaml::{self, Document, Error, Mark, Span};

use super::Sim;
use super::ask::{Reply, ask_with_input, config_digest, namespace};
use super::compare::object_of;

/// What is known of the documents that were read and asked about since the text before the last.
#[derive(Debug, Default)]
pub struct Reading {
    known: BTreeMap<Arc<str>, Known>,
    /// Counts the texts.
    round: u64,
    /// The revision of the cluster and the configuration of kubectl that were looked at last, what they come to, and the
    /// namespace that is meant where none is said.
    state: Option<((u64, u64), u64, String)>,
}

/// What is known of a piece of text.
#[derive(Debug, Default)]
struct Known {
    documents: Vec<Result<Arc<Document>, Error>>,
    /// What kubectl said to it, by its words, and the state of the cluster that it was said of.
    replies: BTreeMap<&'static str, (u64, Reply)>,
    /// The last text that it was seen in.
    round: u64,
}

/// A document in its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// What it says, as if its text began with it.
    pub document: Arc<Document>,
    /// How many lines stand before.
    pub above: u32,
    /// The text that it was read from; none where that holds others, too.
    piece: Option<Arc<str>>,
}

impl Placed {
    /// A span of the document in the whole text.
    pub fn span(&self, span: Span) -> Span {
        let mark = |mark: Mark| Mark { line: mark.line + self.above, ..mark };
        Span { start: mark(span.start), end: mark(span.end) }
    }
}

impl Reading {
    /// Reads a text: its documents, and the first thing wrong with it, after which kubectl reads no further.
    pub fn read(&mut self, text: &str) -> (Vec<Placed>, Option<Error>) {
        self.round += 1;
        let mut all = Vec::new();
        let Some(pieces) = pieces(text) else {
            for document in yaml::read_stream(text.as_bytes()) {
                match document {
                    Ok(document) => all.push(Placed { document: Arc::new(document), above: 0, piece: None }),
                    Err(error) => return (all, Some(error)),
                }
            }
            return (all, None);
        };
        for (above, piece) in pieces {
            if !self.known.contains_key(piece) {
                let read = yaml::read_stream(piece.as_bytes()).map(|read| read.map(Arc::new)).collect();
                self.known.insert(piece.into(), Known { documents: read, ..Known::default() });
            }
            let Some((key, _)) = self.known.get_key_value(piece) else { continue };
            let key = key.clone();
            let Some(known) = self.known.get_mut(&key) else { continue };
            known.round = self.round;
            for document in &known.documents {
                match document {
                    Ok(document) => {
                        all.push(Placed { document: document.clone(), above, piece: Some(key.clone()) });
                    }
                    Err(error) => {
                        let mut error = error.clone();
                        error.at.line += above;
                        return (all, Some(error));
                    }
                }
            }
        }
        (all, None)
    }

    /// What is of no text since then is forgotten.
    pub fn forget_before(&mut self, texts: u64) {
        let since = self.round.saturating_sub(texts);
        self.known.retain(|_, known| known.round > since);
    }

    /// What kubectl answers to `words` with a document on its standard input.
    pub fn ask(
        &mut self,
        sim: &Sim,
        words: &'static str,
        placed: &Placed,
        input: impl Fn() -> String,
    ) -> Reply {
        let run = || ask_with_input(sim, &words.split(' ').collect::<Vec<_>>(), &input());
        let Some(known) = placed.piece.as_ref().and_then(|piece| self.known.get_mut(piece)) else {
            return run();
        };
        let at = (sim.revision(), config_digest(sim));
        if self.state.as_ref().is_none_or(|(then, ..)| *then != at) {
            self.state = Some((at, state(sim), namespace(sim)));
        }
        let Some((_, state, namespace)) = &self.state else { return run() };
        let mut own = object_of(&placed.document.value);
        if let Some(key) = own.as_mut().filter(|key| !key.namespace.is_empty())
            && placed.document.value.at(&["metadata", "namespace"]).str().is_empty()
        {
            key.namespace = namespace.as_str().into();
        }
        let own = own.and_then(|key| sim.cluster().api.get(&key)).map(version);
        let state = digest_of(&(state, own)).0;
        match known.replies.get(words) {
            Some((then, reply)) if *then == state => reply.clone(),
            _ => {
                let reply = run();
                known.replies.insert(words, (state, reply.clone()));
                reply
            }
        }
    }

    /// The object that a line of a text, from 1, is about.
    pub fn object_at(&mut self, text: &str, line: u32) -> Option<ObjectKey> {
        let (all, _) = self.read(text);
        let at = all.iter().rfind(|placed| placed.document.first_line + placed.above <= line)?;
        object_of(&at.document.value)
    }

    /// The lines of a text, from 1, that an object is written in: the first and the last. Those of one of its containers, where
    /// that is named.
    pub fn lines_of(&mut self, text: &str, key: &ObjectKey, container: Option<&str>) -> Option<(u32, u32)> {
        let (all, _) = self.read(text);
        let placed = all.iter().find(|placed| object_of(&placed.document.value).as_ref() == Some(key))?;
        let Document { value, marks, .. } = &*placed.document;
        let place = container.and_then(|name| {
            let lists = ["spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"].into_iter();
            let mut lists = lists.flat_map(|spec| ["containers", "initContainers"].map(|list| (spec, list)));
            lists.find_map(|(spec, list)| {
                let path: Vec<&str> = spec.split('.').chain([list]).collect();
                let number = value.at(&path).items().iter().position(|one| one.get("name").str() == name)?;
                marks.find_field(&format!("{spec}.{list}[{number}]"))
            })
        });
        let span = placed.span(place.or_else(|| marks.find(&[]))?.value);
        // What ends at the beginning of a line ends with the one before it.
        let last = if span.end.column <= 1 { span.end.line.saturating_sub(1) } else { span.end.line };
        let mut last = last.max(span.start.line);
        let is_blank =
            |line: u32| text.lines().nth(line as usize - 1).is_none_or(|line| line.trim().is_empty());
        while last > span.start.line && is_blank(last) {
            last -= 1;
        }
        Some((span.start.line, last))
    }
}

/// Changes whenever kubectl could answer something else about a manifest, but for the object itself: with what admission and
/// validation look at, not with what only controllers and nodes write.
fn state(sim: &Sim) -> u64 {
    const BUSY: [Kind; 8] = [
        Kind::Pod,
        Kind::Event,
        Kind::Lease,
        Kind::Node,
        Kind::ReplicaSet,
        Kind::ControllerRevision,
        Kind::EndpointSlice,
        Kind::Endpoints,
    ];
    let store = sim.cluster().api.store();
    let (mut count, mut last) = (0u64, 0);
    for kind in sim.cluster().api.kinds().filter(|kind| !BUSY.contains(kind)) {
        for object in store.list(kind) {
            count += 1;
            last = last.max(version(object));
        }
    }
    digest_of(&(&*sim.cluster().profile().name, config_digest(sim), count, last)).0
}

fn version(object: &Object) -> u64 {
    object.meta("resourceVersion").str().parse().unwrap_or(0)
}

/// A text cut into the pieces between its separators, with how many lines stand before each. None where kubectl reads it in
/// another way than each by itself: JSON, and separators that say more.
fn pieces(text: &str) -> Option<Vec<(u32, &str)>> {
    if text.contains('\r') {
        return None;
    }
    let mut all = Vec::new();
    let (mut begin, mut above, mut at) = (0, 0, 0);
    for (line, words) in text.split_inclusive('\n').enumerate() {
        if let Some(rest) = words.strip_prefix("---") {
            if !rest.trim().is_empty() && !rest.trim().starts_with('#') {
                return None;
            }
            // One with nothing before it stays, as the first line of the document.
            if at > begin {
                all.push((above, &text[begin..at]));
                begin = at + words.len();
                above = line as u32 + 1;
            }
        }
        at += words.len();
    }
    all.push((above, &text[begin..]));
    let json = all.iter().any(|(_, piece)| piece.trim_start().starts_with('{'));
    (!json).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Value;

    const TEXT: &str = "---\n# first\nkind: A\n---\nkind: B\nlist: [1,\n  2]\n--- # c\n\nkind: C\n---\n---\n";

    /// As [`Reading::read`] with nothing known.
    fn plainly(text: &str) -> (Vec<(Value, u32)>, Option<Error>) {
        let mut all = Vec::new();
        for document in yaml::read_stream(text.as_bytes()) {
            match document {
                Ok(document) => {
                    let place = document.marks.find_field("kind").map(|place| place.value.start.line);
                    all.push((document.value, place.unwrap_or_default()));
                }
                Err(error) => return (all, Some(error)),
            }
        }
        (all, None)
    }

    #[test]
    fn what_is_known_is_what_is_read_anew() {
        let mut reading = Reading::default();
        for at in 0..TEXT.len() {
            for typed in ["", "x", "\n", "---\n", ": ", "{", "--- a\n"] {
                let text = format!("{}{typed}{}", &TEXT[..at], &TEXT[at..]);
                let (all, error) = reading.read(&text);
                let all: Vec<(Value, u32)> = all
                    .into_iter()
                    .map(|placed| {
                        let place = placed.document.marks.find_field("kind");
                        let line = place.map(|place| placed.span(place.value).start.line);
                        (placed.document.value.clone(), line.unwrap_or_default())
                    })
                    .collect();
                assert_eq!((all, error), plainly(&text), "{text:?}");
            }
        }
        reading.forget_before(1);
        assert!(reading.known.len() < 5);
    }

    #[test]
    fn an_object_and_its_containers_have_their_lines() {
        let text = "# two\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: x\n        - name: b\n          image: y\n";
        let lines = |kind, container| {
            Reading::default().lines_of(text, &ObjectKey::new(kind, "default", "web"), container)
        };
        assert_eq!(lines(Kind::Service, None), Some((2, 5)));
        assert_eq!(lines(Kind::Deployment, None), Some((8, 19)));
        assert_eq!(lines(Kind::Deployment, Some("b")), Some((18, 19)));
        assert_eq!(lines(Kind::Deployment, Some("none")), Some((8, 19)));
        assert_eq!(lines(Kind::Pod, None), None);
    }
}
