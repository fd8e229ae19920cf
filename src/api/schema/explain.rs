//! What `kubectl explain` prints of a kind or of one of its fields.
//!
//! The texts of the fields are Kubernetes' own. The build writes them to a file (98 kB gzipped), which the native program
//! holds, and which the page fetches when it is asked to explain.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::OnceLock;

use super::table::{Field, Kind, Schema, Struct, StructId, Type, schema};

/// What Kubernetes' documentation says of every struct and field.
#[derive(Clone, Debug, Default)]
pub struct FieldDocs(BTreeMap<String, BTreeMap<String, String>>);

/// The docs of the program: their text, and what was read of it when something was first explained.
static TEXT: OnceLock<Cow<'static, str>> = OnceLock::new();
static DOCS: OnceLock<FieldDocs> = OnceLock::new();

impl FieldDocs {
    /// Reads the file that the build writes.
    ///
    /// # Errors
    /// Where it is another file.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// Makes this the docs of the program: the text of the file, which is read when something is first explained. The
    /// doors do so once, before that: what a cluster answers must not change while it runs.
    pub fn install(text: impl Into<Cow<'static, str>>) {
        let _ = TEXT.set(text.into());
    }

    /// The docs of the program, where they are installed and can be read.
    pub fn installed() -> Option<&'static FieldDocs> {
        let text = TEXT.get()?;
        Some(DOCS.get_or_init(|| Self::parse(text).unwrap_or_default()))
    }

    /// What a struct is.
    pub fn structure(&self, of: &Struct) -> &str {
        self.text(of.name, "")
    }

    /// What a field is for.
    pub fn field(&self, of: &Struct, field: &Field) -> &str {
        self.text(of.name, field.name)
    }

    fn text(&self, of: &str, field: &str) -> &str {
        self.0.get(of).and_then(|fields| fields.get(field)).map_or("", String::as_str)
    }

    /// What a type is, apart from the field it is used for.
    fn of_type(&self, schema: &Schema, of: &Type) -> &str {
        match of {
            Type::List(items) | Type::Map(items) => self.of_type(schema, items),
            Type::Struct(id) => self.structure(schema.structure(*id)),
            Type::Quantity => self.text("api/resource.Quantity", ""),
            Type::IntOrString => self.text("util/intstr.IntOrString", ""),
            Type::Time => self.text("meta/v1.Time", ""),
            Type::MicroTime => self.text("meta/v1.MicroTime", ""),
            Type::Named(name, of) if **of == Type::Json => {
                self.text(&format!("{}.{}", name.package, name.name), "")
            }
            Type::Named(_, of) => self.of_type(schema, of),
            _ => "",
        }
    }
}

/// There is no such field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainError(String);

impl ExplainError {
    /// There is no field of this name.
    pub fn new(field: &str) -> Self {
        Self(field.to_owned())
    }
}

impl fmt::Display for ExplainError {
    /// With kubectl's `error: `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: field {:?} does not exist", self.0)
    }
}
impl std::error::Error for ExplainError {}

/// What `kubectl explain` prints of the field at the end of `path`, or of the kind where that is empty;
/// `recursive` lists all that is below by name alone.
///
/// # Errors
/// Where there is no such field.
pub fn explain(
    kind: &Kind,
    path: &[&str],
    recursive: bool,
    docs: &FieldDocs,
) -> Result<String, ExplainError> {
    let heading = heading(kind.group(), kind.version(), kind.kind);
    explain_struct(heading, kind.fields, path, recursive, docs)
}

/// What stands before each explanation.
pub fn heading(group: &str, version: &str, kind: &str) -> String {
    let group = if group.is_empty() { String::new() } else { format!("GROUP:      {group}\n") };
    format!("{group}KIND:       {kind}\nVERSION:    {version}\n\n")
}

/// As [`explain`], of a struct, behind a [`heading`].
///
/// # Errors
/// Where there is no such field.
pub fn explain_struct(
    heading: String,
    fields: StructId,
    path: &[&str],
    recursive: bool,
    docs: &FieldDocs,
) -> Result<String, ExplainError> {
    let printer = Printer { schema: schema(), docs, recursive };
    let mut out = heading;
    let mut of = &Type::Struct(fields);
    let mut last = None;
    for name in path {
        let next = contents(of).struct_id().map(|id| printer.schema.structure(id));
        let missing = || ExplainError(path.last().copied().unwrap_or_default().into());
        let (structure, field) = next.and_then(|of| Some((of, of.field(name)?))).ok_or_else(missing)?;
        (of, last) = (&field.of, Some((structure, field)));
    }
    let mut description = docs.of_type(printer.schema, of).to_owned();
    if let Some((structure, field)) = last {
        let _ = writeln!(out, "FIELD: {} <{}>", field.name, printer.type_name(of));
        let values = printer.values(field);
        if !values.is_empty() {
            out.push_str("ENUM:");
            for value in values {
                let _ = write!(out, "\n    {}", quoted_if_empty(value));
            }
        }
        out.push_str("\n\n");
        description = [docs.field(structure, field), &description].map(line_of).concat();
    } else {
        description = line_of(&description);
    }
    out.push_str(&explain_described(&description));
    if let Some(id) = contents(of).struct_id() {
        out.push_str("FIELDS:\n");
        printer.fields(&mut out, id, 1, &mut Vec::new());
    }
    out.push('\n');
    Ok(out)
}

