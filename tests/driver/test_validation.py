"""`darklat validate` refuses what `darklat run` refuses before its first step, in the same words, and
says what is expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from darklat.driver import beginning, commands, sweeps, validation
from darklat.errors import ConfigError, DarklatError, NumericalError
from darklat.lattice import expected
from darklat.schema import dump, load_located
from darklat.schema.sweep import Sweep, read
from models import config as small
from models import simulation

LATE = ["initial.linear_until=5", "model.alp.f_GeV=1e-9"]  # a strong vacuum: an early growth
PHOTON = (
    "model.fields.A={role: photon, conductivity: {kind: constant, value: 100}}",
    "initial.linear_until=1",
)
NO_ALP = """
name: free
model: {fields: {X: {mass_eV: 1e-18}}}
units: {hubble_eV: 1e-18}
lattice: {sites: 8, box: 12, order: 2}
initial: {a_start: 0.02}
time: {a_end: 1}
"""


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(*overrides: str, text: str | None = None) -> Path:
    path = Path("c.yaml")
    path.write_text(dump(small("lattice.sites=8", *overrides)) if text is None else text)
    return path


@pytest.mark.parametrize(
    ("overrides", "kind", "said"),
    [
        (["time.courant=1.3"], ConfigError, "time.courant: 1.3 is unstable"),
        (LATE, ConfigError, "the gauge fields have .* of the ALP's energy"),
        (PHOTON, ConfigError, "is too small for the linear phase"),
        (["checks.courant_max=0.01"], NumericalError, "longest stable one is .* at step 0"),
        (["checks.gauss_max=1e-30"], NumericalError, "Gauss's law"),
        (["lattice.sites=1600"], ConfigError, "sites fit"),
    ],
)
def test_what_a_run_refuses_before_its_first_step(
    overrides: list[str], kind: type[DarklatError], said: str
) -> None:
    path = written()
    with pytest.raises(kind, match=said) as of_run:
        commands.run(path, overrides=list(overrides), backend="cpu", stop_after=0)
    with pytest.raises(kind, match=said) as of_validate:
        validation.validate(*load_located(path, overrides), backend="cpu")
    # The memory that is free may differ in its last digit.
    if "lattice.sites=1600" not in overrides:
        assert str(of_validate.value) == str(of_run.value)
    assert sorted(Path().glob("runs/*/checkpoints/*")) == []


def test_a_first_row_without_an_alp_is_checked_too() -> None:
    path = written(text=NO_ALP + "checks: {power_at_cutoff_max: 0.01}\n")
    with pytest.raises(NumericalError, match=r"at the cutoff is .* at step 0"):
        validation.validate(*load_located(path), backend="cpu")


def test_a_large_lattice_is_begun_in_part_and_a_small_one_whole() -> None:
    """The part has the same spacing, so that step and linear phase are those of the run."""
    path = written("lattice.sites=16", "initial.linear_until=1")
    whole, origin = load_located(path)
    assert beginning.rehearse(whole, origin, "cpu", 0) is not None
    assert beginning.rehearse(whole, origin, "cpu", 0, most_sites=8) is None
    late, origin = load_located(path, LATE)
    with pytest.raises(ConfigError, match="hold up to 1e-06"):
        beginning.rehearse(late, origin, "cpu", 0, most_sites=8)


def test_a_run_of_a_sweep_that_is_refused_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("model.alp.f_GeV=1e-9")
    sweep = "sweep={initial.linear_until: [1, 5], initial.seed: [1, 2, 3]}"
    found = read(path, [sweep])
    assert isinstance(found, Sweep)
    begun, rehearse = [], beginning.rehearse

    def counted(*arguments: object, **keywords: object) -> object:
        begun.append(arguments)
        return rehearse(*arguments, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(beginning, "rehearse", counted)
    with pytest.raises(ConfigError, match=r"initial\.linear_until: at a = "):
        sweeps.validate(found, backend="cpu", device=0)
    assert len(begun) == 2  # seeds refuse nothing


def test_band_back_reaction_and_peak_are_said() -> None:
    """The numbers of docs/validation.md: r falls below 0.9 at a = 4.84, and B peaks at 36."""
    path = written("lattice.sites=48", "lattice.box=0.75", "time.a_end=8")
    text = validation.validate(*load_located(path), backend="cpu")
    lines = {line[:10].strip(): line[11:] for line in text.splitlines()}
    # g times the largest theta' of the closed form, 100 * 1.78.
    assert lines["band"].startswith(
        "unstable below k = g |theta'| = 178 1/tau_osc, fastest at 88.9"
    )
    assert lines["band"].endswith("the lattice has 8.38 to 96")
    assert lines["growth"] == "back-reaction at about a = 4.8 a_osc; without a lattice at 4.35"
    assert lines["peak"] == "of B_X at about k = 36.2 1/tau_osc then"


@pytest.mark.parametrize(
    ("override", "carried"),
    [
        ("time.courant=0.2", True),
        ("time.courant=0.1", False),
        ("time.scheme=blanes_moan", False),
        ("initial.linear_until=auto", False),
    ],
)
def test_long_steps_that_carry_the_growth_are_said(override: str, carried: bool) -> None:
    path = written(
        "lattice.sites=16", "lattice.box=0.25", "time.a_end=8", "time.courant=0.2", override
    )
    text = validation.validate(*load_located(path), backend="cpu")
    assert ("note       steps carry the growth here" in text) == carried


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["time.a_end=2"], "no back-reaction before the end, a = 2 a_osc"),
        (["model.couplings.XX=0"], "none: the ALP does not couple to the fields"),
        (
            [
                "model.fields.X={mass_eV: 1e-18, plasma: {kind: constant, omega_p: 1}}",
                "time.a_end=1",
            ],
            "not estimated: X has a plasma",
        ),
    ],
)
def test_no_growth_is_said_with_its_reason(overrides: list[str], said: str) -> None:
    text = validation.validate(*load_located(written(*overrides)), backend="cpu")
    assert f"growth     {said}" in text.splitlines()


def test_a_folder_in_the_way_is_said() -> None:
    path = written("time.a_end=1")
    Path("runs/small").mkdir(parents=True)
    Path("runs/small/precious").touch()
    text = validation.validate(*load_located(path), backend="cpu")
    assert "note: without --out a run is refused: runs/small exists already" in text


def test_the_back_reaction_of_a_small_run_is_that_of_its_own_lattice() -> None:
    run = simulation("lattice.box=0.25", "initial.linear_until=auto", "time.courant=0.4")
    run.start()
    r = [1.0]
    while r[-1] > 0.9:
        run.step()
        if run.closed:
            r.append(run.row()["r"])
    here = expected.on_lattice(run.config, end=6.0)
    assert here is not None
    # A realisation of few modes; the growth by ten takes 0.015, a burst 0.4 of tau_osc.
    assert run.a == pytest.approx(here.at, abs=0.1)
    assert np.isfinite(here.k_peak)
