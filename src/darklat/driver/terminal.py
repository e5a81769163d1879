"""Standard streams that may be closed, or lose their reader, without any harm to a command."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

_READER_GONE = frozenset(
    (errno.EPIPE, errno.EIO, errno.ENXIO)
)  # the last two: of a closed terminal


class Lasting(io.TextIOBase):
    """A text stream on another one. When that one's reader has gone, text is dropped.

    essential: whether any other error is raised, such as that of a full disk. Characters that the
    stream's encoding lacks are written as escapes.
    """

    def __init__(self, stream: TextIO, *, essential: bool) -> None:
        self._stream, self._essential, self._lost = stream, essential, False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the other stream."""
        return self._stream.encoding or "utf-8"

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether the other stream is a terminal."""
        return not self._stream.closed and self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the other stream. Raises OSError where it has none."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Writes text to the other stream, or drops it."""
        if not self._lost:
            known = text.encode(self.encoding, "backslashreplace").decode(self.encoding)
            with self._losing():
                self._stream.write(known)
        return len(text)

    def flush(self) -> None:
        """Flushes the other stream."""
        if not self._lost:
            with self._losing():
                self._stream.flush()

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except ValueError:  # it is closed
            self._lost = True
        except OSError as error:
            if self._essential and error.errno not in _READER_GONE:
                raise
            self._lost = True
            _discard(self._stream)


def _discard(stream: TextIO) -> None:
    """Lets the text that waits in a stream go nowhere: Python flushes it in the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def lasting_streams() -> Iterator[None]:
    """Inside, sys.stdout and sys.stderr are lasting, also where they were closed from the start.

    Raises OSError in the end where stdout cannot be written, as on a full disk.
    """
    _occupy_descriptors()
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stdout = Lasting(sys.stdout or nowhere, essential=True)
        sys.stderr = Lasting(sys.stderr or nowhere, essential=False)
        try:
            yield
        finally:
            streams = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = before
            for stream in streams:
                stream.flush()


def _occupy_descriptors() -> None:
    """Opens the closed ones of the first three: the next files would get their numbers, and with
    them the messages of compilers and libraries."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
