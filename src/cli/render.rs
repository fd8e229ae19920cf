//! `saya render`: the figure at a moment, as a file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::base::{SimTime, yaml};
use crate::diagram::{self, Language, Options, Scene, Theme};
use crate::sim::snapshot::{PodView, Snapshot};
use crate::sim::{Scenario, Script, Sim, observe, replay};

use super::files::{given, import, read_text};
use super::link::shared;
use super::png::paint;
use super::trace::traced;
use super::{Failure, seconds};

/// What a figure can be written as, with the ends of the names of such files; the longer ends first.
const FORMATS: &[(&str, &str)] = &[
    ("drawio.svg", ".drawio.svg"),
    ("svg", ".svg"),
    ("drawio", ".drawio"),
    ("png", ".png"),
    ("txt", ".txt"),
];

#[derive(Default)]
struct Wanted {
    profile: Option<String>,
    files: Vec<PathBuf>,
    session: Option<String>,
    import: Option<PathBuf>,
    at: Option<SimTime>,
    format: Option<String>,
    out: Option<PathBuf>,
    trace: Option<(String, String)>,
    dark: bool,
    options: Options,
}

/// Writes a figure.
///
/// # Errors
/// Where it was asked for wrongly, a file cannot be read, or the cluster refuses it.
pub(super) fn run(parser: &mut lexopt::Parser) -> Result<(), Failure> {
    let wanted = read(parser)?;
    let format = format_of(&wanted)?;
    let (mut sim, at) = match &wanted.session {
        Some(word) => {
            let share = shared(word)?;
            let at = wanted.at.or(share.time);
            let last = share.log.inputs.last().map_or(SimTime::ZERO, |(at, _)| *at);
            let sim = replay(&share.log, at.unwrap_or(last));
            (sim.map_err(|unknown| Failure::Usage(unknown.to_string()))?, at)
        }
        None => (applied(&wanted)?, wanted.at),
    };
    match at {
        Some(at) => sim.run_until(at.max(sim.now())),
        None => settle(&mut sim),
    }
    let snapshot = observe::of(&sim);
    let mut told = String::new();
    let scene = match &wanted.trace {
        Some((from, to)) => {
            let found = traced(&sim, &snapshot, from, to)?;
            told = found.text();
            diagram::trace(snapshot, wanted.options, &found)
        }
        None => diagram::draw(&snapshot, &wanted.options),
    };
    write(&scene, &told, &format, &wanted)
}

