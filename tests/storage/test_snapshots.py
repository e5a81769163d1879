"""Snapshots as VTK, the library of ParaView, reads them: x is x, and left stays left."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersGeneral import vtkGradientFilter

import darklat as dl
from darklat.errors import ConfigError, InputError
from darklat.physics.quantities import Placed
from darklat.storage import hdf5, snapshots
from darklat.storage.hdf5 import Provenance
from read_by_vtk import Opened
from run_folders import CONFIG

SHORT = {"lattice.sites": 8, "lattice.box": 0.25, "time.a_end": 0.8}
FROM = Provenance("", "", "cpu", "")
LETTERS = ("X", "Y", "Z")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dl.Run:
    config = dl.loads(CONFIG, SHORT | {"output.snapshots": [0.6, 0.7]})
    return dl.run(config, out=tmp_path_factory.mktemp("runs") / "whole", backend="cpu")


def test_vtk_has_every_value_at_its_place_and_time(run: dl.Run) -> None:
    for snapshot in run.snapshots:
        opened = Opened(snapshot.path.with_suffix(".xdmf"))
        assert opened.times == (snapshot.tau,)
        np.testing.assert_allclose(np.unique(opened.points), 0.25 / 8 * np.arange(8), rtol=1e-14)
        for name, values in snapshot.items():
            np.testing.assert_array_equal(opened[name], values)
    simulation = dl.Simulation(run.config, backend="cpu")
    simulation.run(until_a=run.snapshots[0].a)
    first = run.snapshots[0]
    assert first.a == simulation.a
    E = np.array([first[f"E_X_{axis}"] for axis in "xyz"])
    np.testing.assert_array_equal(E, simulation.E("X"))
    np.testing.assert_array_equal(first["theta_prime"], simulation.theta_prime)


def test_all_snapshots_are_one_film(run: dl.Run) -> None:
    film = Opened(run.folder / "snapshots" / "snapshots.xdmf")
    assert film.times == tuple(snapshot.tau for snapshot in run.snapshots)
    assert len(film.times) == 2


def test_a_damaged_file_is_left_out_of_the_film(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "step-000000001.xdmf").write_text("<Xdmf")
    arrays = {"theta": Placed(np.ones((4, 4, 4)), "1", "a field")}
    snapshots.write(
        tmp_path, "step-000000002", arrays, FROM, tau=2.0, a=2.0, dx=1.0, length_unit="1"
    )
    assert Opened(tmp_path / "snapshots.xdmf").times == (2.0,)
    assert "lacks" in caplog.text and "step-000000001.xdmf" in caplog.text


def test_the_divergence_of_E_vanishes_in_the_coordinates_of_vtk(run: dl.Run) -> None:
    opened = Opened(run.folder / "snapshots" / f"{run.snapshots[-1].path.stem}.xdmf")
    terms = []
    for i, axis in enumerate("xyz"):  # a component lies half a link along its axis from its site
        E = opened[f"E_X_{axis}"]
        terms += [E, -np.roll(E, 1, i)]
    # Rounding of E, and of the six terms; no charge: the ALP is homogeneous to 1e-40.
    assert np.sqrt(np.mean(sum(terms) ** 2)) < 1e-14 * np.sqrt(np.mean(sum(map(abs, terms)) ** 2))


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_left_handed_field_is_left_handed_in_vtk(precision: str, tmp_path: Path) -> None:
    """Waves along all axes with curl V = k V. VTK's own curl takes central differences, so that in
    the interior curl V = sin(k dx)/dx V."""
    n, dx, k = 12, 0.5, 2 * np.pi / 6
    x, y, z = (dx * np.indices((n, n, n))).astype(float)
    V = (
        np.sin(k * z) + 2 * np.cos(k * y),
        3 * np.sin(k * x) + np.cos(k * z),
        2 * np.sin(k * y) + 3 * np.cos(k * x),
    )  # Arnold, Beltrami and Childress
    arrays = {
        f"V_{axis}": Placed(values, "1", "a flow") for axis, values in zip("xyz", V, strict=True)
    }
    snapshots.write(
        tmp_path, "step-000000001", arrays, FROM, tau=1.0, a=1.0, dx=dx, length_unit="1",
        precision=precision,
    )  # fmt: skip
    opened = Opened(tmp_path / "step-000000001.xdmf")
    image = opened.image
    found = [vtk_to_numpy(image.GetPointData().GetArray(f"V_{axis}")) for axis in "xyz"]
    curl = curl_by_vtk(image, np.array(found).T)
    inside = np.all((opened.points > 0) & (opened.points < dx * (n - 1)), axis=1)
    V_, C = np.array(found).T[inside], curl[inside]
    helicity = np.sum(V_ * C) / np.sqrt(np.sum(V_**2) * np.sum(C**2))
    rounding = 1e-14 if precision == "float64" else 1e-6  # and differences over k dx = 0.5
    assert helicity == pytest.approx(1, abs=rounding)
    np.testing.assert_allclose(C, np.sin(k * dx) / dx * V_, atol=40 * rounding)


def curl_by_vtk(image: vtkImageData, V: np.ndarray) -> np.ndarray:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = numpy_to_vtk(V.astype(np.float64), deep=True)
    array.SetName("V")
    image.GetPointData().AddArray(array)
    curl = vtkGradientFilter()
    curl.SetInputData(image)
    curl.SetInputScalars(0, "V")
    curl.ComputeGradientOff()
    curl.ComputeVorticityOn()
    curl.Update()
    return vtk_to_numpy(curl.GetOutput().GetPointData().GetArray("Vorticity"))


def test_float32_halves_the_file_and_keeps_the_vacuum(tmp_path: Path) -> None:
    """Amplitudes of a vacuum, 1e-43 and less, are below float32's smallest numbers."""
    rng = np.random.default_rng(1)
    wanted = {
        "E_X_x": 1e-70 * rng.standard_normal((8, 8, 8)), "theta": rng.standard_normal((8, 8, 8)),
        "X_X_x": 1e60 * rng.standard_normal((8, 8, 8)), "zero": np.zeros((8, 8, 8)),
    }  # fmt: skip
    arrays = {name: Placed(values, "f", "noise") for name, values in wanted.items()}
    snapshots.write(
        tmp_path, "step-000000001", arrays, FROM, tau=1.0, a=1.0, dx=1.0, length_unit="1",
        precision="float32",
    )  # fmt: skip
    (found,) = snapshots.read(tmp_path)
    opened = Opened(tmp_path / "step-000000001.xdmf")
    with h5py.File(found.path) as file:
        for name, values in wanted.items():
            assert file[name].dtype == np.float32
            np.testing.assert_allclose(found[name], values, rtol=2**-24)  # rounding to 24 bits
            scale = file[name].attrs["scale"]
            np.testing.assert_array_equal(opened[name] * scale, found[name])
        assert file["theta"].attrs["scale"] == 1 and file["theta"].attrs["units"] == "f"
        exponent = int(np.log2(file["E_X_x"].attrs["scale"]))
        assert file["E_X_x"].attrs["units"] == f"2^{exponent} f"


