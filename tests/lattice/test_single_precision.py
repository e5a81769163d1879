"""Fields in float32: one step against float64, a vacuum of 1e-43, sums, a whole run, a resume."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darklat.errors import BadValueError
from darklat.kernels.layout import Layout, Variant
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.integrators import INTEGRATORS
from darklat.lattice.lattice import Lattice
from darklat.lattice.precision import check, check_fields, unit_exponent
from darklat.lattice.sectors.plasma import MassiveField
from darklat.physics.background import Radiation
from darklat.physics.proca.histories import constant
from darklat.physics.thermal.conductivity import Conductivity
from models import backend_for, config, simulation

ROUNDOFF = 2.0**-24
SMALL = (
    "lattice.sites=16", "lattice.box=0.25", "model.couplings.XX=100", "time.a_end=7",
    "checks.power_at_cutoff_max=10", "checks.energy_balance_max=1",
)  # fmt: skip
VARIANTS = {
    "free": ("strang", Variant(2, potential="cosine")),
    "runge-kutta": ("rk46nl", Variant(2, potential="cosine")),
    "conducting": ("strang", Variant(2, conducting=True)),
    "massive": ("strang", Variant(2, massive=1)),
}


def stepped(backend: Any, kind: str, *, single: bool, size: float) -> dict[str, Any]:
    """The fields and the sums after a step, of the same random start for both precisions."""
    scheme, variant = VARIANTS[kind]
    traits = {k: v for k, v in vars(variant).items() if k not in ("gauge_fields", "single")}
    b = backend(n=10, gauge_fields=variant.gauge_fields, single=single, **traits)
    lattice = Lattice(
        b, couplings=np.array([[3.0, 1.0], [1.0, 2.0]]), dx=0.1, mass=3.0,
        background=Radiation(),
        conductor=Conductivity("constant", value=50.0) if variant.conducting else None,
        massive=[MassiveField(2.0, constant(omega_p=5.0, nu=0.3))] * variant.massive,
        profiles=[None] * variant.massive,
    )  # fmt: skip
    rng = np.random.default_rng(4)

    def exact_in_float32(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32).astype(np.float64)

    lattice.theta[...] = b.array(exact_in_float32(10, 10, 10))
    lattice.pi[...] = b.array(exact_in_float32(10, 10, 10))
    for field in (lattice.X, lattice.E):
        field[...] = lattice.fields.gauge_values(size * exact_in_float32(2, 3, 10, 10, 10))
    lattice.update_displacement()
    work = INTEGRATORS[scheme].on(lattice).step(tau=1.0, dt=0.01)
    lattice.measure(1.0)
    squares = {
        f"{name} {i}": of[name]
        for i, of in enumerate(lattice.averages.field_means)
        for name in ("E_sq", "B_sq")
    }
    found: dict[str, Any] = {"means": lattice.averages.means | squares, "work": np.array([work])}
    found |= {"theta": b.to_host(lattice.theta), "pi": b.to_host(lattice.pi)}
    return found | {name: lattice.fields.in_f(getattr(lattice, name)) for name in ("X", "D", "E")}


@pytest.mark.parametrize("size", [1.0, 2.0**-140])
@pytest.mark.parametrize("kind", VARIANTS)
def test_a_step_rounds_to_float32(backend: Any, kind: str, size: float) -> None:
    """2^-140 is 7e-43, below what float32 holds: every field keeps its digits all the same."""
    exact = stepped(backend, kind, single=False, size=size)
    rounded = stepped(backend, kind, single=True, size=size)
    for name in ("theta", "pi", "X", "D", "E"):
        error = np.max(np.abs(rounded[name] - exact[name]))
        # some hundred roundings in a step; the largest terms, g theta B, are 10 times the fields
        assert error < 1000 * ROUNDOFF * np.max(np.abs(exact[name])), name
        if size < 1 and name in "XDE":
            assert np.max(np.abs(rounded[name])) > 0.1 * size
    # residuals of constraints aside, which are rounding in both
    for name, mean in exact["means"].items():
        assert rounded["means"][name] == pytest.approx(
            mean, rel=1000 * ROUNDOFF, abs=1e-5 * (name == "theta")
        )
    if size == 1.0:
        assert rounded["work"][0] == pytest.approx(exact["work"][0], rel=1000 * ROUNDOFF)


FAINT = ("model.alp.mass_eV=1e-33", "model.alp.f_GeV=1e18", "lattice.sites=8", "time.a_end=0.6")


def test_a_faint_vacuum_keeps_its_digits() -> None:
    """rho/X of 3e-61 f: the unit follows from the configuration. Rounding of steps while modes grow
    by a few: 1e-5."""
    found = {}
    for precision in ("float64", "float32"):
        sim = simulation(*FAINT, f"lattice.precision={precision}")
        sim.start()
        while sim.done < sim.clock.steps:
            sim.step()
            sim.record()
        found[precision] = sim
    assert found["float32"].backend.layout.field_unit == 2.0**-96
    double, single = (found[p].series["rho/X"] for p in ("float64", "float32"))
    np.testing.assert_allclose(single, double, rtol=1e-5)
    assert double[-1] > 0


@pytest.mark.parametrize(
    ("overrides", "exponent"),
    [
        ((), 64),  # the benchmark's vacuum, 3e-43
        (("model.alp.mass_eV=1e-24",), 64),
        (("model.alp.mass_eV=1e-28", "model.alp.f_GeV=1e18"), 80),
        (FAINT, 96),
        (("model.alp.mass_eV=1e-33", "model.alp.f_GeV=1e18", "lattice.box=256"), 104),
    ],
)
def test_the_unit_follows_from_the_vacuum(overrides: tuple[str, ...], exponent: int) -> None:
    model = config(*overrides, "lattice.precision=float32")
    assert unit_exponent(model) == plan.variant(model).unit_exponent == exponent
    check(model)
    assert plan.variant(config(*overrides)) == Variant(1)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ("model.alp.mass_eV=1e-36", "model.alp.f_GeV=1e20"),
            r"the vacuum fluctuations are 5\.3e-65 f, and float32 holds gauge fields from 6\.1e-64",
        ),
        (
            (
                "model.fields={X: {mass_eV: 1e-20}}", "initial.kind=inflation",
                "initial.hubble_GeV=1e30", "initial.a_start=0.01",
            ),
            r"X after inflation is 1\.1e\+18 f, .* to 1\.1e\+12 f here: use float64",
        ),
    ],
)  # fmt: skip
def test_a_start_beyond_float32_is_refused(overrides: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadValueError, match=message) as caught:
        check(config(*overrides, "lattice.precision=float32"))
    assert caught.value.key == "lattice.precision"
    check(config(*overrides))


def test_fields_of_a_file_beyond_float32_are_refused() -> None:
    X = np.full((3, 8, 8, 8), 1e-60)
    with pytest.raises(BadValueError, match=r"X and its E at the start are at most 1e-60 f"):
        check_fields("X", X, 0 * X, 2.0**-64)
    check_fields("X", X, 1e60 * X, 2.0**-64)
    check_fields("X", 0 * X, 0 * X, 2.0**-64)  # nothing is held exactly


def test_memory_is_half() -> None:
    double, single = (Layout(64, Variant(2, single=s), 32) for s in (False, True))
    for kind in ("site", "link"):
        half = single.elements(kind) * single.itemsize
        # rows have 32 bytes of ghosts in both
        assert half < 0.55 * double.elements(kind) * double.itemsize


def test_a_run_agrees_with_float64() -> None:
    """From the vacuum through back-reaction. What rounding adds to modes while they are linear
    grows with them: some 1e-2 of their energy, which is what the later numbers may differ by."""
    found = []
    for precision in ("float64", "float32"):
        sim = simulation(*SMALL, f"lattice.precision={precision}")
        sim.start()
        while sim.done < sim.clock.steps:
            sim.step()
            sim.record()
        found.append(sim)
    double, single = (
        dict(zip(sim.series.columns, sim.series.table().T, strict=True)) for sim in found
    )
    assert double["epsilon"][0] < 1e-70
    np.testing.assert_allclose(single["epsilon"][0], double["epsilon"][0], rtol=1e-6)
    assert double["epsilon"][-1] > 0.5  # it did back-react
    assert single["r"][-1] == pytest.approx(double["r"][-1], rel=0.1)
    assert single["epsilon"][-1] == pytest.approx(double["epsilon"][-1], rel=0.1)
    assert 1e-9 < single["gauss/X"].max() < 1e-4


def test_a_resume_is_bitwise() -> None:
    whole = simulation(*SMALL, "lattice.precision=float32", "time.a_end=1.5")
    whole.start()
    half = None
    while whole.done < whole.clock.steps:
        whole.step()
        whole.record()
        if half is None and whole.closed and whole.done > whole.clock.steps // 2:
            half = whole.state()
    assert half is not None
    assert 0 < half.step < whole.done
    resumed = Evolution(whole.config, backend_for(whole.config))
    resumed.restore(half)
    while resumed.done < resumed.clock.steps:
        resumed.step()
        resumed.record()
    ours, theirs = resumed.state().arrays, whole.state().arrays
    for name, described in theirs.items():
        np.testing.assert_array_equal(ours[name].values, described.values, err_msg=name)
