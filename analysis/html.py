"""Pieces of an HTML page: everything that comes from a run is escaped here and nowhere else."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import base64
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import matplotlib
from matplotlib.figure import Figure

PNG_DPI = 140

STYLE = """
:root { color-scheme: light dark; --text: #1d2226; --soft: #59636b; --back: #fff; --line: #d5dade;
  --band: #f4f6f7; --pass: #17693a; --warn: #8a5300; --fail: #b3201b; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7ea; --soft: #a3adb5; --back: #15191c; --line: #394046; --band: #1e2428;
    --pass: #6fd198; --warn: #f0b45c; --fail: #ff8f86; --link: #7db8f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; color: var(--text);
  background: var(--back); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
p, ul { margin: .5rem 0; max-width: 46rem; }
.soft, figcaption, small { color: var(--soft); }
.box { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem .3rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { background: var(--band); overflow-wrap: normal; }
tbody th { font-weight: normal; min-width: 8rem; }
tbody th small { display: block; max-width: 30rem; }
td { min-width: 3rem; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (max-width: 30rem) { body { padding: .7rem; } table { font-size: .85rem; }
  th, td { padding-right: .5rem; } tbody th { min-width: 7rem; } }
.status { font-weight: 600; white-space: nowrap; }
.pass { color: var(--pass); } .warn { color: var(--warn); } .fail { color: var(--fail); }
.verdict { border-left: .3rem solid currentColor; padding: .1rem 0 .1rem .7rem; }
.figures { display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); align-items: start; }
figure { margin: 0; min-width: 0; }
figure img { display: block; width: 100%; max-width: 36rem; height: auto; background: #fff;
  border-radius: .3rem; padding: .3rem; }
figcaption { font-size: .92rem; margin-top: .3rem; max-width: 36rem; }
pre { overflow-x: auto; background: var(--band); padding: .7rem; font-size: .85rem;
  overflow-wrap: normal; }
summary { cursor: pointer; color: var(--link); }
a { color: var(--link); }
tbody th a { color: inherit; text-decoration: underline dotted; }
dt { font-weight: 600; margin-top: .6rem; }
dd { margin: 0 0 0 1rem; max-width: 46rem; }
dt:target { background: var(--band); }
@media print { .box, pre { overflow: visible; } pre { white-space: pre-wrap; } }
"""


def page(title: str, body: str) -> str:
    """A whole document. It forbids itself to load anything: everything that it shows is inside
    it."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def heading(text: str) -> str:
    """The title of the page, as it is."""
    return f"<h1>{escape(text)}</h1>"


def section(title: str, *parts: str) -> str:
    """A heading and the parts below it; an empty text where there are none."""
    body = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text, escaped, with quantities typeset."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{typeset(text)}</p>"


def items(lines: Iterable[str]) -> str:
    """A list of plain text as it is; nothing without lines."""
    found = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{found}</ul>" if found else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in a box that scrolls by itself. Cells are HTML, made by `cell` or `label`."""
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    if not body:
        return ""
    # The focus lets a keyboard scroll the box.
    header = "".join(f'<th scope="col">{typeset(name)}</th>' for name in head)
    headed = f"<thead><tr>{header}</tr></thead>" if any(head) else ""
    return f'<div class="box" tabindex="0"><table>{headed}<tbody>{body}</tbody></table></div>'


def label(text: str, *, plain: bool = False, remark: str = "", target: str = "") -> str:
    """The first cell of a row, typeset unless `plain`; a remark, escaped, goes below. target: where
    the text links to."""
    below = f"<small>{escape(remark)}</small>" if remark else ""
    shown = escape(text) if plain else typeset(text)
    shown = link(target, shown) if target else shown
    return f'<th scope="row">{shown}{below}</th>'


def link(target: str, body: str) -> str:
    """A link; the body is HTML."""
    return f'<a href="{escape(target)}">{body}</a>'


def terms(found: Iterable[tuple[str, str, str]]) -> str:
    """A list of anchors, terms and their explanations."""
    body = "".join(
        f'<dt id="{escape(anchor)}">{typeset(term)}</dt><dd>{escape(text)}</dd>'
        for anchor, term, text in found
    )
    return f"<dl>{body}</dl>" if body else ""


def cell(text: str, kind: str = "", *, after: str = "") -> str:
    """A cell of plain text, escaped; numbers (kind "number ...") with powers of ten as such. A
    mark `after` it goes behind."""
    shown = (number(text) if kind.startswith("number") else escape(text)) + escape(after)
    return f'<td class="{kind}">{shown}</td>' if kind else f"<td>{shown}</td>"


def preformatted(text: str) -> str:
    """Text with its line breaks, escaped."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def details(summary: str, body: str) -> str:
    """Folded until someone opens it."""
    return f"<details><summary>{escape(summary)}</summary>\n{body}\n</details>"


def figure(drawn: Figure, *, alt: str, caption: str, files: Mapping[str, str] | None = None) -> str:
    """A figure as an image inside the page: SVG or PNG, whichever is smaller. files: links to
    files of the same figure below it, by their names.

    SVG goes into a data URI too, so that names inside several of them cannot collide.
    """
    png, svg = io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "darklat"}):
        drawn.savefig(png, format="png", dpi=PNG_DPI)
        drawn.savefig(svg, format="svg", metadata={"Date": None})
    smaller, kind = min((png, "png"), (svg, "svg+xml"), key=lambda pair: len(pair[0].getvalue()))
    data = base64.b64encode(smaller.getvalue()).decode("ascii")
    width, height = (round(96 * inches) for inches in drawn.get_size_inches())
    links = " · ".join(link(target, escape(name)) for name, target in (files or {}).items())
    below = f" {links}" if links else ""
    return (
        f'<figure><img src="data:image/{kind};base64,{data}" alt="{escape(alt)}" '
        f'width="{width}" height="{height}">'
        f"<figcaption>{typeset(caption)}{below}</figcaption></figure>"
    )


def number(text: str) -> str:
    """A number as the tables print it, 1.7e-24 as 1.7 times a power of ten."""
    match = re.fullmatch(r"(-?[\d.]+)e([-+]\d+)", text)
    if match is None:
        return escape(text).replace("-", "\N{MINUS SIGN}") if _is_number(text) else escape(text)
    mantissa, power = match[1], str(int(match[2]))
    return f"{mantissa}\N{MULTIPLICATION SIGN}10<sup>{power}</sup>".replace("-", "\N{MINUS SIGN}")


_GREEK = {
    "epsilon": "ε",
    "Omega": "Ω",
    "theta": "θ",
    "tau": "τ",
    "rho": "ρ",
    "phi": "φ",
    "pi": "π",
    "sqrt": "√",
}
_QUANTITY = re.compile(r"\b(rho|tau|theta|Omega|ΔN|[a-zA-Z])_([A-Za-z0-9]+)\b|\b(m_)(-17)\b")
_POWER = re.compile(r"\^(\([-\d/]+\)|-?\d+)")


def typeset(text: str) -> str:
    """The labels of the tables with indices, powers and Greek letters; escaped first."""
    shown = escape(text).replace("Delta N", "ΔN").replace("sqrt ", "√")
    shown = _POWER.sub(lambda match: f"<sup>{match[1].strip('()')}</sup>", shown)
    shown = _QUANTITY.sub(
        lambda match: f"{(match[1] or 'm')}<sub>{match[2] or match[4]}</sub>", shown
    )
    for name, letter in _GREEK.items():
        shown = re.sub(rf"\b{name}\b", letter, shown)
    return shown


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text) is not None
