"""Progress: a bar on a terminal and in a notebook, elsewhere one plain line every few seconds."""

from __future__ import annotations

import logging
import math
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from darklat.driver.terminal import Lasting
from darklat.physics.numerals import plain
from darklat.schema.time_span import duration
from darklat.storage.events import Linear, Progressed, Recorder

LINE_SECONDS = 5.0
log = logging.getLogger("darklat")

_LINEAR_BAR = "linear phase {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Progress:
    """Shows the steps of a run, from `done` to `total`, on that many `sites`.

    `scale` is the name of the unit of the scale factor. shown: whether there is a bar.
    """

    def __init__(
        self,
        *,
        done: int,
        total: int,
        sites: int,
        record: Recorder,
        scale: str = "a_osc",
        shown: bool = True,
    ) -> None:
        self._first, self._done, self._total = done, done, total
        self._sites, self._scale, self._record = sites, scale, record
        self._begun = self._last_line = time.monotonic()
        self._row: Mapping[str, float] = {}
        self._a = math.nan  # until the first update
        self._bar = _bar(total=total, initial=done, unit="step") if shown else None
        if done == total:
            self._line()

    def update(
        self, done: int, row: Mapping[str, float] | None, *, a: float, total: int | None = None
    ) -> None:
        """`done` steps are done, up to scale factor a. `row` is the newest of the series, if there
        is a new one. total: of the steps, where these are other than before."""
        self._done, self._a, self._row = done, a, row or self._row
        self._total = self._total if total is None else total
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.set_postfix_str(self._state(), refresh=False)
            self._bar.update(done - self._bar.n)
        if done == self._total or time.monotonic() - self._last_line >= LINE_SECONDS:
            self._line()

    def close(self) -> float:
        """Ends the bar; returns the seconds since the first step."""
        if self._bar is not None:
            self._bar.close()
        return time.monotonic() - self._begun

    def _line(self) -> None:
        now = self._last_line = time.monotonic()
        speed = (self._done - self._first) / max(now - self._begun, 1e-9)
        parts = [f"step {self._done}/{self._total}", f"{percent(self._done, self._total)}%"]
        if math.isfinite(self._a):
            parts.append(self._state())
        if speed > 0:
            rate, left = speed * self._sites, (self._total - self._done) / speed
            parts.append(f"{plain(rate)} site-steps/s")
            parts += [f"{duration(left)} left"] if left else []
            event = Progressed(
                step=self._done, steps=self._total, a=self._a, seconds_left=left,
                site_steps_per_second=rate,
            )  # fmt: skip
            self._record.write(event)
        _say("  ".join(parts), bar=self._bar)

    def _state(self) -> str:
        """The time now, and the newest row of the series, with its own time where it is older."""
        now, row = f"a/{self._scale} {plain(self._a, 4)}", self._row
        if not row:
            return now
        gauss = max((v for k, v in row.items() if k.startswith("gauss/")), default=0.0)
        r = f"r {row['r']:.4f}  " if "r" in row else ""
        measured = f"{r}Gauss {gauss:.1e}  energy {row['energy_balance']:+.1e}"
        if row["a"] != self._a:
            measured = f"at {plain(row['a'], 4)}: {measured}"
        return f"{now}  {measured}"


class LinearProgress:
    """Shows the linear phase, which has no steps, from scale factor `start` to `end`.

    `scale` is the name of the unit of the scale factor. shown: whether there is a bar.
    """

    def __init__(
        self, *, start: float, end: float, scale: str, record: Recorder, shown: bool = True
    ) -> None:
        self._start, self._end, self._scale, self._record = start, end, scale, record
        self._last_line = -math.inf
        how = {"total": end - start, "initial": 0.0, "bar_format": _LINEAR_BAR}
        self._bar = _bar(**how) if shown else None
        self.update(start)

    def update(self, a: float) -> None:
        """The fields are now at scale factor a."""
        state = f"a/{self._scale} {plain(a, 4)} of {plain(self._end, 4)}"
        if self._bar is not None:
            self._bar.set_postfix_str(state, refresh=False)
            self._bar.update(a - self._start - self._bar.n)
            self._bar.refresh()
        now = time.monotonic()
        if a == self._end or now - self._last_line >= LINE_SECONDS:
            self._last_line = now
            share = percent(a - self._start, self._end - self._start)
            _say(f"linear phase, mode by mode: {state}, {share}%", bar=self._bar)
            self._record.write(Linear(a=a, until=self._end))

    def close(self) -> None:
        """Ends the bar."""
        if self._bar is not None:
            self._bar.close()


def percent(done: float, total: float) -> str:
    """How much is done, rounded down: 100.0 only at the end. 0.39999999999 is rounding: 40.0."""
    return f"{math.floor(1000 * done / total + 1e-9) / 10:.1f}"


def _say(line: str, *, bar: Any) -> None:
    """To run.log always, and beside it where no bar says the same."""
    log.log(logging.INFO if bar is None else logging.DEBUG, line)


def _bar(**how: Any) -> Any:
    """tqdm's bar for a notebook or a terminal; None where stderr is neither."""
    if _in_notebook():
        from tqdm.auto import tqdm

        return tqdm(dynamic_ncols=True, **how)
    terminal = Lasting(sys.stderr, essential=False) if sys.stderr else None
    if terminal is None or not terminal.isatty():
        return None
    from tqdm import tqdm

    if 0 in os.get_terminal_size(terminal.fileno()):  # unknown: tqdm would show nothing
        return tqdm(ncols=80, nrows=24, file=terminal, **how)
    return tqdm(dynamic_ncols=True, file=terminal, **how)


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config
