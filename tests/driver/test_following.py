"""Outputs that follow the physics: rows by e-folds of a and of growth, and around back-reaction."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import darklat as dl
from darklat.driver import commands
from darklat.errors import ConfigError
from darklat.lattice import plan
from darklat.lattice.evolution import Evolution
from darklat.physics import alp, observables
from models import backend_for, config
from run_folders import everything

# 180 e-folds of energy until a = 5.9, then back-reaction.
GROWING = """
name: growing
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 8, box: 0.2, order: 2}
initial: {a_start: 0.8}
time: {a_end: 6, courant: 0.4}
output: {series_interval: 1, spectra_interval: 2}
"""
ALSO = (
    "output.series_also={efolds_of_growth: 1, change_of_r: 0.05}",
    "output.spectra_also={efolds_of_growth: 20, efolds_of_a: 0.5}",
)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "growing.yaml"
    path.write_text(GROWING)
    return path


@pytest.fixture(scope="module")
def whole(text: Path) -> Path:
    out = text.parent / "whole"
    folder, finished = commands.run(text, overrides=[*ALSO], out=out, backend="cpu")
    assert finished
    return folder


def test_rows_follow_growth_and_back_reaction(whole: Path) -> None:
    run = dl.open_run(whole)
    series, rate = run.series, plan.fastest_growth(run.config)
    efolds = np.diff(np.log(series["a"] ** 4 * series["rho/X"]))
    dt = plan.clock(run.config).dt(0)
    # A row comes at the end of the step in which the field has grown enough.
    assert np.max(np.abs(efolds)) < 1 + rate * dt
    inside = np.abs(efolds) > 1
    assert np.count_nonzero(inside) > 100  # of some 190 e-folds
    at_end = series["a"] > 5.8
    assert np.count_nonzero(at_end) >= 8 and series["r"][-1] < 0.4
    # r falls most within one step of the growth rate of the field: by 0.05 and then some.
    assert np.max(np.abs(np.diff(series["r"]))) < 0.25
    plain = np.arange(0.8, 6, 1.0)
    assert all(np.min(np.abs(series["tau"] - tau)) < dt for tau in plain)


def test_spectra_come_at_efolds_of_a_and_of_growth(whole: Path) -> None:
    run = dl.open_run(whole)
    spectrum = run.spectra["B_X_plus"]
    times = plan.clock(run.config)
    for k in range(1, math.floor(math.log(6 / 0.8) / 0.5) + 1):
        wanted = 0.8 * math.exp(0.5 * k)
        after = spectrum.a[spectrum.a >= wanted * (1 - 1e-9)]
        assert after[0] - wanted < times.dt(0)
    energy = np.log(
        np.interp(spectrum.tau, run.series["tau"], run.series["a"] ** 4 * run.series["rho/X"])
    )
    assert len(spectrum.tau) > 10 and np.max(np.diff(energy)) < 22


@pytest.mark.parametrize("stops", [(13, 300), (505, 509, 513)])
def test_a_stopped_run_has_the_same_rows(
    whole: Path, text: Path, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    """Between two rows of the growth, and within back-reaction."""
    folder, _ = commands.run(
        text, overrides=[*ALSO], out=tmp_path / "parts", backend="cpu", stop_after=stops[0]
    )
    for stop in (*stops[1:], None):
        _, finished = commands.resume(folder, backend="cpu", stop_after=stop)
    assert finished and everything(folder) == everything(whole)


def test_a_resume_can_begin_to_follow(text: Path, tmp_path: Path) -> None:
    """From the last row on, and with two snapshots on one step refused as in a new run."""
    folder, _ = commands.run(
        text, overrides=[], out=tmp_path / "run", backend="cpu", stop_after=100
    )
    merged = ["output.snapshots=[3, 3.001]"]
    with pytest.raises(ConfigError, match=r"snapshots\[1\]: 3\.001 falls on the same step as 3 "):
        commands.resume(folder, overrides=merged, backend="cpu")
    commands.resume(folder, overrides=[ALSO[0], "time.a_end=2.5"], backend="cpu")
    series = dl.open_run(folder).series
    energy = np.log(series["a"] ** 4 * series["rho/X"])
    behind = series["a"] > 1.8  # where the run was changed
    assert np.max(np.abs(np.diff(energy[behind]))) < 3 < np.max(np.abs(np.diff(energy)))


def test_a_checkpoint_without_the_newest_columns_of_the_series_has_them_from_the_times() -> None:
    model = config(text=GROWING)
    run = Evolution(model, backend_for(model))
    run.start()
    state = run.state()
    names = list(run.series.columns)
    kept = [i for i, name in enumerate(names) if name not in ("hubble", "rho_free")]
    old = replace(
        state.arrays["series"],
        values=state.arrays["series"].values[:, kept],
        description="rows of series.h5: " + ", ".join(names[i] for i in kept),
    )
    again = Evolution(model, backend_for(model))
    again.restore(replace(state, arrays={**state.arrays, "series": old}))
    np.testing.assert_array_equal(again.series.table(), run.series.table())


def test_nothing_is_looked_at_more_often_without_growth_to_follow() -> None:
    for also, close_steps in (
        ((), 8),
        (("output.series_also={change_of_r: 0.1}", "output.spectra_also={efolds_of_a: 0.1}"), 8),
        (("output.series_also={efolds_of_growth: 4}",), 2),
        (("output.series_also={efolds_of_growth: 1000}",), 8),
        (("model.couplings={}", "output.series_also={efolds_of_growth: 1e-3}"), 8),
    ):
        model = config(*also, text=GROWING)
        assert Evolution(model, backend_for(model)).schedule.close_steps == close_steps, also


def test_rows_by_efolds_of_a_come_without_measuring_in_between() -> None:
    model = config("output.series_also={efolds_of_a: 0.02}", "time.a_end=1.2", text=GROWING)
    run = Evolution(model, backend_for(model))
    due = [run.clock.tau(n) for n in range(1, run.clock.steps + 1) if run.schedule.series(n)]
    wanted = 0.8 * np.exp(0.02 * np.arange(1, 21))
    assert len(due) == 20  # ln(1.2/0.8)/0.02 = 20.3
    assert np.all((due - wanted >= -1e-9) & (due - wanted < run.clock.dt(0)))
    assert all(run.schedule.closes(n) for n in range(run.clock.steps) if run.schedule.series(n))


def test_the_series_has_the_hubble_rate_and_the_free_density(whole: Path) -> None:
    run = dl.open_run(whole)
    series, model = run.series, run.config
    np.testing.assert_allclose(series["hubble"], series["a"] ** -1.0, rtol=1e-15)  # a = tau
    free = alp.density(
        model.expansion,
        mass=model.mass,
        theta_initial=1.0,
        potential="quadratic",
        tau=series["tau"],
    )
    np.testing.assert_allclose(series["rho_free"], free, rtol=1e-15)
    ratio = [
        observables.relic_fraction(*pair)
        for pair in zip(series["rho/theta"], series["rho_free"], strict=True)
    ]
    np.testing.assert_array_equal(series["r"], ratio)
    assert "rho_free" not in run._files.densities  # it is no part of the energy


STATIC = {
    "background.kind": "static", "initial.a_start": None, "time.a_end": None, "time.tau_end": 2,
}  # fmt: skip
WITHOUT_ALP = {"model.alp": None, "model.couplings": None, "units.hubble_eV": 1e-18}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (STATIC | {"output.series_also.efolds_of_a": 0.1},
         r"output\.series_also\.efolds_of_a: a static background has a = 1 throughout"),
        (WITHOUT_ALP | {"output.spectra_also.change_of_r": 0.1},
         r"output\.spectra_also\.change_of_r: r is the share of an ALP's density"),
        ({"output.series_also.efolds_of_growth": 0},
         r"output\.series_also\.efolds_of_growth: must be a number greater than 0"),
    ],
)  # fmt: skip
def test_keys_without_a_meaning_are_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        dl.loads(GROWING, overrides)
