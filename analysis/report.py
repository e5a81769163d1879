"""`darklat report`: one HTML file on a run, with everything that it shows inside it."""

from __future__ import annotations

import darklat.analysis.importable  # noqa: F401 (before matplotlib)

# isort: split

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from matplotlib.figure import Figure

from darklat.analysis import (
    definitions,
    drawing,
    figures,
    html,
    radio_sky_figure,
    radio_sky_text,
    spectra_figures,
    story,
    tables,
)
from darklat.analysis.closed_forms import is_benchmark
from darklat.analysis.numbers import Result, analyse
from darklat.analysis.table_text import UNTRUSTED, VERDICTS, footnotes, marks
from darklat.analysis.verdicts import ended, progress
from darklat.errors import InputError
from darklat.physics.verdicts import Verdict
from darklat.schema.write import leaves, shown
from darklat.storage import events, radio_sky_file, text_files
from darklat.storage.read_run import RunFiles, load_run
from darklat.storage.run_log import last_lines


def report(folder: Path, *, out: Path | None = None) -> str:
    """Write the report on the run in `folder`, finished or not; returns the text to print.

    `out` is the file (default: report.html in the folder); an earlier one is replaced. Raises
    InputError where the folder is not a run or has nothing to show yet, and where `out` cannot be a
    file. Raises MachineError where it cannot be written.
    """
    path = folder / "report.html" if out is None else out
    run = load_run(folder)
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the name of a file (--out)")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent} is not a folder; make it, or choose another file (--out)")
    record = events.read(folder)
    result = analyse(run)
    found, text = result.verdicts, render(run, result, record, beside=path.parent)
    with text_files.writing(
        "the report", path, again="report again, or choose another file (--out)"
    ):
        text_files.replace(path, text)
    not_passed = "".join(
        f"\n  {v.status}  {v.check}: {v.number}, limit {v.limit}"
        for v in found
        if v.status != "pass"
    )
    edits = "".join(f"\n  note  {line}" for line in run.edits)
    return f"{path}: {VERDICTS[result.verdict]}{not_passed}{edits}"


def render(
    run: RunFiles, result: Result, record: Sequence[events.Event] | None, *, beside: Path
) -> str:
    """The report as HTML. beside: the folder that it will lie in, for links to the run's files."""
    worst = result.verdict
    parts = [
        f"<header>{html.heading(result.name)}",
        html.paragraph(_progress(run, result), "soft"),
        html.paragraph(f"{story.simulated(run.config)} {story.found(result)}"),
        f'<p class="verdict {worst}"><strong>{VERDICTS[worst]}</strong></p></header>',
        html.section("Checks", _checks(result.verdicts), html.items(_remarks(run, result, record))),
        html.section("Figures", _figures(run, beside)),
        html.section("Numbers of the run", *_numbers(result)),
        html.section("Today", *_today(result)),
        html.section("Radio sky", *_radio_sky(run)),
        html.section("The checks explained", _explained(result.verdicts)),
        html.section("What was run", _configuration(run)),
        html.section("Where it comes from", *_provenance(run)),
    ]
    return html.page(f"{result.name}: report", "\n".join(part for part in parts if part))


def _progress(run: RunFiles, result: Result) -> str:
    unit = run.config.unit_names
    name = f"a/{unit.a}" if result.expands else f"tau/{unit.tau}"
    last = result.a_end if result.expands else result.tau_end
    if ended(run):
        return f"The run reached its end, {name} = {last:.4g}."
    end = progress(run)[1]
    return f"Unfinished: the numbers are those of the last row, {name} = {last:.4g} of {end:.4g}."


def _checks(found: tuple[Verdict, ...]) -> str:
    rows = []
    for v in found:
        meaning = definitions.of_check(v.check)
        target = f"#{meaning.anchor}" if meaning else ""
        rows.append(
            [
                html.label(v.check, plain=True, remark=v.remark, target=target),
                f'<td class="status {v.status}">{v.status}</td>',
                html.cell(v.number, "number"),
                html.cell(v.limit, "number"),
            ]
        )
    return html.table(["check", "verdict", "value", "limit"], rows)


def _explained(found: tuple[Verdict, ...]) -> str:
    kinds = dict.fromkeys(definitions.of_check(v.check) for v in found)
    return html.terms((kind.anchor, kind.check, kind.text) for kind in kinds if kind is not None)


