//! Finding what a command is about: objects named, selected or written in files (cli-runtime's `resource.Builder`).

use std::collections::BTreeMap;

use crate::api::schema::decode_metadata;
use crate::api::{Kind, Object};
use crate::apiserver::{ApiServer, label_selector};
use crate::base::Value;
use crate::resources;

use super::discovery;
use super::error::{Error, Result, bail, no_match_for_kind};
use super::kustomize;
use super::manifest;
use super::releases;
use super::session::Session;

/// An object that a command is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Info {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for cluster-wide kinds.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The file that it was read from; empty for one that was named.
    pub source: String,
    /// The object: from its file, or from the server where it was read there.
    pub object: Option<Object>,
}

impl Info {
    /// `deployments/web`.
    pub fn resource_name(&self) -> String {
        format!("{}/{}", self.kind.names().plural, self.name)
    }
    /// `deployment.apps/web`.
    pub fn printed(&self) -> String {
        format!("{}/{}", self.kind.printed(), self.name)
    }
    /// An object that is there.
    pub fn of(object: Object) -> Self {
        Self {
            kind: object.kind,
            namespace: object.namespace().into(),
            name: object.name().into(),
            source: String::new(),
            object: Some(object),
        }
    }
    /// How kubectl describes it in errors about requests for it.
    pub fn describe(&self) -> String {
        format!(
            "Resource: \"{}\", GroupVersionKind: \"{}\"\nName: \"{}\", Namespace: \"{}\"",
            super::error::resource_text(self.kind),
            super::error::kind_text(self.kind),
            self.name,
            self.namespace
        )
    }
}

/// One request's worth of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Visit {
    /// One object.
    One(Info),
    /// All objects of a kind that a selector selects; maybe none.
    List {
        /// The kind.
        kind: Kind,
        /// The objects.
        objects: Vec<Object>,
    },
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In order.
    pub visits: Vec<Visit>,
    /// What went wrong with single ones of them.
    pub errors: Vec<Error>,
    /// True where one object was meant, and not a list with one object.
    pub single: bool,
    /// True where a type was looked for that lives in no namespace and of which there is nothing.
    pub cluster_wide: bool,
}

impl Found {
    /// The objects, lists taken apart.
    pub fn infos(self) -> (Vec<Info>, Vec<Error>) {
        let mut infos = Vec::new();
        for visit in self.visits {
            match visit {
                Visit::One(info) => infos.push(info),
                Visit::List { objects, .. } => infos.extend(objects.into_iter().map(Info::of)),
            }
        }
        (infos, self.errors)
    }
}

/// How to find objects.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    all_namespaces: bool,
    namespace: String,
    enforce_namespace: bool,
    labels: Option<String>,
    fields: Option<String>,
    select_all: bool,
    files: Vec<String>,
    kustomization: Option<String>,
    recursive: bool,
    types: Vec<String>,
    names: Vec<String>,
    pairs: Vec<(String, String)>,
    errors: Vec<Error>,
    /// True where objects named must be there, and are read.
    read: bool,
    /// True where the first error ends it all.
    stop_at_first: bool,
    single_type: bool,
    local: bool,
    categories: Categories,
}

/// The resources of each category that has any.
type Categories = BTreeMap<String, Vec<String>>;

impl Builder {
    /// Looks in the session's namespace.
    pub fn new(session: &Session<'_>) -> Self {
        Self {
            namespace: session.namespace.clone(),
            enforce_namespace: session.explicit_namespace,
            read: true,
            categories: discovery::categories(session.api),
            ..Self::default()
        }
    }

    /// Looks in all namespaces.
    pub fn all_namespaces(mut self, all: bool) -> Self {
        if all {
            self.all_namespaces = true;
            self.namespace = String::new();
        }
        self
    }

