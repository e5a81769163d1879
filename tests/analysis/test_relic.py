"""`darklat relic`: its table, files, warnings and refusals."""

from __future__ import annotations

import csv
import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from darklat import cli
from darklat.analysis.relics import axion
from darklat.analysis.relics.outcome import deviation
from darklat.analysis.relics.relic import KINDS
from darklat.physics import boltzmann
from darklat.physics.electroweak_axion import kappas
from darklat.schema import relic as relic_config
from darklat.schema.relic import DarkRadiationKeys, FreezeInKeys, FreezeOutKeys

CONFIGS = Path(__file__).parents[2] / "configs" / "relics"


def darklat(*arguments: object) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


def number(text: str, name: str) -> float:
    """The value of a row of the table."""
    (row,) = (row for row in text.split("\n") if row.startswith(f"  {name}  "))
    return float(row.removeprefix(f"  {name}").split()[0])


@pytest.mark.parametrize("name", [path.stem for path in sorted(CONFIGS.glob("*.yaml"))])
def test_the_shipped_configs_have_every_key_and_a_kind_that_is_known(name: str) -> None:
    config, origin = relic_config.load(CONFIGS / f"{name}.yaml")
    assert set(origin.root.content) == set(type(config).model_fields)
    assert config.kind == name and config.kind in KINDS


def test_every_kind_is_shipped() -> None:
    assert set(relic_config.MODELS) == set(KINDS) == {p.stem for p in CONFIGS.glob("*.yaml")}


