//! The machine from outside: sessions, commands in a container, time, copies.

mod host;

use std::time::Duration;

use host::Host;
use proptest::prelude::*;
use saya::base::{SimTime, digest_of};
use saya::container::machine::Channel;
use saya::container::shell::{Flavor, split_commands};
use saya::container::terminal::Stream;
use saya::container::{Credentials, Ended, Session, Signal, StartError};

/// Runs a script command by command, as `saya run` does.
fn run_script(host: &mut Host, script: &str) -> Vec<(String, Ended)> {
    let start = host.start_of(&["bash"], [Channel::Null; 3]);
    let mut session = Session::start(&mut host.machine, host.now, &mut host.volumes, start).unwrap();
    let mut all = Vec::new();
    let mut commands = split_commands(script, Flavor::Bash).into_iter().map(|(_, text)| text);
    let mut current = None;
    loop {
        let next = host.machine.run(host.now, &mut host.volumes, &mut ());
        if current.is_some()
            && let Some(ended) = session.take_ended(&mut host.machine)
        {
            let last = ended.last;
            all.extend(current.take().map(|text: String| (text, ended)));
            if last {
                return all;
            }
        }
        if current.is_none() && session.is_ready(&host.machine) {
            let Some(text) = commands.next() else {
                session.finish(&mut host.machine);
                return all;
            };
            session.feed(&mut host.machine, &text);
            current = Some(text);
        } else if session.wants_input(&host.machine) {
            // A program in the foreground takes the script's next line.
            match commands.next() {
                Some(line) => session.feed(&mut host.machine, &line),
                None => session.finish(&mut host.machine),
            }
        } else {
            host.now = next.unwrap_or_else(|| panic!("nothing goes on after {current:?}"));
        }
    }
}

fn told(ended: &Ended) -> (u8, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ended.status, text(&ended.stdout), text(&ended.stderr))
}

#[test]
fn a_script_runs_command_by_command() {
    let mut host = Host::new("bash");
    host.machine.files.root.add_file("/root/.step0/a.yaml", "kind: Pod\n", 0o644);
    let script = "cp .step0/a.yaml a.yaml\n\
        mkdir -p deep/er\n\
        cat <<EOF > b.yaml\nkind: Service\nEOF\n\
        cat a.yaml b.yaml\n\
        # a comment\n\
        timeout 5 yes > .watched 2>&1 &\n\
        sleep 1.50\n\
        head -n 2 .watched; kill %1; wait %1; echo $?\n\
        for i in 1 2\ndo echo $i\ndone\n\
        nosuch --flag\n\
        false || echo 'two\nlines' >&2\n\
        (sleep 1; echo late) &\n\
        sleep 2.25\n\
        cat\nfor the cat\n";
    let ended = run_script(&mut host, script);
    let got: Vec<(u8, String, String)> = ended.iter().map(|(_, ended)| told(ended)).collect();
    let expected = [
        (0, "", ""),
        (0, "", ""),
        (0, "", ""),
        (0, "kind: Pod\nkind: Service\n", ""),
        (0, "", ""),
        (0, "", ""),
        (0, "", ""),
        (0, "y\ny\n143\n", ""),
        (0, "1\n2\n", ""),
        (127, "", "bash: line 14: nosuch: command not found\n"),
        (0, "", "two\nlines\n"),
        (0, "", ""),
        (0, "late\n", ""),
        (0, "for the cat\n", ""),
    ];
    let expected = expected.map(|(code, out, err)| (code, out.to_owned(), err.to_owned()));
    assert_eq!(got, expected);
    let seconds = |at: usize| ended[at].1.time.as_secs_f64();
    assert!((seconds(6) - seconds(5) - 1.5).abs() < 0.01, "sleep 1.50 takes so long");
    assert!((seconds(12) - seconds(11) - 2.25).abs() < 0.01);
}

#[test]
fn commands_belong_together() {
    let script = "a; b\nif x; then\n  y\nfi\necho \"one\ntwo\" \\\n  three\ncat <<'E' | sort &\nz\nE\n\nlast";
    let commands: Vec<(u32, String)> = split_commands(script, Flavor::Bash);
    let expected = [
        (1, "a; b\n"),
        (2, "if x; then\n  y\nfi\n"),
        (5, "echo \"one\ntwo\" \\\n  three\n"),
        (8, "cat <<'E' | sort &\nz\nE\n"),
        (11, "\n"),
        (12, "last"),
    ];
    let commands: Vec<(u32, &str)> = commands.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(commands, expected);
}

