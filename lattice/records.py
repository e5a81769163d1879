"""The time series and the spectra of a run, kept in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from darklat.lattice.sectors.base import Group, Observable, Sector, SeriesColumn
from darklat.lattice.spectra import Bins, Spectrum
from darklat.physics.quantities import Column, Described
from darklat.physics.units import UnitNames


@dataclass
class Series:
    """One-dimensional datasets of one length; `columns` fixes their names and order."""

    columns: dict[str, Column]
    rows: list[list[float]] = field(default_factory=list)

    def append(self, values: Mapping[str, float]) -> None:
        """Adds a row; its keys are the names of `columns`."""
        self.rows.append([float(values[name]) for name in self.columns])

    def last(self) -> dict[str, float]:
        """The last row, by the names of `columns`."""
        return dict(zip(self.columns, self.rows[-1], strict=True))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.table()[:, list(self.columns).index(name)]

    def get(self, name: str) -> np.ndarray | None:
        """A column, or None if there is none of that name."""
        return self[name] if name in self.columns else None

    def table(self) -> np.ndarray:
        """All rows, [rows, columns]."""
        return np.array(self.rows, dtype=np.float64).reshape(-1, len(self.columns))

    def described(self) -> dict[str, Described]:
        """The columns with units and descriptions, by name."""
        table = self.table()
        return {
            name: Described(table[:, i], column.units, column.description)
            for i, (name, column) in enumerate(self.columns.items())
        }


@dataclass
class SpectraRecord:
    """The spectra of a run: per quantity power[time, bin] and zero[time]. `unit` names the units of
    k, tau and a. `columns` fixes the order of the quantities in files, also after a resume."""

    bins: Bins
    columns: dict[str, Column]
    unit: UnitNames
    times: list[tuple[float, float]] = field(default_factory=list)
    power: dict[str, list[np.ndarray]] = field(default_factory=dict)
    zero: dict[str, list[float]] = field(default_factory=dict)

    def append(self, tau: float, a: float, found: Mapping[str, Spectrum]) -> None:
        """Adds one moment."""
        self.times.append((tau, a))
        for name, spectrum in found.items():
            self.power.setdefault(name, []).append(spectrum.power)
            self.zero.setdefault(name, []).append(spectrum.zero)

    def _recorded(self) -> list[str]:
        return [name for name in self.columns if name in self.power]

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of a checkpoint: times [time, 2] and per quantity power/<name> [time, bin],
        zero/<name> [time]."""
        out = {"times": np.array(self.times, dtype=np.float64).reshape(-1, 2)}
        for name in self._recorded():
            out[f"power/{name}"] = np.array(self.power[name])
            out[f"zero/{name}"] = np.array(self.zero[name])
        return out

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """The inverse of `arrays`."""
        self.times = [(float(t), float(a)) for t, a in arrays["times"]]
        for key, values in arrays.items():
            kind, _, name = key.partition("/")
            if kind == "power":
                self.power[name] = list(values)
            elif kind == "zero":
                self.zero[name] = [float(v) for v in values]

    def described(self) -> dict[str, Described]:
        """<quantity>/<dataset> for everything of spectra.h5."""
        times = np.array(self.times, dtype=np.float64).reshape(-1, 2)
        data: dict[str, Described] = {}
        for name in self._recorded():
            about = self.columns[name]
            for key, values, units, description in (
                ("k", self.bins.k, "1/tau_osc", "mean |k| of the modes of the bin"),
                (
                    "khat",
                    self.bins.khat,
                    "1/tau_osc",
                    "mean lattice momentum |khat| of the modes of the bin",
                ),
                ("modes", self.bins.modes, "1", "number of modes in the bin"),
                ("dlnk", self.bins.dlnk, "1", "width of the bin in ln k"),
                ("tau", times[:, 0], "tau_osc", "conformal time"),
                ("a", times[:, 1], "a_osc", "scale factor"),
                (
                    "power",
                    np.array(self.power[name]),
                    about.units,
                    f"{about.description}, power per ln k [time, k]",
                ),
                ("zero", np.array(self.zero[name]), about.units, "square of the mean, k = 0"),
            ):
                data[f"{name}/{key}"] = Described(values, self.unit(units), description)
        return data


def series_columns(observables: Sequence[Observable], unit: UnitNames) -> dict[str, Column]:
    """The columns of series.h5, by group: the common ones of every run, then the observables."""
    found = dict(_OF_EVERY_RUN)
    for each in observables:
        found |= each.columns()
    ordered = sorted(found.items(), key=lambda item: item[1].group)  # stable
    return {name: Column(unit(c.units), c.description) for name, c in ordered}


def spectra_columns(sectors: Sequence[Sector], unit: UnitNames) -> dict[str, Column]:
    """The quantities of spectra.h5."""
    return {
        name: Column(unit(column.units), column.description)
        for sector in sectors
        for name, column in sector.spectra_columns().items()
    }


_OF_EVERY_RUN = {
    "tau": SeriesColumn(Group.CLOCK, "tau_osc", "conformal time"),
    "a": SeriesColumn(Group.CLOCK, "a_osc", "scale factor"),
    "hubble": SeriesColumn(Group.CLOCK, "1/tau_osc", "conformal Hubble rate a'/a"),
    "energy_balance": SeriesColumn(
        Group.BALANCE,
        "1",
        "(a^4 rho - start + what expansion and conduction have taken)/(a^4 rho)",
    ),
    "power_at_cutoff": SeriesColumn(
        Group.CUTOFF,
        "1",
        "share of the energy in bins with |khat| above 3/4 of the largest on an axis, at the last "
        "spectra",
    ),
}
