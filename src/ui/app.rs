//! The page's one component with a state.

use std::rc::Rc;

use gloo::render::AnimationFrame;
use yew::prelude::*;

use crate::api::schema::FieldDocs;
use crate::diagram::{self, Options, Placement, Scene};
use crate::sim::observe;

use super::browser;
use super::editor::Editor;
use super::figure::FigurePanel;
use super::header::Header;
use super::state::{Action, Changed, Panel, State};
use super::story;
use super::terminal::Terminals;
use super::timeline::Timeline;

/// The page.
pub struct App {
    state: State,
    /// Where things stand, so that they stay there.
    placement: Placement,
    scene: Rc<Scene>,
    /// The revision of the simulation that the scene shows.
    drawn: u64,
    _frame: AnimationFrame,
}

fn ask_for_frame(context: &Context<App>) -> AnimationFrame {
    let link = context.link().clone();
    browser::on_next_frame(move |at| link.send_message(Action::Frame(at)))
}

/// Draws the state's cluster, with what stood somewhere before where it was.
fn draw(state: &State, before: Option<&Placement>) -> (Placement, Rc<Scene>) {
    let (sim, options) = (state.session.sim(), Options::default());
    let snapshot = observe::snapshot(sim.cluster(), sim.now());
    let placement = diagram::layout(&snapshot, &options, before);
    let scene = diagram::scene(&snapshot, &options, &placement);
    (placement, Rc::new(scene))
}

impl Component for App {
    type Message = Action;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let state = State::new();
        let (placement, scene) = draw(&state, None);
        Self {
            drawn: state.session.sim().revision(),
            state,
            placement,
            scene,
            _frame: ask_for_frame(context),
        }
    }

    fn update(&mut self, context: &Context<Self>, action: Action) -> bool {
        if let Action::TypeLine(terminal, line) = &action
            && line.contains("explain")
            && FieldDocs::installed().is_none()
        {
            let (terminal, line) = (*terminal, line.clone());
            context.link().send_future(async move {
                Action::ExplainLine(terminal, line, browser::fetch("./field-docs.json").await)
            });
            return false;
        }
        let frame = matches!(action, Action::Frame(_));
        let changed = self.state.reduce(action);
        if frame {
            self._frame = ask_for_frame(context);
        }
        let revision = self.state.session.sim().revision();
        if revision != self.drawn {
            self.drawn = revision;
            (self.placement, self.scene) = draw(&self.state, Some(&self.placement));
        }
        changed == Changed::Page
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let state = &self.state;
        let words = state.language.words();
        let act = context.link().callback(|action: Action| action);
        let sim = state.session.sim();
        let tab = |panel: Panel, name: &'static str| {
            let show = act.reform(move |_: MouseEvent| Action::Show(panel));
            html! {
                <button type="button" aria-pressed={(state.panel == panel).to_string()} onclick={show}>{name}</button>
            }
        };
        html! {
            <div class="saya" data-panel={state.panel.word()}>
                <Header
                    profile={sim.cluster().profile().name.clone()}
                    nodes={sim.cluster().kubelets().count()}
                    language={state.language}
                    theme={state.theme}
                    act={act.clone()}
                />
                <main>
                    <Editor
                        files={state.files()}
                        open={state.open_file.clone()}
                        text={state.text(&state.open_file)}
                        language={state.language}
                        act={act.clone()}
                    />
                    <section class="stage">
                        <FigurePanel scene={self.scene.clone()} language={state.language} />
                        <Timeline
                            now={sim.now()}
                            horizon={state.session.horizon()}
                            playing={state.playing}
                            speed={state.speed}
                            language={state.language}
                            act={act.clone()}
                        />
                        <Terminals
                            screens={state.terminals.iter().map(|number| sim.host().screen(*number)).collect::<Vec<_>>()}
                            suggestions={if state.session.log().inputs.is_empty() { story::COMMANDS } else { &[] }}
                            past={state.session.is_in_the_past()}
                            language={state.language}
                            act={act.clone()}
                        />
                    </section>
                </main>
                <nav class="panels">
                    {tab(Panel::Files, words.files_tab)}
                    {tab(Panel::Figure, words.figure)}
                    {tab(Panel::Terminal, words.terminal)}
                </nav>
            </div>
        }
    }
}
