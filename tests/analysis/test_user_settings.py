"""Figures look the same whatever a user has set, and one that fails costs nothing but itself."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from darklat.analysis import drawing, figures, scan_results
from darklat.analysis.analyze import analyze
from darklat.analysis.report import report
from darklat.analysis.user_settings import BACKEND, backend_set_aside
from darklat.errors import MachineError
from synthetic_run import CONFIG, make_run

ROOT = Path(__file__).parents[2]


def failing(*_: object, **__: object) -> None:
    raise RuntimeError("Failed to process string with tex because latex could not be found")


@pytest.mark.usefixtures("without_pictures")
def test_the_table_comes_first_and_a_figure_that_fails_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder, shown = make_run(tmp_path / "run"), list[str]()

    def draw(*_: object) -> None:
        assert len(shown) == 1 and (folder / "analysis.json").exists()
        failing()

    monkeypatch.setattr(figures, "figure_series", draw)
    assert [analyze(folder, show=shown.append)] == shown
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("warning: figure series is not drawn: RuntimeError: Failed to process")
    names = {path.name for path in (folder / "figures").iterdir()}
    assert {"series.csv", "spectra.png", "checks.pdf"} < names and "series.png" not in names


def test_a_matplotlib_that_cannot_be_imported_costs_the_figures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_run(tmp_path / "run")
    monkeypatch.setitem(sys.modules, "darklat.analysis.figures", None)
    assert "synthetic" in analyze(folder)
    assert "no figures: matplotlib cannot be imported" in caplog.text
    assert not (folder / "figures").exists()


@pytest.mark.usefixtures("without_pictures")
def test_a_report_and_a_scan_do_without_a_figure_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_run(tmp_path / "a")
    other = make_run(tmp_path / "b", config=CONFIG.replace("1e-17", "2e-17"))
    monkeypatch.setattr(figures, "figure_checks", failing)
    report(one)
    page = (one / "report.html").read_text("utf-8")
    assert page.count("Not drawn: ") == 1 and page.count("<img ") >= 3
    monkeypatch.setattr(scan_results, "figure_scan", failing)
    table = scan_results.scan([one, other], out=tmp_path / "scan")
    written = table.splitlines()[-1].split(": ")[1].split(", ")
    assert "scan.csv" in written and "curves.png" in written and "scan.png" not in written


def test_a_disk_that_refuses_a_figure_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "run")
    monkeypatch.setattr(drawing, "rendered", lambda _: {"png": b"-"})
    (folder / "figures" / "series.png").mkdir(parents=True)
    with pytest.raises(MachineError, match=r"series\.png"):
        analyze(folder)


def test_the_style_is_fixed_and_the_users_comes_back() -> None:
    users = {"text.usetex": True, "font.size": 30, "axes.formatter.use_locale": True}
    with matplotlib.rc_context(users):
        with drawing.styled():
            inside = dict(matplotlib.rcParams)
        assert {key: matplotlib.rcParams[key] for key in users} == users
    with drawing.styled():
        assert dict(matplotlib.rcParams) == inside
    assert inside["font.size"] == drawing.STYLE["font.size"]
    assert not (inside["text.usetex"] or inside["axes.formatter.use_locale"])


def test_every_figure_has_the_fixed_style() -> None:
    """No other module sets a style of matplotlib's; html.py adds to it."""
    found = {
        path.name
        for folder in ("analysis", "src")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "rc_context"
    }
    assert found == {"drawing.py", "html.py"}


def test_the_variable_of_the_backend_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BACKEND, "nonsense")
    with backend_set_aside():
        assert BACKEND not in os.environ
    assert os.environ[BACKEND] == "nonsense"


def test_every_module_that_draws_can_import_matplotlib_whatever_is_set() -> None:
    """`darklat.analysis.importable` comes before matplotlib."""
    for path in (ROOT / "analysis").rglob("*.py"):
        names = [
            name
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else
                         [alias.name for alias in node.names])
        ]  # fmt: skip
        drawing_ = [name for name in names if name.split(".")[0] == "matplotlib"]
        if drawing_ and path.name != "importable.py":
            assert names.index("darklat.analysis.importable") < names.index(drawing_[0]), path


@pytest.mark.parametrize("where", ["matplotlibrc", "elsewhere/matplotlibrc"])
def test_a_file_of_settings_that_is_no_text_changes_no_figure(tmp_path: Path, where: str) -> None:
    """It used to keep matplotlib from being imported: a traceback, or no figures."""
    make_run(tmp_path / "a")
    make_run(tmp_path / "b", config=CONFIG.replace("1e-17", "2e-17"))
    settings = tmp_path / where
    settings.parent.mkdir(exist_ok=True)
    settings.write_bytes(b"\xff\xfe\x00")
    script = """
import os, sys
import darklat as dl
before = os.getcwd(), os.environ.get("MATPLOTLIBRC")
run = dl.open_run("a")
run.figures.series().savefig("series.png")  # matplotlib is imported here
sys.path.insert(0, sys.argv[1])
from unrendered import unrendered
from darklat.cli import main
with unrendered():
    run.report(out="page.html")
    dl.scan(["a", "b"]).curves()
    assert (os.getcwd(), os.environ.get("MATPLOTLIBRC")) == before
    sys.exit(main(["analyze", "a", "b", "--out", "scan"]))
"""
    environment = os.environ | {"MATPLOTLIBRC": str(tmp_path / "elsewhere"), BACKEND: "nonsense"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "tests" / "helpers")], cwd=tmp_path, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the settings of matplotlib are left out") == 1
    assert (tmp_path / "page.html").read_text("utf-8").count("<img ") >= 4
    assert {"curves.png", "spectra.pdf"} < {path.name for path in (tmp_path / "scan").iterdir()}
