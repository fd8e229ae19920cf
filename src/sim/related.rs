//! What an object of the cluster has to do with others: who owns it, what it selects, mounts and runs.

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::base::Value;

use super::{Sim, ask};

/// How one object stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The other owns it.
    OwnedBy,
    /// It owns the other.
    Owns,
    /// It selects the other by labels.
    Selects,
    /// The other selects it.
    SelectedBy,
    /// It mounts the other, or reads from it.
    Mounts,
    /// It runs on the other.
    RunsOn,
    /// The other runs on it.
    Runs,
}

/// An object as it is named in the figure, in the inspector and in commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The object.
    pub key: ObjectKey,
    /// The container that is meant, of a Pod.
    pub container: Option<String>,
}

impl Subject {
    /// What an id of the figure means: `pod/default/mysql-0`, `container/default/mysql-0/mysql`, `node/docker-desktop`.
    pub fn of_id(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split('/').collect();
        let (kind, namespace, name, container) = match parts[..] {
            ["container", namespace, pod, container] => (Kind::Pod, namespace, pod, Some(container)),
            ["volume", namespace, pod, _] => (Kind::Pod, namespace, pod, None),
            ["owned", namespace, pod] => (Kind::Pod, namespace, pod, None),
            ["class", class, ..] => (Kind::StorageClass, "", class, None),
            ["namespace", _, name] => (Kind::Namespace, "", name, None),
            [kind, namespace, name] => (Kind::from_word(kind)?, namespace, name, None),
            [kind, name] => (Kind::from_word(kind)?, "", name, None),
            _ => return None,
        };
        let key = ObjectKey::new(kind, namespace, name);
        Some(Self { key, container: container.map(str::to_string) })
    }

    /// The id that means an object.
    pub fn id(key: &ObjectKey) -> String {
        let kind = key.kind.names().singular;
        match &*key.namespace {
            "" => format!("{kind}/{}", key.name),
            namespace => format!("{kind}/{namespace}/{}", key.name),
        }
    }

    /// `-n NAMESPACE` behind a space, where that is needed.
    fn flag(&self, sim: &Sim) -> String {
        match &*self.key.namespace {
            "" => String::new(),
            namespace if namespace == ask::namespace(sim) => String::new(),
            namespace => format!(" -n {namespace}"),
        }
    }

