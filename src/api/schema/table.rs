//! The table of kinds, structs and fields, read from `table.txt`.
//!
//! The text has three sorts of lines (`scripts/schema` writes it):
//!
//! - `kind <apiVersion> <kind> <plural> namespaced|cluster|subresource <struct>`
//! - `enum <Go type> <value>…`, a closed set of strings, `""` for the empty one
//! - `type <struct> [atomic]`, and below it, indented, a line a field: name, type, and words.
//!
//! A struct is named `package/version.Name`, `Name` alone within its package. A type is `string`, `bool`, `int32`,
//! `int64`, `float64`, `bytes`, `quantity`, `intstr`, `time`, `microtime`, `json`, a struct, `[]T`, `{}T` (a map from
//! strings) or `GoName:T`. The words:
//!
//! - `!` required
//! - `*` pointer, `0` nullable pointer, `+` always written, `-` and `z` left out when zero (see [`Presence`])
//! - `&key` a patch merges items by that key, `&` as a set; `~` retains only the patch's keys; `replace`
//! - `[a,b]` a map list with these keys for server-side apply, `set`, `atomic`, `granular`
//! - `@Name` the embedded Go struct that the field is of

use std::collections::BTreeMap;
use std::sync::OnceLock;

static TABLE: &str = include_str!("table.txt");

/// The schema of Kubernetes 1.36.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::read(TABLE))
}

/// Every kind that Saya knows, and their fields.
#[derive(Debug, Default)]
pub struct Schema {
    kinds: Vec<Kind>,
    structs: Vec<Struct>,
    enums: BTreeMap<GoName, Vec<&'static str>>,
}

/// A kind of object.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// `apps/v1`
    pub api_version: &'static str,
    /// `Deployment`
    pub kind: &'static str,
    /// `deployments`
    pub plural: &'static str,
    /// How widely its objects are named.
    pub scope: Scope,
    /// Its fields.
    pub fields: StructId,
}

/// How widely the names of a kind's objects reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Within a namespace.
    Namespaced,
    /// Within the cluster.
    Cluster,
    /// No objects of their own: part of others.
    Subresource,
}

/// Which of a schema's structs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructId(usize);

/// A struct of Kubernetes' API.
#[derive(Debug)]
pub struct Struct {
    /// `core/v1.Container`
    pub name: &'static str,
    /// Its fields, by name.
    pub fields: Vec<Field>,
    /// True where server-side apply owns it as a whole.
    pub atomic: bool,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// As it is written in manifests.
    pub name: &'static str,
    /// What it holds.
    pub of: Type,
    /// True where OpenAPI requires it.
    pub required: bool,
    /// When it is written.
    pub presence: Presence,
    /// The embedded Go struct that it is of; empty mostly.
    pub embedded: &'static str,
    /// What a strategic merge patch does with it.
    pub merge: Merge,
    /// True where such a patch drops the keys (or items) that it does not name.
    pub retain_keys: bool,
    /// Who owns what of it under server-side apply.
    pub list_type: ListType,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Float64,
    /// Bytes as base64.
    Bytes,
    /// An amount of a resource.
    Quantity,
    /// A whole number of 32 bits or text.
    IntOrString,
    /// A time in seconds.
    Time,
    /// A time in microseconds.
    MicroTime,
    /// Anything.
    Json,
    /// A struct.
    Struct(StructId),
    /// A list.
    List(Box<Type>),
    /// A map from text.
    Map(Box<Type>),
    /// Any of these under the name of a Go type.
    Named(GoName, Box<Type>),
}

/// The name of a Go type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoName {
    /// `core/v1`
    pub package: &'static str,
    /// `PullPolicy`
    pub name: &'static str,
}

impl GoName {
    /// Reads `core/v1.PullPolicy`, or `PullPolicy` within `package`.
    fn read(text: &'static str, package: &'static str) -> Self {
        let (package, name) = text.split_once('.').unwrap_or((package, text));
        Self { package, name }
    }
}

