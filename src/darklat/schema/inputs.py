"""The contents of the files that a configuration names, in memory.

The storage reads them (`darklat.storage.inputs.read`), the engine takes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class InitialFields:
    """The fields of `initial.file` in program units.

    theta, theta_prime: [n, n, n], None without an ALP. X, E: [3, n, n, n] by the field's letter,
    component i at half a link along i.
    """

    theta: np.ndarray | None
    theta_prime: np.ndarray | None
    X: Mapping[str, np.ndarray]
    E: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class EvolvedFields:
    """The fields of a checkpoint, by the names that the sectors of its run gave them."""

    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Inputs:
    """Everything that a run needs beside its configuration.

    initial: for `initial.kind: file`, and `evolved` in its place where that file is a checkpoint.
    tables: rows a, omega_p and perhaps nu of the plasmas of kind
    table, by the field's letter. profiles: omega_p^2 over its mean [n, n, n], by letter.
    """

    initial: InitialFields | None = None
    evolved: EvolvedFields | None = None
    tables: Mapping[str, np.ndarray] = field(default_factory=dict)
    profiles: Mapping[str, np.ndarray] = field(default_factory=dict)


NO_INPUTS = Inputs()
