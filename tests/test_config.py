"""The configuration: what is accepted, what is refused, and the words of every refusal."""

from __future__ import annotations

import math
import pickle
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pydantic
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from darklat.lattice.config import Conductivity, Config, ConfigError, Problem, dump, load, loads
from darklat.lattice.config.keys import key_paths
from darklat.lattice.config.schema import cross_field_issues

REFERENCE = Path(__file__).parents[1] / "configs" / "reference.yaml"

# Line numbers below count in this text; the first line is `name`.
BASE = """\
name: base
model:
  alp:
    mass_eV: 1e-17
    f_GeV: 1e16
  fields:
    X: {role: dark}
  couplings:
    XX: 100
background:
  kind: radiation
lattice:
  sites: 16
  box: 1.0
initial:
  a_start: 0.5
time:
  a_end: 8
output:
  snapshots: [1, 2]
"""


def read(text: str = BASE, *overrides: str, base: Path | None = None) -> Config:
    return loads(text, source="c.yaml", base=base, overrides=overrides)


def problems(text: str = BASE, *overrides: str, base: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, *overrides, base=base)
    lines = [str(problem) for problem in caught.value.problems]
    assert str(caught.value) == "\n".join(lines)
    return lines


def edited(old: str, new: str) -> str:
    assert BASE.count(old) == 1
    return BASE.replace(old, new)


# ---- What is accepted. ----


def test_values_and_defaults() -> None:
    config = read()
    assert (config.name, config.model.alp.mass_eV, config.model.alp.f_GeV) == ("base", 1e-17, 1e16)
    assert (config.model.alp.potential, config.model.alp.theta_initial) == ("quadratic", 1.0)
    assert config.model.fields["X"].role == "dark"
    assert config.model.fields["X"].conductivity == Conductivity()
    assert (Conductivity().kind, Conductivity().value) == ("zero", None)
    assert Conductivity().electrons_per_photon is None
    assert config.model.couplings == {"XX": 100.0}
    assert (config.background.kind, config.background.oscillation_condition) == ("radiation", 3.0)
    assert (config.lattice.sites, config.lattice.box, config.lattice.precision) == (
        16,
        1.0,
        "float64",
    )
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
    assert config.model.fields["X"].conductivity == Conductivity(kind="zero")
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


# ---- What is refused: one value at a time. ----

POSITIVE = "must be a number greater than 0, found"
FINITE = "must be a finite number greater than 0, found"
SITES = "must be an even integer from 8 to 1600, found"
PAIR = "a coupling is named by the letters of its two fields in alphabetical order"
LETTER = "a field is named by one capital letter, A to Z"
TEXT = "must be text of 1 to 100 printable characters"

