"""`darklat relic` for psi of dark QED: its table, history, doubts and refusals."""

from __future__ import annotations

import csv
import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from darklat import cli
from darklat.analysis.relics import dark_qed
from darklat.physics.dark_qed import bath, closed_forms, freeze_out, heavy_photon, reheated
from darklat.schema.relic_dark_qed import DarkQedHeavyKeys, DarkQedLightKeys

LIGHT = "kind: dark_qed_light\nmass_fermion_GeV: 100\nmass_photon_GeV: 1e-2\ncharge: 0.05\n"
HEAVY = "kind: dark_qed_heavy\nmass_fermion_GeV: 0.05\nmass_photon_GeV: 0.5\ncharge: 0.1\n"


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


def test_light_prints_and_writes_its_history(tmp_path: Path) -> None:
    code, text, err = darklat("relic", "dark_qed_light", "--out", tmp_path / "r")
    assert (code, err) == (0, "")
    assert "regime: thermal" in text and "for Omega = 0.26" in text
    assert number(text, "Omega") == pytest.approx(0.26, rel=1e-3)
    assert "Omega, 4.6 cold relic, as printed " in text and ": -42 %" in text
    assert "Omega, 4.7 hot relic, as printed (out of its range)" in text
    assert "least e_D for 3->2, 3.11 as printed" in text
    with (tmp_path / "r" / "history.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:3] == ["m_psi/T_dark [1]", "T_dark [GeV]", "T_SM [GeV]"]
    x, T_dark, T_sm, Y, Y_eq, _rate = np.array(rows, dtype=float).T
    np.testing.assert_allclose(x * T_dark, 100, rtol=1e-9)
    assert T_dark[0] / T_sm[0] == pytest.approx(number(text, "xi = T_dark/T_SM"), rel=1e-3)
    assert Y[0] == pytest.approx(Y_eq[0], rel=1e-6) and Y[-1] > 1e3 * Y_eq[-1]
    # eta counts the modes up to freeze-out, by Eq. 2.5.
    eta = reheated.eta(hubble_end_gev=6e13, temperature_sm_gev=number(text, "T_SM there"))
    assert number(text, "eta") == pytest.approx(eta, abs=1e-3)


def test_heavy_prints_and_writes_its_history(tmp_path: Path) -> None:
    code, text, err = darklat("relic", "dark_qed_heavy", "--out", tmp_path / "r")
    assert (code, err) == (0, "")
    eta = number(text, "eta")
    closed = closed_forms.omega_heavy_photon(
        mass_fermion_gev=0.05, hubble_inflation_gev=6e13, eta=eta
    )
    assert number(text, "Omega") == pytest.approx(closed, rel=0.01)
    with (tmp_path / "r" / "history.csv").open(newline="") as file:
        _, *rows = csv.reader(file)
    _x, _T, fermions, photons = np.array(rows, dtype=float).T
    # Each A' becomes two psi.
    np.testing.assert_allclose(fermions + 2 * photons, number(text, "Y"), rtol=1e-5)
    assert fermions[0] == pytest.approx(photons[0], rel=1e-2) and photons[-1] < 1e-9 * fermions[-1]


def test_half_the_energy_of_the_modes_makes_less() -> None:
    """xi is 0.841 of 3.10 then: a hot relic has 2^(-3/4) of the density."""
    given = {"mass_fermion_gev": 0.05, "mass_photon_gev": 0.5, "charge": 0.1}
    inflation = {"hubble_inflation_gev": 6e13, "eta": 6.0}
    whole = heavy_photon.relic(**given, **inflation).omega
    half = heavy_photon.relic(**given, **inflation, energy=bath.MODE_ENERGY).omega
    assert half / whole == pytest.approx(2**-0.75, rel=2e-3)  # g_* where xi is taken


def test_late_reheating_counts_fewer_modes() -> None:
    early = reheated.eta(hubble_end_gev=6e13, temperature_sm_gev=1e3)
    end = reheated.hubble_gev(reheating_temperature_gev=1e8, hubble_inflation_gev=6e13)
    late = reheated.eta(hubble_end_gev=end, temperature_sm_gev=1e3)
    # eta^2 = ln(H_end/H)/2 = ln(T_rh/T) at constant g_*.
    assert late**2 == pytest.approx(np.log(1e5), rel=1e-2)
    assert late < early


DOUBTS = {
    LIGHT.replace("0.05", "0.02"): (":4:9: charge: e_D = 0.02 keeps 3 -> 2 processes slower than H until T_dark = m_psi; they need 0.041",),
    LIGHT.replace("0.05", "1e-3"): (":4:9: charge: e_D = 0.001 does not thermalise the dark sector: 2 -> 2 processes need",),
    LIGHT.replace("0.05", "1.5"): (":4:9: charge: e_D = 1.5 is strong", ":4:9: charge: bound states of psi form above e_D = "),
    LIGHT.replace("1e-2", "50"): (":3:18: mass_photon_GeV: m_A'/m_psi = 0.5, and corrections",),
    LIGHT.replace("1e-2", "1e-9"): (":3:18: mass_photon_GeV: the dark electric field is below the critical one",),
    LIGHT + "epsilon: 1e-9\n": (":5:10: epsilon: epsilon e_D = 5e-11 is above 1.13e-11 (F.7): the Standard Model makes more"),
    LIGHT + "eta: 7\n": (":5:6: eta: eta = 7 counts more modes than enter",),
    LIGHT + "hubble_inflation_GeV: 1e11\nreheating_temperature_GeV: 2.5e14\n": (":6:28: reheating_temperature_GeV: gravitons bring",),
    HEAVY.replace("0.1", "0.02"): (":4:9: charge: e_D = 0.02 keeps 3 -> 2 processes slower than H until the decay of A'",),
    HEAVY + "epsilon: 1e-9\n": (":5:10: epsilon: epsilon e_D = 1e-10 is above ", "(F.9)"),
}  # fmt: skip


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("text", DOUBTS, ids=lambda text: text[21:].replace("\n", " "))
def test_doubts_are_warnings_where_they_stand(tmp_path: Path, text: str) -> None:
    path = tmp_path / "relic.yaml"
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patched:
        # The pictures are drawn by other tests.
        patched.setattr("darklat.analysis.papers.folder.write", lambda *_, **__: [])
        code, _, err = darklat("relic", path, "--out", tmp_path / "r")
    assert code == 0
    for part in DOUBTS[text]:
        assert part in err, err


def test_a_sound_point_has_no_doubt(tmp_path: Path) -> None:
    assert not dark_qed.light(
        DarkQedLightKeys(mass_fermion_GeV=100, mass_photon_GeV=1e-2, charge=0.05, epsilon=1e-12)
    ).warnings
    assert not dark_qed.heavy(
        DarkQedHeavyKeys(mass_fermion_GeV=0.05, mass_photon_GeV=0.5, charge=0.1, epsilon=1e-12)
    ).warnings


REFUSED = {
    LIGHT.replace("1e-2", "150"): ":3:18: mass_photon_GeV: must be below mass_fermion_GeV, which is 100, found 150",
    HEAVY.replace("0.5", "0.08"): ":3:18: mass_photon_GeV: the decay A' -> psi psi is closed: must be above 2 mass_fermion_GeV, 0.1, found 0.08",
    LIGHT + "eta: 0.5\n": ":5:6: eta: must be a number from 1 to 10, or modes, found 0.5",
    LIGHT + "hubble_inflation_GeV: 1e14\n": ":5:23: hubble_inflation_GeV: must be a number from 1000 to 6e+13",
    LIGHT.replace("0.05", "5"): ":4:9: charge: must be a number from 1e-20 to 3.54",
    LIGHT + "reheating_temperature_GeV: 100\n": ":5:28: reheating_temperature_GeV: reheating ends with H = ",
    LIGHT + "reheating_temperature_GeV: 1e16\n": ":5:28: reheating_temperature_GeV: reheating to 1e+16 GeV ends with H = ",
    LIGHT.replace("100", "1e-3").replace("1e-2", "1e-6").replace("0.05", "dark_matter"): ":2:19: mass_fermion_GeV: psi is dark matter from ",
    LIGHT.replace("100", "1e8").replace("0.05", "dark_matter"): ":2:19: mass_fermion_GeV: psi would need e_D = ",
    LIGHT.replace("100", "1e9") + "hubble_inflation_GeV: 1e3\neta: 1\n": ":2:19: mass_fermion_GeV: ",
    # H is below H_I for the bath of 2.6, and above it for half of that.
    LIGHT.replace("100", "475").replace("0.05", "3") + "hubble_inflation_GeV: 11226\n": ":2:19: mass_fermion_GeV: H = ",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[21:].replace("\n", " "))
def test_what_cannot_be_is_refused_where_it_stands(tmp_path: Path, text: str) -> None:
    path = tmp_path / "relic.yaml"
    path.write_text(text)
    code, out, err = darklat("relic", path, "--out", tmp_path / "r")
    assert (code, out) == (2, "")
    assert f"relic.yaml{REFUSED[text]}" in err, err
    assert not (tmp_path / "r").exists()


def test_temperatures_outside_the_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="where the tables of g_"):
        reheated.hubble_gev(reheating_temperature_gev=2e16, hubble_inflation_gev=6e13)
    with pytest.raises(ValueError, match="less than one e-fold"):
        reheated.eta(hubble_end_gev=1e-10, temperature_sm_gev=5e3)
    with pytest.raises(ValueError, match="tables of g_"):
        freeze_out.start(T_dark_gev=1e15, hubble_inflation_gev=6e13, eta=6)
