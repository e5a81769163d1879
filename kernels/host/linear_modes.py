"""linear_modes.cpp, compiled apart from the kernels of a lattice. It runs on the host whatever the
backend, and before there is one: the time of the hand-over is part of a run's plan."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from darklat.kernels.backends.compile import load
from darklat.kernels.backends.threads import threads

Array = npt.NDArray[np.float64]


class Step(NamedTuple):
    """The numbers of a step of length h, each of which is multiplied by c lambda k.

    low (beside -h k^2) and d belong to the Magnus exponent [[d, h], [low, -d]]. push_low and
    push_high are the components of E from a conductor's A. current_X and current_E are the
    components of A from X and E. Each is an array [steps].
    """

    low: Array
    d: Array
    push_low: Array
    push_high: Array
    current_X: Array
    current_E: Array


@cache
def _library() -> ctypes.CDLL:
    declaration = f"struct Step {{ double {', '.join(Step._fields)}; }};\n"
    source = declaration + Path(__file__).with_suffix(".cpp").read_text("utf-8")
    library = load(source)
    real, integer, number = (
        np.ctypeslib.ndpointer(dtype, flags="C") for dtype in ("f8", "i4", "c16")
    )
    count, length = ctypes.c_int, ctypes.c_double
    sizes, team = (count, count, length, count), count
    library.propagate.argtypes = [*sizes, real, real, real, real, team]
    library.transform.argtypes = [
        count,
        count,
        count,
        count,
        count,
        real,
        real,
        real,
        integer,
        real,
        number,
        team,
    ]
    return library


def propagate(k: Array, drive: Array, steps: Step, *, h: float, conductor: bool) -> Array:
    """The modes after all steps, [3, 3, M]. Rows are X, E and the A of a conductor that they made.
    Columns are for X = 1, E = 1 and A = 1 at the start.

    k and drive = c lambda k: [M]; h: the length of a step. Without a conductor its numbers are 0.
    Raises MachineError when the code cannot be compiled.
    """
    out, rows = np.empty((3, 3, len(k))), np.stack(steps, axis=1)
    _library().propagate(len(k), len(rows), h, conductor, rows, k, drive, out, threads())
    return out


def transform(
    modes: npt.NDArray[np.complex128],
    matrices: Array,
    place: npt.NDArray[np.int32],
    *,
    sine: Array,
    cosine: Array,
    half_khat: Array,
    first_k_z: int = 0,
) -> None:
    """Multiplies modes [R, 3, n, n, k_z] of link fields, from first_k_z on, by matrices [2, places,
    R, R], first the one of helicity +1. place [n, n, k_z] gives the matrix of each mode; -1 stands
    for 0. sine, cosine: of k_i dx/2 [n]. half_khat: khat_i dx/2 [n].

    Raises MachineError when it cannot be compiled.
    """
    n, rows, k_z = len(sine), len(modes), modes.shape[-1]
    _library().transform(
        n, first_k_z, k_z, rows, matrices.shape[1], sine, cosine, half_khat, place, matrices, modes,
        threads(),
    )  # fmt: skip
