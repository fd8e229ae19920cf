//! `kubectl edit`, and the editor of `kubectl create --edit` (kubectl `editoptions.go`).

use std::collections::VecDeque;

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::apiserver::patch::{self, PatchKind};
use crate::base::{Value, json, yaml};

use super::apply::modified_configuration;
use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{FILES, PRINT, RECORD, VALIDATE};
use super::printer::{self, Teller};
use super::requests::EditRequest;
use super::running::Running;
use super::session::{DONE, Flow, Session, Step};

pub(super) const COMMAND: Command = Command {
    name: "edit",
    usage: "(RESOURCE/NAME | -f FILENAME)",
    short: "Edit a resource on the server",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        VALIDATE,
        "field-manager=kubectl-edit output-patch:bool save-config:bool subresource windows-line-endings:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

const HEAD: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let subresource = session.flags.text("subresource");
    if !matches!(subresource, "" | "resize") {
        bail!("Saya does not simulate kubectl edit --subresource {subresource}");
    }
    let args = session.args().to_vec();
    let found = Builder::new(session).files(session).args(&args, true).find(session)?;
    let (infos, errors) = found.infos();
    Error::all(errors)?;
    let mut objects = Vec::new();
    for info in infos {
        objects.push(session.read(info.kind, &info.namespace, &info.name)?);
    }
    if objects.is_empty() {
        bail!("edit cancelled, no objects found");
    }
    Editing::new(Deed::Change, objects, VecDeque::new()).ask(String::new())
}

/// Opens the objects in an editor one after the other, and creates what is saved.
///
/// # Errors
/// What the editor's text cannot be asked for with.
pub(super) fn create(mut objects: VecDeque<Object>) -> Result<Flow> {
    match objects.pop_front() {
        Some(first) => Editing::new(Deed::Create, vec![first], objects).ask(String::new()),
        None => DONE,
    }
}

/// What is done with what is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Deed {
    Change,
    Create,
}

/// Objects in an editor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Editing {
    deed: Deed,
    objects: Vec<Object>,
    /// The objects as they were, for the first look and every other.
    original: String,
    /// What the editor was last opened with.
    shown: String,
    /// True where what was saved before was not taken.
    refused: bool,
    /// Those whose turn comes afterwards.
    next: VecDeque<Object>,
}

/// What became of what was saved.
#[derive(Default)]
struct Outcome {
    /// The objects that the server calls invalid: they are to be edited once more.
    invalid: Vec<Object>,
    /// Why, for the head of the next text.
    reasons: String,
    /// True where the server refused one in another way.
    refused: bool,
    /// True where one is no longer there.
    gone: bool,
}

impl Editing {
    fn new(deed: Deed, objects: Vec<Object>, next: VecDeque<Object>) -> Self {
        let original = match &objects[..] {
            [one] => printer::yaml(&one.body),
            several => printer::yaml(&printer::list(several)),
        };
        Self { deed, objects, shown: original.clone(), original, refused: false, next }
    }

    fn ask(mut self, reasons: String) -> Result<Flow> {
        self.shown = [HEAD, &reasons, &self.shown].concat();
        let request = EditRequest { text: self.shown.clone() };
        Ok(Flow::Ask(Running::Edit(self), Step::Edit(request)))
    }

