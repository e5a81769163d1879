"""The conductivity of the photon plasma, from the scattering of its electrons.

Photons drag an electron with the force (4/3) sigma_T rho_gamma per velocity. A steady electric
field then drives the current sigma E with (Choi, Kim, Sekiguchi, PRL 121, 031102 (2018), Eq. 11)

    sigma_phys = n_e e^2/((4/3) sigma_T rho_gamma)
               = (135 zeta(3)/(e^2 pi^3)) (m_e^2/T) (n_e/n_gamma),   e^2 = 4 pi alpha,

and the conformal conductivity, which multiplies the comoving E in the field equations, is sigma = a
sigma_phys. n_e counts e+ and e-. Eq. 11 holds for T << m_e and as long as photons are the main
friction. Collisions among charges, which it leaves out, lower sigma. By Spitzer's rate (L. Spitzer,
Physics of Fully Ionized Gases (1962)) protons slow electrons about 0.4 times as strongly as photons
do at 200 eV and as strongly near 140 eV, for n_e/n_gamma = 6e-10. e+ slow e- about 0.3 times as
strongly at 50 keV and twice at 100 keV, where sigma is too large by a factor of a few.

At T = 323 keV thermal pairs make Eq. 11 as large as the conductivity of relativistic charges, which
collisions among them limit (`relativistic`). Above, Eq. 11 falls as T^-1 and sigma really grows as
T. So `thomson_thermal` takes the larger of the two from `T_COLLISIONS_EV` on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt
from scipy.special import zeta

from darklat.physics.thermal import history, relativistic
from darklat.physics.units import ELECTRON_MASS_EV, EV_PER_GEV, FINE_STRUCTURE, time_unit_inverse_eV

Array = npt.NDArray[np.float64]

T_COULOMB_EV, T_PAIRS_EV = 200.0, 20e3
"""Range of temperatures, Eq. 10, in which Eq. 11 holds with a constant n_e/n_gamma."""

T_COLLISIONS_EV = 200e3
"""Above, sigma is not smaller than that of relativistic charges. Both agree at 323 keV."""

NON_RELATIVISTIC = 0.1
"""T/m_e above which Eq. 11 is warned about. There the cross section of a photon of energy 3 T is
two thirds of Thomson's (Klein and Nishina)."""

KINDS = ("zero", "constant", "thomson", "thomson_thermal")
THOMSON = ("thomson", "thomson_thermal")


@dataclass(frozen=True)
class Conductivity:
    """sigma as a function of the scale factor. One of `KINDS`:

    zero             no current: a vacuum.
    constant         `value`, in 1/tau_osc, at all times.
    thomson          Eq. 11 with a constant n_e/n_gamma and T = T_osc/a, as in the paper.
    thomson_thermal  Eq. 11 with T(a) and n_e(T) through the annihilation of e+ e- (see `history`),
                     and before it that of a relativistic plasma (see `relativistic`).

    Raises ValueError for an unknown kind, and for a value or ratio that is negative or not finite.
    Raises it for a Thomson kind without a positive mass and condition.
    """

    kind: str
    value: float = 0.0
    """sigma of kind constant, 1/tau_osc."""
    electrons_per_photon: float = 6e-10
    """n_e/n_gamma of the electrons that neutralise baryons, after the annihilation."""
    mass_eV: float | None = None
    """Mass of the ALP: with the next, the unit of time and T_osc. Thomson kinds need both."""
    oscillation_condition: float | None = None
    """c of c H = m at a_osc."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"conductivity {self.kind!r} is unknown; use one of {', '.join(KINDS)}"
            )
        numbers = {"value": self.value, "electrons_per_photon": self.electrons_per_photon}
        for name, number in numbers.items():
            if not (number >= 0 and math.isfinite(number)):
                raise ValueError(f"{name} must be finite and not negative, not {number}")
        if self.kind in THOMSON:
            needed = {
                "mass_eV": self.mass_eV,
                "oscillation_condition": self.oscillation_condition,
            }
            for name, positive in needed.items():
                if positive is None or not (positive > 0 and math.isfinite(positive)):
                    raise ValueError(f"conductivity {self.kind} needs {name} > 0, not {positive}")

    @overload
    def at(self, a: float) -> float: ...
    @overload
    def at(self, a: Array) -> Array: ...
    def at(self, a: float | Array) -> float | Array:
        """sigma(a) in 1/tau_osc, with a in a_osc, in the shape of a.

        Raises ValueError for Thomson kinds where a is not positive, and for thomson_thermal where
        T is above `relativistic.T_ELECTROWEAK_EV`.
        """
        if self.kind in THOMSON:
            sigma = a * self._physical_eV(a) * time_unit_inverse_eV(**self._history)
        else:
            sigma = np.full(np.shape(a), self.value if self.kind == "constant" else 0.0)
        return sigma if isinstance(a, np.ndarray) else float(sigma)

    def temperature_eV(self, a: npt.ArrayLike) -> Array:
        """T(a) in eV of the kind's history. Raises ValueError for a kind that has none."""
        if self.kind == "thomson":
            return history.paper_temperature_eV(a, **self._history)
        if self.kind == "thomson_thermal":
            return history.temperature_eV(a, **self._history)
        raise ValueError(f"conductivity {self.kind} does not depend on the temperature")

    def _physical_eV(self, a: float | Array) -> Array:
        T = self.temperature_eV(a)
        if self.kind == "thomson":
            return thomson_eV(T_eV=T, electrons_per_photon=self.electrons_per_photon)
        if np.any(T > relativistic.T_ELECTROWEAK_EV):
            raise ValueError(
                f"the temperature at a = {np.min(np.asarray(a)):.3g} is "
                f"{np.max(T) / EV_PER_GEV:.3g} GeV, and the conductivity of the photon's plasma is "
                f"known up to {relativistic.T_ELECTROWEAK_EV / EV_PER_GEV:g} GeV"
            )
        electrons = history.electrons_per_photon(
            np.minimum(T, history.T_MAX_EV), after_annihilation=self.electrons_per_photon
        )
        cold = thomson_eV(T_eV=T, electrons_per_photon=electrons)
        hot = relativistic.conductivity_eV(T)
        return np.where(T > T_COLLISIONS_EV, np.maximum(cold, hot), cold)

    @property
    def _history(self) -> dict[str, float]:
        assert self.mass_eV is not None and self.oscillation_condition is not None
        return {"mass_eV": self.mass_eV, "oscillation_condition": self.oscillation_condition}


