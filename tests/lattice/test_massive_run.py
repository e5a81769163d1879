"""Runs with a massive field: what they write, their start, that they resume to the same bytes, and
what is refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.errors import ConfigError, InputError
from darklat.lattice import plan
from darklat.lattice.sectors import massive
from darklat.lattice.sectors.base import Start
from darklat.lattice.start import vacuum
from darklat.physics.proca import longitudinal_start
from darklat.schema.inputs import NO_INPUTS
from darklat.storage import hdf5
from models import config, simulation

CONFIG = """
name: massive
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {mass_eV: 1e-17}, Y: {}}
  couplings: {XX: 100}
lattice: {sites: 16, box: 0.5, order: 2}
time: {a_end: 1.5}
output: {spectra_interval: 0.1}
"""
PLASMA = "model.fields.X.plasma={kind: constant, omega_p: 20, nu: 2}"


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "massive.yaml"
    path.write_text(CONFIG)
    return path


def everything(folder: Path) -> dict[str, dict[str, bytes]]:
    last = sorted((folder / "checkpoints").glob("*.h5"))[-1]
    found = {}
    for path in (folder / "series.h5", folder / "spectra.h5", last):
        with h5py.File(path) as file:
            found[path.name] = {name: d[...].tobytes() for name, d in hdf5.datasets(file)}
    return found


def test_it_writes_what_a_massive_field_has_and_resumes_to_the_same_bytes(
    config_path: Path, tmp_path: Path
) -> None:
    whole, finished = commands.run(
        config_path, overrides=[PLASMA], out=tmp_path / "whole", backend="cpu"
    )
    assert finished
    with h5py.File(whole / "series.h5") as file:
        names = {name for name, _ in hdf5.datasets(file)}
        assert {"lorenz/X", "rho/X_plasma", "gauss/X", "gauss/Y", "rho/Y"} <= names
        assert "lorenz/Y" not in names and "rho/Y_plasma" not in names
        assert max(file["gauss/X"][:].max(), file["lorenz/X"][:].max()) < 1e-12
        assert np.all(file["rho/X_plasma"][1:] > 0)
    with h5py.File(whole / "spectra.h5") as file:
        assert "X_X_long" in file and "X_Y_long" not in file
        assert np.all(file["X_X_long/power"][:, 1:] > 0)
    with h5py.File(sorted((whole / "checkpoints").glob("*.h5"))[-1]) as file:
        assert file["fields/P"].shape == (1, 16, 16, 16)
        for name in "vQR":
            assert file[f"fields/{name}"].shape == (1, 3, 16, 16, 16)
    folder, _ = commands.run(
        config_path, overrides=[PLASMA], out=tmp_path / "parts", backend="cpu", stop_after=20
    )
    _, finished = commands.resume(folder, backend="cpu")
    assert finished
    assert everything(folder) == everything(whole)


def test_a_plasma_without_a_mass_and_a_table_far_from_a_osc(tmp_path: Path) -> None:
    (tmp_path / "plasma.txt").write_text("2 20 1\n2.2 18 1\n")
    sim = simulation(
        "model.fields.X.mass_eV=0", "initial.a_start=2", "time.a_end=2.2", "lattice.box=2",
        f"model.fields.X.plasma={{kind: table, file: {tmp_path}/plasma.txt}}", text=CONFIG,
    )  # fmt: skip
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    assert len(sim.spectra.power["X_X_long"]) == 3
    assert sim.series["gauss/X"][-1] < 1e-13 and sim.series["lorenz/X"][-1] < 1e-13


def test_a_massive_field_beside_a_conducting_one() -> None:
    sim = simulation(
        "model.fields.A={role: photon, conductivity: {kind: thomson}}", "model.fields.Y=null",
        "model.couplings.AX=1", "time.a_end=6", text=CONFIG,
    )  # fmt: skip
    assert sim.letters == ("X", "A")
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    assert sim.series["epsilon"][-1] > 0.5  # it did back-react
    for column in ("gauss/X", "lorenz/X", "gauss/A"):
        assert np.max(sim.series[column]) < 1e-13, column
    assert np.max(np.abs(sim.series["energy_balance"])) < 0.02
    assert 1e-20 < sim.series["b"][-1] < 1e-16


def test_massive_fields_come_behind_massless_ones() -> None:
    sim = simulation(text=CONFIG)
    assert sim.letters == ("Y", "X")
    assert sim.lattice.massive.places == {"X": 1}
    assert sim.lattice.massive.media["X"].mass == pytest.approx(3.0)  # that of the ALP


@pytest.mark.parametrize("kind", ["vacuum", "inflation"])
def test_the_start_has_the_power_of_all_three_polarisations(kind: str) -> None:
    """Mean over the modes of a shell against the definition, to 5 sigma of the sample's variance."""
    n, box, a_mass, amplitude = 32, 2.0, 4.0, 1e-3
    left = vacuum.Inflation(amplitude=7.0, ratio=-0.3) if kind == "inflation" else None
    X, E = vacuum.vacuum_fields(
        n, box, seed=3, letter="X", amplitude=amplitude, a_mass=a_mass, inflation=left
    )
    m = np.fft.fftfreq(n, 1 / n)
    k = np.stack(np.meshgrid(m, m, m, indexing="ij")) * np.pi / n
    khat = 2 * n / box * np.sin(k)
    squared = np.sum(khat**2, axis=0)
    omega = np.sqrt(squared + a_mass**2)
    shell = (squared > 0) & (squared < (1.2 * n / box) ** 2)  # away from the Nyquist planes
    assert np.sum(shell) > 1000
    for field, long, transverse in (
        (
            X,
            omega / (2 * a_mass**2)
            if left is None
            else (7 / amplitude) ** 2 / (2 * np.sqrt(squared)),
            1 / (2 * omega),
        ),
        (
            E,
            a_mass**2 / (2 * omega)
            if left is None
            else (0.3 * 7 / amplitude) ** 2 / (2 * np.sqrt(squared)),
            omega / 2,
        ),
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = khat / np.sqrt(squared)
        half = np.exp(-1j * k)
        V = np.fft.fftn(field, axes=(1, 2, 3)) * half * box**1.5 / n**3 / amplitude
        along = np.sum(unit * V, axis=0)
        power = np.abs(along) ** 2
        across = np.sum(np.abs(V) ** 2, axis=0) - power
        modes = np.sqrt(np.sum(shell) / 2)  # k and -k are one
        assert np.mean((power / long)[shell]) == pytest.approx(1, abs=5 / modes)
        assert np.mean((across / (2 * transverse))[shell]) == pytest.approx(1, abs=5 / modes)


def test_inflation_s_start_is_the_growing_mode_of_the_mode_equations() -> None:
    """E/X of the regular start, at kinds of k outside the horizon, in units m = 1."""
    model = config(
        "initial.kind=inflation", "initial.hubble_GeV=1e13", "initial.a_start=0.01",
        "model.fields.X.mass_eV=3.333333333333333e-18", text=CONFIG,
    )  # fmt: skip
    mass = plan.mass_of(model, "X")
    assert mass == pytest.approx(1)
    left = massive._inflation(Start(model, NO_INPUTS, 0.01, 0.01), mass)
    assert left is not None
    assert left.amplitude == pytest.approx(1e13 / 1e16 / mass)
    for k in (0.1, 1.0, 10.0):  # up to (k a)^2/15 and a^4
        assert left.ratio == pytest.approx(float(longitudinal_start(k, 0.01)), rel=1e-3)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["time.scheme=rk4"], "only strang and blanes_moan step a massive field, and X is one"),
        (
            [
                "time.scheme=blanes_moan",
                "model.fields.X.plasma={kind: constant, omega_p: 1, nu: 1}",
            ],
            "goes back in time, and collisions in the plasma of X cannot",
        ),
        (
            ["model.fields.X.conductivity={kind: constant, value: 1}"],
            "X has a conductivity, and a field that conducts has no mass and no plasma",
        ),
        (["initial.kind=inflation"], "missing: kind: inflation needs one, the Hubble rate"),
        (
            ["initial={kind: inflation, hubble_GeV: 1e13}", "model.fields.X.mass_eV=heavy"],
            "must be a number not below 0, found the text 'heavy'",
        ),
        (["initial.hubble_GeV=1"], "is only used with kind: inflation, but kind is vacuum"),
        (
            [
                "initial={kind: inflation, hubble_GeV: 1e13}",
                "model.fields.X=null",
                "model.couplings=null",
            ],
            "inflation leaves nothing of massless fields",
        ),
        (
            ["model.fields.X.plasma={kind: constant, omega_p: 1, file: x}"],
            "is only used with kind: table",
        ),
        (
            ["model.fields.X.plasma={kind: table, file: nowhere.txt}"],
            "there is no file 'nowhere.txt'",
        ),
        (
            ["model.fields.X.plasma.nu=1"],
            "is only used with kind: constant or pairs, but kind is none",
        ),
    ],
)
def test_contradictions(overrides: list[str], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(*overrides, text=CONFIG)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "0.1 3\n0.9 -4\n2 4",
            "column omega_p must be positive and below 1e+150, but row 2 has -4",
        ),
        ("0.1 3\n0.9 4\n0.9 4\n2 1", "column a must increase strictly, but row 3 has 0.9"),
        ("0.1 3\n0.9 4", "the table is too short: it covers a = 0.1 to 0.9"),
        ("0.7 3\n1.9 4", "the table is too short: it covers a = 0.7 to 1.9"),
        (
            "0.1 3 1\n0.9 4 -1\n2 1 1",
            "column nu must be positive and below 1e+150, but row 2 has -1",
        ),
        ("0.1\n2", "has 1 columns; needed are a, omega_p"),
        ("a b", "is no table of numbers"),
    ],
)
def test_tables_that_do_not_fit_are_refused_and_leave_nothing(
    config_path: Path, tmp_path: Path, table: str, expected: str
) -> None:
    path = tmp_path / "plasma.txt"
    path.write_text(table)
    with pytest.raises((InputError, ConfigError)) as caught:
        commands.run(
            config_path,
            overrides=[f"model.fields.X.plasma={{kind: table, file: {path}}}"],
            out=tmp_path / "run",
            backend="cpu",
        )
    assert expected in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_table_and_a_profile(tmp_path: Path) -> None:
    a = np.geomspace(0.4, 2, 30)
    np.savetxt(tmp_path / "plasma.txt", np.column_stack([a, 20 * a**-1.5, 2 * a**-1.5]))
    values = np.random.default_rng(1).uniform(1, 3, size=(16, 16, 16))
    with h5py.File(tmp_path / "profile.h5", "w") as file:
        file["omega_p_squared"] = values
    sim = simulation(
        f"model.fields.X.plasma={{kind: table, file: {tmp_path}/plasma.txt, profile: {tmp_path}/profile.h5}}",
        text=CONFIG,
    )
    assert sim.lattice.massive is not None
    (field,) = sim.lattice.massive.media.values()
    assert field.omega_p(1.0) == pytest.approx(20, rel=1e-12)
    assert field.nu(1.5) == pytest.approx(2 * 1.5**-1.5, rel=1e-12)
    np.testing.assert_allclose(sim.lattice.massive.profile[0], values / values.mean())
    with h5py.File(tmp_path / "profile.h5", "a") as file:
        del file["omega_p_squared"]
        file["omega_p_squared"] = values[:8]
    with pytest.raises(InputError, match=r"profile: .* has shape \(8, 16, 16\)"):
        simulation(
            f"model.fields.X.plasma={{kind: constant, omega_p: 1, profile: {tmp_path}/profile.h5}}",
            text=CONFIG,
        )
