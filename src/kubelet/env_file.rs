//! Variables out of a file in a volume that another container has written (`fileKeyRef`).

use crate::api::Object;
use crate::base::Value;
use crate::container::files::Volumes;

use super::mounting;

/// The value that a `fileKeyRef` names; none where it is optional and the file has no such key.
///
/// # Errors
/// The kubelet's words (`kubelet_pods.go`, makeEnvironmentVariables).
pub(super) fn value_of(pod: &Object, from: &Value, files: &Volumes) -> Result<Option<String>, String> {
    let (volume, key) = (from.get("volumeName").str(), from.get("key").str());
    let listed = pod.spec().get("volumes").items();
    let Some(source) = listed.iter().find(|source| source.get("name").str() == volume) else {
        return Err(format!("cannot find the volume \"{volume}\" referenced by FileKeyRef"));
    };
    let path = from.get("path").str();
    let tree = files.get(&mounting::own_id(pod, source));
    let bytes = tree.and_then(|tree| tree.read(&format!("/{path}")));
    let text = bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    match text.and_then(|text| find(&text, key).ok()) {
        None => Err("couldn't parse env file".into()),
        Some(value) if !value.is_empty() => Ok(Some(value)),
        Some(_) if from.get("optional").bool() => Ok(None),
        Some(_) => Err(format!(
            "environment variable key \"{key}\" not found in file \"/var/lib/kubelet/pods/{}/volumes/kubernetes.io~empty-dir/{volume}/{path}\"",
            pod.uid()
        )),
    }
}

/// What the file sets `key` to; empty where it does not. Of the forms that a shell reads there is only this one:
/// `KEY='VALUE'`, where the value may go on over lines (kubelet `util/env`, ParseEnv).
///
/// # Errors
/// What is wrong, and in which line.
fn find(text: &str, key: &str) -> Result<String, String> {
    let mut rest = text;
    while !rest.is_empty() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let wrong = |why: &str| Err(format!("invalid environment variable format at line {line}{why}"));
        let start = rest.trim_start_matches([' ', '\t']);
        let whole = start.lines().next().unwrap_or_default();
        if whole.trim().is_empty() || start.starts_with('#') {
            rest = start[whole.len()..].trim_start_matches('\r');
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            continue;
        }
        let Some((name, _)) = whole.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return wrong("");
        };
        if name.ends_with([' ', '\t']) {
            return wrong(": whitespace before '=' is not allowed");
        }
        let Some(value) = start[name.len() + 1..].strip_prefix('\'') else {
            return wrong(": value must be enclosed in single quotes");
        };
        let Some((value, after)) = value.split_once('\'') else {
            return wrong(": unclosed single quote");
        };
        let (more, after) = after.split_once('\n').unwrap_or((after, ""));
        if !more.trim().is_empty() && !more.trim_start().starts_with('#') {
            return wrong(": unexpected content after closing quote");
        }
        if name == key {
            return Ok(value.to_owned());
        }
        rest = after;
    }
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_quotes_are_read() {
        let of = |text: &str, key: &str| find(text, key);
        assert_eq!(of("# mine\n\n  A='1'\nB='two\nlines' # end\n", "B").unwrap(), "two\nlines");
        assert_eq!(of("A='x=y#z'\n", "A").unwrap(), "x=y#z");
        assert_eq!(of("A='1'", "B").unwrap(), "");
        for (text, wrong) in [
            ("A='1'\nB=2\n", "line 2: value must be enclosed in single quotes"),
            ("A ='1'\n", "line 1: whitespace before '=' is not allowed"),
            ("A='1''2'\n", "line 1: unexpected content after closing quote"),
            ("A='1'\n\nwords\n", "line 3"),
            ("='1'", "line 1"),
        ] {
            let why = of(text, "B").unwrap_err();
            assert!(why.ends_with(wrong), "{why}");
        }
    }
}
