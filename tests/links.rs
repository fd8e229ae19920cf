//! Links: those of `tests/links/` open for ever and hold what the `.saya` file beside them says; whatever else there may
//! be is opened or refused, never misread.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use saya::base::SimTime;
use saya::share::{LinkError, Share};
use saya::sim::{Input, Script, Session};

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

/// Links to work without end: a moment of each takes no longer than a moment of patience, and no more than some memory.
#[test]
#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "how long it takes in the world")]
fn work_without_end_does_not_freeze() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: 1000000\n  selector:\n    matchLabels:\n      a: b\n  template:\n    metadata:\n      labels:\n        a: b\n    spec:\n      containers:\n      - name: a\n        image: nginx:1.26\n";
    // A billion laughs, and a nest of brackets.
    let mut laughs = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (before, name) in ('a'..'k').zip('b'..='k') {
        let each = vec![format!("*{before}"); 9].join(", ");
        laughs.push_str(&format!("{name}: &{name} [{each}]\n"));
    }
    let object = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n";
    let nest = format!("{object}spec: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("echo {}echo{}", "$(".repeat(2_000), ")".repeat(2_000));
    let mut open_share = Share::default();
    open_share.log.scenario.files =
        [("d.yml", deployment.to_string()), ("laughs.yml", format!("{laughs}{object}")), ("nest.yml", nest)]
            .map(|(path, text)| (path.to_string(), text))
            .into();
    for command in [
        "while true; do :; done",
        "yes",
        "seq 1 100000000",
        "x=aaaaaaaaaa; while true; do x=$x$x; done",
        "f() { f | f & }; f",
        "f() { f; }; f",
        "echo {1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}",
        "cat /dev/zero | head -c 2000000000 | wc -c",
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '(a*)*(a*)*(a*)*b'",
        "printf %1000000000d 1",
        "kubectl apply -f laughs.yml",
        "kubectl apply -f nest.yml",
        "kubectl apply -f d.yml",
        &deep,
    ] {
        let mut share = open_share.clone();
        share.log.push(SimTime::ZERO, Input::Type { terminal: 1, text: format!("{command}\n") });
        let began = std::time::Instant::now();
        let mut session = Session::open(Share::open(&share.fragment()).unwrap().log).unwrap();
        session.seek(SimTime::from_millis(200));
        let took = began.elapsed();
        println!("{:6} ms  {}", took.as_millis(), &command[..command.len().min(60)]);
        assert!(took.as_secs() < 120, "{command}: {took:?}");
    }
}

/// The examples beside the page are in the canonical form, and nothing in them goes wrong.
#[test]
fn the_examples_work() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/examples");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let share: Share = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(share.to_string(), text, "{}", path.display());
        let mut session = Session::open(share.log).unwrap();
        session.seek(SimTime(session.horizon().0 + 8_000_000));
        let screen = session.sim().host().screen(1);
        let shown = screen.text();
        for wrong in ["Error from server", "not simulated", "command not found"] {
            assert!(!shown.contains(wrong), "{}: {shown}", path.display());
        }
        // An Event may tell of an error; a command that fails begins its line with one.
        assert!(!shown.lines().any(|line| line.starts_with("error:")), "{}: {shown}", path.display());
        count += 1;
    }
    assert!(count >= 6);
}

/// A cluster of 5,000 objects comes in quickly; `cargo test` is some thirty times slower than a release.
#[test]
#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "how long it takes in the world")]
fn a_large_dump_comes_in() {
    let pod = |number: usize| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"p{number}\",\"namespace\":\"default\",\"uid\":\"u{number}\",\"resourceVersion\":\"{number}\",\"creationTimestamp\":\"2026-11-01T00:00:00Z\",\"labels\":{{\"app\":\"a{}\"}}}},\"spec\":{{\"nodeName\":\"n{}\",\"containers\":[{{\"name\":\"web\",\"image\":\"nginx:1.26\",\"ports\":[{{\"containerPort\":80}}],\"resources\":{{\"requests\":{{\"cpu\":\"100m\",\"memory\":\"64Mi\"}}}}}}]}},\"status\":{{\"phase\":\"Running\",\"podIP\":\"10.244.{}.{}\",\"conditions\":[{{\"type\":\"Ready\",\"status\":\"True\"}}],\"containerStatuses\":[{{\"name\":\"web\",\"ready\":true,\"restartCount\":0,\"state\":{{\"running\":{{\"startedAt\":\"2026-11-01T00:00:01Z\"}}}}}}]}}}}",
            number % 100,
            number % 20,
            number / 250,
            number % 250
        )
    };
    let items: Vec<String> = (0..5_000).map(pod).collect();
    let text = format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n{}\n]}}", items.join(",\n"));
    for (how, text) in [("JSON", text.clone()), ("YAML", text.replacen('{', "---\n{", 1))] {
        let mut session = Session::open(Share::default().log).unwrap();
        let began = std::time::Instant::now();
        session.input(Input::Import { text, alive: false });
        println!("5,000 objects in {how}: {} ms", began.elapsed().as_millis());
        assert!(began.elapsed().as_secs() < 60);
        let count =
            session.sim().cluster().api.store().all().filter(|object| object.name().starts_with('p')).count();
        assert_eq!(count, 5_000);
        // More than a pipe holds comes through one, where nothing else happens in the cluster.
        let mut sim = session.sim().clone();
        let answer = Script::new(&mut sim).run(&mut sim, "kubectl get pods | tail -1");
        assert_eq!((answer.exit_code, &answer.stdout[..6]), (0, "p999  "));
    }
}

