"""A scan as table, figure and text."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import csv
import io
import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darklat.analysis import drawing, overlay, seeds, symbols
from darklat.analysis.closed_forms import PAPER, b_of_paper, constant_electrons, is_benchmark, unmet
from darklat.analysis.scan import MASS, NothingToScanError, Scan, exponent, load_scan
from darklat.analysis.seed_averages import seed_averages, seeds_csv
from darklat.analysis.seeds import Average
from darklat.errors import InputError
from darklat.physics import run_relics
from darklat.storage import text_files

DEFAULT_FOLDER = Path("runs/scan")

_EQUATIONS = {"r": (18, 0.0), "epsilon": (18, 0.0), "b": (19, 1.5)}
"""The equation of Choi et al. for the dependence on m, and its exponent."""


def scan(folders: list[Path], *, out: Path | None = None, against: str | None = None) -> str:
    """Compare the runs in `folders` and return the table as text.

    Writes curves.* and spectra.* (PNG, PDF, CSV), scan.csv, scan.txt, scan.png and scan.pdf into
    `out` (default runs/scan), replacing the files of an earlier scan; with several seeds of one
    configuration also seeds.csv. Runs that differ in no parameter, or that have no time in common,
    have curves and spectra alone. Raises InputError as `load_scan` otherwise, and for an `out` that
    is a run or a file. Raises MachineError where it cannot be written to.
    """
    folder = DEFAULT_FOLDER if out is None else out
    if (folder / "config.yaml").exists():
        raise InputError(f"{folder} is a run; choose another folder for the scan with --out")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; choose a folder for the scan with --out")
    found, reason = _found(folders, against)
    drawn = overlay.load_overlay(folders)
    text = f"{len(folders)} runs, without a table: {reason}\n" if found is None else ""
    text += format_scan(found) if found is not None else ""
    text += f"\n{overlay.legend(drawn)}\n"
    with text_files.writing("the scan", folder, again="scan again"):
        folder.mkdir(parents=True, exist_ok=True)
        written = ["scan.txt"]
        text_files.replace(folder / "scan.txt", text)
        written += overlay.write(drawn, folder)
        if found is not None:
            written += _write_scan(found, folder)
    return text + f"\nWritten to {folder}: {', '.join(written)}\n"


def _found(folders: list[Path], against: str | None) -> tuple[Scan | None, str]:
    """The scan, or the reason why there is none."""
    try:
        return load_scan(folders, against=against), ""
    except NothingToScanError as error:
        if against is not None:
            raise
        return None, str(error)


def _write_scan(found: Scan, folder: Path) -> list[str]:
    text_files.replace(folder / "scan.csv", as_csv(found))
    written = ["scan.csv", *drawing.picture(lambda: figure_scan(found), folder, "scan")]
    if any(len(cell.members) > 1 for cell in seed_averages(found)):
        text_files.replace(folder / "seeds.csv", seeds_csv(found))
        written.append("seeds.csv")
    return written


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
    lines += _over_seeds(scan)
    for note in _notes(scan):
        lines += textwrap.wrap(f"Note: {note}", 100, subsequent_indent="    ")
    return "\n".join(lines).rstrip() + "\n"


def figure_scan(scan: Scan) -> Figure:
    """A panel per observable against the parameter, at the common a and at the end of each run.

    Several seeds of one configuration are one point, their mean, with a bar of one standard
    deviation. Where the parameter is the seed, mean, scatter and error of the mean are bands.
    """
    names = scan.observables
    figure = drawing.new_figure(height=1.3 + 1.3 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    x, ticks = _positions(scan)
    for panel, name in zip(panels, names, strict=True):
        _draw_points(panel, scan, name, x)
        panel.set_yscale("log")
        dark = scan.runs[0].config.dark
        panel.set_ylabel(symbols.of_column(name, scan.unit_names, dark=dark).axis)
        if scan.decades:
            panel.set_xscale("log")
        if scan.parameter == MASS:
            _paper_lines(panel, scan, name, x)
        _room(panel)
    panels[-1].set_xlabel(symbols.of_key(scan.parameter, scan.unit_names).axis)
    if ticks is not None:
        panels[-1].set_xticks(x, ticks)
    elif not scan.decades and len(set(x.tolist())) <= 6:
        panels[-1].set_xticks(x, [_value(value) for value in x.tolist()])
    figure.align_ylabels(panels)
    handles = {
        label: handle
        for panel in panels
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", frameon=False)
    figure.suptitle(_title(scan))
    return figure


# ---- Parts ----


def _draw_points(panel: Axes, scan: Scan, name: str, x: np.ndarray) -> None:
    clock = drawing.clock_label(scan.runs[0]).strip("$")
    at_common = rf"at ${clock} = {scan.common:.4g}$"
    blue, size = drawing.COLOURS[0], 4.5
    cells = [cell for cell in seed_averages(scan) if name in cell.of]
    if scan.parameter == seeds.SEED:
        for cell in cells:
            places = x[list(cell.members)]
            values = [scan.points[i].common[name] for i in cell.members]
            shown = drawing.positive(np.array(values))
            panel.plot(places, shown, "o", color=blue, ms=size, label=at_common)
            _band(panel, cell.of[name])
    else:
        several = any(cell.of[name].n > 1 for cell in cells)
        places = x[[cell.members[0] for cell in cells]]
        means = drawing.positive(np.array([cell.of[name].mean for cell in cells]))
        label = f"{at_common}: mean and scatter of seeds" if several else at_common
        panel.plot(places, means, "o", color=blue, ms=size, label=label)
        bars = np.array([cell.of[name].scatter for cell in cells])
        known = np.isfinite(bars)
        if np.any(known):
            at, middle, bar = places[known], means[known], bars[known]
            panel.errorbar(at, middle, bar, fmt="none", ecolor=blue, elinewidth=1, capsize=3)
    # At a thousandth the same time, the two sets of points lie on top of each other.
    if not all(np.isclose(p.a_end, scan.common, rtol=1e-3) for p in scan.points):
        ends = np.array([p.end.get(name, np.nan) for p in scan.points], dtype=float)
        panel.plot(
            x, drawing.positive(ends), "s", color=drawing.COLOURS[1], ms=size,
            markerfacecolor="none", label="at the end of each run",
        )  # fmt: skip


def _band(panel: Axes, of: Average) -> None:
    """Mean, error of the mean and scatter of the seeds of one configuration."""
    if of.n < 2:
        return
    panel.axhline(of.mean, color="0", lw=0.9, label=f"mean of {of.n} seeds")
    for half, shade, label in ((of.scatter, "0.9", "scatter"), (of.error, "0.75", "error of mean")):
        panel.axhspan(of.mean - half, of.mean + half, color=shade, lw=0, zorder=-1, label=label)


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
        return np.array([run_relics.paper_b(mass_eV=float(mass)) for mass in masses])
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


def _over_seeds(scan: Scan) -> list[str]:
    """Mean, scatter and error of the mean of configurations with several seeds."""
    lines = []
    for cell in seed_averages(scan):
        if len(cell.members) < 2:
            continue
        values = [f"{key.rpartition('.')[2]} = {_value(v)}" for key, v in cell.parameters.items()]
        where = ", ".join([*values, f"{len(cell.members)} seeds at {scan.clock}"])
        lines.append(f"{where} = {scan.common:.4g}: mean +- scatter (error of the mean)")
        lines += [
            f"    {name} = {of.mean:.4g} +- {of.scatter:.2g} ({of.error:.2g})"
            for name, of in cell.of.items()
        ]
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
    if shown.size == 0:
        return
    if shown.max() > 3 * shown.min():
        drawing.hold(panel, shown)
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
