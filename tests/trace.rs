//! "Why can't A reach B?" says yes exactly where a program's own connection comes about, and otherwise names the cause.

use std::time::Duration;

use saya::api::{Kind, ObjectKey};
use saya::base::{Date, Random, Value, yaml};
use saya::cluster::{Cluster, Profile, exec::ExecState};
use saya::diagram::geometry::Rect;
use saya::diagram::scene::{Relation, Scene};
use saya::diagram::theme::Ink;
use saya::diagram::{self, Language, Options, Theme};
use saya::network::activity::{Outcome, Place, Subject};
use saya::network::trace::Trace;
use saya::sim::observe;

fn apply(cluster: &mut Cluster, manifest: &str) {
    for document in manifest.split("---\n") {
        let body: Value = yaml::read(document.as_bytes()).unwrap().value;
        let namespace = body.at(&["metadata", "namespace"]).as_str().unwrap_or("default").to_string();
        cluster.api.create(body, &namespace, false).unwrap_or_else(|status| panic!("{document}{status:?}"));
    }
    cluster.tell_of_changes();
}

fn pass(cluster: &mut Cluster, seconds: u64) {
    cluster.run_until(cluster.now() + Duration::from_secs(seconds));
}

/// The exit code of a command in a container, after at most two minutes.
fn run(cluster: &mut Cluster, pod: &str, argv: &[&str]) -> Option<u8> {
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_string()).collect();
    let Ok(session) = cluster.exec("default", pod, "c", &argv, (false, false)) else { return None };
    let limit = cluster.now() + Duration::from_secs(120);
    loop {
        match cluster.exec_state(&session) {
            ExecState::Running if cluster.now() < limit => cluster.step(),
            ExecState::Ended(code) => return Some(code),
            _ => return None,
        };
    }
}

const SERVER: &str = "while true; do nc -l -p PORT -e echo hello; done";

