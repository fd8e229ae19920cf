//! `saya check`: chapters against the simulated cluster.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::api::schema::FieldDocs;
use crate::lesson::{self, Library, Player, Report, Verdict, Warning};
use crate::sim::{Input, Scenario, Sim};

use super::Failure;

/// What was asked for.
#[derive(Debug, Default)]
struct Wanted {
    profile: Option<String>,
    language: Option<String>,
    update: bool,
    paths: Vec<PathBuf>,
}

/// How a chapter begins: the profile, the seed, and where commands come first, the files and these.
type Beginning = (String, u64, BTreeMap<String, String>, Vec<String>);

/// The clusters that were brought so far: chapters that begin in the same way begin in copies of one.
type Begun = Mutex<BTreeMap<Beginning, Sim>>;

/// A chapter's source, what is odd about it, and how it went.
type Checked = Result<(String, Vec<Warning>, Report), Failure>;

/// A folder's files are read as far as a terminal has use for them.
const LARGEST_FILE: u64 = 256 * 1024;
const MOST_FILES: usize = 500;
const DEEPEST: usize = 4;
/// What is no file to type commands about: pictures, archives, chapters.
const NO_SOURCES: &[&str] = &[
    "md", "markdown", "rst", "ipynb", "svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "drawio", "pdf",
    "zip", "gz", "tgz", "woff", "woff2", "ttf", "mp4", "webm", "pyc", "inv", "doctree", "wasm",
];

/// Plays chapters and prints how they went.
///
/// # Errors
/// Where it was asked for wrongly, a file cannot be read, or something differs.
pub(super) fn run(parser: &mut lexopt::Parser) -> Result<(), Failure> {
    let wanted = read(parser)?;
    FieldDocs::install(include_str!(concat!(env!("OUT_DIR"), "/field-docs.json")));
    let mut chapters = Vec::new();
    for path in &wanted.paths {
        chapters_of(path, wanted.language.as_deref(), &mut chapters)?;
    }
    if chapters.is_empty() {
        let all: Vec<String> = wanted.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::Usage(format!("{}: there is no chapter (FILE.md) there", all.join(", "))));
    }
    let (mut passed, mut failed) = (0, 0);
    let mut out = std::io::stdout().lock();
    let library = Arc::new(library(&wanted.paths));
    let checked = check_all(&chapters, &wanted, &library);
    for (path, result) in chapters.iter().zip(checked) {
        let (source, warnings, report) = result?;
        for warning in &warnings {
            eprintln!("{}:{}: warning: {}", path.display(), warning.line, warning.what);
        }
        let (good, bad) = print(&mut out, path, &report);
        passed += good;
        failed += bad;
        if wanted.update {
            let new = lesson::rewrite(&source, &report);
            if new != source {
                let written = fs::write(path, new);
                written.map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
            }
        }
    }
    // Whoever reads this may have stopped reading.
    let _ = writeln!(out, "{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(Failure::Failed) }
}

fn read(parser: &mut lexopt::Parser) -> Result<Wanted, Failure> {
    use lexopt::prelude::{Long, Value, ValueExt};
    let mut wanted = Wanted::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("profile") => wanted.profile = Some(parser.value()?.string()?),
            Long("lang") => wanted.language = Some(parser.value()?.string()?),
            Long("update") => wanted.update = true,
            Value(path) => wanted.paths.push(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if wanted.paths.is_empty() {
        return Err(Failure::Usage(
            "usage: saya check [--profile NAME] [--lang L] [--update] FILE.md...".into(),
        ));
    }
    Ok(wanted)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    String::from_utf8(bytes).map_err(|error| unreadable(path, &error.utf8_error()))
}

/// The chapters that a path means: itself, or all below a folder.
fn chapters_of(path: &Path, language: Option<&str>, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    for entry in sorted(path)? {
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(['.', '_']) || name == "node_modules" {
            continue;
        }
        if entry.is_dir() {
            chapters_of(&entry, language, found)?;
        } else if let Some(stem) = name.strip_suffix(".md") {
            // `en.md`, `pods.en.md`; what names no language is checked in all.
            let said = stem.rsplit('.').next().unwrap_or(stem);
            let named = said.len() == 2 && said.chars().all(|c| c.is_ascii_lowercase());
            if language.is_none_or(|wanted| !named || said == wanted) {
                found.push(entry);
            }
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    Ok(paths)
}

/// The files of a chapter's folder by their paths from there, chapters, pictures and exercises aside.
fn sources(folder: &Path, prefix: &str, depth: usize, found: &mut BTreeMap<String, String>) {
    let Ok(paths) = sorted(folder) else { return };
    for path in paths {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with(['.', '_']) || found.len() >= MOST_FILES {
            continue;
        }
        if path.is_dir() {
            let skipped = depth >= DEEPEST || matches!(name, "node_modules" | "exercises" | "target");
            if !skipped {
                sources(&path, &format!("{prefix}{name}/"), depth + 1, found);
            }
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let small = fs::metadata(&path).is_ok_and(|about| about.len() <= LARGEST_FILE);
        if small
            && !NO_SOURCES.contains(&extension)
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.insert(format!("{prefix}{name}"), text);
        }
    }
}

/// The scripts that solve exercises, rightly and wrongly, by their names without `.sh`.
fn scripts(folder: &Path) -> BTreeMap<String, String> {
    let paths = sorted(&folder.join("exercises")).unwrap_or_default();
    let named = paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".sh")?;
        Some((name.to_string(), fs::read_to_string(path).ok()?))
    });
    named.collect()
}

