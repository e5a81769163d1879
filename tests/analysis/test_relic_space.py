"""The parameter spaces of dark QED: Figs. 6 and 7, their numbers and their files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from darklat.analysis.papers import figure, relic_space
from darklat.physics.dark_qed import approximations, closed_forms, freeze_out, thermalisation
from darklat.schema.figure_dark_qed_space import DarkQed6, DarkQed7

CONFIG = DarkQed6(etas=(6.0,), points=6, plane_points=4)


@pytest.fixture(scope="module")
def light() -> relic_space.LightSpace:
    return relic_space.light_space(CONFIG)


def test_psi_is_dark_matter_on_the_line(light: relic_space.LightSpace) -> None:
    (line,) = light.lines
    for mass, charge in ((line.mass[1], line.charge[1]), (line.mass[-1], line.charge[-1])):
        found = freeze_out.relic(
            mass_fermion_gev=float(mass), charge=float(charge), hubble_inflation_gev=6e13, eta=6.0
        )
        # e_D to 1e-4 of ln e_D, and Omega ~ e_D^-4.
        assert found.omega == pytest.approx(0.26, rel=4e-3)
    assert line.lightest == pytest.approx(0.134, rel=2e-3)  # 4.7: .133
    assert np.all(np.diff(line.charge) > 0)


def test_dark_matter_reaches_30_tev(light: relic_space.LightSpace) -> None:
    """The paper: 50 MeV (with the rounded, heavy case) to 30 TeV, where e_D = 1."""
    (line,) = light.lines
    reached = math.exp(np.interp(0.0, np.log(line.charge), np.log(line.mass)))
    assert reached == pytest.approx(3.3e4, rel=0.05)  # six points in between


def test_regimes_change_at_the_boundaries(light: relic_space.LightSpace) -> None:
    (line,) = light.lines
    three, printed, two, field = light.boundaries
    assert [each.equation for each in light.boundaries] == [
        "3.8",
        "3.11",
        "E.20's rate",
        "B.1, 3.6",
    ]
    names = [relic_space.REGIMES[each] for each in line.regime]
    assert names[0] == "decoupled" and names[-1] == "thermal"
    for mass, charge, name in zip(line.mass, line.charge, names, strict=True):
        least = [np.interp(mass, each.mass, each.charge) for each in (two, three)]
        assert name == ("decoupled", "kinetic", "thermal")[int(np.sum(charge > least))]
    # 3.11 as printed has .01 at 1 GeV for 6e13 GeV and eta = 6, and the same slope.
    ratio = thermalisation.PRINTED_LIGHT / thermalisation.charge_light_photon(
        mass_fermion_gev=1.0, hubble_inflation_gev=6e13, eta=6.0, process="3->2"
    )
    np.testing.assert_allclose(printed.charge, ratio * three.charge, rtol=1e-12)
    np.testing.assert_allclose(field.charge, 2 * math.pi * field.mass / 1e-6 / 6e13, rtol=1e-12)


def test_the_plane_begins_at_the_lightest_dark_matter(light: relic_space.LightSpace) -> None:
    assert light.plane_mass.shape == light.plane_charge.shape
    assert np.all(light.plane_mass[:, 0] > light.plane_lightest)
    hot = closed_forms.omega_hot(
        mass_fermion_gev=float(light.plane_lightest[-1]), hubble_inflation_gev=6e13, eta=6.0
    )
    assert hot == pytest.approx(0.26, rel=0.02)
    # The last row has the H_I of the line, and its last mass.
    assert light.plane_charge[-1, -1] == pytest.approx(light.lines[0].charge[-1], rel=1e-3)


def test_the_heavy_band_is_that_of_4_10() -> None:
    data = relic_space.heavy_space(DarkQed7(points=6))
    np.testing.assert_allclose(data.mass, data.printed, rtol=0.01)  # .29 for .286, g_*(T)
    assert data.mass[1] == pytest.approx(0.0448, rel=1e-3)
    np.testing.assert_allclose(data.plane_dark_matter[:, -1], data.mass, rtol=1e-9)
    for each, index in zip(data.boundaries, (("3->2", True), ("2->2", True), ("3->2", False), ("2->2", False)), strict=True):  # fmt: skip
        process, dilated = index
        exact = thermalisation.charge_heavy_photon_printed(
            mass_photon_gev=10 * float(each.mass[0]),
            hubble_inflation_gev=6e13, eta=6.0, process=process, dilated=dilated,
        )  # fmt: skip
        assert each.charge[0] == pytest.approx(exact, rel=0.06)  # 3.1 for 3.27


def test_figures_are_drawn_with_their_numbers(
    light: relic_space.LightSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relic_space, "light_space", lambda config: light)
    (tmp_path / "six.yaml").write_text("figure: dark_qed_6\netas: [6]\n")
    (tmp_path / "seven.yaml").write_text("figure: dark_qed_7\npoints: 6\n")
    for name, number, tables in (
        ("six", 6, ("", "_relic", "_inflation")),
        ("seven", 7, ("", "_relic", "_inflation", "_charge")),
    ):
        written = figure.figure(tmp_path / f"{name}.yaml", out=tmp_path / name)
        csv = {f"figure_{number}{table}.csv" for table in tables}
        pictures = {f"figure_{number}.{suffix}" for suffix in ("png", "pdf", "h5")}
        assert {path.name for path in written} == {*csv, *pictures, "figure.yaml"}
    head = (tmp_path / "six" / "figure_6_relic.csv").read_text().splitlines()[0]
    assert "e_D numerical [1]" in head and "e_D 4.6 [1]" in head


def test_closed_forms_say_where_they_hold() -> None:
    inflation = {"hubble_inflation_gev": 6e13, "eta": 6.0}
    cold, recomputed, hot = approximations.light(mass_fermion_gev=100.0, charge=0.1, **inflation)
    assert cold.valid and recomputed.valid and not hot.valid
    assert hot.reason == "psi annihilates: 2 -> 2 processes are faster than H"
    cold, _, hot = approximations.light(mass_fermion_gev=0.1, charge=1e-5, **inflation)
    assert cold.omega is None and "cold relic" in cold.reason and hot.valid
    cold, *_ = approximations.light(mass_fermion_gev=10.0, charge=0.01, **inflation)
    assert not cold.valid and "3 -> 2" in cold.reason
    early, none = approximations.heavy(
        mass_fermion_gev=0.04, mass_photon_gev=0.4, charge=0.2, **inflation
    )
    assert early.valid and not none.valid
    early, none = approximations.heavy(
        mass_fermion_gev=0.04, mass_photon_gev=0.4, charge=1e-18, **inflation
    )
    assert not early.valid and none.valid
