//! What comes from elsewhere and goes there: links, files, clusters, and the page that this one stands in.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::json;

use crate::base::{Date, SimTime};
use crate::cluster::{Dump, Imported};
use crate::lesson;
use crate::share::{Share, export};
use crate::sim::{Input, Log, Scenario, Session};

use super::action::Action;
use super::address::{Address, Named};
use super::look::Theme;
use super::share::What;
use super::state::State;
use super::{browser, keeping};

/// How long a frame may work on a long way through time, in milliseconds.
const SLICE_MS: f64 = 30.0;

/// What the page's script `door.js` tells of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Came {
    /// Files were dropped, or a text was pasted: names and texts.
    Files(Vec<(String, String)>),
    /// The page around this one is light or dark.
    Theme(String),
    /// The page around this one wants commands to be typed.
    Run(Vec<String>),
    /// A newer Saya is at hand.
    Update,
    /// A folder of the person's disk was opened: its name, and its files.
    Folder(String, Vec<(String, String)>),
    /// A file was not written into that folder, and why.
    NotWritten(String),
}

/// Everything that can happen here.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// The page's address has another fragment.
    Address,
    /// Something came from outside.
    Came(Came),
    /// An example was fetched; none where there is none of this name.
    Example(String, Option<String>),
    /// The dialog about links opens, or shows another kind of link.
    Share(What),
    /// The link was copied.
    Copied,
    /// The share is wanted as a file.
    SaveShare,
    /// Something is wanted for elsewhere.
    Export(Export),
    /// Files are to be chosen: a cluster comes in, whatever they look like.
    Choose,
    /// The cluster that arrived is shown as it is, or brought to life.
    TakeIn {
        /// True where the cluster acts on it.
        alive: bool,
    },
    /// The files that arrived become the person's own.
    AddFiles,
    /// The frozen cluster is brought to life.
    Revive,
    /// Dialogs close.
    Close,
    /// All of it is wanted in a tab of its own.
    OpenWhole,
    /// Time stays where it is on its way.
    StopHere,
    /// The newer Saya is wanted.
    TakeUpdate,
}

/// What a log can be made for elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// All manifests as one stream.
    Yaml,
    /// All files.
    Zip,
    /// A script for `saya run`.
    Script,
    /// What plays it on a real cluster of kind.
    Kind,
}

/// Files that came in, and the cluster that is in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrived {
    /// The files, by name.
    pub files: Vec<(String, String)>,
    /// The objects in them.
    pub text: String,
    /// How many, and what was left out.
    pub held: Imported,
    /// True where a cluster made them.
    pub of_a_cluster: bool,
}

/// A dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Files are being chosen.
    Choosing,
    /// Something came in, and what to do with it is asked.
    Arrived(Rc<Arrived>),
    /// A link.
    Share {
        /// What it holds.
        what: What,
        /// Its fragment.
        fragment: Rc<str>,
        /// True once it was copied.
        copied: bool,
    },
    /// Something does not open, and why.
    Refused(String),
}

/// What the page knows of it.
#[derive(Default)]
pub struct Exchange {
    /// The page's address.
    pub address: Address,
    /// The panels that are shown in a frame.
    pub view: Vec<String>,
    /// True while a stranger's work is shown to which nothing was done: it is not kept.
    pub guest: bool,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// Where time is on its way to.
    pub seeking: Option<SimTime>,
    /// True where a newer Saya is at hand.
    pub update: bool,
    /// True where time goes on once the dialog is closed.
    plays_after: bool,
    /// Commands that are yet to be typed.
    lines: VecDeque<String>,
    /// The height that the page around was told.
    height: f64,
}

impl State {
    /// What the page's address asks for, at the beginning.
    pub(super) fn begin_at(&mut self, address: Address) {
        self.exchange.view = address.view.clone();
        if address.embedded {
            if self.exchange.view.is_empty() {
                self.exchange.view = vec!["diagram".into(), "terminal".into()];
            }
            browser::tell_host(&json!({"type": "saya:ready"}));
        }
        self.speed = address.speed.unwrap_or(self.speed);
        self.exchange.address = address;
        self.take_address();
    }

