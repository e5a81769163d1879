"""Kernels of the massive fields and of their fluids."""

from typing import NamedTuple

from darklat.kernels.declarations.conductor import GAUSS
from darklat.kernels.declare import (
    HERE,
    ArrayArgument,
    Source,
    Sums,
    inout,
    integer,
    over_sites,
    read,
    read_rows,
    real,
    write,
)
from darklat.kernels.layout import LINK, MASSIVE, SCALAR, SITE

PROCA = Source("massive.cu", needed=lambda variant: variant.massive > 0)


class Medium(NamedTuple):
    """The medium of a massive field over one flow of time h: a row of the array `medium`."""

    stiffness: float = 0.0  # a^2 m^2
    plasma: float = 0.0  # a^2 omega_p^2
    c0: float = 0.0  # (1 - e^-s)/s, s = 2 a nu h: mean of v over the flow from v alone
    c1: float = 0.0  # (1 - c0) h/s: and from a constant E
    decay: float = 0.0  # e^-s
    a2: float = 0.0  # a^2
    mass_squared: float = 0.0  # m^2
    growth: float = 0.0  # d ln(a^2 omega_p^2)/d ln a


def medium() -> ArrayArgument:
    """A `Medium` of each massive field."""
    return read_rows("medium", Medium._fields, fields="with_mass")


KERNELS = (
    over_sites(
        "massive_coordinate", PROCA,
        integer("axis"), real("h"), real("inv_dx"), medium(), read("profile", SCALAR, at="+I"),
        read("theta", SITE, at="+I"), read("G", LINK, components="J", fields="with_mass", at="+I"),
        inout("X", LINK, components="I", fields="with_mass", at=HERE),
        inout("D", LINK, components="I", fields="with_mass", at=HERE),
        write("E", LINK, components="I", fields="with_mass"),
        inout("v", MASSIVE, components="I", at=HERE), inout("Q", MASSIVE, components="I", at=HERE),
        inout("R", MASSIVE, components="I", at=HERE),
        # over all massive fields: m^2 X^2, growth omega_p^2 v^2, and the heat of collisions
        sums=Sums(("mass", "plasma", "heat")),
    ),
    over_sites(
        "lorenz", PROCA,
        integer("axis"), real("h"), real("inv_dx"), medium(),
        read("X", LINK, components="I", fields="with_mass", at="-I"),
        read("E", LINK, components="I", fields="with_mass", at="-I"), inout("P", SCALAR, at=HERE),
    ),
    over_sites(
        "potential_gradient", PROCA,
        real("h"), real("a"), real("inv_dx"), medium(), read("P", SCALAR, at="+x+y+z"),
        inout("X", LINK, fields="with_mass", at=HERE),
        sums=Sums(("temporal",)),  # m^2 P^2 over all massive fields
    ),
    over_sites(
        "massive_averages", PROCA,
        real("dx"), medium(), read("profile", SCALAR), read("X", LINK, fields="with_mass"),
        read("D", LINK, fields="with_mass"), read("P", SCALAR), read("v", MASSIVE),
        read("Q", MASSIVE), read("R", MASSIVE),
        sums=Sums(
            field=("X_sq", "P_sq", "v_sq", *GAUSS, "lorenz", "lorenz_terms"), fields="with_mass"
        ),
    ),
)  # fmt: skip
