"""The numbers behind the figures of a dark photon's waves and primordial field, without drawing.

Figs. 3, 13 and 14 of A. Arvanitaki et al., "Dark QED from Inflation"; `mode_data` has the rest.
Frequencies and wave numbers are in units of the plasma frequency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from darklat.physics.proca import primordial_field
from darklat.physics.waves import dispersion, warm_dispersion
from darklat.physics.waves.permittivity import Juttner, SingleVelocity, mass_ratio

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColdBranches:
    """One panel of Fig. 13; frequencies over k, both in omega_p."""

    mass: float
    k: Array
    slow: Array
    fast: Array


@dataclass(frozen=True)
class WarmBranches:
    """One panel of Fig. 14; frequencies and rates over k, all in omega_p."""

    mass: float
    velocity: float
    debye: float
    k: Array
    slow: Array
    """Real, of one velocity v_*: Eq. D.12a."""
    fast: Array
    rate: Array
    """-Im omega of the slow branch by Eq. D.12b."""
    slow_exact: npt.NDArray[np.complex128]
    """Root of the permittivity of the thermal plasma with this v_*."""
    fast_exact: Array


@dataclass(frozen=True)
class PrimordialField:
    """Fig. 3: the spectrum over x = k/(aH), and a realisation; fields in m H_I/(2 pi)."""

    x: Array
    exact: Array
    paper: Array
    position: Array
    """Of the points along both axes of the slice, in 1/H."""
    field: Array
    """[3, points, points]."""


def cold_branches(mass: float, *, k_max: float = 3.0, points: int = 301) -> ColdBranches:
    """Both branches without collisions, from k = 0 to k_max. Raises as `dispersion.dispersion`."""
    k = np.linspace(0.0, k_max, points)
    roots = dispersion.dispersion(k, omega_p=1.0, mass=mass).real
    return ColdBranches(mass, k, roots[:, dispersion.SLOW], roots[:, dispersion.FAST])


def warm_branches(
    velocity: float,
    *,
    mass: float = 0.3,
    k_min: float = 0.03,
    k_max_over_debye: float = 2.0,
    points: int = 161,
) -> WarmBranches:
    """Both branches for v_* = velocity, from k_min (in omega_p) to k_max_over_debye k_D.

    Raises ValueError for a velocity that no thermal plasma has, a k_min above the last k, and as
    `warm_dispersion.slow_branch` where there is no slow wave.
    """
    plasma = Juttner(1.0, mass_ratio(velocity))
    model = SingleVelocity(1.0, velocity)
    k_max = k_max_over_debye * plasma.debye
    if k_min >= k_max:
        raise ValueError(
            f"k_min = {k_min:g} is not below the last k, {k_max_over_debye:g} k_D = {k_max:g} for "
            f"v_* = {velocity:g}"
        )
    k = np.geomspace(k_min, k_max, points)
    slow = warm_dispersion.slow_branch(k, plasma=model, mass=mass).real
    # Where omega = v k or k to rounding the rate of the model has no meaning any more.
    off_line = (slow > velocity * k * (1 + 1e-9)) & (slow < k)
    rate = np.full(k.shape, np.nan)
    rate[off_line] = -warm_dispersion.landau_rate(
        k[off_line], slow[off_line], plasma=plasma, mass=mass
    )
    return WarmBranches(
        mass=mass,
        velocity=velocity,
        debye=plasma.debye,
        k=k,
        slow=slow,
        fast=warm_dispersion.fast_branch(k, plasma=model, mass=mass),
        rate=rate,
        slow_exact=warm_dispersion.slow_branch(k, plasma=plasma, mass=mass),
        fast_exact=warm_dispersion.fast_branch(k, plasma=plasma, mass=mass),
    )


def primordial(
    *,
    sites: int = 80,
    box: float = 12.0,
    seed: int = 3,
    x_min: float = 0.03,
    x_max: float = 30.0,
    points: int = 1201,
) -> PrimordialField:
    """The spectrum from x_min to x_max, and a slice of `box`/H with `sites` points a side."""
    x = np.geomspace(x_min, x_max, points)
    return PrimordialField(
        x=x,
        exact=primordial_field.electric_spectrum(x),
        paper=primordial_field.electric_spectrum_of_paper(x),
        position=box / sites * np.arange(sites, dtype=np.float64),
        field=primordial_field.random_field(sites=sites, box=box, seed=seed),
    )


# ---- As tables ----


def cold_table(panels: list[ColdBranches]) -> dict[str, Array]:
    """Columns by their names with units."""
    columns = {"k [omega_p]": panels[0].k}
    for panel in panels:
        # Short where that is exact, so that no two masses have one name.
        mass = f"{panel.mass:g}" if float(f"{panel.mass:g}") == panel.mass else repr(panel.mass)
        columns[f"omega_slow m={mass} [omega_p]"] = panel.slow
        columns[f"omega_fast m={mass} [omega_p]"] = panel.fast
    return columns


def warm_table(panels: list[WarmBranches]) -> dict[str, Array]:
    """One row per velocity and k; rates that the model does not have are nan."""
    return {
        "v_star [1]": np.concatenate([np.full(p.k.shape, p.velocity) for p in panels]),
        "k [omega_p]": np.concatenate([p.k for p in panels]),
        "k/k_D [1]": np.concatenate([p.k / p.debye for p in panels]),
        "omega_slow D.12a [omega_p]": np.concatenate([p.slow for p in panels]),
        "omega_fast D.12a [omega_p]": np.concatenate([p.fast for p in panels]),
        "-Im omega_slow D.12b [omega_p]": np.concatenate([p.rate for p in panels]),
        "omega_slow thermal [omega_p]": np.concatenate([p.slow_exact.real for p in panels]),
        "omega_fast thermal [omega_p]": np.concatenate([p.fast_exact for p in panels]),
        "-Im omega_slow thermal [omega_p]": np.concatenate([-p.slow_exact.imag for p in panels]),
    }


def spectrum_table(data: PrimordialField) -> dict[str, Array]:
    """The left panel of Fig. 3."""
    unit = "[(m H_I/2pi)^2]"
    return {
        "k/(aH) [1]": data.x,
        f"P_E exact {unit}": data.exact,
        f"P_E Eq. A.9 {unit}": data.paper,
    }


def field_table(data: PrimordialField) -> dict[str, Array]:
    """The right panel of Fig. 3: one row per point, x slowest."""
    x, y = np.meshgrid(data.position, data.position, indexing="ij")
    columns = {"x [1/H]": x.ravel(), "y [1/H]": y.ravel()}
    for name, component in zip("xyz", data.field, strict=True):
        columns[f"E_{name} [m H_I/2pi]"] = component.ravel()
    return columns
