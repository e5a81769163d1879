"""Progress: a bar on a terminal, in a log one plain line every few seconds."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping

from tqdm import tqdm

LINE_SECONDS = 5.0
log = logging.getLogger("darklat")


class Progress:
    """Counts the steps of a run from `done` to `total` on that many `sites`; `scale` is what the
    unit of the scale factor is called."""

    def __init__(self, *, done: int, total: int, sites: int, scale: str = "a_osc") -> None:
        self._first, self._total, self._sites, self._scale = done, total, sites, scale
        self._begun = self._last_line = time.monotonic()
        self._row: Mapping[str, float] = {}
        terminal = sys.stderr.isatty()
        self._bar = (
            tqdm(total=total, initial=done, unit="step", dynamic_ncols=True) if terminal else None
        )

    def update(self, done: int, row: Mapping[str, float] | None) -> None:
        """One more step is done; `row` is the newest of the series, if there is a new one."""
        self._row = row or self._row
        if self._bar is not None:
            self._bar.update(1)
            if row:
                self._bar.set_postfix_str(self._state(row), refresh=False)
        now = time.monotonic()
        if now - self._last_line >= LINE_SECONDS and self._row:
            self._last_line = now
            speed = (done - self._first) / (now - self._begun)
            left = (self._total - done) / speed
            line = (
                f"step {done}/{self._total}  {self._state(self._row)}  "
                f"{speed * self._sites:.2e} site-steps/s  {_duration(left)} left"
            )
            log.log(logging.DEBUG if self._bar is not None else logging.INFO, line)

    def close(self) -> float:
        """Ends the bar; returns the seconds since the first step."""
        if self._bar is not None:
            self._bar.close()
        return time.monotonic() - self._begun

    def _state(self, row: Mapping[str, float]) -> str:
        gauss = max((v for k, v in row.items() if k.startswith("gauss/")), default=0.0)
        r = f"r {row['r']:.4f}  " if "r" in row else ""
        return (
            f"a/{self._scale} {row['a']:.3f}  {r}Gauss {gauss:.1e}  "
            f"energy {row['energy_balance']:+.1e}"
        )


def _duration(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}"
