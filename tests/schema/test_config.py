"""The configuration: what is accepted, how it is written, and the reference configuration."""

from __future__ import annotations

import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pydantic
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config_text import BASE, edited, problems, read
from darklat.errors import ConfigError
from darklat.schema import ConductivityKeys, Config, dump, load, loads
from darklat.schema.keys import key_paths
from darklat.schema.later import refusal
from darklat.schema.sizes import RATE, SIZE, TIME

REFERENCE = Path(__file__).parents[2] / "configs" / "reference.yaml"


# ---- What is accepted. ----


def test_values_and_defaults() -> None:
    config = read()
    assert (config.name, config.model.alp.mass_eV, config.model.alp.f_GeV) == ("base", 1e-17, 1e16)
    assert (config.model.alp.potential, config.model.alp.theta_initial) == ("quadratic", 1.0)
    assert config.model.fields["X"].role == "dark"
    assert config.model.fields["X"].conductivity == ConductivityKeys()
    assert (ConductivityKeys().kind, ConductivityKeys().value) == ("zero", None)
    assert ConductivityKeys().electrons_per_photon is None
    assert config.model.couplings == {"XX": 100.0}
    assert (config.background.kind, config.background.oscillation_condition) == ("radiation", 3.0)
    assert (config.lattice.sites, config.lattice.box, config.lattice.precision) == (
        16,
        1.0,
        "float64",
    )
    assert config.lattice.order == 6
    assert (config.initial.kind, config.initial.seed, config.initial.a_start) == ("vacuum", 1, 0.5)
    assert config.initial.file is None
    assert (config.time.a_end, config.time.tau_end) == (8.0, None)
    assert (config.time.scheme, config.time.courant) == ("strang", 0.2)
    assert (config.output.series_interval, config.output.spectra_interval) == (0.05, 0.5)
    assert config.output.snapshots == (1.0, 2.0)
    assert (config.output.checkpoint_minutes, config.output.checkpoints_kept) == (10.0, 3)
    assert (config.checks.gauss_max, config.checks.energy_balance_max) == (1e-10, 0.05)


def test_integers_become_floats_where_floats_are_wanted() -> None:
    assert type(read().time.a_end) is float
    assert type(read().model.couplings["XX"]) is float
    assert all(type(value) is float for value in read().output.snapshots)


@pytest.mark.parametrize(
    ("background", "initial", "a_start"),
    [
        ("", "", 0.5),
        ("", "initial: {seed: 4}", 0.5),
        ("", "initial:", 0.5),
        ("background: {kind: radiation}", "initial: {a_start: 0.1}", 0.1),
        ("background: {kind: static}", "", None),
    ],
)
def test_start(background: str, initial: str, a_start: float | None) -> None:
    text = f"""\
name: n
model: {{alp: {{mass_eV: 1, f_GeV: 1}}, fields: {{X:}}}}
lattice: {{sites: 8, box: 1}}
time: {{tau_end: 9}}
{background}
{initial}
"""
    assert read(text).initial.a_start == a_start


def test_derived_quantities() -> None:
    fields = "model.fields={X: {}, A: {}, B: {}}"
    couplings = "model.couplings={AX: 2, XX: 3, BB: -5}"
    config = read(BASE, fields, couplings, "background.oscillation_condition=1.5", "lattice.box=4")
    assert config.letters == ("X", "A", "B")
    expected = [[3.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, -5.0]]
    np.testing.assert_array_equal(config.coupling_matrix, expected)
    assert config.coupling_matrix.dtype == np.float64
    assert (config.dx, config.mass) == (0.25, 1.5)


@pytest.mark.parametrize(
    ("written", "value", "electrons"),
    [
        ("{kind: zero}", None, None),
        ("{kind: constant, value: 0}", 0.0, None),
        ("{kind: constant, value: 3}", 3.0, None),
        ("{kind: thomson}", None, 6e-10),
        ("{kind: thomson, electrons_per_photon: null}", None, 6e-10),
        ("{kind: thomson, electrons_per_photon: 1e-9}", None, 1e-9),
        ("{kind: thomson_thermal}", None, 6e-10),
        ("{kind: thomson_thermal, electrons_per_photon: 1}", None, 1.0),
    ],
)
def test_conductivities(written: str, value: float | None, electrons: float | None) -> None:
    config = read(edited("role: dark", f"conductivity: {written}"))
    medium = config.model.fields["X"].conductivity
    assert medium.kind == written.split()[1].strip(",}")
    assert (medium.value, medium.electrons_per_photon) == (value, electrons)
    assert loads(dump(config), source="resolved", base=None) == config
    assert ("electrons_per_photon" in dump(config)) == (electrons is not None)
    assert Config.model_validate(config.model_dump()) == config


