//! Whatever is done to a cluster, in whatever order: what always holds. `PROPTEST_CASES=5000 cargo test --test random`
//! tries more than a run of all tests does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use saya::api::{Kind, Mark, Object, ObjectKey, Selector};
use saya::apiserver::{ChangeKind, Part};
use saya::base::SimTime;
use saya::cluster::Cluster;
use saya::sim::{Input, Log, Scenario, Sim, replay};

const FILES: &[(&str, &str)] = &[
    ("web.yml", include_str!("random/web.yml")),
    ("web-2.yml", include_str!("random/web-2.yml")),
    ("db.yml", include_str!("random/db.yml")),
    ("rest.yml", include_str!("random/rest.yml")),
    ("ends.yml", include_str!("random/ends.yml")),
    ("shop.yml", include_str!("random/shop.yml")),
    ("bad.yml", include_str!("random/bad.yml")),
    ("own.yml", include_str!("random/own.yml")),
];

/// What people type, faults included. Words in angle brackets are drawn from [`words`].
const COMMANDS: &[&str] = &[
    "kubectl apply -f <file>",
    "kubectl apply -f <file>",
    "kubectl apply -f <file>",
    "kubectl apply -f .",
    "kubectl delete -f <file>",
    "kubectl delete -f <file> --cascade=orphan --wait=false",
    "kubectl delete pod -l app=<app> --wait=false",
    "kubectl delete pod <app>-0 --force",
    "kubectl delete deploy,rs,sts,ds,job --all --wait=false",
    "kubectl delete namespace shop --wait=false",
    "kubectl scale deploy/web --replicas=<count>",
    "kubectl scale sts/db --replicas=<count>",
    "kubectl set image deploy/web web=<image>",
    "kubectl rollout undo deploy/web",
    "kubectl rollout restart deploy/web sts/db",
    "kubectl rollout pause deploy/web",
    "kubectl rollout resume deploy/web",
    "kubectl label pod --all app=<app> --overwrite",
    "kubectl label pod db-0 app-",
    "kubectl patch deploy web -p '{\"spec\":{\"template\":{\"spec\":{\"terminationGracePeriodSeconds\":<count>}}}}'",
    "kubectl patch svc web -p '{\"spec\":{\"selector\":{\"app\":\"<app>\"}}}'",
    "kubectl exec deploy/web -- kill 1",
    "minikube addons enable metrics-server",
    "kubectl autoscale deploy/web --memory=2Mi --max=4",
    "kubectl top pods -A",
    "kubectl cordon <node>",
    "kubectl uncordon <node>",
    "kubectl drain <node> --ignore-daemonsets --delete-emptydir-data --force --timeout=20s",
    "kubectl taint node <node> a=b:NoExecute --overwrite",
    "kubectl taint node <node> a-",
    "kubectl delete node <node>",
    "saya node stop <node>",
    "saya node start <node>",
    "saya node add minikube-m03",
    "saya node remove <node>",
    "saya net cut minikube <node>",
    "saya net mend minikube <node>",
    "kubectl delete ep,endpointslices --all --wait=false",
    "minikube ssh -n <node> 'sudo mkdir -p /data/later; hostname'",
    "kubectl apply -f own.yml; kubectl apply -f own.yml",
    "kubectl scale bk/kokoro --replicas=<count>",
    "kubectl delete crd --all --wait=false",
    "kubectl patch crd books.library.example.com --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/versions/0\"}]'",
    "kubectl patch bk held -n shop --type=merge -p '{\"metadata\":{\"finalizers\":null}}'",
];

fn words(kind: &str) -> &'static [&'static str] {
    match kind {
        "file" => {
            &["web.yml", "web-2.yml", "db.yml", "rest.yml", "ends.yml", "shop.yml", "bad.yml", "own.yml"]
        }
        "app" => &["web", "db", "other"],
        "count" => &["0", "1", "2", "3", "7"],
        "image" => &["nginx:1.26", "nginx:none", "busybox"],
        "node" => &["minikube", "minikube-m02", "minikube-m03"],
        _ => panic!("<{kind}>"),
    }
}

fn commands() -> impl Strategy<Value = Vec<(u32, String)>> {
    let command = (0..COMMANDS.len(), any::<u64>(), 0..90u32).prop_map(|(at, mut draw, pause)| {
        let mut text = COMMANDS[at].to_string();
        while let Some((before, rest)) = text.split_once('<') {
            let (kind, after) = rest.split_once('>').expect("a closing bracket");
            let words = words(kind);
            let word = words[draw as usize % words.len()];
            draw /= 7;
            text = format!("{before}{word}{after}");
        }
        (pause, text)
    });
    prop::collection::vec(command, 1..10)
}

