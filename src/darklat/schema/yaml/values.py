"""The values of a configuration: annotations that accept the allowed values of a key and refuse all
others.

Each class states in full the values that it allows; pydantic only carries the message.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pydantic
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from darklat.schema.yaml.problems import closest, describe, number_remark, one_of, quoted


def refusal(message: str) -> PydanticCustomError:
    """The error that carries `message` through pydantic unchanged."""
    return PydanticCustomError("refused", "{message}", {"message": message})


class Value:
    """Base of the annotations below, of which each has its own `accept`."""

    def accept(self, value: object) -> object:
        """The value as the configuration holds it. Raises the error that `refusal` returns, with a
        message that names the allowed values and the one that was found."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.accept)


@dataclass(frozen=True)
class Stored:
    """The context of pydantic's validation in which the values of a run that was begun are read.
    A darklat with other limits may have begun it, so that the sizes of numbers are not asked, and
    neither are the checks for a run that is yet to begin (`Check.of_a_beginning`)."""


@dataclass(frozen=True)
class Number(Value):
    """A finite number, returned as a float; an integer will do, a truth value will not. `least` and
    `most` are allowed themselves, `below` is not; `word` is allowed in place of a number. `size`:
    the smallest and largest magnitude of a number other than 0, except among `Stored` values."""

    positive: bool = False
    not_negative: bool = False
    not_zero: bool = False
    least: float | None = None
    most: float | None = None
    below: float | None = None
    size: tuple[float, float] | None = None
    optional: bool = False
    unit: str = ""
    unit_in_key: bool = False
    word: str = ""

    def accept(self, value: object) -> float | str | None:
        if value is None and self.optional:
            return None
        if self.word and value == self.word:
            return self.word
        infinite = isinstance(value, float) and not math.isfinite(value)
        span = self._range()
        finite = "finite " if infinite or not span or self.not_zero else ""
        instead = f", or {self.word}" if self.word else ""
        allowed = f"must be a {finite}number{span}{instead}, found {describe(value)}"
        if isinstance(value, str):
            remark = number_remark(value, unit=self.unit, unit_in_key=self.unit_in_key)
            raise refusal(f"{allowed}; {remark}" if remark else allowed)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal(allowed)
        try:
            number = float(value)
        except OverflowError:
            raise refusal(f"{allowed}, which no double holds (they end at 1.8e308)") from None
        if (
            not math.isfinite(number)
            or (self.positive and number <= 0)
            or (self.not_negative and number < 0)
            or (self.not_zero and number == 0)
            or (self.least is not None and number < self.least)
            or (self.most is not None and number > self.most)
            or (self.below is not None and number >= self.below)
        ):
            raise refusal(allowed)
        return number

    def _sized(self, value: object) -> float | str | None:
        number = self.accept(value)
        if not self.size or not isinstance(number, float) or number == 0:
            return number
        low, high = self.size
        if not low <= abs(number) <= high:
            raise refusal(
                f"must be of size {low:g} to {high:g}, so that the numbers of a run stay in the "
                f"range of a double, found {describe(value)}"
            )
        return number

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        def accepted(value: object, info: core_schema.ValidationInfo[object]) -> float | str | None:
            stored = isinstance(info.context, Stored)
            return self.accept(value) if stored else self._sized(value)

        return core_schema.with_info_plain_validator_function(accepted)

    def _range(self) -> str:
        if self.least is not None and self.most is not None:
            return f" from {self.least:g} to {self.most:g}"
        span = ""
        if self.positive:
            span = " greater than 0"
        elif self.not_negative:
            span = " not below 0"
        elif self.not_zero:
            span = " other than 0"
        if self.most is not None:
            span += f" and at most {self.most:g}"
        if self.below is not None:
            span += f" and below {self.below:g}"
        return span


