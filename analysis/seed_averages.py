"""The averages of a scan over the seeds of each configuration."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

from darklat.analysis import seeds
from darklat.analysis.scan import SEED, Scan
from darklat.analysis.seeds import Average


@dataclass(frozen=True)
class SeedAverage:
    """The runs of one configuration, up to the seed, and their observables at the common a."""

    members: tuple[int, ...]
    """Places in the points of the scan."""
    parameters: dict[str, Any]
    """All that differ, without the seed."""
    of: dict[str, Average]


def seed_averages(scan: Scan) -> list[SeedAverage]:
    """One for every configuration, in the order of the points."""
    found = []
    for members in seeds.groups([point.parameters for point in scan.points]):
        own = [scan.points[i] for i in members]
        found.append(
            SeedAverage(
                members=tuple(members),
                parameters={k: v for k, v in own[0].parameters.items() if k != SEED},
                of={
                    name: seeds.average([point.common[name] for point in own])
                    for name in scan.observables
                    if all(name in point.common for point in own)
                },
            )
        )
    return found


def seeds_csv(scan: Scan) -> str:
    """One row per configuration: how many seeds, and mean, scatter and error of the mean at the
    common a. The last two are empty for one seed."""
    cells, names = seed_averages(scan), scan.observables
    keys = list(cells[0].parameters)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    heads = [f"{name} {number}" for name in names for number in ("mean", "scatter", "error")]
    writer.writerow([*keys, "seeds", f"common {scan.clock}", *heads])
    for cell in cells:
        numbers: list[float | str] = []
        for name in names:
            of = cell.of.get(name)
            found = (of.mean, of.scatter, of.error) if of else (math.nan,) * 3
            numbers += ["" if math.isnan(number) else number for number in found]
        own = [cell.parameters[key] for key in keys]
        writer.writerow([*own, len(cell.members), scan.common, *numbers])
    return buffer.getvalue()