/// A cluster in which random things are wrong.
fn cluster(seed: u64) -> (Cluster, Vec<(String, u16)>) {
    let mut random = Random::from_seed(seed);
    let profile =
        ["kind", "minikube-two-node", "kind", "docker-desktop", "kind", "minikube-1.36"][seed as usize % 6];
    let mut cluster = Cluster::new(Profile::named(profile).unwrap(), Date(1_795_212_870), seed);
    let mut any = |words: &[&'static str]| words[random.below(words.len() as u64) as usize];
    for client in ["a", "b"] {
        let image = any(&["busybox", "alpine", "busybox:1.28"]);
        let label = any(&["other", "client"]);
        let policy = any(&["ClusterFirst", "ClusterFirst", "Default"]);
        apply(
            &mut cluster,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {client}, labels: {{app: {label}}}}}\nspec: {{dnsPolicy: {policy}, containers: [{{name: c, image: {image}, command: [sleep, '100000']}}]}}\n"
            ),
        );
    }
    let mut targets = vec![("nosuch".to_string(), 80), ("kubernetes".into(), 443), ("127.0.0.1".into(), 9)];
    for server in ["db", "web", "api"] {
        let (port, ready) = (any(&["80", "8080"]), any(&["true", "true", "false"]));
        let command = SERVER.replace("PORT", any(&["80", "8080"]));
        let kind = any(&["ClusterIP", "NodePort", "None"]);
        let cluster_ip = if kind == "None" { "clusterIP: None" } else { "type: KIND" }.replace("KIND", kind);
        let cluster_ip = match (kind, any(&["Local", "Local", "sticky"])) {
            ("NodePort", "Local") => cluster_ip + ", externalTrafficPolicy: Local",
            ("ClusterIP", "Local") => cluster_ip + ", internalTrafficPolicy: Local",
            ("ClusterIP" | "NodePort", "sticky") => cluster_ip + ", sessionAffinity: ClientIP",
            _ => cluster_ip,
        };
        let port = any(&[port, port, "http"]);
        let named = any(&["http", "http", "web"]);
        let outside = if server == "web" { any(&["", ", hostPort: 8088"]) } else { "" };
        let listens = if server == "web" { "8080" } else { "80" };
        let host_network = if server == "api" { any(&["false", "false", "true"]) } else { "false" };
        let command = if outside.is_empty() { command } else { SERVER.replace("PORT", "8080") };
        let selected = any(&[server, server, server, "db", "web"]);
        apply(
            &mut cluster,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {server}, labels: {{app: {server}}}}}\nspec:\n  hostNetwork: {host_network}\n  containers:\n  - name: c\n    image: busybox\n    ports: [{{name: {named}, containerPort: {listens}{outside}}}]\n    command: [sh, -c, '{command}']\n    readinessProbe: {{exec: {{command: ['{ready}']}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {server}}}\nspec: {{selector: {{app: {selected}}}, {cluster_ip}, ports: [{{port: 80, targetPort: {port}}}]}}\n"
            ),
        );
        targets.extend([(server.to_string(), 80), (format!("{server}.default.svc"), 80)]);
    }
    let alias = any(&["web.default.svc.cluster.local", "nosuch.default.svc.cluster.local", "db.default"]);
    apply(
        &mut cluster,
        &format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: alias}}\nspec: {{type: ExternalName, externalName: {alias}}}\n"
        ),
    );
    targets.push(("alias".into(), 80));
    match any(&["none", "ingress", "egress", "names", "block", "namespace"]) {
        "block" => apply(
            &mut cluster,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {matchLabels: {app: other}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.244.0.0/25]}}]}]}\n",
        ),
        "namespace" => apply(
            &mut cluster,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 80}]}, {from: [{podSelector: {}}], ports: [{port: 8080}]}]}\n",
        ),
        "ingress" => apply(
            &mut cluster,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}\n",
        ),
        "egress" => apply(
            &mut cluster,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 80}]}]}\n",
        ),
        "names" => apply(
            &mut cluster,
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}\n",
        ),
        _ => {}
    }
    pass(&mut cluster, 90);
    if any(&["up", "up", "up", "down"]) == "down" {
        let dns = ObjectKey::new(Kind::Deployment, "kube-system", "coredns");
        cluster.api.modify(&dns, |dns| dns.set_at(&["spec", "replicas"], 0));
        cluster.tell_of_changes();
        pass(&mut cluster, 30);
    }
    for server in ["db", "web"] {
        let pod = cluster.api.get(&ObjectKey::new(Kind::Pod, "default", server)).unwrap();
        targets.push((pod.status().get("podIP").str().into(), 80));
        targets.extend([80, 8088].map(|port| (pod.status().get("hostIP").str().into(), port)));
        let service = cluster.api.get(&ObjectKey::new(Kind::Service, "default", server)).unwrap();
        let node_port = service.spec().get("ports").items()[0].get("nodePort").as_int();
        let nodes = cluster.api.store().list(Kind::Node);
        let ips =
            nodes.map(|node| node.status().get("addresses").items()[0].get("address").str().to_string());
        targets.extend(ips.filter_map(|ip| Some((ip, node_port? as u16))));
    }
    let gone = cluster.api.get(&ObjectKey::new(Kind::Pod, "default", "api")).unwrap();
    targets.push((gone.status().get("podIP").str().into(), 80));
    if any(&["stays", "goes"]) == "goes" {
        cluster.api.finish_pod(&ObjectKey::new(Kind::Pod, "default", "api"));
        cluster.tell_of_changes();
        pass(&mut cluster, 40);
    }
    let nodes: Vec<String> =
        cluster.api.store().list(Kind::Node).map(|node| node.name().to_string()).collect();
    if let [one, .., other] = &nodes[..]
        && any(&["whole", "cut"]) == "cut"
    {
        cluster.cut_network(one, other).unwrap();
    }
    let here = |client: &str| {
        let pod = cluster.api.get(&ObjectKey::new(Kind::Pod, "default", client)).unwrap();
        pod.spec().get("nodeName").str().to_string()
    };
    let (a, b) = (here("a"), here("b"));
    let idle = nodes.iter().rev().find(|node| **node != a && **node != b);
    if let (Some(idle), "down") = (idle, any(&["up", "down"])) {
        cluster.stop_machine(idle).unwrap();
        pass(&mut cluster, 5);
    }
    (cluster, targets)
}

