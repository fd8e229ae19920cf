//! Shells and tools against what the real ones printed.
//!
//! `tests/shell/*.txt` were recorded from dash 0.5.12, bash 5.2.15, BusyBox 1.35.0 and coreutils 9.1 with `-c`: after `$` and
//! `>` the script, then for some of the shells the exit status, standard output after `|` and standard error after `!`
//! (`|-` and `!-`: without a line end). `recorded/tool-output.json` was recorded in containers.

mod host;

use std::collections::BTreeMap;
use std::fmt::Write;

use host::{Done, Host};
use saya::container::machine::Channel;
use saya::container::{Credentials, Mount, Pid, Volumes};
use serde_json::Value;

/// A script and what one shell made of it.
struct Case {
    file: String,
    line: usize,
    shells: Vec<String>,
    script: String,
    expected: Done,
}

fn cases() -> Vec<Case> {
    let mut files: Vec<_> =
        std::fs::read_dir("tests/shell").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut script = String::new();
        let mut fresh = true;
        for (line, row) in (1..).zip(text.lines()) {
            let (mark, rest) = row.split_once(' ').unwrap_or((row, ""));
            let case = cases.last_mut();
            match (mark, case) {
                ("", _) => {}
                ("$", _) => {
                    script = rest.to_owned();
                    fresh = true;
                }
                (">", _) if fresh => {
                    script.push('\n');
                    script.push_str(rest);
                }
                ("|", Some(case)) => writeln!(case.expected.stdout, "{rest}").unwrap(),
                ("|-", Some(case)) => case.expected.stdout.push_str(rest),
                ("!", Some(case)) => writeln!(case.expected.stderr, "{rest}").unwrap(),
                ("!-", Some(case)) => case.expected.stderr.push_str(rest),
                _ => {
                    let (shells, code) =
                        row.split_once(": ").unwrap_or_else(|| panic!("{file}:{line}: {row}"));
                    fresh = false;
                    cases.push(Case {
                        file: file.clone(),
                        line,
                        shells: shells.split(' ').map(str::to_owned).collect(),
                        script: script.clone(),
                        expected: Done { code: code.parse().unwrap(), ..Done::default() },
                    });
                }
            }
        }
    }
    cases
}

#[test]
fn scripts_run_as_in_the_real_shells() {
    let mut failures = String::new();
    let mut count = 0;
    for case in cases() {
        for shell in &case.shells {
            count += 1;
            let done = Host::new(shell).run(&[shell, "-c", &case.script]);
            if done != case.expected {
                let Case { file, line, script, expected, .. } = &case;
                writeln!(
                    failures,
                    "{file}:{line} {shell}\n{script}\nexpected {expected:?}\ngot      {done:?}\n"
                )
                .unwrap();
            }
        }
    }
    assert!(count >= 700, "only {count} cases were found");
    assert!(failures.is_empty(), "{failures}");
}

// What was recorded in containers