    fn take_address(&mut self) {
        let address = self.exchange.address.clone();
        match address.named() {
            Named::Share => match Share::open(&address.fragment) {
                Ok(share) => self.open_share(share),
                Err(error) => self.refuse(error.to_string()),
            },
            Named::Nothing if address.profile.is_some() || address.embedded => {
                let scenario = super::state::story_scenario(address.profile.as_deref());
                self.open_share(Share { log: Log { scenario, inputs: Vec::new() }, ..Share::default() });
            }
            _ => {}
        }
    }

    /// The file beside the page that the address asks for, if it does.
    pub fn wanted_example(&self) -> Option<String> {
        match self.exchange.address.named() {
            Named::Example(name) => Some(name.to_string()),
            _ => None,
        }
    }

    /// Something does not open: that is said before anything else.
    fn refuse(&mut self, why: String) {
        self.playing = false;
        self.exchange.dialog = Some(Dialog::Refused(why));
    }

    /// Shows what a stranger made. What was there stays kept until something is done to this.
    fn open_share(&mut self, share: Share) {
        let session = match Session::open(share.log) {
            Ok(session) => session,
            Err(unknown) => return self.refuse(unknown.to_string()),
        };
        if !self.exchange.guest {
            self.keep();
        }
        self.begin_again(session);
        let exchange = &mut self.exchange;
        exchange.guest = true;
        exchange.dialog = None;
        if exchange.address.embedded && exchange.address.view.is_empty() && !share.view.is_empty() {
            exchange.view = share.view;
        }
        exchange.seeking = share.time;
        self.playing = exchange.address.autoplay.unwrap_or(share.time.is_none());
    }

    /// From now on this is the person's own work; what was kept before is set aside.
    pub(super) fn own(&mut self) {
        if !std::mem::take(&mut self.exchange.guest) || self.exchange.address.embedded {
            return;
        }
        if keeping::set_aside() {
            self.notice = Some(self.language.words().copy_kept.into());
        }
        browser::forget_fragment();
    }

    /// Does what a deed says.
    pub(super) fn exchange(&mut self, deed: Deed) {
        match deed {
            Deed::Address => {
                let fragment = Address::read().fragment;
                if fragment != self.exchange.address.fragment {
                    self.exchange.address.fragment = fragment;
                    if self.exchange.address.named() == Named::Share {
                        self.take_address();
                    }
                }
            }
            Deed::Came(Came::Files(files)) => self.take_files(files),
            Deed::Came(Came::Theme(theme)) => self.follow_theme(Theme::of_word(&theme)),
            Deed::Came(Came::Run(commands)) => self.exchange.lines.extend(commands),
            Deed::Came(Came::Update) => self.exchange.update = true,
            Deed::Came(Came::Folder(name, files)) => self.open_folder(name, files),
            Deed::Came(Came::NotWritten(why)) => {
                self.notice = Some(self.language.words().not_written.replace("{}", &why));
            }
            Deed::Example(name, text) => match text.map(|text| text.parse::<Share>()) {
                Some(Ok(share)) => self.open_share(share),
                Some(Err(error)) => self.refuse(format!("{name}: {error}")),
                None => self.refuse(self.language.words().no_example.replace("{}", &name)),
            },
            Deed::Share(what) => {
                self.exchange.plays_after |= self.playing;
                self.playing = false;
                let fragment = self.share(what).fragment().into();
                self.exchange.dialog = Some(Dialog::Share { what, fragment, copied: false });
            }
            Deed::Copied => {
                if let Some(Dialog::Share { copied, .. }) = &mut self.exchange.dialog {
                    *copied = true;
                }
            }
            Deed::SaveShare => {
                if let Some(Dialog::Share { what, .. }) = self.exchange.dialog {
                    browser::download("cluster.saya", "text/plain", self.share(what).to_string().as_bytes());
                }
            }
            Deed::Export(what) => self.export(what),
            Deed::Choose => self.exchange.dialog = Some(Dialog::Choosing),
            Deed::TakeIn { alive } => {
                if let Some(Dialog::Arrived(arrived)) = self.exchange.dialog.take() {
                    keeping::keep_copy(self);
                    self.take_in(arrived.text.clone(), alive);
                    self.notice = Some(self.about(&arrived.held));
                }
            }
            Deed::AddFiles => {
                if let Some(Dialog::Arrived(arrived)) = self.exchange.dialog.take() {
                    self.add_files(arrived.files.clone());
                }
            }
            Deed::Revive => {
                let import = self.session.log().inputs.iter().find_map(|(_, input)| match input {
                    Input::Import { text, alive: false } => Some(text.clone()),
                    _ => None,
                });
                if let Some(text) = import {
                    keeping::keep_copy(self);
                    self.take_in(text, true);
                }
            }
            Deed::Close => {
                self.exchange.dialog = None;
                if std::mem::take(&mut self.exchange.plays_after) {
                    self.playing = true;
                    self.last_frame = None;
                }
            }
            Deed::OpenWhole => {
                let query = format!("?lang={}&theme={}", self.language.tag(), self.theme.word());
                browser::open_tab(&format!("./{query}#{}", self.share(What::Everything).fragment()));
            }
            Deed::StopHere => self.exchange.seeking = None,
            Deed::TakeUpdate => {
                self.keep();
                browser::dispatch("saya:update", "");
            }
        }
    }

