//! What the figures show: the course's own pictures, and the states that a learner meets.

use saya::sim::snapshot::{
    ClaimView, ContainerState, ContainerView, ControllerView, EndpointView, ForwardView,
    PersistentVolumeView, PolicyView, Snapshot,
};

use crate::cluster::{name as name_of, *};

/// Every case by the name of its golden file.
pub fn all() -> Vec<(&'static str, Snapshot)> {
    vec![
        ("database", database()),
        ("two-nodes", two_nodes()),
        ("before-init", sharing(true)),
        ("after-init", sharing(false)),
        ("states", states()),
        ("replaced", replaced()),
        ("replicas", replicas()),
        ("no-endpoints", no_endpoints()),
        ("node-port", outside("NodePort")),
        ("load-balancer", outside("LoadBalancer")),
        ("namespaces", namespaces()),
        ("long-names", long_names()),
        ("nodes-down", nodes_down()),
        ("many", many(3, 30)),
        ("owners", owners()),
        ("storage", storage()),
        ("policies", policies()),
        ("port-forward", port_forward()),
    ]
}

fn two_nodes() -> Snapshot {
    Snapshot {
        pods: vec![
            pod("ubuntu", "node1", "10.244.1.2", vec![container("ubuntu", "ubuntu")]),
            pod("mysql", "node2", "10.244.2.2", vec![container("mysql", "mysql:8")]),
        ],
        services: vec![service("mysql", "192.168.192.213", 3306, &["mysql"], &["ubuntu"])],
        ..cluster(&["node1", "node2"])
    }
}

fn sharing(initialising: bool) -> Snapshot {
    let mut setup = init("init", "busybox");
    let mut main = container("nginx", "nginx");
    if initialising {
        main = waiting("nginx", "PodInitializing");
    } else {
        setup.state = ContainerState::Terminated(0, "Completed".into());
    }
    let mounts = [("init", "/work"), ("nginx", "/usr/share/nginx/html")];
    let pod = pod("web", "docker-desktop", "10.1.0.9", vec![setup, main]);
    let pod = mounting(pod, volume("shared", "emptyDir", None, &mounts));
    let pod = if initialising { with_status(pod, "Init:0/1") } else { pod };
    Snapshot { pods: vec![pod], ..cluster(&["docker-desktop"]) }
}

fn states() -> Snapshot {
    let on = "docker-desktop";
    let mut pending = with_status(pod("big", on, "", vec![waiting("app", "")]), "Pending");
    (pending.node, pending.ip) = (None, None);
    let mut creating =
        with_status(pod("new", on, "", vec![waiting("app", "ContainerCreating")]), "ContainerCreating");
    creating.ip = None;
    let crashed = ContainerView { restarts: 5, ..waiting("app", "CrashLoopBackOff") };
    let crashed = with_status(pod("crash", on, "10.1.0.4", vec![crashed]), "CrashLoopBackOff");
    let unready = ContainerView { ready: false, ..container("app", "nginx") };
    let unready = pod("slow", on, "10.1.0.5", vec![unready]);
    let restarted =
        pod("twice", on, "10.1.0.6", vec![ContainerView { restarts: 2, ..container("app", "nginx") }]);
    let ended = ContainerView {
        state: ContainerState::Terminated(0, "Completed".into()),
        ready: false,
        ..container("pi", "perl")
    };
    let mut ended = with_status(pod("pi-x7k2f", on, "10.1.0.7", vec![ended]), "Completed");
    ended.phase = "Succeeded".into();
    let pair =
        pod("pair", on, "10.1.0.8", vec![container("PMA", "phpmyadmin"), container("MySQL", "mysql:8")]);
    let leaving = with_status(pod("old", on, "10.1.0.3", vec![container("app", "nginx")]), "Terminating");
    let pods = vec![crashed, creating, ended, leaving, pair, pending, restarted, unready];
    Snapshot { pods, ..cluster(&[on]) }
}

fn replaced() -> Snapshot {
    let mut figure = database();
    let mut new = pma();
    new.name.name = "pma-59fcd9f6f6-x8c2d".into();
    new.ip = Some("10.1.0.18".into());
    figure.pods[1] = with_status(pma(), "Terminating");
    figure.pods.push(new);
    figure.services[0].clients = vec![name_of("pma-59fcd9f6f6-gcndn"), name_of("pma-59fcd9f6f6-x8c2d")];
    figure
}

