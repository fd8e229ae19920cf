//! The page's one component with a state.

use std::rc::Rc;

use gloo::render::AnimationFrame;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::api::schema::FieldDocs;
use crate::diagram::{self, Options, Placement};
use crate::sim::Snapshot;

use super::arrival::{Arrival, Chooser};
use super::editor::Editor;
use super::exchange::{Came, Deed, Dialog};
use super::figure::{Drawing, FigurePanel};
use super::header::Header;
use super::inspector::{Inspector, Sheet, View};
use super::layout::{Bar, Splitter};
use super::palette::Palette;
use super::question::Question;
use super::share::{Refused, ShareDialog, What};
use super::state::{Action, Changed, Panel, State};
use super::story::{self, Invitation};
use super::terminal::Terminals;
use super::timeline::{Timeline, clock};
use super::{browser, code, commands};

/// The page.
pub struct App {
    state: State,
    /// Where things stand, so that they stay there.
    placement: Placement,
    drawing: Drawing,
    /// The revision of the simulation that the scene shows, and what of it.
    drawn: (u64, Options),
    /// What the inspector shows, and the revision that it was read at.
    sheet: Option<(u64, View, Rc<Sheet>)>,
    /// True once the docs of the fields were asked for.
    docs_asked: bool,
    _frame: AnimationFrame,
}

fn ask_for_frame(context: &Context<App>) -> AnimationFrame {
    let link = context.link().clone();
    browser::on_next_frame(move |at| link.send_message(Message::Act(Action::Frame(at))))
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
    (placement, Drawing(Rc::new(scene)))
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let state = State::new();
        let (placement, drawing) = draw(&state.snapshot(), &state.options, None);
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
        fetch_example(context, &state);
        let link = context.link().clone();
        browser::on_window("resize", move |_| link.send_message(Message::Act(Action::Resized)));
        Self {
            drawn: (state.session.sim().revision(), state.options),
            state,
            placement,
            drawing,
            sheet: None,
            docs_asked: false,
            _frame: ask_for_frame(context),
        }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        let action = match message {
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
        let changed = self.state.reduce(action);
        if frame {
            self._frame = ask_for_frame(context);
        }
        if moved {
            fetch_example(context, &self.state);
        }
        let drawn = (self.state.session.sim().revision(), self.state.options);
        if drawn != self.drawn {
            self.drawn = drawn;
            let snapshot = self.state.snapshot();
            self.state.changed(&snapshot);
            (self.placement, self.drawing) = draw(&snapshot, &self.state.options, Some(&self.placement));
            self.state.tell_height(self.drawing.0.width, self.drawing.0.height);
        }
        if changed == Changed::Page {
            self.read_sheet();
        }
        changed == Changed::Page
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
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
        let fresh = log.inputs.is_empty() && !embedded && log.scenario.files == story::files();
        let deed = |deed: Deed| act.reform(move |_: MouseEvent| Action::Exchange(deed.clone()));
        let tab = |panel: Panel, name: &'static str| {
            let show = act.reform(move |_: MouseEvent| Action::Show(panel));
            html! {
                <button type="button" aria-pressed={(state.panel == panel).to_string()} onclick={show}>{name}</button>
            }
        };
        let preset = state.layout.preset;
        html! {
            <div
                class={classes!("saya", embedded.then_some("embedded"))}
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
                    <Editor
                        files={state.files()}
                        open={state.open_file.clone()}
                        text={state.text(&state.open_file)}
                        ready={state.editor_ready}
                        deleted={state.deleted.as_ref().map(|(path, _)| path.clone())}
                        language={state.language}
                        act={act.clone()}
                    />
                    <Splitter bar={Bar::Files} share={state.layout.files} name={words.resize_files} act={act.clone()} />
                    <section class="stage" aria-label={words.figure}>
                        <FigurePanel
                            drawing={self.drawing.clone()}
                            options={state.options}
                            inspected={state.inspected.clone()}
                            language={state.language}
                            act={act.clone()}
                        >
                            if fresh && state.story.is_none() && state.inspected.is_none() {
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
                        <Terminals
                            screens={state.terminals.iter().map(|number| sim.host().screen(*number)).collect::<Vec<_>>()}
                            chosen={state.terminal}
                            side_by_side={state.side_by_side}
                            suggestions={if fresh { story::COMMANDS } else { &[] }}
                            history={state.history.clone()}
                            completion={state.completion.clone()}
                            past={state.session.is_in_the_past()}
                            language={state.language}
                            act={act.clone()}
                        />
                    </section>
                </main>
                <nav class="panels" aria-label={words.panels}>
                    {tab(Panel::Files, words.files_tab)}
                    {tab(Panel::Figure, words.figure)}
                    {tab(Panel::Terminal, words.terminal)}
                </nav>
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
    /// A key, whose meaning depends on the state.
    Key(web_sys::KeyboardEvent),
}

impl App {
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
