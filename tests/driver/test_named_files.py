"""A file that a configuration names is refused at file:line:column of its key, before anything is
written."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat import cli

MASSIVE = """\
name: named
model:
  fields:
    X:
      mass_eV: 1e-18
      plasma: {PLASMA}
units: {hubble_eV: 1e-18}
lattice: {sites: 8, box: 2, order: 2}
initial: {kind: inflation, hubble_GeV: 1e13, a_start: 0.5}
time: {a_end: 0.6}
"""
FROM_FILE = """\
name: named
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
lattice: {sites: 8, box: 0.5, order: 2}
initial:
  kind: file
  file: start.h5
time: {a_end: 0.6}
"""
TABLE = MASSIVE.replace("PLASMA", "kind: table, file: plasma.txt")
PROFILE = MASSIVE.replace("PLASMA", "kind: constant, omega_p: 3, profile: profile.h5")
AT_TABLE = "named.yaml:6:35: model.fields.X.plasma.file: "
AT_PROFILE = "named.yaml:6:53: model.fields.X.plasma.profile: "
AT_INITIAL = "named.yaml:8:9: initial.file: "


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


OPTIONS = {
    "run": ["--backend", "cpu", "--out", "out"],
    "validate": ["--backend", "cpu"],
    "submit": ["--profile", "p.yaml", "--dry-run"],
}


def refused(
    config: str, *parts: str, command: str = "run", capsys: pytest.CaptureFixture[str]
) -> None:
    Path("named.yaml").write_text(config)
    Path("p.yaml").write_text("time: 60\n")
    before = sorted(path.name for path in Path().iterdir())
    assert cli.main([command, "named.yaml", *OPTIONS[command]]) == 2
    said = capsys.readouterr().err
    for part in parts:
        assert part in said
    assert sorted(path.name for path in Path().iterdir()) == before


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (None, "there is no file 'plasma.txt'"),
        ("a omega_p\n1 2\n", "is no table of numbers"),
        ("", "columns; needed are a, omega_p"),
        ("1e-3 1\n10 -1\n", "column omega_p must be positive"),
        ("10 1\n1e-3 1\n", "column a must increase strictly"),
        ("0.1 1e300\n10 1e300\n", "must be positive and below 1e+150, but row 1 has 1e+300"),
        ("0.55 1\n10 1\n", "0.5 to 0.6 is needed; add rows, or start later or end earlier"),
    ],
)
def test_a_table(rows: str | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    if rows is not None:
        Path("plasma.txt").write_text(rows)
    refused(TABLE, AT_TABLE, said, capsys=capsys)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("omega_p_squared", None, "cannot be read as HDF5"),
        ("other", np.ones((8, 8, 8)), "has no dataset omega_p_squared"),
        ("omega_p_squared", np.ones((4, 4, 4)), "has shape (4, 4, 4)"),
        ("omega_p_squared/X", np.ones((8, 8, 8)), "has no dataset omega_p_squared"),
        ("omega_p_squared", np.ones((8, 8, 8), complex), "holds complex128, needed are real"),
        ("omega_p_squared", np.ones((8, 8, 8), bool), "holds bool, needed are real"),
        ("omega_p_squared", np.full((8, 8, 8), np.nan), "has values that are not finite"),
        ("omega_p_squared", np.full((8, 8, 8), 1e308), "the mean of omega_p_squared leaves"),
        ("omega_p_squared", -np.ones((8, 8, 8)), "must not be negative"),
    ],
)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_profile(
    command: str,
    name: str,
    values: np.ndarray | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if values is None:
        Path("profile.h5").write_text("text")
    else:
        with h5py.File("profile.h5", "w") as file:
            file[name] = values
    refused(PROFILE, AT_PROFILE, said, command=command, capsys=capsys)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "cannot be read as HDF5"),
        ({"theta": None}, "has no dataset theta"),
        ({"X/X": np.zeros((8, 8, 8))}, "X/X has shape (8, 8, 8)"),
        ({"E/X": np.zeros((3, 8, 8, 8))}, "these fields have no energy: all are zero"),
        ({"theta": np.ones((8, 8, 8), bool)}, "theta holds bool, needed are real numbers"),
        ({"E/X": np.full((3, 8, 8, 8), np.nan)}, "E/X has values that are not finite"),
    ],
)
@pytest.mark.parametrize("command", ["run", "validate"])
def test_initial_fields(
    command: str,
    change: dict[str, np.ndarray | None],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scalar, vector = np.zeros((8, 8, 8)), np.zeros((3, 8, 8, 8))
    whole = {"theta": scalar, "theta_prime": scalar, "X/X": vector, "E/X": vector}
    if change:
        with h5py.File("start.h5", "w") as file:
            for name, values in (whole | change).items():
                if values is not None:
                    file[name] = values
    else:
        Path("start.h5").write_text("text")
    refused(FROM_FILE, AT_INITIAL, said, command=command, capsys=capsys)


def test_a_table_of_a_sweep_at_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    Path("good.txt").write_text("0.1 1\n10 1\n")
    Path("bad.txt").write_text("0.55 1\n10 1\n")
    Path("named.yaml").write_text(
        TABLE.replace("plasma.txt", "good.txt")
        + "sweep:\n  model.fields.X.plasma.file: [good.txt, bad.txt]\n"
    )
    assert cli.main(["run", "named.yaml", "--backend", "cpu", "--out", "out"]) == 2
    said = capsys.readouterr().err
    assert "named.yaml:12:42: model.fields.X.plasma.file: " in said and "too short" in said
    assert not Path("out").exists()  # refused before the first run of the sweep begins


@pytest.mark.parametrize("command", ["validate", "submit"])
@pytest.mark.parametrize("rows", ["words", "0.55 1\n10 1\n"])
def test_a_table_is_looked_at_before_a_run_is_decided_on(
    command: str, rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("plasma.txt").write_text(rows)
    refused(TABLE, AT_TABLE, command=command, capsys=capsys)


@pytest.mark.parametrize("command", ["validate", "submit"])
@pytest.mark.parametrize("sweep", ["", "sweep: {time.a_end: [0.6, 0.7]}\n"])
def test_shapes_are_looked_at_before_a_run_is_decided_on(
    command: str, sweep: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("profile.h5", "start.h5"):
        with h5py.File(name, "w") as file:
            file["omega_p_squared"] = file["theta"] = np.ones((4, 4, 4))
    for config, place in ((PROFILE, AT_PROFILE), (FROM_FILE, AT_INITIAL)):
        refused(config + sweep, place, "has shape (4, 4, 4)", command=command, capsys=capsys)


def test_the_place_is_that_of_an_override(capsys: pytest.CaptureFixture[str]) -> None:
    Path("plasma.txt").write_text("0.1 1\n10 1\n")
    Path("bad.txt").write_text("words")
    Path("named.yaml").write_text(TABLE)
    change = "model.fields.X.plasma.file=bad.txt"
    assert cli.main(["run", "named.yaml", "--set", change]) == 2
    assert f"--set {change}:1:28: model.fields.X.plasma.file: " in capsys.readouterr().err


def test_python_s_arithmetic_has_a_sentence_on_the_terminal_and_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def overflow(*_: object, **__: object) -> bool:
        raise OverflowError(34, "Numerical result out of range")

    monkeypatch.setattr("darklat.driver.beginning.begin", overflow)
    assert (
        cli.main(
            ["run", "first_light", "--backend", "cpu", "--set", "lattice.sites=8", "--out", "out"]
        )
        == 3
    )
    said = "the numbers of the configuration leave the range of a double"
    assert f"darklat: {said}" in capsys.readouterr().err
    assert f"FAILED: {said}" in Path("out/run.log").read_text()
