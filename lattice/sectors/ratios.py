"""Observables that compare sectors: epsilon and b.

Eq. 17 of Choi, Kim, Sekiguchi, PRL 121, 031102 (2018).
"""

from __future__ import annotations

from darklat.lattice.sectors.base import Group, Moment, Observable, SeriesColumn
from darklat.physics import observables
from darklat.schema import Config


class Ratios(Observable):
    """epsilon of the first dark field, with an ALP; b of the photon, coupled to that field."""

    def __init__(self, config: Config) -> None:
        self._dark, self._photon = config.dark, config.photon
        self._mixing = mixing_coupling(config)
        self._alp = config.model.alp is not None

    def columns(self) -> dict[str, SeriesColumn]:
        """epsilon, b, where they have a meaning."""
        columns = {}
        if self._alp and self._dark:
            columns["epsilon"] = SeriesColumn(
                Group.RESULT,
                "1",
                f"a/a_osc times the mean energy density of {self._dark} over that of the ALP "
                "without gauge fields",
            )
        if self._mixing:
            columns["b"] = SeriesColumn(
                Group.RESULT,
                "1",
                f"square root of the mean energy density of {self._photon} over that of "
                f"{self._dark}, per unit of their coupling",
            )
        return columns

    def row(self, now: Moment) -> dict[str, float]:
        """The values of `columns`."""
        row, rho = {}, now.densities.vectors
        if self._alp and self._dark:
            assert now.free is not None  # there is an ALP
            row["epsilon"] = observables.dark_radiation_fraction(rho[self._dark], now.free, now.a)
        if self._mixing:
            assert self._dark and self._photon  # they are coupled
            row["b"] = observables.magnetic_mixing_efficiency(
                rho[self._photon], rho[self._dark], self._mixing
            )
        return row


def mixing_coupling(config: Config) -> float:
    """g_AX of the photon and the first dark field; 0 where one of them is missing."""
    pair = "".join(sorted((config.photon or "") + (config.dark or "")))
    return config.model.couplings.get(pair, 0.0) if len(pair) == 2 else 0.0
