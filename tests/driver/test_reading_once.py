"""A configuration is read and parsed once, so that it may come from a pipe. A later refusal says
where its keys stood then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from darklat import cli
from darklat.analysis import drawing
from darklat.driver import feasibility
from darklat.errors import ConfigError
from darklat.schema import load_located, packaged, profile
from darklat.schema.sweep import Sweep, read
from darklat.schema.yaml import document
from run_folders import CONFIG


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that the YAML composer was given."""
    texts: list[str] = []
    composer = document._Composer

    class Counting(composer):  # type: ignore[valid-type, misc]
        def __init__(self, text: str) -> None:
            texts.append(text)
            super().__init__(text)

    monkeypatch.setattr(document, "_Composer", Counting)
    yield texts


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.yaml").write_text(CONFIG)
    return Path("short.yaml")


def test_validate_and_a_refused_run_parse_the_configuration_once(
    path: Path, parsed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["validate", str(path), "--backend", "cpu"]) == 0
    assert parsed == [CONFIG]
    parsed.clear()
    code = cli.main(["run", str(path), "--backend", "cpu", "--set", "lattice.sites=1600"])
    assert code == 2 and "lattice.sites: 1600^3 sites need" in capsys.readouterr().err
    assert parsed == [CONFIG, "1600"]
    parsed.clear()
    read(path, ["sweep={initial.seed: [1, 2, 3]}"])
    assert parsed == [CONFIG, "{initial.seed: [1, 2, 3]}"]


def test_a_run_parses_the_configuration_once(path: Path, parsed: list[str]) -> None:
    small = ["--set", "lattice.sites=8", "--set", "time.a_end=0.6", "--set", "output.snapshots=[]"]
    assert cli.main(["run", str(path), "--backend", "cpu", "--out", "out", *small]) == 0
    resolved = Path("out", "config.yaml").read_text()
    # The analysis at the end reads the run folder, as that of any other run: the configuration in
    # the series, and config.yaml to see whether it was edited.
    assert parsed == [CONFIG, "8", "0.6", "[]", resolved, resolved]


def test_a_refusal_knows_the_place_when_the_file_is_gone(path: Path) -> None:
    config, origin = load_located(path, ["lattice.box=0.4"])
    path.unlink()
    line = next(i for i, text in enumerate(CONFIG.split("\n"), 1) if "sites: 16" in text)
    column = CONFIG.split("\n")[line - 1].index("16") + 1
    refused = str(origin.refusal(("lattice", "sites"), "too many"))
    assert refused == f"short.yaml:{line}:{column}: lattice.sites: too many"
    refused = str(origin.refusal(("lattice", "box"), "too large"))
    assert refused == "--set lattice.box=0.4:1:13: lattice.box: too large"
    too_fast = config.model_copy(update={"time": config.time.model_copy(update={"courant": 1.2})})
    with pytest.raises(ConfigError, match=r"^short\.yaml:\d+:\d+: time\.courant: 1\.2 is unstable"):
        feasibility.check_plan(origin, too_fast)


def test_a_refusal_of_a_run_of_a_sweep_knows_its_value_when_the_file_is_gone(path: Path) -> None:
    path.write_text(CONFIG + "sweep:\n  initial.seed: [1, 2]\n")
    sweep = read(path)
    assert isinstance(sweep, Sweep)
    path.unlink()
    refused = str(sweep.runs[1].origin.refusal(("initial", "seed"), "no"))
    assert refused == f"short.yaml:{CONFIG.count(chr(10)) + 2}:21: initial.seed: no"


# ---- Streams. ----

TABLE = """
name: table
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {mass_eV: 1e-18, plasma: {kind: table, file: plasma.txt}}}
  couplings: {XX: 10}
lattice: {sites: 8, box: 0.5, order: 2}
time: {a_end: 0.6}
"""


@contextmanager
def piped(text: str, *, to_stdin: bool) -> Iterator[str]:
    """The word that names a pipe with a text in it, as a shell's <(...) or as stdin."""
    reading, writing = os.pipe()
    before = os.dup(0)
    try:
        os.write(writing, text.encode())
        os.close(writing)
        if to_stdin:
            os.dup2(reading, 0)
        yield "-" if to_stdin else f"/dev/fd/{reading}"
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(reading)


@pytest.mark.parametrize("to_stdin", [True, False])
def test_a_configuration_comes_from_a_pipe(
    to_stdin: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Files that it names are looked for from the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_conclude", lambda folder, finished, *_: int(not finished))
    (tmp_path / "plasma.txt").write_text("0.1 1.0\n9.0 0.1\n", encoding="utf-8")
    with piped(TABLE, to_stdin=to_stdin) as word:
        assert cli.main(["run", word, "--backend", "cpu"]) == 0, capsys.readouterr().err
    assert Path("runs/table/summary.json").exists()
    with piped(TABLE + "sweep: {initial.seed: [1, 2]}\n", to_stdin=to_stdin) as word:
        sweep = read(packaged.resolve(Path(word), packaged.RUNS))
    assert isinstance(sweep, Sweep) and len(sweep.runs) == 2
    with piped(TABLE.replace("sites: 8", "sites: 7"), to_stdin=to_stdin) as word:
        assert cli.main(["validate", word]) == 2
    named = "/dev/stdin" if to_stdin else word
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{named}:7:18: lattice.sites: ")


def test_a_profile_comes_from_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with piped("time: 60\nvenv: here\n", to_stdin=False) as word:
        assert profile.load(Path(word)).venv == str(tmp_path / "here")


def test_a_figure_from_a_pipe_has_a_folder_of_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(drawing, "rendered", lambda _: {})
    with piped(packaged.text("dark_qed_fig13"), to_stdin=True) as word:
        assert cli.main(["figure", word]) == 0, capsys.readouterr().err
    assert Path("runs/dark_qed_13/figure_13.csv").exists()
