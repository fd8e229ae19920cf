//! Everything that the page knows, and everything that can happen to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::schema::FieldDocs;
use crate::base::{SimTime, yaml};
use crate::diagram::{self, Options};
use crate::sim::compare::{Against, object_of};
use crate::sim::complete::{Completion, complete};
use crate::sim::moments::Moments;
use crate::sim::related::Subject;
use crate::sim::traffic::talks;
use crate::sim::{EDITED, Input, Scenario, Session, Snapshot, observe};

use super::address::Address;
use super::code::Question;
use super::course::{Course, Deed as CourseDeed};
use super::exchange::{Deed, Exchange};
use super::inspector::View;
use super::keeping::{self, Kept};
use super::layout::{Bar, Layout, Preset};
use super::traffic::{self, Showing};
use super::words::Language;
use super::{browser, story};

/// The longest time between two frames that is made up for; a page that slept does not race afterwards.
const LONGEST_FRAME_MS: f64 = 250.0;
/// How long one step looks for something that can be seen.
const LONGEST_STEP: SimTime = SimTime::from_secs(60);
/// How many commands are remembered.
const HISTORY: usize = 500;

/// The speeds that time can pass at.
pub const SPEEDS: &[f64] = &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0];

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word that style sheet and storage know it by.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
    /// The look of a word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        }
    }
    /// The one after it.
    pub fn next(self) -> Self {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }
}

/// The panel that a narrow page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Files and editor.
    Files,
    /// The figure.
    Figure,
    /// The terminals.
    Terminal,
    /// The course.
    Lesson,
}

impl Panel {
    /// The word that the style sheet knows it by.
    pub fn word(self) -> &'static str {
        match self {
            Panel::Files => "files",
            Panel::Figure => "figure",
            Panel::Terminal => "terminal",
            Panel::Lesson => "lesson",
        }
    }
}

/// Something of the figure that is shown or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The namespaces of Kubernetes itself.
    System,
    /// Volumes that hold configuration.
    Config,
    /// The direct ways between Pods.
    Direct,
    /// Labels and selectors.
    Selectors,
    /// Deployments and the like.
    Owners,
    /// Claims, volumes and storage classes.
    Storage,
    /// NetworkPolicies.
    Policies,
    /// Lookups and connections.
    Traffic,
    /// Those that nobody asked for, too.
    Background,
    /// The figure in words.
    Text,
}

/// What is to be seen over and beside the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Lookups and connections.
    pub traffic: bool,
    /// Those that nobody asked for, too.
    pub background: bool,
    /// The figure in words.
    pub text: bool,
}

