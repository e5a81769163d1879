"""benchmarks/gpu.py at tiny sizes on a GPU, emulated or real; no test is about how fast it is."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from emulated_cuda import Machine, failures

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
TINY = (
    "--sites", "8", "--parity-sites", "8", "--launches", "2", "--step-seconds", "0",
    "--fig1-sites", "8", "--fig1-until", "4.35",
)  # fmt: skip


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gpu_benchmark", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured(
    script: ModuleType, gpu_choice: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    assert gpu_choice == "cuda"
    out = tmp_path_factory.mktemp("gpu") / "gpu.json"
    assert script.main([*TINY, "--out", str(out)]) == 0
    return json.loads(out.read_text())


def test_it_measures_all_of_it(script: ModuleType, measured: dict[str, Any]) -> None:
    assert measured["left_out"] == []
    pairs = {(model, precision) for model in script.MODELS for precision in script.PRECISIONS}
    for part in ("parity", "steps", "kernels"):
        assert {(row["model"], row["precision"]) for row in measured[part]} == pairs
    assert all(row["passed"] for row in measured["parity"]) and len(measured["parity"]) == 7
    first = measured["steps"][0]
    assert first["sites"] == 8 and 88 < first["memory_bytes_per_site"] < 2 * 88
    assert first["fraction_by_kernels"] / first["fraction_by_least"] == pytest.approx(1312 / 304)
    kernels = [(k["kernel"], k["axis"]) for k in measured["kernels"] if k["model"] == "ALP + X"]
    assert kernels[:4] == [("plaquettes", ""), ("kick", ""), ("drift", ""), ("felt_magnetic", "x")]
    assert measured["spectra"][0]["sites"] == 8
    fig1 = measured["fig1"]
    assert fig1["a_reached"] == pytest.approx(4.35) and fig1["r"] > 0 and fig1["epsilon"] > 0
    assert {"device", "versions", "numpy", "python", "darklat"} <= measured["where"].keys()


def test_what_does_not_fit_or_has_no_time_is_listed(
    script: ModuleType, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gpu.json"
    assert script.main([*TINY, "--minutes", "0", "--out", str(out)]) == 1
    told, left_out = capsys.readouterr().out, json.loads(out.read_text())["left_out"]
    assert "left out: ALP + X, float64, 8^3: no time left" in told
    assert "Fig. 1: no time left" in left_out
    machine.failures.transform = failures.NO_CUFFT
    machine.cards[0].total = 1_000_000
    words = ["--fig1-until", "4.30", "--sites", "64", "--parity-sites", "8", "--launches", "1"]
    assert script.main([*TINY, *words, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "left out: ALP + X, float64, 64^3: --sites 64" in told
    assert "left out: Fig. 1: a library of the CUDA toolkit cannot be loaded" in told


def test_without_a_device_it_says_so(
    script: ModuleType, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.failures.count = failures.NO_DEVICE
    assert script.main([*TINY, "--out", str(tmp_path / "gpu.json")]) == 4
    assert capsys.readouterr().err.startswith("no GPU to run on: ")
    assert not (tmp_path / "gpu.json").exists()
