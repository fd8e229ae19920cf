//! Everything that the page knows, and everything that can happen to it.

use std::collections::BTreeMap;

use crate::api::schema::FieldDocs;
use crate::base::SimTime;
use crate::sim::{Input, Scenario, Session};

use super::words::Language;
use super::{browser, story};

/// The longest time between two frames that is made up for; a page that slept does not race afterwards.
const LONGEST_FRAME_MS: f64 = 250.0;

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
    fn of_word(word: &str) -> Self {
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
}

impl Panel {
    /// The word that the style sheet knows it by.
    pub fn word(self) -> &'static str {
        match self {
            Panel::Files => "files",
            Panel::Figure => "figure",
            Panel::Terminal => "terminal",
        }
    }
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
    /// A control character was typed in a terminal.
    TypeControl(u32, char),
    /// Another terminal is wanted.
    OpenTerminal,
    /// A terminal is no longer wanted.
    CloseTerminal(u32),
    /// A file was edited.
    Edit(String, String),
    /// The open file was left, so its edits count.
    SaveEdits,
    /// A file was chosen.
    OpenFile(String),
    /// A new file is wanted.
    NewFile(String),
    /// A file is to go.
    DeleteFile(String),
    /// Time goes on, or stands still.
    SetPlaying(bool),
    /// Time goes to the next thing that happens.
    Step,
    /// Time passes at another speed.
    SetSpeed(f64),
    /// Time goes to a moment.
    Seek(SimTime),
    /// Everything begins again.
    StartAgain,
    /// The page speaks another language.
    Speak(Language),
    /// The page looks another way.
    Look(Theme),
    /// A narrow page shows another panel.
    Show(Panel),
}

/// Everything that the page knows.
#[derive(Debug)]
pub struct State {
    /// The simulation and its log.
    pub session: Session,
    /// Edited files that are not saved yet, by path.
    pub edits: BTreeMap<String, String>,
    /// The open file.
    pub open_file: String,
    /// The numbers of the open terminals.
    pub terminals: Vec<u32>,
    /// True while time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: f64,
    /// The language of the page.
    pub language: Language,
    /// Its look.
    pub theme: Theme,
    /// The panel that a narrow page shows.
    pub panel: Panel,
    /// When the last frame was painted.
    last_frame: Option<f64>,
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
    /// The page as it opens.
    pub fn new() -> Self {
        let language = browser::kept("saya.language").unwrap_or_else(browser::language);
        let theme = Theme::of_word(&browser::kept("saya.theme").unwrap_or_default());
        let mut state = Self {
            session: begin(),
            edits: BTreeMap::new(),
            open_file: story::FIRST.into(),
            terminals: vec![1],
            playing: true,
            speed: 1.0,
            language: Language::of_tag(&language),
            theme,
            panel: Panel::Figure,
            last_frame: None,
        };
        state.mark();
        state
    }

    fn mark(&mut self) {
        browser::mark_root("lang", self.language.tag());
        browser::mark_root("data-theme", self.theme.word());
    }

    /// Does what an action says.
    pub fn reduce(&mut self, action: Action) -> Changed {
        match action {
            Action::Frame(at) => return self.frame(at),
            Action::TypeLine(terminal, line) => self.type_in(terminal, format!("{line}\n")),
            Action::ExplainLine(terminal, line, docs) => {
                docs.into_iter().for_each(FieldDocs::install);
                self.type_in(terminal, format!("{line}\n"));
            }
            Action::TypeControl(terminal, key) => self.type_in(terminal, key.to_string()),
            Action::OpenTerminal => {
                let number = self.terminals.iter().max().map_or(1, |last| last + 1);
                self.session.input(Input::Open { terminal: number });
                self.terminals.push(number);
            }
            Action::CloseTerminal(terminal) => {
                self.session.input(Input::Close { terminal });
                self.terminals.retain(|open| *open != terminal);
            }
            Action::Edit(path, text) => drop(self.edits.insert(path, text)),
            Action::SaveEdits => self.save_edits(),
            Action::OpenFile(path) => {
                self.save_edits();
                self.open_file = path;
            }
            Action::NewFile(path) => {
                self.save_edits();
                if !path.is_empty() && self.file(&path).is_none() {
                    self.session.input(Input::Save { path: path.clone(), text: String::new() });
                }
                self.open_file = path;
            }
            Action::DeleteFile(path) => {
                self.edits.remove(&path);
                self.session.input(Input::Remove { path });
                self.open_file = self.files().into_iter().next().unwrap_or_default();
            }
            Action::SetPlaying(playing) => {
                self.playing = playing;
                self.last_frame = None;
            }
            Action::Step => {
                self.playing = false;
                if let Some(at) = self.session.next_at() {
                    self.session.advance(at);
                }
            }
            Action::SetSpeed(speed) => self.speed = speed,
            Action::Seek(to) => {
                self.playing = false;
                self.session.seek(to);
            }
            Action::StartAgain => {
                self.session = begin();
                self.edits.clear();
                self.terminals = vec![1];
                self.open_file = story::FIRST.into();
                self.playing = true;
                self.last_frame = None;
            }
            Action::Speak(language) => {
                self.language = language;
                browser::keep("saya.language", language.tag());
                self.mark();
            }
            Action::Look(theme) => {
                self.theme = theme;
                browser::keep("saya.theme", theme.word());
                self.mark();
            }
            Action::Show(panel) => self.panel = panel,
        }
        Changed::Page
    }

    /// Lets as much virtual time pass as real time did, times the speed.
    fn frame(&mut self, at: f64) -> Changed {
        let elapsed = self.last_frame.map_or(0.0, |last| (at - last).clamp(0.0, LONGEST_FRAME_MS));
        self.last_frame = Some(at);
        if !self.playing {
            return Changed::Nothing;
        }
        let now = self.session.sim().now();
        self.session.advance(SimTime(now.0 + (elapsed * 1_000.0 * self.speed) as u64));
        Changed::Page
    }

    fn type_in(&mut self, terminal: u32, text: String) {
        self.save_edits();
        self.session.input(Input::Type { terminal, text });
        self.playing = true;
    }

    fn save_edits(&mut self) {
        for (path, text) in std::mem::take(&mut self.edits) {
            if self.file(&path).as_deref() != Some(&text) {
                self.session.input(Input::Save { path, text });
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
}

/// The story's beginning.
fn begin() -> Session {
    let scenario = Scenario {
        date: crate::base::Date(browser::date_seconds()),
        files: story::files(),
        ..Scenario::default()
    };
    // The default profile is one of the program's own, which a test reads.
    Session::new(scenario).unwrap_or_else(|unknown| unreachable!("{unknown}"))
}
