"""`darklat figure`: its configurations, exit codes and messages, and the folder it writes."""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darklat import cli
from darklat.analysis.papers import folder as figure_folder
from darklat.analysis.papers import plasma_history
from darklat.errors import ConfigError
from darklat.physics.dark_qed import freeze_out
from darklat.schema import figure as figure_config

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = {
    **{f"dark_qed_fig{n}": f"dark_qed_{n}" for n in (2, 3, 6, 7, 13, 14, 16)},
    **{f"radio_excess_fig{n}": f"radio_excess_{n}" for n in (1, 2, 3)},
}
SMALL = {
    "dark_qed_2": "k: [1]\nk_points: 4\na_points: 16\na_end: 2\n",
    "dark_qed_3": "sites: 8\nx_points: 16\n",
    "dark_qed_6": "etas: [6]\npoints: 6\nplane_points: 4\n",
    "dark_qed_7": "points: 6\n",
    "dark_qed_13": "k_points: 16\n",
    "dark_qed_14": "k_points: 16\nvelocities: [0.5]\n",
    "dark_qed_16": "a_points: 16\na_end: 0.5\n",
}


def darklat(*arguments: object) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output and error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


def written(folder: Path, text: str) -> Path:
    path = folder / "fig.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# ---- The configurations ----


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_configs_are_the_defaults(name: str) -> None:
    config, origin = figure_config.load(CONFIGS / "figures" / f"{name}.yaml")
    assert config == figure_config.MODELS[NAMES[name]]()
    # Every key is in the file.
    assert set(origin.root.content) == set(type(config).model_fields)


@pytest.mark.parametrize(
    "plasma",
    [
        "{kind: constant, omega_p: 3, nu: 1e-17}",
        "{kind: screening, nu_over_omega_p: 0}",
        "{kind: freeze_out, a_fo: .5, omega_fo: 1e2}",
        '{kind: table, file: "a \\\\ \\"b\\".txt"}',
    ],
)
def test_what_is_dumped_loads_to_the_same(tmp_path: Path, plasma: str) -> None:
    (tmp_path / 'a \\ "b".txt').touch()
    text = f"figure: dark_qed_16\nk: [1e-3, 2]\nplasma: {plasma}\n"
    config, _ = figure_config.load(written(tmp_path, text))
    dumped = figure_config.dump(config)
    assert figure_config.load(written(tmp_path, dumped))[0] == config
    assert isinstance(yaml.safe_load(dumped)["a_end"], float)


def test_a_table_is_looked_for_beside_the_config(tmp_path: Path) -> None:
    a = np.geomspace(1e-3, 10, 30)
    (tmp_path / "w.txt").write_text("# a omega_p nu\n" + "".join(f"{x} {2 / x} 0.1\n" for x in a))
    path = written(tmp_path, "figure: dark_qed_16\nplasma: {kind: table, file: w.txt}\n")
    config, _ = figure_config.load(path)
    assert isinstance(config, figure_config.DarkQed16)
    history = plasma_history.history(config.plasma, config.a)
    np.testing.assert_allclose(history.omega_p(a), 2 / a, rtol=1e-12)  # power laws are exact
    np.testing.assert_allclose(history.nu(a), 0.1, rtol=1e-12)


# ---- Exit codes and messages ----