fn replicas() -> Snapshot {
    let names = ["web-7c5ddbdf54-2bq9h", "web-7c5ddbdf54-8xk4t", "web-7c5ddbdf54-zr6vd"];
    let pods = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let containers = vec![container("nginx", "nginx:1.27")];
            owned(
                pod(name, "docker-desktop", &format!("10.1.0.{}", 20 + index), containers),
                "ReplicaSet",
                "web-7c5ddbdf54",
            )
        })
        .collect();
    Snapshot {
        pods,
        services: vec![service("web", "10.96.71.8", 80, &names, &[])],
        controllers: vec![controller("Deployment", "web", 3), controller("ReplicaSet", "web-7c5ddbdf54", 3)],
        ..cluster(&["docker-desktop"])
    }
}

fn no_endpoints() -> Snapshot {
    let mut figure = database();
    figure.services[0].endpoints.clear();
    figure
}

fn outside(kind: &str) -> Snapshot {
    let mut figure = replicas();
    figure.services[0].kind = kind.into();
    figure.services[0].ports[0].node_port = Some(30080);
    if kind == "LoadBalancer" {
        figure.services[0].external_ip = Some("localhost".into());
    }
    figure
}

fn namespaces() -> Snapshot {
    let on = "docker-desktop";
    let mut shop = pod("shop/mysql-0", on, "10.1.0.16", vec![container("mysql", "mysql:8")]);
    shop = owned(shop, "StatefulSet", "mysql");
    let mut headless = service("shop/db", "", 3306, &["mysql-0"], &[]);
    headless.cluster_ip = None;
    Snapshot {
        pods: vec![
            pma(),
            pod("kube-system/coredns-1", on, "10.1.0.2", vec![container("coredns", "coredns")]),
            shop,
        ],
        services: vec![
            service("kube-system/kube-dns", "10.96.0.10", 53, &["coredns-1"], &[]),
            headless,
            service("shop/mysql", "10.101.218.244", 3306, &["mysql-0"], &["default/pma-59fcd9f6f6-gcndn"]),
        ],
        ..cluster(&[on])
    }
}

fn long_names() -> Snapshot {
    let node = "ip-10-0-42-117.ap-northeast-1.compute.internal";
    let setup = init("download-the-dataset", "curlimages/curl");
    let main = container("recommendation-engine", "registry.example.com/recommendation-engine:2026-11-20");
    let proxy =
        ContainerView { init: true, sidecar: true, ..container("envoy-proxy-sidecar", "envoyproxy/envoy") };
    let data = volume(
        "dataset-of-the-recommendation-engine",
        "emptyDir",
        None,
        &[("download-the-dataset", "/data"), ("recommendation-engine", "/data")],
    );
    let state =
        volume("state", "persistentVolumeClaim", Some("state"), &[("recommendation-engine", "/state")]);
    let path = "recommendation-engine-production-6d4cf56db6-q9w2z";
    let server = mounting(mounting(pod(path, node, "10.244.117.203", vec![setup, proxy, main]), data), state);
    let client =
        pod("日本語の名前のフロントエンド-7f8", node, "10.244.117.204", vec![container("フロント", "x")]);
    let callers = ["日本語の名前のフロントエンド-7f8"];
    let mut claim = claim("state");
    claim.phase = "Pending".into();
    let mut figure = Snapshot {
        pods: vec![server, client],
        claims: vec![claim],
        services: vec![service(
            "recommendation-engine-production",
            "10.111.222.133",
            8080,
            &[path],
            &callers,
        )],
        ..cluster(&[node])
    };
    figure.services[0].ports[0].target_port = "http-management".into();
    figure
}

/// A Deployment in the middle of an update, a database, a Job of a CronJob, and too many Pods to name.
fn owners() -> Snapshot {
    let on = "docker-desktop";
    let mut figure = replicas();
    figure.pods.truncate(2);
    let new = owned(
        pod("web-5d8f7c9b4-k2m9x", on, "10.1.0.30", vec![waiting("nginx", "ContainerCreating")]),
        "ReplicaSet",
        "web-5d8f7c9b4",
    );
    figure.pods.push(with_status(new, "ContainerCreating"));
    figure.pods.push(mysql_0());
    figure.pods.extend((0..7).map(|n| {
        owned(
            pod(&format!("log-{n}"), on, "10.1.0.50", vec![container("log", "fluentd")]),
            "DaemonSet",
            "log",
        )
    }));
    let of = |kind: &str, name: &str, ready: (i64, i64), owner: Option<(&str, &str)>| {
        let owner = owner.map(|(kind, name)| (kind.to_string(), name.to_string()));
        ControllerView { ready, owner, ..controller(kind, name, 0) }
    };
    let web = Some(("Deployment", "web"));
    figure.controllers = vec![
        of("Deployment", "web", (2, 3), None),
        of("ReplicaSet", "web-7c5ddbdf54", (2, 2), web),
        of("ReplicaSet", "web-5d8f7c9b4", (0, 1), web),
        of("ReplicaSet", "web-older", (0, 0), web),
        of("StatefulSet", "mysql", (1, 1), None),
        of("DaemonSet", "log", (7, 7), None),
        of("CronJob", "report", (1, 0), None),
        of("Job", "report-29384760", (0, 1), Some(("CronJob", "report"))),
    ];
    figure
}

