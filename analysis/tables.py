"""The numbers of a run as rows, beside the closed forms and values of Choi, Kim, Sekiguchi (2018),
and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from darklat.analysis.closed_forms import PAPER, ClosedForms
from darklat.analysis.numbers import At, Result
from darklat.physics.units import UnitNames


@dataclass(frozen=True)
class Row:
    """A quantity: of the run, by the equation of its label with the run's numbers, and of the
    paper. A dash stands for a number that there is none of, nothing for one that cannot be."""

    label: str
    run: str
    closed_form: str = ""
    paper: str = ""


def observables(result: Result) -> list[Row]:
    """r, epsilon, b and where epsilon saturates: last values, and at the milestones; without an ALP
    the last densities."""
    end = result.end
    if not result.alp:
        unit = UnitNames(alp=False).square
        return [Row(f"rho/{x}, last [{unit}]", number(rho)) for x, rho in result.rho.items()]
    benchmark: dict[str, Any] = PAPER if result.paper else {}
    b_paper = None if result.paper is None else result.paper.b
    if not result.radiation:
        rows = [Row("r", number(end.r)), Row("epsilon", number(end.epsilon))]
        return rows if end.b is None else [*rows, Row("b", number(end.b))]

    def at(name: str, of: Callable[[At], float | None]) -> list[Row]:
        return [Row(f"{name} at a = {x.a:g}", number(of(x))) for x in result.at]

    rows = [Row("r, last", number(end.r), "", number(benchmark.get("r"))), *at("r", lambda x: x.r)]
    rows += [Row("epsilon, last", number(end.epsilon), "", number(benchmark.get("epsilon")))]
    rows += at("epsilon", lambda x: x.epsilon)
    a_X = number(benchmark.get("a_X"))
    rows += [Row("a/a_osc where epsilon saturates", number(end.a_saturation), "", a_X)]
    if end.b is not None:
        rows += [Row("b, last; (19)", number(end.b), "", number(b_paper)), *at("b", lambda x: x.b)]
    return rows


def scales(result: Result) -> list[Row]:
    """Wave number of the peak and integral scale of B, of the photon if there is one, or of the
    field that has them without an ALP."""
    what, tau = result.peak_of, UnitNames(alp=result.alp).tau
    equation = "; (24)" if result.alp else ""
    rows = [
        _compared(
            f"k of the peak of {what} per ln k [1/{tau}]{equation}",
            result,
            result.end.k_peak,
            lambda forms: forms.k_star,
        ),
        Row(f"integral scale of {what} [{tau}]", number(result.end.integral_scale)),
    ]
    if result.photon is not None:
        rows.append(Row(f"helicity of {what}, (+ less -)/(sum)", number(result.end.helicity_B_A)))
    return rows


def today(result: Result) -> list[Row]:
    """Lengths, densities and field strengths of today; nothing in a static background."""
    if not result.radiation:
        return []
    if not result.alp:
        return _today_without_alp(result)
    A, end = result.photon, result.end
    rows = [
        _compared(
            "coherence length today, 2 pi/k_peak [kpc]; (24)",
            result,
            end.coherence_length_kpc,
            lambda forms: forms.coherence_length_kpc,
        ),
        _compared(
            "integral scale today [kpc]; (25)",
            result,
            end.integral_scale_kpc,
            lambda forms: forms.correlation_length_kpc,
        ),
        _compared(
            "Omega_phi h^2; (20)", result, end.omega_phi_h2, lambda forms: forms.omega_phi_h2
        ),
    ]
    if result.end.omega_X_h2 is not None:
        return [
            *rows,
            Row("Omega_X h^2, as if it were all matter by now", number(result.end.omega_X_h2)),
        ]
    rows += [
        _compared(
            "B_X today, rms [nG]; (21)",
            result,
            end.B_X_today_gauss,
            lambda forms: forms.B_X_today_gauss,
            unit=1e-9,
        ),
        _compared("Delta N_eff; (22)", result, end.delta_neff, lambda forms: forms.delta_neff),
    ]
    if A is not None:
        rows.append(
            _compared(
                f"B_{A} today, rms [G]; (23)",
                result,
                end.B_today_gauss,
                lambda forms: forms.B_today_gauss,
            )
        )
    dark_matter = "if Omega_phi h^2 = 0.12"
    rows += [
        _compared(
            f"B_X today, rms [nG], {dark_matter}; (21)",
            result,
            result.B_X_dark_matter_gauss,
            lambda forms: forms.B_X_dark_matter_gauss,
            unit=1e-9,
        ),
        _compared(
            f"Delta N_eff {dark_matter}; (22)",
            result,
            result.delta_neff_dark_matter,
            lambda forms: forms.delta_neff_dark_matter,
        ),
        _compared(
            f"Delta N_eff {dark_matter}; (26)",
            result,
            None,
            lambda forms: forms.delta_neff_benchmark,
        ),
    ]
    if A is not None:
        label = f"B_{A} today, rms [G], if 0.12, g_AX = f_16; (23)"
        rows.append(
            _compared(
                label, result, result.B_dark_matter_gauss, lambda forms: forms.B_dark_matter_gauss
            )
        )
    return rows


def _today_without_alp(result: Result) -> list[Row]:
    end = result.end
    rows = [
        Row("coherence length today, 2 pi/k_peak [kpc]", number(end.coherence_length_kpc)),
        Row("integral scale today [kpc]", number(end.integral_scale_kpc)),
    ]
    numbers = {
        "Omega_X h^2, as if it were all matter by now": end.omega_X_h2,
        "B_X today, rms [G]": end.B_X_today_gauss,
        "Delta N_eff": end.delta_neff,
        f"B_{result.photon} today, rms [G]": end.B_today_gauss,
    }
    return rows + [Row(label, number(v)) for label, v in numbers.items() if v is not None]


def checks(result: Result) -> list[Row]:
    """The largest residuals and the share of the energy at the cutoff."""
    rows = [
        Row(f"Gauss's law of {name}, largest", number(v)) for name, v in result.gauss_max.items()
    ]
    return [
        *rows,
        Row("|energy balance|, largest", number(result.energy_balance_max)),
        Row("share of the energy at the cutoff, last", number(result.power_at_cutoff)),
    ]


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
        if result.photon is not None:
            lines[0] += (
                " (23) takes f from (20) and leaves out a sqrt 2: rho_A is all magnetic, so "
                "B = sqrt(2 rho_A), while B_X = sqrt(rho_X). Both slips together make B of a "
                "start at rest 2.1 times (23)."
            )
    if result.paper is not None:
        b = ", b = 7e-18 m_-17^(3/2)" if result.paper.b is not None else ""
        lines += [
            f"(b) the same with r = 0.03, epsilon = 4{b}, a_X = 5, Omega_phi h^2 = 0.12 (its "
            "Fig. 1), for the mass (and in (20) the decay constant) of this run."
        ]
    if result.closed_forms is not None:
        of_X = "a^4 rho_X" if result.end.omega_X_h2 is None else "a^3 rho_X"
        rho = of_X if result.photon is None else f"{of_X} and a^4 rho_A"
        lines += [
            f"Numbers of today take a^3 rho_phi and {rho} as constant after the end of the run."
        ]
    return lines


def number(value: float | None, unit: float = 1.0) -> str:
    """Three digits, in `unit`; a dash for None."""
    return "-" if value is None else f"{value / unit:.3g}"


def _compared(
    label: str,
    result: Result,
    value: float | None,
    form: Callable[[ClosedForms], float | None],
    *,
    unit: float = 1.0,
) -> Row:
    """A number of the run beside its closed form, for the run and for the paper's parameters."""
    forms = [
        None if forms is None else form(forms) for forms in (result.closed_forms, result.paper)
    ]
    return Row(label, number(value, unit), *(number(each, unit) for each in forms))


