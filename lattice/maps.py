"""Maps of a moment: slices of all fields, and projections and histograms of theta and densities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from darklat.lattice.lattice import Lattice
from darklat.physics.quantities import Described, Placed
from darklat.physics.units import UnitNames

BINS = 128
_NARROW = 1e-9  # a range below this share of the values is rounding, and has no bins of its own


def maps(lattice: Lattice, a: float, unit: UnitNames) -> dict[str, Described]:
    """At scale factor a, by path: slice/<name> [x, y] of every array of a snapshot and of the
    densities rho_<field>, at index 0 of z. projection/<name> [x, y], the mean along z, and
    histogram/<name>/edges, /counts of theta and of the densities. The bins of a density are equal
    in the logarithm of the density over its mean."""
    lattice.update_electric()
    found: dict[str, Described] = {}
    for sector in lattice.sectors:
        for name, own in sector.snapshot(a).items():
            units = unit(own.units)
            found[f"slice/{name}"] = replace(own, values=own.values[:, :, 0].copy(), units=units)
            if name == "theta":
                found |= _of_a_site_field(replace(own, units=units), name, logarithmic=False)
        for letter, rho in sector.density_on_sites(a).items():
            name = f"rho_{letter}"
            own = Placed(rho, unit("f^2/tau_osc^2"), f"energy density of {letter} at the sites")
            found[f"slice/{name}"] = replace(own, values=rho[:, :, 0].copy())
            found |= _of_a_site_field(own, name, logarithmic=True)
    return found


def _of_a_site_field(own: Placed, name: str, *, logarithmic: bool) -> dict[str, Described]:
    """The projection and, where there is a value other than zero, the histogram."""
    along = f"{own.description}, mean along z"
    found: dict[str, Described] = {
        f"projection/{name}": replace(own, values=own.values.mean(axis=2), description=along)
    }
    values, units, of = own.values, own.units, own.description
    if logarithmic:
        mean = values.mean()
        values, units, of = values[values > 0] / (mean or 1.0), "1", f"{of}, over its mean"
    if values.size == 0:
        return found
    edges = _edges(np.log(values) if logarithmic else values)
    if logarithmic:
        edges = np.exp(edges)
    # the outermost edges are values themselves, up to rounding of their logarithms
    inside = np.clip(np.searchsorted(edges, values.ravel(), side="right") - 1, 0, BINS - 1)
    counts = np.bincount(inside, minlength=BINS)
    found[f"histogram/{name}/edges"] = Described(edges, units, f"edges of the bins: {of}")
    found[f"histogram/{name}/counts"] = Described(counts, "1", "number of sites in the bin")
    return found


def _edges(values: np.ndarray) -> np.ndarray:
    """Of equal bins from the smallest to the largest value."""
    low, high = float(values.min()), float(values.max())
    scale = max(abs(low), abs(high), 1.0)
    if high - low < _NARROW * scale:
        low, high = low - 0.5 * scale, high + 0.5 * scale
    return np.linspace(low, high, BINS + 1)
