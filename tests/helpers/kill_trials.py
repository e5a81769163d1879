"""Kills runs with SIGKILL at any moment, resumes them, and compares the end with that of a run that was left alone.

    python tests/helpers/kill_trials.py --kills 1000

First come kills at every place: before each kind of call that changes the disk and each kind of file, and in the middle
of each kind of write, which leaves half of the data. Then come kills by chance. Half of these come at a random time, the
others before, after or in the middle of a random call. A run that was killed is resumed, and most often killed again, up
to eight times before it may end. Prints one line of JSON; exit code 1 if any run ended in other bytes.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
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
lattice: {sites: 8, box: 0.5, order: 2}
time: {a_end: 0.7}
output:
  {spectra_interval: 0.1, snapshots: [0.6], checkpoint_minutes: 1e-9, checkpoints_kept: 2, checkpoints_kept_every: 4}
"""
MOST_KILLS = 8  # of one run
OF_THE_PROCESS = ("wall_seconds", "site_steps_per_second", "rhs_per_second")


@dataclass(frozen=True)
class Place:
    """A call that changes the disk, by its kind and that of the file; `half` of a write is done."""

    call: str
    file: str
    half: bool = False


class Hooks:
    """Notes the calls that change the disk, and kills the process at one of them: the one with the
    number `at`, or the first one at a place.

    fsync is none of them for `places`: a kill before it leaves the same as one behind it.
    """

    def __init__(self, at: int | Place | None, moment: str, folder: Path) -> None:
        self.calls, self._at, self._moment, self._folder = 0, at, moment, folder
        self.places: dict[Place, None] = {}  # in their order
        for name in ("open", "fsync", "replace", "unlink", "mkdir", "ftruncate", "pwrite"):
            setattr(os, name, self._around(getattr(os, name)))
        os.write = self._around(os.write, half=_half_of_bytes)
        hdf5._Sink.write = self._around(hdf5._Sink.write, half=_half_of_sink)  # type: ignore[method-assign]

    def _around(self, call: Callable[..., Any], half: Callable[..., Any] | None = None) -> Any:
        @functools.wraps(call)
        def hooked(*arguments: Any, **keywords: Any) -> Any:
            self.calls += 1
            now, moment = self.calls == self._at, self._moment
            if call.__name__ != "fsync" and not _only_reads(call, arguments):
                for is_half in (False, True)[: 1 + (half is not None)]:
                    place = Place(call.__name__, _kind_of_file(arguments[0], self._folder), is_half)
                    self.places.setdefault(place)
                    if place == self._at:
                        now, moment = True, "middle" if is_half else "before"
            if now and moment == "before":
                _die()
            if now and moment == "middle" and half is not None:
                half(call, *arguments)
                _die()
            result = call(*arguments, **keywords)
            if now:
                _die()
            return result

        return hooked


def _only_reads(call: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
    return call.__name__ == "open" and not arguments[1] & (os.O_WRONLY | os.O_RDWR)


def _kind_of_file(what: Any, folder: Path) -> str:
    """Its path in the folder without numbers, which are those of steps and processes."""
    if isinstance(what, hdf5._Sink):
        what = what._file.name
    if isinstance(what, int):
        what = os.readlink(f"/proc/self/fd/{what}")
    return re.sub(r"\d+", "#", os.path.relpath(os.fsdecode(what), folder))


def _half_of_bytes(write: Callable[..., Any], descriptor: int, data: Any) -> None:
    write(descriptor, bytes(data)[: len(data) // 2])


def _half_of_sink(write: Callable[..., Any], sink: Any, data: Any) -> None:
    _half_of_bytes(write, sink, data)
    sink.flush()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def child(
    folder: Path, config: Path, *, at: int | Place | None = None, moment: str = "before"
) -> int:
    """The pid of a process that runs or resumes; `at` is the call at which it kills itself."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        hooks = Hooks(at, moment, folder)
        if (folder / "config.yaml").exists():
            _, finished = commands.resume(folder, backend="cpu")
        else:
            _, finished = commands.run(config, overrides=[], out=folder, backend="cpu")
        noted = [[place.call, place.file, place.half] for place in hooks.places]
        (config.parent / "calls").write_text(json.dumps([hooks.calls, noted]))
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


def chain(folder: Path, config: Path, places: list[Place]) -> int:
    """A run that is killed at one place after the other, as far as it comes to them, and MOST_KILLS
    times at most; how many these were. Raises where it does not come to the first."""
    for kills, place in enumerate(places[:MOST_KILLS]):
        if ended(child(folder, config, at=place)):
            if not kills:
                raise RuntimeError(f"no run comes to {place}")
            return kills
    if not ended(child(folder, config)):
        raise RuntimeError("a run is killed by somebody else")
    return len(places[:MOST_KILLS])


def main() -> int:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="by chance, at least")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    loop.FLUSH_SECONDS = -1.0  # series and spectra at every closed step, as checkpoints
    parent = Path(tempfile.mkdtemp(prefix="kill-trials-"))
    try:
        config = parent / "killed.yaml"
        config.write_text(CONFIG)
        commands.run(config, overrides=["time.a_end=0.6"], out=parent / "warm", backend="cpu")
        begun = time.monotonic()
        assert ended(child(parent / "whole", config))
        span = time.monotonic() - begun
        calls, noted = json.loads((parent / "calls").read_text())
        places, left = [Place(*each) for each in noted], [Place(*each) for each in noted]
        expected, differ, kills, number = result(parent / "whole"), [], 0, 0
        while left or kills < options.kills:
            folder, dice = parent / f"trial-{number}", random.Random(f"{options.seed} {number}")
            if left:
                left = left[chain(folder, config, left) :]
            else:
                by_call = number % 2 == 0
                kills += trial(folder, config, dice, calls=calls, span=span, by_call=by_call)
            found = result(folder)
            if found != expected:
                differ.append([number, sorted(k for k in expected if found.get(k) != expected[k])])
            shutil.rmtree(folder)
            number += 1
            words = f"{len(places) - len(left)} places, {kills} kills by chance, {number} runs"
            print(f"{words}, {len(differ)} differ", file=sys.stderr)
        numbers = {
            "places": len(places), "kills": kills, "runs": number, "differ": differ,
            "seed": options.seed, "calls that change the disk in a run": calls,
        }  # fmt: skip
        print(json.dumps(numbers))
        return 1 if differ else 0
    finally:
        shutil.rmtree(parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
