"""fsync, also where a file system has none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from darklat.errors import LACKING

# The last four are said by systems that can open folders but not flush them.
_WITHOUT_FOLDERS = LACKING | {errno.EBADF, errno.EISDIR, errno.EACCES, errno.EPERM}


def sync(path: Path) -> bool:
    """fsync of a file or of a folder; False where the file system has none for it.

    Raises OSError when the disk refuses.
    """
    is_folder = path.is_dir()
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (_WITHOUT_FOLDERS if is_folder else LACKING):
            raise
        return False
    finally:
        os.close(descriptor)
    return True


def notes(folder: Path) -> list[str]:
    """A line for the log where the file system of a folder cannot flush folders. Raises OSError."""
    if sync(folder):
        return []
    return [
        f"the file system of {folder} cannot flush a folder: a power cut may take the newest "
        "files, and a resume then begins at older ones"
    ]
