//! The browser, as far as the page needs it.

use std::sync::atomic::{AtomicBool, Ordering};

use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::storage::{LocalStorage, Storage};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

/// Asks to be called before the next frame is painted, with the time in milliseconds. Dropping the answer takes it
/// back.
pub fn on_next_frame(call: impl FnOnce(f64) + 'static) -> AnimationFrame {
    request_animation_frame(call)
}

/// The same after some milliseconds.
pub fn later(milliseconds: f64, call: impl FnOnce() + 'static) -> Timeout {
    Timeout::new(milliseconds as u32, call)
}

/// The text of a file that lies beside the page. None where it cannot be had.
pub async fn fetch(path: &str) -> Option<String> {
    let answer = JsFuture::from(gloo::utils::window().fetch_with_str(path)).await.ok()?;
    let answer: web_sys::Response = answer.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
}

/// The language that the browser prefers, as a tag (`ja-JP`).
pub fn language() -> String {
    gloo::utils::window().navigator().language().unwrap_or_default()
}

/// The milliseconds since some moment.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// The date now, in seconds since 1970.
pub fn date_seconds() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

/// Reads a kept word. None where nothing was kept or the browser keeps nothing.
pub fn kept(key: &str) -> Option<String> {
    // The storage of a frame can be forbidden: then even looking at it throws, and gloo's accessor panics.
    storage_allowed().then(|| LocalStorage::get(key).ok()).flatten()
}

/// Keeps a word, where the browser keeps anything. False where it does not, or is full.
pub fn keep(key: &str, word: &str) -> bool {
    storage_allowed() && LocalStorage::set(key, word).is_ok()
}

/// Forgets a kept word.
pub fn forget(key: &str) {
    if storage_allowed() {
        LocalStorage::delete(key);
    }
}

/// From now on nothing is kept, and nothing that was kept is read.
pub fn keep_nothing() {
    KEEPS_NOTHING.store(true, Ordering::Relaxed);
}

static KEEPS_NOTHING: AtomicBool = AtomicBool::new(false);

fn storage_allowed() -> bool {
    !KEEPS_NOTHING.load(Ordering::Relaxed)
        && gloo::utils::window().local_storage().is_ok_and(|storage| storage.is_some())
}

/// Sets an attribute of the document's root element.
pub fn mark_root(attribute: &str, value: &str) {
    if let Some(root) = gloo::utils::document().document_element() {
        // The names are the page's own and valid.
        let _ = root.set_attribute(attribute, value);
    }
}

/// Calls for every event of a name that reaches the window, as long as the page lives.
pub fn on_window(name: &str, call: impl Fn(web_sys::Event) + 'static) {
    let closure = Closure::<dyn Fn(web_sys::Event)>::new(call);
    // Only names that are no text at all are refused.
    let _ = gloo::utils::window().add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// True where an event comes from something that text is typed into.
pub fn is_typing(event: &web_sys::Event) -> bool {
    comes_from(event, "input:not([type=range]), textarea, select, [contenteditable], dialog")
}

/// True where an event comes from something that has a use for Space and arrows itself.
pub fn is_on_control(event: &web_sys::Event) -> bool {
    comes_from(event, "button, a, summary, input, [role=button], [role=tab], [role=separator]")
}

fn comes_from(event: &web_sys::Event, what: &str) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(what).ok().flatten().is_some())
}

/// The element with an id.
pub fn element<T: JsCast>(id: &str) -> Option<T> {
    gloo::utils::document().get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the focus to the element with an id.
pub fn focus(id: &str) {
    if let Some(element) = element::<HtmlElement>(id) {
        // What cannot take the focus is left alone.
        let _ = element.focus();
    }
}

/// Writes into the field with an id, with the cursor behind the first `cursor` characters (UTF-16), and focuses it.
pub fn write_line(id: &str, text: &str, cursor: usize) {
    let Some(field) = element::<HtmlInputElement>(id) else { return };
    field.set_value(text);
    let at = cursor as u32;
    let _ = (field.focus(), field.set_selection_range(at, at));
}

/// Presses a key on the element with an id: the row of keys of a telephone.
pub fn press(id: &str, key: &str, control: bool) {
    let Some(field) = element::<HtmlInputElement>(id) else { return };
    let _ = field.focus();
    let how = KeyboardEventInit::new();
    how.set_key(key);
    how.set_ctrl_key(control);
    how.set_bubbles(true);
    how.set_cancelable(true);
    let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &how) else { return };
    let taken = !field.dispatch_event(&event).unwrap_or(false);
    if !taken && !control && key.chars().count() == 1 {
        // Only a field of numbers would refuse.
        let _ = field.set_range_text(key);
        let at = field.selection_end().ok().flatten().unwrap_or(0);
        let _ = field.set_selection_range(at, at);
    }
}