/// A path without `.` and `..` in it, as far as that can be told from it alone.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A file that a chapter includes: from the chapter, or as Sphinx has it where the path begins with `/`, from a folder above.
fn included(folder: &Path, path: &str) -> Option<String> {
    let Some(below) = path.strip_prefix('/') else {
        return fs::read_to_string(tidy(&folder.join(path))).ok();
    };
    let folder = fs::canonicalize(folder).ok()?;
    folder.ancestors().take(6).find_map(|above| fs::read_to_string(above.join(below)).ok())
}

/// The files of the folders that were asked for, by their paths.
fn library(paths: &[PathBuf]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for path in paths.iter().filter(|path| path.is_dir()) {
        sources(path, "", 0, &mut all);
    }
    all
}

/// Plays chapters on as many threads as there are cores; what came of each, in their order.
fn check_all(chapters: &[PathBuf], wanted: &Wanted, library: &Arc<BTreeMap<String, String>>) -> Vec<Checked> {
    let (begun, next) = (Begun::default(), AtomicUsize::new(0));
    let done: Mutex<BTreeMap<usize, Checked>> = Mutex::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(chapters.len()) {
            scope.spawn(|| {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(path) = chapters.get(at)
                {
                    let checked = read_text(path).and_then(|source| {
                        let (warnings, report) = check(path, &source, wanted, library, &begun)?;
                        Ok((source, warnings, report))
                    });
                    locked(&done).insert(at, checked);
                }
            });
        }
    });
    std::mem::take(&mut *locked(&done)).into_values().collect()
}

/// The kind of cluster that a chapter was written on, by the nodes in its tables.
fn guessed(source: &str) -> Option<&'static str> {
    let has = |node: &str| {
        let in_table = |line: &str| line.contains("  ") && line.split_whitespace().any(|word| word == node);
        source.lines().any(in_table)
    };
    let nodes = [
        ("docker-desktop", "docker-desktop"),
        ("minikube-m02", "minikube-two-node"),
        ("kind-control-plane", "kind"),
        ("minikube", "minikube-1.36"),
    ];
    nodes.into_iter().find(|(node, _)| has(node)).map(|(_, profile)| profile)
}

/// What a thread that panicked left behind is whole: each puts in what is finished.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check(
    path: &Path,
    source: &str,
    wanted: &Wanted,
    library: &Arc<BTreeMap<String, String>>,
    begun: &Begun,
) -> Result<(Vec<Warning>, Report), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut chapter = lesson::read(source);
    let mut shown = BTreeMap::new();
    chapter.include(&mut |path| {
        let text = included(folder, path)?;
        shown.insert(path.rsplit('/').next().unwrap_or(path).to_string(), text.clone());
        Some(text)
    });
    let front = &chapter.front;
    let scenario = Scenario::default();
    let profile = wanted
        .profile
        .clone()
        .or(chapter.profile().or(guessed(source)).map(str::to_string))
        .unwrap_or(scenario.profile.clone());
    let seed = front.seed.unwrap_or(scenario.seed);
    let mut files = BTreeMap::new();
    match &front.files {
        None => sources(folder, "", 0, &mut files),
        Some(names) => {
            for name in names {
                let text = fs::read_to_string(tidy(&folder.join(name)));
                let text = text.map_err(|error| {
                    Failure::Usage(format!(
                        "{}: the file {name} of its front matter: {error}",
                        path.display()
                    ))
                })?;
                files.insert(name.clone(), text);
            }
        }
    }
    for (name, text) in shown {
        files.entry(name).or_insert(text);
    }
    let kept = |beginning: &Beginning| locked(begun).get(beginning).cloned();
    let bare: Beginning = (profile, seed, BTreeMap::new(), Vec::new());
    let mut sim = match kept(&bare) {
        Some(sim) => sim,
        None => {
            let scenario = Scenario { profile: bare.0.clone(), seed, ..scenario };
            let sim = Sim::new(&scenario).map_err(|unknown| unreadable(path, &unknown))?;
            locked(begun).insert(bare.clone(), sim.clone());
            sim
        }
    };
    let beginning: Beginning = (bare.0, seed, files, front.setup.clone());
    let known = kept(&beginning).filter(|_| !front.setup.is_empty());
    let is_new = known.is_none();
    if is_new {
        for (path, text) in &beginning.2 {
            sim.apply(&Input::Save { path: path.clone(), text: text.clone() });
        }
    }
    let mut player = Player::new(known.unwrap_or(sim), scripts(folder))
        .with_library(Library { files: library.clone(), chapter: path.display().to_string() });
    if is_new && !front.setup.is_empty() {
        player.set_up(&front.setup);
        locked(begun).insert(beginning, player.sim().clone());
    }
    let report = player.play(&chapter.steps());
    Ok((chapter.warnings, report))
}

/// Prints how a chapter went: a line a command, and what differs. How many went well, and how many did not.
fn print(out: &mut impl Write, path: &Path, report: &Report) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    for outcome in &report.outcomes {
        let what = match outcome.what.split_once('\n') {
            Some((first, _)) => format!("{first} …"),
            None => outcome.what.clone(),
        };
        let (word, more): (&str, &[String]) = match &outcome.verdict {
            Verdict::Good => {
                good += 1;
                ("ok", &[])
            }
            Verdict::Differs(lines) => {
                bad += 1;
                ("differs", lines)
            }
            Verdict::NotSimulated(why) => ("not simulated", std::slice::from_ref(why)),
        };
        // Whoever reads this may have stopped reading.
        let _ = writeln!(out, "{word:<13} {}:{}: {what}", path.display(), outcome.line);
        for line in more {
            let _ = writeln!(out, "    {line}");
        }
    }
    (good, bad)
}
