//! `--from-literal`, `--from-file` and `--from-env-file`.

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
    if flags.is("append-hash") {
        bail!("Saya does not simulate kubectl create --append-hash");
    }
    let (literals, files, env_files) =
        (flags.list("from-literal"), flags.list("from-file"), flags.list("from-env-file"));
    if !env_files.is_empty() && (!literals.is_empty() || !files.is_empty()) {
        bail!("from-env-file cannot be combined with from-file or from-literal");
    }
    let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
    for literal in literals {
        match literal.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                add(&mut entries, what, name, key, unquoted(value).as_bytes().to_vec())?;
            }
            _ => bail!("invalid literal source {literal}, expected key=value"),
        }
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
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || !key.chars().all(letters) {
        bail!(
            "\"{key}\" is not a valid key name for a {what}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        );
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
    let text = String::from_utf8_lossy(&bytes);
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let value = match line.contains('=') {
            true => value.to_string(),
            false => session.io.env(key).unwrap_or_default(),
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

/// Bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char;
            text.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

/// The `data` of a Secret; nothing where there is none.
pub(super) fn secret_data(entries: &[(String, Vec<u8>)]) -> Value {
    if entries.is_empty() {
        return Value::Null;
    }
    Value::Map(entries.iter().map(|(key, bytes)| (key.as_str(), base64(bytes))).collect::<Map>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_is_padded() {
        for (plain, coded) in [("", ""), ("b", "Yg=="), ("ab", "YWI="), ("abc", "YWJj"), ("u:p", "dTpw")] {
            assert_eq!(super::base64(plain.as_bytes()), coded);
        }
    }
}
