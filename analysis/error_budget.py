"""One number of a ladder: its limit, and its error by origin."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from darklat.physics.convergence import (
    LEAST_ORDER,
    Difference,
    Limit,
    LimitKind,
    difference,
    limit,
)
from darklat.storage.read_run import Array
from darklat.storage.sweep_folder import Orders

DX, BOX, STEP, SEEDS = "dx", "box", "step", "seeds"
ORIGINS = (DX, BOX, STEP, SEEDS)

LARGE = 0.5
"""Of ln f: errors from which on they are said as factors, and an extrapolation that counts as an
error as a whole, because the next terms in h cannot be small."""

_DOMINATES = {
    DX: "dx dominates",
    BOX: "the box dominates",
    STEP: "the step dominates",
    SEEDS: "the seeds dominate",
}

_SMALL = 1e-6  # of a number
_PLAIN = (-3, 3)  # powers of ten of numbers without an exponent
_ONE = 1.95  # an error that begins with 1

_NO_LIMIT = (LimitKind.NOT_MONOTONE, LimitKind.NO_ORDER)


@dataclass(frozen=True)
class ByRung:
    """A number on the rungs that differ in one thing: their spacings, or boxes, or steps [rungs],
    and its values [rungs, seeds]. `own` is the row of the configuration itself."""

    h: Array
    f: Array
    own: int

    def of_logarithm(self) -> ByRung:
        """The same of ln f."""
        return replace(self, f=np.log(self.f))


@dataclass(frozen=True)
class ErrorBudget:
    """A number with its error of one sigma, and where that comes from.

    In a logarithmic budget the parts and the scatter are those of ln f: shares of the number for
    small ones. `parts` has the origins that are known, by ORIGINS. `scatter` is the standard
    deviation of one run over the seeds; nan for one seed. `own` is the mean of the configuration.
    """

    value: float
    own: float
    logarithmic: bool
    parts: dict[str, float]
    scatter: float
    seeds: int
    lattices: Limit
    steps: Limit
    box: Difference | None
    other_box: float
    """The box that the configuration's is compared with; nan without one."""

    @property
    def spread(self) -> float:
        """One sigma of all parts together, of ln f in a logarithmic budget; nan where none is
        known."""
        return math.hypot(*self.parts.values()) if self.parts else math.nan

    @property
    def error(self) -> float:
        """One sigma in the unit of the number."""
        return self.value * self.spread if self.logarithmic else self.spread

    @property
    def dominates(self) -> str:
        """The origin with the largest part; empty where none is known."""
        return max(self.parts, key=lambda name: self.parts[name], default="")

    @property
    def unknown(self) -> tuple[str, ...]:
        """The origins of which the ladder says nothing."""
        return tuple(name for name in ORIGINS if name not in self.parts)


def budget(
    lattices: ByRung, boxes: ByRung, steps: ByRung, *, orders: Orders, signed: bool = False
) -> ErrorBudget:
    """The limit of a number for dx -> 0, and its error.

    lattices: in one box at one dt/dx. boxes: at one dx. steps: on one lattice. Numbers that are
    positive everywhere are taken as logarithms, because fields and errors grow exponentially; a
    mean over seeds is then a geometric one. `signed`: the number may be negative, and is taken as
    it is. The step goes to zero with dx. Where lattices are varied, what is left of the step at the
    configuration is therefore a part of the error. Without them the limit of the steps is the
    value.
    """
    positive = all(bool(np.all(x.f > 0)) for x in (lattices, boxes, steps))
    logarithmic = positive and not signed
    if logarithmic:
        lattices, boxes, steps = (x.of_logarithm() for x in (lattices, boxes, steps))
    of_dx = limit(lattices.h, lattices.f, order=orders.lattice, highest=orders.stencils)
    of_step = limit(steps.h, steps.f, order=orders.step)
    if logarithmic:
        of_dx, of_step = _without_far(of_dx), _without_far(of_step)
    other, compared = _other_box(boxes)
    value, statistical, parts = of_dx.value, of_dx.statistical, {}
    if of_dx.finding is not LimitKind.SINGLE:
        parts[DX] = of_dx.systematic
    if compared is not None:
        parts[BOX] = compared.bound
    if of_step.finding is not LimitKind.SINGLE:
        parts[STEP] = of_step.systematic
        if DX in parts:
            left = float(steps.f[steps.own].mean()) - of_step.value
            parts[STEP] = math.hypot(of_step.systematic, left)
        else:
            value, statistical = of_step.value, of_step.statistical
    if math.isfinite(statistical):
        parts[SEEDS] = statistical
    own = lattices.f[lattices.own]
    mean = float(own.mean())
    return ErrorBudget(
        value=math.exp(value) if logarithmic else value,
        own=math.exp(mean) if logarithmic else mean,
        logarithmic=logarithmic,
        parts={name: parts[name] for name in ORIGINS if name in parts},
        scatter=float(np.std(own, ddof=1)) if own.size > 1 else math.nan,
        seeds=own.size,
        lattices=of_dx,
        steps=of_step,
        box=compared,
        other_box=other,
    )


def _without_far(found: Limit) -> Limit:
    """Of ln f: a limit far beyond the finest value has the whole way as its error."""
    way = abs(found.value - found.finest)
    return replace(found, systematic=max(found.systematic, way)) if way > LARGE else found


