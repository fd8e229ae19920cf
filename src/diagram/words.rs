//! The words of a figure in its languages. What Kubernetes itself calls things stays as it is: kinds, states, fields.

/// A language of figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
    /// Korean.
    Ko,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::En, Language::Ja, Language::Ko];

    /// The language of a tag (`ja`, `ko-KR`); none where there is no such figure.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next() {
            Some("en") => Some(Language::En),
            Some("ja") => Some(Language::Ja),
            Some("ko") => Some(Language::Ko),
            _ => None,
        }
    }

    /// The words.
    pub(super) fn words(self) -> &'static Words {
        &WORDS[self as usize]
    }
}

/// A sentence with the words that belong in the places `{0}`, `{1}` and so on.
pub(super) fn fill(form: &str, words: &[&str]) -> String {
    let mut parts = form.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap_or(("", part));
        filled.push_str(number.parse().ok().and_then(|at: usize| words.get(at)).copied().unwrap_or_default());
        filled.push_str(rest);
    }
    filled
}

/// Everything that a figure says of its own.
#[derive(Debug)]
pub(super) struct Words {
    /// How many nodes, Pods and Services there are: of one, and of more.
    pub counts: [(&'static str, &'static str); 3],
    pub comma: &'static str,
    pub stop: &'static str,
    pub control_plane: &'static str,
    pub namespace: &'static str,
    pub on_no_node: &'static str,
    pub outside: &'static str,
    pub outside_of_cluster: &'static str,
    pub balancer: &'static str,
    pub external_ip: &'static str,
    pub one_restart: &'static str,
    pub restarts: &'static str,
    pub ready_of: &'static str,
    pub ready: &'static str,
    pub controlled_by: &'static str,
    pub container: &'static str,
    pub init_container: &'static str,
    pub sidecar: &'static str,
    pub volume: &'static str,
    pub waiting: &'static str,
    pub running: &'static str,
    pub running_not_ready: &'static str,
    pub ended: &'static str,
    pub ended_badly: &'static str,
    pub image: &'static str,
    pub port: &'static str,
    pub on_every_node: &'static str,
    pub no_endpoints: &'static str,
    pub no_endpoint_ready: &'static str,
    /// The beginning of a sentence about what something does.
    pub subject: &'static str,
    /// `{0}`: ports; `{1}`: which port of a Service that is.
    pub on: &'static str,
    pub calls: &'static str,
    pub leaves_out: &'static str,
    pub stands_for: &'static str,
    pub passes_on: &'static str,
    pub can_reach: &'static str,
    pub to_balancer: &'static str,
    pub to_every_node: &'static str,
    pub hands_on: &'static str,
    pub mounts: &'static str,
    pub read_only: &'static str,
    pub provides: &'static str,
    pub should_provide: &'static str,
    pub isolated: &'static str,
    pub is_for: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub nobody: &'static str,
    pub selects: &'static str,
    pub forwards: &'static str,
}

