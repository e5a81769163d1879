"""Formulas as MathML, which browsers draw themselves: the site needs no script and no network."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

_STYLED = re.compile(
    r'<mi mathvariant="(bold|bold-italic|script|fraktur|double-struck)">(.*?)</mi>'
)


def mathml(formula: str, *, display: str = "inline") -> str:
    """LaTeX as MathML. Browsers know bold and script letters as characters of their own, and not by
    the attribute that the converter writes; nor does it know `aligned`."""
    formula = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", formula)
    return _STYLED.sub(_letter, convert(formula, display=display))


def _letter(found: re.Match[str]) -> str:
    style = found[1].replace("-", " ").upper()
    name = unicodedata.name(html.unescape(found[2])[:1], "").split()
    which = " ".join(word for word in name if word not in ("LATIN", "GREEK", "LETTER"))
    for full in (f"MATHEMATICAL {style} {which}", f"{style} {which}"):
        try:
            return f"<mi>{unicodedata.lookup(full)}</mi>"
        except KeyError:
            continue
    return found[0]


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _display(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(mathml(node.astext(), display="block") + "</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
