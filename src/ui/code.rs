//! The editor program in the page: CodeMirror, which comes after the first paint and asks the simulation what is wrong,
//! what can be written and what a field is for.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::base::yaml::Mark;
use crate::sim::Sim;
use crate::sim::check::{What, check};
use crate::sim::suggest::{explain, suggest};

use super::action::Action;
use super::browser;
use super::state::State;
use super::words::{Language, Words};

/// A question of the editor, and whom to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// `check`, `suggest` or `explain`.
    pub what: String,
    /// The text of the open file as it stands in the editor.
    pub text: String,
    /// The line that is meant, from 0.
    pub line: usize,
    /// The column in it, in UTF-16 units from 0.
    pub column: usize,
    /// Takes the answer, as JSON.
    pub answer: Function,
}

impl Question {
    /// Answers it.
    pub fn answer(&self, state: &mut State) {
        let json = match self.what.as_str() {
            "check" => self.problems(state),
            "suggest" => self.suggestions(state.session.sim()),
            _ => serde_json::json!(explain(&self.text, self.line, self.column)),
        };
        // An editor that is gone does not listen.
        let _ = self.answer.call1(&JsValue::NULL, &json.to_string().into());
    }

    fn problems(&self, state: &mut State) -> serde_json::Value {
        let words = state.language.words();
        let others: Vec<(String, String)> =
            state.files().into_iter().map(|path| (path.clone(), state.text(&path))).collect();
        let found = check(state.session.sim(), &state.open_file, &self.text, &others, &mut state.reading);
        let mark = |mark: Mark| serde_json::json!({"line": mark.line, "column": mark.column});
        let each = found.into_iter().map(|problem| {
            serde_json::json!({
                "from": mark(problem.at.start),
                "to": mark(problem.at.end),
                "error": problem.what.is_error(),
                "message": message(&problem.what, words),
                "fix": problem.fix,
            })
        });
        each.collect()
    }

    fn suggestions(&self, sim: &Sim) -> serde_json::Value {
        let line: Vec<u16> = self.text.lines().nth(self.line).unwrap_or_default().encode_utf16().collect();
        let before = String::from_utf16_lossy(&line[..self.column.min(line.len())]);
        let (back, all) = suggest(sim, &self.text, self.line, &before);
        let each: serde_json::Value = all
            .into_iter()
            .map(|one| serde_json::json!({"text": one.text, "detail": one.detail, "docs": one.docs}))
            .collect();
        serde_json::json!([back, each])
    }
}

fn message(what: &What, words: &Words) -> String {
    match what {
        What::Refused(text) => text.clone(),
        What::SelectsNothing => words.selects_nothing.into(),
        What::NoSuch(kind, name) => {
            words.no_such.replacen("{}", kind.names().kind, 1).replacen("{}", name, 1)
        }
        What::NotAPort(port) => words.not_a_port.replace("{}", port),
        What::Taken(path) => words.taken.replace("{}", path),
    }
}

/// Fetches the editor program.
pub fn load(ready: Callback<()>) {
    browser::load_script("./editor.js", "module", move || ready.emit(()));
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The path of the open file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The lines of it that are lit: the first and the last.
    pub lit: Option<(u32, u32)>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
}

/// The editor.
pub struct Code {
    place: NodeRef,
    editor: Option<Object>,
    /// What was lit last, and in which file.
    lit: (String, Option<(u32, u32)>),
}

fn call(object: &Object, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    Reflect::apply(&function, object, &arguments.iter().collect()).ok()
}

/// Gives the page's object a function.
fn give<F: ?Sized + wasm_bindgen::closure::WasmClosure>(page: &Object, name: &str, closure: Closure<F>) {
    // An object of our own takes everything; and the editor lives as long as the page.
    let _ = Reflect::set(page, &name.into(), closure.as_ref());
    closure.forget();
}

impl Component for Code {
    type Message = Action;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self { place: NodeRef::default(), editor: None, lit: Default::default() }
    }

    fn update(&mut self, context: &Context<Self>, action: Action) -> bool {
        let props = context.props();
        // What the editor does, it does to the file that is open now.
        props.act.emit(match action {
            Action::Edit(_, text) => Action::Edit(props.path.clone(), text),
            Action::ApplyFile(_) => Action::ApplyFile(props.path.clone()),
            other => other,
        });
        false
    }

    fn view(&self, _: &Context<Self>) -> Html {
        html! { <div class="code" ref={self.place.clone()}></div> }
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first {
            self.editor = self.mount(context);
        }
        let props = context.props();
        if let Some(editor) = &self.editor {
            call(editor, "show", &[(&*props.path).into(), (&*props.text).into()]);
            let lit = (props.path.clone(), props.lit);
            if self.lit != lit {
                let (first, last) = props.lit.unwrap_or_default();
                call(editor, "light", &[first.into(), last.into()]);
                self.lit = lit;
            }
        }
    }

    fn destroy(&mut self, _: &Context<Self>) {
        if let Some(editor) = &self.editor {
            call(editor, "destroy", &[]);
        }
    }
}

impl Code {
    fn mount(&self, context: &Context<Self>) -> Option<Object> {
        let program: Object =
            Reflect::get(&gloo::utils::window(), &"sayaEditor".into()).ok()?.dyn_into().ok()?;
        let place = self.place.cast::<HtmlElement>()?;
        let page = Object::new();
        let words = context.props().language.words();
        let link = context.link().clone();
        let ask = move |what: String, text: String, line: usize, column: usize, answer: Function| {
            link.send_message(Action::EditorAsks(Question { what, text, line, column, answer }));
        };
        give(&page, "ask", Closure::<dyn Fn(String, String, usize, usize, Function)>::new(ask));
        let link = context.link().clone();
        let changed = move |text: String| link.send_message(Action::Edit(String::new(), text));
        give(&page, "changed", Closure::<dyn Fn(String)>::new(changed));
        let link = context.link().clone();
        give(&page, "left", Closure::<dyn Fn()>::new(move || link.send_message(Action::SaveEdits)));
        let link = context.link().clone();
        let apply = move || link.send_message(Action::ApplyFile(String::new()));
        give(&page, "apply", Closure::<dyn Fn()>::new(apply));
        let link = context.link().clone();
        give(&page, "save", Closure::<dyn Fn()>::new(move || link.send_message(Action::SaveFile)));
        let link = context.link().clone();
        give(&page, "format", Closure::<dyn Fn()>::new(move || link.send_message(Action::Format)));
        let link = context.link().clone();
        let cursor = move |line: u32| link.send_message(Action::Cursor(line));
        give(&page, "cursor", Closure::<dyn Fn(u32)>::new(cursor));
        let of = words.editor_of;
        let label = move || -> String {
            let open =
                gloo::utils::document().query_selector(".file-tabs [aria-selected=true]").ok().flatten();
            format!("{of} {}", open.and_then(|tab| tab.text_content()).unwrap_or_default())
        };
        give(&page, "label", Closure::<dyn Fn() -> String>::new(label));
        let _ = Reflect::set(&page, &"fix".into(), &words.fix.into());
        call(&program, "mount", &[place.into(), page.into()])?.dyn_into().ok()
    }
}
