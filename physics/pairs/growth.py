"""A model of the plasma that a dark electric field makes of itself.

Not a result of the paper but its estimates put together (A. Arvanitaki et al., "Dark QED from
Inflation", Sec. 3.2.1-3.2.2, E.1, E.2), for lattices that need a local source of omega_p^2:

- n charges of both signs, of energy w = (m_psi^2 + (e E/H)^2)^(1/2), have omega_p^2 = e^2 n/w;
- Schwinger's effect makes two charges per pair, 2 W_S(E) per volume and time;
- in the cascade a charge radiates at W_rad(chi of w), a photon makes a pair at W_pair(chi of its
  energy), one after the other: n grows at Gamma = 2/(1/W_rad + 1/W_pair);
- both stop as n reaches n_scr = |E| H/e, at which the field is screened, by the factor 1 - n/n_scr.

    d(omega_p^2)/dt = [2 e^2 W_S/w + Gamma omega_p^2] max(0, 1 - omega_p^2/omega_scr^2),
    omega_scr^2 = e H |E|/w, which is H^2 where e E >> m_psi H.

Left out is dilution by the expansion, -3 H omega_p^2 and the change of w; the caller adds it. Left
out are the angle between photons and field, annihilation, and everything that makes more charges
than screening.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from darklat.physics.pairs import strong_fields

Array = npt.NDArray[np.float64]


def screening_frequency_squared(
    electric: npt.ArrayLike, *, hubble: float, fermion_mass: float, charge: float
) -> Array:
    """omega_p^2 at the screening density, e H |E|/w, in the shape of `electric`.

    H^2 for accelerated charges: Sec. 3.2.2 prints omega_p^2 ~ H, E.2 omega_p ~ H. ValueError for
    values that are not positive.
    """
    density = strong_fields.screening_density(electric, hubble=hubble, charge=charge)
    energy = strong_fields.accelerated_energy(
        electric, hubble=hubble, fermion_mass=fermion_mass, charge=charge
    )
    return charge**2 * density / energy


def cascade_rate(
    electric: npt.ArrayLike,
    *,
    hubble: float,
    photon_energy: float,
    fermion_mass: float,
    charge: float,
) -> Array:
    """Gamma of the model, per time, in the shape of `electric`; zero where there is no field.

    `photon_energy` is the energy of the radiated photons; E.1 takes H. ValueError for values that
    are not positive.
    """
    matter = {"fermion_mass": fermion_mass, "charge": charge}
    energy = strong_fields.accelerated_energy(electric, hubble=hubble, **matter)
    per_energy = strong_fields.chi(electric, energy=1.0, **matter)
    one = {"energy": 1.0, **matter}
    radiated = strong_fields.emission_rate(per_energy * energy, **one) / energy
    paired = strong_fields.pair_rate(per_energy * photon_energy, **one) / photon_energy
    both = radiated + paired
    return 2 * radiated * paired / np.where(both > 0, both, 1.0)


def plasma_growth(
    omega_p_squared: npt.ArrayLike,
    electric: npt.ArrayLike,
    *,
    hubble: float,
    photon_energy: float,
    fermion_mass: float,
    charge: float,
) -> Array:
    """d(omega_p^2)/dt of the model, cosmic time, in the common shape of the first two arguments.

    All physical, in powers of one unit of energy; E is the magnitude of the field, its sign does
    not matter. Never negative. Raises ValueError for a negative omega_p_squared and for hubble,
    photon_energy, fermion_mass or charge that are not positive.
    """
    present = _present(omega_p_squared)
    matter = {"fermion_mass": fermion_mass, "charge": charge}
    source, seeded, most = _rates(electric, hubble=hubble, photon_energy=photon_energy, **matter)
    room = np.where(most > present, 1 - present / np.where(most > 0, most, 1.0), 0.0)
    return np.asarray((source + seeded * present) * room)


def grown_plasma(
    omega_p_squared: npt.ArrayLike,
    electric: npt.ArrayLike,
    *,
    duration: float,
    hubble: float,
    photon_energy: float,
    fermion_mass: float,
    charge: float,
) -> Array:
    """omega_p^2 after a cosmic time `duration` of `plasma_growth` at constant E and H.

    The solution in closed form, whatever the rates times the duration are. With y = omega_p^2 and
    y_s = omega_scr^2, y' = (S + Gamma y)(1 - y/y_s). The ratio (S + Gamma y)/(y_s - y) grows as
    exp[(Gamma + S/y_s) t]. The other arguments, shape and errors as there.
    """
    present = _present(omega_p_squared)
    source, seeded, most = _rates(
        electric,
        hubble=hubble,
        photon_energy=photon_energy,
        fermion_mass=fermion_mass,
        charge=charge,
    )
    rate = seeded + source / np.where(most > 0, most, 1.0)
    room, made = np.maximum(most - present, 0.0), source + seeded * present
    total = made + seeded * room * np.exp(-rate * duration)
    growth = made * room * -np.expm1(-rate * duration) / np.where(total > 0, total, 1.0)
    return np.asarray(present + growth)


def _present(omega_p_squared: npt.ArrayLike) -> Array:
    present = np.asarray(omega_p_squared, dtype=np.float64)
    if not np.all((present >= 0) & np.isfinite(present)):
        raise ValueError("omega_p_squared must be finite and not negative")
    return present


def _rates(
    electric: npt.ArrayLike,
    *,
    hubble: float,
    photon_energy: float,
    fermion_mass: float,
    charge: float,
) -> tuple[Array, Array, Array]:
    """The model's S (of omega_p^2), Gamma and omega_scr^2."""
    matter = {"fermion_mass": fermion_mass, "charge": charge}
    energy = strong_fields.accelerated_energy(electric, hubble=hubble, **matter)
    pairs = strong_fields.schwinger_rate(electric, **matter)
    seeded = cascade_rate(electric, hubble=hubble, photon_energy=photon_energy, **matter)
    most = screening_frequency_squared(electric, hubble=hubble, **matter)
    return 2 * charge**2 * pairs / energy, seeded, most
