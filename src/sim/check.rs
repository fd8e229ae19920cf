//! What is wrong with a manifest while it is being written, and where: the same code that answers `kubectl apply`, asked
//! on the side, and what only the cluster and the other files know.

use crate::api::schema::{self, schema};
use crate::api::{Kind, ObjectKey, Selector};
use crate::base::yaml::{Mark, Span};
use crate::base::{Value, json};

use super::reading::{Placed, Reading};
use super::{Sim, ask};

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Span,
    /// What.
    pub what: What,
    /// What should stand there instead, where that is likely.
    pub fix: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// kubectl or the server refuse it, in their words.
    Refused(String),
    /// The selector of this Service matches no Pod, neither of the cluster nor of the files.
    SelectsNothing,
    /// There is no such object, neither in the cluster nor in the files.
    NoSuch(Kind, String),
    /// No container of the Pods behind this Service has this port.
    NotAPort(String),
    /// Another file describes an object of this name.
    Taken(String),
}

impl What {
    /// True for what `apply` refuses.
    pub fn is_error(&self) -> bool {
        matches!(self, What::Refused(_))
    }
}

/// Everything wrong with the file `path`, whose text this is. `others` are the other files. `reading` holds what is known
/// of these texts from before.
pub fn check(
    sim: &Sim,
    path: &str,
    text: &str,
    others: &[(String, String)],
    reading: &mut Reading,
) -> Vec<Problem> {
    let mut found = Vec::new();
    let (documents, error) = reading.read(text);
    if let Some(error) = error {
        let message = format!("error parsing {path}: {}", error.message);
        let end = Mark { line: error.at.line, column: error.at.column + 1 };
        let at = Span { start: error.at, end };
        found.push(Problem { at, what: What::Refused(message), fix: None });
    }
    let mut around: Vec<(String, Value)> =
        documents.iter().map(|placed| (path.to_string(), placed.document.value.clone())).collect();
    for (other, text) in others.iter().filter(|(other, _)| other != path) {
        around
            .extend(reading.read(text).0.iter().map(|placed| (other.clone(), placed.document.value.clone())));
    }
    let namespace = &ask::namespace(sim);
    for placed in &documents {
        let mut checker = Checker { sim, placed, reading, namespace, around: &around, found: Vec::new() };
        checker.check(path);
        found.append(&mut checker.found);
    }
    // The texts of this check, and of what else is asked between it and the next.
    reading.forget_before(4 + 2 * others.len() as u64);
    found
}

struct Checker<'a> {
    sim: &'a Sim,
    placed: &'a Placed,
    reading: &'a mut Reading,
    /// The one that is meant where none is said.
    namespace: &'a str,
    /// Every object of every file.
    around: &'a [(String, Value)],
    found: Vec<Problem>,
}

