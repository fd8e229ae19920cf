"""A small Japanese course is built as a site, a book, an EPUB, a man page and a text, and what comes out is looked at.

Run with `python -m unittest discover sphinx/tests`; SAYA_PROGRAM is the `saya` program (without it the stand-ins are
tested), SAYA_THEME the theme.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from sphinx.cmd.build import build_main  # noqa: E402

from sphinx_saya import link, paper_width, poster  # noqa: E402

PROGRAM = os.environ.get("SAYA_PROGRAM", "")


class Course(unittest.TestCase):
    """A copy of the course, built where it lies."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "course"
        shutil.copytree(str(HERE / "course"), str(self.root))
        self.page = Path(folder.name) / "page"
        self.page.mkdir()
        (self.page / "index.html").write_text("<!doctype html>", encoding="utf-8")
        script = HERE.parent.parent / "static" / "saya-cluster.js"
        shutil.copy(str(script), str(self.page / "saya-cluster.js"))

    def build(self, builder, *options, program=PROGRAM, out=None):
        """Builds; the exit status and all warnings."""
        arguments = ["-b", builder, "-d", str(self.root / "_doctrees"), "-D", "saya_program=" + (program or "/nowhere/saya")]
        arguments += ["-D", "saya_page=" + str(self.page), "-D", "html_theme=" + os.environ.get("SAYA_THEME", "sphinx_rtd_theme")]
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said), warnings.catch_warnings():
            # Of Python's own, about what old versions of Sphinx and docutils use.
            warnings.simplefilter("ignore")
            status = build_main([*arguments, *options, str(self.root), str(out or self.root / "_build" / builder)])
        return status, said.getvalue()

    def read(self, builder, name):
        return (self.root / "_build" / builder / name).read_text(encoding="utf-8")

    def edit(self, name, old, new):
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")


