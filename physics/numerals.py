"""Numbers as people read them: without an exponent while they are of a size that one counts in."""

from __future__ import annotations

_LARGEST = 7  # digits before the point without an exponent
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def plain(value: float, digits: int = 3) -> str:
    """`digits` significant digits: 0.0123, 1230 (not 1.23e+03), and beyond ten million 1.23e8."""
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if not e or exponent.startswith("-"):
        return text
    power = int(exponent)
    return f"{float(text):.0f}" if power < _LARGEST else f"{mantissa}e{power}"


def size(count: float) -> str:
    """A number of bytes in the unit in which it has one to four digits before the point."""
    unit = 0
    while count >= 1000 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{plain(count)} {_UNITS[unit]}"
