//! The learner's files, as the page keeps them: edits that are not saved yet, and a folder of the person's own disk.

use crate::sim::reading::Reading;
use crate::sim::related::Subject;
use crate::sim::{EDITED, Input};

use super::browser;
use super::look::Panel;
use super::state::State;

impl State {
    /// Takes away the file that `kubectl edit` waits for, once it has had time to be read.
    pub(super) fn close_edited(&mut self) {
        let now = self.session.sim().now();
        if let Some((path, _)) = self.closing.take_if(|(_, at)| *at <= now) {
            self.input(Input::Remove { path });
        }
    }

    /// Opens the file that `kubectl edit` waits for, once.
    pub(super) fn open_edited(&mut self) {
        let file = self.files().into_iter().find(|path| path.starts_with(EDITED)).unwrap_or_default();
        if file != self.edited {
            self.edited = file;
        } else {
            return;
        }
        let path = self.edited.clone();
        if path.is_empty() {
            self.agree();
        } else {
            self.open_file = path;
            self.panel = Panel::Files;
            self.compare = None;
        }
    }

    /// The id of the object that the cursor of the editor is in.
    pub(super) fn object_at_cursor(&mut self) -> Option<String> {
        let text = self.text(&self.open_file);
        self.reading.object_at(&text, self.cursor).map(|key| Subject::id(&key))
    }

    /// Finds where what is inspected is written, and shows that: the object itself, or else what made it.
    pub(super) fn light(&mut self) {
        let found = self.inspected.as_deref().and_then(Subject::of_id).and_then(|about| self.written(about));
        if let Some(path) = found.as_ref().map(|(path, _)| path)
            && *path != self.open_file
            && !self.has_edits()
        {
            self.open_file.clone_from(path);
            self.unkept = true;
        }
        self.lit = found;
    }

    fn written(&self, about: Subject) -> Option<(String, (u32, u32))> {
        let mut files = self.files();
        // Where several say it, the open one does.
        files.sort_by_key(|path| *path != self.open_file);
        let texts: Vec<(String, String)> =
            files.into_iter().map(|path| (path.clone(), self.text(&path))).collect();
        let mut reading = Reading::default();
        let mut key = about.key;
        loop {
            let mut found = texts.iter().filter_map(|(path, text)| {
                Some((path.clone(), reading.lines_of(text, &key, about.container.as_deref())?))
            });
            if let Some(found) = found.next() {
                return Some(found);
            }
            key = self.session.sim().cluster().api.get(&key)?.controller_key()?;
        }
    }

    pub(super) fn save_edits(&mut self) {
        for (path, text) in std::mem::take(&mut self.edits) {
            if self.file(&path).as_deref() != Some(&text) {
                self.input(Input::Save { path, text });
            }
        }
    }

    /// The paths of the learner's files.
    pub fn files(&self) -> Vec<String> {
        self.session.sim().host().files()
    }

    /// A file's text, with what was edited and is not saved yet.
    pub fn text(&self, path: &str) -> String {
        self.edits.get(path).cloned().or_else(|| self.file(path)).unwrap_or_default()
    }

    pub(super) fn file(&self, path: &str) -> Option<String> {
        self.session.sim().host().file(path)
    }

    /// Writes a file into the open folder of the person's disk, where there is one.
    pub(super) fn save_to_folder(&self, path: &str) {
        if self.folder.is_some() && !path.starts_with(EDITED) {
            browser::dispatch("saya:write", &serde_json::json!([path, self.text(path)]).to_string());
        }
    }

    /// The files of a folder become the learner's: alone where nothing was done yet, else beside those that are there.
    pub(super) fn open_folder(&mut self, name: String, files: Vec<(String, String)>) {
        let fresh = self.session.log().inputs.is_empty() && self.edits.is_empty();
        self.open_file = files.first().map(|(path, _)| path.clone()).unwrap_or_default();
        let open = self.open_file.clone();
        if fresh {
            let mut scenario = self.session.log().scenario.clone();
            scenario.files = files.into_iter().collect();
            // Its profile is the one that was there.
            if let Ok(session) = crate::sim::Session::new(scenario) {
                self.begin_again(session);
            }
        } else {
            for (path, text) in files {
                if self.file(&path).as_deref() != Some(&text) {
                    self.input(Input::Save { path, text });
                }
            }
        }
        self.open_file = open;
        self.agree();
        self.folder = Some(name);
    }
}
