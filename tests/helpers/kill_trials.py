"""Kills runs with SIGKILL at any moment, resumes them, and compares the end with that of a run that was left alone.

    python tests/helpers/kill_trials.py --kills 1000

Half of the kills come at a random time. The others come before, after or in the middle of a call that changes the disk,
which is where a file could be left half there; a kill in the middle of a write leaves half of the data. What
was killed is resumed, and most often killed again, up to eight times before it may end. Prints one line of JSON; exit
code 1 if any run ended in other bytes.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # OpenMP's threads do not survive a fork

import h5py

from darklat.driver import commands, loop
from darklat.storage import checkpoint, hdf5, lock

CONFIG = """
name: killed
model:
  alp: {mass_eV: 1e-17, f_GeV: 1e16}
  fields: {X: {role: dark}}
  couplings: {XX: 100}
lattice: {sites: 8, box: 0.5}
time: {a_end: 0.7}
output:
  {spectra_interval: 0.1, snapshots: [0.6], checkpoint_minutes: 1e-3, checkpoints_kept: 2, checkpoints_kept_every: 4}
"""
MOST_KILLS = 8  # of one run
OF_THE_PROCESS = ("wall_seconds", "site_steps_per_second", "rhs_per_second")


class Hooks:
    """Counts the calls that change the disk, and kills the process at one of them."""

    def __init__(self, at: int | None, moment: str) -> None:
        self.calls, self._at, self._moment = 0, at, moment
        for name in ("open", "fsync", "replace", "unlink", "mkdir", "ftruncate", "pwrite"):
            setattr(os, name, self._around(getattr(os, name)))
        hdf5._Sink.write = self._around(hdf5._Sink.write, half=_write_half)  # type: ignore[method-assign]

    def _around(self, call: Callable[..., Any], half: Callable[..., Any] | None = None) -> Any:
        @functools.wraps(call)
        def hooked(*arguments: Any, **keywords: Any) -> Any:
            self.calls += 1
            now = self.calls == self._at
            if now and self._moment == "before":
                _die()
            if now and self._moment == "middle" and half is not None:
                half(call, *arguments)
                _die()
            result = call(*arguments, **keywords)
            if now:
                _die()
            return result

        return hooked


def _write_half(write: Callable[..., Any], sink: Any, data: Any) -> None:
    write(sink, bytes(data)[: len(data) // 2])
    sink.flush()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def child(folder: Path, config: Path, *, at: int | None = None, moment: str = "before") -> int:
    """The pid of a process that runs or resumes; `at` is the call at which it kills itself."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        hooks = Hooks(at, moment)
        if (folder / "config.yaml").exists():
            _, finished = commands.resume(folder, backend="cpu")
        else:
            _, finished = commands.run(config, overrides=[], out=folder, backend="cpu")
        (config.parent / "calls").write_text(str(hooks.calls))
        code = 0 if finished else 85
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(pid: int) -> bool:
    """Whether a child reached the end, rather than being killed; raises on anything else."""
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a run ended with exit code {code}")
    return code == 0


def result(folder: Path) -> dict[str, object]:
    """Everything that a finished run leaves, but for what the process alone knows."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".h5" and path.parent.name != "checkpoints":
            with h5py.File(path) as file:
                found[name] = {n: d[...].tobytes() for n, d in hdf5.datasets(file)}
        elif path.suffix in (".xdmf", ".yaml"):
            found[name] = path.read_text()
        elif path.name.endswith(".tmp"):
            found[name] = "left behind"
    for path in (folder / "checkpoints").glob("*.h5"):
        checkpoint.read(path)  # all that are left verify
    last, _ = checkpoint.newest(folder / "checkpoints")
    found[last.path.name] = {n: a.values.tobytes() for n, a in last.state.arrays.items()}
    found["numbers"] = last.state.numbers
    summary = json.loads((folder / "summary.json").read_text())
    found["summary"] = {k: v for k, v in summary.items() if k not in OF_THE_PROCESS}
    found["lock"] = (folder / lock.NAME).read_bytes()
    return found


def trial(
    folder: Path, config: Path, dice: random.Random, *, calls: int, span: float, by_call: bool
) -> int:
    """Runs to the end through at most MOST_KILLS kills; how many there were."""
    kills = 0
    while True:
        early = dice.random() ** 2  # a resumed run has less to do
        again = kills < MOST_KILLS and (kills == 0 or dice.random() < 0.8)
        if again and by_call:
            at, moment = 1 + int(early * calls), dice.choice(("before", "middle", "after"))
            pid = child(folder, config, at=at, moment=moment)
        else:
            pid = child(folder, config)
            if again:
                time.sleep(early * span)
                os.kill(pid, signal.SIGKILL)
        if ended(pid):
            return kills
        kills += 1


def main() -> int:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="at least so many")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    loop.FLUSH_SECONDS = 0.04  # series and spectra, somewhat more often than checkpoints
    parent = Path(tempfile.mkdtemp(prefix="kill-trials-"))
    try:
        config = parent / "killed.yaml"
        config.write_text(CONFIG)
        commands.run(config, overrides=["time.a_end=0.6"], out=parent / "warm", backend="cpu")
        begun = time.monotonic()
        assert ended(child(parent / "whole", config))
        span = time.monotonic() - begun
        calls = int((parent / "calls").read_text())
        expected, differ, kills, number = result(parent / "whole"), [], 0, 0
        while kills < options.kills:
            folder, dice = parent / f"trial-{number}", random.Random(f"{options.seed} {number}")
            kills += trial(folder, config, dice, calls=calls, span=span, by_call=number % 2 == 0)
            found = result(folder)
            if found != expected:
                differ.append([number, sorted(k for k in expected if found.get(k) != expected[k])])
            shutil.rmtree(folder)
            number += 1
            print(f"{kills} kills, {number} runs, {len(differ)} differ", file=sys.stderr)
        numbers = {
            "kills": kills, "runs": number, "differ": differ, "seed": options.seed,
            "calls that change the disk in a run": calls,
        }  # fmt: skip
        print(json.dumps(numbers))
        return 1 if differ else 0
    finally:
        shutil.rmtree(parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
