"""Reads the text files that people write."""

from __future__ import annotations

from pathlib import Path

from darklat.errors import ConfigError
from darklat.schema.yaml.problems import Problem

MOST_BYTES = 1 << 20


def read_text(path: Path, what: str = "configuration") -> str:
    """The text of a file that a person wrote. Raises ConfigError when it cannot be read."""
    name = str(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except IsADirectoryError:
        message = f"this is a folder: name the {what} file in it"
        raise ConfigError([Problem(name, 1, 1, "", message)]) from None
    except (OSError, ValueError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError([Problem(name, 1, 1, "", message)]) from None
    if len(data) > MOST_BYTES:
        message = f"longer than {MOST_BYTES} bytes: is this a {what}?"
        raise ConfigError([Problem(name, 1, 1, "", message)])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8 text"
        raise ConfigError([Problem(name, line, column, "", message)]) from None