@pytest.mark.parametrize("written", ["", "{}", "{role: photon}", "{conductivity: }"])
def test_a_field_does_not_conduct_unless_told(written: str) -> None:
    config = read(edited("{role: dark}", written))
    assert config.model.fields["X"].conductivity == ConductivityKeys(kind="zero")
    assert config.conducting is None


CONDUCTS = "conductivity: {kind: constant, value: 1}"


@pytest.mark.parametrize(
    ("fields", "letters", "conducting", "photon", "dark"),
    [
        ("{X: {}}", "X", None, None, "X"),
        ("{A: {role: photon}, X: {}}", "AX", None, "A", "X"),
        (f"{{A: {{role: photon, {CONDUCTS}}}, Y: {{}}, X: {{}}}}", "YXA", "A", "A", "Y"),
        (f"{{Y: {{{CONDUCTS}}}, A: {{role: photon}}, X: {{}}}}", "AXY", "Y", "A", "Y"),
        (f"{{Z: {{}}, Y: {{{CONDUCTS}}}, X: {{}}}}", "ZXY", "Y", None, "Z"),
        (f"{{A: {{role: photon, {CONDUCTS}}}}}", "A", "A", "A", None),
    ],
)
def test_the_conducting_field_is_the_last(
    fields: str, letters: str, conducting: str | None, photon: str | None, dark: str | None
) -> None:
    config = read(BASE, f"model.fields={fields}", "model.couplings=null")
    assert config.letters == tuple(letters)
    assert (config.conducting, config.photon, config.dark) == (conducting, photon, dark)
    again = loads(dump(config), source="resolved", base=None)
    assert again == config
    assert list(again.model.fields) == list(config.model.fields)


def test_couplings_follow_the_order_of_the_letters() -> None:
    fields = f"model.fields={{A: {{role: photon, {CONDUCTS}}}, X: {{}}}}"
    config = read(BASE, fields, "model.couplings={AA: 1, AX: 2, XX: 3}")
    np.testing.assert_array_equal(config.coupling_matrix, [[3.0, 2.0], [2.0, 1.0]])


def test_empty_optional_sections_stand_for_their_defaults() -> None:
    text = BASE.split("output:")[0] + "output:\nchecks:\n"
    text = text.replace("  couplings:\n    XX: 100", "  couplings:")
    config = read(text)
    assert config.output.snapshots == ()
    assert config.checks.gauss_max == 1e-10
    assert config.model.couplings == {}


def test_config_is_frozen() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        read().lattice.sites = 32  # type: ignore[misc]


def test_config_built_in_python_is_checked_as_well() -> None:
    data = read().model_dump()
    assert Config.model_validate(data) == read()
    data["time"]["tau_end"] = 9.0
    with pytest.raises(pydantic.ValidationError, match="exactly one of a_end and tau_end"):
        Config.model_validate(data)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-17", 1e-17),
        ("1E16", 1e16),
        ("1e+3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+2", 2.0),
        ("0x10", 16.0),
        ("0o17", 15.0),
        ("012", 12.0),
        ("1.e3", 1000.0),
    ],
)
def test_numbers_of_yaml_1_2(written: str, value: float) -> None:
    assert read(edited("1e-17", written)).model.alp.mass_eV == value


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "1_000", "1:30", "0x", "1e"])
def test_texts_that_yaml_1_1_takes_for_something_else(word: str) -> None:
    assert read(edited("name: base", f"name: {word}")).name == word


# ---- The initial file. ----


