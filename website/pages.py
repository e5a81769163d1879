"""The pages of the site that no file of docs/ has: generated from the schema, the command line, the
configurations and the examples, or taken from a page that lies elsewhere in the repository."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
import refusals
import yaml

import darklat
from darklat import arguments, errors
from darklat.schema.run import Config

ROOT = Path(__file__).parents[1]

SOURCES = {
    "index.md": "README.md",
    "reference/files.md": "runs/README.md",
    "architecture.md": "ARCHITECTURE.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "benchmarks.md": "benchmarks/README.md",
}
"""Pages of the site that are files elsewhere in the repository."""

_CONFIGURATIONS = "reference/configurations.md"
_FOLDERS = {"": "runs", "figures": "figures of papers", "relics": "relics",
            "analyses": "analyses of a run", "profiles": "profiles of a cluster"}  # fmt: skip


def generated() -> dict[str, str]:
    """The Markdown of the pages without a file, by their path in the site."""
    return {f"examples/{path.stem}.md": example(path) for path in _examples()} | {
        "reference/keys.md": keys(),
        "reference/commands.md": commands(),
        "reference/python.md": python(),
        "reference/messages.md": refusals.page(),
        _CONFIGURATIONS: configurations(),
        "citing.md": citing(),
    }


def uri_of(path: str) -> str:
    """The page of the site for a file of the repository. Raises KeyError where it has none."""
    for uri, source in SOURCES.items():
        if path == source:
            return uri
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path.startswith("examples/"):
        return path.removesuffix(".py") + ".md"
    if path == "examples":
        return "examples/first_light.md"
    if path == "configs/reference.yaml":
        return "reference/keys.md"
    if path.startswith("configs"):
        return _CONFIGURATIONS
    if path == "website/refusals.py":
        return "reference/messages.md"
    if path == "CITATION.cff":
        return "citing.md"
    raise KeyError(f"{path} has no page in the site: uri_of in website/pages.py has those that do")


# ---- Keys of a configuration ----


@dataclass(frozen=True)
class Key:
    """A key as configs/reference.yaml explains it; path: the dotted one."""

    path: str
    text: str


def explained_keys() -> list[Key]:
    """Every key of configs/reference.yaml with its comment, commented-out keys included."""
    found: list[Key] = []
    above: list[tuple[int, str]] = []
    lines: list[str] = []
    entry = re.compile(r"^( {0,12})(# )?([A-Za-z_.]+):(?: +([^#\n]*?))? *(?:# (.*))?$")
    for line in (ROOT / "configs/reference.yaml").read_text("utf-8").splitlines():
        key = entry.match(line)
        if key:
            depth = len(key[1])
            above = [each for each in above if each[0] < depth]
            above.append((depth, key[3]))
            lines = [key[5]] if key[5] else []
            found.append(Key(".".join(name for _, name in above), ""))
        elif found and (more := re.match(r"^ {20,}# (.*)$", line)):
            lines.append(more[1])
        else:
            continue
        found[-1] = Key(found[-1].path, " ".join(lines))
    return found


def keys() -> str:
    """The page of all keys: a table for each section."""
    explained = {key.path: key.text for key in explained_keys()}
    rows: dict[str, list[str]] = {}
    for path, field in fields_of_a_configuration():
        section, _, name = path.rpartition(".")
        text = explained.get(path) or (f"see `{section}`" if explained.get(section) else "")
        rows.setdefault(section, []).append(f"| `{name}` | {_default(field)} | {_cell(text)} |")
    parts = [_KEYS_HEAD]
    for section, lines in rows.items():
        title = f"`{section}`" if section else "The file"
        parts.append(
            f"## {title}\n\n| key | default | meaning |\n|---|---|---|\n" + "\n".join(lines)
        )
    parts.append("## The commented reference\n\n`darklat config reference` prints it.\n")
    text = (ROOT / "configs/reference.yaml").read_text("utf-8")
    return "\n\n".join([*parts, f"```yaml\n{text}```\n"])


_KEYS_HEAD = r"""# Keys of a configuration

Every key, as `darklat config reference` prints it. Conformal times and lengths are in
$\tau_{\rm osc}$, scale factors in $a_{\rm osc}$. Any key can be set on the command line, by its
dotted path: `--set lattice.sites=32`. `X` and `XX` stand for the letters of one's own fields. A key
without a default is required, unless the last column says otherwise."""

_LETTERS = {"model.fields": "X", "model.couplings": "XX"}


def fields_of_a_configuration(
    model: type[pydantic.BaseModel] = Config, above: str = ""
) -> list[tuple[str, pydantic.fields.FieldInfo | None]]:
    """All keys with their pydantic fields, sections before their keys."""
    found: list[tuple[str, pydantic.fields.FieldInfo | None]] = []
    for name, field in model.model_fields.items():
        path = f"{above}{name}"
        found.append((path, field))
        if path in _LETTERS:
            path = f"{path}.{_LETTERS[path]}"
            found.append((path, None))
        for inner in sections(field.annotation):
            found += fields_of_a_configuration(inner, f"{path}.")
    return found


def sections(annotation: object) -> list[type[pydantic.BaseModel]]:
    """The sections in an annotation: it, a choice of it, or a mapping to it."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [one for each in getattr(annotation, "__args__", ()) for one in sections(each)]


