//! The browser, as far as the page needs it.

use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::storage::{LocalStorage, Storage};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Asks to be called before the next frame is painted, with the time in milliseconds. Dropping the answer takes it
/// back.
pub fn on_next_frame(call: impl FnOnce(f64) + 'static) -> AnimationFrame {
    request_animation_frame(call)
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

/// True where the page is so narrow that it shows one panel at a time (see `style.css`).
pub fn is_narrow() -> bool {
    let width = gloo::utils::window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width <= 700.0)
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

/// Keeps a word, where the browser keeps anything.
pub fn keep(key: &str, word: &str) {
    if storage_allowed() {
        // A full storage is no reason to stop.
        let _ = LocalStorage::set(key, word);
    }
}

fn storage_allowed() -> bool {
    gloo::utils::window().local_storage().is_ok_and(|storage| storage.is_some())
}

/// Sets an attribute of the document's root element.
pub fn mark_root(attribute: &str, value: &str) {
    if let Some(root) = gloo::utils::document().document_element() {
        // The names are the page's own and valid.
        let _ = root.set_attribute(attribute, value);
    }
}