/// What is dropped in stands still, or lives as if all its machines were just switched on.
#[test]
fn a_dump_is_frozen_or_lives() {
    let dump = r#"{"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web","namespace":"shop","uid":"rs-1","resourceVersion":"5"},
         "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.26"}]}}}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-a","namespace":"shop","uid":"p-1","resourceVersion":"6","labels":{"app":"web"},
          "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"rs-1","controller":true}]},
         "spec":{"nodeName":"far","containers":[{"name":"web","image":"nginx:1.26"}]},"status":{"phase":"Running","podIP":"10.9.9.9"}},
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"done","namespace":"shop","uid":"p-2","resourceVersion":"7"},
         "spec":{"nodeName":"near","containers":[{"name":"a","image":"busybox:1.36"}]},"status":{"phase":"Succeeded"}},
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"near","uid":"n-1","resourceVersion":"8"},"spec":{"podCIDR":"10.244.7.0/24"},
         "status":{"addresses":[{"type":"InternalIP","address":"172.18.0.9"}],"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
          "capacity":{"cpu":"4","memory":"8Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}},
        {"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"shop","uid":"s-1","resourceVersion":"9"},"data":{"word":"c2VzYW1l"}}]}"#;
    for alive in [false, true] {
        let mut session = Session::open(Share::default().log).unwrap();
        session.input(Input::Import { text: dump.into(), alive });
        session.seek(SimTime::from_secs(60));
        let cluster = session.sim().cluster();
        assert_eq!(cluster.is_frozen(), !alive);
        let pods: Vec<(String, String, String)> = cluster
            .api
            .store()
            .all()
            .filter(|object| object.kind == saya::api::Kind::Pod && object.meta("namespace").str() == "shop")
            .map(|pod| {
                let status = |field: &str| pod.status().get(field).str().to_string();
                (pod.name().to_string(), status("phase"), status("podIP"))
            })
            .collect();
        let running = pods.iter().filter(|(_, phase, _)| phase == "Running").count();
        if alive {
            assert_eq!((pods.len(), running), (3, 2), "{pods:?}");
            assert!(
                pods.iter().all(|(_, phase, ip)| phase != "Running" || ip.starts_with("10.244.7.")),
                "{pods:?}"
            );
        } else {
            assert_eq!((pods.len(), running), (2, 1), "{pods:?}");
        }
        assert!(
            cluster
                .api
                .store()
                .all()
                .all(|object| !saya::base::json::to_string(&object.body).contains("c2VzYW1l"))
        );
        assert_eq!(cluster.kubelets().count(), 1);
        // It is in the log, so it is in a link.
        let share = Share { log: session.log().clone(), ..Share::default() };
        assert_eq!(Share::open(&share.fragment()), Ok(share));
    }
}

fn inputs() -> impl Strategy<Value = Input> {
    let text = "(?s).{0,40}";
    prop_oneof![
        (1..=99u32, text).prop_map(|(terminal, text)| Input::Type { terminal, text }),
        (1..=99u32).prop_map(|terminal| Input::Open { terminal }),
        (1..=99u32).prop_map(|terminal| Input::Close { terminal }),
        (text, "(?s)(.{0,20}\n?){0,4}").prop_map(|(path, text)| Input::Save { path, text }),
        text.prop_map(|path| Input::Remove { path }),
        (text, any::<bool>()).prop_map(|(text, alive)| Input::Import { text, alive }),
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
