//! Writes Saya's schema table and field docs from k8s-openapi and from the two overlays beside this package.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling, batch::v1 as batch, certificates::v1 as certificates,
    coordination::v1 as coordination, core::v1 as core, discovery::v1 as discovery, events::v1 as events,
    networking::v1 as networking, node::v1 as node, policy::v1 as policy, rbac::v1 as rbac,
    scheduling::v1 as scheduling, storage::v1 as storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1 as apiregistration;
use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource, SubResourceScope};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value};

/// Hands the kinds that Saya knows to another macro, in the order of the table: group by group, of two versions the
/// preferred one first.
macro_rules! kinds {
    ($then:ident) => {
        $then![
            core::Binding,
            core::ConfigMap,
            core::Endpoints,
            core::Event,
            core::LimitRange,
            core::Namespace,
            core::Node,
            core::PersistentVolume,
            core::PersistentVolumeClaim,
            core::Pod,
            core::PodTemplate,
            core::ReplicationController,
            core::ResourceQuota,
            core::Secret,
            core::Service,
            core::ServiceAccount,
            apiextensions::CustomResourceDefinition,
            apiregistration::APIService,
            apps::ControllerRevision,
            apps::DaemonSet,
            apps::Deployment,
            apps::ReplicaSet,
            apps::StatefulSet,
            autoscaling::v2::HorizontalPodAutoscaler,
            autoscaling::v1::HorizontalPodAutoscaler,
            autoscaling::v1::Scale,
            batch::CronJob,
            batch::Job,
            certificates::CertificateSigningRequest,
            coordination::Lease,
            discovery::EndpointSlice,
            events::Event,
            networking::IPAddress,
            networking::Ingress,
            networking::IngressClass,
            networking::NetworkPolicy,
            networking::ServiceCIDR,
            node::RuntimeClass,
            policy::Eviction,
            policy::PodDisruptionBudget,
            rbac::ClusterRole,
            rbac::ClusterRoleBinding,
            rbac::Role,
            rbac::RoleBinding,
            scheduling::PriorityClass,
            storage::StorageClass,
        ]
    };
}

/// What Kubernetes' Go types say and OpenAPI does not.
const GO: &str = include_str!("../go.txt");
/// The closed sets of strings, with what `explain` says of each value.
const ENUMS: &str = include_str!("../enums.txt");

/// `src/api/schema/table.txt`: the kinds and their fields, in the notation of `table.rs` beside it.
pub fn table() -> String {
    Schema::read().table()
}

/// What each field is for, as JSON: `{"core/v1.Pod": {"": …, "spec": …}}`.
pub fn field_docs() -> String {
    Schema::read().field_docs()
}

/// How widely a kind's objects are named.
trait Scope {
    const NAME: &'static str;
}
impl Scope for NamespaceResourceScope {
    const NAME: &'static str = "namespaced";
}
impl Scope for ClusterResourceScope {
    const NAME: &'static str = "cluster";
}
impl Scope for SubResourceScope {
    const NAME: &'static str = "subresource";
}

/// A kind as the API server lists it.
struct Kind {
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    scope: &'static str,
    type_name: String,
}

fn kind<T: Resource<Scope: Scope> + schemars::JsonSchema>(definitions: &mut SchemaGenerator) -> Kind {
    definitions.subschema_for::<T>();
    Kind {
        api_version: T::API_VERSION,
        kind: T::KIND,
        plural: T::URL_PATH_SEGMENT,
        scope: T::Scope::NAME,
        type_name: short_name(&T::schema_name()),
    }
}

/// `io.k8s.api.core.v1.Pod` as `core/v1.Pod`.
fn short_name(full: &str) -> String {
    let rest = full
        .strip_prefix("io.k8s.apimachinery.pkg.apis.")
        .or_else(|| full.strip_prefix("io.k8s.apimachinery.pkg."))
        .or_else(|| full.strip_prefix("io.k8s.api."))
        .or_else(|| full.strip_prefix("io.k8s.apiextensions-apiserver.pkg.apis."))
        .or_else(|| full.strip_prefix("io.k8s.kube-aggregator.pkg.apis."))
        .unwrap_or(full);
    rest.replacen('.', "/", usize::from(rest.matches('.').count() > 1))
}

/// The last part of a type's name.
fn base_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Facts of the Go overlay about one type.
#[derive(Default)]
struct GoType<'a> {
    words: Vec<&'a str>,
    fields: BTreeMap<&'a str, Vec<&'a str>>,
    embedded: BTreeMap<&'a str, &'a str>,
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

