"""series.h5 and spectra.h5: written whole, so that a reader never sees half a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from darklat.physics.quantities import Described
from darklat.storage import hdf5
from darklat.storage.hdf5 import Provenance


def write_series(path: Path, columns: Mapping[str, Described], provenance: Provenance) -> None:
    """Writes one-dimensional datasets of one length, by name. Raises MachineError."""
    hdf5.write(path, columns, provenance.attributes())


def write_spectra(path: Path, datasets: Mapping[str, Described], provenance: Provenance) -> None:
    """Writes a group per quantity: k, khat, modes, dlnk [k], tau, a, zero [time] and power [time,
    k]. Raises MachineError."""
    hdf5.write(path, datasets, provenance.attributes())