REFUSED = {
    "figure: dark_qed_61": (":1:9: figure: must be dark_qed_2, dark_qed_3, ", "found the text 'dark_qed_61'; did you mean dark_qed_6?"),
    "k: [5]": (":1:1: figure: missing; write for example figure: dark_qed_16",),
    "figure: [1]": (":1:9: figure: must be dark_qed_2, ", "found a list"),
    "": (":1:1: the figure's configuration is empty",),
    "- 1": (":1:1: a figure's configuration is a mapping of keys to values, found a list",),
    "figure: dark_qed_13\n\nmases: [1]": (":3:1: mases: unknown key; did you mean masses?",),
    "figure: dark_qed_13\nk_max: wide": (":2:8: k_max: must be a number from 0.001 to 1000, found the text 'wide'",),
    "figure: dark_qed_13\nk_max: '3'": (":2:8: k_max: must be a number", "found the text '3'; remove the quotes: 3"),
    "figure: dark_qed_13\nk_max: true": (":2:8: k_max: must be a number", "found the truth value true"),
    "figure: dark_qed_13\nk_max: .nan": (":2:8: k_max: must be a finite number", "found nan"),
    "figure: dark_qed_13\nk_max: -1": (":2:8: k_max: must be a number from 0.001 to 1000, found -1",),
    f"figure: dark_qed_13\nk_max: {10**350}": (":2:8: k_max: must be a number", "which no double holds"),
    "figure: dark_qed_13\nk_max: 0x" + "f" * 5000: (":2:8: k_max: must be a finite number", "found inf"),
    "figure: dark_qed_13\nk_points: 16.5": (":2:11: k_points: must be an integer from 16 to 20000, found 16.5",),
    "figure: dark_qed_13\nmasses: [1, 0]": (":2:13: masses[1]: must be a number from 0.001 to 1000, found 0",),
    "figure: dark_qed_13\nmasses: []": (":2:9: masses: must be a list of numbers, such as [1, 3], found an empty one",),
    "figure: dark_qed_13\nmasses: null": (":2:9: masses: must be a list of numbers, such as [1, 3], found nothing",),
    "figure: dark_qed_13\nmasses: 1": (":2:9: masses: must be a list of numbers, such as [1, 3], found 1",),
    "figure: dark_qed_13\nmasses: ['1']": (":2:10: masses[0]: must be a number", "found the text '1'; remove the quotes: 1"),
    "figure: dark_qed_13\nmasses: [1, 2, 3, 4, 5]": (":2:9: masses: must be at most 4 long, found 5 items",),
    "figure: dark_qed_13\nmasses: [1, 1]": (":2:9: masses: must not repeat a value, found 1 twice",),
    "figure: dark_qed_13\nk_max: 3\nk_max: 3": (":3:1: k_max: given twice, on line 2 and on line 3",),
    "figure: dark_qed_13\nk_max: &k 3": (":2:8: k_max: anchors (&k) are not used",),
    "figure: dark_qed_13\nk_max: !!float 3": (":2:8: k_max: tags (!!float) are not used",),
    "figure: dark_qed_13\n\tk_max: 3": (":2:1: not valid YAML",),
    "figure: dark_qed_13\n[a]: 3": (":2:1: a key must be a word",),
    "figure: dark_qed_13\nk_max: " + "[" * 50: (":2:23: nested more than 16 levels deep",),
    "figure: dark_qed_13\n" + "#" * (1 << 20): ("longer than 1048576 bytes",),
    "figure: dark_qed_3\nsites: 1000": (":2:8: sites: must be an integer from 4 to 192, found 1000",),
    "figure: dark_qed_3\nseed: -1": (":2:7: seed: must be an integer from 0 to",),
    "figure: dark_qed_3\nx_max: 1e-3": (":2:8: x_max: must be greater than x_min, which is 0.03, found 0.001",),
    "figure: dark_qed_6\netas: [0.5]": (":2:8: etas[0]: must be a number from 1 to 10, found 0.5",),
    "figure: dark_qed_6\nhubble_inflation_GeV: 1e14": (":2:23: hubble_inflation_GeV: must be a number from 1000 to 6e+13",),
    "figure: dark_qed_6\ncharge_max: 1e-5": (":2:13: charge_max: must be greater than charge_min, which is 0.0001",),
    "figure: dark_qed_6\nmass_max_GeV: 0.1": (":2:15: mass_max_GeV: ", "psi is dark matter from"),
    "figure: dark_qed_6\netas: [6]\npoints: 6\nhubble_min_GeV: 1e3": (":4:17: hubble_min_GeV: T_SM = ", "where the tables of g_* end"),
    "figure: dark_qed_7\nhubble_min_GeV: 1e3": (":2:17: hubble_min_GeV: T_SM = ",),
    "figure: dark_qed_7\nphoton_mass_ratio: 2": (":2:20: photon_mass_ratio: must be a number from 2.1 to",),
    "figure: dark_qed_14\nvelocities: [1]": (":2:14: velocities[0]: must be a number greater than 0 and below 1, found 1",),
    "figure: dark_qed_14\nvelocities: [0.99999]": (":2:13: velocities: no acoustic wave",),
    "figure: dark_qed_14\nvelocities: [1e-12]": (":2:13: velocities: v_* must be between",),
    "figure: dark_qed_2\nk_max: 2000": (":2:8: k_max: a longitudinal mode starts outside the horizon",),
    "figure: dark_qed_2\nk_max: 0.02\na_end: 1e-4": (":2:8: k_max: must be greater than k_min, which is 0.03", ":3:8: a_end: must be greater"),
    "figure: dark_qed_16\na_end: 1e-4": (":2:8: a_end: must be greater than a_start, which is 0.001",),
    "figure: dark_qed_16\na_end: 2e6": (":2:8: a_end: must be a number greater than 0 and at most 1e+06",),
    "figure: dark_qed_16\nk: [20]\na_end: 1e5": (":2:4: k: a mode k = 20 would turn through",),
    "figure: dark_qed_16\nplasma: 3": (":2:9: plasma: must be a mapping with the keys kind, omega_p,", "found 3"),
    "figure: dark_qed_16\nplasma: {omega_p: 3}": (":2:1: plasma.kind: missing; write for example kind: constant",),
    "figure: dark_qed_16\nplasma:": (":2:1: plasma.kind: missing",),
    "figure: dark_qed_16\nplasma: {kind: freezeout}": (":2:16: plasma.kind: must be constant, ", "did you mean freeze_out?"),
    "figure: dark_qed_16\nplasma: {kind: [1]}": (":2:16: plasma.kind: must be constant, ", "found a list"),
    "figure: dark_qed_16\nplasma:\n  kind: screening\n  a_casc: 1": (":4:3: plasma.a_casc: unknown key; did you mean a_cascade?",),
    "figure: dark_qed_16\nplasma: {kind: constant, a_fo: 1}": (":2:32: plasma.a_fo: is only used with kind: freeze_out, but kind is constant",),
    "figure: dark_qed_16\nplasma: {kind: freeze_out, a_fo: 1}": (":2:1: plasma.omega_fo: missing: kind: freeze_out needs one",),
    "figure: dark_qed_16\nplasma: {kind: constant, nu: 1}": (":2:9: plasma: nu > 0 needs a plasma",),
    "figure: dark_qed_16\nplasma: {kind: constant, omega_p: -1}": (":2:35: plasma.omega_p: must be a number from 0 to 1e+09",),
    "figure: dark_qed_16\nplasma: {kind: table, file: none.txt}": (":2:29: plasma.file: there is no file 'none.txt'",),
    "figure: dark_qed_16\nplasma: {kind: table, file: words.txt}": (":2:29: plasma.file: ", "is no table of numbers"),
    "figure: dark_qed_16\nplasma: {kind: table, file: empty.txt}": (":2:29: plasma.file: ", "columns; needed are a, omega_p"),
    "figure: dark_qed_16\nplasma: {kind: table, file: negative.txt}": (":2:29: plasma.file: ", "column omega_p must be positive", "row 2"),
    "figure: dark_qed_16\nplasma: {kind: table, file: back.txt}": (":2:29: plasma.file: ", "column a must increase strictly"),
    "figure: dark_qed_16\nplasma: {kind: table, file: short.txt}": (":2:29: plasma.file: ", "the table is too short: it covers a = 0.01"),
}  # fmt: skip
TABLES = {
    "words.txt": "a omega_p\n1e-3 1\n",
    "empty.txt": "",
    "negative.txt": "1e-3 1\n10 -1\n",
    "back.txt": "1e-3 1\n1e-4 1\n",
    "short.txt": "1e-2 1\n10 1\n",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[-40:].replace("\n", " "))
