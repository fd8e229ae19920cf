//! The course: its chapters, the open one and how far its reader is.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::base::{Date, SimTime};
use crate::cluster::UnknownProfile;
use crate::lesson::{self, Beside, Chapter, Reader, Task, Typing, Went};
use crate::share::Share;
use crate::sim::{Input, Session};

use super::look::Panel;
use super::state::State;
use super::words::Language;
use super::{browser, keeping};

/// Where it is kept how far each chapter was read.
const PROGRESS: &str = "saya.course";
/// What behind the `#` of the address opens a chapter.
const ADDRESS: &str = "#lesson/";

/// A chapter in the list of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Its name, as in the address.
    pub name: String,
    /// Its titles, by language.
    pub titles: BTreeMap<String, String>,
    /// Its place among the chapters; challenges have none.
    pub number: Option<u32>,
    /// How many commands a good solution of a challenge needs.
    pub commands: Option<u32>,
    /// How many checks it has.
    pub checks: usize,
}

impl Entry {
    /// Its title.
    pub fn title(&self, language: Language) -> String {
        self.titles.get(language.tag()).or_else(|| self.titles.values().next()).cloned().unwrap_or_default()
    }
}

/// How far a chapter was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Done {
    /// The checks that held, by their numbers.
    pub ticked: BTreeSet<usize>,
    /// How many commands a challenge took at best.
    pub commands: Option<usize>,
    /// Where in it the reader was.
    pub place: String,
}

/// How far each chapter was read, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// By chapter.
    pub chapters: BTreeMap<String, Done>,
}

impl Progress {
    /// Takes up what was saved elsewhere: nothing that was reached is lost.
    fn join(&mut self, other: Progress) {
        for (name, theirs) in other.chapters {
            let mine = self.chapters.entry(name).or_default();
            mine.ticked.extend(theirs.ticked);
            mine.commands = [mine.commands, theirs.commands].into_iter().flatten().min();
            if mine.place.is_empty() {
                mine.place = theirs.place;
            }
        }
    }
}

/// A chapter as it comes: its text, and the files beside it.
#[derive(Deserialize)]
struct Paper {
    source: String,
    files: BTreeMap<String, String>,
}

/// Something that happens to the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The panel is shown, or not.
    Panel(bool),
    /// The list of chapters came.
    List(Option<String>),
    /// A chapter came: its name, its language, its text.
    Came(String, Language, Option<String>),
    /// The address has changed.
    Address,
    /// The list of chapters is wanted.
    Contents,
    /// A command's button was pressed.
    Press(usize),
    /// The book's output is wanted beside what a command printed, or no longer.
    Beside(usize),
    /// A file of the chapter is shown in the editor, saved before where it has a number.
    Show(String, Option<usize>),
    /// The chapter's cluster begins again.
    Again,
    /// The result of a challenge goes to the clipboard.
    CopyResult,
    /// The progress is saved as a file.
    SaveProgress,
    /// A file of progress was chosen.
    LoadProgress(String),
}

/// The open chapter.
pub struct Open {
    name: String,
    language: Language,
    chapter: Rc<Chapter>,
    files: Rc<BTreeMap<String, String>>,
    reader: Reader,
    /// Commands whose outputs stand side by side.
    compared: BTreeSet<usize>,
}

/// The course, as far as the page knows it.
pub struct Course {
    /// True while the panel is shown.
    pub shown: bool,
    /// All chapters, once the list has come.
    pub list: Rc<Vec<Entry>>,
    /// How far each was read.
    pub progress: Rc<Progress>,
    /// What is drawn of the open chapter.
    pub view: Option<Rc<View>>,
    /// What could not be fetched.
    pub missing: Option<String>,
    open: Option<Open>,
    /// The chapter that is to be open.
    wanted: String,
    /// What is to be fetched.
    fetches: Vec<Fetch>,
}

/// Something to fetch: where it lies, and what it is.
pub struct Fetch {
    /// The path, beside the page.
    pub path: String,
    /// The chapter and its language; none for the list.
    pub chapter: Option<(String, Language)>,
}

impl Fetch {
    /// What happens once it came.
    pub fn came(self, text: Option<String>) -> Deed {
        match self.chapter {
            Some((name, language)) => Deed::Came(name, language, text),
            None => Deed::List(text),
        }
    }
}

