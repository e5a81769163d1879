"""series.h5 and spectra.h5: written whole, so that a reader never sees half a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from darklat.physics.quantities import Described
from darklat.storage import hdf5
from darklat.storage.hdf5 import Provenance

SPECTRUM_AXES = {
    **dict.fromkeys(("k", "khat", "modes", "dlnk"), ("k",)),
    **dict.fromkeys(("tau", "a", "zero"), ("tau",)),
    "power": ("tau", "k"),
}


def write_series(path: Path, columns: Mapping[str, Described], provenance: Provenance) -> None:
    """Writes one-dimensional datasets of one length, by name; `tau` is the axis of all. Raises
    MachineError."""
    hdf5.write(path, columns, provenance.attributes(), axes=dict.fromkeys(columns, ("tau",)))


def write_spectra(path: Path, datasets: Mapping[str, Described], provenance: Provenance) -> None:
    """Writes a group per quantity: k, khat, modes, dlnk [k], tau, a, zero [tau] and power [tau,
    k]. The axes of a group are its own tau and k. Raises MachineError."""
    axes = {}
    for name in datasets:
        group, _, kind = name.rpartition("/")
        axes[name] = tuple(f"{group}/{axis}" for axis in SPECTRUM_AXES[kind])
    hdf5.write(path, datasets, provenance.attributes(), axes=axes)
