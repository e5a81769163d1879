"""XDMF 3: text that describes datasets of HDF5 files to ParaView, VisIt and other programs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from darklat.errors import MachineError
from darklat.physics.quantities import Placed


def grid(file: str, arrays: Mapping[str, Placed], *, time: float, dx: float) -> ET.Element:
    """The grid of sites of spacing dx at a time, with datasets [z, y, x] of an HDF5 file.

    XDMF has one place for all values of a grid. Values on links are shown at the sites, and an
    <Information> of each says where they lie: at the site plus their offset.
    """
    shape = " ".join(map(str, next(iter(arrays.values())).values.shape))
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


def collection(grids: Iterable[ET.Element]) -> ET.Element:
    """Grids of several times as one grid, which changes with time."""
    found = ET.Element("Grid", Name="run", GridType="Collection", CollectionType="Temporal")
    found.extend(grids)
    return found


def grids(files: Iterable[Path]) -> list[ET.Element]:
    """The grid of each file that `writer` has written. Raises MachineError when one cannot be read
    again."""
    found = []
    for path in files:
        try:
            own = ET.parse(path).getroot().find("Domain/Grid")
        except (OSError, ET.ParseError) as error:
            raise MachineError(f"cannot read {path} again: {error}. Remove it.") from error
        if own is not None:
            found.append(own)
    return found


def writer(grid: ET.Element) -> Callable[[Path], None]:
    """A function that writes a file with that grid; it raises OSError."""
    root = ET.Element("Xdmf", Version="3.0")
    ET.SubElement(root, "Domain").append(grid)
    ET.indent(root)
    return lambda path: ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _number(itemsize: int) -> dict[str, str]:
    return {"NumberType": "Float", "Precision": str(itemsize)}
