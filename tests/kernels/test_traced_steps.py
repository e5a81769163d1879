"""A step of every variant on the emulated device with all accesses traced: no kernel has a race, reads
what nothing has written, or leaves its arguments, and the bytes that it touches are those that it
declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from darklat.driver.bench import random_lattice
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.layout import Variant
from darklat.lattice import traffic
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.sectors.waves import WaveSector
from darklat.lattice.spectra import SpectrumPlan
from darklat.physics.background import Instant
from emulated_cuda import Machine, installed

N = 8
STEPS = [
    *(
        (scheme, Variant(2, potential="cosine"))
        for scheme in sorted(INTEGRATORS)
        if scheme != "blanes_moan"  # the launches of strang, six times
    ),
    *(
        ("strang", variant)
        for variant in (
            Variant(1),
            Variant(1, single=True),
            Variant(1, conducting=True),
            Variant(3, conducting=True, back_reacting=False, self_coupled=False),
            Variant(2, conducting=True),
            Variant(1, massive=1),
            Variant(3, massive=2, conducting=True),
            Variant(1, order=6),
            Variant(1, single=True, order=4),
            Variant(2, massive=1, conducting=True, order=4, waves=True),
        )
    ),
    ("rk3", Variant(1, order=6)),
]
FUSED = [
    Variant(1),
    Variant(1, single=True),
    Variant(2, potential="cosine"),
    Variant(2, conducting=True),
    Variant(1, massive=1),
    Variant(1, order=6),
]
CASES = [*((*step, False) for step in STEPS), *(("strang", v, True) for v in FUSED)]


class Stepped:
    """A lattice after an open and a closed step, its measurement and its spectra, and the bytes
    that an open step of the same lattice touches and declares."""

    def __init__(self, machine: Machine, scheme: str, variant: Variant, fused: bool) -> None:
        self.backend = GpuBackend(n=N, variant=variant, fused=fused)
        self.lattice: Lattice = random_lattice(self.backend)
        waves = WaveSector(self.lattice, strength=1.0) if variant.waves else None
        if waves is not None:
            self.lattice.sectors.append(waves)
            waves.steps_from(Instant(1.0, 1.0, 0.0))
        stepper = INTEGRATORS[scheme].on(self.lattice)
        machine.traffic.clear()
        spent = [stepper.step(tau=1.0, dt=0.01, close=False)]
        self.touched = sum(each.bytes_read + each.bytes_written for each in machine.traffic)
        self.declared = N**3 * traffic.bytes_per_site(stepper.passes, self.backend.layout)
        spent.append(stepper.step(tau=1.01, dt=0.01, close=True))
        if waves is not None:
            waves.at_closed_step(Instant(1.02, 1.0, 0.0))
        self.lattice.measure(1.0)
        plan = SpectrumPlan(self.backend, n=N, box=1.0)
        self.spectra = plan.measure(self.lattice.sectors, 1.0).spectra
        self.spent = np.array(spent)

    def bytes(self) -> list[bytes]:
        """All numbers that it has."""
        f, b = self.lattice, self.backend
        arrays = [b.to_host(field) for field in (f.theta, f.pi, f.X, f.D, f.E)]
        arrays += [b.to_host(own.array) for s in f.sectors for own in s.evolved().values()]
        arrays += [spectrum.power for spectrum in self.spectra.values()]
        return [np.ascontiguousarray(a).tobytes() for a in (*arrays, self.spent)]


@pytest.fixture(scope="module", params=CASES, ids=str)
def traced(request: pytest.FixtureRequest) -> Iterator[tuple[Stepped, Any]]:
    """A traced step; whatever a launch does wrong is raised here."""
    with installed(Machine(traced=True)) as machine:
        yield Stepped(machine, *request.param), request.param


def test_a_traced_step_touches_the_bytes_that_are_declared(traced: tuple[Stepped, Any]) -> None:
    stepped, (_, variant, _fused) = traced
    # Where no field is free, the kernels of free fields need not read what they declare:
    # six felt_magnetic read two components of X, four link_torque read theta
    spared = 8 * N**3 * (6 * 2 + 4) if not variant.free else 0
    assert stepped.touched == stepped.declared - spared > 0


def test_the_order_of_threads_and_blocks_changes_no_bit(traced: tuple[Stepped, Any]) -> None:
    stepped, (scheme, variant, fused) = traced
    with installed(Machine(shuffled=1)) as machine:
        assert Stepped(machine, scheme, variant, fused).bytes() == stepped.bytes()
    assert all(np.isfinite(spectrum.power).all() for spectrum in stepped.spectra.values())
