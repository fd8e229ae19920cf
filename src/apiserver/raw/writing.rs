//! What the API server does on a `POST`, `PUT`, `PATCH` or `DELETE` of a path (apiserver, endpoints/handlers).

use super::{Place, asked, list_of, refused, selected, unknown};
use crate::api::{Kind, Object, ObjectKey, Status};
use crate::apiserver::decoding::FieldValidation;
use crate::apiserver::patch::PatchKind;
use crate::apiserver::rbac::User;
use crate::apiserver::{ApiServer, Deletion, Propagation, subresource};
use crate::base::sha256::hex;
use crate::base::{Value, json, yaml};
use crate::value;

/// A request that changes something.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// `POST`, `PUT` …
    pub method: &'a str,
    /// The path with its query.
    pub path: &'a str,
    /// What the body is said to be; empty where nothing is said.
    pub content_type: &'a str,
    /// Who sends it, as managers of fields are named: `curl`.
    pub manager: &'a str,
    /// What it sends.
    pub body: &'a str,
}

impl ApiServer {
    /// Does what a request asks for. The answer is an HTTP status and a body.
    ///
    /// # Errors
    /// What the server answers.
    pub fn write_path(&mut self, user: &User, sent: &Sent<'_>) -> Result<(u16, Value), Status> {
        let (path, query) = sent.path.split_once('?').unwrap_or((sent.path, ""));
        let place = Place::of(path)?.ok_or_else(unknown)?;
        let kind = place.kind(self).ok_or_else(unknown)?;
        let verb = match (sent.method, place.name, place.part) {
            ("POST", "", "") | ("POST", _, "binding" | "eviction") => "create",
            ("PUT", name, _) if !name.is_empty() => "update",
            ("PATCH", name, _) if !name.is_empty() => "patch",
            ("DELETE", "", "") => "deletecollection",
            ("DELETE", _, "") => "delete",
            _ => {
                let why = "the server does not allow this method on the requested resource";
                return Err(refused(405, "MethodNotAllowed", why.to_owned()));
            }
        };
        place.permit(self, user, verb)?;
        let key = ObjectKey::new(kind, place.namespace, place.name);
        let request = Writing { kind, key, query, sent };
        match (verb, place.part) {
            ("create", "") => request.create(self),
            ("create", "binding") if kind == Kind::Pod => request.bind(self),
            ("create", "eviction") if kind == Kind::Pod => request.evict(self),
            ("update", "") => request.update(self),
            ("update", "finalize") if kind == Kind::Namespace => request.finalize(self),
            ("update" | "patch", part) if !part.is_empty() => request.change_part(self, verb, part),
            ("patch", _) => request.patch(self),
            ("delete", _) => request.delete(self),
            ("deletecollection", _) => request.delete_all(self),
            _ => Err(unknown()),
        }
    }
}

struct Writing<'a> {
    kind: Kind,
    /// Without a name where the path has none.
    key: ObjectKey,
    query: &'a str,
    sent: &'a Sent<'a>,
}

type Answered = Result<(u16, Value), Status>;