VALUES = [
    # numbers
    ("1e-17", "1e-17 eV", "4:14: model.alp.mass_eV: {p} the text '1e-17 eV'; the unit is in the "
     "key's name: write the number of eV alone"),
    ("1e16", "1e7 TeV", "5:12: model.alp.f_GeV: {p} the text '1e7 TeV'; the unit is in the key's "
     "name: write the number of GeV alone"),
    ("box: 1.0", "box: 1 tau", "14:8: lattice.box: {p} the text '1 tau'; write the number alone, "
     "in units of tau_osc"),
    ("1e-17", "'1e-17'", "4:14: model.alp.mass_eV: {p} the text '1e-17'; remove the quotes: 1e-17"),
    ("1e-17", "1d-17", "4:14: model.alp.mass_eV: {p} the text '1d-17'; write 1e-17"),
    ("1e-17", "1_0", "4:14: model.alp.mass_eV: {p} the text '1_0'; write 10"),
    ("1e-17", "1,5", "4:14: model.alp.mass_eV: {p} the text '1,5'; write the decimals after a "
     "point, and thousands without a separator"),
    ("1e-17", "2**3", "4:14: model.alp.mass_eV: {p} the text '2**3'"),
    ("1e-17", "heavy", "4:14: model.alp.mass_eV: {p} the text 'heavy'"),
    ("1e-17", "yes", "4:14: model.alp.mass_eV: {p} the text 'yes'"),
    ("1e-17", "true", "4:14: model.alp.mass_eV: {p} the truth value true"),
    ("1e-17", "", "4:13: model.alp.mass_eV: {p} nothing"),
    ("1e-17", "[1]", "4:14: model.alp.mass_eV: {p} a list"),
    ("1e-17", "{a: 1}", "4:14: model.alp.mass_eV: {p} a mapping"),
    ("1e-17", "-1e-17", "4:14: model.alp.mass_eV: {p} -1e-17"),
    ("1e-17", "0", "4:14: model.alp.mass_eV: {p} 0"),
    ("1e-17", ".nan", "4:14: model.alp.mass_eV: {f} nan"),
    ("1e-17", ".inf", "4:14: model.alp.mass_eV: {f} inf"),
    ("1e-17", "-.INF", "4:14: model.alp.mass_eV: {f} -inf"),
    ("1e-17", "1e999", "4:14: model.alp.mass_eV: {f} inf"),
    ("1e-17", "9" * 400, "4:14: model.alp.mass_eV: {p} an integer of about 401 digits, which no "
     "double holds (they end at 1.8e308)"),
    ("1e-17", "9" * 9000, "4:14: model.alp.mass_eV: {f} inf"),
    ("XX: 100", "XX: .nan", "9:9: model.couplings.XX: must be a finite number, found nan"),
    ("XX: 100", "XX: a", "9:9: model.couplings.XX: must be a finite number, found the text 'a'"),
    # integers
    ("sites: 16", "sites: 64.0", "13:10: lattice.sites: {s} 64.0; write 64"),
    ("sites: 16", "sites: 64.5", "13:10: lattice.sites: {s} 64.5"),
    ("sites: 16", "sites: 1e300", "13:10: lattice.sites: {s} 1e+300"),
    ("sites: 16", "sites: 63", "13:10: lattice.sites: {s} 63; the nearest are 62 and 64"),
    ("sites: 16", "sites: 6", "13:10: lattice.sites: {s} 6"),
    ("sites: 16", "sites: 4098", "13:10: lattice.sites: {s} 4098"),
    ("sites: 16", "sites: '64'", "13:10: lattice.sites: {s} the text '64'; remove the quotes: 64"),
    ("sites: 16", "sites: true", "13:10: lattice.sites: {s} the truth value true"),
    ("sites: 16", "sites: 0x" + "f" * 2000, "13:10: lattice.sites: {s} an integer of about 2409 "
     "digits"),
    ("sites: 16", "sites: 0x" + "f" * 5000, "13:10: lattice.sites: {s} inf"),
    ("a_start: 0.5", "seed: -1", "16:9: initial.seed: must be an integer from 0 to "
     "9223372036854775807, found -1"),
    ("a_start: 0.5", "seed: 9223372036854775808", "16:9: initial.seed: must be an integer from 0 "
     "to 9223372036854775807, found 9223372036854775808"),
    ("snapshots: [1, 2]", "checkpoints_kept: 0", "20:21: output.checkpoints_kept: must be an "
     "integer of at least 1, found 0"),
    # words
    ("kind: radiation", "kind: radiaton", "11:9: background.kind: must be radiation or static, "
     "found the text 'radiaton'; did you mean radiation?"),
    ("kind: radiation", "kind: matter", "11:9: background.kind: must be radiation or static, "
     "found the text 'matter'"),
    ("kind: radiation", "kind: 1", "11:9: background.kind: must be radiation or static, found 1"),
    ("role: dark", "role: foton", "7:15: model.fields.X.role: must be dark or photon, found the "
     "text 'foton'; did you mean photon?"),
    ("role: dark", "conductivity: {kind: thompson}", "7:30: model.fields.X.conductivity.kind: must "
     "be zero, constant, thomson or thomson_thermal, found the text 'thompson'; did you mean "
     "thomson?"),
    # a conductivity
    ("role: dark", "conductivity: {kind: constant, value: -1}", "7:47: "
     "model.fields.X.conductivity.value: must be a number not below 0, found -1"),
    ("role: dark", "conductivity: {kind: constant, value: 1 eV}", "7:47: "
     "model.fields.X.conductivity.value: must be a number not below 0, found the text '1 eV'; "
     "write the number alone, in units of 1/tau_osc"),
    ("role: dark", "conductivity: {kind: thomson, electrons_per_photon: 0}", "7:61: "
     "model.fields.X.conductivity.electrons_per_photon: {p} 0"),
    ("role: dark", "conductivity: {kind: 1, value: 1}", "7:30: model.fields.X.conductivity.kind: "
     "must be zero, constant, thomson or thomson_thermal, found 1"),
    ("role: dark", "conductivity: {knd: thomson, value: 1}", "7:24: "
     "model.fields.X.conductivity.knd: unknown key; did you mean kind?"),
    ("role: dark", "conductivity: 1", "7:23: model.fields.X.conductivity: must be a mapping with "
     "the keys kind, value and electrons_per_photon, found 1"),
    ("box: 1.0", "box: 1.0\n  precision: float16", "15:14: lattice.precision: must be float64 or "
     "float32, found the text 'float16'; did you mean float64?"),
    # text
    ("name: base", "name: 2018", "1:7: name: {t}, found 2018; put it in quotes"),
    ("name: base", "name: true", "1:7: name: {t}, found the truth value true"),
    ("name: base", "name: ''", "1:7: name: {t}, found 0 characters"),
    ("name: base", "name: " + "a" * 101, "1:7: name: {t}, found 101 characters"),
    ("name: base", 'name: "a\\nb"', "1:7: name: {t}, but character 2 is '\\n'"),
    ("name: base", 'name: "\\ud800"', "1:7: name: {t}, but character 1 is '\\ud800'"),
    # letters
    ("X: {role: dark}", "X: {}\n    x: {}", "8:5: model.fields.x: {letter}: write X"),
    ("X: {role: dark}", "X: {}\n    Xa: {}", "8:5: model.fields.Xa: {letter}"),
    ("X: {role: dark}", "X: {}\n    Ä: {}", "8:5: model.fields.Ä: {letter}"),
    ("XX: 100", "XA: 1", "9:5: model.couplings.XA: {pair}: write AX"),
    ("XX: 100", "xx: 1", "9:5: model.couplings.xx: {pair}: write XX"),
    ("XX: 100", "X: 1", "9:5: model.couplings.X: {pair}: write XX"),
    ("XX: 100", "X-X: 1", "9:5: model.couplings.X-X: {pair}"),
    ("XX: 100", "'[key]': 1", "9:5: model.couplings.[key]: {pair}"),
    ("role: dark", "back_reaction: yes", "7:24: model.fields.X.back_reaction: must be true or "
     "false, found the text 'yes'"),
    ("role: dark", "back_reaction: 0", "7:24: model.fields.X.back_reaction: must be true or false, "
     "found 0"),
    ("role: dark", "back_reaction: false", "7:24: model.fields.X.back_reaction: only that of a "
     "conducting field can be left out, and X has no conductivity: give it one, or leave this out"),
    # a mass and a plasma
    ("role: dark", "mass_eV: -1e-17", "7:18: model.fields.X.mass_eV: must be a number not below 0, "
     "found -1e-17"),
    ("role: dark", "plasma: {kind: cold}", "7:24: model.fields.X.plasma.kind: must be none, "
     "constant, screening, freeze_out, table or pairs, found the text 'cold'"),
    ("role: dark", "plasma: {kind: constant}", "7:9: model.fields.X.plasma.omega_p: missing: kind: "
     "constant needs one, for example omega_p: 10"),
    ("role: dark", "plasma: {kind: constant, omega_p: 0}", "7:43: model.fields.X.plasma.omega_p: {p} 0"),
    ("role: dark", "plasma: {nu: 1}", "7:22: model.fields.X.plasma.nu: is only used with kind: "
     "constant or pairs, but kind is none: change kind, or leave this out"),
    ("role: dark", "plasma: {kind: table}", "7:9: model.fields.X.plasma.file: missing: kind: table "
     "needs one, for example file: plasma.txt"),
    # sections and lists
    ("role: dark", "rol: dark", "7:9: model.fields.X.rol: unknown key; did you mean role?"),
    ("X: {role: dark}", "X: dark", "7:8: model.fields.X: must be a mapping with the keys role, "
     "mass_eV, plasma, conductivity and back_reaction, found the text 'dark'"),
    ("XX: 100", "- 100", "9:5: model.couplings: must be a mapping from pairs of letters to "
     "numbers, such as {{XX: 100}}, found a list"),
    ("[1, 2]", "2", "20:14: output.snapshots: must be a list of numbers, such as [2, 5, 8], "
     "found 2"),
    ("[1, 2]", "[1, two]", "20:18: output.snapshots[1]: must be a number not below 0, found the "
     "text 'two'"),
    ("[1, 2]", "[-1]", "20:15: output.snapshots[0]: must be a number not below 0, found -1"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), VALUES, ids=[v[2][:60] for v in VALUES])
