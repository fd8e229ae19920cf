//! The forms in which objects are printed (`-o`).

use crate::api::{Kind, Object};
use crate::base::jsonpath::{self, JsonPath};
use crate::base::table::Table;
use crate::base::{Value, json};
use crate::value;

use super::error::{Error, Result, bail};
use super::session::{Io, Session};
use super::template::Template;

/// A form of output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// `TYPE/NAME`.
    Name,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// YAML with braces.
    Kyaml,
    /// A JSONPath template, with its text.
    JsonPath(JsonPath, String),
    /// A JSONPath template whose results are JSON.
    JsonPathAsJson(JsonPath, String),
    /// Columns of JSONPath expressions, with their headings.
    Columns(Vec<(String, JsonPath)>),
    /// A Go template.
    Template(Template),
}

/// The forms of most verbs.
const COMMON: &[&str] = &[
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
];
/// The forms that only `get` has.
const OF_GET: &[&str] = &["custom-columns", "custom-columns-file", "wide"];

/// The form that `-o` asks for; none for the verb's own words or table. `get` has more of them.
///
/// # Errors
/// kubectl's words for a form that is not there or a template that cannot be read.
pub fn output(session: &Session<'_>, get: bool) -> Result<Option<Output>> {
    let flag = session.flags.text("output");
    let given_template = session.flags.text("template");
    let (form, argument) = match flag.split_once('=') {
        Some((form, argument))
            if form.contains("template") || form.contains("jsonpath") || form.contains("columns") =>
        {
            (form, argument)
        }
        _ if flag.is_empty() && !given_template.is_empty() => ("go-template", given_template),
        _ => (flag, given_template),
    };
    let file = |path: &str| -> Result<String> {
        let read = session.io.read_file(path);
        let bytes = read
            .map_err(|why| Error::plain(format!("error reading --template {path}, open {path}: {why}\n")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let needed = |argument: &str| match argument {
        "" => Err(Error::plain("template format specified but no template given")),
        _ => Ok(argument.to_string()),
    };
    let jsonpath = |text: String| -> Result<(JsonPath, String)> {
        let path = JsonPath::parse(&text)
            .map_err(|why| Error::plain(format!("error parsing jsonpath {text}, {why}\n")))?;
        let lenient = session.flags.is("allow-missing-template-keys");
        Ok((if lenient { path } else { path.strict() }, text))
    };
    let output = match form {
        "" => return Ok(None),
        "wide" if get => return Ok(None),
        "name" => Output::Name,
        "json" => Output::Json,
        "yaml" => Output::Yaml,
        "kyaml" => Output::Kyaml,
        "jsonpath" => jsonpath(needed(argument)?).map(|(path, text)| Output::JsonPath(path, text))?,
        "jsonpath-file" => {
            jsonpath(file(&needed(argument)?)?).map(|(path, text)| Output::JsonPath(path, text))?
        }
        "jsonpath-as-json" => {
            jsonpath(needed(argument)?).map(|(path, text)| Output::JsonPathAsJson(path, text))?
        }
        "go-template" | "template" => Output::Template(template(session, &needed(argument)?)?),
        "go-template-file" | "templatefile" => {
            Output::Template(template(session, &file(&needed(argument)?)?)?)
        }
        "custom-columns" if get => columns(argument)?,
        "custom-columns-file" if get => columns_file(&file(argument)?)?,
        other => {
            let mut allowed: Vec<&str> = COMMON.to_vec();
            if get {
                allowed.extend(OF_GET);
            }
            allowed.sort_unstable();
            bail!(
                "unable to match a printer suitable for the output format \"{other}\", allowed formats are: {}",
                allowed.join(",")
            );
        }
    };
    Ok(Some(output))
}

fn template(session: &Session<'_>, text: &str) -> Result<Template> {
    let mut template = Template::parse(text)
        .map_err(|why| Error::plain(format!("error parsing template {text}, {why}\n")))?;
    template.strict = !session.flags.is("allow-missing-template-keys");
    Ok(template)
}

fn columns(spec: &str) -> Result<Output> {
    if spec.is_empty() {
        bail!("custom-columns format specified but no custom columns given");
    }
    let mut all = Vec::new();
    for part in split_columns(spec) {
        let Some((heading, path)) = part.split_once(':') else {
            bail!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>");
        };
        all.push((heading.to_string(), column_path(path)?));
    }
    Ok(Output::Columns(all))
}

/// Parts with commas between; commas in brackets belong to an expression.
fn split_columns(spec: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0i32);
    for (at, c) in spec.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&spec[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&spec[start..]);
    parts
}

fn column_path(path: &str) -> Result<JsonPath> {
    let text = jsonpath::relaxed(path).map_err(Error::Plain)?;
    JsonPath::parse(&text).map_err(Error::Plain)
}

/// A file with a line of headings and a line of expressions.
fn columns_file(text: &str) -> Result<Output> {
    let mut lines = text.lines();
    let headings: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let paths: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    if headings.len() != paths.len() {
        bail!(
            "number of headers ({}) and field specifications ({}) don't match",
            headings.len(),
            paths.len()
        );
    }
    let mut all = Vec::new();
    for (heading, path) in headings.into_iter().zip(paths) {
        all.push((heading.to_string(), column_path(path)?));
    }
    Ok(Output::Columns(all))
}

/// YAML as kubectl prints it.
pub fn yaml(value: &Value) -> String {
    crate::base::yaml::to_string(value)
}

/// `deployment.apps/web`.
pub fn name(value: &Value) -> String {
    let kind = value.get("kind").str();
    let singular = match Kind::of(value.get("apiVersion").str(), kind) {
        Some(kind) => kind.printed(),
        None => match value.get("apiVersion").str().split_once('/') {
            Some((group, _)) => format!("{}.{group}", kind.to_lowercase()),
            None => kind.to_lowercase(),
        },
    };
    format!("{singular}/{}", value.at(&["metadata", "name"]).str())
}

/// A list of objects as one value.
pub fn list(objects: &[Object]) -> Value {
    let items: Value = objects.iter().map(|object| object.body.clone()).collect();
    value!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
}

impl Output {
    /// Prints an object or list. `first` is false where another was printed before it by the same command.
    ///
    /// # Errors
    /// What a template finds wrong.
    pub fn print(&self, io: &mut dyn Io, value: &Value, first: bool, no_headers: bool) -> Result<()> {
        if let Output::Template(template) = self {
            return match template.text(value) {
                Ok(text) => {
                    io.out(&text);
                    Ok(())
                }
                Err((text, why)) => {
                    io.out(&text);
                    io.out(&explained(template, &why, value));
                    Err(Error::plain(format!(
                        "error executing template {}: {why}",
                        go_quoted(&template.source)
                    )))
                }
            };
        }
        let text = self.text(value, first, no_headers)?;
        io.out(&text);
        Ok(())
    }

    fn text(&self, value: &Value, first: bool, no_headers: bool) -> Result<String> {
        let items = || match value.get("items") {
            Value::List(items) if value.get("kind").str() == "List" => items.to_vec(),
            _ => vec![value.clone()],
        };
        Ok(match self {
            Output::Name => items().iter().map(|item| name(item) + "\n").collect(),
            Output::Json => json::to_string_pretty(value, 4) + "\n",
            Output::Yaml => format!("{}{}", if first { "" } else { "---\n" }, yaml(value)),
            Output::Kyaml => super::kyaml::text(value),
            Output::JsonPath(path, text) => path.text(value).map_err(|why| failed(text, &why, value))?,
            Output::JsonPathAsJson(path, text) => {
                path.json(value).map_err(|why| failed(text, &why, value))?
            }
            Output::Columns(columns) => {
                let mut table = Table::new();
                if !no_headers && first {
                    table.push(columns.iter().map(|(heading, _)| heading.as_str()));
                }
                for item in items() {
                    let mut row = Vec::new();
                    for (_, path) in columns {
                        let found = path.find(&item).map_err(Error::Plain)?.concat();
                        let texts: Vec<String> = found.iter().map(jsonpath::go_text).collect();
                        row.push(if texts.is_empty() { "<none>".into() } else { texts.join(",") });
                    }
                    table.push(row);
                }
                table.text()
            }
            Output::Template(template) => template.text(value).unwrap_or_else(|(text, _)| text),
        })
    }
}

/// What kubectl prints where a Go template fails, behind what it had printed.
fn explained(template: &Template, why: &str, value: &Value) -> String {
    format!(
        "Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
        template.source,
        json::to_string(value),
        super::template::go_text(value)
    )
}

/// A text as Go's `%q`.
fn go_quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
    )
}

