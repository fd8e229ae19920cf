//! What the kubelet does with Pods by their probes, hooks and images: a Pod, a time, and what has been told of it.

use std::time::Duration;

use saya::api::{Kind, ObjectKey};
use saya::base::{Date, yaml};
use saya::cluster::{Cluster, Profile};

/// A container beside its name, how many seconds it runs, whether it is ready, its restarts, and Events that were told.
const CASES: &[(&str, u64, bool, i64, &[&str])] = &[
    ("image: nginx, readinessProbe: {httpGet: {path: /, port: 80}}", 10, true, 0, &[]),
    (
        "image: nginx, readinessProbe: {httpGet: {path: /nope, port: 80}}",
        10,
        false,
        0,
        &["Readiness probe failed: HTTP probe failed with statuscode: 404"],
    ),
    (
        "image: nginx, readinessProbe: {tcpSocket: {port: 81}}",
        10,
        false,
        0,
        &[":81: connect: connection refused"],
    ),
    (
        "image: nginx, readinessProbe: {httpGet: {path: /, port: 80, host: 127.0.0.1}}",
        10,
        false,
        0,
        &["Get \"http://127.0.0.1:80/\": dial tcp 127.0.0.1:80: connect: connection refused"],
    ),
    (
        "image: nginx, readinessProbe: {httpGet: {path: /, port: web}}",
        10,
        false,
        0,
        &[
            "Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing \"web\": invalid syntax",
        ],
    ),
    (
        "image: nginx, readinessProbe: {httpGet: {path: /, port: web}}, ports: [{name: web, containerPort: 80}]",
        10,
        true,
        0,
        &[],
    ),
    (
        "image: redis, readinessProbe: {httpGet: {path: /, port: 6379}}",
        10,
        false,
        0,
        &["Readiness probe failed: Get \"http://"],
    ),
    (
        "image: nginx, readinessProbe: {grpc: {port: 80}}",
        10,
        false,
        0,
        &["timeout: failed to connect service", "within 1s: context deadline exceeded"],
    ),
    // It takes the connection and never answers.
    (
        "image: busybox, command: [sh, -c, 'sleep 1d | nc -l -p 80'], readinessProbe: {httpGet: {path: /x, port: 80}}",
        10,
        false,
        0,
        &["80/x\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"],
    ),
    (
        "image: busybox, command: [sh, -c, 'sleep 5; mkdir -p /w/d; echo hi > /w/d/index.html; httpd -f -h /w'], readinessProbe: {httpGet: {path: /d, port: 80}, periodSeconds: 1}",
        12,
        true,
        0,
        &["80/d\": dial tcp"],
    ),
    // The kubelet does not wait until the server listens.
    (
        "image: nginx, lifecycle: {postStart: {httpGet: {path: /, port: 80}}}",
        6,
        false,
        1,
        &["PostStartHook failed"],
    ),
    (
        "image: registry.k8s.io/coredns/coredns:v1.14.1, readinessProbe: {httpGet: {path: /ready, port: 8181}}",
        6,
        true,
        0,
        &[],
    ),
    (
        "image: someone/thing, livenessProbe: {exec: {command: [check-it]}, periodSeconds: 1}",
        20,
        true,
        0,
        &[],
    ),
    (
        "image: nginx, livenessProbe: {exec: {command: [cat, /nope]}, periodSeconds: 2}",
        12,
        true,
        1,
        &["No such file or directory", "Container c failed liveness probe, will be restarted"],
    ),
    (
        "image: nginx, startupProbe: {exec: {command: [cat, /nope]}, periodSeconds: 60}",
        20,
        false,
        0,
        &["Startup probe failed: "],
    ),
    (
        "image: nginx, lifecycle: {postStart: {exec: {command: [sh, -c, exit 1]}}}",
        6,
        false,
        1,
        &["PostStartHook failed", "FailedPostStartHook"],
    ),
    ("image: nginx, lifecycle: {postStart: {sleep: {seconds: 25}}}", 20, false, 0, &[]),
];

fn cluster(container: &str) -> (Cluster, ObjectKey) {
    let mut cluster = Cluster::new(Profile::named("minikube-1.36").unwrap(), Date(1_795_212_870), 1);
    let text = format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: c, {container}}}]}}}}"
    );
    let body = yaml::read(text.as_bytes()).unwrap().value;
    assert!(cluster.api.create(body, "default", false).is_ok(), "{container}");
    (cluster, ObjectKey::new(Kind::Pod, "default", "p"))
}

fn run(cluster: &mut Cluster, seconds: u64) {
    cluster.run_until(cluster.now() + Duration::from_secs(seconds));
}

#[test]
fn probes_and_hooks_decide() {
    for (container, seconds, ready, restarts, told) in CASES {
        let (mut cluster, key) = cluster(container);
        run(&mut cluster, *seconds);
        let pod = cluster.api.get(&key).unwrap();
        let status = &pod.status().get("containerStatuses").items()[0];
        assert_eq!(status.get("ready").bool(), *ready, "{container}: {status:?}");
        assert_eq!(status.get("restartCount").int(), *restarts, "{container}: {status:?}");
        let events: Vec<String> = cluster
            .api
            .store()
            .list(Kind::Event)
            .map(|event| event.get("message").str().to_string())
            .collect();
        for text in *told {
            assert!(events.iter().any(|event| event.contains(text)), "{container}: {text}: {events:?}");
        }
    }
}

#[test]
fn a_changed_image_starts_the_container_again_once() {
    let (mut cluster, key) = cluster("image: nginx:1.27");
    run(&mut cluster, 10);
    let mut pod = cluster.api.get(&key).unwrap().clone();
    let mut container = pod.spec().get("containers").items()[0].clone();
    container.set("image", "nginx:1.28");
    pod.set_at(&["spec", "containers"], vec![container]);
    cluster.api.modify(&key, |object| *object = pod.clone());
    run(&mut cluster, 60);
    let status = cluster.api.get(&key).unwrap().status().get("containerStatuses").items()[0].clone();
    assert_eq!((status.get("ready").bool(), status.get("restartCount").int()), (true, 1), "{status:?}");
}
