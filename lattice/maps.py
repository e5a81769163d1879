"""Maps of a moment: slices of all fields, and projections and histograms of theta and densities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from darklat.kernels.ranks import Ranks
from darklat.lattice.lattice import Lattice
from darklat.lattice.shared import mean
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
    ranks = lattice.backend.ranks

    def slice_of(values: np.ndarray) -> np.ndarray:
        return ranks.all_planes(values[:, :, 0].copy())

    found: dict[str, Described] = {}
    for sector in lattice.sectors:
        for name, own in sector.snapshot(a).items():
            units = unit(own.units)
            found[f"slice/{name}"] = replace(own, values=slice_of(own.values), units=units)
            if name == "theta":
                found |= _of_a_site_field(replace(own, units=units), name, ranks, logarithmic=False)
        for letter, rho in sector.density_on_sites(a).items():
            name = f"rho_{letter}"
            own = Placed(rho, unit("f^2/tau_osc^2"), f"energy density of {letter} at the sites")
            found[f"slice/{name}"] = replace(own, values=slice_of(rho))
            found |= _of_a_site_field(own, name, ranks, logarithmic=True)
    return found


def _of_a_site_field(
    own: Placed, name: str, ranks: Ranks, *, logarithmic: bool
) -> dict[str, Described]:
    """The projection and, where there is a value other than zero, the histogram."""
    along = f"{own.description}, mean along z"
    found: dict[str, Described] = {
        f"projection/{name}": replace(
            own, values=ranks.all_planes(own.values.mean(axis=2)), description=along
        )
    }
    values, units, of = own.values, own.units, own.description
    if logarithmic:
        over = mean(values, ranks) or 1.0
        values, units, of = values[values > 0] / over, "1", f"{of}, over its mean"
    low, high = _range(np.log(values) if logarithmic else values, ranks)
    if low > high:  # there is no value
        return found
    edges = _edges(low, high)
    if logarithmic:
        edges = np.exp(edges)
    # the outermost edges are values themselves, up to rounding of their logarithms
    inside = np.clip(np.searchsorted(edges, values.ravel(), side="right") - 1, 0, BINS - 1)
    counts = np.sum(ranks.gather(np.bincount(inside, minlength=BINS)), axis=0)
    found[f"histogram/{name}/edges"] = Described(edges, units, f"edges of the bins: {of}")
    found[f"histogram/{name}/counts"] = Described(counts, "1", "number of sites in the bin")
    return found


def _range(values: np.ndarray, ranks: Ranks) -> tuple[float, float]:
    """The smallest and the largest value on all ranks."""
    own = [-values.min(), values.max()] if values.size else [-np.inf, -np.inf]
    below, high = ranks.largest(own)
    return -float(below), float(high)


def _edges(low: float, high: float) -> np.ndarray:
    """Of equal bins from the smallest to the largest value."""
    scale = max(abs(low), abs(high), 1.0)
    if high - low < _NARROW * scale:
        low, high = low - 0.5 * scale, high + 0.5 * scale
    return np.linspace(low, high, BINS + 1)
