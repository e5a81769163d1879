"""The marks that figures of a run have in common: unstable band, vacuum, saturation, cutoff."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import numpy as np
from matplotlib.axes import Axes

from darklat.analysis import drawing
from darklat.physics import alp, observables, spectra
from darklat.physics.mode_equations import unstable_band
from darklat.storage import inputs
from darklat.storage.read_run import Array, RunFiles, SpectrumData

_GROWN = 1e4
"""Growth of epsilon from which on there is a saturation to speak of."""

_STILL_GROWING = 0.8
"""Share of the last a: an epsilon that is within 10% of its end only from there on still grows."""


def saturation(run: RunFiles) -> float | None:
    """a at which epsilon is first within 10% of its last value, or None where it has not grown or
    not saturated."""
    epsilon, a = run.series.get("epsilon"), run.series["a"]
    if not run.config.expands or epsilon is None or not np.all(np.isfinite(epsilon)):
        return None
    if not epsilon[-1] > _GROWN * epsilon[0] >= 0:
        return None
    found = observables.a_saturation(a, epsilon)
    return None if found is None or found > _STILL_GROWING * a[-1] else found


def band_edge(run: RunFiles) -> float | None:
    """The largest k of an unstable mode between the first and the last row, in 1/tau_osc."""
    config, model = run.config, run.config.model.alp
    if model is None:
        return None
    tau = run.series["tau"]
    slope = alp.largest_slope(
        inputs.expansion(config, run.folder),
        mass=config.mass,
        theta_initial=model.theta_initial,
        potential=model.V,
        span=(float(tau[0]), float(tau[-1])),
    )
    coupling = float(np.max(np.abs(np.linalg.eigvalsh(config.coupling_matrix))))
    return unstable_band(coupling, slope) or None


def cutoff(run: RunFiles, k: Array, khat: Array) -> float:
    """The k at which the cutoff begins; khat is smaller than k."""
    config = run.config
    return spectra.k_of_khat(k, khat, spectra.cutoff(config.dx, config.lattice.order))


def mark_saturation(panel: Axes, a: float | None, *, label: bool, height: float = 0.04) -> None:
    """A line at the time of saturation, with its label at a height between 0 and 1."""
    if a is None or not panel.get_xlim()[0] < a < panel.get_xlim()[1]:
        return
    panel.axvline(a, color=drawing.GREY, lw=0.8, ls=(0, (4, 2)), zorder=0)
    if label:
        _upright(panel, a, "saturation", left=a > sum(panel.get_xlim()) / 2, height=height)


def mark_cutoff(panel: Axes, k: float, *, label: bool) -> None:
    """A line and hatches from `cutoff` on."""
    panel.axvline(k, color=drawing.GREY, lw=0.8, ls=(0, (4, 2)))
    panel.axvspan(k, panel.get_xlim()[1], facecolor="none", edgecolor="0.85", hatch="////", lw=0)
    if label:
        _upright(panel, k, "cutoff", left=True, height=0.04)


def mark_band(panel: Axes, edge: float | None, *, label: bool) -> None:
    """Grey where modes are unstable at some time, up to `band_edge`."""
    if edge is None:
        return
    first, last = panel.get_xlim()
    panel.axvspan(first, min(edge, last), color="0.93", lw=0, zorder=-2)
    if label:
        note = panel.annotate(
            "unstable band",
            (0.02, 0.97),
            xycoords="axes fraction",
            ha="left",
            va="top",
            color=drawing.GREY,
        )
        note.set_in_layout(False)


def mark_vacuum(panel: Axes, run: RunFiles, spectrum: SpectrumData, *, label: bool) -> None:
    """The vacuum's power of a helicity of B or E, which is constant in conformal time."""
    level = spectra.vacuum_power_B(
        spectrum.khat, amplitude=run.config.program_units.vacuum_amplitude
    )
    panel.plot(spectrum.k, level, color="0", lw=0.9, ls=":", zorder=3)
    if label:
        at = int(np.searchsorted(spectrum.k, panel.get_xlim()[1])) - 1
        note = panel.annotate(
            "vacuum",
            (float(spectrum.k[at]), float(level[at])),
            xytext=(0, -2),
            textcoords="offset points",
            ha="right",
            va="top",
        )
        note.set_in_layout(False)


def _upright(panel: Axes, x: float, text: str, *, left: bool, height: float) -> None:
    note = panel.annotate(
        text,
        (x, height),
        xycoords=("data", "axes fraction"),
        xytext=(-2 if left else 2, 0),
        textcoords="offset points",
        rotation=90,
        ha="right" if left else "left",
        va="bottom",
        color=drawing.GREY,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.4},
    )
    note.set_in_layout(False)
