"""The text of a configuration: overrides, what is not YAML, and anything at all."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config_text import BASE, NO_END, POSITIVE, SITES, TEXT, edited, problems, read
from darklat.errors import ConfigError
from darklat.schema import dump, load, loads
from darklat.schema.keys import key_paths

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
        ("", "1:1: the configuration is empty; `darklat config reference` has every key"),
        (
            "# nothing\n",
            "1:1: the configuration is empty; `darklat config reference` has every key",
        ),
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