    /// The files of `-f`, `-R` and `-k`.
    pub fn files(mut self, session: &Session<'_>) -> Self {
        let kustomize = session.flags.text("kustomize");
        self.files = session.flags.list("filename").to_vec();
        self.recursive = session.flags.is("recursive");
        if !kustomize.is_empty() {
            if !self.files.is_empty() {
                self.errors.push(Error::plain("only one of -f or -k can be specified"));
            } else {
                self.kustomization = Some(kustomize.into());
            }
        }
        self
    }

    /// The label selector of `-l`.
    pub fn labels(mut self, selector: &str) -> Self {
        if !selector.is_empty() {
            if self.select_all {
                self.errors.push(Error::plain(format!(
                    "found non-empty label selector \"{selector}\" with previously set 'all' parameter. "
                )));
            }
            self.labels = Some(selector.into());
        }
        self
    }

    /// The field selector of `--field-selector`.
    pub fn fields(mut self, selector: &str) -> Self {
        if !selector.is_empty() {
            if self.select_all {
                self.errors.push(Error::plain(format!(
                    "found non-empty field selector \"{selector}\" with previously set 'all' parameter. "
                )));
            }
            self.fields = Some(selector.into());
        }
        self
    }

    /// All objects of the types named (`--all`).
    pub fn select_all(mut self, all: bool) -> Self {
        if all {
            if self.labels.is_some() || self.fields.is_some() {
                self.errors.push(Error::plain("setting 'all' parameter but found a non empty selector. "));
            }
            self.select_all = true;
        }
        self
    }

    /// Objects that are named need not be there.
    pub fn without_reading(mut self) -> Self {
        self.read = false;
        self
    }

    /// The first error ends it all.
    pub fn stop_at_first(mut self) -> Self {
        self.stop_at_first = true;
        self
    }

    /// Only one type may be named.
    pub fn single_type(mut self) -> Self {
        self.single_type = true;
        self
    }

    /// Nothing is asked of the server (`--local`).
    pub fn local(mut self, local: bool) -> Self {
        self.local = local;
        if local {
            self.read = false;
        }
        self
    }

    /// `TYPE`, `TYPE NAME…`, `TYPE/NAME…`; a type alone means all its objects where `type_alone` is true.
    pub fn args(mut self, args: &[String], type_alone: bool) -> Self {
        let args = spread(args, &self.categories);
        let slashes = args.iter().filter(|arg| arg.contains('/')).count();
        if slashes > 0 && slashes < args.len() {
            self.errors.push(Error::plain("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"));
            return self;
        }
        if slashes > 0 {
            for arg in &args {
                let parts: Vec<&str> = arg.split('/').collect();
                let why = match parts[..] {
                    [kind, name] if !kind.is_empty() && !name.is_empty() && !kind.contains(',') => {
                        self.pairs.push((kind.into(), name.into()));
                        continue;
                    }
                    [_, _] => "arguments in resource/name form must have a single resource and name",
                    _ => "arguments in resource/name form may not have more than one slash",
                };
                self.errors.push(Error::plain(why));
                return self;
            }
            return self;
        }
        if let Some((types, names)) = args.split_first() {
            self.names = names.to_vec();
            self.types = split_types(types, &self.categories);
            if names.is_empty() && type_alone && self.labels.is_none() {
                self.labels = Some(String::new());
            }
        }
        self
    }

    /// Names of one known type.
    pub fn names(mut self, kind: Kind, names: &[String]) -> Self {
        self.types = vec![kind.resource()];
        self.names = names.to_vec();
        self
    }

    /// Names that may be `TYPE/NAME` or names of `kind` (`logs`, `exec`).
    pub fn names_of(mut self, kind: Kind, names: &[String]) -> Self {
        for name in names {
            match name.split('/').collect::<Vec<_>>()[..] {
                [name] => self.pairs.push((kind.resource(), name.into())),
                [kind, name] if !kind.is_empty() && !name.is_empty() => {
                    self.pairs.push((kind.into(), name.into()))
                }
                [_, _] => {
                    self.errors.push(Error::plain(
                        "arguments in resource/name form must have a single resource and name",
                    ));
                }
                _ => {
                    self.errors.push(Error::plain(
                        "arguments in resource/name form may not have more than one slash",
                    ));
                }
            }
        }
        self
    }

