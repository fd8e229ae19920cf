//! Arguments like `KEY=VALUE` and `KEY-` behind resources.

use super::error::{Result, bail};

/// Splits arguments into resources and what follows them: pairs.
///
/// # Errors
/// kubectl's words where a resource stands behind a pair; `what` names the pairs.
pub fn split(args: &[String], what: &str) -> Result<(Vec<String>, Vec<String>)> {
    let is_pair =
        |arg: &&String| (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && *arg != "-");
    let first = args.iter().position(|arg| is_pair(&arg)).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(first);
    if let Some(stray) = pairs.iter().find(|arg| !is_pair(arg)) {
        bail!("all resources must be specified before {what} changes: {stray}");
    }
    Ok((resources.to_vec(), pairs.to_vec()))
}

/// What is to be set, and what taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Keys with their new values, by key; of several the last.
    pub set: std::collections::BTreeMap<String, String>,
    /// Keys to take away.
    pub remove: Vec<String>,
}

/// Reads pairs whose values may hold anything.
///
/// # Errors
/// kubectl's words for what is no pair.
pub fn read(pairs: &[String], what: &str, may_remove: bool) -> Result<Changes> {
    let mut changes = Changes::default();
    let mut invalid: Vec<&str> = Vec::new();
    for pair in pairs {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => drop(changes.set.insert(key.into(), value.into())),
            _ if may_remove && pair.ends_with('-') && pair != "-" => {
                changes.remove.push(pair.trim_end_matches('-').into());
            }
            _ => invalid.push(pair),
        }
    }
    if !invalid.is_empty() {
        bail!("invalid {what} format: {}", invalid.join(", "));
    }
    Ok(changes)
}
