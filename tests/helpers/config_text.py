"""A small configuration, how the tests of the configuration change it, and words of its refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from darklat.errors import ConfigError
from darklat.schema import Config, loads

# Line numbers below count in this text; the first line is `name`.
BASE = """\
name: base
model:
  alp:
    mass_eV: 1e-17
    f_GeV: 1e16
  fields:
    X: {role: dark}
  couplings:
    XX: 100
background:
  kind: radiation
lattice:
  sites: 16
  box: 1.0
initial:
  a_start: 0.5
time:
  a_end: 8
output:
  snapshots: [1, 2]
"""


def read(text: str = BASE, *overrides: str, base: Path | None = None) -> Config:
    return loads(text, source="c.yaml", base=base, overrides=overrides)


def problems(text: str = BASE, *overrides: str, base: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, *overrides, base=base)
    lines = [str(problem) for problem in caught.value.problems]
    assert str(caught.value) == "\n".join(lines)
    return lines


def edited(old: str, new: str) -> str:
    assert BASE.count(old) == 1
    return BASE.replace(old, new)


# ---- What is allowed, as the messages say it. ----

POSITIVE = "must be a number greater than 0, found"
FINITE = "must be a finite number greater than 0, found"
SITES = "must be an even integer from 8 to 1600, found"
PAIR = "a coupling is named by the letters of its two fields in alphabetical order"
LETTER = "a field is named by one capital letter, A to Z"
TEXT = "must be text of 1 to 100 printable characters"

# ---- Overrides. ----

STATIC = "background.kind=static"
NO_START = "initial.a_start=null"
NO_END = "time.a_end=null"
