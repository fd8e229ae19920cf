"""Share links, as docs/link-format.md of Saya has them. Python's standard library is all they take."""

from __future__ import annotations

import base64
import json
import zlib

#: What a link can show.
PANELS = ("diagram", "terminal", "editor")
#: The clusters there are.
PROFILES = ("docker-desktop", "minikube-1.36", "minikube-two-node", "kind")
#: So many seconds lie between two commands: as long as a person takes to look at what the first one did.
PACE = 4


def share_text(files, commands, profile="docker-desktop", view=(), time=None):
    """The text of a share: a cluster with these files, and commands typed one after another."""
    lines = ["saya 1", "profile " + profile, "seed 1", "date 2026-11-20T09:00:00Z"]
    for path in sorted(files, key=lambda path: path.encode()):
        plain = path and not any(c.isspace() or ord(c) < 32 or c == '"' for c in path)
        lines.append("file " + (path if plain else json.dumps(path, ensure_ascii=False)))
        whole = files[path].split("\n")
        last = whole.pop()
        for line in whole:
            if "\r" in line or "\0" in line:
                lines.append("|" + json.dumps(line, ensure_ascii=False))
            else:
                lines.append("| " + line if line else "|")
        if last:
            lines.append("\\" + json.dumps(last, ensure_ascii=False))
    for number, command in enumerate(commands):
        lines.append("at %d type 1 %s" % (PACE * number, json.dumps(command + "\n", ensure_ascii=False)))
    if view:
        lines.append("view " + " ".join(view))
    if time is not None:
        lines.append("time %s" % seconds(time))
    return "".join(line + "\n" for line in lines)


def seconds(time):
    """A time as the text has it: `1.5`, never in powers of ten."""
    return ("%.6f" % time).rstrip("0").rstrip(".")


def fragment(text):
    """The fragment of the link that holds a text, without its `#`."""
    raw = text.encode("utf-8")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = base64.urlsafe_b64encode(deflate.compress(raw) + deflate.flush()).decode("ascii").rstrip("=")
    return "s=1.%s.%d.%08x" % (data, len(data), zlib.crc32(raw))
