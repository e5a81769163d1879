"""The numbers behind the figures of evolving longitudinal modes, without any drawing.

Figs. 2 and 16 of A. Arvanitaki et al., "Dark QED from Inflation". Units of `physics.proca`: m = 1
and a_* = 1, where H = m; k is in k_* = a_* m.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics import proca
from darklat.physics.proca.systems import Plasma

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EnergyTracks:
    """Part of Fig. 2: the energy of modes over time; arrays (len(k), len(a))."""

    k: Array
    a: Array
    density: Array
    """d rho/d ln k in (m H_I/2pi)^2, for the power (k H_I/2pi m)^2 of A that inflation leaves."""
    index: Array
    """n in rho ~ a^-n, the mean over an octave of a (less at the ends)."""


@dataclass(frozen=True)
class ScreenedModes:
    """Fig. 16: fields, currents and energies; arrays (len(k), len(a)) or (len(a),)."""

    modes: proca.ProcaModes
    E: Array
    """Electric field that a comoving observer sees, in E_vac = m H_I/2pi."""
    energies: dict[str, Array]
    """rho_E, rho_A (of A_3), rho_A0 and rho_u, in E_vac^2/2."""
    hubble: Array
    """H in m."""
    bound: Array
    """(H/omega_p)^2, the paper's cap on rho_u in these units; inf where omega_p = 0."""
    decay: list[float | None]
    """Scale factor at which each mode decays, after Hubble entry; None where it does not."""


def check_history(history: proca.History, *, a: Array) -> None:
    """Raise ValueError where omega_p or nu cannot be used between the first and the last a, or nu
    has no plasma."""
    Plasma(history.omega_p, history.nu).check(float(a[0]), float(a[-1]), a)


def energy_tracks(k: npt.ArrayLike, *, history: proca.History, a: Array) -> EnergyTracks:
    """Modes k (in k_*) with A = 1 at a[0], where they start. Raises as `proca.evolve_modes`."""
    modes = _evolve(k, history, a)
    density = modes.k[:, None] ** 2 * proca.mode_energies(modes).total
    return EnergyTracks(modes.k, a, density, dilution_index(a, density))


def dilution_index(a: Array, density: Array, *, window: float = 2.0) -> Array:
    """-d ln rho/d ln a between a/sqrt(window) and a sqrt(window), or the ends of a where they are
    nearer; shape of density, (modes, len(a)). The window averages over oscillations."""
    log_a, half = np.log(a), math.log(window) / 2
    before = np.clip(log_a - half, log_a[0], log_a[-1])
    after = np.clip(log_a + half, log_a[0], log_a[-1])
    falls = [
        np.interp(before, log_a, row) - np.interp(after, log_a, row) for row in np.log(density)
    ]
    return np.asarray(falls / (after - before))


def screened_modes(k: npt.ArrayLike, *, history: proca.History, a: Array) -> ScreenedModes:
    """Modes k (in k_*) with A = 1 at a[0], where they start. Raises as `proca.evolve_modes`."""
    modes = _evolve(k, history, a)
    vacuum = proca.electric_field_vacuum(modes.k)[:, None]
    energies, unit = proca.mode_energies(modes), vacuum**2 / 2
    hubble = a**-2.0
    with np.errstate(divide="ignore", over="ignore"):
        bound = (hubble / modes.omega_p) ** 2
    return ScreenedModes(
        modes=modes,
        E=modes.E / a**2 / vacuum,
        energies={
            "rho_E": energies.electric / unit,
            "rho_A": energies.mass_space / unit,
            "rho_A0": energies.mass_time / unit,
            "rho_u": energies.plasma / unit,
        },
        hubble=hubble,
        bound=bound,
        decay=[_decay(float(wave), modes) for wave in modes.k],
    )


def _evolve(k: npt.ArrayLike, history: proca.History, a: Array) -> proca.ProcaModes:
    return proca.evolve_modes(k, a, omega_p=history.omega_p, nu=history.nu, a_start=float(a[0]))


def _decay(k: float, modes: proca.ProcaModes) -> float | None:
    """Where the slow mode's rate nu m^2/W^2 of Table 1 has overtaken H, after k = a H."""
    damped = modes.nu / (1 + modes.omega_p**2) >= modes.a**-2.0
    found = np.flatnonzero(damped & (modes.a * k >= 1))
    return float(modes.a[found[0]]) if found.size else None


# ---- As tables ----


def tracks_table(tracks: EnergyTracks) -> dict[str, Array]:
    """Lines of Fig. 2: one row per mode and scale factor."""
    return {
        **_rows(tracks.k, tracks.a),
        "rho per ln k [(m H_I/2pi)^2]": tracks.density.ravel(),
        "n [1]": tracks.index.ravel(),
    }


def map_table(tracks: EnergyTracks) -> dict[str, Array]:
    """Colours of Fig. 2: n of rho ~ a^-n, one row per mode and scale factor."""
    return {**_rows(tracks.k, tracks.a), "n [1]": tracks.index.ravel()}


def screened_table(data: ScreenedModes) -> dict[str, Array]:
    """Fig. 16: one row per mode and scale factor."""
    modes, count = data.modes, data.modes.k.size
    return {
        **_rows(modes.k, modes.a),
        "A [A_init]": modes.A.ravel(),
        "J_3 [m^2 A_init]": modes.J3.ravel(),
        "J_0 [m^2 A_init/a_*]": modes.J0.ravel(),
        "E [E_vac]": data.E.ravel(),
        "omega_p [m]": np.tile(modes.omega_p, count),
        "nu [m]": np.tile(modes.nu, count),
        "H [m]": np.tile(data.hubble, count),
        **{f"{name} [E_vac^2/2]": values.ravel() for name, values in data.energies.items()},
        "(H/omega_p)^2 [1]": np.tile(data.bound, count),
    }


def _rows(k: Array, a: Sequence[float] | Array) -> dict[str, Array]:
    waves, times = np.meshgrid(k, a, indexing="ij")
    return {"k [k_*]": waves.ravel(), "a [a_*]": times.ravel()}
