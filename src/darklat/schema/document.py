"""The keys of a configuration file beside those of a run: a sweep, and a ladder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pydantic

from darklat.schema.run import Config
from darklat.schema.section import Section
from darklat.schema.yaml.problems import describe
from darklat.schema.yaml.values import Container, Integer, Number, Value, refusal

MOST_RUNGS = 50


@dataclass(frozen=True)
class Rungs(Value):
    """The number of rungs, or a list with the values of one key, which the ladder looks at."""

    of: str

    def accept(self, value: object) -> int | tuple[Any, ...]:
        """The number, or the list as a tuple."""
        if isinstance(value, list | tuple):
            if len(value) > MOST_RUNGS:
                raise refusal(f"must be at most {MOST_RUNGS} long, found {len(value)} items")
            return tuple(value)
        if isinstance(value, int) and not isinstance(value, bool):
            number = Integer(least=1, most=MOST_RUNGS).accept(value)
            assert number is not None  # it is not optional
            return number
        raise refusal(
            f"must be a number of rungs from 1 to {MOST_RUNGS}, or a list with values of "
            f"{self.of}, found {describe(value)}"
        )


class ConvergeKeys(Section):
    """A ladder of runs. Each of the first four is a number of rungs, or a list of values of the key
    that it stands for. The value of the configuration is always one of them. `boxes` have its
    lattice spacing, and so their own number of sites. `at` has the times at which the runs are
    compared: scale factors, or conformal times in a static background. An empty one is the end.
    """

    lattices: Annotated[int | tuple[Any, ...], Rungs("lattice.sites")] = 3
    boxes: Annotated[int | tuple[Any, ...], Rungs("lattice.box")] = 2
    steps: Annotated[int | tuple[Any, ...], Rungs("time.courant")] = 2
    seeds: Annotated[int | tuple[Any, ...], Rungs("initial.seed")] = 3
    at: Annotated[
        tuple[Annotated[float, Number(positive=True)], ...],
        Container(list, "a list of numbers, such as [4, 8]", most=MOST_RUNGS),
    ] = ()


class Document(Config):
    """The keys of a configuration file: the keys of a run, and a sweep or a ladder.

    `sweep` maps dotted keys to lists of values; `darklat.schema.sweep` expands it. `converge` is
    expanded by `darklat.schema.ladder`.
    """

    sweep: dict[str, list[Any]] | None = None
    converge: ConvergeKeys | None = pydantic.Field(default=None)
