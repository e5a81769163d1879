"""A scan as table, figure and text."""

from __future__ import annotations

import csv
import io
import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing
from darklat.analysis.closed_forms import PAPER, b_of_paper, constant_electrons, is_benchmark, unmet
from darklat.analysis.scan import MASS, Scan, exponent, load_scan
from darklat.errors import InputError
from darklat.physics import relics
from darklat.storage import text_files

DEFAULT_FOLDER = Path("runs/scan")

_EQUATIONS = {"r": (18, 0.0), "epsilon": (18, 0.0), "b": (19, 1.5)}
"""The equation of Choi et al. for the dependence on m, and its exponent."""

_SYMBOLS = {"r": "$r$", "epsilon": r"$\epsilon$", "b": "$b$"}
_LABELS = {
    MASS: r"$m$ [eV]",
    "model.alp.f_GeV": r"$f$ [GeV]",
    "model.alp.theta_initial": r"$\theta_\mathrm{initial}$",
    "lattice.sites": "sites along an axis",
    "initial.seed": "seed",
}


def scan(folders: list[Path], *, out: Path | None = None, against: str | None = None) -> str:
    """Compare the runs in `folders` and return the table as text.

    Writes scan.csv, scan.txt, scan.png and scan.pdf into `out` (default runs/scan), replacing the
    files of an earlier scan. Raises InputError as `load_scan` and for an `out` that is a run or a
    file, MachineError where it cannot be written to.
    """
    folder = DEFAULT_FOLDER if out is None else out
    if (folder / "config.yaml").exists():
        raise InputError(f"{folder} is a run; choose another folder for the scan with --out")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; choose a folder for the scan with --out")
    found = load_scan(folders, against=against)
    text = format_scan(found)
    with text_files.writing("the scan", folder, again="scan again"):
        folder.mkdir(parents=True, exist_ok=True)
        text_files.replace(folder / "scan.csv", as_csv(found))
        text_files.replace(folder / "scan.txt", text)
        pictures: dict[str, bytes] = {}
        with drawing.noted("scan"):
            pictures = drawing.rendered(figure_scan(found))
        drawn = [path.name for path in drawing.write(pictures, folder, "scan")]
    return text + f"\nWritten to {folder}: {', '.join(['scan.csv', 'scan.txt', *drawn])}\n"


def as_csv(scan: Scan) -> str:
    """One row per run; an empty cell where a run has no such number."""
    units = scan.unit_names
    clock = {"a": f"a [{units.a}]", "tau": f"tau [{units.tau}]"}[scan.clock]
    names, keys = scan.observables, (scan.parameter, *scan.others)
    heads = [f"{{}} [{units.square if name.startswith('rho/') else '1'}]" for name in names]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        [
            *keys,
            "name",
            "folder",
            "ended",
            "failed checks",
            f"last {clock}",
            *(head.format(f"{name} last") for name, head in zip(names, heads, strict=True)),
            f"common {clock}",
            *(head.format(f"{name} common") for name, head in zip(names, heads, strict=True)),
        ]
    )
    for point in scan.points:
        writer.writerow(
            [
                *(point.parameters[key] for key in keys),
                point.name,
                point.folder,
                "yes" if point.ended else "no",
                "; ".join(point.failed),
                point.a_end,
                *(point.end.get(name, "") for name in names),
                scan.common,
                *(point.common.get(name, "") for name in names),
            ]
        )
    return buffer.getvalue()


