"""The checks of a running simulation against the thresholds of the configuration."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from darklat.errors import NumericalError
from darklat.physics import scales
from darklat.physics.scales import Scale
from darklat.schema import Config
from darklat.schema.run import MOST_SITES

log = logging.getLogger("darklat")


@dataclass(frozen=True)
class Reading:
    """A number with its scale, the key under `checks` that the scale comes from, and the advice for
    when it is too large."""

    key: str
    subject: str
    value: float
    scale: Scale
    remedy: str

    def against(self, when: str) -> str:
        """The number beside its limit."""
        return (
            f"{self.subject} is {self.value:.3g} {when}, allowed is checks.{self.key} = "
            f"{self.scale.stop:g}"
        )


class Guards:
    """Warns of every check by its scale (`physics.scales`), and stops a run beyond its limit."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._warned: set[tuple[str, str]] = set()

    def examine(
        self,
        row: Mapping[str, float],
        of_sectors: Iterable[Reading] = (),
        *,
        courant: float,
        when: str,
    ) -> None:
        """A row of the series, the readings that the sectors take from it, and the time step over
        the longest stable one.

        Raises NumericalError with the check, the time, the field and the advice.
        """
        smaller_step = f"Try a smaller time.courant (now {self._config.time.courant:g})."
        for name, value in row.items():
            if not math.isfinite(value):
                raise NumericalError(
                    f"{name} is {value} {when}: the fields are no longer finite. {smaller_step}"
                )
        for reading in chain(of_sectors, self._readings(row, courant, smaller_step)):
            if reading.value > reading.scale.stop:
                raise NumericalError(f"{reading.against(when)}. {reading.remedy}")
            self._warn(reading, when)

    def _warn(self, reading: Reading, when: str) -> None:
        """Once of every check when it needs a look, and once when it fails without a stop."""
        status, scale = reading.scale.judge(reading.value), reading.scale
        if status == "pass" or (reading.subject, status) in self._warned:
            return
        self._warned |= {(reading.subject, status), (reading.subject, "warn")}
        consequence = "at that the run stops"
        if status == "fail":
            consequence = f"above {scale.fail:g} the numbers are not to be trusted"
        elif scale.fail < scale.stop:
            consequence = f"above {scale.fail:g} the numbers will not be trusted"
        log.warning("warning: %s, and %s. %s", reading.against(when), consequence, reading.remedy)

    def _readings(
        self, row: Mapping[str, float], courant: float, smaller_step: str
    ) -> Iterator[Reading]:
        limits = self._config.checks
        yield Reading(
            "energy_balance_max", "the error of the energy balance",
            abs(row["energy_balance"]), scales.of_residual(limits.energy_balance_max), smaller_step,
        )  # fmt: skip
        yield Reading(
            "courant_max", "the time step over the longest stable one",
            courant, scales.of_step(limits.courant_max), smaller_step,
        )  # fmt: skip
        if self._config.initial.kind == "inflation" and limits.power_at_cutoff_max >= 1:
            return  # modes from inflation wait at the cutoff until they enter the horizon
        sites = self._config.lattice.sites
        more = "more lattice.sites or " if sites < MOST_SITES else ""
        finer = ""
        if 2 * sites <= MOST_SITES:
            finer = f", or go on with `darklat refine CHECKPOINT --sites {2 * sites}`"
        yield Reading(
            "power_at_cutoff_max", "the share of the energy at the cutoff",
            row["power_at_cutoff"], scales.of_cutoff(limits.power_at_cutoff_max),
            f"The lattice does not resolve it: try {more}a smaller lattice.box{finer}.",
        )  # fmt: skip
