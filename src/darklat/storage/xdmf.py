"""XDMF 3: text that describes datasets of HDF5 files to ParaView, VisIt and other programs."""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from darklat.physics.quantities import Placed
from darklat.storage import hdf5

log = logging.getLogger("darklat")


def describe(
    folder: Path, name: str, arrays: Mapping[str, Placed], *, time: float, dx: float, film: str
) -> None:
    """Writes <name>.xdmf beside <name>.h5, whose datasets [z, y, x] or [y, x] it describes, and a
    file `film` with all times in the folder.

    XDMF has one place for all values of a grid. Values on links are shown at the sites, and an
    <Information> of each says where they lie: at the site plus their offset. Raises MachineError
    when the disk refuses.
    """
    own = _grid(f"{name}.h5", arrays, time=time, dx=dx)
    hdf5.replace(folder / f"{name}.xdmf", _writer(own))
    every = ET.Element("Grid", Name="run", GridType="Collection", CollectionType="Temporal")
    every.extend(_grids(sorted(folder.glob("step-*.xdmf"))))
    hdf5.replace(folder / film, _writer(every))


def _grid(file: str, arrays: Mapping[str, Placed], *, time: float, dx: float) -> ET.Element:
    """The sites of spacing dx at a time. A plane is a lattice of one layer, because readers take
    the axes of a two-dimensional grid for y and z."""
    layers = (1, *next(iter(arrays.values())).shape)[-3:]
    shape = " ".join(map(str, layers))
    found = ET.Element("Grid", Name="lattice", GridType="Uniform")
    ET.SubElement(found, "Time", Value=repr(time))
    ET.SubElement(found, "Topology", TopologyType="3DCoRectMesh", Dimensions=shape)
    geometry = ET.SubElement(found, "Geometry", GeometryType="ORIGIN_DXDYDZ")
    for numbers in ("0 0 0", " ".join([repr(dx)] * 3)):
        item = ET.SubElement(geometry, "DataItem", _number(8), Dimensions="3", Format="XML")
        item.text = numbers
    for name, data in arrays.items():
        own = ET.SubElement(found, "Attribute", Name=name, AttributeType="Scalar", Center="Node")
        place = " ".join(repr(x * dx) for x in data.offset)
        ET.SubElement(own, "Information", Name="offset from the site", Value=place)
        ET.SubElement(own, "Information", Name="units", Value=data.units)
        about = _number(data.values.itemsize) | {"Dimensions": shape, "Format": "HDF"}
        ET.SubElement(own, "DataItem", about).text = f"{file}:/{name}"
    return found


def _grids(files: Iterable[Path]) -> list[ET.Element]:
    """The grid of each file that `describe` has written. A file that cannot be read again is left
    out, with a warning."""
    found = []
    for path in files:
        try:
            own = ET.parse(path).getroot().find("Domain/Grid")
        except (OSError, ET.ParseError) as error:
            log.warning(
                "warning: the film of all times lacks %s, which is no XDMF: %s", path, error
            )
            continue
        if own is not None:
            found.append(own)
    return found


def _writer(grid: ET.Element) -> Callable[[Path], None]:
    """A function that writes a file with that grid; it raises OSError."""
    root = ET.Element("Xdmf", Version="3.0")
    ET.SubElement(root, "Domain").append(grid)
    ET.indent(root)
    return lambda path: ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _number(itemsize: int) -> dict[str, str]:
    return {"NumberType": "Float", "Precision": str(itemsize)}
