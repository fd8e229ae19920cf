//! Everything that the page knows.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;
use crate::diagram::{self, Options};
use crate::sim::browse::TERMINAL;
use crate::sim::compare::Against;
use crate::sim::moments::Moments;
use crate::sim::reading::Reading;
use crate::sim::{Input, Scenario, Session, Snapshot, observe};

use super::action::Action;
use super::address::Address;
use super::course::Course;
use super::exchange::Exchange;
use super::inspector::View;
use super::keeping::{self, Kept};
use super::layout::Layout;
use super::look::{Panel, Sight, Theme};
use super::window::Window;
use super::words::Language;
use super::{browser, story};

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
    /// Where what is inspected is written: the file, its first line and its last.
    pub lit: Option<(String, (u32, u32))>,
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
    /// The learner's browser.
    pub window: Window,
    /// The folder of the person's own disk that is open.
    pub folder: Option<String>,
    /// What is known of the manifests that are being written.
    pub reading: Reading,
    /// Inputs that were taken back, the last one last.
    pub(super) undone: Vec<(SimTime, Input)>,
    /// The file of `kubectl edit` that was opened.
    pub(super) edited: String,
    /// The one that is to go, and when.
    pub(super) closing: Option<(String, SimTime)>,
    /// When the last frame was painted.
    pub(super) last_frame: Option<f64>,
    /// True while time passes slower than it should, for much happens.
    pub(super) behind: bool,
    /// What the last frame showed.
    pub(super) shown: (u64, u64, usize),
    /// True where something changed that is not kept yet.
    pub(super) unkept: bool,
    /// True where the browser did not keep what it was last given.
    pub(super) too_large: bool,
    /// When something was kept last.
    pub(super) kept_at: f64,
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
            lit: None,
            palette: false,
            editor_ready: false,
            cursor: 1,
            notice: None,
            course: Course::new(),
            exchange: Exchange::default(),
            window: Window::default(),
            folder: None,
            reading: Reading::default(),
            undone: Vec::new(),
            edited: String::new(),
            closing: None,
            last_frame: None,
            behind: false,
            shown: (0, 0, 0),
            unkept: false,
            too_large: false,
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

    pub(super) fn mark(&mut self) {
        self.options.language = diagram::Language::of_tag(self.language.tag()).unwrap_or_default();
        browser::mark_root("lang", self.language.tag());
        browser::mark_root("data-theme", self.theme.word());
    }

    /// Takes up what was kept.
    pub(super) fn open(&mut self, kept: Kept) {
        self.session = kept.session;
        self.edits = kept.edits;
        self.history = Rc::new(kept.history);
        self.open_file = kept.open_file;
        self.speed = kept.speed;
        self.undone.clear();
        self.moments = Moments::default();
        self.story = None;
        self.agree();
        self.window.shown = self.session.sim().host().is_open(TERMINAL);
    }

    /// Keeps the work, and says so once where the browser does not.
    pub(super) fn keep(&mut self) {
        let kept = keeping::keep(self);
        if !kept && !self.too_large && browser::kept("saya.opened").is_some() {
            self.notice = Some(self.language.words().too_large.into());
        }
        self.too_large = !kept;
    }

    /// Lets what is open agree with what there is.
    pub(super) fn agree(&mut self) {
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
    pub(super) fn observe(&mut self) -> Snapshot {
        let snapshot = self.snapshot();
        self.moments.observe(&snapshot);
        snapshot
    }

    /// To be told when the cluster has changed, with how it now is.
    pub fn changed(&mut self, snapshot: &Snapshot) {
        self.moments.observe(snapshot);
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
    pub(super) fn forget_later(&mut self) {
        let snapshot = self.snapshot();
        self.moments.cut(&snapshot);
        self.agree();
        self.unkept = true;
        self.own();
    }
}

/// The story's beginning, in a cluster of this profile.
pub(super) fn story_scenario(profile: Option<&str>) -> Scenario {
    let mut scenario = Scenario { date: crate::base::Date(browser::date_seconds()), ..Scenario::story() };
    if let Some(profile) = profile {
        scenario.profile = profile.into();
    }
    scenario
}

pub(super) fn begin() -> Session {
    // The default profile is one of the program's own, which a test reads.
    Session::new(story_scenario(None)).unwrap_or_else(|unknown| unreachable!("{unknown}"))
}
