"""Builds the site: gathers its pages in one folder and calls Sphinx, with warnings as errors.

python website/build.py build/site
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pages
from sphinx.cmd.build import main as sphinx

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
LINK = re.compile(r"(?<=\]\()([^)\s#]*)(#[^)\s]*)?(?=\))")


def gather(folder: Path) -> None:
    """Writes all pages, and the figures in docs/, into the folder. Raises KeyError for a link to a
    file that has no page."""
    shutil.copytree(DOCS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
    for path in DOCS.rglob("*.md"):
        uri = path.relative_to(DOCS).as_posix()
        _write(folder / uri, in_the_site(path.read_text("utf-8"), uri, f"docs/{uri}"))
    for uri, source in pages.SOURCES.items():
        text = in_the_site((pages.ROOT / source).read_text("utf-8"), uri, source)
        _write(
            folder / uri, text + (HERE / "contents.txt").read_text("utf-8") * (uri == "index.md")
        )
    for uri, text in pages.generated().items():
        _write(folder / uri, text)


def in_the_site(text: str, uri: str, source: str) -> str:
    """The page with links between files of the repository turned into links between pages. uri: of
    the page in the site; source: its path in the repository."""

    def link(found: re.Match[str]) -> str:
        target, anchor = found[1], found[2] or ""
        if not target or "://" in target:
            return found[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        return posixpath.relpath(pages.uri_of(path), posixpath.dirname(uri) or ".") + anchor

    return LINK.sub(link, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def main(words: Sequence[str]) -> int:
    """Returns Sphinx's exit code; 1 after a warning."""
    out = Path(words[0] if words else "build/site")
    with tempfile.TemporaryDirectory() as gathered:
        gather(Path(gathered))
        options = ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env"]
        return int(sphinx([*options, "-b", "html", "-c", str(HERE), gathered, str(out)]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
