"""`sphinx-build -b saya`: runs every chapter's commands and compares what the chapter says they print."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sphinx.builders import Builder
from sphinx.util import logging

from . import poster
from .words import language

logger = logging.getLogger(__name__)


class SayaBuilder(Builder):
    """Hands the Markdown chapters to `saya check`, and says what differs."""

    name = "saya"
    epilog = "The chapters were checked."
    allow_parallel = True

    def init(self):
        #: How many chapters print something else than they say.
        self.differing = 0
        self.program = poster.program(self.config)

    def get_outdated_docs(self):
        return self.env.found_docs

    def get_target_uri(self, docname, typ=None):
        return ""

    def prepare_writing(self, docnames):
        """Nothing: the sources are what is checked."""

    def write_doc(self, docname, doctree):
        """Nothing: see finish."""

    def write(self, *ignored):
        """All chapters at once, in their order."""
        paths = {name: Path(self.env.doc2path(name)) for name in sorted(self.env.found_docs)}
        chapters = {name: path for name, path in paths.items() if path.suffix == ".md"}
        if self.program is None:
            logger.warning("saya: there is no saya program to check with; set saya_program", type="saya", subtype="check")
            return
        for name, path in chapters.items():
            command = [self.program, "check", "--lang", language(self.config.language), str(path)]
            try:
                done = subprocess.run(command, capture_output=True, check=False, cwd=str(path.parent))
            except OSError as error:
                logger.warning("saya: %s", error, type="saya", subtype="check")
                return
            output = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            if done.returncode == 0:
                logger.info("%s: %s", path.name, output.splitlines()[-1] if output else "ok")
                continue
            self.differing += 1
            found = differences(output)
            for line, words in found:
                logger.warning("saya: %s", words, location=(name, line), type="saya", subtype="check")
            if not found:
                logger.warning("saya: %s", output, location=name, type="saya", subtype="check")


def differences(output):
    """The commands that print something else than their chapter says, of what `saya check` printed: their lines, and what differs."""
    found = []
    for text in output.splitlines():
        head = re.match(r"(ok|differs|not simulated) +\S.*?:(\d+): (.*)", text)
        if head:
            found.append((head.group(1), int(head.group(2)), [head.group(3)]))
        elif found and text.startswith("    "):
            found[-1][2].append(text)
    return [(line, "\n".join(lines)) for kind, line, lines in found if kind == "differs"]
