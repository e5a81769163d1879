"""The kernels compile for a GPU that need not be there; the CPU's cache builds each source once and
says what is missing."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from darklat.errors import MachineError
from darklat.kernels import blocks, registry
from darklat.kernels.backends import compile, nvrtc
from darklat.kernels.layout import Variant

SMALL = """
extern "C" __attribute__((visibility("default"))) int answer() {
    int n = 0;
    #pragma omp parallel for reduction(+:n)
    for (int i = 0; i < 42; ++i) ++n;
    return n;
}
"""


# -- NVRTC


class Resources(NamedTuple):
    """Of a kernel: registers a thread, bytes of stack and of spills a thread, and bytes of shared
    memory a block."""

    registers: int
    stack: int
    spills: int
    shared: int


@cache
def compiled(variant: Variant) -> tuple[bytes, dict[str, Resources]]:
    """Machine code for sm_90, and what the assembler says of every kernel."""
    cubin, log = nvrtc.compile_verbose(registry.source(variant), architecture="sm_90")
    found = {}
    for text in log.split("Compiling entry function")[1:]:
        stack, stores, loads = map(
            int,
            re.search(
                r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", text
            ).groups(),
        )
        shared = re.search(r"(\d+) bytes smem", text)
        found[re.search(r"'(\w+)'", text)[1]] = Resources(
            int(re.search(r"Used (\d+) registers", text)[1]), stack, stores + loads,
            int(shared[1]) if shared else 0,
        )  # fmt: skip
    return cubin, found


@pytest.mark.parametrize(
    "variant",
    [
        Variant(1),
        Variant(2, potential="cosine"),
        Variant(3),
        Variant(1, conducting=True),
        Variant(2, conducting=True, back_reacting=False, self_coupled=False),
        Variant(3, conducting=True, potential="cosine"),
        Variant(1, massive=1, potential="cosine"),
        Variant(3, massive=2, conducting=True),
        Variant(1, order=4),
        Variant(3, massive=1, conducting=True, order=6, waves=True),
    ],
)
def test_kernels_compile_for_sm_90_without_spills(variant: Variant) -> None:
    cubin, found = compiled(variant)
    assert cubin[:4] == b"\x7fELF"
    for name in registry.names(variant):
        for entry in registry.entry_names(registry.KERNELS[name]):
            of = found[entry]
            # The projection of waves keeps one number in local memory, once a mode in a sample:
            # a store and a load.
            spilled = 8 if name == "wave_source_modes" else 0
            assert of.spills <= 2 * spilled, f"{entry} spills registers"
            # sin keeps the 40 bytes of reducing a large argument in local memory; nothing else may
            sine = variant.potential == "cosine" and (
                name in ("momenta", "averages", "kick") or "kick" in registry.KERNELS[name].replaces
            )
            kept = 40 if sine or name == "wave_step" else spilled
            assert of.stack <= kept, f"{entry} keeps {of.stack} bytes a thread in local memory"


FUSED = {
    Variant(1): {
        "plaquettes_kick_drift": 3, "plaquettes_kick": 3, "link_flow_x": 2, "link_flow_y": 2,
        "link_flow_z": 2, "link_flow_drift_x": 2, "link_flow_drift_z": 2,
    },
    Variant(2, potential="cosine"): {
        "plaquettes_kick_drift": 2, "plaquettes_kick": 2, "link_flow_x": 2, "link_flow_y": 2,
        "link_flow_z": 2, "link_flow_drift_x": 2, "link_flow_drift_z": 2,
    },
    Variant(1, order=6): {
        "plaquettes_kick_drift": 1, "plaquettes_kick": 1, "felt_of_links_x": 2,
        "felt_of_links_y": 2, "felt_of_links_z": 1, "momenta_of_force_x": 2,
        "momenta_of_force_y": 2, "momenta_of_force_z": 1, "force_of_links_x": 1,
        "force_of_links_y": 1, "force_of_links_drift_x": 1, "force_of_felt_z": 10,
        "force_of_felt_drift_z": 9,
    },
}  # fmt: skip
"""Blocks of fused kernels that a multiprocessor must have room for at once, in float64."""
REGISTERS, SHARED_MEMORY = 65536, 227 * 1024  # of a multiprocessor of sm_90
OF_A_BLOCK = 1024  # bytes of shared memory that the system takes for every block
MOST_THREADS = 2048


@pytest.mark.parametrize("variant", FUSED, ids=str)
def test_fused_kernels_have_room_on_a_multiprocessor(variant: Variant) -> None:
    """At least as many blocks as when they were written; a kernel that needs more registers or shared
    memory shows here."""
    _, found = compiled(variant)
    rooms = {}
    for kernel in (k for k in map(registry.KERNELS.get, registry.names(variant)) if k.replaces):
        warps = -(-blocks.threads_of(kernel, variant) // 32)
        for entry in registry.entry_names(kernel):
            of = found[entry]
            registers = -(-of.registers // 8) * 8 * 32 * warps
            rooms[entry] = min(
                REGISTERS // registers, SHARED_MEMORY // (of.shared + OF_A_BLOCK),
                MOST_THREADS // (32 * warps),
            )  # fmt: skip
    assert rooms.keys() == FUSED[variant].keys()
    assert not {entry: n for entry, n in rooms.items() if n < FUSED[variant][entry]}


def test_nvrtc_reports_what_is_wrong_with_a_source() -> None:
    with pytest.raises(MachineError, match=r"sm_90(.|\n)*undefined_name"):
        nvrtc.compile_cubin('extern "C" __global__ void f(double* x) { *x = undefined_name; }')


# -- vectors


def test_every_loop_over_sites_is_vectorised(tmp_path: Path) -> None:
    """By the compiler's own report, for every kernel and axis; a loop over fields that is not
    unrolled, or a pointer too many, shows here."""
    compiler = compile.compiler()
    version = subprocess.run([*compiler, "--version"], capture_output=True, text=True).stdout
    if "Free Software Foundation" not in version:
        pytest.skip(f"only gcc reports what it vectorises as this test reads it, not {compiler[0]}")
    variant = Variant(3, massive=1, conducting=True)
    source = registry.source(variant, target="cpu")
    (tmp_path / "kernels.cpp").write_text(source)
    loop = "for (index_t k = 0; k < end; ++k)"  # of for_rows in macros.h
    (line,) = (i for i, text in enumerate(source.splitlines(), start=1) if loop in text)
    flags = (*compile.FLAGS, *compile.GCC_FLAGS, "-fopt-info-vec-optimized-missed", "-S")
    done = subprocess.run(
        [*compiler, *flags, "kernels.cpp"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    of_loop = [m for m in done.stderr.splitlines() if m.startswith(f"kernels.cpp:{line}:")]
    assert not [m for m in of_loop if "couldn't vectorize loop" in m]
    widths = Counter(re.findall(r"loop vectorized using (\d+) byte vectors", "\n".join(of_loop)))
    kernels = [registry.KERNELS[name] for name in registry.names(variant, target="cpu")]
    over_sites = [k for k in kernels if k.launch == "sites"]
    loops = sum(3 if any(a.name == "axis" for a in k.arguments) else 1 for k in over_sites)
    assert widths[str(max(map(int, widths)))] == loops


# -- the cache


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DARKLAT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def wrapper(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def real_compiler() -> str:
    found = shutil.which("g++") or shutil.which("c++")
    assert found, "the CPU backend's tests need a C++ compiler"
    return found


def counting_compiler(tmp_path: Path) -> tuple[Path, Path]:
    """A compiler that leaves one line in a file for every compilation."""
    count = tmp_path / "compilations"
    count.touch()
    counted = f'case "$*" in *--version*) ;; *) echo one >> "{count}";; esac'
    script = f'{counted}\nexec "{real_compiler()}" "$@"'
    return wrapper(tmp_path / "counting-g++", script), count


def answer_of(library: Path) -> int:
    return ctypes.CDLL(str(library)).answer()


def test_the_second_build_comes_from_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler, count = counting_compiler(tmp_path)
    monkeypatch.setenv("CXX", str(compiler))
    first = compile.build(SMALL)
    assert answer_of(first) == 42
    assert compile.build(SMALL) == first
    assert count.read_text() == "one\n"
    assert compile.build(SMALL + "\n// changed") != first
    assert count.read_text() == "one\none\n"
    assert sorted(cache.iterdir()) == sorted(
        cache.glob("kernels-*.so")
    )  # no folder of a build is left


def test_another_compiler_is_another_build(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compile.build(SMALL)
    compiler, _ = counting_compiler(tmp_path)
    monkeypatch.setenv("CXX", str(compiler))
    assert compile.build(SMALL) != first


BUILD = """
import ctypes, sys
from darklat.kernels.backends.compile import build
library = build(sys.argv[1])
sys.exit(0 if ctypes.CDLL(str(library)).answer() == 42 else 1)
"""


def test_processes_that_build_at_once_all_load_it(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiler waits until all four processes are compiling: they cannot help racing."""
    processes = 4
    arrived = tmp_path / "arrived"
    arrived.mkdir()
    script = (
        f'case "$*" in *--version*) exec "{real_compiler()}" "$@";; esac\n'
        f'touch "{arrived}/$$"\ntries=0\n'
        f'while [ $(ls "{arrived}" | wc -l) -lt {processes} ]; do\n'
        "tries=$((tries+1)); [ $tries -gt 600 ] && exit 9; sleep 0.1\ndone\n"
        f'exec "{real_compiler()}" "$@"'
    )
    environment = os.environ | {"CXX": str(wrapper(tmp_path / "meeting-g++", script))}
    command = [sys.executable, "-c", BUILD, SMALL]
    started = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in started:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert len(list(arrived.iterdir())) == processes
    assert [p.suffix for p in cache.iterdir()] == [".so"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],  # which is a SIGBUS when it is loaded
        lambda data: data[:2000] + bytes([data[2000] ^ 1]) + data[2001:],
        lambda data: b"",
    ],
    ids=["truncated", "a bit", "empty"],
)
def test_a_damaged_library_is_compiled_again_once(
    damage: Callable[[bytes], bytes], cache: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    compiler, count = counting_compiler(tmp_path)
    monkeypatch.setenv("CXX", str(compiler))
    library = compile.build(SMALL)
    whole = library.read_bytes()
    library.write_bytes(damage(whole))
    assert compile.build(SMALL) == library == compile.build(SMALL)
    assert count.read_text() == "one\none\n" and library.read_bytes() == whole
    assert [record.getMessage() for record in caplog.records] == [
        f"warning: {library} is damaged: the kernels are compiled again"
    ]
    assert compile.load(SMALL).answer() == 42


def test_a_disk_that_damages_every_library(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = os.replace

    def half(source: Path, target: Path) -> None:
        rename(source, target)
        os.truncate(target, 1000)

    monkeypatch.setattr(compile.os, "replace", half)
    with pytest.raises(MachineError, match=r"just been compiled and is damaged.*\$DARKLAT_CACHE"):
        compile.build(SMALL)


@pytest.mark.parametrize(("answer", "refused"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_library_is_flushed_before_it_has_its_name(
    answer: int, refused: bool, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(descriptor: int) -> None:
        assert not list(cache.glob("kernels-*.so"))
        raise OSError(answer, os.strerror(answer))

    monkeypatch.setattr(compile.os, "fsync", fsync)
    if refused:
        with pytest.raises(MachineError, match="Input/output error"):
            compile.build(SMALL)
    else:
        assert answer_of(compile.build(SMALL)) == 42


MOUNTED = """
import subprocess, sys
from darklat.errors import MachineError
from darklat.kernels.backends import compile
folder, source = sys.argv[1:]
def mount(*options):
    subprocess.run(["mount", *options, folder], check=True)
def refusal(work):
    try:
        work(source + "// changed")
    except MachineError as error:
        return str(error)
mount("-t", "tmpfs", "tmpfs")
library = compile.build(source)
mount("-o", "remount,ro")
assert compile.build(source) == library and compile.load(source).answer() == 42
print(refusal(compile.build))
subprocess.run(["umount", "-l", folder], check=True)
mount("-t", "tmpfs", "-o", "noexec", "tmpfs")
print(refusal(compile.load))
"""


def test_caches_that_are_read_only_or_noexec(tmp_path: Path, cache: Path) -> None:
    """A read-only one gives the libraries that it has."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        command = [*namespace, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here, not even in a namespace: {error}")
    cache.mkdir()
    command = [*namespace, sys.executable, "-c", MOUNTED, str(cache), SMALL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read_only, noexec = done.stdout.splitlines()
    assert "Read-only file system" in read_only
    assert "Set $DARKLAT_CACHE to a writable folder" in read_only
    assert f"{cache} is on a file system that is mounted noexec, set $DARKLAT_CACHE" in noexec


def test_the_locale_does_not_change_the_identity_of_kernels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A translated compiler has another version text; a resume would warn of other bits."""
    script = f'echo "version in $LC_ALL"; exec "{real_compiler()}" "$@"'
    monkeypatch.setenv("CXX", str(wrapper(tmp_path / "translated-g++", script)))
    found = []
    for locale in ("de_DE.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        compile._version.cache_clear()
        found.append(compile.identity(SMALL))
    assert found[0] == found[1]


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    monkeypatch.setenv("DARKLAT_CACHE", str(occupied / "cache"))
    with pytest.raises(MachineError, match=r"\$DARKLAT_CACHE to a writable folder"):
        compile.build(SMALL)


def test_a_read_only_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not bind root, so the system's refusal is made up."""
    monkeypatch.setenv("DARKLAT_CACHE", str(tmp_path))

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(compile.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(MachineError, match=r"Permission denied.*\$DARKLAT_CACHE"):
        compile.build(SMALL)


def test_a_chosen_compiler_that_is_not_there(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "/nonexistent")
    with pytest.raises(MachineError, match=r"\$CXX = /nonexistent.*Install g\+\+.*set \$CXX"):
        compile.build(SMALL)


def test_no_compiler_at_all(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MachineError, match=r"looked for g\+\+ and c\+\+.*Install g\+\+"):
        compile.build(SMALL)


@pytest.mark.parametrize(
    "complaint",
    [
        "clang: error: unsupported option '-fopenmp'",
        "kernels.cpp:1:10: fatal error: 'omp.h' file not found",
        "/usr/bin/ld: cannot find -lgomp: No such file or directory",
        "/usr/bin/ld: cannot find -lomp: No such file or directory",
    ],
)
def test_a_compiler_without_openmp(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaint: str
) -> None:
    refusal = f'case "$*" in *-fopenmp*) echo "{complaint}" >&2; exit 1;; esac'
    script = f'{refusal}\nexec "{real_compiler()}" "$@"'
    monkeypatch.setenv("CXX", str(wrapper(tmp_path / "no-openmp", script)))
    with pytest.raises(MachineError) as caught:
        compile.build(SMALL)
    assert complaint in str(caught.value)
    assert "no OpenMP: install g++ or libomp" in str(caught.value)
    assert list(cache.iterdir()) == []


def test_a_source_that_does_not_compile(cache: Path) -> None:
    with pytest.raises(MachineError, match=r"(?s)undefined_name.*darklat doctor"):
        compile.build('extern "C" int answer() { return undefined_name; }')
