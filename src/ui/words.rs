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

/// A line for each thing that the page says: its name, English, Japanese, Korean. `{}` stands for what is put in.
macro_rules! words {
    ($($name:ident: $en:literal, $ja:literal, $ko:literal;)*) => {
        /// Everything that the page says.
        #[allow(missing_docs, reason = "the words say it themselves")]
        pub struct Words { $(pub $name: &'static str,)* }
        const EN: Words = Words { $($name: $en,)* };
        const JA: Words = Words { $($name: $ja,)* };
        const KO: Words = Words { $($name: $ko,)* };
    };
}

words! {
    language: "Language", "言語", "언어";
    theme: "Light or dark", "明るい・暗い", "밝게 · 어둡게";
    one_node: "1 node", "ノード 1 台", "노드 1개";
    nodes: "{} nodes", "ノード {} 台", "노드 {}개";
    start_again: "Start again", "最初から", "처음부터";
    bring_back: "Bring back what was there before", "前の状態に戻す", "이전 상태로 되돌리기";
    palette: "All commands", "すべての操作", "모든 명령";
    palette_find: "What do you want to do?", "何をしますか", "무엇을 할까요?";
    close: "Close", "閉じる", "닫기";
    cancel: "Cancel", "やめる", "취소";
    undo: "Take back the last input", "最後の操作を取り消す", "마지막 입력 되돌리기";
    redo: "Do it again", "取り消しをやめる", "다시 실행";

    layout: "Layout", "配置", "배치";
    layout_work: "Work", "作業", "작업";
    layout_read: "Read", "読む", "읽기";
    layout_present: "Present", "発表", "발표";
    resize_files: "Width of the files", "ファイルの幅", "파일 너비";
    resize_figure: "Height of the figure", "図の高さ", "그림 높이";
    resize_terminals: "Width of the terminals", "ターミナルの幅", "터미널 너비";
    panels: "Panels", "パネル", "패널";

    files: "Files", "ファイル", "파일";
    files_tab: "Files", "ファイル", "파일";
    new_file: "New file", "新しいファイル", "새 파일";
    new_file_name: "Name of the new file", "新しいファイルの名前", "새 파일 이름";
    rename_file: "Rename this file", "このファイルの名前を変える", "이 파일 이름 바꾸기";
    delete_file: "Delete this file", "このファイルを削除", "이 파일 삭제";
    deleted: "{} was deleted.", "{} を削除しました。", "{} 을(를) 삭제했습니다.";
    put_back: "Undo", "元に戻す", "되돌리기";
    download_file: "Download this file", "このファイルをダウンロード", "이 파일 내려받기";
    download_all: "Download all files", "すべてのファイルをダウンロード", "모든 파일 내려받기";
    open_folder: "Open a folder of this computer", "このパソコンのフォルダーを開く", "이 컴퓨터의 폴더 열기";
    save_folder: "Save all files to {}", "すべてのファイルを {} に保存", "모든 파일을 {} 에 저장";
    not_written: "Not saved to the folder: {}", "フォルダーに保存できませんでした: {}", "폴더에 저장하지 못했습니다: {}";
    file_tree: "Files as a tree", "ファイルツリー", "파일 트리";
    save_and_close: "Save and close", "保存して閉じる", "저장하고 닫기";
    format: "Put this file in order", "このファイルを整形", "이 파일 정렬";
    compare: "Compare", "比較", "비교";
    against_live: "with the live objects (kubectl diff)", "実際のオブジェクトと (kubectl diff)", "실제 오브젝트와 (kubectl diff)";
    against_last: "with what was applied last", "最後に適用した内容と", "마지막으로 적용한 내용과";
    no_difference: "No difference.", "違いはありません。", "차이가 없습니다.";
    apply_on_save: "Apply on save (Ctrl+S)", "保存時に適用 (Ctrl+S)", "저장할 때 적용 (Ctrl+S)";
    said_ready: "{} is running", "{} が実行中になりました", "{} 실행 중";
    apply_file: "Apply", "適用", "적용";
    apply_hint: "Apply this file (Ctrl+Enter)", "このファイルを適用 (Ctrl+Enter)", "이 파일 적용 (Ctrl+Enter)";
    editor_of: "Contents of", "内容:", "내용:";
    file_actions: "What to do with this file", "このファイルの操作", "이 파일 작업";

    fix: "Write ", "こう書く: ", "이렇게 쓰기: ";
    selects_nothing: "This selector matches no Pod.", "このセレクターに合う Pod がありません。",
        "이 셀렉터에 맞는 Pod 가 없습니다.";
    no_such: "There is no {} named {}.", "{} {} がありません。", "{} {} 이(가) 없습니다.";
    not_a_port: "Port {} is not a port of the Pods behind this Service.",
        "ポート {} は、この Service の後ろの Pod のポートではありません。",
        "포트 {} 는 이 Service 뒤 Pod 의 포트가 아닙니다.";
    taken: "{} describes an object of this name, too.", "同じ名前のオブジェクトが {} にもあります。",
        "같은 이름의 오브젝트가 {} 에도 있습니다.";

    figure: "Figure", "図", "그림";
    zoom_in: "Zoom in", "拡大", "확대";
    zoom_out: "Zoom out", "縮小", "축소";
    fit: "Fit", "全体", "전체";
    layers: "Layers", "層", "레이어";
    layer_system: "kube-system and the like", "kube-system など", "kube-system 등";
    layer_config: "ConfigMaps and Secrets", "ConfigMap と Secret", "ConfigMap과 Secret";
    layer_owners: "Owners: Deployments and the like", "所有者: Deployment など", "소유자: Deployment 등";
    layer_selectors: "Labels and selectors", "ラベルとセレクター", "레이블과 셀렉터";
    layer_storage: "Claims, volumes, storage classes", "PVC, PV, StorageClass", "PVC, PV, StorageClass";
    layer_policies: "NetworkPolicies", "NetworkPolicy", "NetworkPolicy";
    layer_traffic: "Lookups and connections", "名前解決と接続", "이름 조회와 연결";
    layer_background: "What goes on in the background", "裏で行われること", "뒤에서 일어나는 일";
    as_text: "The figure in words", "図の内容（文字）", "그림을 글로";
    overview: "Overview", "全体図", "전체 보기";
    traffic: "Lookups and connections", "名前解決と接続", "이름 조회와 연결";
    this_machine: "this machine", "この端末", "이 컴퓨터";
    why: "Why?", "なぜ？", "왜?";
    why_refused: "Nobody listens on port {} there.", "そこではポート {} を誰も待ち受けていません。", "그곳에서 포트 {} 를 듣는 프로세스가 없습니다.";
    why_no_endpoints: "Service {} has no endpoints: no ready Pod matches its selector.",
        "Service {} にエンドポイントがありません。セレクターに合う準備完了の Pod がありません。",
        "Service {} 에 엔드포인트가 없습니다. 셀렉터에 맞는 준비된 Pod 가 없습니다.";
    why_no_such_port: "The Service has no such port: {}.", "Service にそのポートはありません: {}", "Service 에 그 포트가 없습니다: {}";
    why_nobody: "Nobody has the address {}.", "アドレス {} を持つものはありません。", "주소 {} 를 가진 것이 없습니다.";
    why_policy: "NetworkPolicy {} lets it not through.", "NetworkPolicy {} が通しません。", "NetworkPolicy {} 가 통과시키지 않습니다.";
    why_node_down: "Node {} does not run.", "ノード {} が動いていません。", "노드 {} 가 동작하지 않습니다.";
    why_cut: "The network between nodes {} and {} is cut.", "ノード {} と {} の間のネットワークが切れています。", "노드 {} 와 {} 사이의 네트워크가 끊겨 있습니다.";
    why_silence: "Nobody answers.", "応答がありません。", "응답이 없습니다.";
    layer_direct: "Direct ways between Pods", "Pod 間の直接の経路", "Pod 간 직접 경로";
    save_figure: "Save the figure", "図を保存", "그림 저장";
    copy_figure: "Copy as SVG", "SVG をコピー", "SVG 복사";

    inspector: "Inspector", "詳細", "자세히";
    describe: "Describe", "describe", "describe";
    events: "Events", "イベント", "이벤트";
    logs: "Logs", "ログ", "로그";
    related: "Related", "関連", "관련";
    owned_by: "Owned by", "所有者", "소유자";
    owns: "Owns", "所有", "소유";
    selects: "Selects", "選択している", "선택함";
    selected_by: "Selected by", "選択されている", "선택됨";
    mounts: "Mounts", "マウント", "마운트";
    runs_on: "Runs on", "実行先", "실행 위치";
    runs: "Runs", "実行中", "실행 중";
    nothing_here: "Nothing.", "ありません。", "없습니다.";
    is_gone: "It is gone.", "なくなりました。", "사라졌습니다.";
    live_legend: "Faint: added by the server.", "薄い行はサーバーが加えたものです。", "흐린 줄은 서버가 더한 것입니다.";
    types_it: "Types the command into the terminal", "コマンドをターミナルに入力します", "명령을 터미널에 입력합니다";

    terminal: "Terminal", "ターミナル", "터미널";
    terminals: "Terminals", "ターミナル", "터미널";
    new_terminal: "Open another terminal", "ターミナルをもう一つ開く", "터미널 하나 더 열기";
    close_terminal: "Close this terminal", "このターミナルを閉じる", "이 터미널 닫기";
    side_by_side: "Side by side", "並べて表示", "나란히 보기";
    typed_here: "Command line", "コマンド入力", "명령 입력";
    output: "Output of terminal", "出力: ターミナル", "출력: 터미널";
    keys: "Keys", "キー", "키";
    try_this: "Try", "試す", "해 보기";

    window: "Browser", "ブラウザー", "브라우저";
    address: "Address", "アドレス", "주소";
    back: "Back", "戻る", "뒤로";
    reload: "Reload", "再読み込み", "새로 고침";
    loading: "Loading", "読み込み中", "불러오는 중";
    no_page: "This page does not open", "ページを開けません", "페이지를 열 수 없습니다";
    window_start: "Open now:", "開けるアドレス:", "지금 열 수 있는 주소:";
    window_empty: "Nothing can be opened yet. A port-forward, or a Service with a node port or an external address, leads from here into the cluster.",
        "開けるアドレスはまだありません。kubectl port-forward、または NodePort か外部アドレスを持つ Service があると、ここからクラスターの中に届きます。",
        "아직 열 수 있는 주소가 없습니다. kubectl port-forward 나, 노드 포트 또는 외부 주소가 있는 Service 가 있으면 여기서 클러스터 안으로 이어집니다.";

    play: "Play", "再生", "재생";
    pause: "Pause", "一時停止", "일시 정지";
    step: "One step", "一つ進める", "한 단계";
    step_back: "One step back", "一つ戻す", "한 단계 뒤로";
    time: "Time", "時刻", "시각";
    speed: "Speed", "速さ", "속도";
    to_now: "To the end", "最後へ", "끝으로";
    cuts_future: "You stand in the past. What you do here replaces what came after.",
        "過去を見ています。ここで何かをすると、それより後の出来事は置き換わります。",
        "과거를 보고 있습니다. 여기서 무언가를 하면 그 뒤의 일은 바뀝니다.";
    cut_title: "Go on from here?", "ここから続けますか", "여기서 이어 갈까요?";
    cut_text: "What you did after {} will be cut off.", "{} より後に行ったことは失われます。",
        "{} 이후에 한 일은 사라집니다.";
    cut_yes: "Go on from here", "ここから続ける", "여기서 이어 가기";
    mark_created: "created", "作成", "생성";
    mark_failed: "failed", "失敗", "실패";
    mark_healed: "healed", "回復", "회복";
    mark_ready: "ready", "準備完了", "준비 완료";
    mark_gone: "gone", "消滅", "사라짐";

    not_kept: "This browser keeps nothing for this page: your work is gone when you leave. Download what you need.",
        "このブラウザーはこのページのデータを保存しません。離れると作業は失われます。必要なものはダウンロードしてください。",
        "이 브라우저는 이 페이지의 데이터를 저장하지 않습니다. 떠나면 작업이 사라지니 필요한 것은 내려받으세요.";
    too_large: "This is more than the browser keeps: a reload brings back what was there before it. To have it again, save it as a file (Share).",
        "ブラウザーに保存できる大きさを超えています。再読み込みすると以前の状態に戻ります。残すには「共有」からファイルに保存してください。",
        "브라우저가 저장할 수 있는 크기를 넘었습니다. 새로 고치면 이전 상태로 돌아갑니다. 남기려면 '공유'에서 파일로 저장하세요.";
    not_opened: "What was kept could not be opened again. A copy of it is still there.",
        "保存されていた状態を開けませんでした。写しは残っています。",
        "저장된 상태를 열 수 없었습니다. 사본은 남아 있습니다.";
    copy_kept: "A copy of what was there is kept.", "これまでの状態の写しを残しました。", "이전 상태의 사본을 남겼습니다.";

    import: "Bring in a cluster", "クラスターを取り込む", "클러스터 가져오기";
    import_text: "Choose, drop or paste what kubectl prints of a real cluster, manifests, or a folder. Nothing of it leaves this browser.",
        "kubectl で出力した実際のクラスター、マニフェスト、フォルダーを選ぶか、ドロップまたは貼り付けてください。データはこのブラウザーの外に出ません。",
        "kubectl 이 출력한 실제 클러스터, 매니페스트, 폴더를 고르거나 끌어다 놓거나 붙여 넣으세요. 데이터는 이 브라우저를 떠나지 않습니다.";
    imported: "Objects: {}.", "オブジェクト: {} 個。", "오브젝트 {}개.";
    secrets_dropped: "The values of Secrets were dropped ({}); their keys are there.",
        "Secret の値は取り除きました（{} 個）。キーは残っています。",
        "Secret 의 값은 지웠습니다({}개). 키는 남아 있습니다.";
    left_out: "Left out: {}.", "対象外: {}。", "제외됨: {}.";
    no_objects: "there are no objects in it", "オブジェクトがありません", "오브젝트가 없습니다";
    as_it_is: "Show it as it is", "そのまま表示", "그대로 보기";
    as_it_is_text: "Frozen: nothing acts on it.", "止まったまま表示します。", "멈춘 채로 보여 줍니다.";
    alive: "Bring it to life", "動かす", "움직이게 하기";
    alive_text: "Controllers and kubelets start, as if its machines were just switched on.",
        "すべてのマシンの電源を入れた直後のように、コントローラーと kubelet が動き始めます。",
        "모든 머신을 막 켠 것처럼 컨트롤러와 kubelet 이 움직이기 시작합니다.";
    as_files: "Add as files", "ファイルとして追加", "파일로 추가";
    as_files_text: "To edit and apply them yourself.", "自分で編集して適用します。", "직접 고치고 적용합니다.";
    frozen: "A picture of a real cluster: nothing acts on it.", "実際のクラスターの写しです。何も動きません。",
        "실제 클러스터의 사본입니다. 아무것도 움직이지 않습니다.";
    elsewhere: "Take it to a real cluster", "実際のクラスターで使う", "실제 클러스터에서 쓰기";
    export_yaml: "All manifests (YAML)", "すべてのマニフェスト (YAML)", "모든 매니페스트 (YAML)";
    export_zip: "All files (zip)", "すべてのファイル (zip)", "모든 파일 (zip)";
    export_script: "Script for saya run", "saya run のスクリプト", "saya run 스크립트";
    export_kind: "kind and a shell script (zip)", "kind とシェルスクリプト (zip)", "kind 와 셸 스크립트 (zip)";

    share: "Share", "共有", "공유";
    share_text: "Whoever opens this link has what you have. It is all in the link itself: no server ever sees it.",
        "このリンクを開いた人には同じものが見えます。すべてリンクの中にあり、サーバーには送られません。",
        "이 링크를 연 사람은 같은 것을 보게 됩니다. 모두 링크 안에 있으며 서버로 보내지 않습니다.";
    share_what: "What the link holds", "リンクに入れるもの", "링크에 넣을 것";
    share_everything: "Everything: the files and all that was done", "すべて（ファイルと行った操作）", "모두: 파일과 한 일 전부";
    share_up_to: "Only what was done up to {}", "{} までの操作だけ", "{} 까지 한 일만";
    share_files: "Only the files", "ファイルだけ", "파일만";
    share_link: "Link", "リンク", "링크";
    share_length: "{} characters.", "{} 文字。", "{}자.";
    share_too_long: "That is too long for {}, which cuts at {}. Save it as a file instead: dropped on this page, it opens.",
        "{} には長すぎます（上限 {} 文字）。ファイルに保存してください。このページにドロップすると開きます。",
        "{} 에는 너무 깁니다(한도 {}자). 파일로 저장하세요. 이 페이지에 끌어다 놓으면 열립니다.";
    copy_link: "Copy the link", "リンクをコピー", "링크 복사";
    copied: "Copied", "コピーしました", "복사했습니다";
    save_share: "Save as a file", "ファイルに保存", "파일로 저장";
    embed: "Put it in a page", "ページに埋め込む", "페이지에 넣기";
    open_whole: "Open in a tab of its own", "タブで開く", "새 탭에서 열기";
    refused: "This does not open", "開けません", "열 수 없습니다";
    refused_text: "Nothing of it was taken over. Ask whoever gave it to you for the whole link, or for a file.",
        "内容は何も読み込まれていません。完全なリンクかファイルを送り直してもらってください。",
        "아무것도 불러오지 않았습니다. 온전한 링크나 파일을 다시 받으세요.";
    go_on_without: "Go on without it", "開かずに続ける", "열지 않고 계속";
    no_example: "There is no example named {}.", "{} という例はありません。", "{} 이라는 예제는 없습니다.";
    on_the_way: "On the way to {}", "{} まで進めています", "{} 까지 진행 중";
    stop_here: "Stop here", "ここで止める", "여기서 멈추기";
    update: "A newer Saya is there.", "新しい Saya があります。", "새 Saya 가 있습니다.";
    take_update: "Reload with it", "読み込み直す", "새로 불러오기";

    story_title: "A database behind a Service", "Service の後ろのデータベース", "Service 뒤의 데이터베이스";
    story_text: "Three files describe a database, a web page for it and the name by which they meet. Press play, or type yourself.",
        "データベース、その Web 画面、二つをつなぐ名前を三つのファイルが記述しています。再生を押すか、自分で入力してください。",
        "데이터베이스와 웹 화면, 둘을 잇는 이름을 세 파일이 기술합니다. 재생을 누르거나 직접 입력하세요.";
    story_play: "Play the story", "物語を再生", "이야기 재생";
    story_stop: "Stop the story", "物語を止める", "이야기 멈추기";

    course: "Course", "コース", "코스";
    chapters: "Chapters", "目次", "목차";
    chapter_again: "Again", "やり直す", "다시 하기";
    chapter_again_hint: "The chapter's cluster begins again", "この章のクラスターを最初の状態に戻します", "이 장의 클러스터를 처음 상태로 되돌립니다";
    not_fetched: "{} could not be loaded.", "{} を読み込めませんでした。", "{}을(를) 불러오지 못했습니다.";
    course_lead: "Read, press a command to type it, and watch the figure. Every chapter has a cluster of its own.",
        "読みながらコマンドを押すと、ターミナルに入力されます。図の変化も見てください。クラスターは章ごとに用意されています。",
        "읽으면서 명령을 누르면 터미널에 입력됩니다. 그림의 변화도 살펴보세요. 클러스터는 장마다 따로 있습니다.";
    challenges: "Challenges: mend this cluster", "課題: クラスターを直す", "도전 과제: 클러스터 고치기";
    challenges_lead: "Something is broken. Find out what, and mend it with few commands.",
        "どこかが壊れています。原因を突き止め、少ないコマンドで直してください。",
        "어딘가 고장 나 있습니다. 원인을 찾아 적은 명령으로 고쳐 보세요.";
    progress_kept: "Your progress is kept on this machine.", "進み具合はこのパソコンに保存されます。", "진행 상황은 이 컴퓨터에 저장됩니다.";
    progress_save: "Save to a file", "ファイルに保存", "파일로 저장";
    progress_load: "Load from a file", "ファイルから読み込む", "파일에서 불러오기";
    no_progress: "This file holds no progress.", "このファイルには進み具合が入っていません。", "이 파일에는 진행 상황이 없습니다.";
    note: "Note", "注記", "참고";
    warning: "Warning", "警告", "경고";
    tip: "Tip", "ヒント", "팁";
    hint: "Hint", "ヒント", "힌트";
    important: "Important", "重要", "중요";
    caution: "Caution", "注意", "주의";
    danger: "Danger", "危険", "위험";
    attention: "Attention", "注意", "주의";
    error: "Error", "エラー", "오류";
    see_also: "See also", "参考", "함께 보기";
    exercise: "Exercise", "演習", "연습 문제";
    goal: "Goal", "目標", "목표";
    solution: "Solution", "解答例", "풀이";
    think: "Think about it", "考えてみよう", "생각해 보기";
    answer: "An answer", "答えの例", "답";
    holds: "Done", "達成", "완료";
    holds_not: "Not done yet", "まだです", "아직 아님";
    open_in_editor: "Open in the editor", "エディターで開く", "편집기에서 열기";
    typed: "Typed.", "入力しました。", "입력했습니다.";
    as_in_book: "As in the book.", "本のとおりです。", "책과 같습니다.";
    not_as_in_book: "Not as in the book (yet).", "(まだ)本と違います。", "(아직) 책과 다릅니다.";
    beside_it: "Show both", "並べて見る", "나란히 보기";
    in_book: "In the book", "本", "책";
    in_terminal: "In the terminal", "ターミナル", "터미널";
    same_but: "The same, but for addresses, ages and names that differ from cluster to cluster.",
        "クラスターごとに変わるアドレス・経過時間・名前を除いて同じです。",
        "클러스터마다 달라지는 주소, 경과 시간, 이름을 빼면 같습니다.";
    commands_used: "Commands so far, without those that only look: {}. A good solution needs {}.",
        "入力したコマンド（見るだけのものを除く）: {} 個。{} 個で解けます。",
        "지금까지 입력한 명령(살펴보기만 하는 것 제외): {}개. {}개면 풀 수 있습니다.";
    solved: "Solved!", "解決しました!", "해결했습니다!";
    solved_in: "solved in {} commands", "{} 個のコマンドで解決", "명령 {}개로 해결";
    solved_of: "{} commands (good: {})", "コマンド {} 個 (目安 {})", "명령 {}개 (기준 {})";
    way_solved: "How", "解き方", "풀이 과정";
    copy_result: "Copy the result", "結果をコピー", "결과 복사";
}
