"""The page of every refusal and warning by its text, read from the source: a message that the code
has is on the page, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from darklat import errors

ROOT = Path(__file__).parents[1]
SOURCE = ("src/darklat", "lattice", "kernels", "physics", "analysis")

WARNING = 0
"""In the place of an exit code: the run goes on."""

_OTHER_CODES = {"out_of_range": 3, "warning": WARNING, "Reading": 3}
_OF_PYTHON = ("ValueError", "KeyError", "TypeError", "RuntimeError", "AttributeError")

_MAKERS = re.compile(
    r"^_?(\w*Error|BadCheckpoint|refusal|Issue|Settled|problem_at|warning|Reading)$"
)
"""Functions and classes that take the text of a message. `refusal` is that of a key."""

_VARIABLES = re.compile(r"^(message|reason|remedy|remark|consequence|refused|allowed|why)$")
"""Names under which a message waits for one of them."""

_GIVEN_BACK = {
    "src/darklat/schema/*checks.py": 2, "src/darklat/schema/*keys.py": 2,
    "src/darklat/schema/later.py": 2, "src/darklat/schema/yaml/problems.py": 2,
    "src/darklat/driver/snapshot_times.py": 2, "src/darklat/driver/same_run.py": 2,
    "src/darklat/schema/packaged.py": 2, "physics/potential_checks.py": 2,
    "kernels/backends/gpu_errors.py": 4, "lattice/guards.py": 3,
    "src/darklat/driver/shares.py": WARNING, "lattice/plan.py": WARNING,
    "lattice/history_checks.py": WARNING, "lattice/potential_warnings.py": WARNING,
    "physics/verdicts.py": WARNING,
}  # fmt: skip
"""Files whose functions give messages back to the one that prints them, with their exit code."""

GAP = "…"
"""In the place of a value."""


@dataclass(frozen=True)
class Message:
    """A text that darklat can print, with gaps for its values; path: of the file that has it; code:
    the exit code of the command, 0 of a warning, None of an exception of Python's own."""

    path: str
    code: int | None
    text: str


@dataclass(frozen=True)
class Family:
    """Messages with a remedy in common: the heading in docs/troubleshooting.md, and the files of
    the source that they come from, as patterns of the shell."""

    title: str
    files: tuple[str, ...]


FAMILIES = (
    Family(
        "Sweeps and ladders",
        (
            "src/darklat/schema/sweep.py",
            "src/darklat/schema/ladder.py",
            "src/darklat/schema/members.py",
            "src/darklat/driver/ladders.py",
            "src/darklat/driver/sweeps.py",
            "src/darklat/storage/sweep_folder.py",
            "analysis/convergence*.py",
            "analysis/error_*.py",
            "analysis/scan*.py",
            "analysis/sweep.py",
            "analysis/overlay.py",
            "src/darklat/api/scan.py",
            "src/darklat/api/converge.py",
        ),
    ),
    Family("Jobs of a cluster", ("src/darklat/driver/jobs/*", "src/darklat/schema/profile*.py")),
    Family(
        "Figures, relics and analyses",
        (
            "analysis/*",
            "src/darklat/schema/alp_photon.py",
            "src/darklat/schema/relic*.py",
            "src/darklat/schema/figure*.py",
            "src/darklat/schema/analysis_file.py",
            "src/darklat/storage/radio_*",
            "physics/radio/*",
        ),
    ),
    Family(
        "A formula",
        (
            "physics/formulas/*",
            "physics/potential*.py",
            "kernels/formula.py",
            "lattice/potential_warnings.py",
        ),
    ),
    Family(
        "Keys that contradict each other",
        (
            "src/darklat/schema/*checks.py",
            "src/darklat/schema/contradictions.py",
        ),
    ),
    Family(
        "A change of a run that has begun",
        (
            "src/darklat/driver/changes.py",
            "src/darklat/schema/later.py",
            "src/darklat/schema/run.py",
            "src/darklat/driver/refining.py",
            "src/darklat/driver/same_run.py",
        ),
    ),
    Family("A key or a value", ("src/darklat/schema/*",)),
    Family(
        "A file that the configuration names",
        (
            "src/darklat/storage/initial_files.py",
            "src/darklat/storage/plasma_files.py",
            "src/darklat/storage/named_datasets.py",
            "src/darklat/storage/inputs.py",
            "lattice/history_checks.py",
            "lattice/lattice.py",
            "src/darklat/initial.py",
        ),
    ),
    Family(
        "The folder of a run",
        (
            "src/darklat/storage/run_folder.py",
            "src/darklat/storage/lock.py",
            "src/darklat/storage/stored_config.py",
            "src/darklat/driver/commands.py",
            "src/darklat/driver/beginning.py",
            "src/darklat/driver/*status.py",
        ),
    ),
    Family("A damaged or foreign file", ("src/darklat/storage/*",)),
    Family(
        "A run that cannot be stepped",
        (
            "src/darklat/driver/feasibility.py",
            "src/darklat/driver/shares.py",
            "src/darklat/driver/suggestions.py",
            "src/darklat/driver/snapshot_times.py",
            "lattice/plan.py",
            "lattice/precision.py",
            "lattice/expected.py",
            "lattice/linear_phase/*",
            "lattice/refinement.py",
            "lattice/sectors/*",
        ),
    ),
    Family(
        "A check that stops a run",
        (
            "lattice/guards.py",
            "lattice/evolution.py",
            "lattice/expansion.py",
            "physics/verdicts.py",
            "src/darklat/errors.py",
            "src/darklat/driver/loop.py",
        ),
    ),
    Family(
        "A GPU",
        (
            "kernels/backends/gpu*.py",
            "kernels/backends/nvrtc.py",
            "kernels/backends/nccl.py",
            "kernels/backends/__init__.py",
        ),
    ),
    Family(
        "Compiler, processors and tools", ("kernels/backends/*", "src/darklat/driver/doctor.py")
    ),
    Family("Several processes", ("kernels/ranks/*", "src/darklat/driver/ranks.py")),
    Family("The command line and Python", ("src/darklat/*",)),
    Family("Arguments of a function", ("physics/*", "kernels/*", "lattice/*")),
)
"""A file belongs to the first family with a pattern for it."""


