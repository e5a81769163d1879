"""Makes the disk fail at every kind of write of a run, and says what the run made of it.

    unshare --user --map-root-user --mount python tests/helpers/bad_disks.py full read-only
    python tests/helpers/bad_disks.py permissions limit

full: a small tmpfs, filled to the last page; read-only: the same, mounted so before a resume; permissions: the folders lose
their write bits (of a process that has to obey them); limit: no file may grow (RLIMIT_FSIZE), which stands for a quota. The
failure begins when the file of that kind is about to be opened for writing. Prints one line of JSON per trial.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # OpenMP's threads do not survive a fork
sys.path.insert(0, str(Path(__file__).parent))

from kill_trials import CONFIG, result

from darklat import cli
from darklat.driver import commands, loop

# What the name of a file has in it when it is opened for writing, the first time or later.
KINDS = {
    "lock": "run.lock", "log": "run.log", "record": "events.jsonl", "config": ".config.yaml.", "first checkpoint": "checkpoints/.step-000000000",
    "series": ".series.h5.", "spectra": ".spectra.h5.", "snapshot": "snapshots/.step-000000008.h5",
    "xdmf": "snapshots/.step-000000008.xdmf", "checkpoint": "checkpoints/.step-000000016", "summary": ".summary.json.",
    "figures": "figures/", "analysis": ".analysis.json.",
}  # fmt: skip
OF_THE_ANALYSIS = ("figures", "analysis")


class Failing:
    """Does something to the disk when a file of a kind is about to be opened for writing."""

    def __init__(self, part: str, action: Callable[[], None]) -> None:
        self._part, self._action, self.happened = part, action, False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not self.happened and self._part in os.fsdecode(arguments[0] or b""):
            flags = arguments[2]
            if flags & (os.O_WRONLY | os.O_RDWR):
                self.happened = True
                self._action()


def fill(folder: Path) -> None:
    """Leaves no page of the file system free."""
    with contextlib.suppress(OSError), open(folder / "ballast", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def forbid(folder: Path) -> None:
    """Takes the write bits from a folder and those in it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o444 if path.is_file() else 0o555)


def allow(folder: Path) -> None:
    """The inverse of `forbid`."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o644 if path.is_file() else 0o755)


def obey_permissions() -> None:
    """Takes from root what lets it pass over permissions: CAP_DAC_OVERRIDE and
    CAP_DAC_READ_SEARCH, bits 1 and 2 of capabilities(7)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    for call in (libc.capget, libc.capset):
        if call(header, sets):
            raise OSError(ctypes.get_errno(), "capabilities cannot be changed")
        for each in (0, 1):  # effective, permitted
            sets[each] &= ~0b110


def in_child(work: Callable[[], int], *, obeying: bool = False) -> tuple[int, str]:
    """Exit code and stderr of `work` in a process of its own."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.close(read)
            if obeying and os.getuid() == 0:
                obey_permissions()
            errors = io.StringIO()
            try:
                with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
                    code = work()
            except BaseException:
                errors.write(traceback.format_exc())
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            os.write(write, errors.getvalue().encode()[-30000:])
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), text


def go_on(folder: Path, config: Path) -> int:
    """Runs or resumes to the end, without the figures. Series and spectra are written once."""
    loop.FLUSH_SECONDS = math.inf
    if (folder / "config.yaml").exists():
        commands.resume(folder, backend="cpu")
    else:
        commands.run(config, overrides=[], out=folder, backend="cpu")
    return 0


def trial(disk: Path, config: Path, how: str, kind: str, expected: dict[str, object]) -> object:
    """One failure, what the run said, and whether it went on to the same end afterwards."""
    folder, obeying = disk / "run", how == "permissions"
    actions: dict[str, Callable[[], None]] = {
        "full": lambda: fill(disk),
        "permissions": lambda: forbid(folder),
        "limit": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
    }

    def work() -> int:
        failing = Failing(KINDS[kind], actions[how])
        code = cli.main(["run", str(config), "--out", str(folder), "--backend", "cpu"])
        return code if failing.happened else 71

    code, text = in_child(work, obeying=obeying)
    (disk / "ballast").unlink(missing_ok=True)
    allow(folder)
    again, trace = in_child(lambda: go_on(folder, config), obeying=obeying)
    same = again == 0 and {k: v for k, v in result(folder).items() if k in expected} == expected
    return {
        "how": how, "kind": kind, "code": code, "says": text.strip().splitlines()[-1:],
        "traceback": "Traceback" in text, "goes on": again == 0, "same": same, "trace": trace[-2000:] if again else "",
    }  # fmt: skip


def read_only(disk: Path, config: Path) -> object:
    """A resume, and a new run, on a file system that has become read-only."""
    folder = disk / "finished"
    in_child(lambda: go_on(folder, config))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    code, text = in_child(lambda: cli.main(["resume", str(folder), "--backend", "cpu"]))
    new, other = in_child(
        lambda: cli.main(["run", str(config), "--out", str(disk / "new"), "--backend", "cpu"])
    )
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    return {
        "how": "read-only", "code": code, "says": text.splitlines(), "new": new, "new says": other.splitlines(),
    }  # fmt: skip


def main() -> int:
    """Runs the trials named on the command line."""
    parent = Path(tempfile.mkdtemp(prefix="bad-disks-"))
    parent.chmod(0o755)
    disk, config = parent / "disk", parent / "killed.yaml"
    config.write_text(CONFIG)  # 16 steps, a snapshot after 8
    loop.FLUSH_SECONDS = -1.0
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    disk.mkdir()
    expected: dict[str, object] = {}
    try:
        commands.run(config, overrides=[], out=parent / "whole", backend="cpu")
        expected = result(parent / "whole")
        expected.pop("lock")
        for how in sys.argv[1:]:
            if how in ("full", "read-only"):
                command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
                subprocess.run(command, check=True)
            for kind in () if how == "read-only" else KINDS:
                if how == "full" or kind not in OF_THE_ANALYSIS:  # it has one way to write
                    print(json.dumps(trial(disk, config, how, kind, expected)), flush=True)
                    shutil.rmtree(disk / "run")
            if how == "read-only":
                print(json.dumps(read_only(disk, config)), flush=True)
            if how in ("full", "read-only"):
                subprocess.run(["umount", str(disk)], check=True)
        return 0
    finally:
        shutil.rmtree(parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
