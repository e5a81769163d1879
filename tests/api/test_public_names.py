"""The names of `import darklat`: few, lazy, and all there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import darklat

NAMES = {
    "Config", "Run", "Simulation", "__version__", "converge", "errors", "initial", "load", "loads", "open_run", "refine",
    "resume", "run", "scan", "suggest", "validate",
}  # fmt: skip


def test_every_public_name_is_there_and_documented() -> None:
    assert set(darklat.__all__) == NAMES <= set(dir(darklat))
    for name in NAMES - {"__version__"}:
        value = vars(sys.modules["darklat"]).get(name) or darklat.__getattr__(name)
        assert value.__doc__
    assert darklat.__version__.count(".") == 2
    assert issubclass(darklat.errors.ConfigError, ValueError)


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        _ = darklat.simulate


def test_importing_darklat_imports_nothing_else() -> None:
    script = (
        "import sys; before = set(sys.modules); import darklat; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"darklat", "__future__"}


def test_a_run_is_opened_without_the_engine() -> None:
    script = "import sys, darklat; darklat.open_run; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "darklat.api.run" in loaded
    assert not {"darklat.lattice", "darklat.kernels", "scipy.fft", "matplotlib"} & loaded
