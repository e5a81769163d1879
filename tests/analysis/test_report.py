"""The report and the scan: verdicts, what one HTML file holds, and what differs between runs.

The runs are those of synthetic_run, whose numbers are known in closed form.
"""

from __future__ import annotations

import csv
import errno
import json
import math
import os
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli
from darklat.analysis.html import number, typeset
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.analysis.scan import differences, exponent, load_scan
from darklat.analysis.scan_results import figure_scan, format_scan, scan
from darklat.analysis.verdicts import overall
from darklat.errors import InputError, MachineError
from darklat.physics.verdicts import Verdict
from darklat.schema import loads
from darklat.storage import events, text_files
from darklat.storage.read_run import RunFiles, load_run
from synthetic_run import (
    B_END,
    CONFIG,
    PHOTON,
    ROWS,
    STATIC,
    columns,
    make_photon_run,
    make_run,
    replace_series,
)

CHECKS = "checks: {gauss_max: 1e-10, energy_balance_max: 0.05}\n"
LOG = "2026-01-01 10:00:00 synthetic: 32^3 sites, box 2 tau_osc, 9 steps of dt = 0.1 with strang\n"
RECORD = (
    events.Warned(text="lattice: the fastest growing mode is not resolved"),
    events.Resumed(checkpoint="step-000000004.h5", step=4, steps=9, a=12.0),
)


def finished(
    folder: Path,
    *,
    config: str = CONFIG + CHECKS,
    log: str = LOG,
    record: Sequence[events.Event] = RECORD,
) -> Path:
    make_run(folder, config=config)
    (folder / "summary.json").write_text('{"r": 0.03, "backend": "cpu", "wall_seconds": 12.5}')
    (folder / "run.log").write_text(log)
    write_record(folder, record)
    return folder


def write_record(folder: Path, record: Sequence[events.Event]) -> None:
    with events.Recorder(folder) as recorder:
        for event in record:
            recorder.write(event)


def judged(run: RunFiles) -> dict[str, Verdict]:
    return {verdict.check: verdict for verdict in analyse(run).verdicts}


# ---- Verdicts ----


def test_every_check_of_a_good_run_passes(tmp_path: Path) -> None:
    found = judged(load_run(finished(tmp_path / "run")))
    assert {v.status for v in found.values()} == {"pass"}
    assert overall(tuple(found.values())) == "pass"
    gauss = found["Gauss's law of X"]
    assert (gauss.number, gauss.limit) == ("3e-14", "1e-10")
    assert (found["energy balance"].number, found["energy balance"].limit) == ("0.001", "0.05")
    assert found["energy at the cutoff"].number == "0.002"
    assert found["values that are not finite"].number == "0"
    assert found["reached its end"].number == "a = 30"
    assert found["checkpoints rejected"].remark == "resumed once"


RISE = columns(np.linspace(0.5, 30, ROWS))["a"] / 30


@pytest.mark.parametrize(
    ("column", "values", "check", "status"),
    [
        ("gauss__X", 9e-11 * RISE, "Gauss's law of X", "warn"),
        ("gauss__X", 2e-10 * RISE, "Gauss's law of X", "fail"),
        ("energy_balance", -0.02 * RISE, "energy balance", "warn"),  # its sign is no excuse
        ("energy_balance", -0.06 * RISE, "energy balance", "fail"),
        ("power_at_cutoff", 0.3 * RISE, "energy at the cutoff", "warn"),
        ("power_at_cutoff", 0.6 * RISE, "energy at the cutoff", "fail"),
        ("theta_rms", np.where(RISE > 0.99, np.nan, RISE), "values that are not finite", "fail"),
        ("gauss__X", np.where(RISE > 0.99, np.nan, 0), "Gauss's law of X", "fail"),
    ],
)
def test_a_check_that_is_violated_says_so(
    tmp_path: Path, column: str, values: np.ndarray, check: str, status: str
) -> None:
    folder = finished(tmp_path / "run")
    replace_series(folder, **{column: values})
    found = judged(load_run(folder))
    assert found[check].status == status
    others = {name for name, v in found.items() if v.status != "pass"} - {check}
    assert others <= {"values that are not finite"}
    assert overall(tuple(found.values())) == ("fail" if others else status)