/// True where some text is selected.
pub fn has_selection() -> bool {
    let selection = gloo::utils::window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Hands the person a file.
pub fn download(name: &str, mime: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(mime);
    let Ok(blob) = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &kind) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(link) = gloo::utils::document().create_element("a") {
        let link: HtmlElement = link.unchecked_into();
        let _ = (link.set_attribute("href", &address), link.set_attribute("download", name));
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&address);
}

/// True where the system asks for less motion.
pub fn is_still() -> bool {
    let asked = gloo::utils::window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    asked.is_some_and(|asked| asked.matches())
}

/// Puts a text on the clipboard, where that is allowed.
pub fn copy(text: &str) {
    let clipboard = gloo::utils::window().navigator().clipboard();
    if !clipboard.is_undefined() {
        let _ = clipboard.write_text(text);
    }
}

/// What stands behind the `#` of the page's address.
pub fn fragment() -> String {
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_string()
}

/// Another text stands behind the `#`.
pub fn set_fragment(text: &str) {
    // Only frames of other pages may not.
    let _ = gloo::utils::window().location().set_hash(text);
}

/// The name of the place (`data-place`) that stands at the top of what is seen of an element.
pub fn place_at_top(id: &str) -> Option<String> {
    let around = element::<Element>(id)?;
    let top = around.get_bounding_client_rect().top();
    let places = around.query_selector_all("[data-place]").ok()?;
    let all = (0..places.length()).filter_map(|at| places.get(at)?.dyn_into::<Element>().ok());
    let mut found = None;
    for place in all {
        if found.is_some() && place.get_bounding_client_rect().top() > top + 24.0 {
            break;
        }
        found = place.get_attribute("data-place");
    }
    found
}

/// Lets a place of an element stand at its top; its beginning where there is none.
pub fn scroll_to_place(id: &str, place: &str) {
    let Some(around) = element::<Element>(id) else { return };
    let found = around.query_selector(&format!("[data-place=\"{place}\"]")).ok().flatten();
    let to = found.filter(|_| place != "h1").map_or(0.0, |found| {
        found.get_bounding_client_rect().top() - around.get_bounding_client_rect().top() - 12.0
            + f64::from(around.scroll_top())
    });
    around.set_scroll_top(to as i32);
}

/// Lets what is chosen in a row be seen, and moves nothing around the row.
pub fn show_chosen(row: &Element, chosen: &str) {
    let Some(one) = row.query_selector(chosen).ok().flatten() else { return };
    let (row_at, at) = (row.get_bounding_client_rect(), one.get_bounding_client_rect());
    if at.left() < row_at.left() || at.right() > row_at.right() - 16.0 {
        row.set_scroll_left(row.scroll_left() + (at.left() - row_at.left()) as i32);
    }
}

/// The width of the page.
pub fn width() -> f64 {
    gloo::utils::window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or(800.0)
}

/// The page's address without its query and fragment.
pub fn home() -> String {
    let href = gloo::utils::window().location().href().unwrap_or_default();
    href.split(['?', '#']).next().unwrap_or_default().to_string()
}