impl Writing<'_> {
    fn dry_run(&self) -> bool {
        asked(self.query, "dryRun") == "All"
    }

    fn validation(&self) -> FieldValidation {
        match asked(self.query, "fieldValidation").as_str() {
            "Strict" => FieldValidation::Strict,
            "Ignore" => FieldValidation::Ignore,
            _ => FieldValidation::Warn,
        }
    }

    /// Records who wrote.
    fn wrote(&self, api: &mut ApiServer, before: Option<&Object>, after: &Object) {
        if self.dry_run() {
            return;
        }
        let said = asked(self.query, "fieldManager");
        let name = if said.is_empty() { self.sent.manager } else { &said };
        api.record_manager(name, "", before, after);
    }

    /// What the body is said to be, without what follows `;`.
    fn media_type(&self) -> &str {
        self.sent.content_type.split(';').next().unwrap_or_default().trim()
    }

    /// The body: of this kind where it does not say.
    fn object(&self) -> Result<Value, Status> {
        let mut body = self.read(self.kind.names().kind)?;
        let names = self.kind.names();
        for (field, own) in [("apiVersion", self.kind.api_version()), ("kind", names.kind)] {
            if body.get(field).is_empty() {
                body.set(field, own);
            }
        }
        let (version, kind) = (body.get("apiVersion").str(), body.get("kind").str());
        if version != self.kind.api_version() {
            return Err(Status::bad_request(format!(
                "the API version in the data ({version}) does not match the expected API version ({})",
                self.kind.api_version()
            )));
        }
        if kind != names.kind {
            return Err(Status::bad_request(format!(
                "{kind} in version \"{}\" cannot be handled as a {}: converting ({}.{kind}) to (core.{}): unknown conversion",
                names.version, names.kind, names.version, names.kind
            )));
        }
        let namespace = body.at(&["metadata", "namespace"]).str();
        if !namespace.is_empty() && namespace != &*self.key.namespace {
            let why = "the namespace of the provided object does not match the namespace sent on the request";
            return Err(Status::bad_request(why));
        }
        if namespace.is_empty() && names.namespaced {
            body.set_at(&["metadata", "namespace"], &*self.key.namespace);
        }
        Ok(body)
    }

    /// The body as a value.
    fn read(&self, wanted: &str) -> Result<Value, Status> {
        let text = self.sent.body;
        match self.media_type() {
            "application/yaml" => yaml::read(text.as_bytes())
                .map(|document| document.value)
                .map_err(|problem| Status::bad_request(problem.message)),
            "" | "application/json" | "*/*" => parse(text).map_err(|why| {
                let shown = match text {
                    "" => "<empty>".to_owned(),
                    _ if text.starts_with('{') => shortened(text, 30, text.len()),
                    _ => {
                        let first = text.len().min(30);
                        shortened(&hex(&text.as_bytes()[..first]), 60, 2 * text.len())
                    }
                };
                Status::bad_request(format!(
                    "the object provided is unrecognized (must be of type {wanted}): couldn't get version/kind; json parse error: {why} ({shown})"
                ))
            }),
            _ => Err(unsupported("application/json, application/yaml, application/vnd.kubernetes.protobuf")),
        }
    }

    fn create(&self, api: &mut ApiServer) -> Answered {
        let body = self.object()?;
        let made = api.create_from(&body, &self.key.namespace, self.validation(), self.dry_run())?.object;
        self.wrote(api, None, &made);
        Ok((201, made.body))
    }

    fn update(&self, api: &mut ApiServer) -> Answered {
        let body = self.object()?;
        let name = body.at(&["metadata", "name"]).str();
        if name != &*self.key.name {
            return Err(Status::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                self.key.name
            )));
        }
        let before = api.get(&self.key).cloned();
        let after = api.update_from(&self.key, &body, self.validation(), self.dry_run())?.object;
        self.wrote(api, before.as_ref(), &after);
        Ok((200, after.body))
    }

    /// How a body of this kind is to be laid over the object; none for an applied configuration.
    fn patch_kind(&self) -> Result<Option<PatchKind>, Status> {
        Ok(Some(match self.media_type() {
            "application/json-patch+json" => PatchKind::Json,
            "application/merge-patch+json" => PatchKind::Merge,
            "application/strategic-merge-patch+json" => PatchKind::Strategic,
            "application/apply-patch+yaml" => return Ok(None),
            _ => {
                return Err(unsupported(
                    "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
                ));
            }
        }))
    }

    fn read_patch(&self) -> Result<Value, Status> {
        parse(self.sent.body).map_err(|why| Status::bad_request(format!("error decoding patch: {why}")))
    }

    fn patch(&self, api: &mut ApiServer) -> Answered {
        let Some(how) = self.patch_kind()? else { return self.apply(api) };
        let patch = self.read_patch()?;
        let before = api.get(&self.key).cloned();
        let after = api.patch(&self.key, how, &patch, "", self.validation(), self.dry_run())?.object;
        self.wrote(api, before.as_ref(), &after);
        Ok((200, after.body))
    }

    fn apply(&self, api: &mut ApiServer) -> Answered {
        let config = yaml::read(self.sent.body.as_bytes())
            .map_err(|problem| Status::bad_request(format!("error decoding YAML: {}", problem.message)))?;
        let manager = asked(self.query, "fieldManager");
        if manager.is_empty() {
            return Err(refused(
                422,
                "Invalid",
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch".into(),
            ));
        }
        let is_new = api.get(&self.key).is_none();
        let force = asked(self.query, "force") == "true";
        let after = api.apply(&self.key, &config.value, &manager, force, self.dry_run())?.object;
        Ok((if is_new { 201 } else { 200 }, after.body))
    }

    /// `status`, `scale` and the like: what they are of changes in that part alone.
    fn change_part(&self, api: &mut ApiServer, verb: &str, part: &str) -> Answered {
        let object = api.read(&self.key)?.clone();
        if part == "approval" && self.kind == Kind::CertificateSigningRequest && verb == "update" {
            let body = self.object()?;
            let conditions = body.at(&["status", "conditions"]).clone();
            let changed = api.modify_status(&self.key, |status| status.set("conditions", conditions));
            return Ok((200, changed.unwrap_or(object).body));
        }
        let now = subresource::of(api, &object, part)?;
        let wanted = if verb == "update" {
            self.read(now.get("kind").str())?
        } else {
            let how = self.patch_kind()?.ok_or_else(unknown)?;
            let patch = self.read_patch()?;
            if part == "resize" {
                let after = api.patch(&self.key, how, &patch, "resize", self.validation(), self.dry_run())?;
                return Ok((200, after.object.body));
            }
            how.applied(self.kind, &now, &patch).map_err(Status::bad_request)?
        };
        if self.dry_run() {
            return Ok((200, wanted));
        }
        match part {
            "scale" => {
                let path = subresource::replicas_path(api, self.kind).ok_or_else(unknown)?;
                let patch = subresource::at_path(&path, wanted.at(&["spec", "replicas"]).clone());
                let none = FieldValidation::Ignore;
                let after = api.patch(&self.key, PatchKind::Merge, &patch, "", none, false)?.object;
                Ok((200, subresource::of(api, &after, part)?))
            }
            "status" => {
                let changed = api.modify_status(&self.key, |status| *status = wanted.get("status").clone());
                Ok((200, changed.unwrap_or(object).body))
            }
            _ => Err(unknown()),
        }
    }

    /// Takes away what keeps a Namespace that is to go.
    fn finalize(&self, api: &mut ApiServer) -> Answered {
        let body = self.object()?;
        api.read(&self.key)?;
        let finalizers = body.at(&["spec", "finalizers"]).clone();
        let changed = api.modify_with_status(&self.key, |namespace| match finalizers.is_empty() {
            true => drop(namespace.entry("spec").remove("finalizers")),
            false => namespace.set_at(&["spec", "finalizers"], finalizers),
        });
        Ok((200, changed.map_or(body, |namespace| namespace.body)))
    }

    /// Puts a Pod on a node, as schedulers do.
    fn bind(&self, api: &mut ApiServer) -> Answered {
        let body = self.read("Binding")?;
        let pod = api.read(&self.key)?;
        let conflict = |why: String| {
            let name = &self.key.name;
            let message = format!("Operation cannot be fulfilled on pods/binding \"{name}\": {why}");
            Err(refused(409, "Conflict", message))
        };
        let node = pod.spec().get("nodeName").str();
        if pod.is_terminating() {
            return conflict(format!("pod {} is being deleted, cannot be assigned to a host", self.key.name));
        }
        if !node.is_empty() {
            return conflict(format!("pod {} is already assigned to node \"{node}\"", self.key.name));
        }
        let target = body.at(&["target", "name"]).str();
        if target.is_empty() {
            let message = "Binding \"\" is invalid: target.name: Required value";
            return Err(refused(422, "Invalid", message.to_owned()));
        }
        if !self.dry_run() {
            api.bind(&self.key, target);
        }
        created()
    }

    /// Deletes a Pod where its disruption budgets let it go.
    fn evict(&self, api: &mut ApiServer) -> Answered {
        let body = self.read("Eviction")?;
        api.read(&self.key)?;
        if let Err(why) = api.may_evict(&self.key) {
            return Err(refused(429, "TooManyRequests", why));
        }
        let grace = body.at(&["deleteOptions", "gracePeriodSeconds"]).as_int();
        api.delete(&self.key, Deletion { grace_period_seconds: grace, ..Deletion::default() })?;
        created()
    }

    /// What query and body say of how to delete. Jobs and ReplicationControllers leave their Pods where nothing is said
    /// (`DefaultGarbageCollectionPolicy`).
    fn deletion(&self) -> Result<Deletion, Status> {
        let options = if self.sent.body.is_empty() { Value::Null } else { self.read("DeleteOptions")? };
        let said = match options.get("propagationPolicy").str() {
            "" => asked(self.query, "propagationPolicy"),
            said => said.to_owned(),
        };
        let propagation = match said.as_str() {
            "Foreground" => Propagation::Foreground,
            "Orphan" => Propagation::Orphan,
            "" if matches!(self.kind, Kind::Job | Kind::ReplicationController) => Propagation::Orphan,
            _ => Propagation::Background,
        };
        let grace = options.get("gracePeriodSeconds").as_int();
        let grace_period_seconds = grace.or_else(|| asked(self.query, "gracePeriodSeconds").parse().ok());
        Ok(Deletion { grace_period_seconds, propagation })
    }

    fn delete(&self, api: &mut ApiServer) -> Answered {
        let how = self.deletion()?;
        if self.dry_run() {
            return api.read(&self.key).map(|object| (200, object.body.clone()));
        }
        let left = api.delete(&self.key, how)?;
        // Some registries answer with what was deleted (`ReturnDeletedObject`).
        let whole = matches!(
            self.kind,
            Kind::Pod
                | Kind::Service
                | Kind::ServiceAccount
                | Kind::PersistentVolume
                | Kind::PersistentVolumeClaim
                | Kind::ResourceQuota
        );
        if whole || api.get(&self.key).is_some() {
            return Ok((200, left.body));
        }
        let names = self.kind.names();
        let mut details = value!({"kind": (names.plural), "name": (&*self.key.name), "uid": (left.uid())});
        if !names.group.is_empty() {
            details.set("group", names.group);
        }
        let mut answer = success();
        answer.set("details", details);
        Ok((200, answer))
    }

    fn delete_all(&self, api: &mut ApiServer) -> Answered {
        let how = self.deletion()?;
        let chosen = selected(api, self.kind, &self.key.namespace, self.query)?;
        let keys: Vec<ObjectKey> = chosen.map(Object::key).collect();
        let mut deleted = Vec::new();
        for key in keys {
            deleted.push(if self.dry_run() { api.read(&key)?.clone() } else { api.delete(&key, how)? }.body);
        }
        Ok((200, list_of(self.kind, api.store().revision(), deleted)))
    }
}

/// Reads JSON.
fn parse(text: &str) -> Result<Value, String> {
    match json::read_value(text.as_bytes(), 0) {
        Ok(Some((value, _))) => Ok(value),
        Ok(None) => Err("unexpected end of JSON input".to_owned()),
        Err(problem) => Err(problem.message),
    }
}

fn shortened(text: &str, most: usize, whole: usize) -> String {
    let end = (0..=most.min(text.len())).rfind(|at| text.is_char_boundary(*at)).unwrap_or(0);
    if whole > most { format!("{} ...", &text[..end]) } else { text.to_owned() }
}

fn unsupported(accepted: &str) -> Status {
    let message = format!(
        "the body of the request was in an unknown format - accepted media types include: {accepted}"
    );
    refused(415, "UnsupportedMediaType", message)
}

fn success() -> Value {
    value!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})
}

/// What subresources answer that make no object.
fn created() -> Answered {
    let mut answer = success();
    answer.set("code", 201);
    Ok((201, answer))
}
