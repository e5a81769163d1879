"""A config.yaml that was edited in the folder of a run: the configuration that the files of the run
hold counts, and every command says the difference."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import darklat as dl
from darklat.analysis.report import report
from darklat.driver import commands
from darklat.driver.run_status import examine
from darklat.driver.status import status
from darklat.errors import InputError
from darklat.schema import Config, load
from darklat.storage.read_run import load_run
from run_folders import CONFIG

TINY = CONFIG.replace("sites: 16", "sites: 8").replace("a_end: 1.5", "a_end: 0.7")
SAID = "config.yaml was edited: time.a_end is 2 in config.yaml and 0.7 in {}, which counts."


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    """A stopped run whose a_end was edited, and its configuration."""
    folder = tmp_path_factory.mktemp("edited")
    path = folder / "c.yaml"
    path.write_text(TINY)
    run = folder / "run"
    commands.run(path, overrides=[], out=run, backend="cpu", stop_after=8)
    stated = run / "config.yaml"
    text = stated.read_text()
    assert text.count("a_end: 0.7\n") == 1
    stated.write_text(text.replace("a_end: 0.7\n", "a_end: 2.0\n"))
    return run, load(path)


def test_status_counts_and_says(stopped: tuple[Path, Config]) -> None:
    folder, _ = stopped
    found = examine(folder, {})
    assert found.reached.end == 0.7 and found.edits == (SAID.format("series.h5"),)
    assert f"note       {SAID.format('series.h5')}" in status([folder])


def test_the_report_and_the_interface_count_and_say(
    stopped: tuple[Path, Config], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    folder, _ = stopped
    said = SAID.format("series.h5")
    assert f"note  {said}" in report(folder, out=tmp_path / "report.html")
    with caplog.at_level(logging.WARNING, "darklat"):
        run = dl.open_run(folder)
    assert run.config.time.a_end == 0.7 and run.edits == (said,)
    assert caplog.messages == [f"warning: {folder}: {said}"]


def test_another_configuration_is_one_that_differs_from_the_stored(
    stopped: tuple[Path, Config],
) -> None:
    folder, _ = stopped
    with pytest.raises(InputError, match=r"time\.a_end is 0\.7 there and 2 here"):
        dl.run(load(folder / "config.yaml"), out=folder, backend="cpu")


def test_a_resume_goes_on_as_begun_and_says_so(
    stopped: tuple[Path, Config], caplog: pytest.LogCaptureFixture
) -> None:
    folder, config = stopped
    with caplog.at_level(logging.WARNING, "darklat"):
        commands.resume(folder, backend="cpu")
    assert f"warning: {SAID.format('step-000000008.h5')}" in caplog.messages
    assert SAID.format("step-000000008.h5") in (folder / "run.log").read_text()
    run = load_run(folder)
    assert run.series["a"][-1] == pytest.approx(0.7, rel=1e-12)
    assert run.config == config