/// When a field is written, as Go's types and tags have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Unless it is zero (a value with `omitempty`).
    NotZero,
    /// When it was given, even as zero (a pointer with `omitempty`).
    Given,
    /// Always (no `omitempty`, or a struct, which that does not apply to).
    Always,
    /// Always, as `null` when it was not given (a pointer without `omitempty`).
    Nullable,
}

/// What a strategic merge patch does with a list (or a map, where so marked).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Lists are replaced, structs and maps merged.
    Default,
    /// Items with the same value of this field are merged.
    ByKey(&'static str),
    /// Items are added to those that are there.
    AsSet,
    /// A struct or map is replaced.
    Replace,
}

/// How server-side apply sees a list or a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListType {
    /// Lists as a whole, structs and maps by field.
    Default,
    /// Items by these keys.
    Map(Vec<&'static str>),
    /// Items by their value.
    Set,
    /// A struct or map as a whole.
    Atomic,
    /// A struct or map by field, though its type is atomic.
    Granular,
}

impl Schema {
    /// Panics where the text is not what `scripts/schema` writes.
    fn read(text: &'static str) -> Self {
        let lines = || text.lines().filter(|line| !line.starts_with('#'));
        // Structs are named before they are defined.
        let names: BTreeMap<GoName, usize> = lines()
            .filter_map(|line| line.strip_prefix("type "))
            .enumerate()
            .map(|(at, line)| (GoName::read(line.split(' ').next().unwrap_or(line), ""), at))
            .collect();
        let mut schema = Self::default();
        for line in lines() {
            let mut words = line.split_ascii_whitespace();
            if let (true, Some(of)) = (line.starts_with(' '), schema.structs.last_mut()) {
                let field = Field::read(words, of.name, &names);
                of.fields.push(field);
                continue;
            }
            let mut word = || words.next().unwrap_or_default();
            match word() {
                "kind" => schema.kinds.push(Kind {
                    api_version: word(),
                    kind: word(),
                    plural: word(),
                    scope: match word() {
                        "namespaced" => Scope::Namespaced,
                        "cluster" => Scope::Cluster,
                        _ => Scope::Subresource,
                    },
                    fields: StructId(names[&GoName::read(word(), "")]),
                }),
                "enum" => {
                    let name = GoName::read(word(), "");
                    schema.enums.insert(name, words.map(|value| value.trim_matches('"')).collect());
                }
                _ => {
                    let name = word();
                    schema.structs.push(Struct { name, fields: Vec::new(), atomic: word() == "atomic" });
                }
            }
        }
        schema
    }

    /// Every kind: the core ones first, then group by group; of two versions the preferred one first.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of objects with this `apiVersion` and `kind`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        self.kinds.iter().find(|one| one.api_version == api_version && one.kind == kind)
    }

    /// The struct with this id.
    pub fn structure(&self, id: StructId) -> &Struct {
        &self.structs[id.0]
    }

    /// The struct with this name: `core/v1.Container`.
    pub fn struct_named(&self, name: &str) -> Option<StructId> {
        self.structs.iter().position(|one| one.name == name).map(StructId)
    }

    /// The values that a field of this type is documented to take; none where it takes any.
    pub fn values(&self, of: &Type) -> &[&'static str] {
        match of {
            Type::Named(name, _) => self.enums.get(name).map_or(&[], Vec::as_slice),
            Type::List(items) => self.values(items),
            _ => &[],
        }
    }

    /// The field at the end of `path`. Lists are looked through: `["spec", "containers", "image"]` and
    /// `["spec", "containers", "0", "image"]` are the same; a map takes a key.
    pub fn field(&self, kind: &Kind, path: &[&str]) -> Option<&Field> {
        let (last, path) = path.split_last()?;
        self.fields_at(kind, path).iter().find(|field| field.name == *last)
    }

    /// The type at the end of `path` (as for [`Schema::field`]): a list's items where the path ends in an index.
    pub fn type_at(&self, kind: &Kind, path: &[&str]) -> Option<Type> {
        let mut of = Type::Struct(kind.fields);
        for step in path {
            let is_index = step.bytes().all(|digit| digit.is_ascii_digit());
            of = match of.plain() {
                Type::List(items) if is_index => (**items).clone(),
                Type::Map(values) => (**values).clone(),
                other => self.structure(other.items().struct_id()?).field(step)?.of.clone(),
            };
        }
        Some(of)
    }

    /// The fields that can be written under `path` (as for [`Schema::field`]), by name; none where it is no struct.
    pub fn fields_at(&self, kind: &Kind, path: &[&str]) -> &[Field] {
        let id = self.type_at(kind, path).and_then(|of| of.items().struct_id());
        id.map_or(&[], |id| &self.structure(id).fields)
    }
}