fn failed(template: &str, why: &str, value: &Value) -> Error {
    Error::plain(format!(
        "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
        go_quoted(template),
        jsonpath::go_syntax(value)
    ))
}

/// How a verb tells what it did to each object: `deployment.apps/web created`, or the object where `-o` asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Teller {
    output: Option<Output>,
    printed: bool,
    suffix: &'static str,
}

impl Teller {
    /// As the flags ask.
    ///
    /// # Errors
    /// kubectl's words for a form that is not there, or for `--dry-run`.
    pub fn new(session: &mut Session<'_>) -> Result<Self> {
        Ok(Self { output: output(session, false)?, printed: false, suffix: session.dry_run()?.suffix() })
    }

    /// True where whole objects are printed.
    pub fn prints_objects(&self) -> bool {
        !matches!(self.output, None | Some(Output::Name))
    }

    /// Tells of one object.
    ///
    /// # Errors
    /// What a template finds wrong.
    pub fn tell(&mut self, session: &mut Session<'_>, value: &Value, deed: &str) -> Result<()> {
        let first = !std::mem::replace(&mut self.printed, true);
        match &self.output {
            None => session.line(format!("{} {deed}{}", name(value), self.suffix)),
            Some(output) => output.print(session.io, value, first, false)?,
        }
        Ok(())
    }
}
