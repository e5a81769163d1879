"""Snapshots of the fields, with XDMF files beside them that ParaView opens.

In memory an array is [n, n, n] in the order x, y, z. XDMF and VTK take the last axis of a dataset
for x. So the datasets in the file are [z, y, x]: VTK's coordinates are then those of the run, and
the handedness of every field is kept. `SnapshotFile` gives the arrays in the order x, y, z again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from darklat.errors import InputError
from darklat.physics.quantities import Described, Placed
from darklat.storage import formats, hdf5, xdmf
from darklat.storage.hdf5 import Provenance

FORMAT = 2  # of a snapshot; the datasets of 1 were [x, y, z]
FILM = "snapshots.xdmf"
_AXES = ("z", "y", "x")  # of a dataset
_EXPONENTS_OF_SINGLE = 63  # half of float32's: within them, the largest keeps all others


def write(
    folder: Path,
    name: str,
    arrays: Mapping[str, Placed],
    provenance: Provenance,
    *,
    tau: float,
    a: float,
    dx: float,
    length_unit: str,
    precision: str = "float64",
    writes: bool = True,
) -> None:
    """Writes <name>.h5 and <name>.xdmf: arrays [n, n, n] at conformal time tau and scale factor a.
    The sites have the spacing dx, in `length_unit`. Then brings the film of all snapshots up to
    date.

    precision: float64 or float32, of the datasets. writes: whether this rank is the one that
    writes; the others give it their planes. Raises MachineError when the disk refuses.
    """
    stored = {key: _stored(value, precision) for key, value in arrays.items()}
    if not writes:
        hdf5.hand_over(stored)
        return
    folder.mkdir(exist_ok=True)
    shape = next(iter(stored.values())).shape
    sites = {
        axis: Described(dx * np.arange(n), length_unit, f"{axis} of the sites")
        for axis, n in zip(_AXES, shape, strict=True)
    }
    axes = dict.fromkeys(stored, _AXES) | {axis: (axis,) for axis in _AXES}
    attributes = provenance.attributes() | {formats.KEY: FORMAT, "tau": tau, "a": a}
    hdf5.write(folder / f"{name}.h5", {**sites, **stored}, attributes, axes=axes)
    xdmf.describe(folder, name, stored, time=tau, dx=dx, film=FILM)


def _stored(data: Placed, precision: str) -> Placed:
    """As the file has it: [z, y, x], and in float32 in a unit in which no digit is lost."""
    if precision == "float64":
        return data.reversed()
    largest = data.largest
    exponent = math.frexp(largest)[1]
    if largest == 0 or abs(exponent) < _EXPONENTS_OF_SINGLE:
        exponent = 0
    scale = math.ldexp(1.0, exponent)
    units = f"2^{exponent} {data.units}" if exponent else data.units
    values = (data.values / scale).astype(np.float32)
    return replace(data, values=values, units=units, scale=scale).reversed()


class SnapshotFile(Mapping[str, np.ndarray]):
    """A snapshot at conformal time `tau` and scale factor `a`, in program units. It maps names
    ("theta", "E_X_x", "X_X_x") to arrays [n, n, n], float64, with the indices in the order x, y, z.
    They are read when they are asked for. `config` is the configuration of the run, as YAML, and
    `attributes` are those of the file; `single` says whether the file holds float32.
    """

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file is not a snapshot of this format."""
        self.path = path
        try:
            with hdf5.opened(path) as file:
                formats.refuse_newer(path, file.attrs, known=FORMAT)
                self.tau, self.a = float(file.attrs["tau"]), float(file.attrs["a"])
                self.attributes = dict(file.attrs)
                self.config, found = str(file.attrs["config"]), int(file.attrs[formats.KEY])
                self._names = tuple(name for name in file if name not in _AXES)
                self.single = any(file[name].dtype == np.float32 for name in self._names)
        except InputError:  # a newer format
            raise
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} is not a snapshot of this darklat: {error}") from error
        if found != FORMAT:
            raise InputError(
                f"{path} is a snapshot of format {found}, this darklat reads format {FORMAT}: use "
                "the version of darklat that wrote it"
            )

    def __getitem__(self, name: str) -> np.ndarray:
        return self.planes(name, slice(None))

    def planes(self, name: str, planes: slice) -> np.ndarray:
        """Of the array of that name these planes along x. Raises KeyError."""
        if name not in self._names:
            raise KeyError(f"{name}; the snapshot has {', '.join(self._names)}")
        with hdf5.opened(self.path) as file:
            stored = file[name]
            values = np.asarray(stored[..., planes], dtype=np.float64).T
            return np.ascontiguousarray(values * stored.attrs[hdf5.SCALE])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<snapshot at a = {self.a:.4g}, tau = {self.tau:.4g}: {', '.join(self._names)}>"


def read(folder: Path) -> tuple[SnapshotFile, ...]:
    """The snapshots in a folder, in the order of time. Raises InputError as `SnapshotFile`."""
    return tuple(SnapshotFile(path) for path in sorted(folder.glob("step-*.h5")))
