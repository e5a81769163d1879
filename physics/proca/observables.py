"""Currents and energies of modes of a massive dark photon in a plasma.

Notation and units as in `modes`: m = 1, a_* = 1, A = 1 at a_start. The energy densities are
physical ones of a single mode. Fig. 16, lower panel, and Table 1 of Arvanitaki et al., Dark QED
from Inflation, have them. The mass term of A_0 belongs to them; Table 1 leaves it out. From the
stress tensor of a Proca field and (1/2) n m_psi u^2 summed over the charges,

    rho = E^2/(2 a^4) + k^2 A_T^2/(2 a^4) + m^2 A^2/(2 a^2) + m^2 P^2/(2 a^6)
        + omega_p^2 v^2/(2 a^2),

and the equations of motion give its balance, with ' = d/da,

    rho' = -(4 electric + 4 magnetic + 2 mass_space + 6 mass_time + 2 plasma)/a
         - 4 a nu plasma + (ln omega_p^2)' plasma.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from darklat.physics.proca.modes import ProcaModes

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ModeEnergies:
    """Energy densities of modes, arrays (len(k), len(a)), in m^2 A(a_start)^2/a_*^2."""

    electric: Array
    """E_phys^2/2 with E_phys = E/a^2."""
    magnetic: Array
    """B_phys^2/2; zero for longitudinal modes."""
    mass_space: Array
    """m^2 A_i A_i/(2 a^2): rho_A of Table 1, with the 1/2 its ratios use."""
    mass_time: Array
    """m^2 A_0^2/2; zero for transverse modes."""
    plasma: Array
    """Kinetic energy of the charges in the motion of the mode: rho_u of Table 1."""

    @property
    def total(self) -> Array:
        """Sum of all five."""
        field = self.electric + self.magnetic + self.mass_space + self.mass_time
        return np.asarray(field + self.plasma)


def current(*, v: npt.ArrayLike, omega_p: npt.ArrayLike) -> Array:
    """J_i = -omega_p^2 v, covariant and comoving as A_i is; broadcast together."""
    return np.asarray(-np.square(omega_p) * np.asarray(v), dtype=np.float64)


def charge_density(*, q: npt.ArrayLike, a: npt.ArrayLike) -> Array:
    """j0 = q/a^3 of J_0 = i j0: the physical charge density. Broadcast together."""
    return np.asarray(np.asarray(q) / np.power(a, 3), dtype=np.float64)


def mode_energies(modes: ProcaModes) -> ModeEnergies:
    """The five energy densities of every mode at every a."""
    k, a = modes.k[:, None], modes.a
    longitudinal = modes.polarisation == "longitudinal"
    nothing = np.zeros_like(modes.A)
    return ModeEnergies(
        electric=modes.E**2 / (2 * a**4),
        magnetic=nothing if longitudinal else k**2 * modes.A**2 / (2 * a**4),
        mass_space=modes.A**2 / (2 * a**2),
        mass_time=modes.P**2 / (2 * a**6) if longitudinal else nothing,
        plasma=(modes.omega_p * modes.v) ** 2 / (2 * a**2),
    )
