"""The linear phase against the lattice's own evolution of the same initial state."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.errors import ConfigError
from darklat.lattice.evolution import Evolution
from darklat.lattice.linear_phase import phase
from darklat.physics import staggered
from models import config, simulation
from run_folders import everything

PHOTON = """
name: photon
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields:
    A: {role: photon, conductivity: {kind: constant, value: 1e16}}
    X: {role: dark}
  couplings: {XX: 30, AX: 9}
lattice: {sites: 12, box: 0.5, order: 2}
time: {a_end: 1.25}
"""
FREE = ("model.fields.A.conductivity=null", "model.couplings.AA=-20")


def handed_over(*overrides: str, text: str) -> Evolution:
    sim = simulation("initial.linear_until=1.25", "time.a_end=2", *overrides, text=text)
    sim.start()
    return sim


def stepped(*overrides: str, text: str) -> Evolution:
    sim = simulation(*overrides, text=text)
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
    sim.lattice.update_electric()
    return sim


def modes(field: np.ndarray) -> np.ndarray:
    """[component, modes], in units of one mode's own size."""
    return np.fft.rfftn(field, axes=(-3, -2, -1)).reshape(3, -1)


def worst_mode(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest relative difference of any mode, Nyquist ones included."""
    f, e = modes(found)[:, 1:], modes(expected)[:, 1:]
    size = np.sqrt(np.sum(np.abs(e) ** 2, axis=0))
    size = np.maximum(size, 0.01 * np.median(size))  # a mode may pass through zero
    return float(np.max(np.sqrt(np.sum(np.abs(f - e) ** 2, axis=0)) / size))


@pytest.mark.parametrize("order", [2, 4])
def test_every_mode_of_every_field_is_that_of_the_lattice(order: int) -> None:
    # two coupled fields; a Runge-Kutta scheme of order 4
    own = (*FREE, f"lattice.order={order}")
    exact = handed_over(*own, text=PHOTON)
    assert exact.letters == ("A", "X")
    coarse, fine = (
        stepped(*own, "time.scheme=rk4", f"time.courant={c}", text=PHOTON) for c in (0.05, 0.025)
    )
    for name in ("X", "E"):
        for i in range(2):
            right = np.asarray(getattr(exact.lattice, name)[i])
            errors = [
                worst_mode(np.asarray(getattr(sim.lattice, name)[i]), right)
                for sim in (coarse, fine)
            ]
            # errors of the fastest modes go as the fifth power of khat_max, 2/dx or 2.33/dx
            most = 1e-4 * (staggered.largest_khat(order) / 2) ** 5
            assert errors[1] < most and errors[0] / errors[1] > 10, (name, i, errors)
    assert float(exact.lattice.theta[0, 0, 0]) == pytest.approx(fine.lattice.theta[1, 2, 3])
    np.testing.assert_allclose(exact.lattice.pi, fine.lattice.pi, rtol=1e-6)


def test_beside_a_conductor_at_the_order_of_the_step() -> None:
    exact = handed_over(text=PHOTON)
    assert exact.letters == ("X", "A")
    runs = [stepped(f"time.courant={c}", text=PHOTON) for c in (0.05, 0.025)]
    # E_A = S/sigma is half a step late: order 1, and X, of order 2, feels it
    fields = [
        (sim.lattice.X[0], sim.lattice.X[1], sim.lattice.conductor.E) for sim in (exact, *runs)
    ]
    for i, orders in enumerate(((1, 2), (1, 1), (1, 1))):
        right = np.asarray(fields[0][i])
        errors = [np.linalg.norm(np.asarray(run[i]) - right) for run in fields[1:]]
        order = np.log2(errors[0] / errors[1])
        assert orders[0] - 0.2 < order < orders[1] + 0.2, (i, order)
        assert errors[1] < 0.05 * np.linalg.norm(right)


def test_the_way_there_in_pieces_or_at_once() -> None:
    model = config("initial.linear_until=1.25", "time.a_end=2", text=PHOTON)
    results = []
    for stops in ((0.5, 1.25), (0.5, 0.8, 1.0, 1.25)):
        sim = simulation("initial.linear_until=1.25", "time.a_end=2", text=PHOTON)
        sim._initial_state(0.5)
        modes = phase.modes_of(sim.lattice)
        for start, end in pairwise(stops):
            phase.advance(sim.lattice, modes, model, start=start, end=end)
        results.append([np.array(sim.lattice.X), np.array(sim.lattice.E)])
    for once, pieces in zip(*results, strict=True):
        for i in range(2):
            # the accuracy of the mode solver
            assert np.linalg.norm(pieces[i] - once[i]) < 2e-8 * np.linalg.norm(once[i])


@pytest.mark.parametrize("n", [8, 24, 30, 1600])
def test_the_modes_of_the_estimate_stand_for_all(n: int) -> None:
    numbers, counts = phase._sample(n)
    assert counts.sum() == n**3 - 1
    assert numbers.min() == 0 and numbers.max() == n // 2 and len(counts) < 20_000
    k, average = phase._waves(numbers, n, 1 / n, 2)
    # the sum of khat^2 and of c^2 over all modes: 12 and, with 1/2 on every axis, 1/8 of n^3 - 1
    exact = [6 * n**2 * n**3, n**3 / 8 - 1]
    found = [np.sum(counts * k**2), np.sum(counts * average**2)]
    # beyond 24 sites a mode stands for up to 15% more or less on an axis
    np.testing.assert_allclose(found, exact, rtol=1e-12 if n <= 24 else 0.03)


def test_auto_takes_the_modes_of_the_run_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a fine lattice, whose first 24 sites would not hold a wave that grows."""
    fine = config(
        "lattice.sites=64", "lattice.box=0.25", "initial.linear_until=auto", "time.a_end=8"
    )
    found = phase.hand_over(fine)
    phase._latest.cache_clear()
    monkeypatch.setattr(phase, "_EVERY", 32)  # every mode
    exact = phase.hand_over(fine)
    assert found == pytest.approx(exact, abs=0.011)  # a step of the search


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_spectra_of_the_modes_are_those_of_the_lattice(precision: str) -> None:
    choices = ("initial.linear_until=1.25", "time.a_end=2", f"lattice.precision={precision}")
    sim = simulation(*choices, text=PHOTON)
    sim._initial_state(0.5)
    modes = phase.modes_of(sim.lattice)
    phase.advance(sim.lattice, modes, sim.config, start=0.5, end=1.25)
    sim.lattice.update_electric()
    known, measured = (
        sim.modes.measure(sim.lattice.sectors, 1.25, of).spectra for of in (modes, None)
    )
    # rounding of amplitudes a thousand times those of helicity +, which does not grow here
    accuracy = 1e-13 if precision == "float64" else 2e-5
    for letter in sim.letters:
        for name in (f"{field}_{letter}_{sign}" for field in "BE" for sign in ("plus", "minus")):
            of_lattice = measured[name].power
            size = accuracy * np.max(of_lattice)
            np.testing.assert_allclose(known[name].power, of_lattice, atol=size, rtol=0)
        long, transverse = known[f"E_{letter}_long"].power, known[f"E_{letter}_minus"].power
        assert np.max(long) < 1e-28 * np.max(transverse)


def test_rows_from_the_start_on_and_every_check_holds() -> None:
    sim = simulation(
        "initial.linear_until=auto", "output.spectra_interval=1", "lattice.sites=16",
        "time.a_end=7", "model.couplings.XX=100", text=PHOTON,
    )  # fmt: skip
    sim.start()
    until = sim.clock.tau_start
    steps = np.arange(int(np.ceil(until - 0.6)))
    np.testing.assert_allclose(sim.series["a"], [*(0.5 + steps), until])
    assert len(sim.spectra.times) == len(sim.series["a"])
    np.testing.assert_allclose(sim.series["r"], 1, rtol=1e-12)
    share = sim.series["rho/X"] / sim.series["rho/theta"]
    # auto expects 1e-7; between two outputs the fields grow by orders of magnitude
    assert 1e-9 < share[-1] < phase.LARGEST_SHARE and share[-2] < 0.01 * share[-1]
    assert sim.series["energy_balance"][-1] == pytest.approx(share[-1], rel=1e-2, abs=1e-12)
    for letter in "XA":
        assert sim.series[f"gauss/{letter}"].max() < 1e-14
    for _ in range(8):
        sim.step()
    sim.lattice.measure(sim.a)
    assert sim.lattice.conductor.averages().gauss < 1e-14


def test_a_run_with_a_linear_phase_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(PHOTON + "initial: {linear_until: 1.25}\noutput: {spectra_interval: 0.3}\n")
    overrides = ["time.a_end=1.6", "lattice.sites=8"]
    whole, finished = commands.run(path, overrides=overrides, out=tmp_path / "w", backend="cpu")
    assert finished
    with h5py.File(whole / "series.h5") as file:
        assert file["a"][0] == 0.5 and np.all(np.diff(file["a"][...]) > 0)
    part, finished = commands.run(
        path, overrides=overrides, out=tmp_path / "p", backend="cpu", stop_after=3
    )
    assert not finished
    commands.resume(part, backend="cpu")
    assert everything(part) == everything(whole)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["initial.linear_until=1.4", "model.couplings.XX=4000"], "of the ALP's energy"),
        (["initial.linear_until=1.4", "model.couplings.XX=1e6"], "have nan of the ALP's energy"),
        (["model.fields.A.conductivity.value=1e4"], "is too small for the linear phase"),
        (["initial.linear_until=0.5"], "must lie between the start, a = 0.5, and the end"),
        (["initial.linear_until=2"], "must lie between the start, a = 0.5, and the end"),
        (["initial.linear_until=later"], "must be a number greater than 0, or auto"),
        (["model.fields.X.mass_eV=1e-18"], "and X has a mass or a plasma"),
        (["output.snapshots=[0.7]"], "no snapshots of the linear phase"),
        (["initial.linear_until=auto", "output.snapshots=[1.5]"], "ends at a known time"),
        (["initial.kind=file", "initial.file=a.h5"], "and kind is file"),
        (
            ["background.kind=static", "initial.a_start=null", "time.a_end=null", "time.tau_end=2"],
            "a static background has a = 1 throughout",
        ),
    ],
)
def test_what_the_linear_phase_is_refused_for(
    tmp_path: Path, overrides: list[str], expected: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(PHOTON + "initial: {linear_until: 1.25}\n")
    (tmp_path / "a.h5").touch()
    with pytest.raises(ConfigError) as error:
        commands.run(
            path, overrides=["time.a_end=2", *overrides], out=tmp_path / "out", backend="cpu"
        )
    assert expected in str(error.value) and "linear_until" in str(error.value)
    assert not (tmp_path / "out").exists()
