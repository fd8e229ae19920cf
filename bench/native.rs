//! What the core costs: `cargo bench`, or `cargo bench -- NAME` for one of them. bench/README.md says what is what.
//!
//! Times are of the processor where the system tells them (Linux), else of the clock; medians of several runs, and as a ratio to
//! a yardstick that is measured in the same run, since one machine is not another.

// What measures needs a clock; the core has none.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use saya::base::SimTime;
use saya::diagram::{self, Options, layout};
use saya::lesson::{self, Step};
use saya::sim::compare::{self, Against};
use saya::sim::reading::Reading;
use saya::sim::{Input, Log, Scenario, Script, Session, Sim, check, observe, replay};

/// As in the native program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The time that this thread has been computing.
#[cfg(target_os = "linux")]
fn spent(_: Instant) -> Duration {
    let told = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    told.try_into().expect("a time that passed")
}

/// The time that passed.
#[cfg(not(target_os = "linux"))]
fn spent(started: Instant) -> Duration {
    started.elapsed()
}

/// The median of `runs` runs, each after a `prepare` that does not count.
fn median<T, R>(runs: usize, prepare: impl Fn() -> T, run: impl Fn(T) -> R) -> Duration {
    let started = Instant::now();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let input = prepare();
            let before = spent(started);
            let output = run(input);
            let after = spent(started);
            drop(output);
            after - before
        })
        .collect();
    times.sort();
    times[runs / 2]
}

/// The most memory that this process ever had, in megabytes; none where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

/// Something that is measured.
struct Bench {
    name: &'static str,
    run: fn() -> Duration,
    /// The time that an issue allows it.
    goal: Duration,
}

const BENCHES: &[Bench] = &[
    Bench { name: "keystroke", run: keystroke, goal: Duration::from_millis(5) },
    Bench { name: "first-look", run: first_look, goal: Duration::from_millis(15) },
    Bench { name: "boot", run: boot, goal: Duration::from_millis(20) },
    Bench { name: "course-hour", run: course_hour, goal: Duration::from_millis(200) },
    Bench { name: "chapters-100", run: chapters, goal: Duration::from_secs(1) },
    Bench {
        name: "traffic-100",
        run: || traffic("while true; do wget -qO- http://web; sleep 1; done"),
        goal: Duration::from_secs(1),
    },
    Bench {
        name: "failing-100",
        run: || traffic("while true; do wget -qO- http://nosuch; sleep 1; done"),
        goal: Duration::from_secs(1),
    },
    Bench {
        name: "busy-100",
        run: || traffic("while true; do nosuch 2> /dev/null; done"),
        goal: Duration::from_secs(1),
    },
    Bench { name: "replicas-1000", run: || replicas(1_000, 10), goal: Duration::from_millis(100) },
    Bench { name: "figure-first-1000", run: || figure_first(1_000, 10), goal: Duration::from_millis(20) },
    Bench { name: "figure-again-1000", run: || figure_again(1_000, 10), goal: Duration::from_millis(10) },
    Bench { name: "figure-again-5000", run: || figure_again(5_000, 50), goal: Duration::from_millis(50) },
    Bench { name: "replicas-10000", run: || replicas(10_000, 100), goal: Duration::from_secs(2) },
];

/// The yardstick: the database story's manifests read by the library that reads Saya's own YAML, a hundred times.
fn yardstick() -> Duration {
    let text = manifest();
    let read = |()| {
        for _ in 0..10 {
            for document in serde_yaml::Deserializer::from_str(&text) {
                let _: serde_yaml::Value = serde::Deserialize::deserialize(document).expect("valid YAML");
            }
        }
    };
    median(9, || (), read)
}

/// 20 documents of 25 lines.
fn manifest() -> String {
    let document = |n: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{n}\n  labels:\n    app: web-{n}\nspec:\n  replicas: 2\n  \
             selector:\n    matchLabels:\n      app: web-{n}\n  template:\n    metadata:\n      labels:\n        app: web-{n}\n    \
             spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        ports:\n        - containerPort: 80\n        \
             resources:\n          limits:\n            memory: 64Mi\n---\n"
        )
    };
    (0..20).map(document).collect()
}

fn scenario() -> Scenario {
    Scenario { profile: "minikube-1.36".into(), ..Scenario::default() }
}

fn boot() -> Duration {
    median(9, scenario, |scenario| Sim::new(&scenario).expect("a known profile"))
}

