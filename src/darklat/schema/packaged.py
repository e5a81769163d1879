"""The example configurations that an installed darklat carries with it, by name.

They are the files of the package `darklat.configs`, the folder configs/ of a checkout.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from darklat.errors import InputError
from darklat.schema.yaml.problems import closest, one_of
from darklat.schema.yaml.text import printable

RUNS, FIGURES, RELICS = "", "figures", "relics"
PROFILES, ANALYSES = "profiles", "analyses"
"""The kinds of configurations: their folders in the package."""

STDIN = Path("/dev/stdin")

_KINDS = {
    RUNS: "a run",
    FIGURES: "a figure",
    RELICS: "a relic",
    PROFILES: "a profile of a cluster",
    ANALYSES: "an analysis of a run",
}
_COMMANDS = {
    RUNS: "darklat run NAME",
    FIGURES: "darklat figure NAME",
    RELICS: "darklat relic NAME",
    PROFILES: "darklat submit CONFIG --profile NAME",
    ANALYSES: "darklat analyze DIR --with NAME",
}


def names(kind: str) -> list[str]:
    """The names of a kind, in alphabetical order."""
    return sorted(path.stem for path in _folder(kind).glob("*.yaml"))


def resolve(path: Path, kind: str) -> Path:
    """The file that is meant by a path or by the name of a packaged configuration.

    A file of that path wins, and - is stdin. configs/NAME.yaml is also looked for in the folder of
    its kind, as in configs/figures/NAME.yaml. Raises InputError, with the names, for a single word
    that is neither, and with the command for one of another kind; any other path is returned as it
    is.
    """
    word = str(path)
    if word == "-":
        return STDIN
    if path.is_file():
        return path
    if (beside := path.parent / kind / path.name).is_file():
        return beside
    if word in names(kind):
        return _folder(kind) / f"{word}.yaml"
    if path.exists() or path.suffix or len(path.parts) != 1 or not word.isprintable():
        return path
    for other, command in _COMMANDS.items():
        if word in names(other):
            raise InputError(
                f"{word} is {_KINDS[other]}, and not {_KINDS[kind]}: "
                f"`{command.replace('NAME', word)}`"
            )
    raise InputError(_unknown(word, names(kind)))


def found_by_name(path: Path) -> bool:
    """Whether `resolve` has found this file by its name. Such a file lies where nobody keeps files
    of their own."""
    return any(path.parent == _folder(kind) for kind in _KINDS)


def text(name: str) -> str:
    """The text of the packaged configuration of that name, of any kind.

    Raises InputError, with the names, where there is none.
    """
    for kind in _COMMANDS:
        if name in names(kind):
            return (_folder(kind) / f"{name}.yaml").read_text("utf-8")
    raise InputError(_unknown(name, [each for kind in _COMMANDS for each in names(kind)]))


def listing() -> str:
    """Every name with the first line of its comments, by the command that takes it."""
    width = max(len(name) for kind in _COMMANDS for name in names(kind))
    lines = []
    for kind, command in _COMMANDS.items():
        lines.append(f"{command}:")
        lines += [f"  {name.ljust(width)}  {_title(text(name))}" for name in names(kind)]
    return "\n".join(lines)


def _title(content: str) -> str:
    return content.partition("\n")[0].removeprefix("#").strip()


def _unknown(word: str, known: list[str]) -> str:
    near = closest(word, known)
    meant = f"; did you mean {near}?" if near else "."
    return (
        f"{printable(word)}: no file, and no packaged configuration of that name{meant} "
        f"There are {one_of(known, 'and')}; `darklat config list` says more"
    )


def _folder(kind: str) -> Path:
    return Path(str(files("darklat.configs"))) / kind
