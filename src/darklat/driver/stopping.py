"""Signals that ask a run for an orderly stop.

It imports next to nothing, so that a signal at the very start of a process is kept, too.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from darklat.kernels.ranks import Ranks

OF_A_JOB = (signal.SIGUSR2,)
"""A job's script hands this one on before its time is over. By itself it would kill a process."""


@dataclass
class StopRequest:
    """Set by a signal; the loop finishes its step and stops. number: of the signal."""

    reason: str | None = None
    number: int = 0

    def agree(self, number: float) -> None:
        """Takes over the signal of another rank; 0 stands for none."""
        if number and self.reason is None:
            self.reason = signal.Signals(int(number)).name


_requests: list[StopRequest] = []  # of the contexts that the main thread is in, the innermost last


@contextmanager
def stop_on_signals(numbers: Sequence[signal.Signals] | None = None) -> Iterator[StopRequest]:
    """SIGTERM, SIGINT and SIGUSR2, or the given signals, ask for an orderly stop. So does SIGHUP,
    of a terminal that closes, unless it is ignored, as under nohup. A second SIGINT interrupts at
    once. A signal that has come inside of an outer context asks an inner one to stop, too.

    Outside of the main thread, where Python takes no signals, nothing does.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    if _requests:
        request = StopRequest(_requests[-1].reason, _requests[-1].number)

    def handle(number: int, _frame: object) -> None:
        if number == signal.SIGINT and request.reason is not None:
            raise KeyboardInterrupt
        request.reason, request.number = signal.Signals(number).name, number

    if numbers is None:
        numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR2]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            numbers = [*numbers, signal.SIGHUP]
    before = {number: signal.signal(number, handle) for number in numbers}
    _requests.append(request)
    try:
        yield request
    finally:
        _requests.pop()
        for number, handler in before.items():
            signal.signal(number, handler)


def asked_to_stop(stop: StopRequest, ranks: Ranks) -> bool:
    """Whether a signal has come to any rank."""
    (number,) = ranks.largest([stop.number])
    stop.agree(number)
    return stop.reason is not None