def thomson_eV(*, T_eV: npt.ArrayLike, electrons_per_photon: npt.ArrayLike) -> Array:
    """sigma_phys of Eq. 11 in eV (see the module), elementwise."""
    ratio, T = np.asarray(electrons_per_photon), np.asarray(T_eV)
    # 135 zeta(3)/(e^2 pi^3)
    factor = 135 * zeta(3) / (4 * math.pi * FINE_STRUCTURE * math.pi**3)
    return np.asarray(factor * ELECTRON_MASS_EV**2 / T * ratio)


def warnings(conductivity: Conductivity, *, a_start: float, a_end: float) -> list[str]:
    """Where T leaves the range in which the formula holds between two scale factors (in a_osc).

    One line each, with the numbers and the remedy; none for kinds without a temperature. Raises
    ValueError as `Conductivity.at`.
    """
    if conductivity.kind not in THOMSON:
        return []
    hot, cold = (float(conductivity.temperature_eV(a)) for a in (a_start, a_end))
    found = []
    if conductivity.kind == "thomson" and hot > T_PAIRS_EV:
        found.append(_too_many_pairs(conductivity, a_start=a_start, T_eV=hot))
    if hot > NON_RELATIVISTIC * ELECTRON_MASS_EV:
        found.append(_relativistic(conductivity.kind, a_start=a_start, T_eV=hot))
    if cold < T_COULOMB_EV:
        found.append(
            f"conductivity: T = {cold:.3g} eV at a = {a_end:.4g}, but Eq. 11 holds down to "
            f"{T_COULOMB_EV:g} eV: below, protons slow electrons as photons do, and sigma is "
            f"smaller. Check that b is constant from a = {a_end * cold / T_COULOMB_EV:.3g} on, or "
            f"end the run there."
        )
    return found


def _too_many_pairs(conductivity: Conductivity, *, a_start: float, T_eV: float) -> str:
    pairs = float(history.pairs_per_photon(min(T_eV, history.T_MAX_EV)))
    ratio = conductivity.electrons_per_photon
    a_cold = a_start * T_eV / T_PAIRS_EV
    known = T_eV < relativistic.T_ELECTROWEAK_EV
    other = "thomson_thermal" if known else "constant (thomson_thermal does not go so far back)"
    return (
        f"conductivity: T = {T_eV / 1e3:.3g} keV at a = {a_start:.4g}, where thermal pairs bring "
        f"n_e/n_gamma to {pairs:.2g}; the constant {ratio:.3g} of kind thomson holds below "
        f"{T_PAIRS_EV / 1e3:g} keV, after a = {a_cold:.3g}, and makes sigma too small before. Use "
        f"kind {other}, or keep this one to repeat the paper."
    )


def _relativistic(kind: str, *, a_start: float, T_eV: float) -> str:
    share = T_eV / ELECTRON_MASS_EV
    a_cold = a_start * share / NON_RELATIVISTIC
    begin = f"conductivity: T/m_e = {share:.2g} at a = {a_start:.4g}"
    if kind == "thomson_thermal" and T_eV > T_COLLISIONS_EV:
        a_hot = a_start * T_eV / T_COLLISIONS_EV
        return (
            f"{begin}, and up to about a = {a_hot:.2g} sigma is the leading logarithm of a "
            f"relativistic plasma, right to a factor of two or so; from there to about a = "
            f"{a_cold:.2g}, where Eq. 11 begins to hold, it is right in order of magnitude. Check "
            f"that b does not change when the run starts later."
        )
    return (
        f"{begin}, but Eq. 11 is for electrons at "
        f"T << m_e; up to about a = {a_cold:.2g} sigma is right in order of magnitude only. Start "
        f"later, or check that b does not change when the run starts there."
    )
