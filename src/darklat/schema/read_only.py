"""A mapping of a configuration, which cannot be changed after it has been checked."""

from __future__ import annotations

from typing import Any, Never


class ReadOnly(dict[str, Any]):
    """A dict without ways to change it. types.MappingProxyType cannot be copied deeply, pickled or
    written by pydantic."""

    def _refuse(self, *args: object, **more: object) -> Never:
        raise TypeError(
            "a Config cannot be changed: load it again with an override, such as "
            "dl.load(..., {'model.couplings.XX': 80})"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse  # type: ignore[assignment]
    clear = pop = popitem = setdefault = update = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type[ReadOnly], tuple[dict[str, Any]]]:
        """Copies and pickles are made from the contents; the default sets item after item."""
        return ReadOnly, (dict(self),)