impl Kind {
    /// `apps`; empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `v1`
    pub fn version(&self) -> &'static str {
        self.api_version.rsplit('/').next().unwrap_or(self.api_version)
    }
}

impl Struct {
    /// The field with this name, in its very letters.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &self.fields[at])
    }

    /// Its name in its Go package.
    pub fn go_name(&self) -> GoName {
        GoName::read(self.name, "")
    }

    /// The field that was likely meant by `wrong`: but for letter case the same, or two slips of the pen away at most.
    pub fn nearest(&self, wrong: &str) -> Option<&Field> {
        let wrong = wrong.to_lowercase();
        let near = |field: &&Field| slips(&field.name.to_lowercase(), &wrong);
        let closest = self.fields.iter().min_by_key(near)?;
        let allowed = if wrong.len() < 4 { 1 } else { 2 };
        (near(&closest) <= allowed).then_some(closest)
    }
}

/// How many letters were left out, put in, changed or swapped with their neighbour between two words.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

impl Field {
    fn read(
        mut words: impl Iterator<Item = &'static str>,
        of: &'static str,
        names: &BTreeMap<GoName, usize>,
    ) -> Self {
        let name = words.next().unwrap_or_default();
        let package = GoName::read(of, "").package;
        let mut field = Field {
            name,
            of: Type::read(words.next().unwrap_or_default(), package, names),
            required: false,
            presence: Presence::NotZero,
            embedded: "",
            merge: Merge::Default,
            retain_keys: false,
            list_type: ListType::Default,
        };
        let mut presence = None;
        for word in words {
            match (&word[..1], &word[1..]) {
                ("!", _) => field.required = true,
                ("*", _) => presence = Some(Presence::Given),
                ("0", _) => presence = Some(Presence::Nullable),
                ("+", _) => presence = Some(Presence::Always),
                ("-", _) | ("z", _) => presence = Some(Presence::NotZero),
                ("&", "") => field.merge = Merge::AsSet,
                ("&", key) => field.merge = Merge::ByKey(key),
                ("~", _) => field.retain_keys = true,
                ("@", group) => field.embedded = group,
                ("[", keys) => {
                    field.list_type = ListType::Map(keys.trim_end_matches(']').split(',').collect())
                }
                ("s", _) => field.list_type = ListType::Set,
                ("a", _) => field.list_type = ListType::Atomic,
                ("g", _) => field.list_type = ListType::Granular,
                ("r", _) => field.merge = Merge::Replace,
                _ => unreachable!("{of}.{name}: {word}"),
            }
        }
        field.presence = presence.unwrap_or(match field.of {
            _ if field.required => Presence::Always,
            Type::Struct(_) | Type::Quantity | Type::IntOrString | Type::Time | Type::MicroTime => {
                Presence::Given
            }
            _ => Presence::NotZero,
        });
        field
    }
}

