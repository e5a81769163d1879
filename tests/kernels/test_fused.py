"""Fused kernels against the kernels whose work they do, and a step of a GPU as one graph, on the
emulated device."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from darklat.driver.bench import random_lattice
from darklat.kernels import blocks, registry
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.layout import Layout, Variant
from darklat.lattice.fusion import fused
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.passes import Pass, Passes
from emulated_cuda import FaultError, Machine, installed, streams

ALP_X = Variant(1)
MOST_SECONDS = 1e-4  # more than twice as long as on a busy machine (docs/performance.md)
CASES = [
    (16, ALP_X),
    (20, ALP_X),
    (16, Variant(1, single=True)),
    (20, Variant(1, single=True)),
    (10, Variant(2, potential="cosine")),
    (8, Variant(2, conducting=True)),
    (8, Variant(1, massive=1)),
    (16, Variant(1, order=6)),
]


@cache
def stepped(
    variant: Variant, n: int, *, together: bool, shuffled: int | None = None
) -> list[bytes]:
    """The fields after an open step and a closed one, and the energy that expansion took."""
    with installed(Machine(shuffled=shuffled)):
        b = GpuBackend(n=n, variant=variant, fused=together)
        lattice = random_lattice(b)
        stepper = INTEGRATORS["strang"].on(lattice)
        names = {p.kernel for p in stepper.passes}
        assert together == bool(names & {k.name for k in registry.KERNELS.values() if k.replaces})
        spent = [stepper.step(tau=1 + 0.01 * i, dt=0.01, close=i == 1) for i in range(2)]
        assert spent[0] == 0 != spent[1]  # the energy that an open step took comes later
        fields = [own.array for s in lattice.sectors for own in s.evolved().values()]
        return [b.to_host(field).tobytes() for field in fields] + [np.float64(spent[1]).tobytes()]


def check(variant: Variant, n: int) -> None:
    one_by_one = stepped(variant, n, together=False)
    found = stepped(variant, n, together=True, shuffled=n)
    assert found[:-1] == one_by_one[:-1]
    # sums add up in another order: at most n^3 additions, of terms of one sign for each flow
    spent, expected = (np.frombuffer(each[-1])[0] for each in (found, one_by_one))
    assert abs(spent - expected) <= 1e-12 * abs(expected)


@pytest.mark.parametrize(("n", "variant"), CASES, ids=str)
def test_fused_kernels_give_the_same_bits(n: int, variant: Variant) -> None:
    """16 is a tile of rows and half of a tile of columns; the others are no multiples. Blocks and
    threads come in a random order."""
    check(variant, n)


@pytest.mark.slow
@pytest.mark.parametrize("n", [64, 130])
@pytest.mark.parametrize(
    "variant",
    [ALP_X, Variant(1, single=True), Variant(1, order=6), Variant(1, single=True, order=4)],
    ids=str,
)
def test_fused_kernels_give_the_same_bits_on_many_tiles(variant: Variant, n: int) -> None:
    """Of 64 sites in several segments of planes; 130 leaves tiles of 2 columns and rows."""
    check(variant, n)


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant",
    [
        Variant(1, order=6),
        Variant(1, order=4),
        Variant(1, single=True, order=6),
        Variant(1, single=True, order=4),
        Variant(2, order=6),
        Variant(2, order=4),
        Variant(3, conducting=True, order=6, potential="cosine"),
        Variant(2, massive=1, conducting=True, order=4, waves=True),
    ],
    ids=str,
)
def test_fused_kernels_of_more_models_give_the_same_bits(variant: Variant) -> None:
    check(variant, 20)


# -- traffic


@pytest.fixture(scope="module")
def at_48() -> Iterator[Machine]:
    """The traced launches of an open step of ALP and X on 48^3 sites: three segments of planes."""
    with installed(Machine(traced=True)) as machine:
        stepper = INTEGRATORS["strang"].on(
            random_lattice(GpuBackend(n=48, variant=ALP_X, fused=True))
        )
        machine.traffic.clear()
        stepper.step(tau=1.0, dt=0.01, close=False)
        yield machine


def test_a_step_of_alp_and_x_moves_800_bytes_a_site_in_nine_launches(at_48: Machine) -> None:
    launches = at_48.traffic
    dram = sum(each.bytes_read + each.bytes_written for each in launches) / 48**3
    assert (dram, len(launches)) == (800, 9)  # and one more in a closed step
    # rims of tiles, and planes that two segments have
    assert sum(each.by_blocks for each in launches) / 48**3 < 1.3 * dram


@pytest.mark.slow
@pytest.mark.parametrize(("order", "most"), [(4, 1.3), (6, 1.55)])
def test_a_step_of_higher_order_moves_928_bytes_a_site_in_17_launches(
    order: int, most: float
) -> None:
    """At 64^3, in four segments of planes; most: bytes of blocks over those of memory."""
    n = 64
    with installed(Machine(traced=True)) as machine:
        b = GpuBackend(n=n, variant=Variant(1, order=order), fused=True)
        stepper = INTEGRATORS["strang"].on(random_lattice(b))
        machine.traffic.clear()
        stepper.step(tau=1.0, dt=0.01, close=False)
    dram = sum(each.bytes_read + each.bytes_written for each in machine.traffic) / n**3
    assert (dram, len(machine.traffic)) == (928, 17)
    assert sum(each.by_blocks for each in machine.traffic) / n**3 < most * dram


# -- what may not be fused


def test_passes_that_need_each_other_are_not_fused(machine: Machine) -> None:
    """E holds B behind the kick. A pass that reads it later, in the next step perhaps, needs
    `plaquettes`."""
    b = GpuBackend(n=8, variant=ALP_X, fused=True)
    lattice = random_lattice(b)
    f = lattice.fields
    kick = [
        p for p in INTEGRATORS["strang"].on(lattice).passes if p.kernel == "plaquettes_kick_drift"
    ]
    parts = list(kick[0].replaced)
    assert [p.kernel for p in fused(b, parts)[0]] == [
        "plaquettes_kick", "drift",
    ]  # fmt: skip
    # theta would not come back to its own array
    reader = Pass("copy", X=f.E, E=f.D)
    found = fused(b, [*parts[:2], reader])[0]
    assert [p.kernel for p in found] == ["plaquettes", "kick", "copy"]
    writer = Pass("copy", X=f.X, E=f.E)
    assert [p.kernel for p in fused(b, [*parts[:2], writer])[0]] == ["plaquettes_kick", "copy"]
    between = Pass("copy", X=f.D, E=f.X)  # X may not move before B has been made of it
    assert [p.kernel for p in fused(b, [parts[0], between, parts[1]])[0]] == [
        "plaquettes", "copy", "kick",
    ]  # fmt: skip


# -- one graph a step


def test_a_step_is_one_graph_of_each_kind(machine: Machine) -> None:
    b = GpuBackend(n=8, variant=ALP_X)
    stepper = INTEGRATORS["strang"].on(random_lattice(b))

    def step(*, close: bool) -> tuple[int, int]:
        before = machine.launches, machine.graphs
        stepper.step(tau=1.0, dt=0.01, close=close)
        return machine.launches - before[0], machine.graphs - before[1]

    assert [step(close=c) for c in (False, True)] == [(31, 0), (33, 0)]  # at first one by one
    assert [step(close=c) for c in (False, True, False)] == [(31, 1), (33, 1), (31, 1)]


def test_a_graph_takes_new_numbers_every_time(machine: Machine) -> None:
    b = GpuBackend(n=8, variant=ALP_X)
    theta, pi = b.field("site"), b.field("site")
    with b.working():
        pi.fill(1.0)
    drift = Pass("drift", h=0.0, a=1.0, pi=pi, theta=theta)
    passes = Passes(b, [drift])
    for i in range(5):
        drift(h=2.0**i)
        passes.begin()
    assert np.all(b.to_host(theta) == 31)
    assert machine.graphs == 4 and len(list(passes.ended())) == 5 and drift.means == {"pi_sq": 1}


def test_the_host_is_at_most_some_runs_ahead(machine: Machine) -> None:
    """It waits before it writes over numbers that may not have been copied yet."""
    b = GpuBackend(n=8, variant=ALP_X)
    drift = b.bind(
        "drift", h=1.0, a=1.0, pi=b.field("site"), theta=b.field("site"), partial=b.partial(1)
    )
    for i in range(100):
        b.run([drift(h=float(i))])
    b.synchronize()


def test_numbers_that_are_changed_under_way_are_found(machine: Machine) -> None:
    b = GpuBackend(n=8, variant=ALP_X)
    drift = b.bind(
        "drift", h=1.0, a=1.0, pi=b.field("site"), theta=b.field("site"), partial=b.partial(1)
    )
    b.run([drift])
    (row,) = b._rows.values()
    row._copies[0][...] = 7
    with pytest.raises(FaultError, match="the host has changed numbers that were under way"):
        b.synchronize()


def test_the_host_needs_little_time_for_a_step(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processor time for a step of ALP and X, one in eight closed, where launches and copies cost
    nothing."""
    b = GpuBackend(n=8, variant=ALP_X, fused=True)
    stepper = INTEGRATORS["strang"].on(random_lattice(b))

    def eight() -> float:
        begun = time.process_time()
        for i in range(8):
            stepper.step(tau=1.0, dt=1e-6, close=i == 7)
        return (time.process_time() - begun) / 8

    for _ in range(3):
        eight()
    with b.working():
        monkeypatch.setattr(streams.Graph, "launch", lambda *_: None)
        monkeypatch.setattr(b.xp.cuda.runtime, "memcpyAsync", lambda *_: None)
        monkeypatch.setattr(machine, "call", lambda **_: None)
        assert min(eight() for _ in range(30)) < MOST_SECONDS


def test_tiles_and_segments_cover_the_lattice() -> None:
    for kernel in (k for k in registry.KERNELS.values() if k.launch == "tiles"):
        for n in (8, 16, 20, 64, 130, 512):
            for variant in (ALP_X, Variant(2), Variant(1, order=6), Variant(2, order=6)):
                tile, (tiles, segments) = (
                    blocks.tile_of(kernel, variant),
                    blocks.grid(kernel, Layout(n, variant)),
                )
                assert tiles * tile.rows * blocks.COLUMNS >= n * n
                assert segments == 1 or n / segments >= blocks.SHORTEST_SEGMENT
                assert tiles * segments <= n * blocks.parts_of_plane(n)  # room for their sums
                assert tile.threads <= 1024
