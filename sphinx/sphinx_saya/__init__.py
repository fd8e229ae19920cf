"""Live Kubernetes clusters in the chapters of a Sphinx course. See README.md."""

from __future__ import annotations

import os
import posixpath
import shutil
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.util import logging

from . import poster
from .builder import SayaBuilder
from .directive import Saya, saya_cluster
from .link import fragment
from .words import WORDS, language

__version__ = "0.1.0"

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
#: Where the page lies in a built site.
PAGE = "_saya"


def page_folder(config):
    """The folder with the built page: `saya_page`, or the one in the wheel; None where there is none."""
    folder = Path(config.saya_page).expanduser() if config.saya_page else HERE / "page"
    return folder if (folder / "index.html").is_file() else None


def is_live(builder):
    """True for builders of sites, where a cluster can run."""
    return builder.format == "html" and builder.name not in ("epub", "latexpdf")


def public_link(config, share):
    """The address of a cluster for readers of paper; None where it is not said where the page is."""
    base = config.saya_url
    if not base and config.html_baseurl:
        base = posixpath.join(config.html_baseurl, PAGE) + "/"
    return "%s#%s" % (base.split("#")[0], fragment(share)) if base else None


def draw(builder, node, kind, theme="light"):
    """The figure of a node: the path of a file, or None where it cannot be drawn here."""
    if node["picture"]:
        return Path(node["picture"])
    folder = Path(builder.doctreedir) / "saya"
    share, lang, at = node["share"], node["lang"], node["at"]
    try:
        path = poster.render(builder.config, folder, share, kind, lang, theme, at)
    except poster.Refused as refused:
        logger.warning("saya: %s", refused, location=node, type="saya", subtype="figure")
        path = None
    if path is None and kind == "svg":
        text = poster.stand_in(lang, node["files"], node["commands"], theme)
        path = folder / ("stand-in-%s.svg" % fragment(text + share)[-8:])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def stand_in_elsewhere(app, doctree, docname):
    """In builds where nothing can run, the figure (or its text) and a link stand for the cluster."""
    if not is_live(app.builder):
        for node in list(doctree.findall(saya_cluster)):
            node.replace_self(_elsewhere(app.builder, node, docname))


def _elsewhere(builder, node, docname):
    words = WORDS[node["lang"]]
    images = builder.supported_image_types
    kind = "svg" if "image/svg+xml" in images else "png" if "image/png" in images else "txt"
    path = draw(builder, node, kind)
    found = []
    if path is not None and path.suffix != ".txt":
        uri = str(path)
        builder.env.images.add_file(docname, uri)
        found.append(nodes.image(uri=uri, candidates={"*": uri}, alt=alternative(node, path)))
        found[0]["classes"] += node["classes"]
        if builder.format == "latex" and path.suffix == ".png":
            width = paper_width(path)
            if width < 100:
                found[0]["width"] = "%d%%" % width
    elif path is not None:
        found.append(_literal(path.read_text(encoding="utf-8").rstrip("\n")))
    else:
        lines = ["%s: %s" % (words["files"], ", ".join(node["files"]))] if node["files"] else []
        lines += ["$ " + command for command in node["commands"]]
        found.append(_literal("\n".join(lines) or words["cluster"]))
    link = public_link(builder.config, node["share"])
    if link:
        reference = nodes.reference("", words["open"], refuri=link, internal=False)
        found.append(nodes.paragraph("", "", reference))
    if isinstance(node.parent, nodes.figure) and isinstance(found[0], nodes.image):
        # A figure holds a picture, its caption and a legend.
        if found[1:]:
            node.parent += nodes.legend("", *found[1:])
        return found[:1]
    found[0]["ids"] += node["ids"]
    return found


#: How much of the width of a line a picture's height may be, so that its caption and its link stay on the page with it.
TALLEST = 1.05


def paper_width(path):
    """How much of a line's width a PNG takes on paper, in percent: a tall one as much as keeps it on its page."""
    with open(path, "rb") as file:
        head = file.read(24)
    if head[:8] != b"\x89PNG\r\n\x1a\n":
        return 100
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    return min(100, int(100 * TALLEST * width / max(height, 1)))


def _literal(text):
    block = nodes.literal_block(text, text)
    block["language"] = "none"
    return block


def alternative(node, path):
    """What is said of a figure to those who cannot see it."""
    if node["alt"]:
        return node["alt"]
    said = poster.describe(path.read_text(encoding="utf-8")) if path.suffix == ".svg" else ""
    return said or WORDS[node["lang"]]["cluster"]


