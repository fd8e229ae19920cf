//! Import: the objects of a dump of a real cluster (`kubectl get … -o yaml|json`), shown as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::custom_resources::kind_among;
use crate::base::Value;
use crate::base::json;
use crate::base::yaml::{self, Mark};
use crate::value;

use super::{Cluster, Queue};

/// What a dump held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many objects are in the cluster now.
    pub objects: usize,
    /// How many Secrets lost their values on the way in.
    pub secrets: usize,
    /// The kinds that Saya does not know, with how many objects of each were left out.
    pub unknown: BTreeMap<String, usize>,
}

/// Why a dump cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The place in the dump.
    pub at: Mark,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.at.line, self.at.column, self.message)
    }
}
impl std::error::Error for ImportError {}

/// The annotation in which kubectl keeps a manifest, values of a Secret included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A dump that was read: its objects, Secrets without their values.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    /// The objects, in their order.
    pub objects: Vec<Object>,
    /// What it held.
    pub held: Imported,
}

impl Dump {
    /// Reads a dump: YAML or JSON, a `List` or several documents. The values of Secrets are dropped here, so that
    /// nobody ever has them.
    ///
    /// # Errors
    /// Where the text is neither YAML nor JSON, is no object, or nothing in it is known.
    pub fn read(text: &str) -> Result<Self, ImportError> {
        let mut dump = Self::default();
        let mut others = Vec::new();
        let mut take =
            |at: Mark, body: Value| match Kind::of(body.get("apiVersion").str(), body.get("kind").str()) {
                Some(kind) => {
                    let mut object = Object::of(kind, body);
                    if object.kind == Kind::Secret {
                        dump.held.secrets += usize::from(empty(&mut object));
                    }
                    dump.objects.push(object);
                }
                None => others.push((at, body)),
            };
        // JSON is read many times faster by its own reader; what that does not understand, the other one explains.
        let json = text.trim_start().starts_with('{').then(|| json::from_str(text).ok()).flatten();
        if let Some(body) = json.filter(|body| body.get("kind").as_str().is_some()) {
            let start = Mark { line: 1, column: 1 };
            items(&body, |_| start).into_iter().for_each(|(at, item)| take(at, item));
        } else {
            for document in yaml::read_stream(text.as_bytes()) {
                let document =
                    document.map_err(|error| ImportError { at: error.at, message: error.message })?;
                let place = |path: &[&str]| {
                    let start = Mark { line: document.first_line, column: 1 };
                    document.marks.find(path).map_or(start, |place| place.key.unwrap_or(place.value).start)
                };
                if document.value.get("kind").as_str().is_none() {
                    let message = "this is no object: it has no kind".into();
                    return Err(ImportError { at: place(&[]), message });
                }
                items(&document.value, place).into_iter().for_each(|(at, item)| take(at, item));
            }
        }
        dump.take_custom(others)?;
        dump.held.objects = dump.objects.len();
        Ok(dump)
    }

    /// Takes what is of no built-in kind: objects of the kinds that its definitions name.
    ///
    /// # Errors
    /// The first whose kind is not known, where nothing is.
    // No part of the page's first program.
    #[inline(never)]
    fn take_custom(&mut self, others: Vec<(Mark, Value)>) -> Result<(), ImportError> {
        let definitions: Vec<Object> = self
            .objects
            .iter()
            .filter(|object| object.kind == Kind::CustomResourceDefinition)
            .cloned()
            .collect();
        let mut first_unknown = None;
        for (at, mut body) in others {
            let (version, kind) =
                (body.get("apiVersion").str().to_string(), body.get("kind").str().to_string());
            if let Some(kind) = kind_among(definitions.iter(), &version, &kind) {
                body.set("apiVersion", kind.api_version());
                self.objects.push(Object::of(kind, body));
                continue;
            }
            let message = format!("no matches for kind \"{kind}\" in version \"{version}\"");
            first_unknown.get_or_insert(ImportError { at, message });
            *self.held.unknown.entry(format!("{kind} of {version}")).or_default() += 1;
        }
        first_unknown.filter(|_| self.objects.is_empty()).map_or(Ok(()), Err)
    }

    /// Adds what another one holds.
    pub fn add(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.held.objects += other.held.objects;
        self.held.secrets += other.held.secrets;
        for (kind, count) in other.held.unknown {
            *self.held.unknown.entry(kind).or_default() += count;
        }
    }

    /// True where a cluster made it: a person writes neither uids nor what the cluster reports.
    pub fn is_of_a_cluster(&self) -> bool {
        self.objects.iter().any(|object| !object.uid().is_empty())
    }

    /// The dump as a text, an object a line.
    pub fn text(&self) -> String {
        let mut text = String::from("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[");
        for (number, object) in self.objects.iter().enumerate() {
            text.push_str(if number == 0 { "\n" } else { ",\n" });
            text.push_str(&json::to_string(&object.body));
        }
        text.push_str("\n]}\n");
        text
    }
}

impl Cluster {
    /// Puts the objects of a dump in the store as they are, and freezes the cluster: nothing acts on anything from
    /// then on. A dump with Nodes is of a whole cluster: of the kinds in it, nothing else is left. The values of
    /// Secrets are dropped.
    ///
    /// # Errors
    /// Where the text is neither YAML nor JSON, is no object, or nothing in it is known.
    pub fn import(&mut self, text: &str) -> Result<Imported, ImportError> {
        let dump = Dump::read(text)?;
        self.clear_for(&dump);
        for object in dump.objects {
            self.api.put_as_it_is(object);
        }
        self.queue = Queue::default();
        self.seen = self.api.store().revision();
        self.frozen = true;
        Ok(dump.held)
    }

