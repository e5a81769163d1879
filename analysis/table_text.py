"""The table of a run as text, with its verdict and its footnotes."""

from __future__ import annotations

import textwrap

from darklat.analysis.adapted_units import TEMPERATURES, adapted
from darklat.analysis.numbers import Result
from darklat.analysis.tables import Row, checks, observables, scales, today
from darklat.physics.thermal.degrees import T_MAX_GEV
from darklat.physics.thermal.radiation import T_EQUALITY_EV
from darklat.physics.units import UnitNames
from darklat.physics.verdicts import in_words


def verdict(result: Result) -> list[str]:
    """The verdict of the checks in sentences, the worst first."""
    order = ("fail", "warn")
    found = sorted(
        (v for v in result.verdicts if v.status != "pass"), key=lambda v: order.index(v.status)
    )
    return [VERDICTS[result.verdict], *map(in_words, found)]


VERDICTS = {
    "pass": "Every check passes.",
    "warn": "No check fails; some need a look.",
    "fail": "A check fails: the numbers marked ! are not to be trusted without a reason.",
}

UNTRUSTED = "!"
"""The mark of a number that is not to be trusted."""


def marks(result: Result) -> list[str]:
    """The meaning of the mark, if there is any: the checks that touch numbers."""
    if not result.untrusted:
        return []
    reasons = ", ".join(dict.fromkeys(result.untrusted.values()))
    return [f"{UNTRUSTED} not resolved, or not to be trusted: {reasons}."]


def footnotes(result: Result) -> list[str]:
    """The meaning of the columns, and the slips in the paper's equations; without the notes of the
    run."""
    lines = []
    if result.closed_forms is not None:
        lines += [
            "(a) Choi, Kim, Sekiguchi, PRL 121, 031102 (2018): the equation numbered in the row, "
            "with r, epsilon, Omega_phi h^2, saturation of this run. (20) takes theta = 1 at "
            "a_osc, 2.5 times the density of a start at rest; (25), (26) know the mass only, and "
            "(25)'s 0.3 kpc is k tau_osc = 20, six to seven times (24)'s length."
        ]
        if result.closed_forms.left_out:
            lines[0] += f" Left out: {'; '.join(result.closed_forms.left_out)}."
        if result.closed_forms.B_today_gauss is not None:
            lines[0] += (
                " (23) takes f from (20) and leaves out a sqrt 2: rho_A is all magnetic, so "
                "B = sqrt(2 rho_A), while B_X = sqrt(rho_X). Both slips together make B of a "
                "start at rest 2.2 times (23)."
            )
    elif result.unmet:
        lines += [
            "There is no column with the closed forms of Choi, Kim, Sekiguchi, PRL 121, 031102 "
            f"(2018), because their assumptions are not met: {'; '.join(result.unmet)}."
        ]
    if result.paper is not None:
        b = ", b = 7e-18 m_-17^(3/2)" if result.paper.b is not None else ""
        lines += [
            f"(b) the same with r = 0.03, epsilon = 4{b}, a_X = 5, Omega_phi h^2 = 0.12 (its "
            "Fig. 1), for the mass (and in (20) the decay constant) of this run."
        ]
    if result.epoch is not None and result.alp:
        constant = [
            f"a^{3 if of.omega_h2 is not None else 4} rho_{letter}"
            for letter, of in result.end.fields.items()
        ]
        *others, last = "a^3 rho_phi", *constant
        rho = f"{', '.join(others)} and {last}" if others else last
        lines += [f"Numbers of today take {rho} as constant after the end of the run."]
    return [*lines, *_history(result)]


_EXPANSIONS = {
    "radiation": " The run has a = tau, as for constant g_*.",
    "radiation_matter": " The run has the radiation of a constant g_*.",
    "thermal": " The run expands with the same g_*(T).",
    "friedmann": " The run expands by its own fields, with the radiation of a constant g_*.",
    "table": " The run has the a(tau) of its table.",
}


def _history(result: Result) -> list[str]:
    """The assumptions of numbers of today about the expansion."""
    if not result.has_today:
        return []
    if result.epoch is None:
        return [
            f"Numbers of today are not known: H at {UnitNames(alp=result.alp).a} is that of "
            f"radiation above {T_MAX_GEV:g} GeV, where the fits of g_* end, or of none."
        ]
    epoch, a = result.epoch, UnitNames(alp=result.alp).a
    temperature = adapted(epoch.T_osc_eV, TEMPERATURES)
    lines = [
        f"Numbers of today take H at {a} from the radiation of the Standard Model, at T = "
        f"{epoch.T_osc_eV / temperature.size:.4g} {temperature.name} with g_* = "
        f"{epoch.g_energy:.3f}, g_*s = {epoch.g_entropy:.3f} (Saikawa, Shirai, JCAP 05 (2018) "
        f"035), and conserved entropy since: {a}/a_0 = {epoch.a_osc_over_a0:.4g}."
        f"{_EXPANSIONS.get(result.background, '')}"
    ]
    if result.background == "radiation" and epoch.T_osc_eV / result.a_end < T_EQUALITY_EV:
        lines += [
            f"The run ends below {T_EQUALITY_EV:g} eV, where matter is denser than radiation: its "
            "a = tau does not hold there, and neither do its numbers of today."
        ]
    return lines


# ---- Text ----

_WIDTHS = (54, 13, 19, 13)
_LIMIT = "    of its ladder (c)"


def format_table(result: Result) -> str:
    """The result as text, at most 100 columns wide."""
    unit = UnitNames(alp=result.alp)
    time = f"a = {result.a_end:.4g} {unit.a}" if result.expands else "static background"
    title = result.name if len(result.name) <= 60 else result.name[:57] + "..."
    lines = [f"{title}: at the end, {time}, tau = {result.tau_end:.4g} {unit.tau}"]
    for line in verdict(result):
        lines += textwrap.wrap(line, sum(_WIDTHS), subsequent_indent="    ")
    closed_form = "closed form (a)" if result.closed_forms else ""
    lines += ["", _line(Row("", "this run", closed_form, "paper (b)" if result.paper else ""))]
    lines += ["-" * sum(_WIDTHS)]
    lines += map(_line, observables(result) + scales(result) + today(result))
    lines += ["", *map(_line, checks(result)), ""]
    for note in marks(result) + footnotes(result):
        indent = "    " if note.startswith("(") else ""
        lines += textwrap.wrap(note, 92, subsequent_indent=indent)
    for note in result.notes:
        lines += textwrap.wrap(f"Note: {note}", sum(_WIDTHS), subsequent_indent="    ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _line(row: Row) -> str:
    run = row.run if row.trusted else f"{row.run} {UNTRUSTED}"
    cells = zip((run, row.closed_form, row.paper), _WIDTHS[1:], strict=True)
    line = row.label.ljust(_WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in cells)
    return f"{line.rstrip()}\n{_LIMIT.ljust(_WIDTHS[0])}  {row.limit}" if row.limit else line