#[test]
fn exit_ends_a_session() {
    let ended = run_script(&mut Host::new("bash"), "echo a\nexit 3\necho b\n");
    assert_eq!(ended.len(), 2);
    assert_eq!(told(&ended[1].1).0, 3);
    assert!(ended[1].1.last);
}

#[test]
fn another_process_reads_what_is_fed() {
    let mut host = Host::container("ash");
    let log = host.machine.add_output();
    let stdio = [Channel::Null, Channel::Output(log, Stream::Out), Channel::Output(log, Stream::Err)];
    let main =
        host.start(&["sh", "-c", "while true; do date +%S; sleep 1; done"], stdio, Credentials::root());
    host.run_for(2.5);
    let lines: Vec<(f64, String)> = host
        .machine
        .take_output(log)
        .iter()
        .map(|chunk| (chunk.time.as_secs_f64().floor(), String::from_utf8_lossy(&chunk.bytes).into_owned()))
        .collect();
    assert_eq!(lines, [(0.0, "00\n".into()), (1.0, "01\n".into()), (2.0, "02\n".into())]);
    // kubectl exec -i: a pipe in, an output out.
    let (pipe, output) = (host.machine.add_pipe(), host.machine.add_output());
    let stdio =
        [Channel::Pipe(pipe), Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
    let inner = host.start(&["sh"], stdio, Credentials::root());
    host.machine.feed(pipe, b"read x\nhello\necho \"got $x\"; ps\n");
    host.run_for(0.2);
    let text: String = host
        .machine
        .take_output(output)
        .iter()
        .map(|c| String::from_utf8_lossy(&c.bytes).into_owned())
        .collect();
    assert!(
        text.starts_with("got hello\nPID   USER     TIME  COMMAND\n    1 root      0:00 sh -c while"),
        "{text}"
    );
    assert_eq!(host.machine.status(inner), None);
    host.machine.finish(pipe);
    host.run_for(0.1);
    assert_eq!(host.machine.reap(inner).map(|(status, _)| status.code()), Some(0));
    // kubectl exec -it: a terminal, which hangs up.
    let terminal = host.machine.add_terminal(80, 24);
    let shell = host.start(&["sh"], [Channel::Terminal(terminal); 3], Credentials::root());
    host.machine.type_in(host.now, terminal, b"sleep 100\n");
    host.run_for(1.0);
    host.machine.hang_up(host.now, terminal);
    host.run_for(1.0);
    assert_eq!(host.machine.status(shell).map(|status| status.code()), Some(129));
    assert_eq!(host.machine.processes.len(), 3, "the shell's end, PID 1 and its sleep");
    host.machine.kill(host.now, main, Signal::KILL);
    assert!(!host.machine.is_running());
}

#[test]
fn what_cannot_start_says_why() {
    let mut host = Host::container("ash");
    host.machine.files.root.add_file("/bin/data", "x", 0o644);
    for (name, expected) in [
        ("nosuch", "NotOnPath(\"nosuch\")"),
        ("/nosuch", "Path(\"/nosuch\", NotFound)"),
        ("/bin/data", "Path(\"/bin/data\", PermissionDenied)"),
        ("/bin", "Path(\"/bin\", PermissionDenied)"),
    ] {
        let start = host.start_of(&[name], [Channel::Null; 3]);
        let error: StartError = host.machine.start(host.now, &mut host.volumes, start).unwrap_err();
        assert_eq!(format!("{error:?}"), expected);
    }
}

#[test]
fn an_endless_loop_lets_time_pass_and_costs_little() {
    let mut host = Host::container("bash");
    let pid = host.start(
        &["bash", "-c", "while true; do x=$((x+1)); done"],
        [Channel::Null; 3],
        Credentials::root(),
    );
    let mut wakes = 0;
    while host.now < SimTime::from_secs(60) {
        host.now = host.machine.run(host.now, &mut host.volumes, &mut ()).unwrap();
        wakes += 1;
    }
    assert!(wakes < 1_200, "{wakes} wakes in a minute");
    host.machine.kill(host.now, pid, Signal::KILL);
    // Two that feed each other at one moment do not hang it either.
    let mut host = Host::new("bash");
    host.start(&["bash", "-c", "yes | while read x; do :; done"], [Channel::Null; 3], Credentials::root());
    host.run_for(2.0);
    assert_eq!(host.now, SimTime::from_secs(2));
}

#[test]
fn a_counting_loop_is_quick() {
    let mut host = Host::new("bash");
    let done = host.run(&["bash", "-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; echo $i"]);
    assert_eq!(done.stdout, "1000\n");
    assert!(host.now < SimTime::ZERO + Duration::from_millis(100), "{}", host.now);
}

// Properties

/// Pieces that shell scripts are made of, good and bad.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "echo a",
        "x=1",
        "$x",
        "${x:-y}",
        "${x%",
        "$(echo b)",
        "`echo c`",
        "$((1+x))",
        "(",
        ")",
        "{ ",
        "; }",
        "if true; then",
        "else",
        "fi",
        "while read l; do",
        "for i in 1 2; do",
        "done",
        "case a in",
        "a)",
        ";;",
        "esac",
        "|",
        "||",
        "&&",
        "&",
        ";",
        "\n",
        "> f",
        "< f",
        "2>&1",
        "<<E\n",
        "\nE\n",
        "'",
        "\"",
        "\\",
        "$",
        "#",
        "*",
        "[",
        "[ a = b ]",
        "[[ a == b* ]]",
        "((1))",
        "sleep 0.1",
        "cat",
        "read y",
        "wait",
        "kill %1",
        "trap 'echo t' EXIT",
        "set -e",
        "exit 3",
        "break",
        "return",
        "f() { ",
        "f",
        "local z=1",
        "eval 'echo e'",
        "exec 3>&1",
        "yes | head -2",
        "grep a f",
        "{1..3}",
        "a=(1 2)",
        "${a[@]}",
        "!",
        "<(echo p)",
        "printf '%5d\\n' 3",
        "test",
        "cd /tmp",
        "é",
        "\t",
        "${",
        "$((",
        "timeout 1 sleep 2",
        "ls -la",
        "find .",
        "xargs echo",
        "<<<",
        "alias k=echo",
        "k",
        "shift",
        "set -- a b",
        "getopts ab: o",
        "jobs",
        "fg",
        "umask 0",
        "unset x",
        "readonly x",
        "let x=2",
    ];
    prop_oneof![6 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn script() -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), prop::bool::weighted(0.7)), 0..14).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, space)| if space { format!("{piece} ") } else { piece }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// No text makes a shell panic, and a copy made in the middle goes on like the original.
    #[test]
    fn any_script_runs_and_can_be_copied(text in script(), shell in prop::sample::select(vec!["ash", "dash", "bash"]), steps in 0usize..12) {
        let mut host = Host::new(shell);
        let pipe = host.machine.add_pipe();
        host.machine.feed(pipe, b"one\ntwo\n");
        host.machine.finish(pipe);
        let output = host.machine.add_output();
        let stdio = [Channel::Pipe(pipe), Channel::Output(output, Stream::Out), Channel::Output(output, Stream::Err)];
        host.start(&[shell, "-c", &text], stdio, Credentials::root());
        for _ in 0..steps {
            match host.machine.run(host.now, &mut host.volumes, &mut ()) {
                Some(next) => host.now = next,
                None => break,
            }
        }
        let mut copy = Host::new(shell);
        (copy.machine, copy.now) = (host.machine.clone(), host.now);
        prop_assert_eq!(digest_of(&copy.machine), digest_of(&host.machine));
        host.run_for(5.0);
        copy.run_for(5.0);
        prop_assert_eq!(digest_of(&copy.machine), digest_of(&host.machine));
        prop_assert!(copy.machine == host.machine);
    }

    /// The same typed at a terminal.
    #[test]
    fn anything_may_be_typed(lines in prop::collection::vec(script(), 1..5), shell in prop::sample::select(vec!["ash", "dash", "bash"])) {
        let mut host = Host::new(shell);
        let lines: Vec<String> = lines.into_iter().flat_map(|line| [format!("{line}\n"), "\x03".to_owned()]).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        host.type_at(&[shell], &lines, 0.3);
    }

    /// Scripts are cut into commands without losing anything.
    #[test]
    fn commands_add_up_to_the_script(text in script()) {
        let whole: String = split_commands(&text, Flavor::Bash).into_iter().map(|(_, command)| command).collect();
        prop_assert_eq!(whole, text);
    }
}
