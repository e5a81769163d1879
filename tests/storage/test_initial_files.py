"""Runs from a checkpoint, a snapshot or a start file have the physics of its time, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat.driver import commands
from darklat.errors import ConfigError, InputError
from darklat.lattice.evolution import Evolution
from darklat.schema import Config, dump
from darklat.storage import checkpoint, inputs, snapshots
from darklat.storage.hdf5 import Provenance
from models import backend_for, config, simulation
from run_folders import contents

SMALL = (
    "lattice.sites=8", "lattice.box=0.4", "time.courant=0.4", "initial.a_start=0.5", "time.a_end=0.9",
)  # fmt: skip
PHOTON = (
    "model.fields.A={role: photon, conductivity: {kind: constant, value: 10}}",
    "model.couplings={AX: 1, XX: 100}",
)
PAIRS = "{kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}"
WITHOUT_ALP = (
    "model.alp=null", "model.couplings=null", "units.hubble_eV=1e-18", "time.courant=0.4",
)  # fmt: skip
MODELS: dict[str, tuple[str, ...]] = {
    "alp": (),
    "photon": PHOTON,
    "massive": ("model.fields.X.mass_eV=1e-17",),
    "plasma": ("model.fields.X.plasma={kind: constant, omega_p: 5, nu: 2}",),
    "pairs": (*WITHOUT_ALP, "model.fields.X.mass_eV=1e-18", f"model.fields.X.plasma={PAIRS}"),
}
STEPS = 8  # closed, at a = 0.66


def after_steps(*overrides: str) -> Evolution:
    run = simulation(*SMALL, *overrides)
    run.start()
    advance(run, STEPS)
    return run


def advance(run: Evolution, steps: int) -> None:
    for _ in range(steps):
        run.step()
        run.record()


def provenance(run: Evolution) -> Provenance:
    return Provenance(dump(run.config), "", "cpu", "", order=run.config.lattice.order)


def saved(run: Evolution, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return checkpoint.write(folder, run.state(), provenance(run), number=1)


def shot(run: Evolution, folder: Path, precision: str = "float64") -> Path:
    name = f"step-{run.done:09d}"
    snapshots.write(
        folder, name, run.snapshot(), provenance(run), tau=run.tau, a=run.a, dx=run.config.dx,
        length_unit="tau_osc", precision=precision,
    )  # fmt: skip
    return folder / f"{name}.h5"


def from_file(path: Path, a: float, *overrides: str) -> Config:
    own = ("initial.kind=file", f"initial.file={path}", f"initial.a_start={a!r}")
    return config(*SMALL, *own, *overrides)


def started(model: Config) -> Evolution:
    run = Evolution(model, backend_for(model), inputs.read(model))
    run.start()
    return run


def largest_difference(one: Evolution, other: Evolution) -> float:
    """Of any field, over its largest value; of P = div R over R/dx, because it may be rounding."""
    own, others = ({k: v.values for k, v in run.fields().items()} for run in (one, other))
    assert set(own) == set(others)
    scales = {name: float(np.max(np.abs(values))) for name, values in own.items()}
    if "P" in scales:
        scales["P"] = max(scales["P"], scales["R"] / one.config.dx)
    return max(
        float(np.max(np.abs(values - others[name]))) / (scales[name] or 1.0)
        for name, values in own.items()
    )


@pytest.mark.parametrize(
    "overrides", [*MODELS.values(), ("lattice.order=4",)], ids=[*MODELS, "order"]
)
def test_a_checkpoint_is_a_start_to_the_bit(overrides: tuple[str, ...], tmp_path: Path) -> None:
    run = after_steps(*overrides)
    again = started(from_file(saved(run, tmp_path), run.a, *overrides))
    assert largest_difference(run, again) == 0
    assert again.tau == pytest.approx(run.tau, rel=1e-15)
    # The same steps from here: their times differ by rounding of tau.
    assert again.clock.dt(0) == pytest.approx(run.clock.dt(STEPS), rel=1e-12)
    advance(run, STEPS)
    advance(again, STEPS)
    assert largest_difference(run, again) < 1e-12
    assert abs(again.row()["energy_balance"]) < 3e-3  # of these steps alone


@pytest.mark.parametrize("name", ["alp", "photon", "massive"])
def test_a_snapshot_is_a_start_to_rounding(name: str, tmp_path: Path) -> None:
    run = after_steps(*MODELS[name])
    model = from_file(shot(run, tmp_path), run.a, *MODELS[name])
    again = started(model)
    # D is E - g theta B again: rounding of two terms that are larger than D.
    for kind in ("theta", "pi", "X", "D"):
        own, other = run.fields()[kind].values, again.fields()[kind].values
        np.testing.assert_allclose(other, own, rtol=0, atol=1e-14 * np.max(np.abs(own)))
    advance(run, STEPS)
    advance(again, STEPS)
    row, other = run.row(), again.row()
    for column in (c for c in row if c.startswith("rho/") or c in ("r", "epsilon", "b")):
        assert other[column] == pytest.approx(row[column], rel=1e-11)
    assert other["gauss/X"] < 1e-12


def test_a_float32_snapshot_starts_a_run_that_allows_its_rounding(tmp_path: Path) -> None:
    run = after_steps()
    path = shot(run, tmp_path, "float32")
    with pytest.raises(ConfigError, match=r"checks\.gauss_max: .*holds float32.*at least 1e-06"):
        dl.Simulation(from_file(path, run.a), backend="cpu")
    for key in ("checks.gauss_max=1e-6", "lattice.precision=float32"):
        again = started(from_file(path, run.a, key))
        assert again.row()["rho/X"] == pytest.approx(run.row()["rho/X"], rel=1e-6)


def test_a_run_in_a_folder_starts_from_the_files_of_another(tmp_path: Path) -> None:
    """By the names that stand in its folder, at each of its times."""
    first = dl.run(config(*SMALL, "output.snapshots=[0.66]"), out=tmp_path / "first", backend="cpu")
    files = [first.snapshots[0].path, *sorted((first.folder / "checkpoints").glob("*.h5"))[:1]]
    for i, (path, a) in enumerate(zip(files, (first.snapshots[0].a, 0.5), strict=True)):
        model = from_file(path, a, "output.snapshots=[]")
        second = dl.run(model, out=tmp_path / f"second{i}", backend="cpu")
        assert second.series["a"][0] == a
        for column in ("rho/X", "theta_mean"):
            at_end = first.series[column][-1]
            assert second.series[column][-1] == pytest.approx(at_end, rel=1e-9)


@pytest.mark.parametrize("write", [saved, shot])
def test_a_run_of_order_4_from_a_file_is_killed_and_resumed_to_the_same_bytes(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    first, yaml, parts = after_steps("lattice.order=4"), tmp_path / "run.yaml", tmp_path / "parts"
    path = write(first, tmp_path / "files")
    model = from_file(path, first.a, "lattice.order=4", "time.a_end=1.1")
    yaml.write_text(dump(model))
    whole = dl.run(model, out=tmp_path / "whole", backend="cpu")
    commands.run(yaml, overrides=[], out=parts, backend="cpu", stop_after=8)
    path.unlink()  # a resume does without it
    commands.resume(parts, overrides=[], backend="cpu", stop_after=16)
    assert not dl.open_run(parts).finished
    newest = sorted((parts / "checkpoints").glob("*.h5"))[-1]
    newest.unlink()  # as a kill before it leaves the series of later
    assert dl.resume(parts, backend="cpu").finished
    assert contents(parts) == contents(whole.folder)
    assert np.all(whole.series["gauss/X"] < 1e-14)


REFUSED: dict[str, tuple[Callable[..., Path], tuple[str, ...], tuple[str, ...], str]] = {
    "another time": (shot, (), ("initial.a_start=0.6",),
        r"initial\.a_start: .* has the fields at a = 0\.66\d*, and the run starts at 0\.6: use a_start: 0\.66"),
    "checkpoint at another time": (saved, (), ("initial.a_start=0.6",), r"initial\.a_start: .* use a_start: 0\.66"),
    "another box": (shot, (), ("lattice.box=0.5",), r"does not fit: lattice\.box is 0\.4 there and 0\.5 here"),
    "more sites": (saved, (), ("lattice.sites=16",), 
        r"lattice\.sites is 8 there and 16 here.*or go on from it with `darklat refine .* --sites 16`"),
    "another order": (shot, (), ("lattice.order=4",),
        r"fields of lattice\.order 2, and the run has order 4, .* `darklat refine CHECKPOINT --order 4` takes .* Or start from a file of a run of order 4, or set lattice\.order to 2"),
    "a checkpoint of another order": (saved, ("lattice.order=6",), (), r"fields of lattice\.order 6, and the run has order 2"),
    "another mass": (shot, (), ("model.alp.mass_eV=1e-16",), r"mass_eV is 1e-17 there and 1e-16 here"),
    "another coupling": (saved, (), ("model.couplings.XX=90",), r"couplings\.XX is 100\.0 there and 90\.0 here"),
    "another field": (shot, (), ("model.fields={Y: {}}", "model.couplings=null"),
        r"has the fields X, and model\.fields has Y: both must have the same"),
    "a plasma": (shot, MODELS["plasma"], MODELS["plasma"], r"motion of the plasma of X: start from a checkpoint"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_does_not_fit_is_refused(case: str, tmp_path: Path) -> None:
    write, before, overrides, message = REFUSED[case]
    run = after_steps(*before)
    model = from_file(write(run, tmp_path / "files"), run.a, *overrides)
    with pytest.raises(ConfigError, match=message):
        dl.Simulation(model, backend="cpu")


def test_the_coupling_may_change_with_a_snapshot(tmp_path: Path) -> None:
    run = after_steps()
    again = started(from_file(shot(run, tmp_path), run.a, "model.couplings.XX=90"))
    assert again.row()["rho/X"] == pytest.approx(run.row()["rho/X"], rel=1e-13)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    run = after_steps()
    path = saved(run, tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="is a checkpoint, and it is damaged"):
        dl.Simulation(from_file(path, run.a), backend="cpu")


# ---- darklat.initial.write ----


def waves(n: int) -> np.ndarray:
    z = 2 * np.pi * np.arange(n) / n
    field = np.zeros((3, n, n, n))
    field[0], field[1] = np.cos(z), -np.sin(z)
    return field


def test_write_makes_a_file_that_a_run_starts_from(tmp_path: Path) -> None:
    model, path = config(*SMALL, *PHOTON), tmp_path / "start.h5"
    rng = np.random.default_rng(1)
    X = {x: dl.initial.transverse(rng.standard_normal((3, 8, 8, 8)), order=2) for x in "XA"}
    row = dl.initial.write(
        path, model, theta=0.9, theta_prime=np.full((8, 8, 8), -0.1), X=X, E={"X": waves(8), "A": 0 * waves(8)}
    )  # fmt: skip
    run = started(from_file(path, 0.5, *PHOTON))
    assert run.row() == row and row["theta_mean"] == pytest.approx(0.9) and row["gauss/X"] < 1e-14
    # rho = (E^2 + B^2)/2a^4, and E^2 = 1
    assert row["rho/X"] > 0.5 / 0.5**4
    with h5py.File(path) as file:
        assert file.attrs["a"] == 0.5 and file["E/X"].attrs["units"] == "f/tau_osc"
        np.testing.assert_array_equal(file["X/A"], X["A"])
    with h5py.File(path, "r+") as file:
        file["E/X"].attrs["units"] = "GeV^2"
    with pytest.raises(
        ConfigError, match=r"E/X is in GeV\^2, by its attribute units, and must be in f/tau_osc"
    ):
        dl.Simulation(from_file(path, 0.5, *PHOTON), backend="cpu")


def test_a_start_file_knows_its_order(tmp_path: Path) -> None:
    path, order = tmp_path / "start.h5", "lattice.order=6"
    model, rng = config(*SMALL, order), np.random.default_rng(1)
    X, E = (dl.initial.transverse(rng.standard_normal((3, 8, 8, 8))) for _ in range(2))
    fields = {"theta": 1.0, "theta_prime": 0.0, "X": {"X": X}, "E": {"X": E}}
    row = dl.initial.write(path, model, **fields)
    assert row["gauss/X"] < 1e-14 and started(from_file(path, 0.5, order)).row() == row
    with pytest.raises(ConfigError, match=r"lattice\.order 6, and the run has order 2"):
        dl.Simulation(from_file(path, 0.5), backend="cpu")
    with h5py.File(path, "r+") as file:
        assert file.attrs["order"] == 6
        del file.attrs["order"]
    with pytest.raises(ConfigError, match=r"lattice\.order 2, and the run has order 6"):
        dl.Simulation(from_file(path, 0.5, order), backend="cpu")
    second = {x: dl.initial.transverse(rng.standard_normal((3, 8, 8, 8)), order=2) for x in "XE"}
    with pytest.raises(InputError, match=r"initial\.transverse\(X\['X'\], order=6\)"):
        dl.initial.write(path, model, **fields | {"X": {"X": second["X"]}})
    with pytest.raises(InputError, match=r"initial\.transverse\(E, order=6\)"):
        dl.initial.write(path, model, **fields | {"E": {"X": second["E"]}})


def test_transverse_fields_have_no_divergence_and_stay() -> None:
    rng = np.random.default_rng(1)
    field = dl.initial.transverse(rng.standard_normal((3, 8, 8, 8)), order=2)
    residual = sum(field[i] - np.roll(field[i], 1, i) for i in range(3))
    assert np.max(np.abs(residual)) < 1e-14  # rounding of numbers of order one
    np.testing.assert_allclose(dl.initial.transverse(field, order=2), field, atol=1e-15)
    np.testing.assert_allclose(dl.initial.transverse(waves(8), order=2), waves(8), atol=1e-15)


LONG = (
    np.cos(2 * np.pi * np.arange(8) / 8)[:, None, None]
    * np.array([1.0, 0, 0])[:, None, None, None]
    * np.ones((3, 8, 8, 8))
)
GOOD = {"theta": 1.0, "theta_prime": 0.0, "X": {"X": waves(8)}, "E": {"X": waves(8)}}
UNFIT = {
    "charge": ({"E": {"X": LONG}}, r"Gauss's law of field X is .*initial\.transverse\(E, order=2\)"),
    "long": ({"X": {"X": LONG}}, r"X\['X'\]: is not transverse: .*half a link along i; initial\.transverse"),
    "shape": ({"theta": np.ones((8, 8))}, r"theta: has shape \(8, 8\), lattice\.sites asks for \(8, 8, 8\)"),
    "letters": ({"E": {"Y": waves(8)}}, r"E: has the fields Y, and model\.fields has X"),
    "nan": ({"X": {"X": np.nan * waves(8)}}, r"X\['X'\]: has values that are not finite"),
    "complex": ({"X": {"X": 1j * waves(8)}}, r"X\['X'\]: holds complex128, needed are real numbers"),
    "no theta": ({"theta": None}, "theta: missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_write_refuses_fields_that_do_not_fit(case: str, tmp_path: Path) -> None:
    change, message = UNFIT[case]
    with pytest.raises(InputError, match=message):
        dl.initial.write(tmp_path / "start.h5", config(*SMALL), **GOOD | change)
    assert not list(tmp_path.iterdir())