/// A trace in the figure of its cluster.
fn figure(cluster: &Cluster, trace: &Trace, show_system: bool) -> Scene {
    let options = Options { show_system, language: Language::Ja, ..Options::default() };
    diagram::trace(observe::snapshot(cluster, cluster.now()), options, trace)
}

/// The figure of a trace shows the way of its packets and nothing else, and stops where they stopped.
fn check_figure(trace: &Trace, scene: &Scene) {
    let told = scene.find("trace").expect("the verdict").group;
    assert!(told.label().contains(&trace.reason), "{}", told.label());
    assert_eq!(told.shapes.is_empty(), trace.reached, "a cross where it fails\n{}", trace.text());
    let strong: Vec<_> = scene.root.connections.iter().filter(|c| c.ink != Ink::Muted).collect();
    let failed = strong.iter().filter(|c| c.ink == Ink::Failed).count();
    assert!(failed <= usize::from(!trace.reached), "{}", trace.text());
    if let Some(connection) = trace.transfers.iter().find(|sent| sent.subject == Subject::Connection) {
        let passed = |place: &Place| match place {
            Place::Object(key) => format!("{}/{}/{}", key.kind.names().singular, key.namespace, key.name),
            _ => String::new(),
        };
        let path: Vec<String> = connection.path().iter().map(passed).collect();
        let last = path.last().expect("a way");
        for line in &strong {
            for end in [&line.from.group, &line.to.group] {
                let dropped = !trace.reached && connection.outcome == Outcome::Pending;
                assert!(path.contains(end) || dropped, "{end} is not on {path:?}\n{}", trace.text());
            }
        }
        // Whatever is drawn of the way leads to where it ended.
        if trace.reached && strong.len() > 1 && scene.find(last).is_some() {
            let arrives = |line: &&&diagram::scene::Connection| {
                line.to.group == *last || (line.relation == Relation::Direct && line.from.group == *last)
            };
            assert!(strong.iter().any(|line| arrives(&line)), "{path:?}\n{}", trace.text());
        }
    }
    let labels: Vec<(Rect, String)> =
        scene.labels().into_iter().map(|(bounds, text)| (bounds, text.lines.join(" "))).collect();
    for (index, (bounds, words)) in labels.iter().enumerate() {
        assert!(bounds.right() <= scene.width && bounds.bottom() <= scene.height, "{words} is cut off");
        let cross = told.shapes.first().map(|cross| cross.bounds.shifted(scene.find("trace").unwrap().at));
        assert!(!cross.is_some_and(|cross| cross.grown(-1.0).overlaps(bounds)), "the cross is on {words}");
        for (other, more) in &labels[index + 1..] {
            assert!(!bounds.overlaps(other), "{words} on {more}");
        }
    }
}

#[test]
fn a_trace_says_yes_exactly_where_a_connection_comes_about() {
    let (mut reached, mut not) = (0, 0);
    // All that a connection may meet is met.
    let mut unmet = vec![
        "the cluster IP",
        "a NodePort",
        "a hostPort",
        "to targetPort http",
        "traffic policy is Local",
        "does not let it in",
        "does not let it out",
        "is cut",
        "does not run",
        "has no endpoint",
        "no Pod has the address",
        "alias is ",
        "alias has no address",
        "listens on port 80",
        "lets it in",
        "node minikube has that address",
        "is the sender itself",
    ];
    for seed in 0..32 {
        let (mut cluster, targets) = cluster(seed);
        for (host, port) in &targets {
            for client in ["a", "b"] {
                let key = ObjectKey::new(Kind::Pod, "default", client);
                // A server serves one after another.
                pass(&mut cluster, 1);
                let trace = cluster.trace(&key, None, host, *port);
                let script = format!("nc -z -w 6 {host} {port}");
                let code = run(&mut cluster, client, &["sh", "-c", &script]);
                assert_eq!(
                    trace.reached,
                    code == Some(0),
                    "{seed} {client} {host}:{port}: {code:?}\n{}",
                    trace.text()
                );
                assert_eq!(trace.reached, trace.steps.iter().all(|step| step.passed), "{}", trace.text());
                assert!(!trace.reason.is_empty());
                check_figure(&trace, &figure(&cluster, &trace, seed % 2 == 0));
                let text = trace.text();
                unmet.retain(|words| !text.contains(words));
                *if trace.reached { &mut reached } else { &mut not } += 1;
            }
        }
    }
    assert!(reached > 80 && not > 80, "{reached} reached, {not} not");
    assert!(unmet.is_empty(), "{unmet:?}");
}

