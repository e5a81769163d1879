"""The axes of series.h5 and spectra.h5 have names and values, as HDF5 dimension scales."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.driver import commands
from darklat.storage import hdf5
from run_folders import CONFIG

OF_BINS = ("k", "khat", "modes", "dlnk")
OF_TIMES = ("tau", "a", "zero")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("axes")
    (path / "short.yaml").write_text(CONFIG)
    overrides = ["time.a_end=0.7", "output.snapshots=[]"]
    found, finished = commands.run(
        path / "short.yaml", overrides=overrides, out=path / "run", backend="cpu"
    )
    assert finished
    return found


def test_every_column_of_the_series_is_on_tau(folder: Path) -> None:
    with h5py.File(folder / "series.h5") as file:
        found = dict(hdf5.datasets(file))
        assert {"tau", "a", "r", "rho/X", "gauss/X"} <= set(found)
        assert found["tau"].is_scale
        for name, dataset in found.items():
            assert dataset.dims[0].label == "tau"
            if name != "tau":
                assert dataset.dims[0]["tau"] == file["tau"]


def test_every_spectrum_is_on_tau_and_k_of_its_group(folder: Path) -> None:
    with h5py.File(folder / "spectra.h5") as file:
        assert {"theta", "B_X_plus", "E_X_long"} <= set(file)
        for group in file.values():
            assert [axis.label for axis in group["power"].dims] == ["tau", "k"]
            assert [axis[0] for axis in group["power"].dims] == [group["tau"], group["k"]]
            for names, axis in ((OF_BINS, "k"), (OF_TIMES, "tau")):
                for name in names:
                    assert group[name].dims[0].label == axis
                    assert name == axis or group[name].dims[0][axis] == group[axis]


def test_xarray_opens_both_with_names(folder: Path) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    with xarray.open_dataset(folder / "series.h5", engine="h5netcdf") as series:
        assert series["r"].dims == ("tau",) and series["r"].attrs["units"] == "1"
        assert float(series["a"].sel(tau=0.6, method="nearest")) == pytest.approx(0.6, abs=0.03)
    with xarray.open_dataset(folder / "series.h5", engine="h5netcdf", group="rho") as densities:
        assert densities["X"].dims == ("tau",)
    with xarray.open_dataset(
        folder / "spectra.h5", engine="h5netcdf", group="B_X_plus"
    ) as spectrum:
        assert spectrum["power"].dims == ("tau", "k")
        assert spectrum["khat"].dims == ("k",) and spectrum["a"].dims == ("tau",)
        with h5py.File(folder / "spectra.h5") as file:
            for name, dataset in file["B_X_plus"].items():
                np.testing.assert_array_equal(spectrum[name].values, dataset[...])
