"""The numbers of a run as rows, beside the closed forms and values of Choi, Kim, Sekiguchi
(2018)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from darklat.analysis import error_bars
from darklat.analysis.adapted_units import GAUSS, LENGTHS, Unit, adapted
from darklat.analysis.closed_forms import PAPER, ClosedForms
from darklat.analysis.numbers import Result
from darklat.physics.units import UnitNames
from darklat.physics.verdicts import FIELDS


@dataclass(frozen=True)
class Row:
    """A quantity: of the run, by the equation of its label with the run's numbers, and of the
    paper. A dash stands for a number that there is none of, nothing for one that cannot be."""

    label: str
    run: str
    closed_form: str = ""
    paper: str = ""
    trusted: bool = True
    """Whether no check touches the number of the run."""
    limit: str = ""
    """The number with its error in the ladder of the run; empty without one."""


Form = Callable[[ClosedForms], float | None]

DARK_MATTER = "if Omega_phi h^2 = 0.12"


def observables(result: Result) -> list[Row]:
    """r, epsilon, b and where epsilon saturates: last values, and at the milestones; without an ALP
    the last densities."""
    end = result.end
    if not result.alp:
        unit = UnitNames(alp=False).square
        return [
            Row(
                f"rho/{x}, last [{unit}]",
                number(rho),
                trusted=_density_is_trusted(result, x),
                limit=_limit(result, f"rho/{x}", None),
            )
            for x, rho in result.rho.items()
        ]
    benchmark: dict[str, Any] = PAPER if result.paper else {}
    rows = [_row(result, "r", "r, last", end.r, paper=benchmark.get("r"), of="r")]
    rows += [_row(result, "r", f"r at a = {x.a:g}", x.r, of="r", at=x.a) for x in result.at]
    for letter in _darks(result):
        key, of = f"{FIELDS}.{letter}.epsilon", end.fields[letter]
        label = f"epsilon of {letter}"
        paper = benchmark.get("epsilon")
        name = "epsilon" if letter == end.dark_field else f"epsilon_{letter}"
        rows.append(_row(result, key, f"{label}, last", of.epsilon, paper=paper, of=name))
        rows += [
            _row(result, key, f"{label} at a = {x.a:g}", x.epsilon.get(letter), of=name, at=x.a)
            for x in result.at
        ]
        if result.expands:
            saturates = f"a/a_osc where {label} saturates"
            paper = benchmark.get("a_X")
            rows.append(_row(result, key, saturates, of.a_saturation, paper=paper))
    if end.b is not None:
        b_paper = None if result.paper is None else result.paper.b
        label = "b, last" if b_paper is None else "b, last; (19)"
        rows.append(_row(result, "b", label, end.b, paper=b_paper, of="b"))
        rows += [_row(result, "b", f"b at a = {x.a:g}", x.b, of="b", at=x.a) for x in result.at]
    return rows


def scales(result: Result) -> list[Row]:
    """Wave number of the peak and integral scale of every gauge field, the photon first."""
    tau, rows = UnitNames(alp=result.alp).tau, []
    for letter in _fields(result):
        of, keys = result.end.fields[letter], f"{FIELDS}.{letter}"
        peak = _compared(
            result,
            f"{keys}.k_peak",
            f"k of the peak of {of.peak_of} per ln k [1/{tau}]",
            of.k_peak,
            24,
            lambda forms: forms.k_star,
        )
        rows += [
            replace(peak, limit=_limit(result, f"k_peak_{letter}", None)),
            _row(
                result,
                f"{keys}.integral_scale",
                f"integral scale of {of.peak_of} [{tau}]",
                of.integral_scale,
            ),
        ]
        if of.peak_of.startswith("B_"):
            label = f"helicity of {of.peak_of}, (+ less -)/(sum)"
            name = f"helicity_{letter}"
            rows.append(_row(result, f"{keys}.helicity_B", label, of.helicity_B, of=name))
    return [*rows, *_waves(result, tau)]


def _waves(result: Result, tau: str) -> list[Row]:
    """Of gravitational waves at the last spectrum."""
    waves = result.waves
    if waves is None:
        return []
    return [
        Row("Omega_GW, last", number(waves.omega)),
        Row("Omega_GW without every second sample, change", number(waves.sampling)),
        Row(f"k of the peak of Omega_GW per ln k [1/{tau}]", number(waves.k_peak)),
        Row("Omega_GW per ln k there", number(waves.peak)),
        Row("helicity of the waves, (+ less -)/(sum)", number(waves.helicity)),
    ]


def _waves_today(result: Result) -> list[Row]:
    waves = result.waves
    if waves is None:
        return []
    return [
        Row("Omega_GW h^2 today", number(waves.omega_h2)),
        Row("Omega_GW h^2 per ln f today at its peak", number(waves.peak_h2)),
        Row("frequency of the peak today [Hz]", number(waves.frequency_Hz)),
    ]


def today(result: Result) -> list[Row]:
    """Lengths, densities and field strengths of today; nothing in a static background, or where g_*
    is not known at a = 1."""
    if result.epoch is None:
        return []
    end, rows = result.end, []
    for letter in _fields(result):
        rows += _lengths(result, letter)
    if result.alp:
        rows.append(
            _compared(
                result,
                "omega_phi_h2",
                "Omega_phi h^2",
                end.omega_phi_h2,
                20,
                lambda forms: forms.omega_phi_h2,
            )
        )
    for letter in _darks(result):
        rows += _densities(result, letter)
    if end.delta_neff is not None:
        label = "Delta N_eff" if len(_darks(result)) == 1 else "Delta N_eff of all dark fields"
        rows.append(
            _compared(
                result, "delta_neff", label, end.delta_neff, 22, lambda forms: forms.delta_neff
            )
        )
    if end.photon is not None and (result.alp or end.B_today_gauss is not None):
        label = f"B_{end.photon} today, rms"
        rows.append(
            _compared(
                result,
                "B_today_gauss",
                label,
                end.B_today_gauss,
                23,
                lambda forms: forms.B_today_gauss,
                units=GAUSS,
            )
        )
    return rows + _if_dark_matter(result) + _waves_today(result)


def _lengths(result: Result, letter: str) -> list[Row]:
    of, keys = result.end.fields[letter], f"{FIELDS}.{letter}"
    return [
        _compared(
            result,
            f"{keys}.coherence_length_kpc",
            f"coherence length of {of.peak_of} today, 2 pi/k_peak",
            of.coherence_length_kpc,
            24,
            lambda forms: forms.coherence_length_kpc,
            units=LENGTHS,
        ),
        _compared(
            result,
            f"{keys}.integral_scale_kpc",
            f"integral scale of {of.peak_of} today",
            of.integral_scale_kpc,
            25,
            lambda forms: forms.correlation_length_kpc,
            units=LENGTHS,
        ),
    ]


def _densities(result: Result, letter: str) -> list[Row]:
    """Of one dark field: matter, or radiation with its share of Delta N_eff where there are more
    fields."""
    of, keys, rows = result.end.fields[letter], f"{FIELDS}.{letter}", []
    if of.omega_h2 is not None:
        label = f"Omega_{letter} h^2, as if it were all matter by now"
        rows.append(_row(result, f"{keys}.omega_h2", label, of.omega_h2))
    if of.B_today_gauss is not None:
        rows.append(
            _compared(
                result,
                f"{keys}.B_today_gauss",
                f"B_{letter} today, rms",
                of.B_today_gauss,
                21,
                lambda forms: forms.B_X_today_gauss,
                units=GAUSS,
            )
        )
    if of.delta_neff is not None and len(_darks(result)) > 1:
        rows.append(_row(result, f"{keys}.delta_neff", f"Delta N_eff of {letter}", of.delta_neff))
    return rows


def _if_dark_matter(result: Result) -> list[Row]:
    """Of massless dark fields and the photon, with the f that makes the ALP all dark matter."""
    if not result.dark_matter:
        return []
    rows = [
        _compared(
            result,
            f"{FIELDS}.{letter}.B_today_gauss",
            f"B_{letter} today, rms, {DARK_MATTER}",
            of.B_gauss,
            21,
            lambda forms: forms.B_X_dark_matter_gauss,
            units=GAUSS,
        )
        for letter, of in result.dark_matter.items()
    ]
    rows.append(
        _compared(
            result,
            "delta_neff",
            f"Delta N_eff {DARK_MATTER}",
            result.delta_neff_dark_matter,
            22,
            lambda forms: forms.delta_neff_dark_matter,
        )
    )
    if result.paper is not None:
        rows.append(
            _compared(
                result,
                "delta_neff",
                f"Delta N_eff {DARK_MATTER}",
                None,
                26,
                lambda forms: forms.delta_neff_benchmark,
            )
        )
    if result.B_dark_matter_gauss is not None:
        rows.append(
            _compared(
                result,
                "B_today_gauss",
                f"B_{result.end.photon} today, rms, if 0.12, g_AX = f_16",
                result.B_dark_matter_gauss,
                23,
                lambda forms: forms.B_dark_matter_gauss,
                units=GAUSS,
            )
        )
    return rows


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


def number(value: float | None, unit: float = 1.0) -> str:
    """Three digits, in `unit`; a dash for None."""
    return "-" if value is None else f"{value / unit:.3g}"


# ---- Parts ----


def _darks(result: Result) -> list[str]:
    """The letters of the dark fields."""
    return [letter for letter in result.end.fields if letter != result.end.photon]


def _fields(result: Result) -> list[str]:
    """The letters of all gauge fields, the photon first."""
    photon = [result.end.photon] if result.end.photon is not None else []
    return [*photon, *_darks(result)]


def _row(
    result: Result,
    key: str,
    label: str,
    value: float | None,
    *,
    paper: float | None = None,
    of: str = "",
    at: float | None = None,
) -> Row:
    """A number of the run without a closed form. key: in summary.json. of, at: its name in a
    ladder, and its time there (None: the end)."""
    trusted = value is None or key not in result.untrusted
    shown = "" if paper is None else number(paper)
    return Row(label, number(value), "", shown, trusted, _limit(result, of, at))


def _limit(result: Result, name: str, at: float | None) -> str:
    """The number of that name in the ladder of the run, at a time or at the end."""
    end = result.a_end if result.expands else result.tau_end
    bar = error_bars.at(result.ladder, name, end if at is None else at)
    return "" if bar is None else bar.words


def _density_is_trusted(result: Result, name: str) -> bool:
    """Whether no check touches a density in the series. It is not in summary.json, but the numbers
    of today that follow from it are."""
    field = f"{FIELDS}.{name.removesuffix('_plasma')}"
    return not {f"{field}.omega_h2", f"{field}.delta_neff"} & set(result.untrusted)


def _compared(
    result: Result,
    key: str,
    label: str,
    value: float | None,
    equation: int,
    form: Form,
    *,
    units: Sequence[Unit] = (),
) -> Row:
    """A number of the run beside its closed form, for the run and for the paper's parameters, in
    the one of the units that suits the first of them. key: in summary.json."""
    forms = [
        None if forms is None else form(forms) for forms in (result.closed_forms, result.paper)
    ]
    size = 1.0
    if units:
        unit = adapted(next((x for x in (value, *forms) if x is not None), None), units)
        size, label = unit.size, _with_unit(label, unit.name)
    if result.closed_forms is not None or result.paper is not None:
        label += f"; ({equation})"
    cells = [
        "" if column is None else number(each, size)
        for column, each in zip((result.closed_forms, result.paper), forms, strict=True)
    ]
    trusted = value is None or key not in result.untrusted
    return Row(label, number(value, size), cells[0], cells[1], trusted)


def _with_unit(label: str, unit: str) -> str:
    """The unit before a condition: "B_X today, rms [nG], if ..."."""
    before, comma, condition = label.partition(", if ")
    return f"{before} [{unit}]{comma}{condition}"
