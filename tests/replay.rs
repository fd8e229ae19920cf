//! A log makes the same simulation however it is played. `tests/logs/` holds the logs; the browser's tests play them in
//! WebAssembly and compare with the digests that this test writes down.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use saya::base::SimTime;
use saya::sim::{Log, Session, Sim, replay};

/// Where the simulations are compared: seconds since their beginning.
const END: SimTime = SimTime::from_secs(60);

fn logs() -> Vec<(String, Log)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 2, "there are logs to play");
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let log = fs::read_to_string(&path).unwrap().parse();
            (name.clone(), log.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect()
}

#[test]
fn the_same_log_makes_the_same_simulation() {
    let mut digests = BTreeMap::new();
    for (name, log) in logs() {
        let first = replay(&log, END).unwrap();
        let second = replay(&log, END).unwrap();
        assert_eq!(first.digest(), second.digest(), "{name}");
        assert!(first == second, "{name}: equal digests of unequal simulations");
        let mut other = log.clone();
        other.scenario.seed += 1;
        assert_ne!(replay(&other, END).unwrap().digest(), first.digest(), "{name}: the seed matters");
        digests.insert(name, first.digest().to_string());
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay-digests.json");
    fs::write(target, serde_json::to_string_pretty(&digests).unwrap()).unwrap();
}

#[test]
fn a_prefix_and_the_rest_are_the_whole() {
    for (name, log) in logs() {
        let whole = replay(&log, END).unwrap();
        for seconds in [0, 1, 5, 10, 17, 26, 45] {
            let cut = SimTime::from_secs(seconds);
            let mut sim = replay(&log, cut).unwrap();
            let rest = log.inputs.iter().filter(|(at, _)| *at > cut);
            for (at, input) in rest {
                sim.run_until(*at);
                sim.apply(input);
            }
            sim.run_until(END);
            assert_eq!(sim.digest(), whole.digest(), "{name} cut at {seconds} s");
        }
    }
}

#[test]
fn small_steps_come_to_the_same_as_large_ones() {
    for (name, log) in logs() {
        let whole = replay(&log, END).unwrap();
        let mut session = Session::open(log).unwrap();
        for frame in 0..60 * 60 {
            session.advance(SimTime(frame * 16_667));
        }
        session.advance(END);
        assert_eq!(session.sim().digest(), whole.digest(), "{name}");
    }
}

#[test]
fn going_back_and_forth_changes_nothing() {
    for (name, log) in logs() {
        let mut session = Session::open(log.clone()).unwrap();
        session.seek(END);
        for seconds in [30, 3, 44, 0, 59, 11, 12, 60] {
            session.seek(SimTime::from_secs(seconds));
            let fresh = replay(&log, SimTime::from_secs(seconds)).unwrap();
            assert_eq!(session.sim().digest(), fresh.digest(), "{name} at {seconds} s");
        }
    }
}

#[test]
fn undo_takes_back_the_last_thing_done() {
    let (_, log) = logs().remove(1);
    let mut session = Session::open(log.clone()).unwrap();
    session.seek(END);
    let (at, last) = log.inputs.last().unwrap().clone();
    assert!(session.undo());
    assert_eq!(session.sim().now(), at);
    assert_eq!(session.log().inputs.len(), log.inputs.len() - 1);
    let before: Sim = replay(session.log(), at).unwrap();
    assert_eq!(session.sim().digest(), before.digest());
    session.input(last);
    session.seek(END);
    assert_eq!(session.sim().digest(), replay(&log, END).unwrap().digest());
}