def visit_html(self, node):
    """A cluster in a site: its figure, and a button that starts it."""
    builder = self.builder
    words = WORDS[node["lang"]]
    images = []
    for theme in ("light", "dark") if not node["theme"] and not node["picture"] else (node["theme"] or "light",):
        path = draw(builder, node, "svg", theme)
        folder = Path(builder.outdir) / builder.imagedir
        name = path.name if path.name.startswith(("saya-", "stand-in-")) else "saya-own-" + path.name
        if not (folder / name).exists() or (folder / name).stat().st_mtime_ns < path.stat().st_mtime_ns:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
        only = "" if node["theme"] or node["picture"] else ' class="saya-%s"' % theme
        images.append(
            '<img%s src="%s" alt="%s">'
            % (only, posixpath.join(builder.imgpath, quote(name)), self.attval(alternative(node, path)))
        )
    page = posixpath.join(_to_root(builder), PAGE) + "/"
    link = fragment(node["share"])
    has_page = page_folder(self.config) is not None or self.config.saya_url
    if self.config.saya_url and page_folder(self.config) is None:
        page = self.config.saya_url
    attributes = {"page": page, "link": link, "view": ",".join(node["view"]), "lang": node["lang"], "lazy": node["lazy"]}
    for name, value in (("height", node["saya_height"]), ("theme", node["theme"]), ("speed", node["speed"])):
        if value is not None:
            attributes[name] = "%g" % value if isinstance(value, float) else str(value)
    shown = "".join(' %s="%s"' % (name, self.attval(value)) for name, value in attributes.items())
    style = ' style="min-height:%dpx"' % node["saya_height"] if node["saya_height"] else ""
    self.body.append(
        self.starttag(node, "saya-cluster", "", CLASS="saya")[:-1] + "%s>" % shown
        if has_page
        else self.starttag(node, "div", "", CLASS="saya")
    )
    if has_page:
        self.body.append('<a class="saya-poster" href="%sindex.html#%s"%s>' % (self.attval(page), link, style))
        self.body.append("".join(images) + "</a>")
        self.body.append('<button type="button" hidden>▶ %s</button></saya-cluster>\n' % words["start"])
    else:
        self.body.append("".join(images) + "</div>\n")


def _to_root(builder):
    # Where the images lie, relative to the page that is being written; their folder lies in the site's root.
    return builder.imgpath[: -len(builder.imagedir)].rstrip("/") or "."


def depart(self, node):
    """All was done by the visit."""


def visit_other(self, node):
    """What no builder should see: it was replaced."""
    raise nodes.SkipNode


def add_scripts(app, pagename, templatename, context, doctree):
    """A page with a cluster loads what starts it; the others load nothing."""
    if doctree is None or not is_live(app.builder) or not any(True for _ in doctree.findall(saya_cluster)):
        return
    app.add_css_file("sphinx-saya.css")
    if page_folder(app.config) is not None:
        root = context["pathto"](PAGE + "/saya-cluster.js", 1)
        context["metatags"] = context.get("metatags", "") + '<script defer src="%s"></script>\n' % root
    elif app.config.saya_url:
        script = posixpath.join(app.config.saya_url.split("#")[0], "saya-cluster.js")
        context["metatags"] = context.get("metatags", "") + '<script defer src="%s"></script>\n' % script
    if app.config.saya_try_buttons:
        app.add_js_file("sphinx-saya.js", **{"data-saya-try": WORDS[language(app.config.language)]["try"]})


def finish(app, error):
    """Puts the page into the site: once, and only what is new. What a check found wrong is an error."""
    if getattr(app.builder, "differing", 0):
        app.statuscode = 1
    if error is not None or not is_live(app.builder) or not getattr(app.env, "saya_docs", None):
        return
    source = page_folder(app.config)
    if source is None:
        if not app.config.saya_url:
            logger.warning(
                "saya: there is no page to start clusters with: install the wheel, or set saya_page or saya_url",
                type="saya",
                subtype="page",
            )
        return
    target = Path(app.outdir) / PAGE
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and path.name[0] != "."}
    for path in sorted(wanted):
        old, new = target / path, source / path
        if not old.exists() or (old.stat().st_size, int(old.stat().st_mtime)) != (new.stat().st_size, int(new.stat().st_mtime)):
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(new, old)
    for old in list(target.rglob("*")):
        if old.is_file() and old.relative_to(target) not in wanted:
            old.unlink()


def purge(app, env, docname):
    """A chapter is read again."""
    getattr(env, "saya_docs", set()).discard(docname)


def merge(app, env, docnames, other):
    """What another process read."""
    if not hasattr(env, "saya_docs"):
        env.saya_docs = set()
    env.saya_docs |= getattr(other, "saya_docs", set())


def setup(app):
    """Tells Sphinx what there is."""
    app.add_config_value("saya_program", "", "env")
    app.add_config_value("saya_page", "", "html")
    app.add_config_value("saya_url", "", "env")
    app.add_config_value("saya_try_buttons", False, "html")
    app.add_node(
        saya_cluster,
        html=(visit_html, depart),
        **{name: (visit_other, depart) for name in ("latex", "text", "man", "texinfo")},
    )
    app.add_directive("saya", Saya)
    app.add_builder(SayaBuilder)
    app.connect("builder-inited", lambda app: app.config.html_static_path.append(str(HERE / "static")))
    app.connect("doctree-resolved", stand_in_elsewhere)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", finish)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