/// What is wrong, the Pod's target, and what the verdict and the advice say of it.
const CAUSES: &[(&str, u16, &str, &str)] = &[
    ("web", 80, "web:80 is reached", ""),
    ("wep", 80, "there is no Service wep in namespace default", "Did you mean web?"),
    ("db", 80, "there is one in namespace other", "Ask for db.other."),
    ("web", 81, "has no port 81, only 80", "Connect to port 80"),
    ("typo", 80, "has no endpoint that takes connections", "app=wib"),
    ("elsewhere", 80, "has no endpoint that takes connections", "app=db"),
    ("slow", 80, "has no endpoint that takes connections", "kubectl describe pod slow"),
    ("wrong", 80, "nothing in Pod web listens on port 8080", "Set targetPort of Service wrong to 80."),
    ("guarded", 80, "NetworkPolicy deny does not let it in to Pod guarded", "ingress"),
    ("10.244.1.200", 80, "no Pod has the address 10.244.1.200", "connect to a Service"),
    ("10.96.77.77", 80, "no Service has it", "Use the Service's name"),
    ("127.0.0.1", 80, "nothing in Pod client listens on port 80", "kubectl logs"),
];

#[test]
fn a_trace_names_the_cause() {
    let mut cluster = Cluster::new(Profile::named("minikube-two-node").unwrap(), Date(1_795_212_870), 1);
    let pod = |name: &str, probe: &str| {
        let command = SERVER.replace("PORT", "80");
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}}}}}\nspec: {{containers: [{{name: c, image: busybox, command: [sh, -c, '{command}'], readinessProbe: {{exec: {{command: ['{probe}']}}}}}}]}}\n"
        )
    };
    let service = |name: &str, app: &str, port: u16| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {app}}}, ports: [{{port: 80, targetPort: {port}}}]}}\n"
        )
    };
    apply(&mut cluster, "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n");
    pass(&mut cluster, 2);
    for (name, probe) in [("web", "true"), ("slow", "false"), ("guarded", "true")] {
        apply(&mut cluster, &pod(name, probe));
        apply(&mut cluster, &service(name, name, 80));
    }
    let client = pod("client", "true").replace(&SERVER.replace("PORT", "80"), "sleep 100000");
    apply(&mut cluster, &client);
    apply(&mut cluster, &service("typo", "wib", 80));
    apply(&mut cluster, &service("elsewhere", "db", 80));
    apply(&mut cluster, &service("wrong", "web", 8080));
    for manifest in [pod("db", "true"), service("db", "db", 80)] {
        apply(&mut cluster, &manifest.replacen("{name: db", "{namespace: other, name: db", 1));
    }
    apply(
        &mut cluster,
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {matchLabels: {app: guarded}}}\n",
    );
    pass(&mut cluster, 60);
    let before = saya::base::digest_of(&cluster);
    for (host, port, reason, advice) in CAUSES {
        let trace = cluster.trace(&ObjectKey::new(Kind::Pod, "default", "client"), None, host, *port);
        assert!(trace.reason.contains(reason), "{host}:{port}\n{}", trace.text());
        assert!(trace.advice.contains(advice), "{host}:{port}\n{}", trace.text());
        assert_eq!(trace.reached, advice.is_empty(), "{}", trace.text());
        let scene = figure(&cluster, &trace, false);
        check_figure(&trace, &scene);
        // To look at them: LOOK=a-folder.
        if let Some(folder) = std::env::var_os("LOOK") {
            let path = std::path::Path::new(&folder).join(format!("trace-{host}-{port}.svg"));
            std::fs::write(path, diagram::svg(&scene, Theme::Light)).expect("folder");
        }
    }
    assert_eq!(before, saya::base::digest_of(&cluster), "looking changes nothing");
    let typo = cluster.trace(&ObjectKey::new(Kind::Pod, "default", "client"), None, "typo", 80);
    assert!(typo.text().contains("Pod web has app=web; the Service selects app=wib"), "{}", typo.text());
}
