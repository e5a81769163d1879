"""Several runs as a table: the numbers are those of the runs and of `darklat analyze`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import darklat as dl
from darklat.analysis.scan_results import scan as scan_of_the_command
from darklat.errors import InputError
from synthetic_run import CONFIG, make_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("runs")
    masses = ("3e-17", "1e-17", "2e-17")
    found = [
        make_run(folder / f"m={m}", config=CONFIG.replace("1e-17", m), rows=1181 - 100 * i)
        for i, m in enumerate(masses)
    ]
    index = {"runs": [{"folder": run.name} for run in found]}
    (folder / "sweep.json").write_text(json.dumps(index))
    return found


def test_columns_are_arrays_in_the_order_of_the_parameter(runs: list[Path]) -> None:
    table = dl.scan(runs)
    assert table.parameter == "model.alp.mass_eV" and table.clock == "a"
    np.testing.assert_array_equal(table["model.alp.mass_eV"], [1e-17, 2e-17, 3e-17])
    assert [folder.name for folder in table.folders] == ["m=1e-17", "m=2e-17", "m=3e-17"]
    # The series of the three are the same up to their ends, r = 0.03 (30/a)^(1/2).
    ends = np.array([27.5, 25.0, 30.0])
    np.testing.assert_allclose(table["a, last"], ends)
    assert table.common == pytest.approx(25)
    np.testing.assert_allclose(table["r, last"], 0.03 * np.sqrt(30 / ends))
    np.testing.assert_allclose(table["r"], 0.03 * np.sqrt(30 / 25))
    table["r"][:] = 0
    assert table["r"].all()


@pytest.mark.usefixtures("without_pictures")
def test_a_sweep_and_runs_are_taken_as_well(runs: list[Path], tmp_path: Path) -> None:
    texts = {repr(dl.scan(runs)), repr(dl.scan(runs[0].parent)), repr(dl.scan(str(runs[0].parent)))}
    texts.add(repr(dl.scan(map(dl.open_run, runs))))
    assert len(texts) == 1
    assert scan_of_the_command(runs, out=tmp_path).startswith(texts.pop())


def test_a_notebook_shows_a_table_and_a_figure(runs: list[Path]) -> None:
    table = dl.scan(runs)
    shown = table._repr_html_()
    assert shown.count("<tr>") == 4 and "<td>3e-17</td>" in shown and "a = 25" in shown
    assert isinstance(table.figure(), Figure)
    assert not list(runs[0].parent.glob("scan*"))


def test_what_cannot_be_compared_is_refused(runs: list[Path]) -> None:
    with pytest.raises(InputError, match="two runs or more"):
        dl.scan(runs[:1])
    with pytest.raises(InputError, match="not the folder of a sweep; give a list"):
        dl.scan(runs[0])
    with pytest.raises(InputError, match=r"initial\.seed: the runs do not differ"):
        dl.scan(runs, against="initial.seed")
    with pytest.raises(KeyError, match=r"epsilonn; the columns are"):
        dl.scan(runs)["epsilonn"]