    /// Finds.
    ///
    /// # Errors
    /// What kubectl says where the command makes no sense; what is wrong with single objects is in [`Found::errors`].
    pub fn find(mut self, session: &mut Session<'_>) -> Result<Found> {
        let files = std::mem::take(&mut self.files);
        let mut texts = Vec::new();
        for path in &files {
            if let Some(text) = releases::at(path) {
                texts.push((path.clone(), text.as_bytes().to_vec()));
            } else if path.starts_with("http://") || path.starts_with("https://") {
                self.errors.push(Error::plain(format!("Saya asks no other host for anything: {path}")));
            } else if manifest::stream(path).is_some() {
                let name = if path == "-" { "STDIN" } else { path };
                texts.push((name.to_string(), session.stdin.clone().unwrap_or_default()));
            } else {
                manifest::expand(session, path, self.recursive, &mut texts, &mut self.errors);
            }
        }
        let kustomization = self.kustomization.take();
        if let Some(folder) = &kustomization {
            match kustomize::build(session, folder) {
                Ok(text) => texts.push((folder.clone(), text.into_bytes())),
                Err(error) => self.errors.push(error),
            }
        }
        if !self.errors.is_empty() {
            return Err(only(Error::Many(self.errors)));
        }
        if self.select_all {
            self.labels = Some(String::new());
        }
        if !files.is_empty() || kustomization.is_some() {
            return self.found_in_files(session, &files, texts);
        }
        if self.labels.is_some() || self.fields.is_some() {
            return self.selected(session);
        }
        if !self.pairs.is_empty() {
            return self.paired(session);
        }
        if !self.names.is_empty() {
            return self.named(session);
        }
        if !self.types.is_empty() {
            for word in &self.types {
                discovery::kind(session.api, word)?;
            }
            bail!("resource(s) were provided, but no name was specified");
        }
        bail!(
            "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
        );
    }

