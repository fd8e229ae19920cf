"""The figures that stand where a cluster is not running: drawn by the `saya` program where there is one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from html import escape, unescape
from pathlib import Path

from .words import WORDS

#: No figure takes so long, in seconds.
PATIENCE = 60


class Refused(Exception):
    """The program would not draw, and said why."""


def program(config):
    """The path of the `saya` program, or None: `saya_program`, or what is on PATH."""
    wanted = config.saya_program
    if not wanted:
        return shutil.which("saya")
    return shutil.which(os.path.expanduser(wanted))


def render(config, folder, text, kind, lang, theme="light", at=None):
    """The path of a figure in `folder`, drawn unless it is there already; None where there is no program.

    The name is made of all that it depends on, so that it is drawn again when any of that changes.
    """
    saya = program(config)
    if saya is None:
        return None
    stat = os.stat(saya)
    key = "\n".join([text, kind, lang, theme, str(at), str(stat.st_mtime_ns), str(stat.st_size)])
    name = "saya-" + hashlib.sha256(key.encode("utf-8")).hexdigest()[:20]
    path = Path(folder) / (name + "." + kind)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several builds may draw the same at once: each for itself, and the last one to be done stays.
    with tempfile.TemporaryDirectory(dir=str(path.parent)) as own:
        session = Path(own) / "session.saya"
        session.write_bytes(text.encode("utf-8"))
        drawn = Path(own) / path.name
        command = [saya, "render", "--session", str(session), "--format", kind, "--lang", lang, "-o", str(drawn)]
        if theme != "light":
            command += ["--theme", theme]
        if at is not None:
            command += ["--at", str(at)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refused("%s: %s" % (saya, error)) from error
        if done.returncode != 0 or not drawn.exists():
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Refused(words[-1].replace(str(session), "the cluster") if words else "%s failed" % saya)
        os.replace(drawn, path)
    return path


def describe(svg):
    """What an SVG says of itself: its title and its description."""
    found = [re.search("<%s>(.*?)</%s>" % (tag, tag), svg, re.S) for tag in ("title", "desc")]
    return ": ".join(unescape(match.group(1)).strip() for match in found if match)


def stand_in(lang, files, commands, theme="light"):
    """A small drawing that says what it is: for builds on machines without the program."""
    words = WORDS[lang]
    paper, ink, muted = ("#ffffff", "#000000", "#666666") if theme == "light" else ("#121212", "#ededed", "#959595")
    lines = [(words["stand_in"], muted)]
    lines += [(name, ink) for name in sorted(files)[:6]]
    lines += [("$ " + command, ink) for command in commands[:4]]
    height = 70 + 18 * len(lines)
    rows = "".join(
        '<text x="36" y="%d" fill="%s">%s</text>' % (66 + 18 * at, colour, escape(_short(line)))
        for at, (line, colour) in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="%(height)d" viewBox="0 0 480 %(height)d" role="img" '
        "font-family=\"Helvetica, Arial, 'Noto Sans CJK JP', sans-serif\" font-size=\"12\">"
        "<title>%(title)s</title><desc>%(desc)s</desc>"
        '<rect width="480" height="%(height)d" fill="%(paper)s"/>'
        '<text x="20" y="28" fill="%(ink)s">Kubernetes Cluster</text>'
        '<rect x="16.5" y="38.5" width="447" height="%(inner)d" fill="none" stroke="%(ink)s" stroke-dasharray="3 3"/>'
        "%(rows)s</svg>\n"
    ) % {
        "height": height,
        "inner": height - 52,
        "title": escape(words["cluster"]),
        "desc": escape(words["stand_in"]),
        "paper": paper,
        "ink": ink,
        "rows": rows,
    }


def _short(line, most=60):
    return line if len(line) <= most else line[: most - 1] + "…"
