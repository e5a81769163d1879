"""Runs that ranks share: the bytes of one process, stops, errors, killed ranks."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from darklat import cli
from darklat.driver import commands, ranks
from darklat.driver.ranks import quiet
from darklat.errors import InputError, MachineError
from darklat.kernels.ranks import ALONE, Ranks, of_launcher
from darklat.lattice.evolution import Evolution
from darklat.schema import load_located
from darklat.storage import hdf5, run_folder
from emulated_cuda import Machine, installed
from many_ranks import ENVIRONMENT, mpirun, with_mpirun
from run_folders import CONFIG, datasets
from unrendered import unrendered

pytestmark = [with_mpirun, pytest.mark.mpi]

PICTURES = ("lattice.sites=12", "time.a_end=0.7", "output.snapshots=[0.6]", "output.maps=true")
CASES = {
    "alp": ("output.snapshot_precision=float32",),
    "photon": (
        "model.fields.A={role: photon, conductivity: {kind: constant, value: 1e14}}",
        "model.couplings={XX: 100, AX: 10}",
        "initial.linear_until=0.55",
        "lattice.precision=float32",
    ),
}
PATIENCE = 300  # seconds, of a busy machine
SHORT = ("lattice.sites=8", "time.a_end=0.7", "output.snapshots=[0.6]")
LONG = ("lattice.sites=8", "time.a_end=100", "output.checkpoints_kept=100")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


# ---- The same bytes ----


def run_cases(config: Path, out: Path, shared: Ranks, *, stop_after: int | None = None) -> None:
    for name, settings in CASES.items():
        found, origin = load_located(config, [*PICTURES, *settings])
        commands.start(
            found, origin, out / name, backend="cpu", ranks=shared, stop_after=stop_after
        )


def files(folder: Path) -> dict[str, dict]:
    """The datasets of all files of runs, by path."""
    return {str(path.relative_to(folder)): datasets(path) for path in sorted(folder.rglob("*.h5"))}


def outputs(folder: Path) -> dict[str, dict]:
    """The files of a run but its checkpoints, whose number depends on its stops."""
    found = files(folder)
    return {name: content for name, content in found.items() if "checkpoints" not in name}


def test_three_ranks_have_the_bytes_of_one_process(config: Path, tmp_path: Path) -> None:
    """And what they leave at a stop goes on in one process."""
    run_cases(config, tmp_path / "one", ALONE)
    done = mpirun(3, __file__, "cases", config, tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "three") == files(tmp_path / "one")
    steps = {name: path for name in CASES for path in [tmp_path / "stopped" / name]}
    for folder in steps.values():
        commands.resume(folder, backend="cpu")
    found = files(tmp_path / "stopped")
    assert {k: v for k, v in found.items() if "checkpoints" not in k} == {
        k: v for k, v in files(tmp_path / "one").items() if "checkpoints" not in k
    }
    assert done.stderr.count("checkpoint step-") == 0  # ranks but the first are quiet, too


def test_two_gpus_have_the_bytes_of_one(config: Path, tmp_path: Path, machine: Machine) -> None:
    """Two processes, each with an emulated device. What they leave at a stop goes on on one."""
    found, origin = load_located(config, SHORT)
    commands.start(found, origin, tmp_path / "one", backend="cuda")
    done = mpirun(2, __file__, "gpus", config, tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "two") == files(tmp_path / "one")
    commands.resume(tmp_path / "stopped", backend="cuda")
    assert outputs(tmp_path / "stopped") == outputs(tmp_path / "one")


def run_on_gpus(config: Path, out: Path, shared: Ranks) -> None:
    """As one of two processes."""
    from mpi4py import MPI

    found, origin = load_located(config, SHORT)
    with installed(Machine()) as machine:
        machine.wire.mpi = MPI.COMM_WORLD.Dup()
        for name, stop in (("two", None), ("stopped", 4)):
            commands.start(found, origin, out / name, backend="cuda", ranks=shared, stop_after=stop)
        assert machine.wire.groups > 0


# ---- Stops ----


def launched(ranks: int, *words: str | Path) -> subprocess.Popen[str]:
    command = ["mpirun", "--bind-to", "none", "-n", str(ranks), sys.executable, "-m", "darklat"]
    return subprocess.Popen(
        [*command, *map(str, words), "--backend", "cpu"], env=os.environ | ENVIRONMENT, text=True,
        stderr=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def ranks_of(launcher: subprocess.Popen[str]) -> list[int]:
    """The processes of the ranks."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(launcher.pid)], capture_output=True, text=True
    ).stdout.splitlines()
    return [int(line.split()[0]) for line in listed if "darklat" in line]