# ---- Text ----

_WIDTHS = (50, 13, 19, 13)


def format_table(result: Result) -> str:
    """The result as text, at most 100 columns wide."""
    unit = UnitNames(alp=result.alp)
    time = f"a = {result.a_end:.4g} {unit.a}" if result.radiation else "static background"
    title = result.name if len(result.name) <= 60 else result.name[:57] + "..."
    lines = [f"{title}: at the end, {time}, tau = {result.tau_end:.4g} {unit.tau}", ""]
    closed_form = "closed form (a)" if result.alp else ""
    lines += [_line(Row("", "this run", closed_form, "paper (b)" if result.paper else ""))]
    lines += ["-" * sum(_WIDTHS)]
    lines += map(_line, observables(result) + scales(result) + today(result))
    lines += ["", *map(_line, checks(result)), ""]
    for note in footnotes(result):
        indent = "    " if note.startswith("(") else ""
        lines += textwrap.wrap(note, 92, subsequent_indent=indent)
    for note in result.notes:
        lines += textwrap.wrap(f"Note: {note}", sum(_WIDTHS), subsequent_indent="    ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _line(row: Row) -> str:
    cells = zip((row.run, row.closed_form, row.paper), _WIDTHS[1:], strict=True)
    return row.label.ljust(_WIDTHS[0]) + "".join(cell.rjust(width) for cell, width in cells)