fn log_of(seed: u64, commands: &[(u32, String)]) -> Log {
    let files = FILES.iter().map(|(name, text)| ((*name).to_string(), (*text).to_string())).collect();
    let scenario = Scenario { profile: "minikube-two-node".into(), seed, files, ..Scenario::default() };
    let mut log = Log { scenario, inputs: Vec::new() };
    let mut at = SimTime::from_secs(1);
    for (pause, text) in commands {
        log.push(at, Input::Type { terminal: 1, text: format!("{text}\n") });
        at = SimTime(at.0 + SimTime::from_secs(u64::from(*pause)).0 + 1);
    }
    log
}

/// Those of the cluster's moments at which everybody has seen what there is to see: a second in which nothing changes.
fn settle(sim: &mut Sim) {
    sim.run_until(SimTime(sim.now().0 + SimTime::from_secs(400).0));
    for _ in 0..200 {
        let before = sim.cluster().api.store().revision();
        sim.run_until(SimTime(sim.now().0 + SimTime::from_secs(3).0));
        if sim.cluster().api.store().revision() == before {
            return;
        }
    }
}

fn status(object: &Object, field: &str) -> i64 {
    object.status().get(field).int()
}

fn is_ready(pod: &Object) -> bool {
    pod.condition("Ready").get("status").str() == "True"
}

fn has_ended(pod: &Object) -> bool {
    ["Succeeded", "Failed"].contains(&pod.status().get("phase").str())
}

/// What holds at every moment.
fn always(cluster: &Cluster) {
    // What was looked up when an object was stored is what its fields say, and what changed is other than before.
    let marks = [Mark::Terminating, Mark::Ready, Mark::Ended, Mark::Addressed, Mark::Bound, Mark::Named];
    for object in cluster.api.store().all() {
        let fresh = Object::of(object.kind, object.body.clone());
        assert!(marks.iter().all(|mark| object.has(*mark) == fresh.has(*mark)), "{}", object.key());
        assert_eq!(object.labels(), fresh.labels(), "{}", object.key());
        let subject = object.at(&["involvedObject", "uid"]).str();
        let told = || cluster.api.store().events_about(subject).any(|event| event == object);
        assert!(object.kind != Kind::Event || told(), "{}", object.key());
    }
    for change in cluster.api.store().changes_since(0) {
        let fields = [
            (Part::Labels, &["metadata", "labels"][..]),
            (Part::Owners, &["metadata", "ownerReferences"]),
            (Part::Spec, &["spec"]),
        ];
        let Some(old) = change.old.as_ref().filter(|_| change.kind == ChangeKind::Modified) else { continue };
        for (part, path) in fields {
            assert_eq!(change.differs(&[part]), old.at(path) != change.object.at(path), "{}", old.key());
        }
    }
    let mut addresses = BTreeMap::new();
    for pod in cluster.api.store().list(Kind::Pod) {
        let ip = pod.status().get("podIP").str();
        if ip.is_empty() || has_ended(pod) || pod.spec().get("hostNetwork").bool() {
            continue;
        }
        if let Some(other) = addresses.insert(ip, pod.name()) {
            panic!("{ip} belongs to {other} and to {}", pod.name());
        }
    }
    let mut uids = BTreeSet::new();
    for object in cluster.api.store().all() {
        assert!(uids.insert(object.uid()), "{:?} has another's uid", object.key());
    }
    let mut cluster_ips = BTreeSet::new();
    for service in cluster.api.store().list(Kind::Service) {
        let ip = service.spec().get("clusterIP").str();
        assert!(ip.is_empty() || ip == "None" || cluster_ips.insert(ip), "{ip} twice");
    }
}

