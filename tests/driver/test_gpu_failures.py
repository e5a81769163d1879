"""What goes wrong with GPUs, on emulated ones: a sentence with the remedy, exit code 4, and a run that
can go on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import darklat as dl
from darklat import cli
from darklat.driver import commands, doctor
from darklat.errors import MachineError
from darklat.kernels.backends import kernel_identity, make
from darklat.kernels.backends.gpu import GpuBackend
from darklat.kernels.layout import Variant
from darklat.lattice import plan
from darklat.storage import checkpoint
from emulated_cuda import Machine, failures
from run_folders import CONFIG

SHORT = {
    "lattice.sites": 8, "lattice.box": 0.25, "time.a_end": 0.6, "time.courant": 0.5,
    "output.snapshots": [],
}  # fmt: skip
OUT = "out"
pytestmark = pytest.mark.usefixtures("without_pictures")


@pytest.fixture
def command(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """command("run", ...) runs a small configuration on an emulated device; the exit code."""
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG)

    def call(name: str, *words: str) -> int:
        if name == "run":
            settings = [f"--set={key}={value}" for key, value in SHORT.items()]
            words = ("c.yaml", "--out", OUT, *settings, *words)
        return cli.main([name, *words, "--backend", "cuda"])

    return call


def small() -> dl.Config:
    return dl.loads(CONFIG, SHORT)


# -- memory


def test_a_sweep_of_runs_that_take_most_of_the_card(
    machine: Machine, command: Callable[..., int]
) -> None:
    config = dl.loads(CONFIG, SHORT | {"lattice.sites": 16, "time.a_end": 0.53})
    machine.cards[0].total = int(plan.memory_bytes(config, on_gpu=True) / 0.6)
    sizes = ("--set=lattice.sites=16", "--set=time.a_end=0.53")
    assert command("run", *sizes, "--set=sweep.initial.seed=[1, 2, 3]") == 0
    assert len(list(Path(OUT).glob("*/summary.json"))) == 3


def test_the_plan_of_memory_holds_on_the_device(machine: Machine) -> None:
    config = dl.loads(CONFIG, SHORT | {"lattice.sites": 16, "time.a_end": 0.52})
    simulation = dl.Simulation(config, backend="cuda")
    simulation.run()
    simulation.X("X")
    planned = plan.memory_bytes(config, on_gpu=True)
    # cuFFT's workspace is not emulated; 16^3 sites are the planes that it does at once. Padding and
    # sums are 3% of such arrays.
    workspace = 8 * 16**3 * plan.CUFFT_WORKSPACE
    assert 0.6 * planned < machine.cards[0].held + workspace < 1.03 * planned


def test_a_run_that_does_not_fit_is_refused_at_its_key(
    machine: Machine, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    machine.cards[0].total = 50_000
    assert command("run") == 2
    assert "are available on Emulated device, device 0; no lattice fits" in capsys.readouterr().err


def test_copies_of_a_field_take_no_memory_on_the_device(machine: Machine) -> None:
    b = make("cuda", n=8, variant=Variant(2))
    X = b.field("link")
    held = machine.cards[0].held
    X[...] = b.array(values := np.random.default_rng(1).normal(size=X.shape))
    b.xp.get_default_memory_pool().free_all_blocks()
    np.testing.assert_array_equal(b.to_host(X), values)
    np.testing.assert_array_equal(b.to_host(X[1]), values[1])
    assert machine.cards[0].held == held


# -- devices


def test_the_second_device_is_chosen(machine: Machine, command: Callable[..., int]) -> None:
    assert command("run", "--device", "1") == 0
    assert (machine.cards[0].held, machine.cards[1].held > 0) == (0, True)
    assert "on Emulated device, device 1" in (Path(OUT) / "run.log").read_text()


def test_a_device_that_is_not_there(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("run", "--device", "2") == 4
    assert "device 2: this machine has devices 0 to 1" in capsys.readouterr().err


def test_any_thread_works_on_the_device_of_its_simulation(machine: Machine) -> None:
    simulation = dl.Simulation(small(), backend="cuda", device=1)
    thread = threading.Thread(target=simulation.run)
    thread.start()
    thread.join()
    assert simulation.finished and machine.cards[0].held == 0
    assert simulation.spectra_now().keys() == simulation.spectra.keys()
    assert machine.current == 0  # of this thread, which is as it was


def test_the_identity_of_kernels_covers_what_compiles_them(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = make("cuda", n=8, variant=Variant(1))
    before = kernel_identity(b)
    assert kernel_identity(make("cuda", n=10, variant=Variant(1), device=1)) == before
    found = {before}
    for name, other in (
        ("cuda.nvrtc.getVersion", lambda: (13, 0)),
        ("cuda.runtime.driverGetVersion", lambda: 13000),
        ("__version__", "15.0.0"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"cupy.{name}", other)
            found.add(kernel_identity(make("cuda", n=8, variant=Variant(1))))
    assert len(found) == 4
    assert kernel_identity(make("cuda", n=8, variant=Variant(2))) not in found


# -- what is missing

REINSTALL = "pip install 'darklat[gpu]'"
MISSING = {
    "the driver": ("count", failures.INSUFFICIENT_DRIVER, "Update the driver"),
    "a device": ("count", failures.NO_DEVICE, "nvidia-smi, and CUDA_VISIBLE_DEVICES"),
    "NVRTC": ("compile", failures.NO_NVRTC, REINSTALL),
    "an NVRTC that fits": ("compile", failures.OLD_NVRTC, REINSTALL),
    "a driver for its code": ("load", failures.OLD_DRIVER, "update the driver"),
    "cuFFT": ("transform", failures.NO_CUFFT, REINSTALL),
    "a cuFFT that works": ("transform", failures.CUFFT_FAILS, "nvidia-smi"),
}


def one_line(text: str) -> str:
    """The error at the end of what the command said, which is one line and no traceback."""
    last = text.strip().splitlines()[-1]
    assert last.startswith("darklat: ") and "Traceback" not in text
    return last


@pytest.mark.parametrize("what", MISSING)
def test_what_is_missing_is_said(
    machine: Machine, command: Callable[..., int], capsys: pytest.CaptureFixture[str], what: str
) -> None:
    call, error, remedy = MISSING[what]
    setattr(machine.failures, call, error)
    assert command("run") == 4
    said = one_line(capsys.readouterr().err)
    assert remedy in said and str(error).splitlines()[0].rstrip(".") in said
    with pytest.raises(MachineError, match=r"GPU|library"):
        dl.Simulation(small(), backend="cuda")
    if call != "transform":
        assert command("bench", "--sites", "8") == 4
        assert remedy in one_line(capsys.readouterr().err)
    finding = doctor._finding("GPU", False, doctor._gpu)
    assert finding.ok is None and remedy in finding.detail and "\n" not in finding.detail


def test_cupy_that_cannot_be_imported(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:  # undone before the emulated cupy goes
        patch.setitem(sys.modules, "cupy", None)
        assert command("run") == 4
    said = one_line(capsys.readouterr().err)
    assert "no GPU to run on: cupy cannot be imported" in said and REINSTALL in said


def test_without_a_device_auto_is_the_cpu(machine: Machine) -> None:
    assert make("auto", n=8, variant=Variant(1)).name == "cuda"
    machine.failures.count = failures.NO_DEVICE
    assert make("auto", n=8, variant=Variant(1)).name == "cpu"


def test_an_error_that_is_not_of_the_device_is_itself(machine: Machine) -> None:
    b = make("cuda", n=8, variant=Variant(1))
    for error in (KeyError("x"), RuntimeError("x"), ImportError("no module named x")):
        with pytest.raises(type(error)), b.working():
            raise error


# -- what breaks


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (failures.ECC, "`darklat resume` goes on from the last checkpoint"),
        (failures.ILLEGAL_ADDRESS, "`darklat resume` goes on from the last checkpoint"),
        (failures.OutOfMemoryError(4096, 0), "Use fewer sites"),
    ],
    ids=["ECC", "address", "memory"],
)
def test_a_device_that_fails_in_mid_run_leaves_the_checkpoint(
    machine: Machine,
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    remedy: str,
) -> None:
    machine.failures.device, machine.failures.after = error, 150  # launches, of 33 a step
    assert command("run") == 4
    assert remedy in one_line(capsys.readouterr().err)
    found, rejected = checkpoint.newest(Path(OUT) / "checkpoints")
    assert (found.state.step, rejected) == (0, [])
    machine.failures.device = None
    assert commands.resume(Path(OUT), backend="cuda", device=1) == (Path(OUT), True)


def test_doctor_says_what_each_device_did(machine: Machine) -> None:
    finding = doctor._finding("GPU", False, doctor._gpu)
    assert finding.ok and machine.launches == 2
    for words in (
        "device 0 (cupy 14",
        "device 1 (cupy 14",
        "NVRTC 12.9, driver for CUDA 12.9, sm_90",
    ):
        assert words in finding.detail
    assert finding.detail.count("a kernel copied 8^3 sites, and a transform of them agrees") == 2


def test_doctor_finds_a_device_that_computes_wrong(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(GpuBackend, "launch", lambda *_, **__: None)
        assert "a kernel gives wrong results on Emulated device, device 0" in found()
    right = GpuBackend.rfftn
    monkeypatch.setattr(GpuBackend, "rfftn", lambda b, field: 2 * right(b, field))
    assert "a transform on GPU 0 is wrong by 1" in found()


def found() -> str:
    finding = doctor._finding("GPU", False, doctor._gpu)
    assert finding.ok is None
    return finding.detail