def test_one_wrong_value(old: str, new: str, expected: str) -> None:
    words = {"p": POSITIVE, "f": FINITE, "s": SITES, "t": TEXT}
    line = "c.yaml:" + expected.format(**words, letter=LETTER, pair=PAIR)
    assert problems(edited(old, new)) == [line]


def test_too_many_snapshots() -> None:
    text = edited("[1, 2]", f"[{', '.join(['1'] * 10_001)}]")
    expected = "c.yaml:20:14: output.snapshots: must be at most 10000 long, found 10001 items"
    assert problems(text) == [expected]


# ---- What is refused: keys. ----


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sites: 16", "sties: 16", "13:3: lattice.sties: unknown key; did you mean sites?"),
        ("a_end: 8", "a_ned: 8", "18:3: time.a_ned: unknown key; did you mean a_end?"),
        ("mass_eV", "Mass_ev", "4:5: model.alp.Mass_ev: unknown key; did you mean mass_eV?"),
        # an exact key of another section, and a near one
        ("time:", "courant: 1\ntime:", "17:1: courant: unknown key; did you mean time.courant?"),
        ("time:", "box: 1\ntime:", "17:1: box: unknown key; did you mean lattice.box?"),
        (
            "time:",
            "Couplngs: 1\ntime:",
            "17:1: Couplngs: unknown key; did you mean model.couplings?",
        ),
        (
            "time:",
            "lattice.sites: 1\ntime:",
            "17:1: lattice.sites: unknown key; write the key sites inside the section lattice",
        ),
        (
            "a_end: 8",
            "a_end: 8\n  role: 3",
            "19:3: time.role: unknown key; did you mean model.fields.<LETTER>.role?",
        ),
        (
            "a_end: 8",
            "a_end: 8\n  kind: 3",
            "19:3: time.kind: unknown key; did you mean model.fields.<LETTER>.plasma.kind, "
            "model.fields.<LETTER>.conductivity.kind, background.kind or initial.kind?",
        ),
        (
            "a_end: 8",
            "a_end: 8\n  '?': 3",
            "19:3: time.?: unknown key; the keys allowed here are a_end, tau_end, scheme and "
            "courant",
        ),
        (
            "a_end: 8",
            'a_end: 8\n  "\\n": 3',
            "19:3: time.\\n: unknown key; the keys allowed here are a_end, tau_end, scheme and "
            "courant",
        ),
        ("time:", "unts: {}\ntime:", "17:1: unts: unknown key; did you mean units?"),
    ],
)
def test_keys_that_are_not_there(old: str, new: str, expected: str) -> None:
    assert problems(edited(old, new)) == ["c.yaml:" + expected]


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("name: base\n", "1:1: name: missing; write for example name: benchmark"),
        (
            "    mass_eV: 1e-17\n",
            "3:3: model.alp.mass_eV: missing; write for example mass_eV: 1e-17",
        ),
        ("    f_GeV: 1e16\n", "3:3: model.alp.f_GeV: missing; write for example f_GeV: 1e16"),
        ("  sites: 16\n", "12:1: lattice.sites: missing; write for example sites: 64"),
        ("  box: 1.0\n", "12:1: lattice.box: missing; write for example box: 1.0"),
        (
            "lattice:\n  sites: 16\n  box: 1.0\n",
            "1:1: lattice: missing; write for example lattice: {sites: 64, box: 1.0}",
        ),
        ("time:\n  a_end: 8\n", "1:1: time: missing; write for example time: {a_end: 8}"),
        (
            "  alp:\n    mass_eV: 1e-17\n    f_GeV: 1e16\n",
            "2:1: model.alp: missing; write for example alp: {mass_eV: 1e-17, f_GeV: 1e16}, or, for "
            "a model without an ALP, units: {hubble_eV: 1e-17} beside model",
        ),
        (
            "  fields:\n    X: {role: dark}\n",
            "2:1: model.fields: missing; write for example fields: {X: {role: dark}}",
        ),
        (
            BASE[BASE.index("model:") : BASE.index("background:")],
            "1:1: model: missing; write for example model: {alp: {mass_eV: 1e-17, f_GeV: 1e16}, "
            "fields: {X: {role: dark}}}",
        ),
    ],
)
def test_missing_keys(gone: str, expected: str) -> None:
    assert problems(edited(gone, "")) == ["c.yaml:" + expected]


