"""What the extension says to readers, in the languages of Saya."""

from __future__ import annotations

WORDS = {
    "en": {
        "start": "Start the cluster",
        "open": "Open this cluster in a browser",
        "cluster": "A Kubernetes cluster",
        "stand_in": "The figure is drawn when the cluster is started.",
        "files": "Files",
        "commands": "Commands",
        "try": "Try it",
    },
    "ja": {
        "start": "クラスターを起動",
        "open": "このクラスターをブラウザーで開く",
        "cluster": "Kubernetes クラスター",
        "stand_in": "図はクラスターを起動すると描かれます。",
        "files": "ファイル",
        "commands": "コマンド",
        "try": "試す",
    },
    "ko": {
        "start": "클러스터 시작",
        "open": "이 클러스터를 브라우저에서 열기",
        "cluster": "Kubernetes 클러스터",
        "stand_in": "그림은 클러스터를 시작하면 그려집니다.",
        "files": "파일",
        "commands": "명령",
        "try": "해 보기",
    },
}


def language(tag):
    """The language of a tag such as `ja_JP`; English for all that are not there."""
    first = (tag or "en").replace("_", "-").split("-")[0].lower()
    return first if first in WORDS else "en"
