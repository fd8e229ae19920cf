//! Where in a text the fields of a document stand.

use smol_str::SmolStr;

/// A place in a file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The line in the file.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

/// From a first character up to, and without, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first character.
    pub start: Mark,
    /// The one after the last.
    pub end: Mark,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its name; none for the document itself and for the items of a list.
    pub key: Option<Span>,
    /// Its value, empty where nothing is written.
    pub value: Span,
}

/// The places of all fields of a document, as far as they are written in it: what an alias or a merge key
/// brings in stands at the alias.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    step: Step,
    place: Place,
    /// The last of its own entries, and the one before this one in the same map or list. 0, the document, is none.
    last_child: u32,
    before: u32,
}

/// A field of a map or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Key(SmolStr),
    Item(usize),
}

impl Marks {
    /// Only the document itself.
    pub(super) fn of(document: Span) -> Self {
        let place = Place { key: None, value: document };
        Self(vec![Entry { step: Step::Item(0), place, last_child: 0, before: 0 }])
    }

    /// Those of a text that begins `columns` characters into the line `line`.
    pub(super) fn shifted(mut self, line: u32, columns: u32) -> Self {
        let shift = |span: &mut Span| {
            for mark in [&mut span.start, &mut span.end] {
                mark.column += if mark.line == line { columns } else { 0 };
            }
        };
        for entry in &mut self.0 {
            shift(&mut entry.place.value);
            entry.place.key.iter_mut().for_each(shift);
        }
        self
    }

    /// Adds an entry and returns its number.
    pub(super) fn add(&mut self, parent: u32, step: Step, place: Place) -> u32 {
        let number = self.0.len() as u32;
        let parent = &mut self.0[parent as usize].last_child;
        let before = std::mem::replace(parent, number);
        self.0.push(Entry { step, place, last_child: 0, before });
        number
    }

    /// The entries of `parent`, the last first: of a name written twice the last one counts.
    fn children(&self, parent: u32) -> impl Iterator<Item = (u32, &Entry)> {
        let entry = |number: u32| Some((number, self.0.get(number as usize)?)).filter(|_| number > 0);
        let first = self.0.get(parent as usize).and_then(|parent| entry(parent.last_child));
        std::iter::successors(first, move |(_, child)| entry(child.before))
    }

    /// Where the field at the end of `path` stands; items of lists are named by their number.
    pub fn find(&self, path: &[&str]) -> Option<Place> {
        let end = path.iter().try_fold(0, |parent, name| {
            let found = self.children(parent).find(|(_, child)| match &child.step {
                Step::Key(key) => **key == **name,
                Step::Item(item) => name.parse() == Ok(*item),
            });
            found.map(|(number, _)| number)
        })?;
        self.0.get(end as usize).map(|entry| entry.place)
    }

    /// Where a field stands that is named as the API server names it, `spec.containers[0].ports`, or else the
    /// innermost field around it that is written down. None where the marks are empty.
    pub fn find_field(&self, field: &str) -> Option<Place> {
        let (mut at, mut rest) = (0, field);
        while !rest.is_empty() {
            // The longest name that fits, because names may hold dots: data.app.properties.
            let fit = |step: &Step| match step {
                Step::Key(key) => {
                    let plain = rest.strip_prefix('.').unwrap_or(rest).strip_prefix(&**key);
                    let bracketed = || rest.strip_prefix('[')?.strip_prefix(&**key)?.strip_prefix(']');
                    plain.filter(|rest| rest.is_empty() || rest.starts_with(['.', '['])).or_else(bracketed)
                }
                Step::Item(item) => {
                    let (number, after) = rest.strip_prefix('[')?.split_once(']')?;
                    (number.parse() == Ok(*item)).then_some(after)
                }
            };
            let found = self.children(at).filter_map(|(number, child)| Some((number, fit(&child.step)?)));
            match found.min_by_key(|(_, rest)| rest.len()) {
                Some((number, after)) => (at, rest) = (number, after),
                None => break,
            }
        }
        self.0.get(at as usize).map(|entry| entry.place)
    }
}