def _remarks(run: RunFiles, result: Result, record: Sequence[events.Event] | None) -> list[str]:
    remarks = list(result.notes)
    if record is None:
        remarks.append(
            f"There is no {events.NAME}, as in a folder of an older darklat: warnings, resumes and "
            "rejected checkpoints are not known."
        )
        return remarks
    if newer := events.unknown(run.folder):
        remarks.append(
            f"{events.NAME} has events of a newer darklat that are not read: {', '.join(newer)}."
        )
    # At its end the run warns of the verdicts, which are in the table.
    in_table = tuple(f"{verdict.check}: " for verdict in result.verdicts)
    warnings = [event.text for event in record if isinstance(event, events.Warned)]
    warnings = [text for text in dict.fromkeys(warnings) if not text.startswith(in_table)]
    return remarks + [f"Warned about: {text}" for text in _newest_of_each(warnings)]


def _newest_of_each(warnings: Sequence[str]) -> list[str]:
    """Of warnings that differ in their numbers alone the last one, with how often it came."""
    by_words: dict[str, list[str]] = {}
    for text in warnings:
        by_words.setdefault(re.sub(r"\d", "", text.split(",")[0]), []).append(text)
    return [
        texts[-1] + (f" ({len(texts)} times.)" if len(texts) > 1 else "")
        for texts in by_words.values()
    ]


def _configuration(run: RunFiles) -> str:
    rows = [
        [html.label(key, plain=True), html.cell(_plain(value))]
        for key, value in leaves(run.config).items()
    ]
    unit = run.config.unit_names
    caption = (
        f"The resolved configuration. Times and lengths in {unit.tau}, scale factors in {unit.a}, "
        "unless the key says otherwise."
    )
    changes = [
        f"Its configuration changed at a = {change.a:.4g}, step {change.step}: {change}."
        for change in run.changes
    ]
    return (
        html.paragraph(caption, "soft")
        + html.table(["key", "value"], rows)
        + (html.items(changes) if changes else "")
    )


@dataclass(frozen=True)
class _Picture:
    """A figure of the report; name: that of its files in figures/."""

    name: str
    draw: Callable[..., Figure | None]
    alt: str
    caption: str


def _pictures(run: RunFiles) -> list[_Picture]:
    X, a = run.config.dark, f"a/{run.config.unit_names.a}"
    others = [(f"spectra_{letter}", letter) for letter in figures.other_fields(run)]
    return [
        _Picture(
            "series",
            figures.figure_series,
            "The observables against time",
            _series_in_words(run),
        ),
        _Picture(
            "growth",
            spectra_figures.figure_growth,
            f"Growth of the magnetic field of {X} from the vacuum",
            f"Power of B_{X} per ln k by helicity from the vacuum (dotted) on; colour is time. "
            "Modes in the grey band are unstable at some time.",
        ),
        *(_spectra_of(name, letter) for name, letter in [("spectra", X), *others] if letter),
        _Picture(
            "spectra_long",
            spectra_figures.figure_longitudinal_spectra,
            f"Spectra of the longitudinal potential of {X}",
            f"Power of the longitudinal part of {X} per ln k; colour is time.",
        ),
        _Picture(
            "gravitational_waves",
            figures.figure_waves,
            "Gravitational waves today",
            "Energy of gravitational waves today per ln f; grey at earlier times of the run.",
        ),
        _Picture(
            "checks",
            figures.figure_checks,
            "Gauss's law, the energy balance and the power at the cutoff against time",
            "Residuals of Gauss's law and of the Lorenz condition of massive fields, magnitude of "
            "the energy balance, and the share of the energy at the cutoff.",
        ),
        _Picture(
            "energies",
            figures.figure_energies,
            "Energy densities against time",
            f"Densities times ({a})^4: constant for radiation, growing as a for matter. The lower "
            "panel, where there are two, has all of the growth.",
        ),
    ]


def _figures(run: RunFiles, beside: Path) -> str:
    drawn = []
    for each in _pictures(run):
        image = html.paragraph(f"Not drawn: {each.alt}", "soft")
        with drawing.noted(each.alt):
            figure = each.draw(run, compact=True)
            files = _files(run.folder / "figures", each.name, beside)
            image = (
                html.figure(figure, alt=each.alt, caption=each.caption, files=files)
                if figure is not None
                else ""
            )
        drawn += [image] if image else []
    return f'<div class="figures">\n{chr(10).join(drawn)}\n</div>' if drawn else ""


def _files(folder: Path, name: str, beside: Path) -> dict[str, str]:
    """Links to the data and the PDF of a figure, where `darklat analyze` has written them."""
    found = {kind: folder / f"{name}.{kind.lower()}" for kind in ("CSV", "PDF")}
    return {
        kind: quote(os.path.relpath(path, beside)) for kind, path in found.items() if path.is_file()
    }


