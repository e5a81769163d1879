"""Plasmas that a field makes of itself: the model's growth over a time, and the lattice that grows
them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from darklat.driver import commands
from darklat.errors import ConfigError
from darklat.lattice.sectors import PairSector
from darklat.physics.pairs.growth import grown_plasma, plasma_growth, screening_frequency_squared
from darklat.storage import hdf5
from models import config, simulation

MATTER = {"fermion_mass": 1.0, "charge": 0.5}


@pytest.mark.parametrize("hubble", [0.1, 1.0])
@pytest.mark.parametrize("electric", [3.0, 20.0, 500.0])
def test_growth_over_a_time_is_the_integral_of_the_rate(electric: float, hubble: float) -> None:
    """Against integration at 1e-10, from nothing, from a little, and from more than screens."""
    model = {"hubble": hubble, "photon_energy": hubble, **MATTER}
    most = float(screening_frequency_squared(electric, hubble=hubble, **MATTER))
    rate = float(plasma_growth(0.3 * most, electric, **model)) / most
    assert rate > 0
    for start in (0.0, 1e-6 * most, 0.5 * most, 2 * most):
        for duration in (1e-3 / rate, 1 / rate, 1e3 / rate):
            found = float(grown_plasma(start, electric, duration=duration, **model))
            solved = solve_ivp(
                lambda _, y: plasma_growth(np.maximum(y, 0), electric, **model),
                (0, duration), [start], method="LSODA", rtol=1e-10, atol=1e-14 * most,
            )  # fmt: skip
            assert found == pytest.approx(solved.y[0, -1], rel=1e-7, abs=1e-12 * most)
            assert start <= found <= max(most * (1 + 1e-14), start)


def test_nothing_grows_without_a_field_and_arrays_go_site_by_site() -> None:
    model = {"hubble": 0.1, "photon_energy": 0.1, "duration": 30.0, **MATTER}
    electric, present = np.array([[0.0, 1e-3], [5.0, 80.0]]), np.array([[0.2, 0.0], [0.0, 1e-4]])
    found = grown_plasma(present, electric, **model)
    assert found[0, 0] == 0.2 and found[0, 1] == 0 and found[1, 1] > found[1, 0] > 0
    for place in np.ndindex(2, 2):
        assert found[place] == grown_plasma(present[place], electric[place], **model)
    with pytest.raises(ValueError, match="omega_p_squared must be finite and not negative"):
        grown_plasma(-1.0, 1.0, **model)


CONFIG = """
name: pairs
model:
  fields: {X: {mass_eV: 1, plasma: {kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}}}
units: {hubble_eV: 1}
lattice: {sites: 8, box: 2, order: 2}
initial: {kind: file, a_start: 0.5}
time: {a_end: 0.8, courant: 0.05}
checks: {power_at_cutoff_max: 2}
"""
MODEL = {"fermion_mass": 2.0, "charge": 0.5}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """E a few times the critical field m^2/e = 8, at a = 1/2."""
    path = tmp_path_factory.mktemp("start") / "start.h5"
    wave = np.cos(2 * np.pi * np.arange(8) / 8)
    with h5py.File(path, "w") as file:
        file["X/X"] = np.zeros((3, 8, 8, 8))
        E = np.zeros((3, 8, 8, 8))
        E[0] = 20 + 10 * wave[:, None]
        E[1] = 15 * wave[:, None, None]
        file["E/X"] = E
    return path


def test_the_plasma_grows_on_every_site_at_the_rate_of_its_field(start: Path) -> None:
    sim = simulation(f"initial.file={start}", text=CONFIG)
    sim.start()
    assert sim.lattice.massive is not None
    profile = np.array(sim.lattice.massive.profile[0])
    assert not np.any(profile)
    before = sim.tau
    while not sim.closed or sim.done == 0:
        sim.step()
    a, duration = sim.a, sim.tau - before
    E = np.array(sim.lattice.E[0])
    squared = sum((E[c] ** 2 + np.roll(E[c], 1, c) ** 2) / 2 for c in range(3))
    expected = a**3 * grown_plasma(
        profile, np.sqrt(squared) / a**2, duration=a * duration, hubble=a**-2,
        photon_energy=a**-2, **MODEL,
    )  # fmt: skip
    found = np.array(sim.lattice.massive.profile[0])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert found.max() > 2 * found.min() > 0
    while sim.done < sim.clock.steps:
        sim.step()
        if sim.closed:
            later = np.array(sim.lattice.massive.profile[0])
            assert np.all(later >= found)
            found = later
            sim.record()
    most = screening_frequency_squared(np.sqrt(squared.max()) / a**2, hubble=a**-2, **MODEL)
    assert 1e-3 * most < (found / sim.a**3).max() < most
    assert sim.series["rho/X_plasma"][-1] > 1e-6 * sim.series["rho/X"][-1]
    assert np.max(np.abs(sim.series["energy_balance"])) < 5e-3
    assert sim.series["gauss/X"].max() < 1e-13 and sim.series["lorenz/X"].max() < 1e-13


def test_the_energy_of_new_charges_is_in_the_balance(start: Path) -> None:
    """What `grow` returns is what the energy of the lattice has gained."""
    sim = simulation(f"initial.file={start}", text=CONFIG)
    sim.start()
    pairs = sim.lattice.find(PairSector)
    assert pairs is not None and sim.lattice.massive is not None
    sim.lattice.massive.v[...] = np.random.default_rng(1).normal(size=(1, 3, 8, 8, 8))
    sim.lattice.massive.profile[...] = 1e-3
    before = sim.lattice.measure(sim.a)
    gained = pairs.grow(a=sim.a, duration=0.1)
    after = sim.lattice.measure(sim.a)
    assert gained > 0
    change = after.conformal_energy - before.conformal_energy
    assert change == pytest.approx(gained, rel=1e-9)


def test_it_resumes_to_the_same_bytes(start: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(CONFIG)
    overrides = [f"initial.file={start}"]
    whole, _ = commands.run(path, overrides=overrides, out=tmp_path / "whole", backend="cpu")
    parts, _ = commands.run(
        path, overrides=overrides, out=tmp_path / "parts", backend="cpu", stop_after=9
    )
    _, finished = commands.resume(parts, backend="cpu")
    assert finished
    for name in ("series.h5", "spectra.h5"):
        with h5py.File(whole / name) as one, h5py.File(parts / name) as other:
            for key, values in hdf5.datasets(one):
                assert values[...].tobytes() == other[key][...].tobytes(), key
    with h5py.File(sorted((parts / "checkpoints").glob("*.h5"))[-1]) as file:
        assert np.all(file["fields/profile"][...] > 0)
        assert file["fields/profile"].attrs["units"] == "1/tau_*^2"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["model.fields.X.plasma.charge=null"], "plasma.charge: missing: kind: pairs needs one"),
        (["model.fields.X.plasma.omega_p=1"], "omega_p: is only used with kind: constant"),
        (
            ["background={kind: static}", "initial={kind: vacuum}", "time={tau_end: 1}"],
            "charges are accelerated over a Hubble time, and a static background has none",
        ),
    ],
)
def test_contradictions(overrides: list[str], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config("initial={kind: vacuum}", *overrides, text=CONFIG)
    assert expected in str(caught.value)