/// What is drawn of a chapter.
#[derive(Clone, PartialEq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// The chapter.
    pub chapter: Rc<Chapter>,
    /// The files beside it.
    pub files: Rc<BTreeMap<String, String>>,
    /// All chapters.
    pub list: Rc<Vec<Entry>>,
    /// The numbers of commands, by line; how many lines each takes; how those that were typed went.
    pub commands: BTreeMap<usize, usize>,
    /// How many lines a command takes.
    pub spans: BTreeMap<usize, usize>,
    /// How the commands that were typed went.
    pub went: BTreeMap<usize, Went>,
    /// What stands side by side.
    pub beside: BTreeMap<usize, Beside>,
    /// The numbers of files that are saved, by the line of their text.
    pub saves: BTreeMap<usize, usize>,
    /// The numbers of checks, by line.
    pub checks: BTreeMap<usize, usize>,
    /// Those that hold.
    pub ticked: BTreeSet<usize>,
    /// How many commands were sent.
    pub sent: usize,
    /// How many a good solution needs, of a challenge.
    pub goal: Option<usize>,
    /// Where the reader was last.
    pub place: String,
}

impl View {
    fn of(open: &Open, list: &Rc<Vec<Entry>>, session: &Session, place: String) -> Self {
        let mut view = Self {
            name: open.name.clone(),
            language: open.language,
            chapter: open.chapter.clone(),
            files: open.files.clone(),
            list: list.clone(),
            commands: BTreeMap::new(),
            spans: BTreeMap::new(),
            went: BTreeMap::new(),
            beside: BTreeMap::new(),
            saves: BTreeMap::new(),
            checks: BTreeMap::new(),
            ticked: open.reader.ticked().clone(),
            sent: open.reader.commands(),
            goal: open.chapter.front.commands.and_then(|count| usize::try_from(count).ok()),
            place,
        };
        for (number, task) in open.reader.tasks().iter().enumerate() {
            match task {
                Task::Save { line, .. } => drop(view.saves.insert(*line, number)),
                Task::Command(command) => {
                    view.commands.insert(command.line, number);
                    view.spans.insert(number, command.text.lines().count().max(1));
                    view.went.extend(open.reader.went(number).map(|went| (number, went)));
                    if open.compared.contains(&number) {
                        let beside = open.reader.beside(number, session.sim());
                        view.beside.extend(beside.map(|beside| (number, beside)));
                    }
                }
                Task::Check(check, _) => drop(view.checks.insert(check.line, number)),
                Task::Wait(_) => {}
            }
        }
        view
    }

    /// True where all checks hold.
    pub fn is_done(&self) -> bool {
        !self.checks.is_empty() && self.checks.values().all(|number| self.ticked.contains(number))
    }

    /// The chapter that a path names.
    pub fn chapter_of(&self, path: &str) -> Option<String> {
        let path = path.split('#').next().unwrap_or_default();
        let is_it = |entry: &&Entry| {
            path.split('/').any(|part| part.strip_suffix(".md").unwrap_or(part) == entry.name)
        };
        self.list.iter().find(is_it).map(|entry| entry.name.clone())
    }

    /// The title of the chapter that a path names.
    pub fn title_of(&self, path: &str) -> Option<String> {
        let name = self.chapter_of(path)?;
        Some(self.list.iter().find(|entry| entry.name == name)?.title(self.language))
    }
}

impl Course {
    /// The course as the page opens.
    pub fn new() -> Self {
        let kept = browser::kept(PROGRESS).and_then(|text| serde_json::from_str(&text).ok());
        Self {
            shown: false,
            list: Rc::default(),
            progress: Rc::new(kept.unwrap_or_default()),
            view: None,
            missing: None,
            open: None,
            wanted: String::new(),
            fetches: Vec::new(),
        }
    }

    /// What is to be fetched, once.
    pub fn fetches(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.fetches)
    }

    fn want_list(&mut self) {
        if self.list.is_empty() {
            self.fetches.push(Fetch { path: "./lessons/index.json".into(), chapter: None });
        }
    }

    fn want(&mut self, name: &str, language: Language) {
        self.wanted = name.to_string();
        self.missing = None;
        if name.is_empty() {
            return;
        }
        let path = format!("./lessons/{name}.{}.json", language.tag());
        self.fetches.push(Fetch { path, chapter: Some((name.to_string(), language)) });
    }

    /// Looks at what was typed and printed. True where something that is shown has changed.
    pub fn look(&mut self, session: &Session) -> bool {
        let Some(open) = &mut self.open else { return false };
        let changed = open.reader.look(session);
        if changed {
            self.note();
        }
        if changed || self.open.as_ref().is_some_and(|open| !open.compared.is_empty()) {
            return self.draw(session);
        }
        false
    }

    fn draw(&mut self, session: &Session) -> bool {
        let place =
            |name: &str| self.progress.chapters.get(name).map(|done| done.place.clone()).unwrap_or_default();
        let view = self.open.as_ref().map(|open| View::of(open, &self.list, session, place(&open.name)));
        let same = match (&view, &self.view) {
            (Some(new), Some(old)) => *new == **old,
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.view = view.map(Rc::new);
        }
        !same
    }

    /// Keeps how far the open chapter was read.
    fn note(&mut self) {
        let Some(open) = &self.open else { return };
        let progress = Rc::make_mut(&mut self.progress);
        let done = progress.chapters.entry(open.name.clone()).or_default();
        let is_new = done.ticked.len() < open.reader.ticked().len();
        done.ticked.extend(open.reader.ticked());
        let solved = open.reader.checks().all(|number| open.reader.is_ticked(number));
        if is_new && solved && open.chapter.front.commands.is_some() {
            let count = open.reader.commands();
            done.commands = Some(done.commands.map_or(count, |best| best.min(count)));
        }
        self.keep();
    }

    fn keep(&self) {
        if let Ok(text) = serde_json::to_string(&*self.progress) {
            browser::keep(PROGRESS, &text);
        }
    }

    /// Remembers where in the chapter the reader is.
    pub fn keep_place(&mut self) {
        let (Some(open), Some(place)) = (&self.open, browser::place_at_top("prose")) else { return };
        let progress = Rc::make_mut(&mut self.progress);
        progress.chapters.entry(open.name.clone()).or_default().place = place;
        self.keep();
    }
}