def test_initial_file_is_found_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "start.h5").write_bytes(b"")
    (tmp_path / "c.yaml").write_text(edited("a_start: 0.5", "kind: file\n  file: start.h5"))
    config = load(tmp_path / "c.yaml")
    assert config.initial.file == tmp_path / "start.h5"
    (tmp_path / "start.h5").unlink()
    assert loads(dump(config), source="resolved", base=None) == config
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "c.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        f"{tmp_path}/c.yaml:17:9: initial.file: there is no file 'start.h5' (looked for "
        f"{tmp_path}/start.h5)"
    ]


def test_initial_file_must_be_a_file(tmp_path: Path) -> None:
    overrides = ("initial.kind=file", "initial.file=.")
    assert problems(BASE, *overrides, base=tmp_path) == [
        f"--set initial.file=.:1:14: initial.file: there is no file '.' (looked for {tmp_path})"
    ]
    assert problems(BASE, "initial.kind=file", "initial.file=[a]", base=tmp_path) == [
        "--set initial.file=[a]:1:14: initial.file: must be the path of a file, found a list"
    ]


def test_a_stored_configuration_without_an_order_is_of_order_2() -> None:
    """A darklat that knew no other has written it; its fields are those of order 2."""
    assert loads(BASE, source="c.yaml", base=None, stored=True).lattice.order == 2
    other = edited("  box: 1.0\n", "  box: 1.0\n  order: 4\n")
    assert loads(other, source="c.yaml", base=None, stored=True).lattice.order == 4


# ---- dump. ----


def test_dump_writes_every_key_in_a_fixed_order() -> None:
    fields = "model.fields={X: {}, A: {role: photon, conductivity: {kind: thomson}}, Z: {}}"
    config = read(BASE, fields, "model.couplings={XX: 100, AX: 1}")
    assert dump(config) == textwrap.dedent("""\
        name: base
        model:
          alp:
            mass_eV: 1.0e-17
            f_GeV: 1.0e+16
            potential: quadratic
            theta_initial: 1.0
          fields:
            X:
              role: dark
              mass_eV: 0.0
              plasma:
                kind: none
              conductivity:
                kind: zero
              back_reaction: true
            A:
              role: photon
              mass_eV: 0.0
              plasma:
                kind: none
              conductivity:
                kind: thomson
                electrons_per_photon: 6.0e-10
              back_reaction: true
            Z:
              role: dark
              mass_eV: 0.0
              plasma:
                kind: none
              conductivity:
                kind: zero
              back_reaction: true
          couplings:
            AX: 1.0
            XX: 100.0
        background:
          kind: radiation
          oscillation_condition: 3.0
          fluids: []
        lattice:
          sites: 16
          box: 1.0
          order: 6
          precision: float64
        initial:
          kind: vacuum
          seed: 1
          a_start: 0.5
        time:
          a_end: 8.0
          scheme: strang
          courant: 0.2
        output:
          series_interval: 0.05
          spectra_interval: 0.5
          maps: false
          snapshots: [1.0, 2.0]
          snapshot_precision: float64
          checkpoint_minutes: 10.0
          checkpoints_kept: 3
          checkpoints_kept_every: 0
        checks:
          gauss_max: 1.0e-10
          energy_balance_max: 0.05
          power_at_cutoff_max: 1.0
          courant_max: 1.0
        """)


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100)