/// What holds where nothing goes on any more.
fn at_rest(cluster: &Cluster) {
    let store = cluster.api.store();
    let uids: BTreeSet<&str> = store.all().map(Object::uid).collect();
    for object in store.all() {
        // A Pod stays on a silent node until its kubelet says that it has stopped.
        let node = || store.get(&ObjectKey::new(Kind::Node, "", object.spec().get("nodeName").str()));
        if object.is_terminating() && node().is_some_and(|node| !is_ready(node)) {
            continue;
        }
        let owners = object.meta("ownerReferences").items();
        let gone = |owner: &&saya::base::Value| !uids.contains(owner.get("uid").str());
        assert!(
            owners.is_empty() || owners.iter().filter(gone).count() < owners.len(),
            "{:?} outlives its owners",
            object.key()
        );
    }
    for object in store.all().filter(|object| object.kind.is_custom()) {
        let definition = cluster.api.definition_of(object.kind);
        assert!(definition.is_some(), "{:?} outlives its definition", object.key());
    }
    for list in store.list(Kind::Endpoints) {
        for subset in list.get("subsets").items() {
            for address in subset.get("addresses").items() {
                let uid = address.at(&["targetRef", "uid"]).str();
                let pod = store.list(Kind::Pod).find(|pod| pod.uid() == uid);
                assert!(
                    uid.is_empty() || pod.is_some_and(is_ready),
                    "{:?} lists {:?}, which is not ready",
                    list.key(),
                    address
                );
            }
        }
    }
    // A pass that looks at changes alone leaves what one that looks at every Pod would.
    for service in store.list(Kind::Service).filter(|service| !service.is_terminating()) {
        let selector = Selector::from_map(service.spec().get("selector"));
        let listable = |pod: &&Object| {
            !pod.status().get("podIP").str().is_empty() && !has_ended(pod) && selector.matches(pod.labels())
        };
        let wanted = store.list_in(Kind::Pod, service.namespace()).filter(listable);
        let mut wanted: Vec<(&str, bool)> =
            wanted.map(|pod| (pod.uid(), is_ready(pod) && !pod.is_terminating())).collect();
        let slices = store.owned_by(service.uid()).filter(|owned| owned.kind == Kind::EndpointSlice);
        let mut listed: Vec<(&str, bool)> = slices
            .flat_map(|slice| slice.get("endpoints").items())
            .map(|entry| (entry.at(&["targetRef", "uid"]).str(), entry.at(&["conditions", "ready"]).bool()))
            .collect();
        wanted.sort_unstable();
        listed.sort_unstable();
        let publishes = service.spec().get("publishNotReadyAddresses").bool();
        assert!(selector.is_empty() || publishes || wanted == listed, "{:?}: {listed:?}", service.key());
    }
    for kind in [Kind::ReplicaSet, Kind::StatefulSet, Kind::Deployment, Kind::DaemonSet] {
        for set in store.list(kind) {
            let key = set.key();
            assert_eq!(status(set, "observedGeneration"), set.generation(), "{key:?}: {:?}", set.body);
            if kind == Kind::Deployment || set.is_terminating() {
                continue;
            }
            let own = store.owned_by(set.uid()).filter(|object| object.kind == Kind::Pod);
            let active: Vec<&Object> = own.filter(|pod| !has_ended(pod) && !pod.is_terminating()).collect();
            let (count, ready) = (active.len() as i64, active.iter().filter(|pod| is_ready(pod)).count());
            let (counted, of_ready) = match kind {
                Kind::DaemonSet => ("currentNumberScheduled", "numberReady"),
                _ => ("replicas", "readyReplicas"),
            };
            if kind == Kind::DaemonSet && status(set, "numberMisscheduled") > 0 {
                continue; // Pods on nodes where there should be none are not counted as its own.
            }
            if kind != Kind::StatefulSet {
                assert_eq!(status(set, counted), count, "{key:?}: {:?}", set.status());
            }
            assert_eq!(status(set, of_ready), ready as i64, "{key:?}: {:?}", set.status());
            if kind == Kind::ReplicaSet {
                let going = store.owned_by(set.uid()).filter(|pod| pod.is_terminating() && !has_ended(pod));
                assert_eq!(status(set, "terminatingReplicas"), going.count() as i64, "{key:?}");
                assert_eq!(status(set, "fullyLabeledReplicas"), count, "{key:?}");
            }
            if kind == Kind::ReplicaSet && !set.has_condition("ReplicaFailure") {
                assert_eq!(set.spec().get("replicas").int(), count, "{key:?}");
            }
        }
    }
    for deployment in store.list(Kind::Deployment).filter(|deployment| !deployment.is_terminating()) {
        let sets = || store.owned_by(deployment.uid()).filter(|set| set.kind == Kind::ReplicaSet);
        for field in ["replicas", "readyReplicas", "availableReplicas"] {
            let sum: i64 = sets().map(|set| status(set, field)).sum();
            assert_eq!(
                status(deployment, field),
                sum,
                "{:?}: {field} {:?}",
                deployment.key(),
                deployment.status()
            );
        }
    }
}

/// How many sequences are tried.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_always_holds(seed in 0..1000u64, commands in commands(), cut in any::<prop::sample::Index>()) {
        let log = log_of(seed, &commands);
        let mut sim = Sim::new(&log.scenario).unwrap();
        let mut cut_digest = None;
        let cut = cut.index(log.inputs.len());
        for (index, (at, input)) in log.inputs.iter().enumerate() {
            while sim.now() < *at {
                let step = SimTime(sim.now().0 + Duration::from_secs(5).as_micros() as u64).min(*at);
                sim.run_until(step);
                always(sim.cluster());
            }
            if index == cut {
                cut_digest = Some(sim.digest());
            }
            sim.apply(input);
        }
        settle(&mut sim);
        always(sim.cluster());
        at_rest(sim.cluster());

        let end = sim.now();
        let again = replay(&log, end).unwrap();
        prop_assert_eq!(again.digest(), sim.digest(), "played twice");
        let text = log.to_string();
        let read: Log = text.parse().unwrap();
        prop_assert_eq!(&read, &log);
        let mut part = log.clone();
        part.inputs.truncate(cut);
        prop_assert_eq!(Some(replay(&part, log.inputs[cut].0).unwrap().digest()), cut_digest, "a prefix");
    }
}
