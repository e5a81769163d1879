"""The numbers behind the figures of a dark photon in its plasma, without any drawing.

Figures of A. Arvanitaki et al., "Dark QED from Inflation". Frequencies and wave numbers are in
units of the plasma frequency.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from darklat.analysis import files
from darklat.physics import dispersion, primordial_field, warm_dispersion
from darklat.physics.permittivity import Juttner, SingleVelocity, mass_ratio

Array = npt.NDArray[np.float64]

MASSES = (0.3, 1.5)
"""m/omega_p of the panels of Fig. 13."""

WARM_MASS = 0.3
VELOCITIES = (0.1, 0.7)
"""m/omega_p, and v_* of the panels, of Fig. 14."""


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

    velocity: float
    debye: float
    k: Array
    slow: Array
    """Real, of one velocity v_*: Eq. D.12a."""
    fast: Array
    rate: Array
    """-Im omega of the slow branch by Eq. D.12b."""
    slow_exact: npt.NDArray[np.complex128]
    """Root of the permittivity of the thermal plasma with that v_*."""
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


def cold_branches(mass: float) -> ColdBranches:
    """Both branches without collisions, to k = 3 omega_p."""
    k = np.linspace(0.0, 3.0, 301)
    roots = dispersion.dispersion(k, omega_p=1.0, mass=mass).real
    return ColdBranches(mass, k, roots[:, dispersion.SLOW], roots[:, dispersion.FAST])


def warm_branches(velocity: float) -> WarmBranches:
    """Both branches from k = 0.03 omega_p to twice the Debye wave number."""
    plasma = Juttner(1.0, mass_ratio(velocity))
    model = SingleVelocity(1.0, velocity)
    k = np.geomspace(0.03, 2 * plasma.debye, 161)
    slow = warm_dispersion.slow_branch(k, plasma=model, mass=WARM_MASS).real
    # Where omega = v k to rounding the rate of the model has no meaning any more.
    off_line = slow > velocity * k * (1 + 1e-9)
    rate = np.full(k.shape, np.nan)
    rate[off_line] = -warm_dispersion.landau_rate(
        k[off_line], slow[off_line], plasma=plasma, mass=WARM_MASS
    )
    return WarmBranches(
        velocity=velocity,
        debye=plasma.debye,
        k=k,
        slow=slow,
        fast=warm_dispersion.fast_branch(k, plasma=model, mass=WARM_MASS),
        rate=rate,
        slow_exact=warm_dispersion.slow_branch(k, plasma=plasma, mass=WARM_MASS),
        fast_exact=warm_dispersion.fast_branch(k, plasma=plasma, mass=WARM_MASS),
    )


def primordial(*, sites: int = 80, box: float = 12.0, seed: int = 3) -> PrimordialField:
    """The spectrum from x = 0.03 to 30, and a slice of `box`/H with `sites` points a side."""
    x = np.geomspace(0.03, 30.0, 1201)
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
        columns[f"omega_slow m={panel.mass:g} [omega_p]"] = panel.slow
        columns[f"omega_fast m={panel.mass:g} [omega_p]"] = panel.fast
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


def write_csv(path: Path, columns: dict[str, Array]) -> None:
    """A header of names with units, then the values as the shortest text that reads back as they
    are. Raises OSError; the file is whole or as it was before."""
    rows = np.column_stack(list(columns.values()))
    lines = [",".join(columns), *(",".join(repr(float(v)) for v in row) for row in rows)]
    files.replace(path, "\n".join(lines) + "\n")
