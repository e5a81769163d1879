"""The backends that a test runs on: the CPU always, CUDA where there is a device."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as cores: a thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from darklat.kernels.backends import Backend, gpu, make
from darklat.kernels.layout import Variant

sys.path.insert(
    0, str(Path(__file__).parent / "helpers")
)  # tests import oracle and device_fields by name


LONGEST = ("test_kills.py", "test_launches.py", "test_figure_config.py", "test_disks.py")
"""Begun first, so that several workers end together."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the longest files first. Leaves out the tests with a real Slurm, which take minutes,
    unless -m asks for them."""
    first = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(item.path.name, len(first)))
    if "slurm" in config.getoption("markexpr"):
        return
    reason = "a real Slurm takes minutes: pytest -m slurm (apt-get install slurm-wlm munge)"
    for item in items:
        if item.get_closest_marker("slurm"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made, but files with one byte stand for their pictures, which take seconds; for
    tests that look at numbers, tables or text."""
    from matplotlib.figure import Figure

    def save(figure: Figure, path: Any, **_: Any) -> None:
        if hasattr(path, "write"):
            path.write(b"-")
        else:
            Path(path).write_bytes(b"-")

    monkeypatch.setattr(Figure, "savefig", save)


@pytest.fixture(params=["cpu", "cuda"])
def backend(request: pytest.FixtureRequest) -> Callable[..., Backend]:
    """backend(n=..., gauge_fields=..., and the rest of Variant) makes a CPU or a CUDA backend.

    Without a usable GPU the CUDA half is skipped, or fails when DARKLAT_REQUIRE_GPU=1.
    """
    if request.param == "cuda" and (reason := gpu.probe()):
        if os.environ.get("DARKLAT_REQUIRE_GPU") == "1":
            pytest.fail(f"DARKLAT_REQUIRE_GPU=1, but: {reason}")
        pytest.skip(reason)

    def build(*, n: int, gauge_fields: int = 1, **variant: Any) -> Backend:
        return make(request.param, n=n, variant=Variant(gauge_fields, **variant))

    return build
