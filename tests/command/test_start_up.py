"""What commands import before they do anything: that, and nothing slower, decides how soon they
start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from run_folders import CONFIG

HELP = """
import sys
from darklat import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0
"""
FIRST_STEP = """
import sys
from pathlib import Path
from darklat.driver import commands
commands.run(Path(sys.argv[1]), overrides=[], out=Path("out"), backend="cpu", stop_after=1)
"""
LOADED = "print('loaded', *sys.modules, file=sys.stderr)"


def imported(script: str, *arguments: object, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", script + LOADED, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = set(done.stderr.rpartition("loaded ")[2].split())
    assert "darklat" in names
    return names


@pytest.mark.parametrize("command", [[], ["run"], ["bench"], ["config"]])
def test_help_imports_no_library(command: list[str], tmp_path: Path) -> None:
    libraries = {"numpy", "scipy", "h5py", "pydantic", "yaml", "tqdm", "matplotlib"}
    slow = {"importlib.metadata", "dataclasses", "inspect", "json"}  # of the standard library
    assert not (libraries | slow) & imported(HELP, *command, "--help", cwd=tmp_path)


def test_a_first_step_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(CONFIG)
    names = imported(FIRST_STEP, "short.yaml", cwd=tmp_path)
    assert "scipy.fft" in names and (tmp_path / "out" / "series.h5").exists()
    slow = {"matplotlib", "scipy.integrate", "scipy.interpolate", "scipy.optimize", "scipy.stats"}
    assert not slow & names