    /// Finds the one object that is meant.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn one(self, session: &mut Session<'_>) -> Result<Object> {
        let (infos, errors) = self.find(session)?.infos();
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let Some(info) = infos.into_iter().next() else { bail!("no resources found") };
        if info.source.is_empty() {
            return info.object.ok_or_else(|| Error::plain("no resources found"));
        }
        session.read(info.kind, &info.namespace, &info.name)
    }

    fn kinds(&self, api: &ApiServer) -> Result<Vec<Kind>> {
        if self.types.len() > 1 && self.single_type {
            bail!("you may only specify a single resource type");
        }
        let mut kinds = Vec::new();
        for word in self.types.iter().filter(|word| discovery::empty(api, word).is_none()) {
            let kind = discovery::kind(api, word)?;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Ok(kinds)
    }

    fn selected(self, session: &mut Session<'_>) -> Result<Found> {
        if !self.names.is_empty() {
            bail!("name cannot be provided when a selector is specified");
        }
        if !self.pairs.is_empty() {
            bail!("selectors and the all flag cannot be used when passing resource/name arguments");
        }
        if self.types.is_empty() {
            bail!("at least one resource must be specified to use a selector");
        }
        let (labels, fields) =
            (self.labels.clone().unwrap_or_default(), self.fields.clone().unwrap_or_default());
        let nothing = self.types.iter().filter_map(|word| discovery::empty(session.api, word));
        let cluster_wide = nothing.into_iter().any(|resource| !resource.namespaced);
        let mut found = Found { cluster_wide, ..Found::default() };
        for kind in self.kinds(session.api)? {
            match session.list(kind, &self.namespace, &labels, &fields) {
                Ok(objects) => found.visits.push(Visit::List { kind, objects }),
                Err(error) => {
                    found.errors.push(error);
                    if self.stop_at_first {
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    fn paired(self, session: &mut Session<'_>) -> Result<Found> {
        if !self.types.is_empty() {
            bail!("you may not specify individual resources and bulk resources in the same call");
        }
        let mut wanted = Vec::new();
        let mut missing = Vec::new();
        for (word, name) in &self.pairs {
            match discovery::empty(session.api, word) {
                Some(resource) => missing.push(resource.not_found(name)),
                None => wanted.push((discovery::kind(session.api, word)?, name.clone())),
            }
        }
        if self.single_type && wanted.iter().any(|(kind, _)| *kind != wanted[0].0) {
            bail!("you may only specify a single resource type");
        }
        let mut found = self.read_all(session, wanted)?;
        found.errors.extend(missing);
        Ok(found)
    }

    fn named(self, session: &mut Session<'_>) -> Result<Found> {
        match &self.types[..] {
            [] => bail!("you must provide a resource and a resource name together"),
            [_] => {}
            _ => bail!("you must specify only one resource"),
        }
        if let Some(resource) = discovery::empty(session.api, &self.types[0]) {
            let errors = self.names.iter().map(|name| resource.not_found(name)).collect();
            return Ok(Found { errors, single: self.names.len() == 1, ..Found::default() });
        }
        let kind = discovery::kind(session.api, &self.types[0])?;
        let wanted = self.names.iter().map(|name| (kind, name.clone())).collect();
        self.read_all(session, wanted)
    }

    fn read_all(self, session: &mut Session<'_>, wanted: Vec<(Kind, String)>) -> Result<Found> {
        let mut found = Found { single: wanted.len() == 1, ..Found::default() };
        for (kind, name) in wanted {
            let mut namespace = String::new();
            if kind.names().namespaced {
                if self.all_namespaces {
                    bail!("a resource cannot be retrieved by name across all namespaces");
                }
                namespace.clone_from(&self.namespace);
            }
            let mut info = Info { kind, namespace, name, source: String::new(), object: None };
            if self.read {
                match session.read(kind, &info.namespace, &info.name) {
                    Ok(object) => info.object = Some(object),
                    Err(error) => {
                        found.errors.push(error);
                        if self.stop_at_first {
                            break;
                        }
                        continue;
                    }
                }
            }
            found.visits.push(Visit::One(info));
        }
        Ok(found)
    }

    fn found_in_files(
        self,
        session: &mut Session<'_>,
        files: &[String],
        texts: Vec<(String, Vec<u8>)>,
    ) -> Result<Found> {
        if !self.types.is_empty() {
            bail!(
                "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
            );
        }
        if !self.pairs.is_empty() {
            bail!("resource/name arguments cannot be provided when a path is specified");
        }
        if !self.names.is_empty() {
            bail!("name cannot be provided when a path is specified");
        }
        let selector = match self.labels.as_deref() {
            None | Some("") => None,
            Some(text) => match label_selector::parse(text) {
                Ok(selector) => Some(selector),
                Err(why) => bail!("the provided selector \"{text}\" is not valid: {why}"),
            },
        };
        let validate = !matches!(session.flags.text("validate"), "ignore" | "false");
        let mut found = Found {
            single: files.len() == 1 && files[0] != "-" && !self.recursive && texts.len() == 1,
            ..Found::default()
        };
        for (source, bytes) in texts {
            for document in manifest::documents(&bytes) {
                let taken = match document {
                    Ok(value) if value.is_null() => continue,
                    Ok(value) => self.take(session.api, &source, value, validate),
                    Err(why) => {
                        found.errors.push(Error::plain(format!("error parsing {source}: {why}")));
                        break;
                    }
                };
                let (infos, ends) = match taken {
                    Taken::Objects(infos) => (infos, false),
                    // What cannot be an object at all ends its file.
                    Taken::Refused(error, ends) => (vec![Err(error)], ends),
                };
                for info in infos {
                    match info {
                        Ok(info) => {
                            warn_of_deprecated(session, &info);
                            let labels = info.object.as_ref().map(|o| o.labels().clone()).unwrap_or_default();
                            if selector.as_ref().is_none_or(|selector| selector.matches(&labels)) {
                                found.visits.push(Visit::One(info));
                            }
                        }
                        Err(error) => found.errors.push(error),
                    }
                }
                if ends || (self.stop_at_first && !found.errors.is_empty()) {
                    break;
                }
            }
        }
        found.single &= found.visits.len() <= 1;
        Ok(found)
    }

    fn take(&self, api: &ApiServer, source: &str, value: Value, validate: bool) -> Taken {
        if validate && let Some(why) = manifest::problem_of_kind(&value) {
            return Taken::Refused(
                Error::plain(format!(
                    "error validating \"{source}\": error validating data: {why}; if you choose to ignore these errors, turn validation off with --validate=false"
                )),
                true,
            );
        }
        if let Err(why) = decode_metadata(&value) {
            return Taken::Refused(Error::plain(format!("unable to decode \"{source}\": {why}")), false);
        }
        if value.get("kind").str().ends_with("List") && matches!(value.get("items"), Value::List(_)) {
            let items = value.get("items").items();
            return Taken::Objects(
                items.iter().map(|item| self.written(api, source, item.clone())).collect(),
            );
        }
        Taken::Objects(vec![self.written(api, source, value)])
    }

    fn written(&self, api: &ApiServer, source: &str, mut value: Value) -> Result<Info> {
        resources::convert(&mut value);
        let (api_version, kind) =
            (value.get("apiVersion").str().to_string(), value.get("kind").str().to_string());
        let metadata = value.get("metadata");
        let name = metadata.get("name").str().to_string();
        let mut namespace = metadata.get("namespace").str().to_string();
        let Some(mut object) = api.kind_of(&api_version, &kind).map(|kind| Object::of(kind, value)) else {
            if discovery::is_known(&api_version, &kind) {
                return Err(discovery::not_simulated(&format!("{kind} of {api_version}")));
            }
            bail!(
                "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"{source}\": {}\nensure CRDs are installed first",
                no_match_for_kind(&api_version, &kind)
            );
        };
        let kind = object.kind;
        if !kind.names().namespaced {
            namespace.clear();
        } else if namespace.is_empty() {
            namespace.clone_from(&self.namespace);
            if !self.local || self.enforce_namespace {
                object.set_at(&["metadata", "namespace"], namespace.as_str());
            }
        } else if self.enforce_namespace && namespace != self.namespace {
            bail!(
                "the namespace from the provided object \"{namespace}\" does not match the namespace \"{}\". You must pass '--namespace={namespace}' to perform this operation.",
                self.namespace
            );
        }
        Ok(Info { kind, namespace, name, source: source.into(), object: Some(object) })
    }
}

/// What the server says of a custom resource in a version that its definition calls deprecated.
fn warn_of_deprecated(session: &mut Session<'_>, info: &Info) {
    let Some(object) = info.object.as_ref().filter(|_| info.kind.is_custom()) else { return };
    if let Some(warning) = session.api.deprecation_of(info.kind, object.get("apiVersion").str()) {
        session.warn(warning);
    }
}

enum Taken {
    Objects(Vec<Result<Info>>),
    /// The error, and whether nothing after it is read.
    Refused(Error, bool),
}

/// One error instead of a list of one.
fn only(error: Error) -> Error {
    match error {
        Error::Many(mut errors) if errors.len() == 1 => errors.remove(0),
        other => other,
    }
}

/// `deploy,svc web` as `deploy/web svc/web`.
fn spread(args: &[String], categories: &Categories) -> Vec<String> {
    let Some((types, names)) = args.split_first() else { return Vec::new() };
    let types = split_types(types, categories);
    if names.is_empty() || types.len() < 2 {
        return args.to_vec();
    }
    types.iter().flat_map(|kind| names.iter().map(move |name| format!("{kind}/{name}"))).collect()
}

/// Types with commas between, each once, categories spread out.
fn split_types(types: &str, categories: &Categories) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in types.split(',').filter(|word| !word.is_empty()) {
        for word in categories.get(word).cloned().unwrap_or_else(|| vec![word.to_string()]) {
            if !all.contains(&word) {
                all.push(word);
            }
        }
    }
    all
}
