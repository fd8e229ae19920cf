//! Chapters under tests/lesson/: each folder's `check.txt` is what `saya check` prints of it, its exit status in the last
//! line. UPDATE=1 writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lesson");
    let mut found: Vec<PathBuf> = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

/// What `saya check` prints in a folder, standard error first, and its exit status.
fn check(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let saya =
        Command::new(env!("CARGO_BIN_EXE_saya")).arg("check").args(arguments).current_dir(folder).output();
    let done = saya.unwrap();
    let text = String::from_utf8([done.stderr, done.stdout].concat()).unwrap();
    (text, done.status.code().unwrap())
}

#[test]
fn chapters_go_as_recorded() {
    assert!(folders().len() >= 2);
    for folder in folders() {
        let (printed, status) = check(&folder, &["."]);
        let printed = format!("{printed}exit status {status}\n");
        let golden = folder.join("check.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&golden, &printed).unwrap();
        }
        let wanted = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(printed, wanted, "{}", folder.display());
    }
}

#[test]
fn an_update_makes_the_outputs_right_and_touches_nothing_else() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lesson-update");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let before = "\
# A chapter\r\n\r\n1. In a list:\r\n\r\n   ```console\r\n   $ kubectl create configmap a --from-literal=k=v\r\n   configmap/b created\r\n   $ kubectl get cm a -o jsonpath='{.data}{\"\\n\"}'   # a comment\r\n   {}\r\n   ```\r\n\r\nThe end.\r\n";
    let path = folder.join("chapter.md");
    fs::write(&path, before).unwrap();
    let (printed, status) = check(&folder, &["--update", "chapter.md"]);
    assert_eq!(status, 1, "{printed}");
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after, before.replace("configmap/b", "configmap/a").replace("   {}\r", "   {\"k\":\"v\"}\r"));
    let (printed, status) = check(&folder, &["chapter.md"]);
    assert_eq!((printed.lines().last(), status), (Some("2 passed, 0 failed"), 0), "{printed}");
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (arguments, words) in [
        (&[][..], "usage: saya check"),
        (&["nothing.md"], "nothing.md: No such file"),
        (&["--colour", "a.md"], "--colour"),
    ] {
        let (printed, status) = check(folder, arguments);
        assert_eq!(status, 2, "{printed}");
        assert!(printed.contains(words), "{printed}");
    }
}

/// How many commands and checks of each chapter go well, and how many do not, by the lines of what `saya check` prints.
fn by_chapter(printed: &str) -> BTreeMap<String, (usize, usize)> {
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in printed.lines() {
        let words = [("ok ", true), ("differs ", false), ("not simulated ", false)];
        let Some((rest, good)) = words.iter().find_map(|(word, good)| Some((line.strip_prefix(word)?, good)))
        else {
            continue;
        };
        let path = rest.trim_start().split(':').next().unwrap_or_default().trim_start_matches("./");
        let counts = found.entry(path.into()).or_default();
        if *good { counts.0 += 1 } else { counts.1 += 1 }
    }
    found
}

/// What Saya does not do yet stands in `floors.txt`: a chapter, and how much of it goes well at least. It only rises; a
/// chapter that is not in it goes well from top to bottom. UPDATE=1 writes it.
#[test]
fn the_lessons_pass() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let (printed, status) = check(&lessons, &["."]);
    assert_ne!(status, 2, "{printed}");
    let chapters = by_chapter(&printed);
    assert!(chapters.len() >= 24, "{printed}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lesson/floors.txt");
    if std::env::var_os("UPDATE").is_some() {
        let open = chapters.iter().filter(|(_, (_, bad))| *bad > 0);
        let lines: String =
            open.map(|(chapter, (good, bad))| format!("{chapter} {good} of {}\n", good + bad)).collect();
        fs::write(&path, lines).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let floors: BTreeMap<&str, usize> = (text.lines())
        .map(|line| line.split_once(' ').unwrap())
        .map(|(chapter, rest)| (chapter, rest.split(' ').next().unwrap().parse().unwrap()))
        .collect();
    let below = chapters.iter().filter(|(chapter, (good, bad))| match floors.get(chapter.as_str()) {
        Some(floor) => good < floor,
        None => *bad > 0,
    });
    let below: Vec<String> =
        below.map(|(chapter, (good, bad))| format!("{chapter}: {good} well, {bad} not")).collect();
    let unknown: Vec<&&str> = floors.keys().filter(|chapter| !chapters.contains_key(**chapter)).collect();
    assert!(unknown.is_empty(), "no such chapters: {unknown:?}");
    assert!(below.is_empty(), "{}\n{printed}", below.join("\n"));
}