impl Checker<'_> {
    fn add(&mut self, field: &str, of_key: bool, what: What, fix: Option<String>) {
        let Some(place) = self.placed.document.marks.find_field(field) else { return };
        let at = match place.key {
            Some(key) if of_key || place.value.start == place.value.end => key,
            _ => place.value,
        };
        self.found.push(Problem { at: self.placed.span(at), what, fix });
    }

    fn check(&mut self, path: &str) {
        let value = &self.placed.document.value;
        if let Some(what) = crate::kubectl::manifest::problem_of_kind(value) {
            return self.add("kind", true, What::Refused(what), None);
        }
        let (version, name) = (value.get("apiVersion").str(), value.get("kind").str());
        let Some(known) = schema().kind(version, name) else {
            if self.sim.cluster().api.kind_of(version, name).is_some() {
                return self.ask_the_server();
            }
            if self.is_defined_around(version, name) {
                return;
            }
            let what = format!("no matches for kind \"{name}\" in version \"{version}\"");
            let fix = Kind::ALL.iter().find(|kind| kind.names().kind == name);
            let field = if fix.is_some() { "apiVersion" } else { "kind" };
            return self.add(field, false, What::Refused(what), fix.map(|kind| kind.api_version().into()));
        };
        match schema::decode(value, known) {
            Err(error) => {
                let message = error.to_string();
                let field = field_of(&message, value).unwrap_or_default();
                self.add(&field, false, What::Refused(message), None);
            }
            Ok(decoded) if !decoded.unknown.is_empty() => {
                for field in decoded.unknown {
                    let fix = nearest(known, &field);
                    self.add(&field, true, What::Refused(format!("unknown field \"{field}\"")), fix);
                }
            }
            Ok(_) => self.ask_the_server(),
        }
        self.ask_around(path);
    }

    /// True where another file has a CustomResourceDefinition of this kind.
    fn is_defined_around(&self, version: &str, name: &str) -> bool {
        let group = version.split('/').next().unwrap_or_default();
        self.around.iter().any(|(_, object)| {
            let spec = object.get("spec");
            object.get("kind").str() == "CustomResourceDefinition"
                && spec.get("group").str() == group
                && spec.at(&["names", "kind"]).str() == name
        })
    }

    /// What the server says to it, on a copy of the cluster.
    fn ask_the_server(&mut self) {
        let input = || json::to_string(&self.placed.document.value);
        let said = self.reading.ask(self.sim, "apply --dry-run=server -f -", self.placed, input);
        if said.code == 0 {
            return;
        }
        let text = said.err.trim_end();
        // What other files bring is there by the time that all are applied.
        if let Some((_, rest)) = text.split_once("namespaces \"")
            && let Some((namespace, _)) = rest.split_once('"')
            && self.is_around(Kind::Namespace, "", namespace)
        {
            return;
        }
        let Some((_, causes)) = text.split_once(" is invalid: ") else {
            let text = text.lines().last().unwrap_or(text).to_string();
            return self.add("metadata", true, What::Refused(text), None);
        };
        for cause in causes.split("\n* ").map(str::trim).filter(|cause| !cause.is_empty()) {
            let field = cause.split(": ").next().unwrap_or_default().trim_start_matches("* ");
            self.add(field, false, What::Refused(cause.trim_start_matches("* ").into()), None);
        }
    }

    /// What only the cluster and the other files know.
    fn ask_around(&mut self, path: &str) {
        let value = self.placed.document.value.clone();
        let Some(kind) = Kind::of(value.get("apiVersion").str(), value.get("kind").str()) else { return };
        let (namespace, name) =
            (self.namespace(&value).to_string(), value.at(&["metadata", "name"]).str().to_string());
        let twin = self.around.iter().find(|(other, object)| {
            other != path
                && object.get("kind").str() == kind.names().kind
                && object.at(&["metadata", "name"]).str() == name
                && self.namespace(object) == namespace
        });
        if let Some((other, _)) = twin.filter(|_| !name.is_empty()) {
            self.add("metadata.name", false, What::Taken(other.clone()), None);
        }
        if kind == Kind::Service {
            self.check_service(&value, &namespace);
        }
        if let Some((base, spec)) = pod_spec(kind, &value) {
            self.check_sources(base, spec, &namespace);
        }
    }

    fn check_service(&mut self, service: &Value, namespace: &str) {
        let selector = Selector::from_map(service.at(&["spec", "selector"]));
        if selector.is_empty() {
            return;
        }
        // The Pods of the cluster, and those that the files describe.
        let pods = self.sim.cluster().api.store().list_in(Kind::Pod, namespace);
        let mut specs: Vec<Value> =
            pods.filter(|pod| selector.matches(pod.labels())).map(|pod| pod.spec().clone()).collect();
        for (_, object) in self.around {
            let Some(kind) = Kind::of(object.get("apiVersion").str(), object.get("kind").str()) else {
                continue;
            };
            let labels = match pod_spec(kind, object) {
                Some(("spec", _)) => object.at(&["metadata", "labels"]),
                Some((base, _)) => {
                    let path: Vec<&str> = base.trim_end_matches(".spec").split('.').collect();
                    object.at(&path).at(&["metadata", "labels"])
                }
                None => continue,
            };
            if self.namespace(object) == namespace && selector.matches(labels) {
                specs.extend(pod_spec(kind, object).map(|(_, spec)| spec.clone()));
            }
        }
        if specs.is_empty() {
            return self.add("spec.selector", true, What::SelectsNothing, None);
        }
        let ports: Vec<&Value> = specs
            .iter()
            .flat_map(|spec| spec.get("containers").items())
            .flat_map(|container| container.get("ports").items())
            .collect();
        for (at, port) in service.at(&["spec", "ports"]).items().iter().enumerate() {
            let (field, wanted) = match port.get("targetPort") {
                Value::Null => ("port", port.get("port")),
                wanted => ("targetPort", wanted),
            };
            let fits = |port: &&&Value| match wanted.as_str() {
                Some(name) => port.get("name").str() == name,
                None => port.get("containerPort") == wanted,
            };
            // Ports need not be declared; only where some are, or a name is meant, is one amiss.
            if (!ports.is_empty() || wanted.as_str().is_some()) && !ports.iter().any(|port| fits(&port)) {
                let said = wanted.as_str().map_or_else(|| wanted.int().to_string(), str::to_string);
                self.add(&format!("spec.ports[{at}].{field}"), false, What::NotAPort(said), None);
            }
        }
    }

    fn check_sources(&mut self, base: &str, spec: &Value, namespace: &str) {
        let mut named: Vec<(String, Kind, String)> = Vec::new();
        let mut add = |field: String, kind: Kind, source: &Value, name: &str| {
            if let Some(name) = source.get(name).as_str().filter(|_| !source.get("optional").bool()) {
                named.push((field, kind, name.to_string()));
            }
        };
        for (at, volume) in spec.get("volumes").items().iter().enumerate() {
            let field = |rest: &str| format!("{base}.volumes[{at}].{rest}");
            add(field("configMap.name"), Kind::ConfigMap, volume.get("configMap"), "name");
            add(field("secret.secretName"), Kind::Secret, volume.get("secret"), "secretName");
            let claim = volume.get("persistentVolumeClaim");
            add(field("persistentVolumeClaim.claimName"), Kind::PersistentVolumeClaim, claim, "claimName");
        }
        for list in ["initContainers", "containers"] {
            for (at, container) in spec.get(list).items().iter().enumerate() {
                for (env, variable) in container.get("env").items().iter().enumerate() {
                    for (from, kind) in [("configMapKeyRef", Kind::ConfigMap), ("secretKeyRef", Kind::Secret)]
                    {
                        let field = format!("{base}.{list}[{at}].env[{env}].valueFrom.{from}.name");
                        add(field, kind, variable.at(&["valueFrom", from]), "name");
                    }
                }
                for (env, source) in container.get("envFrom").items().iter().enumerate() {
                    for (from, kind) in [("configMapRef", Kind::ConfigMap), ("secretRef", Kind::Secret)] {
                        let field = format!("{base}.{list}[{at}].envFrom[{env}].{from}.name");
                        add(field, kind, source.get(from), "name");
                    }
                }
            }
        }
        for (field, kind, name) in named {
            if !self.is_around(kind, namespace, &name) {
                self.add(&field, false, What::NoSuch(kind, name), None);
            }
        }
    }

    /// True where the cluster or a file has this object.
    fn is_around(&self, kind: Kind, namespace: &str, name: &str) -> bool {
        self.sim.cluster().api.get(&ObjectKey::new(kind, namespace, name)).is_some()
            || self.around.iter().any(|(_, object)| {
                object.get("kind").str() == kind.names().kind
                    && object.at(&["metadata", "name"]).str() == name
                    && (namespace.is_empty() || self.namespace(object) == namespace)
            })
    }

    fn namespace<'b>(&'b self, object: &'b Value) -> &'b str {
        match object.at(&["metadata", "namespace"]).str() {
            "" => self.namespace,
            namespace => namespace,
        }
    }
}

