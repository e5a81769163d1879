"""linear_modes.cpp, compiled apart from the kernels of a lattice: it runs on the host whatever the
backend, and before there is one, because the time of the hand-over is part of a run's plan."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.kernels.backends.compile import build

Array = npt.NDArray[np.float64]


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(build(Path(__file__).with_suffix(".cpp").read_text())))
    real, integer, number = (
        np.ctypeslib.ndpointer(dtype, flags="C") for dtype in ("f8", "i4", "c16")
    )
    count, length = ctypes.c_int, ctypes.c_double
    library.propagate.argtypes = [count, count, length, count, real, real, real, real]
    library.transform.argtypes = [count, count, count, real, real, integer, real, number]
    return library


def propagate(k: Array, drive: Array, steps: Array, *, h: float, conductor: bool) -> Array:
    """X, E and what they make of a conductor's A (rows) that follow from X = 1, E = 1 and A = 1 at
    the start (columns), [3, 3, M]: k and drive = c lambda k [M] through steps [steps, 6] of length
    h, whose columns are struct Step of linear_modes.cpp. Without a conductor what is its is 0.

    Raises MachineError when it cannot be compiled.
    """
    out = np.empty((3, 3, len(k)))
    _library().propagate(len(k), len(steps), h, conductor, steps, k, drive, out)
    return out


def transform(
    modes: npt.NDArray[np.complex128],
    matrices: Array,
    place: npt.NDArray[np.int32],
    *,
    sine: Array,
    cosine: Array,
) -> None:
    """Multiplies modes [R, 3, n, n, n/2 + 1] of link fields by matrices [2, places, R, R], helicity
    + first, of which mode i takes that at place [n, n, n/2 + 1]; -1 stands for 0. sine, cosine: of
    k_i dx/2 [n].

    Raises MachineError when it cannot be compiled.
    """
    n, rows = len(sine), len(modes)
    _library().transform(n, rows, matrices.shape[1], sine, cosine, place, matrices, modes)