fn with_manifest() -> (Sim, String) {
    let text = manifest();
    let files = BTreeMap::from([("all.yml".to_string(), text.clone())]);
    let mut sim = Sim::new(&Scenario { files, ..scenario() }).expect("a known profile");
    Script::new(&mut sim).run(&mut sim, "kubectl apply -f all.yml");
    (sim, text)
}

/// What each key costs while a manifest is written: reading it, checking every document against a cluster that has it, and
/// comparing it with what is there.
fn keystroke() -> Duration {
    let (sim, text) = with_manifest();
    // Each key changes one document; what is known of the others stays known, as in the page.
    let reading = RefCell::new(Reading::default());
    let keys = Cell::new(0usize);
    let key = || {
        keys.set(keys.get() + 1);
        let (at, _) = text.match_indices("64Mi").nth(keys.get() % 20).expect("one in each");
        format!("{}{}{}", &text[..at], 65 + keys.get(), &text[at + 2..])
    };
    let run = |text: String| {
        let mut reading = reading.borrow_mut();
        check::check(&sim, "all.yml", &text, &[], &mut reading);
        compare::compare(&sim, &text, &Against::Live, &mut reading)
    };
    run(text.clone());
    median(31, key, run)
}

/// The same with nothing known: the first look at a file.
fn first_look() -> Duration {
    let (sim, text) = with_manifest();
    median(9, Reading::default, |mut reading| check::check(&sim, "all.yml", &text, &[], &mut reading))
}

/// A cluster of so many nodes, with a Deployment and its Service still to be applied.
fn prepared(count: usize, nodes: usize) -> Sim {
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {count}\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: web, image: 'nginx:1.27', ports: [{{containerPort: 80}}]}}]}}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
    );
    let files = BTreeMap::from([("web.yml".to_string(), text)]);
    let mut sim = Sim::new(&Scenario { files, ..scenario() }).expect("a known profile");
    let mut script = Script::new(&mut sim);
    for node in 1..nodes {
        script.run(&mut sim, &format!("saya node add worker-{node}"));
    }
    script.run(&mut sim, "sleep 60");
    sim
}

/// Applies it, and lets time pass until every Pod runs and is an endpoint of the Service.
fn filled(mut sim: Sim, count: usize) -> Sim {
    let ready = format!("{count}/{count}");
    let mut script = Script::new(&mut sim);
    script.run(&mut sim, "kubectl apply -f web.yml");
    let mut waits = 0;
    while !script.run(&mut sim, "kubectl get deployment web --no-headers").stdout.contains(&ready) {
        waits += 1;
        assert!(waits < 100, "{count} replicas do not come to run");
        script.run(&mut sim, "sleep 10");
    }
    sim
}

fn replicas(count: usize, nodes: usize) -> Duration {
    let sim = prepared(count, nodes);
    median(if count > 5_000 { 1 } else { 5 }, || sim.clone(), |sim| filled(sim, count))
}

/// The scene of so many Pods where nothing stood before.
fn figure_first(count: usize, nodes: usize) -> Duration {
    let snapshot = observe::of(&filled(prepared(count, nodes), count));
    median(9, || (), |()| diagram::draw(&snapshot, &Options::default()))
}

/// What a change of one Pod costs until the scene is there: looking at the cluster, placing, drawing.
fn figure_again(count: usize, nodes: usize) -> Duration {
    let options = Options::default();
    let mut sim = filled(prepared(count, nodes), count);
    let before = layout(&observe::of(&sim), &options, None);
    Script::new(&mut sim).run(&mut sim, &format!("kubectl scale deployment web --replicas={}", count + 1));
    let run = |()| {
        let snapshot = observe::of(&sim);
        let placement = layout(&snapshot, &options, Some(&before));
        diagram::scene(&snapshot, &options, &placement)
    };
    median(9, || (), run)
}

