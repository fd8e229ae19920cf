//! What comes from elsewhere and goes there: links, files, clusters, and the page that this one stands in.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::json;

use crate::base::SimTime;
use crate::share::Share;
use crate::sim::{Log, Session};

use super::address::{Address, Named};
use super::share::What;
use super::state::{Action, State, Theme};
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
    /// Dialogs close.
    Close,
    /// All of it is wanted in a tab of its own.
    OpenWhole,
    /// Time stays where it is on its way.
    StopHere,
    /// The newer Saya is wanted.
    TakeUpdate,
}

/// A dialog.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
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
            keeping::keep(self);
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
            Deed::Example(name, text) => match text.map(|text| text.parse::<Share>()) {
                Some(Ok(share)) => self.open_share(share),
                Some(Err(error)) => self.refuse(format!("{name}: {error}")),
                None => self.refuse(self.language.words().no_example.replace("{}", &name)),
            },
            Deed::Share(what) => {
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
            Deed::Close => self.exchange.dialog = None,
            Deed::OpenWhole => {
                let query = format!("?lang={}&theme={}", self.language.tag(), self.theme.word());
                browser::open_tab(&format!("./{query}#{}", self.share(What::Everything).fragment()));
            }
            Deed::StopHere => self.exchange.seeking = None,
            Deed::TakeUpdate => {
                keeping::keep(self);
                browser::dispatch("saya:update");
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

    /// A share in a file is opened; other files become the person's own.
    fn take_files(&mut self, files: Vec<(String, String)>) {
        for (name, text) in files {
            let begin = text.trim_start();
            if begin.starts_with("saya ") {
                match text.parse::<Share>() {
                    Ok(share) => self.open_share(share),
                    Err(error) => self.refuse(format!("{name}: {error}")),
                }
            } else if begin.len() < 2_000_000 && begin.contains("s=1.") && !begin.contains("\nkind:") {
                match Share::open(&text) {
                    Ok(share) => self.open_share(share),
                    Err(error) => self.refuse(format!("{name}: {error}")),
                }
            } else {
                self.reduce(Action::NewFile(name, text));
            }
        }
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
            && self.session.sim().host().is_at_prompt(terminal)
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
