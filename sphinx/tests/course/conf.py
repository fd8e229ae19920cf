project = "コンテナ入門"
author = "Saya"
copyright = "2026, Saya"
version = "1.0"
language = "ja"
extensions = ["myst_parser", "sphinx_copybutton", "sphinx_saya"]
html_theme = "sphinx_rtd_theme"
saya_url = "https://course.example/_saya/"
saya_try_buttons = True
numfig = True
latex_engine = "lualatex"
# LuaLaTeX's own class for Japanese books, and the fonts that come with it.
latex_docclass = {"manual": "ltjsbook"}
latex_elements = {"fontpkg": r"\usepackage{luatexja}"}