def test_bad_input_says_where_and_writes_nothing(tmp_path: Path, text: str) -> None:
    for name, rows in TABLES.items():
        (tmp_path / name).write_text(rows)
    path = written(tmp_path, text)
    before = sorted(tmp_path.iterdir())
    code, out, err = darklat("figure", path, "--out", tmp_path / "out")
    assert (code, out) == (2, ""), err
    for part in (str(path), *REFUSED[text]):
        assert part in err
    assert sorted(tmp_path.iterdir()) == before


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "figure: dark_qed_3\nsites: 1\nsead: 2\nbox: wide\n")
    code, _, err = darklat("figure", path)
    assert code == 2
    for part in ("fig.yaml:2:8: sites", "fig.yaml:3:1: sead", "fig.yaml:4:6: box"):
        assert part in err


def test_a_config_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"figure: \xe9")
    said = {
        "nowhere.yaml": "cannot be read: No such file",
        "": "this is a folder",
        "latin.yaml": "latin.yaml:1:9: byte 0xe9 is not UTF-8",
    }
    for name, part in said.items():
        code, _, err = darklat("figure", tmp_path / name)
        assert code == 2 and part in err


def process(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "darklat", *map(str, arguments)],
        cwd=cwd, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_draws_into_a_folder_named_after_the_config(tmp_path: Path) -> None:
    written(tmp_path, "figure: dark_qed_13\nk_points: 20\n")
    done = process("figure", "fig.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    names = {"figure.yaml", *(f"figure_13.{kind}" for kind in ("png", "pdf", "csv", "h5"))}
    assert set(done.stdout.split()) == {f"runs/fig/{name}" for name in names}
    assert {path.name for path in (tmp_path / "runs" / "fig").iterdir()} == names
    # The record draws the same again.
    assert figure_config.load(tmp_path / "runs" / "fig" / "figure.yaml")[0].k_points == 20  # type: ignore[union-attr]


def test_the_command_refuses_with_2_and_no_traceback(tmp_path: Path) -> None:
    written(tmp_path, "figure: dark_qed_16\nplasma: {kind: constant, nu: 1}\n")
    done = process("figure", "fig.yaml", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert "fig.yaml:2:9: plasma: nu > 0 needs a plasma" in done.stderr
    assert "Traceback" not in done.stderr and "Warning" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["fig.yaml"]


# ---- The folder ----


def test_an_earlier_drawing_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path, out = written(tmp_path, "figure: dark_qed_13\nk_points: 20\n"), tmp_path / "out"
    assert darklat("figure", path, "--out", out)[0] == 0
    written(tmp_path, "figure: dark_qed_13\nk_points: 30\n")
    assert darklat("figure", path, "--out", out)[0] == 0
    assert len((out / "figure_13.csv").read_text().splitlines()) == 31
    (out / "notes.txt").write_text("mine")
    code, _, err = darklat("figure", path, "--out", out)
    assert code == 2 and f"--out {out}: the folder holds notes.txt" in err
    (out / "notes.txt").unlink()
    other = written(tmp_path, "figure: dark_qed_3\nsites: 8\n")
    code, _, err = darklat("figure", other, "--out", out)
    assert code == 2 and "which is not from drawing dark_qed_3" in err
    assert len((out / "figure_13.csv").read_text().splitlines()) == 31


def test_files_of_the_same_name_from_elsewhere_stay(tmp_path: Path) -> None:
    path, out = written(tmp_path, "figure: dark_qed_13\nk_points: 20\n"), tmp_path / "out"
    out.mkdir()
    (out / "figure_13.png").write_text("mine")
    code, _, err = darklat("figure", path, "--out", out)
    assert code == 2 and "holds figure_13.png" in err
    assert (out / "figure_13.png").read_text() == "mine"


@pytest.mark.parametrize("out", ["fig.yaml", "fig.yaml/sub", "x" * 300, "/proc/darklat"])
def test_a_folder_that_cannot_be_made_is_the_user_s_error(tmp_path: Path, out: str) -> None:
    path = written(tmp_path, "figure: dark_qed_13\nk_points: 20\n")
    code, _, err = darklat("figure", path, "--out", tmp_path / out)
    assert code == 2 and "--out" in err


def test_a_disk_that_refuses_is_the_machine_s_error(tmp_path: Path) -> None:
    path = written(tmp_path, "figure: dark_qed_13\nk_points: 20\n")
    with mock.patch.object(figure_folder, "write", side_effect=OSError(28, "No space left")):
        code, _, err = darklat("figure", path, "--out", tmp_path / "out")
    assert code == 4 and "No space left" in err


# ---- Whatever is in the file ----

NUMBERS = st.sampled_from(
    [0, 1, 2, 5, 16, 40, -1, 10**30, 0.0, 1e-3, 0.1, 0.5, 0.999, 1.5, 7.3, 25.0, 400.0, 1e4]
    + [1e9, 1e300, 1e-300, -1e-3, math.inf, math.nan]
)
VALUES = st.one_of(
    NUMBERS,
    st.lists(NUMBERS, max_size=3),
    st.sampled_from([None, True, "", "1e-3", "constant", "x\n\0", {}, [], {"kind": "table"}]),
)
PLASMAS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["constant", "screening", "freeze_out", "table", "none"])},
        optional={
            key: VALUES
            for key in ("omega_p", "nu", "a_fo", "omega_fo", "remaining", "nu_over_omega_p")
            + ("a_cascade", "a_plasma", "omega_plasma", "file")
        },
    ),
)