/// Everything that can happen to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A frame is about to be painted, at this time in milliseconds.
    Frame(f64),
    /// A line was typed in a terminal; its end is not part of it.
    TypeLine(u32, String),
    /// The docs of the fields, for which a line waited, were fetched; none where they could not be.
    ExplainLine(u32, String, Option<String>),
    /// The docs of the fields were fetched for the editor.
    Docs(Option<String>),
    /// A control character was typed in a terminal.
    TypeControl(u32, char),
    /// Tab was pressed in a terminal: what stands before the cursor, and behind it.
    Complete(u32, String, String),
    /// What Tab offered is no longer wanted.
    DropCompletion,
    /// A command is put into the terminal's line, for a person to send.
    Draft(String),
    /// Another terminal is wanted.
    OpenTerminal,
    /// A terminal is no longer wanted.
    CloseTerminal(u32),
    /// A terminal was chosen.
    ChooseTerminal(u32),
    /// Terminals stand side by side, or one at a time.
    SetSideBySide(bool),
    /// A file was edited.
    Edit(String, String),
    /// The open file was left, so its edits count.
    SaveEdits,
    /// A file was chosen.
    OpenFile(String),
    /// A new file is wanted, with a text.
    NewFile(String, String),
    /// A file gets another name.
    RenameFile(String, String),
    /// A file is to go.
    DeleteFile(String),
    /// The file that was deleted last comes back.
    PutBack,
    /// The open file is saved on purpose.
    SaveFile,
    /// Saving a file applies it, or no longer.
    SetApplyOnSave(bool),
    /// The open file is compared with something; no longer.
    Compare(Option<Against>),
    /// The files are shown as a tree, or no longer.
    SetTree(bool),
    /// A file is applied.
    ApplyFile(String),
    /// The open file is handed to the person.
    DownloadFile(String),
    /// All files are.
    DownloadAll,
    /// The editor program has come.
    EditorReady,
    /// It asks something.
    EditorAsks(Question),
    /// The cursor is in this line of the open file, from 1.
    Cursor(u32),
    /// Time goes on, or stands still.
    SetPlaying(bool),
    /// Time goes to the next thing that happens.
    Step,
    /// Time goes back to the last thing that happened.
    StepBack,
    /// Time goes so many milliseconds on, or back, within what was reached.
    Jump(i64),
    /// Time passes at another speed.
    SetSpeed(f64),
    /// Time goes to a moment.
    Seek(SimTime),
    /// The last input is taken back.
    Undo,
    /// What was taken back is done again.
    Redo,
    /// A question was answered.
    Answer(bool),
    /// The story is played, or stopped.
    PlayStory(bool),
    /// Everything begins again.
    StartAgain,
    /// One of the copies of what was there before comes back; 0 is the last.
    BringBack(usize),
    /// The page speaks another language.
    Speak(Language),
    /// The page looks another way.
    Look(Theme),
    /// A narrow page shows another panel.
    Show(Panel),
    /// A bar between panels moves.
    MoveBar(Bar, f64),
    /// The panels share the page as this preset says.
    Arrange(Preset),
    /// A layer of the figure is shown or not.
    SetLayer(Layer, bool),
    /// Something in the figure is inspected; nothing any more.
    Inspect(Option<String>),
    /// The inspector shows another side of it.
    InspectView(View),
    /// The list of all commands opens or closes.
    SetPalette(bool),
    /// A notice was read.
    DropNotice,
    /// The page is about to be left: everything is kept.
    Keep,
    /// The page has another size.
    Resized,
    /// Something happens to the course.
    Course(CourseDeed),
    /// Something comes from elsewhere, or goes there.
    Exchange(Deed),
}

/// Everything that the page knows.
pub struct State {
    /// The simulation and its log.
    pub session: Session,
    /// What mattered in it.
    pub moments: Moments,
    /// Edited files that are not saved yet, by path.
    pub edits: BTreeMap<String, String>,
    /// The open file.
    pub open_file: String,
    /// The file that was deleted last.
    pub deleted: Option<(String, String)>,
    /// True where saving a file applies it.
    pub apply_on_save: bool,
    /// What the open file is compared with.
    pub compare: Option<Against>,
    /// True where the files are shown as a tree.
    pub tree: bool,
    /// The numbers of the open terminals.
    pub terminals: Vec<u32>,
    /// The one that was used last.
    pub terminal: u32,
    /// True where terminals stand side by side.
    pub side_by_side: bool,
    /// Commands that were typed.
    pub history: Rc<Vec<String>>,
    /// What Tab offers in the terminal that was used last.
    pub completion: Rc<Vec<String>>,
    /// True while time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: f64,
    /// What waits for an answer: it would cut off what was done later.
    pub asking: Option<Box<Action>>,
    /// The next line of the story that plays, and when it is typed.
    pub story: Option<(usize, SimTime)>,
    /// The language of the page.
    pub language: Language,
    /// Its look.
    pub theme: Theme,
    /// The panel that a narrow page shows.
    pub panel: Panel,
    /// How the panels share the page.
    pub layout: Layout,
    /// What of the cluster is drawn.
    pub options: Options,
    /// What is to be seen over and beside it.
    pub sight: Sight,
    /// What is inspected, by its id in the figure.
    pub inspected: Option<String>,
    /// Which side of it.
    pub view: View,
    /// The id of the object that the editor's cursor is in.
    pub pointed: Option<String>,
    /// True while the list of all commands is open.
    pub palette: bool,
    /// True once the editor program has come.
    pub editor_ready: bool,
    /// The line of the open file that the cursor is in, from 1.
    pub cursor: u32,
    /// Something to be read once.
    pub notice: Option<String>,
    /// The course.
    pub course: Course,
    /// What comes from elsewhere and goes there.
    pub exchange: Exchange,
    /// Inputs that were taken back, the last one last.
    undone: Vec<(SimTime, Input)>,
    /// The file of `kubectl edit` that was opened.
    edited: String,
    /// The one that is to go, and when.
    closing: Option<(String, SimTime)>,
    /// When the last frame was painted.
    last_frame: Option<f64>,
    /// What the last frame showed.
    shown: (u64, u64, usize),
    /// True where something changed that is not kept yet.
    unkept: bool,
    /// When something was kept last.
    kept_at: f64,
}

