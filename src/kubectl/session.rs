//! What a verb has at hand while it runs a step.

use crate::api::{Kind, Object, ObjectKey, Selector, Status};
use crate::apiserver::decoding::{Answer, FieldValidation};
use crate::apiserver::managed_fields::KUBECTL;
use crate::apiserver::patch::{self, PatchKind};
use crate::apiserver::rbac::{Request, User};
use crate::apiserver::{ApiServer, Deletion, field_selector, label_selector};
use crate::base::{Date, SimTime, Value, klog};

use super::auth::user_info;
use super::error::{Error, Result};
use super::flags::Flags;
use super::requests::{
    AttachRequest, CopyRequest, EditRequest, ExecRequest, LogsRequest, PortForwardRequest, ProxyRequest,
};
use super::running::Running;

/// Where kubectl reads and writes: the host it runs on.
pub trait Io {
    /// Virtual time.
    fn now(&self) -> SimTime;
    /// Writes to standard output.
    fn out(&mut self, text: &str);
    /// Writes to standard error.
    fn err(&mut self, text: &str);
    /// A file's contents.
    ///
    /// # Errors
    /// What the system says: `no such file or directory`.
    fn read_file(&self, path: &str) -> std::result::Result<Vec<u8>, String>;
    /// Puts a file, and the folders it needs, in place.
    ///
    /// # Errors
    /// What the system says.
    fn write_file(&mut self, path: &str, contents: &[u8]) -> std::result::Result<(), String>;
    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// What the system says.
    fn list_dir(&self, path: &str) -> std::result::Result<Vec<String>, String>;
    /// True for a folder.
    fn is_dir(&self, path: &str) -> bool;
    /// True for a file or folder that is there.
    fn exists(&self, path: &str) -> bool;
    /// Everything on standard input, or another descriptor that can be read, once it has ended.
    fn stream(&mut self, fd: u32) -> Stdin;
    /// True where standard input is a terminal.
    fn stdin_is_terminal(&self) -> bool;
    /// True where standard output is a terminal.
    fn is_terminal(&self) -> bool;
    /// Reaches a server: `https://10.96.0.1:443`.
    fn dial(&mut self, server: &str) -> Dialed;
    /// An environment variable.
    fn env(&self, name: &str) -> Option<String>;
}

/// What came of an attempt to reach a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialed {
    /// It is there.
    Connected,
    /// It is not known yet.
    Waits,
    /// It cannot be reached; Go's words: `dial tcp 10.96.0.1:443: i/o timeout`.
    Failed(String),
}

/// Standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stdin {
    /// All of it.
    All(Vec<u8>),
    /// It has not ended yet.
    Pending,
}

/// What kubectl wants next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It has ended with this exit status.
    Done(u8),
    /// It wants to go on at a moment, or when the cluster has changed, whatever is first; with neither, when
    /// standard input has.
    Wait {
        /// The moment.
        until: Option<SimTime>,
        /// True where a change of the cluster is waited for.
        cluster: bool,
    },
    /// It wants a program run in a container; its exit status is kubectl's.
    Exec(ExecRequest),
    /// It wants to be joined to a container's main program.
    Attach(AttachRequest),
    /// It wants containers' logs; they end when it ends.
    Logs(LogsRequest),
    /// It wants ports of this host led to a Pod.
    PortForward(PortForwardRequest),
    /// It wants the API server served on a port of this host.
    Proxy(ProxyRequest),
    /// It wants files copied.
    Copy(CopyRequest),
    /// It wants a text edited; [`super::Kubectl::saved`] tells it what was saved.
    Edit(EditRequest),
}

/// What a verb comes to in a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// It is done, with this exit status.
    Done(u8),
    /// It goes on later.
    Running(Running, Wake),
    /// The rest is not kubectl's own.
    HandOver(Step),
    /// It goes on when what it asks for has ended.
    Ask(Running, Step),
}

/// When a running verb goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wake {
    /// At a moment.
    pub until: Option<SimTime>,
    /// When the cluster changes.
    pub cluster: bool,
}

impl Wake {
    /// When the cluster changes.
    pub const ON_CHANGE: Wake = Wake { until: None, cluster: true };

    /// When the cluster changes, at the latest at `until`.
    pub fn on_change_until(until: Option<SimTime>) -> Wake {
        Wake { until, cluster: true }
    }
}

