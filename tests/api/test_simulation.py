"""A simulation in memory: a callback sees it and changes no bit, and pauses leave no trace."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

import darklat as dl
from darklat.errors import ConfigError, InputError, NumericalError
from run_folders import datasets

SMALL = {"lattice.sites": 8, "lattice.order": 2, "output.spectra_interval": 0.1}
PAIRS = {"kind": "pairs", "charge": 0.3, "fermion_mass_eV": 1e-3, "nu": 1}
MODELS = {
    "first_light": ("first_light", {"lattice.box": 0.125, "time.a_end": 0.8}),
    "float32": (
        "first_light",
        {"lattice.box": 0.125, "time.a_end": 0.8, "lattice.precision": "float32"},
    ),
    "photon": (
        "choi2018_fig1",
        {
            "lattice.box": 0.125, "time.a_end": 0.7, "model.fields.A.back_reaction": True,
            "model.couplings.AA": 3,
        },
    ),
    "pairs": (
        "dark_photon_plasma",
        {
            "lattice.box": 2, "time.a_end": 0.7, "time.courant": 0.02,
            "model.fields.X.plasma": PAIRS,
        },
    ),
}  # fmt: skip


def config_of(model: str, **more: object) -> dl.Config:
    name, overrides = MODELS[model]
    return dl.load(name, SMALL | overrides | more)


def simulation_of(model: str, choice: str = "cpu") -> dl.Simulation:
    few = {}
    if choice == "cuda":  # emulated, it takes its time
        few = {
            "time.a_end": 0.65, "time.courant": 0.06 if model == "pairs" else 0.5,
            "lattice.box": 2 * MODELS[model][1]["lattice.box"],
        }  # fmt: skip
    return dl.Simulation(config_of(model, **few), backend=choice)


def everything(simulation: dl.Simulation) -> dict[str, object]:
    """All that the engine holds, to the bit: what a checkpoint would."""
    state = simulation._evolution.state()
    arrays = {name: array.values.tobytes() for name, array in state.arrays.items()}
    numbers = {name: value.hex() for name, value in state.numbers.items()}
    return {"step": state.step} | arrays | numbers


def deface(simulation: dl.Simulation) -> None:
    """Writes into everything that it can get."""
    arrays = [*simulation.series.values()]
    for spectrum in simulation.spectra.values():
        arrays += [a for a in vars(spectrum).values() if isinstance(a, np.ndarray)]
    for now in simulation.spectra_now().values():
        arrays += [now.k, now.khat, now.dlnk, now.power]
    for letter in simulation.config.model.fields:
        arrays += [simulation.X(letter), simulation.E(letter)]
    if simulation.config.model.alp:
        arrays += [simulation.theta, simulation.theta_prime]
    for array in arrays:
        array[...] = -7
    simulation.row_now().clear()
    simulation.series.clear()


@pytest.fixture(scope="module")
def undisturbed(choice: str) -> dict[str, dict[str, object]]:
    found = {}
    for model in MODELS:
        simulation = simulation_of(model, choice)
        simulation.run()
        assert simulation.finished and len(simulation.spectra) > 3
        found[model] = everything(simulation)
    return found


@pytest.fixture(scope="module")
def first_light() -> dict[str, object]:
    simulation = simulation_of("first_light")
    simulation.run()
    return everything(simulation)


@pytest.mark.parametrize("model", MODELS)
def test_a_callback_changes_no_bit(model: str, undisturbed: dict, choice: str) -> None:
    simulation, calls = simulation_of(model, choice), []
    simulation.run(call=lambda now: calls.append(deface(now)))
    assert len(calls) > simulation.steps / 8
    assert everything(simulation) == undisturbed[model]


@pytest.mark.parametrize("model", MODELS)
def test_pauses_change_no_bit(model: str, undisturbed: dict, choice: str) -> None:
    simulation, reached = simulation_of(model, choice), []
    start = simulation.a
    for until in (start + 0.013, start + 0.02, start + 0.117, None):
        simulation.run(until_a=until)
        reached.append(simulation.a)
        assert until is None or simulation.a >= until * (1 - 1e-12)
    assert reached == sorted(reached) and len(set(reached)) > 2 and simulation.finished
    assert everything(simulation) == undisturbed[model]


def test_a_pause_is_at_the_next_closed_step() -> None:
    simulation = simulation_of("first_light")
    closed: list[int] = []
    simulation.run(call=lambda now: closed.append(now.step))
    other = simulation_of("first_light")
    target = other._evolution.clock.tau(closed[2] + 1)
    other.run(until_tau=target)
    assert other.step == closed[3]
    other.run(until_tau=other.tau)
    assert other.step == closed[3]


def test_calls_come_at_multiples_of_every_however_the_run_is_cut() -> None:
    def seen(*ends: float | None) -> list[float]:
        found: list[float] = []
        simulation = simulation_of("first_light")
        for end in ends:
            simulation.run(until_a=end, every=0.07, call=lambda now: found.append(now.tau))
        return found

    whole = seen(None)
    wanted = 0.5 + 0.07 * np.arange(5)
    step = 8 * 0.2 * 0.125 / 8  # the longest way to a closed step
    assert len(whole) == 5
    assert np.all(whole >= wanted - 1e-9) and np.all(whole <= wanted + step)
    assert seen(0.55, 0.57, 0.71, None) == whole


def test_it_is_the_run_of_the_command(tmp_path: Path) -> None:
    config = config_of("photon")
    simulation = dl.Simulation(config, backend="cpu")
    simulation.run()
    run = dl.run(config, out=tmp_path / "run", backend="cpu")
    assert set(simulation.series) == set(run.series)
    for name, column in simulation.series.items():
        assert column.tobytes() == run.series[name].tobytes()
    for name, spectrum in simulation.spectra.items():
        np.testing.assert_array_equal(spectrum.power, run.spectra[name].power)
    last = datasets(sorted((run.folder / "checkpoints").glob("*.h5"))[-1])
    state = simulation._evolution.state()
    assert {name: array.values.tobytes() for name, array in state.arrays.items()} == {
        name: values for name, (_, _, values) in last.items()
    }


def test_what_it_gives_is_in_program_units() -> None:
    simulation = simulation_of("first_light")
    simulation.run(until_a=0.6)
    n = simulation.config.lattice.sites
    assert simulation.theta.shape == simulation.theta_prime.shape == (n, n, n)
    assert simulation.X("X").shape == simulation.E("X").shape == (3, n, n, n)
    assert all(x.dtype == np.float64 for x in (simulation.theta, simulation.X("X")))
    row, spectra = simulation.row_now(), simulation.spectra_now()
    assert row["theta_mean"] == pytest.approx(simulation.theta.mean(), rel=1e-12)
    E_sq = sum(spectra[f"E_X_{part}"].mean_square for part in ("plus", "minus", "long"))
    B_sq = sum(spectra[f"B_X_{part}"].mean_square for part in ("plus", "minus"))
    assert E_sq == pytest.approx(3 * np.mean(simulation.E("X") ** 2), rel=1e-12)
    assert row["rho/X"] == pytest.approx((E_sq + B_sq) / (2 * simulation.a**4), rel=1e-12)


def test_a_callback_cannot_step() -> None:
    simulation = simulation_of("first_light")
    with pytest.raises(InputError, match="a callback cannot step"):
        simulation.run(call=lambda now: now.run())
    assert simulation.step == 0
    simulation.run(until_a=0.55)


def test_an_exception_of_a_callback_leaves_it_usable(first_light: dict) -> None:
    simulation = simulation_of("first_light")

    def fail(now: dl.Simulation) -> None:
        if now.a > 0.6:
            raise RuntimeError("of the callback")

    with pytest.raises(RuntimeError, match="of the callback"):
        simulation.run(call=fail)
    assert not simulation.finished
    simulation.run()
    assert everything(simulation) == first_light


def test_an_interrupt_waits_for_a_closed_step(
    first_light: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = simulation_of("first_light")
    evolution, step = simulation._evolution, simulation._evolution.step

    def interrupted() -> None:
        if evolution.done == 18:
            os.kill(os.getpid(), signal.SIGINT)
        step()

    monkeypatch.setattr(evolution, "step", interrupted)
    # A shell that starts the tests in the background may have told them to ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            simulation.run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert simulation.step == 24 and evolution.closed
    simulation.run()
    assert everything(simulation) == first_light


def test_it_runs_in_a_thread(first_light: dict) -> None:
    simulation = simulation_of("first_light")
    thread = threading.Thread(target=simulation.run)
    thread.start()
    thread.join()
    assert everything(simulation) == first_light


def test_it_writes_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    simulation = simulation_of("first_light")
    simulation.run(until_a=0.6, call=deface)
    assert list(tmp_path.iterdir()) == [] and capfd.readouterr() == ("", "")
    assert repr(simulation).startswith("<Simulation first_light: step ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"until_a": 9}, "until_a: must lie between 0 and 0.8, the end of the configuration"),
        ({"until_a": -1}, "until_a: must lie between 0 and 0.8"),
        ({"until_tau": 9}, "until_tau: must lie between 0 and 0.8"),
        ({"until_a": 0.6, "until_tau": 0.6}, "give one of them"),
        ({"every": 0, "call": print}, "every: must be greater than 0"),
        ({"every": 1}, "there is no call"),
    ],
)
def test_times_that_cannot_be_are_refused(arguments: dict, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        simulation_of("first_light").run(**arguments)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no field 'Y'; there are X"):
        simulation_of("first_light").E("Y")
    with pytest.raises(InputError, match="no ALP"):
        _ = simulation_of("pairs").theta


def test_a_configuration_that_cannot_be_run_is_refused_at_its_key() -> None:
    with pytest.raises(ConfigError, match=r"time\.courant: 2 is unstable"):
        dl.Simulation(config_of("first_light", **{"time.courant": 2}))


def test_a_file_that_does_not_fit_is_refused_at_its_key(tmp_path: Path) -> None:
    (tmp_path / "plasma.txt").write_text("0.1 not a number\n")
    plasma = {"kind": "table", "file": tmp_path / "plasma.txt"}
    config = dl.load("alp_massive_dark_photon", SMALL | {"model.fields.X.plasma": plasma})
    with pytest.raises(ConfigError, match=r":\d+:\d+: model\.fields\.X\.plasma\.file: "):
        dl.Simulation(config)


def test_a_failed_check_is_raised() -> None:
    config = config_of("first_light", **{"checks.energy_balance_max": 1e-12})
    simulation = dl.Simulation(config)
    with pytest.raises(NumericalError, match="energy_balance_max"):
        simulation.run()