class Sites(Course):
    def test_html_shows_figures_and_starts_on_a_click(self):
        status, said = self.build("html", "-W", "--keep-going")
        self.assertEqual((status, said), (0, ""))
        page = self.read("html", "database.html")
        self.assertEqual(page.count("<saya-cluster "), 2)
        self.assertEqual(page.count("_saya/saya-cluster.js"), 1)
        self.assertIn("MySQL と phpMyAdmin", page)
        self.assertRegex(page, r"図 1")
        self.assertIn('height="420"', page)
        self.assertIn('lang="ja"', page)
        self.assertIn('lazy="view"', page)
        self.assertIn('alt="サービスだけのクラスター"', page)
        self.assertIn("クラスターを起動", page)
        self.assertIn('data-saya-try="試す"', page)
        for source in re.findall(r'<img[^>]* src="(_images/[^"]+)"', page):
            svg = self.read("html", source)
            self.assertTrue(svg.startswith("<svg "), svg[:80])
            self.assertIn("Kubernetes Cluster" if PROGRAM else "図はクラスターを起動すると描かれます。", svg)
        plain = self.read("html", "plain.html")
        self.assertNotIn("saya-cluster", plain)
        self.assertTrue((self.root / "_build/html/_saya/index.html").is_file())
        self.assertIn('theme="dark"', self.read("html", "web.html"))
        self.assertNotIn("https://course.example", page)

    def test_dirhtml_and_parallel_builds_find_the_page(self):
        (self.root / "chapters").mkdir()
        for number in range(8):
            text = "# 章 %d\n\n```{saya} ../sources/svc-mysql.yml\n:run: kubectl get pod-%d\n```\n" % (number, number)
            (self.root / "chapters" / ("c%d.md" % number)).write_text(text, encoding="utf-8")
        self.edit("index.md", "plain", "plain\n" + "\n".join("chapters/c%d" % n for n in range(8)))
        status, said = self.build("dirhtml", "-W", "-j", "2")
        self.assertEqual((status, said), (0, ""))
        page = self.read("dirhtml", "chapters/c3/index.html")
        self.assertIn('page="../../_saya/"', page)
        self.assertIn('src="../../_saya/saya-cluster.js"', page)
        source = re.search(r'<img[^>]* src="(\.\./\.\./_images/[^"]+)"', page).group(1)
        self.assertTrue((self.root / "_build/dirhtml/chapters/c3" / source).resolve().is_file())

    def test_a_second_build_does_only_what_is_new(self):
        self.build("html")
        index = self.root / "_build/html/_saya/index.html"
        before = (self.root / "_build/html/plain.html").stat().st_mtime_ns, index.stat().st_mtime_ns
        link_before = re.search('link="([^"]+)"', self.read("html", "web.html")).group(1)
        self.edit("sources/deploy-pma.yml", "name: pma", "name: pma2")
        status, said = self.build("html", "-W")
        self.assertEqual((status, said), (0, ""))
        self.assertNotEqual(link_before, re.search('link="([^"]+)"', self.read("html", "web.html")).group(1))
        after = (self.root / "_build/html/plain.html").stat().st_mtime_ns, index.stat().st_mtime_ns
        self.assertEqual(before, after)

    def test_mistakes_are_warnings_with_their_line(self):
        self.edit("database.md", "sources/svc-mysql.yml sources/deploy-pma.yml", "sources/nope.yml")
        self.edit("database.md", ":at: 5", ":at: soon")
        status, said = self.build("html")
        self.assertEqual(status, 0)
        self.assertRegex(said, r"database\.md:5: WARNING: saya: sources/nope\.yml cannot be read: No such file")
        self.assertRegex(said, r"database\.md:\d\d: \w+: .*at.*soon")
        self.assertNotEqual(self.build("html", "-W", "-E")[0], 0)

    @unittest.skipUnless(PROGRAM, "without the program nothing can refuse a manifest")
    def test_a_link_opens_and_holds_the_files(self):
        self.build("html")
        for attribute in re.findall('link="([^"]+)"', self.read("html", "database.html")):
            done = subprocess.run([PROGRAM, "open", attribute], capture_output=True, check=True)
            text = done.stdout.decode("utf-8")
            self.assertIn("file svc-mysql.yml\n| apiVersion: v1\n", text)
            self.assertIn('type 1 "kubectl apply -f', text)


def has_latex_class(name):
    """True where LuaLaTeX is there, and can find this class."""
    if not (shutil.which("lualatex") and shutil.which("kpsewhich")):
        return False
    return subprocess.run(["kpsewhich", name + ".cls"], capture_output=True, check=False).returncode == 0


class Paper(Course):
    def test_latex_shows_the_figure_and_a_link(self):
        status, said = self.build("latex", "-W")
        self.assertEqual((status, said), (0, ""))
        tex = next((self.root / "_build/latex").glob("*.tex")).read_text(encoding="utf-8")
        self.assertIn("sphinxhref{https://course.example/", tex)
        self.assertIn("このクラスターをブラウザーで開く", tex)
        self.assertIn("MySQL と phpMyAdmin", tex)
        if PROGRAM:
            self.assertRegex(tex, r"includegraphics.*saya-[0-9a-f]+\}*\.png")
            self.assertTrue(list((self.root / "_build/latex").glob("saya-*.png")))
        # As a PDF where LaTeX can make Japanese ones: in half a minute.
        if PROGRAM and shutil.which("latexmk") and has_latex_class("ltjsbook"):
            done = subprocess.run(["make", "-C", str(self.root / "_build/latex")], capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])
            self.assertTrue(next((self.root / "_build/latex").glob("*.pdf")).read_bytes().startswith(b"%PDF-"))

    def test_a_tall_figure_stays_on_its_page(self):
        for size, width in (((800, 600), 100), ((800, 840), 100), ((500, 1000), 52), ((100, 2100), 5)):
            path = self.root / "figure.png"
            path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big"))
            self.assertEqual(paper_width(path), width, size)

    def test_epub_man_and_text(self):
        status, said = self.build("epub", "-W")
        self.assertEqual((status, said), (0, ""))
        with zipfile.ZipFile(next((self.root / "_build/epub").glob("*.epub"))) as book:
            names = book.namelist()
            chapter = book.read(next(name for name in names if name.endswith("database.xhtml"))).decode("utf-8")
            self.assertNotIn("saya-cluster", chapter)
            source = re.search(r'<img[^>]* src="([^"]+\.svg)"', chapter).group(1)
            self.assertTrue([name for name in names if name.endswith(source)], names)
            self.assertFalse([name for name in names if "_saya" in name])
        for builder, name in (("text", "database.txt"), ("man", None)):
            status, said = self.build(builder, "-W")
            self.assertEqual((status, said), (0, ""), builder)
            path = self.root / "_build" / builder
            path = path / name if name else next(path.iterdir())
            text = path.read_text(encoding="utf-8")
            self.assertIn("Service mysql" if PROGRAM else "svc-mysql.yml", text.replace("\\-", "-"), builder)


