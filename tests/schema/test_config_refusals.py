"""What a configuration refuses one key at a time, and the words of every refusal."""

from __future__ import annotations

import pickle

import pytest

from config_text import BASE, FINITE, LETTER, PAIR, POSITIVE, SITES, TEXT, edited, problems, read
from darklat.errors import ConfigError
from darklat.physics.background import KINDS
from darklat.schema import Problem
from darklat.schema.yaml.problems import one_of

HISTORIES = one_of(KINDS)

# ---- What is refused: one value at a time. ----

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
    ("kind: radiation", "kind: radiaton", f"11:9: background.kind: must be {HISTORIES}, "
     "found the text 'radiaton'; did you mean radiation?"),
    ("kind: radiation", "kind: matter", f"11:9: background.kind: must be {HISTORIES}, "
     "found the text 'matter'"),
    ("kind: radiation", "kind: 1", f"11:9: background.kind: must be {HISTORIES}, found 1"),
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
