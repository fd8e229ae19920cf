//! The page's one component with a state.

use std::rc::Rc;

use gloo::render::AnimationFrame;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::api::schema::FieldDocs;
use crate::diagram::{self, Options, Placement};
use crate::sim::compare::{self, Against};
use crate::sim::moments;
use crate::sim::{Scenario, Snapshot, browse};

use super::action::{Action, Changed};
use super::arrival::{Arrival, Chooser};
use super::course::Deed as CourseDeed;
use super::editor::Editor;
use super::exchange::{Came, Deed, Dialog};
use super::figure::{Drawing, FigurePanel};
use super::header::Header;
use super::inspector::{Inspector, Sheet, View};
use super::layout::{Bar, Splitter};
use super::lesson::Lesson;
use super::look::Panel;
use super::palette::Palette;
use super::question::Question;
use super::share::{Refused, ShareDialog, What};
use super::state::State;
use super::story::{self, Invitation};
use super::terminal::Terminals;
use super::timeline::{Timeline, clock};
use super::traffic::Shown;
use super::window::{Deed as WindowDeed, WindowPanel};
use super::{browser, code, commands};

/// The page.
pub struct App {
    state: State,
    /// Where things stand, so that they stay there.
    placement: Placement,
    drawing: Drawing,
    /// The revision of the simulation that the scene shows, and what of it.
    drawn: Seen,
    /// The cluster as it is drawn.
    snapshot: Snapshot,
    /// What the inspector shows, and the revision that it was read at.
    sheet: Option<(u64, View, Rc<Sheet>)>,
    /// The lookups and connections that are shown.
    shown: Shown,
    /// What the open file is compared with, what differs, and what that was found from.
    compared: Option<(Against, Rc<Vec<compare::Line>>)>,
    compared_of: (u64, String, Option<Against>),
    /// What a screen reader is told of the figure, and of how many moments it was told.
    said: (String, usize),
    /// When the figure was drawn last and how long that took, in milliseconds.
    cost: (f64, f64),
    /// True once the docs of the fields were asked for.
    docs_asked: bool,
    wake: Wake,
    /// What a look costs of late, in milliseconds, and when the last began.
    look: (f64, Option<f64>),
}

/// When the page looks again how far time is: with the next frame, or later.
enum Wake {
    Frame { _frame: AnimationFrame },
    Later { _timer: Timeout },
}

fn ask_for_frame(context: &Context<App>) -> Wake {
    let link = context.link().clone();
    let frame = move |at| link.send_message(Message::Act(Action::Frame(at)));
    Wake::Frame { _frame: browser::on_next_frame(frame) }
}

/// Shorter rests than this are none.
const SHORTEST_REST: f64 = 12.0;

/// What tells whether the figure may be another one.
#[derive(PartialEq)]
struct Seen {
    /// The revision of the objects.
    objects: u64,
    /// The revision of them and of what containers did: another one after a jump to another time.
    all: u64,
    /// How many port-forwards there are.
    forwards: usize,
    /// What is drawn.
    options: Options,
}

impl Seen {
    fn of(state: &State) -> Self {
        let sim = state.session.sim();
        Self {
            objects: sim.cluster().api.store().revision(),
            all: sim.revision(),
            forwards: sim.host().forwards().count(),
            options: state.options,
        }
    }
}

/// Fetches the example that the address names.
fn fetch_example(context: &Context<App>, state: &State) {
    if let Some(name) = state.wanted_example() {
        context.link().send_future(async move {
            let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            let text = if plain { browser::fetch(&format!("./examples/{name}.saya")).await } else { None };
            Message::Act(Action::Exchange(Deed::Example(name, text)))
        });
    }
}

