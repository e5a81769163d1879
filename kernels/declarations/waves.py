"""Kernels of gravitational waves: their source on the sites, and the waves mode by mode."""

from typing import NamedTuple

from darklat.kernels.declarations.measurement import of_axis, transform
from darklat.kernels.declare import (
    HERE,
    REAL,
    ArrayArgument,
    Call,
    FieldArgument,
    Source,
    Sums,
    inout,
    integer,
    over_items,
    over_sites,
    read,
    read_array,
    read_rows,
    real,
    write,
    write_array,
)
from darklat.kernels.layout import LINK, MASSIVE, SCALAR, SITE, SOURCE_REACH

WAVES = Source("waves.cu", needed=lambda variant: variant.waves)
OF_FIELDS = Source(
    "waves_of_fields.cu", needed=lambda variant: variant.waves and variant.gauge_fields > 1
)
OF_MASSIVE = Source(
    "waves_of_massive.cu", needed=lambda variant: variant.waves and variant.massive > 0
)
COMPONENTS = {"xx": (0, 0), "yy": (1, 1), "xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}
"""Of the source on the sites, less S_zz on the diagonal, and the axes of each."""


class Inertia(NamedTuple):
    """Of a massive field and its fluid: a row of the array `inertia`."""

    mass: float = 0.0  # a^2 m^2
    plasma: float = 0.0  # a^2 omega_p^2


class Flow(NamedTuple):
    """A kick and a free motion of the waves, and the coefficients of u' behind them: the array
    `flow`."""

    kick: float = 0.0  # of J
    drag: float = 0.0  # of v
    turn: float = 0.0  # conformal time
    from_w: float = 0.0
    from_v: float = 0.0


def _taps() -> ArrayArgument:
    """Those of a mean, and of a difference behind it (staggered.source_taps)."""
    return read_array("taps", REAL, length=lambda call: 3 + call.layout.variant.order // 2)


def _modes() -> tuple[ArrayArgument, ArrayArgument, ArrayArgument]:
    """Modes, where every segment of them begins, and the end; and khat along an axis."""
    return (
        read_array("order", "int32", length=lambda call: int(call.scalars["modes"])),
        read_array("first", "int64", length=lambda call: int(call.scalars["segments"]) + 1),
        of_axis("khat"),
    )


def _complex(call: Call) -> int:
    """Of every mode and helicity."""
    return 4 * int(call.scalars["modes"])


def _of_modes(name: str) -> ArrayArgument:
    return ArrayArgument(name, "float64", "inout", _complex)


def _near(name: str, kind: str, **of: str) -> FieldArgument:
    return read(name, kind, reach=SOURCE_REACH, **of)


KERNELS = (
    over_sites(
        "wave_source", WAVES,
        real("a"), real("inv_dx"), _taps(), _near("theta", SITE), _near("X", LINK),
        _near("E", LINK), *(write(name, SITE) for name in COMPONENTS),
    ),
    over_sites(
        "wave_source_of_field", OF_FIELDS,
        integer("field"), real("inv_dx"), _taps(), _near("X", LINK), _near("E", LINK),
        *(inout(name, SITE, at=HERE) for name in COMPONENTS),
    ),
    over_sites(
        "wave_source_of_massive", OF_MASSIVE,
        integer("own"), read_rows("inertia", Inertia._fields, fields="with_mass"), _taps(),
        read("profile", SCALAR, at=HERE), _near("X", LINK, fields="with_mass"),
        _near("v", MASSIVE), *(inout(name, SITE, at=HERE) for name in COMPONENTS),
    ),
    over_items(
        "wave_source_modes", WAVES,
        integer("segments"), integer("modes"), integer("n"), *_modes(),
        *(transform(f"f{name}") for name in COMPONENTS),
        write_array("J", "float64", length=_complex), sums=Sums(("plus", "minus")),
    ),
    over_items(
        "wave_step", WAVES,
        integer("segments"), integer("modes"), integer("n"), *_modes(),
        ArrayArgument("flow", "float64", "in", lambda _: len(Flow._fields), Flow._fields),
        read_array("J", "float64", length=_complex), _of_modes("v"), _of_modes("w"),
        sums=Sums(("plus", "minus")),
    ),
)  # fmt: skip