impl Type {
    fn read(text: &'static str, package: &'static str, names: &BTreeMap<GoName, usize>) -> Self {
        let read = |text| Box::new(Type::read(text, package, names));
        if let Some(items) = text.strip_prefix("[]") {
            return Type::List(read(items));
        }
        if let Some(values) = text.strip_prefix("{}") {
            return Type::Map(read(values));
        }
        if let Some((name, of)) = text.split_once(':') {
            return Type::Named(GoName::read(name, package), read(of));
        }
        match text {
            "string" => Type::String,
            "bool" => Type::Bool,
            "int32" => Type::Int32,
            "int64" => Type::Int64,
            "float64" => Type::Float64,
            "bytes" => Type::Bytes,
            "quantity" => Type::Quantity,
            "intstr" => Type::IntOrString,
            "time" => Type::Time,
            "microtime" => Type::MicroTime,
            "json" => Type::Json,
            name => Type::Struct(StructId(names[&GoName::read(name, package)])),
        }
    }

    /// The type without its Go name.
    pub fn plain(&self) -> &Type {
        match self {
            Type::Named(_, of) => of.plain(),
            other => other,
        }
    }

    /// What the items of a list are, or the type itself.
    pub fn items(&self) -> &Type {
        match self.plain() {
            Type::List(items) => items.items(),
            other => other,
        }
    }

    /// The struct, where it is one.
    pub fn struct_id(&self) -> Option<StructId> {
        match self.plain() {
            Type::Struct(id) => Some(*id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_fields() {
        let schema = schema();
        let deployment = schema.kind("apps/v1", "Deployment").unwrap();
        assert_eq!((deployment.plural, deployment.scope), ("deployments", Scope::Namespaced));
        let container = ["spec", "template", "spec", "containers"];
        let image = schema.field(deployment, &[&container[..], &["image"]].concat()).unwrap();
        assert_eq!((image.name, &image.of, image.required), ("image", &Type::String, false));
        let by_index = schema.fields_at(deployment, &[&container[..], &["0"]].concat());
        assert!(by_index.iter().any(|field| field.name == "image"));
        assert!(std::ptr::eq(by_index, schema.fields_at(deployment, &container)));

        let port = schema.field(deployment, &[&container[..], &["ports"]].concat()).unwrap();
        assert_eq!(port.merge, Merge::ByKey("containerPort"));
        assert_eq!(port.list_type, ListType::Map(vec!["containerPort", "protocol"]));
        let policy = schema.field(deployment, &[&container[..], &["imagePullPolicy"]].concat()).unwrap();
        assert_eq!(schema.values(&policy.of), ["Always", "IfNotPresent", "Never"]);

        let labels = ["metadata", "labels"];
        assert_eq!(schema.type_at(deployment, &labels), Some(Type::Map(Box::new(Type::String))));
        assert_eq!(schema.type_at(deployment, &["metadata", "labels", "app"]), Some(Type::String));
        assert_eq!(schema.type_at(deployment, &["spec", "replica"]), None);
        assert!(schema.fields_at(deployment, &["spec", "replicas"]).is_empty());
    }

    #[test]
    fn fields_are_in_order_and_kinds_have_headers() {
        for of in &schema().structs {
            assert!(of.fields.is_sorted_by(|a, b| a.name < b.name), "{}", of.name);
        }
        for kind in schema().kinds() {
            for name in ["apiVersion", "kind", "metadata"] {
                assert!(schema().field(kind, &[name]).is_some(), "{} has no {name}", kind.kind);
            }
        }
    }

    #[test]
    fn the_field_that_was_meant() {
        let pod = schema().struct_named("core/v1.PodSpec").map(|id| schema().structure(id)).unwrap();
        let cases = [
            ("conainers", Some("containers")),
            ("Containers", Some("containers")),
            ("restartpolicy", Some("restartPolicy")),
            ("volume", Some("volumes")),
            ("nodeselctor", Some("nodeSelector")),
            ("initContianers", Some("initContainers")),
            ("so", Some("os")),
            ("replicas", None),
            ("x", None),
        ];
        for (wrong, meant) in cases {
            assert_eq!(pod.nearest(wrong).map(|field| field.name), meant, "{wrong}");
        }
    }
}
