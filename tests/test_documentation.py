"""The pages name files, links, headings, keys of Python and versions that exist."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import io
import re
import runpy
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = (
    "src",
    "lattice",
    "kernels",
    "physics",
    "analysis",
    "configs",
    "docs",
    "tests",
    "benchmarks",
    "examples",
    "website",
)
PAGES = sorted(
    p.relative_to(ROOT).as_posix() for folder in (".", "runs", *TOP) for p in (ROOT / folder).rglob("*.md")
    if folder != "." or p.parent == ROOT
)  # fmt: skip
FILES = {
    "/" + p.relative_to(ROOT).as_posix()
    for p in [*ROOT.iterdir(), *(ROOT / ".ci").iterdir(), ROOT / "runs/README.md", *(q for top in TOP for q in (ROOT / top).rglob("*"))]
}  # fmt: skip

# Names of files of the source; a run's files (HDF5, JSON, YAML, logs) lie in its folder.
SOURCE_FILE = re.compile(
    r"(?<![\w./*-])[\w./*-]*[\w*]\.(?:py|cu|cpp|[ch]|sh|md|toml|cff|ipynb)\b(?!\()"
)
IN_A_TOP_FOLDER = re.compile(rf"(?<![\w./*-])(?:{'|'.join(TOP)})/[\w./*-]*\w")
NO_SOURCE = {"tests/FILE.py", "job/job.sh"}
"""A placeholder; a file in a run folder."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
PYTHON_NAME = re.compile(r"\bdarklat(?:\.[A-Za-z_]\w*)+")
HEADING = re.compile(r"^#+ +(.+)$", re.M)


def names_of_files(page: str) -> set[str]:
    """Files that a page names, by their path or by the end of it."""
    text = LINK.sub("](", page)
    found = [*SOURCE_FILE.findall(text), *IN_A_TOP_FOLDER.findall(text)]
    return {name.removeprefix("./") for name in found} - NO_SOURCE


def missing_files(page: str) -> set[str]:
    """The names of which no file's path has the end; `*` in them as in a shell."""
    return {name for name in names_of_files(page) if not fnmatch.filter(FILES, f"*/{name}")}


def anchors(page: str) -> set[str]:
    """What GitHub makes of headings."""
    return {
        re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-")
        for head in HEADING.findall(page)
    }


def broken_links(page: str, at: Path) -> set[str]:
    """Links whose file, or heading in it, does not exist; `at` is the page's own path."""
    found = set()
    for link in LINK.findall(page):
        target, _, anchor = link.partition("#")
        path = (at.parent / target).resolve() if target else at
        if "://" in link:
            continue
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            found.add(link)
    return found


def exists(name: str) -> bool:
    """Whether a dotted name is a module of darklat, or something in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(thing, part):
                return False
            thing = getattr(thing, part)
        return True
    return False


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_what_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    assert not missing_files(text)
    assert not broken_links(text, ROOT / page)
    assert not {name for name in PYTHON_NAME.findall(text) if not exists(name)}


def test_what_does_not_exist_is_seen() -> None:
    page = (
        "`lattice/nowhere.py`, `strang.py`, `no_where.cu`, [a](README.md#two-commands), "
        "[b](README.md#three-commands), [c](NOT.md), lattice/config/ and `configs/none.yaml`"
    )
    assert missing_files(page) == {
        "lattice/nowhere.py",
        "no_where.cu",
        "lattice/config",
        "configs/none.yaml",
    }
    assert broken_links(page, ROOT / "README.md") == {"README.md#three-commands", "NOT.md"}
    assert exists("darklat.physics.units.T0_EV")
    assert not exists("darklat.physics.units.T1_EV") and not exists("darklat.nowhere")


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "benchmarks").glob("*.py")))
def test_the_names_that_a_benchmark_imports_exist(script: str) -> None:
    runpy.run_path(str(ROOT / "benchmarks" / script), run_name="imported")


def test_one_version_stands_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert cited and cited[1] == project["version"]
    assert (
        f"Python {project['requires-python'].removeprefix('>=')} or newer"
        in (ROOT / "README.md").read_text()
    )


# ---- Docstrings and comments ----

IN_BACKTICKS = re.compile(r"`([A-Za-z]\w*(?:[._][A-Za-z]\w*)+)`")
"""A name with a dot or an underscore; other words may be those of a shell or of YAML."""


def prose(text: str) -> Iterator[str]:
    """The docstrings and the comments of a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def words_of_code(text: str) -> set[str]:
    """The words of a Python file outside of docstrings and comments."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    return set(re.findall(r"\w+", ast.unparse(tree)))


def names_of_nothing(text: str, known: set[str]) -> set[str]:
    """The names in backticks with a part that is in no code."""
    if not IN_BACKTICKS.search(text):
        return set()
    found = {
        name.removesuffix(".py") for each in prose(text) for name in IN_BACKTICKS.findall(each)
    }
    return {name for name in found if not known.issuperset(name.split("."))}


def test_docstrings_and_comments_name_what_is_in_the_code() -> None:
    texts = {name: (ROOT / name[1:]).read_text() for name in FILES if name.endswith(".py")}
    paths = [name for name in FILES if not name.endswith(".pyc")]
    known = {word for name in paths for word in re.findall(r"\w+", name)}
    known = known.union(*map(words_of_code, texts.values()))
    found = {name: names_of_nothing(text, known) for name, text in texts.items()}
    assert not {name: wrong for name, wrong in found.items() if wrong}
    text = (
        '"""By `text`, in `no.where` and `known.name`."""\nname = 1  # see `no_where` and `a_b`\n'
    )
    assert names_of_nothing(text, {"known", "name", "a_b"}) == {"no.where", "no_where"}


# ---- What is installed ----


def test_every_folder_and_file_of_the_package_is_installed() -> None:
    """pyproject.toml lists the packages: setuptools finds none by itself in folders beside src/."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {ROOT / folder: name for name, folder in setup["package-dir"].items()}
    packages, left_out = set(), set()
    for top, package in folders.items():
        for path in top.rglob("*"):
            if path.is_dir() or path.suffix == ".pyc":
                continue
            name = ".".join((package, *path.parent.relative_to(top).parts))
            packages.add(name)
            if path.suffix != ".py" and not any(
                path.match(p) for p in setup["package-data"].get(name, [])
            ):
                left_out.add(path.relative_to(ROOT).as_posix())
    assert packages == set(setup["packages"])
    assert not left_out
