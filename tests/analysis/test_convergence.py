"""Ladders of synthetic runs whose limits are known: the numbers, the words, the files, and the error
bars beside the numbers of a run."""

from __future__ import annotations

import csv
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import darklat as dl
from darklat.analysis.convergence import at_time, load_convergence
from darklat.analysis.convergence_results import converge
from darklat.analysis.error_bars import ErrorBar, as_json
from darklat.analysis.error_budget import ByRung, budget, number, verdict, with_error
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.analysis.table_text import format_table
from darklat.cli import main
from darklat.errors import InputError
from darklat.schema.sweep import read_ladder
from darklat.storage import sweep_folder
from darklat.storage.read_run import load_run
from darklat.storage.sweep_folder import Orders
from synthetic_run import CONFIG, columns, make_run, replace_series

BLOCK = "converge: {lattices: [20, 24], boxes: [1.0], steps: [0.3], at: [8, 30]}\n"
ORDERS = Orders(lattice=2, stencils=2, step=2)
R_END, IN_DX, IN_BOX, IN_STEP = 0.03, 0.3, 0.02, 0.04  # of ln r
SCATTER = {1: 0.01, 2: -0.02, 3: 0.01}


def ladder_of_runs(folder: Path) -> Path:
    """ln r gets IN_DX times dx^2 over that of the configuration, IN_BOX in the small box, IN_STEP
    times the square of the Courant number over 0.2, and its seed's SCATTER."""
    folder.mkdir()
    path = folder / "c.yaml"
    path.write_text(CONFIG + BLOCK)
    sweep = read_ladder(path)
    sweep_folder.make(folder / "ladder", sweep, ORDERS)
    for run in sweep.runs:
        sites, box, courant, seed = run.values.values()
        at_same_step = IN_DX * (box / sites / (2 / 32)) ** 2
        shift = at_same_step + IN_BOX * (box < 2) + IN_STEP * ((courant / 0.2) ** 2 - 1)
        config = (
            CONFIG.replace("sites: 32", f"sites: {sites}")
            .replace("box: 2.0", f"box: {box}")
            .replace("a_end: 30", f"a_end: 30, courant: {courant}")
            + f"initial: {{seed: {seed}}}\n"
        )
        made = make_run(folder / "ladder" / run.name, config=config)
        a = np.linspace(0.5, 30, 1181)
        replace_series(made, r=columns(a)["r"] * math.exp(shift + SCATTER[seed]))
    return folder / "ladder"


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Analysed by the command."""
    folder = ladder_of_runs(tmp_path_factory.mktemp("l") / "of")
    assert main(["analyze", str(folder)]) == 0
    return folder


@pytest.mark.usefixtures("without_pictures")
def test_a_ladder_finds_the_limit_that_its_runs_go_to(ladder: Path) -> None:
    """The seeds shift whole ladders, so that order and limit are exact to 1e-6, and their error is
    that of their mean: 0.0173/sqrt 3 times 1.321."""
    table = dl.converge(ladder)
    found = table.budget("r", 30)
    assert found.lattices.order == pytest.approx(2, rel=1e-5)
    assert found.value == pytest.approx(R_END, rel=1e-6)
    assert found.own == pytest.approx(R_END * math.exp(IN_DX), rel=1e-12)
    assert found.parts["dx"] < 1e-5
    assert found.box is not None and found.box.value == pytest.approx(-IN_BOX, rel=1e-9)
    assert found.parts["box"] == pytest.approx(found.box.bound)
    assert found.parts["seeds"] == pytest.approx(math.sqrt(3e-4) / math.sqrt(3) * 1.32128, rel=1e-5)
    assert found.scatter == pytest.approx(math.sqrt(3e-4)) and found.seeds == 3
    # Two steps of order 1 to 2, of which the second is true: 0.05 c^2 steps at c = 0.2 and 0.3.
    assert 0.04 < found.parts["step"] < 0.15
    np.testing.assert_allclose(table["r"] / R_END, [math.sqrt(30 / 8), 1], rtol=1e-6)
    assert found.error == pytest.approx(found.value * math.hypot(*found.parts.values()))
    assert found.unknown == ()


@pytest.mark.usefixtures("without_pictures")
def test_numbers_without_a_dependence_say_so(ladder: Path) -> None:
    found = dl.converge(ladder).budget("epsilon", 30)
    assert found.lattices.finding == "no dependence seen"
    assert (found.value, found.error) == (pytest.approx(4), 0)
    table = dl.converge(ladder, at=[8, 29])  # the last spectrum is at a = 29.5
    assert table["k_peak_X"] == pytest.approx([10, 10], rel=0.02)
    assert table["helicity_X"] == pytest.approx([0.5, 0.5])


def test_the_files_the_figure_and_the_table(ladder: Path) -> None:
    out = ladder / "convergence"
    text = (out / "convergence.txt").read_text()
    assert "r at a = 30: 0.030 +- 0.003; the step dominates" in text
    assert "a ladder of 15 runs" in text and "order 2.00" in text
    assert {path.name for path in out.iterdir()} == {
        f"convergence.{suffix}" for suffix in ("txt", "csv", "json", "png", "pdf")
    }
    assert (out / "convergence.png").stat().st_size > 20_000
    rows = list(csv.DictReader((out / "convergence.csv").open()))
    row = next(row for row in rows if row["number"] == "r" and float(row["a"]) == 30)
    assert float(row["value"]) == pytest.approx(R_END, rel=1e-6)
    assert row["finding"] == "measured order" and row["logarithmic"] == "yes"
    table = dl.converge(ladder)
    assert isinstance(table.figure(), Figure) and "<td>r</td><td>30</td>" in table._repr_html_()
    assert repr(table) == (out / "convergence.txt").read_text()
    with pytest.raises(KeyError, match=r"the times are \[8.0, 30.0\]"):
        table.budget("r", 9)


@pytest.mark.usefixtures("without_pictures")
def test_analyze_and_report_show_the_error_bar_beside_the_number(
    ladder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ladder / "sites=32,box=2,courant=0.2,seed=2"
    lines = format_table(analyse(load_run(run))).split("\n")
    for label, name, at in (("r, last", "r", 30), ("r at a = 8", "r", 8)):
        i = next(i for i, line in enumerate(lines) if line.startswith(label))
        assert lines[i + 1].startswith("    of its ladder (c)")
        assert number(dl.converge(ladder).budget(name, at)) in lines[i + 1]
    assert not lines[next(i for i, x in enumerate(lines) if x.startswith("r at a = 16")) + 1].strip().startswith("of its")  # fmt: skip
    monkeypatch.setattr("darklat.analysis.report._figures", lambda *_: "")
    report(run, out=tmp_path / "r.html")
    assert "its ladder (c)" in (tmp_path / "r.html").read_text()
    data = json.loads((ladder / "convergence" / "convergence.json").read_text())
    assert run.name in data["runs"] and data["format_version"] == 1


def test_a_run_beside_its_ladder_has_the_error_bars_of_it(ladder: Path, tmp_path: Path) -> None:
    ladder.rename(tmp_path / "run-convergence")
    try:
        same = CONFIG.replace("sites: 32", "sites: 32") + "initial: {seed: 9}\n"
        assert analyse(load_run(make_run(tmp_path / "run", config=same))).ladder
        other = make_run(tmp_path / "other", config=CONFIG)
        assert analyse(load_run(other)).ladder == ()
        coarse = CONFIG.replace("sites: 32", "sites: 30")
        (tmp_path / "run").rename(tmp_path / "before")
        assert analyse(load_run(make_run(tmp_path / "run", config=coarse))).ladder == ()
        bars = tmp_path / "run-convergence" / "convergence" / "convergence.json"
        text = bars.read_text()
        bars.write_text("{")
        inside = tmp_path / "run-convergence" / "sites=32,box=2,courant=0.2,seed=1"
        assert analyse(load_run(inside)).ladder == ()
        bars.write_text(text)
        assert analyse(load_run(inside)).ladder
    finally:
        (tmp_path / "run-convergence").rename(ladder)


@pytest.mark.usefixtures("without_pictures")
def test_runs_that_are_not_there_yet_are_left_out(ladder: Path, tmp_path: Path) -> None:
    missing = ladder / "sites=20,box=2,courant=0.2,seed=2"
    missing.rename(tmp_path / "away")
    try:
        text = repr(dl.converge(ladder))
        assert "left out, because they are not so far yet: sites=20,box=2,courant=0.2,seed=2" in (
            " ".join(text.split())
        )
        found = dl.converge(ladder).budget("r", 30)
        assert found.seeds == 2 and found.value == pytest.approx(R_END * math.exp(0.01), rel=1e-6)
    finally:
        (tmp_path / "away").rename(missing)


@pytest.mark.usefixtures("without_pictures")
def test_runs_that_fail_a_check_are_named(ladder: Path, tmp_path: Path) -> None:
    assert "not to be trusted" not in repr(dl.converge(ladder))
    copy = tmp_path / "copy"
    shutil.copytree(ladder, copy)
    replace_series(copy / "sites=20,box=2,courant=0.2,seed=2", power_at_cutoff=np.full(1181, 0.6))
    text = " ".join(repr(dl.converge(copy)).split())
    assert "checks fail in some of the 15 runs" in text and "energy at the cutoff (in 1)" in text


def test_what_is_no_ladder_is_refused(tmp_path: Path, ladder: Path) -> None:
    with pytest.raises(InputError, match="is not the folder of a ladder; `darklat converge`"):
        load_convergence(tmp_path)
    with pytest.raises(InputError, match="no two rungs of the ladder have come to a = 31 yet"):
        load_convergence(ladder, at=[31])
    run = ladder / "sites=32,box=2,courant=0.2,seed=2"
    with pytest.raises(InputError, match="is a run; choose another folder with --out"):
        converge(ladder, out=run)
    index = json.loads((ladder / "sweep.json").read_text())
    del index["ladder"]["orders"]
    (tmp_path / "sweep.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match=r"is not the list of a sweep \('orders'\)"):
        load_convergence(tmp_path)


# ---- One budget, and its words. ----


def rungs(h: list[float], f: list[list[float]], own: int = 0) -> ByRung:
    return ByRung(np.array(h), np.array(f), own)


def test_without_lattices_the_limit_of_the_steps_is_the_value() -> None:
    """1 + c^2 at three steps, two seeds that differ by a shift."""
    one = rungs([1.0], [[2.0, 2.2]])
    f = [[1 + c**2, 1.2 + c**2] for c in (1.0, 0.5, 0.25)]
    found = budget(one, one, rungs([1.0, 0.5, 0.25], f), orders=ORDERS)
    assert found.logarithmic and found.value == pytest.approx(math.sqrt(1.0 * 1.2), rel=0.02)
    assert found.unknown == ("dx", "box")
    words = verdict("b", "a", 8, found)
    assert words.startswith("b at a = 8: 1.09 +- 0.19; the seeds dominate") and words.endswith(
        "not known: dx, box"
    )


def test_a_number_of_both_signs_is_not_taken_as_a_logarithm() -> None:
    f = [[-0.1], [-0.1 + 0.3], [-0.1 + 1.5]]
    found = budget(
        rungs([1.0, 2.0, 4.0], [[x[0] + 0.1 - 0.2] for x in f]), *[rungs([1.0], [f[0]])] * 2,
        orders=ORDERS
    )  # fmt: skip
    assert not found.logarithmic
    ones = [rungs([1.0], [[0.5]])] * 3
    assert not budget(*ones, orders=ORDERS, signed=True).logarithmic  # a helicity that is positive
    assert found.value == pytest.approx(-0.3) and found.error == pytest.approx(0, abs=1e-7)
    assert found.unknown == ("box", "step", "seeds")


def test_the_verdict_names_the_term_that_dominates() -> None:
    """b of the benchmark at dx = 1/64, 1/128, 1/256, order 2, one seed: order .94 of its logarithm."""
    own = [[10.9e-18]]
    lattices = rungs([1 / 256, 1 / 128, 1 / 64], [*own, [8.5e-18], [5.27e-18]])
    boxes = rungs([0.5, 0.25], [*own, [11.1e-18]])
    found = budget(lattices, boxes, rungs([0.2], own), orders=ORDERS)
    assert verdict("b", "a", 8, found) == (
        "b at a = 8: 1.3e-17 +- 0.2e-17; dx dominates; not known: step, seeds"
    )
    assert found.parts["box"] == pytest.approx(math.log(11.1 / 10.9))
    lost = budget(
        rungs([1, 2, 3], [[1.0], [1.2], [1.1]]), rungs([1.0], [[1.0]]), rungs([1.0], [[1.0]]),
        orders=ORDERS
    )  # fmt: skip
    assert "no limit in dx is seen" in verdict("r", "a", 8, lost)


def test_a_limit_far_beyond_the_finest_has_the_whole_way_as_its_error() -> None:
    """ln f = -10 h^2, exactly of the order of the scheme; the finest is e^-1.98 of the limit."""
    h = [4 / 9, 2 / 3, 1.0]
    lattices = rungs(h, [[math.exp(-10 * x**2)] for x in h])
    one = rungs([1.0], [lattices.f[0].tolist()])
    found = budget(lattices, one, one, orders=ORDERS)
    assert found.value == pytest.approx(1, rel=1e-6)
    assert found.parts["dx"] == pytest.approx(10 * h[0] ** 2)
    assert number(found) == "1 within a factor of 7.2"


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (1.3e-17, 2.4e-18, "1.3e-17 +- 0.2e-17"),
        (0.196, 0.0041, "0.196 +- 0.004"),
        (0.196, 0.0016, "0.1960 +- 0.0016"),
        (-0.07, 0.11, "-0.07 +- 0.11"),
        (38.15, 16, "38 +- 16"),
        (9.9e-18, 3e-18, "1.0e-17 +- 0.3e-17"),
        (999.7, 4, "1.000e+03 +- 0.004e+03"),
        (49178, 1799, "4.92e+04 +- 0.18e+04"),
        (123456, 2400, "1.23e+05 +- 0.02e+05"),
        (1e-17, 3e-17, "1e-17 +- 3e-17"),
        (1, 5e-12, "1 +- 5e-12"),
        (0, 0, "0 +- 0"),
        (3.2, math.nan, "3.2"),
    ],
)
def test_a_number_with_its_error(value: float, error: float, words: str) -> None:
    assert with_error(value, error) == words


def test_an_unknown_error_is_null_in_the_file() -> None:
    bar = ErrorBar("b", 8.0, 1e-17, math.nan, "", "1e-17")
    assert json.loads(as_json([bar], ["x"]))["numbers"][0]["error"] is None


def test_a_column_between_its_rows() -> None:
    """A cubic of the logarithm is exact through four rows; a line through two."""
    a = np.array([1.0, 1.5, 2.5, 3.0, 4.0])
    cubic = a**3 - 2 * a
    assert at_time(a, np.exp(cubic), 2.0) == pytest.approx(math.exp(4.0), rel=1e-12)
    assert at_time(a, np.exp(cubic), 4.0) == np.exp(cubic)[-1]
    assert at_time(a, 1 - a, 2.0, rows=2) == pytest.approx(-1.0)
    assert math.isnan(at_time(a, a, 4.1)) and math.isnan(at_time(a, a, 0.9))
