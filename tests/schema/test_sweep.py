"""Sweeps: what a block of lists expands to, and the words of every refusal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darklat.errors import ConfigError
from darklat.schema import Config, dump, load, loads
from darklat.schema.sweep import MOST_RUNS, Sweep, read

BASE = """\
name: small
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 16, box: 0.5}
time: {a_end: 6}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # so that messages begin with c.yaml
    return Path("c.yaml")


def sweep(path: Path, block: str, *overrides: str) -> Sweep:
    path.write_text(BASE + block)
    found = read(path, overrides)
    assert isinstance(found, Sweep)
    return found


def problems(path: Path, block: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        sweep(path, block, *overrides)
    return str(caught.value).split("\n")


def test_every_combination_the_last_key_fastest(path: Path) -> None:
    found = sweep(path, "sweep: {model.alp.mass_eV: [1e-17, 1e-18], initial.seed: [1, 2]}")
    assert (found.name, found.keys) == ("small", ("model.alp.mass_eV", "initial.seed"))
    assert [run.name for run in found.runs] == [
        "mass_eV=1e-17,seed=1", "mass_eV=1e-17,seed=2", "mass_eV=1e-18,seed=1", "mass_eV=1e-18,seed=2",
    ]  # fmt: skip
    for run in found.runs:
        mass, seed = run.values["model.alp.mass_eV"], run.values["initial.seed"]
        alone = (f"model.alp.mass_eV={mass}", f"initial.seed={seed}")
        assert run.config == loads(BASE, source="c", base=Path("."), overrides=alone)
        assert "sweep" not in dump(run.config)


def test_the_name_of_a_run_does_not_depend_on_its_place_in_the_lists(path: Path) -> None:
    one = sweep(path, "sweep: {time.a_end: [2, 4], lattice.sites: [8]}").runs
    other = sweep(path, "sweep: {time.a_end: [4.0, 3, 0.2e1], lattice.sites: [16, 8]}").runs
    assert {run.name: run.config for run in one}.items() <= {
        run.name: run.config for run in other
    }.items()


@pytest.mark.parametrize(
    ("block", "names"),
    [
        ("{model.alp.mass_eV: [1e-17], model.fields.X.mass_eV: [0.0, 1e-18]}",
         ["alp.mass_eV=1e-17,X.mass_eV=0", "alp.mass_eV=1e-17,X.mass_eV=1e-18"]),
        ("{model.couplings.XX: [null, -3.50]}", ["XX=null", "XX=-3.5"]),
        ("{model.alp.potential: [quadratic, cosine]}", ["potential=quadratic", "potential=cosine"]),
        ("{output.snapshots: [[], [1, 2]]}", ["snapshots=-4f53cd", "snapshots=1_2-3a316d"]),
    ],
)  # fmt: skip
def test_names(path: Path, block: str, names: list[str]) -> None:
    assert [run.name for run in sweep(path, f"sweep: {block}").runs] == names


@pytest.mark.parametrize(
    "file", ["with space", "$(touch x)", "a;b", "'q\"", "\n", "é", "../up", "x" * 200, ".", "-rf", "a=b,c"]
)  # fmt: skip
def test_names_are_safe_whatever_the_values(path: Path, file: str) -> None:
    from darklat.schema.members import folder_name

    name = folder_name(["file", "k"], [file, {"kind": [file, 1e400]}])
    assert re.fullmatch(r"file=[A-Za-z0-9._+-]*,k=[A-Za-z0-9._+-]*", name) and len(name) <= 150
    assert name != folder_name(["file", "k"], [file + " ", {"kind": [file, 1e400]}])


def test_a_value_may_be_a_section_and_null_takes_a_key_out(path: Path) -> None:
    zero, constant = sweep(
        path, "sweep: {model.fields.X.conductivity: [{kind: zero}, {kind: constant, value: 3}]}"
    ).runs
    assert (zero.config.conducting, constant.config.conducting) == (None, "X")
    (default,) = sweep(path, "initial: {seed: 9}\nsweep: {initial.seed: [null]}").runs
    assert default.config.initial.seed == 1


def test_files_are_relative_to_the_file_of_the_sweep(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.h5").touch()
    block = "initial: {kind: file}\nsweep: {initial.file: [a.h5, b.h5]}"
    (problem,) = problems(path, block)
    assert problem.startswith("c.yaml:9:30: initial.file: there is no file 'b.h5'")
    (tmp_path / "b.h5").touch()
    assert [r.config.initial.file for r in sweep(path, block).runs] == [
        tmp_path / "a.h5",
        tmp_path / "b.h5",
    ]


def test_overrides_change_add_and_remove_a_list_and_the_whole_sweep(path: Path) -> None:
    block = "sweep: {initial.seed: [1, 2]}"
    assert len(sweep(path, block, "sweep.initial.seed=[1, 2, 3]").runs) == 3
    assert len(sweep(path, block, "sweep.time.a_end=[2, 3]").runs) == 4
    assert sweep(path, block, "sweep.initial.seed=null", "sweep.time.a_end=[2, 3]").keys == (
        "time.a_end",
    )
    config = read(path, ["sweep=null"])
    assert not isinstance(config, Sweep) and isinstance(config[0], Config)
    assert sweep(path, block, "lattice.sites=8").runs[0].config.lattice.sites == 8


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("sweep: 3", ["c.yaml:8:8: sweep: must be a mapping from dotted keys to lists of values, such as {initial.seed: [1, 2, 3]}, found 3"]),
        ("sweep:", ["c.yaml:8:7: sweep: must be a mapping from dotted keys to lists of values, such as {initial.seed: [1, 2, 3]}, found nothing"]),
        ("sweep: {}", ["c.yaml:8:8: sweep: must be a mapping from dotted keys to lists of values, such as {initial.seed: [1, 2, 3]}, found an empty one"]),
        ("swep: {initial.seed: [1]}", ["c.yaml:8:1: swep: unknown key; did you mean sweep?"]),
        ("sweep: {initial.sed: [1]}", ["c.yaml:8:9: initial.sed: unknown key; did you mean seed?"]),
        ("sweep: {initial.seed: 1}", ["c.yaml:8:23: sweep.initial.seed: must be a list of values, found 1"]),
        ("sweep: {initial: {seed: [1]}}", ["c.yaml:8:18: sweep.initial: must be a list of values, found a mapping; the keys of a sweep are written in full, as in model.alp.mass_eV: [1e-17]"]),
        ("sweep: {initial.seed: []}", ["c.yaml:8:23: sweep.initial.seed: the list is empty: give it values, or remove the key"]),
        ("sweep: {name: [a, b]}", ["c.yaml:8:9: sweep.name: cannot be swept: the runs are told apart by the keys that differ"]),
        ("sweep: {time.a_end: [2], time: [{a_end: 3}]}", ["c.yaml:8:26: sweep.time: sets the same as time.a_end on line 8: remove one"]),
        ("sweep:\n  initial.seed: [1]\n  initial.seed: [2]", ["c.yaml:10:3: sweep.initial.seed: given twice, on line 9 and on line 10: remove one"]),
        ("sweep: {initial.seed: [1, 2, 1]}", ["c.yaml:8:30: sweep.initial.seed: gives the same run as the value at line 8, column 24: remove one"]),
        ("sweep: {time.a_end: [2, 2.0]}", ["c.yaml:8:25: sweep.time.a_end: gives the same run as the value at line 8, column 22: remove one"]),
        ("sweep: {initial.seed: [1, -2]}", ["c.yaml:8:27: initial.seed: must be an integer from 0 to 9223372036854775807, found -2"]),
        ("sweep: {initial.seed: [*a, !!x 3]}", ["c.yaml:8:24: sweep.initial.seed[0]: aliases (*a) are not used: repeat the value",
                                                "c.yaml:8:28: sweep.initial.seed[1]: tags (!!x) are not used: remove it"]),
    ],
)  # fmt: skip
def test_refusals(path: Path, block: str, expected: list[str]) -> None:
    assert problems(path, block) == expected