def _default(field: pydantic.fields.FieldInfo | None) -> str:
    """The cell of a key's default."""
    if field is None or field.is_required():
        return ""
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if isinstance(value, str | int) else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# ---- Commands ----


def commands() -> str:
    """The page of all commands and exit codes."""
    whole = arguments.parser()
    parts = ["# Commands and exit codes", f"```\n{_help(whole)}```"]
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, parser in action.choices.items():
                parts.append(f"## darklat {name}\n\n```\n{_help(parser)}```")
    parts.append("## Exit codes\n\n" + _exit_codes())
    return "\n\n".join(parts)


def _help(parser: argparse.ArgumentParser) -> str:
    parser.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=100)
    return parser.format_help()


def _exit_codes() -> str:
    rows = ["| code | meaning | raised in Python |", "|---|---|---|", "| 0 | done | |"]
    kinds = (errors.InputError, errors.NumericalError, errors.MachineError)
    meanings = ("the input is wrong", "a numerical check failed", "the machine failed")
    for kind, meaning in zip(kinds, meanings, strict=True):
        rows.append(f"| {kind.exit_code} | {meaning} | `darklat.errors.{kind.__name__}` |")
    rows += [
        "| 85 | stopped early, with a checkpoint written | |",
        "| 130 | interrupted by a second Ctrl-C, or in a command without checkpoints | |",
    ]
    return "\n".join(rows)


# ---- Python, configurations, examples, citing ----


def python() -> str:
    """The page of the public names, which autodoc fills."""
    head = (
        "# Python\n\nThe names of `import darklat as dl`. All else may change from version to "
        "version. [In a notebook](../notebook.md) has them by task."
    )
    homes = darklat._HOMES
    functions_first = sorted(homes, key=lambda name: (name[0].isupper(), name))
    return "\n\n".join([head, *(_documented(homes[name], name) for name in functions_first)])


def _documented(home: str, name: str) -> str:
    """A class with its members and without the arguments of its making, or a function."""
    what = f"autofunction:: {home}.{name}"
    if name[0].isupper():
        what = f"autoclass:: {home}.{name}()\n   :members:"
    return f"## {name}\n\n```{{eval-rst}}\n.. {what}\n```"


def configurations() -> str:
    """The page of the packaged configurations, with their text."""
    parts = [
        "# Configurations",
        "They are installed with darklat. `darklat config list` lists them, and `darklat config "
        "NAME > my.yaml` copies one.",
    ]
    for folder, title in _FOLDERS.items():
        parts.append(f"## {title[0].upper()}{title[1:]}")
        for path in sorted((ROOT / "configs" / folder).glob("*.yaml")):
            if path.stem != "reference":
                parts.append(f"### {path.stem}\n\n```yaml\n{path.read_text('utf-8')}```")
    return "\n\n".join(parts)


def _examples() -> list[Path]:
    return sorted((ROOT / "examples").glob("*.py"))


def example(path: Path) -> str:
    """An example in percent format as Markdown."""
    parts = []
    for cell in re.split(r"^# %%", path.read_text("utf-8"), flags=re.M)[1:]:
        head, _, body = cell.partition("\n")
        if "[markdown]" in head:
            parts.append(re.sub(r"^# ?", "", body, flags=re.M).strip())
        elif body.strip():
            parts.append(f"```python\n{body.strip()}\n```")
    parts.append(f"The file is `examples/{path.name}`: a notebook in percent format.")
    return "\n\n".join(parts)


def citing() -> str:
    """The page of CITATION.cff."""
    data = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    parts = ["# Citing", data["message"], f"> {data['title']}, version {data['version']}"]
    parts.append("The sources of the physics:")
    parts.append("\n".join(_reference(each) for each in data.get("references", [])))
    return "\n\n".join(parts)


def _reference(entry: dict[str, Any]) -> str:
    people = ", ".join(f"{p['given-names']} {p['family-names']}" for p in entry["authors"])
    where = [str(entry[k]) for k in ("journal", "volume", "start", "year", "notes") if k in entry]
    return f"- {people}, *{entry['title']}*" + "".join(f", {each}" for each in where)