    /// What a link of this kind holds.
    fn share(&self, what: What) -> Share {
        let now = self.session.sim().now();
        let mut share = Share { log: self.session.log().clone(), ..Share::default() };
        if self.exchange.address.embedded {
            share.view.clone_from(&self.exchange.view);
        }
        match what {
            What::Everything => share.time = Some(now),
            What::UpToNow => {
                share.log.truncate(now);
                share.time = Some(now);
            }
            What::Files => {
                share.log.inputs.clear();
                share.log.scenario.files =
                    self.files().into_iter().map(|path| (path.clone(), self.text(&path))).collect();
            }
        }
        share
    }

    /// A share in a file is opened, a cluster is asked about, other files become the person's own.
    fn take_files(&mut self, mut files: Vec<(String, String)>) {
        let share = files.iter().position(|(_, text)| {
            let begin = text.trim_start();
            begin.starts_with("saya ")
                || text.len() < 2_000_000 && text.contains("s=1.") && !text.contains("kind:")
        });
        if let Some(at) = share {
            let (name, text) = files.swap_remove(at);
            let opened = if text.trim_start().starts_with("saya ") {
                text.parse::<Share>().map_err(|error| error.to_string())
            } else {
                Share::open(&text).map_err(|error| error.to_string())
            };
            return match opened {
                Ok(share) => self.open_share(share),
                Err(error) => self.refuse(format!("{name}: {error}")),
            };
        }
        let chosen = self.exchange.dialog.take() == Some(Dialog::Choosing);
        if !chosen && !files.iter().any(|(_, text)| text.contains("resourceVersion") && text.contains("kind"))
        {
            return self.add_files(files);
        }
        let mut arrived = Arrived::default();
        let mut whole = Dump::default();
        let mut wrong = None;
        for (name, text) in &files {
            let is_manifest = [".yml", ".yaml", ".json", ".txt"].iter().any(|end| name.ends_with(end));
            match Dump::read(text) {
                Ok(dump) => whole.add(dump),
                Err(error) if is_manifest => {
                    wrong.get_or_insert(format!("{name}:{error}"));
                    *whole.held.unknown.entry(name.clone()).or_default() += 1;
                }
                Err(_) => {}
            }
        }
        if whole.objects.is_empty() {
            let nothing = || self.language.words().no_objects.to_string();
            return self.refuse(wrong.unwrap_or_else(nothing));
        }
        arrived.of_a_cluster = whole.is_of_a_cluster();
        arrived.text = whole.text();
        arrived.held = whole.held;
        if !arrived.of_a_cluster {
            arrived.files = files;
        }
        self.exchange.dialog = Some(Dialog::Arrived(Rc::new(arrived)));
    }

