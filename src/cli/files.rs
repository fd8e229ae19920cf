//! The files that the native program is given.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::sim::Sim;

/// A file's text, as far as it is one.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every file below a folder, by its path from there. What is no text is read as far as it is.
///
/// # Errors
/// Where one cannot be read.
pub(super) fn files_of(directory: &Path) -> Result<BTreeMap<String, String>, Failure> {
    fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{path}/"), found)?;
            } else {
                found.insert(path, String::from_utf8_lossy(&fs::read(entry.path())?).into_owned());
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    walk(directory, "", &mut found)
        .map_err(|error| Failure::Usage(format!("{}: {error}", directory.display())))?;
    Ok(found)
}

/// The files of `-f FILE…` as they lie in the learner's working directory: a file by its own name, those of a folder
/// by their path from there.
///
/// # Errors
/// Where one cannot be read, or two would have the same name.
pub(super) fn given(paths: &[PathBuf]) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for path in paths {
        let files = if path.is_dir() {
            files_of(path)?
        } else {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            [(name, read_text(path)?)].into()
        };
        for (name, text) in files {
            if found.get(&name).is_some_and(|other| *other != text) {
                return Err(Failure::Usage(format!(
                    "{}: another file is called {name}, too",
                    path.display()
                )));
            }
            found.insert(name, text);
        }
    }
    Ok(found)
}

/// Puts a dump of a real cluster in, and says on stderr what did not come with it.
///
/// # Errors
/// Where it cannot be read, or there is nothing in it.
pub(super) fn import(sim: &mut Sim, path: &Path) -> Result<(), Failure> {
    let path_shown = path.display();
    let imported =
        sim.import(&read_text(path)?).map_err(|error| Failure::Usage(format!("{path_shown}:{error}")))?;
    if imported.objects == 0 {
        return Err(Failure::Usage(format!("{path_shown}: there are no objects in it")));
    }
    if imported.secrets > 0 {
        eprintln!(
            "saya: {path_shown}: the values of {} Secrets were dropped; their keys are there",
            imported.secrets
        );
    }
    for (kind, count) in imported.unknown {
        eprintln!("saya: {path_shown}: {count} objects were left out: {kind} is not simulated");
    }
    Ok(())
}