class Checks(Course):
    def test_the_builder_hands_chapters_to_the_program(self):
        """A program that says of one chapter that it differs, as `saya check` does."""
        fake = self.root / "saya"
        fake.write_text('#!/bin/sh\ncase "$*" in *database*) echo "1 passed, 1 failed"; exit 1;; esac\necho "2 passed, 0 failed"\n')
        fake.chmod(0o755)
        status, said = self.build("saya", program=str(fake))
        self.assertEqual(status, 1)
        self.assertRegex(said, r"database\.md: WARNING: saya: 1 passed, 1 failed")
        self.assertNotIn("plain.md", said)

    @unittest.skipUnless(PROGRAM, "without the program nothing is checked")
    def test_what_differs_is_a_warning_with_its_line(self):
        self.edit("database.md", "pod \"mysql-0\" deleted", "pod \"mysql-1\" deleted")
        status, said = self.build("saya")
        self.assertEqual(status, 1)
        self.assertRegex(said, r"database\.md:17: WARNING: saya: kubectl delete pod mysql-0\n    - pod \"mysql-1\" deleted")
        self.edit("database.md", "pod \"mysql-1\" deleted", "pod \"mysql-0\" deleted")
        self.assertEqual(self.build("saya", "-W"), (0, ""))

    def test_without_a_program_it_says_so(self):
        status, said = self.build("saya", program="/nowhere/saya")
        self.assertIn("no saya program", said)


class Links(unittest.TestCase):
    FILES = {"a b.yml": "kind: Pod\n\n  x: 日本語\r\n", "c": "no end", "empty": ""}

    def test_python_writes_the_text_that_is_canonical(self):
        text = link.share_text(self.FILES, ["kubectl apply -f .", "echo \"漢字\" \\"], "kind", ["terminal"], 1.5)
        self.assertTrue(text.endswith("view terminal\ntime 1.5\n"))
        if PROGRAM:
            done = subprocess.run([PROGRAM, "open", link.fragment(text)], capture_output=True, check=True)
            self.assertEqual(done.stdout.decode("utf-8"), text)

    def test_seconds_are_never_in_powers_of_ten(self):
        self.assertEqual([link.seconds(at) for at in (0, 5, 1.5, 0.000001, 86400.0)], ["0", "5", "1.5", "0.000001", "86400"])

    def test_a_stand_in_says_what_it_is(self):
        svg = poster.stand_in("ko", {"a<b.yml": ""}, ["kubectl apply -f ."])
        self.assertIn("그림은 클러스터를 시작하면 그려집니다.", svg)
        self.assertIn("a&lt;b.yml", svg)
        self.assertIn("클러스터", poster.describe(svg))


if __name__ == "__main__":
    unittest.main()
