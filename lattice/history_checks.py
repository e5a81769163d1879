"""The times of a run against its expansion history, once a(tau) is known."""

from __future__ import annotations

from darklat.errors import BadValueError
from darklat.lattice.linear_phase import phase
from darklat.physics.background import Background
from darklat.physics.friedmann import Friedmann
from darklat.physics.sampled import Table
from darklat.physics.thermal.conductivity import THOMSON, Conductivity
from darklat.schema import Config

_MOST_OF_ALP = 0.1  # of the energy, above which perturbations of the metric are warned about
_ROUNDING = 1e-9


def refuse(config: Config, medium: Conductivity, first: float, last: float) -> None:
    """Raises BadValueError where an end in conformal time comes before times that are scale
    factors, which the schema compares where a = tau. Raises it for a table of a that the run leaves
    or that has no temperature for the medium. first, last: conformal times of the run."""
    history = config.expansion
    if isinstance(history, Table):
        _refuse_short(config, medium, history, (first, last))
    end, start = config.time.tau_end, config.initial.a_start
    if not config.expands or end is None or start is None:
        return
    a, until = float(history.scale_factor(end)), config.initial.linear_until
    if end <= first:
        raise BadValueError(
            "time.tau_end",
            f"must be after the start, initial.a_start = {start:g}, which is tau = {first:.6g}, "
            f"found {end:g}",
        )
    if isinstance(until, float) and until >= a:
        raise BadValueError(phase.KEY, f"must be before the end, a = {a:.6g}, found {until:g}")
    if config.output.snapshots and config.output.snapshots[-1] > a * (1 + _ROUNDING):
        raise BadValueError(
            "output.snapshots",
            f"the run goes from a = {start:g} to {a:.6g}, found {config.output.snapshots[-1]:g}",
        )


def warnings(history: Background, *, end: float) -> list[str]:
    """Where numbers of today, or the equations, do not hold up to conformal time `end`."""
    if isinstance(history, Table) and not history.follows_radiation:
        return [
            "background.file: radiation is not most of what there is at a = 1, where a' should be "
            "one and change slowly. Numbers of today, which take H there from radiation, do not "
            "hold."
        ]
    if isinstance(history, Friedmann) and (share := history.alp_share(end)) > _MOST_OF_ALP:
        return [
            f"background: the ALP has {share:.2g} of the energy at the end. Perturbations of the "
            "metric are left out, and count where the ALP is most of it and modes enter the "
            "horizon."
        ]
    return []


def _refuse_short(
    config: Config, medium: Conductivity, table: Table, run: tuple[float, float]
) -> None:
    rows = table.span
    if run[0] < rows[0] * (1 - _ROUNDING) or run[1] > rows[1] * (1 + _ROUNDING):
        raise BadValueError(
            "background.file",
            f"the rows go from tau = {rows[0]:.6g} to {rows[1]:.6g}, and the run from "
            f"{run[0]:.6g} to {run[1]:.6g}: add rows, or change initial.a_start and the end",
        )
    if medium.kind in THOMSON and not table.follows_radiation:
        assert config.conducting is not None  # it has a conductivity
        raise BadValueError(
            f"model.fields.{config.conducting}.conductivity.kind",
            "follows the temperature of the radiation, and in background.file radiation is not "
            "most of what there is at a = 1, where a' should be one and change slowly: use kind: "
            "constant",
        )
