"""A disk that fails at every kind of write: exit code 4 in one sentence, and the run goes on to the same bytes afterwards.

`bad_disks.py` makes it fail.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bad_disks import KINDS, OF_THE_ANALYSIS

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def trials(*arguments: str) -> list[dict[str, Any]]:
    script = Path(__file__).parents[1] / "helpers" / "bad_disks.py"
    done = subprocess.run(
        [*arguments[:-1], sys.executable, str(script), *arguments[-1].split()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_survived(found: list[dict[str, Any]]) -> None:
    for each in found:
        assert each["code"] == 4 and not each["traceback"], each
        (line,) = each["says"]
        assert line.startswith("darklat: ") and ("space" in line or "permissions" in line), each
        assert each["goes on"] and each["same"], each


def test_a_full_and_a_read_only_file_system() -> None:
    try:
        subprocess.run(
            [*NAMESPACE, "sh", "-c", "mount -t tmpfs tmpfs /mnt"], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(
            f"no file system can be mounted here, not even in a namespace of its own: {error}"
        )
    read_only, *full = trials(*NAMESPACE, "read-only full")
    assert [each["kind"] for each in full] == list(KINDS)
    assert_survived(full)
    assert read_only["code"] == 4 and read_only["new"] == 2
    (line,) = read_only["says"]
    assert "run.lock" in line and "Read-only file system" in line
    assert "choose another folder (--out)" in read_only["new says"][0]


@pytest.mark.parametrize("how", ["permissions", pytest.param("limit", marks=pytest.mark.slow)])
def test_lost_permissions_and_files_that_may_not_grow(how: str) -> None:
    found = trials(how)
    assert [each["kind"] for each in found] == [k for k in KINDS if k not in OF_THE_ANALYSIS]
    assert_survived(found)