def test_the_examples_for_missing_keys_are_valid() -> None:
    text = ""
    for _ in range(4):
        try:
            read(text or "{}")
        except ConfigError as error:
            text += "".join(p.message.split("for example ")[1] + "\n" for p in error.problems)
    assert read(text).name == "benchmark"


def test_duplicate_keys_name_both_lines() -> None:
    assert problems(edited("  box: 1.0\n", "  box: 1.0\n  sites: 32\n")) == [
        "c.yaml:15:3: lattice.sites: given twice, on line 13 and on line 15: remove one"
    ]


def test_all_problems_are_reported_in_the_order_of_the_text() -> None:
    text = edited("1e-17", "-1").replace("sites: 16", "sites: 15").replace("a_end: 8", "a_end: .1")
    assert problems(text, "checks.gauss_max=0") == [
        f"c.yaml:4:14: model.alp.mass_eV: {POSITIVE} -1",
        f"c.yaml:13:10: lattice.sites: {SITES} 15; the nearest are 14 and 16",
        "c.yaml:18:10: time.a_end: must be greater than initial.a_start, which is 0.5, found 0.1 "
        "(in the radiation era a/a_osc = tau/tau_osc)",
        f"--set checks.gauss_max=0:1:18: checks.gauss_max: {POSITIVE} 0",
    ]


def test_problem_has_its_parts() -> None:
    with pytest.raises(ConfigError) as caught:
        read(edited("sites: 16", "sties: 16"))
    message = "unknown key; did you mean sites?"
    assert caught.value.problems == (Problem("c.yaml", 13, 3, "lattice.sties", message),)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems


# ---- What is refused: contradictions between keys. ----

STATIC = "background.kind=static"
NO_START = "initial.a_start=null"
NO_END = "time.a_end=null"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([NO_END], ["c.yaml:17:1: time: one of a_end and tau_end is needed, for example a_end: 8"]),
        (
            [NO_END, STATIC, NO_START],
            ["c.yaml:17:1: time: tau_end is needed, for example tau_end: 8"],
        ),
        (
            ["time.tau_end=9"],
            [
                "--set time.tau_end=9:1:14: time.tau_end: exactly one of a_end and tau_end is "
                "allowed: remove one (on the command line, --set time.tau_end=null or --set "
                "time.a_end=null)"
            ],
        ),
        (
            ["time.a_end=0.5", "output=null"],
            [
                "--set time.a_end=0.5:1:12: time.a_end: must be greater than initial.a_start, "
                "which is 0.5, found 0.5 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            [NO_START, NO_END, "time.tau_end=0.4", "output=null"],
            [
                "--set time.tau_end=0.4:1:14: time.tau_end: must be greater than initial.a_start, "
                "which is 0.5, found 0.4 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            ["initial.a_start=9"],
            [
                "--set initial.a_start=9:1:17: time.a_end: must be greater than initial.a_start, "
                "which is 9, found 8 (in the radiation era a/a_osc = tau/tau_osc)"
            ],
        ),
        (
            [STATIC],
            [
                "--set background.kind=static:1:17: initial.a_start: a static background starts at "
                "tau = 0, with a = 1 throughout: leave it out (on the command line, --set "
                "initial.a_start=null)",
                "--set background.kind=static:1:17: time.a_end: a static background has a = 1 "
                "throughout: use tau_end (on the command line, --set time.a_end=null --set "
                "time.tau_end=...)",
            ],
        ),
        (
            ["initial.kind=file"],
            [
                "--set initial.kind=file:1:14: initial.file: missing: kind: file needs one, for "
                "example file: start.h5"
            ],
        ),
        (
            ["initial.file=a.h5"],
            [
                "--set initial.file=a.h5:1:14: initial.file: is only read with kind: file, but "
                "kind is vacuum"
            ],
        ),
        (
            ["model.couplings.AX=1"],
            [
                "--set model.couplings.AX=1:1:17: model.couplings.AX: no field A is "
                "declared under model.fields, which has X: declare it, or leave the coupling out"
            ],
        ),
        (
            ["model.couplings.AB=1"],
            [
                "--set model.couplings.AB=1:1:17: model.couplings.AB: no field A or B is declared "
                "under model.fields, which has X: declare it, or leave the coupling out"
            ],
        ),
        (
            ["model.fields={}"],
            [
                "--set model.fields={}:1:14: model.fields: at least one field is needed, for "
                "example fields: {X: {role: dark}}"
            ],
        ),
        (
            ["model.alp.theta_initial=-3.2", "model.alp.potential=cosine"],
            [
                "--set model.alp.theta_initial=-3.2:1:25: model.alp.theta_initial: must lie "
                "between -pi and pi, at neither, for the cosine potential, found -3.2"
            ],
        ),
        (
            ["model.alp.theta_initial=0"],
            [
                "--set model.alp.theta_initial=0:1:25: model.alp.theta_initial: must be a finite "
                "number other than 0, found 0"
            ],
        ),
        (
            ["output.snapshots=[0.4, 3, 3, 9]"],
            [
                "--set output.snapshots=[0.4, 3, 3, 9]:1:19: output.snapshots[0]: the run goes "
                "from a = 0.5 to 8, found 0.4",
                "--set output.snapshots=[0.4, 3, 3, 9]:1:27: output.snapshots[2]: must be greater "
                "than 3 before it, found 3",
                "--set output.snapshots=[0.4, 3, 3, 9]:1:30: output.snapshots[3]: the run goes "
                "from a = 0.5 to 8, found 9",
            ],
        ),
        (
            [STATIC, NO_START, NO_END, "time.tau_end=1.5"],
            [
                "--set time.tau_end=1.5:1:14: output.snapshots[1]: the run goes from tau = 0 to "
                "1.5, found 2"
            ],
        ),
    ],
)
def test_contradictions(overrides: list[str], expected: list[str]) -> None:
    assert problems(BASE, *overrides) == expected