/// What a reduction changed, so that only that is drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Nothing that can be seen.
    Nothing,
    /// Something.
    Page,
}

impl State {
    /// The page as it opens: as it was left, or the story.
    pub fn new() -> Self {
        let address = Address::read();
        if address.embedded {
            browser::keep_nothing();
        }
        let kept = || Language::of_tag(&browser::kept("saya.language").unwrap_or_else(browser::language));
        let language = address.language.unwrap_or_else(kept);
        let kept = || Theme::of_word(&browser::kept("saya.theme").unwrap_or_default());
        let theme = address.theme.unwrap_or_else(kept);
        let layout = Layout::read(&browser::kept("saya.layout").unwrap_or_default());
        let mut state = Self {
            session: begin(),
            moments: Moments::default(),
            edits: BTreeMap::new(),
            open_file: story::FIRST.into(),
            deleted: None,
            apply_on_save: false,
            compare: None,
            tree: false,
            terminals: vec![1],
            terminal: 1,
            side_by_side: true,
            history: Rc::default(),
            completion: Rc::default(),
            playing: true,
            speed: 1.0,
            asking: None,
            story: None,
            language,
            theme,
            panel: Panel::Figure,
            layout,
            options: Options::default(),
            sight: Sight { traffic: true, background: false, text: false },
            inspected: None,
            view: View::Describe,
            pointed: None,
            palette: false,
            editor_ready: false,
            cursor: 1,
            notice: None,
            course: Course::new(),
            exchange: Exchange::default(),
            undone: Vec::new(),
            edited: String::new(),
            closing: None,
            last_frame: None,
            shown: (0, 0, 0),
            unkept: false,
            kept_at: 0.0,
        };
        state.mark();
        match keeping::restore() {
            Ok(Some(kept)) => state.open(kept),
            Ok(None) => {}
            Err(()) => state.notice = Some(language.words().not_opened.into()),
        }
        if !browser::keep("saya.opened", "1") && !address.embedded {
            state.notice = Some(language.words().not_kept.into());
        }
        state.follow_address();
        state.begin_at(address);
        state.observe();
        state
    }

    /// Looks as the page around does.
    pub(super) fn follow_theme(&mut self, theme: Theme) {
        self.theme = theme;
        self.mark();
    }

    fn mark(&mut self) {
        self.options.language = diagram::Language::of_tag(self.language.tag()).unwrap_or_default();
        browser::mark_root("lang", self.language.tag());
        browser::mark_root("data-theme", self.theme.word());
    }

    /// Takes up what was kept.
    fn open(&mut self, kept: Kept) {
        self.session = kept.session;
        self.edits = kept.edits;
        self.history = Rc::new(kept.history);
        self.open_file = kept.open_file;
        self.speed = kept.speed;
        self.undone.clear();
        self.moments = Moments::default();
        self.story = None;
        self.agree();
    }

    /// Lets what is open agree with what there is.
    fn agree(&mut self) {
        self.terminals = self.session.sim().host().terminals().collect();
        if !self.terminals.contains(&self.terminal) {
            self.terminal = self.terminals.first().copied().unwrap_or(1);
        }
        if self.file(&self.open_file).is_none() && !self.edits.contains_key(&self.open_file) {
            self.open_file = self.files().into_iter().next().unwrap_or_default();
        }
        self.last_frame = None;
    }

    /// The cluster as it is now.
    pub fn snapshot(&self) -> Snapshot {
        observe::of(self.session.sim())
    }

    /// Looks for what matters.
    fn observe(&mut self) -> Snapshot {
        let snapshot = self.snapshot();
        self.moments.observe(&snapshot);
        snapshot
    }