    fn add_files(&mut self, files: Vec<(String, String)>) {
        self.exchange.dialog = None;
        for (name, text) in files {
            self.reduce(Action::NewFile(name, text));
        }
    }

    /// Begins with a cluster that came from elsewhere; ages count from today.
    fn take_in(&mut self, text: String, alive: bool) {
        let scenario = Scenario { date: Date(browser::date_seconds()), ..Scenario::default() };
        // The default profile is one of the program's own.
        let Ok(session) = Session::new(scenario) else { return };
        self.begin_again(session);
        self.open_file.clear();
        self.input(Input::Import { text, alive });
    }

    /// What is to be said of an import.
    pub fn about(&self, held: &Imported) -> String {
        let words = self.language.words();
        let mut says = words.imported.replace("{}", &held.objects.to_string());
        if held.secrets > 0 {
            says.push(' ');
            says.push_str(&words.secrets_dropped.replace("{}", &held.secrets.to_string()));
        }
        if !held.unknown.is_empty() {
            let each: Vec<String> =
                held.unknown.iter().take(8).map(|(what, count)| format!("{count} × {what}")).collect();
            says.push(' ');
            says.push_str(&words.left_out.replace("{}", &each.join(", ")));
        }
        says
    }

    fn export(&mut self, what: Export) {
        let log = self.session.log();
        let all = || self.files().into_iter().map(|path| (path.clone(), self.text(&path)));
        // The profile of a session is known.
        let (name, mime, bytes) = match what {
            Export::Yaml => {
                ("saya.yaml", "application/yaml", export::yaml_stream(&all().collect()).into_bytes())
            }
            Export::Zip => ("saya.zip", "application/zip", super::zip::zip(&all().collect::<Vec<_>>())),
            Export::Script => (
                "saya-run.sh",
                "text/x-shellscript",
                export::run_script(log).unwrap_or_default().into_bytes(),
            ),
            Export::Kind => (
                "saya-kind.zip",
                "application/zip",
                super::zip::zip(&export::for_kind(log).unwrap_or_default()),
            ),
        };
        browser::download(name, mime, &bytes);
    }

    /// Goes on with a long way through time, as far as a frame allows. True while there is one.
    pub(super) fn go_on(&mut self) -> bool {
        let Some(to) = self.exchange.seeking else { return false };
        let until = js_sys::Date::now() + SLICE_MS;
        while js_sys::Date::now() < until {
            match self.session.next_at().filter(|at| *at <= to) {
                Some(at) => self.session.advance(at),
                None => {
                    self.session.seek(to);
                    self.exchange.seeking = None;
                    break;
                }
            }
        }
        true
    }

    /// Types the next command that the page around wants, once the one before is done.
    pub(super) fn type_waiting(&mut self) {
        let terminal = self.terminal;
        if !self.exchange.lines.is_empty()
            && lesson::waits(self.session.sim(), terminal)
            && let Some(line) = self.exchange.lines.pop_front()
        {
            self.reduce(Action::TypeLine(terminal, line));
        }
    }

    /// Tells the page around how high this one would be, for a figure of this size. It only grows: a page that
    /// moves under a reader's eyes is worse than some empty room.
    pub fn tell_height(&mut self, width: f64, height: f64) {
        if !self.exchange.address.embedded {
            return;
        }
        let shows = |panel: &str| self.exchange.view.iter().any(|shown| shown == panel);
        let room = browser::width();
        let mut wanted = 46.0;
        if shows("diagram") {
            wanted += (height * ((room - 24.0) / width.max(1.0)).clamp(0.4, 1.0) + 24.0).clamp(160.0, 640.0);
        }
        wanted += if shows("terminal") { 220.0 } else { 0.0 };
        wanted += if shows("editor") { 260.0 } else { 0.0 };
        if wanted > self.exchange.height + 1.0 {
            self.exchange.height = wanted;
            browser::tell_host(&json!({"type": "saya:height", "height": wanted.round()}));
        }
    }
}
