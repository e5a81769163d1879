"""Maps: the densities on the sites have the means of the series, and the files what they say."""

from __future__ import annotations

import logging
from pathlib import Path

import h5py
import numpy as np
import pytest

import darklat as dl
from darklat.driver import commands
from darklat.lattice.evolution import Evolution
from models import simulation
from read_by_vtk import Opened
from run_folders import CONFIG, datasets

SHORT = (
    "lattice.sites=8", "lattice.box=0.25", "time.a_end=0.8", "output.maps=true",
    "output.snapshots=[]", "output.spectra_interval=0.15",
)  # fmt: skip
PHOTON = "model.fields.A={role: photon, conductivity: {kind: constant, value: 10}}"
MODELS = {
    "alp": (),
    "cosine and photon": ("model.alp.potential=cosine", PHOTON),
    "massive": ("model.fields.Y={mass_eV: 1e-17}",),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "short.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def run(path: Path) -> dl.Run:
    config = dl.loads(CONFIG, [*SHORT])
    return dl.run(config, out=path.parent / "whole", backend="cpu")


def evolved(*overrides: str) -> Evolution:
    """With an ALP that is not homogeneous."""
    run = simulation("lattice.sites=8", "lattice.box=0.25", *overrides)
    run.start()
    rng, f = np.random.default_rng(1), run.lattice.fields
    f.theta[...] = rng.standard_normal((8, 8, 8))
    f.pi[...] = rng.standard_normal((8, 8, 8))
    f.X[...] = 0.1 * rng.standard_normal(f.X.shape)
    return run


@pytest.mark.parametrize("overrides", MODELS.values(), ids=MODELS)
def test_densities_on_the_sites_have_the_means_of_the_series(overrides: tuple[str, ...]) -> None:
    run = evolved(*overrides)
    row, maps = run.row(), run.maps()
    for name in ("theta", *run.letters):
        mean = maps[f"projection/rho_{name}"].values.mean()
        assert mean == pytest.approx(row[f"rho/{name}"], rel=1e-13)  # another order of the sum
    assert maps["projection/theta"].values.mean() == pytest.approx(row["theta_mean"], abs=1e-15)
    theta = run.snapshot()["theta"].values
    np.testing.assert_array_equal(maps["slice/theta"].values, theta[:, :, 0])
    np.testing.assert_allclose(maps["projection/theta"].values, theta.mean(axis=2), rtol=1e-14)
    assert set(maps) >= {f"slice/{name}" for name in run.snapshot()}


def test_histograms_count_every_site_in_its_bin() -> None:
    run = evolved()
    maps, theta = run.maps(), run.snapshot()["theta"].values
    counts, edges = (maps[f"histogram/theta/{part}"].values for part in ("counts", "edges"))
    np.testing.assert_array_equal(counts, np.histogram(theta, edges)[0])
    assert edges[0] == theta.min() and edges[-1] == theta.max()
    counts, edges = (maps[f"histogram/rho_theta/{part}"].values for part in ("counts", "edges"))
    assert counts.sum() == 8**3
    np.testing.assert_allclose(
        np.diff(np.log(edges)), np.log(edges[-1] / edges[0]) / 128, rtol=1e-10
    )
    centres = np.sqrt(edges[1:] * edges[:-1])
    assert counts @ centres / 8**3 == pytest.approx(1, abs=0.02)  # bins over their mean: 4% wide


def test_a_homogeneous_field_and_one_of_zeros_have_maps_too() -> None:
    run = simulation("lattice.sites=8")
    run.start()
    run.lattice.fields.X[...] = 0
    run.lattice.fields.D[...] = 0
    maps = run.maps()
    assert maps["histogram/theta/counts"].values.max() == 8**3
    assert "histogram/rho_X/counts" not in maps and not maps["slice/rho_X"].values.any()


def test_maps_come_with_every_spectrum(run: dl.Run) -> None:
    assert [maps.tau for maps in run.maps] == list(run.spectra["theta"].tau)
    names = {path.name for path in (run.folder / "maps").iterdir()}
    ends = (".h5", ".png", ".xdmf")
    assert names == {f"{maps.path.stem}{end}" for maps in run.maps for end in ends} | {"maps.xdmf"}
    maps = run.maps[-1]
    assert maps.path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    (row,) = np.flatnonzero(run.series["tau"] == maps.tau)
    mean = maps["projection/rho_X"].mean()
    assert mean == pytest.approx(run.series["rho/X"][row], rel=1e-13)
    with h5py.File(maps.path) as file:
        E = file["slice/E_X_y"]
        assert [d.label for d in E.dims] == ["y", "x"] and list(E.attrs["offset"]) == [0, 0.5, 0]
        np.testing.assert_array_equal(E[...].T, maps["slice/E_X_y"])
        assert all(d.attrs["units"] and d.attrs["description"] for d in file["slice"].values())


def test_vtk_has_every_value_of_a_plane_at_its_place(run: dl.Run) -> None:
    film = Opened(run.folder / "maps" / "maps.xdmf")
    assert film.times == tuple(maps.tau for maps in run.maps)
    maps = run.maps[-1]
    plane = Opened(maps.path.with_suffix(".xdmf"))
    for name in ("slice/E_X_x", "slice/rho_X", "projection/rho_X"):
        np.testing.assert_array_equal(plane[name][:, :, 0], maps[name])


def test_a_stopped_run_has_the_same_maps(run: dl.Run, path: Path, tmp_path: Path) -> None:
    folder, _ = commands.run(
        path, overrides=[*SHORT], out=tmp_path / "run", backend="cpu", stop_after=20
    )
    commands.resume(folder, backend="cpu")
    found = sorted((folder / "maps").glob("*.h5"))
    assert [p.name for p in found] == [maps.path.name for maps in run.maps]
    for one, maps in zip(found, run.maps, strict=True):
        assert datasets(one) == datasets(maps.path)


def test_a_figure_that_fails_is_a_warning(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def draw(_: Path) -> None:
        raise ValueError("no such style")

    with caplog.at_level(logging.WARNING, "darklat"):
        _, finished = commands.run(
            path, overrides=[*SHORT, "time.a_end=0.55"], out=tmp_path / "run", backend="cpu",
            draw_maps=draw,
        )  # fmt: skip
    assert finished and "no figure of" in caplog.text and "no such style" in caplog.text