@cache
def messages() -> tuple[Message, ...]:
    """Every message of the source, in the order of files and lines."""
    found: dict[Message, None] = {}
    for top in SOURCE:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            given_back = next((c for p, c in _GIVEN_BACK.items() if fnmatch(name, p)), None)
            for code, text in _texts(ast.parse(path.read_text("utf-8")), given_back):
                found[Message(name, code, text)] = None
    return tuple(found)


def code_of(name: str) -> int | None:
    """The exit code behind a class, or behind a function that makes an error."""
    if name in _OF_PYTHON:
        return None
    kind = getattr(errors, name, None)
    return _OTHER_CODES.get(name, getattr(kind, "exit_code", errors.InputError.exit_code))


def _texts(tree: ast.AST, given_back: int | None) -> Iterator[tuple[int | None, str]]:
    """The messages in a file, with their exit codes; given_back: that of texts that its functions
    return, yield or append, None where these are no messages."""
    for node in ast.walk(tree):
        made = node.func if isinstance(node, ast.Call) else None
        name = getattr(made, "attr", getattr(made, "id", ""))
        if isinstance(node, ast.Call) and _MAKERS.match(name):
            for given in [*node.args, *(word.value for word in node.keywords)]:
                yield from ((code_of(name), text) for text in _sentences(given))
        elif isinstance(node, ast.Assign) and _VARIABLES.match(getattr(node.targets[0], "id", "")):
            yield from ((2, text) for text in _sentences(node.value))
        elif given_back is None:
            continue
        elif isinstance(node, ast.Call) and name in ("append", "Verdict"):
            yield from ((given_back, text) for each in node.args for text in _sentences(each))
        elif isinstance(node, ast.Yield | ast.Return) and node.value is not None:
            yield from ((given_back, text) for text in _sentences(node.value))


def _sentences(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may have, if they read as sentences."""
    if isinstance(node, ast.IfExp):
        yield from _sentences(node.body)
        yield from _sentences(node.orelse)
        return
    text = re.sub(rf"({GAP})+", GAP, " ".join(_with_gaps(node).split()))
    if len(re.findall(r"[A-Za-z']{2,}", text)) >= 3 and text.count(" ") >= 2:
        yield text


def _with_gaps(node: ast.expr) -> str:
    """A text with a gap for each value in it; empty for an expression that is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%[sdgr]|%\.\d[fg]", GAP, node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [_with_gaps(v) if isinstance(v, ast.Constant) else GAP for v in node.values]
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (_with_gaps(node.left) or GAP) + (_with_gaps(node.right) or GAP)
    return ""


def family_of(path: str) -> Family:
    """The family of a file's messages. Raises KeyError where it has none."""
    for family in FAMILIES:
        if any(fnmatch(path, pattern) for pattern in family.files):
            return family
    raise KeyError(f"{path} belongs to no family of messages: FAMILIES in website/refusals.py")


def page() -> str:
    """The page, in Markdown."""
    by_family: dict[str, list[Message]] = {}
    for message in messages():
        by_family.setdefault(family_of(message.path).title, []).append(message)
    parts = [_HEAD]
    remedies = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    for family in sorted(FAMILIES, key=lambda one: remedies.index(f"## {one.title}\n")):
        link = f"../troubleshooting.md#{anchor(family.title)}"
        parts.append(f"## {family.title}\n\n[What to do]({link}).")
        found = by_family[family.title]
        for code, words in _WORDS.items():
            texts = sorted({m.text for m in found if m.code == code}, key=_in_order)
            if texts:
                parts += [words, "\n".join(f"- {_plain(text)}" for text in texts)]
    return "\n\n".join(parts) + "\n"


_HEAD = f"""# Every message by its text

This list is read from the source when the site is built. {GAP} stands for a value: a key, a number,
a path. A message about a configuration begins with file, line, column and key, which are left out
here. [Troubleshooting](../troubleshooting.md) has the remedies by family, and
[warnings](warnings.md) the physics behind some of them."""

_WORDS = {
    2: "Exit code 2, wrong input:",
    3: "Exit code 3, a check failed:",
    4: "Exit code 4, the machine failed:",
    WARNING: "Warnings:",
    None: "Exceptions in Python:",
}


def _in_order(text: str) -> str:
    return re.sub(r"[^a-z ]", "", text.lower()).strip()


def _plain(text: str) -> str:
    """A text that Markdown leaves as it is."""
    return re.sub(r"([\\\\`*_{}\[\]<>$|~#])", r"\\\1", text)


def anchor(title: str) -> str:
    """Of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