/// Draws a snapshot, with what stood somewhere before where it was.
fn draw(snapshot: &Snapshot, options: &Options, before: Option<&Placement>) -> (Placement, Drawing) {
    let placement = diagram::layout(snapshot, options, before);
    let scene = diagram::scene(snapshot, options, &placement);
    (placement, Drawing::new(scene))
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let state = State::new();
        let snapshot = state.snapshot();
        let (placement, drawing) = draw(&snapshot, &state.options, None);
        let link = context.link().clone();
        browser::on_window("keydown", move |event| {
            if let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() {
                link.send_message(Message::Key(event));
            }
        });
        for leaving in ["pagehide", "blur"] {
            let link = context.link().clone();
            browser::on_window(leaving, move |_| link.send_message(Message::Act(Action::Keep)));
        }
        let link = context.link().clone();
        browser::on_window("hashchange", move |_| {
            link.send_message(Message::Act(Action::Course(CourseDeed::Address)));
        });
        let link = context.link().clone();
        browser::on_window("saya:came", move |event| {
            let detail =
                event.dyn_into::<web_sys::CustomEvent>().ok().and_then(|event| event.detail().as_string());
            if let Some(came) = detail.and_then(|text| serde_json::from_str::<Came>(&text).ok()) {
                link.send_message(Message::Act(Action::Exchange(Deed::Came(came))));
            }
        });
        let link = context.link().clone();
        browser::on_window("hashchange", move |_| {
            link.send_message(Message::Act(Action::Exchange(Deed::Address)));
        });
        let link = context.link().clone();
        browser::on_window("saya:visit", move |event| {
            let detail =
                event.dyn_into::<web_sys::CustomEvent>().ok().and_then(|event| event.detail().as_string());
            if let Some(wanted) = detail.and_then(|text| serde_json::from_str(&text).ok()) {
                link.send_message(Message::Act(Action::Window(WindowDeed::Visit(wanted))));
            }
        });
        fetch_example(context, &state);
        let link = context.link().clone();
        browser::on_window("resize", move |_| link.send_message(Message::Act(Action::Resized)));
        let mut app = Self {
            drawn: Seen::of(&state),
            snapshot,
            state,
            placement,
            drawing,
            sheet: None,
            shown: Shown::default(),
            cost: (0.0, 0.0),
            compared: None,
            compared_of: Default::default(),
            said: (String::new(), 0),
            docs_asked: false,
            wake: ask_for_frame(context),
            look: (0.0, None),
        };
        app.fetch(context);
        app
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        let action = match message {
            Message::Rested => {
                self.wake = ask_for_frame(context);
                return false;
            }
            Message::Act(action) => action,
            Message::Key(event) => match commands::key(&event, &self.state) {
                Some(action) => {
                    event.prevent_default();
                    action
                }
                None => return false,
            },
        };
        if let Action::TypeLine(terminal, line) = &action
            && line.contains("explain")
            && FieldDocs::installed().is_none()
        {
            let (terminal, line) = (*terminal, line.clone());
            context.link().send_future(async move {
                Message::Act(Action::ExplainLine(terminal, line, browser::fetch("./field-docs.json").await))
            });
            return false;
        }
        if matches!(&action, Action::EditorAsks(question) if question.what != "check") && !self.docs_asked {
            self.docs_asked = true;
            context
                .link()
                .send_future(async { Message::Act(Action::Docs(browser::fetch("./field-docs.json").await)) });
        }
        let frame = matches!(action, Action::Frame(_));
        let moved = action == Action::Exchange(Deed::Address);
        let woke = browser::now();
        let changed = self.state.reduce(action);
        self.fetch(context);
        let rest = if frame { self.state.rest(self.look.0) } else { 0.0 };
        if rest > SHORTEST_REST {
            let link = context.link().clone();
            let timer = browser::later(rest, move || link.send_message(Message::Rested));
            self.wake = Wake::Later { _timer: timer };
        } else if frame || matches!(self.wake, Wake::Later { .. }) {
            // What somebody does is seen at once.
            self.wake = ask_for_frame(context);
        }
        if moved {
            fetch_example(context, &self.state);
        }
        let mut drawn = Seen::of(&self.state);
        if frame {
            // Where time only passes, what containers do changes nothing in the figure.
            drawn.all = self.drawn.all;
        }
        // A figure that takes long is drawn less often: the rest of the page goes on.
        let began = browser::now();
        let rested = began > self.cost.0 + 3.0 * self.cost.1 || drawn.options != self.drawn.options;
        let mut anew = false;
        if drawn != self.drawn && (rested || !frame) {
            let other = drawn.options != self.drawn.options;
            self.drawn = drawn;
            let snapshot = self.state.snapshot();
            self.state.changed(&snapshot);
            self.say(&snapshot);
            // Leases and Events are not drawn.
            self.snapshot.now = snapshot.now;
            if other || self.snapshot != snapshot {
                (self.placement, self.drawing) = draw(&snapshot, &self.state.options, Some(&self.placement));
                self.snapshot = snapshot;
                self.state.tell_height(self.drawing.0.width, self.drawing.0.height);
                anew = true;
            }
            let ended = browser::now();
            self.cost = (ended, ended - began);
        }
        if changed == Changed::Page {
            self.shown.follow(&self.state);
            self.read_sheet();
            self.compare();
        }
        let page = anew || changed == Changed::Page;
        if frame {
            self.look.1 = Some(woke);
            if !page {
                self.looked();
            }
        }
        page
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        self.looked();
        if first {
            // After the first paint.
            let ready = context.link().callback(|()| Message::Act(Action::EditorReady));
            code::load(ready);
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let state = &self.state;
        let words = state.language.words();
        let act = context.link().callback(Message::Act);
        let sim = state.session.sim();
        let log = state.session.log();
        let exchange = &state.exchange;
        let embedded = exchange.address.embedded;
        let fresh = log.inputs.is_empty() && !embedded && log.scenario.files == Scenario::story().files;
        let deed = |deed: Deed| act.reform(move |_: MouseEvent| Action::Exchange(deed.clone()));
        let tab = |panel: Panel, name: &'static str| {
            let show = act.reform(move |_: MouseEvent| Action::Show(panel));
            html! {
                <button type="button" aria-pressed={(state.panel == panel).to_string()} onclick={show}>{name}</button>
            }
        };
        let preset = state.layout.preset;
        let shown = state.course.shown;
        let invited = fresh && !shown && state.story.is_none() && state.inspected.is_none();
        let course = act.reform(move |_: MouseEvent| Action::Course(CourseDeed::Panel(!shown)));
        html! {
            <div
                class={classes!("saya", embedded.then_some("embedded"), shown.then_some("with-lesson"))}
                data-view={embedded.then(|| exchange.view.join(" "))}
                data-panel={(!embedded).then(|| state.panel.word())}
                data-preset={preset.word()}
                style={state.layout.style()}
            >
                if !embedded {
                    <Header
                        profile={sim.cluster().profile().name.clone()}
                        nodes={sim.cluster().kubelets().count()}
                        preset={preset}
                        language={state.language}
                        theme={state.theme}
                        act={act.clone()}
                    >
                        <button type="button" class="course" aria-pressed={shown.to_string()} onclick={course}>{words.course}</button>
                        <button type="button" class="share" onclick={deed(Deed::Share(What::Everything))}>{words.share}</button>
                    </Header>
                }
                if exchange.update {
                    <p class="notice update" role="status">
                        {words.update}
                        <button type="button" onclick={deed(Deed::TakeUpdate)}>{words.take_update}</button>
                    </p>
                }
                if sim.cluster().is_frozen() {
                    <p class="notice" role="status">
                        {words.frozen}
                        <button type="button" onclick={deed(Deed::Revive)}>{words.alive}</button>
                    </p>
                }
                if let Some(to) = exchange.seeking {
                    <p class="notice" role="status">
                        {words.on_the_way.replace("{}", &clock(to))}
                        <button type="button" onclick={deed(Deed::StopHere)}>{words.stop_here}</button>
                    </p>
                }
                if let Some(notice) = &state.notice {
                    <p class="notice" role="status">
                        {notice.clone()}
                        <button type="button" class="quiet icon" aria-label={words.close} onclick={act.reform(|_: MouseEvent| Action::DropNotice)}>{"×"}</button>
                    </p>
                }
                <main>
                    if state.course.shown {
                        <Lesson
                            view={state.course.view.clone()}
                            list={state.course.list.clone()}
                            progress={state.course.progress.clone()}
                            missing={state.course.missing.clone()}
                            language={state.language}
                            act={act.clone()}
                        />
                    }
                    <Editor
                        files={state.files()}
                        open={state.open_file.clone()}
                        text={state.text(&state.open_file)}
                        ready={state.editor_ready}
                        lit={state.lit.as_ref().filter(|(path, _)| *path == state.open_file).map(|(_, lines)| *lines)}
                        deleted={state.deleted.as_ref().map(|(path, _)| path.clone())}
                        apply_on_save={state.apply_on_save}
                        compare={self.compared.clone()}
                        tree={state.tree}
                        folder={state.folder.clone()}
                        language={state.language}
                        act={act.clone()}
                    />
                    <Splitter bar={Bar::Files} share={state.layout.files} name={words.resize_files} act={act.clone()} />
                    <section class="stage">
                        <FigurePanel
                            drawing={self.drawing.clone()}
                            options={state.options}
                            sight={state.sight}
                            inspected={state.inspected.clone()}
                            pointed={state.pointed.clone()}
                            shown={self.shown.clone()}
                            tools={!embedded}
                            invited={invited}
                            language={state.language}
                            act={act.clone()}
                        >
                            if invited {
                                <Invitation language={state.language} act={act.clone()} />
                            }
                            if state.story.is_some() {
                                <button type="button" class="stop" onclick={act.reform(|_: MouseEvent| Action::PlayStory(false))}>
                                    {words.story_stop}
                                </button>
                            }
                            if let Some((_, _, sheet)) = &self.sheet {
                                <Inspector sheet={sheet.clone()} language={state.language} act={act.clone()} />
                            }
                        </FigurePanel>
                        <Timeline
                            now={sim.now()}
                            horizon={state.session.horizon()}
                            playing={state.playing}
                            speed={state.speed}
                            moments={state.moments.all().to_vec()}
                            inputs={log.inputs.iter().map(|(at, _)| *at).collect::<Vec<_>>()}
                            language={state.language}
                            act={act.clone()}
                        >
                            if embedded {
                                <button
                                    type="button"
                                    class="icon open-whole"
                                    aria-label={words.open_whole}
                                    title={words.open_whole}
                                    onclick={deed(Deed::OpenWhole)}
                                >{"↗"}</button>
                            }
                        </Timeline>
                        <Splitter bar={Bar::Figure} share={state.layout.figure} name={words.resize_figure} act={act.clone()} />
                        <div class={classes!("below", state.window.shown.then_some("with-window"))}>
                        <Terminals
                            screens={state.terminals.iter().map(|number| sim.host().screen(*number)).collect::<Vec<_>>()}
                            chosen={state.terminal}
                            side_by_side={state.side_by_side}
                            suggestions={if fresh && !shown { story::COMMANDS } else { &[] }}
                            history={state.history.clone()}
                            completion={state.completion.clone()}
                            past={state.session.is_in_the_past()}
                            window={state.window.shown}
                            language={state.language}
                            act={act.clone()}
                        />
                        if state.window.shown {
                            <Splitter bar={Bar::Terminals} share={state.layout.terminals} name={words.resize_terminals} act={act.clone()} />
                            <WindowPanel
                                page={state.window.page()}
                                loading={state.window.is_loading()}
                                can_go_back={state.window.can_go_back()}
                                ready={state.window.ready}
                                addresses={browse::addresses(sim)}
                                language={state.language}
                                act={act.clone()}
                            />
                        }
                        </div>
                    </section>
                </main>
                <nav class="panels" aria-label={words.panels}>
                    if state.course.shown {
                        {tab(Panel::Lesson, words.course)}
                    }
                    {tab(Panel::Files, words.files_tab)}
                    {tab(Panel::Figure, words.figure)}
                    {tab(Panel::Terminal, words.terminal)}
                    if state.window.shown {
                        {tab(Panel::Window, words.window)}
                    }
                </nav>
                <p class="unseen said" role="status" aria-live="polite">{self.said.0.clone()}</p>
                if let Some(dialog) = &exchange.dialog {
                    {match dialog {
                        Dialog::Share { what, fragment, copied } => html! {
                            <ShareDialog
                                what={*what}
                                fragment={fragment.clone()}
                                copied={*copied}
                                at={clock(sim.now())}
                                language={state.language}
                                act={act.clone()}
                            />
                        },
                        Dialog::Choosing => html! { <Chooser language={state.language} act={act.clone()} /> },
                        Dialog::Arrived(arrived) => html! {
                            <Arrival
                                arrived={arrived.clone()}
                                about={state.about(&arrived.held)}
                                language={state.language}
                                act={act.clone()}
                            />
                        },
                        Dialog::Refused(why) => html! {
                            <Refused why={why.clone()} embedded={embedded} language={state.language} act={act.clone()} />
                        },
                    }}
                }
                if state.asking.is_some() {
                    <Question at={clock(sim.now())} language={state.language} act={act.clone()} />
                }
                if state.palette {
                    <Palette entries={commands::entries(state)} language={state.language} act={act.clone()} />
                }
            </div>
        }
    }
}