/// The page's address no longer names what it opened; language and look stay in it.
pub fn forget_fragment() {
    let window = gloo::utils::window();
    let search = window.location().search().unwrap_or_default();
    let Ok(query) = web_sys::UrlSearchParams::new_with_str(&search) else { return };
    for name in ["profile", "view", "autoplay"] {
        query.delete(name);
    }
    let rest = String::from(query.to_string());
    let sign = if rest.is_empty() { "" } else { "?" };
    if let Ok(history) = window.history() {
        let address = format!("{}{sign}{rest}", home());
        // Some browsers refuse where a page does so too often.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// Opens an address in another tab.
pub fn open_tab(address: &str) {
    let _ = gloo::utils::window().open_with_url_and_target_and_features(address, "_blank", "noopener");
}

/// Tells the page around this one something, if there is one. What is told is no secret.
pub fn tell_host(message: &serde_json::Value) {
    let window = gloo::utils::window();
    if let (Ok(Some(host)), Ok(message)) = (window.parent(), js_sys::JSON::parse(&message.to_string()))
        && host != window
    {
        let _ = host.post_message(&message, "*");
    }
}

/// Tells the page's own script something.
pub fn dispatch(name: &str, detail: &str) {
    let how = web_sys::CustomEventInit::new();
    how.set_detail(&detail.into());
    if let Ok(event) = web_sys::CustomEvent::new_with_event_init_dict(name, &how) {
        let _ = gloo::utils::window().dispatch_event(&event);
    }
}

/// Fetches a script that lies beside the page, and calls once it has run.
pub fn load_script(path: &str, kind: &str, ready: impl FnOnce() + 'static) {
    let document = gloo::utils::document();
    let Some(script) = document.create_element("script").ok().and_then(|e| e.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let _ = (script.set_attribute("type", kind), script.set_attribute("src", path));
    let call = Closure::once_into_js(ready);
    script.set_onload(Some(call.unchecked_ref()));
    if let Some(head) = document.head() {
        let _ = head.append_child(&script);
    }
}

/// True where the browser opens folders of the person's disk.
pub fn opens_folders() -> bool {
    js_sys::Reflect::has(&gloo::utils::window(), &"showDirectoryPicker".into()).unwrap_or(false)
}

/// Opens a dialog over everything else.
pub fn show_modal(dialog: &web_sys::HtmlDialogElement) {
    // One that is open already stays.
    let _ = dialog.show_modal();
}

/// What watches the size of an element, as long as it is kept.
pub struct SizeWatch(
    web_sys::ResizeObserver,
    #[expect(dead_code, reason = "called as long as it is kept")] Closure<dyn Fn()>,
);

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}

/// Calls with the width and height of an element now, and whenever they have changed.
pub fn on_size(element: &Element, call: impl Fn((f64, f64)) + 'static) -> Option<SizeWatch> {
    let watched = element.clone();
    let told = Closure::<dyn Fn()>::new(move || {
        call((f64::from(watched.client_width()), f64::from(watched.client_height())));
    });
    let observer = web_sys::ResizeObserver::new(told.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(SizeWatch(observer, told))
}

/// Paints an SVG text on a canvas of this size and hands the person what comes out.
pub fn download_png(name: &str, svg: &str, width: f64, height: f64) {
    let name = name.to_string();
    let Ok(image) = web_sys::HtmlImageElement::new() else { return };
    let painted = image.clone();
    let paint = move || -> Option<()> {
        let canvas = gloo::utils::document().create_element("canvas").ok()?;
        let canvas: web_sys::HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(width.ceil() as u32);
        canvas.set_height(height.ceil() as u32);
        let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
        context.set_fill_style_str("#ffffff");
        context.fill_rect(0.0, 0.0, width, height);
        context.draw_image_with_html_image_element_and_dw_and_dh(&painted, 0.0, 0.0, width, height).ok()?;
        let link: HtmlElement = gloo::utils::document().create_element("a").ok()?.unchecked_into();
        link.set_attribute("href", &canvas.to_data_url().ok()?).ok()?;
        link.set_attribute("download", &name).ok()?;
        link.click();
        Some(())
    };
    let paint = Closure::once_into_js(move || {
        // What cannot be painted is not saved.
        let _ = paint();
    });
    image.set_onload(Some(paint.unchecked_ref()));
    let encoded = js_sys::encode_uri_component(svg);
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{encoded}"));
}
