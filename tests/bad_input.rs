//! What nobody should write, and everybody can paste: every one of these is answered, and the cluster goes on.

use std::collections::BTreeMap;

use saya::sim::{Answer, Scenario, Script, Sim};

/// The answer to `kubectl apply -f it.yml` and, after `seconds`, to one more command, which must still work.
fn apply(text: impl Into<String>, seconds: u32, then: &str) -> (Answer, Answer) {
    let files = BTreeMap::from([("it.yml".to_string(), text.into())]);
    let scenario = Scenario { profile: "minikube-1.36".into(), files, ..Scenario::default() };
    let mut sim = Sim::new(&scenario).unwrap();
    let mut script = Script::new(&mut sim);
    let first = script.run(&mut sim, "kubectl apply -f it.yml");
    script.run(&mut sim, &format!("sleep {seconds}"));
    let second = script.run(&mut sim, then);
    assert_eq!(second.exit_code, 0, "{then}: {}", second.stderr);
    (first, second)
}

fn config_map(name: &str, data: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{data}")
}

/// What is refused, with words of the refusal.
#[test]
fn refused_with_a_reason() {
    let megabyte: String = (0..1000).map(|n| format!("  k{n}: {:x>1000}\n", n)).collect();
    let nested = |open: &str, close: &str| format!("a: {}{}\n", open.repeat(20_000), close.repeat(20_000));
    let steps: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let aliases: String = (b'b'..b'n')
        .map(|c| format!("{0}: &{0} [{1}]\n", char::from(c), format!("*{},", char::from(c - 1)).repeat(10)))
        .collect();
    let cases = [
        ("a megabyte", config_map("big", &megabyte), "Too long: may not be more than 262144 bytes"),
        ("lists in lists", nested("[", "]"), "exceeded max depth"),
        ("maps in maps", nested("{a: ", "}"), "exceeded max depth"),
        ("JSON in JSON", "{\"a\":".repeat(20_000), "exceeded max depth"),
        ("stairs", steps, "exceeded max depth"),
        ("aliases of aliases", format!("a: &a [x,x,x,x,x,x,x,x,x,x]\n{aliases}"), "excessive aliasing"),
        ("a NUL byte", config_map("n\0", "  a: b\n"), "control characters are not allowed"),
        ("a name in Japanese", config_map("莢", "  a: b\n"), "Invalid value: \"莢\""),
        ("a key in Korean", config_map("k", "  콩: b\n"), "Invalid value: \"콩\""),
    ];
    for (what, text, words) in cases {
        let (answer, _) = apply(text, 0, "kubectl get nodes");
        assert_eq!(answer.exit_code, 1, "{what}: {}", answer.stdout);
        assert!(answer.stderr.contains(words), "{what}: {:.300}", answer.stderr);
    }
}

/// What only looks odd.
#[test]
fn accepted_as_it_is() {
    let crlf = config_map("crlf", "  a: |\n    x\n    y\n").replace('\n', "\r\n");
    let cases = [
        ("CRLF", crlf, "crlf", "x\ny\n"),
        ("a byte order mark", format!("\u{feff}{}", config_map("bom", "  a: b\n")), "bom", "b"),
        ("any Unicode in a value", config_map("any", "  a: \"値😀\\u202e\"\n"), "any", "値😀\u{202e}"),
    ];
    for (what, text, name, value) in cases {
        let (answer, got) = apply(text, 0, &format!("kubectl get cm {name} -o jsonpath='{{.data.a}}'"));
        assert_eq!(answer.stdout, format!("configmap/{name} created\n"), "{what}: {}", answer.stderr);
        assert_eq!(got.stdout, value, "{what}");
    }
}

#[test]
fn ten_thousand_documents() {
    let text: String = (0..10_000).map(|n| config_map(&format!("c{n}"), "  a: b\n") + "---\n").collect();
    let (answer, count) = apply(text, 0, "kubectl get cm -o name | wc -l");
    assert_eq!((answer.exit_code, answer.stdout.lines().count()), (0, 10_000));
    assert_eq!(count.stdout.trim(), "10001", "with the root certificate's");
}

/// The API takes two thousand million replicas, as the real one does; the cluster holds what a page can, and an Event says so.
#[test]
fn too_many_replicas_are_bounded_and_told() {
    let template = "{metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'nginx:1.27'}]}}";
    let workload = |api: &str, kind: &str, more: &str| {
        let spec =
            format!("replicas: 2000000000, selector: {{matchLabels: {{a: b}}}}, template: {template}{more}");
        format!("{{apiVersion: {api}, kind: {kind}, metadata: {{name: huge}}, spec: {{{spec}}}}}")
    };
    let task = "{spec: {restartPolicy: Never, containers: [{name: c, image: 'busybox:1.36', command: [sleep, '3600']}]}}";
    let job = |more: &str| {
        let spec = format!("parallelism: 100000, completions: 100000, template: {task}{more}");
        format!("{{apiVersion: batch/v1, kind: Job, metadata: {{name: huge}}, spec: {{{spec}}}}}")
    };
    let cases = [
        ("deployment", workload("apps/v1", "Deployment", "")),
        ("statefulset", workload("apps/v1", "StatefulSet", ", podManagementPolicy: Parallel")),
        ("job", job("")),
        (
            "job",
            job(", completionMode: Indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 10, backoffLimit: 10"),
        ),
    ];
    for (kind, text) in cases {
        let (answer, events) = apply(text, 6, "kubectl get events --field-selector reason=TooManyPods");
        assert_eq!(answer.exit_code, 0, "{}", answer.stderr);
        assert!(events.stdout.contains("Saya holds at most 2000 Pods"), "{kind}: {:.2000}", events.stdout);
    }
}