SANE_PLASMAS = (
    {"kind": "constant", "omega_p": 3.0, "nu": 0.1},
    {"kind": "screening", "nu_over_omega_p": 0.3, "omega_plasma": 400.0, "a_cascade": 0.01},
    {"kind": "freeze_out", "a_fo": 0.1, "omega_fo": 30.0, "remaining": 1e-3},
)


def scaled(value: object, factor: float) -> object:
    """Numbers times a factor, wherever they are."""
    if isinstance(value, dict):
        return {key: scaled(item, factor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scaled(item, factor) for item in value]
    if isinstance(value, int | float):
        return type(value)(value * factor)
    return value


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A small valid configuration with some keys changed, within reason or not."""
    name = draw(st.sampled_from(sorted(SMALL)))
    values = {"figure": name, **yaml.safe_load(SMALL[name])}
    model = figure_config.MODELS[name]
    keys = [key for key in model.model_fields if key != "figure"]
    for key in draw(st.lists(st.sampled_from([*keys, "unknown"]), max_size=3, unique=True)):
        if key == "unknown" or draw(st.integers(0, 3)) == 0:
            values[key] = draw(PLASMAS if key == "plasma" else VALUES)
            continue
        default = values.get(key, model.model_fields[key].get_default())
        value = draw(st.sampled_from(SANE_PLASMAS)) if key == "plasma" else default
        values[key] = scaled(value, draw(st.sampled_from([0.1, 0.5, 1.0, 1.3])))
    return str(yaml.safe_dump(values))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=configs())
def test_no_config_gives_a_traceback(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    # What is computed and drawn is rendered by another test, and the slowest numbers are elsewhere.
    with (
        mock.patch.object(figure_folder, "write", return_value=[]),
        mock.patch.object(freeze_out, "charge_for_dark_matter", return_value=0.01),
    ):
        code, _, err = darklat("figure", written(folder, text), "--out", folder / "out")
    assert code in (0, 2), err
    assert (folder / "out").exists() == (code == 0)
    assert "fig.yaml" in err or code == 0


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(
        alphabet=st.sampled_from("figure: dark_qed_13\n\t{}[],&*!'\"\\x0-.e~#|>%@"), max_size=60
    )
)
def test_no_text_gives_a_traceback(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        figure_config.load(path)
    except ConfigError as error:
        assert "fig.yaml" in str(error)


EXTREME = {
    "dark_qed_2": "k: [1e-6]\nk_min: 1e-6\nk_max: 1e-5\na_end: 1e-2\na_points: 16\n",
    "dark_qed_3": "sites: 4\nbox: 1e-3\nx_min: 1e-6\nx_max: 1e6\nx_points: 16\n",
    "dark_qed_14": "mass: 1e-2\nvelocities: [0.3]\nk_min: 1e-4\nk_points: 16\n",
    "dark_qed_16": "k: [1e-6]\na_end: 1\na_points: 16\nplasma: {kind: constant}\n",
}


@pytest.mark.parametrize("name", EXTREME)
def test_extreme_figures_render(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"figure: {name}\n{EXTREME[name]}")
    code, out, err = darklat("figure", path, "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert {Path(line).parent for line in out.split()} == {tmp_path / "out"}