const WORDS: [Words; 3] = [
    Words {
        counts: [("{0} node", "{0} nodes"), ("{0} Pod", "{0} Pods"), ("{0} Service", "{0} Services")],
        comma: ", ",
        stop: ".",
        control_plane: "control plane",
        namespace: "namespace {0}",
        on_no_node: "Pending: on no node",
        outside: "outside",
        outside_of_cluster: "outside of the cluster",
        balancer: "load balancer of {0}",
        external_ip: "external IP {0}",
        one_restart: "1 restart",
        restarts: "{0} restarts",
        ready_of: "{0} of {1} ready",
        ready: "{0}/{1} ready",
        controlled_by: "controlled by {0}",
        container: "container {0}",
        init_container: "init container {0}",
        sidecar: "sidecar container {0}",
        volume: "volume {0}",
        waiting: "waiting",
        running: "running",
        running_not_ready: "running, not ready",
        ended: "ended: {0}",
        ended_badly: "ended: {0}, exit code {1}",
        image: "image {0}",
        port: "port {0}",
        on_every_node: ", port {0} of every node",
        no_endpoints: "no endpoints",
        no_endpoint_ready: "no endpoint ready",
        subject: "{0}",
        on: " on {0} ({1})",
        calls: "calls {0}{1}",
        leaves_out: "leaves out {0}, which is not ready",
        stands_for: "stands in DNS for {0}",
        passes_on: "passes on to {0}{1}",
        can_reach: "can reach {0} directly, by its own IP",
        to_balancer: "connects to the load balancer of {0}",
        to_every_node: "connects to every node, here to {0}{1}",
        hands_on: "hands {0} what arrives{1}",
        mounts: "mounts volume {0} at {1}",
        read_only: ", to read only",
        provides: "provides {0}",
        should_provide: "is asked to provide {0}",
        isolated: "isolated by NetworkPolicy {0}",
        is_for: "for {0}",
        from: "from {0}",
        to: "to {0}",
        nobody: "nobody",
        selects: "selects {0}",
        forwards: "reaches {0} through a port-forward: {1}",
    },
    Words {
        counts: [
            ("ノード {0} 台", "ノード {0} 台"),
            ("Pod {0} 個", "Pod {0} 個"),
            ("Service {0} 個", "Service {0} 個"),
        ],
        comma: "、",
        stop: "。",
        control_plane: "コントロールプレーン",
        namespace: "名前空間 {0}",
        on_no_node: "Pending: まだどのノードにもない",
        outside: "外部",
        outside_of_cluster: "クラスターの外",
        balancer: "{0} のロードバランサー",
        external_ip: "外部 IP {0}",
        one_restart: "再起動 1 回",
        restarts: "再起動 {0} 回",
        ready_of: "準備完了 {0}/{1}",
        ready: "準備完了 {0}/{1}",
        controlled_by: "{0} が管理",
        container: "コンテナ {0}",
        init_container: "初期化コンテナ {0}",
        sidecar: "サイドカーコンテナ {0}",
        volume: "ボリューム {0}",
        waiting: "待機中",
        running: "実行中",
        running_not_ready: "実行中、準備未完了",
        ended: "終了: {0}",
        ended_badly: "終了: {0}、終了コード {1}",
        image: "イメージ {0}",
        port: "ポート {0}",
        on_every_node: "、各ノードのポート {0}",
        no_endpoints: "エンドポイントなし",
        no_endpoint_ready: "準備完了の Pod なし",
        subject: "{0} は",
        on: " {0} ({1}) で",
        calls: "{0} を{1}呼び出す",
        leaves_out: "準備未完了の {0} には渡さない",
        stands_for: "DNS で {0} を表す",
        passes_on: "{0} に{1}渡す",
        can_reach: "{0} にその IP で直接届く",
        to_balancer: "{0} のロードバランサーに接続する",
        to_every_node: "どのノードにも接続できる。ここでは {0} に{1}接続する",
        hands_on: "届いたものを{1} {0} に渡す",
        mounts: "ボリューム {0} を {1} にマウントする",
        read_only: "(読み取り専用)",
        provides: "{0} を提供する",
        should_provide: "{0} の提供を求められている",
        isolated: "NetworkPolicy {0} が適用",
        is_for: "対象 {0}",
        from: "受信 {0}",
        to: "送信 {0}",
        nobody: "なし",
        selects: "{0} を選択",
        forwards: "ポートフォワードで {0} に届く: {1}",
    },
    Words {
        counts: [
            ("노드 {0}개", "노드 {0}개"),
            ("Pod {0}개", "Pod {0}개"),
            ("Service {0}개", "Service {0}개"),
        ],
        comma: ", ",
        stop: ".",
        control_plane: "컨트롤 플레인",
        namespace: "네임스페이스 {0}",
        on_no_node: "Pending: 아직 어느 노드에도 없음",
        outside: "외부",
        outside_of_cluster: "클러스터 바깥",
        balancer: "{0}의 로드 밸런서",
        external_ip: "외부 IP {0}",
        one_restart: "재시작 1회",
        restarts: "재시작 {0}회",
        ready_of: "준비됨 {0}/{1}",
        ready: "준비됨 {0}/{1}",
        controlled_by: "{0}이(가) 관리",
        container: "컨테이너 {0}",
        init_container: "초기화 컨테이너 {0}",
        sidecar: "사이드카 컨테이너 {0}",
        volume: "볼륨 {0}",
        waiting: "대기 중",
        running: "실행 중",
        running_not_ready: "실행 중, 준비 안 됨",
        ended: "종료: {0}",
        ended_badly: "종료: {0}, 종료 코드 {1}",
        image: "이미지 {0}",
        port: "포트 {0}",
        on_every_node: ", 모든 노드의 포트 {0}",
        no_endpoints: "엔드포인트 없음",
        no_endpoint_ready: "준비된 Pod 없음",
        subject: "{0}:",
        on: ": {0} ({1})",
        calls: "{0} 호출{1}",
        leaves_out: "준비되지 않은 {0}에는 보내지 않음",
        stands_for: "DNS에서 {0}을(를) 나타냄",
        passes_on: "{0}에 전달{1}",
        can_reach: "{0}에 그 IP로 직접 도달",
        to_balancer: "{0}의 로드 밸런서에 연결",
        to_every_node: "모든 노드에 연결, 여기서는 {0}{1}",
        hands_on: "도착한 것을 {0}에 넘김{1}",
        mounts: "볼륨 {0}을(를) {1}에 마운트",
        read_only: "(읽기 전용)",
        provides: "{0} 제공",
        should_provide: "{0} 제공을 요청받음",
        isolated: "NetworkPolicy {0} 적용",
        is_for: "대상 {0}",
        from: "수신 {0}",
        to: "송신 {0}",
        nobody: "없음",
        selects: "{0} 선택",
        forwards: "포트 포워드로 {0} 에 도달: {1}",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled() {
        assert_eq!(fill("{1} of {0}, {2}.", &["a", "b {0}"]), "b {0} of a, .");
        assert_eq!(fill("plain", &["a"]), "plain");
    }
}