def test_characters_that_do_not_show_are_escaped() -> None:
    assert problems(edited("X: {role: dark}", "\xa0X: {}")) == [
        f"c.yaml:7:5: model.fields.\\xa0X: {LETTER}",
        "c.yaml:9:5: model.couplings.XX: no field X is declared under model.fields, which has "
        "\\xa0X: declare it, or leave the coupling out",
    ]


def test_limits_that_are_included() -> None:
    assert read(BASE, "output.snapshots=[0.5, 8]").output.snapshots == (0.5, 8.0)
    static = (STATIC, NO_START, NO_END, "time.tau_end=2", "output.snapshots=[0, 2]")
    assert read(BASE, *static).output.snapshots == (0.0, 2.0)
    assert read(BASE, f"initial.seed={2**63 - 1}").initial.seed == 2**63 - 1
    assert read(BASE, "lattice.sites=8").lattice.sites == 8
    assert read(BASE, "lattice.sites=1600").lattice.sites == 1600
    just = math.nextafter(math.pi, 0)
    cosine = read(BASE, "model.alp.potential=cosine", f"model.alp.theta_initial={just!r}")
    assert cosine.model.alp.theta_initial == just
    assert read(BASE, f"model.alp.theta_initial={4 * just!r}").model.alp.theta_initial == 4 * just


def test_at_most_one_photon() -> None:
    data: dict[str, Any] = read().model_dump()
    photon = {"role": "photon"}
    data["model"]["fields"] = {"X": {"role": "dark"}, "A": photon, "B": photon}
    (issue,) = cross_field_issues(data)
    assert issue.paths[0] == ("model", "fields", "B", "role")
    assert issue.message == "A is the photon already, and there is one at most: use role: dark"
    text = edited("role: dark}", "role: dark}\n    A: {role: photon}\n    B: {role: photon}")
    assert problems(text) == [
        "c.yaml:9:15: model.fields.B.role: A is the photon already, and there is one at most: use "
        "role: dark"
    ]
    text = edited("role: dark}", "role: dark}\n    A: {role: photon}")
    assert problems(text, "model.fields.X.role=photon") == [
        "--set model.fields.X.role=photon:1:21: model.fields.A.role: X is the photon already, and "
        "there is one at most: use role: dark"
    ]


# The photon stands on line 8, its conductivity at column 37.
CONDUCTING = BASE.replace(
    "    X: {role: dark}\n",
    "    X: {role: dark}\n    A: {role: photon, conductivity: {kind: thomson}}\n",
)
X_MEDIUM, A_MEDIUM = "model.fields.X.conductivity", "model.fields.A.conductivity"
TWO = "at most one field can conduct, and {} does already: use kind: zero for one of them, found {}"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            [f"{A_MEDIUM}.kind=constant"],
            f"--set {A_MEDIUM}.kind=constant:1:34: {A_MEDIUM}.value: missing: kind: constant needs "
            "one, the conformal conductivity in 1/tau_osc, for example value: 1e16",
        ),
        (
            [f"{A_MEDIUM}.value=1"],
            f"--set {A_MEDIUM}.value=1:1:35: {A_MEDIUM}.value: is only used with kind: constant, "
            "but kind is thomson: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.value=null)",
        ),
        (
            [f"{X_MEDIUM}.value=0"],
            f"--set {X_MEDIUM}.value=0:1:35: {X_MEDIUM}.value: is only used with kind: constant, "
            "but kind is zero: change kind, or leave this out (on the command line, --set "
            f"{X_MEDIUM}.value=null)",
        ),
        (
            [f"{A_MEDIUM}={{kind: zero, electrons_per_photon: 1e-9}}"],
            f"--set {A_MEDIUM}={{kind: zero, electrons_per_photon: 1e-9}}:1:64: "
            f"{A_MEDIUM}.electrons_per_photon: is only used with kind: thomson or thomson_thermal, "
            "but kind is zero: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.electrons_per_photon=null)",
        ),
        (
            [f"{A_MEDIUM}={{kind: constant, value: 1, electrons_per_photon: 1}}"],
            f"--set {A_MEDIUM}={{kind: constant, value: 1, electrons_per_photon: 1}}:1:78: "
            f"{A_MEDIUM}.electrons_per_photon: is only used with kind: thomson or thomson_thermal, "
            "but kind is constant: change kind, or leave this out (on the command line, --set "
            f"{A_MEDIUM}.electrons_per_photon=null)",
        ),
        (
            ["background={kind: static}", "initial=null", "time={tau_end: 9}"],
            f"--set background={{kind: static}}:1:19: {A_MEDIUM}.kind: thomson follows the "
            "temperature of the radiation, and a static background has no temperature: use kind: "
            "constant, or background.kind: radiation",
        ),
        (
            [f"{A_MEDIUM}.kind=thomson_thermal", f"{X_MEDIUM}.kind=thomson"],
            f"--set {A_MEDIUM}.kind=thomson_thermal:1:34: {A_MEDIUM}.kind: "
            + TWO.format("X", "thomson_thermal"),
        ),
        (
            [f"{X_MEDIUM}.kind=thomson"],
            f"--set {X_MEDIUM}.kind=thomson:1:34: {A_MEDIUM}.kind: " + TWO.format("X", "thomson"),
        ),
        (
            ["time.scheme=rk4"],
            "--set time.scheme=rk4:1:13: time.scheme: only strang steps a conducting field, and A "
            "has the conductivity thomson (a step of rk4 would have to resolve 1/sigma): use "
            "scheme: strang, or the conductivity zero",
        ),
    ],
)
def test_contradictions_of_a_conductivity(overrides: list[str], expected: str) -> None:
    assert problems(CONDUCTING, *overrides) == [expected]


