//! Everything that can happen to the page.

use crate::base::SimTime;
use crate::sim::compare::Against;

use super::code::Question;
use super::course::Deed as CourseDeed;
use super::exchange::Deed;
use super::inspector::View;
use super::layout::{Bar, Preset};
use super::look::{Layer, Panel, Theme};
use super::window::Deed as WindowDeed;
use super::words::Language;

/// Everything that can happen to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A frame is about to be painted, at this time in milliseconds.
    Frame(f64),
    /// A line was typed in a terminal; its end is not part of it.
    TypeLine(u32, String),
    /// The docs of the fields, for which a line waited, were fetched; none where they could not be.
    ExplainLine(u32, String, Option<String>),
    /// The docs of the fields were fetched for the editor.
    Docs(Option<String>),
    /// A control character was typed in a terminal.
    TypeControl(u32, char),
    /// Tab was pressed in a terminal: what stands before the cursor, and behind it.
    Complete(u32, String, String),
    /// What Tab offered is no longer wanted.
    DropCompletion,
    /// A command is put into the terminal's line, for a person to send.
    Draft(String),
    /// Another terminal is wanted.
    OpenTerminal,
    /// A terminal is no longer wanted.
    CloseTerminal(u32),
    /// A terminal was chosen.
    ChooseTerminal(u32),
    /// Terminals stand side by side, or one at a time.
    SetSideBySide(bool),
    /// A file was edited.
    Edit(String, String),
    /// The open file was left, so its edits count.
    SaveEdits,
    /// A file was chosen.
    OpenFile(String),
    /// A new file is wanted, with a text.
    NewFile(String, String),
    /// A file gets another name.
    RenameFile(String, String),
    /// A file is to go.
    DeleteFile(String),
    /// The file that was deleted last comes back.
    PutBack,
    /// The open file is put in order.
    Format,
    /// The open file is saved on purpose.
    SaveFile,
    /// Saving a file applies it, or no longer.
    SetApplyOnSave(bool),
    /// The open file is compared with something; no longer.
    Compare(Option<Against>),
    /// The files are shown as a tree, or no longer.
    SetTree(bool),
    /// A file is applied.
    ApplyFile(String),
    /// The open file is handed to the person.
    DownloadFile(String),
    /// All files are.
    DownloadAll,
    /// The editor program has come.
    EditorReady,
    /// It asks something.
    EditorAsks(Question),
    /// The cursor is in this line of the open file, from 1.
    Cursor(u32),
    /// Time goes on, or stands still.
    SetPlaying(bool),
    /// Time goes to the next thing that happens.
    Step,
    /// Time goes back to the last thing that happened.
    StepBack,
    /// Time goes so many milliseconds on, or back, within what was reached.
    Jump(i64),
    /// Time passes at another speed.
    SetSpeed(f64),
    /// Time goes to a moment.
    Seek(SimTime),
    /// The last input is taken back.
    Undo,
    /// What was taken back is done again.
    Redo,
    /// A question was answered.
    Answer(bool),
    /// The story is played, or stopped.
    PlayStory(bool),
    /// Everything begins again.
    StartAgain,
    /// One of the copies of what was there before comes back; 0 is the last.
    BringBack(usize),
    /// The page speaks another language.
    Speak(Language),
    /// The page looks another way.
    Look(Theme),
    /// A narrow page shows another panel.
    Show(Panel),
    /// A bar between panels moves.
    MoveBar(Bar, f64),
    /// The panels share the page as this preset says.
    Arrange(Preset),
    /// A layer of the figure is shown or not.
    SetLayer(Layer, bool),
    /// Something in the figure is inspected; nothing any more.
    Inspect(Option<String>),
    /// The inspector shows another side of it.
    InspectView(View),
    /// The list of all commands opens or closes.
    SetPalette(bool),
    /// A notice was read.
    DropNotice,
    /// The page is about to be left: everything is kept.
    Keep,
    /// The page has another size.
    Resized,
    /// Something happens to the course.
    Course(CourseDeed),
    /// Something comes from elsewhere, or goes there.
    Exchange(Deed),
    /// Something happens in the learner's browser.
    Window(WindowDeed),
    /// A folder of the person's own disk is wanted.
    OpenFolder,
    /// All files go into it.
    SaveFolder,
}

/// What a reduction changed, so that only that is drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Nothing that can be seen.
    Nothing,
    /// Something.
    Page,
}
