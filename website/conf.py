"""Sphinx's settings for the site. `make docs` builds it; website/build.py gathers its pages."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "darklat"
author = "darklat contributors"
version = release = metadata.version("darklat")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "mathml"]
html_math_renderer = "mathml"

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 5  # links to headings as GitHub makes them
myst_dmath_double_inline = True
myst_fence_as_directive = ["math"]  # as on GitHub
highlight_language = "none"  # shell commands and output; YAML and Python blocks say so
suppress_warnings = ["misc.highlighting_failure"]

smartquotes = False  # which makes a dash of the -- before an option
default_role = "code"  # names in the backticks of docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_display_short_literal_types = True
add_module_names = False

html_theme = "furo"
html_title = f"darklat {version}"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
copybutton_exclude = ".linenos, .gp, .go"