/// The passage on what something is for.
pub fn explain_described(description: &str) -> String {
    let text = if description.is_empty() { "<empty>" } else { description };
    format!("DESCRIPTION:\n{}\n", indent(&wrap(text, 76), 4))
}

/// A field in the list of them, `level` deep: with its text where there is one to be shown, which may be empty.
pub fn explain_field(
    out: &mut String,
    level: usize,
    name: &str,
    type_name: &str,
    required: bool,
    values: &[String],
    text: Option<&str>,
) {
    let margin = level * 2;
    let required = if required { " -required-" } else { "" };
    let _ = write!(out, "{:margin$}{name}\t<{type_name}>{required}", "");
    if !values.is_empty() {
        let more = if values.len() > 4 { ", ...." } else { "" };
        let _ = write!(out, "\n{:margin$}enum: {}{more}", "", values[..values.len().min(4)].join(", "));
    }
    out.push('\n');
    if let Some(text) = text {
        let text = if text.is_empty() { "<no description>" } else { text };
        let _ = writeln!(out, "{}\n", indent(&wrap(text, 78 - margin), margin + 2));
    }
}

/// What lists and maps hold, at the bottom.
fn contents(of: &Type) -> &Type {
    match of.plain() {
        Type::List(items) | Type::Map(items) => contents(items),
        other => other,
    }
}

fn line_of(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

fn quoted_if_empty(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

struct Printer<'a> {
    schema: &'static Schema,
    docs: &'a FieldDocs,
    recursive: bool,
}

impl Printer<'_> {
    /// The fields of a struct, `level` deep; `above` are the structs it is part of.
    fn fields(&self, out: &mut String, id: StructId, level: usize, above: &mut Vec<StructId>) {
        if above.contains(&id) {
            return;
        }
        above.push(id);
        let of = self.schema.structure(id);
        for field in &of.fields {
            let values: Vec<String> =
                self.values(field).iter().map(|value| quoted_if_empty(value).to_owned()).collect();
            let text = (!self.recursive).then(|| self.docs.field(of, field));
            let of = self.type_name(&field.of);
            explain_field(out, level, field.name, &of, field.required, &values, text);
            if self.recursive
                && let Some(id) = contents(&field.of).struct_id()
            {
                self.fields(out, id, level + 1, above);
            }
        }
        above.pop();
    }

    /// The values a field takes; of a list's items they are not told.
    fn values(&self, field: &Field) -> &'static [&'static str] {
        match field.of {
            Type::List(_) => &[],
            _ => self.schema.values(&field.of),
        }
    }

    fn type_name(&self, of: &Type) -> String {
        match of {
            Type::List(items) => format!("[]{}", self.type_name(items)),
            Type::Map(values) => format!("map[string]{}", self.type_name(values)),
            Type::Struct(id) => self.schema.structure(*id).go_name().name.into(),
            Type::Named(name, of) if **of == Type::Json => name.name.into(),
            Type::Named(_, of) => self.type_name(of),
            Type::Bool => "boolean".into(),
            Type::Int32 | Type::Int64 => "integer".into(),
            Type::Float64 => "number".into(),
            Type::Quantity => "Quantity".into(),
            Type::IntOrString => "IntOrString".into(),
            Type::String | Type::Bytes | Type::Time | Type::MicroTime => "string".into(),
            Type::Json => "Object".into(),
        }
    }
}

/// Every line `margin` further in, the empty ones too.
fn indent(text: &str, margin: usize) -> String {
    let margin = " ".repeat(margin);
    format!("{margin}{}", text.replace('\n', &format!("\n{margin}")))
}

/// Breaks lines between words so that they have `width` letters at most; a longer word has a line of its own.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let (mut used, mut rest) = (0, line);
        while !rest.is_empty() {
            let is_space = |c: char| c.is_whitespace() && c != '\u{a0}';
            let (spaces, after) = rest.split_at(rest.find(|c| !is_space(c)).unwrap_or(rest.len()));
            let (word, after) = after.split_at(after.find(is_space).unwrap_or(after.len()));
            let (gap, length) = (spaces.chars().count(), word.chars().count());
            // go-wordwrap looks for the place to break letter by letter: a word too long for any line breaks this one
            // too, but not after a single letter.
            if used + gap + length > width && used + gap > 1 && !word.is_empty() {
                out.push('\n');
                used = 0;
            } else if !word.is_empty() || used + gap <= width {
                out.push_str(spaces);
                used += gap;
            }
            out.push_str(word);
            used += length;
            rest = after;
        }
    }
    out
}
