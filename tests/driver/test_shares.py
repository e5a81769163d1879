"""What each of several ranks keeps and sends, as `darklat validate --ranks` says it."""

from __future__ import annotations

import pytest

from config_text import BASE, read
from darklat.driver import bench, shares
from darklat.errors import MachineError
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.layout import Layout, Variant
from darklat.lattice import plan, traffic
from darklat.lattice.integrators import INTEGRATORS


@pytest.mark.parametrize(("halo", "planes"), [(1, 33), (7, 104)])
def test_planes_that_a_step_sends(halo: int, planes: int) -> None:
    """As a prototype of the exchanges counted them, whose lists were made by hand: with one plane of
    each neighbour, and with as many as an open step needs."""
    backend = CpuBackend(n=8, variant=Variant(1))
    stepper = INTEGRATORS["strang"].on(bench.lattice_of(backend))
    assert traffic.planes_sent(stepper.passes, backend.layout, halo=halo) == planes


def test_the_share_of_a_rank() -> None:
    config = read(BASE, "lattice.order=2")  # 16^3 sites
    share = shares.of(config, 3)
    assert (share.fewest, share.most, share.halo) == (5, 6, 3)
    layout = Layout(16, plan.variant(config), plan.variant(config).ghosts)
    assert share.sent % (layout.plane * 8) == 0 and share.sent > 33 * layout.plane * 8
    whole = plan.memory_bytes(config)
    assert whole / 3 < share.memory < whole
    (warning,) = share.warnings()
    assert "slabs of 5 planes are thin beside the 3 planes" in warning
    assert not shares.of(read(), 1).warnings()


def test_the_share_of_a_gpu() -> None:
    """A plane of each neighbour, no ghosts of rows, and the memory of a device."""
    config = read(BASE, "lattice.order=2")
    share = shares.of(config, 3, "cuda")
    assert share.halo == 1
    assert share.sent == 33 * 16 * 16 * 8  # planes as a prototype counted them
    whole = plan.memory_bytes(config, on_gpu=True)
    assert whole / 3 < share.memory < whole


def test_too_many_ranks() -> None:
    with pytest.raises(MachineError, match="Use at most 16 ranks"):
        shares.of(read(BASE, "lattice.order=2"), 17)
    with pytest.raises(MachineError, match="Use at most 3 ranks"):
        shares.of(read(), 4)
