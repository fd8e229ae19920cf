//! The learner's browser: an address, and the page that a simulated server answers there, in a frame without scripts.

use std::rc::Rc;

use js_sys::{Function, Reflect};
use serde::Deserialize;
use wasm_bindgen::JsCast;
use web_sys::{HtmlIFrameElement, HtmlInputElement};
use yew::prelude::*;

use crate::sim::browse::{self, Page, TERMINAL};
use crate::sim::{Input, Screen};

use super::action::Action;
use super::browser;
use super::look::Panel;
use super::state::State;
use super::words::Language;

/// How often a page may send the browser on before it is left there.
const MOST_REDIRECTS: usize = 10;

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Wanted {
    /// How.
    pub method: String,
    /// Its address.
    pub url: String,
    /// What is sent along.
    #[serde(default)]
    pub body: String,
}

/// Everything that can happen here.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// The browser opens, or closes.
    Show(bool),
    /// A page is wanted.
    Visit(Wanted),
    /// The page is wanted anew.
    Reload,
    /// The page before it is.
    Back,
    /// The frame's script has come.
    Ready,
}

impl Deed {
    /// What a person writes as an address.
    pub fn go(address: &str) -> Self {
        let address = address.trim();
        let url = if address.contains("://") { address.into() } else { format!("http://{address}") };
        Deed::Visit(Wanted { method: "GET".into(), url, body: String::new() })
    }
}

/// What the page knows of it. The pages themselves are the simulation's.
#[derive(Default)]
pub struct Window {
    /// True where it is seen.
    pub shown: bool,
    /// True once the frame's script has come.
    pub ready: bool,
    /// What is to be asked for as soon as the last answer is there.
    pub(super) wanted: Option<Wanted>,
    pages: Vec<Rc<Page>>,
    /// Which of them were looked at, the last one last.
    trail: Vec<usize>,
    read: Option<Screen>,
}

impl Window {
    /// The page that is shown.
    pub fn page(&self) -> Option<Rc<Page>> {
        self.pages.get(*self.trail.last()?).cloned()
    }

    /// True while an answer is waited for.
    pub fn is_loading(&self) -> bool {
        self.wanted.is_some()
            || self.pages.last().is_some_and(|page| page.answer.is_none() || page.leads_to().is_some())
    }

    /// True where there is a page before.
    pub fn can_go_back(&self) -> bool {
        self.trail.len() > 1
    }

    /// Reads the pages again, where something was printed or time is another.
    fn look(&mut self, screen: Screen) -> bool {
        if self.read.as_ref() == Some(&screen) {
            return false;
        }
        let known = if self.read.is_some() { self.pages.len() } else { 0 };
        let waited = self.pages.last().is_some_and(|page| page.answer.is_none());
        self.pages = browse::read_pages(&screen.text()).into_iter().map(Rc::new).collect();
        self.read = Some(screen);
        self.trail.retain(|at| *at < self.pages.len());
        for at in known.saturating_sub(usize::from(waited))..self.pages.len() {
            let page = &self.pages[at];
            if page.answer.is_none() || page.leads_to().is_some() || self.trail.contains(&at) {
                continue;
            }
            // The same page anew takes the place of the one before.
            if self.trail.last().is_some_and(|last| self.pages[*last].url == page.url) {
                self.trail.pop();
            }
            self.trail.push(at);
        }
        true
    }

    /// Where the last page sends the browser on to.
    fn redirect(&self) -> Option<Wanted> {
        let in_row = self.pages.iter().rev().take_while(|page| page.leads_to().is_some()).count();
        let url = self.pages.last()?.leads_to().filter(|_| in_row <= MOST_REDIRECTS)?;
        Some(Wanted { method: "GET".into(), url, body: String::new() })
    }
}

impl State {
    /// Does what a deed says.
    pub(super) fn in_window(&mut self, deed: Deed) {
        match deed {
            Deed::Show(on) => {
                self.window.shown = on;
                self.panel = if on { Panel::Window } else { Panel::Terminal };
            }
            Deed::Ready => self.window.ready = true,
            Deed::Back => {
                self.window.trail.pop();
            }
            Deed::Reload => {
                if let Some(page) = self.window.page() {
                    self.visit(Wanted { method: "GET".into(), url: page.url.clone(), body: String::new() });
                }
            }
            Deed::Visit(wanted) => self.visit(wanted),
        }
    }

    fn visit(&mut self, wanted: Wanted) {
        self.save_edits();
        self.window.shown = true;
        self.panel = Panel::Window;
        self.playing = true;
        self.window.wanted = Some(wanted);
        let host = self.session.sim().host();
        if !host.is_open(TERMINAL) {
            self.input(Input::Open { terminal: TERMINAL });
        } else if !host.is_at_prompt(TERMINAL) {
            // What was waited for is given up.
            self.input(Input::Type { terminal: TERMINAL, text: "\u{3}".into() });
        }
    }

