"""Snapshots of the fields, with an XDMF file beside them that ParaView opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from darklat.errors import InputError
from darklat.physics.quantities import Described
from darklat.storage import formats, hdf5
from darklat.storage.hdf5 import Provenance


def write(
    folder: Path,
    name: str,
    arrays: Mapping[str, Described],
    provenance: Provenance,
    *,
    tau: float,
    a: float,
    dx: float,
) -> None:
    """Writes <name>.h5 and <name>.xdmf: arrays [n, n, n] at conformal time tau and scale factor a.
    The values lie at the nodes of a lattice of spacing dx."""
    folder.mkdir(exist_ok=True)
    hdf5.write(folder / f"{name}.h5", arrays, provenance.attributes() | {"tau": tau, "a": a})
    text = xdmf(f"{name}.h5", arrays, time=tau, dx=dx)
    hdf5.replace(folder / f"{name}.xdmf", lambda temporary: temporary.write_text(text, "utf-8"))


class SnapshotFile(Mapping[str, np.ndarray]):
    """A snapshot at conformal time `tau` and scale factor `a`, in program units. It maps names
    ("theta", "E_X_x", "X_X_x") to arrays [n, n, n], which are read when they are asked for.
    """

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file is not a snapshot."""
        self.path = path
        try:
            with hdf5.opened(path) as file:
                formats.refuse_newer(path, file.attrs)
                self.tau, self.a = float(file.attrs["tau"]), float(file.attrs["a"])
                self._names = tuple(file)
        except InputError:  # a newer format
            raise
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} is not a snapshot of this darklat: {error}") from error

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(f"{name}; the snapshot has {', '.join(self._names)}")
        with hdf5.opened(self.path) as file:
            return np.asarray(file[name][...])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<snapshot at a = {self.a:.4g}, tau = {self.tau:.4g}: {', '.join(self._names)}>"


def read(folder: Path) -> tuple[SnapshotFile, ...]:
    """The snapshots in a folder, in the order of time. Raises InputError as `SnapshotFile`."""
    return tuple(SnapshotFile(path) for path in sorted(folder.glob("step-*.h5")))


def xdmf(file: str, arrays: Mapping[str, Described], *, time: float, dx: float) -> str:
    """The XDMF 3 text that describes the arrays of `file`."""
    shape = " ".join(str(s) for s in next(iter(arrays.values())).values.shape)
    attributes = "\n".join(
        f'      <Attribute Name={quoteattr(name)} AttributeType="Scalar" Center="Node">\n'
        f'        <DataItem Dimensions="{shape}" NumberType="Float" Precision="8" Format="HDF">'
        f"{file}:/{name}</DataItem>\n      </Attribute>"
        for name in arrays
    )
    spacing = f"{dx!r} {dx!r} {dx!r}"
    return f"""<?xml version="1.0"?>
<Xdmf Version="3.0">
  <Domain>
    <Grid Name="lattice" GridType="Uniform">
      <Time Value="{time!r}"/>
      <Topology TopologyType="3DCoRectMesh" Dimensions="{shape}"/>
      <Geometry GeometryType="ORIGIN_DXDYDZ">
        <DataItem Dimensions="3" NumberType="Float" Precision="8" Format="XML">0 0 0</DataItem>
        <DataItem Dimensions="3" NumberType="Float" Precision="8" Format="XML">{spacing}</DataItem>
      </Geometry>
{attributes}
    </Grid>
  </Domain>
</Xdmf>
"""
