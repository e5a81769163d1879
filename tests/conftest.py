"""The backends that a test runs on: the CPU and an emulated CUDA device always, a real one where
there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as cores: a thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from darklat.kernels.backends import Backend, make
from darklat.kernels.backends.gpu_errors import unusable
from darklat.kernels.layout import Variant

sys.path.insert(
    0, str(Path(__file__).parent / "helpers")
)  # tests import oracle and device_fields by name

from emulated_cuda import Machine, installed
from relative import approx
from unrendered import unrendered

pytest.approx = approx

REAL_GPU_REQUIRED = os.environ.get("DARKLAT_REQUIRE_GPU") == "1"
BACKENDS = ["cpu", "emulated", *(["cuda"] if REAL_GPU_REQUIRED or unusable() is None else [])]
if BACKENDS[-1] == "emulated":
    # Fused kernels would double the time that every variant takes to compile for the emulated
    # device. The tests of them ask for them: test_fused.py, test_traced_steps.py.
    os.environ.setdefault("DARKLAT_FUSED", "0")

LONGEST = (
    "test_launches.py", "test_massive.py", "test_conduction.py", "test_orders.py",
    "test_single_precision.py", "test_disks.py", "test_figure_config.py", "test_kills.py",
    "test_simulation.py", "test_compile.py",
)  # fmt: skip
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
def without_pictures() -> Iterator[None]:
    """`unrendered`, for tests that look at numbers, tables or text."""
    with unrendered():
        yield


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine with two emulated CUDA devices, on which darklat finds cupy."""
    with installed(Machine()) as emulated:
        yield emulated


@pytest.fixture(scope="module", params=BACKENDS)
def choice(request: pytest.FixtureRequest) -> Iterator[str]:
    """The word for a backend, "cpu" or "cuda"; for the latter an emulated device may stand in.

    DARKLAT_REQUIRE_GPU=1 asks for a real device too, and fails without one.
    """
    with _there(request.param) as word:
        yield word


@pytest.fixture(scope="module", params=BACKENDS[1:])
def gpu_choice(request: pytest.FixtureRequest) -> Iterator[str]:
    """`choice` without the CPU."""
    with _there(request.param) as word:
        yield word


@contextmanager
def _there(name: str) -> Iterator[str]:
    if name == "emulated":
        with installed(Machine()):
            yield "cuda"
        return
    if name == "cuda" and (reason := unusable()):
        pytest.fail(f"DARKLAT_REQUIRE_GPU=1, but: {reason}")
    yield name


@pytest.fixture
def backend(choice: str) -> Callable[..., Backend]:
    """backend(n=..., gauge_fields=..., and the rest of Variant) makes a backend of every kind."""

    def build(*, n: int, gauge_fields: int = 1, **variant: Any) -> Backend:
        return make(choice, n=n, variant=Variant(gauge_fields, **variant))

    return build
