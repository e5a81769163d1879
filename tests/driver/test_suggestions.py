"""`darklat suggest`: boxes with room for the cascade, and their cost."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import darklat as dl
from darklat import cli
from darklat.driver import suggestions, validation
from darklat.lattice import expected, head_room, plan
from models import BENCHMARK, config


@pytest.fixture(autouse=True)
def _speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measured speed would be another one every time."""
    monkeypatch.setattr(validation, "seconds_per_site", lambda *_: 1e-6)


@pytest.fixture(scope="module")
def found() -> list[suggestions.Suggestion]:
    return suggested(2)


def suggested(order: int) -> list[suggestions.Suggestion]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "seconds_per_site", lambda *_: 1e-6)
        return dl.suggest(config("time.a_end=30", f"lattice.order={order}"), sites=64)


@pytest.mark.parametrize("order", [2, 6])
def test_the_spacing_is_small_enough_for_the_peak_at_every_order(
    order: int, found: list[suggestions.Suggestion]
) -> None:
    several = found if order == 2 else suggested(order)
    assert [(one.share_at_cutoff, one.a_end) for one in several] == [
        (0.1, 30), (0.1, 6.5), (0.4, 30), (0.4, 6.5),
    ]  # fmt: skip
    for one in several:
        needed = head_room.ratio_needed(one.share_at_cutoff, one.a_end / one.a_back_reaction)
        # The box has two digits, rounded down.
        assert needed <= 1.5 * one.sites / one.box / one.k_peak < 1.15 * needed
        assert one.waves_in_box == pytest.approx(one.box * one.k_peak / (2 * math.pi))


def test_the_cost_is_that_of_validate(found: list[suggestions.Suggestion]) -> None:
    for one in found:
        words = one.overrides.split()
        assert words[::2] == ["--set"] * 3
        chosen = config(*words[1::2])
        assert one.steps == plan.clock(chosen).steps
        assert one.memory_bytes == plan.memory_bytes(chosen)
        assert one.seconds == pytest.approx(1e-6 * 64**3 * one.steps)
        here = expected.on_lattice(chosen, end=one.a_end)
        assert here is not None and here.at == pytest.approx(one.a_back_reaction)


def test_the_command_prints_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(BENCHMARK)
    changes = ("--set", "time.a_end=8", "--set", "model.alp.mass_eV=1e-18")
    assert cli.main(["suggest", "c.yaml", "--sites", "16", *changes]) == 0
    said = capsys.readouterr().out
    own = (
        "darklat run c.yaml --set model.alp.mass_eV=1e-18 --set lattice.sites=16 --set lattice.box="
    )
    commands = [line for line in said.splitlines() if line.startswith("darklat run")]
    assert commands and all(line.startswith(own) for line in commands)
    assert all(line.count("time.a_end") == 1 for line in commands)
    assert "warning: fewer than 2.5 waves of the peak in a box" in said
    assert list(tmp_path.iterdir()) == [Path("c.yaml").resolve()]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sites", "7"], "lattice.sites: must be an even integer from 8 to 1600, found 7"),
        (["--set", "model.couplings.XX=0"], "model.couplings: the ALP does not couple"),
        (["--set", "model.couplings.XX=3"], "do not react back before a = 24"),
        (["--set", "background.kind=static", "--set", "time={tau_end: 3}", "--set",
          "initial={kind: vacuum}"], "in the radiation era"),
        (["--set", "model.fields.X={mass_eV: 1e-18, plasma: {kind: constant, omega_p: 1}}"],
         "because X has a plasma"),
        (["--set", "sweep={initial.seed: [1, 2]}"], "is a sweep, and suggestions are for one run"),
    ],
)  # fmt: skip
def test_what_has_no_suggestion_says_why(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(BENCHMARK)
    assert cli.main(["suggest", "c.yaml", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ("initial.linear_until=7.5", [30]),  # behind the shorter end
        ("initial.linear_until=auto", [30, 6.5]),
        ("time.a_end=90000", [6.5]),  # the longer one has more steps than anybody waits for
    ],
)
def test_a_run_that_is_refused_is_not_suggested(change: str, ends: list[float]) -> None:
    found = dl.suggest(config("time.a_end=30", change), sites=64)
    assert list(dict.fromkeys(one.a_end for one in found)) == ends


def test_a_growth_beyond_a_double_is_no_absence_of_growth() -> None:
    found = dl.suggest(config("time.a_end=30", "model.couplings.XX=1e9"), sites=64)
    assert all(0.5 < one.a_back_reaction < 0.51 for one in found)


def test_in_python_a_wrong_number_of_sites_is_a_wrong_key() -> None:
    with pytest.raises(dl.errors.ConfigError, match=r"lattice\.sites: must be an even integer"):
        dl.suggest(config(), sites=7)
    with pytest.raises(dl.errors.InputError, match="give a Config"):
        dl.suggest("first_light", sites=8)  # type: ignore[arg-type]
    assert "valid" in dl.validate(config("lattice.sites=8", "time.a_end=0.6"))
