"""Models without an ALP: gauge fields alone, their units, what their runs write, and what is
refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest

from darklat.analysis.analyze import analyze
from darklat.analysis.numbers import analyse
from darklat.analysis.report import report
from darklat.analysis.scan import load_scan
from darklat.analysis.scan_results import as_csv, figure_scan, format_scan
from darklat.analysis.table_text import format_table
from darklat.driver import commands, validation
from darklat.driver.status import status
from darklat.errors import ConfigError, InputError
from darklat.lattice import plan
from darklat.lattice.integrators import INTEGRATORS
from darklat.physics import proca, run_relics
from darklat.schema import dump, load_located, loads
from darklat.storage import hdf5
from darklat.storage.read_run import load_run
from models import config, simulation

CONFIG = """
name: alone
model:
  fields: {X: {mass_eV: 1e-18}}
units: {hubble_eV: 1e-18}
lattice: {sites: 8, box: 2, order: 2}
initial: {kind: inflation, hubble_GeV: 1e13, a_start: 0.05}
time: {a_end: 1, courant: 0.2}
output: {spectra_interval: 0.2, snapshots: [0.5]}
"""
PLASMA = "model.fields.X.plasma={kind: constant, omega_p: 3, nu: 1}"
SCREENING = (
    "{kind: screening, a_cascade: 0.01, a_plasma: 0.05, omega_plasma: 400, nu_over_omega_p: 0.3}"
)
FREEZE_OUT = "{kind: freeze_out, a_fo: 0.5, omega_fo: 10, remaining: 0.01, nu_over_omega_p: 0.1}"


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "alone.yaml"
    path.write_text(CONFIG)
    return path


# -- against the mode equations

N, K = 16, 5.0
HISTORIES = {
    "none": proca.constant(omega_p=0.0),
    "constant": proca.constant(omega_p=3.0),
    "screening": proca.screening(),
    "freeze_out": proca.freeze_out(a_fo=0.5, omega_fo=10.0, remaining=0.01, nu_over_omega_p=0.1),
}


@pytest.mark.parametrize(
    ("plasma", "mass", "span"),
    [
        ("{kind: none}", 1.0, (0.1, 3.0)),
        ("{kind: none}", 4.0, (0.1, 3.0)),
        ("{kind: constant, omega_p: 3}", 1.0, (0.1, 3.0)),
        (SCREENING, 1.0, (0.02, 1.0)),
        (FREEZE_OUT, 1.0, (0.1, 3.0)),
    ],
)
def test_a_run_follows_the_mode_equations_at_the_default_step(
    plasma: str, mass: float, span: tuple[float, float], tmp_path: Path
) -> None:
    """A longitudinal and a transverse wave with khat = 5 in k_*, both to 1e-4.

    The mode equations have m = 1 and a_* where H = m. In units of another Hubble rate, with m of
    them in it, a is less by sqrt(m), and wave numbers are larger.
    """
    shrink = math.sqrt(mass)
    dx = 2 * math.sin(math.pi / N) / (K * shrink)
    history = HISTORIES[plasma[1:-1].split(",")[0].removeprefix("kind: ")]
    waves = {
        kind: proca.evolve_modes(
            [K], span, omega_p=history.omega_p, nu=history.nu, polarisation=kind, a_start=span[0]
        )
        for kind in proca.POLARISATIONS
    }
    along = np.cos(2 * np.pi * (np.arange(N) + 0.5) / N)[:, None, None]
    across = np.cos(2 * np.pi * np.arange(N) / N)[:, None, None]
    start = np.zeros((2, 3, N, N, N))
    start[0, 0], start[0, 1] = along, across
    start[1, 0] = waves["longitudinal"].E[0, 0] * shrink * along
    with h5py.File(tmp_path / "start.h5", "w") as file:
        file["X/X"], file["E/X"] = start
    sim = simulation(
        f"units.hubble_eV={1e-18 / mass!r}", f"lattice={{sites: {N}, box: {N * dx!r}, order: 2}}",
        f"model.fields.X.plasma={plasma}",
        f"initial={{kind: file, file: {tmp_path}/start.h5, a_start: {span[0] / shrink!r}}}",
        f"time={{a_end: {span[1] / shrink!r}}}", "output={series_interval: 100}",
        text=CONFIG,
    )  # fmt: skip
    assert sim.config.time.courant == 0.05
    assert plan.mass_of(sim.config, "X") == pytest.approx(mass, rel=1e-14)
    sim.start()
    while sim.done < sim.clock.steps:
        sim.step()
    X = np.array(sim.lattice.X[0])
    for wave, component, kind in ((along, 0, "longitudinal"), (across, 1, "transverse")):
        expected = waves[kind].A[0, -1]
        assert abs(expected) > 1e-3
        assert 2 * np.mean(X[component] * wave) == pytest.approx(expected, abs=1e-4), kind
    assert not np.any(X[2]) and not np.any(np.array(sim.lattice.theta))
    sim.lattice.measure(sim.a)
    (own,) = sim.lattice.massive.averages().values()
    assert max(own.gauge.gauss, own.lorenz) < 1e-13


@pytest.mark.parametrize("scheme", sorted(INTEGRATORS))
def test_a_massless_field_in_its_vacuum_keeps_its_energy(scheme: str) -> None:
    """In units with hbar = 1: B^2 and E^2 of the vacuum are those of k/2 per mode, to the scatter of
    512 modes of two helicities, each with an exponential distribution."""
    sim = simulation(
        "model.fields.X.mass_eV=0", "initial={kind: vacuum}", "background={kind: static}",
        f"time={{tau_end: 1, scheme: {scheme}}}", "output=null", text=CONFIG,
    )  # fmt: skip
    sim.start()
    first = dict(zip(sim.series.columns, sim.series.rows[0], strict=True))
    khat = 8 * np.sin(np.pi * np.fft.fftfreq(8))
    omega = np.sqrt(np.add.outer(np.add.outer(khat**2, khat**2), khat**2))
    expected = np.sum(omega) / 2**3  # 2 omega/2 in the volume of the box
    assert first["rho/X"] == pytest.approx(expected, rel=4 / np.sqrt(512))
    while sim.done < sim.clock.steps:
        sim.step()
        sim.record()
    assert set(sim.series.columns) == {
        "tau", "a", "hubble", "rho/X", "gauss/X", "energy_balance", "power_at_cutoff",
    }  # fmt: skip
    assert sim.series["rho/X"][-1] == pytest.approx(first["rho/X"], rel=3e-3)  # of rk3
    assert sim.series["gauss/X"].max() < 1e-13


# -- run folders


def datasets(path: Path) -> dict[str, bytes]:
    with h5py.File(path) as file:
        return {name: d[...].tobytes() for name, d in hdf5.datasets(file)}


@pytest.mark.usefixtures("without_pictures")
def test_a_run_its_resume_and_everything_that_reads_it(config_path: Path, tmp_path: Path) -> None:
    text = validation.validate(*load_located(config_path), backend="cpu")
    assert "fields     X\n" in text and "tau_*" in text and "tau_osc" not in text
    whole, finished = commands.run(
        config_path, overrides=[PLASMA], out=tmp_path / "whole", backend="cpu"
    )
    assert finished
    with h5py.File(whole / "series.h5") as file:
        found = {name: d.attrs["units"] for name, d in hdf5.datasets(file)}
        assert np.all(file["rho/X"][:] > 0) and np.all(file["rho/X_plasma"][1:] > 0)
        assert np.max(np.abs(file["energy_balance"])) < 0.02
    assert found == {
        "tau": "tau_*", "a": "a_*", "hubble": "1/tau_*", "rho/X": "1/tau_*^4", "rho/X_plasma": "1/tau_*^4",
        "gauss/X": "1", "lorenz/X": "1", "energy_balance": "1", "power_at_cutoff": "1",
    }  # fmt: skip
    with h5py.File(whole / "spectra.h5") as file:
        assert set(file) == {
            "X_X_long", "B_X_plus", "B_X_minus", "E_X_plus", "E_X_minus", "E_X_long",
        }  # fmt: skip
        assert file["X_X_long/power"].attrs["units"] == "1/tau_*^2"
        assert file["X_X_long/k"].attrs["units"] == "1/tau_*"
    (snapshot,) = (whole / "snapshots").glob("*.h5")
    assert {name[0] for name in datasets(snapshot)} == {"E", "X", "x", "y", "z"}
    summary = json.loads((whole / "summary.json").read_text())
    assert not {"r", "epsilon", "b", "a_saturation", "omega_phi_h2"} & set(summary)
    assert summary["omega_X_h2"] > 0 and summary["k_peak"] > 0

    parts, _ = commands.run(
        config_path, overrides=[PLASMA], out=tmp_path / "parts", backend="cpu", stop_after=5
    )
    assert "rho/X, last [1/tau_*^4]" in format_table(analyse(load_run(parts)))
    _, finished = commands.resume(parts, backend="cpu")
    assert finished
    for name in ("series.h5", "spectra.h5"):
        assert datasets(parts / name) == datasets(whole / name)

    assert "a/a_* = 1 of 1" in status([whole])
    table = analyze(whole)
    assert "k of the peak of X_X_long per ln k [1/tau_*]" in table
    assert "osc" not in table and "phi" not in table and "(a)" not in table
    drawn = {path.name for path in (whole / "figures").glob("*.png")}
    assert drawn == {
        "series.png", "spectra.png", "spectra_long.png", "checks.png", "energies.png",
    }  # fmt: skip
    heads = (whole / "figures" / "series.csv").read_text().splitlines()[0]
    assert heads == "tau [tau_*],a [a_*],rho/X [1/tau_*^4],rho/X_plasma [1/tau_*^4]"
    numbers = json.loads((whole / "analysis.json").read_text())
    assert numbers["alp"] is False and numbers["at"] == [] and numbers["closed_forms"] is None
    assert numbers["end"]["omega_X_h2"] == pytest.approx(summary["omega_X_h2"], rel=1e-12)
    printed = report(whole)
    assert "Lorenz condition" in (whole / "report.html").read_text()
    assert "energy at the cutoff" in printed and printed.count("fail ") == 1  # of 8^3 sites

    other, _ = commands.run(
        config_path, overrides=["model.fields.X.mass_eV=2e-18"], out=tmp_path / "m2", backend="cpu"
    )
    with_alp, _ = commands.run(
        config_path, out=tmp_path / "alp", backend="cpu",
        overrides=["units=null", "model.alp={mass_eV: 1e-18, f_GeV: 1e16}"],
    )  # fmt: skip
    compared = load_scan([whole, other], against="model.fields.X.mass_eV")
    assert compared.observables == ("rho/X", "rho/X_plasma")
    text = format_scan(compared)
    assert "rho/X, last" in text and "b is missing" not in text
    assert len(figure_scan(compared).axes) == 2
    assert "a [a_*],rho/X common [1/tau_*^4]" in as_csv(compared)
    with pytest.raises(InputError, match="some of the runs have an ALP and others have none"):
        load_scan([whole, with_alp])


def test_the_relic_density_is_that_of_the_energy_at_the_end(
    config_path: Path, tmp_path: Path
) -> None:
    """a^3 rho of the end in 1/tau_*^4, diluted from the temperature of H = 1e-18 eV."""
    folder, _ = commands.run(config_path, overrides=[], out=tmp_path / "run", backend="cpu")
    run = load_run(folder)
    shrink = run_relics.a_osc_over_a0(mass_eV=1e-18, oscillation_condition=1.0)
    rho = run.series["rho/X"][-1] * run.series["a"][-1] ** 3 * (1e-18) ** 4 * shrink**3
    assert run.summary is not None
    expected = rho / run_relics.CRITICAL_DENSITY_PER_H2_EV4
    assert run.summary["omega_X_h2"] == pytest.approx(expected, rel=1e-10)


# -- configurations


def test_what_is_resolved() -> None:
    model = config(text=CONFIG.replace(", courant: 0.2", ""))
    assert (model.model.alp, model.mass, model.time.courant) == (None, 0.0, 0.05)
    assert model.background.oscillation_condition is None
    assert "alp" not in dump(model) and "oscillation_condition" not in dump(model)
    assert loads(dump(model), source="resolved", base=None) == model
    own = model.program_units
    assert (own.hubble_eV, own.vacuum_amplitude) == (1e-18, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["units=null"], "model.alp: missing; write for example alp: {mass_eV: 1e-17, f_GeV"),
        (["units={}"], "units.hubble_eV: missing; write for example hubble_eV: 1e-18"),
        (["units.hubble_eV=0"], "units.hubble_eV: must be a number greater than 0, found 0"),
        (["units.mass_eV=1"], "units.mass_eV: unknown key; did you mean model.alp.mass_eV or"),
        (
            ["model.alp={mass_eV: 1e-17, f_GeV: 1e16}"],
            "units: is for a model without an ALP, whose mass sets the units otherwise",
        ),
        (["lattice.precision=float32"], "float32 holds fields that are measured in an ALP's f"),
        (["model.couplings={XX: 0}"], "model.couplings.XX: couples fields to an ALP, and the"),
        (
            ["background.oscillation_condition=3"],
            "background.oscillation_condition: is m/H of an ALP, and the model has none",
        ),
        (
            ["model.fields={X: {}}", "initial={linear_until: auto}"],
            "initial.linear_until: the linear phase is that of fields which an ALP makes grow",
        ),
        (
            ["model.fields.X.plasma={kind: screening, a_cascade: 0.01, a_plasma: 0.05}"],
            "plasma.omega_plasma: missing: kind: screening needs one, for example omega_plasma: 400",
        ),
        (
            [f"model.fields.X.plasma={SCREENING}", "model.fields.X.plasma.nu=1"],
            "plasma.nu: is only used with kind: constant or pairs, but kind is screening",
        ),
        (
            [f"model.fields.X.plasma={FREEZE_OUT}", "model.fields.X.plasma.remaining=2"],
            "plasma.remaining: is the share of the charges that survives: at most 1, found 2",
        ),
    ],
)
def test_contradictions(overrides: list[str], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(*overrides, text=CONFIG)
    assert expected in str(caught.value)


def warnings(*overrides: str) -> list[str]:
    model = config(*overrides, text=CONFIG)
    return plan.warnings(model, plan.clock(model))


def test_a_start_inside_the_horizon_is_warned_about() -> None:
    """khat reaches 2 sqrt(3)/dx = 13.9."""
    assert warnings() == []
    (warning,) = warnings("initial.a_start=0.1")
    assert "Use a_start of at most 0.072" in warning