    /// To be told when the cluster has changed, with how it now is.
    pub fn changed(&mut self, snapshot: &Snapshot) {
        self.moments.observe(snapshot);
    }

    /// True where an input now would cut off something that was done later.
    fn would_cut(&self) -> bool {
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
            | Action::ApplyFile(_) => true,
            Action::SaveEdits | Action::OpenFile(_) => self.has_edits(),
            _ => false,
        }
    }

    fn has_edits(&self) -> bool {
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

    fn carry_out(&mut self, action: Action) -> Changed {
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
                self.input(Input::Open { terminal: number });
                self.terminals.push(number);
                self.terminal = number;
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
            Action::Undo => {
                if let Some(last) = self.session.log().inputs.last().cloned() {
                    self.undone.push(last);
                    self.session.undo();
                    self.forget_later();
                }
            }
            Action::Redo => {
                if let Some((at, input)) = self.undone.pop() {
                    self.session.seek(at);
                    self.session.input(input);
                    self.forget_later();
                }
            }
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
            Action::Inspect(what) => self.inspected = what,
            Action::InspectView(view) => self.view = view,
            Action::SetPalette(open) => self.palette = open,
            Action::DropNotice => self.notice = None,
            Action::Keep => {
                keeping::keep(self);
                self.course.keep_place();
                return Changed::Nothing;
            }
            Action::Resized => {}
            Action::Course(deed) => self.course(deed),
        }
        if self.session.log().inputs.len() != inputs {
            self.unkept = true;
            keeping::keep(self);
        }
        Changed::Page
    }

    /// Begins with another session, as at first.
    pub fn begin_again(&mut self, session: Session) {
        self.session = session;
        self.edits.clear();
        self.moments = Moments::default();
        self.undone.clear();
        self.deleted = None;
        self.inspected = None;
        self.story = None;
        self.open_file = story::FIRST.into();
        self.playing = true;
        self.agree();
        self.unkept = true;
    }

    /// What came later is gone: nothing may remember it.
    fn forget_later(&mut self) {
        let snapshot = self.snapshot();
        self.moments.cut(&snapshot);
        self.agree();
        self.unkept = true;
        self.own();
    }

    /// Lets as much virtual time pass as real time did, times the speed.
    fn frame(&mut self, at: f64) -> Changed {
        let elapsed = self.last_frame.map_or(0.0, |last| (at - last).clamp(0.0, LONGEST_FRAME_MS));
        self.last_frame = Some(at);
        if self.unkept && at - self.kept_at > 1_000.0 || at - self.kept_at > 5_000.0 && self.playing {
            self.kept_at = at;
            self.unkept = false;
            keeping::keep(self);
        }
        if self.go_on() {
            return Changed::Page;
        }
        if !self.playing {
            return Changed::Nothing;
        }
        self.type_waiting();
        let now = self.session.sim().now();
        self.session.advance(SimTime(now.0 + (elapsed * 1_000.0 * self.speed) as u64));
        self.tell_story();
        self.close_edited();
        self.open_edited();
        let sim = self.session.sim();
        let printed = self.terminals.iter().map(|number| sim.host().screen(*number).length).sum();
        let shown = (sim.now().0 / 100_000, sim.revision(), printed);
        let read = self.course.look(&self.session);
        if std::mem::replace(&mut self.shown, shown) == shown && !read {
            Changed::Nothing
        } else {
            Changed::Page
        }
    }

    /// Goes to the next moment at which something can be seen.
    fn step(&mut self) {
        self.playing = false;
        let from = (self.session.sim().now(), self.look());
        let known = self.moments.change_after(from.0).filter(|_| self.session.is_in_the_past());
        if let Some(at) = known {
            return self.session.seek(at);
        }
        while let Some(at) = self.session.next_at() {
            self.session.advance(at);
            if self.look() != from.1 || at.0 > from.0.0 + LONGEST_STEP.0 {
                break;
            }
        }
    }

    /// Changes when anything that is shown does.
    fn look(&self) -> (u64, usize) {
        let sim = self.session.sim();
        let printed = self.terminals.iter().map(|number| sim.host().screen(*number).length);
        (sim.revision(), printed.sum())
    }

    /// Takes away the file that `kubectl edit` waits for, once it has had time to be read.
    fn close_edited(&mut self) {
        let now = self.session.sim().now();
        if let Some((path, _)) = self.closing.take_if(|(_, at)| *at <= now) {
            self.input(Input::Remove { path });
        }
    }

    /// Opens the file that `kubectl edit` waits for, once.
    fn open_edited(&mut self) {
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

    fn tell_story(&mut self) {
        let Some((line, at)) = self.story else { return };
        if self.session.sim().now() < at {
            return;
        }
        match story::SCRIPT.get(line) {
            Some((command, seconds)) => {
                self.carry_out(Action::TypeLine(1, (*command).into()));
                self.story = Some((line + 1, SimTime(at.0 + seconds * 1_000_000)));
            }
            None => self.story = None,
        }
    }

    pub(super) fn input(&mut self, input: Input) {
        self.course.look(&self.session);
        self.session.input(input);
        self.course.look(&self.session);
        self.undone.clear();
        self.unkept = true;
        self.own();
    }

    fn type_line(&mut self, terminal: u32, line: &str) {
        self.completion = Rc::default();
        if let Some(rest) = line.trim().strip_prefix("kubectl diff ") {
            // What it says is shown beside the file that it is asked about, too.
            let named = rest.split_whitespace().find(|word| self.files().iter().any(|path| path == word));
            if let Some(path) = named {
                self.open_file = path.into();
                self.compare = Some(Against::Live);
            }
        }
        if !line.trim().is_empty() && self.history.last().is_none_or(|last| last != line) {
            let history = Rc::make_mut(&mut self.history);
            history.push(line.to_string());
            let over = history.len().saturating_sub(HISTORY);
            history.drain(..over);
        }
        self.type_in(terminal, format!("{line}\n"));
    }

    fn type_in(&mut self, terminal: u32, text: String) {
        self.save_edits();
        self.input(Input::Type { terminal, text });
        self.playing = true;
    }

    fn complete(&mut self, terminal: u32, before: &str, after: &str) {
        let found: Completion = complete(self.session.sim(), terminal, before);
        let common = found.common();
        self.completion = Rc::default();
        if found.options.is_empty() {
            return;
        }
        let mut line = format!("{}{common}", &before[..found.start]);
        if found.options.len() > 1 {
            self.completion = Rc::new(found.options.clone());
        } else if !common.ends_with(['/', '=', '.']) && !after.starts_with(' ') {
            line.push(' ');
        }
        let cursor = line.encode_utf16().count();
        line.push_str(after);
        browser::write_line(&format!("line-{terminal}"), &line, cursor);
    }

    /// The lookups and connections to be shown now.
    pub fn showing(&self) -> Vec<Showing> {
        let sim = self.session.sim();
        if !self.sight.traffic {
            return Vec::new();
        }
        traffic::showing(talks(sim, self.options.show_system), sim.now(), self.speed, self.sight.background)
    }

    /// The id of the object that the cursor of the editor is in.
    fn object_at_cursor(&self) -> Option<String> {
        let text = self.text(&self.open_file);
        let documents = yaml::read_stream(text.as_bytes()).filter_map(Result::ok);
        let document = documents.take_while(|document| document.first_line <= self.cursor).last()?;
        let key = object_of(&document.value)?;
        Some(Subject::id(&key))
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

    fn file(&self, path: &str) -> Option<String> {
        self.session.sim().host().file(path)
    }

    /// True where something can be done again that was taken back.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

/// The story's beginning, in a cluster of this profile.
pub(super) fn story_scenario(profile: Option<&str>) -> Scenario {
    let mut scenario = Scenario {
        date: crate::base::Date(browser::date_seconds()),
        files: story::files(),
        ..Scenario::default()
    };
    if let Some(profile) = profile {
        scenario.profile = profile.into();
    }
    scenario
}

fn begin() -> Session {
    // The default profile is one of the program's own, which a test reads.
    Session::new(story_scenario(None)).unwrap_or_else(|unknown| unreachable!("{unknown}"))
}
