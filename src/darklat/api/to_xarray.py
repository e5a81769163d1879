"""A run as labelled arrays of xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from darklat.errors import InputError
from darklat.physics.quantities import Column
from darklat.storage import hdf5
from darklat.storage.read_run import RunFiles
from darklat.storage.records import SPECTRUM_AXES

if TYPE_CHECKING:
    import xarray


def tree_of(files: RunFiles) -> xarray.DataTree:
    """The series on tau and the spectra on (tau, k); see `Run.to_xarray`. Raises InputError."""
    try:
        import xarray
    except ImportError as error:
        raise InputError(
            "Run.to_xarray needs xarray, which is not installed: pip install 'darklat[xarray]'"
        ) from error
    series = _series(files)
    nodes = {f"series/{group}".rstrip("/"): xarray.Dataset(data) for group, data in series.items()}
    nodes["series"] = nodes["series"].set_coords("a")
    if files.spectra:
        spectra = xarray.Dataset(_spectra(files))
        nodes["spectra"] = spectra.set_coords(["a", "khat", "modes", "dlnk"])
    tree = xarray.DataTree.from_dict(nodes, name=files.config.name)
    tree.attrs.update(files.provenance)
    return tree


_Variable = tuple[tuple[str, ...], Any, dict[str, str]]


def _series(files: RunFiles) -> dict[str, dict[str, _Variable]]:
    """The columns by the group that they stand in: "" for r, "rho" for rho/X."""
    about = hdf5.columns(files.folder / "series.h5")
    found: dict[str, dict[str, _Variable]] = {"": {}}
    for path, values in files.series.items():
        group, _, name = path.rpartition("/")
        found.setdefault(group, {})[name] = (("tau",), values, _attributes(about[path]))
    return found


def _spectra(files: RunFiles) -> dict[str, _Variable]:
    """Power of every quantity under its name, its zero mode under <name>_zero, and the arrays that
    all of them share."""
    about = hdf5.columns(files.folder / "spectra.h5")
    found: dict[str, _Variable] = {}
    for quantity, spectrum in files.spectra.items():
        for name, axes in SPECTRUM_AXES.items():
            key = {"power": quantity, "zero": f"{quantity}_zero"}.get(name, name)
            attributes = _attributes(about[f"{quantity}/{name}"])
            found[key] = (axes, vars(spectrum)[name], attributes)
    return found


def _attributes(column: Column) -> dict[str, str]:
    return {"units": column.units, "long_name": column.description}
