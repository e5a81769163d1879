"""From one closed step to the next: the loop of a run in a folder and of one in memory."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from darklat.lattice.evolution import Evolution


def advance(
    evolution: Evolution, after_step: Callable[[], None] = lambda: None
) -> dict[str, float] | None:
    """Steps to the next closed step and takes there the measurements that are due. Returns the new
    row of the series, if there is one. The end of the run must be ahead.

    Calls `after_step` after every step. Raises NumericalError when a check fails; the row that
    failed is in the series.
    """
    while True:
        evolution.step()
        after_step()
        if evolution.closed:
            return evolution.record()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """A SIGINT inside waits for the end, so that a step is done whole or not at all."""
    if threading.current_thread() is not threading.main_thread():  # where no signal comes
        yield
        return
    came = False

    def note(_number: int, _frame: object) -> None:
        nonlocal came
        came = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