/// Where an object of a kind says what its Pods are, and what it says.
fn pod_spec(kind: Kind, object: &Value) -> Option<(&'static str, &Value)> {
    let base = match kind {
        Kind::Pod => "spec",
        Kind::CronJob => "spec.jobTemplate.spec.template.spec",
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::Job
        | Kind::ReplicationController => "spec.template.spec",
        _ => return None,
    };
    let path: Vec<&str> = base.split('.').collect();
    Some((base, object.at(&path)))
}

/// The right name for a field that no type has.
fn nearest(kind: &schema::Kind, field: &str) -> Option<String> {
    let plain: String = without_indexes(field);
    let (path, wrong) = plain.rsplit_once('.').unwrap_or(("", &plain));
    let path: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
    let of = schema().type_at(kind, &path)?;
    let near = schema().structure(of.items().struct_id()?).nearest(wrong)?;
    Some(near.name.to_string())
}

fn without_indexes(field: &str) -> String {
    let mut depth = 0;
    field
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '[');
            let keep = depth == 0;
            depth -= i32::from(*c == ']');
            keep
        })
        .collect()
}

/// The field that a decoder's refusal means: `json: cannot unmarshal string into Go struct field
/// ContainerPort.spec.template.spec.containers.ports.containerPort of type int32`.
fn field_of(message: &str, value: &Value) -> Option<String> {
    let (before, after) = message.split_once("Go struct field ")?;
    let path = after.split(' ').next()?.split_once('.')?.1;
    let wrong = before.split("cannot unmarshal ").nth(1)?.split(' ').next()?;
    let steps: Vec<&str> = path.split('.').collect();
    find(value, &steps, wrong, String::new())
}

