"""The values of a profile, limited to the texts that an #SBATCH line and a shell can carry.

sbatch reads #SBATCH lines by rules of its own. They differ between versions where a value has
spaces, quotes or a #, so such values are refused. Values for the shell part are quoted there and
may be any text that a shell variable can hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from darklat.schema.time_span import seconds
from darklat.schema.yaml.problems import describe
from darklat.schema.yaml.text import printable
from darklat.schema.yaml.values import Value, refusal

# The keys of a profile, or the script itself, that set an option of sbatch.
_SET_ALREADY = {
    "account": "the key account", "partition": "the key partition", "qos": "the key qos",
    "time": "the key time", "cpus-per-task": "the key cpus", "mem": "the key memory",
    "gres": "the key gres", "signal": "the key signal_seconds",
    "ntasks-per-node": "the key tasks_per_node", "gpus-per-task": "the key gpus_per_task",
    "job-name": "the script", "output": "the script", "error": "the script",
    "open-mode": "the script", "requeue": "the script", "no-requeue": "the script",
    "array": "the script", "chdir": "the script",
    "nodes": "the key nodes", "ntasks": "the key tasks_per_node",
    "parsable": "darklat", "wrap": "darklat", "wait": "darklat", "test-only": "darklat",
}  # fmt: skip


@dataclass(frozen=True)
class Word(Value):
    """A word that stands in an #SBATCH line as it is, or nothing."""

    def accept(self, value: object) -> str | None:
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # a project's number is a name
        if not isinstance(value, str) or not value:
            raise refusal(f"must be a word, found {describe(value)}")
        if value.startswith("-"):
            raise refusal("must not begin with -, which sbatch would take for another option")
        return representable(value)


@dataclass(frozen=True)
class Option(Value):
    """A further option of sbatch, --name or --name=value."""

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise refusal(
                f"must be an option of sbatch, such as --exclusive, found {describe(value)}"
            )
        match = re.fullmatch(r"--([a-z][a-z-]*)(=.*)?", value, re.DOTALL)
        if not match:
            raise refusal(
                "must be an option of sbatch in its long form, --name or --name=value, found "
                f"{describe(value)}"
            )
        if match[1] in _SET_ALREADY:
            raise refusal(f"--{match[1]} is set by {_SET_ALREADY[match[1]]}: leave it out here")
        return representable(value)


@dataclass(frozen=True)
class Duration(Value):
    """A span of time as Slurm writes it."""

    def accept(self, value: object) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str):
            raise refusal(f"must be a span of time, such as 24:00:00, found {describe(value)}")
        try:
            seconds(text)
        except ValueError as error:
            raise refusal(printable(str(error))) from None
        return representable(text)


@dataclass(frozen=True)
class Memory(Value):
    """An amount of memory as Slurm writes it, or nothing."""

    def accept(self, value: object) -> str | None:
        if value is None:
            return None
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not re.fullmatch(r"\d{1,9}[KMGT]?", text):
            remark = ""
            if isinstance(value, str) and re.fullmatch(r"\d+\s*[kmgtKMGT]i?[bB]?", value.strip()):
                amount = re.sub(r"[^0-9kmgtKMGT]", "", value)
                remark = f"; write {amount.upper()}"
            raise refusal(
                "must be a number of megabytes, or one with K, M, G or T, for example 32G, found "
                f"{describe(value)}{remark}"
            )
        return text


@dataclass(frozen=True)
class ShellText(Value):
    """Text that the shell part of the script quotes: anything that a shell variable can hold."""

    what: str
    empty: bool = False
    optional: bool = False

    def accept(self, value: object) -> str | None:
        if value is None and self.optional:
            return None
        if not isinstance(value, str):
            remark = "; put it in quotes" if isinstance(value, bool | int | float) else ""
            raise refusal(f"must be {self.what}, found {describe(value)}{remark}")
        if not value and not self.empty:
            raise refusal(f"must be {self.what}, found an empty one")
        return utf8(value)


@dataclass(frozen=True)
class Module(ShellText):
    """The name of an environment module."""

    def accept(self, value: object) -> str | None:
        text = super().accept(value)
        if text is not None and text.startswith("-"):
            raise refusal("must not begin with -, which `module load` would take for an option")
        return text


@dataclass(frozen=True)
class VariableName(Value):
    """The name of an environment variable."""

    def accept(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", value):
            return value
        raise refusal(
            "an environment variable is named by letters, digits and _, and does not begin with a "
            "digit"
        )


def representable(text: str) -> str:
    """The text, if sbatch reads it back from an #SBATCH line as it is.

    Raises a refusal that names the first character which does not allow that.
    """
    for place, character in enumerate(text, start=1):
        if not re.fullmatch(r"[A-Za-z0-9_.,:;=@%+/()\[\]{}*!|&~^?<>-]", character):
            shown = "a space" if character == " " else f"'{printable(character)}'"
            raise refusal(
                f"character {place} is {shown}, which cannot stand in an #SBATCH line: sbatch "
                "reads these by rules of its own, and the shell's quotes do not hold there. ASCII "
                "letters, digits and . , : ; = @ % + / ( ) [ ] { } * ! | & ~ ^ ? < > _ - can"
            )
    return text


def utf8(text: str) -> str:
    """The text, if a shell script in UTF-8 can hold it; otherwise raises a refusal."""
    for place, character in enumerate(text, start=1):
        if character == "\0":
            raise refusal(f"character {place} is NUL, which no shell variable can hold")
        if 0xD800 <= ord(character) < 0xE000:
            raise refusal(f"character {place} is '{printable(character)}', half of a character")
    return text