def test_freeze_in_prints_and_writes_its_history(tmp_path: Path) -> None:
    code, text, err = darklat("relic", "freeze_in", "--out", tmp_path / "r")
    assert (code, err) == (0, "")
    assert "regime: freeze-in\n" in text and "for all of the dark matter" in text
    assert number(text, "Omega h^2") == pytest.approx(0.12, rel=1e-5)
    assert "III.18         3.999 for 0.12: 33.3 times too large" in text
    names = {"history.png", "history.pdf", "history.csv", "history.h5", "relic.yaml"}
    assert {path.name for path in (tmp_path / "r").iterdir()} == names
    assert text.endswith("".join(f"{tmp_path / 'r' / n}\n" for n in (
        "history.png", "history.pdf", "history.csv", "history.h5", "relic.yaml")))  # fmt: skip
    with (tmp_path / "r" / "history.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["m_phi/T [1]", "Y [1]", "Y_eq [1]"]
    x, Y, _ = np.array(rows, dtype=float).T
    assert x[0] == pytest.approx(1e-3) and x[-1] == pytest.approx(60)
    assert boltzmann.omega_h2(Y[-1], mass=1e-4) == pytest.approx(0.12, rel=1e-5)
    # The same again into the same folder, from its own record; another kind is refused.
    assert darklat("relic", tmp_path / "r" / "relic.yaml", "--out", tmp_path / "r")[0] == 0
    code, _, err = darklat("relic", "dark_radiation", "--out", tmp_path / "r")
    assert code == 2 and "not from drawing dark_radiation" in err


@pytest.mark.usefixtures("without_pictures")
def test_a_coupling_that_thermalises_is_a_warning_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "hot.yaml"
    path.write_text(
        "kind: freeze_in\nmass_phi_GeV: 0.01\nmass_dark_GeV: 1e-6\ncoupling_per_GeV: 3e-7\n"
    )
    code, text, err = darklat("relic", path, "--out", tmp_path / "r")
    assert code == 0 and "inverse decays hold dark photons in equilibrium" in text
    assert "hot.yaml:4:19: coupling_per_GeV: 3e-07/GeV may thermalise dark photons" in err
    assert "asks for less than 9.42e-09/GeV" in err
    assert "hot.yaml:3:16: mass_dark_GeV: frozen-in dark matter lighter than 1e-05 GeV" in err


REFUSED = {
    "kind: freeze_inn": (":1:7: kind: must be freeze_in, freeze_out", "did you mean freeze_in?"),
    "mass_phi_GeV: 1": (":1:1: kind: missing; write for example kind: freeze_in",),
    "": (":1:1: the relic's configuration is empty; `darklat config freeze_in` has every key",),
    "kind: freeze_in\nmass_phi_GeV: 1": (":1:1: mass_dark_GeV: missing; write for example mass_dark_GeV: 1e-4",),
    "kind: freeze_in\nmass_phi_GeV: 1\nmass_dark_GeV: 0.5": (":3:16: mass_dark_GeV: the decay phi -> gamma' gamma' is closed: must be below half of mass_phi_GeV, 0.5, found 0.5",),
    "kind: freeze_in\nmass_phi_GeV: 1\nmass_dark_GeV: 0.1\ncoupling_per_GeV: strong": (":4:19: coupling_per_GeV: must be a number from 1e-25 to 1, or dark_matter, found the text 'strong'",),
    "kind: freeze_in\nmass_phi_GeV: 1\nmass_dark_GeV: 0.1\nstatistics: bos": (":4:13: statistics: must be bose, fermi or boltzmann, found the text 'bos'; did you mean bose?",),
    "kind: freeze_out\nmass_phi_GeV: 0.03\nmass_dark_GeV: 0.01\ncoupling_per_GeV: 1e-9\ncoupling_to_fermions: 1e-10": (":4:19: coupling_per_GeV: a coupling of 1e-09/GeV does not bring dark photons into equilibrium",),
    "kind: freeze_out\nmass_phi_GeV: 0.03\nmass_dark_GeV: 0.01\ncoupling_per_GeV: 1e-6\ncoupling_to_fermions: 1e-20": (":5:23: coupling_to_fermions: dark photons with the coupling 1e-20 to dark fermions decay at no temperature",),
    "kind: dark_radiation\ncoupling_per_GeV: 1e-20": (":2:19: coupling_per_GeV: with 1e-20/GeV scattering stops at no temperature between 1e-06 and 1e+15 GeV",),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[-40:].replace("\n", " "))
def test_bad_input_says_where_and_writes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "relic.yaml"
    path.write_text(text)
    code, out, err = darklat("relic", path, "--out", tmp_path / "out")
    assert (code, out) == (2, ""), err
    for part in (str(path), *REFUSED[text]):
        assert part in err
    assert list(tmp_path.iterdir()) == [path]


def test_temperatures_outside_the_tables_are_refused_where_the_mass_stands(tmp_path: Path) -> None:
    code, _, err = darklat(
        "relic", "freeze_in", "--set", "mass_phi_GeV=1e7", "--out", tmp_path / "out"
    )
    assert code == 2 and "mass_phi_GeV: must be a number from 1e-07 to 1e+06" in err


def test_what_is_dumped_loads_to_the_same(tmp_path: Path) -> None:
    config = FreezeInKeys(mass_phi_GeV=0.3, mass_dark_GeV=1e-5, coupling_per_GeV=1e-11)
    path = tmp_path / "again.yaml"
    path.write_text(relic_config.dump(config))
    assert relic_config.load(path)[0] == config


def test_freeze_out_and_its_closed_forms() -> None:
    config = FreezeOutKeys(
        mass_phi_GeV=0.03, mass_dark_GeV=0.01, coupling_per_GeV=1e-6, coupling_to_fermions=6e-11
    )
    found = axion.freeze_out(config)
    assert not found.warnings
    ratios = {each.name: each.ratio for each in found.closed_forms}
    assert ratios["T_fo in GeV, III.13 with 10.03"] == pytest.approx(0.88, abs=0.01)
    late = axion.freeze_out(config.model_copy(update={"coupling_to_fermions": 1e-9}))
    assert "decay before they freeze out" in late.warnings[0][1]


def test_dark_radiation_is_that_of_the_temperature_of_decoupling() -> None:
    found = axion.dark_radiation(DarkRadiationKeys(coupling_per_GeV=1e-8))
    table = found.picture.tables["history"]
    neff = boltzmann.delta_neff(states=3, temperature_ratio=float(table["T'/T [1]"][-1]))
    values = {line.name: line.value for line in found.lines}
    assert float(values["Delta N_eff"]) == pytest.approx(neff, rel=1e-3)
    assert float(values["T_dec"].split()[0]) == pytest.approx(5.178e4, rel=1e-3)
    cold = axion.dark_radiation(DarkRadiationKeys(coupling_per_GeV=1e-6))
    assert "after the electroweak transition" in cold.warnings[0][1]


def test_the_axion_beside_its_closed_forms(tmp_path: Path) -> None:
    code, text, err = darklat("relic", "thermal_axion", "--out", tmp_path / "r")
    assert (code, err) == (0, "")
    assert "regime: thermal until it is non-relativistic" in text
    closed = kappas(r=1.0, epsilon=0.5, beta=1.0)
    assert number(text, "m_phi") == pytest.approx(closed.kappa1 * 125**2 / 2e5, abs=5e-7)
    assert number(text, "kappa_2") == pytest.approx(closed.kappa2, abs=5e-7)
    ratio = next(row for row in text.split("\n") if "II.24" in row)
    assert ratio.endswith(f"{100 * (1 / 1.546 - 1):+.2g} %")
    with (tmp_path / "r" / "history.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["m_phi/T [1]", "Gamma_C/H [1]", "Gamma_P/H [1]", "Gamma_D/H [1]"]
    x, _, primakoff, _ = np.array(rows, dtype=float).T
    stops = number(text, "m_phi") / number(text, "Primakoff stops at")
    assert np.interp(np.log(stops), np.log(x), primakoff) == pytest.approx(1, rel=1e-3)


@pytest.mark.usefixtures("without_pictures")
def test_an_axion_in_conflict_with_bounds_is_a_warning(tmp_path: Path) -> None:
    options = ("--set", "f_phi_GeV=3e4", "--set", "beta=0.5", "--out", tmp_path / "r")
    _, _, err = darklat("relic", "thermal_axion", *options)
    assert "f_phi_GeV: is not in the window of baryogenesis, 100000 to 1e+07 GeV (II.18)" in err
    assert "kappa_2^2/kappa_1 1e6 = 6.34e+04 GeV (II.25)" in err
    options = ("--set", "f_phi_GeV=1e7", "--set", "beta=0.5", "--out", tmp_path / "r")
    _, _, err = darklat("relic", "thermal_axion", *options)
    assert "is excluded outside of 1e-09 to 3e-07 (II.12)" in err
    code, _, err = darklat(
        "relic", "thermal_axion", "--set", "epsilon=0.2", "--out", tmp_path / "none"
    )
    assert code == 2 and "survives to T = 0" in err


@pytest.mark.usefixtures("without_pictures")
def test_the_history_is_printed_in_a_few_rows(tmp_path: Path) -> None:
    _, text, _ = darklat("relic", "dark_radiation", "--out", tmp_path / "r")
    rows = text.split("history, 8 of 400 rows:\n")[1].split("\n")[:9]
    assert rows[0].split() == ["T", "[GeV]", "T'/T", "[1]"]
    assert float(rows[8].split()[0]) == 1e-7


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.061, "+6.1 %"), (33.3, "33.3 times too large"), (0.4, "2.5 times too small")],
)
def test_deviations_in_words(ratio: float, words: str) -> None:
    assert deviation(ratio) == words
