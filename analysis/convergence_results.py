"""The numbers of a ladder as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from pathlib import Path

from darklat.analysis import convergence_figure, drawing
from darklat.analysis.convergence import ConvergedNumber, Convergence, load_convergence
from darklat.analysis.error_bars import FILE, FOLDER, ErrorBar, as_json
from darklat.analysis.error_budget import ORIGINS, details, number, part_of, verdict
from darklat.errors import InputError
from darklat.physics.convergence import LimitKind
from darklat.storage import text_files

_WIDTH = 100


def converge(folder: Path, *, out: Path | None = None) -> str:
    """Compares the runs of the ladder in `folder`, finished or not, and returns the text.

    Writes convergence.txt, convergence.csv, convergence.json, convergence.png and convergence.pdf
    into `out` (default: the folder `convergence` of the ladder), replacing earlier ones. `analyze`
    and `report` take the JSON from there. Raises InputError as `load_convergence`, and for an `out`
    that is a run or a file. Raises MachineError where it cannot be written to.
    """
    results = folder / FOLDER if out is None else out
    if (results / "config.yaml").exists():
        raise InputError(f"{results} is a run; choose another folder with --out")
    if results.exists() and not results.is_dir():
        raise InputError(f"{results} is a file; choose a folder with --out")
    found = load_convergence(folder)
    text = format_convergence(found)
    with text_files.writing("the convergence", results, again="analyze again"):
        results.mkdir(parents=True, exist_ok=True)
        text_files.replace(results / "convergence.txt", text)
        text_files.replace(results / "convergence.csv", as_csv(found))
        text_files.replace(results / FILE, as_json(error_bars(found), runs(found)))
        drawn = drawing.picture(
            lambda: convergence_figure.figure_convergence(found), results, "convergence"
        )
    written = ["convergence.txt", "convergence.csv", FILE, *drawn]
    return text + f"\nWritten to {results}: {', '.join(written)}\n"


def runs(found: Convergence) -> list[str]:
    """The names of the folders of the runs."""
    return [path.name for path, _ in found.ladder.runs]


def error_bars(found: Convergence) -> list[ErrorBar]:
    """The numbers with their errors alone."""
    return [
        ErrorBar(
            name=each.name,
            at=each.at,
            value=each.budget.value,
            error=each.budget.error,
            dominates=each.budget.dominates,
            text=number(each.budget),
        )
        for each in found.numbers
    ]


def format_convergence(found: Convergence) -> str:
    """A table with a row per number, then for each a verdict and a line per origin of its error."""
    rows = [["", found.clock, "limit", "this configuration", *ORIGINS, "order"]]
    rows += [_row(each) for each in found.numbers]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    total = len(found.ladder.runs)
    lines = [f"{found.name}: a ladder of {total} runs", "", table[0]]
    lines += ["-" * max(map(len, table)), *table[1:], ""]
    for each in found.numbers:
        lines.append(verdict(each.name, found.clock, each.at, each.budget))
        lines += [f"    {line}" for line in details(each.budget)]
    lines.append("")
    for note in _notes(found):
        lines += textwrap.wrap(f"Note: {note}", _WIDTH, subsequent_indent="    ")
    return "\n".join(lines).rstrip() + "\n"


def _row(each: ConvergedNumber) -> list[str]:
    of = each.budget
    parts = [
        part_of(of.parts[name], logarithmic=of.logarithmic) if name in of.parts else "-"
        for name in ORIGINS
    ]
    measured = of.lattices.finding is LimitKind.MEASURED
    order = f"{of.lattices.order:.2f}" if measured else "-"
    return [each.name, f"{each.at:g}", number(of), f"{of.own:.4g}", *parts, order]


def _notes(found: Convergence) -> list[str]:
    orders = found.ladder.orders
    notes = [
        "errors are one sigma, added in quadrature; docs/convergence.md says how they are "
        f"estimated. The scheme promises order {orders.lattice} in dx at a fixed dt/dx, and "
        f"{orders.step} in the step"
    ]
    if any(each.budget.logarithmic for each in found.numbers):
        notes.append("positive numbers are taken as logarithms: their parts are shares")
    if found.between_rows:
        shares = ", ".join(f"{name} {share:.2g}" for name, share in found.between_rows.items())
        notes.append(
            "before the end numbers are interpolated between rows, which changes them by shares of "
            f"up to about: {shares}. Smaller output.series_interval and output.spectra_interval "
            "make that less"
        )
    if found.failed:
        checks = ", ".join(f"{check} (in {count})" for check, count in found.failed.items())
        notes.append(
            f"checks fail in some of the {len(found.ladder.runs)} runs, and numbers that rest on "
            f"them are not to be trusted: {checks}"
        )
    if found.left_out:
        notes.append(f"left out, because they are not so far yet: {', '.join(found.left_out)}")
    return notes


_COLUMNS = (
    "value", "error", "configuration", *(f"error from {name}" for name in ORIGINS), "scatter",
    "seeds", "dominates", "logarithmic", "finding", "order", "order error", "finest",
    "limit with the measured order", "limit with the order of the scheme",
)  # fmt: skip


def as_csv(found: Convergence) -> str:
    """One row per number; an empty cell where there is none.

    The errors by origin and the scatter are of ln of the number where `logarithmic` is yes. The
    columns from `finding` on are of the ladder of lattices.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["number", found.clock, *_COLUMNS])
    for each in found.numbers:
        of, dx = each.budget, each.budget.lattices
        limits = [dx.finest, dx.with_other, dx.with_scheme]
        if of.logarithmic:
            limits = [math.exp(value) for value in limits]
        cells = [
            of.value, of.error, of.own, *(of.parts.get(name, math.nan) for name in ORIGINS),
            of.scatter, of.seeds, of.dominates, "yes" if of.logarithmic else "no",
            dx.finding.value, dx.order, dx.order_error, *limits,
        ]  # fmt: skip
        shown = ["" if isinstance(x, float) and math.isnan(x) else x for x in cells]
        writer.writerow([each.name, each.at, *shown])
    return buffer.getvalue()
