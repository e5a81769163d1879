"""A command in a process of its own, in an environment that a user may have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from darklat.kernels.backends.compile import cache_folder

WITHOUT_ANALYSIS = """
import sys
from darklat import cli
cli._conclude = lambda folder, finished, ranks: 0
sys.exit(cli.main(sys.argv[1:]))
"""
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
WITHOUT_NAME = ("unshare", "--user", "--map-user=54321")


def bare(**variables: str) -> dict[str, str]:
    """An environment of almost nothing, and so without a home."""
    kept = {"PATH": os.environ["PATH"], "DARKLAT_CACHE": str(cache_folder().absolute())}
    return kept | {"OMP_NUM_THREADS": "1"} | variables


def darklat(
    *words: str | Path, analysis: bool = False, prefix: Sequence[str] = (),
    env: Mapping[str, str] | None = None, cwd: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
    """Runs `darklat WORDS`. Without `analysis` a run that has ended draws no figures."""
    how = ["-m", "darklat"] if analysis else ["-c", WITHOUT_ANALYSIS]
    command = [*prefix, sys.executable, "-P", *how, *map(str, words)]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, check=False)


def redirected(how: str) -> tuple[str, ...]:
    """For `darklat(prefix=...)`: the streams as a shell redirects them, for example "2>&-"."""
    return ("sh", "-c", f'exec "$@" {how}', "sh")


def latin_1(folder: Path) -> dict[str, str]:
    """The variables of an 8-bit locale, which is made in a folder; skips the test where none can be."""
    name = "de_DE.ISO-8859-1"
    if shutil.which("localedef") is None:
        pytest.skip("there is no localedef to make an 8-bit locale with")
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(folder / name)]
    subprocess.run(command, capture_output=True, check=False)  # warnings are a code of 1
    if not (folder / name).exists():
        pytest.skip("the sources of locales are not installed here")
    return {"LC_ALL": name, "LOCPATH": str(folder), "PYTHONUTF8": "0"}


def can_lose_its_name() -> bool:
    """Whether a process may have a number that no user has."""
    command = [*WITHOUT_NAME, "true"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )
