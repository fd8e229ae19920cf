//! What each action does to the page.

use std::rc::Rc;

use crate::api::schema::FieldDocs;
use crate::base::{SimTime, yaml};
use crate::sim::browse::TERMINAL;
use crate::sim::{EDITED, Input};

use super::action::{Action, Changed};
use super::course::Deed as CourseDeed;
use super::layout::Layout;
use super::look::{Layer, Panel};
use super::state::{State, begin};
use super::window::Deed as WindowDeed;
use super::{browser, keeping};

impl State {
    /// True where an input now would cut off something that was done later.
    pub(super) fn would_cut(&self) -> bool {
        let now = self.session.sim().now();
        self.session.log().inputs.last().is_some_and(|(at, _)| *at > now)
    }

    /// True where an action is an input to the simulation.
    fn is_input(&self, action: &Action) -> bool {
        match action {
            Action::TypeLine(..)
            | Action::ExplainLine(..)
            | Action::TypeControl(..)
            | Action::OpenTerminal
            | Action::CloseTerminal(_)
            | Action::NewFile(..)
            | Action::RenameFile(..)
            | Action::DeleteFile(_)
            | Action::PutBack
            | Action::SaveFile
            | Action::Course(CourseDeed::Press(_))
            | Action::Window(WindowDeed::Visit(_) | WindowDeed::Reload)
            | Action::ApplyFile(_) => true,
            Action::SaveEdits | Action::OpenFile(_) => self.has_edits(),
            _ => false,
        }
    }

    pub(super) fn has_edits(&self) -> bool {
        self.edits.iter().any(|(path, text)| self.file(path).as_deref() != Some(text))
    }

    /// Does what an action says, after asking where that cuts something off.
    pub fn reduce(&mut self, action: Action) -> Changed {
        if self.is_input(&action) && self.would_cut() {
            self.playing = false;
            self.asking = Some(Box::new(action));
            return Changed::Page;
        }
        self.carry_out(action)
    }

