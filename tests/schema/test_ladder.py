"""Ladders: the runs that a block makes, and the words of every refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from darklat.errors import ConfigError
from darklat.schema import load
from darklat.schema.sweep import Sweep, read, read_ladder

BASE = """\
name: small
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 24, box: 0.75}
time: {a_end: 6}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # so that messages begin with c.yaml
    Path("c.yaml").write_text(BASE)
    return Path("c.yaml")


def ladder(path: Path, block: str, *overrides: str) -> Sweep:
    path.write_text(f"{BASE}converge: {block}\n")
    found = read(path, overrides)
    assert isinstance(found, Sweep) and found.ladder is not None
    return found


def problems(path: Path, block: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        ladder(path, block, *overrides)
    assert caught.value.exit_code == 2
    return str(caught.value).split("\n")


def rungs(found: Sweep) -> set[tuple[object, ...]]:
    return {tuple(run.values.values())[:3] for run in found.runs}


def test_without_a_block_there_are_three_lattices_two_boxes_two_steps_and_three_seeds(
    path: Path,
) -> None:
    """A factor of 1.5 apart, in multiples of four sites: the configuration is the finest lattice in
    the largest box with the smallest step."""
    found = read_ladder(path)
    assert (found.name, len(found.runs)) == ("small-convergence", 15)
    assert rungs(found) == {
        (24, 0.75, 0.2), (16, 0.75, 0.2), (12, 0.75, 0.2), (16, 0.5, 0.2), (24, 0.75, 0.3),
    }  # fmt: skip
    assert {run.values["initial.seed"] for run in found.runs} == {1, 2, 3}
    assert found.ladder is not None and found.ladder.at == (6.0,)
    costs = [run.values["lattice.sites"] ** 4 / run.values["time.courant"] for run in found.runs]
    assert found.runs[0].name == "sites=12,box=0.75,courant=0.2,seed=1"
    assert costs[-1] == max(costs)  # the cheapest first
    own = [run for run in found.runs if run.values == found.ladder.configuration]
    assert [run.config for run in own] == [load(path)]
    for run in found.runs:
        if run.values["lattice.box"] == 0.5:
            assert run.config.dx == pytest.approx(0.75 / 24)


def test_lists_may_be_on_both_sides_of_the_configuration(path: Path) -> None:
    block = "{lattices: [16, 36, 24], boxes: [1.0, 0.5], steps: [0.1], seeds: [7], at: [3, 6]}"
    found = ladder(path, block)
    assert rungs(found) == {
        (16, 0.75, 0.2), (24, 0.75, 0.2), (36, 0.75, 0.2), (32, 1.0, 0.2), (16, 0.5, 0.2),
        (24, 0.75, 0.1),
    }  # fmt: skip
    assert {run.values["initial.seed"] for run in found.runs} == {1, 7}
    assert found.ladder is not None and found.ladder.at == (3.0, 6.0)
    one = ladder(path, block, "converge.lattices=1", "converge.boxes=1", "converge.steps=1")
    assert [run.name[-6:] for run in one.runs] == ["seed=1", "seed=7"]
    assert isinstance(read(path, ["converge=null"]), tuple)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{lattices: 0}", "must be an integer from 1 to 50, found 0"),
        ("{boxes: 1.5}", "must be a number of rungs from 1 to 50, or a list with values of "
         "lattice.box, found 1.5"),
        ("{steps: fine}", "found the text 'fine'"),
        ("{seeds: true}", "found the truth value true"),
        ("{lattices: 6}", "24 sites are too few for 6 lattices a factor of 1.5 apart"),
        ("{lattices: [16, 17]}", "must be an even integer from 8 to 1600, found 17"),
        ("{lattices: [4]}", "must be an even integer from 8 to 1600, found 4"),
        ("{lattices: [16, 16]}", "16 is there already: remove one"),
        ("{lattices: [22]}", "22 and 24 are too close: rungs are a factor of 1.1 apart at least"),
        ("{boxes: [0.5, 0.6]}", "0.6 has 19.2 sites at the spacing of the configuration; allowed "
         "is an even number from 8 to 1600, for example 0.5625 (18 sites), 0.625 (20 sites), "
         "0.6875 (22 sites)"),
        ("{boxes: [-1]}", "must be a number greater than 0, found -1"),
        ("{steps: [0.2, 0.21]}", "0.2 and 0.21 are too close"),
        ("{seeds: [2, 2]}", "2 is there already: remove one"),
        ("{seeds: [1.5]}", "must be an integer from 0 to"),
        ("{at: [7]}", "the runs go from a = 0.5 to 6, found 7"),
        ("{at: [0.5]}", "the runs go from a = 0.5 to 6, found 0.5"),
        ("{at: [3, 3]}", "3 is there already: remove one"),
        ("{at: 3}", "must be a list of numbers, such as [4, 8], found 3"),
        ("{lattice: 3}", "unknown key; did you mean lattices?"),
        ("{lattices: 1, boxes: 1, steps: 1, seeds: 1}", "a ladder has two runs at least"),
        ("{lattices: [16], seeds: 50, steps: [" + ", ".join(f"{0.3 * 1.2**i:.4g}" for i in range(24))
         + "]}", "1350 runs, and 1000 are allowed: ask for fewer"),
        ("3", "must be a mapping with the keys lattices, boxes, steps, seeds and at, found 3"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_where_it_stands(path: Path, block: str, message: str) -> None:
    (found,) = problems(path, block)
    assert found.startswith("c.yaml:8:") and "converge" in found
    assert message in found


def test_every_problem_is_found_at_once_with_its_column(path: Path) -> None:
    block = "{lattices: [13], boxes: [x], at: [9]}"
    found = problems(path, block)
    columns = [int(line.split(":")[2]) for line in found]
    text = f"converge: {block}"
    assert columns == [text.index(word) + 1 for word in ("13", "x]", "9")]


def test_a_sweep_has_no_ladder_and_one_run_has_neither(path: Path) -> None:
    (found,) = problems(path, "{}\nsweep: {initial.seed: [1, 2]}")
    assert found.startswith("c.yaml:8:1: converge: a sweep has no ladder")
    with pytest.raises(
        ConfigError, match=r"8:1: converge: one run is wanted here, and a ladder is"
    ):
        load(path, ["sweep=null"])


def test_fields_from_a_file_fit_one_lattice(path: Path) -> None:
    Path("start.h5").touch()
    from_file = ("initial.kind=file", "initial.file=start.h5")
    assert rungs(ladder(path, "{}", *from_file)) == {(24, 0.75, 0.2), (24, 0.75, 0.3)}
    (found,) = problems(path, "{seeds: 2}", *from_file)
    assert "the fields come from a file: no seed is drawn" in found
