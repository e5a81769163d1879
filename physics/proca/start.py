"""How inflation leaves the longitudinal mode: the regular solution of the vacuum equations.

Without a plasma E'' - 2 E'/a + (k^2 + a^2) E = 0 in the units of `modes`, and A = -E'/a^2.
Outside the horizon one solution has E ~ a^3 and A constant; the other, E constant, has decayed
since the mode left the horizon. So A = 1 goes with dA/dt = -(k^2/3) A (Arvanitaki et al., Dark QED
from Inflation, App. C.2 after Eq. C.9), up to corrections of order (k a)^2, which are kept here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_TERMS = 40  # in steps of a^2; the terms fall as (k a)^(2n)/(2n)!


def longitudinal_start(k: npt.ArrayLike, a: npt.ArrayLike) -> Array:
    """E at scale factor a for A = 1 there, -(a^3/3)(1 + (k a)^2/15 + ...). For k a <= 1, a <= 1.

    k in k_* and a in a_*, broadcast together. The series is exact for every such k and a, the mass
    included.
    """
    k2, x2 = np.asarray(k, dtype=np.float64) ** 2, np.asarray(a, dtype=np.float64) ** 2
    # E = sum c_n a^n with n (n - 3) c_n = -k^2 c_(n-2) - c_(n-4), n = 3, 5, 7, ..., here times a^n.
    before, term = np.zeros(np.broadcast(k2, x2).shape), np.ones(np.broadcast(k2, x2).shape)
    E, slope = term.copy(), 3 * term
    for n in range(5, 5 + 2 * _TERMS, 2):
        before, term = term, -(k2 * x2 * term + x2**2 * before) / (n * (n - 3))
        E, slope = E + term, slope + n * term
    # Both are over a^3, and a^2 A = -E', so E/A = -a^3 E/(a E').
    return np.asarray(-(np.asarray(a, dtype=np.float64) ** 3) * E / slope)