def _spectra_of(name: str, letter: str) -> _Picture:
    return _Picture(
        name,
        partial(spectra_figures.figure_helicities, letter=letter),
        f"Spectra of the magnetic field of {letter}",
        f"Power of B_{letter} per ln k by helicity, once the field has grown; colour is time, and "
        "the last curve is thicker. The checks count the hatched part as the cutoff.",
    )


def _series_in_words(run: RunFiles) -> str:
    if run.config.model.alp is None:
        return "Mean energy densities of fields and plasmas against time."
    shown = "r, epsilon" + (" and b" if "b" in run.series else "") + " against time."
    paper = " Dotted: Choi, Kim, Sekiguchi 2018, Fig. 1." if is_benchmark(run.config) else ""
    return shown + paper


def _numbers(result: Result) -> list[str]:
    rows = tables.observables(result) + tables.scales(result)
    return [*_marks(result), _compared(result, rows)]


def _marks(result: Result) -> list[str]:
    return [html.paragraph(line, "fail") for line in marks(result)]


def _today(result: Result) -> list[str]:
    if not result.has_today:
        return [html.paragraph(f"A {result.background} background has no today.", "soft")]
    notes = [html.paragraph(note, "soft") for note in footnotes(result)]
    return [*_marks(result), _compared(result, tables.today(result)), *notes]


def _radio_sky(run: RunFiles) -> list[str]:
    """The results of `darklat analyze DIR --with FILE`, where there are any."""
    sky = radio_sky_file.read(run.folder / radio_sky_file.NAME)
    if sky is None:
        return []
    image = html.paragraph("Not drawn: the radio sky", "soft")
    with drawing.noted("radio_sky"):
        image = html.figure(
            radio_sky_figure.draw(sky, compact=True),
            alt="The magnetic field today, and the temperature of the radio sky",
            caption=f"Above {sky.field} today. Below photons from ALPs, and measurements.",
        )
    rows = [
        [html.label(label), html.cell(value, "number")] for label, value in radio_sky_text.rows(sky)
    ]
    soft = [html.paragraph(note, "soft") for note in radio_sky_text.notes(sky)]
    return [
        html.paragraph(sky.words),
        f'<div class="figures">{image}</div>',
        html.table(["quantity", "this run"], rows),
        *soft,
        html.details("The analysis as YAML", html.preformatted(sky.config)),
    ]


def _compared(result: Result, rows: list[tables.Row]) -> str:
    limits = any(row.limit for row in rows)
    head = ["quantity; equation" if result.closed_forms else "quantity", "this run"]
    head += ["its ladder (c)"] if limits else []
    head += ["closed form (a)"] if result.closed_forms is not None else []
    head += ["paper (b)"] if result.paper is not None else []
    body = []
    for row in rows:
        run = html.cell(row.run, "number")
        if not row.trusted:
            run = html.cell(row.run, "number fail", after=f" {UNTRUSTED}")
        forms = [row.closed_form] if result.closed_forms is not None else []
        forms += [row.paper] if result.paper is not None else []
        others = [row.limit, *forms] if limits else forms
        label = html.label(row.label, remark=definitions.of_number(row.label))
        body.append([label, run, *(html.cell(x, "number") for x in others)])
    return html.table(head, body)


def _provenance(run: RunFiles) -> list[str]:
    origin = run.provenance
    known = {
        "run folder": run.folder.resolve().name,
        "darklat": origin.get("darklat_version", ""),
        "file format": origin.get("format_version", ""),
        "host": origin.get("host", ""),
        "device": origin.get("device", ""),
    }
    summary = run.summary or {}
    known |= {f"{n} library": v for n, v in _libraries(origin.get("library_versions", "")).items()}
    known |= {
        text: _short(summary[key])
        for key, text in (
            ("backend", "backend"),
            ("wall_seconds", "seconds of the last process"),
            ("site_steps_per_second", "site-steps per second"),
            ("rhs_per_second", "right-hand sides per second"),
        )
        if key in summary
    }
    rows = [[html.label(k, plain=True), html.cell(v, "number")] for k, v in known.items() if v]
    folded = []
    if "config" in origin:
        folded.append(html.details("Configuration as YAML", html.preformatted(origin["config"])))
    if lines := last_lines(run.folder):
        last = html.preformatted("\n".join(lines))
        # Of a run that did not end, these lines say why.
        folded.append(
            html.details("The last lines of run.log", last)
            if ended(run)
            else f"<p>The last lines of run.log:</p>{last}"
        )
    return [html.table(["", ""], rows), *folded]


def _libraries(text: str) -> dict[str, str]:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _plain(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else shown(value)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