def test_contradictions_of_a_conductivity_in_a_file_have_their_place() -> None:
    text = CONDUCTING.replace("{kind: thomson}", "{value: 1}").replace(
        "role: dark", "conductivity: {kind: constant}"
    )
    assert [line.partition(": ")[0] for line in problems(text)] == ["c.yaml:7:9", "c.yaml:8:45"]
    text = CONDUCTING.replace("role: dark", "conductivity: {kind: thomson}")
    text = text.replace("a_end: 8", "a_end: 8\n  scheme: rk3")
    assert [line.partition(": model")[0].partition(": time")[0] for line in problems(text)] == [
        "c.yaml:8:44",
        "c.yaml:20:11",
    ]


@pytest.mark.parametrize("scheme", ["strang", "rk46nl", "rk4", "rk3"])
def test_a_photon_without_conductivity_takes_every_scheme(scheme: str) -> None:
    zero = (f"{A_MEDIUM}.kind=zero", f"time.scheme={scheme}")
    assert read(CONDUCTING, *zero).time.scheme == scheme


def test_the_conductivity_on_the_command_line() -> None:
    assert read(CONDUCTING).conducting == "A"
    for override in (f"{A_MEDIUM}.kind=zero", f"{A_MEDIUM}={{kind: zero}}", f"{A_MEDIUM}=null"):
        config = read(CONDUCTING, override)
        assert (config.conducting, config.photon) == (None, "A")
        assert config.model.fields["A"].conductivity == Conductivity()
    given = CONDUCTING.replace("{kind: thomson}", "{kind: thomson, electrons_per_photon: 1e-9}")
    config = read(given, f"{A_MEDIUM}.kind=zero", f"{A_MEDIUM}.electrons_per_photon=null")
    assert config.conducting is None
    constant = f"{A_MEDIUM}={{kind: constant, value: 0}}"
    assert read(CONDUCTING, constant).conducting is None
    assert read(given, f"{A_MEDIUM}.kind=thomson_thermal").model.fields["A"].conductivity == (
        Conductivity(kind="thomson_thermal", electrons_per_photon=1e-9)
    )


def test_a_constant_conductivity_in_a_static_background_is_fine() -> None:
    static = ("background.kind=static", "initial=null", "time={tau_end: 9}")
    constant = f"{A_MEDIUM}={{kind: constant, value: 5}}"
    assert read(CONDUCTING, constant, *static).conducting == "A"


def test_float32_has_a_threshold_of_its_own_for_gauss() -> None:
    assert read(BASE, "lattice.precision=float32").checks.gauss_max == 1e-3
    chosen = read(BASE, "lattice.precision=float32", "checks.gauss_max=1e-5")
    assert chosen.checks.gauss_max == 1e-5


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


# ---- Overrides. ----


def test_overrides_replace_create_and_remove() -> None:
    config = read(BASE, "lattice.sites=32", "checks.gauss_max=1e-9", "output.snapshots=null")
    assert (config.lattice.sites, config.checks.gauss_max) == (32, 1e-9)
    assert config.output.snapshots == ()
    config = read(BASE, NO_END, "time.tau_end=9", "model.fields.Y.role=dark", " name = x")
    assert (config.time.a_end, config.time.tau_end, config.name) == (None, 9.0, "x")
    assert config.letters == ("X", "Y")
    assert read(BASE, "lattice.sites=32", "lattice.sites=64").lattice.sites == 64
    assert read(BASE, "model.couplings={XX: 7}").model.couplings == {"XX": 7.0}
    assert read(BASE + "later: 1\n", "later=null") == read()
    assert read(BASE, "checks.gauss_max=null", "checks=null") == read()


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("lattice.sites=31", f"1:15: lattice.sites: {SITES} 31; the nearest are 30 and 32"),
        ("lattice.sties=32", "1:9: lattice.sties: unknown key; did you mean sites?"),
        ("latice.sites=32", "1:1: latice: unknown key; did you mean lattice?"),
        ("sites=32", "1:1: sites: unknown key; did you mean lattice.sites?"),
        ("lattice.sties=null", "1:9: lattice.sties: unknown key; did you mean sites?"),
        ("checks.gauss=null", "1:8: checks.gauss: unknown key; did you mean gauss_max?"),
        ("units=1", "1:7: units: must be a mapping with the keys hubble_eV, found 1"),
        (
            "units={hubble_eV: 1e-17}",
            "1:1: units: is for a model without an ALP, whose mass sets the units otherwise: leave "
            "it out, or take model.alp out (on the command line, --set units=null or --set "
            "model.alp=null)",
        ),
        ("name.first=x", "1:6: name.first: name is the text 'base': set it as a whole"),
        ("name.first=null", "1:6: name.first: name is the text 'base': set it as a whole"),
        (
            "output.snapshots.0=3",
            "1:18: output.snapshots.0: output.snapshots is a list: set it as a whole",
        ),
        (
            "lattice.sites=",
            "1:15: lattice.sites: no value after the equals sign; null takes a key out of the file",
        ),
        ("lattice.sites", "1:1: not of the form key=value, for example --set lattice.sites=32"),
        ("=3", "1:1: not of the form key=value, for example --set lattice.sites=32"),
        ("lattice..sites=3", "1:1: not of the form key=value, for example --set lattice.sites=32"),
        (
            "a" + ".a" * 40 + "=1",
            "1:1: not of the form key=value, for example --set lattice.sites=32",
        ),
        (
            "name=[a",
            "1:8: name: not valid YAML: expected ',' or ']', but got '<stream end>' (a bracket or "
            "a brace is not closed, or a comma is missing)",
        ),
        ("name=!!str a", "1:6: name: tags (!!str) are not used: remove it"),
        ("lattice={sites: 8, box: 0}", f"1:25: lattice.box: {POSITIVE} 0"),
    ],
)
def test_problems_in_overrides(override: str, expected: str) -> None:
    assert problems(BASE, override) == [f"--set {override}:{expected}"]


