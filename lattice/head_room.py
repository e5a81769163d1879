"""How much room above its peak a spectrum needs for the cascade after the back-reaction.

Measured in runs with couplings of 70, 100 and 150 (docs/validation.md, the power near the cutoff).
The share of the energy at the cutoff depends on two numbers. One is the time over that of the
back-reaction; above twice that time the share hardly grows. The other is 1.5/dx over the peak that
the continuum has at the back-reaction. The spacing decides, and not the order of the differences:
each order has the same share beyond a cutoff of its own.
"""

from __future__ import annotations

import numpy as np

TIMES = (1.25, 1.5, 2.0, 3.0)
"""a over that of the back-reaction."""

K_DX = 1.5
"""k dx of the cutoff of order 2, to which `RATIOS` refer at every order."""

RATIOS = {0.1: (3.9, 4.5, 4.9, 5.1), 0.4: (1.8, 2.1, 2.4, 2.5)}
"""`K_DX`/dx over the peak at which the share at the cutoff is the key, at `TIMES`. Read off between
the measured ones and rounded up, by less than their scatter of a tenth."""


def ratio_needed(share: float, time: float) -> float:
    """`K_DX`/dx over the peak for a share (a key of `RATIOS`) at a time over that of the
    back-reaction."""
    return float(np.interp(time, TIMES, RATIOS[share]))
