//! The chapters of `lessons/` through the code that the page shows them with: a reader who presses the button of every
//! command, one after another, sees every check tick. What Saya does not do yet stands in `lesson/floors.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use saya::base::SimTime;
use saya::lesson::{self, Chapter, Reader, Task, Typing, Went};
use saya::sim::Session;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// A chapter with the files that lie beside it.
fn open(name: &str, language: &str) -> (Chapter, BTreeMap<String, String>) {
    let folder = root().join("lessons").join(name);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        if path.is_file() && !name.ends_with(".md") && !name.ends_with(".svg") {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    let mut chapter = lesson::read(&fs::read_to_string(folder.join(format!("{language}.md"))).unwrap());
    chapter.include(&mut |path| files.get(path).cloned());
    (chapter, files)
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(root().join("lessons")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_string()).collect();
    names.sort();
    names
}

/// Lets time pass as the page does, a bit at a time, until something is so or the patience is over.
fn pass(session: &mut Session, reader: &mut Reader, seconds: u64, done: &dyn Fn(&Session, &Reader) -> bool) {
    let until = SimTime(session.sim().now().0 + seconds * 1_000_000);
    while session.sim().now() < until && !done(session, reader) {
        session.advance(SimTime(session.sim().now().0 + 250_000));
        reader.look(session);
    }
}

/// Presses every button of a chapter, with the pauses of a person. Returns the lines of the checks that did not tick.
fn read(name: &str, language: &str) -> (Vec<usize>, Session, Reader) {
    let (chapter, files) = open(name, language);
    assert!(chapter.warnings.is_empty(), "{name}/{language}: {:?}", chapter.warnings);
    let mut session = lesson::begin(&chapter, &files, None).unwrap();
    let mut reader = Reader::new(&chapter, BTreeSet::new());
    reader.look(&session);
    pass(&mut session, &mut reader, 1, &|_, _| false);
    let mut terminal = 1;
    for (number, task) in reader.tasks().to_vec().iter().enumerate() {
        match task {
            Task::Command(_) => {
                match reader.press(number, &session, terminal) {
                    Typing::Draft(text) => panic!("{name}/{language}: nobody can type {text}"),
                    Typing::Inputs(at, inputs) => {
                        terminal = at;
                        inputs.into_iter().for_each(|input| session.input(input));
                    }
                }
                reader.look(&session);
                let same = |_: &Session, reader: &Reader| reader.went(number) == Some(Went::Same);
                pass(&mut session, &mut reader, 8, &same);
                pass(&mut session, &mut reader, 4, &|_, _| false);
            }
            Task::Check(..) => {
                pass(&mut session, &mut reader, 60, &|_, reader| reader.is_ticked(number));
            }
            Task::Wait(seconds) => pass(&mut session, &mut reader, *seconds, &|_, _| false),
            Task::Save { .. } => {}
        }
    }
    let missed = reader.checks().filter(|number| !reader.is_ticked(*number));
    let lines = missed.filter_map(|number| match &reader.tasks()[number] {
        Task::Check(check, _) => Some(check.line),
        _ => None,
    });
    (lines.collect(), session, reader)
}

/// How much of a chapter does not go well yet.
fn unfinished(name: &str) -> usize {
    let text = fs::read_to_string(root().join("tests/lesson/floors.txt")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}/en.md ")));
    line.map_or(0, |line| {
        let (good, all) = line.split_once(" of ").unwrap();
        all.parse::<usize>().unwrap() - good.parse::<usize>().unwrap()
    })
}

#[test]
fn every_check_ticks_for_a_reader_who_presses_the_buttons() {
    let mut wrong = Vec::new();
    for name in names() {
        let (missed, ..) = read(&name, "en");
        println!("{name}: missed {missed:?}");
        if missed.len() > unfinished(&name) {
            wrong.push(format!("{name}: the checks of lines {missed:?} do not tick"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_ticks_for_a_reader_who_does_nothing() {
    for name in names() {
        let (chapter, files) = open(&name, "en");
        let mut session = lesson::begin(&chapter, &files, None).unwrap();
        let mut reader = Reader::new(&chapter, BTreeSet::new());
        pass(&mut session, &mut reader, 120, &|_, _| false);
        assert!(reader.ticked().is_empty(), "{name}: {:?}", reader.ticked());
        assert_eq!(reader.commands(), 0, "{name}");
    }
}

#[test]
fn the_languages_of_a_chapter_have_the_same_tasks() {
    let kinds = |chapter: &Chapter| -> Vec<String> {
        let reader = Reader::new(chapter, BTreeSet::new());
        let kind = |task: &Task| match task {
            Task::Save { path, .. } => format!("save {path}"),
            Task::Command(command) => format!("type {}", command.text.lines().next().unwrap_or_default()),
            Task::Check(check, exercise) => {
                let texts: Vec<&str> = check.conditions.iter().map(|one| one.text()).collect();
                format!("check {exercise:?} {}", texts.join("; "))
            }
            Task::Wait(seconds) => format!("wait {seconds}"),
        };
        reader.tasks().iter().map(kind).collect()
    };
    for name in names() {
        let english = kinds(&open(&name, "en").0);
        for language in ["ja", "ko"] {
            assert_eq!(kinds(&open(&name, language).0), english, "{name}/{language}");
        }
    }
}

#[test]
fn a_reader_sees_the_books_output_beside_what_was_printed() {
    let chapter = lesson::read(
        "```console\n$ kubectl create configmap a --from-literal=k=v\nconfigmap/a created\n$ kubectl get configmap b\nNAME\n```\n",
    );
    let mut session = lesson::begin(&chapter, &BTreeMap::new(), None).unwrap();
    let mut reader = Reader::new(&chapter, BTreeSet::new());
    pass(&mut session, &mut reader, 1, &|_, _| false);
    assert_eq!(reader.beside(0, session.sim()), None);
    // By hand, with more blanks than the book has.
    session.input(saya::sim::Input::Type {
        terminal: 1,
        text: "kubectl  create configmap a --from-literal=k=v\n".into(),
    });
    reader.look(&session);
    pass(&mut session, &mut reader, 3, &|_, _| false);
    assert_eq!(reader.went(0), Some(Went::Same));
    let Typing::Inputs(terminal, inputs) = reader.press(1, &session, 1) else { panic!("a draft") };
    assert_eq!(terminal, 1);
    inputs.into_iter().for_each(|input| session.input(input));
    reader.look(&session);
    pass(&mut session, &mut reader, 3, &|_, _| false);
    assert_eq!(reader.went(1), Some(Went::Otherwise));
    let beside = reader.beside(1, session.sim()).unwrap();
    assert_eq!(beside.said, [("NAME".to_string(), true)]);
    assert_eq!(
        beside.printed,
        [("Error from server (NotFound): configmaps \"b\" not found".to_string(), true)]
    );
    // One that only looks is not counted.
    assert_eq!(reader.commands(), 1);
    // Back before the second command: it was not typed.
    session.seek(SimTime::from_secs(3));
    reader.look(&session);
    assert_eq!((reader.went(0), reader.went(1)), (Some(Went::Same), None));
}