def test_taking_out_a_key_below_a_value_that_was_taken_out() -> None:
    assert problems(BASE, "name=null", "name.x=null") == [
        "c.yaml:1:1: name: missing; write for example name: benchmark",
        "--set name.x=null:1:6: name.x: unknown key; name has no keys below it",
    ]


def test_a_long_override_is_shown_shortened() -> None:
    (line,) = problems(BASE, "name=" + "a" * 200)
    assert line == f"--set name={'a' * 92}...:1:6: name: {TEXT}, found 200 characters"


# ---- Text that is not YAML, or YAML that is not a configuration. ----

UNKNOWN_A = (
    "a: unknown key; the keys allowed here are name, model, background, lattice, initial, time, "
    "output and checks"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the configuration is empty; configs/reference.yaml has every key"),
        ("# nothing\n", "1:1: the configuration is empty; configs/reference.yaml has every key"),
        ("- 1", "1:1: a configuration is a mapping of keys to values, found a list"),
        (
            "\n  hello",
            "2:3: a configuration is a mapping of keys to values, found the text 'hello'",
        ),
        ("null", "1:1: a configuration is a mapping of keys to values, found nothing"),
        (
            "name: a\n\tb: 1",
            "2:1: not valid YAML: found character '\\t' that cannot start any token (a tab "
            "cannot indent or begin a value: use spaces)",
        ),
        (
            "name: a\n---\nname: b",
            "2:1: not valid YAML: but found another document, in what began on line 1 (a file "
            "holds one configuration: remove what follows ---)",
        ),
        (
            "name: a: b",
            "1:8: not valid YAML: mapping values are not allowed here (a second ': ' in one line, "
            "or an indentation that differs)",
        ),
        (
            "name: a\n   box: b",
            "2:7: not valid YAML: mapping values are not allowed here (a second ': ' in one line, "
            "or an indentation that differs)",
        ),
        (
            "a:\n  b: 1\n c: 2",
            "3:2: not valid YAML: expected <block end>, but found '<block mapping start>', in what "
            "began on line 1 (the indentation differs from the lines above)",
        ),
        (
            "name: 'a\n",
            "2:1: not valid YAML: found unexpected end of stream, in what began on line 1 (a quote "
            "is not closed)",
        ),
        (
            "name: a\nbox\ntime: 1",
            "3:1: not valid YAML: could not find expected ':', in what began on line 2 (a key "
            "needs a colon and a space after it, as in sites: 64)",
        ),
        ("a: 1\nsites:64 # all\nbox: 1", "2:1: a space is needed after the colon: sites: 64"),
        ("sites:64\nbox: 1", "1:1: a space is needed after the colon: sites: 64"),
        ('a: "\\UFFFFFFFF"', "1:7: not valid YAML: an escape or a number is out of range"),
        ("a: 1\nb: \x07", "2:4: the character U+0007 is not allowed in YAML"),
        ("[" * 5000, "1:17: nested more than 16 levels deep; a config has 5"),
        ("{" * 5000, "1:17: nested more than 16 levels deep; a config has 5"),
        (
            "\n".join("  " * i + "a:" for i in range(500)),
            "16:31: nested more than 16 levels deep; a config has 5",
        ),
    ],
)
def test_not_a_configuration(text: str, expected: str) -> None:
    assert problems(text) == [f"c.yaml:{expected}"]


def test_no_code_no_aliases_no_merging() -> None:
    text = textwrap.dedent("""\
        name: !!python/object/apply:os.system [touch pwned]
        model: &m {alp: {mass_eV: 1, f_GeV: !mine 1}, fields: {X: {<<: *m}}}
        lattice: *m
        time: {a_end: 8, ? [1, 2] : 3, ? {a: 1} : 2, *m : 1}
        """)
    assert problems(text) == [
        "c.yaml:1:7: name: tags (!!python/object/apply:os.system) are not used: remove it",
        "c.yaml:2:8: model: anchors (&m) are not used: write the value where it is needed",
        "c.yaml:2:37: model.alp.f_GeV: tags (!mine) are not used: remove it",
        "c.yaml:2:60: model.fields.X.<<: merge keys are not used: repeat the keys",
        "c.yaml:3:10: lattice: aliases (*m) are not used: repeat the value",
        "c.yaml:4:20: time: a key must be a word, found a list",
        "c.yaml:4:34: time: a key must be a word, found a mapping",
        "c.yaml:4:46: time: aliases (*m) are not used: repeat the value",
    ]
    assert not Path("pwned").exists()