    pub(super) fn carry_out(&mut self, action: Action) -> Changed {
        let inputs = self.session.log().inputs.len();
        match action {
            Action::Frame(at) => return self.frame(at),
            Action::TypeLine(terminal, line) => self.type_line(terminal, &line),
            Action::ExplainLine(terminal, line, docs) => {
                docs.into_iter().for_each(FieldDocs::install);
                self.type_line(terminal, &line);
            }
            Action::Docs(docs) => docs.into_iter().for_each(FieldDocs::install),
            Action::TypeControl(terminal, key) => self.type_in(terminal, key.to_string()),
            Action::Complete(terminal, before, after) => self.complete(terminal, &before, &after),
            Action::DropCompletion => self.completion = Rc::default(),
            Action::Draft(text) => {
                self.panel = Panel::Terminal;
                let id = format!("line-{}", self.terminal);
                let cursor = text.encode_utf16().count();
                browser::write_line(&id, &text, cursor);
            }
            Action::OpenTerminal => {
                let number = self.terminals.iter().max().map_or(1, |last| last + 1);
                if number < TERMINAL {
                    self.input(Input::Open { terminal: number });
                    self.terminals.push(number);
                    self.terminal = number;
                }
            }
            Action::CloseTerminal(terminal) => {
                self.input(Input::Close { terminal });
                self.terminals.retain(|open| *open != terminal);
                self.agree();
            }
            Action::ChooseTerminal(terminal) => {
                if self.terminal == terminal {
                    return Changed::Nothing;
                }
                self.terminal = terminal;
                self.completion = Rc::default();
            }
            Action::SetSideBySide(on) => self.side_by_side = on,
            Action::Edit(path, text) => {
                self.edits.insert(path, text);
                self.unkept = true;
                self.own();
            }
            Action::Format => {
                let text = yaml::format(&self.text(&self.open_file));
                return self.carry_out(Action::Edit(self.open_file.clone(), text));
            }
            Action::SaveEdits => self.save_edits(),
            Action::OpenFile(path) => {
                self.save_edits();
                self.open_file = path;
                self.unkept = true;
            }
            Action::NewFile(path, text) => {
                self.save_edits();
                if !path.is_empty() && (self.file(&path).is_none() || !text.is_empty()) {
                    self.input(Input::Save { path: path.clone(), text });
                }
                self.open_file = path;
            }
            Action::RenameFile(old, new) => {
                let text = self.text(&old);
                if !new.is_empty() && new != old && self.file(&new).is_none() {
                    self.edits.remove(&old);
                    self.input(Input::Remove { path: old });
                    self.input(Input::Save { path: new.clone(), text });
                    self.open_file = new;
                }
            }
            Action::DeleteFile(path) => {
                self.deleted = Some((path.clone(), self.text(&path)));
                self.edits.remove(&path);
                self.input(Input::Remove { path });
                self.agree();
            }
            Action::PutBack => {
                if let Some((path, text)) = self.deleted.take() {
                    self.input(Input::Save { path: path.clone(), text });
                    self.open_file = path;
                }
            }
            Action::ApplyFile(path) => {
                let path = if path.contains(' ') { format!("'{path}'") } else { path };
                let terminal = self.terminal;
                self.type_line(terminal, &format!("kubectl apply -f {path}"));
            }
            Action::SaveFile => {
                let path = self.open_file.clone();
                self.save_to_folder(&path);
                if path.starts_with(EDITED) {
                    // kubectl looks for this file to go, some time after it was written.
                    self.save_edits();
                    self.playing = true;
                    self.closing = Some((path, SimTime(self.session.sim().now().0 + 500_000)));
                } else if self.apply_on_save && self.has_edits() {
                    return self.carry_out(Action::ApplyFile(path));
                } else {
                    self.save_edits();
                }
            }
            Action::SetApplyOnSave(on) => self.apply_on_save = on,
            Action::Compare(against) => self.compare = against,
            Action::SetTree(on) => self.tree = on,
            Action::DownloadFile(path) => {
                let name = path.rsplit('/').next().unwrap_or(&path);
                browser::download(name, "application/yaml", self.text(&path).as_bytes());
            }
            Action::DownloadAll => {
                let files: Vec<(String, String)> =
                    self.files().into_iter().map(|path| (path.clone(), self.text(&path))).collect();
                browser::download("saya.zip", "application/zip", &super::zip::zip(&files));
            }
            Action::EditorReady => self.editor_ready = true,
            Action::EditorAsks(question) => {
                question.answer(self);
                return Changed::Nothing;
            }
            Action::Cursor(line) => {
                self.cursor = line;
                let pointed = self.object_at_cursor();
                if self.pointed == pointed {
                    return Changed::Nothing;
                }
                self.pointed = pointed;
            }
            Action::SetPlaying(playing) => {
                self.playing = playing;
                self.last_frame = None;
            }
            Action::Step => self.step(),
            Action::StepBack => {
                self.playing = false;
                let to = self.moments.change_before(self.session.sim().now());
                self.session.seek(to);
            }
            Action::Jump(by) => {
                let now = self.session.sim().now().0 as i64;
                let to = now.saturating_add(by * 1_000).clamp(0, self.session.horizon().0 as i64);
                self.playing = false;
                self.session.seek(SimTime(to as u64));
            }
            Action::SetSpeed(speed) => self.speed = speed,
            Action::Seek(to) => {
                self.playing = false;
                self.session.seek(to);
            }
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::Answer(yes) => {
                if let Some(action) = self.asking.take().filter(|_| yes) {
                    self.carry_out(*action);
                    self.forget_later();
                }
            }
            Action::PlayStory(on) => self.story = on.then(|| (0, self.session.sim().now())),
            Action::StartAgain if self.course.shown && self.course.view.is_some() => {
                self.course(CourseDeed::Again);
            }
            Action::StartAgain => {
                keeping::keep_copy(self);
                self.notice = Some(self.language.words().copy_kept.into());
                self.begin_again(begin());
                browser::forget_fragment();
            }
            Action::BringBack(number) => {
                if let Some(kept) = keeping::copy(number) {
                    self.own();
                    keeping::keep_copy(self);
                    self.open(kept);
                }
            }
            Action::Exchange(deed) => self.exchange(deed),
            Action::Window(deed) => self.in_window(deed),
            Action::OpenFolder => browser::dispatch("saya:folder", ""),
            Action::SaveFolder => {
                self.save_edits();
                self.files().iter().for_each(|path| self.save_to_folder(path));
            }
            Action::Speak(language) => {
                self.language = language;
                browser::keep("saya.language", language.tag());
                self.mark();
                self.translate_course();
            }
            Action::Look(theme) => {
                self.theme = theme;
                browser::keep("saya.theme", theme.word());
                self.mark();
            }
            Action::Show(panel) => self.panel = panel,
            Action::MoveBar(bar, share) => {
                self.layout.set(bar, share);
                browser::keep("saya.layout", &self.layout.text());
            }
            Action::Arrange(preset) => {
                self.layout = Layout::of(preset);
                browser::keep("saya.layout", &self.layout.text());
            }
            Action::SetLayer(layer, on) => match layer {
                Layer::System => self.options.show_system = on,
                Layer::Config => self.options.show_config = on,
                Layer::Direct => self.options.show_direct = on,
                Layer::Selectors => self.options.show_selectors = on,
                Layer::Owners => self.options.show_owners = on,
                Layer::Storage => self.options.show_storage = on,
                Layer::Policies => self.options.show_policies = on,
                Layer::Traffic => self.sight.traffic = on,
                Layer::Background => self.sight.background = on,
                Layer::Text => self.sight.text = on,
            },
            Action::Inspect(what) => {
                self.inspected = what;
                self.light();
            }
            Action::InspectView(view) => self.view = view,
            Action::SetPalette(open) => self.palette = open,
            Action::DropNotice => self.notice = None,
            Action::Keep => {
                self.keep();
                self.course.keep_place();
                return Changed::Nothing;
            }
            Action::Resized => {}
            Action::Course(deed) => self.course(deed),
        }
        if self.session.log().inputs.len() != inputs {
            self.unkept = true;
            self.keep();
        }
        Changed::Page
    }
}
