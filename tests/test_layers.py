"""Imports follow the table of layers in ARCHITECTURE.md; the engine and the physics know no files."""

from __future__ import annotations

import ast
import graphlib
import re
import shutil
import sys
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {
    "src/darklat": "darklat",
    "lattice": "darklat.lattice",
    "kernels": "darklat.kernels",
    "physics": "darklat.physics",
    "analysis": "darklat.analysis",
}
"""Folders of Python and the packages that they are."""

NO_FILES = ("lattice", "physics")
FILE_LIBRARIES = {"h5py", "yaml", "csv", "tempfile", "shutil"}
READS_AND_WRITES = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes"),
    *("load", "loadtxt", "genfromtxt", "fromfile", "memmap", "open_memmap"),  # of numpy
    *("save", "savez", "savez_compressed", "savetxt", "tofile"),
}


# ---- Imports ----


def sources(root: Path) -> dict[str, str]:
    """Every Python file of the package, relative to `root`, and its module."""
    found = {}
    for folder, package in FOLDERS.items():
        for path in sorted((root / folder).rglob("*.py")):
            inside = path.relative_to(root / folder).with_suffix("").parts
            found[path.relative_to(root).as_posix()] = ".".join((package, *inside))
    return found


@cache
def nodes(text: str) -> tuple[ast.AST, ...]:
    """All of a file's syntax tree; the copies below have most files in common."""
    return tuple(ast.walk(ast.parse(text)))


def imports(text: str, module: str) -> set[str]:
    """Modules that a file imports anywhere: in functions and under TYPE_CHECKING too."""
    package = module.rpartition(".")[0]
    found = set()
    for node in nodes(text):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            found |= {f"{base}.{name.name}" if base == "darklat" else base for name in node.names}
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            found |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return found


def called(node: ast.Call) -> str:
    """The last name of the function that a call names."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def layer(module: str, layers: set[str]) -> str | None:
    """The layer of a module; None outside darklat. `darklat` has what is in none of the others."""
    first, *rest = module.split(".")
    if first != "darklat":
        return None
    return rest[0] if rest and rest[0] in layers else "darklat"


# ---- The table ----


def table(root: Path) -> dict[str, set[str]]:
    """Each layer and the layers that it may import, from the page."""
    section = (root / "ARCHITECTURE.md").read_text().partition("\n## Layers\n")[2]
    rows = re.findall(r"^    (\w+) +->(.*)$", section.partition("\n## ")[0], re.M)
    return {name: set(re.findall(r"\w+", allowed)) for name, allowed in rows}


def wrong_arrows(root: Path) -> set[tuple[str, str]]:
    """(file, import) of every import that the table does not allow."""
    allowed = table(root)
    found = set()
    for file, module in sources(root).items():
        here = layer(module, set(allowed))
        assert here is not None
        for name in imports((root / file).read_text(), module):
            there = layer(name, set(allowed))
            if there is not None and there not in allowed[here] | {here}:
                found.add((file, name))
    return found


def files_touched(root: Path) -> set[tuple[str, str]]:
    """(file, name) of every library of files, and of every call that opens one, in NO_FILES."""
    found = set()
    for file, module in sources(root).items():
        if not file.startswith(NO_FILES):
            continue
        text = (root / file).read_text()
        found |= {(file, name) for name in imports(text, module) & FILE_LIBRARIES}
        calls = {called(node) for node in nodes(text) if isinstance(node, ast.Call)}
        found |= {(file, name) for name in calls & READS_AND_WRITES}
    return found


def test_the_table_names_every_layer_and_has_no_cycle() -> None:
    rows = table(ROOT)
    top = {name.rpartition(".")[2] for name in FOLDERS.values()}
    inside = {path.parent.name for path in (ROOT / "src" / "darklat").glob("*/__init__.py")}
    assert set(rows) == top | inside | {"errors"}
    assert set().union(*rows.values()) <= set(rows)
    list(graphlib.TopologicalSorter(rows).static_order())  # CycleError


def test_imports_follow_the_table() -> None:
    found = sorted(wrong_arrows(ROOT))
    assert not found, "not in the table of ARCHITECTURE.md:\n" + "\n".join(map(str, found))


def test_the_errors_import_the_standard_library_alone() -> None:
    names = imports((ROOT / "src/darklat/errors.py").read_text(), "darklat.errors")
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_engine_and_the_physics_know_no_files() -> None:
    assert not files_touched(ROOT)


def test_only_kernels_hold_kernels() -> None:
    folders = [*FOLDERS, "configs", "docs", "examples", "tests"]
    found = [p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in {".cu", ".cpp"}]
    found.remove(ROOT / "tests/helpers/emulated_cuda/runtime.cpp")  # launches kernels, has none
    assert found and {p.relative_to(ROOT).parts[0] for p in found} == {"kernels"}


# ---- The checks themselves ----


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The page and the Python of the package, to be spoilt."""
    shutil.copy(ROOT / "ARCHITECTURE.md", tmp_path)
    for folder in FOLDERS:
        wanted = shutil.ignore_patterns("__pycache__", "*.cu", "*.h", "*.cpp")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=wanted)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "arrow"),
    [
        ("lattice/clock.py", "import darklat.storage.hdf5", "darklat.storage.hdf5"),
        ("lattice/clock.py", "def f():\n    from darklat import driver", "darklat.driver"),
        ("kernels/layout.py", "from darklat.schema.run import SIZE", "darklat.schema.run"),
        ("analysis/numbers.py", "from ..lattice import plan", "darklat.lattice"),
        ("physics/units.py", "from darklat import cli", "darklat.cli"),
        (
            "src/darklat/schema/keys.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from darklat.lattice import plan",
            "darklat.lattice",
        ),
        (
            "physics/alp.py",
            "import importlib\nimportlib.import_module('darklat.kernels')",
            "darklat.kernels",
        ),
    ],
)
def test_an_arrow_on_purpose_is_seen(copy: Path, file: str, line: str, arrow: str) -> None:
    before = wrong_arrows(copy)
    with (copy / file).open("a") as stream:
        stream.write(f"\n{line}\n")
    assert wrong_arrows(copy) - before == {(file, arrow)}


def test_a_file_opened_on_purpose_is_seen(copy: Path) -> None:
    before = files_touched(copy)
    with (copy / "lattice" / "clock.py").open("a") as stream:
        stream.write("\nimport h5py\nopen('x')\nnp.loadtxt('x')\n")
    file = "lattice/clock.py"
    assert files_touched(copy) - before == {(file, "h5py"), (file, "open"), (file, "loadtxt")}
