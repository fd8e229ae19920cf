//! Transcripts of kubectl at a fresh cluster (`minikube-1.36`, or that of a first line `profile NAME`), in
//! `tests/kubectl/*.console`: `$ ` begins a command, `> ` goes on with it, and what follows is what it prints, word for word.

use saya::sim::{Scenario, Script, Sim};

/// The commands of a transcript with what each prints.
fn parse(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), commands.last_mut()) {
            (Some(command), _, _) => commands.push((command.into(), String::new())),
            (_, Some(more), Some((command, _))) => *command += &format!("\n{more}"),
            (_, _, Some((_, printed))) => *printed += &format!("{line}\n"),
            (_, _, None) => panic!("{line:?} comes before the first command"),
        }
    }
    commands
}

#[test]
fn transcripts_are_true() {
    let mut read = 0;
    for entry in std::fs::read_dir("tests/kubectl").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let named = text.strip_prefix("profile ").and_then(|rest| rest.split_once('\n'));
        let (profile, text) = named.unwrap_or(("minikube-1.36", &text));
        let mut sim = Sim::new(&Scenario { profile: profile.into(), ..Scenario::default() }).unwrap();
        let mut script = Script::new(&mut sim);
        for (command, printed) in parse(text) {
            let answer = script.run(&mut sim, &command);
            assert_eq!(answer.stdout + &answer.stderr, printed, "{}: {command}", path.display());
            read += 1;
        }
    }
    assert!(read > 20, "only {read} commands were read");
}
