"""A class name stands in one file: who reads it knows which class is meant."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("src/darklat", "lattice", "kernels", "physics", "analysis")


def homes(root: Path) -> dict[str, set[str]]:
    """Every class name of the package, private ones too, and the files that define it."""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, set()).add(path.relative_to(root).as_posix())
    return found


def test_a_class_name_stands_in_one_file() -> None:
    twice = {name: files for name, files in homes(ROOT).items() if len(files) > 1}
    assert not twice, f"name one of each differently: {twice}"


def test_a_name_given_twice_is_seen(tmp_path: Path) -> None:
    for folder in FOLDERS[1:3]:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("def f():\n    class _Twice: ...\n")
    assert homes(tmp_path) == {"_Twice": {"lattice/a.py", "kernels/a.py"}}
