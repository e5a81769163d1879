"""Launches: one result for any number of threads and however kernels run together; what the registry
refuses and counts."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from darklat.driver.bench import random_lattice
from darklat.kernels import registry
from darklat.kernels.backends import Backend, make
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.backends.sweep_order import Use, in_need_of_ghosts, offsets
from darklat.kernels.layout import Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.physics.background import Radiation
from kernel_calls import random_model

# -- one result whatever the number of threads

ALL_KERNELS = """
import sys
from dataclasses import replace
import numpy as np
from darklat.kernels.backends.cpu import CpuBackend
from darklat.kernels.layout import Variant
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.spectra import SpectrumPlan
from darklat.physics.background import Radiation
from darklat.physics.thermal.conductivity import Conductivity

n = 34
rng = np.random.default_rng(11)
out = []
for scheme in sorted(INTEGRATORS):
    conducting = scheme == "strang"
    b = CpuBackend(n=n, variant=Variant(2, conducting=conducting))
    lattice = Lattice(b, couplings=np.array([[3.0, 1.0], [1.0, -2.0]]), dx=0.1, mass=3.0,
                      background=Radiation(),
                      conductor=Conductivity("constant", value=2.0) if conducting else None)
    for field in (lattice.theta, lattice.pi, lattice.X, lattice.E):
        field[...] = rng.normal(size=field.shape)
    lattice.update_displacement()
    work = INTEGRATORS[scheme].on(lattice).step(tau=1.0, dt=0.01)
    now = lattice.measure(1.0)
    rows = {name: x for sector in lattice.sectors for name, x in sector.row(replace(now, free=1.0)).items()}
    means = [*lattice.averages.means.values(), *rows.values()]
    means += [x for field in lattice.averages.field_means for x in field.values()]
    spectra = SpectrumPlan(b, n=n, box=3.4).measure(lattice.sectors, 1.0).spectra
    out += [lattice.theta, lattice.pi, lattice.X, lattice.D, lattice.E, np.array(means), np.array(work)]
    out += [np.asarray(s.power) for s in spectra.values()]
for array in out:
    assert np.isfinite(array).all()
    sys.stdout.buffer.write(np.ascontiguousarray(array).tobytes())