/// The files of the recordings' client pod that the cases below look at.
fn client_pod(shell: &str) -> Host {
    let mut host = Host::new(shell);
    let root = &mut host.machine.files.root;
    let pod = "web-6d4b8f7c9-x2x4z";
    root.add_file("/etc/hostname", format!("{pod}\n"), 0o644);
    let hosts = format!(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n\
         10.244.1.5\t{pod}\n"
    );
    root.add_file("/etc/hosts", hosts, 0o644);
    root.add_program("/bin/vi", "busybox/vi");
    host.machine.hostname = pod.into();
    let mut config = saya::container::Tree::new();
    config.add_file("/..2025/enemies", "aliens=monsters\n", 0o644);
    config.add_file("/..2025/game.properties", "lives=3\n", 0o644);
    config.add_symlink("/..data", "..2025");
    config.add_symlink("/enemies", "..data/enemies");
    config.add_symlink("/game.properties", "..data/game.properties");
    let volume = saya::container::VolumeId("config".into());
    host.volumes.insert(volume.clone(), config.into());
    let mount = Mount { at: "/etc/config".into(), volume, sub_path: "".into(), read_only: true };
    host.machine.files.mount(mount, &host.volumes);
    // In this order: ash keeps it within the buckets of its hash table.
    host.env = [
        ("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
        ("KUBERNETES_SERVICE_PORT", "443"),
        ("HOSTNAME", pod),
        ("HOME", "/root"),
        ("TERM", "xterm"),
        ("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("KUBERNETES_PORT_443_TCP_PORT", "443"),
        ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
        ("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"),
        ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
        ("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    host
}

/// Dates are as of the recording.
fn fold(text: &str) -> String {
    let date = |line: &str| line.contains(" UTC 2026") || line.starts_with("2026-11-20T");
    let text = text.replace("(<build date>) ", "");
    text.lines().map(|line| if date(line) { "DATE\n".to_owned() } else { format!("{line}\n") }).collect()
}

fn text<'v>(case: &'v Value, key: &str) -> &'v str {
    case[key].as_str().unwrap_or_default()
}

#[test]
fn recorded_shell_cases() {
    let recorded: Value =
        serde_json::from_str(&std::fs::read_to_string("tests/recorded/tool-output.json").unwrap()).unwrap();
    let mut right = BTreeMap::new();
    let mut wrong = String::new();
    for case in recorded["cases"].as_array().unwrap() {
        let shell = match text(case, "shell") {
            _ if !["sh", "bash", "cat"].contains(&text(case, "tool")) => continue,
            "busybox sh -c" => "ash",
            "sh -c" => "dash",
            "bash -c" => "bash",
            _ => continue,
        };
        // The network and a few programs that are not shells' or tools' are others' to provide.
        let command = text(case, "command");
        let elsewhere = ["nslookup", "ifconfig"];
        if elsewhere.iter().any(|word| command.contains(word)) {
            continue;
        }
        let mut host = client_pod(shell);
        let argv0 = if shell == "ash" {
            "/bin/sh"
        } else if shell == "dash" {
            "sh"
        } else {
            "bash"
        };
        host.cwd = "/".into();
        // A recording whose command kills the shell was made as PID 1.
        host.machine.init = command.contains("kill -9 $$").then_some(Pid(100));
        let done = host.run(&[argv0, "-c", command]);
        let expected =
            (case["exit_code"].as_u64().unwrap_or(0), fold(text(case, "stdout")), fold(text(case, "stderr")));
        let got = (u64::from(done.code), fold(&done.stdout), fold(&done.stderr));
        let id = text(case, "id");
        // `ls -la` of a volume has sizes and dates of its own: "shape only".
        if got == expected || text(case, "note").starts_with("shape only") {
            *right.entry(shell).or_insert(0) += 1;
        } else {
            writeln!(wrong, "{id}: {command}\nexpected {expected:?}\ngot      {got:?}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(right["ash"] >= 50 && right["bash"] >= 10 && right["dash"] >= 7, "{right:?}");
}

#[test]
fn recorded_terminal_sessions() {
    let recorded: Value =
        serde_json::from_str(&std::fs::read_to_string("tests/recorded/tool-output.json").unwrap()).unwrap();
    let mut right = 0;
    for case in recorded["cases"].as_array().unwrap() {
        let typed: Vec<&str> =
            case["input"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let known = text(case, "tool") == "sh" && text(case, "id").starts_with("tty-");
        if !known || typed.iter().any(|line| line.contains("nslookup") || line.contains("wget")) {
            continue;
        }
        let (shell, argv0) =
            if text(case, "id").contains("dash") { ("dash", "sh") } else { ("ash", "/bin/sh") };
        let mut host = client_pod(shell);
        host.cwd = "/".into();
        // A loop was left to run for some seconds before Ctrl-C.
        let (screen, code) =
            host.type_at(&[argv0], &typed, if text(case, "id").contains("loop") { 3.5 } else { 0.5 });
        assert_eq!(screen, text(case, "stdout"), "{}", text(case, "id"));
        assert_eq!(Some(u64::from(code)), case["exit_code"].as_u64(), "{}", text(case, "id"));
        right += 1;
    }
    assert!(right >= 6, "{right}");
}

#[test]
fn recorded_signals_at_pid_1() {
    // `tail` has no handler and lives on; the shell's trap runs.
    for (argv, ends) in [
        (&["tail", "-f", "/dev/null"][..], None),
        (&["sh", "-c", "trap 'echo bye; exit 0' TERM; while true; do sleep 1 & wait $!; done"], Some(0)),
        (&["sh", "-c", "while true; do sleep 1; done"], None),
        (&["sleep", "1000"], None),
    ] {
        let mut host = Host::container("ash");
        let pid = host.start(argv, [Channel::Null; 3], Credentials::root());
        host.run_for(4.0);
        host.machine.kill(host.now, pid, saya::container::Signal::TERM);
        host.run_for(4.0);
        assert_eq!(host.machine.status(pid).map(|status| status.code()), ends, "{argv:?}");
        host.machine.kill(host.now, pid, saya::container::Signal::KILL);
        let code = host.machine.status(pid).map(|status| status.code());
        assert_eq!(code, ends.or(Some(137)), "{argv:?}");
    }
}

#[test]
fn volumes_lend_one_tree_to_two_machines() {
    let mut volumes = Volumes::new();
    let id = saya::container::VolumeId("shared".into());
    volumes.insert(id.clone(), saya::container::Tree::new().into());
    let mut machines: Vec<Host> = ["ash", "bash"].map(Host::container).into();
    for host in &mut machines {
        let mount = Mount { at: "/data".into(), volume: id.clone(), sub_path: "".into(), read_only: false };
        host.machine.files.mount(mount, &volumes);
    }
    std::mem::swap(&mut machines[0].volumes, &mut volumes);
    assert_eq!(machines[0].run(&["sh", "-c", "echo from one > /data/f; ls -d /data"]).stdout, "/data\n");
    let shared = std::mem::take(&mut machines[0].volumes);
    machines[1].volumes = shared;
    assert_eq!(
        machines[1].run(&["sh", "-c", "cat /data/f; rmdir /data"]),
        Done {
            code: 1,
            stdout: "from one\n".into(),
            stderr: "rmdir: failed to remove '/data': Device or resource busy\n".into(),
        }
    );
}

#[test]
fn files_are_guarded() {
    let run = |host: &mut Host, script: &str| {
        let done = host.run(&["sh", "-c", script]);
        format!("{}{}", done.stdout, done.stderr)
    };
    let mut host = Host::container("ash");
    host.who = Credentials::new(1000, 1000);
    host.machine.files.root.add_file("/secret", "x", 0o600);
    let said = run(
        &mut host,
        "cat /secret; echo > /new; echo > /tmp/own && echo fine; id; rm /secret; kill 1; whoami",
    );
    assert_eq!(
        said,
        "fine\nuid=1000 gid=1000\ncat: can't open '/secret': Permission denied\n\
         sh: can't create /new: Permission denied\nrm: can't remove '/secret': Permission denied\n\
         whoami: unknown uid 1000\n"
    );
    let mut host = Host::container("ash");
    host.machine.files.read_only = true;
    assert_eq!(
        run(&mut host, "echo > /new; echo x > /dev/null && echo fine"),
        "fine\nsh: can't create /new: Read-only file system\n"
    );
}

#[test]
fn the_end_of_pid_1_is_the_end_of_all() {
    let mut host = Host::container("ash");
    let pid = host.start(&["sh", "-c", "sleep 100 & sleep 1"], [Channel::Null; 3], Credentials::root());
    host.run_for(0.5);
    let other = host.start(&["sleep", "50"], [Channel::Null; 3], Credentials::root());
    assert_eq!(host.machine.processes.len(), 3);
    host.run_for(1.0);
    assert_eq!(host.machine.status(pid).map(|status| status.code()), Some(0));
    assert_eq!(host.machine.status(other).map(|status| status.code()), Some(137));
    assert!(!host.machine.is_running());
}
