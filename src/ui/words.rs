//! What the page says, in its languages.

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Japanese.
    Ja,
    /// Korean.
    Ko,
}

impl Language {
    /// Every language, with what it calls itself.
    pub const ALL: &'static [(Language, &'static str)] =
        &[(Language::En, "English"), (Language::Ja, "日本語"), (Language::Ko, "한국어")];

    /// The language of a tag (`ja-JP`); English for all that are not there.
    pub fn of_tag(tag: &str) -> Self {
        match tag.split(['-', '_']).next() {
            Some("ja") => Language::Ja,
            Some("ko") => Language::Ko,
            _ => Language::En,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ja => "ja",
            Language::Ko => "ko",
        }
    }

    /// The words.
    pub fn words(self) -> &'static Words {
        match self {
            Language::En => &EN,
            Language::Ja => &JA,
            Language::Ko => &KO,
        }
    }
}

/// Everything that the page says.
#[derive(Debug)]
#[allow(missing_docs, reason = "the words say it themselves")]
pub struct Words {
    pub language: &'static str,
    pub theme: &'static str,
    pub files: &'static str,
    pub figure: &'static str,
    pub terminal: &'static str,
    pub new_terminal: &'static str,
    pub close_terminal: &'static str,
    pub typed_here: &'static str,
    pub new_file: &'static str,
    pub new_file_name: &'static str,
    pub delete_file: &'static str,
    pub editor_of: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    pub step: &'static str,
    pub time: &'static str,
    pub speed: &'static str,
    pub cuts_future: &'static str,
    pub start_again: &'static str,
    pub try_this: &'static str,
    pub files_tab: &'static str,
    pub one_node: &'static str,
    pub nodes: &'static str,
}

const EN: Words = Words {
    language: "Language",
    theme: "Light or dark",
    files: "Files",
    figure: "Figure",
    terminal: "Terminal",
    new_terminal: "Open another terminal",
    close_terminal: "Close this terminal",
    typed_here: "Command line",
    new_file: "New file",
    new_file_name: "Name of the new file",
    delete_file: "Delete this file",
    editor_of: "Contents of",
    play: "Play",
    pause: "Pause",
    step: "One step",
    time: "Time",
    speed: "Speed",
    cuts_future: "You stand in the past. What you do here replaces what came after.",
    start_again: "Start again",
    try_this: "Try",
    files_tab: "Files",
    one_node: "1 node",
    nodes: "{} nodes",
};

const JA: Words = Words {
    language: "言語",
    theme: "明るい・暗い",
    files: "ファイル",
    figure: "図",
    terminal: "端末",
    new_terminal: "端末をもう一つ開く",
    close_terminal: "この端末を閉じる",
    typed_here: "コマンド入力",
    new_file: "新しいファイル",
    new_file_name: "新しいファイルの名前",
    delete_file: "このファイルを削除",
    editor_of: "内容:",
    play: "再生",
    pause: "一時停止",
    step: "一つ進める",
    time: "時刻",
    speed: "速さ",
    cuts_future: "過去を見ています。ここで何かをすると、それより後の出来事は置き換わります。",
    start_again: "最初から",
    try_this: "試す",
    files_tab: "ファイル",
    one_node: "ノード 1 台",
    nodes: "ノード {} 台",
};

const KO: Words = Words {
    language: "언어",
    theme: "밝게 · 어둡게",
    files: "파일",
    figure: "그림",
    terminal: "터미널",
    new_terminal: "터미널 하나 더 열기",
    close_terminal: "이 터미널 닫기",
    typed_here: "명령 입력",
    new_file: "새 파일",
    new_file_name: "새 파일 이름",
    delete_file: "이 파일 삭제",
    editor_of: "내용:",
    play: "재생",
    pause: "일시 정지",
    step: "한 단계",
    time: "시각",
    speed: "속도",
    cuts_future: "과거를 보고 있습니다. 여기서 무언가를 하면 그 뒤의 일은 바뀝니다.",
    start_again: "처음부터",
    try_this: "해 보기",
    files_tab: "파일",
    one_node: "노드 1개",
    nodes: "노드 {}개",
};
