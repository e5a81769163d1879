"""Numbers at the edges of what a run holds: they are refused with their key, or they run."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from darklat.api.origin import origin_of
from darklat.driver import feasibility
from darklat.driver.beginning import rehearse
from darklat.errors import ConfigError, NumericalError
from darklat.kernels.layout import Variant
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.lattice.guards import Guards
from darklat.schema import Config, load_located
from darklat.schema.run import MOST_SITES
from darklat.schema.sizes import SCALE, SIZE, TIME
from models import BENCHMARK, backend_for, config, simulation

MINI = (
    "lattice.sites=8", "lattice.box=1", "time.a_end=1", "time.courant=0.4", "model.couplings.XX=30",
)  # fmt: skip
PHOTON = (
    "model.fields.A={role: photon, conductivity: {kind: thomson_thermal}}", "model.couplings.AX=1",
)  # fmt: skip


def planned(folder: Path, *overrides: str) -> Config:
    """A configuration that `validate` accepts up to its memory. Raises ConfigError."""
    path = folder / "run.yaml"
    path.write_text(BENCHMARK)
    found, origin = load_located(path, [*MINI, *overrides])
    feasibility.check_plan(origin, found)
    plan.warnings(found, plan.clock(found))
    return found


# ---- Early starts ----


def test_a_step_is_a_quarter_of_the_age_at_most() -> None:
    for a_start in (1e-6, 0.01, 0.0625, 0.19):
        clock = plan.clock(config(*MINI, f"initial.a_start={a_start}"))
        starts, ends = (
            [s.tau for s in clock.stretches],
            [s.tau + s.steps * s.dt for s in clock.stretches],
        )
        assert starts[0] == a_start
        np.testing.assert_allclose(starts[1:], ends[:-1], rtol=1e-12)
        assert ends[-1] == pytest.approx(1.0)
        assert all(s.dt <= s.tau / 4 * (1 + 1e-12) for s in clock.stretches)
        assert max(s.dt for s in clock.stretches) > 0.9 * 0.05
    # no other start has other steps than before
    (only,) = plan.clock(config(*MINI, "initial.a_start=0.2")).stretches
    assert (only.steps, only.dt) == (16, 0.05)
    static = ("background.kind=static", "initial.a_start=null", "time.a_end=null", "time.tau_end=1")
    assert len(plan.clock(config(*MINI, *static)).stretches) == 1


@pytest.mark.parametrize("scheme", ["strang", "rk4"])
def test_an_early_start_keeps_its_energy(scheme: str) -> None:
    """The energy a^4 V of an ALP at rest grows as tau^4. Steps of dt count its growth with an error of
    (dt/tau)^2/4, which was .17 here, and 1% with steps of a quarter of the age."""
    sim = simulation(*MINI, "initial.a_start=0.01", f"time.scheme={scheme}")
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    balance, r = (sim.series[name] for name in ("energy_balance", "r"))
    assert np.max(np.abs(balance)) < 0.01
    assert r[-1] == pytest.approx(1.0, abs=2e-3)


# ---- Ranges of keys ----


@pytest.mark.parametrize(
    ("key", "size"),
    [
        ("model.alp.mass_eV", SCALE),
        ("model.alp.f_GeV", SCALE),
        ("model.alp.theta_initial", SIZE),
        ("model.fields.X.mass_eV", SCALE),
        ("background.oscillation_condition", SIZE),
        ("lattice.box", SIZE),
        ("initial.a_start", TIME),
        ("time.a_end", TIME),
        ("time.courant", SIZE),
        ("output.series_interval", SIZE),
        ("output.spectra_interval", SIZE),
    ],
)
def test_a_number_beyond_its_range_is_refused_with_its_key(
    tmp_path: Path, key: str, size: tuple[float, float]
) -> None:
    for value in ("1e-320", "1e-100", repr(0.9 * size[0]), repr(1.1 * size[1]), "1e308"):
        with pytest.raises(ConfigError) as caught:
            planned(tmp_path, f"{key}={value}")
        assert f"{key}: must be of size {size[0]:g} to {size[1]:g}" in str(caught.value)


def test_the_hubble_rate_has_a_radiation_era_and_a_vacuum_below_f(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mass_eV: the Hubble rate .* use at most 3\.9e\+23, or"):
        planned(tmp_path, "model.alp.mass_eV=1e24", "model.alp.f_GeV=1e16")
    planned(tmp_path, "model.alp.mass_eV=3.9e23", "model.alp.f_GeV=1e16")
    with pytest.raises(ConfigError, match=r"f_GeV: .* H = 3\.33e-27 GeV at a = 1 is above f"):
        planned(tmp_path, "model.alp.f_GeV=3e-27")
    with pytest.raises(ConfigError, match=r"hubble_eV: the Hubble rate at a = 1 is 2e\+23 eV"):
        planned(
            tmp_path, "model.alp=null", "model.couplings=null", "units={hubble_eV: 2e23}",
            "model.fields.X.mass_eV=2e23",
        )  # fmt: skip


def test_a_massive_field_is_not_lost_beside_its_longitudinal_part(tmp_path: Path) -> None:
    """At 1e-26 eV, m/H = 3e-9, rho/X of the start was 3e-74 f^2/tau_osc^2 and not 3e-80."""
    light = ("model.couplings.XX=3", "model.fields.X.mass_eV={}")
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, *light[:1], light[1].format("1e-26"))
    message = str(caught.value)
    assert "model.fields.X.mass_eV: m/H is 3e-09 at a = 1" in message
    least = message.rpartition("at least ")[2].split()[0]
    masses = [least, "1e-20"]
    found = []
    for mass in masses:
        sim = simulation(*MINI, *light[:1], light[1].format(mass))
        planned(tmp_path, *light[:1], light[1].format(mass))
        sim.start()
        found.append(sim.series["rho/X"][0])
    assert found[0] == pytest.approx(found[1], rel=2e-3)


def edge(rng: random.Random, low: float, high: float) -> float:
    return 10 ** rng.choice([math.log10(low), 0.0, math.log10(high), rng.uniform(-9, 5)])


@pytest.mark.parametrize("seed", range(25))
def test_numbers_in_their_ranges_are_refused_with_a_key_or_run(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    values = {
        "model.alp.mass_eV": edge(rng, *SCALE), "model.alp.f_GeV": edge(rng, *SCALE),
        "model.alp.theta_initial": edge(rng, *SIZE), "model.couplings.XX": edge(rng, 1e-9, 1e9),
        "lattice.box": edge(rng, *SIZE), "initial.a_start": edge(rng, *TIME),
        "background.oscillation_condition": edge(rng, *SIZE), "time.courant": edge(rng, 1e-9, 1),
        "model.fields.X.mass_eV": edge(rng, *SCALE),
    }  # fmt: skip
    chosen = rng.sample(sorted(values), rng.choice([1, 2, 3]))
    try:
        model = planned(tmp_path, *(f"{key}={values[key]!r}" for key in chosen))
        sim = Evolution(model, backend_for(model))
        sim.start()
        sim.step()
        assert math.isfinite(sim.tau)
    except ConfigError as error:
        assert any(f": {key.split('=')[0]}: " in str(error) for key in (*chosen, "time.a_end"))
    except NumericalError as error:
        assert "checks." in str(error)  # a check has caught it, in numbers that are finite


def test_a_part_of_the_smallest_lattice_is_begun() -> None:
    """The part has half its box, below the least that a key can have."""
    smallest = config("lattice.sites=16", f"lattice.box={SIZE[0]}", "time.a_end=1")
    with pytest.raises(ConfigError, match="must be of size"):
        config("lattice.sites=8", f"lattice.box={SIZE[0] / 2}")
    assert rehearse(smallest, origin_of(smallest), "cpu", 0, most_sites=8) is None


# ---- Runs that nobody could wait for ----


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["lattice.box=1e-9"], r"time\.a_end: the run would take 1e\+10 steps, .* at most 1e\+09"),
        (["time.courant=1e-9"], r"time\.a_end: the run would take 4e\+09 steps"),
        (
            ["lattice.box=1e-7", "initial.linear_until=auto"],
            r"initial\.linear_until: .* turns by 1\.39e8 radians; at most 10000 tau_osc",
        ),
        (
            ["initial.linear_until=auto", "time.a_end=1e5", "model.couplings.XX=1e-6"],
            r"initial\.linear_until: the linear phase may go on for 100000 tau_osc",
        ),
        (["lattice.box=1e-7", "initial.linear_until=0.9"], r"turns by 1\.11e8 radians"),
    ],
)
def test_a_run_without_an_end_is_refused(tmp_path: Path, overrides: list[str], said: str) -> None:
    """Some of these used to think for minutes, and others would have run for years."""
    with pytest.raises(ConfigError, match=said):
        planned(tmp_path, *overrides)


def test_long_runs_are_not_refused(tmp_path: Path) -> None:
    """1600^3 sites through the benchmark's growth, and 1e9 steps but one."""
    planned(
        tmp_path, "lattice.sites=1600", "lattice.box=2", "time.a_end=30", "time.courant=0.2",
        "model.couplings.XX=100", "initial.linear_until=4",
    )  # fmt: skip
    assert planned(tmp_path, "time.courant=4.1e-9").name


