"""Dark particles from graviton exchange around reheating, beside those of inflation.

A. Arvanitaki et al., "Dark QED from Inflation", App. H.3 and H.4. Particles of the Standard Model
annihilate with <sigma v> = C T^2/m_Pl^4 (Eq. H.11) and inject T each. `reheating` of
`physics.thermal` has T(a). Energies are in GeV, m_Pl = G^(-1/2).

What the paper prints, and what follows from its own equations:

- H.15: D = 3911 pi = 12287. Printed are 1598336 pi/405 = 12398, and then 1e5.
- H.10 has 20/9 for 5/9 (see `thermal.reheating`), so H.13 is half of the energy that is injected
  before the end of reheating. In H.16 this gives a factor of 1.22.
- H.16: .93 with the rho_dark = (m H_I eta)^2/(16 pi^2) named there, .24 with that of Eq. 2.6.
- H.18: 18 for 44, and H.20: .54 for .87. Both follow from H.6 and H.17.
- H.25: 33 eta^-2 for 3.5 eta^-2 (g_s ratio left out): its last line is not its second, 9.8.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import zeta

from darklat.physics.dark_qed.bath import G_STAR_EARLY, PLANCK_MASS_GEV, check_positive
from darklat.physics.thermal import reheating

C_FERMION, C_SCALAR = 24 * math.pi / 5, 2 * math.pi / 5
"""C of Eq. H.11 for fermions and vectors, and for scalars, that become dark fermions."""

PRINTED_D = 1598336 * math.pi / 405
PRINTED_H16, PRINTED_H18, PRINTED_H20 = 0.24, 18.0, 0.54
PRINTED_H25 = 33.0

_G_DARK = 80.0  # the paper's g_s at H = m_A'
PAPER_ENERGY = 0.25
"""rho_dark of App. H, (m H_I eta)^2/(16 pi^2), over that of Eq. 2.6."""


class _Kind(NamedTuple):
    species: int
    states: int
    boson: bool
    coefficient: float


_KINDS = (
    _Kind(45, 4, False, C_FERMION),
    _Kind(12, 2, True, C_FERMION),
    _Kind(4, 4, True, C_SCALAR),
)


def standard_model_factor() -> float:
    """D of Eq. H.15: the sum of C g^2 over species, (4/3)^2 more for bosons; 1.229e4."""
    return sum(
        kind.species * kind.coefficient * kind.states**2 * ((4 / 3) ** 2 if kind.boson else 1)
        for kind in _KINDS
    )


def injected_over_dark(
    *,
    reheating_temperature_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    energy: float = 1.0,
    as_printed: bool = False,
    g_entropy_then: float = _G_DARK,
) -> float:
    """rho_injected/rho_dark at H = m_A', Eq. H.16. rho_dark is `energy` times Eq. 2.6.

    `as_printed` takes H.13 with its 20/9. The factor of T_rh^3/(H_I^2 m_Pl eta^2) is then .233.
    """
    check_positive(T_rh=reheating_temperature_gev, H_I=hubble_inflation_gev, eta=eta, energy=energy)
    scale = reheating_temperature_gev**3 / (hubble_inflation_gev**2 * PLANCK_MASS_GEV * eta**2)
    coefficient = injected_coefficient(as_printed=as_printed, g_entropy_then=g_entropy_then)
    return coefficient * scale / energy


def injected_coefficient(*, as_printed: bool = False, g_entropy_then: float = _G_DARK) -> float:
    """rho_injected/rho_dark over T_rh^3/(H_I^2 m_Pl eta^2), with Eq. 2.6; .285, printed .233.

    In units of zeta(3)^2 D T_rh^3 T_end^4/(pi^(11/2) g^(1/2) m_Pl^3): after reheating
    9 5^(1/2)/32 (Eq. H.14), before 27/(68 5^(1/2)) with the 20/9 of H.10, and twice that with 5/9.
    """
    before = 27 / (68 * math.sqrt(5)) * (1 if as_printed else 2)
    after = 9 * math.sqrt(5) / 32
    # T_end^4 = 45 m^2 m_Pl^2/(4 pi^3 g), over m^2/(4 pi^2).
    density = 45 / (4 * math.pi**3) * 4 * math.pi**2
    unit = float(zeta(3)) ** 2 * standard_model_factor() / math.pi**5.5 / G_STAR_EARLY**1.5
    return (before + after) * unit * density * (g_entropy_then / G_STAR_EARLY) ** (4 / 3)


def largest_reheating_temperature_gev(
    *, hubble_inflation_gev: float, eta: float, coefficient: float = PRINTED_H16
) -> float:
    """T_rh up to which gravitons inject less than inflation, Eq. H.17: 5.68e15 GeV for eta = 1."""
    check_positive(H_I=hubble_inflation_gev, eta=eta, coefficient=coefficient)
    return float((hubble_inflation_gev**2 * PLANCK_MASS_GEV * eta**2 / coefficient) ** (1 / 3))


def largest_decay_rate_over_hubble(
    *, hubble_inflation_gev: float, eta: float, coefficient: float = PRINTED_H16
) -> float:
    """Gamma/H_I of that T_rh, Eq. H.18: 44 eta^(4/3) (H_I/m_Pl)^(1/3), printed 18."""
    largest = largest_reheating_temperature_gev(
        hubble_inflation_gev=hubble_inflation_gev, eta=eta, coefficient=coefficient
    )
    return (largest / instantaneous_temperature_gev(hubble_inflation_gev)) ** 2


def instantaneous_temperature_gev(hubble_inflation_gev: float) -> float:
    """T_rh for Gamma = H_I, Eq. H.19: 6.5e15 GeV for H_I = 6e13 GeV."""
    return reheating.reheating_temperature(
        decay_rate=hubble_inflation_gev, planck_mass=PLANCK_MASS_GEV, g=G_STAR_EARLY
    )


def inflaton_over_dark(
    *,
    mass_inflaton_gev: float,
    decay_rate_gev: float,
    hubble_inflation_gev: float,
    eta: float,
    g_entropy_then: float = _G_DARK,
) -> float:
    """rho of vectors from inflatons over the rho_dark of App. H, Eqs. H.21, H.24 for M_X << m_phi.

    int m n_phi^2 (pi m^2/(4 m_Pl^4)) (a/a_rh)^4 dt from a = 1 with rho_phi ~ a^-3 gives
    (9 pi/8) (m_phi/H_I) (Gamma/H_I)^(2/3)/eta^2 (g ratio)^(4/3). Eq. H.25 has 33 there.
    """
    check_positive(m_phi=mass_inflaton_gev, Gamma=decay_rate_gev, H_I=hubble_inflation_gev, eta=eta)
    shares = mass_inflaton_gev / hubble_inflation_gev / eta**2
    decays = (decay_rate_gev / hubble_inflation_gev) ** (2 / 3)
    return 9 * math.pi / 8 * shares * decays * (g_entropy_then / G_STAR_EARLY) ** (4 / 3)
