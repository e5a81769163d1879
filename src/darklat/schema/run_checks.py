"""The checks of a run's units, start, linear phase and times against each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from darklat.physics.background import HOT, expands
from darklat.physics.numerals import plain
from darklat.physics.thermal.degrees import T_MAX_GEV
from darklat.physics.thermal.radiation import HUBBLE_MAX_EV
from darklat.schema.contradictions import Check, Issue, check, shown
from darklat.schema.field_checks import massive_fields
from darklat.schema.yaml.problems import UNKNOWN
from darklat.schema.yaml.text import KeyPath

DEFAULT_A_START = 0.5  # in units of a_osc, where anything expands

CHECKS: list[Check] = []


@check(CHECKS, "model.alp", "lattice.precision")
def _single_precision(alp: Any, precision: str) -> Iterator[Issue]:
    if alp is None and precision == "float32":
        yield Issue(
            (("lattice", "precision"), ("model", "alp")),
            "float32 holds fields that are measured in an ALP's f; without an ALP, what inflation "
            "leaves in 1/tau_* is beyond its largest number: use float64",
        )


@check(CHECKS, "model.alp", "units", "model.couplings", "background.oscillation_condition")
def _what_sets_the_units(
    alp: Any, units: Any, couplings: Any, condition: float | None
) -> Iterator[Issue]:
    at, alp_at = ("units",), ("model", "alp")
    if alp is not None:
        if units is not None:
            yield Issue(
                (at, alp_at),
                "is for a model without an ALP, whose mass sets the units otherwise: leave it "
                "out, or take model.alp out (on the command line, --set units=null or "
                "--set model.alp=null)",
                at_key=True,
            )
        return
    if units is None:
        yield Issue(
            (alp_at, at),
            "missing; write for example alp: {mass_eV: 1e-17, f_GeV: 1e16}, or, for a model "
            "without an ALP, units: {hubble_eV: 1e-17} beside model",
        )
        return
    for pair in couplings or {}:
        yield Issue(
            (("model", "couplings", pair), alp_at),
            "couples fields to an ALP, and the model has none: leave it out, or give the model "
            "an alp (on the command line, --set model.couplings=null)",
            at_key=True,
        )
    if condition is not None:
        yield Issue(
            (("background", "oscillation_condition"), alp_at),
            "is m/H of an ALP, and the model has none: leave it out; units.hubble_eV is the "
            "Hubble rate at a = 1",
        )


@check(
    CHECKS,
    "model.alp",
    "units",
    "background.kind",
    "background.oscillation_condition",
    "initial.kind",
    of_a_beginning=True,
)
def _hubble_rate(
    alp: Any, units: Any, background: str, condition: float | None, kind: str
) -> Iterator[Issue]:
    """H at a = 1 against the radiation era and against f. What the checks above refuse is left to
    them."""
    values: list[Any] = [None, None]
    if isinstance(alp, dict) and isinstance(condition, int | float) and condition > 0:
        at: KeyPath = ("model", "alp", "mass_eV")
        values = [alp.get("mass_eV"), alp.get("f_GeV")]
    elif alp is None and isinstance(units, dict):
        at, condition = ("units", "hubble_eV"), 1.0
        values[0] = units.get("hubble_eV")
    if not isinstance(values[0], int | float) or not values[0] > 0 or condition is None:
        return
    hubble = values[0] / condition
    if background in HOT and hubble > HUBBLE_MAX_EV:
        yield Issue(
            (at, ("background", "oscillation_condition"), ("background", "kind")),
            f"the Hubble rate at a = 1 is {hubble:.3g} eV, above the {HUBBLE_MAX_EV:.3g} eV of "
            f"radiation of {T_MAX_GEV:g} GeV, the hottest whose g_* is known: use at most "
            f"{0.94 * HUBBLE_MAX_EV * condition:.2g}, or background.kind: static",
        )
    elif kind != "file" and isinstance(values[1], int | float) and 0 < values[1] < hubble / 1e9:
        yield Issue(
            (("model", "alp", "f_GeV"), at),
            f"the vacuum fluctuations of the gauge fields are H/f of an angle, and H = "
            f"{hubble / 1e9:.3g} GeV at a = 1 is above f: use a larger f, or a smaller mass_eV, "
            f"found {shown(values[1])}",
        )


@check(CHECKS, "model.alp.potential", "model.alp.theta_initial")
def _angle(potential: str, theta: float) -> Iterator[Issue]:
    if potential == "cosine" and abs(theta) >= math.pi:
        yield Issue(
            (("model", "alp", "theta_initial"), ("model", "alp", "potential")),
            "must lie between -pi and pi, at neither, for the cosine potential, "
            f"found {shown(theta)}",
        )


@check(CHECKS, "model.fields", "initial.kind", "initial.hubble_GeV", "background.kind")
def _inflation(fields: Any, kind: str, hubble: float | None, background: str) -> Iterator[Issue]:
    at: KeyPath = ("initial", "kind")
    if kind != "inflation":
        if hubble is not None:
            yield Issue(
                (("initial", "hubble_GeV"), at),
                f"is only used with kind: inflation, but kind is {kind}: change kind, or leave "
                "this out",
            )
        return
    if hubble is None:
        yield Issue(
            (("initial", "hubble_GeV"), at),
            "missing: kind: inflation needs one, the Hubble rate of inflation, for example "
            "hubble_GeV: 1e13",
        )
    if not expands(background):
        yield Issue(
            (at, ("background", "kind")),
            "inflation is followed by expansion: use background.kind: radiation, or kind: vacuum",
        )
    # a mass that is wrong in itself has its own message
    masses = [f.get("mass_eV") for f in (fields or {}).values() if isinstance(f, dict)]
    if not any(masses):
        yield Issue(
            (at,),
            "inflation leaves nothing of massless fields: give one a mass_eV, or use kind: vacuum",
        )


@check(CHECKS, "background.kind", "initial.a_start", "time.a_end", "time.tau_end")
def _range_of_time(
    kind: str, a_start: float | None, a_end: float | None, tau_end: float | None
) -> Iterator[Issue]:
    start, kind_at = ("initial", "a_start"), ("background", "kind")
    ends = {key: end for key, end in (("a_end", a_end), ("tau_end", tau_end)) if end is not None}
    static = not expands(kind)
    if not ends:
        wanted = "tau_end" if static else "one of a_end and tau_end"
        yield Issue(
            (("time",), ("time", "a_end"), ("time", "tau_end")),
            f"{wanted} is needed, for example {'tau_end' if static else 'a_end'}: 8",
            at_key=True,
        )
    if static and a_start is not None:
        yield Issue(
            (start, kind_at),
            "a static background starts at tau = 0, with a = 1 throughout: leave it out "
            "(on the command line, --set initial.a_start=null)",
        )
    if static and a_end is not None:
        yield Issue(
            (("time", "a_end"), kind_at),
            "a static background has a = 1 throughout: use tau_end "
            "(on the command line, --set time.a_end=null --set time.tau_end=...)",
        )
    elif len(ends) == 2:
        yield Issue(
            (("time", "tau_end"), ("time", "a_end")),
            "exactly one of a_end and tau_end is allowed: remove one "
            "(on the command line, --set time.tau_end=null or --set time.a_end=null)",
        )
    if static or len(ends) == 2:
        return
    first = DEFAULT_A_START if a_start is None else a_start
    key, end = "a_end", a_end
    if a_end is None:
        key, end = "tau_end", end_in_a(kind, a_end, tau_end)
    if end is not None and end <= first:
        yield Issue(
            (("time", key), start),
            f"must be greater than initial.a_start, which is {shown(first)}, "
            f"found {shown(end)} (in the radiation era a/a_osc = tau/tau_osc)",
        )


def end_in_a(kind: str, a_end: float | None, tau_end: float | None) -> float | None:
    """The scale factor of the end, where it is given or the same number as the conformal time. The
    others are compared once a(tau) is known (`darklat.lattice.history_checks`)."""
    return tau_end if a_end is None and kind == "radiation" else a_end


@check(CHECKS, "initial.kind", "initial.file")
def _initial_file(kind: str, file: object) -> Iterator[Issue]:
    at, kind_at = ("initial", "file"), ("initial", "kind")
    if kind == "file" and file is None:
        yield Issue((at, kind_at), "missing: kind: file needs one, for example file: start.h5")
    if kind != "file" and file is not None:
        yield Issue((at, kind_at), f"is only read with kind: file, but kind is {kind}")


@check(
    CHECKS, "model.alp", "model.fields", "background.kind", "initial.kind", "initial.linear_until"
)
def _models_of_the_linear_phase(
    alp: Any, fields: Any, background: str, kind: str, until: float | str | None
) -> Iterator[Issue]:
    at: KeyPath = ("initial", "linear_until")
    if until is None:
        return
    if alp is None:
        yield Issue(
            (at, ("model", "alp")),
            "the linear phase is that of fields which an ALP makes grow, and the model has none: "
            "leave this out",
        )
    if kind != "vacuum":
        yield Issue(
            (at, ("initial", "kind")),
            f"the linear phase starts from the vacuum of massless fields, and kind is {kind}: use "
            "kind: vacuum, or leave this out",
        )
    if not expands(background):
        yield Issue(
            (at, ("background", "kind")),
            "is a scale factor, and a static background has a = 1 throughout: leave this out",
        )
    for letter, field_at in massive_fields(fields):
        yield Issue(
            (at, field_at),
            f"the linear phase solves the modes of massless fields, and {letter} has a mass or a "
            "plasma: leave this out",
        )


@check(
    CHECKS,
    "background.kind",
    "initial.a_start",
    "initial.linear_until",
    "time.a_end",
    "time.tau_end",
    "output.snapshots",
)
def _times_of_the_linear_phase(
    kind: str,
    a_start: float | None,
    until: float | str | None,
    a_end: float | None,
    tau_end: float | None,
    snapshots: Any,
) -> Iterator[Issue]:
    at: KeyPath = ("initial", "linear_until")
    if until is None:
        return
    first = next((x for x in snapshots or () if x is not UNKNOWN), None)
    if until == "auto" or not isinstance(until, int | float):
        if until == "auto" and first is not None:
            yield Issue(
                (("output", "snapshots"), at),
                "snapshots need a run whose linear phase ends at a known time: use a number for "
                "initial.linear_until",
            )
        return
    start = DEFAULT_A_START if a_start is None else a_start
    end = end_in_a(kind, a_end, tau_end) if None in (a_end, tau_end) else None
    if until <= start or (end is not None and until >= end):
        yield Issue(
            (at, ("initial", "a_start"), ("time", "a_end"), ("time", "tau_end")),
            f"must lie between the start, a = {shown(start)}, and the end of the run, found "
            f"{shown(until)}",
        )
    elif first is not None and first < until:
        yield Issue(
            (("output", "snapshots", 0), at),
            "there are no snapshots of the linear phase, which initial.linear_until ends at a = "
            f"{shown(until)}, found {shown(first)}",
        )


@check(
    CHECKS, "background.kind", "initial.a_start", "time.a_end", "time.tau_end", "output.snapshots"
)
def _snapshots(
    kind: str, a_start: float | None, a_end: float | None, tau_end: float | None, snapshots: Any
) -> Iterator[Issue]:
    quantity, start = "tau", 0.0
    if expands(kind):
        quantity, start = "a", DEFAULT_A_START if a_start is None else a_start
    end = tau_end if quantity == "tau" else end_in_a(kind, a_end, tau_end)
    previous = -math.inf
    for i, value in enumerate(snapshots or ()):
        if value is UNKNOWN:
            continue
        at: KeyPath = ("output", "snapshots", i)
        if value <= previous:
            yield Issue(
                (at,), f"must be greater than {shown(previous)} before it, found {shown(value)}"
            )
        elif end is not None and start < end and not start <= value <= end:
            others: tuple[KeyPath, ...] = (("time", "a_end"), ("time", "tau_end"))
            yield Issue(
                (at, *others, ("initial", "a_start")),
                f"the run goes from {quantity} = {shown(start)} to {shown(end)}, "
                f"found {shown(value)}",
            )
        previous = max(previous, value)


@check(CHECKS, "lattice.sites", "lattice.box", "time.courant", "output.gravitational_waves")
def _gravitational_waves(sites: int, box: float, courant: float, waves: Any) -> Iterator[Issue]:
    if not isinstance(waves, dict):
        return
    at: KeyPath = ("output", "gravitational_waves")
    sampling, k_max = (waves.get(key) for key in ("sampling", "k_max"))
    if isinstance(sampling, float | int) and sampling < courant:
        yield Issue(
            ((*at, "sampling"), ("time", "courant")),
            f"a step may be {shown(courant)} dx long, by time.courant, and there is one sample in "
            f"a step at most: use at least that, or a smaller courant; found {shown(sampling)}",
        )
    if not isinstance(k_max, float | int):
        return
    least, most = 2 * math.pi / box, math.pi * sites / box
    if not least <= k_max <= most:
        yield Issue(
            ((*at, "k_max"), ("lattice", "box"), ("lattice", "sites")),
            f"the lattice has waves from 2 pi/box = {plain(least)} to pi/dx = {plain(most)} along "
            f"an axis, found {shown(k_max)}; without k_max every wave is followed",
        )


@check(CHECKS, "background.kind", "model.alp", "output.series_also", "output.spectra_also")
def _followed(kind: str, alp: Any, series: Any, spectra: Any) -> Iterator[Issue]:
    for name, section in (("series_also", series), ("spectra_also", spectra)):
        if not isinstance(section, dict):
            continue
        at: KeyPath = ("output", name)
        if section.get("efolds_of_a") is not None and not expands(kind):
            yield Issue(
                ((*at, "efolds_of_a"), ("background", "kind")),
                "a static background has a = 1 throughout: leave this out",
            )
        if section.get("change_of_r") is not None and alp is None:
            yield Issue(
                ((*at, "change_of_r"), ("model", "alp")),
                "r is the share of an ALP's density, and the model has none: leave this out",
            )
