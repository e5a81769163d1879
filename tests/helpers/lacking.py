"""A library that lets a file system lack operations: preloaded, it answers flock and fsync of folders with an errno.

    LD_PRELOAD=... LACKING_FLOCK=37 LACKING_FOLDER_FSYNC=22 python ...

Without the variables both do their work. Python and libhdf5 call them through the C library, so that both are concerned.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from darklat.kernels.backends.compile import compiler

_SOURCE = r"""
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static int lacking(const char* name) {
    const char* chosen = getenv(name);
    if (chosen) errno = atoi(chosen);
    return chosen != 0;
}

extern "C" int flock(int file, int how) {
    if (lacking("LACKING_FLOCK")) return -1;
    return ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(file, how);
}

extern "C" int fsync(int file) {
    struct stat found;
    if (!fstat(file, &found) && S_ISDIR(found.st_mode) && lacking("LACKING_FOLDER_FSYNC")) return -1;
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
"""


def library(folder: Path) -> Path:
    """Compiles it into a folder."""
    source, made = folder / "lacking.cpp", folder / "lacking.so"
    source.write_text(_SOURCE, encoding="utf-8")
    command = [*compiler(), "-shared", "-fPIC", str(source), "-o", str(made), "-ldl"]
    subprocess.run(command, check=True)
    return made