/// A minute of 100 Pods that do this over and over, beside a web server.
fn traffic(command: &str) -> Duration {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {{app: web}}}}\n\
         spec: {{containers: [{{name: web, image: 'nginx:1.27'}}]}}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: loop}}\nspec:\n  replicas: 100\n  \
         selector: {{matchLabels: {{app: loop}}}}\n  template:\n    metadata: {{labels: {{app: loop}}}}\n    \
         spec: {{containers: [{{name: loop, image: 'busybox:1.36', command: [sh, -c, '{command}']}}]}}\n"
    );
    let files = BTreeMap::from([("all.yml".to_string(), text)]);
    let mut sim = Sim::new(&Scenario { files, ..scenario() }).expect("a known profile");
    let mut script = Script::new(&mut sim);
    for node in 1..3 {
        script.run(&mut sim, &format!("saya node add worker-{node}"));
    }
    script.run(&mut sim, "kubectl apply -f all.yml");
    script.run(&mut sim, "sleep 60");
    let ready = script.run(&mut sim, "kubectl get deployment loop --no-headers").stdout;
    assert!(ready.contains("100/100"), "{ready}");
    median(
        3,
        || sim.clone(),
        |mut sim| {
            Script::new(&mut sim).run(&mut sim, "sleep 60");
            sim
        },
    )
}

/// The English chapters, with the files beside them.
fn sources() -> Vec<(String, BTreeMap<String, String>)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/lessons"));
    let mut folders: Vec<_> =
        fs::read_dir(root).expect("the lessons").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("a chapter").map(|entry| entry.expect("a file").path());
        let manifests = entries.filter(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"));
        let read = |path: std::path::PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a manifest"))
        };
        manifests.map(read).collect()
    };
    let chapters = folders.iter().filter(|folder| folder.join("en.md").is_file());
    chapters
        .map(|folder| (fs::read_to_string(folder.join("en.md")).expect("a chapter"), files(folder)))
        .collect()
}

/// The logs of people who typed the chapters' commands, one every 10 s.
fn logs() -> Vec<Log> {
    let log = |(source, files): (String, BTreeMap<String, String>)| {
        let chapter = lesson::read(&source);
        let profile = chapter.front.profile.clone().unwrap_or("docker-desktop".into());
        let mut session =
            Session::new(Scenario { profile, files, ..Scenario::default() }).expect("a known profile");
        session.input(Input::Open { terminal: 1 });
        let mut now = SimTime::ZERO;
        for step in chapter.steps() {
            match step {
                Step::Save { path, text, .. } => session.input(Input::Save { path, text }),
                Step::Command(command) => {
                    session.input(Input::Type { terminal: 1, text: format!("{}\n", command.text) });
                    now = SimTime(now.0 + SimTime::from_secs(10).0);
                    session.advance(now);
                    if command.interrupted {
                        session.input(Input::Type { terminal: 1, text: "\u{3}".into() });
                    }
                }
                _ => {}
            }
        }
        session.log().clone()
    };
    sources().into_iter().map(log).collect()
}

/// An hour of each of the course's scenarios, replayed.
fn course_hour() -> Duration {
    let logs = logs();
    median(
        5,
        || (),
        |()| {
            logs.iter()
                .map(|log| replay(log, SimTime::from_secs(3_600)).expect("a known profile"))
                .collect::<Vec<_>>()
        },
    )
}

/// 100 chapters played and compared, from clusters that are booted once.
fn chapters() -> Duration {
    let sources = sources();
    let booted = Sim::new(&Scenario::default()).expect("a known profile");
    let run = |()| {
        for (source, files) in sources.iter().cycle().take(100) {
            let chapter = lesson::read(source);
            let mut sim = booted.clone();
            for (path, text) in files {
                sim.apply(&Input::Save { path: path.clone(), text: text.clone() });
            }
            let _ = lesson::Player::new(sim, BTreeMap::new()).play(&chapter.steps());
        }
    };
    median(3, || (), run)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let yardstick = yardstick();
    println!("{:<18} {:>11} {:>11} {:>8} {:>14}", "", "median", "goal", "of goal", "of yardstick");
    println!("{:<18} {:>8.1} ms", "yardstick", yardstick.as_secs_f64() * 1e3);
    let chosen = |bench: &&Bench| wanted.is_empty() || wanted.iter().any(|name| name == bench.name);
    for bench in BENCHES.iter().filter(chosen) {
        let took = (bench.run)();
        let of = |other: Duration| took.as_secs_f64() / other.as_secs_f64();
        println!(
            "{:<18} {:>8.1} ms {:>8.0} ms {:>7.2}x {:>13.1}x",
            bench.name,
            took.as_secs_f64() * 1e3,
            bench.goal.as_secs_f64() * 1e3,
            of(bench.goal),
            of(yardstick)
        );
    }
    if let Some(megabytes) = most_memory() {
        println!("at most {megabytes} MB of memory");
    }
}
