"""The report in words, its links and definitions, and the report on several runs."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import darklat
from darklat import cli
from darklat.analysis import definitions, story, tables
from darklat.analysis.comparison_report import compare
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.errors import InputError
from darklat.storage.read_run import load_run
from synthetic_run import B_END, PHOTON, make_photon_run, make_run

pytestmark = pytest.mark.usefixtures("without_pictures")


@pytest.fixture
def photon(tmp_path: Path) -> Path:
    return make_photon_run(tmp_path / "photon")


def test_a_run_is_told_in_sentences(photon: Path) -> None:
    run = load_run(photon)
    said = story.simulated(run.config)
    for part in (
        "an ALP of mass 1e-17 eV",
        "decay constant 1e16 GeV",
        "the dark photon X",
        "^3 sites",
    ):
        assert part in said, part
    assert "photon A in a conducting plasma" in said
    result = analyse(run)
    assert result.end.r is not None and result.end.b is not None
    found = story.found(result)
    assert f"r = {tables.number(result.end.r)} of" in found
    assert f"b = {tables.number(result.end.b)}" in found
    assert found.startswith("At a = 30 ") and found.endswith(".")


def test_a_run_without_an_alp_is_told_too() -> None:
    said = story.simulated(darklat.load("dark_photon_plasma"))
    assert "ALP" not in said and "with a plasma" in said and "mass" in said


def test_every_number_of_the_end_is_defined(photon: Path) -> None:
    result = analyse(load_run(photon))
    rows = [*tables.observables(result), *tables.scales(result), *tables.today(result)]
    undefined = [row.label for row in rows if not definitions.of_number(row.label)]
    assert all(
        " at a = " in label or "if Omega" in label or "today" in label for label in undefined
    )
    assert definitions.of_number("r, last") and not definitions.of_number("r at a = 8")


def test_every_check_links_to_its_meaning(photon: Path) -> None:
    report(photon)
    page = (photon / "report.html").read_text("utf-8")
    for verdict in analyse(load_run(photon)).verdicts:
        meaning = definitions.of_check(verdict.check)
        if meaning is not None:
            assert f'href="#{meaning.anchor}"' in page and f'id="{meaning.anchor}"' in page
    assert definitions.of_check("Gauss's law of X") is not None
    assert definitions.of_check("reached its end") is None  # says all by itself


def test_figures_link_to_their_data_where_it_is(photon: Path, tmp_path: Path) -> None:
    report(photon)
    assert "series.csv" not in (photon / "report.html").read_text("utf-8")
    for name in ("series.csv", "series.pdf"):
        (photon / "figures").mkdir(exist_ok=True)
        (photon / "figures" / name).write_text("")
    report(photon)
    assert 'href="figures/series.csv">CSV' in (photon / "report.html").read_text("utf-8")
    report(photon, out=tmp_path / "elsewhere.html")
    page = (tmp_path / "elsewhere.html").read_text("utf-8")
    assert 'href="photon/figures/series.pdf">PDF' in page


def test_several_runs_in_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = []
    for mass in ("1e-17", "1e-19"):
        b = B_END * math.pow(float(mass) / 1e-17, 1.5)
        config = PHOTON.replace("1e-17", mass).replace("synthetic", f"m{mass}")
        folders.append(make_photon_run(tmp_path / mass, config=config, b_end=b))
    report(folders[0])
    out = tmp_path / "both.html"
    assert cli.main(["report", *map(str, folders), "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    page = out.read_text("utf-8")
    assert "They differ in model.alp.mass_eV." in page
    assert 'href="1e-17/report.html"' in page and 'href="1e-19/report.html"' not in page
    assert page.count("<figure>") == 3
    assert "1e-19" in page and "b ~ mass_eV^1.50" in page


def test_runs_of_one_configuration_have_curves_alone(tmp_path: Path) -> None:
    folders = [make_run(tmp_path / "1"), make_run(tmp_path / "2")]
    compare(folders, out=tmp_path / "same.html")
    page = (tmp_path / "same.html").read_text("utf-8")
    assert "They have the same configuration." in page
    assert "There is no table" in page


def test_reports_that_cannot_be(tmp_path: Path) -> None:
    one = make_run(tmp_path / "1")
    with pytest.raises(InputError, match="two runs or more"):
        compare([one], out=tmp_path / "x.html")
    with pytest.raises(InputError, match="given twice"):
        compare([one, one], out=tmp_path / "x.html")
    two = make_run(tmp_path / "2")
    with pytest.raises(InputError, match="is a folder"):
        compare([one, two], out=tmp_path)