@given(
    name=PRINTABLE,
    mass=st.floats(*SIZE),
    coupling=st.floats(-SIZE[1], SIZE[1]),
    theta=st.floats(SIZE[0], 3) | st.floats(-3, -SIZE[0]),
    start=st.floats(*TIME, exclude_max=True),
    seed=st.integers(0, 2**63 - 1),
    sites=st.integers(4, 800),
    letters=st.permutations("NOYX"),
    file=st.none() | st.text(st.characters(exclude_characters="\0"), min_size=1),
    static=st.booleans(),
    snapshots=st.lists(st.floats(0, 1), unique=True),
    conductivity=st.just(0.0) | st.floats(*RATE),
)
@settings(max_examples=100, deadline=None)
@example("no", 1e-9, -0.0, 1.0, 0.5, 0, 8, list("NOYX"), '"\\\ud800\u2028😀', True, [0.0, 1.0], 0.0)
def test_dump_and_loads_are_inverse(
    name: str,
    mass: float,
    coupling: float,
    theta: float,
    start: float,
    seed: int,
    sites: int,
    letters: list[str],
    file: str | None,
    static: bool,
    snapshots: list[float],
    conductivity: float,
) -> None:
    end = math.nextafter(start, math.inf)
    config = Config.model_validate(
        {
            "name": name,
            "model": {
                "alp": {"mass_eV": mass, "f_GeV": mass, "theta_initial": theta},
                "fields": {letter: {} for letter in letters}
                | {letters[0]: {"conductivity": {"kind": "constant", "value": conductivity}}},
                "couplings": {"NO": coupling, "NN": -coupling},
            },
            "background": {"kind": "static" if static else "radiation"},
            "lattice": {"sites": 2 * sites, "box": mass},
            "initial": {"seed": seed, **({} if static else {"a_start": start})}
            | ({} if file is None else {"kind": "file", "file": file}),
            "time": {"tau_end": 1.0} if static else {"a_end": end},
            "output": {"snapshots": sorted(snapshots)} if static else {},
        }
    )
    text = dump(config)
    again = loads(text, source="resolved", base=None)
    assert again == config
    assert again.letters == ((*letters[1:], letters[0]) if conductivity else tuple(letters))
    assert list(again.model.fields) == letters
    assert math.copysign(1, again.model.couplings["NO"]) == math.copysign(1, coupling)
    assert dump(again) == text
    # A YAML 1.1 reader, in an analysis notebook say, sees the same numbers and texts.
    plain = yaml.safe_load(text)
    assert plain["name"] == name
    assert plain["model"]["alp"]["mass_eV"] == mass
    assert plain["model"]["couplings"] == {"NO": coupling, "NN": -coupling}


# ---- The reference configuration. ----


def reference_paths() -> set[tuple[str, ...]]:
    """Every key that configs/reference.yaml shows, commented out or not, with its sections."""
    paths, above = set(), list[tuple[int, str]]()
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        match = re.match(r"( {0,8})(?:# )?([a-z][A-Za-z_]*|X|XX):(?: |$)", line)
        if match:
            indent = len(match[1])
            above = [(i, key) for i, key in above if i < indent] + [(indent, match[2])]
            paths.add(tuple(key for _, key in above))
    return paths


def test_reference_has_every_key_and_no_other() -> None:
    letters = {"X": "*", "XX": "*", "share": "*"}
    shown = {tuple(letters.get(key, key) for key in path) for path in reference_paths()}
    assert shown == set(key_paths())


def test_reference_is_the_benchmark() -> None:
    config = load(REFERENCE)
    assert (config.model.alp.mass_eV, config.model.alp.f_GeV) == (1e-17, 1e16)
    assert config.model.couplings == {"XX": 100.0}
    assert (config.mass, config.lattice.sites, config.time.a_end) == (3.0, 128, 30.0)


def test_reference_states_the_defaults() -> None:
    """Every optional key of the reference has its default, so leaving it out changes nothing."""
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    optional = [i for i, line in enumerate(lines) if "default" in line and "#" in line]
    assert len(optional) >= 15
    for i in optional:
        line = lines[i]
        if re.match(r" +[a-z_A-Z]+: \S", line):
            rest = "\n".join(lines[:i] + lines[i + 1 :])
            assert loads(rest, source="c", base=REFERENCE.parent) == load(REFERENCE), line


def test_the_benchmark_has_the_photon_of_the_paper() -> None:
    config = load(REFERENCE.parent / "choi2018_fig1.yaml")
    assert (config.letters, config.photon, config.dark) == (("X", "A"), "A", "X")
    medium = ConductivityKeys(kind="thomson", electrons_per_photon=6e-10)
    assert config.model.fields["A"].conductivity == medium
    assert config.model.couplings == {"XX": 100.0, "AX": 1.0}


def test_every_key_is_settled_or_may_change_later() -> None:
    """A key without a mark raises AssertionError."""
    later = {
        ".".join(path)
        for path in key_paths(Config)
        if path != ("time",) and refusal(Config, ".".join(path)) is None
    }
    assert {"time.a_end", "time.tau_end", "output", "checks", "output.snapshots"} <= later
    assert all(key.startswith(("time.", "output", "checks")) for key in later)