def test_a_dataset_says_its_axes_and_its_place_on_the_lattice(run: dl.Run) -> None:
    with h5py.File(run.snapshots[0].path) as file:
        for name, dataset in hdf5.datasets(file):
            if name in ("x", "y", "z"):
                assert dataset.attrs["units"] == "tau_osc"
                continue
            assert [d.label for d in dataset.dims] == ["z", "y", "x"]
            component = "xyz".find(name[-1]) if name[0] in "EX" else None
            assert list(dataset.attrs["offset"]) == [0.5 * (i == component) for i in range(3)]


def test_a_snapshot_of_another_format_is_refused(run: dl.Run, tmp_path: Path) -> None:
    path = tmp_path / "step-000000001.h5"
    path.write_bytes(run.snapshots[0].path.read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 1
    with pytest.raises(InputError, match="is a snapshot of format 1, this darklat reads format 2"):
        snapshots.read(tmp_path)


def test_two_snapshots_on_one_step_are_refused(tmp_path: Path) -> None:
    config = dl.loads(CONFIG, SHORT | {"output.snapshots": [0.6, 0.7, 0.701]})
    with pytest.raises(
        ConfigError, match=r"output\.snapshots\[2\]: 0\.701 falls on the same step as 0\.7 "
    ):
        dl.run(config, out=tmp_path / "run", backend="cpu")
    assert not (tmp_path / "run").exists()
