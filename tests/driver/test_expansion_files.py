"""Runs whose a(tau) is a table in a file."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.cli import main
from darklat.driver import commands, run_status
from darklat.storage import inputs
from darklat.storage.read_run import load_run

RUN = """
name: tabulated
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
background: {kind: table, file: history.txt}
lattice: {sites: 8, box: 0.5, order: 2}
time: {tau_end: 1.2}
output: {series_interval: 0.1, checkpoints_kept: 20}
"""


def write(folder: Path, tau: np.ndarray, a: np.ndarray, head: str = "# tau a\n") -> Path:
    rows = "".join(f"{t!r} {x!r}\n" for t, x in zip(tau.tolist(), a.tolist(), strict=True))
    (folder / "history.txt").write_text(head + rows)
    (folder / "run.yaml").write_text(RUN)
    return folder / "run.yaml"


def radiation(folder: Path) -> Path:
    tau = np.geomspace(0.3, 2, 40)
    return write(folder, tau, tau)


def series(folder: Path) -> dict[str, np.ndarray]:
    with h5py.File(folder / "series.h5") as file:
        return {name: file[name][...] for name in ("tau", "a", "hubble", "theta_mean", "r")}


def test_a_run_of_a_table_goes_on_without_its_file(tmp_path: Path) -> None:
    path = radiation(tmp_path)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    commands.run(path, overrides=[], out=whole, backend="cpu")
    commands.run(path, overrides=[], out=parts, backend="cpu", stop_after=8)
    (tmp_path / "history.txt").unlink()
    state = run_status.examine(parts, {}, verify=False)
    assert state.reached.end == pytest.approx(1.2) and not state.edits
    commands.resume(parts, backend="cpu")
    one, other = series(whole), series(parts)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])
    np.testing.assert_allclose(one["a"], one["tau"], rtol=1e-14)
    np.testing.assert_allclose(one["hubble"] * one["tau"], 1, rtol=1e-12)
    run = load_run(parts)
    history = inputs.expansion(run.config, parts)
    assert history.scale_factor(0.7) == pytest.approx(0.7, rel=1e-14)
    assert main(["report", str(parts)]) == 0


ROWS = np.geomspace(0.3, 2, 40)


@pytest.mark.parametrize(
    ("tau", "a", "overrides", "said"),
    [
        (ROWS[::-1], ROWS, (), "history.txt:3:1: tau must increase from row to row"),
        (ROWS, ROWS[::-1], (), "a must increase from row to row"),
        (ROWS - 0.3, ROWS, (), "history.txt:2:1: tau must be positive"),
        (ROWS[:5], ROWS[:5], (), "has 8 rows or more"),
        (ROWS[15:], ROWS[15:], (), "the rows go from tau ="),
        (ROWS, ROWS, ("time.tau_end=3",), "run.yaml:7:33: background.file: the rows go"),
        (
            np.linspace(0.3, 2, 12), np.where(np.arange(12) < 6, 0.01 * np.arange(1, 13), np.arange(1, 13)),
            ("initial.a_start=0.02",), "does not increase: take rows that are closer",
        ),
        (
            ROWS, (ROWS / 2) ** 2,
            ("initial.a_start=0.03", "model.fields.X.conductivity={kind: thomson}"),
            "background.file radiation is not most",
        ),
        (ROWS, ROWS, ("background.file=null",), "background.file: missing: kind: table needs one"),
        (ROWS, ROWS, ("background.file=none.txt",), "there is no file 'none.txt'"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_do_is_refused_where_it_is_wrong(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tau: np.ndarray,
    a: np.ndarray,
    overrides: tuple[str, ...],
    said: str,
) -> None:
    path = write(tmp_path, tau, a)
    sets = [f"--set={override}" for override in overrides]
    code = main(["run", str(path), "--out", str(tmp_path / "out"), "--backend", "cpu", *sets])
    assert code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_numbers_of_today_of_another_history_are_warned_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, ROWS, (ROWS / 2) ** 2, "# tau [tau_osc] a [a_osc]\n")
    assert main(["validate", str(path), "--backend", "cpu", "--set=initial.a_start=0.03"]) == 0
    text = capsys.readouterr()
    assert "Numbers of today" in text.out + text.err


def test_a_universe_of_its_own_goes_on_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(
        RUN.replace("{kind: table, file: history.txt}", "{kind: friedmann, fluids: [{w: 0, share: 0.1}]}")
        .replace("1e16", "3e17").replace("series_interval: 0.1", "series_interval: 0.05")
    )  # fmt: skip
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    commands.run(path, overrides=[], out=whole, backend="cpu")
    commands.run(path, overrides=[], out=parts, backend="cpu", stop_after=9)
    commands.resume(parts, backend="cpu")
    with h5py.File(whole / "series.h5") as one, h5py.File(parts / "series.h5") as other:
        for name in ("a", "hubble", "friedmann_constraint", "energy_balance", "theta_mean", "r"):
            np.testing.assert_array_equal(one[name][...], other[name][...])
        constraint, a, tau = (one[x][...] for x in ("friedmann_constraint", "a", "tau"))
        np.testing.assert_allclose(one["r"][...], 1, rtol=1e-3)
    assert 0 < np.abs(constraint).max() < 1e-5
    assert a[-1] == pytest.approx(tau[-1] * (1 + 0.1 * tau[-1] / 4), rel=5e-3)  # and the ALP
