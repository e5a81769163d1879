"""Temperature of the radiation while the inflaton decays.

A. Arvanitaki et al., "Dark QED from Inflation", Eqs. H.4-H.8. With rho_phi ~ a^-3, a = 1 and H =
H_I at the end of inflation, the solution of H.3 is rho_R = (2/5) Gamma (3 Phi/(8 pi G))^(1/2)
(a^(-3/2) - a^-4). T follows from rho_R = pi^2 g T^4/30. Eqs. H.5 and H.7 have 6 Gamma where this
gives 12 Gamma. So H.8 has .51 for .61, H.9 9/20 for 9/5 and H.10 20/9 for 5/9. m_Pl = G^(-1/2);
energies in one unit.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

A_HOTTEST = (8 / 3) ** 0.4
"""Scale factor of the largest temperature, from the end of inflation."""


def temperature(
    a: npt.ArrayLike, *, decay_rate: float, hubble_inflation: float, planck_mass: float, g: float
) -> npt.NDArray[np.float64]:
    """T(a) for a >= 1 and H > Gamma, Eq. H.5. ValueError for a < 1 or values not positive."""
    scale = np.asarray(a, dtype=np.float64)
    if not np.all(scale >= 1):
        raise ValueError("a counts from the end of inflation: a >= 1")
    _positive(decay_rate, hubble_inflation, planck_mass, g)
    # (3 Phi/(8 pi G))^(1/2) with Phi = 3 H_I^2 m_Pl^2/(8 pi)
    inflaton = 3 * hubble_inflation * planck_mass**2 / (8 * math.pi)
    constant = 12 * decay_rate / (math.pi**2 * g) * inflaton
    return np.asarray((constant * (scale**-1.5 - scale**-4)) ** 0.25)


def reheating_temperature(*, decay_rate: float, planck_mass: float, g: float) -> float:
    """T at H = Gamma with radiation alone, Eq. H.6. ValueError for values that are not positive."""
    _positive(decay_rate, planck_mass, g)
    return (45 / (4 * math.pi**3 * g)) ** 0.25 * math.sqrt(decay_rate * planck_mass)


def maximum_over_reheating_temperature(*, decay_rate: float, hubble_inflation: float) -> float:
    """T_max/T_rh = .6104 (H_I/Gamma)^(1/4), Eq. H.8. ValueError for values not positive."""
    _positive(decay_rate, hubble_inflation)
    # (5/8)(3/8)^(3/5) of the bracket at A_HOTTEST, and (12 * 3/8)/(45/4) of the constants.
    return (0.4 * 5 / 8 * (3 / 8) ** 0.6 * hubble_inflation / decay_rate) ** 0.25


def _positive(*values: float) -> None:
    for value in values:
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"rates, masses and g must be finite and positive, not {value}")
