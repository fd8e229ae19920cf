//! Everything that the page can do by name or by key.

use web_sys::KeyboardEvent;

use super::action::Action;
use super::browser;
use super::exchange::Deed;
use super::figure::layers;
use super::layout::Preset;
use super::look::Panel;
use super::palette::Entry;
use super::share::What;
use super::state::State;
use super::window::Deed as WindowDeed;
use super::words::Language;

/// All that can be done now, for the list of all commands.
pub fn entries(state: &State) -> Vec<Entry> {
    let words = state.language.words();
    let mut all = Vec::new();
    let mut add = |name: &str, key: &'static str, action: Action| {
        all.push(Entry { name: name.into(), key, action });
    };
    let open = &state.open_file;
    add(if state.playing { words.pause } else { words.play }, "Space", Action::SetPlaying(!state.playing));
    add(words.step, ".", Action::Step);
    add(words.step_back, ",", Action::StepBack);
    add("+5 s", "→", Action::Jump(5_000));
    add("−5 s", "←", Action::Jump(-5_000));
    add(words.to_now, "End", Action::Seek(state.session.horizon()));
    add(words.undo, "Ctrl+Z", Action::Undo);
    if state.can_redo() {
        add(words.redo, "Ctrl+Shift+Z", Action::Redo);
    }
    if !open.is_empty() {
        add(&format!("{} {open}", words.apply_file), "Ctrl+Enter", Action::ApplyFile(open.clone()));
        add(words.format, "Shift+Alt+F", Action::Format);
        add(words.download_file, "", Action::DownloadFile(open.clone()));
    }
    add(words.download_all, "", Action::DownloadAll);
    if browser::opens_folders() {
        add(words.open_folder, "", Action::OpenFolder);
    }
    if let Some(folder) = &state.folder {
        add(&words.save_folder.replace("{}", folder), "", Action::SaveFolder);
    }
    add(words.new_terminal, "", Action::OpenTerminal);
    add(words.window, "", Action::Window(WindowDeed::Show(!state.window.shown)));
    add(words.side_by_side, "", Action::SetSideBySide(!state.side_by_side));
    for preset in Preset::ALL {
        add(&format!("{}: {}", words.layout, preset.name(words)), "", Action::Arrange(preset));
    }
    for (layer, name, on) in layers(&state.options, state.sight, words) {
        add(
            &format!("{}: {name} {}", words.layers, if on { "✓" } else { "" }),
            "",
            Action::SetLayer(layer, !on),
        );
    }
    for (panel, name) in
        [(Panel::Files, words.files), (Panel::Figure, words.figure), (Panel::Terminal, words.terminal)]
    {
        add(&format!("{}: {name}", words.panels), "", Action::Show(panel));
    }
    add(words.story_play, "", Action::PlayStory(true));
    add(words.start_again, "", Action::StartAgain);
    for copy in 0..super::keeping::copies() {
        let number = if copy == 0 { String::new() } else { format!(" ({})", copy + 1) };
        add(&format!("{}{number}", words.bring_back), "", Action::BringBack(copy));
    }
    add(words.import, "", Action::Exchange(Deed::Choose));
    add(words.share, "", Action::Exchange(Deed::Share(What::Everything)));
    add(words.theme, "", Action::Look(state.theme.next()));
    for (language, name) in Language::ALL {
        add(&format!("{}: {name}", words.language), "", Action::Speak(*language));
    }
    all
}

/// What a key means outside of fields and the editor. None where it is nothing of the page's.
pub fn key(event: &KeyboardEvent, state: &State) -> Option<Action> {
    if event.default_prevented()
        || event.is_composing()
        || state.asking.is_some()
        || state.palette
        || state.exchange.dialog.is_some()
    {
        return None;
    }
    let control = event.ctrl_key() || event.meta_key();
    let typing = browser::is_typing(event);
    let key = event.key();
    // In a terminal's line Ctrl-K takes away what is behind the cursor; there the palette has Cmd-K or F1.
    if key == "F1" || key == "k" && control && (!typing || event.meta_key()) {
        return Some(Action::SetPalette(true));
    }
    if typing {
        return None;
    }
    match (key.as_str(), control) {
        ("z" | "Z", true) if event.shift_key() => Some(Action::Redo),
        ("z", true) => Some(Action::Undo),
        ("y", true) => Some(Action::Redo),
        (_, true) => None,
        ("?", _) => Some(Action::SetPalette(true)),
        ("Escape", _) if state.inspected.is_some() => Some(Action::Inspect(None)),
        (",", _) => Some(Action::StepBack),
        (".", _) => Some(Action::Step),
        _ if browser::is_on_control(event) => None,
        (" ", _) => Some(Action::SetPlaying(!state.playing)),
        ("ArrowLeft", _) => Some(Action::Jump(-5_000)),
        ("ArrowRight", _) => Some(Action::Jump(5_000)),
        ("End", _) => Some(Action::Seek(state.session.horizon())),
        _ => None,
    }
}
