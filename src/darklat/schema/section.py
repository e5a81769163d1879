"""The base of every mapping of a file: a model with known keys, and for a whole file the
contradictions between them."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

import pydantic
from pydantic_core import PydanticCustomError

from darklat.schema.contradictions import Check, Issue, contradictions
from darklat.schema.yaml.problems import describe, one_of
from darklat.schema.yaml.values import Stored, refusal


class Section(pydantic.BaseModel):
    """A mapping with known keys; an empty one stands for its defaults."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    @pydantic.model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if value is None:
            return {}
        if not isinstance(value, dict | cls):
            keys = one_of(list(cls.model_fields), "and")
            message = f"must be a mapping with the keys {keys}, found {describe(value)}"
            if isinstance(value, str) and re.match(r"\w+:\S", value):
                message += "; a space is needed after the colon"
            raise refusal(message)
        return value


class FileKeys(Section):
    """The keys of a whole file. CHECKS are the contradictions that they can be in."""

    CHECKS: ClassVar[tuple[Check, ...]] = ()

    @classmethod
    def issues(cls, data: dict[str, Any], *, stored: bool = False) -> list[Issue]:
        """The contradictions in plain data; keys whose value is UNKNOWN are left alone. stored: the
        data are of a run that was begun."""
        checks = [one for one in cls.CHECKS if not (stored and one.of_a_beginning)]
        return list(contradictions(checks, cls, data))

    @pydantic.model_validator(mode="after")
    def _consistent(self, info: pydantic.ValidationInfo[object]) -> Self:
        issues = self.issues(self.model_dump(), stored=isinstance(info.context, Stored))
        if issues:
            message = "; ".join(issue.message for issue in issues)
            raise PydanticCustomError(
                "inconsistent", "{message}", {"message": message, "issues": issues}
            )
        return self