fn read(parser: &mut lexopt::Parser) -> Result<Wanted, Failure> {
    use lexopt::prelude::{Long, Short, ValueExt};
    let mut wanted = Wanted::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("profile") => wanted.profile = Some(parser.value()?.string()?),
            Short('f') | Long("filename") => wanted.files.push(parser.value()?.into()),
            Long("session") => wanted.session = Some(parser.value()?.string()?),
            Long("import") => wanted.import = Some(parser.value()?.into()),
            Long("at") => wanted.at = Some(seconds("--at", &parser.value()?.string()?)?),
            Long("trace") => wanted.trace = Some((parser.value()?.string()?, parser.value()?.string()?)),
            Long("format") => wanted.format = Some(parser.value()?.string()?),
            Long("show") => show(&parser.value()?.string()?, &mut wanted.options)?,
            Long("theme") => {
                wanted.dark = match parser.value()?.string()?.as_str() {
                    "light" => false,
                    "dark" => true,
                    other => {
                        return Err(Failure::Usage(format!(
                            "--theme: \"{other}\" is neither light nor dark"
                        )));
                    }
                }
            }
            Long("lang") => {
                let tag = parser.value()?.string()?;
                let language = Language::of_tag(&tag).ok_or_else(|| {
                    Failure::Usage(format!(
                        "--lang: there are no figures in \"{tag}\", only in en, ja and ko"
                    ))
                });
                wanted.options.language = language?;
            }
            Short('o') | Long("output") => wanted.out = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Err(Failure::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    if wanted.session.is_some() && (wanted.profile.is_some() || !wanted.files.is_empty()) {
        return Err(Failure::Usage(
            "--session brings its own cluster and files: no --profile, no -f beside it".into(),
        ));
    }
    Ok(wanted)
}

/// Switches layers of the figure on: `owners,storage`; with `-` before it, off: `-direct`.
fn show(words: &str, options: &mut Options) -> Result<(), Failure> {
    for word in words.split(',') {
        let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
        let layer = match name {
            "system" => &mut options.show_system,
            "config" => &mut options.show_config,
            "direct" => &mut options.show_direct,
            "selectors" => &mut options.show_selectors,
            "owners" => &mut options.show_owners,
            "storage" => &mut options.show_storage,
            "policies" => &mut options.show_policies,
            _ => {
                return Err(Failure::Usage(format!(
                    "--show: \"{name}\" is none of system, config, direct, selectors, owners, storage, policies"
                )));
            }
        };
        *layer = on;
    }
    Ok(())
}

/// The format by its own name, else by that of the file.
fn format_of(wanted: &Wanted) -> Result<String, Failure> {
    let known = |name: &str| FORMATS.iter().any(|(format, _)| *format == name);
    match (&wanted.format, &wanted.out) {
        (Some(name), _) if known(name) => Ok(name.clone()),
        (Some(name), _) => {
            Err(Failure::Usage(format!("--format: \"{name}\" is none of svg, drawio, drawio.svg, png, txt")))
        }
        (None, Some(path)) => {
            let path = path.to_string_lossy();
            let found = FORMATS.iter().find(|(_, end)| path.ends_with(end));
            Ok(found.map_or("svg", |(format, _)| format).to_string())
        }
        (None, None) => Ok("svg".into()),
    }
}

/// A fresh cluster with the given manifests applied.
fn applied(wanted: &Wanted) -> Result<Sim, Failure> {
    let mut scenario = Scenario { files: given(&wanted.files)?, ..Scenario::default() };
    scenario.profile = wanted.profile.clone().unwrap_or(scenario.profile);
    for path in wanted.files.iter().filter(|path| !path.is_dir()) {
        check_yaml(path, &scenario.files[&*path.file_name().unwrap_or_default().to_string_lossy()])?;
    }
    let mut sim = Sim::new(&scenario).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
    if let Some(path) = &wanted.import {
        import(&mut sim, path)?;
    }
    if !scenario.files.is_empty() {
        let files: Vec<String> =
            scenario.files.keys().map(|name| format!(" -f '{}'", name.replace('\'', "'\\''"))).collect();
        let answer = Script::new(&mut sim).run(&mut sim, &format!("kubectl apply{}", files.concat()));
        if answer.exit_code != 0 {
            let words: Vec<&str> = answer.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
            return Err(Failure::Refused(format!("{}{}", place(wanted, &answer.stderr), words.join("; "))));
        }
    }
    Ok(sim)
}

/// What kubectl would not be able to read is told with its line and column.
fn check_yaml(path: &Path, text: &str) -> Result<(), Failure> {
    match yaml::read_stream(text.as_bytes()).find_map(Result::err) {
        Some(yaml::Error { message, at }) => {
            let message = message.replace('\n', " ");
            Err(Failure::Usage(format!("{}:{}:{}: {message}", path.display(), at.line, at.column)))
        }
        None => Ok(()),
    }
}

/// Where kubectl's words point to: the file, line and column of the field that they name, or else of the object.
fn place(wanted: &Wanted, words: &str) -> String {
    let fields = || words.split([' ', '"', ',', '\n']).map(|word| word.trim_end_matches(':'));
    let mut best: Option<((usize, bool), String)> = None;
    for path in wanted.files.iter().filter(|path| !path.is_dir()) {
        let Ok(text) = read_text(path) else { continue };
        for document in yaml::read_stream(text.as_bytes()).filter_map(Result::ok) {
            let name = document.value.at(&["metadata", "name"]).str();
            let named = words.contains(&format!("\"{name}\""));
            if !named && !words.contains(&format!("{}\"", path.display())) {
                continue;
            }
            let written =
                fields().filter(|field| field.starts_with("spec") || field.starts_with("metadata."));
            let longest = written.max_by_key(|field| field.len()).unwrap_or_default();
            if let Some(place) = document.marks.find_field(longest)
                && best.as_ref().is_none_or(|(rank, _)| *rank < (longest.len(), named))
            {
                let at = place.key.unwrap_or(place.value).start;
                best =
                    Some(((longest.len(), named), format!("{}:{}:{}: ", path.display(), at.line, at.column)));
            }
        }
    }
    best.map(|(_, place)| place).unwrap_or_default()
}

/// How long nothing must change for a cluster to count as settled; where a Pod is on its way, longer.
const QUIET: SimTime = SimTime::from_secs(15);
const QUIET_WHILE_WAITING: SimTime = SimTime::from_secs(120);
/// What never comes to rest is drawn after so long.
const LONGEST: SimTime = SimTime::from_secs(600);

/// Lets time pass until the figure no longer changes.
fn settle(sim: &mut Sim) {
    let look = |sim: &Sim| observe::snapshot(sim.cluster(), SimTime::ZERO);
    let began = sim.now();
    let (mut before, mut since) = (look(sim), began);
    while sim.now().0 < began.0 + LONGEST.0 {
        sim.run_until(SimTime(sim.now().0 + 1_000_000));
        let now = look(sim);
        if now != before {
            (before, since) = (now, sim.now());
        }
        let quiet = if is_on_its_way(&before) { QUIET_WHILE_WAITING } else { QUIET };
        if sim.now().0 >= since.0 + quiet.0 {
            break;
        }
    }
}

fn is_on_its_way(snapshot: &Snapshot) -> bool {
    let moves = |pod: &PodView| {
        pod.terminating
            || (pod.node.is_some() && matches!(pod.status.as_str(), "ContainerCreating" | "PodInitializing"))
            || pod.status.starts_with("Init:")
            || (pod.phase == "Running" && pod.ready.0 < pod.ready.1)
    };
    snapshot.pods.iter().any(moves)
}

/// `told` is what a connection met, in words; nothing where none was asked for.
fn write(scene: &Scene, told: &str, format: &str, wanted: &Wanted) -> Result<(), Failure> {
    let theme = if wanted.dark { Theme::Dark } else { Theme::Light };
    let bytes = match format {
        "drawio" => diagram::drawio(scene).into_bytes(),
        "drawio.svg" => diagram::svg_with_drawio(scene, theme).into_bytes(),
        "txt" => (diagram::text(scene) + told).into_bytes(),
        "png" => {
            let picture = paint(&diagram::svg(scene, theme)).map_err(Failure::Refused)?;
            picture.warnings.iter().for_each(|warning| eprintln!("saya: warning: {warning}"));
            picture.png
        }
        _ => diagram::svg(scene, theme).into_bytes(),
    };
    let Some(path) = &wanted.out else {
        let mut out = std::io::stdout();
        if format == "png" && out.is_terminal() {
            return Err(Failure::Usage("a picture is nothing for a terminal: -o FILE.png".into()));
        }
        // Whoever reads this may have stopped reading: there is nobody left to tell.
        let _ = out.write_all(&bytes);
        return Ok(());
    };
    std::fs::write(path, bytes).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