def when(happened: Callable[[], bool], launcher: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert launcher.poll() is None, launcher.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.05)


def when_free(begin: Callable[[], object]) -> None:
    """Begins when the lock of the folder is free: the launcher may end before the ranks that it
    ends."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            begin()
            return
        except InputError:
            assert time.monotonic() < until
            time.sleep(0.05)


def resumed(folder: Path) -> int:
    """How often a run has been."""
    return (folder / "events.jsonl").read_text().count('"event":"resumed"')


def test_signals_and_a_killed_rank(config: Path, tmp_path: Path) -> None:
    folder, saved = tmp_path / "shared", tmp_path / "shared" / "checkpoints"
    run = launched(2, "run", config, "--out", folder, *[f"--set={text}" for text in LONG])
    when(lambda: any(saved.glob("*.h5")), run)
    run.send_signal(signal.SIGUSR2)  # to the launcher, which hands it on
    said = run.communicate(timeout=PATIENCE)[1]
    assert run.returncode == cli.STOPPED_EARLY, said
    assert said.count("(SIGUSR2)") == 1

    again = launched(3, "resume", folder)
    when(lambda: resumed(folder) == 1, again)
    os.kill(ranks_of(again)[2], signal.SIGUSR2)
    said = again.communicate(timeout=PATIENCE)[1]
    assert again.returncode == cli.STOPPED_EARLY, said

    killed = launched(2, "resume", folder)
    when(lambda: resumed(folder) == 2, killed)
    os.kill(ranks_of(killed)[1], signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    assert killed.returncode not in (0, cli.STOPPED_EARLY)
    when_free(lambda: commands.resume(folder, backend="cpu", stop_after=1))


# ---- Lives of a run on two ranks, each to the bytes of one process ----


def test_a_damaged_checkpoint_a_signal_at_the_start_and_a_sweep(
    config: Path, tmp_path: Path
) -> None:
    found, origin = load_located(config, SHORT)
    whole, damaged = tmp_path / "whole", tmp_path / "damaged"
    commands.start(found, origin, whole, backend="cpu")
    commands.start(found, origin, damaged, backend="cpu", stop_after=4)
    commands.resume(damaged, backend="cpu", stop_after=4)
    newest = max((damaged / "checkpoints").glob("*.h5"))
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)

    done = mpirun(2, __file__, "lives", config, tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"code (\d+)", done.stdout) == ["0", "85", "0", "0"], done.stderr
    assert done.stderr.count(f"REJECTED checkpoint {newest.name}") == 1
    assert outputs(damaged) == outputs(whole)
    assert done.stderr.count("(SIGUSR2); continue with") == 1
    assert outputs(tmp_path / "signalled") == outputs(whole)
    assert outputs(tmp_path / "sweep" / "a_end=0.7") == outputs(whole)
    assert run_folder.is_finished(tmp_path / "sweep" / "a_end=0.6")


def lives(config: Path, out: Path) -> None:
    """Under mpirun: prints the code of each command."""
    shared, make = of_launcher(), commands.make_backend

    def code(*words: str | Path) -> None:
        found = cli.main([*map(str, words), "--backend", "cpu"])
        if shared.rank == 0:
            print("code", found, flush=True)

    def signalled(*arguments: Any, **named: Any) -> Any:
        if shared.rank == 1:
            os.kill(os.getpid(), signal.SIGUSR2)
        return make(*arguments, **named)

    short = [f"--set={text}" for text in SHORT]
    code("resume", out / "damaged")
    commands.make_backend = signalled
    code("run", config, *short, "--out", out / "signalled")
    commands.make_backend = make
    code("resume", out / "signalled")
    code("run", config, *short, "--set=sweep={time.a_end: [0.6, 0.7]}", "--out", out / "sweep")


def test_a_killed_rank_ends_all_and_a_resume_has_the_same_bytes(
    config: Path, tmp_path: Path
) -> None:
    found, origin = load_located(config, SHORT)
    commands.start(found, origin, tmp_path / "whole", backend="cpu")
    done = mpirun(2, __file__, "killed", config, tmp_path, timeout=PATIENCE)
    assert done.returncode not in (0, cli.STOPPED_EARLY)
    folder = tmp_path / "killed"
    when_free(lambda: commands.resume(folder, backend="cpu"))
    assert outputs(folder) == outputs(tmp_path / "whole")


@pytest.mark.slow
def test_a_stop_on_four_ranks_goes_on_on_any_number(config: Path, tmp_path: Path) -> None:
    found, origin = load_located(config, SHORT)
    commands.start(found, origin, tmp_path / "whole", backend="cpu")
    assert mpirun(4, __file__, "four", config, tmp_path).returncode == 0
    for number in (1, 2, 3):
        folder = tmp_path / f"on {number}"
        shutil.copytree(tmp_path / "four", folder)
        done = mpirun(number, "-m", "darklat", "resume", folder, "--backend", "cpu")
        assert done.returncode == 0, done.stderr
        assert outputs(folder) == outputs(tmp_path / "whole"), number


def killed(config: Path, out: Path, shared: Ranks) -> None:
    """Under mpirun: a stop, a resume, and there the end of a rank."""
    found, origin = load_located(config, SHORT)
    commands.start(found, origin, out / "killed", backend="cpu", ranks=shared, stop_after=4)
    step = Evolution.step

    def last(self: Evolution) -> None:
        if self.done == 6 and shared.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        step(self)

    Evolution.step = last
    commands.resume(out / "killed", backend="cpu", ranks=shared)


# ---- Errors ----


def failing_codes(config: Path, out: Path) -> None:
    """Under mpirun: prints the code of each command; then one rank fails alone."""
    shared = of_launcher()

    def code(*words: str | Path) -> None:
        found = cli.main([*map(str, words), "--backend", "cpu"])
        if shared.rank == 0:
            print("code", found, flush=True)

    small = ["--set=lattice.sites=8", "--set=time.a_end=0.6", "--set=output.snapshots=[]"]
    code("run", config, "--set=lattice.sites=7", "--out", out / "none")
    code("validate", config)
    sweep = "--set=sweep={checks.courant_max: [1e-3, 1]}"
    code("run", config, *small, sweep, "--out", out / "sweep")
    code("run", config, *small, "--set=checks.courant_max=1e-3", "--out", out / "check")
    create = hdf5.create

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    hdf5.create = full if shared.rank == 0 else create
    code("run", config, *small, "--out", out / "full")
    hdf5.create = create
    step = Evolution.step

    def broken(self: Evolution) -> None:
        if self.done == 3 and shared.rank == 1:
            raise MachineError("the memory of this machine is gone")
        step(self)

    Evolution.step = broken
    ranks.WAIT_SECONDS = 1.0
    code("run", config, *small, "--out", out / "broken")


def test_errors_end_all_ranks_and_are_said_once(config: Path, tmp_path: Path) -> None:
    done = mpirun(2, __file__, "errors", config, tmp_path)
    assert done.returncode == 4, done.stderr
    assert re.findall(r"code (\d+)", done.stdout) == ["2", "4", "3", "3", "4"], done.stderr
    for said in (
        "must be an even integer from 8",
        "`darklat validate` is for one process",
        "failed a check: courant_max=0.001",
        "darklat: the time step over the longest stable one is",
        "darklat: cannot write",
        "rank 1 of 2: darklat: the memory of this machine is gone",
    ):
        assert done.stderr.count(said) == 1, (said, done.stderr)
    assert "Traceback" not in done.stderr


if __name__ == "__main__":  # under mpirun
    what, given, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with unrendered():
        if what == "four":
            found, origin = load_located(given, SHORT)
            commands.start(
                found, origin, folder / what, backend="cpu", ranks=of_launcher(), stop_after=4
            )
        elif what == "cases":
            quiet(of_launcher())
            run_cases(given, folder / "three", of_launcher())
            run_cases(given, folder / "stopped", of_launcher(), stop_after=4)
        elif what == "lives":
            lives(given, folder)
        elif what == "killed":
            quiet(of_launcher())
            killed(given, folder, of_launcher())
        elif what == "gpus":
            quiet(of_launcher())
            run_on_gpus(given, folder, of_launcher())
        else:
            failing_codes(given, folder)
