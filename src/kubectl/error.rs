//! How kubectl says that something went wrong.

use crate::api::{Kind, Status};

/// What ends a command, or the work on one object, badly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// kubectl's own complaint, printed after `error: `.
    Plain(String),
    /// kubectl's own complaint, printed as it is.
    Raw(String),
    /// The API server's refusal; `during` is what kubectl was doing: `error when creating "web.yaml":`.
    Status {
        /// The refusal.
        status: Status,
        /// What kubectl was doing; may be empty.
        during: String,
    },
    /// Several at once, a line each.
    Many(Vec<Error>),
    /// Nothing more to say; the exit status.
    Exit(u8),
}

/// What a step of kubectl comes to.
pub type Result<T> = std::result::Result<T, Error>;

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Error::Status { status, during: String::new() }
    }
}

/// `Err(Error::Plain(format!(…)))`.
macro_rules! bail {
    ($($text:tt)*) => { return Err($crate::kubectl::error::Error::Plain(format!($($text)*))) };
}
pub(crate) use bail;

impl Error {
    /// kubectl's own complaint.
    pub fn plain(text: impl Into<String>) -> Self {
        Error::Plain(text.into())
    }

    /// A wrong use of `command` (`kubectl create deployment`), with a hint at its help.
    pub fn usage(command: &str, text: impl std::fmt::Display) -> Self {
        Error::Plain(format!("{text}\nSee '{command} -h' for help and examples"))
    }

    /// There is no such type of resource.
    pub fn no_resource_type(word: &str) -> Self {
        Error::Plain(format!("the server doesn't have a resource type \"{word}\""))
    }

    /// True for the server's `NotFound`.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Status { status, .. } if status.reason == "NotFound")
    }

    /// The same, said of an object that came from a file: `error when DOING "FILE": …`.
    pub fn of_source(self, doing: &str, source: &str) -> Self {
        match self {
            error if source.is_empty() => error,
            Error::Status { status, during } => {
                Error::Status { status, during: format!("error when {doing} \"{source}\": {during}") }
            }
            Error::Plain(text) => Error::Plain(format!("error when {doing} \"{source}\": {text}")),
            other => other,
        }
    }

    /// One error of all of these; none where there are none.
    pub fn all(mut errors: Vec<Error>) -> Result<()> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Many(errors)),
        }
    }

    /// The bare message, without `error:` or `Error from server`.
    pub fn message(&self) -> String {
        match self {
            Error::Plain(text) | Error::Raw(text) => text.clone(),
            Error::Status { status, during } => format!("{during}{}", status.message),
            Error::Many(errors) => {
                let mut texts: Vec<String> = Vec::new();
                for text in errors.iter().map(Error::message) {
                    if !texts.contains(&text) {
                        texts.push(text);
                    }
                }
                match texts.len() {
                    1 => texts.remove(0),
                    _ => format!("[{}]", texts.join(", ")),
                }
            }
            Error::Exit(_) => String::new(),
        }
    }

    /// What stands on standard error, and the exit status.
    pub fn report(&self) -> (String, u8) {
        let text = match self {
            Error::Exit(code) => return (String::new(), *code),
            Error::Status { status, .. } if status.reason == "Invalid" => invalid(status),
            Error::Status { status, during } => from_server(status, during),
            Error::Many(errors) => {
                let lines: Vec<String> = errors.iter().map(Error::in_list).collect();
                lines.join("\n")
            }
            Error::Raw(text) => text.clone(),
            Error::Plain(text) if text.starts_with("error: ") => text.clone(),
            Error::Plain(text) => format!("error: {text}"),
        };
        (if text.ends_with('\n') { text } else { text + "\n" }, 1)
    }

    /// One line among several.
    fn in_list(&self) -> String {
        match self {
            Error::Status { status, during } => from_server(status, during),
            other => other.message(),
        }
    }
}

fn from_server(status: &Status, during: &str) -> String {
    if status.reason.is_empty() {
        return format!("Error from server: {during}{}", status.message);
    }
    format!("Error from server ({}): {during}{}", status.reason, status.message)
}

/// An `Invalid` refusal: by its causes, each once.
fn invalid(status: &Status) -> String {
    // The message starts with `Deployment.apps "web" is invalid`; kubectl names the kind without its group.
    let subject = status.message.split(" is invalid").next().unwrap_or_default();
    let head = match subject.split_once(' ') {
        Some((kind, name)) if !kind.is_empty() && status.message.contains(" is invalid") => {
            format!("The {} {name} is invalid", kind.split('.').next().unwrap_or_default())
        }
        _ if status.causes.is_empty() => return format!("The request is invalid: {}", status.message),
        _ => "The request is invalid".into(),
    };
    let mut causes: Vec<String> = Vec::new();
    for text in status.causes.iter().map(|cause| cause.text()) {
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    match &causes[..] {
        [] => head,
        [one] => format!("{head}: {one}"),
        _ => format!("{head}: \n* {}", causes.join("\n* ")),
    }
}

/// What kubectl says of an apiVersion and kind that the server does not have.
pub fn no_match_for_kind(api_version: &str, kind: &str) -> String {
    format!("no matches for kind \"{kind}\" in version \"{api_version}\"")
}

/// The resource of a kind as kubectl's `%v` of a GroupVersionResource reads: `apps/v1, Resource=deployments`.
pub fn resource_text(kind: Kind) -> String {
    let names = kind.names();
    format!("{}/{}, Resource={}", names.group, names.version, names.plural)
}

/// The same of a GroupVersionKind: `apps/v1, Kind=Deployment`.
pub fn kind_text(kind: Kind) -> String {
    let names = kind.names();
    format!("{}/{}, Kind={}", names.group, names.version, names.kind)
}
