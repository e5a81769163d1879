"""Progress: a bar on a terminal and in a notebook, elsewhere one plain line every few seconds."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Mapping
from typing import Any

LINE_SECONDS = 5.0
log = logging.getLogger("darklat")


class Progress:
    """Shows the steps of a run, from `done` to `total`, on that many `sites`.

    `scale` is the name of the unit of the scale factor.
    """

    def __init__(self, *, done: int, total: int, sites: int, scale: str = "a_osc") -> None:
        self._first, self._done, self._total = done, done, total
        self._sites, self._scale = sites, scale
        self._begun = self._last_line = time.monotonic()
        self._row: Mapping[str, float] = {}
        self._bar = _bar(total=total, initial=done, unit="step")
        if done == total:
            self._line()

    def update(self, done: int, row: Mapping[str, float] | None) -> None:
        """`done` steps are done. `row` is the newest of the series, if there is a new one."""
        self._done, self._row = done, row or self._row
        if self._bar is not None:
            if row:
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
        if self._row:
            parts.append(self._state())
        if speed > 0:
            left = (self._total - self._done) / speed
            parts += [f"{speed * self._sites:.2e} site-steps/s", f"{_duration(left)} left"]
        _say("  ".join(parts), bar=self._bar)

    def _state(self) -> str:
        row = self._row
        gauss = max((v for k, v in row.items() if k.startswith("gauss/")), default=0.0)
        r = f"r {row['r']:.4f}  " if "r" in row else ""
        return (
            f"a/{self._scale} {row['a']:.3f}  {r}Gauss {gauss:.1e}  "
            f"energy {row['energy_balance']:+.1e}"
        )


def percent(done: float, total: float) -> str:
    """How much is done, rounded down: 100.0 only at the end."""
    return f"{math.floor(1000 * done / total) / 10:.1f}"


def _say(line: str, *, bar: Any) -> None:
    """To run.log always, and beside it where no bar says the same."""
    log.log(logging.INFO if bar is None else logging.DEBUG, line)


def _bar(**how: Any) -> Any:
    """tqdm's bar for a notebook or a terminal; None where stderr is neither."""
    if _in_notebook() or sys.stderr.isatty():
        from tqdm.auto import tqdm

        return tqdm(dynamic_ncols=True, **how)
    return None


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config


def _duration(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"
