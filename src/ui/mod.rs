//! The page: a Yew single-page app over the library.

use yew::prelude::*;

#[component]
fn App() -> Html {
    html! { <main><h1>{"Saya"}</h1></main> }
}

/// Starts the page in the document's body.
pub fn mount() {
    console_error_panic_hook::set_once();
    yew::Renderer::<App>::new().render();
}
