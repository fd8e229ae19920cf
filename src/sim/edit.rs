//! The editor of `kubectl edit`: the program that `KUBE_EDITOR` or `EDITOR` names, or a person, before whom a file is laid.

use std::sync::Arc;
use std::time::Duration;

use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid, Status};
use crate::container::program::{Step, Wait};
use crate::kubectl::EditRequest;

/// What the name of a file that `kubectl edit` waits for begins with.
pub const EDITED: &str = "kubectl-edit-";
/// How often it looks for that file.
const LOOK: Duration = Duration::from_millis(200);

/// A file with objects, being edited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// Where it lies when the editor is done.
    copy: String,
    /// What it last held.
    text: String,
    editor: Editor,
}

/// Who edits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Editor {
    /// A person, who takes the file at this path away when it is done.
    Person(String),
    /// Nobody: no terminal, and no editor that runs without one.
    Nobody,
    /// A program, and its command line.
    Program(Pid, String),
}

impl Edit {
    /// Lays a file open.
    ///
    /// # Errors
    /// kubectl's words where there is no file, or no editor.
    pub fn begin(kernel: &mut Kernel<'_>, request: EditRequest) -> Result<Self, String> {
        let text = request.text;
        let command = ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| kernel.variable(name));
        let command = command.filter(|editor| !editor.is_empty()).map(|editor| words(kernel, &editor));
        let found = command.and_then(|words| Some((find(kernel, &words[0])?, words)));
        // Editors for a terminal are there by name only: a person has the page's.
        let found = found.filter(|(_, words)| !matches!(&*words[0], "vi" | "vim" | "nano"));
        let name = format!("{EDITED}{}.yaml", kernel.now().0 / 1_000);
        let copy = format!("/tmp/{name}");
        if found.is_none() && !kernel.is_terminal(0) {
            return Ok(Self { copy, text, editor: Editor::Nobody });
        }
        // A person finds it where the other files lie.
        let path = if found.is_some() { copy.clone() } else { format!("{}/{name}", super::HOME) };
        write(kernel, &path, &text).map_err(|errno| format!("error: {path}: {errno}\n"))?;
        let editor = match found {
            Some((program, words)) => start(kernel, &program, words, &path)?,
            None => Editor::Person(path),
        };
        Ok(Self { copy, text, editor })
    }

    /// Waits until the editor is done: what was saved, and the path of the file that holds it.
    ///
    /// # Errors
    /// What is still to be waited for, or kubectl's end where its editor failed.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<(String, String), Step> {
        match &self.editor {
            Editor::Nobody => {}
            Editor::Person(path) => {
                if let Ok(bytes) = kernel.files().read(path) {
                    self.text = String::from_utf8_lossy(&bytes).into_owned();
                    return Err(Wait::until(kernel.now() + LOOK).into());
                }
                // Where there is no room, what was saved is still taken.
                let _ = write(kernel, &self.copy, &self.text);
            }
            Editor::Program(pid, command) => match kernel.poll_child(*pid) {
                Ok(None | Some(Change::Stopped)) => return Err(Wait::children().into()),
                Ok(Some(Change::Ended(Status::Exited(0)))) => {
                    let saved = kernel.files().read(&self.copy).unwrap_or_default();
                    self.text = String::from_utf8_lossy(&saved).into_owned();
                }
                _ => {
                    kernel.complain(format!("error: there was a problem with the editor {command:?}\n"));
                    return Err(Step::Exit(1));
                }
            },
        }
        Ok((std::mem::take(&mut self.text), std::mem::take(&mut self.copy)))
    }
}

fn write(kernel: &mut Kernel<'_>, path: &str, text: &str) -> Result<(), Errno> {
    kernel.files().write(path, text.into(), 0o600)
}

/// The words of an editor's command: quotes are left to the shell (kubectl `editor.go`, `defaultEnvEditor`).
fn words(kernel: &Kernel<'_>, editor: &str) -> Vec<Arc<str>> {
    if editor.contains(['"', '\'', '\\']) && editor.contains(' ') {
        let shell = kernel.variable("SHELL").unwrap_or_else(|| "/bin/bash".into());
        return vec![shell, "-c".into(), editor.into()];
    }
    editor.split(' ').map(Arc::from).collect()
}

/// Where a program lies.
fn find(kernel: &mut Kernel<'_>, name: &str) -> Option<String> {
    let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
    kernel.search(&path, name)
}

fn start(
    kernel: &mut Kernel<'_>,
    program: &str,
    mut words: Vec<Arc<str>>,
    path: &str,
) -> Result<Editor, String> {
    match &mut words[..] {
        [_, flag, last] if &**flag == "-c" => *last = format!("{last} {path:?}").into(),
        _ => words.push(path.into()),
    }
    let command = words.join(" ");
    let env = kernel.env();
    let (code, argv) = kernel.load(program, &words, &env).map_err(|errno| match errno {
        Errno::NotFound => format!("error: unable to launch the editor {command:?}\n"),
        _ => format!("error: there was a problem with the editor {command:?}\n"),
    })?;
    let pid = kernel.spawn(code, Spawn { argv: Some(argv), ..Spawn::default() });
    Ok(Editor::Program(pid, command))
}
