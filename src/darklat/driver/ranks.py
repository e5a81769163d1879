"""A run that several ranks share: rank 0 has the folder, the log and the files; an error ends all.

An error that all ranks have is said once, and each ends by itself. An error of one rank alone ends
all processes, because the others wait for it. Handlers of errors speak to no other rank: nobody
knows where these are.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from darklat.errors import DarklatError
from darklat.kernels.ranks import Ranks, WithdrawnError
from darklat.storage import run_folder
from darklat.storage.events import Recorder, Unrecorded

WAIT_SECONDS = 20.0
"""After an error, the time in which other ranks come to the same one. Rank 0 still has files to
write then."""
Found = TypeVar("Found")


class OfRankZeroError(DarklatError):
    """On other ranks, an error of rank 0, which says it itself."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("rank 0 has failed")
        self.exit_code = exit_code


def on_first(
    ranks: Ranks, action: Callable[[], Found], others: Callable[[], object] = lambda: None
) -> Found | None:
    """What rank 0 gets from an action, None elsewhere. The other ranks do `others` meanwhile, which
    may hand over planes.

    Raises the error of the action on rank 0, and OfRankZeroError elsewhere.
    """
    if ranks.size == 1:
        return action()
    found, error = None, None
    try:
        if ranks.rank == 0:
            found = action()
        else:
            others()
    except WithdrawnError:
        pass  # rank 0 says why
    except Exception as raised:
        if ranks.rank > 0:
            raise
        error = raised
        ranks.withdraw()
    code = ranks.broadcast(None if error is None else getattr(error, "exit_code", 1))
    if error is not None:
        raise error
    if code is not None:
        raise OfRankZeroError(code)
    return found


@contextmanager
def taken(ranks: Ranks, folder: Path, *, new: bool) -> Iterator[run_folder.Taken | None]:
    """`run_folder.taken` on rank 0."""
    with ExitStack() as stack:
        yield on_first(ranks, lambda: stack.enter_context(run_folder.taken(folder, new=new)))


@contextmanager
def recorded(ranks: Ranks, folder: Path) -> Iterator[Recorder]:
    """The log and the record of a run, which rank 0 writes."""
    if ranks.rank > 0:
        with Unrecorded() as record:
            yield record
        return
    with run_folder.LogFile(folder), Recorder(folder) as record:
        yield record


def quiet(ranks: Ranks) -> None:
    """Ranks but the first log nothing: it would say the same."""
    if ranks.rank > 0:
        logging.getLogger("darklat").setLevel(logging.CRITICAL + 1)


def end_of_all(ranks: Ranks, code: int, message: str) -> int:
    """The exit code of this rank after an error. Of an error that all ranks have, rank 0 writes the
    messages to stderr, each once. After one that this rank has alone all processes are ended."""
    found = ranks.met((code, message), within=WAIT_SECONDS)
    if found is None:
        print(f"rank {ranks.rank} of {ranks.size}: {message}", file=sys.stderr, flush=True)
        ranks.abort(code)
    if ranks.rank == 0:
        print(message, file=sys.stderr)
        for rank, (other, text) in enumerate(found):
            if other != code:
                print(f"rank {rank} of {ranks.size}: {text}", file=sys.stderr)
        sys.stderr.flush()
    return code