def _other_box(boxes: ByRung) -> tuple[float, Difference | None]:
    """The largest box beside that of the configuration, and the configuration's difference from
    it. Boxes have different modes, so that their seeds are independent."""
    others = [i for i in range(len(boxes.h)) if i != boxes.own]
    if not others:
        return math.nan, None
    other = max(others, key=lambda i: float(boxes.h[i]))
    return float(boxes.h[other]), difference(boxes.f[boxes.own], boxes.f[other])


# ---- In words. ----


def with_error(value: float, error: float) -> str:
    """1.3e-17 +- 0.2e-17: the error to one digit, or two where the first is 1. An error in the
    seventh digit and beyond stands by itself."""
    if not (math.isfinite(value) and math.isfinite(error)):
        return f"{value:.4g}"
    if error <= _SMALL * abs(value):
        return f"{value:.6g} +- {error:.1g}"
    power = math.floor(math.log10(max(abs(value), error)))
    place = math.floor(math.log10(error))
    place -= 1 if error / 10.0**place < _ONE else 0  # of the last digit
    if abs(round(value / 10.0**power, power - place)) >= 10:
        power += 1
    power = 0 if _PLAIN[0] <= power < _PLAIN[1] else power
    digits = max(power - place, 0)
    end = f"e{power:+03d}" if power else ""
    return f"{value / 10.0**power:.{digits}f}{end} +- {error / 10.0**power:.{digits}f}{end}"


def number(of: ErrorBudget) -> str:
    """The number with its error; a factor where the error is large."""
    if of.logarithmic and of.spread >= LARGE:
        return f"{of.value:.2g} within a factor of {math.exp(of.spread):.2g}"
    return with_error(of.value, of.error)


def verdict(name: str, clock: str, at: float, of: ErrorBudget) -> str:
    """b at a = 8: 1.3e-17 +- 0.2e-17; dx dominates."""
    words = [f"{name} at {clock} = {at:g}: {number(of)}"]
    if of.dominates and len(of.parts) > 1:
        words.append(_DOMINATES[of.dominates])
    if of.lattices.finding in _NO_LIMIT:
        words.append("no limit in dx is seen")
    if of.unknown:
        words.append(f"not known: {', '.join(of.unknown)}")
    return "; ".join(words)


def details(of: ErrorBudget) -> list[str]:
    """A line on each origin of the error."""
    lines = []
    if DX in of.parts:
        lines.append(f"{DX:6}{_part(of, DX)}  {_limit(of, of.lattices)}")
    if of.box is not None:
        seen = "" if of.box.resolved else ", which the seeds explain"
        change = -of.box.value
        shown = change_of(change, logarithmic=of.logarithmic)
        lines.append(f"{BOX:6}{_part(of, BOX)}  {shown} in a box of {of.other_box:g}{seen}")
    if STEP in of.parts:
        lines.append(f"{STEP:6}{_part(of, STEP)}  {_limit(of, of.steps)}")
    if SEEDS in of.parts:
        scatter = part_of(of.scatter, logarithmic=of.logarithmic)
        lines.append(f"{SEEDS:6}{_part(of, SEEDS)}  {of.seeds} seeds, scatter of one run {scatter}")
    return lines


def _part(of: ErrorBudget, name: str) -> str:
    return part_of(of.parts[name], logarithmic=of.logarithmic).rjust(8)


def part_of(part: float, *, logarithmic: bool) -> str:
    """A part of an error: a share, or a factor where it is large; or in the number's unit."""
    if not logarithmic:
        return f"{part:.2g}"
    if part >= LARGE:
        return f"x {math.exp(part):.2g}"
    return f"{100 * part:.2g}%" if part >= 1e-6 else "0%"


def change_of(change: float, *, logarithmic: bool) -> str:
    """A change of the number: as a share, or as a factor where it is large; or in its unit."""
    if not logarithmic:
        return f"{change:+.2g}"
    if abs(change) >= LARGE:
        return f"x {math.exp(change):.2g}"
    return f"{100 * math.expm1(change):+.2g}%"


def _limit(of: ErrorBudget, found: Limit) -> str:
    """How the limit was found."""

    def shown(value: float) -> str:
        return f"{math.exp(value) if of.logarithmic else value:.4g}"

    finest = f"finest {shown(found.finest)}"
    if found.finding is LimitKind.MEASURED:
        error = "" if math.isnan(found.order_error) else f" +- {found.order_error:.2g}"
        return (
            f"order {found.order:.2f}{error}; {finest}, limits {shown(found.with_other)} (that "
            f"order) and {shown(found.with_scheme)} (order of the scheme)"
        )
    if found.finding is LimitKind.ASSUMED:
        return (
            f"two rungs measure no order; {finest}, limits {shown(found.with_other)} (order 1) "
            f"and {shown(found.with_scheme)} (order of the scheme)"
        )
    if found.finding is LimitKind.FLAT:
        return f"no dependence beyond the scatter of the seeds; {finest}, spread given"
    if found.finding is LimitKind.NO_ORDER and found.order < LEAST_ORDER:
        return f"the differences do not shrink with it: no limit is seen; {finest}, spread given"
    if found.finding is LimitKind.NO_ORDER:
        return (
            f"an order of {found.order:.2g} is none (or becomes none without a seed): no limit is "
            f"seen; {finest}, spread given"
        )
    return f"no limit is seen: not monotone (or not without one seed); {finest}, spread given"
