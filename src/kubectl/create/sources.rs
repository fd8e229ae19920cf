//! `--from-literal`, `--from-file` and `--from-env-file`.

use crate::api::base64::encode as base64;
use crate::base::{Map, Value};
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::Session;

/// The flags.
pub(super) const FLAGS: &str = "append-hash:bool from-env-file:list from-file:list from-literal:array";

/// What the flags put together: keys and contents, of `what` named `name`.
///
/// # Errors
/// kubectl's words.
pub(super) fn read(session: &Session<'_>, what: &str, name: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let flags = session.flags;
    let (literals, files, env_files) =
        (flags.list("from-literal"), flags.list("from-file"), flags.list("from-env-file"));
    if !env_files.is_empty() && (!literals.is_empty() || !files.is_empty()) {
        bail!("from-env-file cannot be combined with from-file or from-literal");
    }
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    for literal in literals {
        let (key, value) = self::literal(literal)?;
        add(&mut entries, what, name, key, value.as_bytes().to_vec())?;
    }
    for source in files {
        file(session, &mut entries, what, name, source)?;
    }
    for path in env_files {
        for (key, value) in environment(session, path)? {
            add(&mut entries, what, name, &key, value.into_bytes())?;
        }
    }
    Ok(entries)
}

/// `KEY=VALUE`, the value perhaps in quotes.
///
/// # Errors
/// kubectl's words.
pub(in crate::kubectl) fn literal(text: &str) -> Result<(&str, &str)> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key, unquoted(value))),
        _ => bail!("invalid literal source {text}, expected key=value"),
    }
}

/// True for what may name a piece of data, and else why not.
///
/// # Errors
/// apimachinery's words.
pub(in crate::kubectl) fn check_key(key: &str) -> std::result::Result<(), &'static str> {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || !key.chars().all(letters) {
        return Err(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        );
    }
    Ok(())
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

fn add(
    entries: &mut Vec<(String, Vec<u8>)>,
    what: &str,
    name: &str,
    key: &str,
    value: Vec<u8>,
) -> Result<()> {
    if let Err(why) = check_key(key) {
        bail!("\"{key}\" is not a valid key name for a {what}: {why}");
    }
    if entries.iter().any(|(other, _)| other == key) {
        bail!(
            "cannot add key \"{key}\", another key by that name already exists in Data for {what} \"{name}\""
        );
    }
    entries.push((key.into(), value));
    Ok(())
}

/// `PATH`, `KEY=PATH`, or a folder with files in it.
fn file(
    session: &Session<'_>,
    entries: &mut Vec<(String, Vec<u8>)>,
    what: &str,
    name: &str,
    source: &str,
) -> Result<()> {
    let parts: Vec<&str> = source.split('=').collect();
    let (key, path) = match parts[..] {
        [path] => (path.rsplit('/').next().unwrap_or_default(), path),
        ["", path] => bail!("key name for file path {path} missing"),
        [key, ""] => bail!("file path for key name {key} missing"),
        [key, path] => (key, path),
        _ => bail!("key names or file paths cannot contain '='"),
    };
    if session.io.is_dir(path) {
        if parts.len() == 2 {
            bail!("cannot give a key name for a directory path");
        }
        for file in session.io.list_dir(path).unwrap_or_default() {
            let inside = format!("{}/{file}", path.trim_end_matches('/'));
            if !session.io.is_dir(&inside) {
                let bytes = session.io.read_file(&inside).map_err(|why| unreadable(&inside, &why))?;
                add(entries, what, name, &file, bytes)?;
            }
        }
        return Ok(());
    }
    let bytes = session.io.read_file(path).map_err(|why| unreadable(path, &why))?;
    add(entries, what, name, key, bytes)
}

fn unreadable(path: &str, why: &str) -> Error {
    Error::plain(format!("error reading {path}: {why}"))
}

/// Lines of `NAME=VALUE`.
fn environment(session: &Session<'_>, path: &str) -> Result<Vec<(String, String)>> {
    if session.io.is_dir(path) {
        bail!("env config file cannot be a directory");
    }
    let bytes = session.io.read_file(path).map_err(|why| unreadable(path, &why))?;
    variables(&bytes, |name| session.io.env(name).unwrap_or_default())
}

/// Lines of `NAME=VALUE`; `missing` is what a line without a value stands for.
///
/// # Errors
/// apimachinery's words for what is no name.
pub(in crate::kubectl) fn variables(
    bytes: &[u8],
    missing: impl Fn(&str) -> String,
) -> Result<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let value = match line.contains('=') {
            true => value.to_string(),
            false => missing(key),
        };
        let ok = !key.is_empty()
            && !key.starts_with(|c: char| c.is_ascii_digit())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !ok {
            bail!(
                "\"{key}\" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
            );
        }
        found.push((key.to_string(), value));
    }
    Ok(found)
}

/// The `data` of a Secret; nothing where there is none.
pub(super) fn secret_data(entries: &[(String, Vec<u8>)]) -> Value {
    if entries.is_empty() {
        return Value::Null;
    }
    Value::Map(entries.iter().map(|(key, bytes)| (key.as_str(), base64(bytes))).collect::<Map>())
}