# ---- Advice ----


def test_advice_stays_in_the_ranges_of_the_keys(tmp_path: Path) -> None:
    def advice(*overrides: str) -> str:
        model = planned(tmp_path, *overrides)
        return "\n".join(plan.warnings(model, plan.clock(model)))

    assert "Use at least 14 sites, or a smaller box" in advice()
    too_many = advice("model.couplings.XX=1e6")
    assert f"with {MOST_SITES} sites" in too_many
    assert "at least" not in too_many
    box = float(too_many.partition("a box of at most ")[2].split(",")[0])
    fits = advice("model.couplings.XX=1e6", f"lattice.box={box!r}", f"lattice.sites={MOST_SITES}")
    assert "the lattice resolves" not in fits
    beyond = ("model.couplings.XX=1e9", "model.alp.theta_initial=1e6")
    assert "a smaller coupling: no lattice resolves this band" in advice(*beyond)
    assert "No box is large enough" in advice("model.couplings.XX=1e-9")


def test_advice_does_not_ask_for_more_than_the_most_sites() -> None:
    row = {"a": 1.0, "energy_balance": 0.0, "power_at_cutoff": 0.9}
    limits = "checks.power_at_cutoff_max=0.5"
    with pytest.raises(NumericalError, match=r"try more lattice.sites or a smaller lattice.box"):
        Guards(config(limits)).examine(row, courant=0.1, when="now")
    with pytest.raises(NumericalError, match=r"`darklat refine CHECKPOINT --sites 32`.$"):
        Guards(config(limits)).examine(row, courant=0.1, when="now")
    with pytest.raises(NumericalError, match=r"try a smaller lattice.box.$"):
        Guards(config(limits, f"lattice.sites={MOST_SITES}")).examine(row, courant=0.1, when="now")
    with pytest.raises(ConfigError, match=r"even integer from 8 to 1600, found 5000.0$"):
        config("lattice.sites=5000.0")
    with pytest.raises(ConfigError, match=r"found 1601$"):
        config("lattice.sites=1601")


