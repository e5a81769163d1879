"""Configurations that nobody would write: they are refused or they run, and nothing else happens.

Hypothesis changes a valid configuration in up to six places: types, ranges, nesting, Unicode, huge numbers, tags, anchors,
aliases, merge keys. What is refused has to be refused with exit code 2 or 3 and without a traceback; what is accepted is
run for a few steps. An audit hook watches for processes, sockets, and files and folders that are written elsewhere than
in the run folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from darklat import cli
from darklat.driver import commands
from darklat.errors import InputError, NumericalError
from darklat.lattice import plan
from darklat.schema import Config
from darklat.schema.keys import key_paths
from darklat.storage import run_folder
from models import backend_for, config

VALID: dict[str, Any] = {
    "name": "fuzz",
    "model": {
        "alp": {"mass_eV": "1e-17", "f_GeV": "1e16", "potential": "quadratic", "theta_initial": "1.0"},
        "fields": {"X": {"role": "dark"}},
        "couplings": {"XX": "100"},
    },
    "background": {"kind": "radiation", "oscillation_condition": "3"},
    "lattice": {"sites": "8", "box": "0.5", "order": "2"},
    "initial": {"kind": "vacuum", "seed": "1", "a_start": "0.5"},
    "time": {"a_end": "1.5", "scheme": "strang", "courant": "0.2"},
    "output": {"series_interval": "0.05", "snapshots": "[0.7]", "checkpoints_kept": "3"},
    "checks": {"gauss_max": "1e-10"},
}  # fmt: skip
PWN = "touch pwned"
TRICKS = [
    f"!!python/object/apply:os.system ['{PWN}']", f"!!python/object/new:subprocess.Popen [[{PWN}]]",
    "!!python/name:os.system", "!!python/module:os", "!!binary aGk=", "!!float 1", "!<tag:yaml.org,2002:int> 8", "!x 1",
    "&a 1", "*a", "&a [*a, *a]", "{<<: *a}", "{<<: {sites: 8}}", "&a {b: &b [*a, *b]}", "? 1", "[1, 2", "{a: b", "\"\\x00\"",
    "\"\\U0010FFFF\"", "'it''s'", "|\n   text\n", ">-\n   folded\n", "%TAG", "@at", "`tick`", "$(touch pwned)", "`touch pwned`",
    "; touch pwned", "../../pwned", "/tmp/pwned/x", "~/pwned", "file:///pwned", "con", "\x07", "\ufeff8", "8\u2028", "٨", "８",
    "1_000", "0x10", "0o17", "017", "1:30", "2026-11-21", "yes", "no", "NULL", ".inf", "-.inf", ".nan", "1e309", "-1e309",
    "1e-400", "5e-324", "1e308", "-0.0", "-1", "0", "1", "7", "1601", "1" + "0" * 400, "9" * 5000, "0." + "0" * 400 + "1",
    "2" * 17, "18446744073709551616", "[" * 40 + "]" * 40, "{a: " * 40 + "}" * 40, "[1, [2, [3]]]", "{X: {X: {X: 1}}}",
    "[]", "{}", "''", "", "null", "true", "[0.7, 0.7]", "[.nan]", "[1e300]", "a" * 3000, "\U0001f9ca", "e\u0301", "\u202eevil",
    "{role: photon, conductivity: {kind: thomson}}", "{kind: constant, value: 1e300}", "{kind: table, file: /dev/zero}",
    "/dev/zero", "/dev/stdin", "/proc/self/mem", "{mass_eV: 1e-18, plasma: {kind: constant, omega_p: 1e300}}", "static",
    "file", "inflation", "cosine", "rk4", "thomson_thermal", "{A: {}, B: {}, C: {}}", "auto",
]  # fmt: skip
NUMBERS = st.floats().map(repr) | st.integers().map(str) | st.integers(-(10**60), 10**60).map(str)
VALUES = st.sampled_from(TRICKS) | NUMBERS | st.text(max_size=12)
PATHS = [tuple("X" if part == "*" else part for part in path) for path in key_paths()]
KEYS = st.sampled_from(PATHS) | st.lists(
    st.sampled_from(["model", "fields", "X", "x", "sites", "<<", "&a k", "? q", "'", "", "é", "#", "- a"]),
    min_size=1, max_size=4,
).map(tuple)  # fmt: skip
CHANGES = st.lists(st.tuples(KEYS, VALUES | st.none()), max_size=6)


def written(changes: list[tuple[tuple[str, ...], str | None]]) -> str:
    """VALID with values replaced, or taken out where there is none, as YAML."""
    data: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in VALID.items()}
    for path, value in changes:
        section = data
        for part in path[:-1]:
            below = section.get(part)
            section[part] = section = dict(below) if isinstance(below, dict) else {}
        if value is None:
            section.pop(path[-1], None)
        else:
            section[path[-1]] = value
    return "\n".join(_lines(data, ""))


def _lines(data: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines


class Elsewhere(BaseException):
    """The configuration was accepted and needs kernels that this test does not compile."""


class Watch:
    """Notes what a process should not do while a configuration is read and run."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event == "open":
            path, flags = arguments[0], arguments[2]
            if isinstance(path, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
            inside = Path(os.path.abspath(os.fsdecode(path))).is_relative_to(self.folder / "run")
            if not inside:
                self.seen.append(f"open {path!r}")
        elif event.split(".")[0] in ("subprocess", "pty") or event in (
            "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "ctypes.dlopen",
            "socket.connect", "socket.bind", "socket.getaddrinfo",
        ):  # fmt: skip
            self.seen.append(event)
        elif event in ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink"):
            where = Path(os.path.abspath(os.fsdecode(arguments[0])))
            if not where.is_relative_to(self.folder / "run"):
                self.seen.append(f"{event} {where}")


WATCH = Watch()
KNOWN = config("lattice.sites=8")


@cache
def backend() -> Any:
    return backend_for(KNOWN)


def known_backend(model: Config, *_: object, **__: object) -> Any:
    if model.lattice.sites != 8 or plan.variant(model) != plan.variant(KNOWN):
        raise Elsewhere
    return backend()


def harmless(text: str, overrides: list[str]) -> None:
    """Reads a configuration, and runs it for a step if it is accepted."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    before = Path.cwd()
    try:
        path = folder / "fuzz.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        os.chdir(folder)
        WATCH.folder, WATCH.seen = folder, []
        try:
            commands.run(path, overrides=overrides, out=folder / "run", stop_after=1)
        except Elsewhere:
            pass
        except Exception as error:
            if cli._exit_code(error) not in (InputError.exit_code, NumericalError.exit_code):
                raise
            assert str(error).strip()
        finally:
            WATCH.folder = None
        assert WATCH.seen == []
        assert {each.name for each in folder.iterdir()} <= {"fuzz.yaml", "run"}
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def check_many(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    backend()  # compiled before the watch begins
    monkeypatch.setattr(commands, "make_backend", known_backend)
    monkeypatch.setattr(commands, "kernel_identity", lambda _: "fuzz")

    @settings(
        max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        CHANGES,
        st.lists(
            st.tuples(KEYS, VALUES).map(lambda pair: f"{'.'.join(pair[0])}={pair[1]}"), max_size=2
        ),
    )
    @example([], [])
    @example([(("lattice",), "&a {sites: 8, box: 1}"), (("time",), "*a")], [])
    @example([], ["time.courant=1e-300", "time.a_end=1e300"])
    def each(changes: list[tuple[tuple[str, ...], str | None]], overrides: list[str]) -> None:
        harmless(written(changes), overrides)

    each()


@pytest.mark.parametrize("examples", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_generated_configurations_do_nothing_but_run(
    examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_many(examples, monkeypatch)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=100) | st.sampled_from([".", "..", "../..", "/", "~", "a/../../b", "\x00"]))
def test_a_run_of_any_name_has_a_folder_of_its_own_below_runs(name: str) -> None:
    folder = run_folder.default(name)
    first, second = folder.parts
    assert first == "runs" and second not in (".", "..") and len(second) <= 100
    assert not folder.is_absolute()