    /// Puts the objects of a dump in, and lets the cluster act on them as if all its machines were just switched on:
    /// what a cluster made stays as it is, what a person wrote is created as by `kubectl`.
    ///
    /// # Errors
    /// As with [`Self::import`].
    pub fn bring_to_life(&mut self, text: &str) -> Result<Imported, ImportError> {
        let mut dump = Dump::read(text)?;
        self.clear_for(&dump);
        // What others refer to comes first: namespaces, machines, then all the rest in its order.
        dump.objects.sort_by_key(|object| match object.kind {
            Kind::Namespace => 0,
            Kind::Node => 1,
            _ => 2,
        });
        for object in dump.objects {
            let namespaced = object.kind.names().namespaced;
            let namespace = match object.meta("namespace").str() {
                "" if namespaced => "default".to_string(),
                namespace => namespace.to_string(),
            };
            if namespaced && self.api.get(&ObjectKey::new(Kind::Namespace, "", &namespace)).is_none() {
                let _ = self.api.create(Object::new(Kind::Namespace, "", &namespace).body, "", false);
            }
            if object.uid().is_empty() {
                if let Err(status) = self.api.create(object.body, &namespace, false) {
                    *dump.held.unknown.entry(status.message).or_default() += 1;
                    dump.held.objects -= 1;
                }
            } else {
                self.api.put_as_it_is(self.at_home(object));
            }
            // The store remembers so many changes and no more.
            if self.api.store().revision() > self.seen + 4_096 {
                self.tell_of_changes();
            }
        }
        let nodes: Vec<Object> =
            self.api.store().all().filter(|object| object.kind == Kind::Node).cloned().collect();
        self.kubelets.retain(|name, _| nodes.iter().any(|node| node.name() == &**name));
        for node in &nodes {
            if !self.kubelets.contains_key(node.name()) {
                self.run_kubelet_of(node);
            }
        }
        self.tell_of_changes();
        Ok(dump.held)
    }

    /// Takes out what a dump of a whole cluster does not have.
    fn clear_for(&mut self, dump: &Dump) {
        let kinds: BTreeSet<Kind> = dump.objects.iter().map(|object| object.kind).collect();
        if kinds.contains(&Kind::Node) {
            let others = self.api.store().all().filter(|object| kinds.contains(&object.kind));
            let others: Vec<ObjectKey> = others.map(Object::key).collect();
            others.iter().for_each(|key| self.api.take_as_it_is(key));
        }
    }

    /// A Pod whose node is not there looks for another one.
    fn at_home(&self, mut object: Object) -> Object {
        let node = object.spec().get("nodeName").str().to_string();
        let lost = object.kind == Kind::Pod
            && !node.is_empty()
            && self.api.get(&ObjectKey::new(Kind::Node, "", &node)).is_none();
        if lost && !["Succeeded", "Failed"].contains(&object.status().get("phase").str()) {
            object.entry("spec").remove("nodeName");
            object.set("status", value!({"phase": "Pending"}));
        }
        object
    }

    /// Switches the machine of a Node on that came from elsewhere. What its status says stays.
    fn run_kubelet_of(&mut self, node: &Object) {
        let address =
            node.status().get("addresses").items().iter().find(|at| at.get("type").str() == "InternalIP");
        let address = address.and_then(|at| at.get("address").str().parse().ok());
        let range = node
            .spec()
            .get("podCIDR")
            .str()
            .split_once('/')
            .and_then(|(ip, bits)| Some((ip.parse().ok()?, bits.parse().ok()?)));
        // A machine like the next one of this cluster's own, with the addresses that the Node has.
        let name = node.name().to_string();
        let Some(mut machine) = self.next_machine(&name) else { return };
        machine.ip = address.unwrap_or(machine.ip);
        machine.pod_range = range.unwrap_or(machine.pod_range);
        self.take_on(machine);
    }
}

/// The objects of a document, with their places: those of a list, or itself.
fn items(body: &Value, place: impl Fn(&[&str]) -> Mark) -> Vec<(Mark, Value)> {
    let kind = body.get("kind").str();
    // The API server's own lists (`kubectl get --raw`) leave out what all items share.
    let Some(shared) = kind.strip_suffix("List").filter(|_| !body.get("items").is_null()) else {
        return vec![(place(&["kind"]), body.clone())];
    };
    let each = body.get("items").items().iter().enumerate().map(|(number, item)| {
        let mut item = item.clone();
        if item.as_map().is_some() && !shared.is_empty() {
            item.set_default("kind", shared);
            item.set_default("apiVersion", body.get("apiVersion").clone());
        }
        (place(&["items", &number.to_string(), "kind"]), item)
    });
    each.collect()
}

/// Drops the values of a Secret, not its keys; false where it had none.
fn empty(secret: &mut Object) -> bool {
    let mut had = !secret.annotation(LAST_APPLIED).is_null();
    if had {
        secret.entry_at(&["metadata", "annotations"]).remove(LAST_APPLIED);
    }
    for field in ["data", "stringData"] {
        if secret.get(field).as_map().is_some() {
            for (_, value) in secret.entry(field).as_map_mut().iter_mut() {
                had |= !value.is_empty();
                *value = "".into();
            }
        }
    }
    had
}