fn read_go() -> BTreeMap<&'static str, GoType<'static>> {
    let mut types: BTreeMap<&str, GoType> = BTreeMap::new();
    let mut current = "";
    for line in lines(GO) {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if !line.starts_with(' ') {
            current = first;
            assert!(types.insert(current, GoType::default()).is_none(), "{current} twice");
        }
        let of = types.get_mut(current).expect("a type comes before its fields");
        if !line.starts_with(' ') {
            of.words = words.collect();
        } else if let Some(group) = first.strip_prefix('(') {
            of.embedded.extend(words.map(|field| (field, group.trim_end_matches(')'))));
        } else {
            of.fields.insert(first, words.collect());
        }
    }
    types
}

/// The values of each closed set with their texts, by the name of the Go type.
fn read_enums() -> BTreeMap<&'static str, Vec<(&'static str, &'static str)>> {
    let mut enums: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut current = "";
    for line in lines(ENUMS) {
        match line.strip_prefix("  ") {
            None => current = line,
            Some(value) => {
                enums.entry(current).or_default().push(value.split_once(' ').unwrap_or((value, "")))
            }
        }
    }
    enums
}

struct Schema {
    kinds: Vec<Kind>,
    /// Every definition by its short name.
    definitions: BTreeMap<String, Value>,
    go: BTreeMap<&'static str, GoType<'static>>,
    enums: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
}

impl Schema {
    fn read() -> Self {
        let mut definitions = SchemaSettings::openapi3().into_generator();
        macro_rules! read {
            ($($kind:ty),* $(,)?) => { vec![$(kind::<$kind>(&mut definitions)),*] }
        }
        let kinds = kinds!(read);
        let definitions = definitions
            .take_definitions(false)
            .into_iter()
            .map(|(name, definition)| (short_name(&name), definition))
            .collect();
        let schema = Self { kinds, definitions, go: read_go(), enums: read_enums() };
        schema.check_overlays();
        schema
    }

    /// Panics where an overlay speaks of what k8s-openapi does not have: it has fallen behind.
    fn check_overlays(&self) {
        for (name, go) in &self.go {
            let properties = self.properties(name).unwrap_or_else(|| panic!("no type {name}"));
            for field in go.fields.keys().chain(go.embedded.keys()) {
                assert!(properties.contains_key(*field), "no field {name}.{field}");
            }
        }
        let named: BTreeSet<String> = self.structs().flat_map(|name| self.named_scalars(name)).collect();
        for name in self.enums.keys() {
            assert!(named.contains(*name), "no field is of type {name}");
        }
    }

    fn properties(&self, name: &str) -> Option<&Map<String, Value>> {
        self.definitions.get(name)?.get("properties")?.as_object()
    }

    /// The names of the definitions that are structs.
    fn structs(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str).filter(|name| self.properties(name).is_some())
    }

    fn is_kind(&self, name: &str) -> bool {
        self.properties(name)
            .is_some_and(|of| ["apiVersion", "kind", "metadata"].iter().all(|field| of.contains_key(*field)))
    }

    fn go_words(&self, name: &str, field: &str) -> &[&'static str] {
        self.go.get(name).and_then(|go| go.fields.get(field)).map_or(&[], Vec::as_slice)
    }

    /// The Go type that the overlay gives for a field, in full: `core/v1.PullPolicy`.
    fn go_name(&self, name: &str, field: &str) -> Option<String> {
        let go = self.go_words(name, field).iter().find_map(|word| word.strip_prefix("go="))?;
        let (package, _) = name.split_once('.')?;
        Some(if go.contains('.') { go.into() } else { format!("{package}.{go}") })
    }

    fn named_scalars(&self, name: &str) -> Vec<String> {
        let fields = self.properties(name).into_iter().flat_map(Map::keys);
        fields.filter_map(|field| self.go_name(name, field)).collect()
    }

    /// A field's type in the table's notation, as seen from the package of `name`.
    fn type_of(&self, name: &str, field: &str, schema: &Value) -> String {
        let package = name.split_once('.').map_or("", |(package, _)| package);
        let short = |full: &str| match full.split_once('.') {
            Some((of, rest)) if of == package => rest.to_owned(),
            _ => full.to_owned(),
        };
        let go = self.go_name(name, field).map(|full| short(&full));
        let scalar = |plain: &str| match &go {
            Some(go) => format!("{go}:{plain}"),
            None => plain.to_owned(),
        };
        if let Some(target) = schema["$ref"].as_str() {
            let full = short_name(target.rsplit('/').next().unwrap_or(target));
            return match base_name(&full) {
                "Quantity" => "quantity".into(),
                "IntOrString" => "intstr".into(),
                "Time" => "time".into(),
                "MicroTime" => "microtime".into(),
                // What has no fields of its own holds anything.
                _ if self.properties(&full).is_none() => format!("{}:json", short(&full)),
                _ => short(&full),
            };
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("string"), Some("byte")) => scalar("bytes"),
            (Some("string"), _) => scalar("string"),
            (Some("boolean"), _) => scalar("bool"),
            (Some("integer"), Some("int32")) => scalar("int32"),
            (Some("integer"), _) => scalar("int64"),
            (Some("number"), _) => scalar("float64"),
            (Some("array"), _) => format!("[]{}", self.type_of(name, field, &schema["items"])),
            (Some("object"), _) => {
                let items = &schema["additionalProperties"];
                match go.as_deref() {
                    Some(list) if base_name(list) == "ResourceList" => format!("{list}:{{}}quantity"),
                    _ => format!("{{}}{}", self.type_of(name, field, items)),
                }
            }
            other => panic!("{name}.{field} is {other:?}"),
        }
    }

    fn is_required(&self, name: &str, field: &str) -> bool {
        let words = self.go_words(name, field);
        let required = &self.definitions[name]["required"];
        let listed = required.as_array().is_some_and(|all| all.iter().any(|one| one == field));
        words.contains(&"required")
            || (listed && !words.contains(&"optional") && !(self.is_kind(name) && field == "metadata"))
    }

    /// The field's line of the table, without its indent.
    fn field(&self, name: &str, field: &str, schema: &Value) -> String {
        let mut line = format!("{field} {}", self.type_of(name, field, schema));
        if self.is_required(name, field) {
            line.push_str(" !");
        }
        let is_kind = self.is_kind(name);
        let words = self.go_words(name, field);
        if is_kind && ["metadata", "spec", "status"].contains(&field) && schema.get("$ref").is_some() {
            line.push_str(if self.is_required(name, field) { "" } else { " +" });
        }
        for word in words {
            match *word {
                "pointer" => line.push_str(" *"),
                "always" => line.push_str(" +"),
                "null" => line.push_str(" 0"),
                "omit" => line.push_str(" -"),
                "omitzero" => line.push_str(" z"),
                "merge" => line.push_str(" &"),
                "retainKeys" => line.push_str(" ~"),
                "replace" | "set" | "atomic" | "granular" => {
                    let _ = write!(line, " {word}");
                }
                "required" | "optional" => {}
                _ => match word.split_once('=') {
                    Some(("merge", key)) => {
                        let _ = write!(line, " &{key}");
                    }
                    Some(("map", keys)) => {
                        let _ = write!(line, " [{keys}]");
                    }
                    Some(("go", _)) => {}
                    _ => panic!("{name}.{field}: what is {word}?"),
                },
            }
        }
        let embedded = self.go.get(name).and_then(|go| go.embedded.get(field).copied());
        if let Some(group) =
            embedded.or((is_kind && ["apiVersion", "kind"].contains(&field)).then_some("TypeMeta"))
        {
            let _ = write!(line, " @{group}");
        }
        line
    }

    /// The text of `src/api/schema/table.txt`.
    fn table(&self) -> String {
        let mut out = String::from(
            "# Kubernetes 1.36's kinds and their fields. Written by `scripts/schema`; its notation is told in table.rs.\n",
        );
        for Kind { api_version, kind, plural, scope, type_name } in &self.kinds {
            let _ = writeln!(out, "kind {api_version} {kind} {plural} {scope} {type_name}");
        }
        for (name, values) in &self.enums {
            let values: Vec<&str> = values.iter().map(|(value, _)| *value).collect();
            let _ = writeln!(out, "enum {name} {}", values.join(" "));
        }
        for name in self.structs() {
            let words = self.go.get(name).map_or(&[][..], |go| &go.words);
            let _ = writeln!(out, "type {}", [&[name], words].concat().join(" "));
            for (field, schema) in self.properties(name).into_iter().flatten() {
                let _ = writeln!(out, " {}", self.field(name, field, schema));
            }
        }
        out
    }

    /// `{"core/v1.Pod": {"": "what a Pod is", "spec": "what its spec is", …}, …}`
    fn field_docs(&self) -> String {
        let mut docs: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for (name, definition) in &self.definitions {
            let of = docs.entry(name).or_default();
            of.insert("", definition["description"].as_str().unwrap_or_default().into());
            for (field, schema) in self.properties(name).into_iter().flatten() {
                let mut text = schema["description"].as_str().unwrap_or_default().to_owned();
                let values = self.go_name(name, field).and_then(|go| self.enums.get(go.as_str()));
                if let (Some(values), Some("string")) = (values, schema["type"].as_str()) {
                    text.push_str("\n\nPossible enum values:");
                    for (value, meaning) in values {
                        let value = value.trim_matches('"');
                        let _ = write!(
                            text,
                            "\n - `\"{value}\"`{}{meaning}",
                            if meaning.is_empty() { "" } else { " " }
                        );
                    }
                }
                of.insert(field, text);
            }
        }
        serde_json::to_string(&docs).expect("text becomes JSON")
    }
}

#[cfg(test)]
mod tests;
