//! `kubectl edit`

use crate::api::{Object, ObjectKey};
use crate::base::yaml;

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
        "field-manager=kubectl-edit output-patch:bool~ save-config:bool subresource~ windows-line-endings:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

const HEAD: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let found = Builder::new(session).files(session).args(&args, true).find(session)?;
    let (infos, errors) = found.infos();
    Error::all(errors)?;
    let mut objects = Vec::new();
    for info in infos {
        objects.push(session.read(info.kind, &info.namespace, &info.name)?);
    }
    if objects.is_empty() {
        session.note("edit cancelled, no objects found");
        return DONE;
    }
    let body = match &objects[..] {
        [one] => printer::yaml(&one.body),
        several => printer::yaml(&printer::list(several)),
    };
    Editing { objects, text: format!("{HEAD}{body}"), complaint: String::new() }.ask()
}

/// Objects in an editor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Editing {
    objects: Vec<Object>,
    /// What the editor was opened with.
    text: String,
    /// Why what was saved before was not taken.
    complaint: String,
}

impl Editing {
    fn ask(self) -> Result<Flow> {
        let originals = self.objects.iter().map(|object| object.body.clone()).collect();
        let request = EditRequest { text: self.text.clone(), originals };
        Ok(Flow::Ask(Running::Edit(self), Step::Edit(request)))
    }

    /// Takes what was saved.
    ///
    /// # Errors
    /// kubectl's words where nothing can be taken of it.
    pub fn saved(self, session: &mut Session<'_>, text: &str) -> Result<Flow> {
        let plain = |text: &str| -> String {
            text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect()
        };
        if plain(text) == plain(&self.text) {
            if self.complaint.is_empty() {
                session.note("Edit cancelled, no changes made.");
                return DONE;
            }
            bail!("Edit cancelled, no valid changes were saved.");
        }
        if plain(text).trim().is_empty() {
            session.note("Edit cancelled, saved file was empty.");
            return DONE;
        }
        match self.send(session, text) {
            Ok(()) => DONE,
            Err(why) => self.again(text, &why),
        }
    }

    fn send(&self, session: &mut Session<'_>, text: &str) -> std::result::Result<(), String> {
        let mut teller = Teller::new(session).map_err(|error| error.message())?;
        let mut edited = Vec::new();
        for document in yaml::read_stream(text.as_bytes()) {
            let value = document.map_err(|error| error.message)?.value;
            crate::api::schema::decode_metadata(&value).map_err(|error| error.to_string())?;
            match value.get("items").items() {
                [] => edited.push(value),
                items => edited.extend(items.iter().cloned()),
            }
        }
        for value in edited {
            let Some(object) = Object::from_value(value) else {
                return Err("no kind is registered for what was saved".into());
            };
            let key = ObjectKey::new(object.kind, object.namespace(), object.name());
            let Some(before) = self.objects.iter().find(|before| before.key() == key) else {
                return Err("At least one of apiVersion, kind and name was changed".into());
            };
            if before.body == object.body {
                continue;
            }
            let refused = |error: Error| {
                let (text, _) = error.report();
                let why = text
                    .trim_end()
                    .rsplit(" is invalid: ")
                    .next()
                    .unwrap_or_default()
                    .replace("\n* ", "\n# * ");
                format!(
                    "{} \"{}\" was not valid:\n# * {}",
                    key.kind.resource(),
                    key.name,
                    why.trim_start_matches("\n# * ")
                )
            };
            let changed = session.change(before, object, false).map_err(refused)?;
            teller.tell(session, &changed.body, "edited").map_err(|error| error.message())?;
        }
        Ok(())
    }

    /// Opens the editor anew, with the complaint in it.
    fn again(self, text: &str, why: &str) -> Result<Flow> {
        let body: String =
            text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
        Editing { objects: self.objects, text: format!("{HEAD}# {why}\n#\n{body}"), complaint: why.into() }
            .ask()
    }
}