def test_a_billion_laughs_stay_one_line_each() -> None:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    found = problems("\n".join(lines))
    assert sum("aliases (*a28) are not used" in line for line in found) == 9
    assert len(found) < 400


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def refused(path: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            load(path)
        (problem,) = caught.value.problems
        return str(problem).replace(str(tmp_path), "DIR")

    assert refused(tmp_path) == "DIR:1:1: this is a folder: name the configuration file in it"
    missing = refused(tmp_path / "no.yaml")
    assert missing == "DIR/no.yaml:1:1: cannot be read: No such file or directory"
    assert refused(tmp_path / "a\0b").endswith(":1:1: cannot be read: embedded null byte")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: a\nä: Schr".encode() + b"\xf6dinger\n")
    assert refused(latin) == (
        "DIR/latin.yaml:2:8: byte 0xf6 is not UTF-8: save the file as UTF-8 text"
    )
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (1 << 20) + b"\n")
    assert refused(big) == "DIR/big.yaml:1:1: longer than 1048576 bytes: is this a configuration?"


def test_load_names_the_file_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("﻿" + edited("sites: 16", "sites: 15"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, ["time.a_end=-1"])
    assert [problem.file for problem in caught.value.problems] == [str(path), "--set time.a_end=-1"]
    path.write_text("﻿" + BASE, encoding="utf-8")
    assert load(path, ["lattice.sites=32"]).lattice.sites == 32


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
        lattice:
          sites: 16
          box: 1.0
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
          snapshots: [1.0, 2.0]
          checkpoint_minutes: 10.0
          checkpoints_kept: 3
          checkpoints_kept_every: 0
        checks:
          gauss_max: 1.0e-10
          energy_balance_max: 0.05
          power_at_cutoff_max: 1.0
          courant_max: 1.0
        """)


POSITIVE_FLOATS = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100)


@given(
    name=PRINTABLE,
    mass=POSITIVE_FLOATS,
    coupling=st.floats(allow_nan=False, allow_infinity=False),
    theta=st.floats(min_value=-3, max_value=3).filter(bool),
    start=st.floats(min_value=1e-300, max_value=1e300),
    seed=st.integers(0, 2**63 - 1),
    sites=st.integers(4, 800),
    letters=st.permutations("NOYX"),
    file=st.none() | st.text(st.characters(exclude_characters="\0"), min_size=1),
    static=st.booleans(),
    snapshots=st.lists(st.floats(0, 1), unique=True),
    conductivity=st.floats(min_value=0, allow_infinity=False),
)
@settings(max_examples=100, deadline=None)
@example(
    "no", 5e-324, -0.0, 1.0, 0.5, 0, 8, list("NOYX"), '"\\\ud800\u2028😀', True, [0.0, 1.0], 0.0
)
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
    letters = {"X": "*", "XX": "*"}
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
    medium = Conductivity(kind="thomson", electrons_per_photon=6e-10)
    assert config.model.fields["A"].conductivity == medium
    assert config.model.couplings == {"XX": 100.0, "AX": 1.0}


# ---- Anything at all. ----


def only_config_errors(text: str, *overrides: str) -> None:
    try:
        config = loads(text, source="fuzz", base=Path("/nowhere"), overrides=overrides)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.line >= 1 and problem.column >= 1 and problem.message
            assert str(problem).isprintable()
    else:
        assert loads(dump(config), source="resolved", base=None) == config


TOKENS = st.sampled_from(
    [
        *"{}[]:,-?&*!|>'\"%@`#~\\\n\t ",
        "\n  ",
        "\n    ",
        ": ",
        "- ",
        "--- ",
        "...",
        "<<",
        "&a ",
        "*a",
    ]
    + ["name", "model", "alp", "mass_eV", "lattice", "sites", "time", "X", "XX", "fields", "[key]"]
    + ["1e-17", "0x1", ".nan", "-.inf", "null", "true", "9" * 30, "1e999", "!!int ", "%YAML 1.2\n"]
    + [
        "conductivity",
        "thomson",
        "snapshots",
        "couplings",
        "output",
        "initial",
        "file",
        "kind",
        "\ufeff",
        "\u2028",
        "\\U0",
    ]
)
FUZZ = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.lists(TOKENS, max_size=40).map("".join) | st.text(max_size=60))
@FUZZ
def test_any_text_gives_a_config_or_a_config_error(text: str) -> None:
    only_config_errors(text)


@given(
    st.lists(
        st.tuples(st.integers(0, len(BASE)), st.integers(0, 12), TOKENS | st.text(max_size=3)),
        min_size=1,
        max_size=4,
    )
)
@FUZZ
def test_any_change_of_a_config_gives_a_config_or_a_config_error(
    changes: list[tuple[int, int, str]],
) -> None:
    text = BASE
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    only_config_errors(text)


KEYS = st.sampled_from([".".join(path) for path in key_paths()] + ["", ".", "x", "name.x", "a b"])
VALUE = st.sampled_from(
    ["null", "", "{}", "[]", "1", "-1", "x", "static", "file", "thomson", ".nan", "*a"]
)


@given(st.lists(st.tuples(KEYS, st.sampled_from(["=", "", "=="]), VALUE | st.text(max_size=5))))
@FUZZ
def test_any_overrides_give_a_config_or_a_config_error(parts: list[tuple[str, str, str]]) -> None:
    only_config_errors(BASE, *("".join(part) for part in parts))
