"""The directive `saya`: a live cluster of the course's own files."""

from __future__ import annotations

import os

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .link import PANELS, PROFILES, share_text
from .words import WORDS, language

logger = logging.getLogger(__name__)


class saya_cluster(nodes.General, nodes.Element):
    """A cluster in a chapter. `share` is its text as links have it; the rest is how it is shown."""


def _choice(known):
    def read(argument):
        return directives.choice(argument, known)

    return read


def _panels(argument):
    words = (argument or "").replace(",", " ").split()
    for word in words:
        if word not in PANELS:
            raise ValueError("%r is nothing to show; there are %s" % (word, ", ".join(PANELS)))
    if not words:
        raise ValueError("it names no panel; there are %s" % ", ".join(PANELS))
    return words


def _positive(argument):
    number = float(argument)
    if not 0 < number < 1000:
        raise ValueError("%s is no speed" % argument)
    return number


def _seconds(argument):
    number = float(argument)
    if not 0 <= number < 366 * 86400:
        raise ValueError("%s is no time in seconds" % argument)
    return number


def _language(argument):
    tag = (argument or "").strip()
    if language(tag) != tag.replace("_", "-").split("-")[0].lower():
        raise ValueError("%r is none of %s" % (tag, ", ".join(WORDS)))
    return language(tag)


def _height(argument):
    text = (argument or "").strip()
    number = int(text[:-2] if text.endswith("px") else text)
    if not 120 <= number <= 2000:
        raise ValueError("a height is between 120 and 2000 pixels")
    return number


class Saya(SphinxDirective):
    """``.. saya:: FILE…`` with how it is shown as options."""

    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = False
    option_spec = {
        "run": directives.unchanged_required,
        "profile": _choice(PROFILES),
        "view": _panels,
        "height": _height,
        "lang": _language,
        "theme": _choice(("light", "dark")),
        "speed": _positive,
        "at": _seconds,
        "figure": directives.path,
        "alt": directives.unchanged,
        "caption": directives.unchanged_required,
        "name": directives.unchanged,
        "class": directives.class_option,
        "lazy": _choice(("click", "view", "no")),
    }

    def run(self):
        options = self.options
        files = {}
        for word in self.arguments[0].split() if self.arguments else []:
            relative, path = self.env.relfn2path(word)
            self.env.note_dependency(relative)
            name = os.path.basename(word)
            try:
                with open(path, encoding="utf-8", newline="") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is no text in UTF-8"
                self._warn("%s cannot be read: %s" % (word, why), "file")
                continue
            if name in files and files[name] != text:
                self._warn("two files of this cluster are called %s" % name, "file")
                continue
            files[name] = text
        commands = [line.strip() for line in options.get("run", "").splitlines() if line.strip()]
        view = options.get("view", ["diagram", "terminal"])
        node = saya_cluster(
            "",
            share=share_text(files, commands, options.get("profile", "docker-desktop"), view, options.get("at")),
            files=sorted(files),
            commands=commands,
            view=view,
            saya_height=options.get("height"),
            lang=options.get("lang") or language(self.config.language),
            theme=options.get("theme"),
            speed=options.get("speed"),
            at=options.get("at"),
            lazy=options.get("lazy", "click"),
            alt=options.get("alt"),
            picture=None,
        )
        if "figure" in options:
            relative, path = self.env.relfn2path(options["figure"])
            self.env.note_dependency(relative)
            if os.path.isfile(path):
                node["picture"] = path
            else:
                self._warn("%s cannot be read: No such file or directory" % options["figure"], "file")
        self.set_source_info(node)
        node["classes"] += options.get("class", [])
        if not hasattr(self.env, "saya_docs"):
            self.env.saya_docs = set()
        self.env.saya_docs.add(self.env.docname)
        if "caption" not in options:
            self.add_name(node)
            return [node]
        figure = nodes.figure("", node, classes=["saya-figure"])
        self.set_source_info(figure)
        parsed, messages = self.state.inline_text(options["caption"], self.lineno)
        figure += nodes.caption(options["caption"], "", *parsed)
        self.add_name(figure)
        return [figure, *messages]

    def _warn(self, words, kind):
        logger.warning("saya: %s", words, location=self.get_location(), type="saya", subtype=kind)
