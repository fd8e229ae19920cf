//! Links: those of `tests/links/` open for ever and hold what the `.saya` file beside them says; whatever else there may
//! be is opened or refused, never misread.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use saya::base::SimTime;
use saya::share::{LinkError, Share};
use saya::sim::{Input, Session};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links")
}

/// The links of the corpus, with their texts.
fn corpus() -> Vec<(String, String, String)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(paths.len() >= 3, "there are links to open");
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let each = |path: &PathBuf| (path.display().to_string(), read(path), read(&path.with_extension("saya")));
    paths.iter().map(each).collect()
}

#[test]
fn every_link_that_ever_opened_opens_and_holds_the_same() {
    for (name, link, text) in corpus() {
        let share = Share::open(&link).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(share.to_string(), text, "{name}");
        assert_eq!(text.parse(), Ok(share.clone()), "{name}");
        let mut session = Session::open(share.log).unwrap_or_else(|error| panic!("{name}: {error}"));
        session.seek(share.time.unwrap_or(SimTime::from_secs(20)));
    }
}

#[test]
fn the_database_story_with_three_commands_is_short() {
    let (_, link, text) = corpus().remove(0);
    assert_eq!(text.matches(" type 1 ").count(), 3);
    let share: Share = text.parse().unwrap();
    assert!(share.fragment().len() <= 1_200, "{}", share.fragment().len());
    assert!(link.trim().len() <= 1_200, "{}", link.len());
}

#[test]
fn odd_paths_and_names_do_no_harm() {
    for path in [
        "",
        "/",
        "..",
        "../../etc/passwd",
        "a//b",
        ".",
        "a/../../b",
        "/etc/hosts",
        "x\u{0}y",
        "a\nb",
        ".kube/config",
    ] {
        let mut share = Share::default();
        share.log.scenario.files.insert(path.into(), "text\n".into());
        share.log.scenario.files.insert("a".into(), "both a file\n".into());
        share.log.scenario.files.insert("a/b".into(), "and a folder\n".into());
        share.log.push(SimTime::ZERO, Input::Save { path: path.into(), text: "again".into() });
        share.log.push(SimTime::ZERO, Input::Remove { path: path.into() });
        let opened = Share::open(&share.fragment()).unwrap();
        assert_eq!(opened, share, "{path:?}");
        Session::open(opened.log).unwrap().seek(SimTime::from_secs(1));
    }
    let mut share = Share::default();
    share.log.scenario.profile = "../secret".into();
    let opened = Share::open(&share.fragment()).unwrap();
    assert!(Session::open(opened.log).is_err(), "an unknown profile is refused");
}

/// What docs/link-format.md prints is what the program opens, wherever there is a Python.
#[test]
fn pythons_standard_library_makes_links() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/link-format.md")).unwrap();
    let code = docs.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let files = r#"{"b.yml": "kind: Service\n\n# 日本語\n", "a b": "no end", "c": "x\r\ny\n", "d": ""}"#;
    let script = format!(
        "{code}\nprint(link('http://a.example/', {files}, ['kubectl apply -f .', 'kubectl get \"po\"']))\n"
    );
    let Ok(output) = Command::new("python3").args(["-c", &script]).output() else {
        println!("there is no python3 here");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let share = Share::open(&String::from_utf8(output.stdout).unwrap()).unwrap();
    let files: Vec<(&str, &str)> =
        share.log.scenario.files.iter().map(|(path, text)| (&**path, &**text)).collect();
    assert_eq!(
        files,
        [("a b", "no end"), ("b.yml", "kind: Service\n\n# 日本語\n"), ("c", "x\r\ny\n"), ("d", "")]
    );
    let typed = |text: &str| Input::Type { terminal: 1, text: text.into() };
    assert_eq!(
        share.log.inputs,
        [
            (SimTime::ZERO, typed("kubectl apply -f .\n")),
            (SimTime::from_secs(4), typed("kubectl get \"po\"\n"))
        ]
    );
}

fn inputs() -> impl Strategy<Value = Input> {
    let text = "(?s).{0,40}";
    prop_oneof![
        (1..=99u32, text).prop_map(|(terminal, text)| Input::Type { terminal, text }),
        (1..=99u32).prop_map(|terminal| Input::Open { terminal }),
        (1..=99u32).prop_map(|terminal| Input::Close { terminal }),
        (text, "(?s)(.{0,20}\n?){0,4}").prop_map(|(path, text)| Input::Save { path, text }),
        text.prop_map(|path| Input::Remove { path }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_shared_comes_back(
        files in prop::collection::btree_map("(?s).{0,20}", "(?s)(.{0,30}\n?){0,5}", 0..4),
        done in prop::collection::vec((0..1_000_000_000u64, inputs()), 0..6),
        seed in any::<u64>(),
        time in prop::option::of(0..1_000_000_000u64),
        view in prop::sample::subsequence(saya::share::PANELS, 0..=3),
    ) {
        let mut share = Share { time: time.map(SimTime), ..Share::default() };
        share.view = view.into_iter().map(str::to_string).collect();
        share.log.scenario.files = files;
        share.log.scenario.seed = seed;
        share.log.inputs = done.into_iter().map(|(at, input)| (SimTime(at), input)).collect();
        share.log.inputs.sort_by_key(|(at, _)| *at);
        prop_assert_eq!(Share::open(&share.fragment()), Ok(share.clone()), "{}", share);
    }

    #[test]
    fn any_text_is_opened_or_refused(text in "(?s).{0,200}") {
        for link in [text.clone(), format!("#s=1.{text}"), format!("s=1.{text}.4.00000000")] {
            prop_assert!(Share::open(&link).is_err());
        }
        let _ = text.parse::<Share>();
        let _ = format!("saya 1\n{text}").parse::<Share>();
    }

    #[test]
    fn a_damaged_link_never_opens_as_something_else(at in 0..10_000usize, other in "[A-Za-z0-9_.-]", insert in any::<bool>()) {
        let (_, link, text) = corpus().remove(0);
        let fragment = link.trim().rsplit_once('#').unwrap().1;
        let at = at % fragment.len();
        let mut bad = fragment.to_string();
        if insert {
            bad.insert_str(at, &other);
        } else {
            bad.replace_range(at..=at, &other);
        }
        match Share::open(&bad) {
            Ok(share) => prop_assert_eq!(share.to_string(), text),
            Err(error) => prop_assert!(!matches!(error, LinkError::Meaningless(_)), "{}", error),
        }
    }
}