def format_scan(scan: Scan) -> str:
    """The scan as text: a row per run, then how the observables depend on the parameter."""
    names = scan.observables
    header = [scan.parameter, f"{scan.clock} last", *(f"{name}, last" for name in names)]
    header += [f"{name} at {scan.common:.4g}" for name in names] + ["run"]
    rows = [header]
    for point in scan.points:
        cells = [_value(point.parameters[scan.parameter]), f"{point.a_end:.4g}"]
        for numbers in (point.end, point.common):
            cells += [f"{numbers[n]:.4g}" if n in numbers else "-" for n in names]
        mark = "" if point.ended else " (unfinished)"
        failed = f" (FAILS: {', '.join(point.failed)})" if point.failed else ""
        rows.append([*cells, f"{point.folder}{mark}{failed}"])
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    table = [
        "  ".join(
            # Text flush left, numbers flush right.
            cell.ljust(width) if i in (0, len(header) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines = [f"{len(scan.points)} runs against {scan.parameter}", "", table[0]]
    lines += ["-" * max(map(len, table)), *table[1:], "", *_dependence(scan)]
    for note in _notes(scan):
        lines += textwrap.wrap(f"Note: {note}", 100, subsequent_indent="    ")
    return "\n".join(lines).rstrip() + "\n"


def figure_scan(scan: Scan) -> Figure:
    """A panel per observable against the parameter: at the end and at the common a."""
    names = scan.observables
    figure = drawing.new_figure(height=1.3 + 2.0 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    x, ticks = _positions(scan)
    same = all(np.isclose(p.a_end, scan.common, rtol=1e-3) for p in scan.points)
    clock = drawing.clock_label(scan.runs[0]).strip("$")
    # At a thousandth the same time, the two sets of points lie on top of each other.
    kinds = [("common", rf"at ${clock} = {scan.common:.4g}$", "o", drawing.COLOURS[0])]
    if not same:
        kinds.append(("end", "at the end of each run", "s", drawing.COLOURS[1]))
    for panel, name in zip(panels, names, strict=True):
        for kind, label, marker, colour in kinds:
            at = [p.end if kind == "end" else p.common for p in scan.points]
            y = np.array([values.get(name, np.nan) for values in at], dtype=float)
            y = drawing.positive(y)
            hollow = {"markerfacecolor": "none"} if kind == "end" else {}
            panel.plot(x, y, marker, color=colour, ms=5.5, label=label, **hollow)
        panel.set_yscale("log")
        panel.set_ylabel(_SYMBOLS.get(name, drawing.plain(name)))
        if scan.decades:
            panel.set_xscale("log")
        if scan.parameter == MASS:
            _paper_lines(panel, scan, name, x)
        _room(panel)
    panels[-1].set_xlabel(_label(scan))
    if ticks is not None:
        panels[-1].set_xticks(x, ticks)
    elif not scan.decades and len(set(x.tolist())) <= 6:
        panels[-1].set_xticks(x, [_value(value) for value in x.tolist()])
    handles = {
        label: handle
        for panel in panels
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower center", ncols=2, frameon=False
    )
    figure.suptitle(_title(scan), fontsize=10)
    return figure


# ---- Parts ----


def _label(scan: Scan) -> str:
    """Of the axis of the parameter."""
    units = scan.unit_names
    of_units = {
        "lattice.box": rf"box $L$ [${units.tau_tex}$]",
        "initial.a_start": rf"$a_\mathrm{{start}}/{units.a_tex}$",
    }
    return (_LABELS | of_units).get(scan.parameter, drawing.plain(scan.parameter))


def _paper_lines(panel: Axes, scan: Scan, name: str, x: np.ndarray) -> None:
    """Eqs. 18, 19: through the points' geometric mean, and as the paper has it for its setup.
    Nothing where their assumptions are not met."""
    if not scan.one_family or any(unmet(run.config) for run in scan.runs):
        return
    _, slope = _EQUATIONS[name]
    pairs = [
        (at, p.common[name])
        for at, p in zip(x, scan.points, strict=True)
        if p.common.get(name, 0) > 0
    ]
    if not pairs or not scan.numeric:
        return
    logs = np.log(np.array(pairs, dtype=np.float64))
    offset = float(np.mean(logs[:, 1] - slope * logs[:, 0]))
    line = np.geomspace(x.min(), x.max(), 50)
    label = "Eqs. 18, 19 through the points: $r$, $\\epsilon$ const., $b\\propto m^{3/2}$"
    panel.plot(line, np.exp(offset) * line**slope, color="0.35", lw=0.9, ls="--", label=label)
    paper = _paper(scan, name, line)
    if paper is not None:
        panel.plot(line, paper, color="0.35", lw=0.9, ls=":", label="Choi et al. 2018, Fig. 1")


def _paper(scan: Scan, name: str, masses: np.ndarray) -> np.ndarray | None:
    if name == "b":
        if any(b_of_paper(run.config) is None for run in scan.runs):
            return None
        return np.array([relics.paper_b(mass_eV=float(mass)) for mass in masses])
    if not all(is_benchmark(run.config) for run in scan.runs):
        return None
    return np.full(len(masses), PAPER[name])


def _dependence(scan: Scan) -> list[str]:
    """How the observables go with the parameter, in words."""
    lines = []
    for name in scan.observables:
        found = exponent(scan, name)
        if found is None or not (scan.decades or scan.parameter == MASS):
            continue
        line = f"{name} ~ {scan.parameter.rpartition('.')[2]}^{found:.2f} at {scan.clock} = "
        values = {point.parameters[scan.parameter] for point in scan.points}
        line += f"{scan.common:.4g}, {'least squares' if len(values) > 2 else 'from two values'}"
        if scan.parameter == MASS and not any(unmet(run.config) for run in scan.runs):
            equation, expected = _EQUATIONS[name]
            line += f"; Choi et al. 2018, Eq. {equation}: ^{expected:.2f}"
        lines.append(line)
    return [*lines, ""] if lines else []


def _notes(scan: Scan) -> list[str]:
    notes = []
    if scan.others:
        notes.append(
            f"the runs differ besides in {', '.join(scan.others)}; scan.csv has the values, and "
            "--against KEY draws against another"
        )
    if not scan.one_family and (scan.decades or scan.parameter == MASS):
        notes.append("there is no power law, because the runs differ in more than the parameter")
    broken = {reason: run for run in scan.runs for reason in unmet(run.config)}
    if scan.parameter == MASS and broken:
        notes.append(
            "Eqs. 18 and 19 of Choi et al. are left out, because their assumptions are not met: "
            + "; ".join(f"{reason} ({run.folder})" for reason, run in broken.items())
        )
    if not all(point.ended for point in scan.points):
        notes.append("runs marked unfinished have not reached their end")
    if scan.parameter == MASS and "b" in scan.observables and not broken:
        ratios = {constant_electrons(run.config) for run in scan.runs}
        if None in ratios or len(ratios) > 1:
            notes.append("Eq. 19 takes the number of electrons per photon as one constant")
    notes += [f"{run.folder}: {line}" for run in scan.runs for line in run.edits]
    configs = [run.config for run in scan.runs]
    if "b" not in scan.observables and any(c.photon and c.model.alp for c in configs):
        notes.append("b is missing: it is defined per unit of the coupling of the photon")
    return notes


def _positions(scan: Scan) -> tuple[np.ndarray, list[str] | None]:
    """Where the runs are on the axis, and the ticks of an axis that has no numbers."""
    values = [point.parameters[scan.parameter] for point in scan.points]
    if scan.numeric:
        return np.array(values, dtype=np.float64), None
    kinds = list(dict.fromkeys(_value(value) for value in values))
    places = np.array([kinds.index(_value(value)) for value in values], dtype=np.float64)
    labels = [drawing.plain(_value(value)) for value in values]
    return places, labels


def _room(panel: Axes) -> None:
    """A linear axis below a factor of three. At least a factor of two is on it, so that a scatter
    of percents looks like one."""
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in panel.lines])
    shown = values[np.isfinite(values)]
    if shown.size == 0 or shown.max() > 3 * shown.min():
        return
    panel.set_yscale("linear")
    centre = (shown.min() + shown.max()) / 2
    half = max(0.55 * (shown.max() - shown.min()), centre / 3)
    panel.set_ylim(centre - half, centre + half)


def _title(scan: Scan) -> str:
    names = sorted({point.name for point in scan.points})
    shown = drawing.plain(names[0])
    return shown if len(names) == 1 else f"{shown} and {len(names) - 1} more"


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "(none)" if value is None else str(value)
