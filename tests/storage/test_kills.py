"""SIGKILL at any moment: `kill_trials.py` kills, resumes and compares; here it has to find nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("kills", [6, pytest.param(1000, marks=pytest.mark.slow)])
def test_killed_runs_resume_to_the_same_bytes(kills: int) -> None:
    command = [
        sys.executable,
        str(Path(__file__).parents[1] / "helpers" / "kill_trials.py"),
        "--kills",
        str(kills),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    numbers = json.loads(done.stdout)
    assert numbers["differ"] == [] and numbers["kills"] >= kills
    assert numbers["places"] > 40