/// A line that kubectl logs.
pub(super) fn klog_line(api: &ApiServer, severity: char, source: &str, text: &str) -> String {
    let clock = &api.clock;
    klog::line(severity, (clock.date(), clock.now), 1234, source, text)
}

/// All went well.
pub const DONE: Result<Flow> = Ok(Flow::Done(0));

/// What a verb has at hand while it runs a step.
pub struct Session<'a> {
    /// The host.
    pub io: &'a mut dyn Io,
    /// The API server.
    pub api: &'a mut ApiServer,
    /// What was given on the command line.
    pub flags: &'a Flags,
    /// The command's full name: `kubectl create deployment`.
    pub command: &'a str,
    /// The namespace that is meant where none is said.
    pub namespace: String,
    /// True where the namespace was given on the command line.
    pub explicit_namespace: bool,
    /// The contents of standard input, where the command reads it.
    pub stdin: Option<Vec<u8>>,
    /// As whom the server is asked, where that is somebody else (`--as`).
    pub user: Option<User>,
    /// What the server has warned of so far.
    pub warned: Vec<String>,
    /// Until when the command has said it will try again.
    pub trying_until: Option<SimTime>,
}

impl Session<'_> {
    /// The arguments that are no flags.
    pub fn args(&self) -> &[String] {
        &self.flags.args
    }
    /// The date now.
    pub fn date(&self) -> Date {
        self.api.clock.date()
    }
    /// The moment `nanos` from now.
    pub fn after(&self, nanos: i64) -> SimTime {
        SimTime(self.io.now().0.saturating_add(u64::try_from(nanos / 1_000).unwrap_or(0)))
    }
    /// Runs the command anew when the cluster changes, at the longest `nanos` after its first try.
    ///
    /// # Errors
    /// kubectl's words when it has taken too long.
    pub fn again(&self, nanos: i64) -> Result<Flow> {
        let until = self.trying_until.unwrap_or_else(|| self.after(nanos));
        if self.io.now() >= until {
            return Err(Error::plain("timed out waiting for the condition"));
        }
        Ok(Flow::Running(Running::Again { until }, Wake::on_change_until(Some(until))))
    }
    /// Prints a line.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.io.out(text.as_ref());
        self.io.out("\n");
    }
    /// Prints a line on standard error.
    pub fn note(&mut self, text: impl AsRef<str>) {
        self.io.err(text.as_ref());
        self.io.err("\n");
    }
    /// Prints a warning as klog does: with the date, the process and the line of kubectl's source that warns.
    pub fn log(&mut self, source: &str, text: &str) {
        self.io.err(&klog_line(self.api, 'W', source, text));
    }
    /// A wrong use of this command.
    pub fn usage(&self, text: impl std::fmt::Display) -> Error {
        Error::usage(self.command, text)
    }

    /// Asks whether the user may do this; a name only where the request has one.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn authorize(&self, verb: &str, kind: Kind, namespace: &str, name: &str) -> Result<()> {
        self.authorize_part(verb, kind, "", namespace, name)
    }

    /// As [`Self::authorize`], of a subresource.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn authorize_part(
        &self,
        verb: &str,
        kind: Kind,
        part: &str,
        namespace: &str,
        name: &str,
    ) -> Result<()> {
        let Some(user) = &self.user else { return Ok(()) };
        let names = kind.names();
        let namespace = if names.namespaced { namespace } else { "" };
        let resource = match part {
            "" => names.plural.to_owned(),
            part => [names.plural, "/", part].concat(),
        };
        let request = Request { verb, group: names.group, resource: &resource, name, namespace };
        Ok(self.api.authorize(user, request)?)
    }

    /// What the server is asked to do with fields that no type has.
    fn validation(&self) -> FieldValidation {
        match self.flags.text("validate") {
            "strict" | "true" => FieldValidation::Strict,
            "ignore" | "false" => FieldValidation::Ignore,
            _ => FieldValidation::Warn,
        }
    }

    /// Prints what the server warns of, each once.
    fn heed(&mut self, answer: Answer) -> Object {
        answer.warnings.into_iter().for_each(|warning| self.warn(warning));
        answer.object
    }

    /// Prints a warning of the server, once.
    pub fn warn(&mut self, warning: String) {
        if !self.warned.contains(&warning) {
            self.note(format!("Warning: {warning}"));
            self.warned.push(warning);
        }
    }

    /// Creates an object.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn create(&mut self, mut body: Value, namespace: &str, dry_run: bool) -> Result<Object> {
        self.write_down(&mut body);
        // The client drops the version of what it creates (cli-runtime's `Helper`).
        if !body.at(&["metadata", "resourceVersion"]).is_null() {
            body.entry("metadata").remove("resourceVersion");
        }
        if let Some(object) = self.api.object_of(body.clone()) {
            self.authorize("create", object.kind, namespace, "")?;
            // Of a request for a certificate, the server writes down who asks (`csrStrategy.PrepareForCreate`).
            if object.kind == Kind::CertificateSigningRequest {
                let info = user_info(self);
                info.entries().for_each(|(field, value)| body.entry("spec").set(field, value.clone()));
            }
        }
        let answer = self.api.create_from(&body, namespace, self.validation(), dry_run)?;
        self.wrote("", None, &answer.object, dry_run);
        Ok(self.heed(answer))
    }

    /// Notes the command as the cause of a change, for `rollout history` (`--record`; cli-runtime's `ChangeCauseRecorder`).
    fn write_down(&self, body: &mut Value) {
        if self.flags.is("record") {
            let args: String = self.args().iter().map(|arg| format!(" {arg}")).collect();
            let cause = format!("{}{args}{}", self.command, self.flags.spoken());
            body.set_at(&["metadata", "annotations", "kubernetes.io/change-cause"], cause);
        }
    }

    /// Puts an object in place of the one under its key.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn update(&mut self, mut object: Object, dry_run: bool) -> Result<Object> {
        self.write_down(&mut object);
        self.authorize("update", object.kind, object.namespace(), object.name())?;
        let before = self.api.get(&object.key()).cloned();
        let answer = self.api.update_from(&object.key(), &object.body, self.validation(), dry_run)?;
        self.wrote("", before.as_ref(), &answer.object, dry_run);
        Ok(self.heed(answer))
    }

    /// Changes an object by a patch.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn patch(&mut self, key: &ObjectKey, how: PatchKind, patch: &Value, dry_run: bool) -> Result<Object> {
        self.patch_part(key, "", how, patch, dry_run)
    }

    /// Gives a Pod's containers other resources by a patch.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn resize(
        &mut self,
        key: &ObjectKey,
        how: PatchKind,
        patch: &Value,
        dry_run: bool,
    ) -> Result<Object> {
        self.patch_part(key, "resize", how, patch, dry_run)
    }

    fn patch_part(
        &mut self,
        key: &ObjectKey,
        part: &'static str,
        how: PatchKind,
        patch: &Value,
        dry_run: bool,
    ) -> Result<Object> {
        self.authorize_part("patch", key.kind, part, &key.namespace, &key.name)?;
        let before = self.api.get(key).cloned();
        let mut patch = patch.clone();
        if how != PatchKind::Json {
            self.write_down(&mut patch);
        }
        let answer = self.api.patch(key, how, &patch, part, self.validation(), dry_run)?;
        self.wrote(part, before.as_ref(), &answer.object, dry_run);
        Ok(self.heed(answer))
    }

    /// Applies a configuration on the server.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn apply(&mut self, key: &ObjectKey, config: &Value, force: bool, dry_run: bool) -> Result<Object> {
        self.authorize("patch", key.kind, &key.namespace, &key.name)?;
        let manager = match self.flags.text("field-manager") {
            "" | "kubectl-client-side-apply" => KUBECTL,
            name => name,
        };
        let answer = self.api.apply(key, config, manager, force, dry_run)?;
        Ok(self.heed(answer))
    }

    /// Records who wrote: what `--field-manager` says or stands for, or else the program.
    fn wrote(&mut self, part: &'static str, before: Option<&Object>, after: &Object, dry_run: bool) {
        if dry_run {
            return;
        }
        let name = match self.flags.text("field-manager") {
            "" => KUBECTL,
            name => name,
        };
        let part = if self.command.ends_with(" scale") { "scale" } else { part };
        self.api.record_manager(name, part, before, after);
    }

    /// Deletes an object, or begins to.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn delete(&mut self, key: &ObjectKey, how: Deletion) -> Result<Object> {
        self.authorize("delete", key.kind, &key.namespace, &key.name)?;
        Ok(self.api.delete(key, how)?)
    }

    /// Changes an object that was read as `before` to `after`, by a patch.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn change(&mut self, before: &Object, after: Object, dry_run: bool) -> Result<Object> {
        let changes = patch::two_way(before.kind, &before.body, &after.body).map_err(Error::Plain)?;
        if changes.is_empty() {
            return Ok(before.clone());
        }
        self.patch(&before.key(), PatchKind::usual(before.kind), &changes, dry_run)
    }

    /// Reads one object; says of a namespace that is not there rather than of the object in it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn read(&self, kind: Kind, namespace: &str, name: &str) -> Result<Object> {
        self.authorize("get", kind, namespace, name)?;
        let api = &self.api;
        match api.read(&ObjectKey::new(kind, namespace, name)) {
            Ok(object) => Ok(object.clone()),
            Err(status) => {
                if kind.names().namespaced && !namespace.is_empty() && namespace != "default" {
                    api.read(&ObjectKey::new(Kind::Namespace, "", namespace))?;
                }
                Err(status.into())
            }
        }
    }

    /// Reads the objects of a kind, of all namespaces where `namespace` is empty, that the selectors select.
    ///
    /// # Errors
    /// What the server says of the selectors.
    pub fn list(&self, kind: Kind, namespace: &str, labels: &str, fields: &str) -> Result<Vec<Object>> {
        self.authorize("list", kind, namespace, "")?;
        let bad = |why: String| {
            Status::bad_request(format!(
                "Unable to find \"{}\" that match label selector \"{labels}\", field selector \"{fields}\": {why}",
                super::error::resource_text(kind)
            ))
        };
        let selector = label_selector::parse(labels).map_err(bad)?;
        let fields = field_selector::parse(self.api, kind, fields).map_err(bad)?;
        let store = self.api.store();
        let keep = |object: &&Object| selector.matches(object.labels()) && fields.matches(object);
        Ok(if namespace.is_empty() || !kind.names().namespaced {
            store.list(kind).filter(keep).cloned().collect()
        } else {
            store.list_in(kind, namespace).filter(keep).cloned().collect()
        })
    }

    /// The objects of a kind in a namespace that a parsed selector selects.
    pub fn select(&self, kind: Kind, namespace: &str, selector: &Selector) -> Vec<Object> {
        let store = self.api.store();
        store.list_in(kind, namespace).filter(|object| selector.matches(object.labels())).cloned().collect()
    }

    /// The value of `--dry-run`.
    ///
    /// # Errors
    /// What kubectl says of another value.
    pub fn dry_run(&mut self) -> Result<DryRun> {
        let text = self.flags.text("dry-run").to_string();
        Ok(match text.as_str() {
            "" | "none" => DryRun::None,
            "client" => DryRun::Client,
            "server" => DryRun::Server,
            "unchanged" => {
                self.log(
                    "helpers.go:731",
                    "--dry-run is deprecated and can be replaced with --dry-run=client.",
                );
                DryRun::Client
            }
            other => match super::flags::parse_bool(other) {
                Some(true) => {
                    self.log("helpers.go:741", &format!("--dry-run={other} is deprecated (boolean value) and can be replaced with --dry-run=client."));
                    DryRun::Client
                }
                Some(false) => {
                    self.log("helpers.go:744", &format!("--dry-run={other} is deprecated (boolean value) and can be replaced with --dry-run=none."));
                    DryRun::None
                }
                None => {
                    return Err(Error::plain(format!(
                        "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
                    )));
                }
            },
        })
    }
}

/// The value of `--dry-run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DryRun {
    /// It is meant.
    None,
    /// Nothing is sent.
    Client,
    /// The server tries it without keeping it.
    Server,
}

impl DryRun {
    /// What is printed after the deed.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
    /// True where the server keeps nothing.
    pub fn is_server(self) -> bool {
        self == DryRun::Server
    }
}

/// The key of an object in a [`Value`] of a known kind.
pub fn key_of(kind: Kind, body: &Value) -> ObjectKey {
    let metadata = body.get("metadata");
    ObjectKey::new(kind, metadata.get("namespace").str(), metadata.get("name").str())
}
