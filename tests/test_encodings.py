"""Every text file of darklat is UTF-8, whatever the locale: no call leaves its encoding to the locale."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "analysis", "lattice", "kernels", "physics", "configs", "benchmarks", "examples")


def is_open(node: ast.Call) -> bool:
    """Whether a call is one of the function open."""
    return isinstance(node.func, ast.Name) and node.func.id == "open"


def left_to_the_locale(text: str) -> Iterator[str]:
    """The calls that read or write text in an encoding that is not stated, and the programs whose words must decode."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        words = {keyword.arg for keyword in node.keywords}
        if not (name in ("read_text", "write_text", "open") or "text" in words or is_open(node)):
            continue
        shown = ast.unparse(node)
        if name in ("read_text", "write_text"):
            stated = len(node.args) > (name == "write_text") or "encoding" in words
        elif is_open(node) or (name == "open" and not shown.startswith("os.")):
            modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
            stated = "encoding" in words or any("b" in str(mode) for mode in modes)
        elif shown.startswith("subprocess.") and "text" in words:
            stated = "errors" in words or "encoding" in words
        else:
            continue
        if not stated:
            yield shown


def test_no_call_leaves_its_encoding_to_the_locale() -> None:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT)): calls
        for path in paths
        if (calls := list(left_to_the_locale(path.read_text("utf-8"))))
    }
    assert len(paths) > 100 and not found


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text)", True),
        ("path.write_text(text, 'utf-8')", False),
        ("open(path)", True),
        ("open(path, 'rb')", False),
        ("path.open('w', encoding='utf-8')", False),
        ("path.open('w')", True),
        ("os.open(path, os.O_RDONLY)", False),
        ("subprocess.run(words, text=True)", True),
        ("subprocess.run(words, text=True, errors='replace')", False),
    ],
)
def test_the_check_itself(call: str, wrong: bool) -> None:
    assert bool(list(left_to_the_locale(call))) is wrong
