"""Snapshots of the fields, with an XDMF file beside them that ParaView opens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from darklat.physics.quantities import Described
from darklat.storage import hdf5
from darklat.storage.hdf5 import Provenance


def write(
    folder: Path,
    name: str,
    arrays: Mapping[str, Described],
    provenance: Provenance,
    *,
    time: float,
    dx: float,
) -> None:
    """Writes <name>.h5 and <name>.xdmf: arrays [n, n, n], values at the nodes of a lattice of
    spacing dx."""
    folder.mkdir(exist_ok=True)
    hdf5.write(folder / f"{name}.h5", arrays, provenance.attributes())
    text = xdmf(f"{name}.h5", arrays, time=time, dx=dx)
    hdf5.replace(folder / f"{name}.xdmf", lambda temporary: temporary.write_text(text))


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
