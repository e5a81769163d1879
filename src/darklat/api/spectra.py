"""Spectra as a notebook uses them: at one moment, and over a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from darklat.errors import InputError
from darklat.physics.numerals import plain
from darklat.storage.read_run import Array, SpectrumData

TOLERANCE = 0.01  # of the time of a single moment


@dataclass(frozen=True, kw_only=True)
class SpectrumNow:
    """A spectrum at one moment: conformal time `tau` (tau_osc), scale factor `a` (a_osc).

    k, khat: mean |k| and lattice momentum of every bin (1/tau_osc), [k]. dlnk: its width in ln k.
    power: per ln k, in the square of the field, [k]. zero: the square of the mean. The mean square
    of the field is sum(power * dlnk) + zero.
    """

    name: str
    tau: float
    a: float
    k: Array
    khat: Array
    dlnk: Array
    power: Array
    zero: float

    @property
    def mean_square(self) -> float:
        """Of the field, over the lattice."""
        return float(np.sum(self.power * self.dlnk)) + self.zero

    def __repr__(self) -> str:
        when = f"a = {plain(self.a, 4)}, tau = {plain(self.tau, 4)}"
        return f"<{self.name} at {when}: {len(self.k)} bins of k>"


@dataclass(frozen=True, kw_only=True)
class RecordedSpectrum(SpectrumData):
    """A spectrum over a run. k, khat, modes, dlnk: [k]; tau, a, zero: [tau]; power: [tau, k]."""

    name: str

    def at(self, *, a: float | None = None, tau: float | None = None) -> SpectrumNow:
        """The spectrum at the recorded moment nearest to a scale factor or a conformal time.

        Raises InputError when both or none is given, for a scale factor in a static background, and
        when nothing was recorded within one interval between spectra.
        """
        i = nearest(self.name, a, tau, self.a, self.tau)
        return SpectrumNow(
            name=self.name,
            tau=float(self.tau[i]),
            a=float(self.a[i]),
            k=self.k,
            khat=self.khat,
            dlnk=self.dlnk,
            power=self.power[i],
            zero=float(self.zero[i]),
        )

    def __repr__(self) -> str:
        moments, bins = self.power.shape
        reach = f"a = {plain(self.a[0], 4)} to {plain(self.a[-1], 4)}"
        return f"<{self.name}: {moments} moments from {reach}, {bins} bins of k>"


def nearest(
    subject: str,
    a: float | None,
    tau: float | None,
    recorded_a: ArrayLike,
    recorded_tau: ArrayLike,
) -> int:
    """Which of the recorded moments is nearest to a scale factor or a conformal time.

    Raises InputError when both or none is given, when a is the same at all of several moments, and
    when the nearest is further away than the longest interval between two.
    """
    if (a is None) == (tau is None):
        raise InputError(f"{subject}: give a or tau")
    name, wanted, recorded = ("a", a, recorded_a) if tau is None else ("tau", tau, recorded_tau)
    assert wanted is not None
    times = np.asarray(recorded, dtype=np.float64)
    if tau is None and len(times) > 1 and np.all(times == times[0]):
        raise InputError(f"{subject}: a = {plain(times[0], 6)} throughout; give tau")
    distances = np.abs(times - wanted)
    i = int(np.argmin(distances))
    reach = np.max(np.diff(times), initial=TOLERANCE * abs(times[i]))
    if not distances[i] <= reach:
        raise InputError(
            f"{subject}: nothing was recorded at {name} = {plain(wanted, 6)}; the recorded moments "
            f"are between {name} = {plain(times[0], 4)} and {plain(times[-1], 4)}"
        )
    return i
