"""Where the numbers lie in memory.

A site field is [n, n, n], z fastest. A link field is [fields, 3, n, n, n] whose [n, n, n] blocks
are contiguous and lie `stride` elements apart. Without the padding in `stride`, and with arrays
that all start on a page, a stencil that reads sixty rows finds them all in the same few cache sets:
at n = 128 a stage then takes twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass

PADDING = 80  # elements between components; a multiple of 16, so that a warp's loads stay aligned


@dataclass(frozen=True)
class Layout:
    """Shapes and strides (in elements) of the fields on n^3 sites; `gauge_fields` U(1) fields, of
    which the last `conducting` (0 or 1) conduct."""

    n: int
    gauge_fields: int
    conducting: int = 0

    @property
    def sites(self) -> int:
        """Number of sites n^3."""
        return self.n**3

    @property
    def stride(self) -> int:
        """Elements from one component of a link field to the next."""
        return self.sites + PADDING

    def shape(self, kind: str) -> tuple[int, ...]:
        """Shape of a "site" or "link" field."""
        cube = (self.n, self.n, self.n)
        return cube if kind == "site" else (self.gauge_fields, 3, *cube)

    def strides(self, kind: str, itemsize: int) -> tuple[int, ...]:
        """Strides in bytes of a "site" or "link" field."""
        cube = (self.n * self.n, self.n, 1)
        elements = cube if kind == "site" else (3 * self.stride, self.stride, *cube)
        return tuple(itemsize * e for e in elements)

    def elements(self, kind: str) -> int:
        """Elements that a field occupies, padding included."""
        return self.sites if kind == "site" else 3 * self.gauge_fields * self.stride