    /// Asks for what is wanted next, and looks at what has come. True where that can be seen.
    pub(super) fn browse_on(&mut self) -> bool {
        let sim = self.session.sim();
        if !sim.host().is_open(TERMINAL) {
            return self.window.read.is_some() && self.window.look(sim.host().screen(TERMINAL));
        }
        let changed = self.window.look(sim.host().screen(TERMINAL));
        if !sim.host().is_at_prompt(TERMINAL) || self.would_cut() {
            return changed;
        }
        let Some(wanted) = self.window.wanted.take().or_else(|| self.window.redirect()) else {
            return changed;
        };
        let pages: Vec<Page> = self.window.pages.iter().map(|page| (**page).clone()).collect();
        let cookies = browse::cookies(&pages, &wanted.url);
        let text = browse::command(&wanted.method, &wanted.url, &wanted.body, &cookies, self.language.tag());
        self.input(Input::Type { terminal: TERMINAL, text });
        true
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The page that is shown.
    pub page: Option<Rc<Page>>,
    /// True while one is waited for.
    pub loading: bool,
    /// True where there is one before it.
    pub can_go_back: bool,
    /// True once the frame's script has come.
    pub ready: bool,
    /// What can be opened now.
    pub addresses: Vec<String>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The browser.
#[component]
pub fn WindowPanel(props: &Props) -> Html {
    let words = props.language.words();
    let (frame, field) = (use_node_ref(), use_node_ref());
    let deed = |deed: Deed| props.act.reform(move |_: MouseEvent| Action::Window(deed.clone()));
    use_effect_with((), {
        let act = props.act.clone();
        let ready = props.ready;
        move |()| {
            if !ready {
                let ready = move || act.emit(Action::Window(Deed::Ready));
                browser::load_script("./window.js", "text/javascript", ready);
            }
        }
    });
    let answer = props.page.as_ref().and_then(|page| page.answer.as_ref());
    use_effect_with((props.page.clone(), props.ready), {
        let (frame, field) = (frame.clone(), field.clone());
        move |(page, ready): &(Option<Rc<Page>>, bool)| {
            let Some(page) = page else { return };
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.set_value(&page.url);
            }
            if let (true, Some(Ok(response)), Some(frame)) =
                (ready, &page.answer, frame.cast::<HtmlIFrameElement>())
            {
                show(&frame, &response.body, response.header("Content-Type").unwrap_or_default(), &page.url);
            }
        }
    });
    let go = {
        let (act, field) = (props.act.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = field.cast::<HtmlInputElement>() else { return };
            if !field.value().trim().is_empty() {
                act.emit(Action::Window(Deed::go(&field.value())));
            }
        })
    };
    let open = |url: &String| {
        let deed_of = Deed::go(url);
        html! { <li><button type="button" class="link" onclick={deed(deed_of)}>{url.clone()}</button></li> }
    };
    let starts = html! {
        <>
        <p>{if props.addresses.is_empty() { words.window_empty } else { words.window_start }}</p>
        <ul>{for props.addresses.iter().map(open)}</ul>
        </>
    };
    html! {
        <section class="window" aria-label={words.window}>
            <form class="strip" onsubmit={go}>
                <button type="button" class="icon" aria-label={words.back} title={words.back} disabled={!props.can_go_back} onclick={deed(Deed::Back)}>{"←"}</button>
                <button type="button" class="icon" aria-label={words.reload} title={words.reload} disabled={props.page.is_none()} onclick={deed(Deed::Reload)}>{"↻"}</button>
                <input
                    ref={field}
                    type="text"
                    inputmode="url"
                    aria-label={words.address}
                    placeholder="http://localhost:8080/"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                />
                <button type="button" class="icon" aria-label={format!("{}: {}", words.close, words.window)} title={words.close} onclick={deed(Deed::Show(false))}>{"×"}</button>
            </form>
            <p class="unseen" role="status">
                {if props.loading { words.loading.to_string() } else { props.page.as_ref().map(|page| page.url.clone()).unwrap_or_default() }}
            </p>
            <div class={classes!("page", props.loading.then_some("loading"))}>
                {match answer {
                    Some(Ok(_)) => html! { <iframe key="frame" ref={frame} title={words.window} sandbox="allow-same-origin allow-forms"></iframe> },
                    Some(Err(why)) => html! {
                        <div key="why" class="blank">
                            <h2>{words.no_page}</h2>
                            <pre>{why.clone()}</pre>
                            {starts}
                        </div>
                    },
                    None => html! { <div key="start" class="blank">{starts}</div> },
                }}
            </div>
        </section>
    }
}

/// Shows an answer in the frame.
fn show(frame: &HtmlIFrameElement, body: &str, kind: &str, url: &str) {
    let window = gloo::utils::window();
    let script = Reflect::get(&window, &"sayaWindow".into()).unwrap_or_default();
    if let Ok(show) = Reflect::get(&script, &"show".into()).and_then(JsCast::dyn_into::<Function>) {
        let words: [wasm_bindgen::JsValue; 4] = [frame.clone().into(), body.into(), kind.into(), url.into()];
        // What cannot be shown leaves the frame empty.
        let _ = show.apply(&script, &words.iter().collect());
    }
}

/// A text of a terminal, with what can be opened in it as links.
pub fn linked(text: &str) -> Html {
    let mut parts = Vec::new();
    let mut done = 0;
    for (place, url) in browse::links(text) {
        parts.push(html! { {text[done..place.start].to_string()} });
        let shown = text[place.clone()].to_string();
        parts.push(html! { <a role="link" tabindex="0" data-open={url}>{shown}</a> });
        done = place.end;
    }
    parts.push(html! { {text[done..].to_string()} });
    parts.into_iter().collect()
}