/// The first field at the end of `steps`, lists looked through, whose value is what Go calls `wrong`.
fn find(value: &Value, steps: &[&str], wrong: &str, at: String) -> Option<String> {
    let Some((step, rest)) = steps.split_first() else {
        let is = match value {
            Value::Str(_) => wrong == "string",
            Value::Bool(_) => wrong == "bool",
            Value::Int(_) | Value::Float(_) => wrong == "number",
            Value::Map(_) => wrong == "object",
            _ => wrong == "array",
        };
        return is.then_some(at);
    };
    if let Value::List(items) = value {
        let each = items.iter().enumerate();
        return each.filter_map(|(index, item)| find(item, steps, wrong, format!("{at}[{index}]"))).next();
    }
    let below = if at.is_empty() { step.to_string() } else { format!("{at}.{step}") };
    match value.as_map().and_then(|map| map.get(step)) {
        Some(inner) => find(inner, rest, wrong, below),
        // An embedded struct has a name in Go that is not written down.
        None => find(value, rest, wrong, at).filter(|_| !rest.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Scenario;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {app: a}\nspec:\n  containers:\n  - name: a\n    image: nginx\n    ports:\n    - containerPort: 80\n";

    fn problems(text: &str, others: &[(&str, &str)]) -> Vec<(u32, u32, String, Option<String>)> {
        let sim = Sim::new(&Scenario::default()).unwrap();
        let others: Vec<(String, String)> =
            others.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let found = check(&sim, "a.yml", text, &others, &mut Reading::default());
        found
            .into_iter()
            .map(|p| {
                let what = match p.what {
                    What::Refused(text) => text,
                    other => format!("{other:?}"),
                };
                (p.at.start.line, p.at.start.column, what, p.fix)
            })
            .collect()
    }

    #[test]
    fn a_right_manifest_has_no_problem() {
        assert_eq!(problems(POD, &[]), []);
        assert_eq!(problems("", &[]), []);
    }

    #[test]
    fn problems_stand_where_they_are() {
        for (from, to, line, column, what, fix) in [
            (
                "image: nginx",
                "imagee: nginx",
                9,
                5,
                "unknown field \"spec.containers[0].imagee\"",
                Some("image"),
            ),
            (
                "containerPort: 80",
                "containerPort: eighty",
                11,
                22,
                "cannot unmarshal string into Go struct field",
                None,
            ),
            (
                "containerPort: 80",
                "containerPort: 99999",
                11,
                22,
                "must be between 1 and 65535, inclusive",
                None,
            ),
            ("name: a\n  labels", "name: A_\n  labels", 4, 9, "metadata.name: Invalid value: \"A_\"", None),
            ("    image: nginx", "    image: nginx: b", 9, 17, "mapping values are not allowed", None),
            ("kind: Pod", "kind: Podd", 2, 7, "no matches for kind \"Podd\" in version \"v1\"", None),
            ("apiVersion: v1", "apiVersion: v2", 1, 13, "no matches for kind", Some("v1")),
        ] {
            let text = POD.replacen(from, to, 1);
            assert_ne!(text, POD, "{from}");
            let found = problems(&text, &[]);
            let hit = found.iter().find(|(_, _, said, _)| said.contains(what));
            let Some(hit) = hit else { panic!("{to}: {found:?}") };
            assert_eq!((hit.0, hit.1), (line, column), "{to}: {found:?}");
            assert_eq!(hit.3.as_deref(), fix, "{to}");
        }
    }

    #[test]
    fn what_only_the_cluster_knows() {
        let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  selector:\n    app: a\n  ports:\n  - port: 80\n    targetPort: 81\n";
        let said = problems(service, &[]);
        assert_eq!(said, [(6, 3, "SelectsNothing".into(), None)]);
        let said = problems(service, &[("pod.yml", POD)]);
        assert_eq!(said, [(10, 17, "NotAPort(\"81\")".into(), None)]);
        let right = service.replace("81", "80");
        assert_eq!(problems(&right, &[("pod.yml", POD)]), []);
        assert_eq!(problems(&right, &[("pod.yml", POD), ("b.yml", &right)])[0].2, "Taken(\"b.yml\")");
        let pod = format!("{POD}    envFrom:\n    - configMapRef:\n        name: settings\n");
        let said = problems(&pod, &[]);
        assert_eq!(said, [(14, 15, "NoSuch(ConfigMap, \"settings\")".into(), None)]);
    }
}
