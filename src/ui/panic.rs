//! What a person sees when the program itself fails: what happened, that the work is kept, and a way on.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

use super::{browser, keeping};

/// The words of that screen: title, text, reload, report; in the page's languages.
const SAYS: &[(&str, [&str; 4])] = &[
    (
        "en",
        [
            "Saya has stopped",
            "A fault in the program, not in what you did. Your work is kept.",
            "Reload",
            "Download the log for a report",
        ],
    ),
    (
        "ja",
        [
            "Saya が止まりました",
            "操作ではなくプログラムの不具合です。作業は保存されています。",
            "再読み込み",
            "報告用のログをダウンロード",
        ],
    ),
    (
        "ko",
        [
            "Saya 가 멈췄습니다",
            "작업이 아니라 프로그램의 결함입니다. 작업은 저장되어 있습니다.",
            "다시 불러오기",
            "보고용 로그 내려받기",
        ],
    ),
];

/// From now on a panic shows that screen.
pub fn watch() {
    // Yew puts its own in the place of any other.
    yew::set_custom_panic_hook(Box::new(|about| {
        console_error_panic_hook::hook(about);
        show(&about.to_string());
    }));
}

fn show(what: &str) {
    let document = gloo::utils::document();
    let language =
        document.document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    let says = SAYS.iter().find(|(tag, _)| *tag == language).unwrap_or(&SAYS[0]).1;
    let add = |parent: &HtmlElement, tag: &str, text: &str| -> Option<HtmlElement> {
        let element: HtmlElement = document.create_element(tag).ok()?.unchecked_into();
        element.set_text_content(Some(text));
        parent.append_child(&element).ok()?;
        Some(element)
    };
    let build = || -> Option<()> {
        let veil = add(&document.body()?, "div", "")?;
        veil.set_class_name("veil panic");
        let card = add(&veil, "div", "")?;
        card.set_class_name("question");
        let _ = (card.set_attribute("role", "alertdialog"), card.set_attribute("aria-label", says[0]));
        add(&card, "h2", says[0])?;
        add(&card, "p", says[1])?;
        add(&card, "pre", what)?;
        let report = format!("{what}\n\n{}", keeping::kept_log().unwrap_or_default());
        let download = add(&card, "button", says[3])?;
        let save = Closure::<dyn Fn()>::new(move || {
            browser::download("saya-log.txt", "text/plain", report.as_bytes())
        });
        download.set_onclick(Some(save.as_ref().unchecked_ref()));
        save.forget();
        let reload = add(&card, "button", says[2])?;
        reload.set_class_name("main");
        let again = Closure::<dyn Fn()>::new(|| {
            // A page that cannot be loaded again stays.
            let _ = gloo::utils::window().location().reload();
        });
        reload.set_onclick(Some(again.as_ref().unchecked_ref()));
        again.forget();
        let _ = reload.focus();
        Some(())
    };
    build();
}