    /// Commands about it that are worth knowing, the first being the plainest.
    pub fn commands(&self, sim: &Sim) -> Vec<String> {
        let (kind, name, n) = (self.key.kind, &self.key.name, self.flag(sim));
        let word = kind.names().singular;
        let mut all = vec![format!("kubectl describe {word} {name}{n}")];
        let object = sim.cluster().api.get(&self.key);
        let spec = object.map_or(&Value::Null, Object::spec);
        match kind {
            Kind::Pod => {
                let container = self.container.as_ref().map_or(String::new(), |name| format!(" -c {name}"));
                all.push(format!("kubectl logs {name}{container}{n}"));
                all.push(format!("kubectl exec -it {name}{container}{n} -- sh"));
                let ports = spec.get("containers").items().iter().flat_map(|c| c.get("ports").items());
                if let Some(port) = ports.map(|port| port.get("containerPort").int()).next() {
                    all.push(format!("kubectl port-forward pod/{name} {port}:{port}{n}"));
                }
                let services = sim.cluster().api.store().list_in(Kind::Service, &self.key.namespace);
                if let Some(service) = services.map(Object::name).find(|service| *service != "kubernetes") {
                    all.push(format!("kubectl exec {name}{container}{n} -- getent hosts {service}"));
                    let n = if n.is_empty() { n.clone() } else { format!("{n} ").trim_start().to_string() };
                    let port =
                        sim.cluster().api.get(&ObjectKey::new(Kind::Service, &self.key.namespace, service));
                    if let Some(port) = port.and_then(|service| service.spec().get("ports").items().first()) {
                        all.push(format!("saya trace {n}{name} {service}:{}", port.get("port").int()));
                    }
                }
            }
            Kind::Service => {
                all.push(format!("kubectl get endpointslices -l kubernetes.io/service-name={name}{n}"));
                let port = spec.get("ports").items().first().map_or(80, |port| port.get("port").int());
                all.push(format!("kubectl port-forward service/{name} 8080:{port}{n}"));
            }
            Kind::Deployment | Kind::StatefulSet => {
                all.push(format!("kubectl scale {word} {name} --replicas=3{n}"));
                all.push(format!("kubectl rollout restart {word} {name}{n}"));
                all.push(format!("kubectl rollout history {word} {name}{n}"));
            }
            Kind::Node => {
                let cordoned = spec.get("unschedulable").bool();
                all.push(format!("kubectl {} {name}", if cordoned { "uncordon" } else { "cordon" }));
                all.push(format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"));
                return all;
            }
            _ => {}
        }
        all.push(format!("kubectl delete {word} {name}{n}"));
        all
    }
}

/// Everything that an object has to do with, each relation's in order.
pub fn related(sim: &Sim, key: &ObjectKey) -> Vec<(Relation, ObjectKey)> {
    let api = &sim.cluster().api;
    let Some(object) = api.get(key) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(owner) = object.controller_key() {
        all.push((Relation::OwnedBy, owner));
    }
    let namespace = &*key.namespace;
    for kind in api.kinds().filter(|kind| kind.names().namespaced && *kind != Kind::Event) {
        let objects = api.store().list_in(kind, namespace);
        all.extend(
            objects.filter(|other| other.is_controlled_by(object.uid())).map(|o| (Relation::Owns, o.key())),
        );
    }
    let pods = |selector: Selector| {
        let pods = api.store().list_in(Kind::Pod, namespace);
        pods.filter(move |pod| !selector.is_empty() && selector.matches(pod.labels())).map(Object::key)
    };
    match key.kind {
        Kind::Service => {
            let selector = Selector::from_map(object.spec().get("selector"));
            all.extend(pods(selector).map(|pod| (Relation::Selects, pod)));
        }
        Kind::Pod => {
            for service in api.store().list_in(Kind::Service, namespace) {
                let selector = Selector::from_map(service.spec().get("selector"));
                if !selector.is_empty() && selector.matches(object.labels()) {
                    all.push((Relation::SelectedBy, service.key()));
                }
            }
            for (kind, name) in sources(object.spec()) {
                all.push((Relation::Mounts, ObjectKey::new(kind, namespace, &name)));
            }
            if let Some(node) = object.spec().get("nodeName").as_str() {
                all.push((Relation::RunsOn, ObjectKey::new(Kind::Node, "", node)));
            }
        }
        Kind::Node => {
            let here =
                api.store().list(Kind::Pod).filter(|pod| pod.spec().get("nodeName").str() == &*key.name);
            all.extend(here.map(|pod| (Relation::Runs, pod.key())));
        }
        Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim => {
            for pod in api.store().list_in(Kind::Pod, namespace) {
                if sources(pod.spec()).contains(&(key.kind, key.name.to_string())) {
                    all.push((Relation::SelectedBy, pod.key()));
                }
            }
        }
        _ => {}
    }
    all.sort_by_key(|(relation, _)| *relation);
    all.dedup();
    all
}

/// The ConfigMaps, Secrets and claims that a Pod's `spec` names.
pub fn sources(spec: &Value) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    let mut add = |kind: Kind, name: &Value| {
        if let Some(name) = name.as_str() {
            all.push((kind, name.to_string()));
        }
    };
    for volume in spec.get("volumes").items() {
        add(Kind::ConfigMap, volume.at(&["configMap", "name"]));
        add(Kind::Secret, volume.at(&["secret", "secretName"]));
        add(Kind::PersistentVolumeClaim, volume.at(&["persistentVolumeClaim", "claimName"]));
    }
    for list in ["initContainers", "containers"] {
        for container in spec.get(list).items() {
            for variable in container.get("env").items() {
                add(Kind::ConfigMap, variable.at(&["valueFrom", "configMapKeyRef", "name"]));
                add(Kind::Secret, variable.at(&["valueFrom", "secretKeyRef", "name"]));
            }
            for source in container.get("envFrom").items() {
                add(Kind::ConfigMap, source.at(&["configMapRef", "name"]));
                add(Kind::Secret, source.at(&["secretRef", "name"]));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SimTime;
    use crate::sim::{Input, Scenario};

    #[test]
    fn a_pod_knows_its_owner_its_service_and_its_node() {
        let mut sim = Sim::new(&Scenario::story()).unwrap();
        sim.apply(&Input::Type { terminal: 1, text: "kubectl apply -f .\n".into() });
        sim.run_until(SimTime::from_secs(30));
        let subject = Subject::of_id("container/default/mysql-0/mysql").unwrap();
        let found: Vec<(Relation, String)> =
            related(&sim, &subject.key).iter().map(|(how, key)| (*how, Subject::id(key))).collect();
        assert_eq!(
            found,
            [
                (Relation::OwnedBy, "statefulset/default/mysql".to_string()),
                (Relation::SelectedBy, "service/default/mysql".into()),
                (Relation::Mounts, "persistentvolumeclaim/default/db-mysql-0".into()),
                (Relation::RunsOn, "node/docker-desktop".into()),
            ]
        );
        let commands = subject.commands(&sim);
        assert!(commands.contains(&"kubectl logs mysql-0 -c mysql".to_string()), "{commands:?}");
        let said = ask::ask(&sim, &["describe", "pod", "mysql-0"]);
        assert!(said.out.starts_with("Name: "), "{said:?}");
        assert_eq!(ask::ask(&sim, &["logs", "mysql-0"]).code, 0);
        let before = sim.digest();
        ask::ask(&sim, &["delete", "pod", "mysql-0", "--now", "--wait=false"]);
        assert_eq!(sim.digest(), before);
    }
}