def test_a_value_that_is_wrong_in_combination_names_the_run(path: Path) -> None:
    block = "sweep: {initial.a_start: [0.1, 0.7], time.a_end: [0.6, 2], initial.seed: [1, 2]}"
    assert problems(path, block) == [
        "c.yaml:8:51: time.a_end: must be greater than initial.a_start, which is 0.7, found 0.6 "
        "(in the radiation era a/a_osc = tau/tau_osc) (in the run a_start=0.7,a_end=0.6,seed=1)"
    ]


def test_a_problem_of_the_file_itself_is_reported_once(path: Path) -> None:
    block = "initial: {kind: vacum}\nsweep: {initial.seed: [1, 2, 3]}"
    (problem,) = problems(path, block)
    assert problem.startswith("c.yaml:8:17: initial.kind: must be vacuum")


def test_the_number_of_runs_is_limited_before_any_is_made(path: Path) -> None:
    seeds = list(range(10**3))
    (problem,) = problems(path, f"sweep: {{initial.seed: {seeds}, lattice.sites: [8, 16]}}")
    assert problem == (
        f"c.yaml:8:1: sweep: 1000 x 2 values make 2000 runs, and {MOST_RUNS} are allowed: "
        "shorten a list"
    )


def test_where_one_run_is_wanted_a_sweep_is_refused(path: Path) -> None:
    path.write_text(BASE + "sweep: {initial.seed: [1, 2]}")
    with pytest.raises(ConfigError, match=r"c.yaml:8:1: sweep: one run is wanted here"):
        load(path)


def test_a_refusal_on_this_machine_points_into_the_list(path: Path) -> None:
    runs = sweep(path, "sweep: {lattice.sites: [8, 1600]}").runs
    assert str(runs[1].origin.refusal(("lattice", "sites"), "too large")) == (
        "c.yaml:8:28: lattice.sites: too large"
    )
    assert str(runs[1].origin.refusal(("lattice", "box"), "too small")) == (
        "c.yaml:6:27: lattice.box: too small"
    )


TOKENS = st.sampled_from(
    [*"{}[]:,&*!|>'\"%#~\\\n -", "null", "true", "1e-17", "2", "9" * 5000, "$(id)", "../..", "é", "\U0001f600",
     "initial.seed", "model.alp", "time", "sweep", "name", "lattice.sites", "initial.file", ": ", ", "]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(TOKENS, max_size=12).map("".join))
def test_any_block_gives_runs_with_safe_names_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, block: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_text(f"{BASE}sweep: {{{block}}}", encoding="utf-8")
    try:
        found = read(path)
    except ConfigError as error:
        assert error.problems and all(str(problem).isprintable() for problem in error.problems)
    else:
        assert isinstance(found, Sweep)
        assert all(re.fullmatch(r"[A-Za-z0-9._+=,-]+", run.name) for run in found.runs)