/// The beginning of a chapter, today.
fn begun(chapter: &Chapter, files: &BTreeMap<String, String>) -> Result<Session, UnknownProfile> {
    lesson::begin(chapter, files, Some(Date(browser::date_seconds())))
}

/// Whether a session is one of a chapter: it began as the chapter does.
fn belongs(session: &Session, begun: &Session) -> bool {
    let (mine, theirs) = (&session.log().scenario, &begun.log().scenario);
    let setup = &begun.log().inputs;
    mine.files == theirs.files
        && mine.profile == theirs.profile
        && mine.seed == theirs.seed
        && session.log().inputs.get(..setup.len()) == Some(setup)
}

/// Lets a reader see what was done in a session before.
fn catch_up(reader: &mut Reader, session: &Session) {
    let Ok(mut again) = Session::open(session.log().clone()) else { return };
    for (at, _) in &session.log().inputs {
        if *at > session.sim().now() {
            break;
        }
        again.advance(SimTime(at.0.saturating_sub(1)));
        reader.look(&again);
        again.advance(*at);
        reader.look(&again);
    }
    reader.look(session);
}

impl State {
    /// Does what happens to the course.
    pub(super) fn course(&mut self, deed: Deed) {
        match deed {
            Deed::Panel(on) => {
                self.course.shown = on;
                self.panel = if on { Panel::Lesson } else { Panel::Files };
                if on {
                    self.course.want_list();
                } else {
                    self.course.keep_place();
                }
            }
            Deed::List(text) => match text.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(list) => {
                    self.course.list = Rc::new(list);
                    self.course.draw(&self.session);
                }
                None => self.course.missing = Some("lessons/index.json".into()),
            },
            Deed::Came(name, language, text) => self.chapter_came(name, language, text),
            Deed::Address => self.follow_address(),
            Deed::Contents => {
                self.course.keep_place();
                self.course.open = None;
                self.course.view = None;
                self.course.wanted.clear();
                browser::set_fragment("");
            }
            Deed::Press(number) => self.press(number),
            Deed::Beside(number) => {
                if let Some(open) = &mut self.course.open
                    && !open.compared.remove(&number)
                {
                    open.compared.insert(number);
                }
                self.course.draw(&self.session);
            }
            Deed::Show(name, number) => {
                let save = number.and_then(|number| self.course.open.as_mut()?.reader.save(number));
                match save {
                    Some(save) if self.files().iter().all(|path| *path != name) => self.input(save),
                    _ => {}
                }
                self.save_edits();
                self.open_file = name;
                self.course.keep_place();
                self.course.shown = false;
                self.panel = Panel::Files;
            }
            Deed::Again => {
                if let Some(open) = &self.course.open {
                    let chapter = open.chapter.clone();
                    let begun = begun(&chapter, &open.files);
                    self.begin_chapter(&chapter, begun);
                }
            }
            Deed::CopyResult => browser::copy(&self.result()),
            Deed::SaveProgress => {
                let text = serde_json::to_string_pretty(&*self.course.progress).unwrap_or_default();
                browser::download("saya-progress.json", "application/json", text.as_bytes());
            }
            Deed::LoadProgress(text) => match serde_json::from_str::<Progress>(&text) {
                Ok(progress) => {
                    Rc::make_mut(&mut self.course.progress).join(progress);
                    self.course.keep();
                }
                Err(_) => self.notice = Some(self.language.words().no_progress.into()),
            },
        }
    }

    /// Opens what the address names.
    pub(super) fn follow_address(&mut self) {
        let fragment = browser::fragment();
        let Some(name) = fragment.strip_prefix(ADDRESS.trim_start_matches('#')) else { return };
        let plain =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        self.course.shown = true;
        self.panel = Panel::Lesson;
        self.course.want_list();
        if plain && name != self.course.wanted {
            self.course.keep_place();
            self.course.want(name, self.language);
        }
    }

    /// The page speaks another language: so does the chapter.
    pub(super) fn translate_course(&mut self) {
        self.course.keep_place();
        if let Some(name) = self.course.open.as_ref().map(|open| open.name.clone()) {
            self.course.want(&name, self.language);
        }
    }

    fn chapter_came(&mut self, name: String, language: Language, text: Option<String>) {
        if name != self.course.wanted || language != self.language {
            return;
        }
        let paper: Option<Paper> = text.and_then(|text| serde_json::from_str(&text).ok());
        let Some(paper) = paper else {
            self.course.open = None;
            self.course.view = None;
            self.course.missing = Some(name);
            return;
        };
        let mut chapter = lesson::read(&paper.source);
        let files = &paper.files;
        chapter.include(&mut |path| files.get(path).or_else(|| files.get(path.rsplit('/').next()?)).cloned());
        let (chapter, files) = (Rc::new(chapter), Rc::new(paper.files));
        if let Some(open) = self.course.open.take_if(|open| open.name == name) {
            // Only its language is another.
            let reader = open.reader.translated(&chapter);
            self.course.open = Some(Open { name, language, chapter, files, reader, compared: open.compared });
            self.course.draw(&self.session);
            return;
        }
        let ticked =
            self.course.progress.chapters.get(&name).map(|done| done.ticked.clone()).unwrap_or_default();
        let reader = Reader::new(&chapter, ticked);
        self.course.open = Some(Open {
            name,
            language,
            chapter: chapter.clone(),
            files: files.clone(),
            reader,
            compared: BTreeSet::new(),
        });
        match begun(&chapter, &files) {
            Ok(begun) if belongs(&self.session, &begun) => {
                if let Some(open) = &mut self.course.open {
                    catch_up(&mut open.reader, &self.session);
                }
                self.course.draw(&self.session);
            }
            begun => self.begin_chapter(&chapter, begun),
        }
    }

    /// The chapter's own cluster, from the beginning; what was there is set aside.
    fn begin_chapter(&mut self, chapter: &Chapter, begun: Result<Session, UnknownProfile>) {
        match begun {
            Ok(session) => {
                if !self.session.log().inputs.is_empty() {
                    keeping::keep_copy(self);
                    self.notice = Some(self.language.words().copy_kept.into());
                }
                self.begin_again(session);
                self.inspected = None;
            }
            Err(unknown) => self.notice = Some(unknown.to_string()),
        }
        if let Some(open) = &mut self.course.open {
            let ticked = self.course.progress.chapters.get(&open.name).map(|done| done.ticked.clone());
            // A challenge that begins again is to be solved again.
            let again = if chapter.front.commands.is_some() { None } else { ticked };
            open.reader = Reader::new(&open.chapter, again.unwrap_or_default());
            open.compared.clear();
            open.reader.look(&self.session);
        }
        self.course.draw(&self.session);
    }

    fn press(&mut self, number: usize) {
        let (session, current) = (&self.session, self.terminal);
        let Some(open) = &mut self.course.open else { return };
        open.reader.look(session);
        match open.reader.press(number, session, current) {
            Typing::Draft(text) => {
                self.panel = Panel::Terminal;
                browser::write_line(&format!("line-{current}"), &text, text.encode_utf16().count());
            }
            Typing::Inputs(terminal, inputs) => {
                self.panel = Panel::Terminal;
                self.save_edits();
                for input in inputs {
                    if let Input::Open { terminal } = input {
                        self.terminals.push(terminal);
                    }
                    self.input(input);
                }
                self.terminal = terminal;
                self.playing = true;
            }
        }
    }

    /// The result of a challenge, for others to read, with the way it was solved behind a link.
    fn result(&self) -> String {
        let Some(view) = &self.course.view else { return String::new() };
        let words = self.language.words();
        let commands = self.course.progress.chapters.get(&view.name).and_then(|done| done.commands);
        let solved = words.solved_in.replace("{}", &commands.unwrap_or(view.sent).to_string());
        let share = Share { log: self.session.log().clone(), ..Share::default() };
        let home = browser::home();
        format!(
            "Saya: {} — {solved}\n{home}{ADDRESS}{}\n{}: {home}#{}\n",
            view.chapter.title(),
            view.name,
            words.way_solved,
            share.fragment()
        )
    }
}