/// What reaches the page.
pub enum Message {
    /// Something to do.
    Act(Action),
    /// It is time for the next frame.
    Rested,
    /// A key, whose meaning depends on the state.
    Key(web_sys::KeyboardEvent),
}

impl App {
    /// Notes what the last look cost.
    fn looked(&mut self) {
        if let Some(began) = self.look.1.take() {
            self.look.0 += 0.2 * (browser::now() - began - self.look.0);
        }
    }

    /// Compares again, where something may have changed.
    fn compare(&mut self) {
        let state = &mut self.state;
        let text = if state.compare.is_some() { state.text(&state.open_file) } else { String::new() };
        let of = (state.session.sim().revision(), text, state.compare.clone());
        if of == self.compared_of {
            return;
        }
        self.compared = of.2.clone().map(|against| {
            let asked = match &against {
                Against::Text(path) => Against::Text(state.text(path)),
                other => other.clone(),
            };
            (against, Rc::new(compare::compare(state.session.sim(), &of.1, &asked, &mut state.reading)))
        });
        self.compared_of = of;
    }

    /// Tells what has changed, in words.
    fn say(&mut self, snapshot: &Snapshot) {
        let words = self.state.language.words();
        let all = self.state.moments.all();
        let fresh = all.get(self.said.1..).unwrap_or_default();
        let each = fresh.iter().rev().take(3).map(|moment| {
            let name = &moment.pod.name;
            if !matches!(moment.deed, moments::Deed::Ready | moments::Deed::Healed) {
                return format!("{name}: {}", super::timeline::name(moment.deed, words));
            }
            let pod = snapshot.pods.iter().find(|pod| pod.name == moment.pod);
            let ip = pod.and_then(|pod| pod.ip.as_ref()).map_or(String::new(), |ip| format!(", IP {ip}"));
            format!("{}{ip}", words.said_ready.replace("{}", name))
        });
        if !fresh.is_empty() {
            self.said.0 = each.collect::<Vec<_>>().join(". ");
        }
        self.said.1 = all.len();
    }

    /// Fetches what the course wants.
    fn fetch(&mut self, context: &Context<Self>) {
        for fetch in self.state.course.fetches() {
            context.link().send_future(async move {
                let text = browser::fetch(&fetch.path).await;
                Message::Act(Action::Course(fetch.came(text)))
            });
        }
    }

    /// Reads again what is inspected, where it may have changed.
    fn read_sheet(&mut self) {
        let state = &self.state;
        let (revision, view) = (state.session.sim().revision(), state.view);
        self.sheet = match (&state.inspected, self.sheet.take()) {
            (None, _) => None,
            (Some(id), Some((at, side, sheet))) if sheet.id == *id && at == revision && side == view => {
                Some((at, side, sheet))
            }
            (Some(id), _) => {
                Sheet::read(state.session.sim(), id, view).map(|sheet| (revision, view, Rc::new(sheet)))
            }
        };
    }
}