"""


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    def run(threads: int) -> bytes:
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_DYNAMIC": "false"}
        done = subprocess.run(
            [sys.executable, "-c", ALL_KERNELS],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    one = run(1)
    assert len(one) > len(INTEGRATORS) * 8 * 34**3 * 20
    assert run(2) == one
    assert run(3) == one


@pytest.mark.parametrize(
    ("scheme", "order"),
    [*((scheme, 2) for scheme in sorted(INTEGRATORS)), ("rk3", 4), ("strang", 6)],
)
def test_kernels_that_run_together_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, scheme: str, order: int
) -> None:
    """A step of every scheme, whose kernels feed one another, on so few sites that a sweep closes
    on itself before its last kernel has begun."""

    def step() -> list[bytes]:
        fields = 1 if order == 6 else 2
        _, oracle_lattice, state = random_model(6, fields, cosine=False)
        b = CpuBackend(n=6, variant=Variant(fields, order=order))
        lattice = Lattice(
            b, couplings=oracle_lattice.g, dx=oracle_lattice.dx, mass=3.0,
            background=Radiation(),
        )  # fmt: skip
        for field, values in zip(
            (lattice.theta, lattice.pi, lattice.X, lattice.D), state, strict=True
        ):
            field[...] = values
        work = INTEGRATORS[scheme].on(lattice).step(tau=1.0, dt=0.01)
        assert np.any(lattice.D != state.D)
        fields = (lattice.theta, lattice.pi, lattice.X, lattice.D, np.array(work))
        return [np.ascontiguousarray(f).tobytes() for f in fields]

    together, run = step(), CpuBackend.run
    monkeypatch.setattr(
        CpuBackend, "run", lambda b, launches, follows: [run(b, [x]) for x in launches]
    )
    assert step() == together


@pytest.mark.parametrize(
    ("n", "variant"),
    [
        (34, Variant(1)),  # on one thread the whole step in one sweep
        (16, Variant(2)),
        (16, Variant(1, single=True)),
        (16, Variant(2, conducting=True, back_reacting=False, self_coupled=False)),
        (16, Variant(2, conducting=True)),
        (16, Variant(2, massive=1)),
        (16, Variant(3, massive=1, conducting=True)),
        (34, Variant(1, order=6)),
        (16, Variant(1, single=True, order=4)),
        (16, Variant(2, massive=1, conducting=True, order=4)),
    ],
    ids=str,
)
def test_steps_that_follow_each_other_need_no_new_ghosts(
    monkeypatch: pytest.MonkeyPatch, n: int, variant: Variant
) -> None:
    """Three open steps and a closed one, against all ghosts renewed before every kernel."""

    def steps() -> list[bytes]:
        b = CpuBackend(n=n, variant=variant)
        lattice = random_lattice(b)
        stepper = INTEGRATORS["strang"].on(lattice)
        spent = [stepper.step(tau=1 + 0.01 * i, dt=0.01, close=i == 3) for i in range(4)]
        of_mass = lattice.massive
        fields = [lattice.theta, lattice.pi, lattice.X, lattice.D]
        fields += [lattice.E[-1], lattice.conductor.Q] if lattice.conductor else []
        fields += [of_mass.P, of_mass.v, of_mass.Q, of_mass.R] if of_mass else []
        return [np.ascontiguousarray(f).tobytes() for f in (*fields, np.array(spent))]

    followed: list[bool] = []
    run = CpuBackend.run

    def alone(b: CpuBackend, launches: list[Any], *, follows: bool) -> None:
        followed.append(follows)
        for each in launches:
            run(b, [each])

    together = steps()
    monkeypatch.setattr(CpuBackend, "run", alone)
    assert steps() == together
    assert followed[-4:] == [False, True, True, True]


@pytest.mark.parametrize("reach", [1, 3])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("side", [1, -1])
def test_kernels_of_a_sweep_keep_their_distance(axis: int, side: int, reach: int) -> None:
    """Along that axis alone: what is read above must have been written, so the reader stays behind;
    what is read below, so it begins further on; and the other way round for what is overwritten."""
    own = (reach * (1 - axis), reach * axis)
    fills, reads = Use({1}, {}), Use({2}, {1: {(axis, side): reach}})
    behind, ahead = (own, (0, 0)) if side == 1 else ((0, 0), own)
    assert offsets([fills, reads])[1] == (behind, ahead)
    assert offsets([reads, fills])[1] == (ahead, behind)
    apart = Use({3}, {4: {(0, 1): 1, (1, -1): 1}})
    assert offsets([fills, apart, reads])[1:] == [((0, 0), (0, 0)), (behind, ahead)]
    assert offsets([fills, reads, apart, fills, reads])[3:] == [(ahead, behind), (behind, ahead)]


def test_ghosts_are_renewed_where_someone_reads_them_before_they_are_written_again() -> None:
    fills, along_rows = Use({1}, {}), Use({2}, {1: {(2, -1): 1}})
    across = Use({2}, {1: {(0, 1): 1}})
    assert in_need_of_ghosts([fills, along_rows]) == [[1], []]
    assert in_need_of_ghosts([fills, across]) == [[], []]
    assert in_need_of_ghosts([fills, fills, along_rows]) == [[], [1], []]
    assert in_need_of_ghosts([along_rows, fills]) == [[], [1]]  # for the next sweep


# -- the registry

Call = tuple[Backend, dict[str, Any]]


@pytest.fixture
def electric_call(choice: str) -> Call:
    b = make(choice, n=8, variant=Variant(1))
    values = {"inv_dx": 1.0, "g": b.array(np.ones(1)), "theta": b.field("site")}
    return b, values | {name: b.field("link") for name in ("X", "D", "E")}


WRONG = {
    "a dtype": ("theta", lambda xp: xp.zeros((8, 8, 8), np.float32)),
    "a shape": ("theta", lambda xp: xp.zeros((8, 8, 9))),
    "a number of fields": ("X", lambda xp: xp.zeros((2, 3, 8, 8, 8))),
    "strides without padding": ("X", lambda xp: xp.zeros((1, 3, 8, 8, 8))),
    "strides in another order": (
        "theta",
        lambda xp: xp.lib.stride_tricks.as_strided(xp.zeros(512), (8, 8, 8), (8, 64, 512)),
    ),
    "a dtype of a plain array": ("g", lambda xp: xp.zeros(1, np.float32)),
    "a plain array with gaps": ("g", lambda xp: xp.zeros(4)[::2]),
    "not an array": ("E", lambda xp: [0.0]),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_arrays_are_refused(electric_call: Call, what: str) -> None:
    b, values = electric_call
    b.launch("electric", **values)
    name, wrong = WRONG[what]
    with pytest.raises(TypeError, match=rf"kernel electric, {name}\b"):
        b.launch("electric", **values | {name: wrong(b.xp)})


def test_arrays_of_the_host_are_refused_on_a_gpu(gpu_choice: str) -> None:
    b = make(gpu_choice, n=8, variant=Variant(1))
    with pytest.raises(TypeError, match=r"kernel copy, X: a cupy array is needed, not .*numpy"):
        b.launch("copy", X=np.zeros(b.layout.shape("link")), E=b.field("link"))


def test_missing_and_unknown_arguments_are_refused(electric_call: Call) -> None:
    b, values = electric_call
    with pytest.raises(TypeError, match=r"kernel electric: missing \['g'\]"):
        b.launch("electric", **{k: v for k, v in values.items() if k != "g"})
    with pytest.raises(TypeError, match=r"kernel electric: .*unknown \['mass'\]"):
        b.launch("electric", **values, mass=1.0)
    launch = b.bind("electric", **values)(inv_dx=2.0)
    with pytest.raises(TypeError, match=r"kernel electric: \['theta'\] cannot be set again"):
        launch(theta=1.0)


def test_bytes_per_site_count_every_field_once() -> None:
    layout = CpuBackend(n=8, variant=Variant(2)).layout
    momenta_fields = (
        1 + 6 + 6 + 2 + 12 + 2 + 2 + 12
    )  # theta, X, E in; pi, D, k_theta, k_pi, k_D in and out
    assert registry.KERNELS["momenta"].bytes_per_site(layout) == 8 * momenta_fields