# ---- The conductivity of a photon, and float32 ----


def test_a_photon_at_a_high_mass_runs_in_a_circle_no_more(tmp_path: Path) -> None:
    """It used to be: thomson warns and says thomson_thermal, which refuses and says thomson."""
    axion = planned(tmp_path, *PHOTON, "model.alp.mass_eV=1e-8", "initial.a_start=0.5")
    assert plan.conductivity(axion).at(0.5) == pytest.approx(5.43e19, rel=2e-3)
    heavy = (*PHOTON, "model.alp.mass_eV=1e-3")
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, *heavy)
    message = str(caught.value)
    assert "conductivity.kind: the temperature at a = 0.5 is 980 GeV, and the cond" in message
    assert message.endswith("use kind: constant, a smaller mass or a later start")
    assert "eV" not in message.replace("GeV", "").replace("mass_eV", "")
    thomson = planned(tmp_path, *heavy, "model.fields.A.conductivity.kind=thomson")
    (first, *_) = plan.warnings(thomson, plan.clock(thomson))
    assert "Use kind constant (thomson_thermal does not go so far back)" in first


def test_float32_is_refused_by_validate_where_it_loses_the_vacuum(tmp_path: Path) -> None:
    faint = ("lattice.precision=float32", "model.alp.mass_eV=1e-36", "model.alp.f_GeV=1e20")
    with pytest.raises(ConfigError, match=r"lattice\.precision: the vacuum .*: use float64"):
        planned(tmp_path, *faint)
    fits = planned(tmp_path, *faint, "model.alp.mass_eV=1e-33", "model.alp.f_GeV=1e18")
    assert plan.variant(fits) == Variant(1, single=True, unit_exponent=96)