def test_a_violation_in_the_middle_of_the_run_counts(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    balance = np.zeros(ROWS)
    balance[500] = 0.2  # a = 13
    replace_series(folder, energy_balance=balance)
    verdict = judged(load_run(folder))["energy balance"]
    assert (verdict.status, verdict.number) == ("fail", "0.2")
    assert "a = 13" in verdict.remark


def test_every_field_is_judged_against_the_limit_of_the_run(tmp_path: Path) -> None:
    config = PHOTON + CHECKS.replace("1e-10", "4e-14")
    found = judged(load_run(make_photon_run(tmp_path / "run", config=config)))
    assert found["Gauss's law of X"].status == "warn"  # 3e-14
    assert found["Gauss's law of A"].status == "fail"  # 6e-14


def test_spectrum_that_is_not_finite_fails(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    with h5py.File(folder / "spectra.h5", "a") as file:
        file["B_X_plus/power"][-1, 3] = np.inf
    verdict = judged(load_run(folder))["values that are not finite"]
    assert (verdict.status, verdict.number) == ("fail", "1")


def test_run_short_of_its_end_and_rejected_checkpoints_are_warned_about(tmp_path: Path) -> None:
    bad = events.Rejected(checkpoint="step-000000008.h5", reason="digest of fields/X")
    config = (CONFIG + CHECKS).replace("a_end: 30", "a_end: 60")
    folder = finished(tmp_path / "run", config=config, record=[*RECORD, bad])
    found = judged(load_run(folder))
    assert found["reached its end"].status == "warn"
    assert (found["reached its end"].number, found["reached its end"].limit) == ("a = 30", "a = 60")
    rejected = found["checkpoints rejected"]
    assert (rejected.status, rejected.number) == ("warn", "1")
    assert "digest of fields/X" in rejected.remark


# ---- The report ----


class Page(HTMLParser):
    """Tags, text and every address of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.style = ""
        self.viewport = ""
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == [], "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "img", "br", "link"):
            self._open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in ("src", "href", "srcset", "data", "action", "background", "poster"):
                self.addresses.append(value or "")
            if name == "content" and ("name", "viewport") in attrs:
                self.viewport = value or ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        else:
            self.text += data


def test_report_holds_everything_and_loads_nothing(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    said = report(folder)
    assert said == f"{folder / 'report.html'}: Every check passes."
    page = Page(folder / "report.html")
    loaded = [x for x in page.addresses if not x.startswith("#")]
    assert loaded and all(x.startswith("data:image/") for x in loaded)
    assert not {"script", "link", "iframe", "object", "base"} & set(page.tags)
    assert "url(" not in page.style and "@import" not in page.style
    assert page.viewport == "width=device-width, initial-scale=1"
    assert "prefers-color-scheme: dark" in page.style
    assert page.tags.count("img") == 5  # with the growth
    assert (folder / "report.html").stat().st_size < 2e6
    headings = [
        "Checks", "Figures", "Numbers of the run", "Today", "The checks explained", "What was run",
    ]  # fmt: skip
    places = [page.text.index(f"\n{heading}\n") for heading in headings]
    assert places == sorted(places)
    assert not list(folder.glob(".*")), "a temporary file was left"


@pytest.mark.usefixtures("without_pictures")
def test_numbers_and_provenance_are_in_the_report(tmp_path: Path) -> None:
    config = PHOTON + CHECKS + "# <as it was>\n"
    folder = make_photon_run(tmp_path / "run", config=config)
    with h5py.File(folder / "series.h5", "a") as file:
        file.attrs["host"] = "node <7>"
        file.attrs["device"] = "a CPU & 2 threads"
        file.attrs["library_versions"] = json.dumps({"numpy": "9.8.7"})
    report(folder, out=tmp_path / "other.html")
    text = Page(tmp_path / "other.html").text
    for part in ("node <7>", "a CPU & 2 threads", "9.8.7", "# <as it was>", "7×10−18"):
        assert part in text, part
    assert "1.68×10−24" in text  # (8), (23)
    assert "B = √(2 ρA)" in text  # the slip of (23)
    assert not (folder / "report.html").exists()
    assert Page(tmp_path / "other.html").tags.count("img") == 6


HOSTILE = "<script>alert(\"1\")</script> & <b>'x'</b> $\\frac{ ünï 粒"


@pytest.mark.usefixtures("without_pictures")
def test_everything_from_the_run_is_escaped(tmp_path: Path) -> None:
    config = CONFIG.replace("name: synthetic", f"name: {json.dumps(HOSTILE, ensure_ascii=False)}")
    folder = finished(
        tmp_path / "run",
        config=config,
        log=f"{LOG}2026-01-01 10:00:03 warning: {HOSTILE}\n",
        record=[
            *RECORD,
            events.Warned(text=HOSTILE),
            events.Rejected(checkpoint=HOSTILE, reason=HOSTILE),
        ],
    )
    for name in ("host", "device", "darklat_version", "library_versions"):
        with h5py.File(folder / "series.h5", "a") as file:
            file.attrs[name] = HOSTILE
    report(folder)
    page = Page(folder / "report.html")
    assert not {"script", "b"} & set(page.tags)
    # Title, heading, configuration, warning, rejected, log, host, device, version, YAML.
    assert page.text.count(HOSTILE) >= 10


@pytest.mark.usefixtures("without_pictures")
def test_a_warning_that_came_again_with_other_numbers_stands_once(tmp_path: Path) -> None:
    said = [
        "the share is 0.328 at step 1280, tau = 4.5",
        "the share is 0.456 at step 1440, tau = 5",
    ]
    record = [*RECORD, *(events.Warned(text=text) for text in said)]
    report(finished(tmp_path / "run", record=record))
    text = Page(tmp_path / "run/report.html").text
    assert f"Warned about: {said[1]} (2 times.)" in text
    assert said[0] not in text.split("Figures")[0]
    assert "Warned about: lattice: the fastest growing mode is not resolved" in text


@pytest.mark.usefixtures("without_pictures")
def test_unfinished_run_says_so(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", config=CONFIG + CHECKS, rows=121)
    (folder / "run.log").write_text(LOG + "2026-01-01 10:00:03 the disk is <full>\n")
    said = report(folder)
    assert "warn  reached its end: a = 3.5, limit a = 30" in said
    text = Page(folder / "report.html").text
    assert "Unfinished: the numbers are those of the last row, a/aosc = 3.5 of 30." in text
    assert "the disk is <full>" in text and "There is no summary.json" in text


@pytest.mark.usefixtures("without_pictures")
def test_run_without_spectra_log_or_photon_and_one_row(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", rows=1)
    (folder / "spectra.h5").unlink()
    replace_series(
        folder, energy_balance=None, power_at_cutoff=None, gauss__X=None, epsilon=None, rho__X=None
    )
    report(folder)
    page = Page(folder / "report.html")
    assert page.tags.count("img") == 2  # series and energies
    assert "there is no events.jsonl that can be read" in page.text
    assert "as in a folder of an older darklat" in page.text
    assert "There is no spectra.h5 yet." in page.text


@pytest.mark.usefixtures("without_pictures")
def test_static_background_has_no_today(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run", config=STATIC)
    replace_series(folder, a=np.ones(ROWS))
    report(folder)
    text = Page(folder / "report.html").text
    assert "has no today" in text and "closed form" not in text
    assert "The run reached its end, τ/τosc = 30." in text.replace("tau", "τ")


def test_typesetting() -> None:
    assert number("1.7e-24") == "1.7×10<sup>−24</sup>"
    assert number("-0.5") == "−0.5" and number("-") == "-" and number("a<b-1") == "a&lt;b-1"
    assert typeset("Omega_phi h^2 < 1") == "Ω<sub>φ</sub> h<sup>2</sup> &lt; 1"
    assert typeset("m_-17^(3/2)") == "m<sub>-17</sub><sup>3/2</sup>"


def test_report_that_cannot_be_placed(tmp_path: Path) -> None:
    folder = finished(tmp_path / "run")
    with pytest.raises(InputError, match="no such folder"):
        report(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is a folder; give the name of a file"):
        report(folder, out=tmp_path)
    with pytest.raises(InputError, match="is not a folder; make it"):
        report(folder, out=tmp_path / "no" / "report.html")


@pytest.mark.usefixtures("without_pictures")
def test_full_disk_leaves_the_old_report_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished(tmp_path / "run")
    (folder / "report.html").write_text("old")
    before = sorted(folder.iterdir())

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(text_files.os, "fsync", full)
    with pytest.raises(MachineError, match=r"No space left.*free space, and report again"):
        report(folder)
    assert (folder / "report.html").read_text() == "old"
    assert sorted(folder.iterdir()) == before


# ---- Scans ----


def masses(tmp_path: Path) -> list[Path]:
    """Photon runs with b ~ m^(3/2) to a = 30, 30 and 20 (the middle one)."""
    folders = []
    for mass, rows in (("1e-17", ROWS), ("1e-21", ROWS), ("1e-19", 781)):
        b = B_END * (float(mass) / 1e-17) ** 1.5
        config = PHOTON.replace("1e-17", mass).replace("synthetic", f"m{mass}")
        folder = tmp_path / mass
        folders.append(make_photon_run(folder, config=config, b_end=b, rows=rows))
    return folders


def test_scan_over_the_mass(tmp_path: Path) -> None:
    found = load_scan(masses(tmp_path))
    assert (found.parameter, found.others, found.clock) == ("model.alp.mass_eV", (), "a")
    assert found.numeric and found.decades
    assert found.common == pytest.approx(20)
    assert [p.parameters["model.alp.mass_eV"] for p in found.points] == [1e-21, 1e-19, 1e-17]
    assert [p.a_end for p in found.points] == pytest.approx([30, 20, 30])
    for point in found.points:
        assert point.common["r"] == pytest.approx(0.03 * math.sqrt(30 / 20))
        assert point.end["r"] == pytest.approx(0.03 * math.sqrt(30 / point.a_end))
    assert exponent(found, "b") == pytest.approx(1.5)
    assert exponent(found, "r") == pytest.approx(0, abs=1e-12)


def test_files_of_a_scan(tmp_path: Path) -> None:
    text = scan(masses(tmp_path), out=tmp_path / "new" / "scan")
    assert "b ~ mass_eV^1.50 at a = 20, least squares; Choi et al. 2018, Eq. 19: ^1.50" in text
    assert text.count("(unfinished)") == 3
    folder = tmp_path / "new" / "scan"
    assert (folder / "scan.txt").read_text() in text
    assert (folder / "scan.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "scan.pdf").read_bytes().startswith(b"%PDF")
    with (folder / "scan.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["model.alp.mass_eV"]) for row in rows] == [1e-21, 1e-19, 1e-17]
    assert float(rows[2]["b last [1]"]) == pytest.approx(B_END)
    assert float(rows[0]["common a [a_osc]"]) == pytest.approx(20)
    assert [row["ended"] for row in rows] == ["no"] * 3


def test_figure_of_a_scan_has_the_lines_of_the_paper(tmp_path: Path) -> None:
    figure = figure_scan(load_scan(masses(tmp_path)))
    _, _, b = figure.axes
    assert b.get_xscale() == b.get_yscale() == "log"
    through, paper = b.lines[-2:]
    for line in (through, paper):  # Eq. 19, and the b of the paper is that of these runs
        m, values = line.get_data()
        assert values == pytest.approx(B_END * (np.asarray(m) / 1e-17) ** 1.5)
    r = figure.axes[0].lines[-1].get_ydata()
    assert set(r) == {0.03}


@pytest.mark.parametrize(
    ("old", "new", "parameter", "decades"),
    [
        ("f_GeV: 1e16", "f_GeV: 1e17", "model.alp.f_GeV", True),
        ("XX: 100.0", "XX: 60.0", "model.couplings.XX", False),
        ("sites: 32", "sites: 64", "lattice.sites", False),
        ("potential: quadratic", "potential: cosine", "model.alp.potential", False),
        ("lattice: {", "initial: {seed: 7}\nlattice: {", "initial.seed", False),
    ],
)
def test_parameter_that_differs_is_found(
    tmp_path: Path, old: str, new: str, parameter: str, decades: bool
) -> None:
    first = make_run(tmp_path / "1")
    second = make_run(tmp_path / "2", config=CONFIG.replace(old, new).replace("synthetic", "b"))
    found = load_scan([first, second])
    assert (found.parameter, found.decades) == (parameter, decades)
    assert found.observables == ("r", "epsilon")
    assert format_scan(found).startswith(f"2 runs against {parameter}\n")


@pytest.mark.usefixtures("without_pictures")
def test_of_several_parameters_physics_goes_first_and_one_can_be_chosen(tmp_path: Path) -> None:
    first = make_run(tmp_path / "1", config=CONFIG + "initial: {seed: 1}\n")
    config = CONFIG.replace("1e-17", "1e-18") + "initial: {seed: 2}\n"
    second = make_run(tmp_path / "2", config=config)
    assert load_scan([first, second]).parameter == "model.alp.mass_eV"
    assert "differ besides in initial.seed" in format_scan(load_scan([first, second]))
    assert load_scan([first, second], against="initial.seed").others == ("model.alp.mass_eV",)
    with pytest.raises(InputError, match=r"they differ in model\.alp\.mass_eV, initial\.seed"):
        load_scan([first, second], against="lattice.box")


def test_what_does_not_change_the_physics_does_not_differ() -> None:
    watched = "output: {series_interval: 2}\nchecks: {gauss_max: 2}\n"
    one = loads(CONFIG, source="one", base=None)
    other = loads(CONFIG.replace("synthetic", "b") + watched, source="other", base=None)
    assert differences([one, other]) == {}
    finer = loads(CONFIG.replace("sites: 32", "sites: 64"), source="finer", base=None)
    assert differences([one, other, finer]) == {"lattice.sites": [32, 32, 64]}


def test_scans_that_cannot_be(tmp_path: Path) -> None:
    one, same = make_run(tmp_path / "1"), make_run(tmp_path / "2")
    with pytest.raises(InputError, match="two runs or more"):
        scan([one])
    with pytest.raises(InputError, match="given twice"):
        scan([one, tmp_path / "2" / ".." / "1"])
    with pytest.raises(InputError, match="do not differ in any parameter"):
        load_scan([one, same])
    with pytest.raises(InputError, match="do not differ in any parameter"):
        scan([one, same], against="initial.seed")
    with pytest.raises(InputError, match="no such folder"):
        scan([one, tmp_path / "3"])
    other = make_run(tmp_path / "4", config=CONFIG.replace("XX: 100", "XX: 50"), rows=101)  # a = 3
    late = columns(np.linspace(5, 30, ROWS))
    replace_series(one, **{name.replace("/", "__"): x for name, x in late.items()})
    with pytest.raises(InputError, match=r"no a in common: .*4 ends at a = 3, before .*1 begins"):
        load_scan([one, other])
    static = make_run(tmp_path / "5", config=STATIC)
    with pytest.raises(InputError, match="no time in common"):
        scan([same, static])
    with pytest.raises(InputError, match="is a run; choose another folder"):
        scan([same, other], out=one)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        scan([same, other], out=tmp_path / "file")
    with pytest.raises(MachineError, match="scan again"):
        scan([same, other], out=tmp_path / "file" / "below")


# ---- The command ----


@pytest.mark.usefixtures("without_pictures")
def test_exit_codes_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = finished(tmp_path / "1")
    make_run(tmp_path / "2", config=CONFIG.replace("XX: 100", "XX: 50"))
    monkeypatch.chdir(tmp_path)

    def darklat(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    assert darklat("report", "1") == (0, "1/report.html: Every check passes.\n", "")
    assert darklat("report", "nowhere")[0] == 2
    assert darklat("analyze", "1", "2")[0] == 0
    assert (tmp_path / "runs" / "scan" / "scan.csv").is_file()
    code, _, said = darklat("analyze", "1", "--scan")
    assert code == 2 and said.count("\n") == 1
    (one / "figures").write_text("in the way")
    code, _, said = darklat("analyze", "1")
    assert code == 4 and "free space" in said
