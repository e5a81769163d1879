"""Maps: slices of the fields, projections and histograms at one time.

Slices and projections are [y, x] in the file, as snapshots are [z, y, x]; `MapFile` gives [x, y].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from darklat.errors import InputError
from darklat.physics.quantities import Described, Placed
from darklat.storage import hdf5, xdmf
from darklat.storage.hdf5 import Provenance

FOLDER = "maps"
FILM = "maps.xdmf"
_AXES = ("y", "x")


def write(
    folder: Path,
    name: str,
    arrays: Mapping[str, Described],
    provenance: Provenance,
    *,
    tau: float,
    a: float,
    dx: float,
    length_unit: str,
) -> Path:
    """Writes <name>.h5, and returns its path: arrays by path, maps among them [x, y] (`Placed`), at
    conformal time tau and scale factor a. Sites have the spacing dx, in `length_unit`. XDMF files
    of the maps are as those of snapshots. Raises MachineError when the disk refuses."""
    folder.mkdir(exist_ok=True)
    stored = {
        key: replace(own, values=own.values.T) if isinstance(own, Placed) else own
        for key, own in arrays.items()
    }
    planes = {key: own for key, own in stored.items() if isinstance(own, Placed)}
    shape = next(iter(planes.values())).values.shape
    sites = {
        axis: Described(dx * np.arange(n), length_unit, f"{axis} of the sites")
        for axis, n in zip(_AXES, shape, strict=True)
    }
    axes = dict.fromkeys(planes, _AXES) | {axis: (axis,) for axis in _AXES}
    attributes = provenance.attributes() | {"tau": tau, "a": a}
    path = folder / f"{name}.h5"
    hdf5.write(path, {**sites, **stored}, attributes, axes=axes)
    xdmf.describe(folder, name, planes, time=tau, dx=dx, film=FILM)
    return path


class MapFile(Mapping[str, np.ndarray]):
    """The maps at conformal time `tau` and scale factor `a`, in program units. It maps paths
    ("slice/E_X_x", "projection/theta", "histogram/rho_X/counts") to arrays; those of maps have the
    indices in the order x, y. `x`: the coordinates of the sites, in
    `length_unit`. `units`: by path.
    """

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file has no maps."""
        self.path = path
        try:
            with hdf5.opened(path) as file:
                self.tau, self.a = float(file.attrs["tau"]), float(file.attrs["a"])
                self.x = np.asarray(file["x"][...])
                self.length_unit = str(file["x"].attrs["units"])
                self.units = {
                    name: str(dataset.attrs["units"])
                    for name, dataset in hdf5.datasets(file)
                    if name not in _AXES
                }
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} has no maps of this darklat: {error}") from error

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.units:
            raise KeyError(f"{name}; there are {', '.join(self.units)}")
        with hdf5.opened(self.path) as file:
            return np.ascontiguousarray(np.asarray(file[name][...]).T)

    def __iter__(self) -> Iterator[str]:
        return iter(self.units)

    def __len__(self) -> int:
        return len(self.units)

    def __repr__(self) -> str:
        return f"<maps at a = {self.a:.4g}, tau = {self.tau:.4g}: {', '.join(self.units)}>"


def read(folder: Path) -> tuple[MapFile, ...]:
    """The maps in a folder, in the order of time. Raises InputError as `MapFile`."""
    return tuple(MapFile(path) for path in sorted(folder.glob("step-*.h5")))
