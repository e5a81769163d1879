"""Sectors: those of a configuration, their memory, and one more that takes part in everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from darklat.errors import NumericalError
from darklat.kernels.layout import Variant
from darklat.lattice import plan, sectors
from darklat.lattice.evolution import Evolution
from darklat.lattice.fields import Fields
from darklat.lattice.guards import Reading
from darklat.lattice.sectors.base import (
    Densities,
    Evolved,
    Group,
    Moment,
    Sector,
    SeriesColumn,
    Start,
)
from darklat.physics.background import Instant
from darklat.physics.quantities import Placed
from darklat.physics.scales import of_residual
from darklat.schema.run import ChecksKeys
from models import backend_for, config, simulation

PHOTON = "model.fields.A={role: photon, conductivity: {kind: constant, value: 10}}"
PAIRS = "{kind: pairs, charge: 0.5, fermion_mass_eV: 2, nu: 0.1}"
WITHOUT_ALP = (
    "model.alp=null", "model.couplings=null", "units.hubble_eV=1e-18",
)  # fmt: skip
MODELS: dict[str, tuple[str, ...]] = {
    "alp": (),
    "two": ("model.fields.Y={role: dark}",),
    "photon": (PHOTON,),
    "massive": ("model.fields.Y={mass_eV: 1e-17}",),
    "massive and photon": ("model.fields.Y={mass_eV: 1e-17}", PHOTON, "model.couplings.AA=1"),
    "without alp": WITHOUT_ALP,
    "waves": ("output.gravitational_waves={k_max: 40}",),
    "pairs": (*WITHOUT_ALP, "model.fields.X.mass_eV=1", f"model.fields.X.plasma={PAIRS}"),
}


@pytest.mark.parametrize("overrides", MODELS.values(), ids=MODELS)
def test_a_checkpoint_has_the_planned_size_and_the_lattice_the_planned_sectors(
    overrides: tuple[str, ...],
) -> None:
    sim = simulation("lattice.sites=8", *overrides)
    assert {type(sector) for sector in sim.lattice.sectors} == set(sectors.sectors_of(sim.config))
    saved = sum(described.values.nbytes for described in sim.fields().values())
    assert saved == plan.checkpoint_bytes(sim.config)


class Drizzle(Sector):
    """A field q without kernels, which grows by 1 per unit of time at closed steps."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.q = fields.backend.field("site")
        self._since = 0.0

    @staticmethod
    def kept_per_site(variant: Variant) -> int:
        return 1

    @staticmethod
    def saved_per_site(variant: Variant) -> int:
        return 1

    def evolved(self) -> dict[str, Evolved]:
        return {"q": Evolved(self.q, "1", "a test's field", gauge=False)}

    def start(self, start: Start) -> None:
        self.q[...] = start.a

    def steps_from(self, now: Instant) -> None:
        self._since = now.tau

    def at_closed_step(self, now: Instant) -> float:
        self.q[...] += now.tau - self._since
        self._since = now.tau
        return 0.0

    def densities(self, a: float) -> Densities:
        return Densities(scalars={"q": 1e-6 * float(np.mean(self._fields.on_host(self.q)))})

    def columns(self) -> dict[str, SeriesColumn]:
        return {
            "q_mean": SeriesColumn(Group.MEAN, "1", "mean of q"),
            "rho/q": SeriesColumn(Group.DENSITY, "f^2/tau_osc^2", "density of q"),
        }

    def row(self, now: Moment) -> dict[str, float]:
        return {"q_mean": float(np.mean(self._fields.on_host(self.q)))}

    def readings(self, row: Mapping[str, float], limits: ChecksKeys) -> Iterator[Reading]:
        yield Reading("gauss_max", "q", row["q_mean"], of_residual(2.0), "Try less.")

    def snapshot(self, a: float) -> dict[str, Placed]:
        return {"q": Placed(self._fields.on_host(self.q), "1", "a test's field")}


def test_one_more_sector_takes_part_in_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    model = config("lattice.sites=8", "time.a_end=1")
    before = plan.memory_bytes(model), plan.checkpoint_bytes(model)
    monkeypatch.setitem(sectors.EXTRA, Drizzle, lambda _: lambda lattice: Drizzle(lattice.fields))
    assert plan.memory_bytes(model) > before[0]
    assert plan.checkpoint_bytes(model) == before[1] + 8 * 8**3
    whole = Evolution(model, backend_for(model))
    whole.start()
    half, resumed = whole.clock.steps // 2 // 8 * 8, None
    while whole.done < whole.clock.steps:
        whole.step()
        whole.record()
        if whole.done == half:
            resumed = Evolution(model, backend_for(model))
            resumed.restore(whole.state())
    q = whole.series["q_mean"]
    np.testing.assert_allclose(q, whole.series["tau"], rtol=1e-12)  # a = tau at the start
    np.testing.assert_allclose(whole.series["rho/q"], 1e-6 * q, rtol=1e-12)
    names = list(whole.series.columns)
    assert names.index("rho/theta") < names.index("rho/q") < names.index("gauss/X")
    assert whole.snapshot()["q"].values == pytest.approx(q[-1])
    assert resumed is not None
    while resumed.done < resumed.clock.steps:
        resumed.step()
        resumed.record()
    np.testing.assert_array_equal(resumed.series.table(), whole.series.table())
    later = config("lattice.sites=8", "time.a_end=3")
    run = Evolution(later, backend_for(later))
    run.start()
    with pytest.raises(NumericalError, match=r"^q is 2\.\d+ at step"):
        while run.done < run.clock.steps:
            run.step()
            run.record()


@pytest.mark.parametrize("overrides", MODELS.values(), ids=MODELS)
def test_the_plan_of_memory_has_room_for_the_arrays_of_a_checkpoint(
    overrides: tuple[str, ...],
) -> None:
    """All that are saved once more on the host, and one dataset twice, beside those that step."""
    model = config(*overrides)
    standing = sectors.values_per_site(
        plan.variant(model), two_registers=False, sectors=sectors.sectors_of(model)
    )
    largest = 6 * len(model.letters) + standing
    sites = model.lattice.sites**3
    assert plan.memory_bytes(model) >= 8 * sites * largest + plan.checkpoint_bytes(model)
