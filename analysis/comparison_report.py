"""`darklat report` of several runs: one HTML file with their verdicts, differences and curves."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from matplotlib.figure import Figure

from darklat.analysis import definitions, drawing, html, overlay, scan_results
from darklat.analysis.numbers import Result, analyse
from darklat.analysis.scan import NothingToScanError, Scan, differences, load_scan, refuse_same
from darklat.analysis.tables import number
from darklat.analysis.verdicts import ended
from darklat.errors import InputError
from darklat.physics import scales
from darklat.schema.write import shown
from darklat.storage import text_files
from darklat.storage.read_run import RunFiles, load_run

_WORST: dict[scales.Status, str] = {
    "pass": "Every check of every run passes.",
    "warn": "Some checks warn.",
    "fail": "Runs fail checks: their numbers are not to be trusted without a reason.",
}


def compare(folders: list[Path], *, out: Path) -> str:
    """Writes the report on the runs in `folders` into the file `out`; returns the text to print.

    Raises InputError for fewer than two runs, for one that is given twice, for a folder that is no
    run, for runs without a time in common, and where `out` cannot be a file. Raises MachineError
    where it cannot be written.
    """
    refuse_same(folders)
    if out.is_dir():
        raise InputError(f"{out} is a folder; give the name of a file (--out)")
    runs = [load_run(folder) for folder in folders]
    results = [analyse(run) for run in runs]
    try:
        scan, reason = load_scan(folders), ""
    except NothingToScanError as error:
        scan, reason = None, str(error)
    drawn = overlay.load_overlay(folders)
    worst = scales.worst(tuple(result.verdict for result in results))
    parts = [
        f"<header>{html.heading(f'{len(runs)} runs')}",
        html.items([_in_words(runs)]),
        f'<p class="verdict {worst}"><strong>{_WORST[worst]}</strong></p></header>',
        html.section("Runs", _runs(runs, results, out.parent)),
        html.section("Curves", _figures(drawn, scan)),
        html.section("Numbers", *_numbers(scan, reason)),
        html.section("Differences", _differences(runs)),
    ]
    text = html.page(f"{len(runs)} runs: report", "\n".join(part for part in parts if part))
    with text_files.writing(
        "the report", out, again="report again, or choose another file (--out)"
    ):
        out.parent.mkdir(parents=True, exist_ok=True)
        text_files.replace(out, text)
    lines = [f"{out}: {_WORST[worst]}"]
    lines += [
        f"  {result.verdict}  {run.folder}"
        for run, result in zip(runs, results, strict=True)
        if result.verdict != "pass"
    ]
    return "\n".join(lines)


def _in_words(runs: list[RunFiles]) -> str:
    keys = list(differences([run.config for run in runs]))
    if not keys:
        return "They have the same configuration."
    return f"They differ in {', '.join(keys)}."


def _runs(runs: list[RunFiles], results: list[Result], beside: Path) -> str:
    rows = []
    for run, result in zip(runs, results, strict=True):
        name = "a" if result.expands else "tau"
        last = result.a_end if result.expands else result.tau_end
        failed = [v.check for v in result.verdicts if v.status != "pass"]
        own = run.folder / "report.html"
        target = quote(os.path.relpath(own, beside)) if own.is_file() else ""
        rows.append(
            [
                html.label(str(run.folder), plain=True, remark="; ".join(failed), target=target),
                f'<td class="status {result.verdict}">{result.verdict}</td>',
                html.cell(f"{name} = {last:.4g}", "number"),
                html.cell("yes" if ended(run) else "no"),
            ]
        )
    return html.table(["run", "verdict", "last", "reached its end"], rows)


def _figures(drawn: overlay.Overlay, scan: Scan | None) -> str:
    kinds: list[tuple[Callable[[], Figure | None], str]] = [
        (lambda: overlay.figure_curves(drawn), "The observables against time."),
        (
            lambda: overlay.figure_last_spectra(drawn),
            "The last spectra of the magnetic field of the first dark field.",
        ),
    ]
    if scan is not None:
        caption = f"The observables against {scan.parameter}."
        kinds.append((lambda: scan_results.figure_scan(scan), caption))
    images = []
    for draw, caption in kinds:
        with drawing.noted(caption):
            figure = draw()
            if figure is not None:
                images.append(html.figure(figure, alt=caption, caption=caption))
    return f'<div class="figures">\n{chr(10).join(images)}\n</div>' if images else ""


def _numbers(scan: Scan | None, reason: str) -> list[str]:
    if scan is None:
        return [html.paragraph(f"There is no table: {reason}", "soft")]
    names = scan.observables
    head = [scan.parameter]
    head += [f"{name}, last" for name in names] + [f"{n} at {scan.common:.4g}" for n in names]
    rows = [
        [
            html.label(_plain(point.parameters[scan.parameter]), plain=True),
            *(html.cell(number(point.end.get(name)), "number") for name in names),
            *(html.cell(number(point.common.get(name)), "number") for name in names),
        ]
        for point in scan.points
    ]
    meanings = [
        f"{name}: {text}." for name in names if (text := definitions.of_number(f"{name}, last"))
    ]
    text = scan_results.format_scan(scan)
    folded = html.details("As text", html.preformatted(text))
    return [html.table(head, rows), html.items(meanings), folded]


def _differences(runs: list[RunFiles]) -> str:
    found = differences([run.config for run in runs])
    rows = [
        [html.label(key, plain=True), *(html.cell(_plain(value)) for value in values)]
        for key, values in found.items()
    ]
    return html.table(["key", *(run.folder.name for run in runs)], rows)


def _plain(value: Any) -> str:
    if value is None:
        return "(none)"
    return f"{value:.10g}" if isinstance(value, float) else shown(value)