@dataclass(frozen=True)
class Integer(Value):
    """An integer from `least` to `most`; 64.0 is not one, the message says to write 64."""

    least: int
    most: int | None = None
    even: bool = False
    optional: bool = False

    def accept(self, value: object) -> int | None:
        if value is None and self.optional:
            return None
        kind = "an even integer" if self.even else "an integer"
        span = f"of at least {self.least}"
        if self.most is not None:
            span = f"from {self.least} to {self.most}"
        allowed = f"must be {kind} {span}, found {describe(value)}"
        if isinstance(value, float) and value.is_integer():
            fits = self._fits(int(value))
            raise refusal(f"{allowed}; write {value:.0f}" if fits else allowed)
        if isinstance(value, str):
            remark = number_remark(value, unit="", unit_in_key=False)
            raise refusal(f"{allowed}; {remark}" if remark else allowed)
        if isinstance(value, bool) or not isinstance(value, int):
            raise refusal(allowed)
        if self._fits(value):
            return value
        around = [n for n in (value - 1, value + 1) if self._fits(n)]
        if self.even and value % 2 and len(around) == 2:
            raise refusal(f"{allowed}; the nearest are {around[0]} and {around[1]}")
        raise refusal(allowed)

    def _fits(self, value: int) -> bool:
        above = value >= self.least and (self.most is None or value <= self.most)
        return above and not (self.even and value % 2)


@dataclass(frozen=True)
class YesNo(Value):
    """true or false."""

    def accept(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise refusal(f"must be true or false, found {describe(value)}")
        return value


@dataclass(frozen=True)
class Choice(Value):
    """One of the words, in an annotation one of the annotated Literal."""

    words: tuple[str, ...] = ()

    def accept(self, value: object) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        message = f"must be {one_of(self.words)}, found {describe(value)}"
        near = closest(value, self.words) if isinstance(value, str) else None
        raise refusal(f"{message}; did you mean {near}?" if near else message)

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        choice = Choice(words=get_args(source))
        return core_schema.no_info_plain_validator_function(choice.accept)


@dataclass(frozen=True)
class Text(Value):
    """Printable text of 1 to `longest` characters."""

    longest: int

    def accept(self, value: object) -> str:
        allowed = f"must be text of 1 to {self.longest} printable characters"
        if not isinstance(value, str):
            remark = ""
            if isinstance(value, int | float) and not isinstance(value, bool):
                remark = "; put it in quotes"
            raise refusal(f"{allowed}, found {describe(value)}{remark}")
        if not 1 <= len(value) <= self.longest:
            raise refusal(f"{allowed}, found {len(value)} characters")
        for place, character in enumerate(value, start=1):
            if not character.isprintable():
                raise refusal(f"{allowed}, but character {place} is {quoted(character)}")
        return value


@dataclass(frozen=True)
class FileName(Value):
    """The path of a file, or nothing where it is `optional`."""

    optional: bool = True

    def accept(self, value: object) -> Path | None:
        if (value is None and self.optional) or isinstance(value, Path):
            return value
        if not isinstance(value, str) or not value:
            raise refusal(f"must be the path of a file, found {describe(value)}")
        return Path(value)


@dataclass(frozen=True)
class FieldLetter(Value):
    """The name of a gauge field: one capital letter."""

    def accept(self, value: object) -> str:
        if isinstance(value, str) and re.fullmatch("[A-Z]", value):
            return value
        message = "a field is named by one capital letter, A to Z"
        if isinstance(value, str) and re.fullmatch("[a-z]", value):
            message += f": write {value.upper()}"
        raise refusal(message)


@dataclass(frozen=True)
class LetterPair(Value):
    """The name of a coupling: the letters of the two fields it joins, in alphabetical order."""

    def accept(self, value: object) -> str:
        message = "a coupling is named by the letters of its two fields in alphabetical order"
        if isinstance(value, str) and re.fullmatch("[A-Za-z]{1,2}", value):
            right = "".join(sorted((value * 2)[:2].upper()))
            if right == value:
                return value
            message += f": write {right}"
        raise refusal(message)


@dataclass(frozen=True)
class Container:
    """Checks the kind of a container before pydantic looks inside; nothing is an empty one.
    `distinct`: a list repeats no item."""

    kind: type
    allowed: str
    least: int = 0
    most: int | None = None
    distinct: bool = False

    def accept(self, value: object) -> object:
        """The container, or an empty one for None. Raises the error that `refusal` returns."""
        if value is None and not self.least:
            return self.kind()
        if not isinstance(value, dict | list | tuple) or not isinstance(value, self.kind | tuple):
            raise refusal(f"must be {self.allowed}, found {describe(value)}")
        if self.most is not None and len(value) > self.most:
            raise refusal(f"must be at most {self.most} long, found {len(value)} items")
        if len(value) < self.least:
            raise refusal(f"must be {self.allowed}, found an empty one")
        items = list(value)
        for i, item in enumerate(items if self.distinct else ()):
            if item in items[:i]:
                raise refusal(f"must not repeat a value, found {describe(item)} twice")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: pydantic.GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.accept, handler(source))
