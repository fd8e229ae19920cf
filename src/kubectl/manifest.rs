//! Manifests: files found, read and looked over before anything is asked of the server.

use crate::base::{Value, yaml};

use super::error::Error;
use super::session::Session;

/// What files in folders must end in.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// The descriptor that a FILENAME is another name for: `-`, or what a shell puts in place of `<(…)`.
pub(super) fn stream(path: &str) -> Option<u32> {
    match path {
        "-" | "/dev/stdin" => Some(0),
        path => path.strip_prefix("/dev/fd/")?.parse().ok(),
    }
}

/// Reads the file `path`, or the files in the folder `path`.
pub fn expand(
    session: &Session<'_>,
    path: &str,
    recursive: bool,
    texts: &mut Vec<(String, Vec<u8>)>,
    errors: &mut Vec<Error>,
) {
    let mut files = Vec::new();
    if path.contains(['*', '?', '[']) && !session.io.exists(path) {
        let (folder, pattern) = path.rsplit_once('/').unwrap_or((".", path));
        for name in session.io.list_dir(folder).unwrap_or_default() {
            if glob(pattern, &name) {
                files.push(if folder == "." { name } else { format!("{folder}/{name}") });
            }
        }
        if files.is_empty() {
            return errors.push(Error::plain(format!("the path \"{path}\" does not exist")));
        }
    } else if !session.io.exists(path) {
        return errors.push(Error::plain(format!("the path \"{path}\" does not exist")));
    } else if session.io.is_dir(path) {
        walk(session, path, recursive, &mut files);
        if files.is_empty() {
            return errors.push(Error::plain(format!(
                "error reading [{path}]: recognized file extensions are [{}]",
                EXTENSIONS.join(" ")
            )));
        }
    } else {
        files.push(path.to_string());
    }
    for file in files {
        match session.io.read_file(&file) {
            Ok(bytes) => texts.push((file, bytes)),
            Err(why) => errors.push(Error::plain(format!("open {file}: {why}"))),
        }
    }
}

fn walk(session: &Session<'_>, folder: &str, recursive: bool, files: &mut Vec<String>) {
    let mut names = session.io.list_dir(folder).unwrap_or_default();
    names.sort();
    for name in names {
        // As Go's filepath.Join: the folder is cleaned.
        let clean = folder.trim_end_matches('/').trim_start_matches("./");
        let path = match clean {
            "" if folder.starts_with('/') => format!("/{name}"),
            "" | "." => name,
            _ => format!("{clean}/{name}"),
        };
        if session.io.is_dir(&path) {
            if recursive {
                walk(session, &path, recursive, files);
            }
        } else if EXTENSIONS.iter().any(|extension| path.ends_with(extension)) {
            files.push(path);
        }
    }
}

/// A shell pattern with `*`, `?` and `[…]`, as Go's `filepath.Match`.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    fn matches(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
            Some(('?', rest)) => !name.is_empty() && matches(rest, &name[1..]),
            Some(('[', rest)) => {
                let Some(end) = rest.iter().position(|c| *c == ']') else { return false };
                let Some((first, others)) = name.split_first() else { return false };
                let (not, set) = match rest[..end].split_first() {
                    Some(('^', set)) => (true, set),
                    _ => (false, &rest[..end]),
                };
                let mut within = set.contains(first);
                for range in set.windows(3).filter(|range| range[1] == '-') {
                    within |= range[0] <= *first && *first <= range[2];
                }
                within != not && matches(&rest[end + 1..], others)
            }
            Some((c, rest)) => name.first() == Some(c) && matches(rest, &name[1..]),
        }
    }
    matches(&pattern, &name)
}

/// The documents of a manifest, up to the first that cannot be read.
pub fn documents(bytes: &[u8]) -> Vec<Result<Value, String>> {
    let documents = yaml::read_stream(bytes);
    documents.map(|document| document.map(|d| d.value).map_err(|error| error.message)).collect()
}

/// What kubectl finds wrong with a document's `apiVersion` and `kind`.
pub fn problem_of_kind(value: &Value) -> Option<String> {
    let Value::Map(map) = value else { return Some("invalid object to validate".into()) };
    let mut problems = Vec::new();
    for field in ["apiVersion", "kind"] {
        match map.get(field) {
            None | Some(Value::Null) => problems.push(format!("{field} not set")),
            Some(Value::Str(text)) if field == "apiVersion" && text.matches('/').count() > 1 => {
                problems.push(format!("unexpected GroupVersion string: {text}"));
            }
            Some(Value::Str(_)) => {}
            Some(_) => problems.push(format!("{field} isn't string type")),
        }
    }
    match problems.len() {
        0 => None,
        1 => problems.pop(),
        _ => Some(format!("[{}]", problems.join(", "))),
    }
}