/// A bound claim, one that waits, and a volume that nobody has claimed.
fn storage() -> Snapshot {
    let mut figure = database();
    let volume = |name: &str, phase: &str, claim: Option<&str>| PersistentVolumeView {
        name: name.into(),
        phase: phase.into(),
        storage_class: Some("hostpath".into()),
        capacity: "256Mi".into(),
        claim: claim.map(name_of),
    };
    figure.volumes =
        vec![volume("pvc-db-mysql-0", "Bound", Some("db-mysql-0")), volume("spare", "Available", None)];
    figure.claims.push(ClaimView { phase: "Pending".into(), volume: None, ..claim("waits-for-a-volume") });
    figure
}

/// A Pod of two containers that a port of the learner's machine leads to.
fn port_forward() -> Snapshot {
    let mut containers = vec![container("PMA", "phpmyadmin"), container("MySQL", "mysql:8")];
    containers[0].ports.push(80);
    Snapshot {
        pods: vec![pod("two", "docker-desktop", "10.1.0.9", containers)],
        forwards: vec![ForwardView { pod: name_of("two"), ports: vec![(8080, 80)] }],
        ..cluster(&["docker-desktop"])
    }
}

/// Only the page may call the database; nobody may call the page.
fn policies() -> Snapshot {
    let mut figure = database();
    let mut labelled = |index: usize, app: &str| {
        figure.pods[index].labels.insert("app".into(), app.into());
    };
    labelled(0, "mysql");
    labelled(1, "pma");
    let policy = |name: &str, selector: &str, pod: &str, ingress: &[&str]| PolicyView {
        name: name_of(name),
        selector: selector.into(),
        pods: vec![name_of(pod)],
        ingress: Some(ingress.iter().map(|rule| rule.to_string()).collect()),
        egress: None,
    };
    figure.policies = vec![
        policy("database-from-the-page-only", "app=mysql", "mysql-0", &["app=pma :3306"]),
        policy("deny", "app=pma", "pma-59fcd9f6f6-gcndn", &[]),
    ];
    figure
}

fn nodes_down() -> Snapshot {
    let mut figure = two_nodes();
    figure.nodes[1].ready = false;
    figure.nodes[0].unschedulable = true;
    figure.pods[1].ready = (0, 1);
    figure.pods[1].containers[0].ready = false;
    figure.services[0].endpoints = vec![EndpointView { pod: name_of("mysql"), ready: false }];
    figure
}

/// Many Pods of a few Deployments, spread over some nodes.
pub fn many(nodes: usize, pods: usize) -> Snapshot {
    let names: Vec<String> = (0..nodes).map(|node| format!("worker{node}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut figure = cluster(&names);
    for index in 0..pods {
        let path = format!("app{}-6d4cf56db6-{:05}", index % 5, index * 7919 % 100_000);
        let ip = format!("10.244.{}.{}", index % nodes, index / nodes + 2);
        figure.pods.push(pod(&path, names[index % nodes], &ip, vec![container("app", "nginx")]));
    }
    figure.pods.sort_by(|a, b| a.name.cmp(&b.name));
    for app in 0..5.min(pods) {
        let of = |number: usize| {
            let start = format!("app{number}-");
            figure
                .pods
                .iter()
                .map(|p| p.name.name.as_str())
                .filter(|n| n.starts_with(&start))
                .collect::<Vec<_>>()
        };
        let (behind, clients) = (of(app), if app > 0 { of(app - 1) } else { Vec::new() });
        let clients = &clients[..clients.len().min(2)];
        let made = service(&format!("app{app}"), &format!("10.96.0.{}", 20 + app), 80, &behind, clients);
        figure.services.push(made);
    }
    figure
}
