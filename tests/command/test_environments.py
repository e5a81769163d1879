"""A finished run and its exit code do not depend on the user's name, home, locale, terminal or reader.

docs/environments.md has the table of all environments.
"""

from __future__ import annotations

import errno
import io
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from environments import (
    ASCII,
    WITHOUT_NAME,
    bare,
    can_lose_its_name,
    darklat,
    latin_1,
    redirected,
)

from darklat import cli
from darklat.driver.stopping import stop_on_signals
from darklat.driver.terminal import Lasting
from darklat.errors import MachineError
from darklat.kernels.backends import compile
from darklat.schema import dump
from darklat.storage import events, run_folder
from darklat.storage.read_run import load_run
from models import config

NAME = "Häufung größer"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The configuration of ten steps; its run has a name that is not ASCII."""
    found = tmp_path / "c.yaml"
    text = dump(config("lattice.sites=8", "time.a_end=0.6", f"name={NAME}"))
    found.write_text(text, encoding="utf-8")
    return found


# ---- No name, no home, no locale. ----


def test_a_user_without_name_home_and_locale_in_a_strange_notebook(
    path: Path, tmp_path: Path
) -> None:
    if not can_lose_its_name():
        pytest.skip("user namespaces are not allowed here")
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nbackend: nonsense\n", "utf-8")
    done = darklat(
        "run", path, "--out", tmp_path / "run", "--backend", "cpu",
        prefix=WITHOUT_NAME, env=bare(MPLBACKEND="nonsense", **ASCII), cwd=tmp_path, analysis=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"H\\xe4ufung gr\\xf6\\xdfer" in done.stdout
    assert load_run(tmp_path / "run").config.name == NAME
    assert (tmp_path / "run" / "figures" / "series.png").stat().st_size > 10_000


def test_an_8_bit_locale(path: Path, tmp_path: Path) -> None:
    env = bare(**latin_1(tmp_path))
    out = tmp_path / "run"
    done = darklat("run", path, "--out", out, "--backend", "cpu", env=env)
    assert done.returncode == 0, done.stderr
    assert f"{NAME}: 8^3 sites".encode("latin-1") in done.stderr
    assert f"{NAME}: 8^3 sites" in (out / "run.log").read_text("utf-8")
    assert load_run(out).config.name == NAME


def test_the_kernel_cache_of_a_user_without_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DARKLAT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(compile.tempfile, "tempdir", str(tmp_path))

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    folder = tmp_path / f"darklat-{os.getuid()}"
    assert compile.cache_folder() == folder and folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)  # somebody else may have put a library there
    with pytest.raises(MachineError, match=r"others can write to .*\$DARKLAT_CACHE"):
        compile.cache_folder()
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(MachineError, match=r"\$DARKLAT_CACHE"):
        compile.cache_folder()


# ---- Streams. ----


def test_closed_streams(path: Path, tmp_path: Path) -> None:
    out, closed = tmp_path / "run", redirected("<&- >&- 2>&-")
    done = darklat("run", path, "--out", out, "--backend", "cpu", prefix=closed)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run_folder.is_finished(out)
    assert (out / "run.lock").read_bytes() == b""  # nothing that was meant for a stream


@pytest.mark.parametrize("words", [["config", "reference"], ["--help"], ["status", "nowhere"]])
def test_a_reader_that_has_gone_leaves_the_exit_code(words: list[str]) -> None:
    prefix = ("bash", "-c", '"$@" | true; exit ${PIPESTATUS[0]}', "bash")
    done = darklat(*words, prefix=prefix)
    assert done.returncode == (2 if words[0] == "status" else 0), done.stderr
    assert b"Broken pipe" not in done.stderr and b"Traceback" not in done.stderr


def test_a_full_disk_behind_stdout_is_an_error() -> None:
    done = darklat("config", "reference", prefix=redirected(">/dev/full"))
    assert done.returncode == 4 and b"No space left" in done.stderr


class Refusing(io.StringIO):
    """A stream that cannot be written, for a reason."""

    def __init__(self, reason: int) -> None:
        super().__init__()
        self.reason = reason

    def write(self, text: str) -> int:
        raise OSError(self.reason, os.strerror(self.reason))


def test_a_lasting_stream_raises_only_where_text_is_lost_that_somebody_wants() -> None:
    for essential in (True, False):
        for reason in (errno.EPIPE, errno.EIO):
            assert Lasting(Refusing(reason), essential=essential).write("x") == 1
    assert Lasting(Refusing(errno.ENOSPC), essential=False).write("x") == 1
    with pytest.raises(OSError, match="No space"):
        Lasting(Refusing(errno.ENOSPC), essential=True).write("x")
    closed = io.StringIO()
    closed.close()
    assert Lasting(closed, essential=True).write("x") == 1
    assert not Lasting(closed, essential=True).isatty()


# ---- The end of a session. ----


def test_a_terminal_that_closes_stops_a_run_with_a_checkpoint(path: Path, tmp_path: Path) -> None:
    """The bar is on the terminal, and every further write to it fails."""
    out = tmp_path / "run"
    ours, theirs = pty.openpty()
    words = ("run", path, "--out", out, "--backend", "cpu", "--set", "time.a_end=60")
    command = ("setsid", "--ctty", sys.executable, "-P", "-m", "darklat", *map(str, words))
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # under nohup it is ignored
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while not re.search(rb"[1-9]\d*%\|", shown):
        shown += os.read(ours, 4096)
    os.close(ours)
    assert process.wait() == 85
    stopped = events.read(out)[-1]  # type: ignore[index]
    assert isinstance(stopped, events.Stopped) and stopped.reason == "SIGHUP"
    assert (out / "checkpoints" / f"step-{stopped.step:09d}.h5").exists()


def test_sighup_stops_unless_it_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.reason == "SIGHUP"
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.reason is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_caller_in_the_same_process_has_its_streams_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sys.stdout, sys.stderr
    assert cli.main(["config", "list"]) == 0 and (sys.stdout, sys.stderr) == before
    assert "first_light" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["status", "nowhere"]) == 2 and sys.stderr is None