    /// Takes what was saved, of which `path` holds a copy.
    ///
    /// # Errors
    /// kubectl's words where nothing can be taken of it.
    pub fn saved(mut self, session: &mut Session<'_>, text: &str, path: &str) -> Result<Flow> {
        let kept = |session: &mut Session<'_>| {
            session.note(format!("A copy of your changes has been stored to \"{path}\""));
        };
        if self.refused && same(&self.shown, text) {
            kept(session);
            bail!("Edit cancelled, no valid changes were saved.");
        }
        if same(&self.original, text) {
            session.note("Edit cancelled, no changes made.");
            return create(self.next);
        }
        self.shown = without_comments(text);
        if self.shown.trim().is_empty() {
            session.note("Edit cancelled, saved file was empty.");
            return create(self.next);
        }
        self.refused = true;
        let edited = match objects_of(session.api, text) {
            Ok(edited) => edited,
            Err(why) => {
                let why = format!("The edited file had a syntax error: {why}");
                return self.ask(format!("# {}\n#\n", why.replace('\n', "\n# ")));
            }
        };
        let outcome = self.send(session, edited).inspect_err(|_| kept(session))?;
        if outcome.refused {
            session.note(format!("You can run `kubectl replace -f {path}` to try this update again."));
            return Ok(Flow::Done(1));
        }
        if outcome.gone {
            session.note(format!("The edits you made on deleted resources have been saved to \"{path}\""));
            return Ok(Flow::Done(1));
        }
        if outcome.invalid.is_empty() {
            return create(self.next);
        }
        self.objects = outcome.invalid;
        self.ask(outcome.reasons)
    }

    fn send(&self, session: &mut Session<'_>, edited: Vec<Object>) -> Result<Outcome> {
        let mut teller = Teller::new(session)?;
        let mut outcome = Outcome::default();
        for mut object in edited {
            if session.flags.is("save-config") {
                *object = modified_configuration(&object);
            }
            if self.deed == Deed::Create {
                let namespace = match object.namespace() {
                    "" if object.kind.names().namespaced => session.namespace.clone(),
                    own => own.to_owned(),
                };
                let made = session.create(object.body, &namespace, false)?;
                teller.tell(session, &made.body, "created")?;
                continue;
            }
            let Some(before) = self.objects.iter().find(|before| before.uid() == object.uid()) else {
                bail!("no original object found for {}", json::to_string(&object.body));
            };
            if before.body == object.body {
                teller.tell(session, &before.body, "skipped")?;
                continue;
            }
            if (before.kind, before.name()) != (object.kind, object.name()) {
                bail!("At least one of apiVersion, kind and name was changed");
            }
            let changes = patch::two_way(before.kind, &before.body, &object.body).map_err(Error::Plain)?;
            if session.flags.is("output-patch") {
                session.line(format!("Patch: {}", json::to_string(&changes)));
            }
            let answer = match session.flags.text("subresource") {
                "resize" => session.resize(&before.key(), PatchKind::Strategic, &changes, false),
                _ => session.patch(&before.key(), PatchKind::usual(before.kind), &changes, false),
            };
            match answer {
                Ok(changed) => teller.tell(session, &changed.body, "edited")?,
                Err(error) => outcome.add(session, before, &error),
            }
        }
        Ok(outcome)
    }
}

impl Outcome {
    /// Tells of a refusal (`editResults.addError`).
    fn add(&mut self, session: &mut Session<'_>, object: &Object, error: &Error) {
        let subject = format!("{} \"{}\"", object.kind.resource(), object.name());
        match error {
            Error::Status { status, .. } if status.reason == "Invalid" => {
                session.note(format!("error: {subject} is invalid"));
                self.invalid.push(object.clone());
                let causes: String = status
                    .causes
                    .iter()
                    .map(|cause| format!("# * {}\n", cause.text().replace('\n', "\n# ")))
                    .collect();
                let end = if causes.is_empty() { "" } else { ":" };
                self.reasons += &format!("# {subject} was not valid{end}\n{causes}#\n");
            }
            error if error.is_not_found() => {
                session.note(format!("error: {subject} could not be found on the server"));
                self.gone = true;
            }
            error => {
                session.note(format!("error: {subject} could not be patched: {}", error.message()));
                self.refused = true;
            }
        }
    }
}

/// The objects that a text holds, those of a list one by one.
fn objects_of(api: &ApiServer, text: &str) -> std::result::Result<Vec<Object>, String> {
    let mut objects = Vec::new();
    for document in yaml::read_stream(text.as_bytes()) {
        let value = document.map_err(|error| format!("error parsing edited-file: {}", error.message))?.value;
        crate::api::schema::decode_metadata(&value).map_err(|error| error.to_string())?;
        let values = match value.get("items").items() {
            [] => vec![value],
            items => items.to_vec(),
        };
        for value in values {
            let version = value.get("apiVersion").str().to_owned();
            let kind = value.get("kind").str().to_owned();
            objects.push(api.object_of(value).ok_or_else(|| {
                format!(
                    "resource mapping not found for name: \"\" namespace: \"\" from \"edited-file\": no matches for kind \"{kind}\" in version \"{version}\""
                )
            })?);
        }
    }
    Ok(objects)
}

/// True where two texts say the same, whatever stands in their comments (kubectl `StripComments`).
fn same(one: &str, other: &str) -> bool {
    let values = |text: &str| -> Option<Vec<Value>> {
        yaml::read_stream(text.as_bytes()).map(|document| Some(document.ok()?.value)).collect()
    };
    match (values(one), values(other)) {
        (Some(one), Some(other)) => one == other,
        _ => without_comments(one) == without_comments(other),
    }
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect()
}
