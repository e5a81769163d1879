"""`darklat suggest`: boxes and ends for a lattice, with room for the cascade, and their cost."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from darklat.driver import feasibility, validation
from darklat.errors import BadValueError, InputError
from darklat.lattice import expected, head_room, plan
from darklat.physics.numerals import size
from darklat.schema import Config, Origin, time_span
from darklat.schema.sizes import SIZE

FEWEST_WAVES = 2.5
"""Wave lengths of the peak in the box, at least. With 2.6 of them r and epsilon are those of larger
boxes, and with 1.7 they are a tenth off (docs/validation.md)."""

_SHORT = 1.5
"""a_end over the back-reaction of the shorter run: epsilon has saturated there."""

_SEARCH = 4.0
"""The back-reaction is looked for up to this times the end of the run."""

_REPLACED = ("lattice.sites", "lattice.box", "time.a_end", "time.tau_end")
"""Keys that a suggestion sets."""

_ROUNDS = 6
"""The back-reaction depends on the spacing, and the spacing on the back-reaction."""


@dataclass(frozen=True)
class Suggestion:
    """A lattice that holds the spectrum, and the cost of its run on this machine."""

    sites: int
    box: float
    """In tau_osc."""
    a_end: float
    share_at_cutoff: float
    """Expected share of the energy at the cutoff in the end, at most."""
    a_back_reaction: float
    k_peak: float
    """At the back-reaction in the continuum, in 1/tau_osc."""
    waves_in_box: float
    """Wave lengths of the peak along a side of the box."""
    memory_bytes: int
    steps: int
    seconds: float

    @property
    def overrides(self) -> str:
        """As arguments of `darklat run`."""
        return (
            f"--set lattice.sites={self.sites} --set lattice.box={self.box:g} "
            f"--set time.a_end={self.a_end:g}"
        )


def suggestions(
    config: Config, origin: Origin, *, backend: str = "auto", device: int = 0
) -> list[Suggestion]:
    """Boxes and ends for the sites of the config: to its end, and to a shorter one; with a share at
    the cutoff that passes, and with one that is warned about. The box of the config plays no part.

    Raises InputError where the growth cannot be expected, where nothing grows, and ConfigError for
    a config that cannot be run.
    """
    edge = _edge(config, origin)
    end = _end(config)
    last = config.expansion.tau_of(_SEARCH * end)
    first = expected.in_continuum(config, edge, end=last)
    if first is None:
        known = expected.known_until(config, end=last)
        raise InputError(
            f"{origin.path}: the fields do not react back before a = {known:.3g}, so there is no "
            "cascade: any lattice with the unstable band will do (`darklat validate`). Use larger "
            "couplings, or a later time.a_end"
        )
    speed = validation.seconds_per_site(config, backend, device)
    found = []
    for share in head_room.RATIOS:
        ends = [end, _rounded(_SHORT * first.at)]
        for a_end in dict.fromkeys(a for a in ends if a <= end):
            one = _suggestion(config, a_end, share, first, speed)
            if one is not None:
                found.append(one)
    return found


def suggest(
    config: Config,
    origin: Origin,
    *,
    name: str,
    overrides: Sequence[str] = (),
    backend: str = "auto",
    device: int = 0,
) -> str:
    """`suggestions` as text, with a command for each. name, overrides: of the config, KEY=VALUE, as
    the user gave them. Raises as they do."""
    sites = config.lattice.sites
    found = suggestions(config, origin, backend=backend, device=device)
    if not found:
        raise InputError(
            f"{origin.path}: {sites}^3 sites hold no back-reaction before a = {_end(config):g} "
            "with room for its cascade. Use more sites (--sites)"
        )
    head = (
        "share at cutoff", "box", "a_end", "back-reaction", "peak k", "waves in box", "memory",
        "steps", "time",
    )  # fmt: skip
    rows = [head]
    for one in found:
        rows.append(
            (
                f"below {one.share_at_cutoff:g}",
                f"{one.box:g}",
                f"{one.a_end:g}",
                f"a = {one.a_back_reaction:.3g}",
                f"{one.k_peak:.3g}",
                f"{one.waves_in_box:.2g}",
                size(one.memory_bytes),
                f"{one.steps}",
                time_span.duration(one.seconds),
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    table = ["  ".join(x.rjust(w) for x, w in zip(row, widths, strict=True)) for row in rows]
    lines = [f"{origin.path}: {config.name} on {sites}^3 sites", "", *table, ""]
    lines += [
        f"Times and lengths in tau_osc. {head_room.K_DX:g}/dx is so far above the peak that the "
        "share of the energy",
        "at the cutoff stays below that of the row until a_end, as in the runs of "
        "docs/validation.md,",
        "which has the errors of r, epsilon and b at each order. Up to 0.1 passes the checks; from",
        "0.5 on it fails them.",
    ]
    if min(one.waves_in_box for one in found) < FEWEST_WAVES:
        needed = max(one.sites * FEWEST_WAVES / one.waves_in_box for one in found)
        lines.append(
            f"warning: fewer than {FEWEST_WAVES:g} waves of the peak in a box; "
            f"{2 * math.ceil(needed / 2)} sites hold so many in all rows"
        )
    if any(time > one.a_end for time in config.output.snapshots for one in found):
        lines.append("note: output.snapshots behind the end of a row have to be left out")
    available = feasibility.make_backend(config, backend, device).memory_available()
    if found[0].memory_bytes > available:
        lines.append(f"warning: {size(available)} of memory are available here")
    own = [text for text in overrides if text.split("=", 1)[0].strip() not in _REPLACED]
    command = shlex.join(["darklat", "run", name, *(x for text in own for x in ("--set", text))])
    lines += ["", *(f"{command} {one.overrides}" for one in found)]
    return "\n".join(lines)


# ---- Parts ----


def _edge(config: Config, origin: Origin) -> float:
    if config.background.kind != "radiation" or config.model.alp is None:
        raise InputError(
            f"{origin.path}: suggestions are for an ALP in the radiation era, where the cascade "
            "has been measured"
        )
    reason = expected.why_not(config)
    if reason is not None:
        raise InputError(f"{origin.path}: the growth cannot be expected, because {reason}")
    edge = plan.band_edge(config, end=config.expansion.tau_of(_end(config)))
    if edge == 0:
        raise InputError(
            f"{origin.path}: model.couplings: the ALP does not couple to the fields, and nothing "
            "grows"
        )
    return edge


def _end(config: Config) -> float:
    time = config.time
    if time.a_end is not None:
        return time.a_end
    assert time.tau_end is not None  # the schema's business
    return float(config.expansion.scale_factor(time.tau_end))


def _suggestion(
    config: Config, a_end: float, share: float, first: expected.Growth, speed: float
) -> Suggestion | None:
    """None where the lattice that would hold the cascade has no back-reaction before a_end, and
    where such a run is refused: for its box, its linear phase or its steps."""
    here: expected.Growth | None = first
    sites = config.lattice.sites
    for _ in range(_ROUNDS):
        assert here is not None
        ratio = head_room.ratio_needed(share, a_end / here.at)
        box = _down(sites * head_room.K_DX / (ratio * first.k_peak))
        until = config.initial.linear_until
        if not SIZE[0] <= box <= SIZE[1] or (isinstance(until, float) and until >= a_end):
            return None
        chosen = _with(config, box, a_end)
        here = expected.on_lattice(chosen, end=config.expansion.tau_of(a_end))
        if here is None:
            return None
    assert here is not None
    try:
        plan.refuse_endless(chosen)
    except BadValueError:
        return None
    clock = plan.clock(chosen)
    return Suggestion(
        sites=sites,
        box=box,
        a_end=a_end,
        share_at_cutoff=share,
        a_back_reaction=here.at,
        k_peak=first.k_peak,
        waves_in_box=box * first.k_peak / (2 * math.pi),
        memory_bytes=plan.memory_bytes(chosen),
        steps=clock.steps,
        seconds=speed * sites**3 * clock.steps,
    )


def _with(config: Config, box: float, a_end: float) -> Config:
    data = config.model_dump()
    data["lattice"]["box"] = box
    data["time"] |= {"a_end": a_end, "tau_end": None}
    data["output"]["snapshots"] = ()
    return Config.model_validate(data)


def _rounded(value: float) -> float:
    """To two digits, as one writes it."""
    return float(f"{value:.2g}")


def _down(value: float) -> float:
    """To the two digits below, so that no room is lost."""
    digit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.floor(value / digit * (1 + 1e-12)) * digit:.2g}")
